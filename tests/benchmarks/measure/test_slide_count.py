"""The script from its command line, on two stops of a small slide: every figure is there, by each way."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
KEYS = "size=320x240&rate=12&blurred=0&returns=0&dwell=0.8&touching=0"


def run(*words):
    command = [sys.executable, str(ROOT / "benchmarks" / "slide_count.py"), *words]
    return subprocess.run(command, capture_output=True, text=True)


def test_a_slide_is_counted_by_every_way(ready_bundle, tmp_path):
    words = ["--stages", "early", "--seeds", "1", "--stops", "2", "--keys", KEYS]
    ways = ["stage", "video", "folder"]
    done = run(str(ready_bundle), "-o", str(tmp_path / "out"), *words, "--way", *ways)
    assert done.returncode == 0, done.stderr
    value = json.loads(
        (tmp_path / "out" / "slide_count.json").read_text(), parse_constant=pytest.fail
    )
    assert value["notice"] == "research use only" and set(value["totals"]) == set(ways)
    for row in value["slides"]:
        assert row["fields"] == row["stops"] == 2
        assert row["painted"]["touching_share"] == 0 < row["true"]
        assert row["counted"] - row["twice"] > 0.6 * row["true"]
    page = (tmp_path / "out" / "slide_count.md").read_text()
    assert page.count("| stage=early&seed=1&stops=2&") == 3 and "Research use only." in page


def test_bad_keys_are_one_line(ready_bundle, tmp_path):
    done = run(str(ready_bundle), "-o", str(tmp_path), "--keys", "touching=2")
    assert done.returncode == 1 and done.stderr.strip().count("\n") == 0
    assert "touching" in done.stderr
