"""OpenCV's GStreamer: whether it is there, how a pipeline ends, and opening one."""

from leukoscope.errors import InputError, MachineError
from leukoscope.images.opencv import cv2
from leukoscope.runtime.buffers import BufferRing
from leukoscope.runtime.sources.capture import OpenCvCapture

SINK = "videoconvert ! video/x-raw,format=BGR ! appsink drop=1 max-buffers=1 sync=false"
"""The newest picture waits, older ones are dropped inside the pipeline, and none waits for its time to be shown."""
NO_GSTREAMER = (
    "on a Jetson use JetPack's OpenCV: python3 -m pip uninstall opencv-python opencv-python-headless"
    " (docs/jetson.md); elsewhere: sudo apt-get install -y python3-opencv, in an environment with --system-site-packages"
)


def has_gstreamer() -> bool:
    """Whether this OpenCV was built with it; pip's wheels are not, JetPack's and Debian's are."""
    return "GStreamer: YES" in " ".join(cv2.getBuildInformation().split())


def need_gstreamer(what: str) -> None:
    """MachineError with the command that brings it, where OpenCV has no GStreamer."""
    if not has_gstreamer():
        raise MachineError(f"{what} needs an OpenCV with GStreamer", next_step=NO_GSTREAMER)


def open_pipeline(pipeline: str, ring: BufferRing) -> OpenCvCapture:
    """Starts the pipeline; InputError, without the pipeline's text, where it does not start."""
    video = cv2.VideoCapture(pipeline, cv2.CAP_GSTREAMER)
    if not video.isOpened():
        video.release()
        raise InputError("GStreamer cannot open it")
    return OpenCvCapture(video, ring)
