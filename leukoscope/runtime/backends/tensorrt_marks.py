"""Four timed points on a batch's way through the device, for those who ask where its time goes."""

from contextlib import ExitStack

from leukoscope.runtime.backends.cuda.device import Device
from leukoscope.runtime.backends.cuda.stream import Stream
from leukoscope.runtime.backends.device_times import DeviceTimes

BEGUN, UPLOADED, COMPUTED, DOWNLOADED = range(4)


class Marks:
    """Events of their own: those that hand a batch from stream to stream are not timed, as timing costs a little."""

    def __init__(self, device: Device, owner: ExitStack, *, copies: bool) -> None:
        self._events = [owner.enter_context(device.event(timed=True)) for _ in range(4)]
        self._copies = copies

    def record(self, point: int, stream: Stream) -> None:
        """The work that is on the stream now ends at `point`."""
        stream.record(self._events[point])

    def times(self) -> DeviceTimes:
        """Of the batch that was marked last, once its download has been waited for."""
        begun, uploaded, computed, downloaded = self._events
        downloaded.synchronize()
        engine_ms = uploaded.elapsed_ms(computed)
        if not self._copies:
            return DeviceTimes(None, engine_ms, None)
        return DeviceTimes(begun.elapsed_ms(uploaded), engine_ms, computed.elapsed_ms(downloaded))
