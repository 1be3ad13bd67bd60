"""The images on which a variant and the float model agree least, looked at once more."""

from collections.abc import Sequence

import numpy as np

from leukoscope.errors import InputError
from leukoscope.images.decode import read_image
from leukoscope.progress import Progress
from leukoscope.runtime.bench import Bench
from leukoscope.runtime.explain import lay_on_field
from leukoscope.runtime.field import Frame, Result
from leukoscope.runtime.judge import Judged
from leukoscope.runtime.observation import Observation
from leukoscope.runtime.report.contents import Example
from leukoscope.runtime.report.overlay import overlay, picture

FLIPS_SHARE = 2
"""Flipped images take at most every second place, so that drifting maps are seen too (our choice)."""


def worst_of(observations: Sequence[Observation], count: int) -> tuple[int, ...]:
    """Indices of at most `count` images: those that flipped, then those whose maps agree least.

    Flips fill at most half of the places, rounded up, while other images are left for the rest.
    """
    order = sorted(range(len(observations)), key=lambda i: _badness(observations[i]))
    flipped = [i for i in order if observations[i].flipped]
    others = [i for i in order if not observations[i].flipped]
    shown = max(-(-count // FLIPS_SHARE), count - len(others))
    chosen = flipped[:shown]
    return tuple(chosen + others[: count - len(chosen)])


def examples_of(
    bench: Bench, judged: Judged, variant: str, count: int, progress: Progress
) -> tuple[Example, ...]:
    """Both variants' maps of the worst images, which are read from their files again.

    A file that is gone by now, or cannot be read any more, is noted and left out.
    """
    observations = judged.observations[variant]
    found = []
    for index in worst_of(observations, count):
        try:
            found.append(_example(bench, judged, variant, index))
        except InputError as cause:
            progress.note(f"no example of it in the report: {cause}")
    return tuple(found)


def _badness(one: Observation) -> tuple[float, str, str]:
    return one.rank_agreement, one.sample.name, one.sample.sha256


def _example(bench: Bench, judged: Judged, variant: str, index: int) -> Example:
    mine = judged.observations[variant][index]
    float_one = judged.observations[judged.reference][index]
    sample = mine.sample
    frame = Frame(read_image(sample.path), str(sample.path), sample.name, 0)
    class_name = judged.classes[float_one.voted]
    return Example(
        name=sample.name,
        image_jpeg=picture(frame.pixels),
        float_map_jpeg=_map(bench.pipelines[judged.reference](frame), judged.network, class_name),
        variant_map_jpeg=_map(bench.pipelines[variant](frame), judged.network, class_name),
        agreement=mine.rank_agreement,
        float_vote=class_name,
        float_probability=float(float_one.probabilities[float_one.voted]),
        variant_vote=judged.classes[mine.voted],
        variant_probability=float(mine.probabilities[mine.voted]),
        truth=None if sample.target is None else "/".join(sample.target),
    )


def _map(result: Result, network: str, class_name: str) -> bytes:
    evidence = lay_on_field(result.readings[network], network, class_name, None)
    return overlay(result.frame.pixels, np.maximum(evidence.heat, 0))
