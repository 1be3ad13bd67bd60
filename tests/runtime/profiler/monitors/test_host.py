"""What Linux tells, from a folder of files as a machine has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.profiler.monitors.host import Host, HostFiles, used_memory

CPU = "sys/devices/system/cpu"
STAT = "cpu  {0} 0 0 {1} 0 0 0 0 0 0\n" + "".join(
    f"cpu{i} {{0}} 0 0 {{1}} 0 0 0 0 0 0\n" for i in range(256)
)


class Files:
    """A machine's /proc and /sys."""

    def __init__(self, root):
        self.root = root

    def write(self, path, text):
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"{text}\n")

    def host(self):
        return Host(HostFiles(self.root))


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path)


def test_this_machine_is_read():
    found = Host().read()
    assert found.host_used_bytes > 0
    assert found.cpu_load_share is None or 0 <= found.own_cpu_share <= found.cpu_load_share <= 1


def test_load_is_that_since_the_reading_before(files):
    files.write("proc/stat", STAT.format(100, 100))
    host = files.host()
    files.write("proc/stat", STAT.format(175, 125))
    assert host.read().cpu_load_share == pytest.approx(0.75)
    files.write("proc/stat", STAT.format(175, 225))
    # This process itself may have worked meanwhile; the files say that nobody did.
    assert host.read().cpu_load_share <= 0.5
    assert host.read().cpu_load_share is None  # no time has passed


def test_clocks_of_each_core(files):
    for core, khz in ((0, 1_497_600), (1, 729_600)):
        files.write(f"{CPU}/cpu{core}/cpufreq/scaling_cur_freq", khz)
    files.write(f"{CPU}/cpuidle/current_driver", "none")
    assert files.host().read().cpu_mhz == (1497.6, 729.6)


def test_clocks_of_a_guest_come_from_cpuinfo(files):
    files.write(
        "proc/cpuinfo",
        "processor\t: 0\ncpu MHz\t\t: 2596.098\n\nprocessor\t: 1\ncpu MHz\t\t: 2000.000",
    )
    assert files.host().read().cpu_mhz == (2596.098, 2000.0)


def test_temperatures_by_zone(files):
    for index, (kind, temperature) in enumerate(
        (("tj-thermal", "50312"), ("cpu-thermal", "-1500"), ("gpu", ""))
    ):
        files.write(f"sys/class/thermal/thermal_zone{index}/type", kind)
        files.write(f"sys/class/thermal/thermal_zone{index}/temp", temperature)
    assert files.host().read().temperatures_c == {"tj-thermal": 50.312, "cpu-thermal": -1.5}


def alert(files, index, kind, state):
    files.write(f"sys/class/thermal/cooling_device{index}/type", kind)
    files.write(f"sys/class/thermal/cooling_device{index}/cur_state", state)


def test_a_jetsons_alert_is_throttling_and_its_fan_is_not(files):
    alert(files, 0, "pwm-fan", 3)
    assert files.host().read().throttled is None
    alert(files, 1, "gpu-throttle-alert", 0)
    host = files.host()
    assert host.read().throttled is False
    alert(files, 1, "gpu-throttle-alert", 1)
    assert host.read().throttled is True


@pytest.mark.parametrize(
    "path",
    [f"{CPU}/cpu1/thermal_throttle/package_throttle_count", "sys/class/hwmon/hwmon3/oc3_event_cnt"],
)
def test_a_counter_that_rises_is_throttling_since_the_reading_before(files, path):
    files.write(path, 7)
    host = files.host()
    assert host.read().throttled is False
    files.write(path, 8)
    assert [host.read().throttled, host.read().throttled] == [True, False]


def test_memory_that_programs_cannot_have():
    assert used_memory("MemTotal:  1000 kB\nMemFree: 1 kB\nMemAvailable:    400 kB\n") == 600 * 1024
    assert used_memory("MemTotal:  1000 kB\n") is None
    assert used_memory("MemTotal:  400 kB\nMemAvailable:    900 kB\n") == 0


def test_a_machine_without_any_of_it(files):
    found = files.host().read()
    assert found.cpu_mhz == () and found.temperatures_c == {} and found.cpu_load_share is None
    assert found.throttled is None and found.host_used_bytes is None


@given(st.binary(max_size=60))
def test_no_bytes_break_it(tmp_path_factory, data):
    root = tmp_path_factory.mktemp("machine")
    for path in (
        "proc/stat", "proc/cpuinfo", "proc/meminfo", f"{CPU}/cpu0/cpufreq/scaling_cur_freq",
        "sys/class/thermal/thermal_zone0/type", "sys/class/thermal/thermal_zone0/temp",
        "sys/class/hwmon/hwmon0/oc1_event_cnt",
    ):  # fmt: skip
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    Host(HostFiles(root)).read()
