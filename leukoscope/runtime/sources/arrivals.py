"""Which files of a folder have arrived whole: the memory of a watched folder, without clock or disk of its own."""

from collections.abc import Container, Mapping
from dataclasses import dataclass

from leukoscope.runtime.sources.clock import NS_PER_S

FIRST_RETRY_S = 0.5
"""A file that cannot be read is tried again after this, then after twice as long, and so on."""


@dataclass(frozen=True, order=True)
class Stamp:
    """What changes when a file is written to."""

    mtime_ns: int
    size_bytes: int
    inode: int

    def is_like(self, other: "Stamp") -> bool:
        """The same file for all that can be told after a share was mounted again, which may number its files anew."""
        return (self.mtime_ns, self.size_bytes) == (other.mtime_ns, other.size_bytes)


@dataclass
class _Arriving:
    """A file that was seen and not yet given."""

    stamp: Stamp
    changed_tick_ns: int
    """When it was last seen to change."""
    next_try_tick_ns: int
    retry_s: float = FIRST_RETRY_S


class Arrivals:
    """Files seen = files taken + files dropped (`deleted`, and those that `fail` gave up) + `waiting`."""

    def __init__(self, known: Mapping[str, Stamp], settle_s: float, give_up_s: float) -> None:
        self._known = dict(known)
        self._gone: dict[str, Stamp] = {}
        self._arriving: dict[str, _Arriving] = {}
        self._settle_ns, self._give_up_ns = int(settle_s * NS_PER_S), int(give_up_s * NS_PER_S)
        self.seen = 0
        self.deleted = 0
        """Gone before they were read."""

    @property
    def present_known(self) -> Container[str]:
        """Names in the folder that are done with: no need to look at them again."""
        return self._known.keys()

    def known(self) -> dict[str, Stamp]:
        """Every file that is done with, those that are gone too."""
        return {**self._gone, **self._known}

    @property
    def waiting(self) -> int:
        """Files that were seen and are not yet whole."""
        return len(self._arriving)

    def look(self, present: set[str], stamps: Mapping[str, Stamp], now_tick_ns: int) -> list[str]:
        """The files to read now, in the order in which they came to rest.

        `present` are all names in the folder, `stamps` those of the images that are not `present_known`. A file that vanishes
        and comes back as it was (a share that was mounted again) is the same one; another of its name is a new one.
        """
        for name in [name for name in self._known if name not in present]:
            self._gone[name] = self._known.pop(name)
        for name in [name for name in self._arriving if name not in present]:
            del self._arriving[name]
            self.deleted += 1
        for name, stamp in stamps.items():
            self._note(name, stamp, now_tick_ns)
        ready = [
            name for name, one in self._arriving.items() if now_tick_ns >= one.next_try_tick_ns
        ]
        return sorted(ready, key=self._order)

    def take(self, name: str) -> Stamp:
        """The file was read; its stamp."""
        stamp = self._known[name] = self._arriving.pop(name).stamp
        self._gone.pop(name, None)
        return stamp

    def fail(self, name: str, now_tick_ns: int) -> bool:
        """The file could not be read: whether that is final, as it has not changed for long; else it is tried again."""
        one = self._arriving[name]
        if now_tick_ns - one.changed_tick_ns >= self._give_up_ns:
            self.take(name)
            return True
        last_try_ns = one.changed_tick_ns + self._give_up_ns
        one.next_try_tick_ns = min(now_tick_ns + int(one.retry_s * NS_PER_S), last_try_ns)
        one.retry_s *= 2
        return False

    def _note(self, name: str, stamp: Stamp, now_tick_ns: int) -> None:
        one, gone = self._arriving.get(name), self._gone.get(name)
        if one is not None and one.stamp == stamp:
            return
        if gone is not None and gone.is_like(stamp):
            self._known[name] = self._gone.pop(name)
            return
        self.seen += one is None
        self._arriving[name] = _Arriving(stamp, now_tick_ns, now_tick_ns + self._settle_ns)

    def _order(self, name: str) -> tuple[int, Stamp, str]:
        one = self._arriving[name]
        return one.changed_tick_ns, one.stamp, name
