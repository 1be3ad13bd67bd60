import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.training.stain_vectors import GIEMSA, stains_of

AZURE, EOSIN = np.array([0.75, 0.60, 0.28]), np.array([0.12, 0.93, 0.35])


def stained(amounts_azure, amounts_eosin, ground=(235, 230, 240), side=60):
    """A picture whose pixels hold these amounts of the two stains, the rest being ground."""
    density = np.zeros((side * side, 3))
    count = len(amounts_azure)
    density[:count] = np.outer(amounts_azure, AZURE) + np.outer(amounts_eosin, EOSIN)
    picture = np.array(ground) * 10**-density
    return picture.round().astype(np.uint8).reshape(side, side, 3)


def angle(one, other):
    other = other / np.linalg.norm(other)
    return np.degrees(np.arccos(np.clip(np.dot(one, other), -1, 1)))


def test_the_stains_that_a_picture_was_made_of_are_found(rng):
    share = np.concatenate([np.zeros(300), np.ones(300), rng.random(400)])
    strength = rng.uniform(0.35, 0.8, 1000)
    azure, eosin = stains_of(stained(share * strength, (1 - share) * strength))
    assert angle(azure, AZURE) < 5 and angle(eosin, EOSIN) < 5
    assert np.linalg.norm(azure) == pytest.approx(1) and np.linalg.norm(eosin) == pytest.approx(1)


@pytest.mark.parametrize(
    "picture",
    [
        np.full((40, 40, 3), 240, np.uint8),
        np.zeros((40, 40, 3), np.uint8),
        stained(np.full(800, 0.5), np.zeros(800)),
    ],
    ids=["empty", "black", "one stain"],
)
def test_too_little_to_tell_two_stains_apart(picture):
    assert stains_of(picture) == GIEMSA


@given(st.integers(0, 10_000), st.integers(32, 200), st.integers(32, 200))
@settings(max_examples=40, deadline=None)
def test_any_picture_gives_two_directions_that_can_be_unmixed(seed, height, width):
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    pair = np.array(stains_of(picture))
    assert np.isfinite(pair).all()
    assert np.degrees(np.arccos(np.clip(pair[0] @ pair[1], -1, 1))) > 8
