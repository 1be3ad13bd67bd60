import numpy as np

from leukoscope.runtime.sources.slide_path import FOCUSED, LEFT, SlidePath, Stop, draw_path
from leukoscope.runtime.sources.slide_request import SlideRequest
from leukoscope.runtime.sources.slide_shots import FOCUSING_S, OPEN_SHARE, draw_moments

REQUEST = SlideRequest(stops=2, dwell_s=1.0)
A, B = (100.0, 100.0), (480.0, 120.0)


def moments_of(*stops):
    return draw_moments(REQUEST, SlidePath(stops, (1300, 800)))


def at(moments, stop):
    return [moment for moment in moments if moment.stop == stop]


def test_the_stage_stays_travels_and_stays():
    stops = [moment.stop for moment in moments_of(Stop(A), Stop(B))]
    first, last = stops.index(None), len(stops) - stops[::-1].index(None)
    assert set(stops[:first]) == {0} and set(stops[last:]) == {1}
    assert set(stops[first:last]) == {None}
    # 0.7 to 1.3 s at 30 frames a second, and 381 px at 2.5 fields a second.
    assert 21 <= first <= 39 and 21 <= len(stops) - last <= 39 and last - first == 7


def test_while_it_travels_the_field_is_smeared_and_the_way_adds_up():
    moments = moments_of(Stop(A), Stop(B))
    way = [moment for moment in moments if moment.stop is None]
    x = [moment.shot.corner_px[0] for moment in way]
    assert A[0] < x[0] and x[-1] < B[0] and (np.diff(x) > 0).all()
    smear = sum(moment.shot.travel_px[0] for moment in way)
    assert abs(smear - OPEN_SHARE * (B[0] - A[0])) < 8
    assert max(moment.shot.travel_px[0] for moment in way) > 15
    assert not any(moment.still for moment in way)


def test_a_stop_shivers_and_then_rests():
    stay = at(moments_of(Stop(A)), 0)
    off = [np.hypot(*np.subtract(moment.shot.corner_px, A)) for moment in stay]
    assert 0.5 < max(off[:4]) < 5 and max(off[-5:]) < 0.05
    assert stay[-1].still and sum(moment.still for moment in stay) > len(stay) / 2


def test_an_operator_focuses_or_does_not():
    focused, left = Stop(A, focus=FOCUSED, defocus_px=5.0), Stop(B, focus=LEFT, defocus_px=4.0)
    moments = moments_of(focused, left)
    first = [moment.shot.defocus_px for moment in at(moments, 0)]
    assert first[0] > 4 and first == sorted(first, reverse=True) and first[-1] < 0.4
    count = round(FOCUSING_S * REQUEST.rate_hz)
    assert len(first) >= count + 21 and not any(m.still for m in at(moments, 0)[: count - 2])
    assert {moment.shot.defocus_px for moment in at(moments, 1)} == {4.0}
    assert not any(moment.still for moment in at(moments, 1))
    between = [moment.shot.defocus_px for moment in moments if moment.stop is None]
    assert between == sorted(between) and 0 < between[0] < between[-1] < 4


def test_exposure_wanders_a_little():
    exposures = [m.shot.exposure for m in draw_moments(SlideRequest(), draw_path(SlideRequest()))]
    assert 0.97 <= min(exposures) < 0.995 and 1.005 < max(exposures) <= 1.03
    assert np.abs(np.diff(exposures)).max() < 0.03


def test_a_slower_camera_sees_fewer_frames_of_the_same_path():
    path = draw_path(SlideRequest())
    fast, slow = (len(draw_moments(SlideRequest(rate_hz=r), path)) for r in (30.0, 10.0))
    assert 2.4 < fast / slow < 3.4
