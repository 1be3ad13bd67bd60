"""Masks as PNG of the grey levels 0, 128, 255 at the field's own size; nothing where there is no SG-CLDFF."""

import numpy as np

from leukoscope.images.classes import MASK_CODES
from leukoscope.images.opencv import cv2
from leukoscope.runtime.field import Result
from leukoscope.runtime.sinks.folder import FolderSink


class Masks(FolderSink):
    """NAME.png, one channel."""

    ending = "png"

    def content(self, result: Result) -> bytes | None:
        """See `FolderSink.content`."""
        if result.mask is None:
            return None
        grey = np.array(MASK_CODES, np.uint8)[result.mask]
        data: bytes = cv2.imencode(".png", grey)[1].tobytes()
        return data
