import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.errors import InputError
from leukoscope.images.tables import read_table


def table(tmp_path, text: str | bytes):
    path = tmp_path / "labels.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_table(path, "image", "label")


def test_quotes_blanks_columns_and_empty_values(tmp_path):
    text = 'note, label ,image\nx,"NEUTROPHIL, EOSINOPHIL",a.jpg\n, blast , b.jpg\n,,c.jpg\n'
    wanted = {"a.jpg": "NEUTROPHIL, EOSINOPHIL", "b.jpg": "blast", "c.jpg": ""}
    assert table(tmp_path, text) == wanted


def test_what_spreadsheets_write_is_read(tmp_path):
    assert table(tmp_path, "\ufeffimage,label\r\na.jpg,blast\r\n\r\n") == {"a.jpg": "blast"}


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", r"labels\.csv has the columns \(none\); wanted image,label"),
        ("file,class\na,b\n", "has the columns file,class; wanted image,label"),
        ("image,label\na.jpg,x\na.jpg,x\n", r"line 3: a\.jpg a second time"),
        ("image,label\na.jpg\n", "line 2: a row that is not"),
        ("image,label\na.jpg,NEUTROPHIL, EOSINOPHIL\n", "line 2: a row that is not"),
        ("image,label\n,blast\n", "line 2: a row that is not"),
        ("image,label,label\na,b,c\n", "has the columns image,label,label"),
        (b"image,label\na\xff.jpg,x\n", "cannot be read"),
        ('image,label\n"a.jpg,x\n', "cannot be read|not image,label"),
        ("image,label\n" + "a" * 200000 + ",x\n", "cannot be read"),
    ],
)
def test_bad_tables_are_refused_by_line(tmp_path, text, match):
    with pytest.raises(InputError, match=match):
        table(tmp_path, text)


def test_an_absent_table_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"labels\.csv cannot be read"):
        read_table(tmp_path / "labels.csv", "image", "label")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=120) | st.text(max_size=120).map(str.encode))
def test_any_bytes_are_read_or_refused(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("table")
    for text in (data, b"image,label\n" + data):
        try:
            rows = table(folder, text)
        except InputError as error:
            assert "labels.csv" in str(error)
        else:
            assert all(key and value == value.strip() for key, value in rows.items())
