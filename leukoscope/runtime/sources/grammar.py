"""The grammar of sources: SCHEME://AUTHORITY/PATH?KEY=VALUE&KEY=VALUE, taken apart and checked value by value."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from urllib.parse import parse_qsl, unquote

from leukoscope.errors import InputError
from leukoscope.runtime.sources.redact import redact

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
PARTS = re.compile(r"([^:/?#]+)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
"""RFC 3986, appendix B."""
GRAMMAR = (
    "an image, a folder, a glob, a video file, v4l2:///dev/video0, csi://0, rtsp://host/path, "
    "watch:///folder or synthetic://?stage=early&fields=200&seed=1"
)
MAX_TEXT = 4096
"""Characters of a source; a path is not longer either."""
SHOWN = 40
"""Characters of a wrong key or value that are repeated to the user."""


def scheme_of(text: str) -> str | None:
    """The scheme in lower case; None for a plain path."""
    found = SCHEME.match(text)
    return found.group(1).lower() if found else None


@dataclass(frozen=True)
class Address:
    """A URI in its parts, not yet judged by its scheme."""

    scheme: str
    authority: str
    path: str
    """Percent-decoded."""
    query: str
    fragment: str


def split_address(text: str) -> Address:
    """The parts of `text`; InputError where it is no URI, too long, or holds control characters."""
    found = PARTS.fullmatch(text)
    if found is None or len(text) > MAX_TEXT or any(ord(letter) < 32 for letter in text):
        raise InputError(f"{redact(text)[:SHOWN]!r} is no URI", wanted=GRAMMAR)
    scheme, authority, path, query, fragment = found.groups(default="")
    return Address(scheme.lower(), authority, unquote(path), query, fragment)


class Values:
    """KEY=VALUE&...: each key known and named once, each value read by the type that its scheme wants."""

    def __init__(self, scheme: str, text: str, keys: Sequence[str]) -> None:
        self._scheme = scheme
        self._values: dict[str, str] = {}
        try:
            pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text))
        except ValueError:
            raise self._wrong("parts that are no KEY=VALUE", keys) from None
        for key, value in pairs:
            name = key.lower()
            if name not in keys:
                raise self._wrong(f"no key {key[:SHOWN]!r}", keys)
            if name in self._values:
                raise InputError(f"{scheme}:// names {name} twice")
            self._values[name] = value

    def integer(self, key: str, default: int, low: int, high: int) -> int:
        """A whole number of plain digits, `low` to `high`."""
        text = self._values.get(key)
        if text is None:
            return default
        digits = text.isascii() and text.isdigit() and len(text) < 20
        if not (digits and low <= int(text) <= high):
            raise InputError(self._has(key, text), wanted=f"{low} to {high}")
        return int(text)

    def seconds(self, key: str, default: float, low: float, high: float) -> float:
        """A number of seconds, `low` to `high`, decimals allowed."""
        text = self._values.get(key)
        if text is None:
            return default
        plain = re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text, re.ASCII)
        if not (plain and isfinite(float(text)) and low <= float(text) <= high):
            raise InputError(self._has(key, text), wanted=f"{low:g} to {high:g} seconds")
        return float(text)

    def choice(self, key: str, default: str | None, allowed: Sequence[str]) -> str | None:
        """One of `allowed`, in any case, as `allowed` writes it."""
        text = self._values.get(key)
        if text is None:
            return default
        for one in allowed:
            if one.lower() == text.lower():
                return one
        raise InputError(self._has(key, text), wanted=f"any of {', '.join(allowed).lower()}")

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def _has(self, key: str, text: str) -> str:
        return f"{self._scheme}:// has {key}={text[:SHOWN]!r}"

    def _wrong(self, what: str, keys: Sequence[str]) -> InputError:
        found = f"{self._scheme}:// has {what}"
        return InputError(found, wanted=f"any of {', '.join(keys)}" if keys else "no keys")
