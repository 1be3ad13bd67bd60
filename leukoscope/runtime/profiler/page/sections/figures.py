"""How a profile's numbers stand in tables."""

from leukoscope.runtime.profiler.percentiles import Distribution
from leukoscope.runtime.report.markup import Child
from leukoscope.runtime.report.numbers import NONE, milliseconds
from leukoscope.runtime.report.tables import below

PERCENTILE_HEADS = ("p50", "p90", "p95", "p99", "max", "jitter")


def ms(value: float | None) -> str:
    """`8.31 ms`; a dash where it is not known."""
    return NONE if value is None else milliseconds(value)


def rate(value: float | None, unit: str = "/s") -> str:
    """`61.5 /s`."""
    return NONE if value is None else f"{value:.1f}\u00a0{unit}"


def percent(value: float | None) -> str:
    """`12.3 %`."""
    return NONE if value is None else f"{100 * value:.1f}\u00a0%"


def megabytes(value: int | None) -> str:
    """`412 MB` (10^6 bytes)."""
    return NONE if value is None else f"{value / 1e6:.0f}\u00a0MB"


def percentiles(found: Distribution) -> list[Child]:
    """A cell for each of PERCENTILE_HEADS."""
    values = (found.p50, found.p90, found.p95, found.p99, found.max, found.jitter)
    return [ms(value) for value in values]


def named(name: str, small_print: str) -> Child:
    """A row's head."""
    return below(name, small_print)
