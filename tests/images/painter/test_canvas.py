import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.images.painter.canvas import blank, patch_about


def test_a_blank_canvas_has_the_fields_size():
    canvas = blank((30, 20))
    assert canvas.dyes.shape == (5, 20, 30) and canvas.mask.shape == (20, 30)
    assert not canvas.dyes.any() and not canvas.instances.any()


@given(st.floats(-50, 90), st.floats(-50, 90), st.floats(0.1, 30))
def test_a_patch_holds_the_reach_and_its_two_slices_agree(x, y, reach):
    patch = patch_about((x, y), reach)
    assert (patch.corner_px[0] + patch.centre_px[0], patch.corner_px[1] + patch.centre_px[1]) == (
        pytest.approx(x),
        pytest.approx(y),
    )
    assert min(patch.centre_px) >= reach and max(patch.centre_px) + reach <= patch.side_px
    meeting = patch.slices(40, 60)
    if meeting is None:
        assert x + reach < 0 or y + reach < 0 or x - reach > 60 or y - reach > 40
        return
    here, there = meeting
    for axis in range(2):
        assert here[axis].stop - here[axis].start == there[axis].stop - there[axis].start > 0
        assert here[axis].start - there[axis].start == patch.corner_px[1 - axis]
        assert here[axis].start >= 0 and here[axis].stop <= (40, 60)[axis]
