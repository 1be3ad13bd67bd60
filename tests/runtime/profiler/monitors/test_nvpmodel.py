"""The power mode of a Jetson."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import MachineError
from leukoscope.runtime.profiler.monitors.nvpmodel import open_power_mode, parse_mode


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("NV Power Mode: MAXN_SUPER\n2\n", "MAXN_SUPER"),  # Orin Nano, Jetson Linux 36
        ("NV Power Mode: 120W\n1\n", "120W"),  # AGX Thor, Jetson Linux 38
        ("NVPM WARN: fan mode is not set!\nNV Power Mode: MODE_15W\n0\n", "MODE_15W"),
        ("NV Power Mode: 25W\r\n1\r\n", "25W"),
        ("", None),
        ("NV Power Mode:\n2\n", None),
        ("NV Fan Mode: quiet\n", None),
        ("NV Power Mode: " + "A" * 5000, None),
    ],
)
def test_what_nvpmodel_prints(text, mode):
    assert parse_mode(text) == mode


@given(st.text())
def test_no_text_breaks_it(text):
    parse_mode(text)


def test_it_is_asked_once(program, tmp_path):
    count = tmp_path / "count"
    program("nvpmodel", f'echo "$@" >> {count}\necho "NV Power Mode: MAXN"\necho 0')
    source = open_power_mode()
    assert source.read().mode == source.read().mode == "MAXN"
    source.close()
    assert count.read_text() == "-q\n"


def test_one_that_may_not_be_asked(program):
    program("nvpmodel", 'echo "Error: permission denied" >&2\nexit 1')
    with pytest.raises(MachineError, match=r"names no mode.*sudo nvpmodel -q"):
        open_power_mode()


def test_one_that_does_not_answer(program, monkeypatch):
    monkeypatch.setattr("leukoscope.runtime.profiler.monitors.nvpmodel.TIMEOUT_S", 0.2)
    program("nvpmodel", "exec sleep 30")
    with pytest.raises(MachineError, match="timed out"):
        open_power_mode()


def test_without_the_program(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MachineError, match="there is no nvpmodel"):
        open_power_mode()
