"""A virtual microscope: painted smear fields, the same for the same seed."""

from collections.abc import Iterator

from leukoscope.images.classes import STAGES
from leukoscope.images.painter.field import paint_field
from leukoscope.images.painter.truth import PaintedField
from leukoscope.runtime.field import Frame
from leukoscope.runtime.sources.source import OnEvent, OnFault, ignore_event

MAX_FIELDS = 10_000_000
MAX_SEED = 2**32
FIRST_SEED = 10**12
"""The painter's data folders take seeds below: no run shows a field that was painted for training."""


class SyntheticSource:
    """`fields` painted fields of one stage, or of the four in turn; `uri` is what they are called by."""

    rate_hz: float | None = None

    def __init__(self, uri: str, stage: str | None, fields: int, seed: int) -> None:
        self._uri, self._stage, self._seed = uri, stage, seed
        self.total: int | None = fields

    def frames(self, on_fault: OnFault, on_event: OnEvent = ignore_event) -> Iterator[Frame]:
        """See `Source.frames`; painting never fails."""
        for index in range(self.total or 0):
            painted = self.paint(index)
            name = f"synthetic_{painted.stage.lower()}_{self._seed}_{index:06d}"
            yield Frame(painted.image, self._uri, name, index)

    def paint(self, index: int) -> PaintedField:
        """Field `index` with its truth."""
        stage = self._stage or STAGES[index % len(STAGES)]
        return paint_field(stage, FIRST_SEED + self._seed * MAX_FIELDS + index)
