"""Hostile models end in one line: whatever they do to their readers happens in the child process."""

import json

import numpy as np
import pytest

from leukoscope.errors import InputError
from leukoscope.export import tree_child, treelite_child
from leukoscope.export.tree_child import Limits, read_layout, read_margins
from leukoscope.export.tree_nodes import trees_of

xgboost = pytest.importorskip("xgboost", reason="pip install 'leukoscope[workstation]'")
pytest.importorskip("treelite", reason="pip install 'leukoscope[workstation]'")


@pytest.fixture(scope="module")
def sound():
    """A small model's JSON as values."""
    random = np.random.default_rng(0)
    x, y = random.normal(size=(200, 5)), random.integers(0, 3, 200)
    parameters = {"objective": "multi:softprob", "num_class": 3, "max_depth": 3, "nthread": 1}
    booster = xgboost.train(parameters, xgboost.DMatrix(x, y), 3)
    return json.loads(booster.save_raw("json"))


@pytest.fixture
def model(sound, tmp_path):
    """Writes the sound model, changed: (change) -> path."""

    def write(change=lambda learner: None):
        value = json.loads(json.dumps(sound))
        change(value["learner"])
        path = tmp_path / "m.json"
        path.write_text(json.dumps(value))
        return path

    return write


def test_the_child_gives_layout_and_margins(model):
    path = model()
    arrays = read_layout(path, Limits())
    assert len(trees_of(arrays, "m")) == 9
    found = read_margins(path, np.full((4, 5), np.nan, np.float32), Limits())
    assert found["margins"].shape == found["values"].shape == (4, 3)


def refused(path):
    """The reason for which the child, called in this process, refuses."""
    with pytest.raises(SystemExit) as exit_code:
        facts = treelite_child.read_facts(path)
        treelite_child.read_nodes(path, facts)
    assert exit_code.value.code == 3


def trees(learner):
    return learner["gradient_booster"]["model"]["trees"]


REFUSED = {
    "objective": (lambda v: v["objective"].update(name="reg:squarederror"), "objective reg:squarederror"),
    "booster": (lambda v: v["gradient_booster"].update(name="gblinear"), "booster gblinear"),
    "targets": (lambda v: v["learner_model_param"].update(num_target="2"), "several targets"),
    "vector leaves": (lambda v: trees(v)[0]["tree_param"].update(size_leaf_vector="3"), "vector leaves"),
    "pandas categories": (lambda v: v["gradient_booster"]["model"].update(cats={"enc": [{}]}), "pandas categories"),
    "no trees": (lambda v: v["gradient_booster"]["model"].update(trees=[], iteration_indptr=[0]), "0 of 0 trees"),
    "too many rounds": (lambda v: v["gradient_booster"]["model"].update(iteration_indptr=[0, 99]), "99 of 9 trees"),
    "best before the first": (lambda v: v["attributes"].update(best_iteration="-1"), "0 of 9 trees"),
    "best is no number": (lambda v: v["attributes"].update(best_iteration="x"), "no XGBoost JSON model"),
    "base score": (lambda v: v["learner_model_param"].update(base_score="[1,2]"), "base score"),
    "infinite base score": (lambda v: v["learner_model_param"].update(base_score="inf"), "base score"),
    "missing part": (lambda v: v.pop("gradient_booster"), "no XGBoost JSON model"),
    "another type": (lambda v: v.update(objective=[]), "no XGBoost JSON model"),
    "lengths differ": (lambda v: trees(v)[0].update(left_children=[1]), "Treelite does not read it"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_a_model_of_another_kind_is_refused_by_name(kind, model, capsys):
    change, fault = REFUSED[kind]
    refused(model(change))
    assert fault in capsys.readouterr().err


def test_a_refusal_reaches_the_user_in_one_line(model):
    path = model(lambda v: v["objective"].update(name="rank:ndcg"))
    with pytest.raises(InputError) as error:
        read_layout(path, Limits())
    assert str(error.value) == (
        f"{path}: objective rank:ndcg; wanted binary:logistic, multi:softprob, multi:softmax"
    )


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"hello", b'{"learner": 5}', b"\xff" * 50, b"[" * 100_000]
)
def test_no_model_is_refused(content, tmp_path, capsys):
    path = tmp_path / "m.json"
    path.write_bytes(content)
    try:
        refused(path)
    except RecursionError:
        return  # the child's main turns it into a refusal
    assert "no XGBoost JSON model" in capsys.readouterr().err


def test_missing_and_huge_files_are_refused(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="cannot be read"):
        read_layout(tmp_path / "none.json", Limits())
    with pytest.raises(InputError, match="wanted an XGBoost JSON"):
        read_layout(tmp_path, Limits())
    monkeypatch.setattr(tree_child, "MODEL_LIMIT_BYTES", 5)
    (tmp_path / "m.json").write_bytes(b"123456")
    with pytest.raises(InputError, match="6 bytes"):
        read_layout(tmp_path / "m.json", Limits())


@pytest.fixture
def child(tmp_path, monkeypatch):
    """Puts another program in the child's place."""

    def put(program):
        path = tmp_path / "child.py"
        path.write_text(program)
        monkeypatch.setattr(treelite_child, "__file__", str(path))

    return put


@pytest.mark.parametrize(
    "program,fault",
    [
        ("import os; os.kill(os.getpid(), 11)", r"crashed it \(signal 11\)"),
        ("import os; os.abort()", r"crashed it \(signal 6\)"),
        ("import time; time.sleep(60)", r"busy for 0.5 s"),
        ("", "left nothing"),
        ("import sys; open(sys.argv[-1], 'wb').write(b'junk')", "left nothing"),
        ("raise SystemError('odd')", "failed it .*odd"),
    ],
)
def test_crash_hang_and_silence_are_input_errors(program, fault, child, model):
    child(program)
    limits = Limits(time_s=0.5 if "sleep" in program else 60)
    with pytest.raises(InputError, match=fault) as error:
        read_layout(model(), limits)
    assert "\n" not in str(error.value)


def test_memory_is_bounded(model):
    with pytest.raises(InputError):
        read_layout(model(), Limits(memory_bytes=60 << 20))


def test_bad_indices_are_refused_whatever_they_do_to_the_reader(model):
    def spoil(learner):
        for tree in trees(learner):
            tree["left_children"] = [
                10**6 if child > 0 else child for child in tree["left_children"]
            ]

    with pytest.raises(InputError) as error:
        trees_of(read_layout(model(spoil), Limits(time_s=30)), "m")
    assert "\n" not in str(error.value)
