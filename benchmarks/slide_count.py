"""White cells counted on virtual slides against those that are there: `python benchmarks/slide_count.py BUNDLE -o OUT`.

By the path that `leukoscope run` takes: source, choice of fields, scale, networks, map of the slide. `--way`: `stage` (the frames of
the moving stage as they come), `video` (the same, from an mp4), `folder` (one picture a stop, all taken). Writes OUT/slide_count.json and
OUT/slide_count.md with the densities of each slide. docs/virtual-slide.md says what is painted. Research use only.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from measure.command import NOTICE, SCHEMA, opened_bundle, run
from measure.slide_match import FoundField, figures, match

from leukoscope.bundle.read import Bundle
from leukoscope.cli.console import print_line, progress, say
from leukoscope.errors import InputError
from leukoscope.images.classes import STAGES
from leukoscope.progress import Progress
from leukoscope.runtime.cpu import instruction_set
from leukoscope.runtime.field import Frame, Result
from leukoscope.runtime.pipeline import Pipeline, open_pipeline
from leukoscope.runtime.session import open_session
from leukoscope.runtime.settings import Settings
from leukoscope.runtime.sources.slide import SlideSource, open_slide
from leukoscope.runtime.sources.slide_record import record_slide
from leukoscope.runtime.sources.slide_truth import SlideTruth
from leukoscope.runtime.sources.source import Source
from leukoscope.runtime.sources.uri import open_source
from leukoscope.runtime.stream import stream
from leukoscope.runtime.wishes import Wishes

WAYS = ("stage", "video", "folder")
COLUMNS = (
    "true", "counted", "deviation", "missed", "twice", "two_in_one", "no_cell", "counted_cut",
    "possible_repeats", "recall_in_fields", "precision_in_fields",
)  # fmt: skip


@dataclass
class Matches:
    """A sink that keeps what each field counted, not the field."""

    truth: SlideTruth
    frame_of: Callable[[Frame], int]
    """The frame's number along the path."""
    fields: list[FoundField] = field(default_factory=list)

    def __enter__(self) -> "Matches":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def write(self, result: Result) -> None:
        """See `Sink.write`."""
        self.fields.append(match(self.truth, result, self.frame_of(result.frame)))


@dataclass(frozen=True)
class Work:
    """What is the same for all slides."""

    bundle: Bundle
    pipeline: Pipeline
    um_per_px: str
    progress: Progress


def main() -> None:
    """Measures and writes."""
    wanted = _arguments()
    rows = []
    with _opened(wanted) as work:
        for way in wanted.way:
            for text in _texts(wanted):
                rows.append(_row(work, text, way))
                say(_line(rows[-1]))
    wanted.output.mkdir(parents=True, exist_ok=True)
    value = {
        "schema": SCHEMA,
        "notice": NOTICE,
        "tool": "benchmarks/slide_count.py",
        "cpu": instruction_set(),
        "um_per_px": wanted.um_per_px,
        "totals": {way: _totals([row for row in rows if row["way"] == way]) for way in wanted.way},
        "slides": rows,
    }
    text = json.dumps(value, indent=1, allow_nan=False)
    (wanted.output / "slide_count.json").write_text(text + "\n", encoding="utf-8")
    (wanted.output / "slide_count.md").write_text(_page(rows), encoding="utf-8")
    for way, totals in value["totals"].items():
        print_line(f"{way}: {json.dumps(totals)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path, help="a bundle's folder, or a .zip of one")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for the results")
    parser.add_argument("--stages", nargs="+", default=[stage.lower() for stage in STAGES])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--stops", type=int, default=40)
    parser.add_argument("--way", nargs="+", choices=WAYS, default=["stage"])
    parser.add_argument(
        "--keys", default="", help="more keys of the slide: 'touching=0.4&clumps=1'"
    )
    parser.add_argument(
        "--um-per-px", choices=("given", "estimated"), default="estimated",
        help="the painter's own, as --um-per-px gives it, or by the red cells",
    )  # fmt: skip
    parser.add_argument("--precision")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


@contextmanager
def _opened(wanted: argparse.Namespace) -> Iterator[Work]:
    with opened_bundle(wanted.bundle) as bundle, progress() as shown:
        settings = Settings(threads=wanted.threads, precision=wanted.precision)
        pipeline = open_pipeline(bundle, settings, shared=True)
        yield Work(bundle, pipeline, wanted.um_per_px, shown)


def _texts(wanted: argparse.Namespace) -> Iterator[str]:
    more = f"&{wanted.keys}" if wanted.keys else ""
    for seed in wanted.seeds:
        for stage in wanted.stages:
            yield f"synthetic://slide?stage={stage}&seed={seed}&stops={wanted.stops}{more}"


def _row(work: Work, text: str, way: str) -> dict[str, Any]:
    """One slide: what is there, what was counted."""
    slide = open_slide(text)
    with tempfile.TemporaryDirectory() as scratch:
        source, frame_of = _source(slide, way, Path(scratch))
        found = Matches(slide.truth, frame_of)
        scale = 1 / slide.slide.px_per_um if work.um_per_px == "given" else None
        wishes = Wishes("all" if way == "folder" else "latest", scale, slide="virtual")
        began = time.perf_counter()
        with open_session(work.bundle, work.pipeline, source, text, wishes, {}) as session:
            tally = stream(
                source, work.pipeline, [found], rules=session.rules, record=session.record,
                progress=work.progress,
            )  # fmt: skip
        seconds = time.perf_counter() - began
    truth = slide.truth
    return {
        "slide": text,
        "way": way,
        "painted": asdict(slide.slide.found),
        "stops": len(truth.stops),
        "stops_out_of_focus": len(truth.stops) - len(truth.sharpest()),
        "drops": tally.drops,
        "shown_to_the_user": tally.white_cells,
        **figures(truth, found.fields),
        "on_whole_slide": len(slide.slide.cells),
        "seconds": round(seconds, 1),
    }


def _source(slide: SlideSource, way: str, scratch: Path) -> tuple[Source, Callable[[Frame], int]]:
    """The source, and how its frames are numbered along the path."""
    if way == "stage":
        return slide, lambda frame: frame.index
    if way == "video":
        record_slide(slide, scratch / "slide.mp4", every_frame=True)
        return open_source(str(scratch / "slide.mp4")), lambda frame: frame.index
    truth = json.loads(record_slide(slide, scratch / "slide").read_text(encoding="utf-8"))
    numbers = {Path(one["name"]).stem: int(one["frame"]) for one in truth["frames"]}
    return open_source(str(scratch / "slide")), lambda frame: numbers[frame.name]


def _totals(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Over all slides; the deviations of single slides beside it, for they may cancel out."""
    summed = {
        key: sum(row[key] for row in rows) for key in COLUMNS if isinstance(rows[0][key], int)
    }
    true = summed["true"]
    if not true:
        raise InputError("no white cell on any of the slides")
    worst = max((row["deviation"] or 0.0 for row in rows), key=abs)
    return {
        **summed,
        "deviation": round(summed["counted"] / true - 1, 4),
        "worst_deviation": worst,
        "slides_within_2_percent": sum(abs(row["deviation"] or 0.0) <= 0.02 for row in rows),
        "slides": len(rows),
    }


def _page(rows: Sequence[dict[str, Any]]) -> str:
    """A table of all slides."""
    heads = ["slide", "way", "touching", "overlapped", "clumps per mm2", *COLUMNS]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for row in rows:
        painted = row["painted"]
        per_mm2 = painted["clumps"] / painted["area_mm2"]
        shares = [painted["touching_share"], painted["overlapped_share"]]
        cells = [
            row["slide"].split("?")[1],
            row["way"],
            *(f"{s:.0%}" for s in shares),
            f"{per_mm2:.0f}",
        ]
        lines.append(f"| {' | '.join([*cells, *(str(row[key]) for key in COLUMNS)])} |")
    return "\n".join([*lines, "", "Research use only.", ""])


def _line(row: dict[str, Any]) -> str:
    shown = ", ".join(f"{key} {row[key]}" for key in COLUMNS)
    return f"{row['slide']} ({row['way']}, {row['seconds']} s): {shown}"


if __name__ == "__main__":
    run(main)
