import numpy as np
import pytest

from leukoscope.errors import InputError
from leukoscope.images.contract import Contract
from leukoscope.images.decode import decode_image
from leukoscope.progress import Silent
from leukoscope.runtime.profiler.inputs import MOST_FILES, PAINTED, open_inputs


class Notes(Silent):
    def __init__(self):
        self.lines = []

    def note(self, text):
        self.lines.append(text)


def test_painted_fields_differ_and_are_what_their_bytes_say(painted_inputs):
    assert len(painted_inputs.fields) == PAINTED
    assert len({one.data for one in painted_inputs.fields}) == PAINTED
    for one in painted_inputs.fields[:3]:
        np.testing.assert_array_equal(decode_image(one.data, "x"), one.frame.pixels)
    assert any(one.scale.um_per_px for one in painted_inputs.frames)


def test_squares_are_at_the_networks_size(painted_inputs):
    squares = painted_inputs.squares(Contract(96))
    assert len(squares) >= PAINTED and all(one.shape == (96, 96, 3) for one in squares)
    assert len({one.tobytes() for one in squares}) == len(squares)


def test_a_folder_gives_its_images_and_names_what_cannot_be_read(image_folder):
    for number in range(3):
        path = image_folder(f"{number}.png", number)
    (path.parent / "bad.png").write_text("no image")
    notes = Notes()
    found = open_inputs(str(path.parent), notes)
    assert len(found.fields) == 3 and found.source == str(path.parent)
    assert len(notes.lines) == 1 and "bad.png" in notes.lines[0]


def test_a_large_folder_is_cut(image_folder):
    for number in range(MOST_FILES + 3):
        path = image_folder(f"{number:03d}.png", number)
    assert len(open_inputs(str(path.parent), Silent()).fields) == MOST_FILES


def test_nothing_that_can_be_read_is_one_line(image_folder):
    path = image_folder("a.png")
    path.write_text("no image")
    with pytest.raises(InputError, match=r"no image of .* can be read"):
        open_inputs(str(path.parent), Silent())


@pytest.mark.parametrize("data", ["no-such-folder", "", "rtsp://user:secret@camera/x", "v4l2:///dev/video0", "synthetic://"])  # fmt: skip
def test_other_sources_are_refused_without_their_secrets(data):
    with pytest.raises(InputError) as caught:
        open_inputs(data, Silent())
    assert "secret" not in str(caught.value) and "\n" not in str(caught.value)
