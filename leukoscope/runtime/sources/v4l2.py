"""v4l2:///dev/video0: a USB camera, or any other that Linux drives."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath

from leukoscope.errors import InputError
from leukoscope.images.opencv import cv2
from leukoscope.runtime.buffers import BufferRing
from leukoscope.runtime.sources.camera_keys import (
    PATIENCE_KEYS,
    PICTURE_KEYS,
    Picture,
    read_patience,
    read_picture,
)
from leukoscope.runtime.sources.capture import OpenCvCapture
from leukoscope.runtime.sources.grammar import Values, split_address
from leukoscope.runtime.sources.keeper import Patience
from leukoscope.runtime.sources.live import LiveSource
from leukoscope.runtime.sources.names import fit_name

FOURCCS = ("MJPG", "YUYV", "UYVY", "NV12", "BGR3", "RGB3", "GREY")
"""How the camera is asked to send its pixels; most USB cameras give their full size at a good rate as MJPG only."""
WANTED = "v4l2:///dev/video0?width=1920&height=1080&fps=30&fourcc=MJPG"


@dataclass(frozen=True)
class V4l2Request:
    """What a v4l2:// URI asks for."""

    device: str
    """Absolute path below /dev; /dev/v4l/by-id/... stays the same when a camera is plugged in again."""
    picture: Picture
    fourcc: str | None
    patience: Patience


def parse_v4l2(text: str) -> V4l2Request:
    """v4l2:///dev/video0?width=1920&height=1080&fps=30&fourcc=MJPG&stall=5&frozen=10; InputError names the wrong part."""
    address = split_address(text)
    device = PurePosixPath(address.path)
    if address.authority or address.fragment or device.parts[:2] != ("/", "dev"):
        raise InputError("v4l2:// names no device below /dev", wanted=WANTED)
    if len(device.parts) < 3 or ".." in device.parts:
        raise InputError("v4l2:// names no device below /dev", wanted=WANTED)
    values = Values("v4l2", address.query, (*PICTURE_KEYS, "fourcc", *PATIENCE_KEYS))
    return V4l2Request(
        str(device),
        read_picture(values, Picture(0, 0, 0)),
        values.choice("fourcc", None, FOURCCS),
        read_patience(values),
    )


class V4l2Source(LiveSource):
    """The newest frame of a V4L2 device, which may be plugged in later."""

    def __init__(self, request: V4l2Request, *, max_outage_s: float | None = None) -> None:
        super().__init__(
            f"v4l2://{request.device}",
            fit_name(PurePosixPath(request.device).name),
            partial(open_v4l2, request, BufferRing()),
            replace(request.patience, max_outage_s=max_outage_s),
            rate_hz=float(request.picture.rate_hz) or None,
        )


def open_v4l2(request: V4l2Request, ring: BufferRing) -> OpenCvCapture:
    """Opens the device and asks for the picture; InputError where there is none that answers."""
    video = cv2.VideoCapture(request.device, cv2.CAP_V4L2)
    if not video.isOpened():
        video.release()
        raise InputError(f"{request.device} cannot be opened")
    # The format first: the driver judges size and rate by it. One buffer is a wish that many drivers ignore.
    if request.fourcc is not None:
        video.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*request.fourcc))
    for key, value in (
        (cv2.CAP_PROP_FRAME_WIDTH, request.picture.width_px),
        (cv2.CAP_PROP_FRAME_HEIGHT, request.picture.height_px),
        (cv2.CAP_PROP_FPS, request.picture.rate_hz),
        (cv2.CAP_PROP_BUFFERSIZE, 1),
    ):
        if value:
            video.set(key, value)
    return OpenCvCapture(video, ring)
