"""The shipped networks on fields: the same field at another size, and the white cells of fields that nothing was trained on."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from leukoscope.bundle.read import open_bundle
from leukoscope.images.classes import STAGES
from leukoscope.images.hashes import sha256_of_file
from leukoscope.images.painter.field import paint_field
from leukoscope.runtime.field import Frame
from leukoscope.runtime.pipeline import open_pipeline
from leukoscope.runtime.scale_keeper import ScaleKeeper
from leukoscope.runtime.settings import Settings
from leukoscope.runtime.sources.uri import open_source

LEAST_CELL_PX = 1500
"""Of the masks' pieces, at 640 x 480, where a white cell has some 30,000; less is a speck of the drawing."""


@pytest.fixture(scope="module")
def bundle(ready_bundle):
    return open_bundle(ready_bundle)


def judged(pipeline, pixels, keeper=None):
    frame = Frame(pixels, "", "", 0)
    return pipeline(replace(frame, scale=(keeper or ScaleKeeper())(frame)))


def at_sizes(pipeline, large):
    """The field at 1280, 640 and 320 px."""
    sizes = [large, *(cv2.resize(large, (s, s * 3 // 4), interpolation=3) for s in (640, 320))]
    return [judged(pipeline, np.ascontiguousarray(pixels)) for pixels in sizes]


def test_the_same_field_at_half_once_and_twice_the_size_has_the_same_count_and_stage(bundle):
    """Some are cut into tiles. A cell that the border cuts in half may count at one size and not at another."""
    pipeline = open_pipeline(bundle, Settings(threads=1))
    same = 0
    for number in range(6):
        large = paint_field(STAGES[number % 4], 6 * 10**12 + number, size_px=(1280, 960)).image
        results = at_sizes(pipeline, large)
        assert len({result.vote.stage for result in results}) == 1
        whole, once, half = (result.frame.scale.red_cell_px for result in results)
        assert whole == pytest.approx(2 * once, rel=0.05)
        assert whole == pytest.approx(4 * half, rel=0.05)
        white = [sum(cell.type != "other" for cell in result.cells) for result in results]
        assert max(white) - min(white) <= 1 < min(white)
        same += len(set(white)) == 1
    assert same >= 4


def overlap(one, other):
    """IoU of two boxes x, y, width, height."""
    left, top = max(one[0], other[0]), max(one[1], other[1])
    right = min(one[0] + one[2], other[0] + other[2])
    bottom = min(one[1] + one[3], other[1] + other[3])
    common = max(0, right - left) * max(0, bottom - top)
    return common / (one[2] * one[3] + other[2] * other[3] - common)


def pairs(found, true):
    """How many boxes pair off at an IoU of one half, the best first."""
    ranked = sorted(
        ((overlap(f, t), i, j) for i, f in enumerate(found) for j, t in enumerate(true))
    )
    taken, given = set(), set()
    for share, i, j in reversed(ranked):
        if share >= 0.5 and i not in taken and j not in given:
            taken.add(i)
            given.add(j)
    return len(taken)


def boxes_of(mask):
    stats = cv2.connectedComponentsWithStats((mask > 0).astype(np.uint8))[2][1:]
    return [tuple(map(int, row[:4])) for row in stats if row[4] >= LEAST_CELL_PX]


@pytest.mark.heavy
def test_white_cells_are_found_in_fields_that_nothing_was_trained_on(bundle, shared_data):
    """F1 of boxes at an IoU of 0.5, against those of the drawn masks, on the bccd fields that no training names."""
    pipeline = open_pipeline(bundle, Settings(threads=1), {"sg_cldff"})
    trained = set(bundle.manifest.networks["sg_cldff"].provenance["training_images"])
    keeper, right, found, true = ScaleKeeper(), 0, 0, 0
    for frame in open_source(str(shared_data / "bccd" / "images")).frames(pytest.fail):
        path = Path(frame.source)
        if sha256_of_file(path) in trained:
            continue
        mask = cv2.imread(str(shared_data / "bccd" / "masks" / f"{path.stem}.png"), 0)
        mask = cv2.resize(mask, frame.size_px, interpolation=cv2.INTER_NEAREST)
        there = boxes_of(mask)
        cells = judged(pipeline, frame.pixels, keeper).cells
        here = [cell.box_px for cell in cells if cell.type != "other"]
        right, found, true = right + pairs(here, there), found + len(here), true + len(there)
    assert true >= 40
    assert 2 * right / (found + true) >= 0.93
