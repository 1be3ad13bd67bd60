"""The slide map against the truth: `python -m benchmarks.slide_map [--data DIR]`.

Four tables: the error of placement by overlap, with a camera that adds shade, dirt that stays in place, grain, blur and
another brightness to each field; matches between fields that have nothing in common, painted and (with --data) real;
cells counted on walks over painted slides; CPU time of one field by the size of the map.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from leukoscope.images.classes import STAGES
from leukoscope.images.opencv import cv2
from leukoscope.images.painter.field import paint_field
from leukoscope.images.painter.truth import PaintedField
from leukoscope.runtime.field import Cell
from leukoscope.runtime.slide.map import SlideMap
from leukoscope.runtime.slide.match import Match, register
from leukoscope.runtime.slide.picture import SIDE_PX, Picture, picture_of, reduce

SLIDE_PX, FIELD_PX, WHITE_CELL_PX = (1600, 1200), (640, 480), 80
OVERLAPS = (0.2, 0.3, 0.4, 0.6)
SEEN_SHARE = 0.5
"""A cell of which a field shows less is not in it (runtime/instances.py)."""
NEIGHBOURING_FILES = 5
"""Real images whose file numbers lie so close may be of one place and are no pair of strangers."""


@dataclass(frozen=True)
class Camera:
    """Shade towards the corners and specks, the same on every frame."""

    gain: np.ndarray
    random: np.random.Generator

    @classmethod
    def draw(cls, seed: int) -> "Camera":
        """Twelve specks of 3 to 15 px that take 40 % of the light, and 35 % less light in the corners."""
        random = np.random.default_rng(seed)
        width, height = FIELD_PX
        y, x = np.mgrid[:height, :width]
        gain = 1 - 0.35 * ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2) / 0.5
        for _ in range(12):
            at, size = random.uniform(0, FIELD_PX), random.uniform(3, 15)
            gain *= 1 - 0.4 * np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / 2 / size**2)
        return cls(gain[..., None].astype(np.float32), random)

    def view(self, slide: np.ndarray, x: int, y: int) -> np.ndarray:
        """[H, W, 3] the field at this corner: 15 % lighter or darker, grain of 5 levels, blur of 0.3 to 2 px."""
        width, height = FIELD_PX
        light = slide[y : y + height, x : x + width] * self.gain * self.random.uniform(0.85, 1.15)
        light = light + self.random.normal(0, 5, light.shape)
        light = cv2.GaussianBlur(light, (0, 0), self.random.uniform(0.3, 2.0))
        return np.clip(light, 0, 255).astype(np.uint8)


def step(random: np.random.Generator, overlap: float) -> np.ndarray:
    """A shift x, y in field pixels that leaves `overlap` of the field's area."""
    across = np.exp(random.uniform(np.log(overlap), 0))
    shares = np.array([1 - across, 1 - overlap / across])
    return np.round(shares * FIELD_PX * random.choice([-1, 1], 2)).astype(int)


def picture(pixels: np.ndarray) -> Picture:
    """Of a field that has enough to see."""
    found = picture_of(reduce(pixels, SIDE_PX / max(pixels.shape[:2])))
    if found is None:
        raise SystemExit("a field shows nothing")
    return found


def slides(count: int) -> Iterator[tuple[int, PaintedField]]:
    """Painted slides with their seeds, all stages in turn."""
    for seed in range(count):
        stage = STAGES[seed % len(STAGES)]
        yield seed, paint_field(stage, seed, size_px=SLIDE_PX, white_cell_px=WHITE_CELL_PX)


def placement(count: int, tries: int) -> None:
    """Prints the first table."""
    errors: dict[float, list[float]] = {overlap: [] for overlap in OVERLAPS}
    wrong = dict.fromkeys(OVERLAPS, 0)
    for seed, slide in slides(count):
        camera, random = Camera.draw(seed), np.random.default_rng(seed)
        for overlap in OVERLAPS:
            for _ in range(tries):
                shift = step(random, overlap)
                low = np.maximum(0, -shift)
                high = np.array(SLIDE_PX) - FIELD_PX - np.maximum(0, shift)
                at = random.integers(low, high + 1)
                match = register(
                    picture(camera.view(slide.image, *at)),
                    picture(camera.view(slide.image, *(at + shift))),
                )
                if match is None or not match.proven:
                    continue
                scale = max(FIELD_PX) / SIDE_PX
                error = float(np.hypot(*(np.array(match.shift_px) * scale - shift)))
                wrong[overlap] += error > WHITE_CELL_PX / 4
                errors[overlap].append(error)
    say("| overlap | pairs | found | error, median px | 95 % px | greatest px | misplaced |")
    say("|---|---|---|---|---|---|---|")
    for overlap, found in errors.items():
        middle, high = np.percentile(found, [50, 95])
        say(
            f"| {overlap:.0%} | {count * tries} | {len(found) / count / tries:.1%} | {middle:.2f} | {high:.2f} "
            f"| {max(found):.2f} | {wrong[overlap]} |"
        )


def strangers(name: str, pictures: list[tuple[int, Picture]], pairs: int) -> str:
    """One line of the second table; `pictures` come with a number, and near numbers are not paired."""
    random = np.random.default_rng(0)
    matches: list[tuple[Match, int, int]] = []
    compared = 0
    while compared < pairs:
        first, second = random.integers(len(pictures), size=2)
        if abs(pictures[first][0] - pictures[second][0]) <= NEIGHBOURING_FILES:
            continue
        compared += 1
        match = register(pictures[first][1], pictures[second][1])
        if match is not None and match.possible:
            matches.append((match, pictures[first][0], pictures[second][0]))
    proven = {tuple(sorted((a, b))) for match, a, b in matches if match.proven}
    highest = max((m.agreement.block_ncc for m, _, _ in matches if not m.proven), default=0.0)
    say(
        f"| {name} | {pairs} | {sum(m.proven for m, _, _ in matches)} | {len(matches)} | {highest:.2f} |"
    )
    return f"{name}: {sorted(proven)}" if proven else ""


def false_matches(pairs: int, count: int, data: Path | None) -> None:
    """Prints the second table, and which real pairs were accepted, for the eye to judge."""
    say("\n| fields | pairs | accepted | possible or accepted | highest agreement not accepted |")
    say("|---|---|---|---|---|")
    painted = []
    for seed in range(count):
        size = (WHITE_CELL_PX, WHITE_CELL_PX / 2)[seed % 2]
        field = paint_field(STAGES[seed // 2 % 4], seed, size_px=FIELD_PX, white_cell_px=size)
        painted.append((seed * 10, picture(field.image)))
    seen = [strangers("painted", painted, pairs)]
    for folder in ("bccd/images", "iranian_all") if data else ():
        files = sorted((data / folder).rglob("*.jpg"))  # type: ignore[operator]
        real = [
            (number, picture(cv2.imread(str(file))[..., ::-1].copy()))
            for number, file in enumerate(files)
        ]
        seen.append(strangers(folder, real, pairs))
    say("\n".join(line for line in seen if line))


def cells_at(slide: PaintedField, x: int, y: int) -> tuple[list[Cell], list[int]]:
    """The cells that a perfect segmentation finds in the field, and which they are."""
    width, height = FIELD_PX
    plane = slide.instances[y : y + height, x : x + width]
    cells, names = [], []
    for name in np.unique(plane[plane > 0]).tolist():
        rows, columns = np.nonzero(plane == name)
        if len(rows) < SEEN_SHARE * slide.cells[name - 1].area_px:
            continue
        left, top = int(columns.min()), int(rows.min())
        box = left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1
        cells.append(Cell(box, {"lymphocyte": 1.0}, len(rows), None, 1.0))
        names.append(name)
    return cells, names


def walk(random: np.random.Generator, fields: int) -> Iterator[tuple[int, int]]:
    """Corners of fields that overlap by 20 to 60 %, every tenth anywhere on the slide."""
    room = np.array(SLIDE_PX) - FIELD_PX
    at = random.integers(0, room + 1)
    for _ in range(fields):
        yield int(at[0]), int(at[1])
        jump = random.random() < 0.1
        moved = at + step(random, random.uniform(0.2, 0.6))
        at = random.integers(0, room + 1) if jump else np.clip(moved, 0, room)


def counts(count: int, fields: int) -> None:
    """Prints the third table."""
    say(
        "\n| seed | fields | cells there | counted | islands left | joined | flagged | CPU a field, median ms |"
    )
    say("|---|---|---|---|---|---|---|---|")
    for seed, slide in slides(count):
        camera, chart, shown, times = Camera.draw(seed), SlideMap(), set(), []
        places = []
        for x, y in walk(np.random.default_rng(seed), fields):
            cells, names = cells_at(slide, x, y)
            view = camera.view(slide.image, x, y)
            start = time.process_time_ns()
            places.append(chart.place(view, cells))
            times.append(time.process_time_ns() - start)
            shown |= set(names)
        joined = sum(len(place.joined) for place in places)
        left = max(place.island for place in places) - joined
        say(
            f"| {seed} | {fields} | {len(shown)} | {chart.counted()} | {left} | {joined} "
            f"| {sum(not place.certain for place in places)} | {np.median(times) / 1e6:.1f} |"
        )


def unlike_fields(count: int) -> Iterator[np.ndarray]:
    """Fields without anything in common: quarters of painted slides, mirrored."""
    made = 0
    for _, slide in slides(10_000):
        for x in (0, SLIDE_PX[0] - FIELD_PX[0]):
            for y in (0, SLIDE_PX[1] - FIELD_PX[1]):
                field = slide.image[y : y + FIELD_PX[1], x : x + FIELD_PX[0]]
                for flipped in (field, field[::-1], field[:, ::-1], field[::-1, ::-1]):
                    if made == count:
                        return
                    made += 1
                    yield np.ascontiguousarray(flipped)


def cost(sizes: list[int]) -> None:
    """Prints the fourth table: a field that lies nowhere, and one that lies on the last, with every other field an island."""
    say("\n| map, fields | nowhere on it, ms | on the field before, ms |")
    say("|---|---|---|")
    chart, nowhere, after = SlideMap(max_pages=max(sizes)), [], []
    for index, field in enumerate(unlike_fields(max(sizes))):
        near = index + 20 >= min((size for size in sizes if size > index), default=0)
        start = time.process_time_ns()
        chart.place(field, [])
        nowhere.append(time.process_time_ns() - start)
        if near:
            start = time.process_time_ns()
            chart.place(np.roll(field, 40, axis=1), [])
            after.append(time.process_time_ns() - start)
        if index + 1 in sizes:
            say(
                f"| {index + 1} | {np.median(nowhere[-20:]) / 1e6:.1f} | {np.median(after[-20:]) / 1e6:.1f} |"
            )


def say(text: str) -> None:
    """A line on stdout."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--data", type=Path, help="the folder of bccd and iranian_all (docs/datasets.md)"
    )
    parser.add_argument("--slides", type=int, default=8)
    parser.add_argument("--tries", type=int, default=25, help="pairs a slide and overlap")
    parser.add_argument("--pairs", type=int, default=30_000, help="strangers compared, each kind")
    parser.add_argument("--painted", type=int, default=250, help="fields painted for them")
    parser.add_argument("--fields", type=int, default=120, help="fields of a walk")
    parser.add_argument("--sizes", type=int, nargs="*", default=[100, 500, 2000])
    parser.add_argument("--only", choices=["placement", "strangers", "counts", "cost"])
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    if chosen.only in (None, "placement"):
        placement(chosen.slides, chosen.tries)
    if chosen.only in (None, "strangers"):
        false_matches(chosen.pairs, chosen.painted, chosen.data)
    if chosen.only in (None, "counts"):
        counts(chosen.slides, chosen.fields)
    if chosen.only in (None, "cost"):
        cost(chosen.sizes)
