"""Writes painted pictures as data folders, in the two layouts that training and validation read."""

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leukoscope.errors import InputError
from leukoscope.images.classes import CELL_TYPES, MASK_CODES, STAGES
from leukoscope.images.opencv import cv2
from leukoscope.images.painter.field import REFERENCE_PX, paint_cell, paint_field, paint_field_of
from leukoscope.images.painter.truth import PaintedField
from leukoscope.progress import Progress, Silent

SEEDS_APART = 1_000_000
"""Sets of different seeds share no field as long as they are smaller than this."""


def _write_png(path: Path, picture: NDArray[np.uint8]) -> None:
    shown = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR) if picture.ndim == 3 else picture
    good, data = cv2.imencode(".png", shown, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    if not good:
        raise InputError(f"cannot encode {path.name}")
    path.write_bytes(data.tobytes())


def _folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {path}: {error.strerror}") from error
    return path


def write_class_set(
    root: Path,
    fields_per_stage: int,
    seed: int,
    *,
    size_px: tuple[int, int] = REFERENCE_PX,
    white_cell_px: float | None = None,
    progress: Progress | None = None,
) -> None:
    """Writes `root/STAGE/field-0000.png`, `fields_per_stage` of each of STAGES.

    Field i of every stage shares its looks with field i of the others. InputError where the
    folder cannot be made.
    """
    folders = {stage: _folder(root / stage) for stage in STAGES}
    jobs = [(stage, i) for i in range(fields_per_stage) for stage in STAGES]
    for stage, i in (progress or Silent()).track(jobs, "painting fields"):
        field = paint_field(stage, seed * SEEDS_APART + i, size_px, white_cell_px)
        _write_png(folders[stage] / f"field-{i:04d}.png", field.image)


def _typed_picture(i: int, seed: int, cell_size_px: int) -> tuple[str, PaintedField]:
    """Types in turn; of each pair of rounds one paints single cells, one whole fields."""
    type = CELL_TYPES[i % len(CELL_TYPES)]
    if (i // len(CELL_TYPES)) % 2 == 0:
        return type, paint_cell(type, seed, cell_size_px)
    return type, paint_field_of(type, seed)


def write_mask_set(
    root: Path,
    fields: int,
    seed: int,
    *,
    cell_size_px: int = 256,
    progress: Progress | None = None,
) -> None:
    """Writes `root/images/*.png`, `root/masks/*.png` (codes 0, 128, 255) and `root/labels.csv`.

    Labels are CELL_TYPES in turn; single cells and 640 x 480 fields of one type alternate by rounds
    of all types. InputError where the folder cannot be made.
    """
    images, masks = _folder(root / "images"), _folder(root / "masks")
    codes = np.array(MASK_CODES, np.uint8)
    rows = []
    for i in (progress or Silent()).track(range(fields), "painting cells", total=fields):
        type, picture = _typed_picture(i, seed * SEEDS_APART + i, cell_size_px)
        name = f"field-{i:04d}.png"
        _write_png(images / name, picture.image)
        _write_png(masks / name, codes[picture.mask])
        rows.append((name, type))
    with (root / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([("image", "label"), *rows])
