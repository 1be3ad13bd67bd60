import numpy as np
import pytest
from walked_slide import (
    FIELD_PX,
    Camera,
    cell,
    cells_at,
    monolayer,
    root,
    walk,
    window,
)

from leukoscope.errors import UsageError
from leukoscope.images.opencv import cv2
from leukoscope.runtime.slide.map import SlideMap
from leukoscope.runtime.sources.slide import open_slide


def place(chart, seed, x, y, **more):
    return chart.place(window(seed, x, y), cells_at(seed, x, y)[0], **more)


def follow(chart, seed, corners, camera):
    """The cells shown, and for each of them the numbers that it got."""
    shown, places = {}, []
    for x, y in corners:
        cells, names = cells_at(seed, x, y)
        places.append(chart.place(camera(window(seed, x, y)), cells))
        for name, number in zip(names, places[-1].cell_numbers, strict=True):
            shown.setdefault(name, set()).add(number)
    return shown, places


@pytest.mark.parametrize("seed", range(4))
def test_every_cell_is_counted_once_on_a_long_walk_with_returns(seed):
    chart = SlideMap()
    shown, places = follow(chart, seed, walk(seed, 40), Camera(seed))
    assert chart.counted() == len(shown)
    numbers = [{root(chart, number) for number in given} for given in shown.values()]
    assert all(len(one) == 1 for one in numbers)
    assert len(set.union(*numbers)) == len(shown)
    assert all(one.certain for one in places)


def test_fields_lie_where_the_stage_was():
    chart, corners = SlideMap(), [(500, 300), (300, 200), (100, 400), (400, 600), (500, 310)]
    places = [place(chart, 0, *corner) for corner in corners]
    assert {one.island for one in places} == {1}
    for (x, y), one in zip(corners, places, strict=True):
        assert one.position_px == pytest.approx((x - 500, y - 300), abs=1.5)
        assert one.px_per_field_px == 1


def test_new_is_said_once():
    chart = SlideMap()
    first, again = place(chart, 0, 300, 300), place(chart, 0, 300, 300)
    assert all(first.new)
    assert not any(again.new)
    assert again.cell_numbers == first.cell_numbers == tuple(range(1, len(first.new) + 1))


def test_drift_is_bounded_by_all_neighbours():
    """Three rounds; every step's error would add up if each field were laid on the last one only."""
    chart, camera = SlideMap(), Camera(0)
    errors = []
    for turn in range(39):
        angle = turn * np.pi / 6.5
        x, y = int(480 + 400 * np.cos(angle)), int(360 + 340 * np.sin(angle))
        found = chart.place(camera(window(0, x, y)), []).position_px
        errors.append(np.hypot(found[0] + 880 - x, found[1] + 360 - y))
    assert max(errors) < 1.5


def test_fields_apart_are_islands_and_certain():
    chart = SlideMap()
    places = [place(chart, 0, 0, 0), place(chart, 0, 960, 720), place(chart, 1, 300, 300)]
    assert [one.island for one in places] == [1, 2, 3]
    assert all(one.certain and all(one.new) for one in places)


def test_a_field_between_joins_two_islands_and_their_common_cells():
    chart = SlideMap()
    corners = [(100, 300), (860, 300), (480, 300)]
    shown, places = follow(chart, 0, corners, lambda field: field)
    assert [one.island for one in places] == [1, 2, 1]
    assert places[2].joined == (2,)
    assert chart.counted() == len(shown)
    after = place(chart, 0, 860, 310)
    assert after.island == 1
    assert after.position_px == pytest.approx((760, 10), abs=1.5)


def test_cells_counted_on_both_islands_become_one():
    """The islands overlap by a strip too narrow to be looked for; the field between shows that they do."""
    width = FIELD_PX[0]
    chart, strip = SlideMap(), 60
    box = (width - strip + 5, 200, 50, 50)
    first = chart.place(window(0, 100, 300), [cell(*box)])
    second = chart.place(window(0, 100 + width - strip, 300), [cell(5, 200, 50, 50)])
    assert [first.island, second.island] == [1, 2]
    assert chart.counted() == 2
    joining = chart.place(window(0, 420, 300), [cell(box[0] - 320, 200, 50, 50)])
    assert joining.same_cells == ((2, 1),)
    assert joining.cell_numbers == (1,)
    assert joining.new == (False,)
    assert chart.counted() == 1
    assert dict(chart.merged) == {2: 1}
    assert place(chart, 0, 430, 310).island == 1


def test_a_return_after_a_long_path_is_recognised():
    chart = SlideMap()
    first = place(chart, 0, 300, 300)
    for seed in (1, 2, 3):
        for corner in ((0, 0), (960, 720)):
            place(chart, seed, *corner)
    back = place(chart, 0, 450, 420)
    assert back.island == first.island
    assert back.position_px == pytest.approx((150, 120), abs=1.5)


def test_one_field_fifty_times():
    chart = SlideMap()
    places = [place(chart, 2, 300, 300) for _ in range(50)]
    assert {one.cell_numbers for one in places} == {places[0].cell_numbers}
    assert chart.counted() == len(places[0].cell_numbers)
    assert max(np.abs(one.position_px).max() for one in places) < 0.5


def test_a_cut_cell_and_the_whole_one_are_one():
    chart = SlideMap()
    cut = chart.place(window(0, 300, 300), [cell(600, 200, 40, 80)])
    whole = chart.place(window(0, 500, 300), [cell(400, 200, 80, 80)])
    assert whole.cell_numbers == cut.cell_numbers


def test_touching_cells_that_one_field_took_for_one_are_two():
    for order in ("one first", "two first"):
        chart = SlideMap()
        one = [cell(300, 200, 150, 80)]
        two = [cell(100, 200, 80, 80), cell(170, 200, 80, 80)]
        fields = [(300, one), (500, two)]
        for x, cells in fields if order == "one first" else fields[::-1]:
            chart.place(window(0, x, 300), cells)
        chart.place(window(0, 300, 300), one)
        chart.place(window(0, 500, 300), two)
        assert chart.counted() == 2


def test_a_possible_repeat_is_flagged():
    """A monolayer so regular that it fits itself at many shifts: it may be the old place, and nobody can tell."""
    chart = SlideMap()
    assert chart.place(monolayer(0, 0, 6), []).certain
    again = chart.place(monolayer(100, 60, 6), [cell(10, 300, 80)])
    assert (again.island, again.certain, again.new) == (2, False, (True,))


def test_the_camera_doubles_its_size():
    chart = SlideMap()
    first = place(chart, 0, 300, 300, um_per_px=0.16)
    field = cv2.resize(window(0, 420, 360), (1280, 960))
    cells = [cell(*(2 * value for value in one.box_px)) for one in cells_at(0, 420, 360)[0]]
    for scale in (0.08, None):
        large = chart.place(field, cells, um_per_px=scale)
        assert large.island == 1
        assert large.px_per_field_px == pytest.approx(0.5)
        assert large.position_px == pytest.approx((120, 60), abs=1.5)
        assert large.certain
    shown = {*cells_at(0, 300, 300)[1], *cells_at(0, 420, 360)[1]}
    assert chart.counted() == len(shown)
    assert set(large.cell_numbers) & set(first.cell_numbers)


def test_the_camera_cuts_its_frame():
    chart = SlideMap()
    place(chart, 0, 300, 300, um_per_px=0.16)
    part = chart.place(window(0, 400, 350, (400, 300)), [], um_per_px=0.16)
    assert (part.island, part.px_per_field_px) == (1, 1)
    assert part.position_px == pytest.approx((100, 50), abs=1.5)


def test_another_size_that_fits_nowhere_is_an_island_that_may_be_a_repeat():
    chart = SlideMap()
    place(chart, 0, 300, 300)
    odd = chart.place(window(0, 300, 300, (600, 240)), [])
    other = chart.place(window(1, 0, 0, (700, 300)), [])
    assert odd.island in (1, 2)
    assert not other.certain
    assert other.px_per_field_px == 1


def test_what_was_forgotten_cannot_be_ruled_out():
    chart = SlideMap(max_pages=3)
    for corner in ((0, 0), (960, 0), (0, 720), (960, 720)):
        assert place(chart, 0, *corner).certain
    assert len(chart._cells.numbers) < chart.counted()
    assert not place(chart, 1, 300, 300).certain


def test_the_map_of_a_long_day_stays_small():
    chart = SlideMap(max_pages=4)
    for seed in (0, 1, 2, 3):
        for corner in ((0, 0), (960, 0), (0, 720), (960, 720)):
            place(chart, seed, *corner)
    assert len(chart._album) == len(chart._scales) == 4
    assert len(chart._cells.numbers) == sum(
        len(cells_at(3, x, y)[0]) for x in (0, 960) for y in (0, 720)
    )


def test_no_thumbnail_before_the_first_field():
    with pytest.raises(UsageError, match="no field"):
        SlideMap().thumbnail()


def test_the_thumbnail_is_a_small_picture():
    chart = SlideMap()
    place(chart, 0, 300, 300)
    assert len(chart.thumbnail()) < 20_000
    shown = cv2.imdecode(np.frombuffer(chart.thumbnail(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert shown.shape == (192, 256)


def test_the_field_is_not_written_to():
    field = window(0, 300, 300)
    field.flags.writeable = False
    before = field.copy()
    SlideMap().place(field, [])
    assert np.array_equal(field, before)


@pytest.mark.parametrize("seed", [0, 3])
def test_boxes_that_are_not_exact_are_still_one_cell(seed):
    """A segmentation's boxes differ from field to field: here each side by up to a tenth of the cell."""
    random, chart, shown = np.random.default_rng(seed), SlideMap(), set()
    for x, y in walk(seed, 25):
        cells, names = cells_at(seed, x, y)
        moved = [
            cell(*np.round(np.array(one.box_px) + random.uniform(-8, 8, 4)).astype(int).tolist())
            for one in cells
        ]
        chart.place(window(seed, x, y), moved)
        shown |= set(names)
    assert chart.counted() == len(shown)


@pytest.mark.parametrize(
    "text",
    [
        "stage=early&seed=1&stops=16",
        *(
            pytest.param(f"stage={stage}&seed={seed}&{more}", marks=pytest.mark.heavy)
            for seed, stage in ((2, "benign"), (3, "early"), (4, "pre"), (5, "pro"))
            for more in ("overlap=0.2-0.3", "touching=0.5&clumps=2&returns=0.3")
        ),
    ],
)
def test_the_virtual_slide_is_counted_exactly(text):
    """Painted and walked by others: touching, overlapping and cut cells, blur, clumps, return visits."""
    source = open_slide(f"synthetic://slide?{text}")
    truth, chart, (width, height) = source.truth, SlideMap(), source.truth.size_px
    frames, numbers = truth.one_a_stop(), {}
    for frame in frames:
        left, top = (round(value) for value in truth.corner_px(frame))
        plane = truth.slide.instances[max(0, top) : top + height, max(0, left) : left + width]
        cells, names = [], sorted(truth.seen(frame))
        for name in names:
            rows, columns = np.nonzero(plane == name)
            low = int(columns.min()), int(rows.min())
            cells.append(cell(*low, int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1))
        place = chart.place(source.shoot(frame), cells)
        for name, number in zip(names, place.cell_numbers, strict=True):
            numbers.setdefault(name, set()).add(number)
    assert chart.counted() == len(truth.unique(frames))
    assert all(len({root(chart, number) for number in each}) == 1 for each in numbers.values())
