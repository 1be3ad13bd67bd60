# ruff: noqa: T201
"""What the chooser refuses, and what it costs: `python -m benchmarks.choosing --data DIR [--fields N]`.

Every picture is shown as a stop of the stage, 0.4 seconds long, one every two seconds, to a chooser in `latest`;
a refused field is a stop from which nothing was taken. DIR holds `bccd` and `iranian_all` (docs/datasets.md); without
it only painted fields are measured. docs/choose.md has what it found. Research use only.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.classes import STAGES
from leukoscope.images.decode import read_image
from leukoscope.images.opencv import cv2
from leukoscope.images.painter.field import paint_field
from leukoscope.images.public_sets.tree import images_below
from leukoscope.runtime.choose.choice import SKIPS
from leukoscope.runtime.choose.chooser import open_chooser
from leukoscope.runtime.field import Frame

Image = NDArray[np.uint8]
FRAMES, RATE_HZ, EVERY_S = 4, 10.0, 2.0
BLURS_PX = (0.0, 1.0, 1.5, 2.0, 3.0)
GAINS = (0.25, 0.4, 0.6, 1.5, 2.0, 3.0)
BAD = 60
"""Fields of each set that are shown spoilt."""


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of real images")
    parser.add_argument(
        "--fields", type=int, default=120, help="of each set (bad ones: up to 60), 0: all"
    )
    wanted = parser.parse_args()
    cv2.setNumThreads(1)
    sets = dict(real_sets(wanted.data, wanted.fields)) | painted_sets(wanted.fields)
    print_refusals(sets)
    print_blurs(sets)
    print_cost()


def real_sets(data: Path | None, fields: int) -> Iterable[tuple[str, list[Image]]]:
    """Fields of each real set, in the order of their names, spread over it."""
    for name in ("bccd", "iranian_all") if data is not None else ():
        folder = Path(data) / name / "images" if name == "bccd" else Path(data) / name
        yield name, [read_image(path) for path in spread(images_below(folder), fields)]


def painted_sets(fields: int) -> dict[str, list[Image]]:
    """Fields that differ in laboratory, lens and noise; and windows of large fields, each of one microscope."""
    count = max(1, (fields or 400) // len(STAGES))
    usual = [paint_field(stage, seed).image for seed in range(count) for stage in STAGES]
    large = [paint_field(stage, 0, (2560, 1920), 75.0).image for stage in STAGES]
    sets = {f"painted slide, {s}": windows(im) for s, im in zip(STAGES, large, strict=True)}
    return {"painted": usual} | sets


def windows(image: Image, size_px: tuple[int, int] = (640, 480)) -> list[Image]:
    """The image cut into fields."""
    w, h = size_px
    tops, lefts = range(0, image.shape[0] - h + 1, h), range(0, image.shape[1] - w + 1, w)
    return [image[y : y + h, x : x + w] for y in tops for x in lefts]


def spread(items: Sequence[Any], count: int) -> list[Any]:
    """`count` of them, evenly; all for 0."""
    if not count or count >= len(items):
        return list(items)
    return [items[i] for i in np.linspace(0, len(items) - 1, count).round().astype(int)]


def shown(images: Iterable[Image]) -> Iterable[Frame]:
    """Each image as a stop."""
    for stop, image in enumerate(images):
        for step in range(FRAMES):
            at_ns = round((stop * EVERY_S + step / RATE_HZ) * 1e9)
            index = stop * FRAMES + step
            yield Frame(image, "stage", f"{stop}_{step}", index, at_ns, at_ns)


def outcomes(images: Sequence[Image], *, afresh: bool = False) -> Counter[str]:
    """How often a field was taken, or missed for which cause. `afresh`: nothing is known of any focus before."""
    found: Counter[str] = Counter()
    for group in [[image] for image in images] if afresh else [images]:
        chooser = open_chooser("latest")
        choices = [chooser(frame) for frame in shown(group)]
        found["taken"] += sum(choice.taken for choice in choices)
        found.update(choice.missed.cause for choice in choices if choice.missed)
        last = chooser.close()
        found.update([last.cause] if last else [])
    return found


def layered(images: Sequence[Image], layers: int) -> list[Image]:
    """Smears one over the other: light passes them all."""
    found = []
    for first, image in enumerate(images):
        light = image.astype(np.float32)
        for layer in range(1, layers):
            over = images[(first + 7 * layer) % len(images)].astype(np.float32)
            light *= np.minimum(over / np.percentile(over, 95, axis=(0, 1)), 1.1)
        found.append(np.clip(light, 0, 255).astype(np.uint8))
    return found


def brightened(images: Sequence[Image], gain: float) -> list[Image]:
    """At another exposure."""
    return [np.clip(image * np.float32(gain), 0, 255).astype(np.uint8) for image in images]


def row(name: str, images: Sequence[Image], *, afresh: bool = False) -> None:
    """One line: the share that was taken, and each cause."""
    found = outcomes(images, afresh=afresh)
    causes = [f"{cause} {found[cause] / len(images):.3f}" for cause in SKIPS if found[cause]]
    print(
        f"{name:44} n {len(images):4}  taken {found['taken'] / len(images):.3f}  {', '.join(causes)}",
        flush=True,
    )


def print_refusals(sets: dict[str, list[Image]]) -> None:
    """Usual fields, as a series of one microscope and each for itself; then bad ones, each for itself."""
    for name, images in sets.items():
        if name != "painted":  # each of these has a lens of its own
            row(f"{name}: a series", images)
    for name in [name for name in ("bccd", "iranian_all", "painted") if name in sets]:
        row(f"{name}: each for itself", sets[name], afresh=True)
        images = spread(sets[name], BAD)
        for layers in (2, 3):
            row(f"{name}: {layers} smears over each other", layered(images, layers), afresh=True)
        for gain in GAINS:
            row(f"{name}: exposed {gain:g} times as long", brightened(images, gain), afresh=True)


def print_blurs(sets: dict[str, list[Image]]) -> None:
    """Fields out of focus by a Gaussian of so many pixels, with noise of sigma 1.5 added after it.

    Each comes after another field in focus, so that the chooser knows what is sharp.
    """
    rng = np.random.default_rng(1)
    for name, images in sets.items():
        fields = spread(images, BAD)
        sharp, shares = [noisy(image, rng) for image in fields], []
        for sigma in BLURS_PX:
            bad = [noisy(blurred(image, sigma), rng) for image in fields]
            shares.append(f"{sigma:g} px {refused_share(sharp, bad):.2f}")
        print(f"{name:44} refused as out of focus: {', '.join(shares)}", flush=True)


def blurred(image: Image, sigma: float) -> Image:
    """Out of focus; as it is for 0."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8) if sigma else image


def refused_share(sharp: Sequence[Image], bad: Sequence[Image]) -> float:
    """Share of the bad ones from which nothing was taken."""
    row = [one for i, image in enumerate(sharp) for one in (image, bad[i - 3])]
    chooser = open_chooser("latest")
    taken = [chooser(frame).taken for frame in shown(row)]
    each = [any(taken[i : i + FRAMES]) for i in range(0, len(taken), FRAMES)]
    return 1 - sum(each[1::2]) / len(bad)


def noisy(image: Any, rng: np.random.Generator, sigma: float = 1.5) -> Image:
    """With a sensor's noise."""
    light = image + sigma * rng.standard_normal(image.shape, np.float32)
    return np.asarray(np.clip(np.rint(light), 0, 255), np.uint8)


def print_cost() -> None:
    """Milliseconds of processor time a frame of the whole chooser, on one core, at rest and in motion."""
    for size in ((640, 480), (1280, 720), (1920, 1080), (3840, 2160)):
        image = paint_field("Early", 1, (size[0] + 64, size[1]), 90.0 * size[0] / 1280).image
        for name, step in (("at rest", 0), ("in motion", 8)):
            views = [
                np.ascontiguousarray(image[:, step * i : step * i + size[0]]) for i in range(8)
            ]
            views = [noisy(view, np.random.default_rng(i)) for i, view in enumerate(views)]
            chooser, costs = open_chooser("latest"), []
            for number in range(80):
                at_ns = round(number / 30 * 1e9)
                frame = Frame(views[number % 8], "stage", str(number), number, at_ns, at_ns)
                start = time.thread_time()
                chooser(frame)
                costs.append(1e3 * (time.thread_time() - start))
            low, middle = np.percentile(costs[10:], [5, 50])
            print(
                f"{size[0]} x {size[1]} {name:10} median {middle:.2f} ms, 5th percentile {low:.2f} ms",
                flush=True,
            )


if __name__ == "__main__":
    main()
