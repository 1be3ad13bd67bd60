"""Fixtures that more than one test file needs, and the rule for skips."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

import leukoscope
from leukoscope.bundle.tree_kernel import find_kernel

REPOSITORY = Path(__file__).resolve().parent.parent
# In continuous integration the same code is tried with the same examples; elsewhere each run tries others.
settings.register_profile("repeatable", derandomize=True)
if os.environ.get("CI") or "LEUKOSCOPE_REQUIRE" in os.environ:
    settings.load_profile("repeatable")

REQUIRED = set(filter(None, os.environ.get("LEUKOSCOPE_REQUIRE", "").split(",")))


def skip_or_fail(need: str, reason: str, command: str) -> None:
    """Skips with the reason and the command that ends the skip; fails where LEUKOSCOPE_REQUIRE names `need`."""
    message = f"{need}: {reason}; to run it: {command}"
    if need in REQUIRED:
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real images (docs/datasets.md), from LEUKOSCOPE_DATA or beside the checkout."""
    root = Path(os.environ.get("LEUKOSCOPE_DATA", REPOSITORY.parent / "shared" / "data"))
    if not root.is_dir():
        skip_or_fail("data", f"no real images at {root}", "LEUKOSCOPE_DATA=DIR make test")
    return root


@pytest.fixture(scope="session")
def ready_bundle(tmp_path_factory) -> Path:
    """The bundle that the package ships, unpacked."""
    root = tmp_path_factory.mktemp("ready") / "bundle"
    shutil.unpack_archive(Path(leukoscope.__file__).parent / "ready" / "bundle.zip", root)
    return root


@pytest.fixture(scope="session")
def ready_checkpoints(tmp_path_factory) -> Path:
    """The checkpoints and the trees that the package ships, unpacked."""
    root = tmp_path_factory.mktemp("ready") / "checkpoints"
    shutil.unpack_archive(Path(leukoscope.__file__).parent / "ready" / "checkpoints.zip", root)
    return root


@pytest.fixture
def tree_kernel():
    """The C kernel that walks trees, as this install has it."""
    kernel = find_kernel()
    if kernel is None:
        skip_or_fail("kernel", "it was not built", "pip install --editable . (with a C compiler)")
    return kernel


@pytest.fixture(params=["kernel", "numpy"])
def tree_walk(request, monkeypatch) -> str:
    """Both walks through trees, one after the other."""
    if request.param == "kernel":
        request.getfixturevalue("tree_kernel")
    else:
        for module in ("leukoscope.bundle.tree_blob", "leukoscope.export.tree_parity"):
            monkeypatch.setattr(f"{module}.find_kernel", lambda: None, raising=False)
    return request.param
