import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from stand_ins import blob_field, blob_mask, cell_engine

from leukoscope.images.classes import STAGES
from leukoscope.images.contract import Contract
from leukoscope.images.tiles import cut_tiles, plan_tiles
from leukoscope.runtime.cells import FindCells
from leukoscope.runtime.engine import Engine
from leukoscope.runtime.field import Scaled, Squares
from leukoscope.runtime.infer import TILES_AT_ONCE, Infer
from leukoscope.runtime.scale import Scale


def test_a_reading_is_the_graphs_outputs_without_the_batch_axis():
    engine, frame = cell_engine(64), blob_field()
    scaled = Scale({"sg_cldff": engine.contract})(frame)
    inferred = Infer({"sg_cldff": engine})(scaled)
    reading = inferred.readings["sg_cldff"]
    expected = engine.infer(scaled.squares["sg_cldff"].pixels)
    assert set(reading.arrays) == set(expected)
    assert all(np.array_equal(reading.arrays[n], expected[n][0]) for n in expected)
    assert reading.classes == engine.classes and reading.tiles == ()
    assert reading.placement == scaled.squares["sg_cldff"].plan.placement


def tiled(cells, size_px=(640, 480)):
    engine, frame = cell_engine(96), blob_field(cells, size_px)
    plan = plan_tiles(size_px, Contract(96), 0.5, 32)
    squares = Squares(cut_tiles(frame.pixels, plan, Contract(96)), plan)
    return engine, frame, Infer({"sg_cldff": engine})(Scaled(frame, {"sg_cldff": squares}))


def test_tiles_go_in_batches_of_a_bounded_size_and_come_back_as_one_plane():
    engine, _, inferred = tiled(((60, 60, 30, 16),))
    reading = inferred.readings["sg_cldff"]
    count = len(reading.tiles)
    assert count == sum(engine.backend.batches) > TILES_AT_ONCE >= max(engine.backend.batches)
    width, height = reading.placement.size_px
    assert reading.arrays["mask"].shape == (3, height, width)
    assert reading.arrays["cams"].shape[1:] == (height // 24, width // 24)
    assert reading.arrays["probabilities"].shape == (8,)
    assert reading.tiles[0].corner_px == (0, 0)


def test_a_cell_on_the_seam_of_four_tiles_is_found_once_and_whole():
    cells = tuple((x, y, 30, 16) for x in range(60, 600, 75) for y in range(60, 440, 75))
    engine, frame, inferred = tiled(cells)
    counted = FindCells(engine)(inferred)
    assert len(counted.cells) == len(cells)
    assert (counted.mask == blob_mask(frame)).mean() > 0.99


def test_beside_sg_cldff_the_other_network_runs_on_a_thread_of_its_own():
    """SG-CLDFF's reading is there while XIncept-ALL still works."""
    go, threads = threading.Event(), {}

    class Slow:
        name, precision = "stand-in", "fp32"

        def infer(self, frames):
            threads["field"] = threading.current_thread().name
            go.wait(5)
            return {
                "probabilities": np.full((1, 4), 0.25, np.float32),
                "features": np.zeros((1, 8), np.float32),
                "cams": np.zeros((1, 4, 6, 6), np.float32),
            }

    engines = {
        "xincept_all": Engine("xincept_all", STAGES, Contract(64), Slow()),
        "sg_cldff": cell_engine(96),
    }
    with ThreadPoolExecutor(1, "beside") as beside:
        scaled = Scale({name: engine.contract for name, engine in engines.items()})(blob_field())
        inferred = Infer(engines, beside)(scaled)
        assert inferred.readings["sg_cldff"].arrays["mask"].shape == (3, 96, 96)
        assert not go.is_set()
        go.set()
        assert inferred.readings["xincept_all"].arrays["features"].shape == (8,)
    assert threads["field"].startswith("beside")
