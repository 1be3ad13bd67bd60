import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "runtime" / "gate"))
from made import Image, judged_of

from leukoscope.cli.gate_words import check_verdicts, print_verdict
from leukoscope.errors import GateError
from leukoscope.runtime.gate.verdict import gate

FINE = [Image(k, k, k) for k in range(3) for _ in range(100)]
PASSED = gate(judged_of(FINE), "int8")
UNDECIDED = gate(judged_of(FINE[:200]), "int8")
FAILED = gate(judged_of([*FINE, *[Image(1, 1, 0)] * 30], left_out={"trained on": 4}), "int8")


def test_the_verdict_names_checks_classes_images_and_what_is_left_out(capsys):
    print_verdict(FAILED)
    out = capsys.readouterr().out
    for words in (
        "gate: int8 of xincept_all", "recall b", "failed", "130/50", "0.2308",
        "recall b: 30 lost, 0 gained (exact McNemar p = 1.9e-09)",
        "int8 of xincept_all: failed, on 330 images", "flips: 30: 300.png, 301.png",
        "and 10 more", "left out: 4 trained on",
    ):  # fmt: skip
        assert words in out, words


def test_what_cannot_be_told_says_why(capsys):
    print_verdict(UNDECIDED)
    out = capsys.readouterr().out
    assert "cannot tell" in out and "recall c: no image of this class" in out
    assert "flips: 0\n" in out
    assert "drop at most (95 %, one-sided): accuracy 0.0149, recall a 0.0295" in out
    assert "cam_agreement" in out


def test_passed_is_silent(capsys):
    check_verdicts([PASSED], accept_undecided=False)
    check_verdicts([], accept_undecided=False)
    assert capsys.readouterr().err == ""


def test_a_name_of_a_flipped_image_cannot_steer_the_terminal(capsys):
    names = replace(FAILED, flipped=("a\x1b[2Jb.png", "c\udcff.png"))
    print_verdict(names)
    assert "a\ufffd[2Jb.png, c\ufffd.png" in capsys.readouterr().out


@pytest.mark.parametrize("accept", [False, True])
def test_failed_is_exit_three_and_names_the_class(accept):
    with pytest.raises(GateError, match=r"failed: int8 of xincept_all: .*recall b \(") as caught:
        check_verdicts([PASSED, UNDECIDED, FAILED], accept_undecided=accept)
    assert caught.value.exit_code == 3


def test_undecided_is_exit_three_unless_accepted_out_loud(capsys):
    with pytest.raises(GateError, match=r"cannot tell: .*recall c.*--accept-undecided"):
        check_verdicts([PASSED, UNDECIDED], accept_undecided=False)
    check_verdicts([PASSED, UNDECIDED], accept_undecided=True)
    assert "undecided, and accepted" in capsys.readouterr().err
