from dataclasses import replace

import pytest
from parsed import Page
from rows_made import session
from slide_made import MODELS

from leukoscope.runtime.slide_report.sections.models import figure_lines, models


def words(slide, *sets):
    sessions = tuple(session(i, models=one) for i, one in enumerate(sets, start=1))
    return Page(str(models(replace(slide, sessions=sessions)))).text


def test_a_card_says_what_judged_and_how_it_was_judged(slide):
    text = words(slide, MODELS, MODELS)
    for said in ("XIncept-ALL", "INT8 on onnxruntime-cpu", "passed, on 328 images of 41 groups", "0.9651", "the boosted trees"):  # fmt: skip
        assert said in text
    assert text.count("XIncept-ALL") == 1


def test_sessions_with_other_models_have_their_own_cards(slide):
    text = words(slide, MODELS, {"networks": {"sg_cldff": {"trained": False, "precision": "fp32"}}})
    assert "Sessions 1" in text and "Sessions 2" in text
    assert "no: random weights" in text and "it is the float model" in text


@pytest.mark.parametrize("broken", [{}, {"networks": []}, {"networks": {"a": 1}}, {"networks": {"a": {"gate": [], "metrics": 3, "trained": []}}}])  # fmt: skip
def test_what_is_not_on_record_is_said_to_be_so(slide, broken):
    text = words(slide, broken)
    assert "does not say what judged" in text or "not recorded" in text


def test_figures_are_found_at_any_sane_depth():
    deep = {"n": 3, "confusion": {"a": 1}, "held": {"pbc": {"accuracy": 0.5, "recall": {"x": 1.0}}}}
    assert [(where, said.replace("\u00a0", " ")) for where, said in figure_lines(deep)] == [
        ("", "n 3"),
        ("held / pbc", "accuracy 0.5000"),
        ("held / pbc / recall", "x 1.0000"),
    ]
    bottomless: dict = {}
    for _ in range(2000):
        bottomless = {"a": bottomless}
    assert list(figure_lines(bottomless)) == []
