"""JSON values of which nothing is certain: each comes out as what it should be, or as nothing."""

import math
from collections.abc import Mapping, Sequence
from typing import Any


def number_of(value: Any) -> float | None:
    """A finite number, at least 0 (what rounding put below counts as 0), else None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return max(number, 0.0) if math.isfinite(number) and number > -1e-6 else None


def text_of(value: Any) -> str:
    """A text, else ''."""
    return value if isinstance(value, str) else ""


def texts_of(value: Any) -> tuple[str, ...]:
    """The texts of a list."""
    return tuple(one for one in _list(value) if isinstance(one, str))


def mapping_of(value: Any) -> Mapping[str, Any]:
    """An object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def mappings_of(value: Any) -> tuple[Mapping[str, Any], ...]:
    """The objects of a list."""
    return tuple(one for one in _list(value) if isinstance(one, Mapping))


def numbers_of(value: Any) -> dict[str, float]:
    """The numbers of an object."""
    found = {str(key): number_of(one) for key, one in mapping_of(value).items()}
    return {key: number for key, number in found.items() if number is not None}


def count_of(value: Any) -> int:
    """How many a list holds; a number stands for itself."""
    return value if type(value) is int else len(_list(value))


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else ()
