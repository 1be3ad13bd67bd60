"""Where a field lies on the slide, and which of its cells are new."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OnSlide:
    """A field's place. Slide pixels are pixels of the first field of its island; an island is a group of fields that overlap."""

    island: int
    position_px: tuple[float, float]
    """Of the field's upper left corner, slide pixels, x and y."""
    px_per_field_px: float
    """Slide pixels in one pixel of this field: 1 unless the camera's size changed."""
    certain: bool
    """False where the field may lie on another one without proof: `possible_repeat`."""
    cell_numbers: tuple[int, ...]
    """For each of the field's cells its number on the slide, from 1; the same number is the same cell."""
    new: tuple[bool, ...]
    """For each of the field's cells whether this is the first field that it was seen in."""
    joined: tuple[int, ...] = ()
    """Islands that this field showed to be parts of `island`; their numbers are used no more."""
    same_cells: tuple[tuple[int, int], ...] = ()
    """(later, earlier): numbers given before that this field showed to be one cell; the earlier one stays."""
