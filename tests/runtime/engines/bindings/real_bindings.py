"""TensorRT's real Python bindings, of several versions, without NVIDIA's libraries: the package index has the bindings alone.

bindings = fetch("11.4.0.106", folder)          # downloads, unpacks, compiles stubs.c in the place of the libraries
bindings.check(chains) -> Told(version, faults, members)
"""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGE = "tensorrt-cu12-bindings"
VERSIONS = ("10.3.0", "10.16.1.11", "11.4.0.106")
"""JetPack 6.2; JetPack 7.2; JetPack 7.2.2 and desktops of today."""
LIBRARIES = ("nvinfer", "nvonnxparser", "nvinfer_plugin")


@dataclass(frozen=True)
class Told:
    """What the bindings say: `faults[i]` is None, or what is wrong with the i-th chain."""

    version: str
    faults: list
    members: list


@dataclass(frozen=True)
class Bindings:
    """A module to import in a child process, and the environment in which that works."""

    name: str
    module: str
    environment: dict = field(default_factory=dict)

    def check(self, chains):
        command = [sys.executable, "-s", str(HERE / "bindings_child.py"), self.module]
        done = subprocess.run(
            command, input=json.dumps(chains), capture_output=True, text=True,
            env={**os.environ, **self.environment},
        )  # fmt: skip
        assert done.returncode == 0, f"{self.name}: {done.stderr[-3000:]}"
        return Told(**json.loads(done.stdout))


def fetch(version, folder):
    """The bindings of a version, from `folder` if they are there; RuntimeError with the reason if they cannot be had."""
    root = folder / version
    if not (root / "ready").exists():
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        _download(version, root)
        _stub(version.split(".")[0], root)
        (root / "ready").touch()
    environment = {"PYTHONPATH": str(root), "LD_LIBRARY_PATH": str(root / "lib")}
    return Bindings(f"tensorrt {version}", "tensorrt_bindings", environment)


def _download(version, root):
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", root]
    done = subprocess.run([*command, f"{PACKAGE}=={version}"], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"no {PACKAGE} {version} for this Python: {done.stderr.strip()[-300:]}")
    for wheel in root.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(root)


def _stub(major, root):
    (root / "lib").mkdir()
    for name in LIBRARIES:
        soname = f"lib{name}.so.{major}"
        command = ["cc", "-shared", "-fPIC", f"-Wl,-soname,{soname}", "-o", root / "lib" / soname]
        done = subprocess.run([*command, HERE / "stubs.c"], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"the stub libraries did not compile: {done.stderr[-300:]}")


def undefined_nvidia_symbols(root):
    """Names that the extension wants of NVIDIA's libraries, by `nm`."""
    extension = root / "tensorrt_bindings" / "tensorrt.so"
    listed = subprocess.run(
        ["nm", "-D", "--undefined-only", extension], capture_output=True, text=True, check=True
    )
    return set(
        re.findall(
            r"U ((?:create|get|init)\w*(?:_INTERNAL|Registry|Version|Plugins))$",
            listed.stdout,
            re.M,
        )
    )
