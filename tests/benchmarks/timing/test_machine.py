import subprocess
import sys
import time

from timing import machine as module
from timing.machine import OtherWork, machine


def test_the_machine_is_named_with_the_packages_that_it_has():
    found = machine(["numpy", "no-such-package-here"])
    assert found["processor"]
    assert found["cores"] >= 1
    assert found["packages"]["numpy"].count(".") == 2
    assert found["packages"]["no-such-package-here"] is None


def busy(monkeypatch, all_s, own_s, elapsed_s):
    clocks = {"_busy_s": iter(all_s), "_own_s": iter(own_s)}
    for name, values in clocks.items():
        monkeypatch.setattr(module, name, lambda values=values: next(values))
    ticks = iter(elapsed_s)
    times = type("Times", (), {"elapsed": property(lambda _: next(ticks))})
    monkeypatch.setattr(module.os, "times", times)
    monkeypatch.setattr(module.os, "cpu_count", lambda: 2)
    return OtherWork().share()


def test_others_are_what_is_not_our_own(monkeypatch):
    # Ten seconds of two cores; 12 s were worked, 8 of them by us.
    assert busy(monkeypatch, [100, 112], [5, 13], [0, 10]) == 0.2


def test_a_clock_that_rounds_against_us_gives_no_negative_share(monkeypatch):
    assert busy(monkeypatch, [100, 107.9], [5, 13], [0, 10]) == 0


def test_without_proc_the_share_is_unknown(monkeypatch):
    assert busy(monkeypatch, [None, None], [5, 13], [0, 10]) is None


def test_work_of_another_process_is_seen():
    other = OtherWork()
    spin = "import time\nend = time.time() + 1.5\nwhile time.time() < end: pass"
    child = subprocess.Popen([sys.executable, "-c", spin])
    time.sleep(1.2)
    share = other.share()  # it still runs: it is not ours yet
    child.wait()
    assert share is None or share > 0.2 / (module.os.cpu_count() or 1)
