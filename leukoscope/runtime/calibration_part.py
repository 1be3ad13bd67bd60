"""Which images a bundle was calibrated on, as its calibration.json says: they cannot judge what was made of them."""

from typing import Any

from leukoscope.bundle.fields import parse_json
from leukoscope.bundle.read import Bundle
from leukoscope.errors import InputError
from leukoscope.runtime.provenance import Seen

FILE = "calibration.json"
USED = ("ranges", "search")


def calibration_part(bundle: Bundle, network: str) -> Seen:
    """Images and groups of the network's ranges and layer search; empty where the bundle was not calibrated.

    Reads what it needs and passes over the rest, which belongs to the room that writes it. Raises InputError where that
    little is not as it should be.
    """
    if FILE not in bundle.manifest.files:
        return Seen()
    where = str(bundle.root / FILE)
    record = parse_json(bundle.read_bytes(FILE), where)
    networks = _member(record, "networks", dict, where)
    if network not in networks:
        return Seen()
    images = _member(networks[network], "images", list, f"{where}: {network}")
    used = [one for one in images if _member(one, "part", str, f"{where}: images") in USED]
    return Seen(
        frozenset(_member(one, "sha256", str, f"{where}: images") for one in used),
        frozenset(_member(one, "group", str, f"{where}: images") for one in used),
    )


def _member(value: Any, key: str, kind: type, where: str) -> Any:
    if not isinstance(value, dict) or not isinstance(value.get(key), kind):
        raise InputError(
            f"{where} has no {key} that can be read",
            wanted="what calibrate writes",
            next_step="calibrate again",
        )
    return value[key]
