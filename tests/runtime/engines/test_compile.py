import pytest
from stand_in import Script, library, parser_error

from leukoscope.errors import InputError, MachineError, UsageError
from leukoscope.progress import Silent
from leukoscope.runtime.engines import logger
from leukoscope.runtime.engines.compile import Graph, compile_plan
from leukoscope.runtime.engines.request import BuildRequest
from leukoscope.runtime.engines.timing_cache import TimingCache

GRAPH = Graph("sg_cldff", "int8_fp16", "sg_cldff.int8_fp16.onnx", b"graph")


@pytest.fixture(autouse=True)
def own_logger(monkeypatch):
    monkeypatch.setattr(logger, "_LOGGERS", {})
    monkeypatch.setattr(logger, "_EARS", {})


def compiled(script, request=BuildRequest(batches=(2, 4)), **more):  # noqa: B008
    return compile_plan(library(script), GRAPH, request, Silent(), **more)


def test_the_network_is_strongly_typed_and_has_its_profile_and_limit():
    script = Script(plan=b"plan bytes")
    found = compiled(script, workspace_bytes=1 << 20)
    assert found.plan == b"plan bytes"
    assert script.calls["flags"] == 1 << 1
    assert script.calls["limit"] == ("workspace", 1 << 20)
    assert script.calls["profile"]["frames"] == ((1, 8, 8, 3), (2, 8, 8, 3), (4, 8, 8, 3))
    assert script.calls["config"].profiling_verbosity == "detailed"


def test_without_a_limit_tensorrt_chooses():
    script = Script()
    compiled(script)
    assert "limit" not in script.calls


def test_layers_come_from_the_listing_else_from_the_inspector():
    listing = (
        "Layers:\nName: a, LayerType: gemm, Inputs: [], Constants: [], Outputs: [], TacticName: "
    )
    assert [one.name for one in compiled(Script(said=[(4, listing)])).layers] == ["a"]
    assert [one.name for one in compiled(Script()).layers] == ["conv1 + relu1"]


def test_a_graph_that_the_parser_refuses():
    script = Script(parser_errors=[parser_error("head", "Unique", "false")])
    with pytest.raises(InputError, match=r"node head \(Unique\).*--precision fp16"):
        compiled(script)
    assert script.builds == 0


def test_a_build_that_gives_nothing():
    with pytest.raises(MachineError, match="not enough memory"):
        compiled(Script(plan=None, said=[(1, "CUDA out of memory")]))


def test_a_library_that_does_not_start():
    with pytest.raises(MachineError, match="does not start: factory function returned nullptr"):
        compiled(Script(starts=False))


def test_a_fixed_batch():
    with pytest.raises(UsageError, match="takes 1 frames at a time; --batch 1"):
        compiled(Script(batch=1))
    script = Script(batch=1)
    compiled(script, BuildRequest(batches=(1,)))
    assert script.calls["profile"]["frames"] == ((1, 8, 8, 3),) * 3


def test_ctrl_c_is_no_failed_build():
    pressed = []
    script = Script(phases=[("Timing", 9)])
    with pytest.raises(KeyboardInterrupt):
        compiled(script, stopped=lambda: bool(pressed.append(1)) or len(pressed) > 3)
    assert len(pressed) < 9


def test_timings_are_kept_for_the_next_build(tmp_path):
    timing = TimingCache(tmp_path / "timing.cache")
    first, second = Script(), Script()
    compiled(first, timing=timing)
    compiled(second, timing=timing)
    assert (first.calls["timing"], second.calls["timing"]) == ([b""], [b"+"])
    assert timing.path.read_bytes() == b"++"


def test_timings_of_another_device_are_left_aside(tmp_path):
    path = tmp_path / "timing.cache"
    path.write_bytes(b"other")
    script = Script(cache_fits=False)
    compiled(script, timing=TimingCache(path))
    assert script.calls["timing"] == [b"other", b""]
    assert path.read_bytes() == b"+"


@pytest.mark.parametrize("raised", [KeyboardInterrupt, BrokenPipeError])
def test_what_is_raised_while_it_builds_is_raised_afterwards(raised):
    class Breaks(Silent):
        def track(self, items, what, total=None):
            yield 0
            raise raised

    script = Script(phases=[("Timing", 3)])
    with pytest.raises(raised):
        compile_plan(library(script), GRAPH, BuildRequest(), Breaks())
    assert script.builds == 1
