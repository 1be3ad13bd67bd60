import numpy as np
import pytest
from fake_files import write_mask

from leukoscope.errors import InputError
from leukoscope.images.decode import read_mask
from leukoscope.images.layouts import read_image_set
from leukoscope.images.public_sets.convert import convert
from leukoscope.images.public_sets.lisc import LISC
from leukoscope.images.public_sets.offer import Source

KINDS = ("Baso", "eosi", "lymp", "mono", "neut", "mixt")
FIELD = (56, 48)


@pytest.fixture
def lisc(root, make):
    for seed, kind in enumerate(KINDS):
        for number in (1, 2):
            make(f"LISC Database/Main Dataset/{kind}/{number}.bmp", 10 * seed + number, FIELD)
        truth = root / "LISC Database" / "Ground Truth Segmentation" / kind / "areaforexpert1"
        write_mask(truth / "1_expert.bmp", (0, 150, 255))
    make("LISC Database/More Dataset without Ground Truth/alll/9.bmp", 99, FIELD)
    return Source(root)


def test_fields_by_type_with_masks_where_there_are_some(lisc, tmp_path):
    record = convert(LISC, lisc, tmp_path / "out")
    counts = record.counts()
    assert counts["images"] == 12 and counts["masks"] == 6
    assert counts["labels"] == {
        "basophil": 2, "eosinophil": 2, "lymphocyte": 2, "": 2, "monocyte": 2, "neutrophil": 2
    }  # fmt: skip
    assert counts["left_out"] == {"not sought": 1}
    names = [item.name for item in read_image_set(tmp_path / "out").items]
    assert "baso_1.bmp" in names and "neut_2.bmp" in names


def test_the_masks_margin_is_put_back(lisc, tmp_path):
    """LISC's outlines are 8 px smaller than its fields."""
    convert(LISC, lisc, tmp_path / "out")
    mask = read_mask(tmp_path / "out" / "masks" / "baso_1.png", FIELD)
    rows, columns = np.nonzero(mask)
    assert (rows.min(), columns.min()) == (8 + 4, 10 + 4)
    assert np.unique(mask).tolist() == [0, 1, 2]


def test_a_missing_type_is_named(lisc, tmp_path):
    (lisc.root / "LISC Database" / "Main Dataset" / "mixt").rename(tmp_path / "gone")
    with pytest.raises(InputError, match="no folder mixt"):
        convert(LISC, lisc, tmp_path / "out")


def test_outlines_of_an_unknown_type_are_refused(lisc, tmp_path):
    write_mask(lisc.root / "Ground Truth Segmentation" / "blast" / "a" / "1_expert.bmp")
    with pytest.raises(InputError, match="no type blast"):
        convert(LISC, lisc, tmp_path / "out")
