import re

from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.slide_report.style import css


@given(st.text(min_size=1, max_size=300))
def test_no_name_ends_its_string_or_the_sheet(name):
    head = '@top-left{content:"'
    before, _, rest = css(name).partition(head)
    told, _, after = rest.partition('"')
    assert re.fullmatch(r"(?:[A-Za-z0-9 :]|\\[0-9a-f]{6})*", told)
    assert f'{before}{head}S"{after}' == css("S")
