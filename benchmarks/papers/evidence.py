"""How much of the class evidence lies on the cells: Grad-CAM energy inside the drawn mask, beside the cells' area."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from leukoscope.images.contract import Contract, place, to_field
from leukoscope.models.network import Network, to_images
from leukoscope.training.pictures import Picture

BATCH = 16


def energy_on_cells(
    network: Network, pictures: Sequence[Picture], contract: Contract
) -> dict[str, float]:
    """{"energy", "area"}: means over whole images of the share of Grad-CAM energy on cells and of their share of the area.

    Of the class that the head votes for. Images without a cell are passed over, and a map without energy counts as 0.
    Empty where no image shows a cell.
    """
    shown = [one for one in pictures if one.mask is not None and one.cells]
    shares = [
        _share(found, one)
        for found, one in zip(_maps(network, shown, contract), shown, strict=True)
    ]
    if not shares:
        return {}
    areas = [float((one.mask > 0).mean()) for one in shown if one.mask is not None]
    return {"energy": round(float(np.mean(shares)), 4), "area": round(float(np.mean(areas)), 4)}


@torch.no_grad()
def _maps(
    network: Network, pictures: Sequence[Picture], contract: Contract
) -> Iterator[NDArray[np.float32]]:
    """Grad-CAM of the voted class on the pixels of each picture. The heads are linear on (weighted) means, so it is exact."""
    network.eval()
    for start in range(0, len(pictures), BATCH):
        placed = [place(one.levels[0], contract) for one in pictures[start : start + BATCH]]
        target, side = network.encode(to_images(torch.from_numpy(np.stack([p[0] for p in placed]))))
        voted = network.classify(target, side).argmax(1)
        weights = network.head.weight[voted]  # type: ignore[union-attr,index]
        maps = (weights[:, :, None, None] * target).sum(1).relu().numpy()
        for one, (_, placement) in zip(maps, placed, strict=True):
            yield to_field(one, placement)


def _share(found: NDArray[np.float32], picture: Picture) -> float:
    assert picture.mask is not None
    energy = float(found.sum())
    return float(found[picture.mask > 0].sum()) / energy if energy > 0 else 0.0
