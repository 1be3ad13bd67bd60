import json

from leukoscope.calibration.workspace import Workspace, digest


def test_answers_outlive_the_process(tmp_path):
    with Workspace(tmp_path / "bundle") as first:
        first.keep("a/x", {"n": 1.25})
        first.keep("a/y", [1, 2])
    with Workspace(tmp_path / "bundle") as again:
        assert again.recall("a/x") == {"n": 1.25}
        assert again.recall("b/x") is None
        assert again.count("a/") == 2 and again.count("b/") == 0


def test_a_line_cut_short_by_a_kill_is_passed_over_and_the_next_is_whole(tmp_path):
    with Workspace(tmp_path / "bundle") as first:
        first.keep("one", 1)
        steps = first.root / "steps.jsonl"
    with steps.open("a") as file:
        file.write('\n{"key": "two", "ans')
    with Workspace(tmp_path / "bundle") as again:
        assert again.recall("one") == 1 and again.recall("two") is None
        again.keep("three", 3)
    with Workspace(tmp_path / "bundle") as last:
        assert last.recall("three") == 3 and last.recall("one") == 1


def test_lines_of_other_shapes_are_passed_over(tmp_path):
    root = tmp_path / "bundle.calibrating"
    root.mkdir()
    (root / "steps.jsonl").write_text(
        '[]\n{"key": 1}\n\xff\nnull\n' + json.dumps({"key": "k", "answer": 5})
    )
    with Workspace(tmp_path / "bundle") as workspace:
        assert workspace.recall("k") == 5


def test_an_answer_is_on_the_disk_when_keep_returns(tmp_path):
    workspace = Workspace(tmp_path / "bundle")
    workspace.keep("k", 5)
    assert '"k"' in (workspace.root / "steps.jsonl").read_text()
    workspace.remove()
    assert not workspace.root.exists()


def test_a_digest_depends_on_values_and_not_on_the_order_of_keys():
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})
