"""Builds by a stand-in of TensorRT for a device that is described, not there."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import toy_graphs as toy
from stand_in import Script, library

from leukoscope.bundle.manifest import Variant
from leukoscope.bundle.read import open_bundle
from leukoscope.bundle.write import extend_bundle
from leukoscope.errors import InputError, MachineError
from leukoscope.runtime.backends.cuda.driver import DeviceFacts
from leukoscope.runtime.engines import build as building
from leukoscope.runtime.engines import cache, logger, memory
from leukoscope.runtime.engines.build import ASKED, DAMAGED, FIRST, Device, build_engine
from leukoscope.runtime.engines.request import BuildRequest

ORIN = DeviceFacts("Orin", (8, 7), True, (12, 6), 8 << 30, "pycuda")


class Notes:
    def __init__(self):
        self.lines = []

    def track(self, items, what, total=None):
        yield from items

    def note(self, text):
        self.lines.append(text)


class Place:
    """A bundle, a folder for engines, a stand-in of TensorRT, and a device."""

    def __init__(self, bundle, folder, monkeypatch):
        self.bundle, self.folder, self.patch = open_bundle(bundle), folder, monkeypatch
        self.script, self.notes = Script(), Notes()
        self.device = Device(ORIN, 4 << 30)
        self.version = "10.3.0"
        monkeypatch.setattr(logger, "_LOGGERS", {})
        monkeypatch.setattr(logger, "_EARS", {})
        monkeypatch.setattr(
            building, "load_tensorrt", lambda name: library(self.script, name, self.version)
        )

    def build(self, network="xincept_all", precision="fp32", **request):
        return build_engine(
            self.bundle,
            network,
            precision,
            BuildRequest(**{"check_memory": False, **request}),
            self.notes,
            device=self.device,
            folder=self.folder,
        )


@pytest.fixture
def place(ready_bundle, tmp_path, monkeypatch):
    return Place(ready_bundle, tmp_path, monkeypatch)


def test_the_first_is_built_the_next_is_used_again(place):
    first, second = place.build(), place.build()
    assert (first.reused, first.why_rebuilt) == (False, FIRST)
    assert (second.reused, second.why_rebuilt) == (True, "")
    assert second.path == first.path and second.layers == first.layers
    assert place.script.builds == 1
    (line,) = place.notes.lines
    assert line == "xincept_all: building fp32 for Orin with TensorRT 10.3.0, as it is the first"


def test_what_changed_is_said_in_one_line(place):
    place.build()
    place.version = "10.16.1.11"
    assert place.build().why_rebuilt == "the builder's version changed from 10.3.0 to 10.16.1.11"
    assert place.build(batches=(1, 4)).why_rebuilt.startswith("the batch sizes changed from 1 to 8")
    assert len(place.notes.lines) == 3


def test_a_build_on_demand_and_after_damage(place):
    first = place.build()
    assert place.build(rebuild=True).why_rebuilt == ASKED
    first.path.write_bytes(b"damaged")
    assert place.build().why_rebuilt == DAMAGED
    assert place.build().reused


def test_a_board_that_shares_its_memory_keeps_three_quarters(place):
    place.build()
    assert place.script.calls["limit"] == ("workspace", 1 << 30)
    place.build("sg_cldff", workspace_bytes=64 << 20)
    assert place.script.calls["limit"] == ("workspace", 64 << 20)


def test_timings_lie_beside_the_engines_and_serve_both_networks(place):
    place.build()
    place.build("sg_cldff")
    assert place.script.calls["timing"] == [b"", b"+"]
    assert len(list(place.folder.glob("timing-*.cache"))) == 1


def test_tensorrt_rtx_has_no_timing_cache(place):
    place.build(backend="tensorrt-rtx")
    assert "timing" not in place.script.calls


def test_memory_is_asked_for_before_anything_is_built(place, tmp_path):
    place.device = Device(ORIN, 100 << 20)
    with pytest.raises(MachineError, match="are free on the device"):
        place.build(check_memory=True)
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 4000000 kB\nMemAvailable: 200000 kB\n")
    check = memory.check_host_memory
    place.patch.setattr(
        building, "check_host_memory", lambda *a, **k: check(*a, **k, meminfo=meminfo)
    )
    with pytest.raises(MachineError, match=r"195 MiB of memory are free.*--skip-memory-check"):
        place.build(check_memory=True)
    assert place.script.builds == 0


def test_nothing_is_kept_of_a_build_that_failed(place):
    place.script.plan = None
    with pytest.raises(InputError):
        place.build()
    assert list(place.folder.iterdir()) == []


def test_a_scale_that_would_be_computed_in_float_stops_the_build(place, ready_bundle, tmp_path):
    graph = toy.quantized_graph()
    toy.put(graph, "gated.scale", np.array([0.03], np.float32))

    def with_int8(manifest):
        entry = manifest.networks["xincept_all"]
        variants = {**entry.variants, "int8": Variant("bad.onnx")}
        networks = {**manifest.networks, "xincept_all": replace(entry, variants=variants)}
        return replace(manifest, networks=networks)

    root = tmp_path / "copy"
    shutil.copytree(ready_bundle, root)
    place.bundle = extend_bundle(root, with_int8, {"bad.onnx": graph.SerializeToString()})
    with pytest.raises(InputError, match=r"bad\.onnx: the node QuantizeLinear on gated"):
        place.build(precision="int8")
    assert place.script.builds == 0


def test_a_new_engine_is_unproved(place):
    assert not cache.read(place.build().key, place.folder).proved


def test_without_a_device_tensorrt_rtx_has_another_way(monkeypatch):
    def nothing():
        raise MachineError("no driver", next_step="install it")

    monkeypatch.setattr(building, "open_device", nothing)
    with pytest.raises(
        MachineError, match="install it; to build for another machine's device give"
    ):
        building.find_device(BuildRequest("tensorrt-rtx"))
    with pytest.raises(MachineError, match=r"install it$"):
        building.find_device(BuildRequest("tensorrt"))
