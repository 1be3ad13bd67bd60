import json

import numpy as np
import pytest

from leukoscope.errors import InputError
from leukoscope.images.decode import read_image
from leukoscope.runtime.sources.folder import find_images
from leukoscope.runtime.sources.slide import open_slide
from leukoscope.runtime.sources.slide_record import record_slide
from leukoscope.runtime.sources.video import VideoSource

TEXT = "synthetic://slide?stage=pre&seed=2&stops=4&size=200x160&rate=6&blurred=0.5"


def test_a_recorded_slide_is_a_folder_of_its_stops(tmp_path):
    source = open_slide(TEXT)
    path = record_slide(source, tmp_path / "rec")
    record = json.loads(path.read_text())
    files = find_images(tmp_path / "rec")
    assert [f.name for f in files] == [frame["name"] for frame in record["frames"]]
    indices = [frame["frame"] for frame in record["frames"]]
    assert tuple(indices) == source.truth.one_a_stop() and len(files) == 4
    for file, index in zip(files, indices, strict=True):
        assert np.array_equal(read_image(file), source.shoot(index))
    assert sum(not frame["still"] for frame in record["frames"]) == 1


def test_the_record_holds_the_truth(tmp_path):
    source = open_slide(TEXT)
    record = json.loads(record_slide(source, tmp_path / "rec").read_text())
    assert (record["uri"], record["stage"], record["seed"]) == (TEXT, "Pre", 2)
    assert len(record["cells"]) == record["found"]["white_cells"] == len(source.slide.cells)
    for frame in record["frames"]:
        assert frame["seen"] == sorted(source.truth.seen(frame["frame"]))


@pytest.mark.parametrize("ending", [".mp4", ".avi"])
def test_a_recorded_slide_can_be_a_video_of_every_frame(tmp_path, ending):
    source = open_slide(TEXT)
    path = record_slide(source, tmp_path / f"rec{ending}", every_frame=True)
    video = VideoSource(tmp_path / f"rec{ending}")
    assert video.rate_hz == pytest.approx(6) and path == tmp_path / "rec.truth.json"
    frames = list(video.frames(pytest.fail))
    record = json.loads(path.read_text())["frames"]
    assert [frame.name for frame in frames] == [frame["name"] for frame in record]
    off = np.abs(frames[5].pixels.astype(int) - source.shoot(5)).mean()
    assert off < 8


def test_what_stands_is_not_written_over(tmp_path):
    with pytest.raises(InputError, match="exists"):
        record_slide(open_slide(TEXT), tmp_path)


def test_where_nothing_can_be_written_one_line_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        record_slide(open_slide(TEXT), tmp_path / "file" / "rec")
