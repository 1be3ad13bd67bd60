# ruff: noqa: T201
"""Takes fields from a camera into a folder, which `leukoscope run` then reads: for as long as it has no camera source itself.

    python3 docs/jetson/grab.py csi:0 fields/ --count 20 --every 2.0
    python3 docs/jetson/grab.py usb:/dev/video0 fields/
    python3 docs/jetson/grab.py 'videotestsrc ! video/x-raw,width=640,height=480' fields/

Needs an OpenCV with GStreamer (JetPack's). Only the newest frame is kept waiting, so that no field is old when it is
written; a file appears under its name when it is complete.
"""

import argparse
import os
import sys
import threading
import time
from pathlib import Path

CSI = (
    "nvarguscamerasrc sensor-id={name} ! video/x-raw(memory:NVMM),width=1920,height=1080,framerate=30/1 ! "
    "nvvidconv ! video/x-raw,format=BGRx"
)
USB = "v4l2src device={name} ! decodebin"
END = " ! videoconvert ! video/x-raw,format=BGR ! appsink drop=true max-buffers=1 sync=false"


def pipeline(source: str) -> str:
    """`csi:0`, `usb:/dev/video0`, or a GStreamer pipeline of one's own -> one that ends in OpenCV."""
    kind, _, name = source.partition(":")
    known = {"csi": CSI, "usb": USB}.get(kind)
    return (known.format(name=name) if known else source) + END


def give_up(source: str) -> None:
    """Ends the program from another thread: GStreamer can wait for good for an element or a camera that is not there."""
    print(f"grab: no picture comes; try: gst-launch-1.0 {pipeline(source)}", file=sys.stderr)
    sys.stderr.flush()
    os._exit(4)


def grab(source: str, folder: Path, count: int, every_s: float, patience_s: float) -> int:
    """Writes `count` fields, one every `every_s` seconds; the exit code."""
    import cv2

    if "GStreamer: YES" not in " ".join(cv2.getBuildInformation().split()):
        print(f"grab: {cv2.__file__} has no GStreamer; use JetPack's OpenCV", file=sys.stderr)
        return 4
    watch = threading.Timer(patience_s, give_up, [source])
    watch.daemon = True
    watch.start()
    camera = cv2.VideoCapture(pipeline(source), cv2.CAP_GSTREAMER)
    if not camera.isOpened() or not camera.read()[0]:
        give_up(source)
    watch.cancel()
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        until = time.monotonic() + every_s
        good, image = camera.read()
        while good and time.monotonic() < until:
            good, image = camera.read()
        if not good:
            print(f"grab: the camera ended after {number} fields", file=sys.stderr)
            return 1
        part = folder / f".{number:06d}.png"
        cv2.imwrite(str(part), image)
        part.rename(folder / f"{number:06d}.png")
    camera.release()
    print(f"grab: {count} fields of {image.shape[1]} x {image.shape[0]} px in {folder}")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Takes fields from a camera into a folder.")
    parser.add_argument("source", help="csi:0, usb:/dev/video0, or a GStreamer pipeline")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--every", type=float, default=1.0, help="seconds")
    parser.add_argument("--patience", type=float, default=20.0, help="seconds to the first picture")
    asked = parser.parse_args()
    sys.exit(grab(asked.source, asked.folder, asked.count, asked.every, asked.patience))
