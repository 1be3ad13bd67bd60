"""A profile made by hand, with every part that one can have."""

from leukoscope.runtime.profiler.cold_start import ColdStart, Memory
from leukoscope.runtime.profiler.contents import NotMeasured, Profile, RunProfile
from leukoscope.runtime.profiler.cpu_time import Load
from leukoscope.runtime.profiler.field_stages import FieldProfile, StageTime
from leukoscope.runtime.profiler.frame_age import StreamProfile
from leukoscope.runtime.profiler.many_calls import BatchTime
from leukoscope.runtime.profiler.monitors.reading import Reading
from leukoscope.runtime.profiler.percentiles import distribution
from leukoscope.runtime.profiler.stopwatch import COPIES, NOTHING_COPIED, STAGES
from leukoscope.runtime.profiler.timed_calls import Samples
from leukoscope.runtime.profiler.trust import doubts, spread
from leukoscope.runtime.profiler.variant import Copies, Monitors, Throughput, VariantProfile
from leukoscope.runtime.profiler.warm_up import WarmUp
from leukoscope.runtime.report.contents import Machine

QUIET = Load(0.9, 0.0, 0.0)
MACHINE = Machine("A <processor>", "avx2", "Linux x86_64", ("onnxruntime-cpu",), "1.31.1", 2)
READINGS = tuple(
    Reading(
        at_tick_ns=1_000_000_000 * n,
        cpu_load_share=0.5,
        own_cpu_share=0.4,
        cpu_mhz=(2000.0, 2001.0),
        temperatures_c={"<cpu>": 50.0 + n},
        power_w={"VDD_IN": 7.0},
        mode="MAXN",
    )
    for n in range(3)
)


def made_variant(network="xincept_all", precision="fp32", taken_ms=None, readings=READINGS):
    """310 steady calls of 8 to 10 ms."""
    taken = [8.0 + 0.5 * (n % 5) for n in range(310)] if taken_ms is None else list(taken_ms)
    warm = WarmUp(18, 0.2, True, 31.5)
    return VariantProfile(
        network=network,
        precision=precision,
        backend="onnxruntime-cpu",
        input_px=96,
        squares=12,
        warm_up=warm,
        latency_ms=distribution(taken),
        spread=spread(taken),
        throughput=Throughput(110.0, 140.0),
        copies=Copies(None, None, None, NOTHING_COPIED),
        batches=(BatchTime(1, 9, 8.0, 8.0, 125.0), BatchTime(4, 3, None, None, None)),
        load=QUIET,
        doubts=doubts(taken, warm, QUIET, readings),
        samples=Samples([10_000_000 * n for n in range(len(taken))], taken),
        readings=tuple(readings),
        monitors=Monitors(("host",), (), 0.001),
    )


def made_stage(name):
    if name in COPIES:
        return StageTime(name, STAGES[name], None, None, NOTHING_COPIED)
    return StageTime(name, STAGES[name], distribution([2.0] * 40), 0.1)


def made_run():
    """Forty fields of 20 ms; a stream that drops; two starts."""
    taken = [20.0] * 70
    stream = StreamProfile(
        rate_hz=30.0,
        seconds=5.0,
        captured=150,
        fields=70,
        drops={"overtaken": 79, "stopped": 1},
        fields_per_s=14.0,
        age_ms=distribution(taken),
        shown_ms=distribution(taken),
        load=QUIET,
        doubts=doubts(taken, None, QUIET),
        ages_ms=tuple(taken),
        at_s=tuple(n / 14 for n in range(70)),
        readings=(),
    )
    fields = FieldProfile(
        n=40,
        whole_ms=distribution([20.0] * 70),
        stages=tuple(map(made_stage, STAGES)),
        engine_by_network={"xincept_all": distribution([12.0] * 40)},
        calls_a_field=3.0,
        cells_a_field=5.5,
        journal_folder="/tmp",
        load=QUIET,
        doubts=(),
    )
    started = ColdStart(2, 700.0, 690.0, 710.0, {"interpreter": 25.0, "imports": 675.0}, 880.0)
    memory = Memory(200_000_000, 400_000_000, None, "no device")
    networks = {"xincept_all": "fp32 on onnxruntime-cpu"}
    return RunProfile("auto", networks, fields, stream, started, memory)


def made_profile(**changes):
    """`changes` replace fields."""
    values = {
        "bundle": "<b>.bundle",
        "manifest_sha256": "0" * 64,
        "untrained": (),
        "created": "2026-11-28T12:00:00+00:00",
        "leukoscope": "0.1.0",
        "machine": MACHINE,
        "power_mode": "MAXN",
        "inputs": "synthetic://",
        "fields": 12,
        "seconds": 30.0,
        "rate_hz": 30.0,
        "variants": (made_variant(), made_variant("sg_cldff", "int8", [9.0] * 20)),
        "runs": (made_run(),),
        "layers": {},
        "not_measured": (NotMeasured("sg_cldff fp16 on tensorrt", "no <driver>"),),
        "interrupted": False,
    }
    return Profile(**{**values, **changes})
