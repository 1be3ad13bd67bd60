"""rtsp://host/path: a network camera."""

import os
import re
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from leukoscope.errors import InputError
from leukoscope.images.opencv import cv2
from leukoscope.runtime.buffers import BufferRing
from leukoscope.runtime.sources.camera_keys import PATIENCE_KEYS, read_patience
from leukoscope.runtime.sources.capture import OpenCvCapture
from leukoscope.runtime.sources.grammar import MAX_TEXT, Values
from leukoscope.runtime.sources.gstreamer import SINK, has_gstreamer, open_pipeline
from leukoscope.runtime.sources.keeper import Patience
from leukoscope.runtime.sources.live import LiveSource
from leukoscope.runtime.sources.names import fit_name
from leukoscope.runtime.sources.redact import redact

WANTED = "rtsp://[user:password@]host[:port]/path[#transport=tcp&latency=100]"
ADDRESS = re.compile(
    r"(?P<url>(?P<scheme>rtsps?)://(?:[^@/?#]*@)?(?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?(?P<path>/[^@?#]*)?(?:\?[^@#]*)?)(?:#(?P<ours>[^@]*))?",
    re.IGNORECASE,
)
"""Behind the host an @ is written %40: so a password with an unescaped /, ? or # is refused, never taken for a path."""
URI_LETTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
"""RFC 3986. Neither quotes nor spaces: the address is quoted into a pipeline's text."""
KEYS = ("transport", "latency", "backend", *PATIENCE_KEYS)
DEFAULT_PATIENCE = Patience(stall_s=10.0, open_s=20.0, frozen_s=60.0)
"""An encoder may send a scene that stands still as the same picture again, for as long as a group of pictures."""
MAX_LATENCY_MS = 10_000
MAX_SHOWN = 200
"""Characters of a wrong address that are repeated to the user."""
OPEN_TIMEOUT_MS = 10_000
TEGRA = Path("/etc/nv_tegra_release")
"""On every Jetson."""
FFMPEG_OPTIONS = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
TRANSPORT = "rtsp_transport;"
FFMPEG_LOG_LEVEL = "OPENCV_FFMPEG_LOGLEVEL"
QUIET = "-8"
"""AV_LOG_QUIET."""


@dataclass(frozen=True)
class RtspRequest:
    """What an rtsp:// URI asks for."""

    url: str = field(repr=False)
    """As the camera wants it, with credentials: for the driver only."""
    name: str
    """Without them: for everybody else."""
    host: str
    transport: str
    latency_ms: int
    """Of GStreamer's jitter buffer."""
    backend: str
    patience: Patience


def parse_rtsp(text: str) -> RtspRequest:
    """rtsp[s]://[user:password@]host[:port]/path?CAMERA'S OWN#transport=tcp&latency=100&backend=auto&stall=10&frozen=60.

    What stands before # goes to the camera as it is; what stands behind is ours. InputError never repeats a credential.
    """
    found = ADDRESS.fullmatch(text)
    if found is None or len(text) > MAX_TEXT or not URI_LETTERS.fullmatch(text):
        raise InputError(
            f"{redact(text)[:MAX_SHOWN]} is no RTSP address",
            wanted=WANTED,
            next_step="in a user name or a password write @ as %40, / as %2F, ? as %3F, # as %23",
        )
    if found["port"] and not 1 <= int(found["port"]) <= 65535:
        raise InputError("rtsp:// has a port out of range", wanted="1 to 65535")
    values = Values(found["scheme"].lower(), found["ours"] or "", KEYS)
    return RtspRequest(
        url=found["url"],
        name=redact(text),
        host=found["host"],
        transport=values.choice("transport", "tcp", ("tcp", "udp")) or "tcp",
        latency_ms=values.integer("latency", 100, 0, MAX_LATENCY_MS),
        backend=values.choice("backend", "auto", ("auto", "gstreamer", "ffmpeg")) or "auto",
        patience=read_patience(values, DEFAULT_PATIENCE),
    )


def rtsp_pipeline(request: RtspRequest, *, tegra: bool) -> str:
    """The GStreamer pipeline for it; on a Jetson (`tegra`) its hardware decodes and converts.

    decodebin takes the best decoder there is: nvv4l2decoder on a Jetson, whose pictures nvvidconv brings to ordinary memory.
    """
    to_memory = "nvvidconv ! video/x-raw,format=BGRx ! " if tegra else ""
    return (
        f'rtspsrc location="{request.url}" latency={request.latency_ms} '
        f"protocols={request.transport} drop-on-latency=true ! "
        f"application/x-rtp,media=video ! decodebin ! {to_memory}{SINK}"
    )


class RtspSource(LiveSource):
    """The newest frame of a network camera; by GStreamer where OpenCV has it, else by FFmpeg."""

    def __init__(self, request: RtspRequest, *, max_outage_s: float | None = None) -> None:
        ring = BufferRing()
        by_gstreamer = request.backend == "gstreamer" or (
            request.backend == "auto" and has_gstreamer()
        )
        pipeline = rtsp_pipeline(request, tegra=TEGRA.exists())
        _ask_ffmpeg_for(request.transport)
        super().__init__(
            request.name,
            fit_name(f"rtsp_{request.host}"),
            partial(open_pipeline, pipeline, ring)
            if by_gstreamer
            else partial(open_ffmpeg, request, ring),
            replace(request.patience, max_outage_s=max_outage_s),
        )


def open_ffmpeg(request: RtspRequest, ring: BufferRing) -> OpenCvCapture:
    """Opens the address by FFmpeg, which gives up by itself after its timeouts; InputError where nobody answers."""
    timeouts = [
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
        OPEN_TIMEOUT_MS,
        cv2.CAP_PROP_READ_TIMEOUT_MSEC,
        int(request.patience.stall_s * 1000),
    ]
    video = cv2.VideoCapture(request.url, cv2.CAP_FFMPEG, timeouts)
    if not video.isOpened():
        video.release()
        raise InputError("FFmpeg cannot open it: no answer, or another address, user or password")
    return OpenCvCapture(video, ring)


def _ask_ffmpeg_for(transport: str) -> None:
    """OpenCV reads its options for FFmpeg from the environment only; a user's own are left alone.

    FFmpeg is told to be quiet: we say ourselves what is wrong, and never with the address.
    """
    os.environ.setdefault(FFMPEG_LOG_LEVEL, QUIET)
    if os.environ.get(FFMPEG_OPTIONS, TRANSPORT).startswith(TRANSPORT):
        os.environ[FFMPEG_OPTIONS] = TRANSPORT + transport
