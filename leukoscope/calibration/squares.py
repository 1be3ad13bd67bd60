"""What a network is shown: the squares that reach it when images go the way of `run`, fields and crops of cells alike."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.read import Bundle
from leukoscope.calibration.chosen import Chosen
from leukoscope.images.decode import read_image
from leukoscope.progress import Progress, Silent
from leukoscope.runtime.backends.backend import Backend
from leukoscope.runtime.field import Frame
from leukoscope.runtime.infer import Infer
from leukoscope.runtime.pipeline import Pipeline, open_pipeline
from leukoscope.runtime.settings import Settings

CROPS_OF_A_FIELD = 6
"""Of each image no more crops than this are kept, evenly over its cells: a crowded field shall not outweigh the others."""


class _Recorder:
    """A backend that keeps what it is shown."""

    def __init__(self, backend: Backend) -> None:
        self.name, self.precision = backend.name, backend.precision
        self.shown: list[NDArray[np.uint8]] = []
        self._backend = backend

    def infer(self, frames: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        self.shown += list(frames)
        return self._backend.infer(frames)


def squares_of(
    bundle: Bundle,
    network: str,
    images: Iterable[Chosen],
    settings: Settings,
    progress: Progress = Silent(),  # noqa: B008
) -> NDArray[np.uint8]:
    """[N, S, S, 3] RGB: for each image the square of the whole field and those of its cells, found by the float network."""
    pipeline = open_pipeline(bundle, replace(settings, precision="fp32"), [network])
    kept: list[NDArray[np.uint8]] = []
    for index, chosen in enumerate(progress.track(list(images), f"look at images for {network}")):
        pixels = read_image(chosen.item.path)
        kept += _shown(
            pipeline, network, Frame(pixels, str(chosen.item.path), chosen.item.name, index)
        )
    side = pipeline.engines[network].contract.input_px
    return np.stack(kept) if kept else np.zeros((0, side, side, 3), np.uint8)


def _shown(pipeline: Pipeline, network: str, frame: Frame) -> list[NDArray[np.uint8]]:
    engine = pipeline.engines[network]
    recorder = _Recorder(engine.backend)
    watched = replace(engine, backend=recorder)
    infer, find_cells = Infer({network: watched}), pipeline.find_cells
    if find_cells.engine is not None:
        find_cells = replace(find_cells, engine=watched)
    inferred = infer(pipeline.scale(frame))
    _ = inferred.readings[network]  # the whole field first, also of a network that finds no cells
    find_cells(inferred)
    whole, crops = recorder.shown[:1], recorder.shown[1:]
    step = max(1, -(-len(crops) // CROPS_OF_A_FIELD))
    return [*whole, *crops[::step]]
