"""From a frame in memory to the vote and its map, by what people would use, in one run: `python benchmarks/frame_to_vote.py`.

XIncept-ALL with random weights, boosted trees on random features, painted frames of the network's size (uint8, nothing to
decode or resize), one at a time, rotated. Every way gives the trees' vote and the map of the voted class over the frame,
from 0 to 1; all get the same number of threads. They take turns; of a turn the lower decile of a way's calls counts.
Votes and maps are compared in the run. INT8 is made here by min-max over the painted frames, which serves for timing.

pytorch-grad-cam and openvino_xai are the libraries' own code. Where torchvision is not installed the names that
pytorch-grad-cam imports of it are empty (Grad-CAM calls none of them); where OpenVINO has no `openvino.runtime` any more
openvino_xai finds its things under their new name (`vote_ways/stand_ins.py`).
"""

import argparse
import logging
import tempfile
import warnings
from pathlib import Path

import torch
from timing.command import arguments, run, show
from timing.interval import interval_of, ratio_of
from timing.record import HIGHER, Record
from timing.table import table
from timing.turns import Plan, Times, of_each_turn, take_turns
from vote_ways.agreement import Agreement, agreements
from vote_ways.case import NETWORK, make_case
from vote_ways.choose import BASELINE, COMPILED, INTEGER, OURS, open_ways
from vote_ways.floor import Floor, floors

PACKAGES = ["torch", "grad-cam", "xgboost", "scikit-learn", "openvino", "openvino_xai"]
VOTE_TOLERANCE, MAP_TOLERANCE = 1e-4, 1e-3
"""Of the ways in float32: beyond it a way is named in the table."""


def main() -> None:
    """Measures and prints."""
    wanted = _arguments()
    torch.set_num_threads(wanted.threads)
    logging.disable(logging.INFO)  # openvino_xai tells of each step
    warnings.filterwarnings("ignore")
    record = Record("frame_to_vote", PACKAGES)
    with tempfile.TemporaryDirectory(prefix="leukoscope-vote-") as folder:
        case = make_case(Path(folder), wanted.size, wanted.rounds, wanted.frames, wanted.threads)
        ways, absent = open_ways(case, wanted.without)
        agreed = agreements(ways, case, BASELINE)
        calls = {name: lambda i, way=way: way(case.frames[i % len(case.frames)]) for name, way in ways.items()}  # fmt: skip
        record.begin()
        times = take_turns(calls, Plan(wanted.turns, wanted.calls))
        floor = floors(case) if wanted.floor else {}
    _fill(record, wanted, times, agreed, absent, floor)
    record.write(wanted.json)
    show(_table(times, agreed, absent, floor))
    show("\n" + record.notice())


def _arguments() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("--size", default="full", help="nano, small or full")
    parser.add_argument("--rounds", type=int, default=300, help="of the trees, four a round")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--turns", type=int, default=11)
    parser.add_argument("--calls", type=int, default=10)
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--without", action="append", default=[], metavar="WAY")
    parser.add_argument("--no-floor", dest="floor", action="store_false")
    wanted = parser.parse_args()
    if wanted.short:
        wanted.size, wanted.rounds, wanted.turns, wanted.calls, wanted.frames = "nano", 10, 2, 2, 2
        wanted.without, wanted.floor = [*wanted.without, COMPILED], False
    return wanted


def _fill(
    record: Record,
    wanted: argparse.Namespace,
    times: Times,
    agreed: dict[str, Agreement],
    absent: dict[str, str],
    floor: dict[str, Floor],
) -> None:
    turns = {name: of_each_turn(one) for name, one in times.items()}
    for name, one in turns.items():
        record.add(f"{name}: ms", interval_of(one), "ms")
        if name in OURS and BASELINE in turns:
            record.add(f"{name}: times faster", ratio_of(turns[BASELINE], one), "x", HIGHER)
    record.details.update(
        case={"network": NETWORK, **{k: getattr(wanted, k) for k in _SETTINGS}},
        agreement={name: one.to_json() for name, one in agreed.items()},
        absent=absent,
        floor={name: one.to_json() for name, one in floor.items()},
    )


_SETTINGS = ("size", "rounds", "threads", "turns", "calls", "frames")


def _table(
    times: Times, agreed: dict[str, Agreement], absent: dict[str, str], floor: dict[str, Floor]
) -> str:
    turns = {name: of_each_turn(one) for name, one in times.items()}
    head = ["frame to vote and map", "ms", "baseline / this", "same votes", "map, greatest difference", "map, correlation"]  # fmt: skip
    rows: list[list[str]] = []
    for name, one in turns.items():
        ratio = ratio_of(turns[BASELINE], one).words() if BASELINE in turns else "-"
        rows.append([name, interval_of(one).words(), ratio, *_agreement(name, agreed[name])])
    rows += [[name, "not run", why, "", "", ""] for name, why in absent.items()]
    lines = [table(head, rows), ""]
    for precision, one in floor.items():
        for name in [n for n in OURS if n.endswith(precision) and n in turns]:
            lines.append("- " + one.words(name, interval_of(turns[name]).value))
    return "\n".join(lines)


def _agreement(name: str, one: Agreement) -> list[str]:
    wrong = name not in INTEGER and (
        one.probability_error > VOTE_TOLERANCE or one.map_error > MAP_TOLERANCE
    )
    mark = " (differs)" if wrong else ""
    same = f"{one.same_votes} of {one.frames}"
    return [same + mark, f"{one.map_error:.1e}", f"{one.map_correlation:.4f}"]


if __name__ == "__main__":
    run(main)
