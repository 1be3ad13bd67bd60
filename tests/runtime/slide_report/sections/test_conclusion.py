from dataclasses import replace

from parsed import Page

from leukoscope.runtime.slide_report.rule import Sound, conclude
from leukoscope.runtime.slide_report.sections.conclusion import conclusion


def test_the_rule_is_written_out_with_what_was_found(slide):
    text = Page(str(conclusion(slide))).text
    assert slide.machine.conclusion.stage == "Early"
    assert "Most fields show Early" in text and "The machine's counts; nobody has reviewed." in text
    for said in ("at least 20 fields", "at least 5 groups", "at most 33.3", "wholly above 50.0"):
        assert said in text
    assert "not met" not in text and text.count("met") >= 6


def test_review_has_the_machine_s_alone_beside_it(reviewed_slide):
    text = Page(str(conclusion(reviewed_slide))).text
    assert (
        "The counts after review." in text
        and "By the machine alone: most fields show Early. Early leads" in text
    )


def test_too_little_is_said_with_what_is_not_met(slide):
    few = conclude(slide.machine.stages, 200, Sound(finished=False, network=True))
    found = replace(slide, machine=replace(slide.machine, conclusion=few))
    text = Page(str(conclusion(found))).text
    assert text.startswith("Not enough evidence Early leads: ")
    assert "Not met: share of all fields that do not count; the slide is finished" in text
    assert text.count("not met") == 2
