"""Each field as a PNG with all that was found in it."""

from pathlib import Path
from types import TracebackType

from leukoscope.images.opencv import cv2
from leukoscope.runtime.field import Result
from leukoscope.runtime.sinks.picture import draw_picture
from leukoscope.runtime.sinks.sink import make_folder, writing


class Overlays:
    """Writes NAME.png for each field to `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> "Overlays":
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
        path = self._folder / f"{result.frame.name}.png"
        bgr = cv2.cvtColor(draw_picture(result), cv2.COLOR_RGB2BGR)
        with writing(path):
            path.write_bytes(cv2.imencode(".png", bgr)[1].tobytes())
