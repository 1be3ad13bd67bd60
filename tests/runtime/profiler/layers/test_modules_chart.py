"""The modules as bars."""

from xml.etree import ElementTree

from layer_study_made import empty_study, made_study

from leukoscope.runtime.profiler.layers.modules_chart import modules_chart


def words(markup):
    return [
        (one.text or "").replace("\u00a0", " ")
        for one in ElementTree.fromstring(markup).iter("text")
    ]


def test_a_row_a_module_and_one_for_what_is_not_mapped():
    said = words(modules_chart(made_study()))
    assert said[2:] == [
        "trunk", "5.00 ms, 2.4 times the floor", "head", "0.50 ms, 1.2 times the floor", "tail",
        "0.00 ms, 1.0 times the floor", "not mapped", "0.30 ms",
    ]  # fmt: skip


def test_bars_are_as_long_as_the_times_and_floors():
    boxes = [
        float(one.get("width"))
        for one in ElementTree.fromstring(modules_chart(made_study())).iter("rect")
    ][2:]
    whole, floor = boxes[0], boxes[1]
    assert floor / whole == 2.1 / 5.0 or abs(floor / whole - 2.1 / 5.0) < 1e-3
    assert abs(boxes[2] / whole - 0.1) < 1e-3


def test_nothing_measured_is_said():
    assert words(modules_chart(empty_study())) == ["no layer was measured"]
