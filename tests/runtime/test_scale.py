import numpy as np
from stand_ins import blob_field

from leukoscope.images.contract import Contract, place
from leukoscope.runtime.scale import Scale


def test_each_network_gets_the_field_by_its_own_contract():
    frame = blob_field()
    contracts = {"a": Contract(64), "b": Contract(96, pad_value=0)}
    scaled = Scale(contracts)(frame)
    assert scaled.frame is frame
    for name, contract in contracts.items():
        pixels, placement = place(frame.pixels, contract)
        assert np.array_equal(scaled.squares[name].pixels, pixels)
        assert scaled.squares[name].placement == placement
