"""The roofline as SVG."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from layer_study_made import empty_study, made_study

from leukoscope.runtime.profiler.layers.peaks import Peaks
from leukoscope.runtime.profiler.layers.roofline_chart import GREATEST_RADIUS, roofline_chart


def parts(markup, tag):
    return list(ElementTree.fromstring(markup).iter(tag))


def words(markup):
    return " ".join(one.text or "" for one in parts(markup, "text")).replace("\u00a0", " ")


def test_a_dot_for_each_layer_with_a_place():
    chart = roofline_chart(made_study())
    dots = [one for one in parts(chart, "g") if one.find("circle") is not None]
    radii = sorted(float(one.find("circle").get("r")) for one in dots)
    assert len(dots) == 3  # not what only moves bytes, and not what takes no time
    assert radii[-1] == GREATEST_RADIUS and radii[-2] == pytest.approx(GREATEST_RADIUS / 2)
    assert "2.0 times its floor" in dots[0].find("title").text


def test_the_roofs_are_named_with_their_figures():
    said = words(roofline_chart(made_study()))
    for expected in ("float32 500 G/s", "int8 1.8 T/s", "memory 40 GB/s", "cache 190 GB/s"):
        assert expected in said


def test_a_faster_layer_of_the_same_intensity_lies_higher():
    study = made_study()
    fast = replace(study.layers[0], ms=1.0)
    heights = []
    for one in (study.layers[0], fast):
        chart = roofline_chart(replace(study, layers=(one,)))
        heights.append(float(parts(chart, "g")[0].find("circle").get("cy")))
    assert heights[1] < heights[0]


def test_the_layers_furthest_above_their_floor_are_named_first():
    said = words(roofline_chart(made_study()))
    assert said.index("1  trunk.<a>: 4.00 ms, 2.0 times") < said.index(
        "2  trunk.b: 1.00 ms, 10.0 times"
    )


def test_without_peaks_dots_stand_without_roofs():
    layers = tuple(replace(one, floor=None) for one in made_study().layers)
    said = words(roofline_chart(replace(made_study(Peaks(0)), layers=layers)))
    assert "GB/s" not in said and "furthest" not in said


def test_nothing_measured_is_said():
    assert "no layer was measured" in words(roofline_chart(empty_study()))


def test_names_cannot_become_tags():
    assert "<a>" not in roofline_chart(made_study(network="<script>"))
    assert "<script>" not in roofline_chart(made_study(network="<script>"))
