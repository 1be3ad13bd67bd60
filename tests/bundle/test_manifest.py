"""manifest.json: there and back, and every key refused when it is gone, misspelt, or of another kind."""

import json

import numpy as np
import pytest

from leukoscope.bundle.fields import parse_json
from leukoscope.bundle.manifest import FileEntry, Manifest
from leukoscope.errors import InputError


@pytest.fixture
def value(sound_manifest):
    """A sound manifest as JSON values, its files listed."""
    made = sound_manifest.to_json()
    made["files"] = {
        name: {"sha256": "0" * 64, "size_bytes": 1} for name in sound_manifest.named_files()
    }
    return made


def test_there_and_back(value):
    manifest = Manifest.from_json(value)
    assert manifest.to_json() == value
    assert Manifest.from_json(parse_json(manifest.to_bytes(), "m")) == manifest
    assert manifest.networks["net"].cam_grid == (2, 2)
    assert manifest.files["trees.bin"] == FileEntry("0" * 64, 1)


def test_the_schema_stands_in_front(value):
    assert list(Manifest.from_json(value).to_json())[:2] == ["format", "schema"]


def test_trees_and_golden_may_be_absent(value):
    value.update(trees=None, golden=None)
    manifest = Manifest.from_json(value)
    assert manifest.trees is None and manifest.golden is None


def test_nan_is_never_written(value):
    manifest = Manifest.from_json(value)
    manifest.networks["net"].provenance["loss"] = float("nan")
    with pytest.raises(ValueError):
        manifest.to_bytes()


@pytest.mark.parametrize("schema", [0, 2, "1", True, None, 1.0])
def test_another_schema_is_refused(value, schema):
    value["schema"] = schema
    with pytest.raises(InputError, match="schema"):
        Manifest.from_json(value)


@pytest.mark.parametrize("found", [None, [], "x", {}, {"format": "safetensors", "schema": 1}])
def test_another_format_is_refused(found):
    with pytest.raises(InputError, match="not a bundle's"):
        Manifest.from_json(found)


def objects(value, free=("contract", "settings", "gate", "parity", "provenance")):
    """All objects whose keys the format fixes."""
    yield value
    for key, inner in value.items():
        if isinstance(inner, dict) and key not in free:
            yield from objects(inner)


def test_every_key_is_required_and_no_other_allowed(value):
    fixed = [o for o in objects(value) if not {"net", "fp32", "trees.bin"} & o.keys()]
    assert len(fixed) == 1 + 1 + 1 + 1 + 1 + 3
    for one in fixed:
        for key in list(one):
            kept = one.pop(key)
            with pytest.raises(InputError):
                Manifest.from_json(value)
            one[key] = kept
        one["extra"] = 1
        with pytest.raises(InputError, match="unknown key 'extra'"):
            Manifest.from_json(value)
        del one["extra"]
    Manifest.from_json(value)


def test_parts_and_files_must_agree(value):
    for change, fault in [
        (lambda v: v["files"].pop("trees.bin"), "names trees.bin"),
        (lambda v: v["golden"].update(file="trees.bin"), "names trees.bin twice"),
        (lambda v: v["trees"].update(network="other"), "which is not in networks"),
        (lambda v: v["trees"].update(classes=["a", "b"]), "trees have 2 classes"),
        (
            lambda v: v["files"].update({"TREES.bin": v["files"]["trees.bin"]}),
            "differ only in case",
        ),
        (lambda v: v["files"].update({"../x": v["files"]["trees.bin"]}), "no file name"),
        (lambda v: v["networks"].update({"../x": v["networks"]["net"]}), "no file name"),
        (lambda v: v["trees"].update(file="a/../b"), "no file name"),
    ]:
        broken = json.loads(json.dumps(value))
        change(broken)
        with pytest.raises(InputError, match=fault):
            Manifest.from_json(broken)


ODD = [
    None,
    True,
    0,
    -1,
    1.5,
    2**70,
    "",
    "x",
    "../x",
    [],
    [1],
    {},
    {"a": 1},
    "a" * 3000,
    [[[]]],
    "\u0000",
]


def test_thousands_of_mutations_are_refused_or_read(value):
    random = np.random.default_rng(5)
    read = 0
    for _ in range(2000):
        broken = json.loads(json.dumps(value))
        for _ in range(int(random.integers(1, 3))):
            at, key, where = broken, None, None
            while isinstance(at, dict) and at and (where is None or random.random() < 0.8):
                where, key = at, str(random.choice(list(at)))
                at = where[key]
            kind = random.integers(0, 3)
            if kind == 0:
                del where[key]
            else:
                where[key if kind == 1 else f"{key}x"] = ODD[int(random.integers(len(ODD)))]
        try:
            manifest = Manifest.from_json(parse_json(json.dumps(broken).encode(), "m"))
        except InputError as error:
            assert "\n" not in str(error)
            continue
        read += 1
        assert set(manifest.named_files()) <= manifest.files.keys()
    assert read < 1400


def test_bytes_flipped_are_refused_or_read(value):
    random = np.random.default_rng(6)
    data = Manifest.from_json(value).to_bytes()
    for _ in range(1500):
        broken = bytearray(data)
        broken[int(random.integers(len(broken)))] = int(random.integers(256))
        try:
            Manifest.from_json(parse_json(bytes(broken), "m"))
        except InputError as error:
            assert "\n" not in str(error)
