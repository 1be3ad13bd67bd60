"""The graphs of a toy whose tail is hard to trace, and of both networks at nano."""

import hashlib
from collections import Counter

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from toy_network import ToyNetwork

from leukoscope.bundle.onnx_wire import check_graph
from leukoscope.export.graph import example_frames, onnx_graph
from leukoscope.export.operators import ALLOWED
from leukoscope.export.reference import torch_outputs
from leukoscope.export.relative_error import relative_errors
from leukoscope.runtime.backends.onnxruntime import CPU, open_onnxruntime

OUTPUTS = {
    "xincept_all": ["probabilities", "features", "feature_maps", "cams"],
    "sg_cldff": ["probabilities", "mask", "saliency", "cams"],
}


def frames_for(network, batch):
    """Soft blobs of colour, seeded: the maps have something to see."""
    side = network.input_px
    coarse = torch.rand(batch, 3, 7, 7, generator=torch.Generator().manual_seed(batch))
    soft = torch.nn.functional.interpolate(coarse, side, mode="bicubic").clamp(0, 1)
    return (soft * 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()


@pytest.mark.parametrize("batch", [1, 5])
def test_equals_torch_and_its_maps_equal_autograd(exported, batch):
    frames = frames_for(exported.network, batch)
    wanted = torch_outputs(exported.network, frames)
    wanted.pop("evidence")
    backend = open_onnxruntime(exported.data, "graph", "fp32", backend=CPU, threads=1)
    ours = backend.infer(frames.numpy())
    assert list(ours) == list(wanted) == OUTPUTS[exported.network.name]
    shown = (wanted["cams"].amax((2, 3)) > 0).float().mean(0)
    assert shown.mean() > 0.5, f"too few maps to compare: {shown}"
    for name, reference in wanted.items():
        assert ours[name].dtype == np.float32
        errors = relative_errors(name, ours[name], reference.numpy())
        assert errors.max() < 1e-4, f"{name}: {errors}"
        assert errors.shape[1] == (reference.shape[1] if name in ("cams", "mask") else 1)


def test_keeps_the_rules_of_the_format(exported):
    onnx.checker.check_model(exported.model, full_check=True)
    facts = check_graph(exported.data, "graph")
    side = exported.network.input_px
    assert (facts.opset, facts.ir_version) == (18, 10)
    assert facts.inputs[0].shape == ("batch", side, side, 3)
    assert {port.shape[0] for port in facts.outputs} == {"batch"}
    assert {port.dtype for port in facts.outputs} == {"float32"}
    assert set(facts.operators) <= ALLOWED


def test_stores_each_weight_once(exported):
    """No weight and no transpose of one occurs twice, and the file is hardly larger than the weights."""
    seen = Counter()
    for tensor in exported.model.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.size > 32:
            seen[min(digest(array), digest(array.T))] += 1
    assert max(seen.values()) == 1
    weights = sum(value.nbytes for value in exported.network.state_dict().values())
    if exported.network.name == "xincept_all" and weights > 1e6:
        assert len(exported.data) < 1.05 * weights


def digest(array):
    content = np.ascontiguousarray(array)
    return hashlib.sha256(str(content.shape).encode() + content.tobytes()).hexdigest()


def test_folds_batch_norms_into_convolutions(xincept_all):
    operators = Counter(node.op_type for node in xincept_all.model.graph.node)
    assert operators["BatchNormalization"] == 0
    assert operators["Shape"] <= 1


def test_tells_nothing_of_the_machine_that_made_it(exported):
    model = exported.model
    assert not any(node.metadata_props or node.doc_string for node in model.graph.node)
    assert not any(value.metadata_props for value in (*model.graph.input, *model.graph.output))
    for trace in (b"site-packages", b"/home", b"/work", b'File "', b"stack_trace"):
        assert trace not in exported.data


def test_names_layers_as_the_network_does(xincept_all, sg_cldff):
    for case in (xincept_all, sg_cldff):
        own = {*dict(case.network.named_parameters()), *dict(case.network.named_buffers())}
        large = [t.name for t in case.model.graph.initializer if np.prod(t.dims) > 64]
        layers = {name.rpartition(".")[0] for name in own}
        known = [n for n in large if n.removesuffix(".T") in own or n.rpartition(".")[0] in layers]
        assert len(known) >= 0.9 * len(large), sorted(set(large) - set(known))
        convolutions = [n.name for n in case.model.graph.node if n.op_type == "Conv"]
        assert all(name.endswith(("/Conv", "/Conv_2")) for name in convolutions)
    names = [node.name for node in xincept_all.model.graph.node]
    assert "join.conv/Conv" in names
    assert len(set(names)) == len(names)


def test_the_branch_of_the_maps_can_be_told_by_name(exported):
    """A quantizer leaves out what begins with gradcam/; nothing else may depend on it."""
    graph = exported.model.graph
    branch = {out for n in graph.node if n.name.startswith("gradcam/") for out in n.output}
    assert "cams" in branch
    outside = [n for n in graph.node if not n.name.startswith("gradcam/")]
    assert not branch & {name for node in outside for name in node.input}
    assert not any(
        node.op_type == "Conv" for node in graph.node if node.name.startswith("gradcam/")
    )


def test_without_maps_the_rest_is_the_same():
    torch.manual_seed(3)
    network = ToyNetwork().eval()
    plain = onnx_graph(network, maps=False)
    assert [value.name for value in plain.graph.output] == OUTPUTS["xincept_all"][:-1]
    frames = frames_for(network, 2)
    wanted = torch_outputs(network, frames)
    ours = open_onnxruntime(plain.SerializeToString(), "graph", "fp32", backend=CPU, threads=1)
    for name, value in ours.infer(frames.numpy()).items():
        np.testing.assert_allclose(value, wanted[name].numpy(), rtol=1e-4, atol=1e-6)


def test_says_nothing_and_leaves_the_network_as_it_was(capfd, recwarn):
    network = ToyNetwork().train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    onnx_graph(network)
    spoken = capfd.readouterr()
    assert (spoken.out, spoken.err, list(recwarn)) == ("", "", [])
    assert network.training
    assert all(parameter.requires_grad for parameter in network.parameters())
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


def test_example_frames():
    frames = example_frames(ToyNetwork(), 3)
    assert (frames.shape, frames.dtype) == ((3, 32, 32, 3), torch.uint8)
