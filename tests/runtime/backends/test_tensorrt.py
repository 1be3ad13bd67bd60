"""The TensorRT backend over the emulated driver, with engines that execute the ONNX file; see stand_in_engine/."""

import pytest

pytestmark = pytest.mark.heavy
SCHEDULES = [{"delay_us": 2000, "seed": 3}, {"lazy": 1}]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=["random", "lazy"])
@pytest.mark.parametrize("program", ["bit_equal", "many", "threads"])
def test_results_are_those_of_onnx_runtime(run_over_driver, with_binding, program, schedule):
    run_over_driver(program, binding=with_binding, **schedule)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=["random", "lazy"])
def test_shared_memory_is_not_copied(run_over_driver, with_binding, schedule):
    run_over_driver("shared_memory", binding=with_binding, integrated=1, **schedule)


@pytest.mark.parametrize("memory", ["copied", "shared"])
def test_the_device_tells_how_long_copies_and_computation_took(
    run_over_driver, with_binding, memory
):
    shared = int(memory == "shared")
    run_over_driver("timed", memory, binding=with_binding, integrated=shared, delay_us=2000, seed=3)


def test_an_engine_of_one_batch_size_takes_any_number_of_frames(run_over_driver):
    run_over_driver("fixed_batch")


def test_the_next_batch_is_copied_before_this_one_is_waited_for(run_over_driver):
    run_over_driver("overlaps")


@pytest.mark.parametrize("program", ["graphs", "no_graphs"])
def test_a_batch_size_that_comes_again_is_recorded_where_it_can_be(
    run_over_driver, with_binding, program
):
    run_over_driver(program, binding=with_binding)


@pytest.mark.parametrize("shared", [0, 1], ids=["copied", "shared"])
def test_heat_maps_are_drawn_on_the_device(run_over_driver, with_binding, shared):
    run_over_driver("overlays", binding=with_binding, integrated=shared)


def test_a_smaller_batch_where_memory_is_short_once(run_over_driver, with_binding):
    run_over_driver("smaller_batch", binding=with_binding, memory_mb=3)


def test_a_smaller_batch_where_memory_is_short_in_the_middle(run_over_driver):
    run_over_driver("smaller_batch_later")


def test_every_call_fails_in_turn(run_over_driver, with_binding):
    count, *failed = run_over_driver("failure_at_every_call", binding=with_binding).stdout.split()
    assert int(count) > 100
    assert {"cuMemHostAlloc", "cuGraphLaunch", "cuMemcpyDtoHAsync", "cuLaunchHostFunc"} <= set(
        failed
    )


@pytest.mark.parametrize("program", ["device_work_fails", "refusals", "golden"])
def test_what_fails_is_told_and_leaves_nothing(run_over_driver, with_binding, program):
    run_over_driver(program, binding=with_binding)


def test_a_process_that_closes_nothing_ends_well(run_over_driver, with_binding):
    done = run_over_driver("left_open", binding=with_binding)
    assert (done.stdout, done.stderr) == ("done\n", "")


def test_nothing_leaks_over_many_frames(run_over_driver, with_binding):
    run_over_driver("long_run", 300, binding=with_binding, delay_us=0)


@pytest.mark.parametrize("wait", ["uploaded", "computed", "downloaded", "nothing"])
def test_each_wait_is_needed(run_over_driver, with_binding, wait):
    """The program leaves one out and must see wrong results; with `nothing` left out, right ones."""
    run_over_driver("without", wait, binding=with_binding, lazy=1)
