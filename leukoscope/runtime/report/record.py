"""calibration.json, read tolerantly: what of it is not as expected is passed over, for a report must not fail on it."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from leukoscope.bundle.fields import parse_json
from leukoscope.bundle.read import Bundle
from leukoscope.errors import InputError
from leukoscope.runtime.report.contents import Layer, MakeUp, Part

CALIBRATION = "calibration.json"
PARTS = ("ranges", "search", "gate")


def calibration_of(bundle: Bundle) -> Mapping[str, Any] | None:
    """The bundle's calibration.json as JSON; None where there is none, or none that can be read."""
    if CALIBRATION not in bundle.manifest.files:
        return None
    try:
        value = parse_json(bundle.read_bytes(CALIBRATION), CALIBRATION)
    except InputError:
        return None
    return value if isinstance(value, dict) else None


def make_up_of(calibration: Mapping[str, Any] | None) -> tuple[MakeUp, ...]:
    """How each network was calibrated, by network in the order of the file."""
    return tuple(_make_up(name, value) for name, value in _networks(calibration).items())


def layers_of(value: Any) -> tuple[Layer, ...]:
    """Layers from a list of {layer, output_error, cam_error, multiply_adds, returned}; entries without errors are left out."""
    rows = [row for row in _list(value) if isinstance(row, Mapping)]
    found = [_layer(row) for row in rows]
    return tuple(layer for layer in found if layer is not None)


def saved_layers(calibration: Mapping[str, Any] | None, network: str) -> tuple[Layer, ...]:
    """The ranking that `calibrate` saved: `search.sensitivity` of the network."""
    search = _networks(calibration).get(network, {}).get("search")
    return layers_of(search.get("sensitivity")) if isinstance(search, Mapping) else ()


def _networks(calibration: Mapping[str, Any] | None) -> dict[str, Mapping[str, Any]]:
    networks = (calibration or {}).get("networks")
    if not isinstance(networks, Mapping):
        return {}
    return {str(name): one for name, one in networks.items() if isinstance(one, Mapping)}


def _make_up(network: str, value: Mapping[str, Any]) -> MakeUp:
    images = [one for one in _list(value.get("images")) if isinstance(one, Mapping)]
    left_out = value.get("left_out")
    causes = left_out if isinstance(left_out, Mapping) else {}
    graph = value.get("graph_sha256")
    return MakeUp(
        network=network,
        method=_text(value.get("method")),
        parts=tuple(_part(name, images) for name in PARTS),
        left_out={str(cause): _count(names) for cause, names in causes.items()},
        missing=_texts(value.get("missing")),
        returned=_texts(value.get("returned")),
        graph_sha256=graph if isinstance(graph, str) else None,
    )


def _part(name: str, images: Sequence[Mapping[str, Any]]) -> Part:
    members = [one for one in images if one.get("part") == name]
    labels = Counter(_text(one.get("label")) or "no label" for one in members)
    groups = {_text(one.get("group")) for one in members}
    return Part(name, len(members), len(groups), dict(sorted(labels.items())))


def _layer(row: Mapping[str, Any]) -> Layer | None:
    output_error, cam_error = _number(row.get("output_error")), _number(row.get("cam_error"))
    if output_error is None:
        return None
    multiply_adds = _number(row.get("multiply_adds")) or 0
    name = _text(row.get("layer"))
    return Layer(name, output_error, cam_error, int(multiply_adds), row.get("returned") is True)


def _number(value: Any) -> float | None:
    """Finite and not negative, else None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None


def _count(value: Any) -> int:
    return value if type(value) is int else len(_list(value))


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else ()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(one for one in _list(value) if isinstance(one, str))
