"""A bundle of two tiny graphs made by hand, with the outputs that real networks have.

The mask follows from each pixel's colour by weights that are fitted to painted fields, so painted cells are
really found; probabilities and maps are simple functions of the frame.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from leukoscope.bundle.manifest import Manifest, NetworkEntry, TreesEntry, Variant
from leukoscope.bundle.read import Bundle
from leukoscope.bundle.tree_blob import TreeBlob
from leukoscope.bundle.tree_build import Tree, lay_out
from leukoscope.bundle.write import write_bundle
from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.images.contract import Contract, mask_to_square, place
from leukoscope.images.painter.field import paint_field

LABORATORY = 0
"""Whose stain the mask's weights know."""
SIDES = {"xincept_all": 96, "sg_cldff": 192}
CLASSES = {"xincept_all": STAGES, "sg_cldff": CELL_TYPES}
MIX = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1]], np.float32)
"""Squares of these mixtures of R, G, B span all quadratic forms."""
SHAPES = {
    "probabilities": ["B", "K"],
    "features": ["B", "F"],
    "feature_maps": ["B", "F", "h", "w"],
    "cams": ["B", "K", "h", "w"],
    "mask": ["B", 3, "S", "S"],
    "saliency": ["B", "q", "q"],
}


@dataclass(frozen=True)
class Toy:
    """What to put into a bundle."""

    networks: tuple[str, ...] = ("xincept_all", "sg_cldff")
    trees: bool = True
    trained: bool = True
    training_images: tuple[str, ...] = ()
    swap: tuple[str, str] | None = None
    """An output that is renamed."""
    head_favours: int | None = None
    """A stage that the head always names."""


def write_toy_bundle(root: Path, toy: Toy = Toy()) -> Bundle:
    """Writes and opens it."""
    files = {f"{name}.fp32.onnx": toy_graph(name, toy) for name in toy.networks}
    trees = None
    if toy.trees and "xincept_all" in toy.networks:
        files["trees.bin"] = toy_trees()
        blob = TreeBlob.read(files["trees.bin"])
        trees = TreesEntry(
            "trees.bin", "xincept_all", blob.features, STAGES, blob.trees, blob.layout, 1.0
        )
    entries = {name: _entry(name, toy) for name in toy.networks}
    return write_bundle(root, Manifest("tests", entries, trees), files)


def _entry(name: str, toy: Toy) -> NetworkEntry:
    side = SIDES[name]
    return NetworkEntry(
        classes=CLASSES[name],
        contract=Contract(side).to_json(),
        size="toy",
        settings={},
        trained=toy.trained,
        parameters=1,
        cam_target="colour",
        cam_grid=(side // 8, side // 8),
        temperature=1.0,
        variants={"fp32": Variant(f"{name}.fp32.onnx")},
        provenance={"training_images": list(toy.training_images)},
    )


def toy_trees() -> bytes:
    """Four stumps on feature 0, the mean darkness: the darker, the further the stage."""
    trees = [
        Tree(
            output=k,
            left=np.array([1, 0, 0]),
            feature=np.array([0, 0, 0]),
            default_left=np.array([False] * 3),
            value=np.array([0.2 + 0.1 * k, 1.0 - k, float(k)], np.float32),
            mean=np.zeros(3, np.float32),
            categories={},
        )
        for k in range(len(STAGES))
    ]
    return lay_out(trees, objective="softprob", features=8, outputs=4, base_score=[0.0] * 4)


class _Graph:
    """Collects nodes and weights."""

    def __init__(self) -> None:
        self.nodes, self.weights = [], []

    def add(self, op: str, inputs: list[str], output: str, **attributes) -> str:
        self.nodes.append(helper.make_node(op, inputs, [output], output, **attributes))
        return output

    def weight(self, name: str, values: np.ndarray) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def conv(self, x: str, weights: np.ndarray, output: str) -> str:
        """A 1x1 convolution by `weights` [out, in]."""
        name = self.weight(f"{output}_w", weights[:, :, None, None].astype(np.float32))
        return self.add("Conv", [x, name], output)


def toy_graph(network: str, toy: Toy = Toy()) -> bytes:
    """The ONNX model's bytes."""
    side, count = SIDES[network], len(CLASSES[network])
    g = _Graph()
    g.add("Cast", ["frames"], "cast", to=TensorProto.FLOAT)
    g.add("Transpose", ["cast"], "planes", perm=[0, 3, 1, 2])
    g.add("Mul", ["planes", g.weight("scale", np.float32(1 / 255))], "rgb")
    _add_grid(g)
    _add_classes(g, count, toy.head_favours)
    outputs = ["probabilities", "cams"]
    if network == "sg_cldff":
        _add_mask(g)
        outputs += ["mask", "saliency"]
    else:
        outputs += ["features", "feature_maps"]
    return _model(g, side, outputs, toy.swap)


def _add_grid(g: _Graph) -> None:
    """Eight non-negative maps at stride 8: darkness, the colours, and mixtures."""
    g.add("AveragePool", ["rgb"], "coarse", kernel_shape=[8, 8], strides=[8, 8])
    colours = [[-0.4] * 3, [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    contrasts = [[1, -1, 0], [0, -1, 1], [-1, 0, 1], [1, 0, -1]]
    weights = np.array([*colours, *contrasts], np.float32)
    g.conv("coarse", weights, "mixed")
    bias = np.array([1.2, 0, 0, 0, 0, 0, 0, 0], np.float32)[None, :, None, None]
    g.add("Add", ["mixed", g.weight("lift", bias)], "lifted")
    g.add("Relu", ["lifted"], "feature_maps")
    g.add(
        "ReduceMean", ["feature_maps", g.weight("plane", np.array([2, 3]))], "features", keepdims=0
    )


def _add_classes(g: _Graph, count: int, favours: int | None) -> None:
    weights = np.random.default_rng(count).normal(0, 1, (count, 8)).astype(np.float32)
    g.conv("feature_maps", weights, "evidence")
    g.add("Relu", ["evidence"], "cams")
    g.add("MatMul", ["features", g.weight("head", 3 * weights.T)], "scores")
    bias = np.zeros(count, np.float32)
    if favours is not None:
        bias[favours] = 20
    g.add("Add", ["scores", g.weight("bias", bias)], "logits")
    g.add("Softmax", ["logits"], "probabilities", axis=1)


def _add_mask(g: _Graph) -> None:
    g.add("AveragePool", ["rgb"], "soft", kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    g.conv("soft", MIX, "mixtures")
    g.add("Mul", ["mixtures", "mixtures"], "squares")
    g.add("Concat", ["soft", "squares"], "terms", axis=1)
    weights = mask_weights()
    g.conv("terms", 20 * weights[:-1].T, "unbiased")
    bias = (20 * weights[-1]).astype(np.float32)[None, :, None, None]
    g.add("Add", ["unbiased", g.weight("mask_bias", bias)], "mask_logits")
    g.add("Softmax", ["mask_logits"], "mask", axis=1)
    g.add("AveragePool", ["rgb"], "quarter", kernel_shape=[4, 4], strides=[4, 4])
    g.add("ReduceMean", ["quarter", g.weight("channel", np.array([1]))], "saliency", keepdims=0)


def _model(g: _Graph, side: int, outputs: list[str], swap: tuple[str, str] | None) -> bytes:
    if swap is not None:
        g.add("Identity", [swap[0]], swap[1])
        outputs = [swap[1] if name == swap[0] else name for name in outputs]
    graph = helper.make_graph(
        g.nodes,
        "toy",
        [helper.make_tensor_value_info("frames", TensorProto.UINT8, ["B", side, side, 3])],
        [
            helper.make_tensor_value_info(n, TensorProto.FLOAT, SHAPES.get(n, ["B"]))
            for n in outputs
        ],
        g.weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model)
    return model.SerializeToString()


@lru_cache
def mask_weights() -> np.ndarray:
    """[10, 3]: least squares of background, cytoplasm, nucleus on each pixel's colour terms, rarer ones weighed up."""
    terms, truth = [], []
    for seed in range(6):
        painted = paint_field(STAGES[seed % 4], seed, laboratory=LABORATORY)
        square = place(painted.image, Contract(SIDES["sg_cldff"]))[0]
        soft = cv2.blur(square.astype(np.float32) / 255, (3, 3)).reshape(-1, 3)
        terms.append(np.c_[soft, (soft @ MIX.T) ** 2, np.ones(len(soft))])
        truth.append(mask_to_square(painted.mask, Contract(SIDES["sg_cldff"])).ravel())
    x, y = np.concatenate(terms), np.concatenate(truth)
    weight = (1 / np.sqrt(np.bincount(y, minlength=3)))[y][:, None]
    return np.linalg.solve((weight * x).T @ x, (weight * x).T @ np.eye(3)[y])
