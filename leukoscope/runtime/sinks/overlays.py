"""Each field as a PNG with all that was found in it."""

from leukoscope.images.opencv import cv2
from leukoscope.runtime.field import Result
from leukoscope.runtime.sinks.folder import FolderSink
from leukoscope.runtime.sinks.picture import draw_picture


class Overlays(FolderSink):
    """NAME.png, the picture of `draw_picture`."""

    ending = "png"

    def content(self, result: Result) -> bytes | None:
        """See `FolderSink.content`."""
        bgr = cv2.cvtColor(draw_picture(result), cv2.COLOR_RGB2BGR)
        data: bytes = cv2.imencode(".png", bgr)[1].tobytes()
        return data
