import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import CLASSES, Image, judged_of, region

from leukoscope.runtime.gate.budgets import Budgets
from leukoscope.runtime.gate.verdict import gate
from leukoscope.runtime.metrics.targets import targets_of

BETTER = ("passed", "undecided", "failed")


def perfect(per_class: int, classes: int = 3, **change):
    return [Image(k, k, k, **change) for k in range(classes) for _ in range(per_class)]


def named(verdict):
    return {check.name: check for check in verdict.checks}


def test_enough_flawless_images_pass():
    verdict = gate(judged_of(perfect(100)), "int8")
    assert verdict.outcome == "passed" and verdict.flips == 0 and verdict.n == 300
    assert (verdict.reference, verdict.variant, verdict.voter) == ("fp32", "int8", "head")
    assert [check.name for check in verdict.checks] == [
        "accuracy", "recall a", "recall b", "recall c", "cam_agreement",
    ]  # fmt: skip
    accuracy = named(verdict)["accuracy"]
    assert (accuracy.reference, accuracy.variant, accuracy.drop) == (1.0, 1.0, 0.0)
    assert (accuracy.n, accuracy.needed, accuracy.groups) == (300, 200, 300)
    assert (accuracy.losses, accuracy.gains, accuracy.mcnemar_p) == (0, 0, 1.0)
    assert accuracy.interval == (0.0, 0.0)
    assert accuracy.upper == pytest.approx(1 - 0.05 ** (1 / 300))


def test_accuracy_by_hand():
    """600 images, five losses and two gains: a drop of 3/600 = .005 is just within; six losses are not."""
    lost, gained = [Image(0, 0, 1)] * 3 + [Image(1, 1, 2)] * 2, [Image(2, 0, 2)] * 2
    images = [*perfect(197), *lost, *gained, Image(2, 2, 2), Image(2, 1, 0)]
    verdict = gate(judged_of(images), "int8")
    accuracy = named(verdict)["accuracy"]
    assert (accuracy.n, accuracy.losses, accuracy.gains) == (600, 5, 2)
    assert accuracy.reference == pytest.approx(597 / 600)
    assert accuracy.variant == pytest.approx(594 / 600)
    assert accuracy.drop == 3 / 600 and accuracy.outcome == "passed"
    assert accuracy.mcnemar_p == pytest.approx(2 * (1 + 7 + 21) / 128)
    assert verdict.flips == 8, "from wrong to wrong is a flip too"
    one_more = gate(judged_of([Image(0, 0, 2), *images[1:]]), "int8")
    assert named(one_more)["accuracy"].outcome == "failed"


@pytest.mark.parametrize(("n", "outcome"), [(200, "passed"), (199, "undecided")])
def test_one_loss_is_within_from_two_hundred_images_on(n, outcome):
    images = [Image(0, 0, 1)] + [Image(0, 0, 0)] * (n - 1)
    assert named(gate(judged_of(images), "int8"))["accuracy"].outcome == outcome


def test_recall_by_hand():
    """Class b: 50 images, one lost: .02 is within; two lost: .04 is not, and the class is named."""
    within = perfect(200, 1) + [Image(1, 1, 0)] + [Image(1, 1, 1)] * 49
    check = named(gate(judged_of(within), "int8"))["recall b"]
    assert (check.n, check.needed, check.drop, check.outcome) == (50, 50, 0.02, "passed")
    over = perfect(900, 1) + [Image(1, 1, 0)] * 2 + [Image(1, 1, 1)] * 48
    verdict = gate(judged_of(over), "int8")
    assert named(verdict)["accuracy"].outcome == "passed"
    assert [check.name for check in verdict.failed] == ["recall b"]
    assert verdict.outcome == "failed" and verdict.flipped == ("900.png", "901.png")


@pytest.mark.parametrize(("n", "outcome"), [(49, "undecided"), (50, "passed")])
def test_a_class_of_few_images_cannot_be_told(n, outcome):
    check = named(gate(judged_of(perfect(200) + perfect(0)), "int8"))["recall a"]
    assert check.outcome == "passed"
    few = [Image(0, 0, 0)] * n + [Image(1, 1, 1)] * 200
    assert named(gate(judged_of(few), "int8"))["recall a"].outcome == outcome


def test_a_class_without_images_cannot_be_told():
    verdict = gate(judged_of(perfect(200, 2)), "int8")
    check = named(verdict)["recall c"]
    assert (check.n, check.outcome) == (0, "undecided")
    assert check.reason == "no image of this class"
    assert check.drop is None and check.interval is None and check.mcnemar_p is None
    assert verdict.outcome == "undecided" and verdict.undecided == (check,)


@pytest.mark.parametrize(("losses", "outcome"), [(1, "undecided"), (2, "failed"), (3, "failed")])
def test_of_few_images_one_loss_cannot_be_told_and_two_have_failed(losses, outcome):
    images = [Image(0, 0, 1)] * losses + [Image(0, 0, 0)] * 30
    assert named(gate(judged_of(images), "int8"))["recall a"].outcome == outcome


def test_labels_that_stand_for_several_classes_are_judged_together():
    targets = targets_of({"ab": ("a", "b"), "c": ("c",)}, CLASSES)
    images = [Image(0, 0, 1)] * 200 + [Image(2, 2, 2)] * 50
    verdict = gate(judged_of(images, targets=targets), "int8")
    assert named(verdict)["recall ab"].drop == 0.0 and "recall a" not in named(verdict)
    assert verdict.outcome == "passed" and verdict.flips == 200, "flips are by class"


def test_maps_by_hand():
    images = perfect(100)
    low = [Image(0, 0, 0, agreement=0.94) for _ in range(301)]
    check = named(gate(judged_of(images + low), "int8"))["cam_agreement"]
    assert check.variant == 0.94 and check.drop == pytest.approx(0.06)
    assert check.budget == 0.05 and check.needed == 20 and check.outcome == "failed"
    assert check.losses is None and check.mcnemar_p is None
    at = [Image(0, 0, 0, agreement=0.95) for _ in range(20)]
    assert named(gate(judged_of(at), "int8"))["cam_agreement"].outcome == "passed"
    assert named(gate(judged_of(at[:19]), "int8"))["cam_agreement"].outcome == "undecided"


def cells(n, before, after, **change):
    return [Image(k % 3, k % 3, k % 3, masks=(before, after), **change) for k in range(n)]


def test_masks_by_hand():
    """IoU 90/100 before, 89/100 after: .01 is within; 88/100 is not."""
    images = cells(300, region(90, 100, 90), region(89, 100, 89))
    verdict = gate(judged_of(images, network="sg_cldff"), "int8")
    check = named(verdict)["iou nucleus"]
    assert (check.reference, check.variant) == (0.9, 0.89) and check.outcome == "passed"
    assert (check.n, check.needed) == (300, 100) and verdict.outcome == "passed"
    worse = cells(300, region(90, 100, 90), region(88, 100, 88))
    failed = gate(judged_of(worse, network="sg_cldff"), "int8").failed
    assert [check.name for check in failed] == ["iou cell", "iou nucleus"]


def test_a_network_that_draws_masks_is_not_passed_without_any():
    verdict = gate(judged_of(perfect(200), network="sg_cldff"), "int8")
    assert {c.name for c in verdict.undecided} == {"iou cell", "iou nucleus"}
    assert named(verdict)["iou cell"].reason == "no mask with a cell"
    assert "iou cell" not in named(gate(judged_of(perfect(200)), "int8"))


def test_masks_in_which_the_region_never_is_resolve_nothing():
    empty = cells(300, region(0, 0, 5), region(0, 0, 0))
    check = named(gate(judged_of(empty, network="sg_cldff"), "int8"))["iou cell"]
    assert (check.n, check.outcome) == (0, "undecided")


def test_nothing_to_judge_is_undecided_throughout():
    for network in ("xincept_all", "sg_cldff"):
        verdict = gate(judged_of([], network=network), "int8")
        assert verdict.outcome == "undecided" and (verdict.n, verdict.groups) == (0, 0)
        assert {check.outcome for check in verdict.checks} == {"undecided"}
        json.dumps(verdict.to_json(), allow_nan=False)


def test_without_labels_only_flips_and_maps_are_known():
    """No label at all: no flip among 200 fields cannot hide a drop, and the float votes stand for the classes."""
    fields = [Image(None, k % 3, k % 3) for k in range(200)]
    verdict = gate(judged_of(fields), "int8")
    accuracy = named(verdict)["accuracy"]
    assert (accuracy.drop, accuracy.worst_drop, accuracy.outcome) == (None, 0.0, "passed")
    assert (accuracy.n, accuracy.n_unlabelled) == (200, 200) and verdict.n_unlabelled == 200
    assert verdict.outcome == "passed"
    flipped = [Image(None, 0, 1), Image(None, 0, 1), *fields]
    worse = gate(judged_of(flipped), "int8")
    check = named(worse)["accuracy"]
    assert check.worst_drop == pytest.approx(2 / 202) and check.outcome == "undecided"
    assert "if unlabelled flips are losses" in check.reason and worse.flips == 2


def test_everything_flipped_fails_with_labels_and_is_never_passed_without():
    assert gate(judged_of([Image(0, 0, 1)] * 500), "int8").outcome == "failed"
    verdict = gate(judged_of([Image(None, 0, 1)] * 500), "int8")
    assert verdict.outcome == "undecided" and verdict.flips == 500
    assert named(verdict)["accuracy"].worst_drop == 1.0


def test_everything_flipped_from_wrong_to_right_is_no_drop():
    verdict = gate(judged_of([Image(0, 1, 0)] * 200), "int8")
    assert named(verdict)["accuracy"].drop == -1.0 and verdict.flips == 200
    assert named(verdict)["recall a"].outcome == "passed"


def test_one_class_only_leaves_the_others_undecided():
    verdict = gate(judged_of([Image(0, 0, 0)] * 500), "int8")
    assert [c.name for c in verdict.undecided] == ["recall b", "recall c"]


def test_one_group_only_has_no_interval_and_no_strict_pass():
    images = [Image(k, k, k, group="slide 1") for k in range(3) for _ in range(700)]
    verdict = gate(judged_of(images), "int8")
    assert verdict.outcome == "passed" and verdict.groups == 1
    assert all(c.interval is None and c.upper is None for c in verdict.checks)
    strict = gate(judged_of(images), "int8", strict=True)
    assert strict.outcome == "undecided" and "one group" in strict.undecided[0].reason


@pytest.mark.parametrize(("n", "outcome"), [(598, "passed"), (597, "undecided")])
def test_strict_where_nothing_flips_is_exact(n, outcome):
    images = [Image(0, 0, 0, group=f"g{i % 30}") for i in range(n)]
    strict = named(gate(judged_of(images), "int8", strict=True))
    assert strict["accuracy"].outcome == outcome and strict["recall a"].outcome == "passed"
    assert named(gate(judged_of(images), "int8"))["accuracy"].outcome == "passed"


def test_strict_takes_images_of_one_slide_together():
    """Four losses of 2000 on four slides, or all four on one of twenty slides: only the latter is unsure."""
    images = [Image(0, 0, 0, group=f"g{i % 20}") for i in range(2000)]
    apart = [Image(0, 0, 1, group=f"g{i}") for i in range(4)] + images[4:]
    together = [Image(0, 0, 1, group="g0") for _ in range(4)] + images[4:]
    bounds = [
        named(gate(judged_of(rows), "int8", strict=True))["accuracy"].upper
        for rows in (apart, together)
    ]
    assert bounds[0] < bounds[1] and bounds[0] <= 0.005 < bounds[1]


def test_unlabelled_fields_help_to_resolve():
    labelled, fields = perfect(60), [Image(None, k % 3, k % 3) for k in range(60)]
    alone = gate(judged_of(labelled), "int8")
    assert [c.name for c in alone.undecided] == ["accuracy"]
    helped = gate(judged_of(labelled), "int8", unlabelled=judged_of(fields))
    check = named(helped)["accuracy"]
    assert helped.outcome == "passed" and (check.n, check.n_unlabelled) == (240, 60)
    assert named(helped)["recall a"].n == 80 and named(helped)["cam_agreement"].n == 240


def test_unlabelled_fields_cannot_outvote_a_failure():
    fields = judged_of([Image(None, 0, 0)] * 100_00)
    lost = [Image(0, 0, 1)] * 2 + perfect(100)
    assert gate(judged_of(lost), "int8", unlabelled=fields).outcome == "failed"
    dim = [Image(k, k, k, agreement=0.5) for k in range(3) for _ in range(100)]
    verdict = gate(judged_of(dim), "int8", unlabelled=fields)
    assert [c.name for c in verdict.failed] == ["cam_agreement"]


def test_each_flip_without_a_label_is_taken_for_a_loss():
    fields = [Image(None, 1, 0)] * 3 + [Image(None, 0, 0)] * 97
    verdict = gate(judged_of(perfect(100)), "int8", unlabelled=judged_of(fields))
    accuracy, recall = named(verdict)["accuracy"], named(verdict)["recall b"]
    assert (accuracy.drop, accuracy.worst_drop) == (0.0, 3 / 400)
    assert accuracy.outcome == "undecided" and accuracy.flips_unlabelled == 3
    assert recall.worst_drop == pytest.approx(3 / 103) and recall.outcome == "undecided"
    assert named(verdict)["recall a"].worst_drop == 0.0


def test_labels_of_an_unlabelled_folder_are_not_looked_at_in_the_maps_of_the_gate():
    same = [Image(None, 0, 0, sha256=f"h{i}") for i in range(5)]
    mine = [Image(0, 0, 0, sha256=f"h{i}") for i in range(3)]
    verdict = gate(judged_of(mine), "int8", unlabelled=judged_of(same, left_out={"trained on": 4}))
    assert (verdict.n, verdict.n_unlabelled) == (5, 2)
    assert verdict.left_out == {"trained on": 4, "duplicate": 3}


def test_excluded_labels_count_for_maps_and_for_nothing_else():
    images = perfect(100) + [Image(-1, 0, 1, agreement=0.0)] * 10
    verdict = gate(judged_of(images), "int8")
    assert named(verdict)["accuracy"].n == 300 and named(verdict)["cam_agreement"].n == 310
    assert (verdict.n_excluded, verdict.n_unlabelled, verdict.flips) == (10, 0, 10)


def test_the_record_is_plain_json_whatever_the_files_are_called():
    judged = judged_of([Image(0, 0, 1)] * 300)
    hostile = "\udcff<b>.png"
    for rows in judged.observations.values():
        object.__setattr__(rows[0].sample, "name", hostile)
    record = gate(judged, "int8").to_json()
    text = json.dumps(record, allow_nan=False, ensure_ascii=False)
    assert "\udcff" not in text and text.encode()
    assert record["flips"] == 300 and len(record["flipped"]) == 200
    assert (record["outcome"], record["accepted_undecided"], record["forced"]) == (
        "failed", False, False,
    )  # fmt: skip
    assert record["budgets"]["max_accuracy_drop"] == 0.005
    assert set(record["checks"][0]) >= {"name", "drop", "interval", "upper", "mcnemar_p"}


images = st.lists(
    st.builds(
        Image,
        st.one_of(st.none(), st.integers(-1, 2)),
        st.integers(0, 2),
        st.integers(0, 2),
        st.sampled_from(["g", "h", "i"]),
        st.floats(-1, 1),
    ),
    max_size=30,
)
rough = Budgets(0.2, 0.3, 0.2, 0.5)


@settings(max_examples=40)
@given(images, st.booleans(), st.sampled_from([Budgets(), rough]))
def test_a_variant_equal_to_the_float_model_never_fails(rows, strict, budgets):
    same = [Image(i.truth, i.reference, i.reference, i.group) for i in rows]
    verdict = gate(judged_of(same), "int8", budgets, strict=strict)
    assert verdict.outcome != "failed" and verdict.flips == 0
    for check in verdict.checks:
        assert check.drop in (None, 0.0) and (check.upper is None or check.upper >= 0)


@settings(max_examples=40)
@given(images, st.booleans(), st.data())
def test_a_further_loss_never_helps(rows, strict, data):
    """An image that the variant had right, or whose vote it kept, flips away."""
    kept = [
        i
        for i, one in enumerate(rows)
        if one.variant == (one.reference if one.truth is None else one.truth)
    ]
    if not kept:
        return
    which = data.draw(st.sampled_from(kept))
    one = rows[which]
    worse = [*rows]
    worse[which] = Image(one.truth, one.reference, (one.variant + 1) % 3, one.group, one.agreement)
    before, after = (gate(judged_of(r), "int8", rough, strict=strict) for r in (rows, worse))
    assert BETTER.index(after.outcome) >= BETTER.index(before.outcome)
    for a, b in zip(before.checks, after.checks, strict=True):
        assert BETTER.index(b.outcome) >= BETTER.index(a.outcome), a.name


@settings(max_examples=40)
@given(images, st.booleans())
def test_the_verdict_is_the_worst_of_its_checks_and_finite(rows, strict):
    verdict = gate(judged_of(rows), "int8", rough, strict=strict)
    outcomes = {check.outcome for check in verdict.checks}
    worst = (
        "failed" if "failed" in outcomes else "undecided" if "undecided" in outcomes else "passed"
    )
    assert verdict.outcome == worst
    json.dumps(verdict.to_json(), allow_nan=False)
    for check in verdict.checks:
        if check.outcome == "passed":
            assert check.n >= check.needed and check.worst_drop <= check.budget + 1e-9
        if check.upper is not None and check.worst_drop is not None:
            assert math.isfinite(check.upper)


@settings(max_examples=40)
@given(images, images, st.booleans())
def test_strict_is_never_milder(rows, fields, strict):
    fields = judged_of([Image(None, i.reference, i.variant, i.group, i.agreement) for i in fields])
    mild = gate(judged_of(rows), "int8", rough, unlabelled=fields)
    hard = gate(judged_of(rows), "int8", rough, unlabelled=fields, strict=True)
    assert BETTER.index(hard.outcome) >= BETTER.index(mild.outcome)
