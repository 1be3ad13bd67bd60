"""Native TensorRT (and TensorRT-RTX) behind the seam `infer(frames)`."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from types import TracebackType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.backends.cuda.device import Device
from leukoscope.runtime.backends.cuda.failures import DeviceError, OutOfMemory
from leukoscope.runtime.backends.device_times import DeviceTimes
from leukoscope.runtime.backends.tensorrt_execution import (
    Arrays,
    Execution,
    Infer,
    Slot,
    join,
    overlap,
    split,
)
from leukoscope.runtime.backends.tensorrt_layer_times import EngineTimes, time_engine
from leukoscope.runtime.backends.tensorrt_thread import borrow_thread, return_thread
from leukoscope.runtime.engines.library import Library

T = TypeVar("T")
Prove = Callable[[Infer, int], None]
"""Runs what it likes through `infer`, in batches of up to the given size; raises GateError where answers are wrong."""
_LOG = logging.getLogger("leukoscope")


class TensorRtBackend:
    """An engine that may be used from any thread; all its work is done in the thread of the device.

    `file` names the variant's graph in messages. `greatest_batch`: of the engine's profile. Where memory is short a
    batch half as large is tried, once; `notes` says so. Raises what `prove` raises, DeviceError where the engine
    does not load or the device fails, OutOfMemory where the smaller batch does not fit either: in each case all that
    was held has been given back.
    """

    def __init__(
        self,
        library: Library,
        plan: bytes,
        file: str,
        precision: str,
        greatest_batch: int,
        prove: Prove = lambda infer, batch: None,
    ) -> None:
        self.name, self.precision = library.name, precision
        self.notes: list[str] = []
        self._library, self._plan, self._file, self._prove = library, plan, file, prove
        self._batch = greatest_batch
        self._may_shrink = greatest_batch > 1
        self._execution: Execution | None = None
        self._failed = False
        self._thread = borrow_thread(self, self.close)
        try:
            self._thread.call(self._open)
        except BaseException:
            self.close()
            raise

    def infer(self, frames: NDArray[np.uint8]) -> Arrays:
        """See `Backend.infer`. Raises DeviceError too; after one the backend is closed, but for OutOfMemory."""
        return self._thread.call(lambda device: self._infer(device, frames))

    def infer_timed(self, frames: NDArray[np.uint8]) -> tuple[Arrays, DeviceTimes]:
        """As `infer`, with the device's own times; batches do not overlap. Memory that runs short is an error here."""
        return self._thread.call(lambda device: self._infer_timed(frames))

    def infer_many(self, batches: Iterable[NDArray[np.uint8]]) -> Iterator[Arrays]:
        """The outputs of each batch in turn; the next one is copied while one is computed.

        One such iterator at a time, though `infer` may be called between its results.
        """
        waiting: list[int] = []
        parts: list[Arrays] = []

        def pieces() -> Iterator[NDArray[np.uint8]]:
            for frames in batches:
                self._check(frames)
                cut = list(split(frames, self._batch)) or [frames]
                waiting.append(len(cut))
                yield from cut

        for part in overlap(pieces(), self._begin, self._finish, self._discard):
            parts.append(part)
            if len(parts) == waiting[0]:
                yield join(parts)
                del waiting[0]
                parts.clear()

    def overlays(self, classes: Sequence[int], highs: Sequence[float]) -> NDArray[np.uint8]:
        """The frames of the last batch under their heat maps, uint8 [B, S, S, 3], drawn on the device.

        Frame i has the map `cams[i, classes[i]]`, `highs[i]` shown as the strongest heat. Where more frames were
        inferred than run at once, it is the last batch of them. Raises UsageError where that has another size.
        """
        return self._thread.call(
            lambda device: self._at_work(lambda execution: execution.overlays(classes, highs))
        )

    def layer_times(self, frames: NDArray[np.uint8], calls: int) -> EngineTimes:
        """The time of each layer in `calls` calls of one frame each; raises as `infer`, and works on afterwards."""
        self._check(frames)
        return self._thread.call(
            lambda device: time_engine(device, self._library, self._plan, self._file, frames, calls)
        )

    @property
    def batch(self) -> int:
        """The most frames that run at once."""
        return self._batch

    def close(self) -> None:
        """Gives back everything; again does nothing. After a failure of the device it raises no echo of it."""
        with suppress(*(DeviceError,) if self._failed else ()):
            try:
                if self._execution is not None:
                    self._thread.call(lambda device: self._drop())
            finally:
                return_thread(self)

    def __enter__(self) -> "TensorRtBackend":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self.close()

    def _open(self, device: Device) -> None:
        """In the device's thread, as all that begins with an underscore below."""
        try:
            self._load(device)
        except OutOfMemory as error:
            self._shrink(error)
            self._load(device)

    def _load(self, device: Device) -> None:
        self._execution = Execution(device, self._library, self._plan, self._file, self._batch)
        self._batch = self._execution.limit
        try:
            self._prove(self._execution.infer, self._batch)
        except BaseException:
            self._drop_after_failure()
            raise

    def _infer(self, device: Device, frames: NDArray[np.uint8]) -> Arrays:
        self._check(frames)
        try:
            return self._at_work(lambda execution: execution.infer(frames))
        except OutOfMemory as error:
            self._shrink(error)
            _LOG.warning("%s", self.notes[-1])
            self._load(device)
            return self._at_work(lambda execution: execution.infer(frames))

    def _infer_timed(self, frames: NDArray[np.uint8]) -> tuple[Arrays, DeviceTimes]:
        self._check(frames)
        return self._at_work(lambda execution: execution.infer_timed(frames))

    def _shrink(self, error: OutOfMemory) -> None:
        """Once; the second `error` goes on its way."""
        if not self._may_shrink:
            raise error
        self._may_shrink = False
        self._drop_after_failure()
        self.notes.append(
            f"{self._file}: the device has no memory for batches of {self._batch}; "
            f"it runs batches of at most {self._batch // 2}"
        )
        self._batch //= 2

    def _begin(self, frames: NDArray[np.uint8]) -> Slot:
        return self._thread.call(lambda device: self._at_work(lambda e: e.begin(frames)))

    def _finish(self, slot: Slot) -> Arrays:
        return self._thread.call(lambda device: self._at_work(lambda e: e.finish(slot)))

    def _discard(self, slot: Slot) -> None:
        if self._execution is not None:
            self._thread.call(lambda device: self._at_work(lambda e: e.discard(slot)))

    def _check(self, frames: NDArray[np.uint8]) -> None:
        if self._execution is not None:
            self._execution.bindings.check(frames, self._file)

    def _at_work(self, work: Callable[[Execution], T]) -> T:
        """Does it; a failure of the device, but not of memory, ends this backend."""
        if self._execution is None:
            raise DeviceError(f"the engine of {self._file} was used after it was closed")
        try:
            return work(self._execution)
        except OutOfMemory:
            raise
        except DeviceError:
            self._failed = True
            self._drop_after_failure()
            raise

    def _drop_after_failure(self) -> None:
        # What fails now is mostly an echo of the failure that is told.
        with suppress(DeviceError):
            self._drop()

    def _drop(self) -> None:
        execution, self._execution = self._execution, None
        if execution is not None:
            execution.close()
