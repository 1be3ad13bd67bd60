"""What a column must hold: the file's bytes may be anything. Raises what `faults.BROKEN_ROW` names."""

import json
from collections.abc import Mapping


def whole(value: object) -> int:
    """A whole number. TypeError where the column holds something else; so with all of these."""
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value


def whole_or_none(value: object) -> int | None:
    """None stays None."""
    return None if value is None else whole(value)


def real(value: object) -> float:
    """A float."""
    if not isinstance(value, float):
        raise TypeError(f"{value!r} is no real number")
    return value


def real_or_none(value: object) -> float | None:
    """None stays None."""
    return None if value is None else real(value)


def words(value: object) -> str:
    """A text."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def words_or_none(value: object) -> str | None:
    """None stays None."""
    return None if value is None else words(value)


def blob(value: object) -> bytes:
    """The bytes of a file."""
    if not isinstance(value, bytes):
        raise TypeError(f"{type(value).__name__} where a file should be")
    return value


def names(value: object) -> tuple[str, ...]:
    """A JSON list of texts."""
    found = json.loads(words(value))
    if not isinstance(found, list):
        raise TypeError(f"{value!r} is no list")
    return tuple(words(one) for one in found)


def numbers(value: object) -> tuple[int, ...]:
    """A JSON list of whole numbers."""
    found = json.loads(words(value))
    if not isinstance(found, list):
        raise TypeError(f"{value!r} is no list")
    return tuple(whole(one) for one in found)


def by_name(value: object) -> Mapping[str, float | None]:
    """A JSON table of numbers."""
    found = json.loads(words(value))
    if not isinstance(found, dict):
        raise TypeError(f"{value!r} is no table")
    return {name: None if one is None else float(one) for name, one in found.items()}
