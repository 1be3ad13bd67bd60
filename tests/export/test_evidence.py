import numpy as np
import onnx
import pytest
import torch

from leukoscope.errors import GateError
from leukoscope.export.evidence import with_evidence
from leukoscope.export.frames import painted_frames
from leukoscope.export.reference import torch_outputs
from leukoscope.images.contract import Contract
from leukoscope.runtime.backends.onnxruntime import CPU, open_onnxruntime


def test_its_positive_part_is_the_map(toy):
    frames = painted_frames("xincept_all", Contract(32), 3, seed=2)
    backend = open_onnxruntime(with_evidence(toy.data), "graph", "fp32", backend=CPU, threads=1)
    outputs = backend.infer(frames)
    evidence = outputs["evidence"].reshape(outputs["cams"].shape)
    np.testing.assert_array_equal(np.maximum(evidence, 0), outputs["cams"])
    assert (evidence < 0).any()
    wanted = torch_outputs(toy.network, torch.from_numpy(frames))["evidence"].numpy()
    np.testing.assert_allclose(evidence, wanted, atol=1e-5 * np.abs(wanted).max())


def test_leaves_the_other_outputs_and_the_graph_alone(toy):
    changed = onnx.load_model_from_string(with_evidence(toy.data))
    names = [value.name for value in toy.model.graph.output]
    assert [value.name for value in changed.graph.output] == [*names, "evidence"]
    assert changed.graph.node[:-1] == list(toy.model.graph.node)


def test_refuses_maps_that_are_not_rectified():
    node = onnx.helper.make_node("Neg", ["x"], ["cams"])
    ports = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1])
        for name in ("x", "cams")
    ]
    graph = onnx.helper.make_graph([node], "g", ports[:1], ports[1:])
    with pytest.raises(GateError, match="Neg"):
        with_evidence(onnx.helper.make_model(graph).SerializeToString())
