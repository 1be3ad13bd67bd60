import pytest
from fake_files import write_mask, write_text

from leukoscope.errors import InputError
from leukoscope.images.layouts import read_image_set
from leukoscope.images.public_sets.convert import convert
from leukoscope.images.public_sets.offer import Source
from leukoscope.images.public_sets.wbc_tecom import FOLDER, TABLE, WBC_TECOM


@pytest.fixture
def tecom(root, make):
    for k in range(1, 7):
        make(f"repo/{FOLDER}/{k:03d}.bmp", k)
        write_mask(root / "repo" / FOLDER / f"{k:03d}.png")
        make(f"repo/Dataset 2/{k:03d}.bmp", 50 + k)
    write_text(root / "repo" / TABLE, "image ID,class label\n1,2\n2,1\n3,3\n4,4\n5,5\n")
    return Source(root)


def test_numbers_become_types(tecom, tmp_path):
    record = convert(WBC_TECOM, tecom, tmp_path / "out")
    labels = {item.name: item.label for item in read_image_set(tmp_path / "out").items}
    assert labels == {
        "001.bmp": "lymphocyte", "002.bmp": "neutrophil", "003.bmp": "monocyte",
        "004.bmp": "eosinophil", "005.bmp": "basophil", "006.bmp": "",
    }  # fmt: skip
    assert record.counts()["masks"] == 6 and record.counts()["left_out"] == {"not sought": 6}


@pytest.mark.parametrize("row", ["1,6", "1,", "x,1", "1000,1", "٣,1"])
def test_a_number_without_a_type_is_refused(tecom, tmp_path, row):
    write_text(tecom.root / "repo" / TABLE, f"image ID,class label\n{row}\n")
    with pytest.raises(InputError, match="wanted a number and 1 to 5"):
        convert(WBC_TECOM, tecom, tmp_path / "out")


def test_without_the_table_it_is_not_the_set(tecom, tmp_path):
    (tecom.root / "repo" / TABLE).unlink()
    with pytest.raises(InputError, match="Class Labels of Dataset 1"):
        convert(WBC_TECOM, tecom, tmp_path / "out")
