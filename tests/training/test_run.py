import json
from dataclasses import replace

import pytest

from leukoscope.errors import InputError
from leukoscope.models.checkpoint import load_checkpoint
from leukoscope.models.sizes import build_network
from leukoscope.training.augment import ColourJitter
from leukoscope.training.recipe import Recipe
from leukoscope.training.run import Order, header_of, saved_run, write_result

ACCOUNT = {"parts": {"fit": {"a/0": ["00"]}, "held": {"a/1": ["11"]}}}


@pytest.fixture(scope="module")
def network():
    return build_network("xincept_all", "nano", input_px=96)


@pytest.fixture
def order(tmp_path):
    return Order((tmp_path,), tmp_path / "new" / "x.safetensors", "nano", 96)


def header_for(order, network, account=ACCOUNT):
    return header_of(order, network, account, {(0,): 1.25, (1, 2): 0.5}, weights={})


def test_the_header_says_all_that_was_set(order, network):
    header = header_for(order, network)
    json.dumps(header.to_json(), allow_nan=False)
    assert header.training["recipe"] == Recipe().to_json()
    assert header.training["jitter"] == vars(ColourJitter())
    assert header.training["class_weights"] == {"Benign": 1.25, "Early+Pre": 0.5}
    assert header.contract["input_px"] == 96 and header.data == ACCOUNT
    assert header.training["torch"]


def test_only_the_same_network_images_and_settings_may_go_on(order, network):
    first = saved_run(order, header_for(order, network)).fingerprint
    same = replace(order, recipe=Recipe(epochs=99), resume=True)
    assert saved_run(same, header_for(same, network)).fingerprint == first
    other_images = {"parts": {"fit": {"a/1": ["11"]}, "held": {"a/0": ["00"]}}}
    wider = build_network("xincept_all", "nano", input_px=96, features=72)
    others = [
        header_for(order, network, other_images),
        header_for(replace(order, painted=3), network),
        header_for(replace(order, jitter=ColourJitter().scaled(0.5)), network),
        header_for(order, wider),
    ]
    assert first not in {saved_run(order, header).fingerprint for header in others}


def test_the_result_is_a_checkpoint_with_its_figures_and_the_state_goes(order, network):
    saved = saved_run(order, header_for(order, network))
    saved.path.write_text("state")
    header = write_result(order, network, header_for(order, network), {"held": {"n": 3}})
    _, found = load_checkpoint(order.output)
    assert found == header and found.metrics == {"held": {"n": 3}}
    assert not saved.path.exists()


def test_an_output_that_cannot_be_written_is_refused_before_the_work(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        Order((tmp_path,), tmp_path / "file" / "x.safetensors")
    with pytest.raises(InputError, match="is a folder"):
        Order((tmp_path,), tmp_path)
