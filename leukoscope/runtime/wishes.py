"""What the user asks of a run beyond the networks."""

import math
from dataclasses import dataclass
from pathlib import Path

from leukoscope.errors import UsageError
from leukoscope.runtime.choose.chooser import MODES
from leukoscope.runtime.journal.about import MAX_SLIDE_CHARACTERS

LEAST_UM_PER_PX, MOST_UM_PER_PX = 0.005, 20.0


@dataclass(frozen=True)
class Wishes:
    """None and empty: what fits the source."""

    frames: str | None = None
    um_per_px: float | None = None
    slide: str = ""
    journal: Path | None = None
    keep_pictures_mb: float = 256.0
    microscope: str | None = None
    count: int | None = None
    max_outage_s: float | None = None

    def __post_init__(self) -> None:
        if self.frames is not None and self.frames not in MODES:
            raise UsageError(f"--frames {self.frames[:40]!r}", wanted=" or ".join(MODES))
        if len(self.slide) > MAX_SLIDE_CHARACTERS or not (self.slide + " ").isprintable():
            raise UsageError(
                f"--slide {self.slide[:40]!r}",
                wanted=f"at most {MAX_SLIDE_CHARACTERS} characters on one line",
            )
        um = self.um_per_px
        if um is not None and not LEAST_UM_PER_PX <= um <= MOST_UM_PER_PX:
            raise UsageError(
                f"--um-per-px {um}", wanted=f"{LEAST_UM_PER_PX} to {MOST_UM_PER_PX} micrometres"
            )
        if not 0 <= self.keep_pictures_mb <= 1_000_000:
            raise UsageError(f"--keep-pictures {self.keep_pictures_mb}", wanted="0 or more MB")
        if self.count is not None and self.count < 1:
            raise UsageError(f"--count {self.count}", wanted="1 or more white cells")
        if self.max_outage_s is not None and not 0 < self.max_outage_s < math.inf:
            raise UsageError(f"--max-outage {self.max_outage_s}", wanted="more than 0 seconds")
