import json
import shutil
import subprocess
import sys


def inspect(*words):
    return subprocess.run(
        [sys.executable, "-m", "leukoscope", "inspect", *map(str, words)],
        capture_output=True,
        text=True,
    )


def test_a_bundle_in_words(ready_bundle):
    done = inspect(ready_bundle)
    assert done.returncode == 0
    for words in ("every hash verified", "xincept_all", "Benign, Early, Pre, Pro", "trees:"):
        assert words in done.stdout
    assert "colours known from training: iranian_all" in done.stdout
    assert "parity of cams" in done.stdout and "Research use only" in done.stdout


def test_as_json_with_the_long_lists_counted(ready_bundle):
    value = json.loads(inspect(ready_bundle, "--json").stdout)
    network = value["networks"]["xincept_all"]
    assert network["provenance"]["training_images"] > 1000
    assert network["provenance"]["colours"] == {"training": {"iranian_all": 1572}}
    assert value["schema"] == 1 and len(value["manifest_sha256"]) == 64


def test_one_changed_byte_is_exit_1(ready_bundle, tmp_path):
    broken = shutil.copytree(ready_bundle, tmp_path / "broken")
    file = broken / "xincept_all.fp32.onnx"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    done = inspect(broken)
    assert done.returncode == 1 and "SHA-256" in done.stderr and "Traceback" not in done.stderr
