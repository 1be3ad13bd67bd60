"""timm's state dicts in our trunks.

`timm_keys/` holds facts about timm 1.0.31: the names and shapes of its two state dicts, and what its models answer at
some places of their feature maps for the weights that `timm_state` makes up. So most of this file needs no timm;
`test_feature_maps_equal_timm` runs timm itself where it is installed.
"""

import importlib
import importlib.util
import json
import os
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from leukoscope.errors import InputError
from leukoscope.models.timm_weights import (
    INCEPTION_RULES,
    XCEPTION_RULES,
    load_timm_weights,
    our_name,
)
from leukoscope.models.xincept_all import XINCEPT_ALL_SIZES, XInceptAll, XInceptAllConfig

KEYS = Path(__file__).parent / "timm_keys"
RULES = {"inception_v3": INCEPTION_RULES, "legacy_xception": XCEPTION_RULES}
TOLERANCE = 1e-4


def timm_shapes(model):
    """Name -> shape, as timm's own state dict has them, auxiliary head and classifier included."""
    lines = (line.split() for line in (KEYS / f"{model}.txt").read_text().splitlines())
    return {
        key: () if shape == "scalar" else tuple(map(int, shape.split("x"))) for key, shape in lines
    }


def uniform(shape, seed):
    """-1..1, float32, by integer arithmetic: the same on every machine and in every version of everything."""
    h = np.arange(int(np.prod(shape)), dtype=np.uint32) + np.uint32(seed * 1_000_003)
    for factor, shift in ((2654435761, 15), (2246822519, 13), (3266489917, 16)):
        h *= np.uint32(factor)
        h ^= h >> np.uint32(shift)
    return torch.from_numpy((h / np.float32(2**31) - 1).astype(np.float32).reshape(shape))


def timm_state(model):
    """A made-up state dict with timm's names and shapes; batch-norm statistics differ from layer to layer."""
    state = {}
    for seed, (key, shape) in enumerate(timm_shapes(model).items()):
        if key.endswith("num_batches_tracked"):
            state[key] = torch.tensor(7)
            continue
        u = uniform(shape, seed)
        if key.endswith("running_var") or (len(shape) == 1 and key.endswith("weight")):
            state[key] = 1 + u / 2
        elif len(shape) == 1:
            state[key] = u / 5
        else:
            depthwise = shape[1] == 1
            state[key] = u * ((3 if depthwise else 6) / np.prod(shape[1:])) ** 0.5
    return state


def picture(input_px):
    return uniform((2, 3, input_px, input_px), 99)


@pytest.fixture(scope="module")
def states():
    return {model: timm_state(model) for model in RULES}


@pytest.fixture(scope="module")
def network(states, tmp_path_factory):
    """Full width, one file of each kind loaded."""
    root = tmp_path_factory.mktemp("timm")
    save_file(states["inception_v3"], root / "inception.safetensors")
    torch.save(states["legacy_xception"], root / "xception.pth")
    network = XInceptAll(XINCEPT_ALL_SIZES["full"])
    load_timm_weights(network, root / "inception.safetensors", root / "xception.pth")
    return network.eval()


def maps_of(network, input_px):
    """{model: (middle, last)} of our trunks on pictures in -1..1."""
    x = picture(input_px)
    with torch.no_grad():
        return {"inception_v3": network.inception(x), "legacy_xception": network.xception(x)}


def error(ours, theirs):
    return ((ours - theirs).abs().max() / theirs.abs().max()).item()


@pytest.mark.parametrize("model", RULES)
def test_each_name_has_one_place_and_each_place_one_name(model, network):
    trunk = {"inception_v3": network.inception, "legacy_xception": network.xception}[model]
    ours = trunk.state_dict()
    mapped = [our_name(key, RULES[model]) for key in timm_shapes(model) if not ignored(key)]
    assert len(mapped) == len(set(mapped))
    assert set(mapped) == {key for key in ours if not ignored(key)}


def ignored(key):
    return key.startswith(("AuxLogits.", "fc.")) or key.endswith("num_batches_tracked")


@pytest.mark.parametrize("model", RULES)
def test_values_arrive(model, network, states):
    trunk = {"inception_v3": network.inception, "legacy_xception": network.xception}[model]
    ours = trunk.state_dict()
    for key, value in states[model].items():
        if not ignored(key):
            assert torch.equal(ours[our_name(key, RULES[model])], value), key


def test_feature_maps_equal_what_timm_answered(network):
    recorded = json.loads((KEYS / "answers.json").read_text())
    maps = maps_of(network, recorded["input_px"])
    for model, depths in recorded["models"].items():
        for ours, (depth, expected) in zip(maps[model], depths.items(), strict=True):
            assert list(ours.shape) == expected["shape"]
            places = torch.tensor(expected["places"])
            found, wanted = ours.flatten()[places], torch.tensor(expected["values"])
            assert (wanted > 0).float().mean() > 0.3
            assert (found - wanted).abs().max() < TOLERANCE * expected["max"], (model, depth)


@pytest.mark.parametrize("input_px", [299, 160])
def test_feature_maps_equal_timm(network, states, timm_models, input_px):
    ours = maps_of(network, input_px)
    for model, theirs in timm_models.items():
        theirs.load_state_dict(states[model])
        for depth, map_ in zip(ours[model], timm_maps(theirs, picture(input_px)), strict=True):
            assert depth.shape == map_.shape
            assert error(depth, map_) < TOLERANCE


def test_recorded_answers_are_those_of_timm(states, timm_models):
    recorded = json.loads((KEYS / "answers.json").read_text())
    fresh = answers(timm_models, states, recorded["input_px"])
    for model, depths in recorded["models"].items():
        for depth, expected in depths.items():
            now = fresh["models"][model][depth]
            assert now["shape"] == expected["shape"]
            assert now["values"] == pytest.approx(expected["values"], abs=1e-5 * expected["max"])
    for model, theirs in timm_models.items():
        shapes = {key: tuple(value.shape) for key, value in theirs.state_dict().items()}
        assert shapes == timm_shapes(model)


def answers(timm_models, states, input_px, count=40):
    """What `answers.json` records: values at places spread over each map."""
    recorded = {"timm": "1.0.31", "input_px": input_px, "models": {}}
    for model, theirs in timm_models.items():
        theirs.load_state_dict(states[model])
        maps = zip(("middle", "last"), timm_maps(theirs, picture(input_px)), strict=True)
        recorded["models"][model] = {depth: sampled(map_, count) for depth, map_ in maps}
    return recorded


def sampled(map_, count):
    places = torch.linspace(0, map_.numel() - 1, count).long()
    values = [round(value, 6) for value in map_.flatten()[places].tolist()]
    peak = map_.abs().max().item()
    return {"shape": list(map_.shape), "max": peak, "places": places.tolist(), "values": values}


def timm_maps(model, x):
    """Middle and last map, as timm's `feature_info` names them, by hooks."""
    names = [info["module"] for info in model.feature_info[-2:]]
    caught = {}
    hooks = [
        model.get_submodule(name).register_forward_hook(
            lambda module, args, out, name=name: caught.__setitem__(name, out.clone())
        )
        for name in names
    ]
    with torch.no_grad():
        model.eval()(x)
    for hook in hooks:
        hook.remove()
    return [caught[name] for name in names]


def timm_folder():
    """Where timm lies: LEUKOSCOPE_TIMM, or the environment."""
    given = os.environ.get("LEUKOSCOPE_TIMM")
    if given:
        return Path(given) / "timm"
    spec = importlib.util.find_spec("timm")
    return Path(spec.origin).parent if spec and spec.origin else None


@pytest.fixture(scope="module")
def timm_models(request):
    """timm's two model classes, random weights.

    timm imports torchvision, which does not fit a CPU build of torch from PyPI, for one batch norm that these models do
    not use. So only timm's model files are imported: its packages without their `__init__`, and a stand-in for that norm.
    """
    folder = timm_folder()
    if folder is None or not folder.is_dir():
        request.getfixturevalue("skip_without_timm")
    before = set(sys.modules)
    package("timm", folder, __version__="model files only")
    package("timm.models", folder / "models")
    data = package("timm.data", folder / "data")
    data.__dict__.update(vars(importlib.import_module("timm.data.constants")))
    if importlib.util.find_spec("torchvision") is None:
        package("torchvision", folder)
        package("torchvision.ops", folder)
        package("torchvision.ops.misc", folder, FrozenBatchNorm2d=torch.nn.BatchNorm2d)
    inception = importlib.import_module("timm.models.inception_v3").InceptionV3(aux_logits=True)
    xception = importlib.import_module("timm.models.xception").Xception()
    inception.aux_logits = False  # keys and all, but not run: it needs 299 px
    yield {"inception_v3": inception, "legacy_xception": xception}
    for name in set(sys.modules) - before:
        if name.split(".")[0] in ("timm", "torchvision"):
            del sys.modules[name]


@pytest.fixture(scope="module")
def skip_without_timm():
    message = (
        "timm: not installed; to run it: pip install --no-deps --target /tmp/timm timm && "
        "LEUKOSCOPE_TIMM=/tmp/timm python -m pytest tests/models/test_timm_weights.py"
    )
    if "timm" in os.environ.get("LEUKOSCOPE_REQUIRE", "").split(","):
        pytest.fail(message)
    pytest.skip(message)


def package(name, folder, **members):
    """A package without its `__init__`: only the modules that are asked for by name are imported from `folder`."""
    module = types.ModuleType(name)
    module.__path__ = [str(folder)]
    module.__dict__.update(members)
    sys.modules[name] = module
    return module


# What is refused, and that a refusal changes nothing.


@pytest.fixture(scope="module")
def untouched():
    network = XInceptAll(XINCEPT_ALL_SIZES["full"])
    return network, {key: value.clone() for key, value in network.state_dict().items()}


def without(state, key):
    return {k: v for k, v in state.items() if k != key}


SPOILED = {
    "a key too few": (
        lambda s: without(s, "Mixed_6b.branch7x7dbl_3.conv.weight"),
        "middle.1.sevens.2.conv",
    ),
    "a key too many": (
        lambda s: {**s, "Mixed_6b.more.weight": torch.ones(3)},
        "unknown Mixed_6b.more",
    ),
    "a wrong shape": (
        lambda s: {**s, "Mixed_7c.branch3x3_2a.conv.weight": torch.ones(384, 384, 3, 1)},
        "Mixed_7c.branch3x3_2a.conv.weight [384, 384, 3, 1] instead of [384, 384, 1, 3]",
    ),
    "not a number": (
        lambda s: {**s, "Mixed_5b.branch1x1.bn.bias": torch.full((64,), torch.nan)},
        "Mixed_5b.branch1x1.bn.bias not finite",
    ),
    "whole numbers": (
        lambda s: {**s, "Mixed_5b.branch1x1.bn.bias": torch.ones(64, dtype=torch.int64)},
        "Mixed_5b.branch1x1.bn.bias not finite numbers",
    ),
    "no tensors at all": (lambda s: {}, "and 450 more"),
}


@pytest.mark.parametrize("case", SPOILED)
def test_a_state_dict_that_does_not_fit_is_refused_by_name(case, states, untouched, tmp_path):
    spoil, named = SPOILED[case]
    path = tmp_path / "spoiled.safetensors"
    save_file(spoil(states["inception_v3"]), path)
    refused(untouched, named, path, None)


def refused(untouched, named, inception, xception):
    network, before = untouched
    with pytest.raises(InputError) as caught:
        load_timm_weights(network, inception, xception)
    assert named in str(caught.value)
    after = network.state_dict()
    assert all(torch.equal(after[key], value) for key, value in before.items())


def test_the_other_model_is_refused(states, untouched, tmp_path):
    path = tmp_path / "other.safetensors"
    save_file(states["legacy_xception"], path)
    refused(untouched, "and 684 more", path, None)
    save_file(states["inception_v3"], tmp_path / "good.safetensors")
    save_file(without(states["legacy_xception"], "bn3.bias"), path)
    refused(untouched, "final.0.norm.bias", tmp_path / "good.safetensors", path)


class Trap:
    def __reduce__(self):
        return (os.mkdir, ("sprung",))


FILES = {
    "absent.pth": None,
    "text.pth": b"no weights here",
    "empty.pth": b"",
    "text.safetensors": b"no weights here",
    "empty.safetensors": b"",
    "boast.safetensors": (2**62).to_bytes(8, "little") + b"{}",
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_without_weights_is_refused(name, untouched, tmp_path):
    if FILES[name] is not None:
        (tmp_path / name).write_bytes(FILES[name])
    refused(untouched, name, tmp_path / name, None)


@pytest.mark.parametrize(
    "content", [Trap(), {"bn1.bias": Trap()}, [1, 2], {1: torch.ones(1)}, {"a": 3}]
)
def test_a_pickle_of_anything_but_tensors_is_refused(content, untouched, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save(content, "trap.pth")
    refused(untouched, "trap.pth", None, Path("trap.pth"))
    assert not Path("sprung").exists()


def test_a_training_checkpoint_of_timm_is_read(untouched, tmp_path):
    path = tmp_path / "nested.pth"
    torch.save({"epoch": 3, "state_dict": {"bn1.bias": torch.ones(3)}}, path)
    refused(untouched, "bn1.bias [3] instead of [32]", None, path)


def test_another_width_or_an_absent_trunk_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"width 0\.125.*wanted width 1\.0"):
        load_timm_weights(XInceptAll(XINCEPT_ALL_SIZES["nano"]), tmp_path / "a.pth", None)
    single = XInceptAll(XInceptAllConfig(1.0, 8, 8, inception=False))
    with pytest.raises(
        InputError, match="inception trunk, which this network's settings switch off"
    ):
        load_timm_weights(single, tmp_path / "a.pth", None)
