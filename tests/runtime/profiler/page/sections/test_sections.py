"""Each section: what stands there follows from the profile."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "report"))
sys.path.insert(0, str(Path(__file__).parents[2]))

from dataclasses import replace

import numpy as np
from parsed import Page
from profile_made import made_profile, made_run, made_variant

from leukoscope.runtime.profiler.layers.study import study_layers
from leukoscope.runtime.profiler.many_calls import BatchTime
from leukoscope.runtime.profiler.page.sections.fields import fields
from leukoscope.runtime.profiler.page.sections.figures import megabytes, ms, percent, rate
from leukoscope.runtime.profiler.page.sections.layers import layers
from leukoscope.runtime.profiler.page.sections.machine import machine
from leukoscope.runtime.profiler.page.sections.stream import start, stream
from leukoscope.runtime.profiler.page.sections.trust import trust
from leukoscope.runtime.profiler.page.sections.variants import variants
from leukoscope.runtime.profiler.variant import Copies
from leukoscope.runtime.settings import Settings


def test_trust_comes_with_its_reasons(profile):
    read = Page(trust(profile))
    assert "These figures cannot be trusted." in read.text
    assert "sg_cldff int8 on onnxruntime-cpu: 20 samples, 59 wanted" in read.text
    assert "no <driver>" in read.text
    good = Page(trust(made_profile(variants=(made_variant(),), untrained=("sg_cldff",))))
    assert "No reason was found" in good.text and "Random weights" in good.text


def test_every_variant_has_its_row_and_its_charts(profile):
    read = Page(variants(profile))
    assert read.count("svg") == 4 and "XIncept-ALL, FP32 (float) on onnxruntime-cpu" in read.text
    assert "onnxruntime-cpu, not trusted" in read.text
    assert "nothing is copied" in read.text
    assert "hottest place" in read.text and "power, all rails" in read.text


def test_copies_that_are_known_are_given():
    one = replace(made_variant(), copies=Copies(0.25, 3.0, None, None), batches=(BatchTime(2, 5, 9.0, 4.5, 222.2),))  # fmt: skip
    read = Page(variants(made_profile(variants=(one,))))
    assert "copy in 0.25\u00a0ms, engine 3.00\u00a0ms, copy out \u2014" in " ".join(read.words)
    assert "222.2" in read.text


def test_stages_stand_with_what_they_hold(profile):
    read = Page(fields(profile))
    assert "one field committed to the disk" in read.text and "nothing is copied" in read.text
    assert "5.5 cells and 3.0 calls" in read.text and read.count("svg") == 1


def test_the_stream_says_what_became_of_every_frame(profile):
    read = Page(stream(profile))
    assert "150 frames, 70 fields" in read.text and "79 overtaken, 1 stopped" in read.text
    silent = replace(made_run().stream, ages_ms=(), at_s=())
    bare = made_profile(runs=(replace(made_run(), stream=silent),))
    assert Page(stream(bare)).count("svg") == 0


def test_the_cold_start_stands_with_its_memory(profile):
    read = Page(start(profile))
    for words in ("700\u00a0ms", "880\u00a0ms", "400\u00a0MB", "no device", "interpreter"):
        assert words in " ".join(read.words), words


def test_the_machine_is_named(profile):
    read = Page(machine(profile))
    assert "A <processor>, avx2" in read.text and "MAXN" in read.text
    assert "host, 0.1\u00a0% of a core" in " ".join(read.words)


def test_layers_have_their_roofline_and_their_modules(toy_bundle):
    frames = np.zeros((2, 96, 96, 3), np.uint8)
    study = study_layers(toy_bundle, "xincept_all", "fp32", Settings(threads=1), frames, calls=3)
    key = ("xincept_all", "fp32", "onnxruntime-cpu")
    read = Page(layers(made_profile(layers={key: study})))
    assert read.count("svg") == 2 and "times the floor" in read.text
    assert "Not measured" in Page(layers(made_profile())).text


def test_figures_that_are_not_known_are_dashes():
    assert ms(None) == rate(None) == percent(None) == megabytes(None) == "\u2014"
    assert (rate(61.52), percent(0.1234), megabytes(412_000_000)) == (
        "61.5\u00a0/s",
        "12.3\u00a0%",
        "412\u00a0MB",
    )
