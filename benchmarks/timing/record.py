"""What a benchmark found, as the JSON that `compare.py` reads (schema 1)."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from leukoscope.errors import InputError
from timing.interval import Interval
from timing.machine import BUSY_FROM, OtherWork, machine

SCHEMA = 1
LOWER, HIGHER = "lower", "higher"
PACKAGES = ["leukoscope", "numpy", "onnxruntime", "opencv-python"]


@dataclass(frozen=True)
class Figure:
    """One number that may get worse: `better` says which way is good."""

    interval: Interval
    unit: str
    better: str = LOWER

    def to_json(self) -> dict[str, Any]:
        return {**self.interval.to_json(), "unit": self.unit, "better": self.better}

    @classmethod
    def from_json(cls, values: Any, where: str) -> "Figure":
        """InputError for what is not a figure; `where` names it."""
        if not isinstance(values, dict):
            raise InputError(f"{where} is not an object")
        numbers = [values.get(key) for key in ("value", "low", "high")]
        if any(type(one) not in (int, float) for one in numbers):
            raise InputError(f"{where} has no value with its interval", wanted="value, low, high")
        value, low, high = map(float, numbers)  # type: ignore[arg-type]
        if not 0 < low <= value <= high < float("inf"):
            raise InputError(
                f"{where} has {low}, {value}, {high}", wanted="0 < low <= value <= high"
            )
        if values.get("better") not in (LOWER, HIGHER):
            raise InputError(
                f"{where} has better = {values.get('better')!r}", wanted=f"{LOWER} or {HIGHER}"
            )
        n = values.get("n")
        return cls(
            Interval(value, low, high, n if type(n) is int else 1),
            str(values.get("unit", "")),
            values["better"],
        )


@dataclass
class Record:
    """Collects figures while a benchmark runs. `details` are for readers and are not compared."""

    tool: str
    packages: list[str] = field(default_factory=list)
    figures: dict[str, Figure] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    others: OtherWork = field(default_factory=OtherWork)

    def begin(self) -> None:
        """What was made ready is made: other work counts from now on."""
        self.others = OtherWork()

    def add(self, name: str, interval: Interval, unit: str, better: str = LOWER) -> None:
        """Adds a figure under a name that is its own."""
        assert name not in self.figures, name
        self.figures[name] = Figure(interval, unit, better)

    def to_json(self) -> dict[str, Any]:
        share = self.others.share()
        return {
            "schema": SCHEMA,
            "tool": self.tool,
            "command": " ".join(["python", f"benchmarks/{self.tool}.py", *sys.argv[1:]]),
            "measured_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "machine": machine([*PACKAGES, *self.packages]),
            "other_work_share": share,
            "busy": share is None or share > BUSY_FROM,
            "figures": {name: one.to_json() for name, one in self.figures.items()},
            "details": self.details,
        }

    def write(self, path: Path | None) -> None:
        """Writes the JSON where a path is given; NaN is refused."""
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.to_json(), indent=1, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")

    def notice(self) -> str:
        """One line for under the table: how far the figures can be trusted."""
        share = self.others.share()
        if share is None:
            return "Other work on this machine: not known."
        mark = ": the figures are not to be trusted" if share > BUSY_FROM else ""
        return f"Other work took {share:.0%} of the processor{mark}."


def read_figures(path: Path) -> tuple[str, Mapping[str, Figure], Mapping[str, Any]]:
    """Tool, figures and the whole record of a file; InputError where it is none."""
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not JSON: {str(error)[:100]}") from None
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise InputError(f"{path} is no record of a benchmark", wanted=f"schema {SCHEMA}")
    figures = value.get("figures")
    if not isinstance(figures, dict) or not figures:
        raise InputError(f"{path} has no figures", next_step="run the benchmark again with --json")
    read = {name: Figure.from_json(one, f"{path}: {name}") for name, one in figures.items()}
    return str(value.get("tool")), read, value
