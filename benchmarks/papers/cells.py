"""The cells of the tables, in the order in which they are worth computing."""

from dataclasses import dataclass

from benchmarks.papers.variants import BASELINE, SG_CLDFF, WHOLE, XINCEPT_ALL

MASK_SETS = ("bccd", "wbc_tecom", "all_idb2")
TYPE_SETS = ("pbc",)
STAGE_SETS = ("iranian_all",)
SEEDS = (1, 2, 3)
BY_GROUP = "by-group"
"""A part of every set is held out, whole groups only."""
LEFT_OUT = "without-"
"""Followed by the mask set that the training never sees and that is measured."""


@dataclass(frozen=True)
class Cell:
    """One training and its figures. `task` is `masks` (SG-CLDFF's) or `stages` (XIncept-ALL's)."""

    task: str
    network: str
    variant: str
    split: str
    seed: int

    @property
    def name(self) -> str:
        """masks/sg_cldff/whole/by-group/1"""
        return "/".join((self.task, self.network, self.variant, self.split, str(self.seed)))

    @property
    def left_out(self) -> str:
        """The mask set that is left out of the training; empty where none is."""
        return self.split.removeprefix(LEFT_OUT) if self.split != BY_GROUP else ""

    @property
    def sets(self) -> tuple[str, ...]:
        """Names of the data folders that it reads."""
        return STAGE_SETS if self.task == "stages" else (*MASK_SETS, *TYPE_SETS)


def all_cells() -> list[Cell]:
    """Every cell, the most telling first: all of seed 1, the headline before other designs, then the other seeds."""
    found = [*ablations(1), *left_out(1), *baselines(1)]
    for seed in SEEDS[1:]:
        found += ablations(seed)
    for seed in SEEDS[1:]:
        found += [*left_out(seed), *baselines(seed)]
    return found


def ablations(seed: int) -> list[Cell]:
    """Both networks' variants, taking turns, so that a run that is cut short has something of both."""
    masks = [Cell("masks", "sg_cldff", one.name, BY_GROUP, seed) for one in SG_CLDFF]
    stages = [Cell("stages", "xincept_all", one.name, BY_GROUP, seed) for one in XINCEPT_ALL]
    turns = max(len(masks), len(stages))
    return [
        cell
        for turn in range(turns)
        for cell in (*masks[turn : turn + 1], *stages[turn : turn + 1])
    ]


def left_out(seed: int) -> list[Cell]:
    """SG-CLDFF and the U-Net, trained without one of the mask sets."""
    return [
        Cell("masks", network, name, LEFT_OUT + one, seed)
        for one in MASK_SETS
        for network, name in (("sg_cldff", WHOLE.name), ("unet", BASELINE.name))
    ]


def baselines(seed: int) -> list[Cell]:
    """Other people's designs on the same split."""
    designs = (("masks", "unet"), ("masks", "resnet"), ("stages", "resnet"), ("masks", "swin"), ("stages", "swin"))  # fmt: skip
    return [Cell(task, network, BASELINE.name, BY_GROUP, seed) for task, network in designs]
