"""A run of the stream put together: what is asked of frames, and where results are recorded."""

import platform
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from leukoscope.bundle.manifest import MANIFEST
from leukoscope.bundle.read import Bundle
from leukoscope.errors import InputError
from leukoscope.images.hashes import sha256_of_file
from leukoscope.runtime.choose.chooser import open_chooser
from leukoscope.runtime.choose.profile import open_profile
from leukoscope.runtime.colour_watch import ColourWatch
from leukoscope.runtime.cpu import instruction_set
from leukoscope.runtime.differential import NOT_WHITE
from leukoscope.runtime.drift import open_drift
from leukoscope.runtime.engine import CELL_NETWORK, FIELD_NETWORK
from leukoscope.runtime.field import Frame
from leukoscope.runtime.intake import Rules
from leukoscope.runtime.journal.about import SessionAbout
from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.write import Journal, open_journal
from leukoscope.runtime.pipeline import Pipeline
from leukoscope.runtime.record import SlideRecord
from leukoscope.runtime.scale_keeper import ScaleKeeper
from leukoscope.runtime.slide.map import SlideMap
from leukoscope.runtime.slide.thumbnail import Remembered
from leukoscope.runtime.sources.slide import SlideSource
from leukoscope.runtime.sources.source import Source
from leukoscope.runtime.sources.synthetic import SyntheticSource
from leukoscope.runtime.trigger import open_trigger
from leukoscope.runtime.wishes import Wishes

MEGABYTE = 1_000_000
NETWORKS = (FIELD_NETWORK, CELL_NETWORK)


@dataclass(frozen=True)
class Session:
    """What `stream` needs beyond source, pipeline and sinks."""

    rules: Rules
    record: SlideRecord
    target: int | None = None
    """White cells after which it stops; those that the journal held before are not asked for again."""


@contextmanager
def open_session(
    bundle: Bundle,
    pipeline: Pipeline,
    source: Source,
    source_text: str,
    wishes: Wishes,
    settings: Mapping[str, Any],
    warn: Callable[[str], None] = lambda text: None,
) -> Iterator[Session]:
    """Opens the microscope's profile, the key, the journal and the map of the slide, and closes them.

    `source_text` without credentials; `warn` is told, in a line, what the operator should see to. A journal that is there already is gone on with. Raises InputError and
    UsageError as these do.
    """
    frames = wishes.frames or default_frames(source)
    with ExitStack() as open_parts:
        triggered = open_parts.enter_context(open_trigger()) if frames == "trigger" else None
        profile = open_profile(wishes.microscope) if wishes.microscope is not None else None
        chooser = open_chooser(
            frames, profile=profile, triggered=triggered, rate_hz=_recording_rate(source)
        )
        journal = _open_journal(bundle, pipeline, source, source_text, wishes, settings)
        if journal is not None:
            open_parts.enter_context(journal)
        slide_map = SlideMap() if is_one_slide(source, frames, wishes.slide) else None
        if journal is not None and slide_map is not None:
            slide_map.restore(_remembered(journal))
        rules = Rules(
            choose=chooser,
            last_missed=chooser.close,
            chosen_only=frames != "all",
            scale=ScaleKeeper(wishes.um_per_px),
            flags=_picture_flags(source, bundle, journal, warn),
            known=journal.known if journal is not None else lambda source, name: False,
        )
        record = SlideRecord(journal, slide_map)
        yield Session(rules, record, _target(wishes))
        record.close()
        if profile is not None:
            profile.save()


def _picture_flags(
    source: Source, bundle: Bundle, journal: Journal | None, warn: Callable[[str], None]
) -> Callable[[Frame], tuple[str, ...]]:
    """Nothing for a bundle that does not say which colours its networks know, nor for painted fields: no lamp, no stain."""
    painted = isinstance(source, SyntheticSource | SlideSource)
    drift = None if painted else open_drift(bundle)
    if drift is None:
        return lambda frame: ()

    def tell(text: str) -> None:
        warn(text)
        if journal is not None:
            journal.note(text)

    return ColourWatch(drift, tell)


def default_frames(source: Source) -> str:
    """Of a stage that moves under a camera one field a stop; of files all."""
    return "latest" if source.live or isinstance(source, SlideSource) else "all"


def is_one_slide(source: Source, frames: str, slide: str) -> bool:
    """Whether the fields lie on one slide: those of a camera or a film, or where the slide is named.

    The pictures of a folder may come from anywhere.
    """
    return bool(slide) or frames != "all" or source.rate_hz is not None


def _recording_rate(source: Source) -> float | None:
    return None if source.live else source.rate_hz


def _open_journal(
    bundle: Bundle,
    pipeline: Pipeline,
    source: Source,
    source_text: str,
    wishes: Wishes,
    settings: Mapping[str, Any],
) -> Journal | None:
    if wishes.journal is None:
        return None
    networks = bundle.manifest.networks
    classes = {name: networks[name].classes if name in networks else () for name in NETWORKS}
    about = SessionAbout(
        sha256_of_file(bundle.root / MANIFEST),
        wishes.slide,
        source_text,
        settings,
        _device(pipeline),
        classes[FIELD_NETWORK],
        classes[CELL_NETWORK],
        source.live,
    )
    limit = round(wishes.keep_pictures_mb * MEGABYTE)
    return open_journal(wishes.journal, about, keep_pictures_bytes=limit)


def _device(pipeline: Pipeline) -> str:
    engines = [
        f"{name} {engine.backend.precision} on {engine.backend.name}"
        for name, engine in pipeline.engines.items()
    ]
    return f"{', '.join(engines)}; {platform.machine()} {instruction_set()}"


def _target(wishes: Wishes) -> int | None:
    """What is left to be counted. InputError where the journal's white cells are enough already."""
    if wishes.count is None or wishes.journal is None:
        return wishes.count
    with read_journal(wishes.journal) as reader:
        cells = reader.summary().cells
    already = sum(count for name, count in cells.items() if name != NOT_WHITE)
    if already >= wishes.count:
        raise InputError(
            f"{wishes.journal} already holds {already} white cells",
            wanted=f"fewer than --count {wishes.count}",
            next_step="give a larger --count, or another journal",
        )
    return wishes.count - already


def _remembered(journal: Journal) -> Iterator[Remembered]:
    for field in journal.resume():
        yield Remembered(field.on_slide, field.boxes_px, field.thumbnail, field.size_px)
