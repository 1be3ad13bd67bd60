"""A watched folder; the clock is turned by hand, one look at the folder a step."""

import os
import re
import shutil
import threading
from itertools import islice, pairwise
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted_camera import HandClock, S

from leukoscope.errors import InputError
from leukoscope.images.decode import read_image
from leukoscope.runtime.sources import watch
from leukoscope.runtime.sources.uri import open_source
from leukoscope.runtime.sources.watch import WatchRequest, WatchSource, parse_watch

STEP_S = 0.25


class Looks(HandClock):
    """Each wait is one step of time, before which the test does something; at the end it stops the source."""

    def __init__(self, *deeds):
        super().__init__()
        self.deeds, self.source = list(deeds), None

    def wait(self, changed, until_tick_ns):
        self.advance(STEP_S)
        if not self.deeds:
            self.source._stopped = True  # the lock is held
            return
        deed = self.deeds.pop(0)
        if deed is not None:
            deed()


@pytest.fixture
def folder(tmp_path, image_folder):
    image_folder("old.png")
    return tmp_path / "images"


def names(frames):
    """Without the time at which each file was written."""
    return [re.sub(r"_[a-z]+_[0-9]{13}(-[0-9]+)?$", "", frame.name) for frame in frames]


def run(folder, *deeds, max_outage_s=None, **request):
    """Frames, faults, events and the source, after each deed was done and a time of rest."""
    clock = Looks(*deeds, *[None] * 8)
    wanted = WatchRequest(folder, **request)
    source = clock.source = WatchSource(wanted, max_outage_s=max_outage_s, clock=clock)
    faults, events = [], []
    frames = list(source.frames(faults.append, events.append))
    seen, given_, dropped = source.books()
    assert seen == given_ + dropped and given_ == len(frames)
    return frames, faults, events, source


def test_new_images_become_fields_in_their_order(folder, image_folder):
    frames, faults, events, source = run(
        folder,
        lambda: image_folder("b.png", 1),
        lambda: image_folder("a.tif", 2),
        lambda: (folder / "notes.txt").write_text("no image"),
    )
    assert names(frames) == ["b", "a"] and [f.index for f in frames] == [0, 1]
    assert frames[0].source == str(folder / "b.png")
    assert np.array_equal(frames[0].pixels, read_image(folder / "b.png"))
    assert faults == [] and not source.live and source.total is None
    assert [event.state.value for event in events] == ["live", "ended"]
    assert source.drops() == {}


def test_what_is_there_is_taken_where_it_is_asked_for(folder):
    assert run(folder)[0] == []
    assert names(run(folder, existing=True)[0]) == ["old"]


def test_what_comes_between_opening_and_reading_is_not_lost(folder, image_folder):
    clock = Looks(*[None] * 8)
    source = clock.source = WatchSource(WatchRequest(folder), clock=clock)
    image_folder("early.png")
    assert names(source.frames(pytest.fail)) == ["early"]


def test_a_file_that_is_written_slowly_waits_until_it_is_whole(folder, image_folder, tmp_path):
    data = image_folder("../whole.png", 5, (200, 150)).read_bytes()
    parts = [data[k : k + len(data) // 6 + 1] for k in range(0, len(data), len(data) // 6 + 1)]

    def append(part):
        with (folder / "slow.png").open("ab") as file:
            file.write(part)

    frames, faults, _, source = run(folder, *[lambda p=part: append(p) for part in parts])
    assert names(frames) == ["slow"] and faults == [] and source.drops() == {}
    assert frames[0].size_px == (200, 150)


def test_a_writer_that_pauses_for_longer_than_the_settling_is_waited_for(folder, image_folder):
    data = image_folder("../whole.png", 5, (200, 150)).read_bytes()
    path = folder / "slow.png"
    frames, faults, _, _ = run(
        folder,
        lambda: path.write_bytes(data[:500]),
        *[None] * 20,
        lambda: path.write_bytes(data),
        settle_s=1,
    )
    assert [f.size_px for f in frames] == [(200, 150)] and faults == []


def test_a_file_that_never_becomes_readable_is_told_once(folder):
    frames, faults, _, source = run(
        folder, lambda: (folder / "bad.png").write_text("no image"), *[None] * 40, wait_s=5
    )
    assert frames == [] and source.drops() == {"unreadable": 1}
    (fault,) = faults
    assert "bad.png cannot be decoded" in str(fault)


def test_a_file_that_is_deleted_before_it_is_read_is_counted(folder, image_folder):
    frames, faults, _, source = run(
        folder, lambda: image_folder("gone.png"), None, (folder / "gone.png").unlink
    )
    assert frames == faults == [] and source.drops() == {"deleted": 1}


def test_a_file_that_waits_at_the_stop_is_counted(folder, image_folder):
    frames, _, _, source = run(folder, *[None] * 3, lambda: image_folder("late.png"), settle_s=30)
    assert frames == [] and source.drops() == {"stopped": 1}


def test_a_file_that_is_renamed_into_place_is_seen_and_hidden_ones_are_not(folder, image_folder):
    def write(name):
        image_folder(name, 3)

    frames, faults, _, _ = run(
        folder,
        lambda: write(".writing.png"),
        lambda: write("x.png.tmp.png"),
        lambda: (folder / ".writing.png").rename(folder / "done.png"),
        (folder / "folder.png").mkdir,
        lambda: (folder / "broken.png").symlink_to(folder / "nowhere"),
    )
    assert sorted(names(frames)) == ["done", "x.png.tmp"] and faults == []


def test_one_name_used_again_and_again_is_a_field_each_time(folder, image_folder):
    rest = [None] * 6
    frames, _, _, _ = run(
        folder,
        lambda: image_folder("now.png", 1),
        *rest,
        (folder / "now.png").unlink,
        None,
        lambda: image_folder("now.png", 2, (80, 60)),
        *rest,
    )
    assert [f.size_px for f in frames] == [(64, 48), (80, 60)]
    assert names(frames) == ["now", "now"] and frames[0].name != frames[1].name


def test_a_file_bears_the_same_name_in_the_next_session(folder, image_folder):
    """So that a journal knows it again: whatever else has come, and in whichever order it is read."""
    image_folder("old.tif")
    first = {f.source: f.name for f in run(folder, existing=True)[0]}
    (folder / "old.png").rename(folder / "away")
    frames = run(folder, lambda: (folder / "away").rename(folder / "old.png"), existing=True)[0]
    assert {f.source: f.name for f in frames} == first and len(first) == 2
    os.utime(folder / "old.png", ns=(1, 5 * 10**15))
    (other,) = (f for f in run(folder, existing=True)[0] if f.source.endswith("png"))
    assert other.name != first[other.source]


def test_a_folder_that_goes_and_comes_back(folder, image_folder):
    away = folder.with_name("away")
    frames, faults, events, _ = run(
        folder,
        lambda: image_folder("a.png"),
        *[None] * 6,
        lambda: folder.rename(away),
        *[None] * 6,
        lambda: away.rename(folder),
        lambda: image_folder("b.png"),
    )
    assert names(frames) == ["a", "b"] and faults == []
    assert [event.state.value for event in events] == ["live", "lost", "live", "ended"]


def test_a_folder_that_stays_away_ends_the_source(folder):
    frames, faults, events, _ = run(
        folder, lambda: shutil.rmtree(folder), *[None] * 60, max_outage_s=5
    )
    assert frames == [] and [event.state.value for event in events] == ["live", "lost", "ended"]
    (fault,) = faults
    assert "was gone for 5 s" in str(fault) and "--max-outage" in str(fault)


def test_a_second_reading_goes_on_where_the_first_ended(folder, image_folder):
    clock = Looks(*[None] * 30)
    source = clock.source = WatchSource(WatchRequest(folder, existing=True), clock=clock)
    assert names(islice(source.frames(pytest.fail), 1)) == ["old"]
    image_folder("new.png")
    assert names(source.frames(pytest.fail)) == ["new"]


def test_a_folder_that_takes_long_to_look_at_is_looked_at_more_rarely(folder, monkeypatch):
    clock = Looks(*[None] * 200)
    source = clock.source = WatchSource(WatchRequest(folder), clock=clock)
    looks = []

    def slow_scan(*how):
        clock.advance(1)
        looks.append(clock.tick_ns())
        return set(), {}

    monkeypatch.setattr(watch, "scan", slow_scan)
    assert list(source.frames(pytest.fail)) == []
    assert {b - a for a, b in pairwise(looks)} == {10 * S}


def test_a_stop_wakes_it_from_its_rest(folder):
    """The real clock: the rest between two looks is a minute."""
    source = WatchSource(WatchRequest(folder, interval_s=60))
    live = threading.Event()
    watching = threading.Thread(
        target=lambda: list(source.frames(pytest.fail, lambda _: live.set())), daemon=True
    )
    watching.start()
    assert live.wait(20)
    source.stop()
    watching.join(20)
    assert not watching.is_alive()
    assert list(source.frames(pytest.fail)) == [], "for good"


def test_a_request():
    text = "watch:///data/My%20smears?existing=YES&interval=0.5&settle=2&wait=60"
    assert parse_watch(text) == WatchRequest(Path("/data/My smears"), True, 0.5, 2.0, 60.0)
    assert parse_watch("watch:///data") == WatchRequest(Path("/data"))


@pytest.mark.parametrize(
    "text",
    ["watch://", "watch://data", "watch:///a#1", "watch:///a?existing=perhaps", "watch:///a?interval=0",
     "watch:///a?settle=61", "watch:///a?deep=yes", "watch:///a?settle=1&settle=1"],
)  # fmt: skip
def test_what_is_no_request(text):
    with pytest.raises(InputError):
        parse_watch(text)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30))
def test_any_folder_can_be_named(name):
    assert parse_watch("watch:///" + quote(name)).folder == Path("/" + name)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no such folder: .*/nowhere"):
        open_source(f"watch://{tmp_path}/nowhere")
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(InputError, match="no such folder"):
        open_source(f"watch://{tmp_path}/file")
