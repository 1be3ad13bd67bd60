"""Accuracy and IoU under fixed shifts of colour, light, sharpness and stain: `python benchmarks/robustness.py BUNDLE --data DIR... -o OUT`.

By the path that `run` takes, on held-out images (a fixed sample, even over the groups), beside the nearest neighbour
by colour alone under the same shift. Writes OUT/robustness.json, OUT/robustness.md and OUT/robustness.svg (the last
with matplotlib). Research use only.
"""

from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from measure.colour_floor import colour_of, floor_figures, floor_of
from measure.command import Work, arguments, opened, run, write_json
from measure.held import DataFolder, Entry, spread
from measure.judge import Row
from measure.robustness_page import write_page, write_plot
from measure.scores import accuracy, mask_figures, rounded, votes
from measure.shifts import CORNER, SHIFTS, UNSHIFTED

from leukoscope.runtime.engine import FIELD_NETWORK
from leukoscope.runtime.metrics.masks import REGIONS


def main() -> None:
    """Measures and writes."""
    parser = arguments(__doc__)
    parser.add_argument("--fields", type=int, default=200, help="fields a set, 0: all")
    parser.add_argument("--masked", type=int, default=24, help="images of a set with masks, 0: all")
    parser.add_argument("--cells", type=int, default=40, help="single cells a set, 0: all")
    wanted = parser.parse_args()
    with opened(wanted) as work:
        found: dict[str, dict[str, Any]] = {}
        for folder in work.folders:
            entries = spread(folder.held, limit_of(folder, wanted))
            found.setdefault(folder.network, {})[folder.name] = under_shifts(work, folder, entries)
        write_json(wanted.output, "robustness", work, {"shifted": found})
        write_page(wanted.output / "robustness.md", found)
        write_plot(wanted.output / "robustness.svg", found)


def limit_of(folder: DataFolder, wanted: Namespace) -> int:
    """How many images of the folder are taken."""
    if folder.network == FIELD_NETWORK:
        return int(wanted.fields)
    return int(wanted.masked if folder.has_masks else wanted.cells)


def shifts_of(folder: DataFolder) -> list[str]:
    """The scale bar's corner is covered where whole fields are judged: only those have one."""
    return [name for name in SHIFTS if name != CORNER or folder.network == FIELD_NETWORK]


def under_shifts(work: Work, folder: DataFolder, entries: Sequence[Entry]) -> dict[str, Any]:
    """One set under every shift."""
    names = shifts_of(folder)
    rows: dict[str, list[Row]] = {name: [] for name in names}
    colours: dict[str, list[Any]] = {name: [] for name in names}
    for entry in work.progress.track(entries, f"{folder.name} shifted"):
        sample = folder.read(entry)
        for name in names:
            pixels = SHIFTS[name](sample.pixels)
            rows[name].append(work.judge.row(folder.network, sample, entry.group, pixels))
            colours[name].append(colour_of(pixels))
    floor = floor_of(folder, work.progress)
    return {
        "n": len(entries),
        "of": len(folder.held),
        "shifts": {
            name: {
                **row_figures(folder, rows[name], rows[UNSHIFTED]),
                "colour": floor_figures(floor, colours[name], [row.target for row in rows[name]]),
            }
            for name in names
        },
    }


def row_figures(
    folder: DataFolder, rows: Sequence[Row], unshifted: Sequence[Row]
) -> dict[str, Any]:
    """Accuracy by voter, IoU, and the share of images whose vote the shift changed."""
    targets, found = folder.targets, {}
    for voter in rows[0].votes:
        flips = votes(rows, voter, targets) != votes(unshifted, voter, targets)
        found[voter] = {
            "accuracy": short(accuracy(rows, voter, targets, folder.classes)),
            "votes_changed": rounded(float(flips.mean())),
        }
    masks = mask_figures(rows)
    iou = masks and {region: short(masks[region]) for region in REGIONS}
    return {"by": found, "iou": iou}


def short(figure: dict[str, Any] | None) -> dict[str, Any] | None:
    """Without the interval by image: this is a long table."""
    return figure and {key: value for key, value in figure.items() if key != "by_image"}


if __name__ == "__main__":
    run(main)
