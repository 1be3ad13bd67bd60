"""Accuracy, and the recall of each class, under the gate."""

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.gate.answers import Answers
from leukoscope.runtime.gate.bounds import bounds_of_losses
from leukoscope.runtime.gate.budgets import Budgets, images_needed
from leukoscope.runtime.gate.check import Check, Found, settle
from leukoscope.runtime.metrics.mcnemar import mcnemar


def check_votes(answers: Answers, budgets: Budgets, *, strict: bool) -> tuple[Check, ...]:
    """Accuracy first, then a recall for every class that can be told apart, those without an image too."""
    everything = np.ones(len(answers.truth), bool)
    checks = [
        _check("accuracy", answers, everything, budgets.max_accuracy_drop, "no image", strict)
    ]
    for index, name in enumerate(answers.targets.names):
        checks.append(
            _check(
                f"recall {name}",
                answers,
                of_class(answers, index),
                budgets.max_recall_drop,
                "no image of this class",
                strict,
            )
        )
    return tuple(checks)


def of_class(answers: Answers, index: int) -> NDArray[np.bool_]:
    """[n] images of the class by their label; those without a label by the float model's vote."""
    these: NDArray[np.bool_] = np.where(answers.labelled, answers.truth, answers.reference) == index
    return these


def _check(
    name: str,
    answers: Answers,
    these: NDArray[np.bool_],
    budget: float,
    absent: str,
    strict: bool,
) -> Check:
    every = answers.only(these)
    known, unknown = every.only(every.labelled), every.only(~every.labelled)
    n, losses, gains = len(every.truth), int((known.delta > 0).sum()), int((known.delta < 0).sum())
    drop = _share(losses - gains, len(known.truth))
    worst = _share(int(every.delta.sum()), n)
    bounds = bounds_of_losses(every.delta, every.groups)
    of_one = _share(1, len(known.truth)) or 0.0
    found = Found(drop, worst, budget, n, bounds, absent, of_one)
    outcome, reason = settle(found, strict=strict)
    return Check(
        name=name,
        reference=_share(int((known.reference == known.truth).sum()), len(known.truth)),
        variant=_share(int((known.variant == known.truth).sum()), len(known.truth)),
        drop=drop,
        budget=budget,
        n=n,
        needed=images_needed(budget),
        outcome=outcome,
        reason=reason,
        interval=bounds_of_losses(known.delta, known.groups).interval,
        upper=bounds.upper,
        losses=losses,
        gains=gains,
        mcnemar_p=mcnemar(losses, gains) if len(known.truth) else None,
        n_unlabelled=len(unknown.truth),
        flips_unlabelled=int(unknown.flipped.sum()),
        worst_drop=worst,
        groups=bounds.groups,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
