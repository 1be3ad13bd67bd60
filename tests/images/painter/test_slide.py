import numpy as np
import pytest

from leukoscope.errors import InputError
from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.images.painter import slide_piece
from leukoscope.images.painter.field import paint_field
from leukoscope.images.painter.slide import MAX_PIXELS, paint_slide
from leukoscope.images.painter.slide_densities import Densities

SIZE = (1100, 700)


@pytest.fixture(scope="module")
def slide():
    return paint_slide("Pre", 4, SIZE, 60.0, densities=Densities(touching=0.4, clumps=2.0))


def test_the_truth_is_that_of_the_plane(slide):
    assert slide.size_px == SIZE and slide.instances.shape == slide.image.shape[:2]
    assert [cell.id for cell in slide.cells] == list(range(1, slide.instances.max() + 1))
    for cell in slide.cells:
        rows, columns = np.nonzero(slide.instances == cell.id)
        assert cell.area_px == rows.size
        assert cell.centre_px == pytest.approx((columns.mean(), rows.mean()))
        left, top = columns.min(), rows.min()
        box = (left, top, columns.max() - left + 1, rows.max() - top + 1)
        assert cell.box_px == box and cell.type in CELL_TYPES[:-1]


def test_white_cells_are_where_the_truth_has_them(slide):
    """Stained cells are darker than the ground, by far."""
    grey = slide.image.mean(2)
    ground = np.percentile(grey, 90)
    for cell in slide.cells:
        assert grey[slide.instances == cell.id].mean() < 0.8 * ground


def test_every_white_cell_lies_wholly_on_the_slide(slide):
    for plane in (slide.instances[[0, -1]], slide.instances[:, [0, -1]]):
        assert not plane.any()


def test_a_slide_is_the_same_in_whatever_pieces_it_is_painted(slide, monkeypatch):
    """Cells that lie across a border fit to the last grey level, blur and all; so do areas before hiding."""
    monkeypatch.setattr(slide_piece, "PIECE_PX", 173)
    again = paint_slide("Pre", 4, SIZE, 60.0, densities=Densities(touching=0.4, clumps=2.0))
    assert np.array_equal(again.instances, slide.instances)
    assert (again.cells, again.others) == (slide.cells, slide.others)
    off = np.abs(again.image.astype(int) - slide.image)
    assert off.max() <= 1 and (off > 0).mean() < 1e-4


def test_at_the_widest_blur_no_seam_shows(monkeypatch):
    whole = paint_slide("Early", 4, (420, 300), 390.0)
    monkeypatch.setattr(slide_piece, "PIECE_PX", 140)
    pieces = paint_slide("Early", 4, (420, 300), 390.0)
    assert np.abs(pieces.image.astype(int) - whole.image).max() <= 1


def test_the_stated_shares_touch_and_overlap():
    def found(touching, overlapping):
        densities = Densities(touching=touching, overlapping=overlapping)
        return paint_slide("Early", 5, (1500, 1100), 50.0, densities=densities).found

    none, touched, over = found(0.0, 0.5), found(0.4, 0.0), found(0.4, 1.0)
    assert none.touching_share == none.overlapped_share == 0
    assert touched.touching_share == pytest.approx(0.4, abs=0.08)
    assert over.touching_share == pytest.approx(0.4, abs=0.05)
    # Of a pair one lies over the other: about half of those that overlap are overlapped.
    assert over.overlapped_share > 0.15 > 2 * touched.overlapped_share


def test_cells_and_clumps_are_as_dense_as_asked():
    few = paint_slide("Early", 6, (1600, 1200), 60.0, densities=Densities(cells=2, clumps=0))
    many = paint_slide("Early", 6, (1600, 1200), 60.0, densities=Densities(cells=9, clumps=3))
    fields = few.found.area_mm2 / 0.007721
    assert few.found.white_cells == pytest.approx(2 * fields, abs=1)
    assert many.found.white_cells == pytest.approx(9 * fields, rel=0.05)
    assert few.found.clumps == 0 and many.found.clumps == pytest.approx(3 * fields, rel=0.35)
    assert many.found.clumps == len(many.clumps)
    assert many.found.white_cells_per_mm2 == pytest.approx(9 / 0.007721, rel=0.05)
    assert f"{len(many.cells)} white cells" in many.found.in_words()


def test_about_the_middle_of_a_clump_lie_several_platelets(slide):
    crowds = []
    for x, y in slide.clumps:
        away = [np.hypot(o.centre_px[0] - x, o.centre_px[1] - y) for o in slide.others]
        crowds.append(sum(a < 6 * slide.px_per_um for a in away))
    assert len(crowds) > 5 and np.median(crowds) >= 3


def test_the_stage_alone_decides_the_cells_and_the_seed_the_looks():
    stages = [paint_slide(stage, 7, (400, 300), 40.0) for stage in STAGES]
    grounds = {tuple(np.percentile(s.image, 90, axis=(0, 1)).round(-1)) for s in stages}
    assert len(grounds) == 1
    assert "blast" not in {cell.type for cell in stages[0].cells}
    assert all(any(cell.type == "blast" for cell in s.cells) for s in stages[1:])


def test_the_same_seed_paints_the_same_slide_and_another_does_not():
    one, again, other = (paint_slide("Pro", seed, (300, 200), 40.0) for seed in (1, 1, 2))
    assert np.array_equal(one.image, again.image)
    assert not np.array_equal(one.image, other.image)


def test_no_slide_shows_what_the_field_of_its_seed_shows():
    field, slide = paint_field("Pro", 3, (320, 240), 60.0), paint_slide("Pro", 3, (320, 240), 60.0)
    assert [c.box_px for c in field.cells] != [c.box_px for c in slide.cells]


@pytest.mark.parametrize(
    ("stage", "seed", "size", "cell"),
    [
        ("early", 1, (300, 300), 40.0),
        ("Early", -1, (300, 300), 40.0),
        ("Early", 1, (300, 100), 40.0),
        ("Early", 1, (10_000, MAX_PIXELS // 10_000 + 1), 40.0),
        ("Early", 1, (300, 300), 10.0),
        ("Early", 1, (300, 300), float("nan")),
    ],
)
def test_what_cannot_be_painted_is_refused(stage, seed, size, cell):
    with pytest.raises(InputError):
        paint_slide(stage, seed, size, cell)
