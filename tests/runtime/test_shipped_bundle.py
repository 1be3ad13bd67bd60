"""The bundle that the package ships, from its file to results, judged against the painter's truth."""

import json

import pytest

from leukoscope.bundle.read import open_bundle
from leukoscope.runtime.metrics.synthetic import score
from leukoscope.runtime.pipeline import open_pipeline
from leukoscope.runtime.settings import Settings
from leukoscope.runtime.sinks.jsonl import field_row
from leukoscope.runtime.sources.synthetic import SyntheticSource


@pytest.fixture(scope="module")
def bundle(ready_bundle):
    return open_bundle(ready_bundle)


def test_painted_fields_are_read(bundle):
    pipeline = open_pipeline(bundle, Settings(backend="onnxruntime-cpu"))
    source = SyntheticSource("synthetic://", None, 8, 4242)
    rows = [field_row(pipeline(frame)) for frame in source.frames(pytest.fail)]
    json.dumps(rows, allow_nan=False)
    got = score((row, source.paint(row["frame"])) for row in rows)
    assert got.fields == 8 and got.cell_f1 > 0.8
    assert {row["voter"] for row in rows} <= {"trees", "head"}
