import pytest
import torch
from torch import nn

from leukoscope.errors import InputError
from leukoscope.models.budget import SLACK_BYTES, MemoryBudget, budget_of
from leukoscope.models.sizes import build_network


def test_layers_within_the_budget_are_built_and_beyond_it_refused():
    with MemoryBudget(4 * 1000):
        nn.Linear(10, 50)
        with pytest.raises(InputError, match="larger than its file"):
            nn.Linear(100, 50)
    nn.Linear(100, 50)


def test_what_is_made_adds_up():
    with MemoryBudget(4 * 100), pytest.raises(InputError):
        for _ in range(3):
            torch.empty(40)


@pytest.mark.parametrize(("name", "px"), [("xincept_all", 96), ("sg_cldff", 64)])
def test_every_network_fits_its_own_budget(name, px):
    network = build_network(name, "nano", input_px=px)
    with budget_of(network.state_dict().values()) as budget:
        build_network(name, "nano", input_px=px)
    assert budget.left > SLACK_BYTES / 4
    with budget_of([torch.zeros(10)]), pytest.raises(InputError):
        build_network(name, "full", input_px=px)
