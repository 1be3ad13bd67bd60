import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from leukoscope.errors import InputError
from leukoscope.progress import Silent
from leukoscope.training.loop import Batch, PlainTask, fit
from leukoscope.training.recipe import Recipe
from leukoscope.training.resume import SavedRun


class ColourTask(PlainTask):
    """The class is the brightest channel; learnt within a few steps."""

    def __init__(self, steps=6, scores=()):
        self.count, self.scores, self.asked = steps, list(scores), []

    def steps(self, batch):
        return self.count

    def batches(self, epoch, batch, seed):
        self.asked.append((epoch, batch, seed))
        rng = np.random.default_rng([seed, epoch])
        for _ in range(self.count):
            labels = rng.integers(0, 3, batch)
            images = 0.3 * rng.random((batch, 3, 32, 32), dtype=np.float32)
            images[np.arange(batch), labels] += 0.5
            yield Batch(torch.from_numpy(images), {"labels": torch.from_numpy(labels)})

    def losses(self, outputs, batch):
        return {"class": F.cross_entropy(outputs["logits"].float(), batch.truth["labels"])}

    def watch(self, network):
        assert not network.training
        return {"score": self.scores.pop(0) if self.scores else 0.5}


class Broken(ColourTask):
    def losses(self, outputs, batch):
        return {"class": outputs["logits"].sum() * math.nan}


class Heard(Silent):
    def __init__(self):
        self.notes = []

    def note(self, text):
        self.notes.append(text)


def run(network, task, recipe, path, *, resume=False, progress=None):
    return fit(network, task, recipe, SavedRun(path, "same", resume), progress or Silent())


def test_the_loss_falls_and_every_epoch_is_recorded(toy, tmp_path):
    heard = Heard()
    recipe = Recipe(epochs=8, batch=16, rate=0.05, ema_decay=0.8)
    network, history = run(toy, ColourTask(), recipe, tmp_path / "s", progress=heard)
    assert len(history) == len(heard.notes) == 8
    assert history[-1]["class"] < 0.5 * history[0]["class"]
    assert not network.training and network is not toy


def test_epochs_differ_and_the_seed_is_handed_on(toy, tmp_path):
    task = ColourTask(steps=1)
    run(toy, task, Recipe(epochs=3, batch=4, seed=9), tmp_path / "s")
    assert task.asked == [(0, 4, 9), (1, 4, 9), (2, 4, 9)]


def test_patience_counts_epochs_without_a_better_score(toy, tmp_path):
    task = ColourTask(steps=1, scores=[0.1, 0.6, 0.6, 0.5, 0.9, 0.9, 0.9, 0.9])
    _, history = run(toy, task, Recipe(epochs=20, batch=4, patience=3), tmp_path / "s")
    assert [one["score"] for one in history] == [0.1, 0.6, 0.6, 0.5, 0.9, 0.9, 0.9, 0.9]


def test_a_run_ends_in_time_with_its_rate_down(toy, tmp_path):
    task = ColourTask(steps=10_000)
    recipe = Recipe(epochs=50, batch=4, max_minutes=0.01)
    _, history = run(toy, task, recipe, tmp_path / "s")
    assert len(history) == 1
    state = torch.load(tmp_path / "s", weights_only=True)
    assert state["optimiser"]["param_groups"][0]["lr"] < recipe.rate / 100


def test_only_kernels_decay(toy, tmp_path):
    run(toy, ColourTask(steps=1), Recipe(epochs=1, batch=4, weight_decay=0.3), tmp_path / "s")
    groups = torch.load(tmp_path / "s", weights_only=True)["optimiser"]["param_groups"]
    decayed = {group["weight_decay"]: len(group["params"]) for group in groups}
    assert decayed == {0.3: 2, 0.0: 4}  # two kernels; two biases and a batch norm's pair


def test_a_loss_that_is_not_finite_is_named_with_the_way_out(toy, tmp_path):
    with pytest.raises(InputError, match=r"not finite in epoch 1.*--rate"):
        run(toy, Broken(), Recipe(epochs=1, batch=4), tmp_path / "s")


def test_a_run_that_fails_at_once_leaves_no_state_of_an_earlier_one(toy, tmp_path):
    recipe = Recipe(epochs=1, batch=4)
    run(toy, ColourTask(steps=1), recipe, tmp_path / "s")
    with pytest.raises(InputError):
        run(toy, Broken(), recipe, tmp_path / "s")
    assert not (tmp_path / "s").exists()


def test_a_finished_state_is_not_trained_on_and_a_fresh_run_forgets_it(toy, tmp_path):
    recipe = Recipe(epochs=2, batch=4)
    _, history = run(toy, ColourTask(steps=1), recipe, tmp_path / "s")
    task = ColourTask(steps=1)
    _, again = run(toy, task, recipe, tmp_path / "s", resume=True)
    assert again == history and task.asked == []
    run(toy, task, recipe, tmp_path / "s")
    assert len(task.asked) == 2
