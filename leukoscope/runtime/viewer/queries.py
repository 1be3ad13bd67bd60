"""Numbers in addresses: digits, and no more than the journal can hold."""

from starlette.requests import Request

from leukoscope.runtime.viewer.answers import Refused

MOST_DIGITS = 15
"""Whole in JSON and in SQLite."""


def path_number(request: Request, name: str) -> int:
    """A part of the path. Refused as unknown where it is no number."""
    found = _whole(request.path_params[name])
    if found is None:
        raise Refused(404, "server_unknown")
    return found


def query_number(request: Request, name: str, default: int, most: int | None = None) -> int:
    """A part of the query; `default` where it is left out."""
    given = request.query_params.get(name)
    if given is None:
        return default
    found = _whole(given)
    if found is None or (most is not None and not 1 <= found <= most):
        raise Refused(400, "server_bad_request", detail=name)
    return found


def query_cell(request: Request, name: str) -> tuple[int, int] | None:
    """FIELD.CELL; None where it is left out."""
    given = request.query_params.get(name)
    if given is None:
        return None
    field, _, cell = given.partition(".")
    found = _whole(field), _whole(cell)
    if found[0] is None or found[1] is None:
        raise Refused(400, "server_bad_request", detail=name)
    return found[0], found[1]


def _whole(text: str) -> int | None:
    # int() would take "+1", "1_0" and digits of other scripts.
    is_number = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
    return int(text) if is_number else None
