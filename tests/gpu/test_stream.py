"""`leukoscope build` and `run` on the device, as a user types them: the same verdicts as on the processor."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.gpu

SOURCE = "synthetic://?fields=12&seed=3"


def leukoscope(*words, cwd):
    command = [sys.executable, "-m", "leukoscope", *map(str, words)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return done


def fields(bundle, backend, folder):
    file = folder / f"{backend}.jsonl"
    leukoscope("run", bundle.root, SOURCE, "--backend", backend, "--jsonl", file, cwd=folder)
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_the_verdicts_are_those_of_the_processor(bundle, library, tmp_path, figure):
    leukoscope("build", bundle.root, "--backend", library.name, cwd=tmp_path)
    on_device = fields(bundle, library.name, tmp_path)
    on_processor = fields(bundle, "onnxruntime-cpu", tmp_path)
    assert len(on_device) == len(on_processor) == 12
    same = sum(a["stage"] == b["stage"] for a, b in zip(on_device, on_processor, strict=True))
    figure("fields_with_the_same_stage", same)
    figure("frame_age_ms_median", sorted(f["frame_age_ms"] for f in on_device)[6])
    assert same >= 11


def test_doctor_finds_the_device(tmp_path, figure):
    told = json.loads(leukoscope("doctor", "--json", cwd=tmp_path).stdout)
    found = {f["what"]: f for f in told["findings"]}
    figure("doctor", {what: f["detail"] for what, f in found.items() if f["group"] == "engines"})
    assert found["NVIDIA driver"]["present"]
