"""What the journal keeps of the models."""

import json

from leukoscope.bundle.read import open_bundle
from leukoscope.runtime.acting_models import acting_models
from leukoscope.runtime.pipeline import open_pipeline
from leukoscope.runtime.settings import Settings


def test_the_models_say_what_runs_and_how_it_was_judged(ready_bundle):
    bundle = open_bundle(ready_bundle)
    said = acting_models(bundle, open_pipeline(bundle, Settings(precision="fp32")))
    json.dumps(said, allow_nan=False)
    entry = bundle.network("xincept_all")
    field = said["networks"]["xincept_all"]
    assert (field["precision"], field["trained"], field["size"]) == ("fp32", True, entry.size)
    assert field["metrics"]["held"] == entry.provenance["metrics"]["held"]
    assert "epochs" not in field["metrics"] and field["gate"] is None
    assert said["voter"] == "trees" and said["trees"]["trees"] == bundle.manifest.trees.trees


def test_without_the_field_network_nobody_votes(ready_bundle):
    bundle = open_bundle(ready_bundle)
    said = acting_models(bundle, open_pipeline(bundle, Settings(), ["sg_cldff"]))
    assert list(said["networks"]) == ["sg_cldff"] and said["voter"] is None and not said["trees"]
