"""The record and its command, as far as a machine without a device can show them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import machine
import pytest
import run

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# R36 (release), REVISION: 4.3, GCID: 38968081, BOARD: generic, EABI: aarch64", "36.4.3"),
        ("# R39 (release), REVISION: 2.1, GCID: 46758480, BOARD: generic", "39.2.1"),
        ("", None),
        (None, None),
        ("something else", None),
    ],
)
def test_the_release_of_jetson_linux_is_read(text, expected):
    assert machine.jetson_linux(text) == expected


def test_the_machine_is_described_in_json():
    told = json.loads(json.dumps(machine.describe()))
    assert told["python"] == ".".join(map(str, sys.version_info[:3]))
    assert told["packages"]["numpy"] and told["memory_bytes"] > 1 << 28
    assert {"jetpack", "power_mode", "driver", "commit", "board"} <= set(told)


def test_without_a_device_it_says_so_in_one_line(tmp_path):
    if not machine.missing():
        pytest.skip("this machine has all that the tests of a device need")
    output = tmp_path / "record.json"
    command = [sys.executable, HERE / "run.py", "-o", output]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 4 and not done.stdout
    assert done.stderr.count("\n") == 1 and "this machine lacks" in done.stderr
    assert not output.exists()


def test_what_is_missing_comes_with_its_command(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "DRIVERS", (tmp_path / "none",))
    monkeypatch.setattr(machine, "version", lambda name: None)
    monkeypatch.setattr(machine, "_loads", lambda module: False)
    device, builder, binding, *rest = machine.missing()
    assert (
        "NVIDIA device" in device
        and "docs/jetson.md" in builder
        and "pip install pycuda" in binding
    )
    assert len(rest) == 2 and all("pip install" in one for one in rest)


def test_debians_tensorrt_counts_though_pip_does_not_know_it(monkeypatch, tmp_path):
    (tmp_path / "driver").touch()
    monkeypatch.setattr(machine, "DRIVERS", (tmp_path / "driver",))
    known = {"pytest": "9", "leukoscope": "1", "pycuda": "2026.1"}
    monkeypatch.setattr(machine, "version", known.get)
    monkeypatch.setattr(machine, "_loads", lambda module: module == "tensorrt")
    assert machine.missing() == []


def test_the_command_passes_the_bundle_and_pytests_options(monkeypatch, tmp_path):
    called = {}
    monkeypatch.setattr(machine, "missing", list)
    monkeypatch.setattr(os, "environ", dict(os.environ))

    def stand_in(command, **_):
        called["command"] = command
        return subprocess.CompletedProcess(command, 5)

    monkeypatch.setattr(run.subprocess, "run", stand_in)
    assert run.main(["-o", str(tmp_path / "r.json"), "--bundle", str(tmp_path), "-k", "graph"]) == 1
    assert called["command"][-2:] == ["-k", "graph"] and "gpu" in called["command"]
    assert os.environ["LEUKOSCOPE_GPU_BUNDLE"] == str(tmp_path)
    assert os.environ["LEUKOSCOPE_GPU_RECORD"] == str(tmp_path / "r.json")


def test_make_calls_it():
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    assert "\ntest-gpu:" in makefile and "tests/gpu/run.py" in makefile


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("file", "chosen", "expected"),
    [
        ("test_device.py", "", "test_a_graph_runs_again"),
        ("test_engines.py", "sg_cldff-fp32 and not rtx", "test_a_wrong_engine_is_not_used"),
        ("test_layers.py", "not rtx", "test_the_layers_of_an_engine"),
    ],
)
def test_the_tests_of_a_device_pass_on_the_emulated_one(tmp_path, file, chosen, expected):
    """A rehearsal: on the emulated driver, with the stand-in for TensorRT, and the record that comes of it."""
    pytest.importorskip("cuda.bindings", reason="cuda-bindings is not installed: make test-all")
    backends = REPOSITORY / "tests" / "runtime" / "backends"
    sys.path.insert(0, str(backends / "cuda"))
    import emulator

    pycuda = list(Path(sys.prefix).glob("lib/python*/site-packages/pycuda/_driver*.so"))
    library = emulator.build(tmp_path, next(iter(pycuda), None))
    record = tmp_path / "record.json"
    command = [sys.executable, "-m", "pytest", "-q", "-m", "gpu", HERE / file, "-k", chosen]
    folders = (HERE, backends / "stand_in_engine", backends / "cuda")
    done = subprocess.run(
        [*command, "-p", "rehearsal", "-p", "no:cacheprovider"],
        cwd=REPOSITORY, capture_output=True, text=True,
        env={
            **os.environ, "LD_LIBRARY_PATH": str(library), "LEUKOSCOPE_GPU_RECORD": str(record),
            "PYTHONPATH": os.pathsep.join(map(str, folders)), "OMP_NUM_THREADS": "1",
        },
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    told = json.loads(record.read_text())
    passed = [name for name, test in told["tests"].items() if test["outcome"] == "passed"]
    assert any(expected in name for name in passed)
    assert told["figures"] and told["machine"]["python"]
