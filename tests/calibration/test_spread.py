import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_sets import smear

from leukoscope.calibration.spread import (
    FEATURES,
    equal_shares,
    farthest_points,
    is_blank,
    stain_features,
    standardised,
)

POINTS = st.lists(
    st.lists(st.floats(-5, 5, width=16), min_size=2, max_size=2), min_size=1, max_size=25
).map(np.array)


def named(pixels):
    return dict(zip(FEATURES, stain_features(pixels), strict=True))


def test_densities_are_those_of_the_levels():
    half = np.full((64, 64, 3), 255, np.uint8)
    half[:, :32] = (127, 63, 31)
    got = named(half)
    for channel, level in zip("rgb", (128, 64, 32), strict=True):
        density = -np.log10(level / 256)
        assert got[f"density_mean_{channel}"] == pytest.approx(density / 2)
        assert got[f"density_std_{channel}"] == pytest.approx(density / 2)
    assert got["ground_share"] == pytest.approx(0.5)
    assert got["size_log2_px"] == pytest.approx(6)


def test_ground_is_ground_on_any_colour_of_light():
    half = np.full((64, 64, 3), (250, 240, 180), np.uint8)
    half[:16] = (90, 40, 120)
    dim = (half * 0.6).astype(np.uint8)
    assert named(half)["ground_share"] == named(dim)["ground_share"] == pytest.approx(0.75)


def test_a_black_image_has_finite_features():
    assert np.isfinite(stain_features(np.zeros((32, 32, 3), np.uint8))).all()


def test_a_large_image_is_as_its_reduced_copy():
    small = smear(3, (128, 96))
    large = np.repeat(np.repeat(small, 3, 0), 3, 1)
    assert stain_features(large)[:7] == pytest.approx(stain_features(small)[:7])
    assert named(large)["size_log2_px"] - named(small)["size_log2_px"] == pytest.approx(np.log2(3))


@pytest.mark.parametrize("level", [0, 17, 255])
def test_one_value_is_blank(level):
    assert is_blank(np.full((300, 200, 3), level, np.uint8))


def test_sensor_noise_in_the_dark_is_blank_and_a_faint_cell_is_not():
    noise = np.random.default_rng(1).integers(0, 5, (1200, 900, 3)).astype(np.uint8)
    assert is_blank(noise)
    field = np.full((600, 800, 3), 230, np.uint8)
    field[100:200, 100:200] = 215
    assert not is_blank(field)


@given(POINTS)
def test_standardised_columns_have_mean_0_and_deviation_1_or_no_spread(points):
    got = standardised(points)
    assert np.abs(got.mean(axis=0)).max() < 1e-6
    for spread, column in zip(points.std(axis=0), got.T, strict=True):
        assert column.std() == pytest.approx(1 if spread > 1e-9 else 0, abs=1e-6)


def radius(points, centres):
    return max(min(np.linalg.norm(p - points[c]) for c in centres) for p in points)


@given(POINTS, st.integers(0, 30))
def test_every_point_is_taken_once(points, count):
    got = farthest_points(points, count)
    assert len(got) == len(set(got)) == min(count, len(points))


@given(POINTS, st.integers(1, 6), st.integers(0, 99))
def test_the_radius_is_at_most_twice_what_any_centres_give(points, count, seed):
    any_centres = np.random.default_rng(seed).choice(len(points), min(count, len(points)), False)
    best = radius(points, any_centres)
    assert radius(points, farthest_points(points, count)) <= 2 * best + 1e-9


def test_the_first_is_nearest_to_the_mean_and_the_next_farthest_from_all():
    points = np.array([[0.0], [10.0], [4.0], [6.0]])
    assert farthest_points(points, 4) == [2, 1, 0, 3]


@given(
    st.dictionaries(st.text("abc", max_size=2), st.integers(1, 40), max_size=6), st.integers(0, 99)
)
def test_shares_are_as_equal_as_the_labels_allow(counts, total):
    got = equal_shares(counts, total)
    assert sum(got.values()) == min(total, sum(counts.values()))
    assert all(0 <= got[label] <= counts[label] for label in counts)
    most = max(got.values(), default=0)
    for label, count in counts.items():
        assert got[label] == count or got[label] >= most - 1, "a label is short only of images"


def test_shares_do_not_follow_the_order_of_labels():
    counts = {"b": 9, "a": 9, "c": 30}
    assert equal_shares(counts, 10) == {"a": 3, "b": 3, "c": 4}
    assert equal_shares(dict(reversed(counts.items())), 10) == equal_shares(counts, 10)
