import sqlite3
from dataclasses import replace

import cv2
import numpy as np
import pytest
from journal_made import about, numbered, textured

from leukoscope.images.classes import MASK_CODES
from leukoscope.runtime.field import Result
from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.write import open_journal

BUDGET = 40_000


def kept(path) -> dict[int, tuple[str, int]]:
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT field, kind, size_bytes, length(jpeg) FROM pictures")
        rows = found.fetchall()
    connection.close()
    assert all(size >= jpeg for *_, size, jpeg in rows)
    return {field: (kind, size) for field, kind, size, _ in rows}


def test_a_kept_picture_looks_like_the_field_and_its_mask(path):
    result = numbered(0)
    with open_journal(path, about()) as journal:
        journal.write(result)
    with read_journal(path) as reader:
        picture = reader.picture(1)
        assert reader.picture(2) is None
    shown = cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]
    assert np.abs(shown.astype(int) - result.frame.pixels).mean() < 4
    mask = cv2.imdecode(np.frombuffer(picture.mask, np.uint8), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(mask, np.array(MASK_CODES, np.uint8)[result.mask])


def test_the_budget_holds_over_sessions_and_no_result_goes(path):
    for session in range(3):
        with open_journal(path, about(), keep_pictures_bytes=BUDGET) as journal:
            for index in range(session * 10, session * 10 + 10):
                journal.write(textured(index, sure=0.5 + index / 100))
                assert sum(size for _, size in kept(path).values()) <= BUDGET
    assert 0 < len(kept(path)) < 30
    # The surest are the last here.
    assert set(kept(path)) == set(range(31 - len(kept(path)), 31))
    with read_journal(path) as reader:
        assert reader.summary().fields == 30 and reader.maps(1) is not None


def test_flagged_and_leading_fields_share_it(path):
    with open_journal(path, about(), keep_pictures_bytes=BUDGET) as journal:
        for index in range(20):
            journal.write(textured(index, flags=("drift",) if index % 2 else ()))
    kinds = [kind for kind, _ in kept(path).values()]
    assert set(kinds) == {"flagged", "leading:Early"}
    assert abs(kinds.count("flagged") - kinds.count("leading:Early")) <= 1


def test_a_smaller_budget_holds_from_the_opening_on(path):
    with open_journal(path, about()) as journal:
        for index in range(8):
            journal.write(textured(index))
    assert len(kept(path)) == 8
    with open_journal(path, about(), keep_pictures_bytes=BUDGET // 4):
        assert sum(size for _, size in kept(path).values()) <= BUDGET // 4
    with open_journal(path, about(), keep_pictures_bytes=0):
        assert kept(path) == {}


def test_a_field_that_is_not_kept_is_neither_encoded_nor_asked_for_its_mask(path, monkeypatch):
    def refuse(*_):
        raise AssertionError("encoded")

    class Untouched(Result):
        mask = property(refuse)
        instances = property(refuse)

    values = {
        name: value
        for name, value in vars(numbered(0)).items()
        if name not in ("mask", "instances")
    }
    result = Untouched.__new__(Untouched)
    vars(result).update(values)
    with open_journal(path, about(), keep_pictures_bytes=0) as journal:
        monkeypatch.setattr("leukoscope.runtime.journal.album.picture_of", refuse)
        assert journal.write(result) == 1
    with open_journal(path, about()) as journal:
        with pytest.raises(AssertionError, match="encoded"):
            journal.write(numbered(1))
        monkeypatch.undo()
        # The failed field left nothing behind, neither in the file nor in what is known of it.
        assert journal.write(numbered(1)) == 2
    assert list(kept(path)) == [2]


def test_an_eviction_that_was_rolled_back_is_forgotten(path):
    with open_journal(path, about(), keep_pictures_bytes=BUDGET) as journal:
        for index in range(12):
            journal.write(textured(index))
        before = kept(path)
        broken = replace(textured(90, sure=0.99), readings={"xincept_all": None})
        ask = journal._transactions.connection
        ask.execute(
            "CREATE TEMP TRIGGER no BEFORE DELETE ON pictures BEGIN SELECT raise(FAIL, 'no'); END"
        )
        with pytest.raises(Exception, match="damaged"):
            journal.write(replace(broken, readings={}))
        ask.execute("DROP TRIGGER no")
        assert kept(path) == before
        journal.write(textured(91, sure=0.98))
        assert 13 in kept(path) and sum(size for _, size in kept(path).values()) <= BUDGET
