import json

import pytest

from leukoscope.calibration.workspace import Workspace, digest
from leukoscope.errors import InputError


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
        f'[]\n{{"key": 1}}\n\xff\nnull\n{"[" * 200_000}\n' + json.dumps({"key": "k", "answer": 5})
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


def test_two_at_once_are_refused_and_one_after_the_other_is_not(tmp_path):
    with Workspace(tmp_path / "bundle") as first:
        first.keep("k", 1)
        with pytest.raises(InputError, match="another calibration is at work"):
            Workspace(tmp_path / "bundle")
        assert first.recall("k") == 1
    with Workspace(tmp_path / "bundle") as after:
        assert after.recall("k") == 1


@pytest.mark.parametrize("kind", ["file", "folder", "steps", "link"])
def test_what_is_not_ours_is_refused_and_stays(tmp_path, kind):
    root = tmp_path / "bundle.calibrating"
    if kind == "file":
        root.write_text("mine")
    elif kind == "folder":
        root.mkdir()
        (root / "thesis.txt").write_text("mine")
    elif kind == "steps":
        (root / "steps.jsonl").mkdir(parents=True)
    else:
        root.symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="move it away"):
        Workspace(tmp_path / "bundle")
    assert root.is_symlink() or root.is_file() or any(root.iterdir())


def test_bundles_that_a_kill_left_half_made_go_and_the_report_stays(tmp_path):
    root = tmp_path / "bundle.calibrating"
    for name in ("tried", ".candidate.new-abc"):
        (root / name).mkdir(parents=True)
        (root / name / "junk").write_text("junk")
    (root / "candidate").write_text("junk")
    (root / "validation.html").write_text("a failed gate's")
    (root / "steps.jsonl").write_text("")
    with Workspace(tmp_path / "bundle"):
        assert {path.name for path in root.iterdir()} == {"steps.jsonl", "validation.html"}
