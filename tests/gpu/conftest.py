"""The device, the bundle, and the record of what was measured on the device."""

import json
import os
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import machine

from leukoscope.errors import LeukoscopeError

NOTE = "Figures of one device, one run; clocks and temperature were as they were."
OUTCOMES, FIGURES = {}, {}


def pytest_runtest_logreport(report):
    """The worst of a test's three phases counts."""
    if "/gpu/" in report.nodeid and (report.when == "call" or report.outcome != "passed"):
        name = report.nodeid.partition("gpu/")[2]
        why = str(report.longrepr)[-400:] if report.outcome != "passed" else ""
        OUTCOMES[name] = {
            "outcome": report.outcome,
            "seconds": round(report.duration, 3),
            "why": why,
        }


def pytest_sessionfinish():
    """Writes the record, if run.py asked for one."""
    path = os.environ.get("LEUKOSCOPE_GPU_RECORD")
    if path and OUTCOMES:
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        record = {"schema": 1, "written_at": now, "note": NOTE, "machine": machine.describe()}
        text = json.dumps({**record, "figures": FIGURES, "tests": OUTCOMES}, indent=1)
        Path(path).write_text(text.replace(str(Path.home()), "~") + "\n", encoding="utf-8")


@pytest.fixture
def figure(request):
    """`figure("copy_gb_per_s", 9.1)` keeps a figure under the test's name; it is never asserted."""

    def keep(name, value):
        FIGURES.setdefault(request.node.name, {})[name] = value

    return keep


@pytest.fixture(params=["pycuda", "cuda-python"])
def device(request):
    """Device 0, through each binding that is installed."""
    from leukoscope.runtime.backends.cuda.opening import load_driver, open_device

    try:
        load_driver(request.param)
    except LeukoscopeError as error:
        pytest.skip(f"{request.param} does not load: {error.found}")
    with open_device(binding=request.param) as opened:
        FIGURES["device"] = {
            "name": opened.facts.name,
            "compute_capability": ".".join(map(str, opened.facts.compute_capability)),
            "integrated": opened.facts.integrated,
            "cuda_of_the_driver": ".".join(map(str, opened.facts.driver_version)),
            "total_bytes": opened.facts.total_bytes,
            "free_bytes": opened.free_bytes(),
        }
        yield opened


@pytest.fixture(params=["tensorrt", "tensorrt-rtx"])
def library(request):
    """Each builder that is installed."""
    from leukoscope.runtime.engines.library import load_tensorrt

    try:
        return load_tensorrt(request.param)
    except LeukoscopeError as error:
        pytest.skip(f"{error.found}")


@pytest.fixture
def bundle(request):
    """The bundle of LEUKOSCOPE_GPU_BUNDLE (`--bundle`), else the one that the package ships (fp32 only)."""
    from leukoscope.bundle.read import open_bundle

    named = os.environ.get("LEUKOSCOPE_GPU_BUNDLE")
    return open_bundle(Path(named) if named else request.getfixturevalue("ready_bundle"))
