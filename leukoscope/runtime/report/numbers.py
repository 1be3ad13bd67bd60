"""How the page writes its numbers."""

from leukoscope.runtime.metrics.intervals import Interval

DASH = "\u2013"
NONE = "\u2014"
MINUS = "\u2212"


def fraction(value: float | None, digits: int = 4) -> str:
    """`0.9731`; a dash where it is undefined."""
    return NONE if value is None else _signed(f"{value:.{digits}f}")


def change(value: float | None, digits: int = 4) -> str:
    """A difference with its sign, `+0.0024`; nought has none."""
    if value is None:
        return NONE
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else _signed(text)


def span(interval: Interval | None, digits: int = 4) -> str:
    """`0.961 to 0.984`; nothing where there is none."""
    if interval is None:
        return ""
    return f"{fraction(interval.low, digits)} to {fraction(interval.high, digits)}"


def count(value: int) -> str:
    """Thousands apart: `12 840`."""
    return f"{value:,}".replace(",", "\u202f")


def of_size(size_bytes: int) -> str:
    """`12.8 MB` (10^6 bytes)."""
    return (
        f"{size_bytes / 1e6:.1f}\u00a0MB"
        if size_bytes >= 1e5
        else f"{size_bytes / 1e3:.1f}\u00a0kB"
    )


def milliseconds(value: float) -> str:
    """Three figures: `8.31 ms`, `88.2 ms`, `208 ms`."""
    digits = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:.{digits}f}\u00a0ms"


def small(value: float) -> str:
    """A size of error, not negative, in two figures: `0.034`, `1.2e-5`."""
    if value == 0:
        return "0"
    return (
        f"{value:#.2g}".rstrip(".") if 1e-3 <= value < 99.5 else f"{value:.1e}".replace("e-0", "e-")
    )


def plural(value: int, one: str, many: str = "") -> str:
    """`1 image`, `12 images`."""
    return f"{count(value)} {one if value == 1 else many or one + 's'}"


def listed(names: list[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _signed(text: str) -> str:
    """A real minus sign, and none before a nought."""
    return (MINUS if float(text) else "") + text[1:] if text.startswith("-") else text
