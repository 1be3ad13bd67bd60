"""One image under one network by the path that `run` takes, and what is kept of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.read import Bundle
from leukoscope.images.contract import to_field
from leukoscope.runtime.engine import CELL_NETWORK, FIELD_NETWORK, Engine
from leukoscope.runtime.field import Frame, Result
from leukoscope.runtime.metrics.masks import Overlap
from leukoscope.runtime.observation import observe
from leukoscope.runtime.pipeline import Pipeline, open_pipeline
from leukoscope.runtime.sample import Sample
from leukoscope.runtime.settings import Settings


@dataclass(frozen=True, eq=False)
class Row:
    """What a figure is made of; `votes` has probabilities [K] by voter: `trees` and `head`, or `type`."""

    group: str
    target: tuple[str, ...] | None
    votes: Mapping[str, NDArray[np.float64]]
    overlap: Overlap | None
    energy_on_cell: float | None
    cell_share: float | None
    cell_types: tuple[str, ...]
    """Of all cells found, largest first."""


class Judge:
    """A bundle's networks, each in a pipeline of its own, opened when first asked for."""

    def __init__(self, bundle: Bundle, settings: Settings) -> None:
        self._bundle, self._settings = bundle, settings
        self._pipelines: dict[str, Pipeline] = {}

    @property
    def has_cells(self) -> bool:
        """Whether the bundle can find cells."""
        return CELL_NETWORK in self._bundle.manifest.networks

    def engine(self, network: str) -> Engine:
        return self.pipeline(network).engines[network]

    def pipeline(self, network: str) -> Pipeline:
        if network not in self._pipelines:
            self._pipelines[network] = open_pipeline(self._bundle, self._settings, [network])
        return self._pipelines[network]

    def result(self, network: str, pixels: NDArray[np.uint8]) -> Result:
        """The field [H, W, 3] as `run` judges it."""
        return self.pipeline(network)(Frame(pixels, "", "", 0))

    def row(
        self,
        network: str,
        sample: Sample,
        group: str,
        pixels: NDArray[np.uint8] | None = None,
        cells: NDArray[np.uint8] | None = None,
    ) -> Row:
        """The sample judged, or `pixels` [H, W, 3] in its stead; `cells` stand in for a mask that nobody drew."""
        result = self.result(network, sample.pixels if pixels is None else pixels)
        seen = observe(network, sample, result, result, cells)
        votes = {"type": seen.probabilities}
        if network == FIELD_NETWORK:
            head = result.readings[network].arrays["probabilities"].astype(np.float64)
            voter = result.vote.voter if result.vote is not None else "head"
            votes = {voter: seen.probabilities, "head": head}
        return Row(
            group=group,
            target=None if sample.excluded else sample.target,
            votes=votes,
            overlap=seen.overlap,
            energy_on_cell=seen.energy_on_cell,
            cell_share=seen.cell_share,
            cell_types=tuple(cell.type for cell in result.cells),
        )

    def cells(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """SG-CLDFF's mask [H, W] of 0, 1, 2 as the network gives it, specks and all; no cell is typed."""
        pipeline = self.pipeline(CELL_NETWORK)
        reading = pipeline.infer(pipeline.scale(Frame(pixels, "", "", 0))).readings[CELL_NETWORK]
        return to_field(reading.arrays["mask"], reading.placement).argmax(0).astype(np.uint8)
