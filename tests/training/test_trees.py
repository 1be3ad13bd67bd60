import json
from dataclasses import replace

import numpy as np
import pytest
import xgboost

from leukoscope.errors import InputError
from leukoscope.images.classes import STAGES
from leukoscope.images.contract import Contract
from leukoscope.images.hashes import sha256_of_file
from leukoscope.models.checkpoint import load_checkpoint, save_checkpoint
from leukoscope.models.sizes import build_network
from leukoscope.progress import Silent
from leukoscope.training import trees
from leukoscope.training.painted import HELD_SEED, TREES_SEED, painted_stages
from leukoscope.training.parts import Folders
from leukoscope.training.predict import outputs, squares
from leukoscope.training.scores import classification_scores
from leukoscope.training.temperature import fit_temperature
from leukoscope.training.tree_images import tree_images
from leukoscope.training.tree_search import CANDIDATES, Table
from leukoscope.training.trees import ATTRIBUTE, PARAMETERS, TreesOrder, train_trees


@pytest.fixture(scope="module")
def grown(trained, stages_folder, tmp_path_factory):
    """(file of the trees, figures, what was given to XGBoost)."""
    output = tmp_path_factory.mktemp("trees") / "trees.json"
    given = {}
    original = xgboost.train

    def watched(settings, rows, **more):
        booster = original(settings, rows, **more)
        if more.get("evals", [(None, "")])[0][1] == "stop":  # not the search, not the control
            given.update(rows=rows, settings=settings, whole=booster)
        return booster

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trees.xgboost, "train", watched)
        before = sha256_of_file(trained[0])
        order = TreesOrder(trained[0], (stages_folder,), output, views=3, threads=1)
        figures = train_trees(order, Silent())
    assert sha256_of_file(trained[0]) == before, "the checkpoint was touched"
    return output, figures, given


def test_the_model_can_be_read_again_and_says_what_it_is(grown, trained):
    output, figures, _ = grown
    booster = xgboost.Booster(model_file=output)
    meaning = json.loads(booster.attr(ATTRIBUTE))
    assert meaning["network"] == "xincept_all" and meaning["classes"] == list(STAGES)
    assert meaning["features"] == booster.num_features() == 64
    assert meaning["checkpoint_sha256"] == sha256_of_file(trained[0])
    assert meaning["settings"] == {
        **PARAMETERS, **figures["chosen"], "views": 3, "seed": 1, "painted": 0,
    }  # fmt: skip
    assert meaning["metrics"] == figures
    assert json.loads(output.read_text())["learner"]["attributes"][ATTRIBUTE]
    assert [path.name for path in output.parent.iterdir()] == ["trees.json"]


def test_settings_are_searched_and_chance_is_reported(grown):
    _, figures, _ = grown
    assert figures["chosen"] in CANDIDATES and len(figures["search"]) == len(CANDIDATES)
    least = min(figures["search"], key=lambda one: one["log_loss"])
    assert {**figures["chosen"], "log_loss": least["log_loss"]} == least
    assert 0 <= np.mean(figures["held_shuffled_labels"]) < figures["held_trees"]["accuracy"]


def test_the_model_is_cut_behind_its_best_round(grown):
    output, figures, given = grown
    whole = given["whole"]
    assert figures["rounds"] == whole.best_iteration + 1 < whole.num_boosted_rounds()
    assert xgboost.Booster(model_file=output).num_boosted_rounds() == figures["rounds"]


def test_the_rows_are_views_of_the_trees_part_and_nothing_else(grown, trained, stages_folder):
    _, _, given = grown
    network, header = load_checkpoint(trained[0])
    images = tree_images(Folders([stages_folder]), header, 1, Silent())
    assert given["rows"].num_row() == 3 * len(images.rows)
    features = given["rows"].get_data().toarray()
    first = outputs(network, squares(images.rows, Contract(96)), ["features"])["features"].numpy()
    assert features[::3] == pytest.approx(first, abs=1e-4)
    truth = [picture.target[0] for picture in images.rows]
    assert given["rows"].get_label().tolist() == np.repeat(truth, 3).tolist()
    assert given["settings"]["num_class"] == len(STAGES)


def test_figures_and_temperature_are_those_of_the_file(grown, trained, stages_folder):
    output, figures, _ = grown
    network, header = load_checkpoint(trained[0])
    images = tree_images(Folders([stages_folder]), header, 1, Silent())
    booster = xgboost.Booster(model_file=output)

    def margins(pictures):
        frames = squares(pictures, Contract(96))
        features = outputs(network, frames, ["features"])["features"].numpy()
        return booster.inplace_predict(features, predict_type="margin")

    targets = [picture.target for picture in images.held]
    held = np.exp(margins(images.held) / figures["temperature"])
    scores = classification_scores(held / held.sum(1, keepdims=True), targets, STAGES)
    assert figures["held_trees"] == scores
    truth = np.array([picture.target[0] for picture in images.stop])
    stop = margins(images.stop)
    assert figures["temperature"] == pytest.approx(fit_temperature(stop, truth), abs=1e-3)
    head = figures["held_head"]
    assert head == header.metrics["held"]
    assert set(figures["held_trees_shifted"]) == set(header.metrics["held_shifted"])


def test_painted_fields_are_rows_but_never_stop_or_judge(
    trained, stages_folder, tmp_path, monkeypatch
):
    asked, original, given = [], xgboost.train, {}

    def painting(count, first_seed, progress):
        asked.append((count, first_seed))
        return painted_stages(min(count, 2), first_seed, progress)

    def watched(settings, rows, **more):
        stop, name = more.get("evals", [(None, "")])[0]
        if name == "stop":
            given.update(rows=rows.num_row(), stop=stop.num_row())
        return original(settings, rows, **more)

    monkeypatch.setattr(trees, "painted_stages", painting)
    monkeypatch.setattr(trees.xgboost, "train", watched)
    order = TreesOrder(
        trained[0], (stages_folder,), tmp_path / "t.json", views=1, threads=1, painted=2
    )
    figures = train_trees(order, Silent())
    images = tree_images(Folders([stages_folder]), trained[1], 1, Silent())
    assert asked == [(2, TREES_SEED)] and 0 < TREES_SEED < HELD_SEED
    assert given == {"rows": len(images.rows) + 2, "stop": len(images.stop)}
    assert figures["held_trees"]["n"] == len(images.held)


def test_a_stage_without_a_row_still_has_its_vote(trained, stages_folder, tmp_path, monkeypatch):
    images = tree_images(Folders([stages_folder]), trained[1], 1, Silent())
    lacking = replace(
        images,
        rows=[picture for picture in images.rows if picture.target != (3,)],
        stop=[picture for picture in images.stop if picture.target != (3,)],
    )
    monkeypatch.setattr(trees, "tree_images", lambda *_: lacking)
    order = TreesOrder(trained[0], (stages_folder,), tmp_path / "t.json", views=1, threads=1)
    train_trees(order, Silent())
    config = json.loads((tmp_path / "t.json").read_text())["learner"]["learner_model_param"]
    assert config["num_class"] == "4"


def test_a_class_without_a_row_still_has_its_margin(tmp_path, rng):
    features = rng.normal(size=(40, 5)).astype(np.float32)
    truth = rng.integers(0, 2, 40)
    table = Table(features, truth, np.ones(40, np.float32), ["a"] * 40, 1)
    order = TreesOrder(tmp_path / "c", (), tmp_path / "t.json", threads=1)
    booster = trees._boost(table, (features, truth), trees._settings(order, 4))
    assert booster.inplace_predict(features, predict_type="margin").shape == (40, 4)


def test_other_data_than_the_checkpoints_is_refused(trained, tmp_path, stages_writer):
    other = stages_writer(tmp_path / "other", 5, seed=99)
    order = TreesOrder(trained[0], (other,), tmp_path / "t.json")
    with pytest.raises(InputError, match="set apart for the trees are not in --data"):
        train_trees(order, Silent())


def test_a_checkpoint_of_the_other_network_is_refused(trained, tmp_path, stages_folder):
    network = build_network("sg_cldff", "nano", input_px=64)
    header = replace(
        trained[1],
        network="sg_cldff",
        settings=network.settings(),
        classes=network.classes,
        contract=Contract(64).to_json(),
    )
    save_checkpoint(tmp_path / "s.safetensors", network, header)
    order = TreesOrder(tmp_path / "s.safetensors", (stages_folder,), tmp_path / "t.json")
    with pytest.raises(InputError, match="a checkpoint of sg_cldff"):
        train_trees(order, Silent())


def test_an_output_that_xgboost_would_write_otherwise_is_refused(trained, tmp_path):
    with pytest.raises(InputError, match="json"):
        TreesOrder(trained[0], (), tmp_path / "trees.ubj")
