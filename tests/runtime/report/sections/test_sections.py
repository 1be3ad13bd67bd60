"""What a reader finds in each section."""

from dataclasses import replace

import study_made as made
from made import Image, judged_of
from parsed import Page

from leukoscope.runtime.gate.verdict import gate
from leukoscope.runtime.report.sections.classes import classes
from leukoscope.runtime.report.sections.data import data
from leukoscope.runtime.report.sections.figures import figures
from leukoscope.runtime.report.sections.identity import identity
from leukoscope.runtime.report.sections.layers import layers, worst_of
from leukoscope.runtime.report.sections.make_up import make_up
from leukoscope.runtime.report.sections.maps import maps
from leukoscope.runtime.report.sections.reliability import reliability
from leukoscope.runtime.report.sections.verdict import verdict


def words(markup) -> str:
    return Page(markup).text


def with_verdict(images, **change):
    one = judged_of(images)
    net = made.network(one)
    small = replace(net.rows[1], verdict=gate(one, "int8", **change))
    return made.study(replace(net, rows=(net.rows[0], small)))


def test_a_failed_verdict_names_checks_and_images():
    text = words(verdict(made.study()))
    assert "Failed" in text and "Beyond its budget: accuracy;" in text
    assert "recall of a, b and c" in text and "IoU, nucleus" in text
    assert "The vote changed on 0.png 8.png 16.png" in text
    assert "3 lost, 0 gained; McNemar p 0.25" in text and "of 200 needed" in text


def test_a_passed_verdict_says_so():
    text = words(verdict(with_verdict([Image(i % 3, i % 3, i % 3) for i in range(210)])))
    assert "Passed" in text and "All 5 checks hold." in text and "no image changed sides" in text
    assert "Failed" not in text and "The vote changed on 0" not in text


def test_too_few_images_cannot_tell():
    text = words(verdict(with_verdict([Image(i % 3, i % 3, i % 3) for i in range(30)])))
    assert "Cannot tell Not decided by these images: accuracy; recall of a, b and c." in text


def test_strict_is_said():
    images = [Image(i % 3, i % 3, i % 3) for i in range(210)]
    assert "Strict: the upper bound" in words(verdict(with_verdict(images, strict=True)))


def test_many_flips_are_named_in_part():
    text = words(verdict(with_verdict([Image(0, 0, 1) for _ in range(40)])))
    assert "17.png" in text and "18.png" not in text and "and 22 more" in text


def test_notes_and_warnings_come_before_the_verdict():
    net = made.network(in_training=5)
    text = words(verdict(made.study(net, notes=("written by force",))))
    assert text.index("written by force") < text.index("Failed")
    assert text.index("5 images of 24 that judge SG-CLDFF had been used") < text.index("Failed")


def test_without_a_gate_there_is_no_verdict():
    assert "No verdict: the gate was not asked for" in words(
        verdict(made.study(made.network(with_gate=False)))
    )
    assert "no smaller variant" in words(verdict(made.nothing()))


def test_what_was_left_out_is_told_with_its_cause():
    text = words(data(made.study()))
    assert "24 images of 12 groups (inferred from file numbers)" in text
    assert "7 trained on, 1 unreadable" in text and "torn.png" in text
    assert "by class a 8, b 8, c 8" in text
    assert "none: there are no class figures" in words(data(made.nothing()))


def test_classes_without_an_image_are_named():
    net = made.network(images_by_label={"a": 24, "b": 0, "c": 0})
    assert "no image of b, c" in words(data(made.study(net)))


def test_figures_stand_side_by_side_with_their_intervals():
    text = words(figures(made.study()))
    assert "FP32 (float) INT8" in text
    assert "accuracy 24 1.0000" in text and "0.8750" in text
    assert "IoU, nucleus" in text and "3.1 MB" in text and "0.25 of float" in text
    assert "21.5 ms" in text and "3 / 0" in text and "McNemar, exact: p 0.25" in text
    assert "\u22120.1250" in text


def test_figures_that_nobody_has_have_no_line():
    text = words(figures(made.nothing()))
    assert "accuracy" not in text.split("ONNX file")[0].replace("an accuracy or recall", "")
    assert "IoU" not in text and "Variant less float" not in text and "inference" not in text


def test_only_labelled_networks_have_classes_and_reliability():
    assert (
        words(classes(made.nothing()))
        == words(reliability(made.nothing()))
        == "No image has a label."
    )
    text = words(classes(made.study()))
    assert "recall INT8" in text and "Confusion" in text
    assert Page(classes(made.study())).count("svg") == 3
    assert Page(reliability(made.study())).count("svg") == 2


def test_maps_are_told_of_every_variant_but_the_float_one():
    text = words(maps(made.study()))
    assert "INT8: 24 images; one in ten is at or below 0.790, the lowest is 0.770" in text
    assert "label a; float a 0.90, variant b 0.60 ; agreement 0.400" in text
    assert "no variant whose maps could be compared" in words(maps(made.nothing()))


def test_a_changed_vote_stands_out():
    bold = Page(maps(made.study())).count("b")
    assert bold == 1, "of two examples one changed"


def test_the_worst_layers_come_first_and_no_more_than_thirty():
    found = made.layers(40)
    assert worst_of(tuple(reversed(found))) == found[:30]
    text = words(layers(made.study()))
    assert "40 layers measured, the worst 30 shown. 1 kept in float: 0.001" in text
    assert "no measurement of single layers" in words(layers(made.nothing()))


def test_the_calibration_set_is_laid_open():
    text = words(make_up(made.study()))
    assert "ranges: set the scales 128 20 64 64 0" in text
    assert "left out 2 duplicate" in text and "blank" not in text
    assert "0.957 of the multiply-adds" in text
    assert "1 layer in float 0 64 nothing over its budget" in text
    assert "0 layers in float 4 64 over its budget: recall a lost 0.0500" in text
    assert "no record of a calibration" in words(make_up(made.nothing()))


def test_hashes_and_machine_are_given():
    text = words(identity(made.study()))
    for digest in ("a", "b", "d", "e", "0", "1"):
        assert digest * 64 in text
    assert "avx512_vnni" in text and "a processor" in text and "1.23.0" in text
