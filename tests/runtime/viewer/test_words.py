import ast
from pathlib import Path

import pytest

from leukoscope.runtime import viewer
from leukoscope.runtime.viewer.words import CATALOGUE, Words, read_words

PACKAGE = Path(viewer.__file__).parent


def keys_of_the_server():
    """Every string of the server's code that names a sentence."""
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and str(node.value).startswith("server_"):
                yield node.value


def test_a_sentence_has_its_values_filled_in_and_nothing_else_is_a_format():
    words = Words({"gone": "Field {number} of {{x}} {number.real}"})
    assert words("gone", number=7) == "Field 7 of {{x}} {number.real}"
    assert words("gone", number="{number}") == "Field {number} of {{x}} {number.real}"


def test_a_key_that_is_missing_is_said_as_it_stands(tmp_path):
    assert read_words(tmp_path / "none.json")("server_fault") == "server_fault"


def test_every_sentence_of_the_server_is_in_the_catalogue():
    if not CATALOGUE.exists():
        pytest.fail("no catalogue")
    words = read_words()
    assert len(set(keys_of_the_server())) > 10
    assert [key for key in set(keys_of_the_server()) if words(key) == key] == []
