"""Do the Grad-CAM maps show what they claim? `python benchmarks/explanations.py BUNDLE --data DIR... -o OUT --checkpoints FILE...`

On held-out images: the share of a map's energy on white cells beside their share of the area; the pointing game;
deletion and insertion against a random order; and, where the checkpoints are given, the sanity check with randomised
weights. SG-CLDFF is held against drawn masks, XIncept-ALL against SG-CLDFF's. Writes OUT/explanations.json.
Research use only.
"""

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from measure.command import Work, arguments, opened, run, write_json
from measure.held import DataFolder, Entry, spread
from measure.occlusion import areas, at_random, by_map, places_inside
from measure.scores import difference, mean, rounded, share
from numpy.typing import NDArray

from leukoscope.errors import InputError
from leukoscope.images.contract import place, to_field
from leukoscope.images.hashes import sha256_of_file
from leukoscope.runtime.engine import FIELD_NETWORK
from leukoscope.runtime.observation import observe
from leukoscope.runtime.sample import Sample

Cells = NDArray[np.uint8]
SEED = 1


def main() -> None:
    """Measures and writes."""
    parser = arguments(__doc__)
    parser.add_argument("--limit", type=int, default=150, help="images a set, 0: all")
    parser.add_argument(
        "--occluded", type=int, default=40, help="fields for deletion and insertion"
    )
    parser.add_argument(
        "--occluded-cells", type=int, default=14, help="the same, of a set with masks"
    )
    parser.add_argument("--randomised", type=int, default=16, help="images of a network, 2 or more")
    parser.add_argument("--checkpoints", type=Path, nargs="*", default=[])
    wanted = parser.parse_args()
    with opened(wanted) as work:
        folders = [one for one in work.folders if is_usable(work, one)]
        found: dict[str, dict[str, Any]] = {}
        for folder in folders:
            entries = spread(folder.held, wanted.limit)
            fewer = spread(folder.held, occluded(folder, wanted))
            found.setdefault(folder.network, {})[folder.name] = {
                "of": len(folder.held),
                **on_cells(work, folder, entries),
                **under_occlusion(work, folder, fewer),
            }
        checks = {name: sanity(work, folders, name, wanted) for name in found}
        write_json(wanted.output, "explanations", work, {"maps": found, "randomised": checks})


def is_usable(work: Work, folder: DataFolder) -> bool:
    """Whether it is known where the cells of the folder's images are."""
    return work.judge.has_cells if folder.network == FIELD_NETWORK else folder.has_masks


def occluded(folder: DataFolder, wanted: Namespace) -> int:
    """How many images of the folder are deleted and inserted."""
    return int(wanted.occluded if folder.network == FIELD_NETWORK else wanted.occluded_cells)


def cells_of(work: Work, sample: Sample) -> Cells:
    """The drawn mask, else the cells that SG-CLDFF finds."""
    return work.judge.cells(sample.pixels) if sample.mask is None else sample.mask


def on_cells(work: Work, folder: DataFolder, entries: Sequence[Entry]) -> dict[str, Any]:
    """Energy, area and pointing game, over the images that have cells and a map that is not zero."""
    energy, area, groups, hits = [], [], [], []
    for entry in work.progress.track(entries, f"maps on {folder.name}"):
        sample = folder.read(entry)
        cells = cells_of(work, sample)
        result = work.judge.result(folder.network, sample.pixels)
        seen = observe(folder.network, sample, result, result, cells)
        if seen.energy_on_cell is None or seen.cell_share is None:
            continue
        energy.append(seen.energy_on_cell)
        area.append(seen.cell_share)
        groups.append(entry.group)
        reading = result.readings[folder.network]
        laid = to_field(reading.arrays["cams"][seen.voted], reading.placement)
        hits.append(points_at(laid, cells))
    return {
        "energy": mean(energy, groups),
        "area": mean(area, groups),
        "pointing": share(hits, groups),
        "without": len(entries) - len(energy),
    }


def points_at(laid: NDArray[np.float32], cells: Cells) -> bool:
    """The pointing game (Zhang et al. 2018, IJCV 126:1084): is the map's highest point on a cell? No margin."""
    y, x = np.unravel_index(int(laid.argmax()), laid.shape)
    rows, columns = cells.shape
    return bool(cells[y * rows // laid.shape[0], x * columns // laid.shape[1]])


def under_occlusion(work: Work, folder: DataFolder, entries: Sequence[Entry]) -> dict[str, Any]:
    """Areas under deletion and insertion, by the map and at random, of the head's probability for the voted class."""
    engine = work.judge.engine(folder.network)
    found: dict[str, list[list[float]]] = {"deletion": [], "insertion": []}
    for index, entry in enumerate(work.progress.track(entries, f"occlusion on {folder.name}")):
        sample = folder.read(entry)
        result = work.judge.result(folder.network, sample.pixels)
        reading = result.readings[folder.network]
        voted = observe(folder.network, sample, result, result, None).voted
        square, placement = place(sample.pixels, engine.contract)
        cam = reading.arrays["cams"][voted]
        inside = places_inside((cam.shape[0], cam.shape[1]), placement)
        orders = [by_map(cam, inside), at_random(inside, SEED + index)]
        pair = areas(engine, square, placement, orders, voted)
        found["deletion"].append([one.deletion for one in pair])
        found["insertion"].append([one.insertion for one in pair])
    groups = [entry.group for entry in entries]
    return {
        name: {
            "map": mean([one[0] for one in pairs], groups),
            "random": mean([one[1] for one in pairs], groups),
            "difference": difference([one[0] for one in pairs], [one[1] for one in pairs], groups),
        }
        for name, pairs in found.items()
    }


def sanity(
    work: Work, folders: Sequence[DataFolder], network: str, wanted: Namespace
) -> dict[str, Any]:
    """The stages of randomisation, or why it was not run."""
    provenance = work.bundle.network(network).provenance
    named = {sha256_of_file(path): path for path in wanted.checkpoints}
    path = named.get(str(provenance.get("checkpoint_sha256")))
    if path is None:
        return {"not_run": "the bundle's checkpoint was not given"}
    from measure.randomised import cascade

    from leukoscope.models.checkpoint import load_checkpoint

    try:
        model, _ = load_checkpoint(path)
    except InputError:
        return {"not_run": f"{path.name} is of another version of the network"}
    frames = frames_of(work, [one for one in folders if one.network == network], wanted.randomised)
    stages = [
        {k: rounded(v) if isinstance(v, float) else v for k, v in asdict(one).items()}
        for one in cascade(model, frames, SEED)
    ]
    return {"n": len(frames), "other_image": stages[0], "stages": stages[1:]}


def frames_of(work: Work, folders: Sequence[DataFolder], count: int) -> NDArray[np.uint8]:
    """Squares [n, S, S, 3] as the network takes them, as many from each folder."""
    each = max(1, count // len(folders))
    contract = work.judge.engine(folders[0].network).contract
    return np.stack(
        [
            place(folder.read(entry).pixels, contract)[0]
            for folder in folders
            for entry in spread(folder.held, each)
        ]
    )


if __name__ == "__main__":
    run(main)
