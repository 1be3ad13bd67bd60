"""Colour statistics by the source of the fields, and how a checkpoint's header and a bundle's manifest carry them.

Fields of one laboratory lie together and those of two apart, so each source has its own statistics: one for all would
hold every colour between them for known.

    known = gather_sources([("bccd", pixels), ...])             # {"bccd": ColourStatistics, ...}
    header.data["colours"] = sources_to_json(known)             # a checkpoint's
    provenance["colours"] = {"training": ..., "calibration": ...}   # a network's in the manifest
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.errors import InputError
from leukoscope.images.colour_statistics import MIN_FIELDS, ColourStatistics, statistics_of
from leukoscope.images.colours import NAMES, measure_colours

KEY = "colours"
"""In a checkpoint's `data` and in a network's `provenance`."""
PARTS = ("training", "calibration")
MOST_SOURCES, LONGEST_NAME = 64, 200

Sources = Mapping[str, ColourStatistics]


def gather_sources(fields: Iterable[tuple[str, NDArray[np.uint8]]]) -> dict[str, ColourStatistics]:
    """Statistics of (source, field [H, W, 3] RGB) by source, in order of name; sources of fewer than MIN_FIELDS are left out.

    No more than MOST_SOURCES: those with most fields.
    """
    vectors: dict[str, list[NDArray[np.float64]]] = {}
    for source, pixels in fields:
        vector = measure_colours(pixels)
        if vector is not None:
            vectors.setdefault(_printable(source), []).append(vector)
    enough = {name: found for name, found in vectors.items() if len(found) >= MIN_FIELDS}
    chosen = sorted(enough, key=lambda name: (-len(enough[name]), name))[:MOST_SOURCES]
    return {name: statistics_of(np.stack(enough[name])) for name in sorted(chosen)}


def sources_to_json(sources: Sources) -> dict[str, Any]:
    """{source: ColourStatistics.to_json()}."""
    return {name: statistics.to_json() for name, statistics in sources.items()}


def sources_from_json(value: Any, where: str = KEY) -> dict[str, ColourStatistics]:
    """InputError for what is not {source: statistics of as many numbers as we measure}."""
    if not isinstance(value, Mapping) or len(value) > MOST_SOURCES:
        raise InputError(where, wanted=f"at most {MOST_SOURCES} sources with their colours")
    found = {}
    for name, one in value.items():
        if not isinstance(name, str) or not name or name != _printable(name):
            raise InputError(f"{where}: {name!r:.40}", wanted="a source's name")
        found[name] = ColourStatistics.from_json(one, f"{where}: {name}")
        if len(found[name].mean) != len(NAMES):
            raise InputError(f"{where}: {name}: mean", wanted=f"{len(NAMES)} numbers")
    return found


def known_colours(
    provenance: Mapping[str, Any], where: str
) -> dict[str, dict[str, ColourStatistics]]:
    """`provenance["colours"]` by part (PARTS) and source; empty where it says nothing. InputError for anything else."""
    value = provenance.get(KEY)
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not set(value) <= set(PARTS):
        raise InputError(f"{where}: {KEY}", wanted=f"an object of {' and '.join(PARTS)}")
    return {part: sources_from_json(value[part], f"{where}: {KEY}.{part}") for part in value}


def with_colours(provenance: Mapping[str, Any], part: str, sources: Sources) -> dict[str, Any]:
    """The provenance with these sources as `part`, in the place of what it said of that part."""
    others = provenance.get(KEY)
    rest = (
        {key: one for key, one in others.items() if key != part}
        if isinstance(others, Mapping)
        else {}
    )
    changed = {**rest, **({part: sources_to_json(sources)} if sources else {})}
    kept = {key: one for key, one in provenance.items() if key != KEY}
    return {**kept, **({KEY: changed} if changed else {})}


def _printable(name: str) -> str:
    return "".join(char if char.isprintable() else "\ufffd" for char in name)[:LONGEST_NAME] or "?"
