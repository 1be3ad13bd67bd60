"""What every cell of a task may spend, and the digest that says by what settings a cell was made."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.papers.cells import Cell
from benchmarks.papers.variants import variant
from leukoscope.images.hashes import sha256_of_bytes
from leukoscope.training.parts import FUSION_SHARES, SEGMENTATION_SHARES
from leukoscope.training.recipe import Recipe
from leukoscope.training.tree_images import STOP_SHARES


@dataclass(frozen=True)
class Budget:
    """The same for ours and for every other design."""

    input_px: int
    views: int
    """Augmented views of images that the training sees."""
    batch: int
    rate: float
    ema_decay: float
    rounds: int
    """Into which the training is cut; the network outlines single cells between two of them."""
    tree_views: int = 0
    """Rows an image for the boosted trees."""

    @property
    def steps(self) -> int:
        """Batches a round."""
        return max(1, self.views // (self.batch * self.rounds))

    def recipe(self, seed: int, threads: int) -> Recipe:
        return Recipe(
            epochs=self.rounds,
            batch=self.batch,
            rate=self.rate,
            ema_decay=self.ema_decay,
            seed=seed,
            threads=threads,
        )


BUDGETS: dict[str, Budget] = {
    "masks": Budget(128, 3200, 8, 2e-3, 0.98, 2),
    "stages": Budget(128, 6000, 16, 1.5e-3, 0.98, 6, 4),
}
SHARES = {"masks": SEGMENTATION_SHARES, "stages": FUSION_SHARES}


def settings_of(cell: Cell, budget: Budget) -> dict[str, Any]:
    """Everything that decides a cell's figures but the images, as JSON values."""
    return {
        "size": "nano",
        "cell": asdict(cell),
        "variant": variant(cell.network, cell.variant).to_json(),
        "budget": asdict(budget),
        "shares": dict(SHARES[cell.task]),
        "tree_shares": dict(STOP_SHARES) if budget.tree_views else {},
    }


def digest_of(settings: dict[str, Any]) -> str:
    """sha256 of the settings, in hex."""
    return sha256_of_bytes(json.dumps(settings, sort_keys=True).encode())
