"""The stand-in for TensorRT has nothing that the real one lacks: each name and each signature is there."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "engines" / "bindings"))

from real_bindings import VERSIONS, Bindings, fetch
from trt_uses import defined

STAND_IN = Path(__file__).resolve().parent / "stand_in_engine" / "tensorrt.py"
MEMBERS = [
    ("DataType", "FLOAT"), ("DataType", "HALF"), ("DataType", "UINT8"),
    ("TensorIOMode", "INPUT"), ("TensorIOMode", "OUTPUT"),
    ("ExecutionContextAllocationStrategy", "STATIC"), ("ExecutionContextAllocationStrategy", "USER_MANAGED"),
    ("ILogger", "INTERNAL_ERROR"), ("ILogger", "ERROR"), ("ILogger", "WARNING"),
]  # fmt: skip


def uses(source):
    """What the stand-in defines, as the real bindings are asked for it."""
    chains = [use.chain for use in defined(source, "tensorrt.py")]
    return chains + [("trt", ("get", owner), ("get", name)) for owner, name in MEMBERS]


def test_every_public_name_of_the_stand_in_is_asked_for():
    chains = json.dumps(uses(STAND_IN.read_text(encoding="utf-8")))
    for name in ("execute_async_v3", "set_device_memory", "update_device_memory_size_for_shapes"):
        assert name in chains


@pytest.mark.heavy
@pytest.mark.parametrize("version", [*VERSIONS, "tensorrt-rtx"])
def test_the_real_bindings_have_all_of_it(request, version):
    if version == "tensorrt-rtx":
        pytest.importorskip("tensorrt_rtx", reason="rtx: not installed; to run it: make test-all")
        real = Bindings("tensorrt-rtx", "tensorrt_rtx")
    else:
        try:
            real = fetch(version, Path(request.config.cache.mkdir("tensorrt_bindings")))
        except (RuntimeError, OSError) as error:
            pytest.skip(f"bindings: {error}; to run it: make test-all, with the package index")
    text = STAND_IN.read_text(encoding="utf-8")
    chains = uses(text)
    wrong = [words for words in real.check(chains).faults if words]
    assert not wrong, wrong
    spoilt = uses(text.replace("def set_device_memory(", "def set_devise_memory("))
    assert [w for w in real.check(spoilt).faults if w], "a wrong name goes unnoticed"
