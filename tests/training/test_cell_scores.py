import numpy as np
import pytest

from leukoscope.images.contract import Contract, place, to_field
from leukoscope.training.cell_scores import (
    fit_type_temperature,
    mask_iou,
    segmentation_scores,
    summary,
    type_crops,
)
from leukoscope.training.cell_views import cell_crop, middle_crop
from leukoscope.training.pictures import Cell, cells_of_mask, picture_of
from leukoscope.training.scores import MaskCounts

CONTRACT = Contract(64)
NAMES = ("a", "b", "c")


def slide(make_disc, size, radius, target=(0,), origin="set"):
    image, mask = make_disc(size, radius)
    wide = np.full((size, size + 40, 3), 235, np.uint8)
    wide_mask = np.zeros((size, size + 40), np.uint8)
    wide[:, 20:-20], wide_mask[:, 20:-20] = image, mask
    cells = cells_of_mask(wide_mask, target)
    return picture_of(wide, wide_mask, target, cells=cells, origin=origin)


def test_iou_is_pooled_at_the_masks_own_resolution(oracle, make_disc):
    pictures = [slide(make_disc, 90, 20), slide(make_disc, 200, 60)]
    found = mask_iou(oracle(NAMES), pictures, CONTRACT)
    counts = MaskCounts()
    for picture in pictures:
        square, placement = place(picture.levels[0], CONTRACT)
        red = square[..., 0] / 255
        shares = np.stack([red > 0.78, (red <= 0.78) & (red > 0.6), red <= 0.6]).astype(np.float32)
        counts.add(to_field(shares, placement).argmax(0), picture.mask)
    assert found == counts.iou()
    assert found["cell"] > 0.85 and found["nucleus"] > 0.85


def test_crops_are_what_the_stream_cuts(make_disc):
    outlined = slide(make_disc, 90, 20, (1,))
    unknown = slide(make_disc, 90, 20, ())
    whole = picture_of(make_disc(80, 30)[0], None, (2,))
    nothing = picture_of(make_disc(80, 30)[0], None, ())
    frames, targets = type_crops([outlined, unknown, whole, nothing], 64)
    assert targets == [(1,), (2,)]
    assert np.array_equal(frames[0], cell_crop(outlined, outlined.cells[0], 64).image)
    assert np.array_equal(frames[1], middle_crop(whole, 64).image)


def test_figures_come_by_folder(oracle, make_disc):
    masked = [slide(make_disc, 90, 20, (1,), "masks"), slide(make_disc, 90, 20, (0,), "masks")]
    typed = [picture_of(make_disc(80, 30)[0], None, (1,), origin="types")]
    untold = [slide(make_disc, 90, 20, (), "outlines")]
    found = segmentation_scores(oracle(NAMES), [*masked, *typed, *untold], CONTRACT)
    assert set(found) == {"masks", "types", "outlines"}
    assert set(found["masks"]) == {"iou", "types"}
    assert set(found["types"]) == {"types"} and set(found["outlines"]) == {"iou"}
    # The nucleus has red 95 of 255: the oracle says the second of three classes.
    assert found["masks"]["types"]["accuracy"] == 0.5 and found["types"]["types"]["accuracy"] == 1


def test_the_progress_line_means_over_folders():
    scores = {
        "a": {"iou": {"cell": 0.8}, "types": {"balanced_accuracy": 0.5}},
        "b": {"iou": {"cell": None}},
        "c": {"types": {"balanced_accuracy": 0.9}},
    }
    found = summary(scores)
    assert found["iou"] == pytest.approx(0.4) and found["types"] == pytest.approx(0.7)
    assert found["a iou"] == 0.8 and found["c types"] == 0.9
    assert summary({"a": scores["a"]}) == {"iou": 0.8, "types": 0.5}
    assert summary({"d": {}}) == {}


def test_the_temperature_is_fitted_on_crops_with_one_type(oracle, make_disc):
    network = oracle(NAMES)
    right = [slide(make_disc, 90, 20, (1,))] * 9
    wrong = [slide(make_disc, 90, 20, (0,))]
    several = [slide(make_disc, 90, 20, (0, 2))] * 5
    found = fit_type_temperature(network, right + wrong + several, CONTRACT)
    # Margins of 9 to 0 with nine of ten right, of which a twelfth is in doubt: softmax(9 / T) should be this likely.
    likely = 0.9 * 11 / 12 + 0.1 / 24
    assert found == pytest.approx(9 / np.log(likely / ((1 - likely) / 2)), abs=0.01)
    assert float(network.temperature) == pytest.approx(found, abs=1e-4)


def test_without_types_the_temperature_stays(oracle):
    assert fit_type_temperature(oracle(NAMES), [], CONTRACT) == 1.0


def test_a_cell_without_a_type_gives_no_crop(make_disc):
    image, mask = make_disc(90, 20)
    cells = (Cell((45.0, 45.0), 40.0, ()), Cell((45.0, 45.0), 40.0, (2,)))
    _, targets = type_crops([picture_of(image, mask, (), cells=cells)], 64)
    assert targets == [(2,)]
