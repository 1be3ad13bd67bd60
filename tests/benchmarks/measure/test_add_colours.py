"""The shipped networks say the same of their colours in the checkpoint and in the bundle."""

import json
import struct

import pytest
from add_colours import renamed, with_header

from leukoscope.bundle.read import open_bundle
from leukoscope.images.colour_sources import sources_from_json
from leukoscope.models.checkpoint import CheckpointHeader, load_checkpoint, load_header

NETWORKS = ("xincept_all", "sg_cldff")


@pytest.mark.parametrize("network", NETWORKS)
def test_checkpoint_and_bundle_agree(network, ready_bundle, ready_checkpoints):
    header = load_header(ready_checkpoints / f"{network}.safetensors")
    provenance = open_bundle(ready_bundle).network(network).provenance
    assert provenance["colours"] == {"training": header.data["colours"]}
    fields = sum(one.fields for one in sources_from_json(header.data["colours"]).values())
    assert fields == len(provenance["training_images"])


def test_another_header_leaves_every_tensor_as_it_was(ready_checkpoints, tmp_path):
    path = ready_checkpoints / "sg_cldff.safetensors"
    network, header = load_checkpoint(path)
    other = CheckpointHeader(**{**vars(header), "metrics": {"note": "ü" * 7}})
    changed = tmp_path / "changed.safetensors"
    changed.write_bytes(with_header(path.read_bytes(), other))
    assert load_header(changed) == other
    again, _ = load_checkpoint(changed)
    before, after = network.state_dict(), again.state_dict()
    assert before.keys() == after.keys()
    assert all(before[name].equal(after[name]) for name in before)
    assert _tensors(changed.read_bytes()) == _tensors(path.read_bytes())


def _tensors(data):
    (length,) = struct.unpack("<Q", data[:8])
    assert length % 8 == 0
    json.loads(data[8 : 8 + length])
    return data[8 + length :]


def test_hashes_are_replaced_wherever_they_stand():
    data = b'{"a": "1111", "b": ["1111", "2222"]}'
    assert renamed(data, {"1111": "9999"}) == b'{"a": "9999", "b": ["9999", "2222"]}'
