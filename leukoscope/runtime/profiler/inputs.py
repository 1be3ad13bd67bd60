"""The fields that go round while we measure: painted ones, or the user's own. Never one picture again and again."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leukoscope.errors import InputError
from leukoscope.images.contract import Contract
from leukoscope.images.decode import decode_image, read_bytes
from leukoscope.images.opencv import cv2
from leukoscope.images.tiles import cut_tiles
from leukoscope.progress import Progress
from leukoscope.runtime.field import Frame
from leukoscope.runtime.scale import plan_of
from leukoscope.runtime.scale_keeper import ScaleKeeper
from leukoscope.runtime.sources.folder import FolderSource
from leukoscope.runtime.sources.redact import redact
from leukoscope.runtime.sources.source import Source
from leukoscope.runtime.sources.synthetic import SyntheticSource
from leukoscope.runtime.sources.uri import open_source

PAINTED, MOST_FILES = 12, 32
"""Fields that go round: as many stages and looks as are worth the painting, and as much memory (our choice)."""
SEED = 9
PAINTED_URI = f"synthetic://?fields={PAINTED}&seed={SEED}"
JPEG_QUALITY = 95


@dataclass(frozen=True, eq=False)
class EncodedField:
    """A field as it lies on the disk and as it is decoded; its scale is known."""

    data: bytes
    frame: Frame


@dataclass(frozen=True)
class Inputs:
    """At least one field; `source` says in words where they come from."""

    source: str
    fields: tuple[EncodedField, ...]
    reader: Source
    """What read them: painted fields have no colours to be flagged."""

    @property
    def frames(self) -> list[Frame]:
        return [one.frame for one in self.fields]

    def squares(self, contract: Contract) -> list[NDArray[np.uint8]]:
        """Every square [S, S, 3] that a network is given of these fields, crops of cells aside."""
        plans = [
            (frame, plan_of(frame.size_px, contract, frame.scale.um_per_px))
            for frame in self.frames
        ]
        return [one for frame, plan in plans for one in cut_tiles(frame.pixels, plan, contract)]


def open_inputs(data: str | None, progress: Progress) -> Inputs:
    """Painted fields as JPEG, or the first MOST_FILES images that can be read of `data`, a folder, a glob or an image.

    InputError where there is none, and for a source that is no file.
    """
    reader = _open(data)
    fields = list(
        _painted(reader) if isinstance(reader, SyntheticSource) else _files(reader, progress)
    )
    shown = PAINTED_URI if data is None else redact(data)
    if not fields:
        raise InputError(f"no image of {shown} can be read", next_step="give --data another folder")
    keeper = ScaleKeeper()
    known = [replace(one, frame=replace(one.frame, scale=keeper(one.frame))) for one in fields]
    return Inputs(shown, tuple(known), reader)


def _open(data: str | None) -> SyntheticSource | FolderSource:
    if data is None:
        return SyntheticSource(PAINTED_URI, None, PAINTED, SEED)
    source = open_source(data)
    if not isinstance(source, FolderSource):
        raise InputError(
            f"--data {redact(data)} is no folder of images",
            wanted="a folder, a glob or an image",
            next_step="leave --data out for painted fields",
        )
    return source


def _painted(source: SyntheticSource) -> Iterator[EncodedField]:
    for index in range(PAINTED):
        bgr = cv2.cvtColor(source.paint(index).image, cv2.COLOR_RGB2BGR)
        data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()
        name = f"painted_{index:03d}"
        yield EncodedField(data, Frame(decode_image(data, name), PAINTED_URI, name, index))


def _files(source: FolderSource, progress: Progress) -> Iterator[EncodedField]:
    frames = source.frames(lambda fault: progress.note(f"left out: {fault}"))
    for frame in islice(frames, MOST_FILES):
        yield EncodedField(read_bytes(Path(frame.source)), frame)
