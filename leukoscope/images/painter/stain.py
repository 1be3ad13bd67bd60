"""Stain: dyes absorb light, and each laboratory's dyes, glass and lamp have their own colours.

A picture is painted as amounts of five dyes. Light that passes amounts a_d has the colour
ground * exp(-sum_d a_d * od_d) (Beer and Lambert), so overlapping cells darken as they do on glass.
The colours below were chosen by eye beside pictures of several laboratories; our choice.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HAEMOGLOBIN, CHROMATIN, BLUE, EOSIN, AZURE = range(5)
"""Dyes by index: red cells, DNA (purple), RNA of cytoplasm (blue), orange-red and purple granules."""

DYES = 5


@dataclass(frozen=True)
class Laboratory:
    """The colours, 0 to 255 RGB, of empty ground and of one unit of each dye on that ground."""

    name: str
    ground: tuple[int, int, int]
    dyes: tuple[tuple[int, int, int], ...]

    def densities(self) -> NDArray[np.float64]:
        """Optical densities (natural logarithm) of one unit of each dye, [DYES, 3]."""
        ground = np.asarray(self.ground, np.float64)
        return np.asarray(np.log(ground / np.asarray(self.dyes, np.float64)))


LABORATORIES: tuple[Laboratory, ...] = (
    Laboratory(
        "peach ground",
        (253, 228, 202),
        ((203, 164, 165), (76, 34, 130), (138, 122, 186), (216, 124, 122), (140, 62, 135)),
    ),
    Laboratory(
        "grey ground",
        (200, 201, 197),
        ((172, 130, 128), (98, 72, 194), (132, 140, 202), (205, 128, 135), (132, 84, 178)),
    ),
    Laboratory(
        "yellow ground",
        (254, 243, 142),
        ((236, 200, 128), (92, 20, 76), (160, 142, 118), (222, 118, 84), (140, 58, 86)),
    ),
    Laboratory(
        "dim ground",
        (168, 163, 150),
        ((150, 118, 110), (72, 26, 110), (100, 102, 146), (158, 84, 92), (104, 42, 106)),
    ),
    Laboratory(
        "bluish ground",
        (240, 251, 252),
        ((162, 180, 216), (104, 70, 214), (124, 150, 242), (222, 150, 200), (160, 84, 212)),
    ),
    Laboratory(
        "white ground",
        (252, 253, 247),
        ((190, 204, 216), (176, 92, 222), (158, 166, 244), (232, 150, 190), (190, 90, 206)),
    ),
    Laboratory(
        "pinkish ground",
        (246, 230, 238),
        ((218, 164, 172), (88, 40, 148), (146, 134, 206), (226, 120, 116), (154, 66, 150)),
    ),
)


@dataclass(frozen=True)
class Stain:
    """One field's stain: the ground's colour [3], 0 to 255, and the dyes' densities [DYES, 3].

    A density may be a little below 0: some cameras' colour correction lightens blue in a nucleus.
    """

    ground: NDArray[np.float64]
    densities: NDArray[np.float64]


def draw_stain(rng: np.random.Generator, laboratory: int | None = None) -> Stain:
    """A laboratory's stain on one of its days; `laboratory` indexes LABORATORIES, None draws one.

    Drawn: a share of a second laboratory, the strength of the whole stain and of each dye, and
    the tint of the ground.
    """
    first, second = (int(i) for i in rng.integers(len(LABORATORIES), size=2))
    share = float(rng.beta(0.5, 1.5)) if laboratory is None else 0.0
    one = LABORATORIES[first if laboratory is None else laboratory]
    two = LABORATORIES[second]
    ground = np.asarray(one.ground) * (1 - share) + np.asarray(two.ground) * share
    densities = one.densities() * (1 - share) + two.densities() * share
    strength = rng.lognormal(0.0, 0.12) * rng.lognormal(0.0, 0.09, (DYES, 1))
    tint = rng.normal(1.0, 0.015, 3)
    tints = rng.lognormal(0.0, 0.05, (DYES, 3))
    return Stain(np.clip(ground * tint, 30, 255), densities * strength * tints)


def develop(dyes: NDArray[np.float32], stain: Stain) -> NDArray[np.float32]:
    """Amounts of the dyes [DYES, H, W] to light [H, W, 3], 0 to 255."""
    light = np.empty((*dyes.shape[1:], 3), np.float32)
    exponent, share = np.empty(dyes.shape[1:], np.float32), np.empty(dyes.shape[1:], np.float32)
    for channel in range(3):
        np.multiply(dyes[0], np.float32(-stain.densities[0, channel]), out=exponent)
        for dye in range(1, DYES):
            np.multiply(dyes[dye], np.float32(-stain.densities[dye, channel]), out=share)
            exponent += share
        np.exp(exponent, out=exponent)
        np.multiply(exponent, np.float32(stain.ground[channel]), out=light[..., channel])
    return light
