"""Masks as PNG of the grey levels 0, 128, 255 at the field's own size; nothing where there is no SG-CLDFF."""

from pathlib import Path
from types import TracebackType

import numpy as np

from leukoscope.images.classes import MASK_CODES
from leukoscope.images.opencv import cv2
from leukoscope.runtime.field import Result
from leukoscope.runtime.sinks.sink import make_folder, writing


class Masks:
    """Writes NAME.png for each field to `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> "Masks":
        make_folder(self._folder)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Each file is whole as soon as it is written."""

    def write(self, result: Result) -> None:
        """See `Sink.write`."""
        if result.mask is None:
            return
        grey = np.array(MASK_CODES, np.uint8)[result.mask]
        path = self._folder / f"{result.frame.name}.png"
        with writing(path):
            path.write_bytes(cv2.imencode(".png", grey)[1].tobytes())
