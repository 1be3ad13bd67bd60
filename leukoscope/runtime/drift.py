"""Whether a field's colours are unlike all that the bundle's networks were trained and calibrated on.

    drift = open_drift(bundle)              # None where the manifest says nothing of colours
    reading = drift(pixels)                 # one field; None where it shows too little stain to say

One thread, fields in order: the last of them make the session's view. docs/colours.md has the limits and what they see.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.read import Bundle
from leukoscope.images.colour_sources import known_colours
from leukoscope.images.colour_statistics import ColourStatistics
from leukoscope.images.colours import measure_colours

SESSION_FIELDS = 50
"""So many of the last fields are looked at together."""
LEAST_FIELDS = 10
"""Fewer say nothing of a session."""
USUAL = 1.0
"""A session has drifted when the median of its distances, in units of the source's usual distance, is above this."""


@dataclass(frozen=True)
class DriftReading:
    """One field's colours, and what the session's last fields say."""

    distance: float
    """From the nearest known source, Mahalanobis."""
    limit: float
    """All but one in two hundred of that source's own fields lie nearer."""
    nearest: str
    """NETWORK/SOURCE."""
    field_flagged: bool
    """This field is beyond the limit of every source: 'colour_drift'."""
    session_distance: float | None
    """Median over the last SESSION_FIELDS, in units of the usual distance; None under LEAST_FIELDS fields."""
    session_drifted: bool
    unlike: tuple[str, ...]
    """Networks whose own colours the session has left, by name: one may know a laboratory that the other does not."""


@dataclass
class _Session:
    """The last distances of one network's, or of all, in units of the usual."""

    shares: deque[float] = field(default_factory=lambda: deque(maxlen=SESSION_FIELDS))

    def add(self, share: float) -> float | None:
        self.shares.append(share)
        return median(self.shares) if len(self.shares) >= LEAST_FIELDS else None


class ColourDrift:
    """Reads the drift of one field after another."""

    def __init__(self, networks: Mapping[str, Mapping[str, ColourStatistics]]) -> None:
        """`networks`: the known sources by network and name, at least one."""
        self._networks = networks
        self._sessions = {name: _Session() for name in networks}
        self._all = _Session()

    def __call__(self, pixels: NDArray[np.uint8]) -> DriftReading | None:
        """The field [H, W, 3] RGB; None, and nothing is remembered, where it shows too little stain."""
        vector = measure_colours(pixels)
        if vector is None:
            return None
        distances = {
            (network, source): (known.distance(vector), known)
            for network, sources in self._networks.items()
            for source, known in sources.items()
        }
        nearest = min(distances, key=lambda name: distances[name][0] / distances[name][1].limit)
        distance, known = distances[nearest]
        shares = {name: gap / one.usual for name, (gap, one) in distances.items()}
        middle = self._all.add(min(shares.values()))
        return DriftReading(
            distance=distance,
            limit=known.limit,
            nearest="/".join(nearest),
            field_flagged=distance > known.limit,
            session_distance=middle,
            session_drifted=middle is not None and middle > USUAL,
            unlike=self._unlike(shares),
        )

    def _unlike(self, shares: Mapping[tuple[str, str], float]) -> tuple[str, ...]:
        middles = {
            name: session.add(min(share for (owner, _), share in shares.items() if owner == name))
            for name, session in self._sessions.items()
        }
        return tuple(
            name for name, middle in middles.items() if middle is not None and middle > USUAL
        )


def open_drift(bundle: Bundle) -> ColourDrift | None:
    """A drift reader for the bundle; None where no network of it names its colours. InputError where they are broken."""
    networks = {}
    for name, entry in bundle.manifest.networks.items():
        parts = known_colours(entry.provenance, f"{bundle.root}: {name}")
        # A source that both trained and calibrated stands twice, each with its own fields.
        sources = {
            (source if part == "training" else f"{source} ({part})"): statistics
            for part, found in parts.items()
            for source, statistics in found.items()
        }
        if sources:
            networks[name] = sources
    return ColourDrift(networks) if networks else None
