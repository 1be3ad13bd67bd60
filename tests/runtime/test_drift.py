import numpy as np
import pytest
from stand_ins import blob_field
from toy_bundle import write_toy_bundle

from leukoscope.bundle.write import extend_bundle
from leukoscope.errors import InputError
from leukoscope.images.colour_sources import gather_sources, with_colours
from leukoscope.images.decode import read_image
from leukoscope.images.hashes import sha256_of_file
from leukoscope.runtime.drift import LEAST_FIELDS, SESSION_FIELDS, ColourDrift, open_drift
from leukoscope.runtime.provenance import training_images

LAMPS = {1: (1.0, 1.0, 1.0), 2: (0.9, 0.75, 0.8), 3: (0.95, 1.05, 0.7)}
"""Of three laboratories."""


def field(laboratory, seed):
    """uint8 [H, W, 3]: a dozen cells under the laboratory's lamp, which varies a little with the seed."""
    rng = np.random.default_rng([laboratory, seed])
    places = rng.integers(10, 100, (12, 2)) * (2, 1)
    pixels = blob_field([(int(x), int(y), 12, int(rng.integers(3, 8))) for x, y in places]).pixels
    lit = pixels * np.array(LAMPS[laboratory]) * rng.normal(1, 0.01, 3)
    return (lit + rng.normal(0, 2, lit.shape)).clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def laboratories():
    """Statistics of two painted laboratories."""
    return gather_sources(
        (f"lab {number}", field(number, seed)) for number in (1, 3) for seed in range(60)
    )


@pytest.fixture
def drift(laboratories):
    return ColourDrift({"net": laboratories})


def test_fields_of_a_known_laboratory_are_not_flagged(drift):
    readings = [drift(field(1, seed)) for seed in range(100, 130)]
    assert sum(one.field_flagged for one in readings) <= 1
    assert not any(one.session_drifted for one in readings)
    assert {one.nearest for one in readings} == {"net/lab 1"}
    assert readings[0].distance < readings[0].limit


def test_another_laboratory_is_flagged_field_by_field_and_as_a_session(drift):
    readings = [drift(field(2, seed)) for seed in range(20)]
    assert all(one.field_flagged and one.distance > one.limit for one in readings)
    assert [one.session_drifted for one in readings] == [False] * (LEAST_FIELDS - 1) + [True] * 11
    assert readings[0].session_distance is None and readings[-1].session_distance > 1
    assert readings[-1].unlike == ("net",)


def test_one_odd_field_does_not_make_a_session_drift(drift):
    for seed in range(100, 130):
        drift(field(1, seed))
    odd = drift(field(2, 0))
    assert odd.field_flagged and not odd.session_drifted and odd.unlike == ()


def test_a_session_that_recovers_is_well_again(drift):
    for seed in range(20):
        drift(field(2, seed))
    readings = [drift(field(1, 100 + seed)) for seed in range(SESSION_FIELDS)]
    assert readings[0].session_drifted and not readings[-1].session_drifted


def test_what_one_network_knows_another_may_not(laboratories):
    drift = ColourDrift({"a": {"x": laboratories["lab 1"]}, "b": {"y": laboratories["lab 3"]}})
    readings = [drift(field(1, seed)) for seed in range(100, 115)]
    assert not readings[-1].session_drifted
    assert readings[-1].unlike == ("b",)


def test_an_empty_field_says_nothing_and_is_not_remembered(drift):
    assert drift(np.full((72, 96, 3), 240, np.uint8)) is None
    readings = [drift(field(1, seed)) for seed in range(LEAST_FIELDS)]
    assert readings[-2].session_distance is None and readings[-1].session_distance is not None


def coloured(tmp_path, colours):
    root = write_toy_bundle(tmp_path / "b").root

    def change(manifest):
        manifest.networks["sg_cldff"].provenance["colours"] = colours
        return manifest

    return extend_bundle(root, change, {})


def test_a_bundle_without_colours_has_no_drift(tmp_path):
    assert open_drift(write_toy_bundle(tmp_path / "b")) is None


def test_a_bundles_training_and_calibration_colours_are_known(tmp_path, laboratories):
    parts = with_colours({}, "training", {"lab 1": laboratories["lab 1"]})
    parts = with_colours(parts, "calibration", {"lab 3": laboratories["lab 3"]})
    drift = open_drift(coloured(tmp_path, parts["colours"]))
    assert drift(field(1, 200)).nearest == "sg_cldff/lab 1"
    assert drift(field(3, 200)).nearest == "sg_cldff/lab 3 (calibration)"


def test_broken_colours_are_refused(tmp_path):
    with pytest.raises(InputError, match="sg_cldff: colours"):
        open_drift(coloured(tmp_path, {"training": {"lab": {"mean": []}}}))


def test_the_shipped_bundle_knows_its_sources(ready_bundle):
    from leukoscope.bundle.read import open_bundle

    drift = open_drift(open_bundle(ready_bundle))
    assert {name: sorted(found) for name, found in drift._networks.items()} == {
        "sg_cldff": ["all_idb2", "bccd", "pbc", "wbc_tecom"],
        "xincept_all": ["iranian_all"],
    }


@pytest.mark.parametrize(
    ("folder", "network"), [("bccd/images", "sg_cldff"), ("iranian_all/Pro", "xincept_all")]
)
def test_held_out_fields_are_not_flagged(ready_bundle, shared_data, folder, network):
    from leukoscope.bundle.read import open_bundle

    bundle = open_bundle(ready_bundle)
    drift, fitted = open_drift(bundle), training_images(bundle, network)
    files = sorted((shared_data / folder).iterdir())
    held = [path for path in files if sha256_of_file(path) not in fitted][:60]
    readings = [drift(read_image(path)) for path in held]
    assert len(readings) >= 40
    assert sum(one.field_flagged for one in readings) <= 0.03 * len(readings)
    assert not any(one.session_drifted for one in readings)
    darker = [drift((read_image(path) * 0.7).astype(np.uint8)) for path in held]
    assert darker[-1].session_drifted
