"""The same field as another day's stain, turn and focus would show it: more rows for the trees from few images."""

import numpy as np

from leukoscope.images.contract import Contract, place
from leukoscope.images.hashes import sha256_of_bytes
from leukoscope.training.augment import ColourJitter, augmented
from leukoscope.training.pictures import Image, Picture
from leukoscope.training.stage_views import stage_view


def stain_views(picture: Picture, contract: Contract, count: int, seed: int) -> list[Image]:
    """`count` squares [S, S, 3]: first the field as the contract places it, then views as the network was trained on.

    Milder views were tried: the trees then lean on the slides of their few groups.
    """
    # Painted fields have no file: without a seed of their own all of them would be turned and stained alike.
    digest = picture.sha256 or sha256_of_bytes(picture.levels[0].tobytes())
    rng = np.random.default_rng([seed, int(digest[:8], 16)])
    squares = [place(picture.levels[0], contract)[0]]
    for _ in range(count - 1):
        sample = stage_view(picture, contract.input_px, rng)
        restained = augmented([sample], ColourJitter(), rng)[0].permute(1, 2, 0)
        squares.append((restained * 255).round().byte().numpy())
    return squares
