"""Both bindings, running their own code on the emulated driver, each test in a process of its own."""

import pytest

pytestmark = pytest.mark.heavy
BOARD = {"memory_mb": 64, "integrated": 1, "major": 8, "minor": 9, "version": 12060}


def test_facts(run_program, binding):
    run_program("facts", binding, **BOARD)


@pytest.mark.parametrize("schedule", [{"delay_us": 500}, {"lazy": 1}], ids=["random", "lazy"])
@pytest.mark.parametrize("program", ["copies", "mapped", "events", "kernels", "graphs"])
def test_work(run_program, binding, program, schedule):
    run_program(program, binding, **schedule)


def test_captures_that_fail_leave_the_stream_usable(run_program, binding):
    run_program("captures_that_fail", binding)


def test_nothing_leaks_over_ten_thousand_frames(run_program, binding):
    run_program("frames", binding, "10000", delay_us=0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_frames_come_back_right_in_every_order(run_program, binding, seed):
    run_program("frames", binding, "60", delay_us=3000, seed=seed)


def test_frames_come_back_right_where_nothing_runs_before_it_is_waited_for(run_program, binding):
    run_program("frames", binding, "60", lazy=1)


def test_every_call_fails_in_turn(run_program, binding):
    failed = run_program("failure_at_every_call", binding).stdout.split()
    assert {
        "cuInit",
        "cuCtxCreate",
        "cuMemAlloc",
        "cuMemcpyHtoDAsync",
        "cuStreamEndCapture",
    } <= set(failed)
    assert len(failed) >= 30


def test_device_work_fails_in_turn(run_program, binding):
    run_program("failure_at_every_work", binding)


def test_out_of_memory_is_told_apart_and_can_be_mended(run_program, binding):
    run_program("out_of_memory", binding, memory_mb=64)


def test_a_device_belongs_to_its_thread(run_program, binding):
    run_program("threads", binding)


def test_threads_work_at_once(run_program, binding):
    run_program("threads_at_once", binding)


def test_an_error_inside_passes_through(run_program, binding):
    run_program("error_passes_through", binding)


def test_what_is_left_open_is_closed_when_its_thread_ends(run_program, binding):
    """pycuda would abort the process."""
    child = run_program("left_open", binding)
    assert child.stdout.split("\n")[0] == "{} []"
    assert child.stderr == ""


def test_no_device(run_program, binding):
    run_program("no_device", binding, devices=0)


def test_no_driver(run_program, binding, tmp_path):
    message = run_program("no_binding", binding, library=tmp_path).stdout
    assert f"{binding}: " in message
    assert "libcuda" in message or "driver" in message


def test_a_driver_older_than_the_binding(run_program, binding):
    if binding == "cuda-python":
        run_program("old_driver", binding, version=12000)
