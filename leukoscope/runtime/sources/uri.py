"""Opening a source by its URI or path. The grammar is in `grammar.py`, each scheme's keys are in its own file."""

from collections.abc import Callable
from glob import glob
from math import isfinite
from pathlib import Path

from leukoscope.errors import InputError
from leukoscope.images.decode import IMAGE_SUFFIXES
from leukoscope.runtime.sources.csi import CsiSource, parse_csi
from leukoscope.runtime.sources.folder import FolderSource, find_images
from leukoscope.runtime.sources.grammar import GRAMMAR, MAX_TEXT, SHOWN, scheme_of, split_address
from leukoscope.runtime.sources.redact import redact
from leukoscope.runtime.sources.rtsp import RtspSource, parse_rtsp
from leukoscope.runtime.sources.source import Source
from leukoscope.runtime.sources.synthetic import SyntheticRequest, SyntheticSource, parse_synthetic
from leukoscope.runtime.sources.v4l2 import V4l2Source, parse_v4l2
from leukoscope.runtime.sources.video import VideoSource
from leukoscope.runtime.sources.watch import WatchSource, parse_watch

__all__ = ["SyntheticRequest", "open_source", "parse_synthetic"]

Opener = Callable[[str, float | None], Source]


def open_source(text: str, *, max_outage_s: float | None = None) -> Source:
    """The source that `text` names; InputError in one line for anything else, never with a credential.

    `max_outage_s`: after so many seconds without a picture a source that can be lost ends with a fault; None: it is
    tried for ever. Files take no notice of it. MachineError where this machine lacks what the source needs.
    """
    if max_outage_s is not None and not (isfinite(max_outage_s) and max_outage_s > 0):
        raise InputError(f"an outage of {max_outage_s} s", wanted="more than 0 seconds")
    if not text.strip():
        raise InputError("SOURCE is empty", wanted=GRAMMAR)
    scheme = scheme_of(text)
    if scheme is None:
        return _open_path(text)
    if scheme not in OPENERS:
        raise InputError(f"unknown source {scheme[:SHOWN]}://", wanted=GRAMMAR)
    return OPENERS[scheme](text, max_outage_s)


def _open_synthetic(text: str, max_outage_s: float | None) -> Source:
    if split_address(text).authority.lower() == "slide":
        from leukoscope.runtime.sources.slide import open_slide

        return open_slide(text)
    request = parse_synthetic(text)
    return SyntheticSource(text, request.stage, request.fields, request.seed)


def _open_rtsp(text: str, max_outage_s: float | None) -> Source:
    return RtspSource(parse_rtsp(text), max_outage_s=max_outage_s)


OPENERS: dict[str, Opener] = {
    "v4l2": lambda text, outage: V4l2Source(parse_v4l2(text), max_outage_s=outage),
    "csi": lambda text, outage: CsiSource(parse_csi(text), max_outage_s=outage),
    "rtsp": _open_rtsp,
    "rtsps": _open_rtsp,
    "watch": lambda text, outage: WatchSource(parse_watch(text), max_outage_s=outage),
    "synthetic": _open_synthetic,
}


def _open_path(text: str) -> Source:
    path = Path(text)
    if len(text) > MAX_TEXT or "\0" in text:
        raise InputError(f"no such file or folder: {redact(text)[:SHOWN]!r}", wanted=GRAMMAR)
    if path.is_dir():
        return FolderSource(path, find_images(path))
    if path.exists():
        if path.suffix.lower() in IMAGE_SUFFIXES:
            return FolderSource(path.parent, [path])
        return VideoSource(path)
    if any(character in text for character in "*?["):
        return _open_glob(text)
    raise InputError(f"no such file or folder: {redact(text)}", wanted=GRAMMAR)


def _open_glob(text: str) -> FolderSource:
    found = glob(text, recursive=True)  # noqa: PTH207 (Path.glob takes no absolute pattern)
    images = [
        path
        for path in map(Path, sorted(found))
        if path.is_file() and path.suffix.lower() in IMAGE_SUFFIXES
    ]
    if not images:
        raise InputError(f"no image matches {redact(text)}", wanted=GRAMMAR)
    return FolderSource(_root_of(images), images)


def _root_of(paths: list[Path]) -> Path:
    """The deepest folder that holds them all."""
    parents = [path.parent for path in paths]
    root = parents[0]
    while not all(parent.is_relative_to(root) for parent in parents):
        root = root.parent
    return root
