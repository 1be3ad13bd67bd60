"""The stand-in for TensorRT has nothing that the real one lacks: each name and each signature is there."""

import ast
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "engines" / "bindings"))

from real_bindings import VERSIONS, Bindings, fetch
from trt_uses import defined

STAND_IN = Path(__file__).resolve().parent / "stand_in_engine"
SOURCES = (STAND_IN / "tensorrt.py", STAND_IN / "builder" / "stand_in_builder.py")
TEXT = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)


def uses(text):
    """What the stand-in defines, as the real bindings are asked for it: classes, methods, members of enums."""
    classes = [n for n in ast.parse(text).body if isinstance(n, ast.ClassDef) and n.name[0] != "_"]
    members = [
        ("trt", ("get", owner.name), ("get", target.id))
        for owner in classes
        for line in owner.body
        if isinstance(line, ast.Assign)
        for target in line.targets
        if isinstance(target, ast.Name) and target.id[0] != "_"
    ]
    return members + [use.chain for use in defined(text, "tensorrt.py", {n.name for n in classes})]


def test_every_public_name_of_the_stand_in_is_asked_for():
    chains = json.dumps(uses(TEXT))
    for name in ("execute_async_v3", "set_device_memory", "USER_MANAGED", "create_timing_cache"):
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
    wrong = [words for words in real.check(uses(TEXT)).faults if words]
    assert not wrong, wrong


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("def set_device_memory(", "def set_devise_memory("),
        ("def set_device_memory(self, memory, size)", "def set_device_memory(self, memory)"),
        ("USER_MANAGED = 2", "OURS = 2"),
        ("class ITimingCache", "class ICache"),
    ],
)
def test_what_the_real_bindings_lack_is_noticed(right, wrong):
    pytest.importorskip("tensorrt_rtx", reason="rtx: not installed; to run it: make test-all")
    assert right in TEXT
    faults = Bindings("tensorrt-rtx", "tensorrt_rtx").check(uses(TEXT.replace(right, wrong))).faults
    assert any(faults)
