"""All that was counted can be looked at afterwards."""

from dataclasses import replace

import cv2
import numpy as np
from journal_made import about, numbered
from stand_ins import blob_field, result_of

from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.small_pictures import CROP_PX, VIEW_PX
from leukoscope.runtime.journal.write import open_journal


def decoded(jpeg):
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]


def test_each_counted_cell_has_a_crop_and_each_field_a_view(path):
    with open_journal(path, about()) as journal:
        for index in range(4):
            journal.write(numbered(index))
    with read_journal(path) as reader:
        for cell in reader.cells():
            assert (reader.crop(cell.field, cell.cell) is not None) == cell.new
        assert all(reader.view(field.id) for field in reader.fields())
        assert reader.crop(1, 99) is None and reader.view(99) is None


def test_a_crop_shows_the_cell_in_its_middle(path):
    result = result_of(blob_field(((300, 200, 40, 20),), (640, 480), 0))
    pixels = np.full((480, 640, 3), 230, np.uint8)
    x, y, width, height = result.cells[0].box_px
    pixels[y : y + height, x : x + width] = (90, 20, 140)
    frame = replace(result.frame, pixels=pixels)
    with open_journal(path, about()) as journal:
        journal.write(replace(result, frame=frame))
    with read_journal(path) as reader:
        crop, view = decoded(reader.crop(1, 0)), decoded(reader.view(1))
    assert max(crop.shape) == CROP_PX and max(view.shape) == VIEW_PX
    assert view.shape[:2] == (240, 320)  # never stretched
    middle = crop[crop.shape[0] // 2, crop.shape[1] // 2].astype(int)
    assert np.abs(middle - (90, 20, 140)).max() < 12
    assert np.abs(crop[2, 2].astype(int) - 230).max() < 12


def test_without_a_budget_no_picture_is_kept(path):
    with open_journal(path, about(), keep_pictures_bytes=0) as journal:
        journal.write(numbered(0))
    with read_journal(path) as reader:
        assert reader.view(1) is None and reader.crop(1, 1) is None and reader.picture(1) is None
