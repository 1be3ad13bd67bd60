import json
from dataclasses import replace

import pytest
import study_made as made

from leukoscope.runtime.report.facts import to_bytes, to_json


def test_the_facts_hold_what_the_page_tells():
    got = to_json(made.study())
    assert (got["schema"], got["notice"]) == (1, "research use only")
    network = got["networks"][0]
    small = network["rows"][1]
    assert small["verdict"]["outcome"] == "failed" and small["verdict"]["flipped"]
    assert small["confusion"]["counts"] == [[7, 1, 0], [0, 7, 1], [1, 0, 7]]
    assert small["intervals"]["accuracy"].keys() == {"low", "high"}
    assert small["latency"] == {"p50_ms": 21.5, "p90_ms": 30.0, "n": 24}
    assert network["layers"][0]["returned"] is True
    assert got["make_up"][0]["steps"][0]["failed"] == {"recall a": 0.05}
    assert got["machine"]["instruction_set"] == "avx512_vnni"


def test_pictures_stay_on_the_page():
    one = to_json(made.study())["networks"][0]["rows"][1]["examples"][0]
    assert not [key for key in one if key.endswith("jpeg")] and one["agreement"] == 0.4


@pytest.mark.parametrize("study", [made.study, made.nothing, made.hostile])
def test_facts_are_json_without_nan_and_the_same_bytes(study):
    data = to_bytes(study())
    assert data == to_bytes(study())
    json.loads(data.decode("utf-8"), parse_constant=pytest.fail)


def test_a_number_that_is_none_becomes_null():
    network = made.network()
    bad = replace(network.rows[0], figures={**network.rows[0].figures, "ece": float("nan")})
    got = to_json(made.study(replace(network, rows=(bad,))))
    assert got["networks"][0]["rows"][0]["figures"]["ece"] is None


def test_a_hostile_name_survives_as_text():
    got = json.loads(to_bytes(made.hostile()))
    assert got["bundle"].startswith('<script>alert("x")</script>')
