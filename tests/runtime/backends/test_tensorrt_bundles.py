"""Whole bundles on the TensorRT backend: which engine is used, and what is said where none is."""

import pytest

pytestmark = pytest.mark.heavy


def test_both_networks_give_what_onnx_runtime_gives_bit_for_bit(run_over_driver, with_binding):
    run_over_driver("bundles.same_as_onnxruntime", binding=with_binding)


def test_a_field_has_the_same_result_through_all_stages(run_over_driver):
    run_over_driver("bundles.whole_pipeline")


def test_a_profile_has_the_devices_own_times(run_over_driver, with_binding):
    run_over_driver("bundles.profiled", binding=with_binding)


def test_an_engine_with_wrong_outputs_is_not_used_and_named_in_one_line(run_over_driver):
    line = run_over_driver("bundles.wrong_engine").stdout
    assert line.count("\n") == 1 and "cams" in line


def test_where_no_engine_is_kept_the_command_is_told(run_over_driver):
    line = run_over_driver("bundles.no_engine").stdout
    assert "driver changed from 9.1" in line and "batch sizes" not in line


@pytest.mark.parametrize("program", ["quickest_that_passed", "no_golden"])
def test_the_best_that_is_built_and_proved(run_over_driver, program):
    run_over_driver(f"bundles.{program}")


def test_the_command_line_builds_engines_and_runs_them(run_over_driver, with_binding):
    run_over_driver("bundles.build_and_run", binding=with_binding)
