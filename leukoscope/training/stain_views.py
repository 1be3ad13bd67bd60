"""The same field as it might have come from another day's stain: more rows for the trees from few images."""

from dataclasses import replace

import numpy as np
import torch

from leukoscope.images.contract import Contract, place
from leukoscope.images.hashes import sha256_of_bytes
from leukoscope.training.augment import ColourJitter, jitter_colour
from leukoscope.training.pictures import Image, Picture
from leukoscope.training.views import take, whole

MILD = ColourJitter().scaled(0.5)


def stain_views(picture: Picture, contract: Contract, count: int, seed: int) -> list[Image]:
    """`count` squares [S, S, 3]: first the field as the contract places it, then turned, mirrored, restained ones."""
    # Painted fields have no file: without a seed of their own all of them would be turned and stained alike.
    digest = picture.sha256 or sha256_of_bytes(picture.levels[0].tobytes())
    rng = np.random.default_rng([seed, int(digest[:8], 16)])
    squares = [place(picture.levels[0], contract)[0]]
    for _ in range(count - 1):
        turn, mirrored = float(rng.integers(4) * np.pi / 2), bool(rng.random() < 0.5)
        view = replace(whole(picture), turn=turn, mirrored=mirrored)
        sample = take(picture, view, contract.input_px)
        image = torch.from_numpy(sample.image).permute(2, 0, 1)[None].float() / 255
        inside = torch.from_numpy(sample.inside)[None, None].float()
        restained = jitter_colour(image, inside, MILD, rng, [sample.stains])[0].permute(1, 2, 0)
        squares.append((restained * 255).round().byte().numpy())
    return squares
