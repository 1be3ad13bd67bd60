"""Puts the journal's and the report's stand-ins beside the tests."""

import importlib
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "report"))
sys.path.insert(0, str(Path(__file__).parents[1] / "journal"))
sys.path.insert(0, str(Path(__file__).parent))

from slide_made import write_slide

from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.reviews import ReviewBook
from leukoscope.runtime.slide_report.gather import gather


@pytest.fixture
def parquet(request):
    """`pyarrow.parquet`."""
    try:
        return importlib.import_module("pyarrow.parquet")
    except ImportError:
        plugins = request.config.pluginmanager.get_plugins()
        rule = next(plugin for plugin in plugins if hasattr(plugin, "skip_or_fail"))
        rule.skip_or_fail("parquet", "pyarrow is missing", "pip install 'leukoscope[parquet]'")


@pytest.fixture(scope="session")
def journal(tmp_path_factory) -> Path:
    """Forty painted fields of two stages in one session, every tenth flagged."""
    path = tmp_path_factory.mktemp("slide") / "slide.db"
    write_slide(path, 40, stages=("Early", "Early", "Pre", "Early", "Early", "Early"))
    return path


@pytest.fixture(scope="session")
def reviewed_journal(tmp_path_factory) -> Path:
    """The same with what two people said of it."""
    path = tmp_path_factory.mktemp("reviewed") / "slide.db"
    write_slide(path, 40, stages=("Early", "Early", "Pre", "Early", "Early", "Early"))
    with ReviewBook(path) as book:
        book.add(reviewer="AB", field=1, cell=None, verdict="reject")
        book.add(reviewer="AB", field=2, cell=None, verdict="stage", value="Pro")
        book.add(reviewer="AB", field=3, cell=None, verdict="stage", value="Pro")
        book.add(reviewer="CD", field=3, cell=None, verdict="withdraw")
        book.add(reviewer="CD", field=10, cell=None, verdict="accept")
        book.add(reviewer="AB", field=4, cell=0, verdict="type", value="monocyte")
        book.add(reviewer="CD", field=4, cell=1, verdict="reject")
    return path


@pytest.fixture(scope="session")
def slide(journal):
    with read_journal(journal) as reader:
        return gather(reader)


@pytest.fixture(scope="session")
def reviewed_slide(reviewed_journal):
    with read_journal(reviewed_journal) as reader:
        return gather(reader)
