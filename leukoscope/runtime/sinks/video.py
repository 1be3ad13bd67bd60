"""The overlays as an MP4."""

from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from leukoscope.errors import InputError, MachineError
from leukoscope.images.opencv import cv2
from leukoscope.runtime.field import Result
from leukoscope.runtime.sinks.lettering import PAPER, Picture
from leukoscope.runtime.sinks.picture import draw_picture
from leukoscope.runtime.sinks.sink import make_folder

STILLS_HZ = 2.0
"""Fields a second where the source has no rhythm of its own: slow enough to look at each."""


class Video:
    """Writes `path`; the first field sets the size, others are fitted into it."""

    def __init__(self, path: Path, rate_hz: float | None = None) -> None:
        if path.suffix.lower() != ".mp4":
            raise InputError(f"--video {path}", wanted="a name that ends in .mp4")
        self._path, self._rate_hz = path, rate_hz or STILLS_HZ
        self._writer: Any = None
        self._size_px = (0, 0)

    def __enter__(self) -> "Video":
        make_folder(self._path.parent)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._writer is not None:
            self._writer.release()

    def write(self, result: Result) -> None:
        """See `Sink.write`."""
        picture = draw_picture(result)
        if self._writer is None:
            self._size_px = (picture.shape[1] // 2 * 2, picture.shape[0] // 2 * 2)
            self._writer = self._open()
        self._writer.write(cv2.cvtColor(fit(picture, self._size_px), cv2.COLOR_RGB2BGR))

    def _open(self) -> Any:
        code = cv2.VideoWriter.fourcc(*"mp4v")
        writer = cv2.VideoWriter(str(self._path), code, self._rate_hz, self._size_px)
        if not writer.isOpened():
            raise MachineError(
                f"OpenCV cannot write {self._path}",
                wanted="a writable path and an OpenCV with an MPEG-4 coder",
                next_step="run: python -m pip install opencv-python-headless, or give --overlays",
            )
        return writer


def fit(picture: Picture, size_px: tuple[int, int]) -> Picture:
    """The picture inside (width, height): shrunk if need be, centred on paper."""
    width, height = size_px
    ratio = min(1.0, width / picture.shape[1], height / picture.shape[0])
    if ratio < 1:
        small = (max(1, int(picture.shape[1] * ratio)), max(1, int(picture.shape[0] * ratio)))
        picture = cv2.resize(picture, small, interpolation=cv2.INTER_AREA).astype(np.uint8)
    ground = np.full((height, width, 3), PAPER, np.uint8)
    top, left = (height - picture.shape[0]) // 2, (width - picture.shape[1]) // 2
    ground[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return ground
