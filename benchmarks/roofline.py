"""How far each module is from this machine's floor: `python benchmarks/roofline.py BUNDLE --network xincept_all --threads 1`.

Each variant of the network on the processor, by ONNX Runtime or `--backend openvino`, over painted squares. Without an `int8` variant in the
bundle one is made here as benchmarks/int8.py does, which serves for timing (random weights too), not for accuracy. One thread
repeats better than two on a machine that others use too. docs/roofline.md says what the columns are.
"""

import argparse
import json
from pathlib import Path

from timing.command import arguments, run, show
from vote_ways.int8_variant import quantized

from leukoscope.bundle.read import Bundle, open_bundle
from leukoscope.export.frames import painted_frames
from leukoscope.images.contract import Contract
from leukoscope.runtime.profiler.layers.layer_study import LayerStudy
from leukoscope.runtime.profiler.layers.modules_chart import modules_chart
from leukoscope.runtime.profiler.layers.roofline_chart import roofline_chart
from leukoscope.runtime.profiler.layers.study import STUDIED, study_graph
from leukoscope.runtime.report.style import CSS

SEED, SQUARES, SHORT_CALLS = 53_000, 6, 4
PRECISIONS = ("fp32", "int8")


def main() -> None:
    """Studies the variants and prints a table of each."""
    wanted = _arguments()
    bundle = open_bundle(wanted.bundle)
    studies = _studies(bundle, wanted)
    if wanted.charts is not None:
        wanted.charts.write_text(_page(studies), encoding="utf-8")
    if wanted.json is not None:
        report = {"schema": 1, "studies": [one.to_json() for one in studies]}
        wanted.json.write_text(json.dumps(report, indent=1, allow_nan=False), encoding="utf-8")
    show("\n\n".join(map(_table, studies)))


def _arguments() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--network", default="xincept_all")
    parser.add_argument("--backend", choices=STUDIED, default=STUDIED[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--calls", type=int, default=80)
    parser.add_argument(
        "--charts", type=Path, metavar="FILE", help="an HTML file with the rooflines"
    )
    return parser.parse_args()


def _studies(bundle: Bundle, wanted: argparse.Namespace) -> list[LayerStudy]:
    name = wanted.network
    contract = Contract.from_json(bundle.network(name).contract)
    frames = painted_frames(name, contract, SQUARES, SEED)
    variants = [one for one in bundle.network(name).variants if one in PRECISIONS]
    graphs = {precision: bundle.graph(name, precision) for precision in variants}
    if "int8" not in graphs:
        graphs["int8"] = quantized(graphs["fp32"], frames)
    calls = SHORT_CALLS if wanted.short else wanted.calls
    return [
        study_graph(
            graph,
            f"{name}.{precision}",
            name,
            precision,
            frames,
            wanted.threads,
            calls,
            backend=wanted.backend,
        )
        for precision, graph in graphs.items()
    ]


def _table(study: LayerStudy) -> str:
    peaks = study.peaks
    lines = [
        f"{study.network} {study.precision}, {study.input_px} px, {study.backend}, {peaks.threads} threads: call {study.ms:.1f} ms, "
        f"floor {study.floor_ms:.1f} ms, {study.distance:.2f} times; not mapped {study.unmapped_share:.3f}; peaks: "
        f"float32 {peaks.float32_per_s / 1e9:.0f} G/s, int8 {peaks.int8_per_s / 1e9:.0f} G/s, "
        f"memory {peaks.memory_bytes_per_s / 1e9:.1f} GB/s, cache {peaks.cache_bytes_per_s / 1e9:.0f} GB/s",
        "",
        "| module | layers | ms | floor, ms | times | above, ms | G operations | MB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in study.modules:
        floor = one.floor_ms or 0.0
        lines.append(
            f"| {one.name} | {one.layers} | {one.ms:.2f} | {floor:.2f} | {one.distance or 0:.1f} | {one.ms - floor:.2f} | "
            f"{one.operations / 1e9:.2f} | {one.bytes / 1e6:.1f} |"
        )
    return "\n".join(lines)


def _page(studies: list[LayerStudy]) -> str:
    figures = "".join(
        f"<h2>{one.network} {one.precision}</h2><figure>{roofline_chart(one)}</figure><figure>{modules_chart(one)}</figure>"
        for one in studies
    )
    head = f"<!doctype html><meta charset=utf-8><title>Roofline</title><style>{CSS}</style>"
    return f"{head}<main><p class=strip><b>Research use only</b></p>{figures}</main>"


if __name__ == "__main__":
    run(main)
