import numpy as np
import torch

from leukoscope.bundle.golden import golden_bytes, read_golden
from leukoscope.export.golden import FRAMES, golden_arrays
from leukoscope.export.reference import torch_outputs
from leukoscope.images.contract import Contract


def test_holds_frames_and_what_the_graph_gives(toy):
    contract = Contract(toy.network.input_px)
    arrays = golden_arrays("xincept_all", contract, toy.data)
    names = ["probabilities", "features", "feature_maps", "cams"]
    assert list(arrays) == ["xincept_all/frames", *(f"xincept_all/fp32/{n}" for n in names)]
    frames = arrays["xincept_all/frames"]
    assert (frames.shape, frames.dtype) == ((FRAMES, 32, 32, 3), np.uint8)
    for name, wanted in torch_outputs(toy.network, torch.from_numpy(frames)).items():
        if name == "evidence":
            continue
        np.testing.assert_allclose(arrays[f"xincept_all/fp32/{name}"], wanted, rtol=1e-3, atol=1e-5)


def test_survives_the_bundle_s_reader(toy):
    arrays = golden_arrays("xincept_all", Contract(32), toy.data, "int8")
    again = read_golden(golden_bytes(arrays))
    assert all(np.array_equal(again[name], value) for name, value in arrays.items())
    assert "xincept_all/int8/cams" in again
