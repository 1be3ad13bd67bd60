"""A day at the microscope, accelerated: `python tests/soak/day.py --frames 50000`.

Half of the frames come from one camera that fails in every way, in one run of the stream that is never restarted; half from many short
runs: stages over virtual slides, recorded pictures and videos, painted fields, a journal that is gone on with. All go through the real stream into
journals on the disk; the networks are stand-ins that answer at once, but for `--real` fields through the bundle that the package ships.

Checked: every frame that was captured is in a journal, as a field or in a drop counter; memory does not grow over the second half; results of the
last tenth are as young as those of the first. Prints a JSON summary; exit code 1 if a check fails.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

import leukoscope
from leukoscope.bundle.read import open_bundle
from leukoscope.runtime.choose.chooser import open_chooser
from leukoscope.runtime.intake import Rules
from leukoscope.runtime.journal.about import SessionAbout
from leukoscope.runtime.journal.write import open_journal
from leukoscope.runtime.pipeline import open_pipeline
from leukoscope.runtime.record import SlideRecord
from leukoscope.runtime.scale_keeper import ScaleKeeper
from leukoscope.runtime.session import Wishes, open_session
from leukoscope.runtime.settings import Settings
from leukoscope.runtime.slide.map import SlideMap
from leukoscope.runtime.sources.uri import open_source
from leukoscope.runtime.stream import stream

sys.path.insert(0, str(Path(__file__).parent))
from soak_books import Ages, Books, Memory
from soak_camera import FaultyCamera
from soak_pipeline import quick_pipeline
from soak_slides import RATE_HZ, Recordings, SlidePool

READY = Path(leukoscope.__file__).parent / "ready" / "bundle.zip"
MAX_GROWTH_MB = 24.0
"""Over the second half of each part, by a line through what was looked at (single looks scatter by 10 MB): of 50,000 frames a leak
of one in a hundred shows, at 230 kB each."""
MAX_AGEING_MS = 500.0
"""The last tenth's median age above the first's: a stream that falls behind does so by seconds, a busy machine by less."""
PAGES = 200
"""Pictures on the map of the long run, so that it is full early; a run keeps 2000, by which it grows to 55 MB."""
PICTURES_BYTES = 2_000_000
LOOK_EVERY = 400


class Progress:
    """A line now and then."""

    def __init__(self, total: int) -> None:
        self._total, self._began, self._said = total, time.monotonic(), 0.0

    def at(self, frames: int, what: str) -> None:
        now = time.monotonic()
        if now - self._said >= 5:
            self._said = now
            rate = frames / max(now - self._began, 0.1)
            print(f"{frames} of {self._total} frames, {rate:.0f} a second: {what}", file=sys.stderr, flush=True)  # fmt: skip


class Day:
    """What all parts of the day share."""

    def __init__(self, folder: Path, frames: int, seed: int, slides: int, stops: int) -> None:
        self.folder, self.frames, self.seed = folder, frames, seed
        shutil.unpack_archive(READY, folder / "bundle")
        self.bundle = open_bundle(folder / "bundle")
        self.pool = SlidePool(seed, slides, stops)
        self.recordings = Recordings(self.pool, folder / "recorded")
        self.pipeline, self.books = quick_pipeline(), Books()
        self.progress = Progress(frames)

    def run(self, what, source, expected, frames=None, journal=None, pipeline=None, ages=None):
        """One run as the command makes it, into `journal` or a new one, and its books."""
        path = self.folder / "journal.db" if journal is None else journal
        pipeline = pipeline or self.pipeline
        wishes = Wishes(frames, slide="soak", journal=path, keep_pictures_mb=2)
        with open_session(self.bundle, pipeline, source, what, wishes, {}) as session:
            tally = stream(
                source, pipeline, [] if ages is None else [ages],
                rules=session.rules, record=session.record,
            )  # fmt: skip
        self.books.close(what, expected, tally, path)
        if journal is None:
            remove(path)


def remove(journal: Path) -> None:
    for path in journal.parent.glob(f"{journal.name}*"):
        path.unlink()


def camera_part(day: Day, frames: int, mean_frames: int) -> dict:
    """One run over one failing camera."""
    camera, memory = FaultyCamera(day.pool, day.seed, mean_frames), Memory()
    # By the path's own clock: a stop of half a second is over in a tenth here.
    chooser = open_chooser("latest", rate_hz=RATE_HZ)

    def choose(frame):
        camera.looked_at(frame)
        return chooser(frame)

    def stopped():
        if camera.grabbed >= memory_at[0]:
            memory.look(camera.grabbed)
            memory_at[0] += max(20, min(LOOK_EVERY, frames // 20))
            day.progress.at(camera.grabbed, f"camera, {camera.connections} connections")
        return camera.grabbed >= frames

    memory_at, ages, path = [0], Ages(), day.folder / "camera.db"
    about = SessionAbout("0" * 64, "soak", "scripted://camera", {}, "soak", live=True)
    rules = Rules(choose, chooser.close, chosen_only=True, scale=ScaleKeeper())
    with open_journal(path, about, keep_pictures_bytes=PICTURES_BYTES) as journal:
        record = SlideRecord(journal, SlideMap(max_pages=PAGES))
        tally = stream(
            camera.source, day.pipeline, [ages], rules=rules, record=record, stopped=stopped
        )
        camera.close()
    day.books.close("camera", camera.grabbed, tally, path)
    faults = {"connections": camera.connections, **camera.faults}
    return {"frames": camera.grabbed, "faults": faults, "memory": memory.summary(), "ages": ages.summary()}  # fmt: skip


def rounds_part(day: Day, frames: int) -> dict:
    """Short runs of every other kind, in rounds, so that every round is like the others."""
    memory, ages, number, done_before = Memory(), Ages(), 0, day.books.given
    while day.books.given - done_before < frames:
        one_round(day, number, ages)
        number += 1
        memory.look(day.books.given)
        day.progress.at(day.books.given, f"round {number}")
    return {"rounds": number, "memory": memory.summary(), "ages": ages.summary()}


def one_round(day: Day, number: int, ages: Ages) -> None:
    for path in (3 * number + 10, 3 * number + 11):
        stage = day.pool.source(path)
        day.run(f"stage {path}", stage, len(stage.truth.moments), ages=ages)
    live = day.pool.source(3 * number + 12, live=True)
    day.run(f"live stage {number}", live, len(live.truth.moments))
    pictures, again = day.recordings.pictures, day.folder / "again.db"
    for visit in ("once", "again"):
        folder = open_source(str(day.recordings.folder))
        day.run(f"pictures {visit}", folder, pictures + 1, "all", journal=again)
    remove(again)
    video = open_source(str(day.recordings.video))
    day.run("video", video, day.recordings.video_frames, "latest")
    fields = open_source(f"synthetic://?fields=1&seed={number}")
    day.run("painted field", fields, 1, "all")


def real_part(day: Day, fields: int) -> dict:
    """Virtual slides through the bundle that the package ships."""
    pipeline = open_pipeline(day.bundle, Settings(threads=1), shared=True)
    before, number, ages, memory = day.books.fields, 0, Ages(), Memory()
    while day.books.fields - before < fields:
        source = day.pool.source(5000 + number)
        day.run(f"real {number}", source, len(source.truth.moments), pipeline=pipeline, ages=ages)
        number += 1
        memory.look(day.books.given)
        day.progress.at(day.books.given, f"real bundle, {day.books.fields - before} fields")
    return {
        "fields": day.books.fields - before, "memory": memory.summary(), "ages": ages.summary()
    }  # fmt: skip


def soak(
    folder: Path,
    frames: int,
    seed: int = 1,
    real: int = 0,
    slides: int = 8,
    stops: int = 9,
    mean_frames: int = 150,
) -> dict:
    """The whole day; the summary names each check that failed in `failed`."""
    day, began = Day(folder, frames, seed, slides, stops), time.monotonic()
    parts = {"camera": camera_part(day, frames // 2, mean_frames)}
    parts["rounds"] = rounds_part(day, frames - day.books.given)
    if real:
        parts["real"] = real_part(day, real)
    return {
        "notice": "research use only",
        "frames_through_the_stream": day.books.given,
        "seed": seed,
        "seconds": round(time.monotonic() - began, 1),
        "books": day.books.summary(),
        **parts,
        "failed": failures(day.books, parts),
    }


def failures(books: Books, parts: dict) -> list[str]:
    failed = [f"not accounted for: {line}" for line in books.wrong[:20]]
    for name, part in parts.items():
        grown = part["memory"]["growth_of_second_half_mb"]
        if grown > MAX_GROWTH_MB:
            failed.append(f"{name}: memory grew by {grown} MB over the second half")
        ages = part["ages"]
        limit = ages["median_first_tenth_ms"] + MAX_AGEING_MS
        if ages["median_last_tenth_ms"] > limit:
            failed.append(f"{name}: results age, {ages}")
        if ages["least_ms"] < 0:
            failed.append(f"{name}: a result from the future, {ages}")
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", type=int, default=60, help="fields through the shipped bundle")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        summary = soak(Path(folder), wanted.frames, wanted.seed, wanted.real)
    print(json.dumps(summary, indent=1))
    return 1 if summary["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
