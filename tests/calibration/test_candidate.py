import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "runtime"))
from toy_bundle import write_toy_bundle

from leukoscope.calibration.candidate import stage, with_variant, without_variant
from leukoscope.errors import InputError


@pytest.fixture
def bundle(tmp_path):
    return write_toy_bundle(tmp_path / "bundle")


def test_a_staged_bundle_holds_the_variant_and_the_bundle_itself_does_not(bundle, tmp_path):
    graph = bundle.graph("xincept_all", "fp32")
    before = bundle.manifest_sha256
    staged = stage(bundle, {"xincept_all": graph}, "int8", {"note.txt": b"n"}, tmp_path / "staged")
    assert staged.graph("xincept_all", "int8") == graph
    assert staged.read_bytes("note.txt") == b"n"
    assert staged.variant("xincept_all", "int8").gate is None
    with pytest.raises(InputError):
        bundle.variant("xincept_all", "int8")
    assert write_toy_bundle is not None and bundle.manifest_sha256 == before


def test_it_is_staged_anew_each_time(bundle, tmp_path):
    graph = bundle.graph("xincept_all", "fp32")
    for precision in ("int8", "fp16"):
        staged = stage(bundle, {"xincept_all": graph}, precision, {}, tmp_path / "staged")
    assert set(staged.network("xincept_all").variants) == {"fp32", "fp16"}


def test_a_variant_is_added_replaced_and_taken_out(bundle):
    manifest = with_variant(bundle.manifest, "sg_cldff", "int8", {"outcome": "failed"})
    manifest = with_variant(manifest, "sg_cldff", "int8", {"outcome": "passed"})
    assert manifest.networks["sg_cldff"].variants["int8"].gate == {"outcome": "passed"}
    assert manifest.networks["xincept_all"] == bundle.manifest.networks["xincept_all"]
    assert without_variant(manifest, "sg_cldff", "int8") == bundle.manifest
