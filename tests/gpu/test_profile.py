"""`leukoscope profile` on the device: its own times of copies and computation, and what its monitor says."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.gpu


def leukoscope(*words, cwd):
    command = [sys.executable, "-m", "leukoscope", *map(str, words)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_copies_and_computation_are_told_apart(bundle, library, tmp_path, figure):
    leukoscope("build", bundle.root, "--backend", library.name, cwd=tmp_path)
    words = ("profile", bundle.root, "--backend", library.name, "--quick", "--json")
    found = json.loads(leukoscope(*words, cwd=tmp_path))
    figure("trusted", found["reasons"] or True)
    assert found["variants"] and found["not_measured"] == []
    for one in found["variants"]:
        name = f"{one['network']} {one['precision']}"
        figure(f"{name} latency_ms", one["latency_ms"])
        figure(f"{name} copies", one["copies"])
        assert one["backend"] == library.name and one["copies"]["engine_ms"] > 0
        copied = one["copies"]["copy_in_ms"]
        assert (copied is None) == (one["copies"]["copy_out_ms"] is None)
        assert copied is None or copied > 0
    run = found["runs"][0]
    figure("frame age", run["stream"]["age_ms"])
    assert run["stream"]["fields"] > 0 and run["cold_start"]["n"] > 0
