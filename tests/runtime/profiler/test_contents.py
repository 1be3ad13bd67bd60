import json
import math

from hypothesis import given
from hypothesis import strategies as st
from profile_made import made_profile, made_variant

from leukoscope.runtime.profiler.contents import plain
from leukoscope.runtime.profiler.layers.layer_study import LayerStudy
from leukoscope.runtime.profiler.monitors.reading import Reading


def test_one_variant_that_cannot_be_trusted_is_enough(profile):
    assert not profile.trusted
    assert profile.reasons == ("sg_cldff int8 on onnxruntime-cpu: 20 samples, 59 wanted: give more --seconds",)  # fmt: skip
    assert made_profile(variants=(made_variant(),)).trusted


def test_all_doubts_of_a_variant_are_one_line():
    short = made_variant(taken_ms=[9.0] * 20, readings=[Reading(throttled=True)])
    (line,) = made_profile(variants=(short, made_variant("sg_cldff"))).reasons
    assert "20 samples, 59 wanted" in line and "; throttled in 1 of 1 readings" in line


def test_what_was_cut_short_is_not_trusted():
    found = made_profile(variants=(made_variant(),), interrupted=True)
    assert found.reasons == ("Ctrl-C ended it early",)


def test_the_json_has_the_documented_keys(profile):
    found = profile.to_json()
    assert list(found)[:4] == ["schema", "notice", "trusted", "reasons"]
    assert found["schema"] == 1 and found["notice"] == "research use only"
    assert set(found) == {
        *("schema", "notice", "trusted", "reasons", "bundle", "manifest_sha256", "untrained"),
        *("created", "leukoscope", "machine", "power_mode", "inputs", "fields", "seconds"),
        *("rate_hz", "runs", "not_measured", "interrupted", "variants"),
    }
    one = found["variants"][0]
    assert set(one) == {
        *("trusted", "network", "precision", "backend", "input_px", "squares", "warm_up"),
        *("latency_ms", "spread", "throughput", "copies", "batches", "load", "doubts", "samples"),
        *("readings", "monitors", "layers"),
    }
    assert one["trusted"] is True and one["layers"] is None
    assert one["latency_ms"]["p99"] is not None and one["samples"]["taken_ms"][:2] == [8.0, 8.5]
    run = found["runs"][0]
    assert set(run) == {"backend", "networks", "fields", "stream", "cold_start", "memory"}
    assert run["stream"]["trusted"] is True and 0 < run["stream"]["dropped_share"] < 1
    copies = [one for one in run["fields"]["stages"] if one["name"] == "copy_in"]
    assert copies[0]["ms"] is None and "nothing is copied" in copies[0]["why_not"]


def test_a_percentile_without_samples_is_null_and_says_why(profile):
    found = profile.to_json()["variants"][1]["latency_ms"]
    assert found["p95"] is None and found["jitter"] is None and found["p50"] == 9.0
    assert "p95 takes 59 samples, there are 20" in found["missing"]


def test_it_is_json_without_nan(profile):
    json.loads(json.dumps(profile.to_json(), allow_nan=False))


@given(st.recursive(st.floats() | st.integers() | st.text() | st.none() | st.booleans(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))  # fmt: skip
def test_plain_values_are_json_whatever_they_hold(value):
    json.dumps(plain(value), allow_nan=False)


def test_numbers_keep_six_digits_and_what_is_undefined_is_null():
    assert plain(123.4567891) == 123.457 and plain(math.nan) is None and plain(-math.inf) is None
    assert plain(1234567) == 1234567


def test_layers_stand_with_their_variant(profile):
    class Study(LayerStudy):
        def __init__(self): ...

        def to_json(self):
            return {"ms": math.nan}

    key = ("xincept_all", "fp32", "onnxruntime-cpu")
    found = made_profile(layers={key: Study()}).to_json()["variants"]
    assert found[0]["layers"] == {"ms": None} and found[1]["layers"] is None
