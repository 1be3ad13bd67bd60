"""Stand-ins for networks and results, so that a stage can be tested without its neighbours."""

from dataclasses import replace
from types import SimpleNamespace

import cv2
import numpy as np

from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.images.contract import Contract, place
from leukoscope.runtime.engine import Engine
from leukoscope.runtime.field import (
    Cell,
    Evidence,
    Frame,
    Inferred,
    Reading,
    Result,
    TreeMaps,
    Vote,
)

GROUND, CYTOPLASM, NUCLEUS = (240, 230, 235), (120, 160, 220), (90, 20, 120)
COLOURS = np.array([GROUND, CYTOPLASM, NUCLEUS], np.float32)


def blob_field(
    cells=((60, 60, 30, 16), (150, 90, 24, 10)), size_px=(220, 160), index: int = 0
) -> Frame:
    """A field of round cells (x, y, radius, radius of the nucleus) in three flat colours."""
    pixels = np.full((size_px[1], size_px[0], 3), GROUND, np.uint8)
    for x, y, radius, nucleus in cells:
        cv2.circle(pixels, (x, y), radius, CYTOPLASM, cv2.FILLED)
        if nucleus:
            cv2.circle(pixels, (x, y), nucleus, NUCLEUS, cv2.FILLED)
    return Frame(pixels, "blobs", f"blobs_{index}", index)


def blob_mask(frame: Frame) -> np.ndarray:
    """The index mask that the colours mean."""
    distance = ((frame.pixels[:, :, None, :].astype(np.float32) - COLOURS) ** 2).sum(-1)
    return distance.argmin(-1).astype(np.uint8)


class ColourBackend:
    """Answers like SG-CLDFF: the mask from the flat colours, the type from how much nucleus the crop shows."""

    name, precision = "stand-in", "fp32"

    def __init__(self) -> None:
        self.batches: list[int] = []

    def infer(self, frames):
        self.batches.append(len(frames))
        distance = ((frames[:, None].astype(np.float32) - COLOURS[None, :, None, None]) ** 2).sum(
            -1
        )
        mask = np.exp(-distance / 1000)
        mask /= mask.sum(1, keepdims=True)
        share = mask[:, 2].mean((1, 2))
        probabilities = np.zeros((len(frames), len(CELL_TYPES)), np.float32)
        probabilities[:, 3], probabilities[:, 6] = 1 - share, share
        cams = np.ones((len(frames), len(CELL_TYPES), 4, 4), np.float32)
        return {"mask": mask.astype(np.float32), "probabilities": probabilities, "cams": cams}


def cell_engine(side: int = 96) -> Engine:
    return Engine("sg_cldff", CELL_TYPES, Contract(side), ColourBackend())


def cell_reading(frame: Frame, engine: Engine) -> Inferred:
    """The frame after the stages scale and infer."""
    square, placement = place(frame.pixels, engine.contract)
    arrays = {name: array[0] for name, array in engine.infer(square[None]).items()}
    return Inferred(frame, {"sg_cldff": Reading(CELL_TYPES, arrays, placement)})


def stage_reading(frame: Frame, probabilities, cams=None, features=None) -> Reading:
    """What XIncept-ALL might give."""
    placement = place(frame.pixels, Contract(96))[1]
    arrays = {
        "probabilities": np.array(probabilities, np.float32),
        "cams": np.zeros((4, 6, 6), np.float32) if cams is None else cams,
        "features": np.zeros(8, np.float32) if features is None else features,
    }
    return Reading(STAGES, arrays, placement)


def by_trees(result: Result) -> Result:
    """The same result, explained by a map of the trees: for the class on the first cell, against it elsewhere."""
    maps = np.zeros((4, 6, 6), np.float32)
    maps[:, 2, 1], maps[:, 4, 4] = 0.9, -0.4
    trees = TreeMaps(maps, np.array([0.0, 0.125, 0.25, 1.0], np.float32))
    placement = result.readings["xincept_all"].placement
    evidence = Evidence("xincept_all", "Early", maps[1], placement, 0.9, 0.6, trees, 0.125)
    return replace(result, evidence=evidence)


def result_of(frame: Frame, vote: Vote | None = None, flags=(), with_cells: bool = True) -> Result:
    """A plausible result; its map is bright on the first cell."""
    mask = blob_mask(frame)
    count, labels, stats, _ = cv2.connectedComponentsWithStats((mask > 0).astype(np.uint8))
    cells = tuple(
        Cell(
            box_px=tuple(int(v) for v in stats[i, :4]),
            probabilities={name: 0.93 if name == "blast" else 0.01 for name in CELL_TYPES},
            area_px=int(stats[i, 4]),
            nc_ratio=0.5,
            roundness=0.98,
        )
        for i in range(1, count)
    )
    vote = vote or Vote(
        dict(zip(STAGES, (0.02, 0.9, 0.05, 0.03), strict=True)), "Early", "trees", "Early"
    )
    cams = np.zeros((4, 6, 6), np.float32)
    cams[1, 2, 1] = 3.0
    readings = {"xincept_all": stage_reading(frame, list(vote.probabilities.values()), cams)}
    placement = readings["xincept_all"].placement
    evidence = Evidence("xincept_all", "Early", cams[1], placement, 3.0, 0.6)
    found = (mask, labels.astype(np.uint16), cells) if with_cells else (None, None, ())
    return Result(frame, readings, *found, vote, tuple(flags), evidence)


def stand_in_pipeline(engines):
    """What a session asks of a pipeline: its engines, and whether trees vote."""
    return SimpleNamespace(engines=engines, cast_votes=SimpleNamespace(trees=None))
