"""The journal under review, asked over a real connection, while it is written."""

import sqlite3
import sys
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from viewer_made import ABOUT, PATIENCE_S, opened

sys.path.insert(0, str(Path(__file__).parent.parent / "journal"))
from journal_made import about, numbered

from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.write import open_journal

FIELDS = 5


@pytest.fixture
def path(tmp_path):
    return tmp_path / "s.db"


@pytest.fixture
def desk(path):
    """A viewer on a journal that is being written: fields 1 to FIELDS, the last one flagged."""
    with open_journal(path, about()) as journal:
        for index in range(FIELDS):
            flags = ("low_probability",) if index == FIELDS - 1 else ()
            journal.write(numbered(index, flags=flags, stage=STAGES[1 + index % 2]), b"")
        with opened(journal=path, about=replace(ABOUT, journal=True)) as it:
            it.journal = journal
            yield it


def say(desk, **review):
    return desk.client.post("/review", {"reviewer": "AB", "cell": None, "value": None, **review})


def items(desk, path):
    got = desk.client.get(path)
    assert got.status == 200, got.text
    return got.json()["items"]


def test_the_summary_before_anybody_has_looked(desk):
    got = desk.client.get("/review/summary").json()
    assert got["stages"] == list(STAGES) and got["types"] == list(CELL_TYPES)
    assert got["notice"] == "research use only"
    assert got["before"] == got["after"] and got["reviewers"] == [] and got["reviews"] == 0
    assert got["before"]["stages"] == {"Early": 2, "Pre": 2} and got["before"]["flagged"] == 1
    assert got["before"]["cells"] == {"blast": FIELDS + 1}
    assert got["groups"] == {
        "cells": {"blast": FIELDS + 1},
        "fields": {"Early": 2, "Pre": 2, "flagged": 1},
    }


def test_a_cell_is_corrected_and_both_answers_are_kept(desk, path):
    (first, *_) = items(desk, "/review/cells?type=blast")
    where = {"field": first["field"], "cell": first["cell"]}
    got = say(desk, **where, verdict="type", value="lymphocyte")
    assert got.status == 200
    review = got.json()["review"]
    assert (review["reviewer"], review["verdict"], review["value"]) == ("AB", "type", "lymphocyte")
    (moved,) = items(desk, "/review/cells?type=lymphocyte")
    assert moved["type"] == "blast" and moved["new_type"] == "lymphocyte"
    assert moved["review"] == review and moved["probability"] == pytest.approx(0.93)
    summary = desk.client.get("/review/summary").json()
    assert summary["after"]["cells"] == {"blast": FIELDS, "lymphocyte": 1}
    assert summary["before"]["cells"] == {"blast": FIELDS + 1}
    assert summary["reviewers"] == ["AB"] and summary["reviews"] == 1
    with read_journal(path) as reader:  # on the disk already
        assert [one.value for one in reader.reviews()] == ["lymphocyte"]


def test_a_field_is_rejected_named_accepted_and_withdrawn(desk):
    assert say(desk, field=2, verdict="reject").status == 200
    assert [one["field"] for one in items(desk, "/review/fields?stage=rejected")] == [2]
    assert say(desk, field=2, verdict="withdraw").status == 200
    assert items(desk, "/review/fields?stage=rejected") == []
    (flagged,) = items(desk, "/review/fields?stage=flagged")
    assert flagged["field"] == FIELDS and flagged["new_stage"] is None
    assert flagged["flags"] == ["low_probability"] and flagged["cells"] == 2
    assert say(desk, field=FIELDS, verdict="stage", value="Pro").status == 200
    (named,) = items(desk, "/review/fields?stage=Pro")
    assert (named["stage"], named["new_stage"]) == ("Early", "Pro")


def test_pages_follow_each_other_whatever_is_reviewed_between(desk):
    seen, after, pages = [], "", 0
    while after is not None:
        got = desk.client.get(
            f"/review/cells?type=blast&limit=2{after and f'&after={after}'}"
        ).json()
        assert len(got["items"]) <= 2
        first = got["items"][0]
        say(desk, field=first["field"], cell=first["cell"], verdict="type", value="monocyte")
        seen += [(one["field"], one["cell"]) for one in got["items"]]
        after, pages = got["more"], pages + 1
    assert len(seen) == len(set(seen)) == FIELDS + 1 and pages == 3
    got = desk.client.get("/review/fields?stage=Early&limit=1").json()
    assert got["more"] == got["items"][0]["field"]
    got = desk.client.get(f"/review/fields?stage=Early&limit=1&after={got['more']}").json()
    assert got["more"] is None and len(got["items"]) == 1


def test_pictures_of_cells_and_fields(desk):
    for path, size in (("cell/1/1", None), ("field/1", 112), ("field/1/large", 112)):
        got = desk.client.get(f"/review/{path}.jpg")
        assert got.status == 200 and got.headers["Content-Type"] == "image/jpeg"
        picture = cv2.imdecode(np.frombuffer(got.body, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None and (size is None or picture.shape[1] == size)


def test_a_cell_that_was_seen_before_is_shown_as_it_was_seen_first(desk):
    """Field 2's first cell is field 1's second; only that one has a picture."""
    again, first = desk.client.get("/review/cell/2/0.jpg"), desk.client.get("/review/cell/1/1.jpg")
    assert again.status == 200 and again.body == first.body


@pytest.mark.parametrize(
    "place",
    ["cell/1/9.jpg", "cell/99/0.jpg", "field/99.jpg", "field/99/large.jpg", "field/-1.jpg", "field/x.jpg",
     "cell/1.jpg", "field/9999999999999999999999.jpg", "cell/1/" + "9" * 5000 + ".jpg", "nothing",
     "field/..%2f..%2fs.db"],
    ids=lambda place: place[:20],
)  # fmt: skip
def test_what_is_not_there_is_404(desk, place):
    got = desk.client.get(f"/review/{place}")
    assert got.status == 404 and set(got.json()) == {"error"} and desk.warned == []


@pytest.mark.parametrize(
    "query",
    ["cells", "cells?type=", "cells?type=blast&limit=0", "cells?type=blast&limit=201", "fields",
     "cells?type=blast&after=1", "cells?type=blast&after=1.x", "cells?type=blast&after=-1.0",
     "fields?stage=Early&after=x", "fields?stage=Early&limit=-3",
     "fields?stage=Early&after=99999999999999999999"],
)  # fmt: skip
def test_a_question_that_is_none_is_refused(desk, query):
    got = desk.client.get(f"/review/{query}")
    assert got.status == 400 and set(got.json()) == {"error"}


def test_an_unknown_group_is_empty(desk):
    assert items(desk, "/review/cells?type=%27%20OR%201=1") == []
    assert items(desk, "/review/fields?stage=nobody") == []


WRONG = [
    {"field": 99, "verdict": "reject"},
    {"field": 1, "cell": 99, "verdict": "reject"},
    {"field": 1, "verdict": "type", "value": "blast"},
    {"field": 1, "cell": 1, "verdict": "stage", "value": "Early"},
    {"field": 1, "cell": 1, "verdict": "type", "value": "dragon"},
    {"field": 1, "cell": 1, "verdict": "type"},
    {"field": 1, "cell": 1, "verdict": "delete"},
    {"field": 1, "verdict": "reject", "value": "x"},
    {"field": 1, "verdict": "reject", "reviewer": ""},
    {"field": 1, "verdict": "reject", "reviewer": "x" * 13},
    {"field": 1, "verdict": "reject", "reviewer": "a\nb"},
    {"field": 1, "verdict": "reject", "reviewer": None},
    {"field": 1, "verdict": "reject", "reviewer": 7},
    {"field": "1", "verdict": "reject"},
    {"field": True, "verdict": "reject"},
    {"field": 1.0, "verdict": "reject"},
    {"field": None, "verdict": "reject"},
    {"field": -1, "verdict": "reject"},
    {"field": 2**70, "verdict": "reject"},
    {"field": 1, "cell": 2**63, "verdict": "reject"},
    {"field": 1, "cell": [], "verdict": "reject"},
    {"field": 1, "verdict": ["reject"]},
    {"field": 1, "cell": 1, "verdict": "type", "value": {"a": 1}},
    {"verdict": "reject"},
]


@pytest.mark.parametrize("review", WRONG, ids=str)
def test_a_review_that_does_not_fit_is_refused_in_one_line_and_not_written(desk, path, review):
    got = say(desk, **review)
    assert got.status == 400 and "\n" not in got.json()["error"] and desk.warned == []
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM reviews").fetchone() == (0,)


def test_what_the_run_writes_meanwhile_is_seen(desk):
    assert len(items(desk, "/review/fields?stage=Early")) == 2
    desk.journal.write(numbered(FIELDS, stage="Early"), b"")
    assert len(items(desk, "/review/fields?stage=Early")) == 3


def test_several_who_review_at_once_are_all_written(desk, path):
    def work(name):
        for number in range(1, FIELDS + 1):
            got = desk.client.post(
                "/review",
                {"reviewer": name, "field": number, "cell": 1, "verdict": "accept", "value": None},
            )
            assert got.status == 200

    threads = [threading.Thread(target=work, args=(name,)) for name in ("AB", "CD", "EF", "GH")]
    for thread in threads:
        thread.start()
    for number in range(20):
        desk.journal.write(numbered(50 + number), b"")
    for thread in threads:
        thread.join(PATIENCE_S)
    with read_journal(path) as reader:
        assert len(reader.reviews()) == 4 * FIELDS and reader.summary().fields == FIELDS + 20


def test_without_a_journal_there_is_no_review(shown):
    for path in ("summary", "cells?type=blast", "fields?stage=Early", "field/1.jpg"):
        assert shown.client.get(f"/review/{path}").status == 404
    assert say(shown, field=1, verdict="reject").status == 404


def test_a_journal_that_is_not_there_yet_or_broken_is_one_line(path):
    with opened(journal=path) as it:
        assert it.client.get("/review/summary").status == 409
        with open_journal(path, about()) as journal:
            journal.write(numbered(0), b"")
            assert it.client.get("/review/summary").status == 200
    path.write_bytes(b"no journal")
    with opened(journal=path) as it:
        got = it.client.get("/review/summary")
        assert got.status == 409 and "s.db" in got.json()["error"]


def test_the_journal_is_let_go_when_the_viewer_ends(path, desk):
    desk.client.get("/review/summary")
    desk.journal.close()
    desk.viewer.board.news.tell()
    say(desk, field=1, verdict="reject")
    with read_journal(path) as reader:
        assert len(reader.reviews()) == 1  # reviewed after the run has ended
