from dataclasses import replace

import pytest
from engine_made import KEY

from leukoscope.runtime.engines.difference import difference, differing


@pytest.mark.parametrize(
    ("old", "said"),
    [
        ({"driver": "12.2"}, "the driver changed from 12.2 to 12.6"),
        ({"backend_version": "10.2.0"}, "the builder's version changed from 10.2.0 to 10.3.0"),
        ({"graph_sha256": "cd" * 32}, "the graph in the bundle changed"),
        (
            {"profile": (1, 4, 16)},
            "the batch sizes changed from 1 to 16 (tuned for 4) to 1 to 8 (tuned for 1)",
        ),
        ({"gpu": "Thor"}, "the device changed from Thor to Orin"),
    ],
)
def test_says_which_part_changed(old, said):
    assert difference(KEY, [replace(KEY, **old)]) == said


def test_several_parts_and_the_nearest_engine():
    far = replace(KEY, driver="1", gpu="a", graph_sha256="cd" * 32)
    near = replace(KEY, driver="12.2", backend_version="10.1")
    said = (
        "the builder's version changed from 10.1 to 10.3.0 and the driver changed from 12.2 to 12.6"
    )
    assert difference(KEY, [far, near]) == said


@pytest.mark.parametrize("part", ["network", "backend", "precision"])
def test_an_engine_of_something_else_says_nothing(part):
    assert difference(KEY, [replace(KEY, **{part: "other"})]) == ""
    assert difference(KEY, []) == ""


def test_differing():
    assert differing(KEY, KEY) == ()
    assert differing(KEY, replace(KEY, gpu="x", driver="y")) == ("gpu", "driver")
