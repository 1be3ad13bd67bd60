"""How large a field's pixels are: as the user says, else by the red cells of this field and of those before it."""

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.field import Frame
from leukoscope.runtime.field_scale import FieldScale
from leukoscope.runtime.red_cells import RED_CELL_UM, RedCells, measure_red_cells
from leukoscope.runtime.scale import SCALE_TOLERANCE

REMEMBERED = 15
"""Fields whose red cells are kept in mind."""
ENOUGH = 5
"""So many that agree settle the scale."""
AGREEMENT = 1.15
"""The largest of them over the smallest (our choice): the objective was not changed between them."""
LOOK_EVERY = 16
"""Once settled, the red cells of one field in so many are looked at."""

Measure = Callable[[NDArray[np.uint8]], RedCells | None]


class ScaleKeeper:
    """Called for each field in its order, from one thread."""

    def __init__(
        self, given_um_per_px: float | None = None, measure: Measure = measure_red_cells
    ) -> None:
        """`given_um_per_px` is believed; the red cells then only check it."""
        self._given, self._measure = given_um_per_px, measure
        self._seen: deque[float] = deque(maxlen=REMEMBERED)
        self._size_px: tuple[int, int] | None = None
        self._since = 0

    def __call__(self, frame: Frame) -> FieldScale:
        """The field's scale; an estimate says so by its source `red_cells`."""
        if frame.size_px != self._size_px:
            self._seen.clear()
            self._size_px, self._since = frame.size_px, 0
        own = self._look(frame)
        diameter = own if own is not None else self._usual()
        if self._given is not None:
            return FieldScale(self._given, "given", diameter)
        if diameter is None:
            return FieldScale()
        return FieldScale(RED_CELL_UM / diameter, "red_cells", diameter)

    def _look(self, frame: Frame) -> float | None:
        """The scale's diameter where it is looked at: the usual one where this field agrees, else its own."""
        self._since += 1
        if self._settled() and self._since % LOOK_EVERY:
            return None
        found = self._measure(frame.pixels)
        if found is None or not found.confident:
            return None
        if self._settled() and not self._agrees(found.diameter_px):
            self._seen.clear()
        self._seen.append(found.diameter_px)
        return self._usual() if self._settled() else found.diameter_px

    def _settled(self) -> bool:
        return len(self._seen) >= ENOUGH and max(self._seen) <= AGREEMENT * min(self._seen)

    def _agrees(self, diameter_px: float) -> bool:
        return max(*self._seen, diameter_px) <= AGREEMENT * min(*self._seen, diameter_px)

    def _usual(self) -> float | None:
        return float(np.median(self._seen)) if self._seen else None


def is_off(scale: FieldScale) -> bool:
    """Whether the given scale and the red cells contradict each other by more than SCALE_TOLERANCE."""
    if scale.source != "given" or scale.um_per_px is None or scale.red_cell_px is None:
        return False
    ratio = scale.red_cell_px * scale.um_per_px / RED_CELL_UM
    return not 1 / SCALE_TOLERANCE <= ratio <= SCALE_TOLERANCE
