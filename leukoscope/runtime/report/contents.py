"""All that a report tells, as plain data: what `study_of` gathers, and `html` and `to_json` write down."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leukoscope.runtime.gate.verdict import Verdict
from leukoscope.runtime.metrics.intervals import Interval
from leukoscope.runtime.report.calibration import Layer, MakeUp


@dataclass(frozen=True)
class Confusion:
    """Images by label (rows) and by vote (columns)."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class ReliabilityBin:
    """The images whose top probability lies in (low, high]; an empty bin has no figures."""

    low: float
    high: float
    n: int
    probability: float | None
    """Mean of the top probability."""
    accuracy: float | None


@dataclass(frozen=True)
class Difference:
    """A figure of the variant less that of the float model on the same images."""

    name: str
    value: float | None
    interval: Interval | None
    """95 %, bootstrap by group of the paired images."""


@dataclass(frozen=True)
class Changes:
    """What the variant's other votes did to the labelled images."""

    losses: int
    """Right under the float model, wrong under the variant."""
    gains: int
    mcnemar_p: float
    """Two-sided, exact; 1 where nothing changed sides."""


@dataclass(frozen=True)
class Latency:
    """Of one inference, batch 1, on the machine that made the report; preprocessing and trees not counted."""

    p50_ms: float
    p90_ms: float
    n: int


@dataclass(frozen=True, eq=False)
class Example:
    """One image as both variants saw it. Pictures are JPEG, at most 256 px."""

    name: str
    image_jpeg: bytes
    float_map_jpeg: bytes
    variant_map_jpeg: bytes
    """Both maps: of the class that the float model voted, each over its own highest value."""
    agreement: float
    float_vote: str
    float_probability: float
    variant_vote: str
    variant_probability: float
    truth: str | None


@dataclass(frozen=True, eq=False)
class VariantRow:
    """One precision of a network."""

    variant: str
    file: str
    sha256: str
    size_bytes: int
    figures: Mapping[str, Any]
    """The row of `validate --json`."""
    intervals: Mapping[str, Interval]
    """95 % by group, for those figures that have one: `accuracy`, `recall Benign`, `iou cell`."""
    confusion: Confusion
    reliability: tuple[ReliabilityBin, ...]
    agreements: tuple[float, ...]
    """Rank agreement of each image's map with the float model's, ascending."""
    differences: tuple[Difference, ...] = ()
    changes: Changes | None = None
    verdict: Verdict | None = None
    latency: Latency | None = None
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, eq=False)
class NetworkStudy:
    """One network: the images that judged it, and its variants, the float one first."""

    network: str
    classes: tuple[str, ...]
    reference: str
    voter: str
    label_map: str | None
    rows: tuple[VariantRow, ...]
    n: int
    """Images that were judged."""
    groups: int
    groups_inferred: bool
    images_by_label: Mapping[str, int]
    in_training: int
    excluded: int
    unreadable: tuple[str, ...]
    left_out: Mapping[str, int]
    images_sha256: str
    """Of the judged images' own SHA-256, sorted, one a line."""
    contract_sha256: str
    layers: tuple[Layer, ...] = ()

    def row(self, variant: str) -> VariantRow:
        """The row of a variant that there is."""
        return next(row for row in self.rows if row.variant == variant)


@dataclass(frozen=True)
class Machine:
    """Where the figures were made."""

    cpu: str
    instruction_set: str
    system: str
    backends: tuple[str, ...]
    onnxruntime: str | None
    threads: int


@dataclass(frozen=True, eq=False)
class Study:
    """All of a report."""

    created: str
    """ISO date, with or without the time."""
    bundle: str
    manifest_sha256: str
    """Of the bundle as it was judged."""
    leukoscope: str
    machine: Machine
    networks: tuple[NetworkStudy, ...]
    make_up: tuple[MakeUp, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of the bundle's other files: trees, golden outputs, calibration.json."""
    data: tuple[str, ...] = ()
    """Names of the data folders."""
    notes: tuple[str, ...] = ()
    """What the caller has to say: 'written in spite of a failed gate (--force)'."""
