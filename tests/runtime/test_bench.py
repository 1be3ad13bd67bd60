import pytest
from toy_bundle import Toy, write_toy_bundle
from variants import add_variant

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


def test_nobody_looks_for_cells_where_they_are_not_asked_for(toy_bundle):
    assert open_bench(toy_bundle, "xincept_all", CPU, find_cells=False).cell_finder is None


def test_a_bundle_without_sg_cldff_finds_no_cells(tmp_path):
    bundle = write_toy_bundle(tmp_path / "b", Toy(networks=("xincept_all",)))
    assert open_bench(bundle, "xincept_all", CPU).cell_finder is None


def test_a_variant_that_is_not_there_is_named(toy_bundle):
    with pytest.raises(InputError, match="int8"):
        open_bench(toy_bundle, "sg_cldff", Settings(precision="int8"))


@pytest.mark.parametrize("outcome", ["passed", "failed", None])
def test_variants_are_measured_beside_float_whatever_their_gate_said(tmp_path, outcome):
    root = write_toy_bundle(tmp_path / "b").root
    bundle = add_variant(root, "xincept_all", "int8", outcome)
    bench = open_bench(bundle, "xincept_all", CPU)
    assert bench.reference == "fp32" and bench.variants == ("fp32", "int8")
    one = open_bench(bundle, "xincept_all", Settings(backend="onnxruntime-cpu", precision="int8"))
    assert one.variants == ("int8",) and list(one.pipelines) == ["fp32", "int8"]


def test_cells_are_found_by_the_float_model_even_where_int8_passed(tmp_path, monkeypatch):
    monkeypatch.setattr("leukoscope.runtime.precision.multiplies_bytes", lambda: True)
    bundle = add_variant(write_toy_bundle(tmp_path / "b").root, "sg_cldff", "int8", "passed")
    finder = open_bench(bundle, "xincept_all", CPU).cell_finder
    assert finder.engines["sg_cldff"].backend.precision == "fp32"
