"""ONNX Runtime's profile, read; and texts that are none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import InputError
from leukoscope.runtime.profiler.layers.ort_events import (
    KernelEvent,
    TensorFact,
    read_profile,
)

KERNEL = {
    "cat": "Node",
    "name": "stem/Conv_kernel_time",
    "ts": 110,
    "dur": 30,
    "args": {
        "op_name": "Conv",
        "input_type_shape": [{"float": [1, 3, 9, 9]}, {"float": [8, 3, 3, 3]}],
        "output_type_shape": [{"float": [1, 8, 9, 9]}],
    },
}
CALL = {"cat": "Session", "name": "model_run", "ts": 100, "dur": 50}
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["cat", "name", "ts", "dur", "args"]), inner),
    max_leaves=12,
)  # fmt: skip


def test_a_kernel_and_the_call_around_it():
    profile = read_profile(json.dumps([CALL, KERNEL]), "p.json")
    assert profile.calls_us == ((100, 50),)
    assert profile.kernels == (
        KernelEvent(
            "stem/Conv", "Conv", 110, 30,
            (TensorFact("float", (1, 3, 9, 9)), TensorFact("float", (8, 3, 3, 3))),
            (TensorFact("float", (1, 8, 9, 9)),),
        ),
    )  # fmt: skip


def test_kernels_go_to_the_call_in_which_they_ran():
    second = {**CALL, "ts": 200}
    kernels = [{**KERNEL, "ts": at} for at in (90, 100, 150, 160, 250, 251)]
    profile = read_profile(json.dumps([second, *kernels, CALL]), "p.json")
    assert [[one.start_us for one in call] for call in profile.by_call()] == [[100, 150], [250]]


def test_sizes_by_type():
    assert TensorFact("float16", (2, 3)).size_bytes == 12
    assert (TensorFact("int8", ()).elements, TensorFact("int8", ()).size_bytes) == (1, 1)
    assert TensorFact("string", (4,)).size_bytes == 0


@pytest.mark.parametrize("text", ["", "{", "{}", "3", "[" * 10_000, '{"traceEvents": []}'])
def test_what_is_no_list_is_refused(text):
    with pytest.raises(InputError, match="no profile of ONNX Runtime"):
        read_profile(text, "p.json")


@pytest.mark.parametrize(
    "event",
    [
        {**KERNEL, "ts": "110"}, {**KERNEL, "dur": -1}, {**KERNEL, "dur": True}, {**KERNEL, "args": 3},
        {**KERNEL, "args": {}}, {**KERNEL, "name": 4}, {**KERNEL, "name": "stem/Conv_fence_before"}, 7, None, [],
    ],
)  # fmt: skip
def test_events_of_another_form_are_left_out(event):
    assert read_profile(json.dumps([event, CALL]), "p").kernels == ()


def test_shapes_of_another_form_are_left_out():
    arguments = {
        **KERNEL["args"],
        "output_type_shape": [{"float": [1, -1]}, {"float": "x"}, 3, {"int8": [2]}],
    }
    (kernel,) = read_profile(json.dumps([{**KERNEL, "args": arguments}]), "p").kernels
    assert kernel.outputs == (TensorFact("int8", (2,)),)


@given(st.lists(values, max_size=4))
def test_no_list_of_events_breaks_the_reading(events):
    read_profile(json.dumps(events), "p").by_call()
