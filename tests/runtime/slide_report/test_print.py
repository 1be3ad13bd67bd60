"""The page on paper, as Chromium prints it."""

import shutil
import subprocess

import pytest

from leukoscope.runtime.slide_report.page import html

CHROMIUM = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --no-pdf-header-footer"


@pytest.fixture
def programs(request):
    found = shutil.which("chromium"), shutil.which("pdftotext")
    if None in found:
        plugins = request.config.pluginmanager.get_plugins()
        rule = next(plugin for plugin in plugins if hasattr(plugin, "skip_or_fail"))
        command = "apt-get install chromium poppler-utils"
        rule.skip_or_fail("chromium", "chromium or pdftotext is missing", command)
    return found


def test_every_printed_page_says_which_slide_and_research_use_only(
    reviewed_slide, programs, tmp_path
):
    chromium, pdftotext = programs
    page, paper = tmp_path / "slide.html", tmp_path / "slide.pdf"
    page.write_text(html(reviewed_slide), encoding="utf-8")
    where = (f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={paper}")
    command = [chromium, *CHROMIUM.split(), *where, page.as_uri()]
    subprocess.run(command, capture_output=True, check=True, timeout=120)
    told = subprocess.run([pdftotext, "-layout", paper, "-"], capture_output=True, text=True)
    sheets = told.stdout.split("\f")[:-1]
    assert len(sheets) >= 5
    for number, sheet in enumerate(sheets, start=1):
        assert "Slide S-17/3" in sheet and "Research use only" in sheet
        assert "Leukoscope slide report: research use only" in sheet
        assert f"{number} of {len(sheets)}" in sheet
