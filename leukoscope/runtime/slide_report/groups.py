"""Groups of fields, so that an interval takes neighbours for what they are: one place of the slide, seen again."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from leukoscope.runtime.journal.records import FieldRow

ISLANDS, BLOCKS = "islands", "blocks"
LEAST_ISLANDS = 5
LARGEST_ISLAND_SHARE = 0.5
"""Fewer islands, or one that holds more of the fields, and islands would say nothing of spread (our choice)."""
SHORTEST_BLOCK = 5
"""Fields. Blocks grow with the cube root of their number (Hall, Horowitz and Jing 1995, Biometrika 82:561)."""


@dataclass(frozen=True)
class Groups:
    """By which fields are drawn again."""

    kind: str
    """`islands` of fields that overlap, or `blocks` of fields that were captured one after the other."""
    count: int
    of_field: dict[int, str]
    """The group's name by `FieldRow.id`."""
    block_fields: int | None
    """Fields in a block, or one more; None with islands."""

    def of(self, fields: Sequence[FieldRow]) -> list[str]:
        """The names for these fields."""
        return [self.of_field[field.id] for field in fields]


def groups_of(fields: Sequence[FieldRow]) -> Groups:
    """Islands where every field lies on one, there are LEAST_ISLANDS, and none holds too much; else blocks.

    `fields` in the order of their capture.
    """
    islands = _islands(fields)
    if islands is not None and _tell_of_spread(islands):
        named = {one.id: f"island {island}" for one, island in zip(fields, islands, strict=True)}
        return Groups(ISLANDS, len(set(islands)), named, None)
    return _blocks(fields)


def block_length(n: int) -> int:
    """Fields to a block: the cube root of all, SHORTEST_BLOCK at least."""
    length = SHORTEST_BLOCK
    while length**3 < n:
        length += 1
    return length


def _blocks(fields: Sequence[FieldRow]) -> Groups:
    """All about equally long: what is left over after whole blocks is spread over them."""
    length = block_length(len(fields))
    count = max(1, len(fields) // length) if fields else 0
    named = {one.id: f"block {i * count // len(fields) + 1}" for i, one in enumerate(fields)}
    return Groups(BLOCKS, count, named, length)


def _tell_of_spread(islands: Sequence[int]) -> bool:
    sizes = Counter(islands)
    largest = max(sizes.values(), default=0)
    return len(sizes) >= LEAST_ISLANDS and largest <= LARGEST_ISLAND_SHARE * len(islands)


def _islands(fields: Sequence[FieldRow]) -> list[int] | None:
    """Each field's island by the name that stood in the end: islands that met are one. None where a field has none."""
    whole: dict[int, int] = {}
    for field in fields:
        if field.island is None:
            return None
        for part in field.joined:
            whole[_root(whole, part)] = _root(whole, field.island)
    return [_root(whole, field.island) for field in fields if field.island is not None]


def _root(whole: dict[int, int], island: int) -> int:
    while whole.get(island, island) != island:
        island = whole[island]
    return island
