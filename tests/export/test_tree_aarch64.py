"""The kernel built for a Jetson's processor and run under an emulator: the bits of XGBoost on this machine."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from leukoscope.bundle.tree_blob import TreeBlob
from leukoscope.bundle.tree_build import lay_out
from leukoscope.export import treelite_child
from leukoscope.export.tree_nodes import trees_of
from leukoscope.export.tree_parity import searching_rows

xgboost = pytest.importorskip("xgboost", reason="pip install 'leukoscope[workstation]'")
pytest.importorskip("treelite", reason="pip install 'leukoscope[workstation]'")

pytestmark = pytest.mark.heavy
KERNELS = Path(__file__).resolve().parents[2] / "leukoscope" / "bundle"
COMPILER, EMULATOR = "aarch64-linux-gnu-gcc", "qemu-aarch64-static"
FLAGS = ["-std=c99", "-O3", "-ffp-contract=off", "-mcpu=cortex-a78ae", "-static"]
ROWS, FEATURES = 1000, 8


@pytest.fixture(scope="module")
def program(pytestconfig, tmp_path_factory):
    """The program that walks a blob, for aarch64; setup.py's flags and those of a Jetson Orin's processor."""
    if not all(map(shutil.which, (COMPILER, EMULATOR))):
        plugins = pytestconfig.pluginmanager.get_plugins()
        rule = next(plugin for plugin in plugins if hasattr(plugin, "skip_or_fail"))
        command = "apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static"
        rule.skip_or_fail("aarch64", "no cross compiler or no emulator", command)
    out = tmp_path_factory.mktemp("aarch64") / "walk_blob"
    source = Path(__file__).with_name("walk_blob.c")
    line = [COMPILER, *FLAGS, "-I", KERNELS, source, "-o", out, "-lm"]
    subprocess.run(list(map(str, line)), check=True)
    return out


def walked(program, blob: TreeBlob, x, folder):
    """Margins, probabilities and contributions as the emulated processor gives them."""
    (folder / "trees.bin").write_bytes(blob.data)
    (folder / "rows").write_bytes(np.ascontiguousarray(x).tobytes())
    line = [EMULATOR, program, folder / "trees.bin", folder / "rows", len(x)]
    done = subprocess.run(list(map(str, line)), capture_output=True, check=True, timeout=300)
    found = np.frombuffer(done.stdout, "<f4")
    shapes = [(len(x), blob.outputs), (len(x), blob.classes), (len(x), blob.outputs, blob.features + 1)]  # fmt: skip
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    assert len(found) == ends[-1]
    parts = np.split(found, ends[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def booster(kinds, **parameters):
    random = np.random.default_rng(0)
    x = random.normal(size=(600, FEATURES)).astype(np.float32)
    x[:, 0] = random.integers(0, 40, len(x))
    classes = parameters.get("num_class", 2)
    y = np.digitize(np.sin(x[:, 0]) + x[:, 1] + random.normal(size=len(x)), np.linspace(-1, 1, classes + 1)[1:-1])  # fmt: skip
    x[random.random(x.shape) < 0.15] = np.nan
    data = xgboost.DMatrix(x, y, feature_types=kinds)
    return xgboost.train({"nthread": 1, "min_child_weight": 0, **parameters}, data, 30)


FOUR = {"objective": "multi:softprob", "num_class": 4}
MODELS = {
    "perfect": ({**FOUR, "max_depth": 6}, None),
    "nodes": ({**FOUR, "max_depth": 12}, None),
    "categories": ({**FOUR, "tree_method": "hist", "max_cat_to_onehot": 1}, ["c"] + ["q"] * 7),
    "logistic": ({"objective": "binary:logistic", "max_depth": 3, "base_score": 0.3}, None),
    "dart": ({**FOUR, "booster": "dart", "rate_drop": 0.3, "max_depth": 4}, None),
    "ten classes": ({**FOUR, "num_class": 10, "max_depth": 1}, None),
}


@pytest.mark.parametrize("name", MODELS)
def test_an_arm_processor_gives_xgboosts_bits(name, program, tmp_path):
    parameters, kinds = MODELS[name]
    model, path = booster(kinds, **parameters), tmp_path / "m.json"
    model.save_model(path)
    facts = treelite_child.read_facts(path)
    trees = trees_of(treelite_child.read_nodes(path, facts), name)
    kept = {key: facts[key] for key in ("objective", "features", "outputs", "base_score")}
    blob = TreeBlob.read(lay_out(trees, **kept))
    x = searching_rows(trees, FEATURES, ROWS, np.random.default_rng(1))
    margins, probabilities, contributions = walked(program, blob, x, tmp_path)
    expected = [
        model.inplace_predict(x, predict_type=kind, validate_features=False).reshape(ROWS, -1)
        for kind in ("margin", "value")
    ]
    assert (margins.view("u4") == expected[0].view("u4")).all()
    ours = probabilities if blob.classes > 2 else probabilities[:, 1:]
    assert (np.ascontiguousarray(ours).view("u4") == expected[1].view("u4")).all()
    assert (contributions.view("u4") == blob.contributions(x).view("u4")).all()
