"""What all ways work on: one network with random weights, trees, and painted frames."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import xgboost
from numpy.typing import NDArray

from leukoscope.bundle.read import Bundle, open_bundle
from leukoscope.export.bundle import export_bundle
from leukoscope.export.frames import painted_frames
from leukoscope.export.sources import with_random_weights
from leukoscope.images.classes import STAGES
from leukoscope.images.contract import Contract
from leukoscope.models.network import Network, to_images
from vote_ways.int8_variant import add_int8
from vote_ways.voter import fit_trees

NETWORK, SEED, FRAMES_SEED = "xincept_all", 1, 53_000


@dataclass(frozen=True, eq=False)
class Case:
    """The same network as a bundle and in torch, the same trees as a blob and in XGBoost."""

    folder: Path
    bundle: Bundle
    trees: Path
    """XGBoost JSON."""
    frames: NDArray[np.uint8]
    """[N, S, S, 3] RGB"""
    size: str
    threads: int

    def network(self) -> Network:
        """A network of one's own: hooks and frozen weights of one way are not another's."""
        return with_random_weights(NETWORK, self.size, SEED).network

    @property
    def side_px(self) -> int:
        return int(self.frames.shape[1])


def make_case(folder: Path, size: str, rounds: int, frames: int, threads: int) -> Case:
    """Exports network and trees into `folder`, as `leukoscope export` does, and adds an INT8 form."""
    network = with_random_weights(NETWORK, size, SEED).network
    contract = Contract(network.input_px)
    painted = painted_frames(NETWORK, contract, frames, FRAMES_SEED)
    trees = folder / "trees.json"
    save_trees(fit_trees(_features(network, painted), rounds, len(STAGES), SEED), trees)
    root = export_bundle([], trees, folder / "bundle", random_weights={NETWORK: size}, seed=SEED)
    bundle = add_int8(root, open_bundle(root), NETWORK, painted)
    return Case(folder, bundle, trees, painted, size, threads)


def save_trees(model: xgboost.XGBClassifier, path: Path) -> None:
    """The model with the order of its classes, which export asks for."""
    classes = ", ".join(f'"{name}"' for name in STAGES)
    model.get_booster().set_attr(leukoscope=f'{{"classes": [{classes}]}}')
    model.save_model(path)


def _features(network: Network, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
    with torch.no_grad():
        target, side = network.encode(to_images(torch.from_numpy(frames)))
        features: NDArray[np.float32] = network.readings(target, side)["features"].numpy()
    return features
