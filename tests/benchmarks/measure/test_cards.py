"""The cards that ship are made from the figures beside them, and the figures from the weights that ship."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from card import sg_cldff, xincept_all
from card.facts import read_facts
from card.making import counted, recipe

from leukoscope.errors import InputError

ROOT = Path(__file__).resolve().parents[3]
MODELS = ROOT / "docs" / "models"
CARDS = [("xincept_all", xincept_all), ("sg_cldff", sg_cldff)]


@pytest.mark.parametrize(("network", "page"), CARDS)
def test_a_card_is_what_the_tool_writes_from_the_figures(network, page, ready_checkpoints):
    """Fails after new weights until `python tools/model_card.py --data DIR...` was run."""
    facts = read_facts(ready_checkpoints / f"{network}.safetensors", MODELS / "measured")
    text = page.card(facts)
    assert text == (MODELS / f"{network.replace('_', '-')}.md").read_text(encoding="utf-8")
    assert "nan" not in text.lower().split()
    assert "Not a medical device" in text
    assert facts.sha256 in text


@pytest.mark.parametrize(("network", "page"), CARDS)
def test_what_must_be_known_first_comes_first(network, page):
    text = (MODELS / f"{network.replace('_', '-')}.md").read_text(encoding="utf-8")
    first = text.split("\n\n")[1]
    wanted = "ith every white cell painted out" if network == "xincept_all" else "IoU of the white"
    assert wanted in first.split(".")[0] + first.split(".")[1]


def test_figures_of_other_weights_are_refused(tmp_path, ready_checkpoints):
    for path in (MODELS / "measured").glob("*.json"):
        value = json.loads(path.read_text(encoding="utf-8"))
        value["networks"]["sg_cldff"]["checkpoint_sha256"] = "0" * 64
        (tmp_path / path.name).write_text(json.dumps(value), encoding="utf-8")
    read_facts(ready_checkpoints / "xincept_all.safetensors", tmp_path)
    with pytest.raises(InputError, match="was not measured on sg_cldff"):
        read_facts(ready_checkpoints / "sg_cldff.safetensors", tmp_path)
    with pytest.raises(InputError, match="no figures in"):
        read_facts(ready_checkpoints / "sg_cldff.safetensors", tmp_path / "nowhere")


def test_parts_are_counted_by_set_and_class_folder():
    members = {"a/Benign/00": ["x", "y"], "a/Benign/01": ["z"], "b/images/03": ["u"], "c/7": ["v"]}
    assert counted(members) == {"a/Benign": (3, 2), "b": (1, 1), "c": (1, 1)}


def test_every_link_of_a_card_leads_somewhere():
    for page in (*MODELS.glob("*.md"), ROOT / "docs" / "robustness.md"):
        for target in page.read_text(encoding="utf-8").split("](")[1:]:
            assert (page.parent / target.split(")")[0]).exists(), f"{page}: {target}"


def test_what_the_trees_say_of_themselves_is_in_the_recipe(ready_checkpoints):
    facts = read_facts(ready_checkpoints / "xincept_all.safetensors", MODELS / "measured")
    trees = {
        "settings": {"max_depth": 3},
        "temperature": 0.9,
        "metrics": {"rounds": 62, "chosen": {"eta": 0.05}, "held_shuffled_labels": [0.25, 0.3]},
    }
    text = recipe(replace(facts, trees=trees))
    for words in ("max_depth 3", "| 62 |", "eta 0.05", "0.250, 0.300"):
        assert words in text
    assert "shuffled" not in recipe(replace(facts, trees=None))
