import numpy as np
from stand_ins import blob_field, cell_engine

from leukoscope.runtime.infer import Infer
from leukoscope.runtime.scale import Scale


def test_a_reading_is_the_graphs_outputs_without_the_batch_axis():
    engine, frame = cell_engine(64), blob_field()
    scaled = Scale({"sg_cldff": engine.contract})(frame)
    inferred = Infer({"sg_cldff": engine})(scaled)
    reading = inferred.readings["sg_cldff"]
    expected = engine.infer(scaled.squares["sg_cldff"].pixels[None])
    assert set(reading.arrays) == set(expected)
    assert all(np.array_equal(reading.arrays[n], expected[n][0]) for n in expected)
    assert reading.classes == engine.classes
    assert reading.placement == scaled.squares["sg_cldff"].placement
