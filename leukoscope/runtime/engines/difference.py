"""Why no kept engine fits: the part in which the nearest one differs, in one line."""

from collections.abc import Iterable
from dataclasses import fields

from leukoscope.runtime.engines.key import Key

_WORDS = {
    "network": "the network",
    "graph_sha256": "the graph in the bundle",
    "precision": "the precision",
    "profile": "the batch sizes",
    "backend": "the builder",
    "backend_version": "the builder's version",
    "gpu": "the device",
    "compute_capability": "the compute capability",
    "driver": "the driver",
}
_WEIGHTS = {"network": 8, "backend": 4, "precision": 4, "graph_sha256": 2}
"""What makes an engine another one altogether; the rest weighs 1 each."""


def difference(key: Key, others: Iterable[Key]) -> str:
    """'the driver changed from 12.6 to 13.0', against the nearest of `others`; '' where none is of this network.

    An engine of another network, builder or precision is no earlier one of this: it says nothing.
    """
    kin = [
        other
        for other in others
        if (other.network, other.backend, other.precision)
        == (key.network, key.backend, key.precision)
        and other != key
    ]
    if not kin:
        return ""
    nearest = min(kin, key=lambda other: _distance(key, other))
    return " and ".join(
        f"{_WORDS[name]} changed{_change(name, getattr(nearest, name), getattr(key, name))}"
        for name in differing(key, nearest)
    )


def differing(one: Key, other: Key) -> tuple[str, ...]:
    """Names of the parts that differ."""
    return tuple(
        field.name
        for field in fields(one)
        if getattr(one, field.name) != getattr(other, field.name)
    )


def _distance(one: Key, other: Key) -> int:
    return sum(_WEIGHTS.get(name, 1) for name in differing(one, other))


def _change(name: str, old: object, new: object) -> str:
    """' from 12.6 to 13.0'."""
    if name == "graph_sha256":
        return ""  # a hash tells people nothing
    if name == "profile":
        return f" from {_profile(old)} to {_profile(new)}"
    return f" from {old} to {new}"


def _profile(value: object) -> str:
    assert isinstance(value, tuple)
    return f"1 to {value[2]} (tuned for {value[1]})"
