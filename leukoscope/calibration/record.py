"""calibration.json, schema 1: which images, which method, which ranges; and whether they still hold.

    record = Record.from_bytes(data)                      # InputError names the key that is wrong
    changes = differences(record.networks[name], now)     # () where the ranges may be used again

docs/calibration-sets.md gives every key.
"""

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from leukoscope.bundle.fields import JSON_LIMIT_BYTES, TEXT_LIMIT, Fields, parse_json
from leukoscope.calibration.chosen import CalibrationSet
from leukoscope.calibration.parts import PARTS, Part
from leukoscope.errors import InputError

FILE = "calibration.json"
SCHEMA = 1
NOTICE = "research use only"


@dataclass(frozen=True)
class ImageRecord:
    """One image of a part. `name` is SETNAME/NAME, `group` SETNAME/GROUP; `label` is '' where there is none."""

    name: str
    sha256: str
    group: str
    label: str
    part: Part

    @classmethod
    def from_json(cls, value: Any, where: str) -> "ImageRecord":
        own = Fields(value, where, _keys(cls))
        part = own.one_of("part", PARTS)
        return cls(
            name=own.text("name"),
            sha256=own.sha256("sha256"),
            group=own.text("group"),
            label="" if value["label"] == "" else own.text("label"),
            part=next(one for one in PARTS if one == part),
        )


@dataclass(frozen=True)
class NetworkInputs:
    """What the ranges of a network follow from."""

    images: tuple[ImageRecord, ...]
    contract_sha256: str
    """Of the preprocessing contract (Contract.sha256)."""
    graph_sha256: str
    """Of the bytes of the float graph's file."""
    asked_images: int
    seed: int
    left_out: Mapping[str, tuple[str, ...]]
    """Cause -> names as SETNAME/NAME."""
    missing: tuple[str, ...]
    """Classes of which the ranges have no image."""


@dataclass(frozen=True)
class NetworkRecord(NetworkInputs):
    """The inputs, and what was made of them."""

    method: str
    ranges: Mapping[str, float]
    """Tensor -> the greatest absolute value that its int8 holds."""
    returned: tuple[str, ...]
    """Layers that were given back to float."""
    search: Mapping[str, Any]
    """What was tried, as its room writes it."""

    @classmethod
    def from_json(cls, value: Any, where: str) -> "NetworkRecord":
        own = Fields(value, where, _keys(cls))
        images = _list(value["images"], f"{where}: images")
        left_out = own.object("left_out")
        ranges = own.object("ranges")
        numbers = Fields(ranges, f"{where}: ranges", tuple(ranges))
        return cls(
            images=tuple(
                ImageRecord.from_json(one, f"{where}: images[{index}]")
                for index, one in enumerate(images)
            ),
            contract_sha256=own.sha256("contract_sha256"),
            graph_sha256=own.sha256("graph_sha256"),
            asked_images=own.integer("asked_images", least=1),
            seed=own.integer("seed", least=0),
            left_out={
                _text(cause, f"{where}: left_out"): _texts(names, f"{where}: left_out.{cause[:80]}")
                for cause, names in left_out.items()
            },
            missing=_texts(value["missing"], f"{where}: missing"),
            method=own.text("method"),
            ranges={_text(name, f"{where}: ranges"): numbers.positive(name) for name in ranges},
            returned=_texts(value["returned"], f"{where}: returned"),
            search=own.object("search"),
        )


@dataclass(frozen=True)
class Record:
    """All of calibration.json."""

    networks: Mapping[str, NetworkRecord]

    @classmethod
    def from_bytes(cls, data: bytes, where: str = FILE) -> "Record":
        """InputError names the first key that is missing, unknown or wrong; never NaN, never an infinity."""
        value = parse_json(data, where)
        own = Fields(value, where, ("schema", "notice", "networks"))
        if type(value["schema"]) is not int or value["schema"] != SCHEMA:
            found = f"{where} has schema {str(value['schema'])[:20]}"
            raise InputError(
                found,
                wanted=f"schema {SCHEMA}",
                next_step="export the bundle again, and calibrate it",
            )
        own.text("notice")
        return cls(own.entries("networks", NetworkRecord.from_json))

    def to_bytes(self) -> bytes:
        """UTF-8 JSON, the same for the same record; what it gives, `from_bytes` reads.

        Texts from file names and labels that could not be printed have U+FFFD in their place. ValueError on NaN or
        infinity, which is our own mistake; InputError where it would be too large to be read again.
        """
        value = {
            "schema": SCHEMA,
            "notice": NOTICE,
            "networks": self.networks,
        }
        text = json.dumps(
            _plain(value), indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False
        )
        data = text.encode() + b"\n"
        if len(data) > JSON_LIMIT_BYTES:
            raise InputError(
                f"{FILE} would have {len(data)} bytes",
                wanted=f"at most {JSON_LIMIT_BYTES}",
                next_step="give folders with fewer images",
            )
        return data


def inputs_of(chosen: CalibrationSet, contract_sha256: str, graph_sha256: str) -> NetworkInputs:
    """What is on record of a calibration set."""
    images = [
        ImageRecord(
            name=_printable(one.name),
            sha256=one.sha256,
            group=_printable(one.group),
            label=_printable(one.label),
            part=part,
        )
        for part in PARTS
        for one in chosen.part(part)
    ]
    return NetworkInputs(
        images=tuple(images),
        contract_sha256=contract_sha256,
        graph_sha256=graph_sha256,
        asked_images=chosen.asked_images,
        seed=chosen.seed,
        left_out={cause: tuple(map(_printable, names)) for cause, names in chosen.left_out.items()},
        missing=chosen.missing,
    )


def differences(
    old: NetworkInputs, now: NetworkInputs, parts: Collection[Part] = PARTS
) -> tuple[str, ...]:
    """Why ranges on record do not hold for other inputs, in words; () where they do.

    An image is the same while its bytes, its label and its part are: neither its name, nor its group's, nor what is
    left out moves a range. `parts` narrows the images that are looked at: the gate's touch the verdict alone.
    """
    changes = [_changed_images(part, old, now) for part in PARTS if part in parts]
    if old.contract_sha256 != now.contract_sha256:
        changes.append("the preprocessing contract changed")
    if old.graph_sha256 != now.graph_sha256:
        changes.append("the float graph changed")
    for option, was, is_now in (
        ("--images", old.asked_images, now.asked_images),
        ("--seed", old.seed, now.seed),
    ):
        if was != is_now:
            changes.append(f"{option} was {was}, is {is_now}")
    return tuple(filter(None, changes))


def _changed_images(part: Part, old: NetworkInputs, now: NetworkInputs) -> str:
    """'3 images of the ranges part changed', or ''."""
    before, after = (
        Counter((image.sha256, image.label) for image in one.images if image.part == part)
        for one in (old, now)
    )
    count = max((before - after).total(), (after - before).total())
    return f"{count} image{'s' * (count != 1)} of the {part} part changed" if count else ""


def _keys(cls: Any) -> tuple[str, ...]:
    return tuple(one.name for one in fields(cls))


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise InputError(f"{where} is not a list", wanted="a list")
    return value


def _texts(value: Any, where: str) -> tuple[str, ...]:
    return tuple(_text(one, where) for one in _list(value, where))


def _text(value: Any, where: str) -> str:
    return Fields({"text": value}, where, ("text",)).text("text")


def _plain(value: Any) -> Any:
    """Dataclasses, mappings and tuples as JSON values, with every text in them (keys too) as `_printable` has it."""
    if isinstance(value, str):
        return _printable(value)
    if is_dataclass(value):
        return {key: _plain(getattr(value, key)) for key in _keys(value)}
    if isinstance(value, Mapping):
        return {_plain(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value


def _printable(text: str) -> str:
    """The text such that `Fields.text` takes it; '' stays."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)[:TEXT_LIMIT]
