"""The newest results of a run, for whoever looks."""

from collections import OrderedDict
from dataclasses import dataclass

from leukoscope.runtime.engine import FIELD_NETWORK
from leukoscope.runtime.field import Result
from leukoscope.runtime.tree_map import FEATURE_MAPS, MapTrees

KEPT = 4
"""A browser that has just been told of a field must still find its pictures while the next ones come (our choice)."""
GRADCAM, TREES = "gradcam", "trees"


@dataclass(frozen=True, eq=False)
class KeptField:
    """A result with its number in this run, from 1."""

    number: int
    result: Result
    shown_tick_ns: int
    """Monotonic clock: when the sinks were told of it."""

    @property
    def map_network(self) -> str | None:
        """The network whose maps explain the field; None where nothing does."""
        evidence = self.result.evidence
        return None if evidence is None else evidence.network

    @property
    def classes(self) -> tuple[str, ...]:
        """Of `map_network`."""
        network = self.map_network
        return () if network is None else self.result.readings[network].classes

    def methods(self, map_trees: MapTrees | None) -> tuple[str, ...]:
        """The maps that can be drawn of it, whichever the run itself draws."""
        if self.map_network is None:
            return ()
        if self.map_network != FIELD_NETWORK or map_trees is None:
            return (GRADCAM,)
        has_maps = FEATURE_MAPS in self.result.readings[FIELD_NETWORK].arrays
        return (GRADCAM, TREES) if has_maps else (GRADCAM,)


class Shelf:
    """Holds the newest KEPT results. Not for several threads at a time: the board's lock guards it."""

    def __init__(self) -> None:
        self._fields: OrderedDict[int, KeptField] = OrderedDict()
        self._count = 0

    def add(self, result: Result, tick_ns: int) -> None:
        """The newest one; the oldest goes."""
        self._count += 1
        self._fields[self._count] = KeptField(self._count, result, tick_ns)
        if len(self._fields) > KEPT:
            self._fields.popitem(last=False)

    def get(self, number: int) -> KeptField | None:
        """None of one that is gone, or has not come."""
        return self._fields.get(number)

    @property
    def newest(self) -> KeptField | None:
        """None before the first."""
        return self._fields.get(self._count)

    @property
    def numbers(self) -> frozenset[int]:
        """Those that are held."""
        return frozenset(self._fields)
