"""The pictures in the journal: who comes in, and who goes in the same transaction."""

import sqlite3

from leukoscope.runtime.field import Result
from leukoscope.runtime.journal.pictures import picture_of
from leukoscope.runtime.journal.shelf import Claim, Shelf, kind_of, weight_of

INSERT_PICTURE = "INSERT INTO pictures VALUES (?, ?, ?, ?, ?, ?)"
DELETE_PICTURE = "DELETE FROM pictures WHERE field = ?"
CLAIMS = "SELECT weight, -field, kind, size_bytes FROM pictures"


class Album:
    """All is done within the caller's transaction; `forget` after one that was rolled back."""

    def __init__(self, budget_bytes: int) -> None:
        self._budget_bytes = budget_bytes
        self._shelf: Shelf | None = None

    def trim(self, connection: sqlite3.Connection) -> None:
        """Lets go of what an earlier session kept under a greater budget."""
        _drop(connection, self._loaded(connection).overflow())

    def offer(self, connection: sqlite3.Connection, field: int, result: Result) -> None:
        """Encodes only what will most likely stay."""
        shelf, kind, weight = self._loaded(connection), kind_of(result), weight_of(result)
        if not shelf.wants(kind, weight):
            return
        picture = picture_of(result)
        claim = Claim(weight, -field, kind, picture.size_bytes)
        shelf.put(claim)
        gone = shelf.overflow()
        if claim not in gone:
            row = (field, kind, weight, picture.size_bytes, picture.jpeg, picture.mask)
            connection.execute(INSERT_PICTURE, row)
        _drop(connection, [one for one in gone if one != claim])

    def forget(self) -> None:
        """What is kept is read anew from the journal when it is next wanted."""
        self._shelf = None

    def _loaded(self, connection: sqlite3.Connection) -> Shelf:
        if self._shelf is None:
            self._shelf = Shelf(self._budget_bytes, _claims(connection))
        return self._shelf


def _claims(connection: sqlite3.Connection) -> list[Claim]:
    """What the journal keeps. sqlite3.DatabaseError where its rows are not ours."""
    rows = connection.execute(CLAIMS).fetchall()
    if any([type(value) for value in row] != [float, int, str, int] for row in rows):
        raise sqlite3.DatabaseError("pictures of another make")
    return [Claim(*row) for row in rows]


def _drop(connection: sqlite3.Connection, claims: list[Claim]) -> None:
    connection.executemany(DELETE_PICTURE, [(claim.field,) for claim in claims])
