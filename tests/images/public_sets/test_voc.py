import contextlib

import pytest
from fake_files import annotation
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import InputError
from leukoscope.images.public_sets.voc import MAX_BYTES, Box, parse_boxes, read_boxes

GOOD = annotation("WBC", "RBC")
LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>
<annotation><object><name>&c;</name></object></annotation>"""
OUTSIDE = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><annotation>&f;</annotation>'


def boxes(text) -> tuple[Box, ...]:
    return parse_boxes(text.encode() if isinstance(text, str) else text, "a.xml")


def test_boxes_with_their_names():
    assert boxes(GOOD) == (Box("WBC", (260, 177, 491, 376)), Box("RBC", (260, 177, 491, 376)))
    assert boxes("<annotation/>") == ()


def test_other_elements_of_an_object_are_not_its_name():
    text = GOOD.replace("<pose>", "<part><name>nucleus</name></part><pose>", 1)
    assert boxes(text)[0].name == "WBC"


@pytest.mark.parametrize("text", [LAUGHS, OUTSIDE, "<!DOCTYPE annotation><annotation/>"])
def test_a_document_type_is_refused_with_all_its_entities(text):
    with pytest.raises(InputError, match="declares a document type"):
        boxes(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a VOC annotation"),
        ("BloodImage", "not a VOC annotation"),
        (GOOD[:-20], "not a VOC annotation"),
        ("<html/>", "its root is html"),
        ("<annotation>" + "<a>" * 50, "more than 16 elements"),
        (GOOD.replace("WBC", " "), "without a name"),
        (GOOD.replace("<name>WBC</name>", ""), "without a name"),
        (GOOD.replace("<name>WBC</name>", "<name>A</name><name>B</name>"), "two name"),
        (GOOD.replace("<xmin>260", "<xmin>-3"), "xmin = '-3'"),
        (GOOD.replace("<xmin>260", "<xmin>1e3"), "xmin"),
        (GOOD.replace("<xmin>260", "<xmin>" + "9" * 50), "xmin"),
        (GOOD.replace("<xmin>260", "<xmin>٢٣"), "xmin"),
        (GOOD.replace("<ymax>376</ymax>", ""), "ymax = ''"),
        (GOOD.replace("<xmax>491", "<xmax>100"), "a box 260,177,100,376"),
        ("<annotation>&unknown;</annotation>", "undefined entity"),
        (b'<?xml version="1.0" encoding="klingon"?><annotation/>', "not a VOC annotation"),
        (b"\xff\xfe\x00", "not a VOC annotation"),
    ],
)
def test_what_is_no_annotation_is_refused_in_one_line(text, words):
    with pytest.raises(InputError, match=words) as refused:
        boxes(text)
    assert "a.xml" in str(refused.value) and "\n" not in str(refused.value)


def test_too_many_boxes_are_refused():
    one = "<object><name>a</name><bndbox>" + "".join(
        f"<{key}>1</{key}>" for key in ("xmin", "ymin", "xmax", "ymax")
    )
    with pytest.raises(InputError, match="more than 10000 objects"):
        boxes("<annotation>" + (one + "</bndbox></object>") * 10_001 + "</annotation>")


def test_a_file_is_named_and_a_huge_one_not_read(tmp_path):
    path = tmp_path / "big.xml"
    path.write_bytes(b"<annotation>" + b" " * MAX_BYTES)
    with pytest.raises(InputError, match=r"big\.xml is larger"):
        read_boxes(path)
    with pytest.raises(InputError, match=r"none\.xml cannot be read"):
        read_boxes(tmp_path / "none.xml")


@given(st.binary(max_size=300))
def test_any_bytes_are_boxes_or_an_error(data):
    with contextlib.suppress(InputError):
        boxes(data)


@given(st.data())
def test_a_damaged_annotation_is_boxes_or_an_error(data):
    raw = bytearray(GOOD.encode())
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        for box in boxes(bytes(raw)):
            left, top, right, bottom = box.corners_px
            assert box.name and 0 <= left <= right and 0 <= top <= bottom
    except InputError:
        pass
