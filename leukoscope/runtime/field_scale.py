"""How large a field's pixels are."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FieldScale:
    """Micrometres a pixel of the field, and how that is known."""

    um_per_px: float | None = None
    """None where it is not known."""
    source: str = "unknown"
    """`given`, `red_cells` (an estimate) or `unknown`."""
    red_cell_px: float | None = None
    """Diameter of the red cells that were measured in the field, pixels; None where too few were seen."""


UNKNOWN_SCALE = FieldScale()
