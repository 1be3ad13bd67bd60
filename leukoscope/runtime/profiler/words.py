"""The profile as tables of words, for people at a terminal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from leukoscope.runtime.profiler.contents import Profile, RunProfile
from leukoscope.runtime.profiler.percentiles import Distribution
from leukoscope.runtime.profiler.variant import VariantProfile

NONE = "\u2013"
PERCENTILES = ("p50", "p90", "p95", "p99", "max", "jitter")


@dataclass(frozen=True)
class Grid:
    """One table; the first column is on the left."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def grids(profile: Profile) -> list[Grid]:
    """All tables, those without a row left out."""
    made = [_variants(profile), _rates(profile)]
    for run in profile.runs:
        made += [*_fields(run), *_ages(run), *_starts(run)]
    made += _modules(profile)
    return [one for one in made if one.rows]


def verdict(profile: Profile) -> list[str]:
    """Whether it can be trusted, and what was not measured, a line each."""
    lines = [f"not measured: {one.what}: {one.why}" for one in profile.not_measured]
    lines += [f"random weights, for their timing only: {name}" for name in profile.untrained]
    if profile.trusted:
        return [*lines, "no reason was found not to trust these figures"]
    return [*lines, "THESE FIGURES CANNOT BE TRUSTED:", *(f"  {one}" for one in profile.reasons)]


def _variants(profile: Profile) -> Grid:
    heads = ("one square a call, ms", "n", *PERCENTILES)
    rows = tuple((_name(one), *_distribution(one.latency_ms)) for one in profile.variants)
    missing = dict.fromkeys(why for one in profile.variants for why in one.latency_ms.missing)
    return Grid("latency", heads, rows, "; ".join(missing))


def _rates(profile: Profile) -> Grid:
    heads = ("squares a second", "alone", "by two callers", "in batches")
    rows = tuple(
        (
            _name(one),
            _number(one.throughput.serial_per_s),
            _number(one.throughput.two_callers_per_s),
            " ".join(f"{b.batch}:{_number(b.squares_per_s)}" for b in one.batches) or NONE,
        )
        for one in profile.variants
    )
    return Grid("throughput", heads, rows)


def _name(one: VariantProfile) -> str:
    return f"{one.network} {one.precision}\n{one.backend}{'' if one.trusted else ', NOT TRUSTED'}"


def _fields(run: RunProfile) -> Iterator[Grid]:
    if run.fields is None:
        return
    rows = [
        (_spaced(one.name), *([NONE] * 5))
        if one.ms is None
        else (
            _spaced(one.name),
            _number(one.ms.mean),
            NONE if one.share is None else f"{100 * one.share:.1f} %",
            _number(one.ms.p50),
            _number(one.ms.p90),
            _number(one.ms.max),
        )
        for one in run.fields.stages
    ]
    whole = run.fields.whole_ms
    ends = (_number(whole.p50), _number(whole.p90), _number(whole.max))
    rows.append((f"whole ({whole.n} fields)", _number(whole.mean), "100 %", *ends))
    why_not = [f"{_spaced(one.name)}: {one.why_not}" for one in run.fields.stages if one.why_not]
    heads = ("a field by stage, ms", "mean", "share", "p50", "p90", "max")
    yield Grid(f"run on {run.backend}: {_networks(run)}", heads, tuple(rows), "\n".join(why_not))


def _ages(run: RunProfile) -> Iterator[Grid]:
    found = run.stream
    if found is None:
        return
    drops = ", ".join(f"{n} {cause}" for cause, n in found.drops.items()) or "none dropped"
    title = (
        f"stream on {run.backend} at {found.rate_hz:g} frames a second: {found.captured} frames, {found.fields} fields, "
        f"{_number(found.fields_per_s)} a second; {drops}"
    )
    rows = (
        ("to the result", *_distribution(found.age_ms)),
        ("to the sinks, committed", *_distribution(found.shown_ms)),
    )
    yield Grid(title, ("frame age, ms", "n", *PERCENTILES), rows)


def _starts(run: RunProfile) -> Iterator[Grid]:
    found, memory = run.cold_start, run.memory
    if found is None:
        return
    rows = [(_spaced(name), _number(ms)) for name, ms in found.parts_ms.items()]
    rows.append(("start to first result", _number(found.total_ms)))
    rows.append(("leukoscope run, to its first line", _number(found.command_ms)))
    if memory is not None:
        rows.append(("host memory, peak, MB", _megabytes(memory.host_peak_bytes)))
        rows.append(("device memory, peak, MB", _megabytes(memory.device_peak_bytes)))
    note = f"device memory: {memory.why_no_device}" if memory and memory.why_no_device else ""
    yield Grid(
        f"cold start on {run.backend}, median of {found.n}", ("part", "ms"), tuple(rows), note
    )


def _modules(profile: Profile) -> Iterator[Grid]:
    for (network, precision, backend), study in profile.layers.items():
        rows = tuple(
            (
                one.name,
                str(one.layers),
                _number(one.ms),
                f"{100 * one.share:.1f} %",
                _number(one.floor_ms),
                _number(one.distance),
            )
            for one in study.modules
        )
        title = (
            f"layers of {network} {precision} on {backend}: {_number(study.ms)} ms, "
            f"floor {_number(study.floor_ms)} ms, {_number(study.distance)} times the floor"
        )
        yield Grid(title, ("module", "layers", "ms", "share", "floor, ms", "times"), rows)


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _networks(run: RunProfile) -> str:
    return ", ".join(f"{name} {how}" for name, how in run.networks.items())


def _distribution(found: Distribution) -> Sequence[str]:
    values = (found.p50, found.p90, found.p95, found.p99, found.max, found.jitter)
    return [str(found.n), *(_number(value) for value in values)]


def _number(value: float | None) -> str:
    if value is None:
        return NONE
    return (
        f"{value:.2f}"
        if abs(value) < 10
        else f"{value:.1f}"
        if abs(value) < 100
        else f"{value:.0f}"
    )


def _megabytes(value: int | None) -> str:
    return NONE if value is None else f"{value / 1e6:.0f}"
