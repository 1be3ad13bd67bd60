import re

from parsed import Page
from profile_made import made_profile, made_variant

from leukoscope.runtime.profiler.page.page import SECTIONS, html

HOSTILE = "<script>alert(1)</script>\u202e"


def test_the_page_is_well_formed_and_has_every_section(profile):
    read = Page(html(profile))
    assert read.count("h1") == 1 and read.count("h2") == len(SECTIONS)
    for title, _ in SECTIONS:
        assert title in read.text
    assert read.text.count("Research use only") >= 2
    assert "Leukoscope profile: research use only" in html(profile)


def test_nothing_is_loaded_and_nothing_runs(profile):
    text = html(profile)
    assert "default-src 'none'" in text
    assert not re.search(r"<script|<link|<iframe|@import|https?://|\bon\w+=", text)


def test_what_a_name_holds_stays_text():
    profile = made_profile(bundle=HOSTILE, inputs=HOSTILE, power_mode=HOSTILE)
    text = html(profile)
    assert "<script>" not in text and "\u202e" not in text
    assert "alert(1)" in Page(text).text


def test_a_profile_of_nothing_is_a_page_that_says_so():
    read = Page(html(made_profile(variants=(), runs=(), not_measured=(), interrupted=True)))
    assert "Nothing was measured" in read.text and read.text.count("Not measured") >= 3
    assert "cannot be trusted" in read.text and "Ctrl-C" in read.text


def test_a_variant_without_a_call_has_no_chart():
    read = Page(html(made_profile(variants=(made_variant(taken_ms=()),))))
    assert "No call was timed." in read.text


def test_the_same_profile_gives_the_same_bytes(profile):
    assert html(profile) == html(profile)
