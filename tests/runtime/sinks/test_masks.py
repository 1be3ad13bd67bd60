import cv2
import numpy as np
from stand_ins import blob_field, result_of

from leukoscope.images.decode import read_mask
from leukoscope.runtime.sinks.masks import Masks


def test_a_mask_has_the_fields_size_and_the_three_grey_levels(tmp_path, result):
    with Masks(tmp_path / "masks") as sink:
        sink.write(result)
    path = tmp_path / "masks" / "blobs_0.png"
    grey = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert grey.shape == (160, 220) and grey.dtype == np.uint8
    assert set(np.unique(grey)) == {0, 128, 255}
    assert np.array_equal(read_mask(path), result.mask)


def test_without_a_mask_nothing_is_written(tmp_path):
    with Masks(tmp_path / "masks") as sink:
        sink.write(result_of(blob_field(), with_cells=False))
    assert list((tmp_path / "masks").iterdir()) == []
