"""Which sinks a run has."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from leukoscope.errors import UsageError
from leukoscope.runtime.sinks.jsonl import JsonLines
from leukoscope.runtime.sinks.maps import Maps
from leukoscope.runtime.sinks.masks import Masks
from leukoscope.runtime.sinks.overlays import Overlays
from leukoscope.runtime.sinks.sink import Sink
from leukoscope.runtime.sinks.video import Video


@dataclass(frozen=True)
class Outputs:
    """Where each sink writes; None where it is not wanted."""

    jsonl: Path | None = None
    overlays: Path | None = None
    video: Path | None = None
    masks: Path | None = None
    maps: Path | None = None

    def __post_init__(self) -> None:
        check_apart(self.named().values())

    def named(self) -> dict[str, Path]:
        """The paths that were given, by sink."""
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: path for name, path in given.items() if path is not None}

    def sinks(self, rate_hz: float | None = None) -> list[Sink]:
        """The sinks, not yet entered; `rate_hz` is the source's rhythm, for the video."""
        makers: dict[str, Callable[[Path], Sink]] = {
            "jsonl": JsonLines,
            "overlays": Overlays,
            "video": lambda path: Video(path, rate_hz),
            "masks": Masks,
            "maps": Maps,
        }
        return [makers[name](path) for name, path in self.named().items()]


def check_apart(paths: Iterable[Path]) -> None:
    """UsageError where two outputs of a run, its journal among them, would write to one place."""
    places = [path.resolve() for path in paths]
    if twice := [place for place in places if places.count(place) > 1]:
        raise UsageError(f"two outputs share {twice[0]}", wanted="a place for each")
