"""compare.py from its command line: what it prints and its exit code."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from timing.interval import Interval
from timing.record import HIGHER, LOWER, Figure

ROOT = Path(__file__).resolve().parents[2]


def figure(value, spread=0.01, better=LOWER, unit="ms"):
    return Figure(Interval(value, value * (1 - spread), value * (1 + spread), 9), unit, better)


def write(path, figures, tool="some_tool", **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    values = {name: one.to_json() for name, one in figures.items()}
    path.write_text(json.dumps({"schema": 1, "tool": tool, "figures": values, **more}))
    return path


def compare(*words):
    command = [sys.executable, str(ROOT / "benchmarks" / "compare.py"), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("before", "after", "code", "word"),
    [
        (figure(100), figure(100), 0, None),
        (figure(100), figure(120), 3, "worse"),
        (figure(100), figure(80), 0, "better"),
        (figure(100), figure(106), 0, None),  # beyond the tolerance, its interval is not
        (figure(100), figure(120, spread=0.2), 0, None),
        (figure(2, better=HIGHER), figure(1.5, better=HIGHER), 3, "worse"),
        (figure(2, better=HIGHER), figure(3, better=HIGHER), 0, "better"),
    ],
)
def test_a_regression_is_what_lies_wholly_beyond_the_tolerance(before, after, code, word, tmp_path):
    a = write(tmp_path / "a.json", {"x": before})
    b = write(tmp_path / "b.json", {"x": after})
    done = compare(a, b)
    assert done.returncode == code, done.stderr
    last = done.stdout.splitlines()[-1]
    assert ("worse" in last, "better" in last) == (word == "worse", word == "better")


def test_the_tolerance_is_the_users(tmp_path):
    a = write(tmp_path / "a.json", {"x": figure(100)})
    b = write(tmp_path / "b.json", {"x": figure(120)})
    assert compare(a, b, "--tolerance", "0.3").returncode == 0
    assert compare(a, b, "--tolerance", "0").returncode == 3


def test_the_json_says_the_same(tmp_path):
    a = write(tmp_path / "a.json", {"x": figure(100), "y": figure(1)})
    b = write(tmp_path / "b.json", {"x": figure(150), "y": figure(1)})
    done = compare(a, b, "--json")
    assert done.returncode == 3
    value = json.loads(done.stdout, parse_constant=pytest.fail)
    assert value["figures"]["x"]["verdict"] == "worse"
    assert value["figures"]["x"]["change"]["value"] == pytest.approx(1.5)
    assert value["figures"]["y"]["verdict"] == "same"
    assert "x" in done.stderr.splitlines()[-1]


def test_folders_are_compared_file_by_file(tmp_path):
    for name, after in (("one", 100), ("two", 150)):
        write(tmp_path / "old" / f"{name}.json", {"x": figure(100)}, tool=name)
        write(tmp_path / "new" / f"{name}.json", {"x": figure(after)}, tool=name)
    done = compare(tmp_path / "old", tmp_path / "new")
    assert done.returncode == 3
    assert "two, x" in done.stderr
    assert "one, x" not in done.stderr


def test_what_makes_it_weak_is_said(tmp_path):
    a = write(tmp_path / "a.json", {"x": figure(1), "y": figure(1)}, busy=True, machine={"processor": "A"})  # fmt: skip
    b = write(tmp_path / "b.json", {"x": figure(1)}, machine={"processor": "B"})
    done = compare(a, b)
    assert done.returncode == 0
    assert "the machines differ" in done.stderr
    assert "busy" in done.stderr
    assert "lacks: y" in done.stderr


@pytest.mark.parametrize(
    "other",
    [
        {"figures": {"z": figure(1)}},
        {"figures": {"x": figure(1)}, "tool": "another"},
        {"figures": {"x": figure(1, unit="s")}},
        {"figures": {"x": figure(1, better=HIGHER)}},
    ],
)
def test_what_cannot_be_compared_is_one_line(other, tmp_path):
    a = write(tmp_path / "a.json", {"x": figure(1)})
    b = write(tmp_path / "b.json", **other)
    done = compare(a, b)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: ")


@pytest.mark.parametrize("words", [(), ("--tolerance", "-1"), ("--tolerance", "nan")])
def test_bad_words_and_missing_files(words, tmp_path):
    done = compare(tmp_path / "no.json", tmp_path / "no.json", *words)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
