"""A virtual microscope: painted smear fields, the same for the same seed."""

from collections.abc import Iterator
from dataclasses import dataclass

from leukoscope.errors import InputError
from leukoscope.images.classes import STAGES
from leukoscope.images.painter.field import paint_field
from leukoscope.images.painter.truth import PaintedField
from leukoscope.runtime.field import Frame
from leukoscope.runtime.sources.grammar import GRAMMAR, Values, split_address
from leukoscope.runtime.sources.recorded import RecordedSource
from leukoscope.runtime.sources.source import OnFault

MAX_FIELDS = 10_000_000
MAX_SEED = 2**32
FIRST_SEED = 10**12
"""The painter's data folders take seeds below: no run shows a field that was painted for training."""
KEYS = ("stage", "fields", "seed")


@dataclass(frozen=True)
class SyntheticRequest:
    """What a synthetic:// URI asks for; no stage means all four in turn."""

    stage: str | None
    fields: int
    seed: int


def parse_synthetic(text: str) -> SyntheticRequest:
    """synthetic://?stage=early&fields=200&seed=1, all keys optional; InputError names the wrong part."""
    address = split_address(text)
    if address.authority or address.path.strip("/") or address.fragment:
        raise InputError("synthetic:// takes no path or fragment", wanted=GRAMMAR)
    values = Values("synthetic", address.query, KEYS)
    return SyntheticRequest(
        stage=values.choice("stage", None, STAGES),
        fields=values.integer("fields", len(STAGES), 1, MAX_FIELDS),
        seed=values.integer("seed", 0, 0, MAX_SEED),
    )


class SyntheticSource(RecordedSource):
    """`fields` painted fields of one stage, or of the four in turn; `uri` is what they are called by."""

    def __init__(self, uri: str, stage: str | None, fields: int, seed: int) -> None:
        super().__init__(uri)
        self._uri, self._stage, self._seed = uri, stage, seed
        self.total: int | None = fields

    def _read(self, on_fault: OnFault) -> Iterator[Frame]:
        """Painting never fails."""
        for index in range(self.total or 0):
            painted = self.paint(index)
            name = f"synthetic_{painted.stage.lower()}_{self._seed}_{index:06d}"
            yield Frame(painted.image, self._uri, name, index)

    def paint(self, index: int) -> PaintedField:
        """Field `index` with its truth."""
        stage = self._stage or STAGES[index % len(STAGES)]
        return paint_field(stage, FIRST_SEED + self._seed * MAX_FIELDS + index)
