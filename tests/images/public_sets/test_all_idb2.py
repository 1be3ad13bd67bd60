import pytest
from fake_files import write_mask

from leukoscope.errors import InputError
from leukoscope.images.label_map import find_label_map
from leukoscope.images.layouts import read_image_set
from leukoscope.images.public_sets.all_idb2 import ALL_IDB2
from leukoscope.images.public_sets.convert import convert
from leukoscope.images.public_sets.offer import Source


@pytest.fixture
def idb2(root, make, tmp_path):
    for seed, name in enumerate(("Im001_1", "Im002_1", "Im131_0")):
        make(f"ALL_IDB2/img/{name}.tif", seed)
    make("ALL_IDB2/img/readme.tif", 9)
    for name in ("Im001_1", "Im131_0"):
        write_mask(tmp_path / "gt" / f"{name}.tif")
    return Source(root, tmp_path / "gt")


def test_cells_with_the_masks_of_another_repository(idb2, tmp_path):
    record = convert(ALL_IDB2, idb2, tmp_path / "out")
    items = {item.name: item for item in read_image_set(tmp_path / "out").items}
    assert {name: item.label for name, item in items.items()} == {
        "Im001_1.tif": "blast", "Im002_1.tif": "blast", "Im131_0.tif": "normal"
    }  # fmt: skip
    assert items["Im002_1.tif"].mask is None and items["Im131_0.tif"].mask is not None
    assert record.counts()["left_out"] == {"not sought": 1}
    assert find_label_map([item.label for item in items.values()], "sg_cldff").name == "all_idb2"


def test_masks_within_the_set_are_masks_where_they_are_named(idb2, tmp_path):
    (tmp_path / "gt").rename(idb2.root / "gt")
    record = convert(ALL_IDB2, Source(idb2.root, idb2.root / "gt"), tmp_path / "out")
    assert record.counts()["images"] == 3 and record.counts()["masks"] == 2
    with pytest.raises(InputError, match=r"would both be Im001_1.*--masks"):
        convert(ALL_IDB2, Source(idb2.root), tmp_path / "again")


def test_all_idb1s_fields_are_not_cells(root, make, tmp_path):
    make("ALL_IDB1/im/Im001_1.jpg")
    with pytest.raises(InputError, match="no images of all_idb2"):
        convert(ALL_IDB2, Source(root), tmp_path / "out")
