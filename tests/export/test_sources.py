from dataclasses import replace

import numpy as np
import pytest
import torch

from leukoscope.errors import InputError, UsageError
from leukoscope.export.sources import from_checkpoint, gather, with_random_weights
from leukoscope.images.colour_statistics import statistics_of
from leukoscope.images.colours import NAMES
from leukoscope.images.contract import Contract
from leukoscope.images.hashes import sha256_of_file
from leukoscope.models.checkpoint import CheckpointHeader, load_checkpoint, save_checkpoint
from leukoscope.models.sizes import build_network

PARTS = {
    "fit": {"Benign/00": ["b" * 64, "a" * 64], "Pro/01": ["c" * 64]},
    "trees": {"Benign/02": ["d" * 64]},
    "held": {"Benign/03": ["e" * 64]},
}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    network = build_network("xincept_all", "nano")
    header = CheckpointHeader(
        network="xincept_all",
        size="nano",
        settings=network.settings(),
        classes=network.classes,
        contract=Contract(299, pad_value=240).to_json(),
        training={"epochs": 3},
        data={"parts": PARTS},
        metrics={"accuracy": 0.5},
    )
    path = tmp_path_factory.mktemp("checkpoints") / "mine.safetensors"
    save_checkpoint(path, network, header)
    return path


def test_says_how_it_was_made(checkpoint):
    source = from_checkpoint(checkpoint)
    assert source.trained
    assert source.contract == Contract(299, pad_value=240)
    assert source.provenance == {
        "checkpoint_sha256": sha256_of_file(checkpoint),
        "weights": "mine.safetensors",
        "training": {"epochs": 3},
        "metrics": {"accuracy": 0.5},
        "training_images": ["a" * 64, "b" * 64, "c" * 64],
        "training_groups": ["Benign/00", "Pro/01"],
    }
    assert source.images_of_trees == ("d" * 64,)


def test_random_weights_follow_from_the_seed():
    before = torch.random.get_rng_state()
    first, again, other = (with_random_weights("sg_cldff", "nano", seed) for seed in (1, 1, 2))
    assert torch.equal(before, torch.random.get_rng_state())
    weights = [source.network.state_dict()["head.weight"] for source in (first, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    assert not first.trained
    assert first.provenance["weights"] == "random, seed 1"


def test_gathers_by_name(checkpoint):
    found = gather([checkpoint], {"sg_cldff": "nano"}, seed=1)
    assert list(found) == ["xincept_all", "sg_cldff"]
    assert [source.trained for source in found.values()] == [True, False]


def test_nothing_to_export():
    with pytest.raises(UsageError, match="nothing to export"):
        gather([], {}, seed=1)


def test_a_network_twice(checkpoint):
    with pytest.raises(UsageError, match="xincept_all is given twice"):
        gather([checkpoint, checkpoint], {}, seed=1)
    with pytest.raises(UsageError, match="xincept_all is given twice"):
        gather([checkpoint], {"xincept_all": "nano"}, seed=1)


@pytest.mark.parametrize("name", [("nobody", "nano"), ("sg_cldff", "huge")])
def test_unknown_network_or_size(name):
    with pytest.raises(InputError, match=r"nobody|huge"):
        gather([], dict([name]), seed=1)


def test_no_checkpoint(tmp_path):
    with pytest.raises(InputError, match="no checkpoint at"):
        gather([tmp_path / "none.safetensors"], {}, seed=1)
    text = tmp_path / "text.safetensors"
    text.write_text("hello")
    with pytest.raises(InputError, match="not a safetensors file"):
        gather([text], {}, seed=1)


def test_the_colours_of_training_are_carried(checkpoint, tmp_path):
    vectors = np.random.default_rng(1).normal(size=(40, len(NAMES)))
    colours = {"my_lab": statistics_of(vectors).to_json()}
    network, header = load_checkpoint(checkpoint)
    path = tmp_path / "coloured.safetensors"
    save_checkpoint(path, network, replace(header, data={**header.data, "colours": colours}))
    assert from_checkpoint(path).provenance["colours"] == {"training": colours}
    save_checkpoint(path, network, replace(header, data={**header.data, "colours": {"a": 1}}))
    with pytest.raises(InputError, match=r"coloured\.safetensors"):
        from_checkpoint(path)
