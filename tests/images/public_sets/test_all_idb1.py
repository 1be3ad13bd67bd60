import pytest
from fake_files import write_text

from leukoscope.errors import InputError
from leukoscope.images.decode import read_image
from leukoscope.images.layouts import read_image_set
from leukoscope.images.public_sets.all_idb1 import ALL_IDB1
from leukoscope.images.public_sets.convert import convert
from leukoscope.images.public_sets.folder import SQUARE_PX
from leukoscope.images.public_sets.offer import Source

FIELD = (700, 600)


@pytest.fixture
def idb1(root, make):
    fields = {
        "Im001_1": "300 310\n500 200\n",
        "Im002_1": "10 300\n",
        "Im034_0": "350 300\n",
        "Im035_0": "",
    }
    for seed, (name, lines) in enumerate(fields.items()):
        make(f"ALL_IDB1/im/{name}.jpg", seed, FIELD)
        write_text(root / "ALL_IDB1" / "xyc" / f"{name}.xyc", lines)
    return Source(root)


def test_squares_about_the_centres_grouped_by_field(idb1, tmp_path):
    record = convert(ALL_IDB1, idb1, tmp_path / "out")
    found = {item.name: item for item in read_image_set(tmp_path / "out").items}
    assert set(found) == {
        "blast/Im001_1_000.png", "blast/Im001_1_001.png", "blast/Im002_1_000.png",
        "normal/Im034_0_000.png",
    }  # fmt: skip
    assert found["blast/Im001_1_000.png"].group == found["blast/Im001_1_001.png"].group == "Im001"
    assert found["normal/Im034_0_000.png"].group == "Im034"
    assert record.counts()["groups"] == 3
    assert record.counts()["left_out"] == {"no cell is marked": 1}


def test_a_square_shows_what_the_field_has_there(idb1, tmp_path):
    convert(ALL_IDB1, idb1, tmp_path / "out")
    field = read_image(idb1.root / "ALL_IDB1" / "im" / "Im001_1.jpg")
    square = read_image(tmp_path / "out" / "blast" / "Im001_1_000.png")
    half = SQUARE_PX // 2
    assert (square == field[310 - half : 310 + half + 1, 300 - half : 300 + half + 1]).all()
    clipped = read_image(tmp_path / "out" / "blast" / "Im002_1_000.png")
    assert clipped.shape[:2] == (SQUARE_PX, 10 + half + 1)


def test_a_centre_outside_the_field_is_left_out(idb1, tmp_path):
    write_text(idb1.root / "ALL_IDB1" / "xyc" / "Im001_1.xyc", "300 310\n9000 10\n")
    record = convert(ALL_IDB1, idb1, tmp_path / "out")
    assert record.counts()["left_out"]["centre outside the field"] == 1
    assert len(record.files) == 3


def test_a_bad_file_of_centres_is_named_and_the_others_done(idb1, tmp_path):
    write_text(idb1.root / "ALL_IDB1" / "xyc" / "Im001_1.xyc", "300;310\n")
    record = convert(ALL_IDB1, idb1, tmp_path / "out")
    assert [one.source for one in record.unreadable] == ["ALL_IDB1/xyc/Im001_1.xyc"]
    assert len(record.files) == 2


def test_all_idb2_is_not_taken_for_it(root, make, tmp_path):
    make("ALL_IDB2/img/Im001_1.tif")
    with pytest.raises(InputError, match=r"no images of all_idb1; wanted im/ImXXX_Y\.jpg"):
        convert(ALL_IDB1, Source(root), tmp_path / "out")


def test_both_sets_in_one_folder_are_too_many(idb1, make, tmp_path):
    make("ALL_IDB2/img/Im001_1.tif")
    with pytest.raises(InputError, match="have one name"):
        convert(ALL_IDB1, idb1, tmp_path / "out")
