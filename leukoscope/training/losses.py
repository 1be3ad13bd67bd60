"""Losses of both networks: labels that stand for several classes, masks, and saliency that should lie on cells."""

from collections import Counter
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

Target = tuple[int, ...]
"""Indices of the classes that a label allows; empty where the image has none."""

LABEL_SMOOTHING = 0.05
MASK_WEIGHTS = (0.6, 1.6, 1.0)
"""Background, cytoplasm, nucleus: cytoplasm is the thin and pale class that a plain loss gives up first."""


def effective_number_weights(targets: Sequence[Target], beta: float = 0.999) -> dict[Target, float]:
    """Weight of each label, mean 1 over the images: inverse effective number of samples (Cui et al. 2019).

    Plain inverse frequency would let a class of a few dozen near-duplicate neighbours dominate the gradient;
    the effective number grows more slowly than the count, as neighbours add little that is new.
    """
    counts = Counter(target for target in targets if target)
    raw = {target: (1 - beta) / (1 - beta**count) for target, count in counts.items()}
    total = sum(counts.values())
    mean = sum(raw[target] * count for target, count in counts.items()) / max(total, 1)
    return {target: weight / mean for target, weight in raw.items()}


def balanced_draws(targets: Sequence[Target]) -> list[float]:
    """Probability of each image to be drawn: classes by the root of their size, halfway to equal shares.

    Equal shares would show the few images of a rare class so often that they are learnt by heart. Images without a label are
    drawn as a class of their own.
    """
    counts = Counter(targets)
    total = sum(count**0.5 for count in counts.values())
    return [counts[target] ** -0.5 / total for target in targets]


def drawn_weights(targets: Sequence[Target], draws: Sequence[float]) -> dict[Target, float]:
    """`effective_number_weights` of what an epoch under `draws` shows: sampling has evened the classes half out."""
    shown: dict[Target, float] = {}
    for target, share in zip(targets, draws, strict=True):
        if target:
            shown[target] = shown.get(target, 0.0) + share * len(targets)
    return effective_number_weights([t for t, n in shown.items() for _ in range(max(1, round(n)))])


def allowed_classes(targets: Sequence[Target], classes: int) -> Tensor:
    """A row of K for each image, 1 where the image's label allows the class; a row of zeros for an image without label."""
    allowed = torch.zeros(len(targets), classes)
    for row, target in enumerate(targets):
        allowed[row, list(target)] = 1.0
    return allowed


def classification_loss(
    logits: Tensor, allowed: Tensor, weights: Tensor, smoothing: float = LABEL_SMOOTHING
) -> Tensor:
    """Mean over the labelled images of -log of the probability summed over the allowed classes, weighted.

    `logits` [B, K], `allowed` [B, K] of 0 and 1, `weights` [B]. Smoothing spreads a share over all classes.
    Zero where no image has a label.
    """
    labelled = allowed.sum(1) > 0
    if not bool(labelled.any()):
        return logits.sum() * 0
    logs = logits.float().log_softmax(1)[labelled]
    allowed = allowed[labelled]
    hit = logs.masked_fill(allowed == 0, -torch.inf).logsumexp(1)
    each = -(1 - smoothing) * hit - smoothing * logs.mean(1)
    return (each * weights[labelled]).sum() / labelled.sum()


def mask_loss(logits: Tensor, masks: Tensor, known: Tensor) -> Tensor:
    """Weighted cross-entropy plus soft Dice of nucleus, cytoplasm and whole cell.

    `logits` [B, 3, S, S]; `masks` int64 [B, S, S]; `known` bool [B], False for images without a mask.
    """
    if not bool(known.any()):
        return logits.sum() * 0
    logits, masks = logits[known].float(), masks[known]
    entropy = F.cross_entropy(logits, masks, weight=logits.new_tensor(MASK_WEIGHTS))
    shares = logits.softmax(1)
    dice = [
        soft_dice(shares[:, 1], (masks == 1).float()),
        soft_dice(shares[:, 2], (masks == 2).float()),
        soft_dice(1 - shares[:, 0], (masks > 0).float()),
    ]
    return entropy + sum(dice, start=entropy * 0) / 3


def soft_dice(found: Tensor, wanted: Tensor) -> Tensor:
    """1 - Dice, pooled over the batch so that images without the class do no harm. Both [B, h, w] in 0..1."""
    overlap = (found * wanted).sum()
    return 1 - (2 * overlap + 1) / (found.sum() + wanted.sum() + 1)


def saliency_loss(saliency: Tensor, masks: Tensor, known: Tensor) -> Tensor:
    """Pulls the saliency [B, 1, h, w] onto the cells: 1 - Dice against the cell's share of each of its pixels."""
    if not bool(known.any()):
        return saliency.sum() * 0
    cells = (masks[known] > 0).float()[:, None]
    return soft_dice(saliency[known].float(), F.interpolate(cells, saliency.shape[2:], mode="area"))


def evidence_loss(maps: Tensor, logits: Tensor, truth: Mapping[str, Tensor]) -> Tensor:
    """Mean share of the class's Grad-CAM energy that lies off the cells, 0..1.

    `maps` [B, K, h, w] are the class maps before Grad-CAM's ReLU, `logits` [B, K]; `truth` has `masks` int64 [B, S, S],
    `known` bool [B] and `allowed` [B, K]. The class is the likeliest that the label allows, or the likeliest of all.
    A cell of the coarse grid counts as inside if a mask touches it or its neighbour. Zero where no mask shows a cell.
    """
    cells = (truth["masks"] > 0).float()[:, None]
    shown = truth["known"] & (cells.sum((1, 2, 3)) > 0)
    if not bool(shown.any()):
        return maps.sum() * 0
    step = cells.shape[-1] // maps.shape[-1]
    inside = F.max_pool2d(F.max_pool2d(cells[shown], step), 3, 1, 1)
    allowed = truth["allowed"][shown]
    free = allowed.sum(1, keepdim=True) == 0
    barred = (allowed == 0) & ~free
    chosen = logits[shown].detach().float().masked_fill(barred, -torch.inf).argmax(1)
    energy = maps[shown].float().relu()[torch.arange(len(chosen)), chosen][:, None]
    share = (energy * inside).sum((1, 2, 3)) / (energy.sum((1, 2, 3)) + 1e-6)
    return (1 - share).mean()
