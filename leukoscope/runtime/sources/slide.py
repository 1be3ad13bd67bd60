"""A virtual microscope over a virtual slide: stops that overlap, return visits, travel, blur; with the truth of each frame."""

import time
from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from leukoscope.errors import InputError
from leukoscope.images.painter.slide import PaintedSlide, check_slide, paint_slide
from leukoscope.images.painter.slide_camera import SlideCamera
from leukoscope.runtime.buffers import BufferRing
from leukoscope.runtime.field import Frame
from leukoscope.runtime.sources.newest import LATE
from leukoscope.runtime.sources.recorded import RecordedSource
from leukoscope.runtime.sources.slide_path import draw_path
from leukoscope.runtime.sources.slide_request import SlideRequest, parse_slide
from leukoscope.runtime.sources.slide_shots import draw_moments
from leukoscope.runtime.sources.slide_truth import SlideTruth
from leukoscope.runtime.sources.source import OnFault

NS_PER_S = 1_000_000_000


def open_slide(text: str) -> "SlideSource":
    """The source that a synthetic://slide URI names; InputError in one line for anything else.

    The slide itself is painted when its first frame is asked for: 0.2 to 0.3 s a megapixel.
    """
    return SlideSource(text, parse_slide(text))


class SlideSource(RecordedSource):
    """The frames of one path over one slide, the same for the same request.

    Not live: every frame is given as fast as it is taken; `captured_tick_ns` is the moment it is given, `media_time_ns` the
    time on the stage's clock, `index / rate_hz`. Live: frames come at `rate_hz` by the clock, and those that are not
    taken in time are dropped as `late`. `Frame.index` is the number of the frame along the path, also where some are dropped.
    """

    def __init__(
        self,
        uri: str,
        request: SlideRequest,
        *,
        slide: PaintedSlide | None = None,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """`slide` is one that is painted already; InputError where the path (`slide_px`) needs a larger one than it, or than any."""
        super().__init__(uri)
        self.uri, self._request = uri, request
        self._path = draw_path(request)
        check_slide(request.stage, request.seed, self._path.slide_px, request.cell_px)
        self._moments = draw_moments(request, self._path)
        self._painted, self._clock_ns = slide, clock_ns
        if slide is not None and np.any(np.less(slide.size_px, self.slide_px)):
            raise InputError(
                f"a slide of {slide.size_px} px", wanted=f"the path needs {self.slide_px}"
            )
        self._ring = BufferRing()
        self.live = request.live
        self.rate_hz = request.rate_hz
        self.total = None if self.live else len(self._moments)

    @property
    def slide_px(self) -> tuple[int, int]:
        """Width and height of the slide that the path needs."""
        return self._path.slide_px

    @cached_property
    def slide(self) -> PaintedSlide:
        """The slide, painted now if it is not yet."""
        if self._painted is not None:
            return self._painted
        request = self._request
        return paint_slide(
            request.stage, request.seed, self.slide_px, request.cell_px, densities=request.densities
        )

    @cached_property
    def truth(self) -> SlideTruth:
        """What every frame shows."""
        return SlideTruth(self.slide, self._path.stops, self._moments, self._request.size_px)

    @cached_property
    def _camera(self) -> SlideCamera:
        return SlideCamera(self._request.seed, self._request.size_px)

    def shoot(self, index: int) -> NDArray[np.uint8]:
        """Frame `index` [H, W, 3] RGB, nobody else's; from one thread at a time."""
        width, height = self._request.size_px
        into = self._ring.take((height, width, 3), np.uint8)
        return self._camera.shoot(self.slide.image, self._moments[index].shot, index, into)

    def name(self, index: int) -> str:
        """The name of frame `index`."""
        return f"slide_{self._request.stage.lower()}_{self._request.seed}_{index:06d}"

    def _read(self, on_fault: OnFault) -> Iterator[Frame]:
        """Painting never fails."""
        _ = self.slide
        return self._by_the_clock() if self.live else self._all()

    def _all(self) -> Iterator[Frame]:
        for index in range(len(self._moments)):
            yield self._frame(index, round(index * NS_PER_S / self._request.rate_hz))

    def _by_the_clock(self) -> Iterator[Frame]:
        start_ns, index, rate = self._clock_ns(), 0, self._request.rate_hz
        while index < len(self._moments):
            due_s = (self._clock_ns() - start_ns) / NS_PER_S
            newest = min(int(due_s * rate), len(self._moments) - 1)
            if newest > index:
                self._drop_late(newest - index)
                index = newest
            if self._stopped.wait(max(0.0, index / rate - due_s)):
                return
            yield self._frame(index, None)
            index += 1

    def _drop_late(self, count: int) -> None:
        with self._lock:
            self._drops[LATE] += count

    def _frame(self, index: int, media_ns: int | None) -> Frame:
        pixels = self.shoot(index)
        return Frame(pixels, self.uri, self.name(index), index, media_time_ns=media_ns)
