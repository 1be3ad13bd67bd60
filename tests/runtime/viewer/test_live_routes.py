import threading
import time
from dataclasses import replace

import cv2
import numpy as np
import pytest
from stand_ins import blob_field, by_trees, result_of
from viewer_made import PATIENCE_S, opened

from leukoscope.errors import InputError
from leukoscope.runtime.field import TreeMaps
from leukoscope.runtime.viewer import live_routes as module
from leukoscope.runtime.viewer.kept import KEPT


def read(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


def show(it, *indices, **how):
    for index in indices:
        it.viewer.board.show(result_of(blob_field(index=index), **how))


def test_the_state_comes_at_once_to_who_has_none(shown):
    show(shown, 0)
    got = shown.client.state()
    assert got["version"] == 1 and got["field"]["name"] == "blobs_0"


def test_who_has_the_newest_waits_for_the_next(shown, monkeypatch):
    monkeypatch.setattr(module, "POLL_S", PATIENCE_S)
    came = []
    thread = threading.Thread(target=lambda: came.append(shown.client.state(0)), daemon=True)
    thread.start()
    thread.join(0.3)
    assert thread.is_alive()
    show(shown, 0)
    thread.join(PATIENCE_S)
    assert came[0]["version"] == 1


def test_without_news_the_answer_comes_all_the_same(shown, monkeypatch):
    monkeypatch.setattr(module, "POLL_S", 0.05)
    assert shown.client.state(0)["version"] == 0


def test_a_version_of_an_earlier_run_is_answered_at_once(shown, monkeypatch):
    monkeypatch.setattr(module, "POLL_S", 2 * PATIENCE_S)
    assert shown.client.state(99)["version"] == 0


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "9" * 30, ""])
def test_a_version_that_is_none_is_refused(shown, after):
    assert shown.client.get(f"/state?after={after}").status == 400


def test_pictures_of_the_newest_fields_and_of_no_other(shown):
    show(shown, *range(KEPT + 1))
    sizes = {}
    for number in range(2, KEPT + 2):
        got = shown.client.get(f"/field/{number}/picture.jpg")
        assert got.status == 200 and got.headers["Content-Type"] == "image/jpeg"
        sizes[number] = read(got.body).shape
    assert set(sizes.values()) == {(160, 220, 3)}
    for number in (0, 1, KEPT + 2, "x", "-1", "9" * 5000, "1.0"):
        assert shown.client.get(f"/field/{number}/picture.jpg").status == 404
    mask = read(shown.client.get("/field/2/mask.png").body)
    assert mask.shape == (160, 220) and set(np.unique(mask)) == {0, 128, 255}


def test_a_picture_is_encoded_once_whoever_asks(shown, monkeypatch):
    calls = []
    real = module.picture_jpeg
    monkeypatch.setattr(module, "picture_jpeg", lambda result: calls.append(1) or real(result))
    show(shown, 0)
    assert calls == []  # nobody has asked
    threads = [
        threading.Thread(target=shown.client.get, args=("/field/1/picture.jpg",)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert calls == [1]


def test_the_maps_of_all_classes(shown):
    show(shown, 0)
    tops = {}
    for name in ("Benign", "Early", "Pre", "Pro"):
        got = shown.client.get(f"/field/1/heat/gradcam/{name}.png")
        assert got.status == 200 and "X-Even-Share" not in got.headers
        tops[name] = read(got.body).max()
    assert tops["Early"] > 200 and tops["Pro"] == 0


def test_an_unknown_field_class_or_method_is_refused(shown):
    show(shown, 0)
    for path in ("heat/gradcam/Nobody.png", "heat/trees/Early.png", "heat/lime/Early.png",
                 "heat/gradcam/Early.jpg", "heat/gradcam/.png", "heat/gradcam/..%2f..%2fx.png",
                 "picture.png", ""):  # fmt: skip
        got = shown.client.get(f"/field/1/{path}")
        assert got.status == 404 and set(got.json()) == {"error"}, path
    assert shown.client.get("/field/2/heat/gradcam/Early.png").status == 404


def test_without_a_mask_there_is_none(shown):
    show(shown, 0, with_cells=False)
    assert shown.client.get("/field/1/mask.png").status == 404


def with_feature_maps(result):
    reading = result.readings["xincept_all"]
    arrays = {**reading.arrays, "feature_maps": np.ones((8, 6, 6), np.float32)}
    return replace(result, readings={"xincept_all": replace(reading, arrays=arrays)})


def test_the_trees_maps_are_made_when_they_are_asked_for_and_once():
    calls = []

    def map_trees(reading):
        calls.append(reading.classes)
        maps = np.zeros((4, 6, 6), np.float32)
        maps[1, 2, 1], maps[1, 4, 4] = 0.9, -0.4
        return TreeMaps(maps, np.array([0, 0.25, 0, 0], np.float32))

    with opened(map_trees=map_trees) as it:
        it.viewer.board.show(with_feature_maps(result_of(blob_field())))
        assert it.client.state()["field"]["methods"] == ["gradcam", "trees"] and calls == []
        got = it.client.get("/field/1/heat/trees/Early.png")
        assert got.headers["X-Even-Share"] == "0.2500" and got.headers["X-Sum"] == "0.5000"
        picture = read(got.body)
        assert picture.min() < 100 and picture.max() == 255
        it.client.get("/field/1/heat/trees/Pro.png")
        assert len(calls) == 1


def test_the_trees_maps_of_the_run_itself_are_not_made_again():
    def map_trees(reading):
        raise AssertionError

    with opened(map_trees=map_trees) as it:
        it.viewer.board.show(by_trees(with_feature_maps(result_of(blob_field()))))
        got = it.client.get("/field/1/heat/trees/Early.png")
        assert got.status == 200 and got.headers["X-Even-Share"] == "0.1250"


def test_maps_that_cannot_be_made_are_one_line():
    def map_trees(reading):
        raise InputError("the graph gives no feature_maps")

    with opened(map_trees=map_trees) as it:
        it.viewer.board.show(with_feature_maps(result_of(blob_field())))
        got = it.client.get("/field/1/heat/trees/Early.png")
        assert (got.status, got.json()) == (409, {"error": "the graph gives no feature_maps"})


def test_whether_somebody_looks_is_known(shown):
    """Who fails waits for a page only where there is one."""
    from leukoscope.runtime.viewer.board import Board
    from leukoscope.runtime.viewer.live_routes import LiveRoutes

    live = LiveRoutes(Board(shown.viewer.board.about), shown.viewer.pause, None)
    assert not live.is_watched
    live._asked_s = time.monotonic()
    assert live.is_watched
