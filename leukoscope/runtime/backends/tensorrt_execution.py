"""One engine at work on one device: two batches in flight, so that copies and computation overlap.

    frames -> pinned -(upload stream)-> device -(compute stream)-> device -(download stream)-> pinned -> arrays

Each batch has buffers of its own and passes the three streams in turn, handed over by events.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.errors import LeukoscopeError, UsageError
from leukoscope.runtime.backends.cuda.device import Device
from leukoscope.runtime.backends.cuda.failures import OutOfMemory
from leukoscope.runtime.backends.cuda.stream import Event, Stream
from leukoscope.runtime.backends.device_times import DeviceTimes, total
from leukoscope.runtime.backends.tensorrt_bindings import Bindings
from leukoscope.runtime.backends.tensorrt_buffers import Buffers
from leukoscope.runtime.backends.tensorrt_contexts import Contexts, FixedRun
from leukoscope.runtime.backends.tensorrt_marks import (
    BEGUN,
    COMPUTED,
    DOWNLOADED,
    UPLOADED,
    Marks,
)
from leukoscope.runtime.backends.tensorrt_overlay import Overlay
from leukoscope.runtime.backends.tensorrt_refusals import refusal
from leukoscope.runtime.engines.library import Library
from leukoscope.runtime.engines.logger import listening

IN_FLIGHT = 2
RECORDED_SIZES = 4
"""Batch sizes that get a context and a graph in each set of buffers; others share a plain context (our choice)."""
Arrays = dict[str, NDArray[np.float32]]
Infer = Callable[[NDArray[np.uint8]], Arrays]


@dataclass(eq=False)
class Slot:
    """One batch in flight: its buffers, the events of its way, and its contexts by batch size."""

    buffers: Buffers
    uploaded: Event
    computed: Event
    downloaded: Event
    frames: int = 0
    busy: bool = False
    """Whether `frames` are in flight."""
    runs: dict[int, FixedRun] = field(default_factory=dict)


class Execution:
    """Runs an engine on batches of at most `limit` frames. Use it, and close it, in the device's thread.

    Raises DeviceError where the plan is not taken, OutOfMemory where its memory is not to be had; either gives back
    what was made before.
    """

    def __init__(
        self, device: Device, library: Library, plan: bytes, file: str, limit: int | None = None
    ) -> None:
        with ExitStack() as owner:
            self._device = device
            engine = _load_engine(library, plan)
            self._contexts = Contexts(device, owner, library, engine)
            del engine
            owner.callback(self._contexts.drop_engine)
            self.bindings: Bindings = self._contexts.bindings(file)
            self.limit = max(self.bindings.least, min(limit or 2**31, self.bindings.greatest))
            self._upload, self._compute, self._download = (
                owner.enter_context(device.stream()) for _ in range(3)
            )
            self._slots = [self._make_slot(device, owner) for _ in range(IN_FLIGHT)]
            self._plain: Any = self._contexts.make()
            self._contexts.wire(self._plain, self._slots[0].buffers, self.limit)
            owner.callback(self._drop_contexts)
            self._owner = owner.pop_all()
        self._latest: Slot | None = None
        self._overlay: Overlay | None = None
        self._marks: Marks | None = None
        self._marking = False

    def begin(self, frames: NDArray[np.uint8]) -> Slot:
        """Puts at most `limit` frames on their way; returns before they are done."""
        slot = next((one for one in self._slots if not one.busy), None)
        if slot is None:
            raise UsageError(f"{IN_FLIGHT} batches are in flight already", wanted="one to be taken")
        try:
            self._start(slot, frames)
        except LeukoscopeError:
            self.discard(slot)
            raise
        return slot

    def finish(self, slot: Slot) -> Arrays:
        """Waits for a batch; its outputs, copied out of the slot, which is free again."""
        self._latest = slot
        try:
            slot.downloaded.synchronize()
            return slot.buffers.take(slot.frames)
        finally:
            slot.busy = False

    def discard(self, slot: Slot) -> None:
        """Waits for what is under way and frees the slot, whatever came of it."""
        slot.busy = False
        for stream in (self._upload, self._compute, self._download):
            with suppress(LeukoscopeError):  # the failure that led here is the one that is told
                stream.synchronize()

    def infer(self, frames: NDArray[np.uint8]) -> Arrays:
        """Any number of frames, in as many batches as it takes."""
        batches = split(frames, self.limit)
        parts = list(overlap(batches, self.begin, self.finish, self.discard))
        return join(parts) if parts else self.bindings.nothing()

    def infer_timed(self, frames: NDArray[np.uint8]) -> tuple[Arrays, DeviceTimes]:
        """As `infer`, but no batch begins before the one before it is done; the sums of their times."""
        if self._marks is None:
            copies = self._slots[0].buffers.copies
            self._marks = Marks(self._device, self._owner, copies=copies)
        parts: list[Arrays] = []
        times: list[DeviceTimes] = []
        self._marking = True
        try:
            for batch in split(frames, self.limit):
                parts.append(self.finish(self.begin(batch)))
                times.append(self._marks.times())
        finally:
            self._marking = False
        return join(parts) if parts else self.bindings.nothing(), total(times)

    def overlays(self, classes: Sequence[int], highs: Sequence[float]) -> NDArray[np.uint8]:
        """See `TensorRtBackend.overlays`."""
        slot = self._latest
        if slot is None or slot.busy or not 0 < len(classes) == len(highs) == slot.frames:
            there = 0 if slot is None or slot.busy else slot.frames
            raise UsageError(
                f"overlays of {len(classes)} frames", wanted=f"the {there} that were inferred last"
            )
        if self._overlay is None:
            self._overlay = Overlay(self._device, self._owner, self.bindings, self.limit)
        return self._overlay.draw(self._compute, slot.buffers, classes, highs)

    def close(self) -> None:
        """Gives back everything; again does nothing."""
        self._owner.close()

    def _start(self, slot: Slot, frames: NDArray[np.uint8]) -> None:
        count = max(len(frames), self.bindings.least)
        slot.buffers.put(frames)
        self._mark(BEGUN, self._upload)
        slot.buffers.upload(self._upload, count)
        self._mark(UPLOADED, self._upload)
        self._upload.record(slot.uploaded)
        self._compute.wait(slot.uploaded)
        self._enqueue(slot, count)
        self._mark(COMPUTED, self._compute)
        self._compute.record(slot.computed)
        self._download.wait(slot.computed)
        slot.buffers.download(self._download, count)
        self._mark(DOWNLOADED, self._download)
        self._download.record(slot.downloaded)
        slot.frames, slot.busy = len(frames), True

    def _mark(self, point: int, stream: Stream) -> None:
        if self._marking and self._marks is not None:
            self._marks.record(point, stream)

    def _enqueue(self, slot: Slot, count: int) -> None:
        if count not in slot.runs and len(slot.runs) < RECORDED_SIZES:
            with suppress(OutOfMemory):  # a context of its own is a gain, not a need
                slot.runs[count] = FixedRun(self._contexts, slot.buffers, count)
        if (run := slot.runs.get(count)) is not None:
            run.enqueue(self._compute)
            return
        self._contexts.wire(self._plain, slot.buffers, count)
        self._contexts.run(self._plain, self._compute)

    def _make_slot(self, device: Device, owner: ExitStack) -> Slot:
        buffers = Buffers(device, owner, self.bindings, self.limit)
        uploaded, computed, downloaded = (owner.enter_context(device.event()) for _ in range(3))
        return Slot(buffers, uploaded, computed, downloaded)

    def _drop_contexts(self) -> None:
        """After the work under way, which uses them."""
        try:
            self._device.synchronize()
        finally:
            for slot in self._slots:
                slot.runs.clear()
            self._plain = None


def split(frames: NDArray[np.uint8], limit: int) -> Iterator[NDArray[np.uint8]]:
    """Frames [B, ...] in batches of at most `limit`."""
    return (frames[start : start + limit] for start in range(0, len(frames), limit))


def join(parts: list[Arrays]) -> Arrays:
    """Outputs of several batches as those of one."""
    if len(parts) == 1:
        return parts[0]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def overlap(
    batches: Iterable[NDArray[np.uint8]],
    begin: Callable[[NDArray[np.uint8]], Slot],
    finish: Callable[[Slot], Arrays],
    discard: Callable[[Slot], None],
) -> Iterator[Arrays]:
    """The outputs of each batch in turn, the next one begun before the last is waited for."""
    flying: list[Slot] = []
    try:
        for batch in batches:
            flying.append(begin(batch))
            if len(flying) == IN_FLIGHT:
                yield finish(flying.pop(0))
        while flying:
            yield finish(flying.pop(0))
    finally:
        for slot in flying:
            discard(slot)


def _load_engine(library: Library, plan: bytes) -> Any:
    trt = library.module
    with listening(library) as heard:
        runtime = trt.Runtime(heard.logger)
        engine = runtime.deserialize_cuda_engine(plan)
    if engine is None:
        raise refusal(library, "deserialize_cuda_engine", "does not take the engine", heard)
    return engine
