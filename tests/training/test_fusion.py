from dataclasses import replace

import numpy as np
import pytest
import torch

from leukoscope.errors import InputError
from leukoscope.images.contract import Contract
from leukoscope.models.checkpoint import load_checkpoint
from leukoscope.progress import Silent
from leukoscope.training.augment import ColourJitter
from leukoscope.training.baselines import colour_baselines
from leukoscope.training.fusion import StageTask, balance, train_fusion
from leukoscope.training.losses import allowed_classes
from leukoscope.training.pictures import load_pictures, open_source
from leukoscope.training.recipe import Recipe
from leukoscope.training.resume import state_path
from leukoscope.training.stage_scores import fit_stage_temperature, stage_scores


def pictures_of(folder, header, part):
    source = open_source(folder, "xincept_all", header.classes)
    wanted = {digest for group in header.data["parts"][part].values() for digest in group}
    return [p for p in load_pictures(source, source.images.items) if p.sha256 in wanted]


def test_the_checkpoint_gives_the_figures_that_its_header_names(trained, stages_folder):
    path, header = trained
    network, found = load_checkpoint(path)
    assert found == header and not state_path(path).exists()
    held = pictures_of(stages_folder, header, "held")
    assert stage_scores(network, held, Contract(96)) == header.metrics["held"]
    fitted = pictures_of(stages_folder, header, "fit")
    assert header.metrics["baselines_held"] == colour_baselines(fitted, held)
    assert header.metrics["temperature"] == pytest.approx(float(network.temperature), abs=1e-4)
    again = fit_stage_temperature(
        network, pictures_of(stages_folder, header, "trees"), Contract(96)
    )
    assert header.metrics["temperature"] == pytest.approx(again, abs=1e-4)
    assert len(header.metrics["epochs"]) == 2
    assert set(header.metrics["held_shifted"]) == {
        "darker", "brighter", "warmer", "cooler", "paler stain", "deeper stain",
    }  # fmt: skip


def test_batches_show_every_picture_once_an_epoch_in_an_order_of_their_own(make_picture):
    pictures = [make_picture((index % 4,), masked=False) for index in range(8)]
    task = StageTask(pictures, {}, Contract(32), ColourJitter(), {(0,): 2.0, (1,): 0.5}, None)
    labels = []
    for epoch in (0, 1):
        batches = list(task.batches(epoch, 4, seed=1))
        assert len(batches) == task.steps(4) == 2
        allowed = torch.cat([batch.truth["allowed"] for batch in batches])
        assert sorted(allowed.argmax(1).tolist()) == [0, 0, 1, 1, 2, 2, 3, 3]
        weights = torch.cat([batch.truth["weights"] for batch in batches])
        expected = torch.tensor([2.0, 0.5, 1.0, 1.0])[allowed.argmax(1)]
        assert torch.equal(weights, expected)
        labels.append(allowed.argmax(1).tolist())
    assert labels[0] != labels[1]
    one, again = (next(iter(task.batches(0, 4, seed=1))) for _ in range(2))
    assert torch.equal(one.images, again.images)
    other = next(iter(task.batches(0, 4, seed=2)))
    assert not torch.equal(one.images, other.images)


def test_rare_stages_are_drawn_more_often_and_not_when_it_is_switched_off(make_picture):
    pictures = [make_picture((0,), masked=False)] * 90 + [make_picture((1,), masked=False)] * 10
    targets = [picture.target for picture in pictures]
    draws, weights = balance(targets, True)
    assert sum(draws[90:]) == pytest.approx(10**0.5 / (90**0.5 + 10**0.5))
    assert weights[1,] > weights[0,]
    task = StageTask(pictures, {}, Contract(32), ColourJitter(), {}, draws)
    allowed = torch.cat([batch.truth["allowed"] for batch in task.batches(0, 10, seed=1)])
    assert len(allowed) == 100 and 12 < int(allowed[:, 1].sum()) < 40
    assert balance(targets, False) == (None, {})


def test_an_ablation_changes_the_network_and_says_so(stages_folder, tmp_path, make_order):
    recipe = Recipe(epochs=1, batch=24, threads=1)
    changes = {"xception": False}
    order = make_order(
        stages_folder, tmp_path / "x", changes=changes, recipe=recipe, balanced=False,
        auto_augment=False,
    )  # fmt: skip
    header = train_fusion(order, Silent())
    assert header.settings["xception"] is False and header.training["class_weights"] == {}
    assert header.training["balanced"] is False and header.training["auto_augment"] is False


def test_weights_reach_the_loss(make_picture):
    task = StageTask([make_picture()], {}, Contract(32), ColourJitter(), {}, None)
    logits = torch.tensor([[2.0, 0, 0, 0], [0, 0, 0, 0]])
    batch = next(iter(task.batches(0, 1, 1)))
    truth = {"allowed": allowed_classes([(0,), (1,)], 4), "weights": torch.tensor([1.0, 3.0])}
    (loss,) = task.losses({"logits": logits}, replace(batch, truth=truth)).values()
    heavier = {**truth, "weights": torch.tensor([1.0, 4.0])}
    (more,) = task.losses({"logits": logits}, replace(batch, truth=heavier)).values()
    assert float(more - loss) == pytest.approx(np.log(4) / 2, rel=1e-4)


def test_the_first_watched_set_is_the_score(oracle, make_picture):
    shown = {"trees": [make_picture((1,))], "held": [make_picture((0,))]}
    task = StageTask([], shown, Contract(64), ColourJitter(), {}, None)
    assert task.watch(oracle("abc")) == {"score": 1.0, "trees": 1.0, "held": 0.0}


def test_painted_fields_are_counted_apart(stages_folder, tmp_path, make_order, monkeypatch):
    monkeypatch.setattr("leukoscope.training.fusion.PAINTED_HELD", 4)
    judged = []

    def watched(network, pictures, contract):
        judged.extend(picture.sha256 for picture in pictures)
        return fit_stage_temperature(network, pictures, contract)

    monkeypatch.setattr("leukoscope.training.fusion.fit_stage_temperature", watched)
    recipe = Recipe(epochs=1, batch=24, threads=1)
    order = make_order(stages_folder, tmp_path / "x", painted=4, recipe=recipe)
    header = train_fusion(order, Silent())
    assert header.metrics["painted"]["n"] == 4 and header.training["painted"] == 4
    assert "painted" not in header.data["parts"]
    trees = [digest for group in header.data["parts"]["trees"].values() for digest in group]
    assert sorted(judged) == sorted(trees)  # `held` stays for the figures
    real = sum(len(g) for part in header.data["parts"].values() for g in part.values())
    assert real == 80


def test_too_few_images_for_a_batch(stages_folder, tmp_path, make_order):
    order = make_order(stages_folder, tmp_path / "x", recipe=Recipe(batch=64))
    with pytest.raises(InputError, match="smaller --batch"):
        train_fusion(order, Silent())


def test_images_without_stages_are_no_data(cells_folder, tmp_path, make_order):
    with pytest.raises(InputError, match="neutrophil"):
        train_fusion(make_order(cells_folder, tmp_path / "x"), Silent())


def test_timm_weights_for_a_small_network_are_refused_before_anything_is_read(tmp_path, make_order):
    weights = {"inception": tmp_path / "none.safetensors"}
    with pytest.raises(InputError, match="use the size full"):
        train_fusion(make_order(tmp_path / "nowhere", tmp_path / "x", weights=weights), Silent())
