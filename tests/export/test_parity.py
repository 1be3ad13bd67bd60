import inspect

import numpy as np
import onnx
import pytest
import torch

from leukoscope.errors import GateError
from leukoscope.export import parity, reference
from leukoscope.export.frames import painted_frames
from leukoscope.export.parity import (
    TOLERANCE,
    MapsShown,
    OutputParity,
    Parity,
    check,
    measure,
)
from leukoscope.export.reference import torch_outputs
from leukoscope.export.relative_error import relative_errors
from leukoscope.images.contract import Contract

FULL = MapsShown(1.0, 1.0, {})


@pytest.fixture(scope="module")
def frames(toy):
    return painted_frames("xincept_all", Contract(toy.network.input_px), 7, seed=1)


@pytest.fixture(scope="module")
def proof(toy, frames):
    return measure(toy.network, toy.data, frames, "7 painted")


def spoilt(model, output, operator):
    """The graph with `operator` put before one output."""
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    for node in changed.graph.node:
        node.output[:] = [f"{name}_right" if name == output else name for name in node.output]
        node.input[:] = [f"{name}_right" if name == output else name for name in node.input]
    inputs = [f"{output}_right"]
    if operator == "Mul":
        factor = onnx.numpy_helper.from_array(np.float32(1.0002), "factor")
        changed.graph.initializer.append(factor)
        inputs.append("factor")
    changed.graph.node.append(onnx.helper.make_node(operator, inputs, [output]))
    return changed.SerializeToString()


def test_a_right_graph_passes(toy, proof):
    check(proof, toy.network, trained=False)
    assert set(proof.outputs) == {"probabilities", "features", "feature_maps", "cams", "evidence"}
    assert all(0 <= found.max_error < 1e-5 for found in proof.outputs.values())
    assert proof.frames == 7
    assert 0 < proof.shown.all <= 1
    assert 0 < proof.shown.voted <= 1


def test_runs_frames_one_by_one_and_in_batches(toy, frames, monkeypatch):
    seen = []

    def spy(network, batch):
        seen.append(len(batch))
        return original(network, batch)

    original = parity._arrays
    monkeypatch.setattr(parity, "_arrays", spy)
    measure(toy.network, toy.data, np.concatenate([frames, frames]), "twice")
    assert seen == [1, 1, 1, 1, 1, 5, 4]


@pytest.mark.parametrize("operator", ["Neg", "Mul", "Sqrt", "Log"])
@pytest.mark.parametrize("output", ["cams", "features", "probabilities"])
def test_a_wrong_graph_fails(toy, frames, output, operator):
    with pytest.raises(GateError, match=rf"{output} (of the graph differ|come of)"):
        wrong = measure(toy.network, spoilt(toy.model, output, operator), frames[:2], "")
        check(wrong, toy.network, trained=False)


def test_the_wrong_class_is_named(toy):
    good = {"cams": OutputParity(1.0, TOLERANCE, frame=3, channel=2)}
    with pytest.raises(GateError, match="frame 3, class Pre"):
        check(Parity(good, FULL, 1, ""), toy.network, trained=True)


@pytest.mark.parametrize(("share", "trained", "passes"), [
    (0.9, True, True), (0.89, True, False), (0.0, False, True),
])  # fmt: skip
def test_maps_that_show_nothing_prove_nothing(toy, share, trained, passes):
    shown = MapsShown(all=0.5, voted=share, by_class={})
    proof = Parity({"cams": OutputParity(0.0, TOLERANCE, 0, 0)}, shown, 10, "")
    if passes:
        check(proof, toy.network, trained=trained)
    else:
        with pytest.raises(GateError, match="89% of the voted classes"):
            check(proof, toy.network, trained=trained)


def test_the_manifest_gets_plain_values(proof):
    value = proof.to_json()
    assert value["cams"] == {
        "max_error": proof.outputs["cams"].max_error,
        "tolerance": 1e-4,
        "plain_max_error": proof.outputs["cams"].plain_max_error,
    }
    assert set(value["features"]) == {"max_error", "tolerance"}
    assert value["frames"] == 7
    assert value["data"] == "7 painted"
    assert set(value["maps_not_zero_by_class"]) == {"Benign", "Early", "Pre", "Pro"}
    mean = np.mean(list(value["maps_not_zero_by_class"].values()))
    assert value["maps_not_zero"] == pytest.approx(mean)


def test_measure_eases_no_map_but_faint_ones(toy, frames, monkeypatch):
    """Rounding of 2e-5 of the evidence passes in a map of a hundredth of it, and fails in full ones."""
    evidence = np.ones((1, 4, 2, 2), np.float32) * np.array([-1, -1, -1, 1])[:, None, None]
    evidence[0, 0, 0, 0] = 0.01
    outputs = {
        "probabilities": np.full((1, 4), 0.25, np.float32),
        "cams": np.maximum(evidence, 0),
        "evidence": evidence,
    }
    for index, factor, passes in ((0, 1 + 5e-4, True), (3, 1 + 5e-4, False), (0, 1.01, False)):
        wrong = {**outputs, "cams": outputs["cams"].copy()}
        wrong["cams"][0, index] *= factor
        monkeypatch.setattr(parity, "_arrays", lambda *_: outputs)
        monkeypatch.setattr(parity, "_runner", lambda *_, wrong=wrong: lambda _: wrong)
        proof = measure(toy.network, b"", frames[:1], "")
        assert (proof.outputs["cams"].max_error <= TOLERANCE) == passes
        assert proof.outputs["cams"].plain_max_error == pytest.approx(factor - 1, rel=1e-3)
        assert (proof.shown.all, proof.shown.faint) == (0.5, 0.75)


def test_a_reference_that_is_not_finite_fails(toy):
    wanted = np.full((1, 4, 1, 1), np.nan, np.float32)
    with np.errstate(invalid="ignore"):
        error = float(relative_errors("cams", np.ones_like(wanted), wanted).max())
    with pytest.raises(GateError):
        check(
            Parity({"cams": OutputParity(error, TOLERANCE, 0, 0)}, FULL, 1, ""),
            toy.network,
            trained=True,
        )


def test_a_map_that_is_wrong_where_it_is_zero_is_found(toy, frames, monkeypatch):
    """What a rectifier hides: the evidence of a class is doubled, and its map is zero before and after."""
    outputs = {name: a.numpy() for name, a in torch_outputs(toy.network, frames_of(frames)).items()}
    outputs["evidence"][:, 3] = -np.abs(outputs["evidence"][:, 3]) - 0.1
    outputs["cams"] = np.maximum(outputs["evidence"], 0)
    wrong = {**outputs, "evidence": outputs["evidence"] * np.array([1, 1, 1, 2])[:, None, None]}
    monkeypatch.setattr(parity, "_arrays", lambda *_: outputs)
    monkeypatch.setattr(parity, "_runner", lambda *_: lambda _: wrong)
    with pytest.raises(GateError, match=r"evidence of the graph .* class Pro"):
        check(measure(toy.network, b"", frames[:1], ""), toy.network, trained=False)


def frames_of(frames):
    return torch.from_numpy(frames[:1])


def test_the_reference_takes_another_road():
    source = inspect.getsource(reference)
    assert "torch.autograd.grad(" in source
    assert "vjp" not in source
    assert "gradcam import" not in source
