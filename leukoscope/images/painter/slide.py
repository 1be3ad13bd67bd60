"""Paints a large piece of a smear with one look, and the truth of all that lies on it.

White cells lie wholly on the slide; a stated share of them touches or overlaps another. Everything follows from
the seed. A virtual stage moves a camera over it: docs/virtual-slide.md.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.errors import InputError
from leukoscope.images.painter.scene import SHARPNESS_UM
from leukoscope.images.painter.slide_densities import UM2_PER_MM2, Densities, Found
from leukoscope.images.painter.slide_piece import paint_piece, pieces_of
from leukoscope.images.painter.slide_scene import SlideScene, draw_scene
from leukoscope.images.painter.slide_truth import SlideCell, cells_of, touching
from leukoscope.images.painter.stages import stage_of

MIN_SIDE_PX, MAX_PIXELS = 128, 60_000_000
"""The picture and its truth take 7 bytes a pixel: 420 MB for the largest."""
CELL_PX = (20.0, 400.0)
WHITE_CELL_PX = 80.0
SHARPNESS_PX = (0.4, 2.5)
HIDDEN_IN_PART = 0.05
"""A cell of which another hides more than this is overlapped."""


@dataclass(frozen=True, eq=False)
class PaintedSlide:
    """A piece of smear as the objective gives it, with its truth."""

    image: NDArray[np.uint8]
    """[H, W, 3] RGB: even light, no noise; what the camera does comes later."""
    instances: NDArray[np.uint16]
    """[H, W]: 0, or the id of the white cell that shows here."""
    cells: tuple[SlideCell, ...]
    """White cells that count, `cells[i].id == i + 1`."""
    others: tuple[SlideCell, ...]
    """Platelets (each of a clump by itself) and nucleated red cells, ids of their own."""
    clumps: tuple[tuple[float, float], ...]
    """Middles of the clumps of platelets."""
    px_per_um: float
    stage: str
    seed: int
    found: Found

    @property
    def size_px(self) -> tuple[int, int]:
        """Width, height."""
        return self.image.shape[1], self.image.shape[0]


def paint_slide(
    stage: str,
    seed: int,
    size_px: tuple[int, int],
    white_cell_px: float = WHITE_CELL_PX,
    *,
    laboratory: int | None = None,
    densities: Densities = Densities(),  # noqa: B008
) -> PaintedSlide:
    """A slide of a stage (STAGES), `size_px` (width, height), `white_cell_px` to a white cell of 13 micrometres.

    `laboratory` is an index into LABORATORIES, drawn by default. InputError for an unknown stage, a negative seed, or
    a size or a cell that is out of bounds.
    """
    check_slide(stage, seed, size_px, white_cell_px)
    scene = draw_scene(stage, seed, size_px, white_cell_px, laboratory, densities)
    planes = _Planes(size_px, len(scene.white))
    sharpness = float(np.clip(SHARPNESS_UM * scene.looks.px_per_um, *SHARPNESS_PX))
    for piece in pieces_of(size_px):
        painted = paint_piece(scene, piece, sharpness)
        planes.image[piece.on_slide] = painted.light
        planes.white[piece.on_slide] = painted.canvas.instances[piece.within]
        planes.others[piece.on_slide] = painted.canvas.others[piece.within]
        planes.whole_px += painted.whole_px
    return _with_truth(scene, stage, planes)


class _Planes:
    """What the pieces are put together in."""

    def __init__(self, size_px: tuple[int, int], white: int) -> None:
        shape = (size_px[1], size_px[0])
        self.image = np.empty((*shape, 3), np.uint8)
        self.white, self.others = np.zeros(shape, np.uint16), np.zeros(shape, np.uint16)
        self.whole_px = np.zeros(white, np.int64)


def check_slide(
    stage: str, seed: int, size_px: tuple[int, int], white_cell_px: float = WHITE_CELL_PX
) -> None:
    """InputError where `paint_slide` would refuse."""
    stage_of(stage)
    if seed < 0:
        raise InputError(f"the seed is {seed}", wanted="0 or more")
    if min(size_px) < MIN_SIDE_PX or size_px[0] * size_px[1] > MAX_PIXELS:
        raise InputError(
            f"a slide of {size_px[0]} x {size_px[1]} px was asked for",
            wanted=f"sides of at least {MIN_SIDE_PX} px, at most {MAX_PIXELS // 10**6} megapixels",
        )
    if not CELL_PX[0] <= white_cell_px <= CELL_PX[1]:
        raise InputError(
            f"a white cell of {white_cell_px:g} px was asked for",
            wanted=f"{CELL_PX[0]:g} to {CELL_PX[1]:g} px",
        )


def _with_truth(scene: SlideScene, stage: str, planes: _Planes) -> PaintedSlide:
    types = [cell.recipe.type for cell in scene.white]
    cells, instances, hidden = cells_of(planes.white, types, planes.whole_px)
    names = ["other"] * (len(scene.platelets) + len(scene.others))
    others, _, _ = cells_of(planes.others, names, np.zeros(len(names), np.int64))
    return PaintedSlide(
        image=planes.image,
        instances=instances,
        cells=cells,
        others=others,
        clumps=_middles(scene),
        px_per_um=scene.looks.px_per_um,
        stage=stage,
        seed=scene.seed,
        found=_found(scene, cells, instances, hidden),
    )


def _found(
    scene: SlideScene, cells: tuple[SlideCell, ...], instances: NDArray[np.uint16], hidden: int
) -> Found:
    width, height = scene.looks.size_px
    count = max(1, len(cells))
    partly = sum(cell.area_px < (1 - HIDDEN_IN_PART) * cell.whole_area_px for cell in cells)
    return Found(
        area_mm2=width * height / scene.looks.px_per_um**2 / UM2_PER_MM2,
        white_cells=len(cells),
        touching_share=len(touching(instances, cells)) / count,
        overlapped_share=partly / count,
        hidden=hidden,
        clumps=len(scene.clumps),
    )


def _middles(scene: SlideScene) -> tuple[tuple[float, float], ...]:
    """The clumps' members come first among the platelets."""
    members, middles = iter(scene.platelets), []
    for count in scene.clumps:
        x, y = np.mean([next(members) for _ in range(count)], axis=0)
        middles.append((float(x), float(y)))
    return tuple(middles)
