"""The nearest neighbour by colour alone, asked again and again: the floor below which an accuracy means nothing.

The same as `leukoscope.training.baselines.colour_baselines`, whose known images are looked at once here, not once a shift.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2
from leukoscope.progress import Progress
from measure.held import DataFolder

Image = NDArray[np.uint8]
Target = tuple[str, ...]
BY_MEAN, BY_BOTH = "mean", "mean_and_spread"


def colour_of(image: Image) -> NDArray[np.float64]:
    """Mean of R, G, B, then their standard deviations, [6]."""
    mean, spread = cv2.meanStdDev(image)
    return np.concatenate([mean.ravel(), spread.ravel()])


@dataclass(frozen=True, eq=False)
class ColourFloor:
    """Colours [n, 6] of images that training has seen, with their targets."""

    colours: NDArray[np.float64]
    targets: Sequence[Target]

    def hits(self, asked: Sequence[NDArray[np.float64]], truth: Sequence[Target]) -> dict[str, int]:
        """How many of `asked` have the target of their nearest known image, by mean, and by mean and spread."""
        return {BY_MEAN: self._hits(asked, truth, 3), BY_BOTH: self._hits(asked, truth, 6)}

    def _hits(
        self, asked: Sequence[NDArray[np.float64]], truth: Sequence[Target], columns: int
    ) -> int:
        known = self.colours[:, :columns]
        nearest = [int(((known - one[:columns]) ** 2).sum(1).argmin()) for one in asked]
        return sum(self.targets[i] == target for i, target in zip(nearest, truth, strict=True))


def floor_of(folder: DataFolder, progress: Progress) -> ColourFloor | None:
    """The colours of the set's own images that training has seen; None where it has seen none with a label."""
    colours, targets = [], []
    for entry in progress.track(folder.seen, f"colours of {folder.name}"):
        sample = folder.read(entry)
        if sample.target is not None and not sample.excluded:
            colours.append(colour_of(sample.pixels))
            targets.append(sample.target)
    return ColourFloor(np.array(colours), targets) if targets else None


def floor_figures(
    floor: ColourFloor | None,
    colours: Sequence[NDArray[np.float64]],
    truth: Sequence[Target | None],
) -> dict[str, float] | None:
    """Accuracy of the nearest colours on the images that have a target; None without a floor or without any."""
    known = [(c, t) for c, t in zip(colours, truth, strict=True) if t is not None]
    if floor is None or not known:
        return None
    hits = floor.hits([colour for colour, _ in known], [target for _, target in known])
    return {name: round(count / len(known), 4) for name, count in hits.items()}
