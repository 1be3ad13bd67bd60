"""A video file, frame by frame; nothing is lost."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from leukoscope.errors import InputError
from leukoscope.images.decode import MIN_SIDE_PX
from leukoscope.images.opencv import cv2
from leukoscope.runtime.field import Frame
from leukoscope.runtime.sources.capture import OpenCvCapture
from leukoscope.runtime.sources.clock import NS_PER_S
from leukoscope.runtime.sources.names import output_names
from leukoscope.runtime.sources.recorded import RecordedSource
from leukoscope.runtime.sources.source import OnFault

MISSING_SHARE = 0.02
"""Containers estimate their number of frames: only a video that is shorter by more is called damaged."""


class VideoSource(RecordedSource):
    """The frames of one file; InputError at once where OpenCV cannot open it."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self._path = path
        self._stem = output_names([Path(path.name)])[0]
        video = self._open()
        self.total: int | None = _announced(video)
        rate_hz = float(video.get(cv2.CAP_PROP_FPS))
        self.rate_hz: float | None = rate_hz if 0 < rate_hz <= 1000 else None
        video.release()

    def _read(self, on_fault: OnFault) -> Iterator[Frame]:
        """A video that ends before its announced length is a fault."""
        film, count = OpenCvCapture(self._open()), 0
        try:
            while film.grab() and (pixels := film.retrieve()) is not None:
                name, time_ns = f"{self._stem}_{count:06d}", self._media_time_ns(count)
                yield Frame(pixels, str(self._path), name, count, media_time_ns=time_ns)
                count += 1
        finally:
            film.release()
        if count == 0 or (self.total and count < (1 - MISSING_SHARE) * self.total - 1):
            on_fault(InputError(f"{self._path} ended after {count} of {self.total} frames"))

    def _media_time_ns(self, count: int) -> int | None:
        """By the rate that the file states; None where it states none."""
        return None if self.rate_hz is None else round(count / self.rate_hz * NS_PER_S)

    def _open(self) -> Any:
        video = cv2.VideoCapture(str(self._path))
        width, height = (
            video.get(p) for p in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
        )
        if not video.isOpened():
            raise InputError(
                f"{self._path} cannot be opened", wanted="an image or a video that OpenCV decodes"
            )
        if min(width, height) < MIN_SIDE_PX:
            raise InputError(
                f"{self._path} is {width:.0f} x {height:.0f} px",
                wanted=f"sides of at least {MIN_SIDE_PX} px",
            )
        return video


def _announced(video: Any) -> int | None:
    count = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
    return count if count > 0 else None
