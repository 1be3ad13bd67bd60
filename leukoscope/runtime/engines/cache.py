"""Where engines are kept: a folder of the user's own, because to load an engine is to run what is in it.

Each engine is a plan `NAME.plan`, a sidecar `NAME.json` with its key and the plan's SHA-256, and `NAME.layers.json`.
The folder may be deleted at any time: engines are built again from the bundle.
"""

import json
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from leukoscope.bundle.fields import JSON_LIMIT_BYTES, parse_json
from leukoscope.bundle.read import open_regular
from leukoscope.errors import InputError, MachineError
from leukoscope.images.hashes import sha256_of_bytes
from leukoscope.runtime.engines.compile import Compiled
from leukoscope.runtime.engines.files import write_atomically
from leukoscope.runtime.engines.key import Key
from leukoscope.runtime.engines.layers import EngineLayer, layers_from_json, layers_json

SCHEMA = 1
FAULTS_OF_READING = (InputError, ValueError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True)
class EngineFile:
    """One engine that is kept, as its sidecar describes it."""

    path: Path
    """Of the plan."""
    key: Key
    plan_sha256: str
    plan_bytes: int
    built_at: str
    build_seconds: float
    proved: bool
    """Whether it has given the bundle's golden outputs on its device."""
    faults: tuple[str, ...] = ()
    """What it gave wrong, where it was run and is not used."""

    @property
    def ahead_of_time(self) -> bool:
        """Whether it was built without its device."""
        return self.key.ahead_of_time


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/leukoscope/engines` (`~/.cache` by default), made with mode 0700.

    Raises MachineError where it is a link, belongs to somebody else, or others may read or write it.
    """
    asked = Path(os.environ.get("XDG_CACHE_HOME", ""))
    root = asked if asked.is_absolute() else Path.home() / ".cache"
    folder = root / "leukoscope" / "engines"
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise MachineError(
            f"{folder} cannot be made: {error.strerror}", next_step="set XDG_CACHE_HOME"
        ) from None
    _check_owner(folder, found)
    return folder


def read(key: Key, folder: Path | None = None) -> EngineFile | None:
    """The engine of exactly this key, its plan checked against the sidecar's SHA-256; None where there is none."""
    folder = folder or cache_folder()
    engine = _read_sidecar(folder / f"{key.stem}.json")
    if engine is None or engine.key != key:
        return None
    try:
        read_plan(engine)
    except InputError:
        return None
    return engine


def read_plan(engine: EngineFile) -> bytes:
    """The plan's bytes, whose size and hash have just been checked; InputError where they are not as written."""
    with open_regular(engine.path) as file:
        plan = file.read(engine.plan_bytes + 1)
    if len(plan) != engine.plan_bytes or sha256_of_bytes(plan) != engine.plan_sha256:
        raise InputError(
            f"{engine.path} is not what was written there",
            next_step="build it again: leukoscope build BUNDLE --rebuild",
        )
    return plan


def read_layers(engine: EngineFile) -> tuple[EngineLayer, ...]:
    """The layers that the builder listed; () where it listed none."""
    try:
        return layers_from_json(_json(_layers_path(engine.path)))
    except FAULTS_OF_READING:
        return ()


def write(key: Key, compiled: Compiled, folder: Path | None = None) -> EngineFile:
    """Keeps an engine that is not proved yet. The sidecar comes last: without it the plan does not count."""
    folder = folder or cache_folder()
    engine = EngineFile(
        path=folder / f"{key.stem}.plan",
        key=key,
        plan_sha256=sha256_of_bytes(compiled.plan),
        plan_bytes=len(compiled.plan),
        built_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        build_seconds=round(compiled.seconds, 3),
        proved=False,
    )
    write_atomically(engine.path, compiled.plan)
    write_atomically(_layers_path(engine.path), _dump(layers_json(compiled.layers)))
    _write_sidecar(engine)
    return engine


def mark(engine: EngineFile, faults: Sequence[str] = ()) -> EngineFile:
    """Writes down that the golden frames were run: proved where there are no faults."""
    marked = replace(engine, proved=not faults, faults=tuple(faults))
    _write_sidecar(marked)
    return marked


def kept_engines(folder: Path | None = None) -> tuple[EngineFile, ...]:
    """Every engine with a sound sidecar; the plans are not looked at."""
    return tuple(_sidecars(folder or cache_folder()))


def serving(key: Key, batch: int, folder: Path | None = None) -> tuple[EngineFile, ...]:
    """Engines that differ from `key` in their profile only and take `batch` frames, the smallest profile first."""
    fitting = [
        one
        for one in kept_engines(folder)
        if replace(one.key, profile=key.profile) == key and one.key.profile[2] >= batch
    ]
    return tuple(sorted(fitting, key=lambda one: one.key.profile[2]))


def _sidecars(folder: Path) -> Iterator[EngineFile]:
    for path in sorted(folder.glob("*.json")):
        engine = None if path.name.endswith(".layers.json") else _read_sidecar(path)
        if engine is not None:
            yield engine


def _read_sidecar(path: Path) -> EngineFile | None:
    """None for a sidecar that is missing, of another schema, or damaged."""
    try:
        value = _json(path)
        if value["schema"] != SCHEMA:
            return None
        return EngineFile(
            path=path.with_suffix(".plan"),
            key=Key.from_json(value["key"]),
            plan_sha256=str(value["plan_sha256"]),
            plan_bytes=max(0, int(value["plan_bytes"])),
            built_at=str(value["built_at"]),
            build_seconds=float(value["build_seconds"]),
            proved=value["proved"] is True,
            faults=tuple(map(str, value["faults"])),
        )
    except FAULTS_OF_READING:
        return None


def _write_sidecar(engine: EngineFile) -> None:
    value = {
        "schema": SCHEMA,
        "key": engine.key.to_json(),
        "plan_sha256": engine.plan_sha256,
        "plan_bytes": engine.plan_bytes,
        "built_at": engine.built_at,
        "build_seconds": engine.build_seconds,
        "ahead_of_time": engine.ahead_of_time,
        "proved": engine.proved,
        "faults": list(engine.faults),
    }
    write_atomically(engine.path.with_suffix(".json"), _dump(value))


def _layers_path(plan: Path) -> Path:
    return plan.with_suffix(".layers.json")


def _json(path: Path) -> Any:
    with open_regular(path) as file:
        return parse_json(file.read(JSON_LIMIT_BYTES + 1), str(path))


def _dump(value: Any) -> bytes:
    return json.dumps(value, indent=1, allow_nan=False).encode() + b"\n"


def _check_owner(folder: Path, found: os.stat_result) -> None:
    wanted, next_step = "a folder of your own, mode 0700", f"delete {folder}, or set XDG_CACHE_HOME"
    if not stat.S_ISDIR(found.st_mode):
        raise MachineError(f"{folder} is a link or no folder", wanted=wanted, next_step=next_step)
    if found.st_uid != os.getuid():
        raise MachineError(
            f"{folder} belongs to user {found.st_uid}", wanted=wanted, next_step=next_step
        )
    if found.st_mode & 0o077:
        raise MachineError(
            f"{folder} has mode {stat.S_IMODE(found.st_mode):04o}: others could put an engine there",
            wanted=wanted,
            next_step=f"chmod 700 {folder}, after a look at what is in it",
        )
