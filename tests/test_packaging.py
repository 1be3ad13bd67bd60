"""What the package declares: the edge stays small, and everything that was asked for is reachable."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

REPOSITORY = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
ASKED_FOR = "tensorrt onnx onnxruntime torch xgboost treelite pycuda typer opencv-python".split()


def names(requirements: list[str]) -> set[str]:
    return {Requirement(r).name for r in requirements}


def test_base_is_the_edge_install() -> None:
    assert names(PROJECT["dependencies"]) == {
        "numpy", "opencv-python", "onnxruntime", "typer", "rich", "cryptography", "tomli"
    }  # fmt: skip


def test_the_extras_are_those_of_the_design() -> None:
    assert set(EXTRAS) == {
        "workstation", "calibration", "tensorrt", "cuda-python", "tensorrt-rtx", "openvino",
        "viewer", "parquet", "test", "dev",
    }  # fmt: skip
    assert "torch" not in names(EXTRAS["calibration"])


@pytest.mark.parametrize("package", ASKED_FOR)
def test_every_package_asked_for_is_declared(package: str) -> None:
    everything = PROJECT["dependencies"] + [r for extra in EXTRAS.values() for r in extra]
    assert package in names(everything)


def test_every_dependency_has_its_reason() -> None:
    page = (REPOSITORY / "docs" / "dependencies.md").read_text(encoding="utf-8")
    everything = PROJECT["dependencies"] + [r for extra in EXTRAS.values() for r in extra]
    missing = {
        n for n in names(everything) if not re.search(rf"^\| `{re.escape(n)}` \|", page, re.M)
    }
    assert not missing


def test_the_base_resolves_on_a_jetson(tmp_path: Path) -> None:
    """Python 3.10 on aarch64, JetPack 6; OpenCV is the system's there."""
    aarch64 = {"platform_machine": "aarch64", "python_version": "3.10", "extra": ""}
    parsed = [Requirement(r) for r in PROJECT["dependencies"]]
    base = [f"{r.name}{r.specifier}" for r in parsed if not r.marker or r.marker.evaluate(aarch64)]
    assert not any(r.startswith("opencv") for r in base)
    command = [
        sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--target", tmp_path,
        "--python-version", "3.10", "--implementation", "cp", "--abi", "cp310",
        "--platform", "manylinux_2_28_aarch64", "--platform", "manylinux_2_17_aarch64",
        "--platform", "manylinux2014_aarch64", "--only-binary=:all:", *base,
    ]  # fmt: skip
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "onnxruntime-1." in done.stdout


def test_constraints_name_versions_that_the_ranges_allow() -> None:
    everything = PROJECT["dependencies"] + [r for extra in EXTRAS.values() for r in extra]
    ranges = {Requirement(r).name: Requirement(r).specifier for r in everything}
    for line in (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pin = Requirement(line)
            (version,) = pin.specifier
            assert pin.name not in ranges or ranges[pin.name].contains(version.version), line
