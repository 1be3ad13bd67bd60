import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.training.losses import (
    LABEL_SMOOTHING,
    MASK_WEIGHTS,
    allowed_classes,
    balanced_draws,
    classification_loss,
    drawn_weights,
    effective_number_weights,
    evidence_loss,
    mask_loss,
    saliency_loss,
    soft_dice,
)

CLASSES = 5
targets = st.lists(
    st.sets(st.integers(0, CLASSES - 1), max_size=CLASSES).map(lambda s: tuple(sorted(s))),
    min_size=1,
    max_size=6,
)


def logits_of(count, seed, classes=CLASSES):
    return torch.from_numpy(np.random.default_rng(seed).normal(0, 3, (count, classes)))


@given(targets, st.integers(0, 999))
@settings(max_examples=60, deadline=None)
def test_partial_labels_cost_the_log_of_the_summed_probability(labels, seed):
    logits = logits_of(len(labels), seed)
    weights = torch.linspace(0.5, 2, len(labels), dtype=torch.float64)
    found = classification_loss(logits, allowed_classes(labels, CLASSES), weights, smoothing=0)
    terms = []
    for row, label in enumerate(labels):
        if label:
            exponents = [math.exp(value) for value in logits[row]]
            share = sum(exponents[index] for index in label) / sum(exponents)
            terms.append(float(weights[row]) * -math.log(share))
    assert float(found) == pytest.approx(np.mean(terms) if terms else 0, abs=1e-5)


def test_smoothing_spreads_a_share_over_all_classes():
    logits = logits_of(3, 1).float()
    allowed = allowed_classes([(0,), (2,), (4,)], CLASSES)
    found = classification_loss(logits, allowed, torch.ones(3))
    expected = torch.nn.functional.cross_entropy(
        logits, torch.tensor([0, 2, 4]), label_smoothing=LABEL_SMOOTHING
    )
    assert float(found) == pytest.approx(float(expected), rel=1e-5)


def test_images_without_a_label_pull_at_nothing():
    logits = logits_of(2, 2).float().requires_grad_()
    classification_loss(logits, allowed_classes([(1,), ()], CLASSES), torch.ones(2)).backward()
    assert logits.grad[0].abs().sum() > 0 and logits.grad[1].abs().sum() == 0
    logits.grad = None
    nothing = classification_loss(logits, allowed_classes([(), ()], CLASSES), torch.ones(2))
    nothing.backward()
    assert float(nothing.detach()) == 0 and logits.grad.abs().sum() == 0


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_rare_labels_weigh_more_and_the_mean_over_images_is_one(counts):
    labels = [(index,) for index, count in enumerate(counts) for _ in range(count)]
    weights = effective_number_weights([*labels, ()])
    assert np.mean([weights[label] for label in labels]) == pytest.approx(1)
    assert () not in weights
    for one, other in zip(range(len(counts)), range(1, len(counts)), strict=False):
        assert (weights[one,] > weights[other,]) == (counts[one] < counts[other])
        gap = weights[one,] / weights[other,]
        plain = counts[other] / counts[one]
        assert min(1, plain) - 1e-9 <= gap <= max(1, plain) + 1e-9  # milder than inverse frequency


def test_effective_number_of_samples_by_hand():
    weights = effective_number_weights([(0,)] * 100 + [(1,)] * 300)
    one, three = ((1 - 0.999**n) / 0.001 for n in (100, 300))
    assert weights[0,] / weights[1,] == pytest.approx(three / one)


def dice_by_hand(found, wanted):
    overlap = sum(f * w for f, w in zip(found.flatten(), wanted.flatten(), strict=True))
    return 1 - (2 * overlap + 1) / (found.sum() + wanted.sum() + 1)


def test_soft_dice_against_a_loop_and_at_its_ends(rng):
    found = torch.from_numpy(rng.random((2, 5, 4)))
    wanted = torch.from_numpy(rng.integers(0, 2, (2, 5, 4)).astype(float))
    assert float(soft_dice(found, wanted)) == pytest.approx(float(dice_by_hand(found, wanted)))
    assert float(soft_dice(wanted, wanted)) == pytest.approx(0)
    assert float(soft_dice(torch.zeros(1, 3, 3), torch.zeros(1, 3, 3))) == 0
    assert float(soft_dice(1 - wanted, wanted)) > 0.9


def test_mask_loss_is_weighted_entropy_plus_the_mean_dice_of_three_parts(rng):
    logits = torch.from_numpy(rng.normal(0, 2, (3, 3, 4, 5))).float()
    masks = torch.from_numpy(rng.integers(0, 3, (3, 4, 5)))
    known = torch.tensor([True, False, True])
    some, truth = logits[known], masks[known]
    entropy = weight = 0.0
    for image in range(2):
        for y in range(4):
            for x in range(5):
                label = int(truth[image, y, x])
                logs = some[image, :, y, x].log_softmax(0)
                entropy -= MASK_WEIGHTS[label] * float(logs[label])
                weight += MASK_WEIGHTS[label]
    shares = some.softmax(1)
    dice = [
        float(dice_by_hand(shares[:, 1], truth == 1)),
        float(dice_by_hand(shares[:, 2], truth == 2)),
        float(dice_by_hand(shares[:, 1] + shares[:, 2], truth > 0)),
    ]
    found = float(mask_loss(logits, masks, known))
    assert found == pytest.approx(entropy / weight + sum(dice) / 3, rel=1e-5)


def test_images_without_a_mask_pull_at_no_mask():
    logits = torch.zeros(2, 3, 4, 4, requires_grad=True)
    saliency = torch.full((2, 1, 2, 2), 0.5, requires_grad=True)
    masks = torch.ones(2, 4, 4, dtype=torch.long)
    for known in (torch.tensor([False, True]), torch.tensor([False, False])):
        logits.grad = saliency.grad = None
        (mask_loss(logits, masks, known) + saliency_loss(saliency, masks, known)).backward()
        for gradient in (logits.grad, saliency.grad):
            assert gradient[0].abs().sum() == 0
            assert bool(gradient[1].abs().sum() > 0) == bool(known[1])


def test_saliency_is_held_against_the_cells_share_of_each_of_its_pixels():
    masks = torch.zeros(1, 8, 8, dtype=torch.long)
    masks[0, :4, :6] = 1
    share = torch.tensor([[1, 0.5], [0, 0]])[None, None]
    known = torch.tensor([True])
    assert float(saliency_loss(share, masks, known)) == pytest.approx(
        float(dice_by_hand(share[:, 0], share[:, 0])), abs=1e-6
    )
    assert float(saliency_loss(1 - share, masks, known)) > 0.5


@given(st.lists(st.integers(1, 400), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_draws_even_the_classes_half_out(counts):
    labels = [(index,) for index, count in enumerate(counts) for _ in range(count)]
    draws = balanced_draws(labels)
    assert sum(draws) == pytest.approx(1)
    shares = [
        sum(d for d, one in zip(draws, labels, strict=True) if one == (k,))
        for k in range(len(counts))
    ]
    for one, other, n, m in zip(shares, shares[1:], counts, counts[1:], strict=False):
        assert one / other == pytest.approx((n / m) ** 0.5)


def test_weights_behind_the_draws_are_milder_than_without_them():
    labels = [(0,)] * 900 + [(1,)] * 100 + [()] * 50
    plain = effective_number_weights(labels)
    after = drawn_weights(labels, balanced_draws(labels))
    assert 1 < after[1,] / after[0,] < plain[1,] / plain[0,]
    assert () not in after


def evidence(place, allowed=((0,),), known=True):
    """Class 0 shows at `place` of the 8 x 8 map, class 1 everywhere; the cell is the upper left quarter."""
    maps = torch.full((1, 2, 8, 8), -1.0)
    maps[0, 0, place[0], place[1]] = 2.0
    maps[0, 1] = 0.5
    masks = torch.zeros(1, 32, 32, dtype=torch.long)
    masks[0, :16, :16] = 2
    truth = {"masks": masks, "known": torch.tensor([known]), "allowed": allowed_classes(allowed, 2)}
    return maps, torch.tensor([[0.0, 1.0]]), truth


def test_evidence_on_the_cell_costs_nothing_and_off_it_all():
    assert float(evidence_loss(*evidence((1, 1)))) == pytest.approx(0, abs=1e-4)
    assert float(evidence_loss(*evidence((4, 4)))) == pytest.approx(0, abs=1e-4)  # next to the cell
    assert float(evidence_loss(*evidence((7, 7)))) == pytest.approx(1)


def test_evidence_is_of_the_class_that_the_label_allows_else_of_the_likeliest():
    even = 1 - 25 / 64  # class 1 everywhere; the cell and its border are 5 x 5 of 8 x 8
    assert float(evidence_loss(*evidence((1, 1), allowed=((1,),)))) == pytest.approx(even, abs=1e-3)
    assert float(evidence_loss(*evidence((1, 1), allowed=((),)))) == pytest.approx(even, abs=1e-3)
    assert float(evidence_loss(*evidence((1, 1), allowed=((0, 1),)))) == pytest.approx(
        even, abs=1e-3
    )


def test_evidence_without_a_known_cell_pulls_at_nothing():
    maps, logits, truth = evidence((7, 7), known=False)
    assert float(evidence_loss(maps, logits, truth)) == 0
    empty = {**truth, "known": torch.tensor([True]), "masks": torch.zeros_like(truth["masks"])}
    assert float(evidence_loss(maps, logits, empty)) == 0


def test_evidence_moves_the_map_onto_the_cell():
    maps, logits, truth = evidence((7, 7))
    maps[0, 0, 1, 1] = 0.5
    maps.requires_grad_()
    evidence_loss(maps, logits, truth).backward()
    assert maps.grad[0, 0, 7, 7] > 0 > maps.grad[0, 0, 1, 1]
