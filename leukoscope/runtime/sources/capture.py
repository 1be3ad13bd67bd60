"""The seam to a camera's driver: grab, retrieve, release; and OpenCV's way of doing them."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.decode import MAX_AREA_PX, MIN_SIDE_PX
from leukoscope.images.opencv import cv2
from leukoscope.runtime.buffers import BufferRing


class Capture(Protocol):
    """An open camera. Its three functions are called from one thread, which they may block; nothing else touches it."""

    def grab(self) -> bool:
        """Waits for the next picture and takes it off the driver; False where there is none any more."""
        ...

    def retrieve(self) -> NDArray[Any] | None:
        """The grabbed picture, uint8 [H, W, 3] RGB; None, or an array that is no picture, where it cannot be decoded."""
        ...

    def release(self) -> None:
        """Lets the camera go."""
        ...


def fault_of(pixels: NDArray[Any] | None) -> str | None:
    """Why `pixels` are no field; None where they are one."""
    if pixels is None or pixels.size == 0:
        return "it cannot be decoded"
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        return f"it is {pixels.dtype} {list(pixels.shape)}"
    height, width = pixels.shape[:2]
    if min(height, width) < MIN_SIDE_PX or height * width > MAX_AREA_PX:
        return f"it is {width} x {height} px"
    return None


class OpenCvCapture:
    """A `cv2.VideoCapture` that reads into memory which it uses again.

    OpenCV fills one BGR picture of ours in place; its colours are turned round into a block of `ring`,
    which stays untouched for as long as anybody holds the picture.
    """

    def __init__(self, video: Any, ring: BufferRing | None = None) -> None:
        self._video = video
        self._ring = BufferRing() if ring is None else ring
        self._bgr: NDArray[Any] | None = None

    def grab(self) -> bool:
        return bool(self._video.grab())

    def retrieve(self) -> NDArray[Any] | None:
        try:
            done, bgr = self._video.retrieve(self._bgr)
        except cv2.error:
            return None
        if not done or fault_of(bgr) is not None:
            self._bgr = None
            return bgr if done else None
        self._bgr = bgr
        rgb = self._ring.take(bgr.shape, np.uint8)
        return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB, dst=rgb)

    def release(self) -> None:
        self._video.release()
