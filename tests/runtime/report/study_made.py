"""Studies made by hand: every part of the report filled, or left out."""

from dataclasses import replace

import cv2
import numpy as np
from made import Image, judged_of, region

from leukoscope.runtime.gate.verdict import gate
from leukoscope.runtime.report.calibration import Layer, MakeUp, Method, Part, Step
from leukoscope.runtime.report.compared import differences_of, intervals_of, ratios_of
from leukoscope.runtime.report.contents import (
    Changes,
    Example,
    Latency,
    Machine,
    NetworkStudy,
    Study,
    VariantRow,
)
from leukoscope.runtime.report.counted import confusion_of, reliability_of, votes_of
from leukoscope.runtime.validation import row_of

HOSTILE = """<script>alert("x")</script>'&\u202eexe.\ud800\x00.jpg"""
MACHINE = Machine("a processor", "avx512_vnni", "Linux x86_64", ("onnxruntime-cpu",), "1.23.0", 2)
COLOURS = {"image": (200, 180, 210), "float": (255, 255, 255), "variant": (90, 20, 30)}


def images(count: int = 24, *, labelled: bool = True, masked: bool = True) -> list[Image]:
    """Three classes in turn; every eighth flips, away from the truth where there is one."""
    return [
        Image(
            truth=i % 3 if labelled else None,
            reference=i % 3,
            variant=(i + 1) % 3 if i % 8 == 0 else i % 3,
            group=f"g{i // 2}",
            agreement=1 - 0.01 * i,
            masks=(region(90, 100, 100), region(85 + i % 5, 100, 100)) if masked else None,
        )
        for i in range(count)
    ]


def judged(count: int = 24, *, labelled: bool = True, masked: bool = True, **change):
    found = images(count, labelled=labelled, masked=masked)
    return judged_of(found, network=change.pop("network", "sg_cldff"), **change)


def example(name: str = "a.png", **change) -> Example:
    pictures = [
        bytes(cv2.imencode(".jpg", np.full((24, 32, 3), c, np.uint8))[1]) for c in COLOURS.values()
    ]
    values = {
        "agreement": 0.4, "float_vote": "a", "float_probability": 0.9, "variant_vote": "b",
        "variant_probability": 0.6, "truth": "a",
    }  # fmt: skip
    return Example(name, *pictures, **{**values, **change})


def row(one, variant: str, *, with_gate: bool = True, name: str = "a.png") -> VariantRow:
    votes = votes_of(one.observations[variant], one.targets, one.classes)
    base = votes_of(one.observations["fp32"], one.targets, one.classes)
    mine = ratios_of(one.observations[variant], votes, one.targets.names)
    theirs = ratios_of(one.observations["fp32"], base, one.targets.names)
    small = variant != "fp32"
    return VariantRow(
        variant=variant,
        file=f"{one.network}.{variant}.onnx",
        sha256=("1" if small else "0") * 64,
        size_bytes=3_100_000 if small else 12_500_000,
        figures=row_of(one, variant),
        intervals=intervals_of(mine),
        confusion=confusion_of(votes, one.targets.names),
        reliability=reliability_of(votes),
        agreements=tuple(sorted(o.rank_agreement for o in one.observations[variant])),
        differences=differences_of(mine, theirs) if small else (),
        changes=Changes(3, 0, 0.25) if small and len(votes.truth) else None,
        verdict=gate(one, variant) if small and with_gate else None,
        latency=Latency(21.5 if small else 88.25, 30.0, 24),
        examples=(example(name), example("b.png", variant_vote="a", truth=None)) if small else (),
    )


def network(one=None, variants=("fp32", "int8"), **change) -> NetworkStudy:
    one = judged() if one is None else one
    with_gate, name = change.pop("with_gate", True), change.pop("name", "a.png")
    labels = [s.target for s in (o.sample for o in one.observations["fp32"]) if s.target]
    values = {
        "network": one.network,
        "classes": one.classes,
        "reference": "fp32",
        "voter": "head",
        "label_map": "identity",
        "rows": tuple(row(one, v, with_gate=with_gate, name=name) for v in variants),
        "n": len(one.observations["fp32"]),
        "groups": 12,
        "groups_inferred": True,
        "images_by_label": {k: labels.count((k,)) for k in one.classes},
        "in_training": 0,
        "excluded": 1,
        "unreadable": ("torn.png",),
        "left_out": {"trained on": 7, "duplicate": 0},
        "images_sha256": "a" * 64,
        "contract_sha256": "b" * 64,
        "layers": layers(),
    }
    return NetworkStudy(**{**values, **change})


def layers(count: int = 40) -> tuple[Layer, ...]:
    return tuple(
        Layer(f"stage{i}/conv", 0.5 / (i + 1), 0.2 / (i + 1), 1000 * (i + 1), i == 0)
        for i in range(count)
    )


def make_up(**change) -> MakeUp:
    values = {
        "network": "sg_cldff",
        "method": "entropy",
        "parts": (
            Part("ranges", 128, 20, {"a": 64, "b": 64}),
            Part("search", 64, 9, {"a": 60, "c": 4}),
            Part("gate", 300, 31, {"a": 100, "b": 100, "c": 100}),
        ),
        "left_out": {"duplicate": 2, "blank": 0},
        "missing": ("c",),
        "returned": ("stage0/conv",),
        "graph_sha256": "c" * 64,
        "seed": 1,
        "int8_share": 0.957,
        "methods": (Method("min-max", 0.2, 0.04), Method("entropy", 0.05, 0.01)),
        "steps": (
            Step(0, "failed", 64, 4, {"recall a": 0.05}),
            Step(1, "undecided", 64, 0, {}),
        ),
    }
    return MakeUp(**{**values, **change})


def study(*networks: NetworkStudy, **change) -> Study:
    values = {
        "created": "2026-11-22",
        "bundle": "trial",
        "manifest_sha256": "d" * 64,
        "leukoscope": "0.1.0",
        "machine": MACHINE,
        "networks": networks or (network(),),
        "make_up": (make_up(),),
        "files": {"trees.bin": "e" * 64},
        "data": ("slides",),
    }
    return Study(**{**values, **change})


def hostile() -> Study:
    """Every text that comes from outside is hostile."""
    one = judged()
    names = (HOSTILE, "b", "c")
    targets = replace(one.targets, names=names)
    samples = {
        variant: tuple(
            replace(o, sample=replace(o.sample, name=f"{HOSTILE}{i}")) for i, o in enumerate(found)
        )
        for variant, found in one.observations.items()
    }
    bad = replace(one, targets=targets, observations=samples, label_map_name=HOSTILE)
    rows = tuple(
        replace(row(bad, variant, name=HOSTILE), file=HOSTILE, sha256=HOSTILE)
        for variant in ("fp32", "int8")
    )
    found = network(
        rows=rows,
        label_map=HOSTILE,
        unreadable=(HOSTILE,),
        left_out={HOSTILE: 3},
        images_by_label=dict.fromkeys(names, 8),
        layers=(Layer(HOSTILE, 0.5, None, 3, True),),
    )
    calibrated = make_up(
        network=HOSTILE,
        method=HOSTILE,
        missing=(HOSTILE,),
        returned=(HOSTILE,),
        parts=(Part(HOSTILE, 1, 1, {HOSTILE: 1}),),
        left_out={HOSTILE: 1},
        graph_sha256=HOSTILE,
        methods=(Method(HOSTILE, 0.1, 0.1),),
        steps=(Step(0, HOSTILE, 1, 1, {HOSTILE: 0.1}),),
    )
    machine = replace(MACHINE, cpu=HOSTILE, system=HOSTILE, backends=(HOSTILE,))
    return study(
        found,
        make_up=(calibrated,),
        machine=machine,
        bundle=HOSTILE,
        created=HOSTILE,
        files={HOSTILE: HOSTILE},
        data=(HOSTILE,),
        notes=(HOSTILE,),
    )


def nothing() -> Study:
    """One network, float alone, neither labels nor masks, no calibration, one image in one group."""
    one = judged(1, labelled=False, masked=False, network="xincept_all")
    alone = replace(row(one, "fp32"), latency=None)
    bare = network(
        one, rows=(alone,), groups=1, groups_inferred=False, layers=(), label_map=None,
        unreadable=(), left_out={}, excluded=0, voter="trees",
    )  # fmt: skip
    return study(bare, make_up=(), files={}, data=())
