import importlib.util
import sys

import pytest
from vote_ways.stand_ins import TORCHVISION, torchvision_or_stand_in


def test_names_are_there_only_while_the_block_imports(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    for name in TORCHVISION:
        monkeypatch.delitem(sys.modules, name, raising=False)
    with torchvision_or_stand_in():
        from torchvision.transforms import Compose
    assert not any(name in sys.modules for name in TORCHVISION)
    with pytest.raises(TypeError):
        Compose([])  # nothing stands in for what it does


def test_a_real_torchvision_is_left_alone(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: object())
    before = set(sys.modules)
    with torchvision_or_stand_in():
        assert "torchvision.transforms.functional" not in set(sys.modules) - before
