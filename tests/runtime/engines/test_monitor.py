from stand_in import Script, library

from leukoscope.runtime.engines.monitor import NOTE_EVERY_S, Phases, make_monitor


class Bars:
    def __init__(self):
        self.open, self.seen, self.notes = {}, [], []

    def track(self, items, what, total=None):
        self.open[what] = 0
        try:
            for item in items:
                yield item
                self.open[what] += 1
                self.seen.append((what, self.open[what], total))
        finally:
            del self.open[what]

    def note(self, text):
        self.notes.append(text)


def test_a_bar_for_each_phase_that_is_under_way():
    bars = Bars()
    phases = Phases(bars, "xincept_all in fp16")
    phases.start("Building", 2)
    phases.start("Timing", 3)
    phases.step("Timing")
    assert bars.open == {"Building": 0, "Timing": 1}
    phases.finish("Timing")
    phases.step("Building")
    phases.step("Building")
    assert bars.open == {"Building": 2} and bars.seen[-1] == ("Building", 2, 2)
    phases.finish("Building")
    assert bars.open == {}


def test_names_come_again_and_steps_may_be_too_many():
    bars = Bars()
    phases = Phases(bars, "x")
    for _ in range(2):
        phases.start("Reformatting", 1)
        for _ in range(5):
            phases.step("Reformatting")
        phases.finish("Reformatting")
        phases.finish("Reformatting")
    phases.step("never started")
    assert bars.open == {}


def test_every_minute_a_line_says_that_it_is_alive():
    now = [0.0]
    bars = Bars()
    phases = Phases(bars, "sg_cldff in int8", lambda: now[0])
    phases.start("Timing", 9)
    now[0] = NOTE_EVERY_S - 1
    phases.step("Timing")
    assert bars.notes == []
    now[0] = 2 * NOTE_EVERY_S
    phases.step("Timing")
    phases.step("Timing")
    assert bars.notes == ["sg_cldff in int8: still building after 2 min (Timing)"]


def test_ctrl_c_ends_the_build_at_the_next_step():
    pressed = []
    monitor = make_monitor(library(Script()), Bars(), "x", lambda: bool(pressed))
    monitor.phase_start("Timing", None, 3)
    assert monitor.step_complete("Timing", 0) is True
    pressed.append(1)
    assert monitor.step_complete("Timing", 1) is False
