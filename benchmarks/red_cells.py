# ruff: noqa: T201
"""How well the red cells' diameter is found: on painted fields whose scale is known, and on real ones.

    python -m benchmarks.red_cells [--data DIR] [--fields 200]

DIR has bccd, iranian_all and the other sets of docs/datasets.md. Errors are relative to the truth: the painter's red cells,
or what a person read off a grid laid over 27 fields of bccd (BY_EYE), each to about 3 px.
"""

import argparse
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.classes import STAGES
from leukoscope.images.decode import read_image
from leukoscope.images.opencv import cv2
from leukoscope.images.painter.field import paint_field
from leukoscope.images.painter.red_cells import DIAMETER_UM
from leukoscope.images.painter.scene import REFERENCE_CELL_UM
from leukoscope.runtime.red_cells import RedCells, measure_red_cells

Image = NDArray[np.uint8]
SIZES: tuple[tuple[tuple[int, int], tuple[float, float]], ...] = (
    ((224, 224), (22, 36)),
    ((640, 480), (60, 100)),
    ((640, 480), (100, 170)),
    ((1280, 960), (60, 160)),
    ((2000, 1500), (60, 160)),
)
"""Width and height, and the range of white cells' diameters, pixels: red cells are 0.57 of that."""
SEED = 60_000
BY_EYE: dict[int, int] = {
    **{4: 90, 13: 97, 22: 98, 33: 90, 52: 82, 63: 89, 72: 88, 130: 87, 141: 95},
    **{152: 84, 163: 100, 172: 99, 183: 100, 196: 98, 205: 89, 253: 99, 262: 97, 271: 102},
    **{280: 101, 290: 94, 299: 96, 309: 92, 319: 93, 369: 95, 379: 87, 389: 93, 400: 93},
}
"""Number of the field of bccd -> median over its whole single red cells of the mean of width and height, pixels."""
SETS: tuple[str, ...] = (
    "bccd/images",
    "iranian_all/Benign",
    "iranian_all/Early",
    "iranian_all/Pre",
)
SETS += ("iranian_all/Pro", "wbc_tecom/images", "all_idb2/images", "pbc/*")
MOST_OF_A_SET = 120


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--fields", type=int, default=200)
    wanted = parser.parse_args()
    cv2.setNumThreads(1)
    painted(wanted.fields)
    if wanted.data is not None:
        by_eye(wanted.data / "bccd" / "images")
        sets(wanted.data)


def painted(count: int) -> None:
    """Errors on painted fields by size, and over all."""
    errors: list[float] = []
    for place, (size_px, range_px) in enumerate(SIZES):
        own, asked = [], range(SEED + place, SEED + count, len(SIZES))
        for seed in asked:
            white_px = float(np.random.default_rng(seed).uniform(*range_px))
            stage = STAGES[seed // len(SIZES) % len(STAGES)]
            found = measure_red_cells(paint_field(stage, seed, size_px, white_px).image)
            if found is not None and found.confident:
                own.append(found.diameter_px / (DIAMETER_UM * white_px / REFERENCE_CELL_UM) - 1)
        _errors(f"painted {size_px[0]} x {size_px[1]}, white cells {range_px} px", own, len(asked))
        errors += own
    _errors("painted, all", errors, count)


def by_eye(folder: Path) -> None:
    """Errors on the fields of bccd that a person measured."""
    errors = []
    for number, width_px in BY_EYE.items():
        found = measure_red_cells(read_image(folder / f"BloodImage_{number:05d}.jpg"))
        if found is not None and found.confident:
            errors.append(found.diameter_px / width_px - 1)
    _errors("bccd against the eye", errors, len(BY_EYE))


def sets(data: Path) -> None:
    """Median and variation by set, agreement of half and twice the size, and the time a field."""
    for name in SETS:
        files = sorted(data.glob(f"{name}/*"))
        images = [read_image(path) for path in files[:: -(-len(files) // MOST_OF_A_SET)]]
        started = time.perf_counter()
        found = [measure_red_cells(image) for image in images]
        each_ms = 1e3 * (time.perf_counter() - started) / max(len(images), 1)
        sure = [one.diameter_px for one in found if one is not None and one.confident]
        line = f"{name}: {len(sure)} of {len(images)} confident"
        if len(sure) > 1:
            middle = float(np.median(sure))
            off = np.mean(np.abs(np.log(np.array(sure) / middle)) > np.log(1.25))
            line += (
                f", median {middle:.1f} px, coefficient of variation {np.std(sure) / np.mean(sure):.3f}"
                f", more than 25 % from the median {off:.3f}"
            )
        print(f"{line}, {each_ms:.1f} ms a field")
        _sizes(images[::3], found[::3])


def _sizes(images: Sequence[Image], found: Sequence[RedCells | None]) -> None:
    """How the diameters at half and twice the size agree with that at once."""
    for factor, way in ((0.5, cv2.INTER_AREA), (2.0, cv2.INTER_LINEAR)):
        ratios = []
        for image, once in zip(images, found, strict=True):
            if once is None or not once.confident:
                continue
            other = measure_red_cells(
                np.asarray(
                    cv2.resize(image, None, fx=factor, fy=factor, interpolation=way), np.uint8
                )
            )
            if other is not None:
                ratios.append(other.diameter_px / factor / once.diameter_px - 1)
        if ratios:
            print(f"  at {factor} of the size: within 5 %: {_share(ratios, 0.05):.2f}", end="")
            print(f", within 10 %: {_share(ratios, 0.1):.2f}, of {len(ratios)}")


def _errors(name: str, errors: Sequence[float], asked: int) -> None:
    if not errors:
        print(f"{name}: none of {asked} confident")
        return
    size = np.abs(errors)
    print(
        f"{name}: {len(errors)} of {asked} confident, bias {np.median(errors):+.3f}, error median {np.median(size):.3f},"
        f" 95th percentile {np.quantile(size, 0.95):.3f}, greatest {size.max():.3f}, within 10 % {_share(errors, 0.1):.3f}"
    )


def _share(errors: Iterable[float], most: float) -> float:
    return float(np.mean(np.abs(list(errors)) <= most))


if __name__ == "__main__":
    main()
