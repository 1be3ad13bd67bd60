"""calibration.json, read tolerantly: what of it is not as expected is passed over, for a report must not fail on it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from leukoscope.bundle.fields import parse_json
from leukoscope.bundle.read import Bundle
from leukoscope.errors import InputError
from leukoscope.runtime.report.calibration import Layer, MakeUp, Method, Part, Step
from leukoscope.runtime.report.tolerant import (
    count_of,
    mapping_of,
    mappings_of,
    number_of,
    numbers_of,
    text_of,
    texts_of,
)

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
    found = [_layer(row) for row in mappings_of(value)]
    return tuple(layer for layer in found if layer is not None)


def saved_layers(calibration: Mapping[str, Any] | None, network: str) -> tuple[Layer, ...]:
    """The ranking that `calibrate` saved: `search.sensitivity` of the network, with its `returned`."""
    record = _networks(calibration).get(network, {})
    returned = texts_of(record.get("returned"))
    found = layers_of(mapping_of(record.get("search")).get("sensitivity"))
    return tuple(replace(one, returned=one.returned or one.name in returned) for one in found)


def _networks(calibration: Mapping[str, Any] | None) -> dict[str, Mapping[str, Any]]:
    networks = mapping_of((calibration or {}).get("networks"))
    return {str(name): one for name, one in networks.items() if isinstance(one, Mapping)}


def _make_up(network: str, value: Mapping[str, Any]) -> MakeUp:
    images = mappings_of(value.get("images"))
    causes = mapping_of(value.get("left_out"))
    search = mapping_of(value.get("search"))
    seed, share = number_of(value.get("seed")), number_of(search.get("int8_share"))
    return MakeUp(
        network=network,
        method=text_of(value.get("method")),
        parts=tuple(_part(name, images) for name in PARTS),
        left_out={str(cause): count_of(names) for cause, names in causes.items()},
        missing=texts_of(value.get("missing")),
        returned=texts_of(value.get("returned")),
        graph_sha256=text_of(value.get("graph_sha256")) or None,
        seed=None if seed is None else int(seed),
        int8_share=share,
        methods=_methods(mapping_of(search.get("methods"))),
        steps=tuple(_step(row) for row in mappings_of(search.get("steps"))),
    )


def _part(name: str, images: Sequence[Mapping[str, Any]]) -> Part:
    members = [one for one in images if one.get("part") == name]
    labels = Counter(text_of(one.get("label")) or "no label" for one in members)
    groups = {text_of(one.get("group")) for one in members}
    return Part(name, len(members), len(groups), dict(sorted(labels.items())))


def _methods(value: Mapping[str, Any]) -> tuple[Method, ...]:
    found = []
    for name, errors in value.items():
        pair = mapping_of(errors)
        output, cam = number_of(pair.get("output")), number_of(pair.get("cam"))
        if output is not None and cam is not None:
            found.append(Method(str(name), output, cam))
    return tuple(found)


def _step(row: Mapping[str, Any]) -> Step:
    return Step(
        returned=int(number_of(row.get("returned")) or 0),
        outcome=text_of(row.get("outcome")),
        n=int(number_of(row.get("n")) or 0),
        flips=int(number_of(row.get("flips")) or 0),
        failed=numbers_of(row.get("failed")),
    )


def _layer(row: Mapping[str, Any]) -> Layer | None:
    output_error = number_of(row.get("output_error"))
    if output_error is None:
        return None
    return Layer(
        name=text_of(row.get("layer")),
        output_error=output_error,
        cam_error=number_of(row.get("cam_error")),
        multiply_adds=int(number_of(row.get("multiply_adds")) or 0),
        returned=row.get("returned") is True,
    )
