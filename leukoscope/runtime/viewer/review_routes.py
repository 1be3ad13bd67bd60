"""What the page asks of the journal under review, and what it writes into it."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from leukoscope.errors import InputError
from leukoscope.runtime.journal.reviews import Review
from leukoscope.runtime.viewer.answers import Refused, file_answer, json_answer
from leukoscope.runtime.viewer.posted import posted_object
from leukoscope.runtime.viewer.queries import path_number, query_cell, query_number
from leukoscope.runtime.viewer.review_desk import OpenJournal, ReviewDesk
from leukoscope.runtime.viewer.review_json import cell_json, field_json, review_json, summary_json

CELLS, FIELDS = 60, 24
"""Items of a page where no number is asked for."""
MOST_ITEMS = 200

T = TypeVar("T")


class ReviewRoutes:
    """`desk` is None of a run without a journal."""

    def __init__(self, desk: ReviewDesk | None) -> None:
        self._desk = desk
        self.routes: list[BaseRoute] = [
            Route("/review", self.add, methods=["POST"]),
            Route("/review/summary", self.summary),
            Route("/review/cells", self.cells),
            Route("/review/fields", self.fields),
            Route("/review/cell/{field}/{cell}.jpg", self.crop),
            Route("/review/field/{field}.jpg", self.view),
            Route("/review/field/{field}/large.jpg", self.large),
        ]

    async def summary(self, request: Request) -> Response:
        """Counts before and after."""

        def ask(journal: OpenJournal) -> dict[str, Any]:
            return summary_json(journal.slide(), journal.session)

        return json_answer(await self._ask(ask))

    async def cells(self, request: Request) -> Response:
        """A page of the cells that are of one type now."""
        wanted = _named(request, "type")
        after = query_cell(request, "after")
        limit = query_number(request, "limit", CELLS, MOST_ITEMS)

        def ask(journal: OpenJournal) -> dict[str, Any]:
            of_type = (cell for cell in journal.slide().cells if cell.group == wanted)
            found = [cell for cell in of_type if after is None or cell.key > after]
            more = found[limit - 1].key if len(found) > limit else None
            return {
                "items": [cell_json(cell) for cell in found[:limit]],
                "more": None if more is None else "{}.{}".format(*more),
            }

        return json_answer(await self._ask(ask))

    async def fields(self, request: Request) -> Response:
        """A page of the fields that are of one stage now."""
        wanted = _named(request, "stage")
        after = query_number(request, "after", 0)
        limit = query_number(request, "limit", FIELDS, MOST_ITEMS)

        def ask(journal: OpenJournal) -> dict[str, Any]:
            slide = journal.slide()
            found = [one for one in slide.fields if one.group == wanted and one.row.id > after]
            shown = found[:limit]
            return {
                "items": [
                    field_json(
                        one,
                        cells=slide.cells_in_field.get(one.row.id, 0),
                        large=journal.reader.picture(one.row.id) is not None,
                    )
                    for one in shown
                ],
                "more": shown[-1].row.id if len(found) > limit else None,
            }

        return json_answer(await self._ask(ask))

    async def crop(self, request: Request) -> Response:
        """A cell."""
        field, cell = path_number(request, "field"), path_number(request, "cell")
        return await self._picture(lambda journal: journal.crop(field, cell))

    async def view(self, request: Request) -> Response:
        """A field, small."""
        field = path_number(request, "field")
        return await self._picture(lambda journal: journal.reader.view(field))

    async def large(self, request: Request) -> Response:
        """A field at its own size, where it is kept."""
        field = path_number(request, "field")

        def ask(journal: OpenJournal) -> bytes | None:
            picture = journal.reader.picture(field)
            return None if picture is None else picture.jpeg

        return await self._picture(ask)

    async def add(self, request: Request) -> Response:
        """Writes a review; it is on the disk when the answer comes."""
        said = _review(await posted_object(request))

        def ask(journal: OpenJournal) -> Review:
            return journal.add(**said)

        try:
            return json_answer({"review": review_json(await self._ask(ask))})
        except InputError as error:
            return json_answer({"error": str(error)}, 400)

    async def _picture(self, ask: Callable[[OpenJournal], bytes | None]) -> Response:
        data = await self._ask(ask)
        if data is None:
            raise Refused(404, "server_unknown")
        return file_answer(data, "image/jpeg")

    async def _ask(self, question: Callable[[OpenJournal], T]) -> T:
        if self._desk is None:
            raise Refused(404, "server_no_journal")
        return await self._desk.ask(question)


def _named(request: Request, name: str) -> str:
    given = request.query_params.get(name)
    if not given:
        raise Refused(400, "server_bad_request", detail=name)
    return given


def _review(given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `ReviewBook.add`, of the right types; what they mean is judged there."""
    said = {name: given.get(name) for name in ("reviewer", "field", "cell", "verdict", "value")}
    wanted: dict[str, Callable[[Any], bool]] = {
        "reviewer": _is_text,
        "field": _is_number,
        "cell": lambda value: value is None or _is_number(value),
        "verdict": _is_text,
        "value": lambda value: value is None or _is_text(value),
    }
    for name, fits in wanted.items():
        if not fits(said[name]):
            raise Refused(400, "server_bad_request", detail=name)
    return said


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**53
