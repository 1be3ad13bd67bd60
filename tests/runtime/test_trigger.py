"""The operator's key, on a pseudo-terminal and on a pipe."""

import os
import pty
import signal
import subprocess
import sys
import termios
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from leukoscope.errors import UsageError
from leukoscope.runtime.trigger import HELD_S, KEYS, Trigger, open_trigger

PATIENCE_S = 20.0


@contextmanager
def pipe():
    """Both ends; the writing one may be closed by the test."""
    read, write = os.pipe()
    try:
        yield read, write
    finally:
        for end in (read, write):
            with suppress(OSError):
                os.close(end)


@contextmanager
def terminal():
    """The operator's end and the program's."""
    theirs, ours = pty.openpty()
    try:
        yield theirs, ours
    finally:
        os.close(theirs)
        os.close(ours)


def pressed_soon(trigger):
    """Whether a press comes before patience ends."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if trigger():
            return True
        time.sleep(0.002)
    return False


def local_flags(descriptor):
    return termios.tcgetattr(descriptor)[3]


def is_unbuffered(descriptor):
    return not local_flags(descriptor) & (termios.ICANON | termios.ECHO)


def test_each_line_of_a_pipe_is_one_press():
    with pipe() as (read, write), open_trigger(read) as trigger:
        assert not trigger()
        os.write(write, b"\nword\n\n")
        assert [pressed_soon(trigger) for _ in range(3)] == [True] * 3
        os.close(write)
        assert trigger.ended.wait(PATIENCE_S)
        assert not trigger()


def test_a_pipe_that_ends_leaves_the_presses_before():
    with pipe() as (read, write), open_trigger(read) as trigger:
        os.write(write, b"\n\n")
        os.close(write)
        assert trigger.ended.wait(PATIENCE_S)
        assert [trigger(), trigger(), trigger()] == [True, True, False]


def test_a_named_pipe_outlives_the_program_that_pressed(tmp_path):
    """Each press comes from a program of its own, as `echo > pedal`."""
    pedal = tmp_path / "pedal"
    os.mkfifo(pedal)
    read = os.open(pedal, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(read, True)
    try:
        with open_trigger(read) as trigger:
            for _ in range(3):
                pedal.write_bytes(b"\n")
                assert pressed_soon(trigger)
            assert not trigger.ended.is_set()
    finally:
        os.close(read)


@pytest.mark.parametrize("key", [b" ", b"\r", b"\n"])
def test_space_and_enter_on_a_terminal_are_presses(key):
    with terminal() as (theirs, ours), open_trigger(ours) as trigger:
        os.write(theirs, b"xq" + key)
        assert pressed_soon(trigger)
        assert not trigger()


def test_the_terminal_is_given_back_as_it_was():
    with terminal() as (_, ours):
        before = termios.tcgetattr(ours)
        with open_trigger(ours):
            assert is_unbuffered(ours)
            assert local_flags(ours) & termios.ISIG  # Ctrl-C stays Ctrl-C
        assert termios.tcgetattr(ours) == before


def test_the_terminal_is_given_back_after_an_error():
    with terminal() as (_, ours):
        before = termios.tcgetattr(ours)
        with pytest.raises(KeyError), open_trigger(ours):
            raise KeyError
        assert termios.tcgetattr(ours) == before


def test_what_was_typed_before_is_no_press():
    with terminal() as (theirs, ours):
        os.write(theirs, b" \n")
        time.sleep(0.05)
        with open_trigger(ours) as trigger:
            os.write(theirs, b" ")
            assert pressed_soon(trigger)
            assert not trigger()


def test_a_terminal_that_is_torn_out_ends_the_listening():
    theirs, ours = pty.openpty()
    with open_trigger(ours) as trigger:
        os.close(theirs)
        assert trigger.ended.wait(PATIENCE_S)
        assert not trigger()
    os.close(ours)


def test_a_key_held_down_is_one_press():
    """It repeats after half a second, then thirty times a second."""
    ticks = iter([0.0, 0.5, 0.53, 0.56, 0.59, 0.59 + HELD_S, 10.0])
    with pipe() as (read, write):
        trigger = Trigger(read, KEYS, HELD_S, lambda: next(ticks))
        os.write(write, b"       ")
        os.close(write)
        assert trigger.ended.wait(PATIENCE_S)
        assert [trigger() for _ in range(4)] == [True, True, True, False]
        trigger.close()


def test_closing_ends_the_thread_and_may_be_done_twice():
    with pipe() as (read, write):
        trigger = Trigger(read, b"\n")
        trigger.close()
        trigger.close()
        assert trigger.ended.is_set()
        assert "trigger" not in {thread.name for thread in threading.enumerate()}
        os.write(write, b"\n")  # nobody reads it
        assert os.read(read, 10) == b"\n"


def test_no_descriptor_is_left_open():
    with pipe() as (read, _):
        Trigger(read, b"\n").close()
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(5):
            Trigger(read, b"\n").close()
        assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize("what", ["null", "file", "closed"])
def test_what_gives_no_keys_is_refused_in_one_line(what, tmp_path):
    path = tmp_path / "file"
    path.write_text("\n\n")
    descriptor = os.open("/dev/null" if what == "null" else path, os.O_RDONLY)
    if what == "closed":
        os.close(descriptor)
    with pytest.raises(UsageError, match="no key to listen to"), open_trigger(descriptor):
        pass
    if what != "closed":
        os.close(descriptor)


def test_a_stdin_that_is_none_is_refused(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UsageError, match="there is no stdin"), open_trigger():
        pass


def test_off_the_main_thread_it_works_too():
    found = []

    def listen():
        with terminal() as (theirs, ours), open_trigger(ours) as trigger:
            os.write(theirs, b" ")
            found.append(pressed_soon(trigger))

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join(PATIENCE_S)
    assert found == [True]


PROGRAM = """
import signal, sys, time
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may have it ignored, as nohup does
from leukoscope.runtime.trigger import open_trigger
with open_trigger() as trigger:
    print("ready", flush=True)
    while True:
        if trigger():
            print("pressed", flush=True)
        time.sleep(0.01)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_program_that_is_ended_gives_the_terminal_back(number):
    with terminal() as (theirs, ours):
        before = termios.tcgetattr(ours)
        child = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            stdin=ours,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            assert child.stdout.readline() == "ready\n"
            assert is_unbuffered(ours)
            os.write(theirs, b" ")
            assert child.stdout.readline() == "pressed\n"
            child.send_signal(number)
            code = child.wait(PATIENCE_S)
        finally:
            child.kill()
            child.stdout.close()
        assert code == -number
        assert termios.tcgetattr(ours) == before


def test_handlers_of_others_are_left_alone():
    def mine(number, frame):
        raise AssertionError

    before = signal.signal(signal.SIGTERM, mine)
    hang_up = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        with terminal() as (_, ours), open_trigger(ours):
            assert signal.getsignal(signal.SIGTERM) is mine
            assert signal.getsignal(signal.SIGHUP) is not signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) is mine
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, before)
        signal.signal(signal.SIGHUP, hang_up)
