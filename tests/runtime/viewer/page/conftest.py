"""A browser, a server that says what a test wants, and the page between them."""

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fake_viewer import FakeViewer
from visitor import PATIENCE_MS, Visitor

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def chromium(request):
    """Where the browser is."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    plugins = request.config.pluginmanager.get_plugins()
    rule = next(plugin for plugin in plugins if hasattr(plugin, "skip_or_fail"))
    if find_spec("playwright") is None:
        rule.skip_or_fail("chromium", "playwright is missing", "pip install 'leukoscope[test]'")
    if found is None:
        rule.skip_or_fail("chromium", "no browser was found", "sudo apt install chromium")
    return found


@pytest.fixture(scope="module")
def browser(chromium):
    """One a module: while it is open, this thread has an event loop that other tests would stumble over."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def fake():
    """A run that goes on, with its first field."""
    with FakeViewer() as fake:
        yield fake


@pytest.fixture
def visit(browser, fake):
    """Opens the page: `visit(size, touch=...)`. What its scripts complain of fails the test."""
    visitor = Visitor(browser, fake.url)
    yield visitor
    visitor.leave()


@pytest.fixture
def live(visit):
    """The live page on a small screen, its first field drawn."""
    return visit.live()


@pytest.fixture
def review(visit):
    """The review on a small screen, signed in as AB."""
    return visit.review()
