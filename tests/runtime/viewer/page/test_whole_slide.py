"""A painted slide as an operator goes through it: watch, pause, keep a picture, end, correct, close. Against the real program."""

import re
import subprocess
import sys
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect
from visitor import Visitor

from leukoscope.runtime.journal.read import read_journal

SLIDE = "synthetic://slide?stage=early&seed=1&stops=60"
ADDRESS = re.compile(r"viewer: (http\S+)")
START_S, END_S, SLOW_MS = 60, 60, 60_000
WATCHED = 4
"""Fields that the operator sees before he ends the slide."""

pytestmark = pytest.mark.heavy


@contextmanager
def running(bundle, folder):
    """The program over the painted slide; `address` is what it prints for the browser."""
    journal = folder / "slide.db"
    words = [
        "run",
        bundle,
        SLIDE,
        "--viewer",
        "--journal",
        journal,
        "--slide",
        "S-1",
        "--threads",
        "1",
    ]
    with (folder / "err").open("w") as told, (folder / "out").open("w") as said:
        program = subprocess.Popen(
            [sys.executable, "-m", "leukoscope.cli.main", *map(str, words)],
            stdout=said,
            stderr=told,
        )
        try:
            yield SimpleNamespace(
                program=program, journal=journal, address=printed_address(program, folder / "err")
            )
        finally:
            program.kill()
            program.wait()


def printed_address(program, path):
    for _ in range(10 * START_S):
        found = ADDRESS.search(path.read_text())
        if found:
            return found[1]
        try:
            program.wait(0.1)
            break
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError(path.read_text())


def opened(browser, address, **how):
    visitor = Visitor(browser, address)
    visitor.may_fail = True
    page = visitor.live(**how)
    expect(page.locator("#stage-counts dd").first).not_to_have_text("0", timeout=SLOW_MS)
    return visitor, page


def wait_for_fields(page, number):
    expect(page.locator("#stage-counts dd").first).to_have_text(
        re.compile(rf"^({number}|[{number + 1}-9]|\d\d)$"), timeout=SLOW_MS
    )


def subject(page):
    """Field and cell of what is chosen."""
    numbers = [int(one) for one in re.findall(r"\d+", page.locator("#item-name").inner_text())]
    return (
        (numbers[1], numbers[0])
        if page.locator("#item-name").inner_text().startswith("Cell")
        else (numbers[0], None)
    )


def said_in(journal):
    """What holds in the journal, and what the run noted."""
    with read_journal(journal) as reader:
        standing = {
            key: (one.verdict, one.value, one.reviewer)
            for key, one in reader.standing_reviews().items()
        }
        notes = [event.detail for event in reader.events() if event.state is None]
        types = {(cell.field, cell.cell): cell.type for cell in reader.cells()}
        return standing, notes, types


def closed(run):
    assert run.program.wait(END_S) == 0
    assert "Traceback" not in (run.journal.parent / "err").read_text()


def check(run, wanted, machine):
    standing, notes, types = said_in(run.journal)
    assert standing == wanted
    assert [note for note in notes if "operator" in note] == [
        "paused by the operator",
        "resumed by the operator",
    ]
    assert {key: types[key] for key in machine} == machine
    assert len(list((run.journal.parent / "slide.db.snapshots").glob("*.png"))) == 1


def test_an_operator_with_a_finger(ready_bundle, browser, tmp_path):
    """Three cells are corrected and a field is rejected; the machine's answers stay in the journal."""
    with running(ready_bundle, tmp_path) as run:
        visitor, page = opened(browser, run.address, has_touch=True)
        page.tap("#pause")
        expect(page.locator("#standing")).to_have_text("Paused")
        page.tap("#snapshot")
        expect(page.locator("#toast-words")).to_contain_text("slide.db.snapshots")
        page.tap("#toast-close")
        page.tap("#pause")
        wait_for_fields(page, WATCHED)
        page.tap("#end")
        page.tap("#end-dialog .grave")
        expect(page.locator("#initials")).to_be_visible(timeout=SLOW_MS)
        for letter in "AB":
            page.tap(f"#pad button:text-is('{letter}')")
        page.tap("#initials-dialog .chief")
        wanted, machine = {}, {}
        page.tap("#groups [role=tab]:has-text('blast')")
        expect(page.locator("#item-machine")).to_contain_text("blast")
        for k in range(3):
            page.tap(f"#option-{k}")
            wanted[subject(page)], machine[subject(page)] = ("type", "monocyte", "AB"), "blast"
            page.tap("#choices button:has-text('monocyte')")
            expect(page.locator("#item-reviewer")).to_have_text("AB: monocyte")
        page.tap("#kind-fields")
        page.tap("#option-1")
        wanted[subject(page)] = ("reject", None, "AB")
        page.tap("#reject")
        expect(page.locator("#item-reviewer")).to_have_text("AB: rejected")
        expect(page.locator("#groups")).to_contain_text("rejected 1")
        page.tap("#close")
        page.tap("#close-dialog .grave")
        expect(page.locator("#standing")).to_have_text("Closed")
        closed(run)
        visitor.leave()
        check(run, wanted, machine)


def tab_to(page, name, key="Tab"):
    for _ in range(40):
        if page.evaluate("document.activeElement.id") == name:
            return
        page.keyboard.press(key)
    raise AssertionError(name)


def test_an_operator_with_a_keyboard_alone(ready_bundle, browser, tmp_path):
    with running(ready_bundle, tmp_path) as run:
        visitor, page = opened(browser, run.address)
        press = page.keyboard.press
        press("p")
        expect(page.locator("#standing")).to_have_text("Paused")
        press("s")
        expect(page.locator("#toast-words")).to_contain_text("slide.db.snapshots")
        press("p")
        wait_for_fields(page, WATCHED)
        press("e")
        expect(page.locator("#end-dialog")).to_be_visible()
        press("Tab")
        press("Enter")
        expect(page.locator("#initials")).to_be_focused(timeout=SLOW_MS)
        page.keyboard.type("CD")
        press("Enter")
        expect(page.locator("#gallery")).to_be_focused()
        wanted = {}
        for key, name in (("1", "neutrophil"), ("2", "eosinophil"), ("3", "basophil")):
            wanted[subject(page)] = ("type", name, "CD")
            press(key)
            expect(page.locator("#item-reviewer")).to_have_text(f"CD: {name}")
            press("ArrowRight")
        tab_to(page, "kind-fields", "Shift+Tab")
        press("Enter")
        expect(page.locator("#item-name")).to_contain_text("Field")
        tab_to(page, "gallery")
        wanted[subject(page)] = ("reject", None, "CD")
        press("x")
        expect(page.locator("#item-reviewer")).to_have_text("CD: rejected")
        tab_to(page, "close", "Shift+Tab")
        press("Enter")
        press("Tab")
        press("Enter")
        expect(page.locator("#standing")).to_have_text("Closed")
        closed(run)
        visitor.leave()
        check(run, wanted, {})
