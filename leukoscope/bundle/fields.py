"""Strict reading of JSON: a parser that refuses what two parsers could read differently, and typed, bounded fields."""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from leukoscope.errors import InputError

T = TypeVar("T")

JSON_LIMIT_BYTES = 16 * 1024 * 1024
JSON_LIMIT_DEPTH = 32
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
SHA256 = re.compile(r"[0-9a-f]{64}")
TEXT_LIMIT = 1024
CLASSES_LIMIT = 1000


def parse_json(data: bytes, where: str) -> Any:
    """Bytes -> JSON values. InputError beyond 16 MB or 32 levels, on repeated keys, NaN and infinities."""
    if len(data) > JSON_LIMIT_BYTES:
        raise InputError(f"{where} has {len(data)} bytes", wanted=f"at most {JSON_LIMIT_BYTES}")
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where} is not plain JSON: {str(error)[:120]}") from None
    if _depth(value) > JSON_LIMIT_DEPTH:
        raise InputError(f"{where} is nested too deep", wanted=f"at most {JSON_LIMIT_DEPTH} levels")
    return value


def check_name(name: str, where: str) -> str:
    """The name, if it is a plain file name inside the bundle; else InputError."""
    if not NAME.fullmatch(name) or name.lower().startswith("manifest.json"):
        raise InputError(f"{where}: {name[:80]!r} is no file name", wanted="letters, digits, . _ -")
    return name


class Fields:
    """One JSON object with exactly the given keys; each method checks one field and names it when it is wrong."""

    def __init__(self, value: Any, where: str, keys: Sequence[str]) -> None:
        if not isinstance(value, dict):
            raise InputError(f"{where} is {_kind(value)}", wanted="an object")
        missing = [key for key in keys if key not in value]
        unknown = [key for key in value if key not in keys]
        if missing:
            raise InputError(f"{where} has no {missing[0]}")
        if unknown:
            raise InputError(f"{where} has the unknown key {unknown[0][:80]!r}")
        self._value: dict[str, Any] = value
        self._where = where

    def _take(self, key: str, good: bool, wanted: str) -> Any:
        if not good:
            found = repr(self._value[key])[:60]
            raise InputError(f"{self._where}: {key} is {found}", wanted=wanted)
        return self._value[key]

    def text(self, key: str) -> str:
        value = self._value[key]
        good = isinstance(value, str) and 0 < len(value) <= TEXT_LIMIT and value.isprintable()
        return str(self._take(key, good, f"a text of 1 to {TEXT_LIMIT} printable characters"))

    def sha256(self, key: str) -> str:
        value = self._value[key]
        good = isinstance(value, str) and SHA256.fullmatch(value) is not None
        return str(self._take(key, good, "64 lower-case hex digits"))

    def file_name(self, key: str) -> str:
        return check_name(self.text(key), f"{self._where}: {key}")

    def one_of(self, key: str, choices: Sequence[str]) -> str:
        return str(self._take(key, self._value[key] in choices, " or ".join(choices)))

    def boolean(self, key: str) -> bool:
        return bool(self._take(key, isinstance(self._value[key], bool), "true or false"))

    def integer(self, key: str, least: int) -> int:
        value = self._value[key]
        good = type(value) is int and least <= value < 2**53
        return int(self._take(key, good, f"a whole number from {least}"))

    def positive(self, key: str) -> float:
        value = self._value[key]
        good = type(value) in (int, float) and 0 < value < 1e30 and math.isfinite(value)
        return float(self._take(key, good, "a number above 0"))

    def pair(self, key: str) -> tuple[int, int]:
        value = self._value[key]
        good = isinstance(value, list) and len(value) == 2
        good = good and all(type(item) is int and 0 < item < 65536 for item in value)
        first, second = self._take(key, good, "two whole numbers from 1 to 65535")
        return int(first), int(second)

    def classes(self, key: str) -> tuple[str, ...]:
        value = self._value[key]
        good = isinstance(value, list) and 2 <= len(value) <= CLASSES_LIMIT
        good = good and all(_is_class(item) for item in value)
        good = good and len(set(value)) == len(value)
        return tuple(self._take(key, good, f"2 to {CLASSES_LIMIT} different names"))

    def object(self, key: str) -> Mapping[str, Any]:
        value: Mapping[str, Any] = self._take(key, isinstance(self._value[key], dict), "an object")
        return value

    def optional_object(self, key: str) -> Mapping[str, Any] | None:
        return None if self._value[key] is None else self.object(key)

    def optional(self, key: str, read: Callable[[Any, str], T]) -> T | None:
        value = self._value[key]
        return None if value is None else read(value, f"{self._where}: {key}")

    def entries(self, key: str, read: Callable[[Any, str], T]) -> dict[str, T]:
        """An object of objects; the names obey the rule of file names, so they can stand in one."""
        items = self.object(key)
        for name in items:
            check_name(name, f"{self._where}: {key}")
        return {name: read(item, f"{self._where}: {key}.{name}") for name, item in items.items()}


def _is_class(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 100 and value.isprintable()


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key is repeated")
    return value


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is no JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is no finite number")
    return value


def _depth(value: Any) -> int:
    """Levels of nesting, counted without recursion."""
    depth, level = 0, [value]
    while level:
        depth += 1
        inner = [item for item in level if isinstance(item, (dict, list))]
        level = [x for i in inner for x in (i.values() if isinstance(i, dict) else i)]
    return depth


def _kind(value: Any) -> str:
    names = {"NoneType": "null", "list": "a list", "str": "a text", "bool": "true or false"}
    return names.get(type(value).__name__, "a number")
