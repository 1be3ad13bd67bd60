from itertools import combinations

import numpy as np
import pytest
from walked_slide import FIELD_PX, SLIDE_PX, Camera, monolayer, specks, step, thin_field, window

from leukoscope.images.opencv import cv2
from leukoscope.images.painter.field import paint_field
from leukoscope.runtime.slide.match import register, register_near
from leukoscope.runtime.slide.picture import picture_of, reduce

SCALE = 256 / 640


def picture(field):
    return picture_of(reduce(field, 256 / max(field.shape[:2])))


@pytest.mark.parametrize("overlap", [0.2, 0.3, 0.6, 1.0])
@pytest.mark.parametrize("dirty", [False, True])
def test_fields_that_overlap_are_found_through_dirt_light_and_blur(overlap, dirty):
    random, camera = np.random.default_rng(int(overlap * 10)), Camera(3)
    for seed in range(3):
        for _ in range(3):
            shift = step(random, overlap)
            low, high = np.maximum(0, -shift), np.array(SLIDE_PX) - FIELD_PX - np.maximum(0, shift)
            at = random.integers(low, high + 1)
            fields = [window(seed, *at), window(seed, *(at + shift))]
            match = register(*[picture(camera(f) if dirty else f) for f in fields])
            assert match.proven
            assert np.array(match.shift_px) / SCALE == pytest.approx(shift, abs=2)


def test_dirt_that_stays_while_the_stage_moves_is_not_believed():
    """The specks are the strongest thing in both fields, at no shift; the cells say otherwise."""
    dirt = np.ones((480, 640, 1))
    random = np.random.default_rng(5)
    for x, y in random.integers(20, 460, (40, 2)):
        dirt[y : y + 10, x : x + 10] = 0.2
    first, second = (picture((window(0, x, 300) * dirt).astype(np.uint8)) for x in (200, 440))
    match = register(first, second)
    assert np.array(match.shift_px) / SCALE == pytest.approx((240, 0), abs=2)
    strange = picture((window(1, 200, 300) * dirt).astype(np.uint8))
    assert not register(first, strange).proven


def test_strangers_are_not_matched():
    fields = [
        picture(paint_field(stage, seed, white_cell_px=px).image)
        for stage, seed, px in (("Early", 1, 80), ("Pro", 2, 40), ("Benign", 3, 80), ("Pre", 4, 30))
    ]
    fields += [picture(window(seed, x, y)) for seed in range(3) for x in (0, 960) for y in (0, 720)]
    for one, other in combinations(fields, 2):
        match = register(one, other)
        assert match is None or not match.proven
        assert match is None or match.agreement.block_ncc < 0.6


def test_thin_fields_with_a_few_cells_and_much_dirt_are_not_matched():
    random, dirt = np.random.default_rng(0), specks(1)
    pictures = [
        picture((thin_field(random, 3 + number % 4) * dirt).astype(np.uint8))
        for number in range(16)
    ]
    for one, other in combinations(pictures, 2):
        match = register(one, other)
        assert match is None or not match.proven


@pytest.mark.parametrize("jitter", [4, 8, 14])
def test_a_lattice_of_red_cells_fits_everywhere_and_proves_nothing(jitter):
    random = np.random.default_rng(jitter)
    for _ in range(6):
        x, y, far_x, far_y = random.integers(0, 9000, 4)
        match = register(
            picture(monolayer(x, y, jitter)), picture(monolayer(far_x + 20_000, far_y, jitter))
        )
        assert match.possible
        assert not match.proven


def test_red_cells_that_lie_as_they_fell_are_told_apart():
    first, second = picture(monolayer(500, 700, 20)), picture(monolayer(700, 800, 20))
    match = register(first, second)
    assert match.proven
    assert np.array(match.shift_px) / SCALE == pytest.approx((200, 100), abs=2)


@pytest.mark.parametrize("shift", [(530, 0), (0, 400), (-500, 100), (300, -300)])
def test_near_its_place_a_lesser_overlap_is_enough(shift):
    start = np.maximum(0, -np.array(shift))
    first, second = picture(window(0, *start)), picture(window(0, *(start + shift)))
    x, y = np.array(shift) * SCALE
    match = register_near(first, second, (x + 3, y - 2))
    assert match.overlap < 0.27
    assert match.proven
    assert match.shift_px == pytest.approx((x, y), abs=1)


def test_near_a_wrong_place_nothing_is_proven():
    first, second = picture(window(0, 500, 350)), picture(window(0, 700, 450))
    match = register_near(first, second, (-80.0, 40.0))
    assert match is None or not match.proven
    assert register_near(first, second, (250.0, 0.0)) is None


def test_sizes_may_differ():
    whole = picture_of(reduce(window(0, 300, 200), SCALE))
    part = picture_of(reduce(window(0, 400, 300, (400, 300)), SCALE))
    match = register(whole, part)
    assert match.proven
    assert np.array(match.shift_px) / SCALE == pytest.approx((100, 100), abs=2)


def test_real_fields_are_not_taken_for_one_another(shared_data):
    files = sorted((shared_data / "bccd" / "images").glob("*.jpg"))[::16]
    pictures = [picture(cv2.imread(str(file))[..., ::-1].copy()) for file in files]
    for one, other in combinations(pictures, 2):
        match = register(one, other)
        assert match is None or not match.proven


def test_real_fields_that_do_overlap_are_found(shared_data):
    """Two pairs of BCCD show one place of the slide: cell by cell the same, the stage moved between."""
    folder = shared_data / "bccd" / "images"
    for one, other in ((166, 193), (206, 278)):
        pair = [folder / f"BloodImage_{number:05d}.jpg" for number in (one, other)]
        match = register(*[picture(cv2.imread(str(file))[..., ::-1].copy()) for file in pair])
        assert match.proven
        assert match.agreement.block_ncc > 0.95
