"""Cold start: fresh processes from their start to the first result, part by part, and the memory that they took."""

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from leukoscope.bundle.read import Bundle
from leukoscope.errors import MachineError
from leukoscope.runtime.engine import OUTPUTS
from leukoscope.runtime.profiler.inputs import Inputs
from leukoscope.runtime.profiler.percentiles import median
from leukoscope.runtime.profiler.timed_calls import NS_PER_MS
from leukoscope.runtime.settings import Settings

CHILD = "leukoscope.runtime.profiler.first_result"
MORE_FIELDS = 24
"""Judged after the first one, so that the peak of memory is that of a run (our choice)."""
LOOK_AROUND_S, LONGEST_S = 0.1, 600.0
PARTS: Mapping[str, tuple[str, str]] = {
    "interpreter": ("spawned", "started"),
    "imports": ("started", "imported"),
    "bundle": ("imported", "opened"),
    "session": ("opened", "ready"),
    "first_field": ("ready", "judged"),
}
"""Part -> the moments that it lies between. `bundle` checks every hash, `session` opens networks and trees."""


@dataclass(frozen=True)
class ColdStart:
    """Medians of `n` starts, milliseconds; the bundle's files are in the system's page cache by then."""

    n: int
    total_ms: float | None
    least_ms: float | None
    greatest_ms: float | None
    parts_ms: Mapping[str, float]
    command_ms: float | None = None
    """`leukoscope run BUNDLE FIELD` from its start to the line of the field; None where it cannot be asked for the same
    networks."""


@dataclass(frozen=True)
class Memory:
    """Bytes. None where nobody says: `why_no_device` tells why."""

    host_first_result_bytes: int | None
    host_peak_bytes: int | None
    """VmHWM of a process that judged MORE_FIELDS fields more, one at a time."""
    device_peak_bytes: int | None
    why_no_device: str | None


def profile_cold_start(
    bundle: Bundle,
    settings: Settings,
    networks: Sequence[str],
    inputs: Inputs,
    starts: int,
    stopped: Callable[[], bool],
) -> tuple[ColdStart, Memory]:
    """Starts a process `starts` times; the last one judges more fields, for its peak of memory.

    MachineError where a child fails, with the line that it ended on.
    """
    answers: list[dict[str, Any]] = []
    commands: list[float] = []
    whole = set(networks) == set(OUTPUTS) & set(bundle.manifest.networks)
    with tempfile.TemporaryDirectory(prefix="leukoscope-profile-") as folder:
        paths = _write_fields(inputs, Path(folder))
        for number in range(starts):
            request = {
                "bundle": str(bundle.root.resolve()),
                "settings": _plain(settings),
                "networks": list(networks),
                "fields": paths,
                "more": MORE_FIELDS if number == starts - 1 else 0,
            }
            answer = _start(request, stopped)
            if answer is None:
                break
            answers.append(answer)
            if (
                whole
                and (line_ms := first_line_ms(bundle, settings, paths[0], stopped)) is not None
            ):
                commands.append(line_ms)
    started = summary([one["marks"] for one in answers])
    memory = _memory(answers, complete=len(answers) == starts)
    return replace(started, command_ms=median(commands)), memory


def summary(marks: Sequence[Mapping[str, int]]) -> ColdStart:
    """Of the moments of each start, monotonic nanoseconds by the names in PARTS."""
    totals = [(one["judged"] - one["spawned"]) / NS_PER_MS for one in marks]
    parts = {
        name: median([(one[end] - one[begin]) / NS_PER_MS for one in marks])
        for name, (begin, end) in PARTS.items()
    }
    return ColdStart(
        len(totals),
        median(totals),
        min(totals, default=None),
        max(totals, default=None),
        {name: value for name, value in parts.items() if value is not None},
    )


def _memory(answers: Sequence[Mapping[str, Any]], *, complete: bool) -> Memory:
    first = answers[-1]["first_bytes"] if answers else None
    peak = answers[-1]["peak_bytes"] if complete and answers else None
    return Memory(first, peak, None, None)


def first_line_ms(
    bundle: Bundle, settings: Settings, field: str, stopped: Callable[[], bool]
) -> float | None:
    """How long the command takes to its first line on stdout; None where it was stopped, or where it fails."""
    words = [sys.executable, "-m", "leukoscope", "run", os.fspath(bundle.root), field]
    began = time.monotonic_ns()
    with _spawned([*words, *_flags(settings)]) as child:
        while child.stdout is not None and not stopped():
            if select.select([child.stdout], [], [], LOOK_AROUND_S)[0]:
                taken_ms = (time.monotonic_ns() - began) / NS_PER_MS
                said, _ = child.communicate()
                return taken_ms if said and child.returncode == 0 else None
    return None


def _flags(settings: Settings) -> list[str]:
    """The settings as `leukoscope run` takes them."""
    flags = ["--backend", settings.backend]
    flags += ["--precision", settings.precision] if settings.precision else []
    flags += ["--threads", str(settings.threads)] if settings.threads else []
    permissions = ("allow_untrained", "allow_failed")
    return flags + [
        f"--{name.replace('_', '-')}" for name in permissions if getattr(settings, name)
    ]


def _start(request: Mapping[str, Any], stopped: Callable[[], bool]) -> dict[str, Any] | None:
    """One child's answer; None where it was stopped."""
    spawned, until = time.monotonic_ns(), time.monotonic() + LONGEST_S
    with _spawned([sys.executable, "-m", CHILD, json.dumps(request)]) as child:
        while True:
            try:
                out, err = child.communicate(timeout=LOOK_AROUND_S)
                break
            except subprocess.TimeoutExpired:
                if stopped() or time.monotonic() > until:
                    return None
    if child.returncode:
        raise MachineError(f"a fresh process does not reach its first result: {_last_line(err)}")
    answer: dict[str, Any] = json.loads(out.splitlines()[-1])
    answer["marks"]["spawned"] = spawned
    return answer


@contextmanager
def _spawned(words: Sequence[str]) -> Iterator["subprocess.Popen[str]"]:
    """A process in a session of its own: Ctrl-C is for the parent, which ends the child, at the second one at once."""
    child = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    with child:
        try:
            yield child
        finally:
            if child.poll() is None:
                child.kill()


def _write_fields(inputs: Inputs, folder: Path) -> list[str]:
    """The encoded fields as files."""
    paths = []
    for number, one in enumerate(inputs.fields):
        path = folder / f"field-{number:03d}"
        path.write_bytes(one.data)
        paths.append(os.fspath(path))
    return paths


def _plain(settings: Settings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in settings.__dataclass_fields__}


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:200] if lines else "it says nothing"
