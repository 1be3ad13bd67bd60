"""What a session says of itself before its first field."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leukoscope.errors import InputError
from leukoscope.runtime.sources.redact import redact

MAX_SLIDE_CHARACTERS = 200
DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class SessionAbout:
    """One run. Whatever in it looks like a source loses its credentials before it is stored."""

    bundle_sha256: str
    """Of the bundle's `manifest.json`, which names the hashes of all other files."""
    slide: str
    """As the operator typed it; empty where nobody did."""
    source: str
    settings: Mapping[str, Any]
    """The run's resolved settings; what JSON does not know is stored as its text."""
    device: str
    """What computes, in words: backend, precision, processor."""
    stages: tuple[str, ...] = ()
    cell_types: tuple[str, ...] = ()
    models: Mapping[str, Any] = field(default_factory=dict)
    """What judges, as the bundle says of itself: see `docs/journal.md`."""
    live: bool = False
    """Whether fields' names are unique within this session only, as a camera's. Otherwise the same name of the
    same source is the same field in every session."""

    def __post_init__(self) -> None:
        if len(self.slide) > MAX_SLIDE_CHARACTERS or not (self.slide + " ").isprintable():
            raise InputError(
                f"the slide's name {self.slide[:40]!r} does not do",
                wanted=f"at most {MAX_SLIDE_CHARACTERS} characters on one line",
                next_step="give --slide another one",
            )
        if not DIGEST.fullmatch(self.bundle_sha256):
            raise ValueError("bundle_sha256 is no SHA-256 of 64 lower-case hexadecimal digits")

    def settings_json(self) -> str:
        """The settings with their keys in order, without credentials."""
        return json.dumps(_without_credentials(self.settings), sort_keys=True)


def _without_credentials(value: Any) -> Any:
    """What JSON knows, to any depth; the rest as its text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): _without_credentials(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_credentials(one) for one in value]
    return redact(str(value))
