"""The report as JSON: the same facts as the page's, without the pictures."""

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from leukoscope.runtime.gate.verdict import Verdict
from leukoscope.runtime.report.contents import Study
from leukoscope.runtime.report.words import RESEARCH_USE

SCHEMA = 1


def to_json(study: Study) -> dict[str, Any]:
    """Plain JSON values, schema 1; null where a number is undefined, never NaN."""
    return {"schema": SCHEMA, "notice": RESEARCH_USE.lower(), **_plain(study)}


def to_bytes(study: Study) -> bytes:
    """UTF-8, the same bytes for the same study."""
    text = json.dumps(to_json(study), indent=1, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "replace") + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Verdict):
        return _plain(value.to_json())
    if is_dataclass(value):
        named = {one.name: getattr(value, one.name) for one in fields(value)}
        return {key: _plain(one) for key, one in named.items() if not isinstance(one, bytes)}
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
