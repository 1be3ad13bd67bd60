"""tegrastats: lines of Orin and Thor, hostile ones, and the program."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tegrastats_lines import (
    ALL,
    ORIN_AGX,
    ORIN_CORES_OFF,
    ORIN_NANO,
    THOR_39,
    THOR_39_LOADED,
    THOR_IDLE,
    THOR_NEGATIVE,
)

from leukoscope.errors import MachineError
from leukoscope.runtime.profiler.monitors.reading import Reading
from leukoscope.runtime.profiler.monitors.tegrastats import (
    LINE_LIMIT,
    MEGABYTE,
    Tegrastats,
    open_tegrastats,
    parse_line,
)

pieces = st.sampled_from([piece for line in ALL for piece in line.split(" ")])


def test_an_agx_orin():
    found = parse_line(ORIN_AGX)
    assert found.host_used_bytes == 18207 * MEGABYTE
    assert found.cpu_load_share == pytest.approx(171 / 1200)
    assert len(found.cpu_mhz) == 12 and found.cpu_mhz[:2] == (2188.0, 2112.0)
    assert (found.gpu_load_share, found.gpu_mhz) == (0.0, 0.0)
    assert found.temperatures_c == {
        "cpu": 52.562,
        "soc2": 48.437,
        "soc0": 49.093,
        "tj": 52.562,
        "soc1": 49.656,
    }
    assert found.power_w == {"VDD_GPU_SOC": 2.412, "VDD_CPU_CV": 1.607, "VIN_SYS_5V0": 4.707}
    assert found.throttled is None and found.mode is None and found.device_used_bytes is None


def test_an_orin_nano_gives_power_now_not_its_average():
    found = parse_line(ORIN_NANO)
    assert found.power_w == {"VDD_IN": 5.251, "VDD_CPU_GPU_CV": 0.512, "VDD_SOC": 2.72}
    assert found.gpu_mhz == 305.0 and found.temperatures_c["gpu"] == 49.625


def test_cores_and_sensors_that_are_off_are_not_counted():
    found = parse_line(ORIN_CORES_OFF)
    assert found.cpu_mhz == (729.0,) * 4 and found.cpu_load_share == pytest.approx(0.0025)
    assert "CV0" not in found.temperatures_c and found.temperatures_c["tj"] == 43.5


def test_an_idle_thor_tells_clocks_without_a_share():
    found = parse_line(THOR_IDLE)
    assert (found.gpu_load_share, found.gpu_mhz) == (None, 314.0)
    assert found.power_w["VIN"] == 19.78 and found.power_w["VDD_CPU_SOC_MSS"] == 5.887
    assert found.host_used_bytes == 105_265 * MEGABYTE and len(found.cpu_mhz) == 14


def test_a_thor_with_jetpack_7_2_tells_nothing_of_its_gpu_but_power_and_heat():
    found = parse_line(THOR_39)
    assert (found.gpu_load_share, found.gpu_mhz) == (None, None)
    assert found.power_w == {
        "VDD_GPU": 37.528,
        "VDD_CPU_SOC_MSS": 18.961,
        "VIN_SYS_5V0": 18.331,
        "VIN": 87.426,
    }
    assert found.temperatures_c["gpu"] == 62.906


def test_a_loaded_thor():
    found = parse_line(THOR_39_LOADED)
    assert (found.gpu_load_share, found.gpu_mhz) == (0.87, 1574.0)
    assert found.cpu_load_share == pytest.approx((90 + 75 + 7) / 300)
    assert found.temperatures_c == {
        "cpu": 58.25,
        "tj": 66.625,
        "gpu": 56.937,
        "soc012": 55.375,
        "soc345": 55.812,
    }
    assert found.power_w["VIN"] == 124.486


def test_a_sensor_under_nought_is_told_as_it_is():
    assert parse_line(THOR_NEGATIVE).power_w["VDD_GPU"] == -0.392


def test_one_clock_for_all_cores():
    assert parse_line("CPU [10%,30%,off]@1200").cpu_mhz == (1200.0, 1200.0)


@pytest.mark.parametrize(
    "line",
    [
        "", "CPU [", "RAM /MB", "GR3D_FREQ", "GR3D_FREQ off", "@C", "VDD_IN mW/mW", "CPU [off,off]", "tj@-256C",
        "CPU [101%@\u0661\u0662]", "VDD_IN 5V", "\x00" * 50, "gpu@1e9C", "RAM " + "9" * 400 + "/1MB",
    ],
)  # fmt: skip
def test_lines_that_say_nothing(line):
    found = parse_line(line)
    assert found == Reading() or found.cpu_load_share is not None


@given(st.text(max_size=300))
def test_no_text_breaks_it(text):
    parse_line(text)


@given(st.lists(pieces | st.text(max_size=8), max_size=40))
def test_no_shuffled_line_breaks_it_and_what_it_tells_is_in_bounds(words):
    found = parse_line(" ".join(words))
    for share in (found.cpu_load_share, found.gpu_load_share):
        assert share is None or 0 <= share <= 1
    assert all(
        -1e9 <= value <= 1e9 for value in (*found.temperatures_c.values(), *found.power_w.values())
    )


@pytest.mark.parametrize(
    "line", ["CPU [" * 40_000, "a@" * 40_000, "A" * 1_000_000, "GR3D_FREQ @[" + "1," * 500_000]
)
def test_a_line_without_end_takes_no_time(line):
    began = time.process_time()
    parse_line(line)
    assert (
        time.process_time() - began < 2.0
    )  # of processor time: a search that goes back and forth takes minutes
    assert len(line) > LINE_LIMIT


def test_what_stands_beyond_the_limit_is_not_read():
    assert parse_line(" " * LINE_LIMIT + "RAM 5/6MB") == Reading()


def wait_for(ask):
    end = time.monotonic() + 20
    while not (found := ask()) and time.monotonic() < end:
        time.sleep(0.01)
    return found


def test_the_program_is_asked_for_the_interval_and_its_newest_line_is_read(program, tmp_path):
    told = tmp_path / "told"
    program(
        "tegrastats",
        f'echo "$@" > {told}\nwhile true; do echo "{THOR_39_LOADED}"; sleep 0.05; done',
    )
    source = open_tegrastats(0.25)
    assert wait_for(lambda: source.read().gpu_mhz) == 1574.0
    assert told.read_text() == "--interval 250\n"
    source.close()
    assert source._process.returncode is not None and not source._thread.is_alive()


def test_a_program_that_ends_has_nothing_more_to_say(program):
    program("tegrastats", f'echo "{ORIN_NANO}"')
    source = open_tegrastats(0.01)
    wait_for(lambda: not source._thread.is_alive())
    assert wait_for(lambda: source.read() == Reading())
    source.close()


def test_a_program_that_does_not_end_is_killed(program, monkeypatch):
    monkeypatch.setattr("leukoscope.runtime.profiler.monitors.tegrastats.END_S", 0.1)
    program("tegrastats", 'trap "" TERM\necho "RAM 1/2MB"\nwhile true; do sleep 0.05; done')
    source = open_tegrastats(0.2)
    wait_for(lambda: source.read().host_used_bytes)
    source.close()
    assert source._process.returncode == -9


def test_without_the_program(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MachineError, match="there is no tegrastats"):
        open_tegrastats(1.0)


def test_a_program_that_cannot_be_run(program):
    path = program("tegrastats", "")
    path.write_bytes(b"\x7fELF not a program")
    with pytest.raises(MachineError, match="does not start"):
        open_tegrastats(1.0)


def test_it_is_a_source():
    assert Tegrastats.name == "tegrastats"
