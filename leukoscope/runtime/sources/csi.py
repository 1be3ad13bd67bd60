"""csi://0: a camera at a Jetson's CSI port, by NVIDIA's Argus."""

from dataclasses import dataclass, replace
from functools import partial

from leukoscope.errors import InputError
from leukoscope.runtime.buffers import BufferRing
from leukoscope.runtime.sources.camera_keys import (
    PATIENCE_KEYS,
    PICTURE_KEYS,
    Picture,
    read_patience,
    read_picture,
)
from leukoscope.runtime.sources.grammar import Values, split_address
from leukoscope.runtime.sources.gstreamer import SINK, need_gstreamer, open_pipeline
from leukoscope.runtime.sources.keeper import Patience
from leukoscope.runtime.sources.live import LiveSource

MAX_SENSOR = 15
MAX_FLIP = 7
"""nvvidconv's flip-method: 0 none, 1 and 3 quarter turns, 2 half a turn, 4 to 7 mirrored."""
DEFAULT_PICTURE = Picture(1920, 1080, 30)
"""A mode that the common sensors (IMX219, IMX477) have."""


@dataclass(frozen=True)
class CsiRequest:
    """What a csi:// URI asks for."""

    sensor: int
    picture: Picture
    flip: int
    patience: Patience


def parse_csi(text: str) -> CsiRequest:
    """csi://0?width=1920&height=1080&fps=30&flip=0&stall=5&frozen=10; InputError names the wrong part."""
    address = split_address(text)
    number = address.authority
    plain = number.isascii() and number.isdigit() and len(number) < 3 and int(number) <= MAX_SENSOR
    if not plain or address.path.strip("/") or address.fragment:
        raise InputError("csi:// names no sensor", wanted=f"csi://0 to csi://{MAX_SENSOR}")
    values = Values("csi", address.query, (*PICTURE_KEYS, "flip", *PATIENCE_KEYS))
    return CsiRequest(
        int(number),
        read_picture(values, DEFAULT_PICTURE),
        values.integer("flip", 0, 0, MAX_FLIP),
        read_patience(values),
    )


def csi_pipeline(request: CsiRequest) -> str:
    """The GStreamer pipeline for it: turned and converted by the board's own hardware."""
    picture = request.picture
    return (
        f"nvarguscamerasrc sensor-id={request.sensor} ! "
        f"video/x-raw(memory:NVMM),width={picture.width_px},height={picture.height_px},"
        f"framerate={picture.rate_hz}/1 ! "
        f"nvvidconv flip-method={request.flip} ! video/x-raw,format=BGRx ! {SINK}"
    )


class CsiSource(LiveSource):
    """The newest frame of a CSI camera; MachineError at once where OpenCV has no GStreamer."""

    def __init__(self, request: CsiRequest, *, max_outage_s: float | None = None) -> None:
        need_gstreamer("csi://")
        name = f"csi://{request.sensor}"
        super().__init__(
            name,
            f"csi{request.sensor}",
            partial(open_pipeline, csi_pipeline(request), BufferRing()),
            replace(request.patience, max_outage_s=max_outage_s),
            rate_hz=float(request.picture.rate_hz),
        )
