"""manifest.json: what is in a bundle, as frozen dataclasses, and the strict way between them and JSON values.

    manifest = Manifest.from_json(parse_json(data))      # InputError names the key that is wrong
    data = manifest.to_bytes()

docs/bundle-format.md gives every key and the reason of every rule. Free-form objects (`contract`, `settings`, `gate`,
`parity`, `provenance`) are `JsonObject`s whose inside belongs to the rooms that write them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leukoscope.bundle.fields import Fields, check_name
from leukoscope.errors import InputError

FORMAT = "leukoscope-bundle"
SCHEMA = 1
MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"

JsonObject = Mapping[str, Any]


@dataclass(frozen=True)
class FileEntry:
    """SHA-256 (64 lower-case hex digits) and size of one file."""

    sha256: str
    size_bytes: int

    @classmethod
    def from_json(cls, value: Any, where: str) -> "FileEntry":
        fields = Fields(value, where, ("sha256", "size_bytes"))
        return cls(fields.sha256("sha256"), fields.integer("size_bytes", least=0))


@dataclass(frozen=True)
class Variant:
    """One precision of a network: its graph, the gate's verdict (None: float, or not judged), its parity."""

    file: str
    gate: JsonObject | None = None
    parity: JsonObject = field(default_factory=dict)

    @classmethod
    def from_json(cls, value: Any, where: str) -> "Variant":
        fields = Fields(value, where, ("file", "gate", "parity"))
        return cls(
            fields.file_name("file"), fields.optional_object("gate"), fields.object("parity")
        )


@dataclass(frozen=True)
class NetworkEntry:
    """One network: what it names, what it takes, how it was made, and its variants by name (`fp32`, ...).

    `cam_grid` is (h, w) of its Grad-CAM maps; `temperature` is already inside the graph.
    """

    classes: tuple[str, ...]
    contract: JsonObject
    size: str
    settings: JsonObject
    trained: bool
    parameters: int
    cam_target: str
    cam_grid: tuple[int, int]
    temperature: float
    variants: Mapping[str, Variant]
    provenance: JsonObject

    @classmethod
    def from_json(cls, value: Any, where: str) -> "NetworkEntry":
        fields = Fields(value, where, tuple(cls.__dataclass_fields__))
        return cls(
            classes=fields.classes("classes"),
            contract=fields.object("contract"),
            size=fields.text("size"),
            settings=fields.object("settings"),
            trained=fields.boolean("trained"),
            parameters=fields.integer("parameters", least=1),
            cam_target=fields.text("cam_target"),
            cam_grid=fields.pair("cam_grid"),
            temperature=fields.positive("temperature"),
            variants=fields.entries("variants", Variant.from_json),
            provenance=fields.object("provenance"),
        )


@dataclass(frozen=True)
class TreesEntry:
    """The boosted trees: the blob, the network whose features they take, and what they vote for."""

    file: str
    network: str
    features: int
    classes: tuple[str, ...]
    trees: int
    layout: str
    temperature: float
    parity: JsonObject = field(default_factory=dict)
    provenance: JsonObject = field(default_factory=dict)

    @classmethod
    def from_json(cls, value: Any, where: str) -> "TreesEntry":
        fields = Fields(value, where, tuple(cls.__dataclass_fields__))
        return cls(
            file=fields.file_name("file"),
            network=fields.text("network"),
            features=fields.integer("features", least=1),
            classes=fields.classes("classes"),
            trees=fields.integer("trees", least=1),
            layout=fields.one_of("layout", ("perfect", "nodes")),
            temperature=fields.positive("temperature"),
            parity=fields.object("parity"),
            provenance=fields.object("provenance"),
        )


@dataclass(frozen=True)
class GoldenEntry:
    """The golden outputs: the file, and how many frames a network."""

    file: str
    frames: int

    @classmethod
    def from_json(cls, value: Any, where: str) -> "GoldenEntry":
        fields = Fields(value, where, ("file", "frames"))
        return cls(fields.file_name("file"), fields.integer("frames", least=1))


@dataclass(frozen=True)
class Manifest:
    """All of manifest.json. `files` is filled by the writer: a caller leaves it empty."""

    created_by: str
    networks: Mapping[str, NetworkEntry]
    trees: TreesEntry | None = None
    golden: GoldenEntry | None = None
    files: Mapping[str, FileEntry] = field(default_factory=dict)

    @classmethod
    def from_json(cls, value: Any) -> "Manifest":
        """JSON values -> Manifest; InputError names the key that is missing, unknown or wrong."""
        check_schema(value)
        fields = Fields(value, MANIFEST, ("format", "schema", *cls.__dataclass_fields__))
        manifest = cls(
            created_by=fields.text("created_by"),
            networks=fields.entries("networks", NetworkEntry.from_json),
            trees=fields.optional("trees", TreesEntry.from_json),
            golden=fields.optional("golden", GoldenEntry.from_json),
            files=fields.entries("files", FileEntry.from_json),
        )
        check_references(manifest)
        return manifest

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, the schema in front."""
        return {"format": FORMAT, "schema": SCHEMA, **_plain(self)}

    def to_bytes(self) -> bytes:
        """UTF-8 JSON. Raises ValueError on NaN or infinity: such a manifest is our own mistake."""
        text = json.dumps(self.to_json(), indent=1, ensure_ascii=False, allow_nan=False)
        return text.encode() + b"\n"

    def named_files(self) -> list[str]:
        """The files that networks, trees and golden outputs name, in order, repeats kept."""
        graphs = [v.file for entry in self.networks.values() for v in entry.variants.values()]
        return graphs + [part.file for part in (self.trees, self.golden) if part is not None]


def check_schema(value: Any) -> None:
    """InputError unless the value says that it is a bundle's manifest of the schema that we read."""
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise InputError(f"{MANIFEST} is not a bundle's", wanted=f'"format": "{FORMAT}"')
    schema = value.get("schema")
    if type(schema) is not int or schema != SCHEMA:
        raise InputError(
            f"{MANIFEST} has schema {str(schema)[:20]}",
            wanted=f"schema {SCHEMA}",
            next_step="export the checkpoint again, or use the leukoscope that wrote it",
        )


def check_references(manifest: Manifest) -> None:
    """InputError unless the parts and the list of files agree."""
    for name in manifest.files:
        check_name(name, f"{MANIFEST}: files")
    folded = [name.lower() for name in manifest.files]
    if len(set(folded)) != len(folded):
        raise InputError(f"{MANIFEST}: files has names that differ only in case")
    named = manifest.named_files()
    for name in named:
        if name not in manifest.files:
            raise InputError(f"{MANIFEST} names {name}, which is not in its list of files")
        if named.count(name) > 1:
            raise InputError(f"{MANIFEST} names {name} twice")
    _check_trees(manifest)


def _check_trees(manifest: Manifest) -> None:
    trees = manifest.trees
    if trees is None:
        return
    network = manifest.networks.get(trees.network)
    if network is None:
        raise InputError(f"{MANIFEST}: trees.network is {trees.network}, which is not in networks")
    if len(network.classes) != len(trees.classes):
        raise InputError(
            f"{MANIFEST}: trees have {len(trees.classes)} classes",
            wanted=f"{len(network.classes)} as {trees.network}",
        )


def _plain(value: Any) -> Any:
    """Dataclasses, mappings and tuples as dicts and lists."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
