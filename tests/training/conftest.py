"""Small pictures, folders and networks: enough to train on in a second, and known pixel by pixel."""

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.images.opencv import cv2
from leukoscope.models.network import Network
from leukoscope.progress import Silent
from leukoscope.training.fusion import FusionOrder, train_fusion
from leukoscope.training.pictures import Cell, cells_of_mask, picture_of
from leukoscope.training.recipe import Recipe

STAGE_COLOURS = ((230, 200, 215), (190, 150, 200), (150, 110, 180), (215, 160, 160))


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def disc(side_px, radius_px, ground=(235, 205, 220), centre=None):
    """RGB image and index mask: a cell with its nucleus on an even ground."""
    y, x = np.mgrid[:side_px, :side_px]
    cx, cy = centre or (side_px / 2, side_px / 2)
    distance = np.hypot(x - cx, y - cy)
    image = np.empty((side_px, side_px, 3), np.uint8)
    image[:] = ground
    image[distance < radius_px] = (190, 160, 205)
    image[distance < radius_px * 0.6] = (95, 40, 130)
    mask = (distance < radius_px).astype(np.uint8) + (distance < radius_px * 0.6)
    return image, mask.astype(np.uint8)


def wide_disc(size_px):
    """A disc in the middle of an oblong field."""
    width, height = size_px
    image = np.full((height, width, 3), (235, 205, 220), np.uint8)
    mask = np.zeros((height, width), np.uint8)
    side = min(size_px)
    square, inner = disc(side, side / 4)
    top, left = (height - side) // 2, (width - side) // 2
    image[top : top + side, left : left + side] = square
    mask[top : top + side, left : left + side] = inner
    return image, mask


@pytest.fixture
def make_disc():
    return disc


@pytest.fixture
def make_picture():
    """A picture with one outlined cell of class `target`, or a field without a mask."""

    def make(target=(0,), side_px=64, masked=True, size_px=None, **rest):
        image, mask = disc(side_px, side_px / 5)
        if size_px:
            image, mask = wide_disc(size_px)
        if not masked:
            return picture_of(image, None, target, **rest)
        return picture_of(image, mask, target, cells=cells_of_mask(mask, target), **rest)

    return make


@pytest.fixture
def make_cell():
    return lambda centre_px, diameter_px, target=(0,): Cell(centre_px, diameter_px, target)


def write_png(path: Path, image) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    shown = image[:, :, ::-1] if image.ndim == 3 else image
    assert cv2.imwrite(str(path), np.ascontiguousarray(shown))


def write_stages(root: Path, each: int = 20, seed: int = 1) -> Path:
    """`root/STAGE/00.png`: even fields in a colour a stage, with a little noise."""
    rng = np.random.default_rng(seed)
    for stage, colour in zip(STAGES, STAGE_COLOURS, strict=True):
        for index in range(each):
            noise = rng.normal(0, 6, (40, 48, 3))
            image = (np.array(colour) + noise).clip(0, 255).astype(np.uint8)
            write_png(root / stage / f"{index:02d}.png", image)
    return root


def write_cells(root: Path, count: int = 16, seed: int = 1) -> Path:
    """The masks layout: `count` images with a cell each, types in turn."""
    rng = np.random.default_rng(seed)
    rows = []
    for index in range(count):
        ground = tuple(int(value) for value in rng.integers(200, 245, 3))
        image, mask = disc(64, rng.uniform(9, 16), ground)
        name = f"{index:02d}.png"
        write_png(root / "images" / name, image)
        write_png(root / "masks" / name, np.array([0, 128, 255], np.uint8)[mask])
        rows.append((name, CELL_TYPES[index % len(CELL_TYPES)]))
    with (root / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("image", "label"), *rows])
    return root


@pytest.fixture(scope="session")
def stages_writer():
    return write_stages


@pytest.fixture(scope="session")
def cells_writer():
    return write_cells


@pytest.fixture(scope="session")
def stages_folder(tmp_path_factory):
    return write_stages(tmp_path_factory.mktemp("data") / "stages")


@pytest.fixture(scope="session")
def cells_folder(tmp_path_factory):
    return write_cells(tmp_path_factory.mktemp("data") / "cells")


def tiny_fusion(folder, output, **changes):
    """An order for two epochs of three steps."""
    recipe = Recipe(epochs=2, batch=16, threads=1, ema_decay=0.9)
    settings = {"size": "nano", "input_px": 96, "recipe": recipe, **changes}
    return FusionOrder(data=(folder,), output=output, **settings)


@pytest.fixture
def make_order():
    return tiny_fusion


@pytest.fixture(scope="session")
def trained(stages_folder, tmp_path_factory):
    """(checkpoint, header) of a whole tiny run of `train fusion`."""
    order = tiny_fusion(stages_folder, tmp_path_factory.mktemp("run") / "x.safetensors")
    return order.output, train_fusion(order, Silent())


class Toy(Network):
    """One convolution, a batch norm and a linear head; the target map has four channels."""

    name = "toy"

    def __init__(self, classes=("a", "b", "c"), input_px=32):
        super().__init__()
        self.classes = tuple(classes)
        self.side_px = input_px
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3, stride=4), nn.BatchNorm2d(4), nn.ReLU())
        self.head = nn.Linear(4, len(classes))
        self.register_buffer("temperature", torch.ones(1))

    @property
    def input_px(self):
        return self.side_px

    @property
    def target_name(self):
        return "stem"

    def settings(self):
        return {}

    def encode(self, images):
        return self.stem(images), {}

    def classify(self, target, side):
        return self.head(target.mean((2, 3)))

    def readings(self, target, side):
        return {"features": target.mean((2, 3))}


@pytest.fixture
def toy():
    torch.manual_seed(3)
    return Toy()


class Oracle(Network):
    """Reads class and mask off the colours themselves: a perfect network to hold the figures to.

    The class is the red level of the middle pixel by thirds; nucleus and cytoplasm are `disc`'s colours.
    """

    name = "oracle"

    def __init__(self, classes):
        super().__init__()
        self.classes = tuple(classes)
        self.register_buffer("temperature", torch.ones(1))

    input_px = 64
    target_name = ""

    def settings(self):
        return {}

    def encode(self, images):
        red = images[:, :1]
        shares = torch.cat([(red > 0.78), (red <= 0.78) & (red > 0.6), (red <= 0.6)], 1).float()
        return images, {"mask": shares}

    def classify(self, target, side):
        middle = target[:, 0, target.shape[2] // 2, target.shape[3] // 2]
        wanted = (middle * len(self.classes) * 0.999).long()
        return torch.nn.functional.one_hot(wanted, len(self.classes)).float() * 9

    def readings(self, target, side):
        return {"mask": side["mask"]}


@pytest.fixture
def oracle():
    return Oracle


@pytest.fixture
def oracle_masks():
    """An oracle for one type, whose masks are right."""
    return lambda: Oracle(CELL_TYPES)
