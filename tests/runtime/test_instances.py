import cv2
import numpy as np
import pytest

from leukoscope.images.classes import STAGES
from leukoscope.images.painter.field import paint_field
from leukoscope.runtime.instances import (
    FRAGMENT_SHARE,
    fill_faults,
    fill_holes,
    find_instances,
    typical_area,
)


def discs(*circles: tuple[int, int, int], size_px: tuple[int, int] = (200, 160)) -> np.ndarray:
    canvas = np.zeros((size_px[1], size_px[0]), np.uint8)
    for x, y, radius in circles:
        cv2.circle(canvas, (x, y), radius, 1, cv2.FILLED)
    return canvas


def areas(mask, floor=20.0):
    return [int(one.region.sum()) for one in find_instances(mask, floor)]


def test_an_empty_field_has_no_cells():
    assert find_instances(np.zeros((50, 60), np.uint8), 1) == []


def test_cells_apart_are_found_in_their_windows_largest_first():
    mask = discs((40, 50, 15), (120, 100, 25))
    found = find_instances(mask, 20)
    assert [one.window for one in found] == [
        (slice(75, 126), slice(95, 146)),
        (slice(35, 66), slice(25, 56)),
    ]
    rebuilt = np.zeros_like(mask)
    for one in found:
        rebuilt[one.window][one.region] = 1
    assert np.array_equal(rebuilt, mask)


@pytest.mark.parametrize("distance", [33, 36, 39])
def test_two_touching_cells_are_parted_at_the_neck(distance):
    mask = discs((60, 80, 20), (60 + distance, 80, 20))
    found = find_instances(mask, 20)
    assert len(found) == 2
    total = int(mask.sum())
    assert sum(int(one.region.sum()) for one in found) == total
    assert all(abs(int(one.region.sum()) - total / 2) < 0.03 * total for one in found)
    middle = 60 + distance / 2
    edges = sorted((one.window[1].start, one.window[1].stop) for one in found)
    assert abs(edges[0][1] - middle) < 2 and abs(edges[1][0] - middle) < 2


def test_cells_of_unequal_size_are_parted():
    big, small = (70, 80, 32), (70 + 44, 80, 16)
    got = areas(discs(big, small))
    assert len(got) == 2
    assert got[1] == pytest.approx(np.pi * 16**2, rel=0.1)


def test_three_in_a_clump():
    assert len(areas(discs((40, 60, 20), (76, 60, 20), (100, 88, 20)))) == 3


@pytest.mark.parametrize("axes", [(30, 30), (36, 26), (40, 22)])
def test_a_single_cell_stays_whole(axes):
    mask = np.zeros((120, 120), np.uint8)
    cv2.ellipse(mask, (60, 60), axes, 30, 0, 360, 1, cv2.FILLED)
    assert len(areas(mask)) == 1


def test_a_bump_is_no_cell():
    assert len(areas(discs((80, 80, 40), (120, 80, 8)))) == 1


def test_a_kidney_stays_whole():
    mask = discs((80, 80, 40))
    cv2.circle(mask, (125, 80), 18, 0, cv2.FILLED)
    assert len(areas(mask)) == 1


def test_a_part_without_a_nucleus_belongs_to_the_one_that_has_it():
    mask = discs((60, 80, 20), (96, 80, 20))
    assert len(areas(mask)) == 2, "without any nucleus the outline decides"
    cv2.circle(mask, (60, 80), 12, 2, cv2.FILLED)
    assert areas(mask) == [int((mask > 0).sum())]
    cv2.circle(mask, (96, 80), 12, 2, cv2.FILLED)
    assert len(areas(mask)) == 2


def test_a_bent_cell_stays_whole():
    mask = np.zeros((160, 200), np.uint8)
    cv2.ellipse(mask, (100, 60), (55, 55), 0, 10, 170, 1, thickness=30)
    assert len(areas(mask)) == 1


def test_a_large_clump_does_not_make_a_cell_a_speck():
    row = [(20 + 30 * (i % 10), 20 + 30 * (i // 10), 17) for i in range(50)]
    mask = discs(*row, (360, 170, 17), size_px=(400, 200))
    assert any(one.window[1].start > 330 for one in find_instances(mask, 20))


def test_specks_go_by_the_floor_and_by_the_largest():
    mask = discs((60, 60, 30), (150, 100, 5))
    assert len(areas(mask, 1)) == 1, "under a twentieth of the largest"
    assert len(areas(discs((150, 100, 5)), 60)) == 1
    assert areas(discs((150, 100, 5)), 200) == []


def test_a_hole_belongs_to_its_cell():
    mask = discs((60, 60, 30))
    mask[55:62, 55:62] = 0
    assert areas(mask) == [int(discs((60, 60, 30)).sum())]


def test_fill_holes_leaves_bays_open():
    region = np.ones((9, 9), bool)
    region[4, 4] = False
    region[0:3, 7] = False
    filled = fill_holes(region)
    assert filled[4, 4] and not filled[0, 7]


def test_gaps_between_cells_stay_open_and_vacuoles_are_filled():
    clump = discs((60, 60, 20), (98, 60, 20), (79, 93, 20)) > 0
    assert np.array_equal(fill_faults(clump, 2), clump)
    assert fill_holes(clump).sum() > clump.sum()
    cell = discs((60, 60, 30)) > 0
    pierced = cell.copy()
    pierced[discs((65, 55, 6)) > 0] = False
    assert np.array_equal(fill_faults(pierced, 2), cell)
    assert np.array_equal(fill_faults(clump, 500), fill_holes(clump)), "tiny ones are filled"


def test_painted_masks_come_apart_as_they_were_painted():
    hits = found_count = true_count = 0
    for seed in range(16):
        painted = paint_field(STAGES[seed % 4], 9000 + seed)
        height, width = painted.mask.shape
        cut = [
            x == 0 or y == 0 or x + w == width or y + h == height
            for x, y, w, h in (cell.box_px for cell in painted.cells)
        ]
        pairs = list(zip(painted.cells, cut, strict=True))
        typical = typical_area([cell.area_px for cell, at_border in pairs if not at_border])
        true_count += sum(
            cell.area_px >= (max(60, FRAGMENT_SHARE * typical) if at_border else 60)
            for cell, at_border in pairs
        )
        for one in find_instances(painted.mask, 30):
            found_count += 1
            inside = painted.instances[one.window][one.region]
            number = int(np.bincount(inside).argmax())
            shared = int((inside == number).sum())
            joint = int(one.region.sum()) + int((painted.instances == number).sum()) - shared
            hits += bool(number) and shared > 0.5 * joint
    assert 2 * hits / (found_count + true_count) > 0.97


@pytest.mark.parametrize(
    ("left", "wanted"), [(-14, 1), (-4, 2), (40, 2)], ids=["a fragment", "more than half", "whole"]
)
def test_a_fragment_at_the_border_is_no_cell_beside_a_whole_one(left, wanted):
    mask = np.zeros((120, 160), np.uint8)
    cv2.circle(mask, (100, 60), 20, 1, -1)
    cv2.circle(mask, (100, 60), 9, 2, -1)
    cv2.circle(mask, (left + 8, 60), 19, 1, -1)
    cv2.circle(mask, (left + 8, 60), 8, 2, -1)
    assert len(find_instances(mask, 10)) == wanted


def test_a_field_that_shows_nothing_but_a_cut_cell_shows_a_cell():
    mask = np.zeros((120, 160), np.uint8)
    cv2.circle(mask, (0, 60), 16, 2, -1)
    assert len(find_instances(mask, 10)) == 1


@pytest.mark.parametrize(
    ("areas", "wanted"),
    [([], 0), ([700], 700), ([40, 900], 900), ([700, 720, 740, 760, 6000], 760), ([50, 60, 800, 900], 800)],
    ids=["none", "one", "a cell and a speck", "a clump", "specks"],
)  # fmt: skip
def test_the_typical_cell_is_neither_a_speck_nor_a_clump(areas, wanted):
    assert typical_area(areas) == wanted


@pytest.mark.parametrize(
    ("centre_x", "kept"), [(0, True), (3, True), (-4, False)], ids=["half", "more", "less"]
)
def test_of_a_small_cell_at_the_border_half_must_be_seen_whatever_its_neighbours_are(
    centre_x, kept
):
    """Its half is much less than half of the large cells' area."""
    mask = np.zeros((300, 300), np.uint8)
    for x, y, radius in ((150, 60, 34), (150, 200, 34), (240, 130, 34), (centre_x, 130, 24)):
        cv2.circle(mask, (x, y), radius, 2, cv2.FILLED)
    found = find_instances(mask, 20)
    assert len(found) == 3 + kept
