import hashlib

import numpy as np
import pytest

from leukoscope.errors import InputError
from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.images.painter.field import KINDS, paint_cell, paint_field, paint_field_of
from leukoscope.images.painter.stain import LABORATORIES

SMALL = (224, 224)
EXPECTED_TYPES = [
    "lymphocyte",
    "neutrophil",
    "neutrophil",
    "lymphocyte",
    "lymphocyte",
    "lymphocyte",
]
EXPECTED_BOXES = [
    (42, 65, 22, 23),
    (145, 93, 29, 30),
    (136, 64, 30, 30),
    (103, 41, 19, 19),
    (146, 167, 17, 18),
    (216, 8, 8, 20),
]


def box_of(plane):
    rows, columns = np.nonzero(plane)
    left, top = columns.min(), rows.min()
    return (left, top, columns.max() - left + 1, rows.max() - top + 1)


def assert_truth_agrees(field):
    assert field.mask.max() <= 2
    assert np.array_equal(field.mask > 0, field.instances > 0)
    assert set(np.unique(field.instances)) - {0} == set(range(1, len(field.cells) + 1))
    for number, cell in enumerate(field.cells, start=1):
        own = field.instances == number
        assert cell.box_px == box_of(own)
        assert cell.area_px == own.sum()
        assert cell.nucleus_area_px == (own & (field.mask == 2)).sum()
        assert cell.type in CELL_TYPES and cell.type != "other"
    for other in field.others:
        x, y, width, height = other.box_px
        assert other.type == "other" and 0 < other.area_px <= width * height
        assert x >= 0 and y >= 0
        assert x + width <= field.mask.shape[1] and y + height <= field.mask.shape[0]


@pytest.mark.parametrize("stage", STAGES)
def test_a_stages_field(stage):
    field = paint_field(stage, 3)
    assert field.image.shape == (480, 640, 3) and field.image.dtype == np.uint8
    assert field.mask.shape == field.instances.shape == (480, 640)
    assert (field.mask.dtype, field.instances.dtype) == (np.uint8, np.uint16)
    assert (field.stage, field.seed) == (stage, 3)
    assert 2 <= len(field.cells) <= 14
    assert_truth_agrees(field)


def test_truth_agrees_with_itself_on_many_fields():
    for seed in range(16):
        assert_truth_agrees(paint_field(STAGES[seed % 4], seed, SMALL))


def test_the_same_seed_paints_the_same_field():
    one, two = paint_field("Pro", 11), paint_field("Pro", 11)
    assert np.array_equal(one.image, two.image)
    assert np.array_equal(one.mask, two.mask) and np.array_equal(one.instances, two.instances)
    assert (one.cells, one.others) == (two.cells, two.others)
    assert not np.array_equal(one.image, paint_field("Pro", 12).image)


def test_the_cells_of_a_seed_stay_where_they_were():
    """The drawing order is a promise: a published seed must go on meaning the same cells."""
    cells = paint_field("Benign", 5, SMALL, 28.0).cells
    assert [cell.type for cell in cells] == EXPECTED_TYPES
    boxes = np.array([cell.box_px for cell in cells])
    assert np.abs(boxes - EXPECTED_BOXES).max() <= 1


def test_one_seed_looks_alike_in_every_stage():
    grounds = [np.percentile(paint_field(s, 8, SMALL).image, 90, axis=(0, 1)) for s in STAGES]
    assert np.ptp(grounds, axis=0).max() <= 4


def nearest_neighbour_accuracy(features, labels):
    scaled = (features - features.mean(0)) / features.std(0)
    distances = ((scaled[:, None] - scaled[None]) ** 2).sum(-1)
    np.fill_diagonal(distances, np.inf)
    return float((labels[distances.argmin(1)] == labels).mean())


def test_mean_colour_does_not_tell_the_stage():
    """Chance is 0.25; of 64 fields a share of 0.45 is nearly four standard errors off."""
    fields = [paint_field(STAGES[seed % 4], seed, (112, 112)) for seed in range(64)]
    colours = np.array([field.image.reshape(-1, 3).mean(0) for field in fields])
    assert nearest_neighbour_accuracy(colours, np.arange(64) % 4) < 0.45


def test_morphology_tells_the_stage():
    """What the four stages differ by, measured on the truth: size and the nucleus's share."""
    size, share = {}, {}
    for stage in STAGES:
        cells = [c for seed in range(6) for c in paint_field(stage, seed, SMALL, 28.0).cells]
        size[stage] = np.median([np.sqrt(c.area_px) for c in cells])
        share[stage] = np.median([c.nucleus_area_px / c.area_px for c in cells])
    assert size["Benign"] < size["Early"] < size["Pre"] < size["Pro"] * 1.1
    assert share["Early"] > share["Pro"] + 0.08 > share["Pre"] + 0.12


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (97, 41), (641, 35), (225, 223)])
def test_small_and_odd_sizes(size):
    for stage in ("Benign", "Pro"):
        field = paint_field(stage, 2, size)
        assert field.image.shape == (size[1], size[0], 3)
        assert_truth_agrees(field)


def test_white_cells_scale_with_white_cell_px():
    small, large = (
        np.median([np.sqrt(c.area_px) for s in range(4) for c in paint_field("Early", s, SMALL, w).cells])
        for w in (20.0, 40.0)
    )  # fmt: skip
    assert 1.7 < large / small < 2.3


@pytest.mark.parametrize("type", CELL_TYPES)
def test_one_cell_of_each_type(type):
    for seed in range(6):
        picture = paint_cell(type, seed, 120)
        assert_truth_agrees(picture)
        assert (picture.image.shape, picture.stage) == ((120, 120, 3), "")
        if type == "other":
            assert picture.cells == () and not picture.mask.any() and picture.others
        else:
            assert [cell.type for cell in picture.cells] == [type]
            assert picture.instances[60, 60] == 1 and (picture.mask == 2).any()


@pytest.mark.parametrize("type", CELL_TYPES)
def test_a_field_of_one_type(type):
    for seed in range(4):
        field = paint_field_of(type, seed, SMALL)
        assert_truth_agrees(field)
        assert {cell.type for cell in field.cells} == (set() if type == "other" else {type})
        assert field.others or type != "other"


def test_every_kind_of_every_type_is_drawn():
    assert set(KINDS) == set(CELL_TYPES) and all(KINDS.values())


def test_laboratories_differ_in_colour():
    means = [
        paint_cell("lymphocyte", 1, 64, laboratory=index).image.mean((0, 1))
        for index in range(len(LABORATORIES))
    ]
    assert min(np.abs(a - b).max() for i, a in enumerate(means) for b in means[:i]) > 5


@pytest.mark.parametrize(
    ("paint", "names"),
    [
        (lambda: paint_field("early", 1), "'early'.*Benign or Early"),
        (lambda: paint_field("", 1), "no stage"),
        (lambda: paint_cell("blood", 1, 64), "'blood'.*neutrophil"),
        (lambda: paint_field_of("Blast", 1), "'Blast'"),
        (lambda: paint_field("Pro", 1, (31, 64)), "31 x 64"),
        (lambda: paint_cell("blast", 1, 16), "16 x 16"),
        (lambda: paint_field("Pro", -1), "seed is -1"),
        (lambda: paint_field("Pro", 1, white_cell_px=0.0), "white cell"),
        (lambda: paint_field("Pro", 1, white_cell_px=float("nan")), "white cell"),
        (lambda: paint_field("Pro", 1, laboratory=99), "laboratory"),
    ],
)
def test_what_cannot_be_painted_is_named(paint, names):
    with pytest.raises(InputError, match=names):
        paint()


def test_painting_touches_no_global_state():
    np.random.seed(4)
    before = hashlib.sha256(str(np.random.get_state()).encode()).hexdigest()
    paint_field("Pre", 1, SMALL)
    assert hashlib.sha256(str(np.random.get_state()).encode()).hexdigest() == before
