"""Times of one field's stages, with the networks' calls told apart from what is done around them."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.backends.backend import Backend
from leukoscope.runtime.backends.device_times import DeviceTimes, TellsTimes
from leukoscope.runtime.backends.onnxruntime import CPU
from leukoscope.runtime.backends.openvino import OPENVINO
from leukoscope.runtime.profiler.timed_calls import NS_PER_MS

STAGES: Mapping[str, str] = {
    "decode": "the file's bytes to pixels",
    "scale": "the red cells, which say how large a pixel is, and the picture's flags",
    "contract": "the squares of every network",
    "copy_in": "frames to the device, by its events",
    "engine": "every call of a network, crops of cells too, without copies that are told apart",
    "copy_out": "outputs from the device, by its events",
    "outputs": "outputs looked at, squares joined",
    "cells": "masks to cells, crops cut, cells measured",
    "trees": "the vote",
    "map": "the voted class's map on the field",
    "overlay": "the picture of --overlays, without writing it",
    "journal": "one field committed to the disk",
}
"""In their order, with what they hold."""
COPIES = ("copy_in", "copy_out")
ON_PROCESSOR = (CPU, OPENVINO)
"""Backends that compute in the host's memory."""
NOTHING_COPIED = "nothing is copied: the processor computes in its own memory"


class Stopwatch:
    """Times of the stages of one field."""

    def __init__(self) -> None:
        self.ms = dict.fromkeys(STAGES, 0.0)
        self.by_network: dict[str, float] = {}
        self.calls = 0

    @property
    def networks_ms(self) -> float:
        """Of all calls of networks so far."""
        return self.ms["copy_in"] + self.ms["engine"] + self.ms["copy_out"]

    def add_call(self, taken_ms: float, times: DeviceTimes | None) -> None:
        """One call of a network; what the device says of its copies is taken out of the engine's time."""
        copied_in = (times.copy_in_ms if times else None) or 0.0
        copied_out = (times.copy_out_ms if times else None) or 0.0
        self.ms["copy_in"] += copied_in
        self.ms["copy_out"] += copied_out
        self.ms["engine"] += taken_ms - copied_in - copied_out
        self.calls += 1

    @contextmanager
    def on(self, stage: str) -> Iterator[None]:
        """What is done inside belongs to `stage`, but for the networks' calls."""
        before, began = self.networks_ms, time.monotonic_ns()
        yield
        taken = (time.monotonic_ns() - began) / NS_PER_MS
        self.ms[stage] += taken - (self.networks_ms - before)


class WatchedBackend:
    """A backend whose calls go on a stopwatch."""

    def __init__(self, backend: Backend, network: str, watches: list[Stopwatch]) -> None:
        self._backend, self._network, self._watches = backend, network, watches
        self.name, self.precision = backend.name, backend.precision

    def infer(self, frames: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """See `Backend.infer`."""
        began = time.monotonic_ns()
        if isinstance(self._backend, TellsTimes):
            arrays, times = self._backend.infer_timed(frames)
        else:
            arrays, times = self._backend.infer(frames), None
        taken = (time.monotonic_ns() - began) / NS_PER_MS
        watch = self._watches[-1]
        watch.add_call(taken, times)
        watch.by_network[self._network] = watch.by_network.get(self._network, 0.0) + taken
        return arrays


def why_no_copies(backends: Sequence[Backend]) -> str | None:
    """Why copies cannot be told; None where every backend tells them."""
    silent = [one for one in backends if not isinstance(one, TellsTimes)]
    if not silent:
        return None
    if all(one.name in ON_PROCESSOR for one in silent):
        return NOTHING_COPIED
    return f"{silent[0].name} does not tell its copies from its computation"
