"""What travels along the path of a field: source -> scale -> infer -> cells -> votes -> explain -> sinks.

Each stage takes one of these and returns the next; a stage knows these types and no other stage.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.contract import Placement, to_field
from leukoscope.images.tiles import TilePlan
from leukoscope.runtime.choose.choice import Choice
from leukoscope.runtime.field_scale import UNKNOWN_SCALE, FieldScale
from leukoscope.runtime.slide.position import OnSlide

CLASSIFIED_FROM = 0.5
"""A cell whose likeliest type is less probable than all others together is `unclassified` (our choice)."""
UNCLASSIFIED = "unclassified"


@dataclass(frozen=True, eq=False)
class Frame:
    """A field as the source gave it."""

    pixels: NDArray[np.uint8]
    """[H, W, 3] RGB."""
    source: str
    """Where it comes from: a path or a URI."""
    name: str
    """Unique within a run and fit to be a file's stem."""
    index: int
    """Counts fields of the run from 0."""
    captured_at_ns: int = field(default_factory=time.time_ns)
    """Wall clock, nanoseconds since the epoch: when the pixels were read."""
    captured_tick_ns: int = field(default_factory=time.monotonic_ns)
    """Monotonic clock at the same moment, so that the age survives a clock that jumps."""
    choice: Choice | None = None
    """What the chooser found; None before it has looked, or where every frame is taken."""
    scale: FieldScale = UNKNOWN_SCALE
    flags: tuple[str, ...] = ()
    """What was seen on the picture alone: `scale_off`, `colour_drift`."""
    media_time_ns: int | None = None
    """Time on the recording's own clock, from its first frame: a video's, a virtual slide's. None: the moment of
    reading (`captured_tick_ns`) is all that is known, as with a camera or files of a folder."""

    @property
    def clock_ns(self) -> int:
        """The clock by which frames of one source are set apart: seconds of a recording, however fast it is read."""
        return self.captured_tick_ns if self.media_time_ns is None else self.media_time_ns

    @property
    def size_px(self) -> tuple[int, int]:
        """Width, height."""
        return self.pixels.shape[1], self.pixels.shape[0]


@dataclass(frozen=True, eq=False)
class Squares:
    """A field brought to one network's input by the preprocessing contract: whole, or as tiles that overlap."""

    pixels: NDArray[np.uint8]
    """[T, S, S, 3] RGB."""
    plan: TilePlan


@dataclass(frozen=True, eq=False)
class Scaled:
    """The field at each network's input size, by network."""

    frame: Frame
    squares: Mapping[str, Squares]


@dataclass(frozen=True, eq=False)
class TileReading:
    """What one network gave for one tile."""

    corner_px: tuple[int, int]
    """x, y of its upper left corner on the plane."""
    probabilities: NDArray[np.float32]
    """[K]"""
    features: NDArray[np.float32] | None
    """[F]; None of a network without."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What one network gave for one field: its graph's outputs without the batch axis, float32.

    Of a field in tiles, the maps are joined, and probabilities and features are the tiles' means.
    """

    classes: tuple[str, ...]
    arrays: Mapping[str, NDArray[np.float32]]
    placement: Placement
    """Of the square, or of the plane that the tiles make up."""
    tiles: tuple[TileReading, ...] = ()
    """What each tile gave, of a field in several; empty for a field in one square."""


@dataclass(frozen=True, eq=False)
class Inferred:
    """The networks' outputs for the field, by network."""

    frame: Frame
    readings: Mapping[str, Reading]


@dataclass(frozen=True)
class Cell:
    """A cell that the mask holds, at the field's own size."""

    box_px: tuple[int, int, int, int]
    """x, y, width, height."""
    probabilities: Mapping[str, float]
    """By cell type, of the cell's own crop."""
    area_px: int
    nc_ratio: float | None
    """Area of the nucleus over that of the cytoplasm; None where there is no cytoplasm."""
    roundness: float
    """4 pi A / P^2, at most 1, which is a disc."""

    @property
    def type(self) -> str:
        """The most probable type, or `unclassified` where that is too improbable; `other` is not a white cell."""
        return self.likeliest if self.probability >= CLASSIFIED_FROM else UNCLASSIFIED

    @property
    def likeliest(self) -> str:
        """The most probable type, however improbable."""
        return max(self.probabilities, key=self.probabilities.__getitem__)

    @property
    def probability(self) -> float:
        """Of the likeliest type, 0 to 1."""
        return self.probabilities[self.likeliest]


@dataclass(frozen=True, eq=False)
class Counted(Inferred):
    """The field with its cells; without SG-CLDFF there is no mask and there are no cells."""

    mask: NDArray[np.uint8] | None
    """[H, W] index 0 background, 1 cytoplasm, 2 nucleus."""
    instances: NDArray[np.uint16] | None
    """[H, W]; 0 none, i is `cells[i - 1]`."""
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Vote:
    """XIncept-ALL's judgement of the field."""

    probabilities: Mapping[str, float]
    """By stage, of the voter."""
    stage: str
    voter: str
    """`trees` or `head`."""
    head_stage: str


@dataclass(frozen=True, eq=False)
class Judged(Counted):
    """The field with the vote; None without XIncept-ALL."""

    vote: Vote | None
    flags: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class TreeMaps:
    """What the trees decide, as additive maps: signed, positive for the class, negative against it."""

    maps: NDArray[np.float32]
    """[K, h, w] by the network's classes; each adds up to that class's margin less its bias."""
    even_shares: NDArray[np.float32]
    """[K], 0 to 1: how much of the features' parts (by their size) had no place and is spread evenly."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """The map of one class on the field: Grad-CAM, or what the trees decide where `trees` is given."""

    network: str
    class_name: str
    grid: NDArray[np.float32]
    """[h, w] at feature resolution: Grad-CAM as the graph gave it, non-negative; the trees' map signed."""
    placement: Placement
    """Where the grid lies on the field."""
    high: float
    """The value of the map that `heat` shows as 1; greater ones look the same."""
    on_cells: float | None
    """Share of the map's energy (its positive part) on cells, 0 to 1; None without a mask or without energy."""
    trees: TreeMaps | None = None
    """The trees' maps of all classes; None for Grad-CAM."""
    even_share: float | None = None
    """Of this class, see `TreeMaps.even_shares`; None for Grad-CAM."""

    @cached_property
    def heat(self) -> NDArray[np.float32]:
        """[H, W] at the field's size, 0 to 1, signed -1 to 1: the map over `high`, for display only.

        Made when it is first looked at: a stream that shows nothing does without.
        """
        laid = to_field(self.grid, self.placement)
        return np.clip(laid / self.high, -1, 1) if self.high > 0 else np.zeros_like(laid)

    @property
    def method(self) -> str:
        """`gradcam` or `trees`, as `--explain` names it."""
        return "gradcam" if self.trees is None else "trees"


@dataclass(frozen=True, eq=False)
class Result(Judged):
    """All that is known of a field; sinks read it."""

    evidence: Evidence | None
    finished_tick_ns: int = field(default_factory=time.monotonic_ns)
    on_slide: OnSlide | None = None
    """None where the fields are not laid on a map."""
    journal_id: int | None = None
    """`fields.id` in the journal; None without one."""

    @property
    def frame_age_ms(self) -> float:
        """From capture to result, milliseconds."""
        return (self.finished_tick_ns - self.frame.captured_tick_ns) / 1e6
