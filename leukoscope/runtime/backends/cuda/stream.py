"""Streams: work in order, beside other streams; events: points in a stream that others wait for."""

from collections.abc import Callable

from leukoscope.runtime.backends.cuda.graph import Graph, record_graph
from leukoscope.runtime.backends.cuda.memory import Addressed, PinnedArray, within
from leukoscope.runtime.backends.cuda.resource import Owner, Resource


class Event(Resource):
    """A point in a stream. Timed events serve `elapsed_ms` and cost a little."""

    what = "event"

    def __init__(self, owner: Owner, *, timed: bool) -> None:
        super().__init__(owner, owner.driver.make_event(timed=timed), owner.driver.destroy_event)

    def synchronize(self) -> None:
        """Blocks the thread until the stream has passed it; at once where it was never recorded."""
        self.owner.driver.synchronize_event(self.raw)

    def done(self) -> bool:
        """Whether the stream has passed it."""
        return self.owner.driver.event_done(self.raw)

    def elapsed_ms(self, end: "Event") -> float:
        """Milliseconds on the device from this event to `end`; both timed, both passed."""
        return self.owner.driver.elapsed_ms(self.raw, end.raw)


class Stream(Resource):
    """Work that runs in order; every method but `synchronize` returns before the work is done."""

    what = "stream"

    def __init__(self, owner: Owner) -> None:
        super().__init__(owner, owner.driver.make_stream(), owner.driver.destroy_stream)

    @property
    def handle(self) -> int:
        """The driver's CUstream, as TensorRT's `execute_async_v3` takes it."""
        return self.owner.driver.stream_handle(self.raw)

    def copy_in(
        self, target: Addressed, source: PinnedArray, size_bytes: int | None = None
    ) -> None:
        """Host to device: all of `source`, or its first `size_bytes`; leave both alone until it is done."""
        count = within(target, within(source, size_bytes))
        self.owner.driver.copy_to_device(target.address, source.bytes(count), self.raw)

    def copy_out(
        self, target: PinnedArray, source: Addressed, size_bytes: int | None = None
    ) -> None:
        """Device to host: fills `target`, or its first `size_bytes`, which hold garbage until it is done."""
        count = within(source, within(target, size_bytes))
        self.owner.driver.copy_to_host(target.bytes(count), source.address, self.raw)

    def fill(self, target: Addressed, value: int, size_bytes: int | None = None) -> None:
        """Sets every byte (or the first `size_bytes`) of `target` to `value`, 0 to 255."""
        count = within(target, size_bytes)
        self.owner.driver.fill(target.address, value, count, self.raw)

    def record(self, event: Event) -> None:
        """Puts `event` behind the work that is on the stream now; a later record moves it."""
        self.owner.driver.record(event.raw, self.raw)

    def wait(self, event: Event) -> None:
        """Holds work that comes later until `event`, as recorded last before this call, has passed."""
        self.owner.driver.wait(self.raw, event.raw)

    def synchronize(self) -> None:
        """Blocks the thread until all work is done; raises DeviceError where some of it failed."""
        self.owner.driver.synchronize_stream(self.raw)

    def done(self) -> bool:
        """Whether all work is done."""
        return self.owner.driver.stream_done(self.raw)

    def capture(self, work: Callable[[], None]) -> Graph:
        """Records what `work` puts on this stream as a CUDA graph, without running it.

        `work` may copy, fill, launch kernels, record and wait; it may not allocate, free or
        synchronise. The graph keeps the addresses: the memory must outlive it, and shapes stay fixed.
        Raises CaptureError where the work cannot be recorded; what `work` raises passes through.
        """
        return record_graph(self.owner, self.raw, work)

    def launch(self, graph: Graph) -> None:
        """Runs a graph as one piece of work."""
        self.owner.driver.launch_graph(graph.raw, self.raw)
