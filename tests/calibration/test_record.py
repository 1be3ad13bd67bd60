import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_sets import bare_bundle, write_stages

from leukoscope.bundle.fields import Fields, parse_json
from leukoscope.calibration.chosen import choose_set
from leukoscope.calibration.offers import read_offers
from leukoscope.calibration.record import (
    ImageRecord,
    NetworkInputs,
    NetworkRecord,
    Record,
    differences,
    inputs_of,
)
from leukoscope.errors import InputError

IMAGES = tuple(
    ImageRecord(f"s/Pre/{i}.png", f"{i:064x}", "s/Pre/00", "Pre", part)
    for i, part in enumerate(["ranges"] * 4 + ["search"] * 2 + ["gate"] * 3)
)
NETWORK = NetworkRecord(
    images=IMAGES,
    contract_sha256="c" * 64,
    graph_sha256="d" * 64,
    asked_images=128,
    seed=1,
    left_out={"unreadable": ("s/Pre/9.png",), "duplicate": ()},
    missing=("Benign",),
    method="percentile 99.99",
    ranges={"/stem/Conv_output_0": 3.25, "frames": 1e-9},
    returned=("/head/Gemm",),
    search={"tried": [{"method": "entropy", "error": 0.125}], "note": None},
)
RECORD = Record({"xincept_all": NETWORK, "sg_cldff": NETWORK})


def test_what_is_written_is_read_again():
    assert Record.from_bytes(RECORD.to_bytes()) == RECORD
    assert Record.from_bytes(Record({}).to_bytes()) == Record({})


def test_the_file_is_the_same_for_the_same_record():
    turned = Record(dict(reversed(RECORD.networks.items())))
    assert turned.to_bytes() == RECORD.to_bytes()
    value = json.loads(RECORD.to_bytes())
    assert (value["schema"], value["notice"]) == (1, "research use only")
    image = value["networks"]["sg_cldff"]["images"][0]
    assert image == {
        "name": "s/Pre/0.png", "sha256": "0" * 64, "group": "s/Pre/00", "label": "Pre",
        "part": "ranges",
    }  # fmt: skip


@given(st.text(max_size=1500), st.text(min_size=1), st.floats(1e-12, 1e20))
def test_any_text_can_be_written_and_read(label, name, value):
    image = replace(IMAGES[0], name=name, group=name, label=label)
    one = replace(
        NETWORK, images=(image,), left_out={name: (name,)}, ranges={name: value}, returned=(name,)
    )
    got = Record.from_bytes(Record({"n": one}).to_bytes()).networks["n"]
    assert list(got.ranges.values()) == [value] and len(got.images) == 1
    if name.isprintable() and len(name) <= 1024:
        assert got.images[0].name == name and got.left_out == {name: (name,)}


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_no_record_holds_nan(number):
    with pytest.raises(ValueError, match="JSON"):
        Record({"n": replace(NETWORK, ranges={"x": number})}).to_bytes()
    with pytest.raises(ValueError, match="JSON"):
        Record({"n": replace(NETWORK, search={"x": [number]})}).to_bytes()


def test_a_record_too_large_to_be_read_is_not_written(monkeypatch):
    monkeypatch.setattr("leukoscope.calibration.record.JSON_LIMIT_BYTES", 100)
    with pytest.raises(InputError, match=r"calibration\.json would have"):
        RECORD.to_bytes()


def changed(path, value, remove=False):
    """calibration.json with one value put at a path of keys."""
    whole = json.loads(RECORD.to_bytes())
    inner = whole
    for key in path[:-1]:
        inner = inner[key]
    if remove:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return json.dumps(whole).encode()


NET = ("networks", "sg_cldff")


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("schema",), 2, "schema 2"),
        (("schema",), True, "schema True"),
        (("notice",), "", "notice"),
        (("extra",), 1, "unknown key 'extra'"),
        (("networks",), [], "networks"),
        (("networks",), {"../x": {}}, "no file name"),
        (NET, 7, "networks.sg_cldff is a number"),
        ((*NET, "images"), {}, "images is not a list"),
        ((*NET, "images", 0), "x", r"images\[0\] is a text"),
        ((*NET, "images", 1, "part"), "train", r"images\[1\]: part"),
        ((*NET, "images", 1, "part"), ["gate"], r"images\[1\]: part"),
        ((*NET, "images", 1, "sha256"), "D" * 64, "sha256"),
        ((*NET, "images", 1, "label"), None, "label"),
        ((*NET, "images", 1, "name"), "a\nb", "name"),
        ((*NET, "images", 1, "group"), "", "group"),
        ((*NET, "contract_sha256"), "x", "contract_sha256"),
        ((*NET, "graph_sha256"), None, "graph_sha256"),
        ((*NET, "asked_images"), 0, "asked_images"),
        ((*NET, "asked_images"), 1.5, "asked_images"),
        ((*NET, "seed"), -1, "seed"),
        ((*NET, "seed"), True, "seed"),
        ((*NET, "method"), 3, "method"),
        ((*NET, "left_out"), [], "left_out"),
        ((*NET, "left_out", "unreadable"), "abc", "left_out.unreadable is not a list"),
        ((*NET, "left_out", "unreadable"), [1], "left_out.unreadable"),
        ((*NET, "missing"), "Benign", "missing is not a list"),
        ((*NET, "returned"), [None], "returned"),
        ((*NET, "ranges"), [], "ranges"),
        ((*NET, "ranges", "x"), -1, "x is -1"),
        ((*NET, "ranges", "x"), 0, "x is 0"),
        ((*NET, "ranges", "x"), True, "x is True"),
        ((*NET, "ranges", "x"), "1", "x is '1'"),
        ((*NET, "ranges", "x"), 10**400, "x is 1"),
        ((*NET, "ranges", "a\nb"), 1.0, "ranges"),
        ((*NET, "search"), None, "search"),
    ],
)
def test_a_hostile_record_is_refused_by_name(path, value, words):
    with pytest.raises(InputError, match=words):
        Record.from_bytes(changed(path, value))


@pytest.mark.parametrize("path", [("schema",), ("notice",), ("networks",), *[(*NET, key) for key in NetworkRecord.__dataclass_fields__], (*NET, "images", 0, "part")])  # fmt: skip
def test_every_key_must_be_there(path):
    with pytest.raises(InputError, match=f"has no {path[-1]}"):
        Record.from_bytes(changed(path, None, remove=True))


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"null", b'{"schema": NaN}', b"\xff", b"[" * 9999]
)
def test_what_is_no_record_is_refused(data):
    with pytest.raises(InputError, match=r"calibration\.json"):
        Record.from_bytes(data)


@given(st.binary(max_size=40), st.integers(0, 2000))
def test_damage_is_refused_or_read_as_a_record(noise, place):
    data = RECORD.to_bytes()
    broken = data[:place] + noise + data[place + len(noise) :]
    try:
        assert Record.from_bytes(broken).to_bytes()
    except InputError as error:
        assert error.found


def inputs(**rest):
    values = {key: getattr(NETWORK, key) for key in NetworkInputs.__dataclass_fields__}
    return NetworkInputs(**{**values, **rest})


def test_the_same_inputs_differ_in_nothing():
    assert differences(NETWORK, inputs()) == ()


def test_neither_order_nor_names_nor_what_is_left_out_move_a_range():
    moved = tuple(replace(one, name=f"t/{one.name}", group="t/00") for one in reversed(IMAGES))
    assert differences(NETWORK, inputs(images=moved, left_out={}, missing=())) == ()


OTHER = replace(IMAGES[0], sha256="e" * 64)


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ({"contract_sha256": "0" * 64}, ("the preprocessing contract changed",)),
        ({"graph_sha256": "0" * 64}, ("the float graph changed",)),
        ({"asked_images": 64}, ("--images was 128, is 64",)),
        ({"seed": 2}, ("--seed was 1, is 2",)),
        ({"images": (OTHER, *IMAGES[1:])}, ("1 image of the ranges part changed",)),
        ({"images": IMAGES[3:]}, ("3 images of the ranges part changed",)),
        ({"images": (*IMAGES, OTHER)}, ("1 image of the ranges part changed",)),
        ({"images": IMAGES[:4]}, ("2 images of the search part changed", "3 images of the gate part changed")),
        ({"images": (*IMAGES[:8], replace(IMAGES[8], label="Pro"))}, ("1 image of the gate part changed",)),
        (
            {"images": (*IMAGES[:3], replace(IMAGES[3], part="search"), *IMAGES[4:]), "seed": 3},
            ("1 image of the ranges part changed", "1 image of the search part changed", "--seed was 1, is 3"),
        ),
    ],
)  # fmt: skip
def test_every_change_is_told(rest, words):
    assert differences(NETWORK, inputs(**rest)) == words


def test_images_of_the_gate_can_be_passed_over():
    now = inputs(images=IMAGES[:6])
    assert differences(NETWORK, now, ("ranges", "search")) == ()
    assert differences(NETWORK, now) == ("3 images of the gate part changed",)


def test_a_calibration_set_goes_on_record(tmp_path):
    root = write_stages(tmp_path / "s", 20)
    (root / "Pro" / "\t0003.png").write_bytes(b"no image")
    bundle = bare_bundle()
    offers = read_offers(bundle, [str(root)])["xincept_all"]
    chosen = choose_set(bundle, "xincept_all", offers, images=16, seed=4)
    now = inputs_of(chosen, "c" * 64, "d" * 64)
    assert (now.asked_images, now.seed, now.missing) == (16, 4, ())
    assert [one.part for one in now.images] == (
        ["ranges"] * 16 + ["search"] * 8 + ["gate"] * len(chosen.gate)
    )
    assert [one.sha256 for one in now.images[:16]] == [one.sha256 for one in chosen.ranges]
    assert now.left_out["unreadable"] == ("s/Pro/\ufffd0003.png",)
    record = NetworkRecord(**vars(now), method="m", ranges={}, returned=(), search={})
    read = Record.from_bytes(Record({"xincept_all": record}).to_bytes()).networks["xincept_all"]
    assert read == record and differences(read, now) == ()
    again = choose_set(bundle, "xincept_all", offers, images=20, seed=4)
    told = differences(read, inputs_of(again, "c" * 64, "d" * 64))
    assert told[0] == "4 images of the ranges part changed" and "--images was 16, is 20" in told


def test_it_can_be_read_as_data_too():
    """As the gate of `validate` reads it, which knows nothing of this room."""
    value = parse_json(RECORD.to_bytes(), "x")["networks"]["xincept_all"]["images"]
    assert {one["part"] for one in value} == {"ranges", "search", "gate"}
    assert Fields(value[0], "x", tuple(value[0])).sha256("sha256") == "0" * 64


def test_a_record_of_another_schema_is_not_mended_by_calibrating():
    with pytest.raises(InputError, match="export the bundle again"):
        Record.from_bytes(b'{"schema": 9, "notice": "n", "networks": {}}')
