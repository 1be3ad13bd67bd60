from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.sources.names import MAX_NAME_BYTES, NameBook, output_names

PART = st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=12).filter(
    lambda part: part not in (".", "..")
)
PATH = st.lists(PART, min_size=1, max_size=3).map(lambda parts: PurePath(*parts))


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["a.jpg", "b.jpg"], ["a", "b"]),
        (["a.jpg", "a.png", "b.png"], ["a_jpg", "a_png", "b"]),
        (["one/a.jpg", "two/a.jpg"], ["one__a", "two__a"]),
        (["A.jpg", "a.jpg"], ["A_jpg", "a_jpg-2"]),
        (["one/a.jpg", "one/a.png", "a.jpg"], ["one__a_jpg", "one__a_png", "a"]),
        (["one/a.jpg", "one__a.jpg"], ["a", "one__a"]),
        (["feld 1 (ä).png", "..hidden.png"], ["feld_1_ä_", "hidden"]),
    ],
)
def test_names_are_as_plain_as_they_can_be(paths, names):
    assert output_names([PurePath(path) for path in paths]) == names


@given(st.lists(PATH, max_size=12))
def test_names_never_collide_and_stay_in_their_folder(paths):
    names = output_names(paths)
    assert len(names) == len(paths)
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert name and name not in (".", "..") and "/" not in name and "\0" not in name
        assert len(name.encode()) <= MAX_NAME_BYTES + 4
        assert not name.startswith((".", "-"))


def test_a_long_path_still_fits_a_file_name():
    deep = PurePath(*["д" * 60] * 6) / "field.png"
    (name, other) = output_names([deep, deep.parent / "x" / "field.png"])
    assert len((name + ".png").encode()) < 255 and name != other


def test_names_that_come_one_by_one():
    book = NameBook()
    assert [book.claim(text) for text in ["a", "A", "b", "a-1", "a", "b-1", "b"]] == [
        "a", "A-1", "b", "a-1-1", "a-2", "b-1", "b-2"
    ]  # fmt: skip


@given(st.lists(st.text(max_size=200), max_size=30))
def test_they_never_collide_either(texts):
    book = NameBook()
    names = [book.claim(text) for text in texts]
    assert len({name.casefold() for name in names}) == len(names)
