"""One row through boosted trees, by every way we know of, in one run: `python benchmarks/trees.py --json trees.json`.

One thread, rows rotated so that none is in the cache by itself, the ways taking turns so that a busy machine slows all
alike; then again with the cache swept before every call, as a network does between two fields. What is reported is the
lower decile of a turn's calls, so that those that another process interrupted do not count (long calls suffer most from
those), and its ratio to leukoscope's, turn by turn, with its spread. The model is trained here on noise with some
structure; two minutes in all. TL2cgen and predict_proba take part where they can (`pip install --no-deps tl2cgen`,
`pip install scikit-learn`).
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import xgboost
from timing.interval import interval_of, ratio_of
from timing.record import HIGHER, Record
from tree_ways import WAYS, Way, open_blob

OURS = "leukoscope"
WARM_CALLS = 20
Times = dict[str, list[float]]


def train(options: argparse.Namespace) -> xgboost.Booster:
    """A softprob booster of 4 classes: weak structure, so that trees grow to their full depth."""
    random = np.random.default_rng(options.seed)
    x = random.normal(size=(2000, options.features)).astype(np.float32)
    score = x[:, :8].sum(axis=1) + 2 * random.normal(size=len(x))
    x[random.random(x.shape) < 0.05] = np.nan
    parameters = {
        "objective": "multi:softprob", "num_class": 4, "max_depth": options.depth, "eta": 0.05, "min_child_weight": 0,
        "colsample_bytree": 0.03, "max_bin": 32, "tree_method": "hist", "nthread": 1, "seed": options.seed,
    }  # fmt: skip
    data = xgboost.DMatrix(x, np.digitize(score, [-2.5, 0, 2.5]))
    return xgboost.train(parameters, data, options.trees // 4)


def rows_for(options: argparse.Namespace) -> np.ndarray:
    """Rows that the model has not seen, 5 % missing."""
    random = np.random.default_rng(options.seed + 1)
    x = random.normal(size=(options.rows, options.features)).astype(np.float32)
    x[random.random(x.shape) < 0.05] = np.nan
    return x


def open_ways(model: Path, x: np.ndarray) -> tuple[dict[str, Way], dict[str, str]]:
    """The ways that this machine has, and why it has not the others."""
    ways, absent = {}, {}
    for name, opened in WAYS.items():
        try:
            ways[name] = opened(model, x)
        except (ImportError, OSError, subprocess.CalledProcessError) as error:
            absent[name] = f"not run: {error}"
    return ways, absent


def errors(ways: dict[str, Way], x: np.ndarray, booster: xgboost.Booster) -> dict[str, float]:
    """The greatest difference of a probability from inplace_predict's, over 64 rows."""
    expected = booster.inplace_predict(x[:64])
    return {
        name: float(np.abs(np.stack([np.array(call(row)).reshape(-1) for row in rows[:64]]) - expected).max())
        for name, (call, rows) in ways.items()
    }  # fmt: skip


def measure(ways: dict[str, Way], turns: int, calls: int, sweep_mb: int) -> Times:
    """Microseconds for one row, by way: of each turn the lower decile of its calls. 0 MB: the cache is left alone."""
    found: Times = {name: [] for name in ways}
    memory, warm = np.zeros(sweep_mb << 17), min(WARM_CALLS, calls // 10)
    for turn in range(turns):
        for name, (call, rows) in ways.items():
            times = []
            for index in range(turn * calls - warm, (turn + 1) * calls):
                memory += 1
                start = time.perf_counter_ns()
                call(rows[index % len(rows)])
                times.append((time.perf_counter_ns() - start) / 1000)
            found[name].append(float(np.percentile(times[warm:], 10)))
    return found


def summary(times: Times) -> dict[str, dict[str, Any]]:
    """By way: microseconds and ratio to ours, each as median, least and greatest of the turns."""
    return {
        name: {
            "row_us": _spread(values),
            "times_ours": _spread([a / b for a, b in zip(values, times[OURS], strict=True)]),
        }
        for name, values in times.items()
    }


def _spread(values: list[float]) -> dict[str, float]:
    return {"median": float(np.median(values)), "least": min(values), "greatest": max(values)}


def table(report: dict[str, Any]) -> str:
    """The report as Markdown."""
    lines = ["| one row | µs | times ours | swept, µs | times ours | max error |", "|---|---|---|---|---|---|"]  # fmt: skip
    for name in report["ways"]:
        cells = []
        for state in ("warm", "swept"):
            us, ratio = (report[state][name][key] for key in ("row_us", "times_ours"))
            cells += [f"{us['median']:.1f}"]
            cells += [f"{ratio['median']:.1f} ({ratio['least']:.1f} to {ratio['greatest']:.1f})"]
        lines.append(f"| {name} | {' | '.join(cells)} | {report['ways'][name]:.1g} |")
    lines += [f"| {name} | {reason} | | | | |" for name, reason in report["absent"].items()]
    return "\n".join(lines)


def run(options: argparse.Namespace, record: Record) -> dict[str, Any]:
    """Trains, opens, compares, measures."""
    with tempfile.TemporaryDirectory(prefix="leukoscope-trees-") as folder:
        model = Path(folder) / "model.json"
        booster = train(options)
        booster.save_model(model)
        x, blob = rows_for(options), open_blob(model)
        ways, absent = open_ways(model, x)
        return {
            "model": {"trees": blob.trees, "depth": blob.header.depth, "features": blob.features,
                      "layout": blob.layout, "size_bytes": len(blob.data)},
            "ways": errors(ways, x, booster),
            "absent": absent,
            "warm": summary(noted(record, "warm", measure(ways, options.turns, options.calls, 0))),
            "swept": summary(noted(record, "swept", measure(ways, options.turns, options.swept_calls, options.sweep_mb))),
        }  # fmt: skip


def noted(record: Record, state: str, times: Times) -> Times:
    """The times as they are; their figures go into the record."""
    for name, values in times.items():
        record.add(f"{state}, {name}: us", interval_of(values), "us")
        if name != OURS:
            ratio = ratio_of(values, times[OURS])
            record.add(f"{state}, {name}: times ours", ratio, "x", HIGHER)
    return times


def main() -> None:
    """Writes the table to stdout, and the report to --json."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for flag, default in (("trees", 1200), ("depth", 6), ("features", 2048), ("rows", 512), ("turns", 7),
                          ("calls", 300), ("swept-calls", 20), ("sweep-mb", 96), ("seed", 0)):  # fmt: skip
        parser.add_argument(f"--{flag}", type=int, default=default)
    parser.add_argument("--json", type=Path, help="where the record goes")
    parser.add_argument("--short", action="store_true", help="a small case: it runs, no more")
    options = parser.parse_args()
    if options.short:
        options.trees, options.features, options.turns, options.calls, options.swept_calls = (
            40,
            64,
            2,
            20,
            4,
        )
    record = Record("trees", ["xgboost", "treelite", "tl2cgen", "scikit-learn"])
    record.details.update(report := run(options, record))
    record.write(options.json)
    sys.stdout.write(table(report) + "\n\n" + record.notice() + "\n")


if __name__ == "__main__":
    main()
