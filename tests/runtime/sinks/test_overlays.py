import cv2
import numpy as np

from leukoscope.runtime.sinks.overlays import Overlays
from leukoscope.runtime.sinks.picture import draw_picture


def test_a_png_a_field_as_it_was_drawn(tmp_path, result):
    with Overlays(tmp_path / "out") as sink:
        sink.write(result)
    saved = cv2.imread(str(tmp_path / "out" / "blobs_0.png"))
    assert np.array_equal(saved[:, :, ::-1], draw_picture(result))
