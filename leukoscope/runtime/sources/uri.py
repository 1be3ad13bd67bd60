"""One grammar for sources: SCHEME://PATH?KEY=VALUE&..., or a plain path."""

import re
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from leukoscope.errors import InputError
from leukoscope.images.classes import STAGES
from leukoscope.images.decode import IMAGE_SUFFIXES
from leukoscope.runtime.sources.folder import FolderSource, find_images
from leukoscope.runtime.sources.source import Source
from leukoscope.runtime.sources.synthetic import MAX_FIELDS, MAX_SEED, SyntheticSource
from leukoscope.runtime.sources.video import VideoSource

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
LATER = ("v4l2", "csi", "rtsp", "watch")
SYNTHETIC_KEYS = ("stage", "fields", "seed")
GRAMMAR = "an image, a folder, a glob, a video file or synthetic://?stage=early&fields=200&seed=1"


@dataclass(frozen=True)
class SyntheticRequest:
    """What a synthetic:// URI asks for; no stage means all four in turn."""

    stage: str | None
    fields: int
    seed: int


def open_source(text: str) -> Source:
    """The source that `text` names; InputError in one line for anything else."""
    scheme = SCHEME.match(text)
    if scheme is None:
        return _open_path(text)
    name = scheme.group(1).lower()
    if name == "synthetic":
        request = parse_synthetic(text)
        return SyntheticSource(text, request.stage, request.fields, request.seed)
    if name in LATER:
        raise InputError(
            f"{name}:// sources come with a later version of leukoscope", wanted=GRAMMAR
        )
    raise InputError(f"unknown source {name}://", wanted=GRAMMAR)


def parse_synthetic(text: str) -> SyntheticRequest:
    """synthetic://?stage=early&fields=200&seed=1, all keys optional; InputError names the wrong part."""
    try:
        parts = urlsplit(text)
        pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError as error:
        raise InputError(f"{text!r} is no URI: {error}", wanted=GRAMMAR) from None
    if parts.netloc or parts.path.strip("/") or parts.fragment:
        raise InputError(f"synthetic:// takes no path or fragment: {text!r}", wanted=GRAMMAR)
    values = _unique(pairs)
    return SyntheticRequest(
        stage=_stage(values.get("stage")),
        fields=_integer("fields", values.get("fields", str(len(STAGES))), 1, MAX_FIELDS),
        seed=_integer("seed", values.get("seed", "0"), 0, MAX_SEED),
    )


def _unique(pairs: list[tuple[str, str]]) -> dict[str, str]:
    values: dict[str, str] = {}
    for key, value in pairs:
        name = key.lower()
        if name not in SYNTHETIC_KEYS:
            raise InputError(
                f"synthetic:// has no key {key[:40]!r}",
                wanted=f"any of {', '.join(SYNTHETIC_KEYS)}",
            )
        if name in values:
            raise InputError(f"synthetic:// names {name} twice")
        values[name] = value
    return values


def _stage(value: str | None) -> str | None:
    if value is None:
        return None
    stages = {stage.lower(): stage for stage in STAGES}
    if value.lower() not in stages:
        raise InputError(
            f"synthetic:// has no stage {value[:40]!r}", wanted=f"any of {', '.join(stages)}"
        )
    return stages[value.lower()]


def _integer(key: str, value: str, low: int, high: int) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 20 and low <= int(value) <= high):
        raise InputError(f"synthetic:// has {key}={value[:40]!r}", wanted=f"{low} to {high}")
    return int(value)


def _open_path(text: str) -> Source:
    path = Path(text)
    if path.is_dir():
        return FolderSource(path, find_images(path))
    if path.exists():
        if path.suffix.lower() in IMAGE_SUFFIXES:
            return FolderSource(path.parent, [path])
        return VideoSource(path)
    if any(character in text for character in "*?["):
        return _open_glob(text)
    raise InputError(f"no such file or folder: {text}", wanted=GRAMMAR)


def _open_glob(text: str) -> FolderSource:
    found = glob(text, recursive=True)  # noqa: PTH207 (Path.glob takes no absolute pattern)
    images = [
        path
        for path in map(Path, sorted(found))
        if path.is_file() and path.suffix.lower() in IMAGE_SUFFIXES
    ]
    if not images:
        raise InputError(f"no image matches {text}", wanted=GRAMMAR)
    return FolderSource(_root_of(images), images)


def _root_of(paths: list[Path]) -> Path:
    """The deepest folder that holds them all."""
    parents = [path.parent for path in paths]
    root = parents[0]
    while not all(parent.is_relative_to(root) for parent in parents):
        root = root.parent
    return root
