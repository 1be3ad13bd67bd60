import pytest

from leukoscope.runtime.slide.ruler import Ruler


def ruler_with(size, um=None, scale=0.4):
    ruler = Ruler()
    ruler.note(size, um, scale)
    return ruler


def scales(ruler, size, um=None):
    return [(round(p.picture_px_per_px, 4), p.comparable) for p in ruler.propose(size, um)]


@pytest.mark.parametrize(("size", "scale"), [((640, 480), 0.4), ((480, 640), 0.4), ((32, 32), 1)])
def test_the_first_field_sets_the_scale(size, scale):
    assert scales(Ruler(), size) == [(scale, True)]


@pytest.mark.parametrize("um", [None, 0.16, 0.15, 0.18])
def test_a_field_of_the_same_size_keeps_it_though_estimates_scatter(um):
    assert scales(ruler_with((640, 480), 0.16), (640, 480), um) == [(0.4, True)]


def test_an_estimate_far_off_is_tried_second():
    """Either the estimate failed or the lens was changed: registration decides."""
    assert scales(ruler_with((640, 480), 0.16), (640, 480), 0.08) == [(0.4, False), (0.2, False)]


def test_twice_the_pixels_of_half_the_size_are_the_same_view():
    assert scales(ruler_with((640, 480), 0.16), (1280, 960), 0.083) == [(0.2, True)]


def test_a_cut_of_the_same_scale():
    assert scales(ruler_with((640, 480), 0.16), (480, 360), 0.16) == [(0.4, True)]


def test_another_size_of_unknown_scale_is_only_supposed():
    assert scales(ruler_with((640, 480)), (1280, 960)) == [(0.2, False)]
    assert scales(ruler_with((640, 480)), (320, 240)) == [(0.8, False), (0.4, False)]
    assert scales(ruler_with((640, 480)), (600, 300)) == [(0.4, False)]


def test_what_cannot_lie_on_the_map_gets_a_scale_of_its_own():
    assert scales(ruler_with((640, 480), 0.16), (1920, 1080), 0.16) == [
        (round(256 / 1920, 4), False)
    ]


def test_a_size_seen_before_is_remembered():
    ruler = ruler_with((640, 480))
    ruler.note((1280, 960), None, 0.2)
    ruler.note((640, 480), 0.2, 0.4)
    assert scales(ruler, (1280, 960)) == [(0.2, True)]
