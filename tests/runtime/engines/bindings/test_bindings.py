"""Everything that the runtime asks of TensorRT exists in the real bindings of 10.3, 10.16, 11.4 and of TensorRT-RTX."""

from pathlib import Path

import pytest
from missed_uses import unseen
from real_bindings import HERE, undefined_nvidia_symbols
from trt_uses import Use, collect, said

import leukoscope
from leukoscope.runtime.engines import wording

pytestmark = pytest.mark.heavy

RUNTIME = Path(leukoscope.__file__).parent / "runtime"
SOURCES = {str(p.relative_to(RUNTIME)): p.read_text(encoding="utf-8") for p in sorted(RUNTIME.rglob("*.py"))}  # fmt: skip
USES = collect(SOURCES)
ONLY_IN = {"tensorrt-rtx": ("trt.ComputeCapability", ".num_compute_capabilities", ".set_compute_capability")}  # fmt: skip
"""What one library alone has, and what is only asked of it: ahead-of-time builds for a GPU that is not there."""

FAULTS = {
    "trt.BuilderFlag.INT8": "11",
    "trt.NetworkDefinitionCreationFlag.EXPLICIT_BATCH": "11",
    "trt.IInt8EntropyCalibrator2": "11",
    "def f(engine: Any): engine.device_memory_size": "11",
    "def f(parser: Any): parser.supports_model(b'')": "11",
    "def f(network: Any): network.get_input(0).dynamic_range": "11",
    "trt.OnnxParse": "all",
    "def f(network: Any): network.add_input(nome='a', dtype=trt.float16, shape=(1,))": "all",
    "def f(config: Any): config.set_memory_pool_limit(1, trt.MemoryPoolType.WORKSPACE)": "all",
    "def f(engine: Any): engine.num_io_tensors = 3": "all",
    "def f(context: Any): context.execute_async_v3()": "all",
    "def f(context: Any): context.execute_async_v3(1, 2)": "all",
    "def f(builder: Any): builder.create_network(flags='none')": "all",
    "class M(trt.IProgressMonitor):\n  def phase_finish(self): pass": "all",
    "class M(trt.IProgressMonitor):\n  def phase_finish(self, name): pass": "all",
    "b = trt.Builder(trt.Logger())\nb.create_builder_config().progres_monitor = 3": "all",
}
"""Source with a fault, and the versions that have it: removed in 11 (TensorRT-RTX has the shape of 11), or never there."""


def faults(bindings, uses):
    """(use, what is wrong) for all that the bindings lack, without what is only asked of another library."""
    wrong = zip(uses, bindings.check([u.chain for u in uses]).faults, strict=True)
    others = [end for name, ends in ONLY_IN.items() if name != bindings.name for end in ends]
    return [
        (use, words)
        for use, words in wrong
        if words and not use.optional and not said(use.chain).endswith(tuple(others))
    ]


def test_all_that_the_code_asks_is_there(bindings):
    wrong = [f"{u.file}:{u.line}: {said(u.chain)}: {words}" for u, words in faults(bindings, USES)]
    assert not wrong, f"{bindings.name}\n" + "\n".join(wrong)


def test_nothing_that_only_tensorrt_has_was_passed_over(bindings):
    members = bindings.check([]).members
    assert "execute_async_v3" in members
    missed = unseen(SOURCES, USES, members)
    assert not missed, f"not collected; name the object as in OBJECTS and annotate it Any: {missed}"


def test_the_collection_holds_what_engines_cannot_be_built_without():
    asked = {said(u.chain) for u in USES}
    for end in (".Builder", ".OnnxParser", ".build_serialized_network", ".IProgressMonitor"):
        assert any(a.endswith(end) for a in asked), end
    if (RUNTIME / "backends" / "tensorrt.py").exists():
        for end in (".deserialize_cuda_engine", ".set_tensor_address", ".execute_async_v3"):
            assert any(a.endswith(end) for a in asked), end


def test_what_only_one_library_has_is_missing_in_the_others(bindings):
    """The table of exceptions holds nothing that is no exception."""
    ends = [end for name, ends in ONLY_IN.items() if name != bindings.name for end in ends]
    uses = [u for u in USES if said(u.chain).endswith(tuple(ends))]
    assert all(bindings.check([u.chain for u in uses]).faults)


def test_faults_on_purpose_are_found(bindings):
    has_shape_of_11 = bindings.name == "tensorrt-rtx" or " 11." in bindings.name
    for text, where in FAULTS.items():
        found = faults(bindings, collect({"wrong.py": "from typing import Any\n" + text}))
        assert bool(found) == (where == "all" or has_shape_of_11), (text, found)


@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        ("engines/compile.py", "build_serialized_network", "build_engine"),
        ("engines/compile.py", "STRONGLY_TYPED", "STRONGLY_TYPE"),
        ("engines/monitor.py", "def step_complete(self, phase_name: str, ", "def step_complete(self, "),
        ("engines/parse.py", "node_operator()", "operator()"),
        ("engines/timing_cache.py", "set_timing_cache(cache, False)", "set_timing_cache(cache)"),
    ],
)  # fmt: skip
def test_a_fault_in_our_own_code_is_found(bindings, file, right, wrong):
    assert right in SOURCES[file]
    broken = {**SOURCES, file: SOURCES[file].replace(right, wrong)}
    assert {use.file for use, _ in faults(bindings, collect(broken))} == {file}


def test_what_is_looked_for_first_exists_somewhere(every_binding):
    """A misspelt `getattr(..., None)` would be silent everywhere."""
    optional = [u for u in USES if u.optional]
    told = [bindings.check([u.chain for u in optional]).faults for bindings in every_binding]
    nowhere = [u for u, *faults in zip(optional, *told, strict=True) if all(faults)]
    assert not [f"{u.file}:{u.line}: {said(u.chain)}" for u in nowhere]


def test_the_parsers_codes_that_are_put_into_words_are_codes(bindings):
    told = bindings.check([("trt", ("get", "ErrorCode"), ("get", code)) for code in wording._CODES])
    assert wording._CODES and not any(told.faults)


def test_each_binding_is_of_its_version(bindings):
    told = bindings.check([])
    assert bindings.name == "tensorrt-rtx" or told.version == bindings.name.removeprefix(
        "tensorrt "
    )


def test_the_stubs_are_all_that_the_extension_wants(bindings):
    if bindings.module == "tensorrt_bindings":
        root = Path(bindings.environment["PYTHONPATH"])
        stubs = (HERE / "stubs.c").read_text(encoding="utf-8")
        assert all(f"{name}(void)" in stubs for name in undefined_nvidia_symbols(root))


def test_a_use_is_told_with_its_place():
    assert (
        said(Use("a.py", 3, ("trt", ("get", "Builder"), ("call", ()))).chain) == "trt.Builder(...)"
    )
