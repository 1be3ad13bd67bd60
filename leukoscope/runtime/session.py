"""A run of the stream put together: what is asked of frames, and where results are recorded."""

import platform
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from leukoscope.bundle.manifest import MANIFEST
from leukoscope.bundle.read import Bundle
from leukoscope.errors import InputError, LeukoscopeError, UsageError
from leukoscope.images.hashes import sha256_of_file
from leukoscope.runtime.acting_models import acting_models
from leukoscope.runtime.choose.chooser import open_chooser
from leukoscope.runtime.choose.profile import Profile, open_profile
from leukoscope.runtime.cpu import instruction_set
from leukoscope.runtime.differential import NOT_WHITE
from leukoscope.runtime.engine import CELL_NETWORK, FIELD_NETWORK
from leukoscope.runtime.intake import Rules
from leukoscope.runtime.journal.about import SessionAbout
from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.write import Journal, open_journal
from leukoscope.runtime.picture_flags import picture_flags
from leukoscope.runtime.pipeline import Pipeline
from leukoscope.runtime.record import SlideRecord
from leukoscope.runtime.scale_keeper import ScaleKeeper
from leukoscope.runtime.slide.map import SlideMap
from leukoscope.runtime.slide.thumbnail import Remembered
from leukoscope.runtime.sources.slide import SlideSource
from leukoscope.runtime.sources.source import Source
from leukoscope.runtime.sources.watch import WatchSource
from leukoscope.runtime.trigger import Trigger, open_trigger
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

    `source_text` without credentials; `warn` is told, in a line, what the operator should see to. A journal that is
    there already is gone on with. Raises InputError and UsageError as these do.
    """
    frames = wishes.frames or default_frames(source)
    _check_moves(source, frames)
    target = _target(wishes)
    with ExitStack() as open_parts:
        triggered = None
        if frames == "trigger":
            triggered = _asked(open_parts.enter_context(open_trigger()), warn)
        profile = open_profile(wishes.microscope) if wishes.microscope is not None else None
        chooser = open_chooser(
            frames, profile=profile, triggered=triggered, rate_hz=_recording_rate(source)
        )
        journal = _open_journal(bundle, pipeline, source, source_text, wishes, settings)
        if journal is not None:
            open_parts.enter_context(journal)
            _take_what_was_missed(source, source_text, wishes)
        slide_map = SlideMap() if is_one_slide(source, frames, wishes.slide) else None
        if journal is not None and slide_map is not None:
            slide_map.restore(_remembered(journal))
        contracts = [engine.contract for engine in pipeline.engines.values()]
        rules = Rules(
            choose=chooser,
            last_missed=chooser.close,
            chosen_only=frames != "all",
            scale=ScaleKeeper(wishes.um_per_px),
            flags=picture_flags(source, bundle, contracts, _told(journal, warn)),
            known=journal.known if journal is not None else lambda source, name: False,
        )
        record = SlideRecord(journal, slide_map)
        yield Session(rules, record, target)
        record.close()
        if profile is not None:
            _save(profile, warn)


def _told(journal: Journal | None, warn: Callable[[str], None]) -> Callable[[str], None]:
    """The operator and the journal."""

    def tell(text: str) -> None:
        warn(text)
        if journal is not None:
            journal.note(text)

    return tell


def _save(profile: Profile, warn: Callable[[str], None]) -> None:
    """The results are there already: a profile that cannot be kept is no reason to lose their summary."""
    try:
        profile.save()
    except LeukoscopeError as error:
        warn(f"the microscope's focus is not kept: {error}")


def _asked(trigger: Trigger, warn: Callable[[str], None]) -> Callable[[], bool]:
    """The key; says once that nobody can press it any more."""
    told = False

    def pressed() -> bool:
        nonlocal told
        if trigger():
            return True
        if trigger.ended.is_set() and not told:
            told = True
            warn("the key's input has ended: no further field will be taken")
        return False

    return pressed


def default_frames(source: Source) -> str:
    """Of a stage that moves under a camera one field a stop; of files all."""
    return "latest" if source.live or isinstance(source, SlideSource) else "all"


def _check_moves(source: Source, frames: str) -> None:
    """UsageError where fields are to be chosen among pictures that show no motion."""
    if frames != "all" and not source.live and source.rate_hz is None:
        raise UsageError(
            f"--frames {frames} with single pictures, of which none follows another",
            wanted="a camera, a video or a virtual slide",
            next_step="leave --frames out: every picture is a field",
        )


def _take_what_was_missed(source: Source, source_text: str, wishes: Wishes) -> None:
    """A watched folder that the journal knows: what was saved there meanwhile is judged too, what it holds is not."""
    if isinstance(source, WatchSource) and wishes.journal is not None:
        with read_journal(wishes.journal) as reader:
            earlier = [session.source for session in reader.summary().sessions[:-1]]
        if source_text in earlier:
            source.take_existing()


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
        acting_models(bundle, pipeline),
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
    if wishes.count is None or wishes.journal is None or not wishes.journal.exists():
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
