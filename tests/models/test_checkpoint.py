import json
import struct

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save, save_file

from leukoscope.errors import InputError
from leukoscope.images.contract import Contract
from leukoscope.models.checkpoint import (
    METADATA_KEY,
    CheckpointHeader,
    load_checkpoint,
    load_header,
    load_strictly,
    save_checkpoint,
)
from leukoscope.models.sizes import build_network

PX = {"xincept_all": 96, "sg_cldff": 64}


def header_of(network, **changes):
    settings = {
        "network": network.name,
        "size": "nano",
        "settings": network.settings(),
        "classes": network.classes,
        "contract": Contract(network.input_px).to_json(),
        "training": {"recipe": {"seed": 1}},
        "data": {"parts": {"fit": {"a/0": ["ff"]}}},
        "metrics": {"held": {"accuracy": 0.5}},
        **changes,
    }
    return CheckpointHeader(**settings)


@pytest.fixture(scope="module", params=PX)
def network(request):
    torch.manual_seed(2)
    network = build_network(request.param, "nano", input_px=PX[request.param])
    for name, value in network.state_dict().items():
        if name.endswith("running_var"):
            value.fill_(70_000.0)  # beyond float16
    return network.eval()


@pytest.fixture(scope="module")
def written(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("checkpoints") / "a.safetensors"
    save_checkpoint(path, network, header_of(network))
    return path


@pytest.fixture
def rewrite(written, tmp_path):
    """The checkpoint again, with other tensors or another header."""

    def rewritten(tensors=None, values=None, metadata=None):
        path = tmp_path / "changed.safetensors"
        if metadata is None:
            metadata = {METADATA_KEY: json.dumps(values or load_header(written).to_json())}
        save_file(load_file(written) if tensors is None else tensors, path, metadata=metadata)
        return path

    return rewritten


def test_float32_comes_back_bit_by_bit(network, written):
    found, header = load_checkpoint(written)
    assert header == header_of(network) == load_header(written)
    assert not found.training and type(found) is type(network)
    wanted = network.state_dict()
    assert found.state_dict().keys() == wanted.keys()
    assert all(torch.equal(wanted[name], value) for name, value in found.state_dict().items())
    images = torch.rand(1, 3, network.input_px, network.input_px)
    with torch.no_grad():
        assert torch.equal(found(images)["logits"], network(images)["logits"])


def test_half_stores_kernels_in_half_and_all_else_whole(network, tmp_path):
    path = tmp_path / "half.safetensors"
    save_checkpoint(path, network, header_of(network), half=True)
    stored, wanted = load_file(path), network.state_dict()
    for name, value in stored.items():
        kernel = wanted[name].is_floating_point() and wanted[name].ndim > 1
        assert value.dtype == (torch.float16 if kernel else wanted[name].dtype)
    found = load_checkpoint(path)[0].state_dict()
    for name, value in found.items():
        assert value.dtype == wanted[name].dtype
        tolerance = 2**-11 if value.ndim > 1 else 0
        assert torch.allclose(value, wanted[name], rtol=tolerance, atol=1e-7 if tolerance else 0)


def test_strided_weights_are_written_as_they_are(network, tmp_path):
    turned = network.to(memory_format=torch.channels_last)
    save_checkpoint(tmp_path / "a", turned, header_of(network))
    found = load_checkpoint(tmp_path / "a")[0].state_dict()
    assert all(torch.equal(found[name], value) for name, value in turned.state_dict().items())


@pytest.mark.parametrize("half", [False, True])
def test_weights_that_are_not_finite_are_not_written(tmp_path, half):
    network = build_network("sg_cldff", "nano", input_px=64)
    network.head.weight.data[0, 0] = 1e6 if half else float("nan")
    with pytest.raises(InputError, match=r"head\.weight is not finite"):
        save_checkpoint(tmp_path / "a", network, header_of(network), half=half)
    assert not list(tmp_path.iterdir())


def test_a_failed_write_leaves_the_old_checkpoint(network, written):
    before = written.read_bytes()
    with pytest.raises(ValueError):
        save_checkpoint(written, network, header_of(network, metrics={"loss": float("nan")}))
    assert written.read_bytes() == before and len(list(written.parent.iterdir())) == 1


def test_a_missing_key_is_named(rewrite, written):
    tensors = load_file(written)
    gone = sorted(tensors)[3]
    del tensors[gone]
    with pytest.raises(InputError, match=f"missing {gone}"):
        load_checkpoint(rewrite(tensors))


def test_an_unknown_key_is_named(rewrite, written):
    with pytest.raises(InputError, match=r"unknown one\.more"):
        load_checkpoint(rewrite({**load_file(written), "one.more": torch.zeros(1)}))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda value: value[..., None],
        lambda value: torch.cat([value, value]),
        lambda value: value.double(),
        lambda value: value.to(torch.int32),
        lambda value: value.to(torch.bfloat16),
        lambda value: value * torch.nan,
        lambda value: torch.full_like(value, torch.inf),
    ],
    ids=["rank", "length", "double", "integer", "bfloat16", "nan", "infinite"],
)
@pytest.mark.parametrize("key", ["head.weight", "head.bias", "temperature"])
def test_every_tensor_is_checked(rewrite, written, key, spoil):
    tensors = load_file(written)
    tensors[key] = spoil(tensors[key]).contiguous()
    with pytest.raises(InputError, match=f"weights do not fit: {key} "):
        load_checkpoint(rewrite(tensors))


def test_every_key_is_compared(written):
    """No key may be passed over: each one is spoilt once, all in one file."""
    tensors = load_file(written)
    network = load_checkpoint(written)[0]
    with pytest.raises(InputError, match=f"and {len(tensors) - 8} more"):
        load_strictly(network, {name: value[None] for name, value in tensors.items()}, "here")


def wrong_headers(good):
    yield "another format", {**good, "format": "x"}
    yield "another version", {**good, "version": 2}
    yield "a version that is true", {**good, "version": None}
    for name in good:
        yield f"without {name}", {key: value for key, value in good.items() if key != name}
    yield "one field more", {**good, "code": "print()"}
    yield "another network", {**good, "network": "resnet"}
    yield "another size of settings", {**good, "settings": {}}
    words = {"size": str, "training": dict, "data": dict, "metrics": dict}
    for field in good:
        for value in (None, 7, [], [1], "x", {"x": 1}):
            if not isinstance(value, words.get(field, ())):
                yield f"{field} is {value!r}", {**good, field: value}
    wrongs = (None, 10**9, "x", -1, [], [10**9] * 5, {"x": 1}, 1e308)
    for index, (key, value) in enumerate(good["settings"].items()):
        for wrong in (wrongs[index % 8], wrongs[(index + 3) % 8]):
            if wrong != value and not (isinstance(value, bool) or key == "dropout"):
                yield f"{key} is {wrong!r}", {**good, "settings": {**good["settings"], key: wrong}}
    yield "other classes", {**good, "classes": good["classes"][::-1]}
    yield "a contract of another size", {**good, "contract": Contract(160).to_json()}
    yield "a contract of another rule", {**good, "contract": {**good["contract"], "exif": "no"}}


def test_headers_from_elsewhere_are_refused_in_one_line(rewrite, written):
    tensors = load_file(written)
    for what, values in wrong_headers(load_header(written).to_json()):
        with pytest.raises(InputError) as caught:
            load_checkpoint(rewrite(tensors, values=values))
        assert "changed.safetensors" in str(caught.value), what
        assert "\n" not in str(caught.value)


def test_settings_cannot_ask_for_more_memory_than_the_file_holds(rewrite, written):
    values = load_header(written).to_json()
    full = build_network(values["network"], "full", input_px=values["settings"]["input_px"])
    with pytest.raises(InputError, match="larger than its file"):
        load_checkpoint(rewrite(values={**values, "settings": full.settings()}))


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "7", '"x"', "{", "{}", "[" * 100_000, '{"format": NaN}'],
    ids=range(9),
)
def test_a_header_that_is_no_object_is_refused(rewrite, text):
    path = rewrite(metadata={METADATA_KEY: text})
    for load in (load_checkpoint, load_header):
        with pytest.raises(InputError, match=r"changed\.safetensors"):
            load(path)


def test_figures_that_are_no_json_are_refused(rewrite, written):
    text = json.dumps({**load_header(written).to_json(), "metrics": {"loss": float("nan")}})
    with pytest.raises(InputError, match="no header"):
        load_header(rewrite(metadata={METADATA_KEY: text}))


def test_weights_of_others_are_refused(rewrite):
    for metadata in ({}, {"format": "pt"}):
        with pytest.raises(InputError, match="no header of a Leukoscope checkpoint"):
            load_checkpoint(rewrite(metadata=metadata))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 8,
        b"PK\x03\x04" + b"\x00" * 100,
        struct.pack("<Q", 2**60) + b"{}",
        struct.pack("<Q", 2) + b"{}",
        struct.pack("<Q", 4) + b'"x"}',
        save({"a": torch.zeros(2)})[:-3],
    ],
    ids=["empty", "zeros", "zip", "huge header", "no tensors", "broken json", "cut"],
)
def test_files_that_are_no_checkpoint(tmp_path, content):
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    for load in (load_checkpoint, load_header):
        with pytest.raises(InputError, match=r"x\.safetensors"):
            load(path)


def test_missing_files_and_folders(tmp_path):
    for path in (tmp_path, tmp_path / "none.safetensors"):
        with pytest.raises(InputError, match="no checkpoint at"):
            load_checkpoint(path)


@pytest.fixture(scope="module")
def small_file(tmp_path_factory):
    network = build_network("sg_cldff", "nano", input_px=64)
    path = tmp_path_factory.mktemp("c") / "a.safetensors"
    save_checkpoint(path, network, header_of(network))
    return path.read_bytes(), tmp_path_factory.mktemp("d") / "b.safetensors"


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_truncated_files_are_refused(small_file, data):
    content, path = small_file
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(InputError, match=r"b\.safetensors"):
        load_checkpoint(path)


@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_a_flipped_byte_of_the_header_is_refused_or_changes_only_words(small_file, data):
    """Whatever the damage: an InputError, or a network whose keys and shapes are all its own."""
    content, path = small_file
    length = 8 + struct.unpack("<Q", content[:8])[0]
    spoilt = bytearray(content)
    for _ in range(data.draw(st.integers(1, 3))):
        spoilt[data.draw(st.integers(0, length - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(spoilt))
    try:
        network, header = load_checkpoint(path)
    except InputError as error:
        assert "b.safetensors" in str(error)
    else:
        assert network.settings() == header.settings and network.classes == header.classes
