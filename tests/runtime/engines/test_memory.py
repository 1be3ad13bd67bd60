import pytest

from leukoscope.errors import MachineError
from leukoscope.runtime.engines.memory import (
    MIB,
    advice,
    check_device_memory,
    check_host_memory,
    default_workspace,
)


def meminfo(tmp_path, total_mib, available_mib, swap_mib=0):
    path = tmp_path / "meminfo"
    path.write_text(
        f"MemTotal:  {total_mib * 1024} kB\nMemFree: 1 kB\n"
        f"MemAvailable:   {available_mib * 1024} kB\nSwapTotal: {swap_mib * 1024} kB\nHugePages_Total: 0\n"
    )
    return path


def test_room_enough(tmp_path):
    path = meminfo(tmp_path, 8000, 4000)
    needed, available = check_host_memory(10 * MIB, ahead_of_time=False, meminfo=path)
    assert needed == (1536 + 80) * MIB and available == 4000 * MIB


def test_ahead_of_time_needs_less(tmp_path):
    path = meminfo(tmp_path, 2000, 700)
    check_host_memory(10 * MIB, ahead_of_time=True, meminfo=path)
    with pytest.raises(MachineError, match=r"700 MiB of memory are free.*about 1616 MiB"):
        check_host_memory(10 * MIB, ahead_of_time=False, meminfo=path)


def test_a_small_board_gets_advice(tmp_path):
    with pytest.raises(MachineError) as caught:
        check_host_memory(1 * MIB, ahead_of_time=False, meminfo=meminfo(tmp_path, 3900, 900))
    for word in ("isolate multi-user.target", "swapfile", "--batch 1", "--skip-memory-check"):
        assert word in caught.value.next_step


def test_advice_by_size():
    assert "swapfile" not in advice(7600 * MIB, 8192 * MIB)
    assert "isolate" not in advice(32 << 30, 0)


def test_a_system_that_does_not_tell_is_no_obstacle(tmp_path):
    gone = tmp_path / "gone"
    assert check_host_memory(1 << 40, ahead_of_time=False, meminfo=gone) is None
    gone.write_text("nonsense")
    assert check_host_memory(1 << 40, ahead_of_time=False, meminfo=gone) is None


def test_the_device_counts_its_workspace():
    assert check_device_memory(10 * MIB, None, 1000 * MIB) == (384 + 80) * MIB
    with pytest.raises(MachineError, match=r"1000 MiB are free on the device.*about 1264 MiB"):
        check_device_memory(10 * MIB, 800 * MIB, 1000 * MIB)


def test_only_boards_that_share_their_memory_are_limited():
    assert default_workspace(4 << 30, integrated=True) == 1 << 30
    assert default_workspace(4 << 30, integrated=False) is None


@pytest.mark.parametrize(
    ("graph_mib", "grown_mib"), [(12.5, 182), (8.5, 291), (58.1, 448), (178.2, 668)]
)
def test_the_estimate_is_above_what_was_measured(tmp_path, graph_mib, grown_mib):
    path = meminfo(tmp_path, 64000, 60000)
    needed, _ = check_host_memory(int(graph_mib * MIB), ahead_of_time=True, meminfo=path)
    assert needed > 1.2 * grown_mib * MIB
