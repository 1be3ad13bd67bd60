import sys

import numpy as np
import onnx
import pytest
from small_network import ranges_of
from small_sets import Notes

from leukoscope.calibration import search as module
from leukoscope.calibration.deviation import Deviation
from leukoscope.calibration.search import search
from leukoscope.calibration.workspace import Workspace
from leukoscope.errors import GateError
from leukoscope.runtime.gate.budgets import Budgets
from leukoscope.runtime.gate.check import Check
from leukoscope.runtime.gate.verdict import Verdict

HARM = {"first": 0.1, "left": 0.9, "right": 0.3, "wide": 0.2, "deep": 0.5, "last": 0.4}


def int8_layers(model):
    names = (t.name for t in model.graph.initializer if t.name.endswith(".weight.int8"))
    return {name.split(".")[0] for name in names}


LATER = [0.01]
"""What graphs with several layers deviate by once the methods have been compared."""


class KnownReference:
    """Deviations from a table; with all layers in INT8, percentile is the best of the methods."""

    def __init__(self, network, model, squares, threads):
        self.methods = iter([0.4, 0.1, 0.2, 0.3])

    def deviation(self, model):
        layers = int8_layers(model)
        if len(layers) > 1:
            return Deviation(next(self.methods, LATER[0]), 0.0)
        return Deviation(HARM[next(iter(layers))], 0.0)


def verdict(outcome):
    check = Check("accuracy", 1.0, 0.9, 0.1, 0.005, 64, 200, outcome, "", None, None)
    failed = (check,) if outcome == "failed" else ()
    return Verdict(
        network="toy",
        reference="fp32",
        variant="int8",
        outcome=outcome,
        checks=failed,
        flips=3,
        flipped=(),
        n=64,
        n_unlabelled=0,
        n_excluded=0,
        groups=5,
        groups_inferred=True,
        strict=False,
        budgets=Budgets(),
        left_out={},
        voter="head",
    )


@pytest.fixture
def toy(monkeypatch):
    from small_network import inputs, network

    monkeypatch.setattr(module, "Reference", KnownReference)
    model = network()
    greatest = ranges_of(model, inputs())

    def observed(model, tensors, squares, threads, progress):
        counts = np.ones(module_bins(), np.int64)
        return module.Observed(
            {name: greatest[name] for name in tensors}, dict.fromkeys(tensors, counts)
        )

    monkeypatch.setattr(module, "observe", observed)
    return model


def module_bins():
    from leukoscope.calibration.ranges import BINS

    return BINS


def find(model, holds, root, progress=None):
    squares = lambda: np.zeros((4, 8, 8, 3), np.uint8)  # noqa: E731
    with Workspace(root) as workspace:
        return search("toy", model, squares, squares, holds, workspace, "k", 1, progress or Notes())


def test_layers_go_back_most_harmful_first_until_the_budget_holds(toy, tmp_path):
    tried = []

    def holds(model):
        tried.append(int8_layers(model))
        return verdict("failed" if "deep" in tried[-1] else "undecided")

    found = find(toy, holds, tmp_path / "b")
    assert [set(HARM) - layers for layers in tried] == [set(), {"left"}, {"left", "deep"}]
    assert found.returned == ("left/Conv", "deep/Conv")
    assert found.method == "percentile"
    assert [step["outcome"] for step in found.steps] == ["failed", "failed", "undecided"]
    assert 0 < found.int8_share < 1


def test_nothing_goes_back_where_all_holds(toy, tmp_path):
    found = find(toy, lambda model: verdict("passed"), tmp_path / "b")
    assert found.returned == () and found.int8_share == 1.0
    assert [one.layer for one in found.sensitivities][:2] == ["left/Conv", "deep/Conv"]


def test_no_graph_that_holds_is_a_failed_gate(toy, tmp_path):
    with pytest.raises(
        GateError, match=r"no INT8 graph keeps the budget.* most: left/Conv, deep/Conv"
    ):
        find(toy, lambda model: verdict("failed"), tmp_path / "b")


def test_a_killed_search_goes_on_where_it_was(toy, tmp_path):
    class KilledError(Exception):
        pass

    def killed(model):
        if "left" not in int8_layers(model):
            raise KilledError
        return verdict("failed")

    with pytest.raises(KilledError):
        find(toy, killed, tmp_path / "b")
    asked = []

    def holds(model):
        asked.append(int8_layers(model))
        return verdict("passed")

    notes = Notes()
    found = find(toy, holds, tmp_path / "b", notes)
    assert len(asked) == 1 and found.returned == ("left/Conv",)
    assert "6 of 6 layers were measured before" in notes


def test_what_is_written_down_is_plain_json(toy, tmp_path):
    import json

    found = find(toy, lambda model: verdict("passed"), tmp_path / "b")
    written = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert written["methods"]["percentile"] == {"output": 0.1, "cam": 0.0}
    assert written["sensitivity"][0]["layer"] == "left/Conv"
    assert isinstance(toy, onnx.ModelProto)


def test_layers_go_back_while_an_output_deviates_much_and_the_work_allows(
    toy, tmp_path, monkeypatch
):
    monkeypatch.setattr(module, "LEAST_SHARE", 0.5)
    monkeypatch.setattr(sys.modules[__name__], "LATER", [0.2])
    judged = []

    def holds(model):
        judged.append(int8_layers(model))
        return verdict("passed")

    found = find(toy, holds, tmp_path / "b")
    assert [step["outcome"] for step in found.steps][:-1] == ["deviates"] * (len(found.steps) - 1)
    assert len(judged) == 1 and found.returned and found.int8_share >= 0.5
