"""Writes what a virtual microscope saw: PNG files or a video, and `truth.json` beside it."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.errors import InputError, MachineError
from leukoscope.images.opencv import cv2
from leukoscope.progress import Progress, Silent
from leukoscope.runtime.sources.slide import SlideSource
from leukoscope.runtime.sources.slide_truth import SlideTruth

SCHEMA = 1
CODERS = {".mp4": "mp4v", ".avi": "MJPG"}
"""Both lose a little, as a microscope's own recording does."""
STOPS_HZ = 2.0
"""Of a video that holds one frame a stop."""
PNG_COMPRESSION = 1
"""Noise does not compress: a higher level only takes longer."""


def record_slide(
    source: SlideSource, to: Path, *, every_frame: bool = False, progress: Progress | None = None
) -> Path:
    """Writes one frame a stop, or `every_frame`, and gives back the path of the truth.

    `to` is a video (.mp4, .avi), its truth beside it as NAME.truth.json, or a new folder, which holds PNG files and
    truth.json. A stop's frame is its last one, out of focus where the operator left it so. InputError where `to` exists or
    cannot be written, MachineError where OpenCV has no coder.
    """
    if to.exists():
        raise InputError(f"{to} exists already", next_step="name a new file or folder")
    truth = source.truth
    frames = range(len(truth.moments)) if every_frame else truth.one_a_stop()
    shots = (progress or Silent()).track(frames, "recording", total=len(frames))
    rate_hz = source.rate_hz or 1.0
    try:
        if to.suffix.lower() in CODERS:
            names = _write_video(source, to, shots, rate_hz if every_frame else STOPS_HZ)
            beside = to.with_suffix(".truth.json")
        else:
            names, beside = _write_pictures(source, to, shots), to / "truth.json"
        record = truth_record(source.uri, truth, frames, names)
        beside.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{to} cannot be written: {error.strerror}") from error
    return beside


def truth_record(
    uri: str, truth: SlideTruth, frames: Iterable[int], names: Iterable[str]
) -> dict[str, Any]:
    """What truth.json says: the slide's cells, and of each frame its place and the cells that it shows at least half of."""
    slide = truth.slide
    return {
        "schema": SCHEMA,
        "notice": "painted, no patient: research use only",
        "uri": uri,
        "stage": slide.stage,
        "seed": slide.seed,
        "slide_px": list(slide.size_px),
        "um_per_px": 1 / slide.px_per_um,
        "found": asdict(slide.found),
        "cells": [asdict(cell) for cell in slide.cells],
        "frames": [_frame(truth, index, name) for index, name in zip(frames, names, strict=True)],
    }


def _frame(truth: SlideTruth, index: int, name: str) -> dict[str, Any]:
    moment = truth.moments[index]
    stop = None if moment.stop is None else truth.stops[moment.stop]
    return {
        "name": name,
        "frame": index,
        "corner_px": list(moment.shot.corner_px),
        "stop": moment.stop,
        "returns_to": stop and stop.returns_to,
        "still": moment.still,
        "defocus_px": moment.shot.defocus_px,
        "seen": sorted(truth.seen(index)),
    }


def _write_pictures(source: SlideSource, folder: Path, frames: Iterable[int]) -> list[str]:
    folder.mkdir(parents=True)
    names: list[str] = []
    for index in frames:
        name = f"{source.name(index)}.png"
        settings = [cv2.IMWRITE_PNG_COMPRESSION, PNG_COMPRESSION]
        _, data = cv2.imencode(".png", _bgr(source.shoot(index)), settings)
        (folder / name).write_bytes(data.tobytes())
        names.append(name)
    return names


def _write_video(
    source: SlideSource, path: Path, frames: Iterable[int], rate_hz: float
) -> list[str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    code = cv2.VideoWriter.fourcc(*CODERS[path.suffix.lower()])
    size_px = source.truth.size_px
    video = cv2.VideoWriter(str(path), code, rate_hz, size_px)
    if not video.isOpened():
        raise MachineError(
            f"OpenCV cannot write {path}",
            wanted="a writable path and an OpenCV with the coder",
            next_step="name a folder, for PNG files",
        )
    names: list[str] = []
    for index in frames:
        video.write(_bgr(source.shoot(index)))
        names.append(f"{path.stem}_{len(names):06d}")
    video.release()
    return names


def _bgr(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), np.uint8)
