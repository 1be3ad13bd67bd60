import pytest
from toy_bundle import Toy, write_toy_bundle

from leukoscope.errors import InputError
from leukoscope.runtime.bench import open_bench
from leukoscope.runtime.settings import Settings

CPU = Settings(backend="onnxruntime-cpu", threads=1)


def test_every_variant_is_opened_with_the_float_one_as_reference(toy_bundle):
    bench = open_bench(toy_bundle, "sg_cldff", CPU)
    assert bench.reference == "fp32" and bench.variants == ("fp32",)
    assert list(bench.pipelines["fp32"].engines) == ["sg_cldff"] and bench.cell_finder is None


def test_xincept_all_borrows_sg_cldffs_cells(toy_bundle):
    bench = open_bench(toy_bundle, "xincept_all", CPU)
    assert list(bench.pipelines["fp32"].engines) == ["xincept_all"]
    assert list(bench.cell_finder.engines) == ["sg_cldff"]


def test_a_bundle_without_sg_cldff_finds_no_cells(tmp_path):
    bundle = write_toy_bundle(tmp_path / "b", Toy(networks=("xincept_all",)))
    assert open_bench(bundle, "xincept_all", CPU).cell_finder is None


def test_a_variant_that_is_not_there_is_named(toy_bundle):
    with pytest.raises(InputError, match="int8"):
        open_bench(toy_bundle, "sg_cldff", Settings(precision="int8"))
