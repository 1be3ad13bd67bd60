import pytest
from fake_files import annotation, write_mask, write_text

from leukoscope.errors import InputError
from leukoscope.images.public_sets.bccd import BCCD
from leukoscope.images.public_sets.convert import convert
from leukoscope.images.public_sets.offer import Source

TABLE = ',Image,Category\n,0,NEUTROPHIL\n,1,"NEUTROPHIL, EOSINOPHIL"\n,2,EOSINOPHIL\n,3,\n,411,BASOPHIL\n'


@pytest.fixture
def bccd(root, make, tmp_path):
    """Five fields: 0 and 4 with a box, 1 with two, 2 with two against its one label, 3 without annotation."""
    home = "BCCD_Dataset-master"
    for k in range(5):
        make(f"{home}/JPEGImages/BloodImage_{k:05d}.jpg", k)
        write_mask(tmp_path / "masks" / f"BloodImage_{k:05d}.png", (0, 150, 255))
    for k, names in {0: ["WBC", "RBC"], 1: ["WBC", "WBC"], 2: ["WBC", "WBC"], 4: ["WBC"]}.items():
        write_text(
            root / home / "Annotations" / f"BloodImage_{k:05d}.xml", annotation(*names, "Platelets")
        )
    labels = write_text(tmp_path / "labels.csv", TABLE)
    return Source(root, tmp_path / "masks", labels)


def test_fields_masks_and_labels(bccd, tmp_path):
    record = convert(BCCD, bccd, tmp_path / "out")
    labels = {file.name: file.label for file in record.files}
    assert labels == {
        "BloodImage_00000.jpg": "NEUTROPHIL",
        "BloodImage_00001.jpg": "NEUTROPHIL, EOSINOPHIL",
        "BloodImage_00002.jpg": "",
        "BloodImage_00003.jpg": "",
        "BloodImage_00004.jpg": "",
    }
    assert record.counts()["masks"] == 5
    assert [note.detail for note in record.notes] == ["EOSINOPHIL against 2 boxes of white cells"]
    copied = tmp_path / "out" / "images" / "BloodImage_00000.jpg"
    original = bccd.root / "BCCD_Dataset-master" / "JPEGImages" / "BloodImage_00000.jpg"
    assert copied.read_bytes() == original.read_bytes()


def test_labels_beside_the_images_are_found(bccd, tmp_path):
    write_text(bccd.root / "BCCD_Dataset-master" / "labels.csv", TABLE)
    record = convert(BCCD, Source(bccd.root), tmp_path / "out")
    assert record.counts()["labels"]["NEUTROPHIL"] == 1 and record.counts()["masks"] == 0


def test_without_a_table_fields_have_no_type(bccd, tmp_path):
    record = convert(BCCD, Source(bccd.root, bccd.masks), tmp_path / "out")
    assert record.counts()["labels"] == {"": 5}


def test_a_bad_annotation_is_named_and_its_field_kept(bccd, tmp_path):
    write_text(
        bccd.root / "BCCD_Dataset-master" / "Annotations" / "BloodImage_00000.xml", "<annotation>"
    )
    record = convert(BCCD, bccd, tmp_path / "out")
    assert len(record.files) == 5 and record.files[0].label == "NEUTROPHIL"
    assert [one.source for one in record.unreadable] == [
        "BCCD_Dataset-master/Annotations/BloodImage_00000.xml"
    ]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("Image,Category\nfirst,NEUTROPHIL\n", "'first'"),
        ("Image,Category\n-1,NEUTROPHIL\n", "'-1'"),
        ("Image,Category\n1,A\n1,B\n", "a second time"),
        ("image,label\n1,A\n", "wanted Image,Category"),
    ],
)
def test_a_table_of_another_form_is_refused(bccd, tmp_path, table, words):
    write_text(bccd.labels, table)
    with pytest.raises(InputError, match=words):
        convert(BCCD, bccd, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_table_that_was_asked_for_must_be_there(bccd, tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        convert(BCCD, Source(bccd.root, None, tmp_path / "none.csv"), tmp_path / "out")


def test_two_copies_of_the_set_are_refused(bccd, make, tmp_path):
    make("other/JPEGImages/BloodImage_00000.jpg")
    with pytest.raises(InputError, match="2 folders JPEGImages"):
        convert(BCCD, bccd, tmp_path / "out")
