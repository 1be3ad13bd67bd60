import hashlib
import json

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.errors import InputError
from leukoscope.images.contract import (
    Contract,
    Placement,
    mask_to_square,
    place,
    placement_of,
    to_field,
)

RNG = np.random.default_rng(7)
SIZES_PX = st.tuples(st.integers(32, 900), st.integers(32, 900))
INPUTS_PX = st.integers(32, 320)


def noise(width: int, height: int) -> np.ndarray:
    return RNG.integers(0, 255, (height, width, 3), dtype=np.uint8)


# --- the contract as data


def test_json_round_trip():
    contract = Contract(224, pad_value=7)
    values = json.loads(json.dumps(contract.to_json()))
    assert Contract.from_json(values) == contract
    assert values["input_px"] == 224 and values["pad_value"] == 7


def test_json_names_every_rule():
    assert Contract(224).to_json() == {
        "version": 1,
        "input_px": 224,
        "pad_value": 255,
        "decoder": "opencv imdecode",
        "exif": "obeyed",
        "channels": "RGB",
        "sixteen_bit": "divided by 257, to the nearest",
        "grey": "replicated",
        "alpha": "composed on white",
        "min_side_px": 32,
        "max_area_px": 2**28,
        "aspect": "kept, centred, padded",
        "shrink": "INTER_AREA",
        "enlarge": "INTER_LINEAR",
    }


def test_the_scale_is_named_where_it_was_measured():
    contract = Contract(224, white_cell_px=(16, 80, 130))
    values = json.loads(json.dumps(contract.to_json()))
    assert values["white_cell_px"] == [16, 80, 130]
    assert Contract.from_json(values) == contract
    assert contract.digest() != Contract(224).digest()


@pytest.mark.parametrize(
    "scale",
    [[16, 80], [80, 16, 130], [16.0, 80, 130], [0, 80, 130], [16, 80, 500], "80", 80, None, []],
)
def test_a_scale_that_means_nothing_is_refused(scale):
    with pytest.raises(InputError, match="white_cell_px"):
        Contract.from_json({**Contract(224).to_json(), "white_cell_px": scale})


@pytest.mark.parametrize("key", sorted(Contract(224).to_json()))
def test_another_value_or_none_is_refused(key):
    values = Contract(224).to_json()
    with pytest.raises(InputError, match=key):
        Contract.from_json({**values, key: "BGR"})
    with pytest.raises(InputError, match=key):
        Contract.from_json({name: value for name, value in values.items() if name != key})


@pytest.mark.parametrize(
    "values",
    [
        None,
        [],
        {},
        {**Contract(224).to_json(), "gamma": 2},
        {**Contract(224).to_json(), "gamma": None},
        {**Contract(224).to_json(), "version": 2},
        {**Contract(224).to_json(), "version": True},
        {**Contract(224).to_json(), "input_px": 224.0},
        {**Contract(224).to_json(), "min_side_px": 32.0},
        {**Contract(224).to_json(), "input_px": 16},
        {**Contract(224).to_json(), "input_px": 10**9},
        {**Contract(224).to_json(), "pad_value": 256},
    ],
)
def test_what_version_1_does_not_say_is_refused(values):
    with pytest.raises(InputError, match="contract"):
        Contract.from_json(values)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(Contract(224).to_json())), JSON))
def test_hostile_values_are_refused(values):
    strange = {**Contract(224).to_json(), **values}
    try:
        contract = Contract.from_json(strange)
    except InputError:
        return
    assert contract.to_json() == strange


def test_digest_is_of_the_canonical_json():
    values = Contract(224).to_json()
    text = "{" + ",".join(f"{json.dumps(k)}:{json.dumps(values[k])}" for k in sorted(values)) + "}"
    assert Contract(224).digest() == hashlib.sha256(text.encode()).hexdigest()
    assert len({Contract(s, pad_value=p).digest() for s in (224, 256) for p in (0, 255)}) == 4


# --- geometry


@settings(max_examples=200, deadline=None)
@given(SIZES_PX, INPUTS_PX)
def test_the_aspect_is_kept_and_the_field_is_centred(field_px, input_px):
    placement = placement_of(field_px, Contract(input_px))
    longest = max(field_px)
    for side, inner, offset in zip(field_px, placement.inner_px, placement.offset_px, strict=True):
        assert abs(inner - side * input_px / longest) <= 0.5 or inner == 1
        assert inner + offset <= input_px
        assert abs(offset - (input_px - inner - offset)) <= 1
    assert max(placement.inner_px) == input_px


@pytest.mark.parametrize(
    ("field_px", "inner_px", "offset_px"),
    [
        ((640, 480), (224, 168), (0, 28)),
        ((480, 640), (168, 224), (28, 0)),
        ((120, 120), (224, 224), (0, 0)),
        ((360, 363), (222, 224), (1, 0)),
        ((224, 100), (224, 100), (0, 62)),
        ((101, 224), (101, 224), (61, 0)),
    ],
)
def test_placements_of_the_usual_sizes(field_px, inner_px, offset_px):
    assert placement_of(field_px, Contract(224)) == Placement(field_px, inner_px, offset_px, 224)


@settings(max_examples=100, deadline=None)
@given(SIZES_PX, INPUTS_PX, st.integers(0, 255))
def test_everything_but_the_field_is_padding(field_px, input_px, pad):
    field = np.full((field_px[1], field_px[0], 3), 255 - pad, np.uint8)
    square, placement = place(field, Contract(input_px, pad_value=pad))
    assert square.shape == (input_px, input_px, 3) and square.dtype == np.uint8
    (x, y), (width, height) = placement.offset_px, placement.inner_px
    outside = np.ones((input_px, input_px), bool)
    outside[y : y + height, x : x + width] = False
    assert (square[outside] == pad).all()
    assert (square[~outside] == 255 - pad).all()


def test_a_field_that_fits_is_not_touched():
    field = noise(224, 100)
    square, _ = place(field, Contract(224))
    np.testing.assert_array_equal(square[62:162], field)


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_shrinking_is_the_mean_of_blocks(factor):
    field = noise(64 * factor, 48 * factor)
    square, _ = place(field, Contract(64))
    means = field.reshape(48, factor, 64, factor, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(square[8:56], means, atol=0.5 + 1e-6)


def test_enlarging_interpolates_between_pixel_centres():
    field = noise(32, 32)
    square, _ = place(field, Contract(64))
    centres = np.clip((np.arange(64) + 0.5) / 2 - 0.5, 0, 31)
    low = np.minimum(centres.astype(int), 30)
    share = (centres - low)[:, None]
    rows = field[low] * (1 - share[:, None]) + field[low + 1] * share[:, None]
    wanted = rows[:, low] * (1 - share) + rows[:, low + 1] * share
    np.testing.assert_allclose(
        square, wanted, rtol=0, atol=1
    )  # OpenCV rounds by rows, then by columns


@pytest.mark.parametrize(
    ("field_px", "input_px"),
    [((640, 480), 224), ((640, 100), 224), ((120, 120), 224), ((363, 360), 299)],
)
def test_place_is_opencvs_resize_bit_for_bit(field_px, input_px):
    field = noise(*field_px)
    square, placement = place(field, Contract(input_px))
    method = cv2.INTER_AREA if max(field_px) > input_px else cv2.INTER_LINEAR
    (x, y), (width, height) = placement.offset_px, placement.inner_px
    wanted = cv2.resize(field, (width, height), interpolation=method)
    np.testing.assert_array_equal(square[y : y + height, x : x + width], wanted)


def test_views_are_placed_as_their_copies():
    field = noise(200, 100)[::2, ::-1]
    np.testing.assert_array_equal(
        place(field, Contract(64))[0], place(field.copy(), Contract(64))[0]
    )


# --- the way back


def gradient(shape: tuple[int, int], input_px: int, axis: int) -> np.ndarray:
    """A map over the square whose value is the square's own coordinate, in input pixels."""
    cell = input_px / shape[axis]
    line = (np.arange(shape[axis]) + 0.5) * cell
    return np.broadcast_to(line if axis == 1 else line[:, None], shape).astype(np.float32)


@settings(max_examples=200, deadline=None)
@given(
    SIZES_PX,
    INPUTS_PX,
    st.one_of(st.none(), st.tuples(st.integers(4, 40), st.integers(4, 40))),
    st.sampled_from([0, 1]),
)
def test_maps_come_back_half_pixel_aligned(field_px, input_px, grid, axis):
    """Field pixel X of a gradient reads offset + (X + 1/2) * inner / field, but for the flat half cell at the rim."""
    placement = placement_of(field_px, Contract(input_px))
    shape = grid or (input_px, input_px)
    field = to_field(gradient(shape, input_px, axis), placement)
    assert field.shape == field_px[::-1] and field.dtype == np.float32
    side = 1 - axis
    scale = placement.inner_px[side] / field_px[side]
    wanted = placement.offset_px[side] + (np.arange(field_px[side]) + 0.5) * scale
    got = field[field.shape[0] // 2] if axis == 1 else field[:, field.shape[1] // 2]
    rim = input_px / shape[axis] / 2 + 1
    inner_start, inner_end = (
        max(rim, placement.offset_px[side] + 0.5),
        min(input_px - rim, placement.offset_px[side] + placement.inner_px[side] - 0.5),
    )
    sure = (wanted > inner_start) & (wanted < inner_end)
    np.testing.assert_allclose(got[sure], wanted[sure], rtol=0, atol=2e-3)
    assert np.abs(got - wanted).max() <= rim


def test_a_map_at_the_fields_own_size_comes_back_untouched():
    values = RNG.normal(size=(3, 224, 224)).astype(np.float32)
    placement = placement_of((224, 100), Contract(224))
    np.testing.assert_array_equal(to_field(values, placement), values[:, 62:162])


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.uint8])
def test_maps_of_other_types_become_float32(dtype):
    placement = placement_of((100, 50), Contract(64))
    values = RNG.integers(0, 9, (2, 8, 8)).astype(dtype)
    field = to_field(values, placement)
    assert field.dtype == np.float32
    np.testing.assert_array_equal(field, to_field(values.astype(np.float32), placement))


def test_channels_do_not_mix():
    placement = placement_of((640, 480), Contract(224))
    values = RNG.normal(size=(8, 14, 14)).astype(np.float32)
    together = to_field(values, placement)
    assert together.shape == (8, 480, 640)
    for one, alone in zip(together, values, strict=True):
        np.testing.assert_array_equal(one, to_field(alone, placement))


def test_no_channels_give_no_maps():
    placement = placement_of((100, 50), Contract(64))
    assert to_field(np.zeros((0, 8, 8)), placement).shape == (0, 50, 100)


@settings(max_examples=60, deadline=None)
@given(SIZES_PX, INPUTS_PX)
def test_a_smooth_field_survives_the_round_trip(field_px, input_px):
    x, y = np.meshgrid(np.linspace(0, 1, field_px[0]), np.linspace(0, 1, field_px[1]))
    field = np.dstack([200 * x, 200 * y, 100 * (x + y)]).astype(np.uint8)
    square, placement = place(field, Contract(input_px))
    back = to_field(square.transpose(2, 0, 1), placement)
    steps = 200 / np.array(placement.inner_px).clip(2)
    np.testing.assert_allclose(back.transpose(1, 2, 0), field, rtol=0, atol=2 + steps.max())


# --- masks


def test_a_mask_follows_its_image():
    """What is white in the image is nucleus in the mask, to the pixel where a pixel is wholly one of them."""
    mask = np.zeros((480, 640), np.uint8)
    cv2.circle(mask, (400, 200), 90, 1, -1)
    cv2.circle(mask, (410, 210), 50, 2, -1)
    square = mask_to_square(mask, Contract(224, pad_value=0))
    assert square.shape == (224, 224) and square.dtype == np.uint8
    for index in range(3):
        image = np.repeat(np.where(mask == index, 255, 0).astype(np.uint8)[:, :, None], 3, axis=2)
        placed = place(image, Contract(224, pad_value=255 if index == 0 else 0))[0][:, :, 0]
        assert (square[placed == 255] == index).all()
        assert (square[placed == 0] != index).all()


def test_shares_of_the_classes_hold_when_a_mask_shrinks():
    mask = np.zeros((2000, 2000), np.uint8)
    mask[:, 1004:] = 2  # six tenths of a pixel of the square: nucleus, and no cytoplasm between
    square = mask_to_square(mask, Contract(200))
    assert set(np.unique(square)) == {0, 2}
    assert abs((square == 2).mean() - 0.5) <= 0.005


@settings(max_examples=60, deadline=None)
@given(SIZES_PX, INPUTS_PX)
def test_padding_is_background(field_px, input_px):
    square = mask_to_square(np.full(field_px[::-1], 2, np.uint8), Contract(input_px))
    placement = placement_of(field_px, Contract(input_px))
    assert (square == 2).sum() == placement.inner_px[0] * placement.inner_px[1]
    assert set(np.unique(square)) <= {0, 2}


def test_a_mask_that_fits_is_not_touched():
    mask = RNG.integers(0, 3, (224, 224), dtype=np.uint8)
    np.testing.assert_array_equal(mask_to_square(mask, Contract(224)), mask)
