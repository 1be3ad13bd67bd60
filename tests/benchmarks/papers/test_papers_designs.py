import pytest
import torch

from benchmarks.papers.budget import BUDGETS
from benchmarks.papers.cells import Cell, all_cells
from benchmarks.papers.compute import cost_of, machine
from benchmarks.papers.designs import WIDTHS, Design, build

OURS = {"masks": "sg_cldff", "stages": "xincept_all"}


@pytest.mark.parametrize("task, name", list(WIDTHS))
def test_designs_give_what_the_training_reads(task, name):
    torch.manual_seed(1)
    network = Design(task, name, 64)
    found = network(torch.rand(2, 3, 64, 64))
    assert found["logits"].shape == (2, len(network.classes))
    assert ("mask_logits" in found) == (task == "masks")
    if task == "masks":
        assert found["mask_logits"].shape == (2, 3, 64, 64)
    assert (found["target"] >= 0).all()
    loss = found["logits"].sum() + sum(found[k].sum() for k in found if k == "mask_logits")
    loss.backward()
    idle = [key for key, value in network.named_parameters() if value.grad is None]
    assert idle == []


@pytest.mark.parametrize("task, name", list(WIDTHS))
def test_designs_are_of_like_size(task, name):
    cells = {
        cell.network: cell
        for cell in all_cells()
        if cell.task == task and cell.variant in ("whole", "baseline")
    }
    ours = cost_of(cells[OURS[task]], BUDGETS[task])["parameters"]
    assert 0.85 < cost_of(cells[name], BUDGETS[task])["parameters"] / ours < 1.15


def test_the_same_seed_gives_the_same_first_weights():
    first, again, other = (
        build(Cell("masks", "resnet", "baseline", "by-group", seed), BUDGETS["masks"])
        for seed in (1, 1, 2)
    )
    key = "head.weight"
    assert torch.equal(first.state_dict()[key], again.state_dict()[key])
    assert not torch.equal(first.state_dict()[key], other.state_dict()[key])


def test_the_machine_is_named(tmp_path):
    info = tmp_path / "cpuinfo"
    info.write_text("model name : A Processor\nflags : avx2\n")
    assert machine(info).startswith("A Processor (")
    assert machine(tmp_path / "none")
