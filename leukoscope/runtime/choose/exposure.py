"""Too little light, or too much."""

from leukoscope.runtime.choose.ground import Ground

DARKEST_GROUND = 0.35
"""Ground that is darker, as a share of white. Usual fields: 0.60 and more (docs/choose.md)."""
MOST_CLIPPED = 0.85
"""Share of the field that may be white. A ground that is all white is usual with some cameras (up to 0.72 of a field);
above this the red cells too are lost in it."""


def exposure_fault(ground: Ground) -> str | None:
    """`too_dark`, `too_bright` or None."""
    if ground.brightness < DARKEST_GROUND:
        return "too_dark"
    return "too_bright" if ground.clipped > MOST_CLIPPED else None
