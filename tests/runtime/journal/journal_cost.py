"""What a field costs in the journal: python tests/runtime/journal/journal_cost.py [FOLDER]

Fields of 640 x 480 with five cells, maps of 17 x 17 and a thumbnail of 10 kB; processor time of the writing thread, and
the whole time, most of which is the disk's. With pictures the first fields are encoded whole (noise, which JPEG finds
hard); of the others, which are painted, only the view and the cells' crops.
"""

import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))

from journal_made import about
from stand_ins import blob_field, result_of

from leukoscope.images.painter.field import paint_field
from leukoscope.runtime.field import Result
from leukoscope.runtime.journal.shelf import LEADING_PER_KIND
from leukoscope.runtime.journal.write import open_journal
from leukoscope.runtime.slide.position import OnSlide

FIELDS = 400
SMALL = f"""SELECT avg(length(jpeg) + (SELECT sum(length(crops.jpeg)) FROM crops WHERE crops.field = views.field))
FROM views WHERE field > {LEADING_PER_KIND}"""
CELLS = tuple((60 + 110 * i, 120, 30, 16) for i in range(5))
PAINTED = paint_field("Early", 1).image
PLACE = OnSlide(0, (1.0, 2.0), 1.0, True, (1, 2, 3, 4, 5), (True,) * 5)


def field(index: int, rng: np.random.Generator) -> Result:
    """With maps as dense as a Grad-CAM may be."""
    result = result_of(blob_field(CELLS, (640, 480), index))
    reading = result.readings["xincept_all"]
    cams = np.maximum(rng.standard_normal((4, 17, 17)), 0).astype(np.float32)
    reading = replace(reading, arrays={**reading.arrays, "cams": cams})
    noise = rng.integers(0, 255, result.frame.pixels.shape, np.uint8)
    pixels = noise if index < LEADING_PER_KIND else PAINTED
    result = replace(result, frame=replace(result.frame, pixels=pixels))
    return replace(result, readings={"xincept_all": reading}, on_slide=PLACE)


def measure(path: Path, keep_pictures_bytes: int) -> tuple[np.ndarray, np.ndarray]:
    """Milliseconds a field: of the processor, and in all."""
    rng = np.random.default_rng(0)
    thumbnail = rng.bytes(10_000)
    spent = []
    with open_journal(path, about(), keep_pictures_bytes=keep_pictures_bytes) as journal:
        for index in range(FIELDS):
            result = field(index, rng)
            began = time.thread_time(), time.perf_counter()
            journal.write(result, thumbnail)
            spent.append((time.thread_time() - began[0], time.perf_counter() - began[1]))
    own, whole = np.array(spent).T * 1e3
    return own, whole


def main(folder: str | None) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as place:
        path = Path(place) / "plain.db"
        own, whole = measure(path, 0)
        size_kb = path.stat().st_size / FIELDS / 1e3
        path = Path(place) / "pictures.db"
        pictures, _ = measure(path, 256 << 20)
        with closing(sqlite3.connect(path)) as connection:
            small = connection.execute(SMALL).fetchone()[0] / 1e3
    print(f"no pictures: processor {line(own)}; in all {line(whole)}; {size_kb:.0f} kB a field")
    print(f"with a picture: processor {line(pictures[:LEADING_PER_KIND])}")
    print(
        f"with view and crops: processor {line(pictures[LEADING_PER_KIND:])}; {small:.0f} kB more a field"
    )


def line(spent_ms: np.ndarray) -> str:
    median, high = np.quantile(spent_ms, (0.5, 0.95))
    return f"median {median:.2f} ms, 95 % below {high:.2f} ms"


if __name__ == "__main__":
    main(*sys.argv[1:] or [None])
