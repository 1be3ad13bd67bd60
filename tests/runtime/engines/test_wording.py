from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.engines.wording import known_words, meaning_of, shortened


def test_words_go_before_the_code():
    assert "zero point" in meaning_of("Non-zero zero point", "ErrorCode.UNSUPPORTED_NODE").reason
    assert "operator" in meaning_of("false", "ErrorCode.UNSUPPORTED_NODE").reason
    assert not known_words("false")


def test_places_in_tensorrts_source_are_left_out():
    text = "API Usage Error (No profile. In validate at /_src/optimizer/api/network.cpp:4023)"
    assert shortened(text) == "API Usage Error (No profile.)"
    text = "Bad. In operator() at /_src/network.cpp:4067)"
    assert shortened(text) == "Bad.)"


@given(st.text(), st.text())
def test_any_words_mean_something_on_one_line(words, code):
    meaning = meaning_of(words, code)
    assert meaning.reason and meaning.next_step
    assert "\n" not in shortened(words) and len(shortened(words)) <= 240
