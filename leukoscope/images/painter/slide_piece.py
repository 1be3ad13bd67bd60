"""Paints a slide piece by piece: a canvas of the whole would hold 32 bytes a pixel."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2
from leukoscope.images.painter.canvas import Canvas, blank
from leukoscope.images.painter.debris import RADIUS_UM as SMUDGE_UM
from leukoscope.images.painter.debris import paint_smudge
from leukoscope.images.painter.platelets import DIAMETER_UM as PLATELET_UM
from leukoscope.images.painter.platelets import paint_platelet
from leukoscope.images.painter.red_cells import paint_red_cell
from leukoscope.images.painter.scene import PlacedCell
from leukoscope.images.painter.slide_scene import SlideScene, Spot
from leukoscope.images.painter.stain import develop
from leukoscope.images.painter.white_cells import paint_nucleated

PIECE_PX = 768
MARGIN_PX = 16
"""Painted beyond a piece and cut off again: the blur reaches so far."""
SMUDGES, RED_CELLS, PLATELETS, OTHERS, WHITE = range(2, 7)
"""Streams of draws by kind."""
REACH = 2.4
"""Nothing reaches further from its centre, in its mean radii; smudges are drawn out furthest."""

Window = tuple[slice, slice]


@dataclass(frozen=True)
class Piece:
    """A part of the slide with its margin: where it lies, and what of it is kept."""

    corner_px: tuple[int, int]
    size_px: tuple[int, int]
    on_slide: Window
    within: Window

    def meets(self, at: Spot, reach_px: float) -> bool:
        """Whether something about `at` may show here."""
        x, y = at[0] - self.corner_px[0], at[1] - self.corner_px[1]
        return (
            -reach_px <= x <= self.size_px[0] + reach_px
            and -reach_px <= y <= self.size_px[1] + reach_px
        )

    def here(self, at: Spot) -> Spot:
        """The place in the piece's own pixels."""
        return at[0] - self.corner_px[0], at[1] - self.corner_px[1]


@dataclass(frozen=True)
class PaintedPiece:
    """A piece as it shows, without its margin."""

    piece: Piece
    light: NDArray[np.uint8]
    """[h, w, 3] as the objective gives it: no noise, even light."""
    canvas: Canvas
    """With its margin."""
    whole_px: NDArray[np.int64]
    """For each white cell its pixels in this piece before another was laid over it."""


def pieces_of(size_px: tuple[int, int]) -> Iterator[Piece]:
    """The pieces of a slide, row by row; kept parts meet and do not overlap."""
    width, height = size_px
    for top in range(0, height, PIECE_PX):
        for left in range(0, width, PIECE_PX):
            right, bottom = min(left + PIECE_PX, width), min(top + PIECE_PX, height)
            kept = (right - left, bottom - top)
            yield Piece(
                (left - MARGIN_PX, top - MARGIN_PX),
                (kept[0] + 2 * MARGIN_PX, kept[1] + 2 * MARGIN_PX),
                (slice(top, bottom), slice(left, right)),
                (slice(MARGIN_PX, MARGIN_PX + kept[1]), slice(MARGIN_PX, MARGIN_PX + kept[0])),
            )


def paint_piece(scene: SlideScene, piece: Piece, sharpness_px: float) -> PaintedPiece:
    """Smudges, red cells, platelets, nucleated red cells, white cells, one over the other; then the objective's blur."""
    canvas = blank(piece.size_px)
    _paint_ground(canvas, scene, piece)
    for index, cell in enumerate(scene.others):
        number = len(scene.platelets) + index + 1
        _paint_cell(canvas, scene, piece, cell, (OTHERS, index), number)
    whole = np.zeros(len(scene.white), np.int64)
    for index, cell in enumerate(scene.white):
        if _paint_cell(canvas, scene, piece, cell, (WHITE, index), index + 1):
            whole[index] = np.count_nonzero(_about(canvas, piece, cell) == index + 1)
    light = cv2.GaussianBlur(develop(canvas.dyes, scene.looks.stain), (0, 0), sharpness_px)
    shown = np.clip(np.rint(light[piece.within]), 0, 255).astype(np.uint8)
    return PaintedPiece(piece, shown, canvas, whole)


def _paint_ground(canvas: Canvas, scene: SlideScene, piece: Piece) -> None:
    px_per_um = scene.looks.px_per_um
    for index, at in enumerate(scene.smudges):
        if piece.meets(at, REACH * SMUDGE_UM[1] * px_per_um):
            paint_smudge(canvas, scene.own(SMUDGES, index), piece.here(at), px_per_um)
    style = scene.looks.red_cells
    for index, (at, radius) in enumerate(scene.red_cells):
        if piece.meets(at, REACH * radius):
            paint_red_cell(canvas, scene.own(RED_CELLS, index), style, piece.here(at), radius)
    for index, at in enumerate(scene.platelets):
        if piece.meets(at, REACH * PLATELET_UM[1] / 2 * px_per_um):
            rng = scene.own(PLATELETS, index)
            radius = float(rng.uniform(*PLATELET_UM)) / 2 * px_per_um
            paint_platelet(
                canvas, rng, piece.here(at), radius, px_per_um=px_per_um, number=index + 1
            )


def _paint_cell(
    canvas: Canvas,
    scene: SlideScene,
    piece: Piece,
    cell: PlacedCell,
    stream: tuple[int, int],
    number: int,
) -> bool:
    """Whether the cell may show in the piece; it is then painted."""
    if not piece.meets(cell.centre_px, REACH * cell.radius_px):
        return False
    paint_nucleated(
        canvas,
        scene.own(*stream),
        cell.recipe,
        piece.here(cell.centre_px),
        cell.radius_px,
        px_per_um=scene.looks.px_per_um,
        number=number,
    )
    return True


def _about(canvas: Canvas, piece: Piece, cell: PlacedCell) -> NDArray[np.uint16]:
    """The white cells' numbers in the kept part about a cell."""
    x, y = piece.here(cell.centre_px)
    reach = REACH * cell.radius_px
    rows, columns = piece.within
    window = (
        slice(max(rows.start, int(y - reach)), max(0, min(rows.stop, int(y + reach) + 1))),
        slice(max(columns.start, int(x - reach)), max(0, min(columns.stop, int(x + reach) + 1))),
    )
    return canvas.instances[window]
