"""Results and journals for the tests of the journal: small, and told apart by their number."""

from dataclasses import replace

import numpy as np
from stand_ins import blob_field, result_of

from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.runtime.field import Vote
from leukoscope.runtime.journal.about import SessionAbout
from leukoscope.runtime.journal.write import open_journal
from leukoscope.runtime.slide.position import OnSlide

DIGEST = "ab" * 32
CELLS = ((30, 30, 14, 8), (80, 40, 12, 7))


def about(**changes) -> SessionAbout:
    """A session over a folder."""
    said = SessionAbout(
        bundle_sha256=DIGEST,
        slide="S-17/3",
        source="smears",
        settings={"backend": "auto", "threads": None},
        device="onnxruntime-cpu fp32, a test",
        stages=STAGES,
        cell_types=CELL_TYPES,
    )
    return replace(said, **changes)


def numbered(index: int, *, flags=(), sure: float = 0.9, stage: str = "Early", placed: bool = True):
    """The result of field `blobs_INDEX`: two cells, of which the first was seen before."""
    others = dict.fromkeys(STAGES, (1 - sure) / 3)
    vote = Vote({**others, stage: sure}, stage, "trees", stage)
    result = result_of(blob_field(CELLS, (112, 64), index), vote, flags)
    if not placed:
        return result
    numbers = (index + 1, index + 2)
    place = OnSlide(0, (40.5 * index, -2.0), 1.0, not flags, numbers, (index == 0, True))
    return replace(result, on_slide=place)


def textured(index: int, size_px: int = 64, **how):
    """As `numbered`, with pixels that JPEG cannot make small."""
    result = numbered(index, **how)
    noise = np.random.default_rng(index).integers(0, 255, (size_px, size_px, 3), np.uint8)
    frame = replace(result.frame, pixels=noise)
    return replace(result, frame=frame, mask=None, instances=None, cells=(), on_slide=None)


def fill(path, said: SessionAbout, fields: int, first: int = 0, **how) -> list[int]:
    """A whole session: ids of the fields that it wrote."""
    with open_journal(path, said) as journal:
        journal.note("begun")
        return [
            journal.write(numbered(i, **how), b"thumb%d" % i) for i in range(first, first + fields)
        ]
