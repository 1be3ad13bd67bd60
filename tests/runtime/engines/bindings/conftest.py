"""The real bindings, fetched once and kept in pytest's cache folder."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from real_bindings import VERSIONS, Bindings, fetch


def refuse(config, *words):
    """The rule for skips, of tests/conftest.py."""
    plugins = config.pluginmanager.get_plugins()
    next(p.skip_or_fail for p in plugins if hasattr(p, "REQUIRED"))(*words)


NAMES = [*VERSIONS, "tensorrt-rtx"]


@pytest.fixture(scope="session", params=NAMES)
def bindings(request):
    """Each version's bindings in turn; skips, or fails where LEUKOSCOPE_REQUIRE names `bindings` or `rtx`."""
    return named(request.param, request.config)


@pytest.fixture(scope="session")
def every_binding(request):
    """All of them."""
    return [named(name, request.config) for name in NAMES]


def named(name, config):
    if name == "tensorrt-rtx":
        try:
            import tensorrt_rtx  # noqa: F401
        except ImportError:
            refuse(config, "rtx", "TensorRT-RTX is not installed", "make test-all")
        return Bindings(name, "tensorrt_rtx")
    try:
        return fetch(name, Path(config.cache.mkdir("tensorrt_bindings")))
    except (RuntimeError, OSError) as error:
        refuse(config, "bindings", str(error), "make test-all, where the package index is reached")
    return None
