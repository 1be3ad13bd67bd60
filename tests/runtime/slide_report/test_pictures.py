import sqlite3
from dataclasses import replace

import cv2
import numpy as np
import pytest
from journal_made import about, numbered
from slide_made import painted
from stand_ins import by_trees

from leukoscope.errors import InputError
from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.write import open_journal
from leukoscope.runtime.sinks.panel import NUCLEUS_LINE
from leukoscope.runtime.slide_report.contents import FieldAnswer
from leukoscope.runtime.slide_report.pictures import LONGEST_PX, shown


def show(path, result, *, keep: int = 1 << 24, spoil: str = ""):
    with open_journal(path, about(), keep_pictures_bytes=keep) as journal:
        journal.write(result)
    if spoil:
        with sqlite3.connect(path) as connection:
            connection.execute(spoil)
        connection.close()
    with read_journal(path) as reader:
        row = reader.field(1)
        return shown(reader, FieldAnswer(row, "block 1", row.stage, row.stage, None))


def decoded(jpeg: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1].astype(int)


def test_a_field_is_shown_plain_and_with_what_was_found(tmp_path):
    result = painted("Early", 3)
    found = show(tmp_path / "a.db", result)
    plain, drawn = decoded(found.plain_jpeg), decoded(found.drawn_jpeg)
    assert plain.shape == drawn.shape == (300, LONGEST_PX, 3) and found.outlined
    small = cv2.resize(result.frame.pixels, (400, 300), interpolation=cv2.INTER_AREA).astype(int)
    assert np.abs(plain - small).mean() < 4
    yellow = np.abs(drawn - np.array(NUCLEUS_LINE)).sum(-1) < 90
    nuclei = cv2.resize((result.mask == 2).astype(np.uint8), (400, 300))
    edge = cv2.morphologyEx(nuclei, cv2.MORPH_GRADIENT, np.ones((7, 7), np.uint8)) > 0
    assert yellow.sum() > 100 and (yellow & edge).sum() > 0.9 * yellow.sum()


def test_the_map_is_that_of_the_voted_class(tmp_path):
    """The stand-in's Early map is bright on the first cell, the others' are empty."""
    early = show(tmp_path / "a.db", numbered(0, stage="Early"))
    changed = np.abs(decoded(early.drawn_jpeg) - decoded(early.plain_jpeg)).sum(-1)
    rows, columns = np.nonzero(changed > 150)
    assert len(rows) and columns.mean() < 56
    without = show(tmp_path / "b.db", numbered(0), spoil="UPDATE fields SET evidence_class = 'Pro'")
    quiet = np.abs(decoded(without.drawn_jpeg) - decoded(without.plain_jpeg)).sum(-1)
    assert quiet.sum() < changed.sum()


def test_a_trees_map_has_its_two_colours(tmp_path):
    gradcam = show(tmp_path / "a.db", numbered(0))
    trees = show(tmp_path / "b.db", by_trees(numbered(0)))
    assert gradcam.drawn_jpeg != trees.drawn_jpeg and gradcam.plain_jpeg == trees.plain_jpeg


def test_without_its_picture_a_field_is_shown_by_its_view(tmp_path):
    found = show(tmp_path / "a.db", painted("Early", 3), spoil="DELETE FROM pictures")
    assert decoded(found.plain_jpeg).shape == (240, 320, 3) and not found.outlined
    assert found.drawn_jpeg is not None


def test_without_any_picture_it_is_not_shown(tmp_path):
    assert show(tmp_path / "a.db", numbered(0), keep=0) is None


def test_without_mask_and_map_there_is_nothing_to_draw(tmp_path):
    result = replace(painted("Early", 3), mask=None, evidence=None, readings={})
    found = show(tmp_path / "a.db", result)
    assert found.drawn_jpeg is None and not found.outlined


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE pictures SET jpeg = x'00'",
        "UPDATE pictures SET mask = x'00'",
        "UPDATE pictures SET mask = jpeg",
        "UPDATE pictures SET jpeg = (SELECT jpeg FROM views)",
        "UPDATE maps SET placement = replace(placement, '[0, ', '[-9, ')",
        "UPDATE maps SET placement = replace(placement, '640', '9640')",
        "UPDATE maps SET placement = replace(placement, '96', '999999999')",
    ],
)
def test_what_is_damaged_is_named_in_one_line(tmp_path, spoil):
    with pytest.raises(InputError, match="field 1") as told:
        show(tmp_path / "a.db", painted("Early", 3), spoil=spoil)
    assert "\n" not in str(told.value)
