"""A run that is killed with SIGKILL in the middle of an epoch goes on as if nothing had happened."""

import os
import pickle
import signal
import subprocess
import sys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file
from torch.optim import AdamW

from leukoscope.errors import InputError
from leukoscope.progress import Silent
from leukoscope.training.fusion import train_fusion
from leukoscope.training.recipe import Recipe
from leukoscope.training.resume import Course, SavedRun, load_state, save_state, state_path

KILLED = """
import os, signal, sys
from pathlib import Path
from leukoscope.progress import Silent
from leukoscope.training.fusion import FusionOrder, train_fusion
from leukoscope.training.recipe import Recipe

class Killing(Silent):
    def track(self, items, what, total=None):
        for index, item in enumerate(items):
            if what.startswith("epoch 2") and index == 2:
                os.kill(os.getpid(), signal.SIGKILL)
            yield item

recipe = Recipe(epochs=2, batch=16, threads=1, ema_decay=0.9)
order = FusionOrder((Path(sys.argv[1]),), Path(sys.argv[2]), "nano", 96, recipe=recipe)
train_fusion(order, Killing())
"""


def test_a_killed_run_resumed_gives_the_weights_of_an_uninterrupted_one(
    stages_folder, trained, tmp_path, make_order
):
    output = tmp_path / "x.safetensors"
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", KILLED, stages_folder, output], env=environment, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert not output.exists() and state_path(output).exists()
    header = train_fusion(make_order(stages_folder, output, resume=True), Silent())
    whole, resumed = load_file(trained[0]), load_file(output)
    assert whole.keys() == resumed.keys()
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    assert header == trained[1]
    assert not state_path(output).exists()


@pytest.fixture
def saved(toy, tmp_path):
    """A state on disk, with what it takes to load it."""
    saved = SavedRun(tmp_path / "s", "images and settings", True)
    parts = {"network": toy, "optimiser": AdamW(toy.parameters())}
    course = Course(3, 1.5, 0.8, 2, [{"score": 0.8}])
    save_state(saved, parts, course, Recipe())
    return saved, parts, course


def test_states_come_back_whole(saved, toy):
    where, parts, course = saved
    wanted = {name: value.clone() for name, value in toy.state_dict().items()}
    with torch.no_grad():
        toy.head.weight.zero_()
    assert load_state(where, parts, Recipe()) == course
    assert all(torch.equal(wanted[name], value) for name, value in toy.state_dict().items())
    assert not list(where.path.parent.glob("*.part"))


def test_time_limits_may_change_but_nothing_that_is_learnt(saved):
    where, parts, _ = saved
    load_state(where, parts, Recipe(epochs=99, threads=3, max_minutes=2.0, patience=4))
    for change in ({"batch": 8}, {"rate": 0.1}, {"seed": 2}):
        with pytest.raises(InputError, match=next(iter(change))):
            load_state(where, parts, Recipe(**change))


def test_other_images_or_settings_are_refused(saved):
    where, parts, _ = saved
    other = SavedRun(where.path, "other images", True)
    with pytest.raises(InputError, match="images or the settings are not the same"):
        load_state(other, parts, Recipe())


def test_nothing_to_resume(saved):
    where, parts, _ = saved
    with pytest.raises(InputError, match="without --resume"):
        load_state(SavedRun(where.path.with_name("none"), "", True), parts, Recipe())


class Evil:
    def __reduce__(self):
        return os.system, ("touch evil",)


@pytest.mark.parametrize(
    "content",
    [b"", b"no archive", pickle.dumps(Evil()), pickle.dumps({"course": 1}), b"PK\x03\x04" * 9],
    ids=["empty", "text", "code", "pickle", "zip"],
)
def test_states_from_elsewhere_are_refused_and_run_no_code(saved, content, monkeypatch, tmp_path):
    where, parts, _ = saved
    monkeypatch.chdir(tmp_path)
    where.path.write_bytes(content)
    with pytest.raises(InputError, match="does not fit this run"):
        load_state(where, parts, Recipe())
    assert not (tmp_path / "evil").exists()


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_damaged_state_is_refused_or_read(data, tmp_path_factory):
    where = SavedRun(tmp_path_factory.mktemp("s") / "s", "f", True)
    network = torch.nn.Linear(2, 2)
    save_state(where, {"network": network}, Course(), Recipe())
    content = bytearray(where.path.read_bytes())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    where.path.write_bytes(bytes(content))
    try:
        load_state(where, {"network": network}, Recipe())
    except InputError as error:
        assert "does not fit this run" in str(error)


@pytest.mark.parametrize("key", ["course", "recipe", "fingerprint", "network", "optimiser"])
@pytest.mark.parametrize("value", [None, 7, {"x": 1}])
def test_states_with_a_wrong_entry_are_refused(saved, key, value):
    where, parts, _ = saved
    state = torch.load(where.path, weights_only=True)
    torch.save({**state, key: value}, where.path)
    with pytest.raises(InputError, match="does not fit this run"):
        load_state(where, parts, Recipe())
