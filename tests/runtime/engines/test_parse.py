import pytest
from stand_in import Script, library, parser_error

from leukoscope.errors import InputError, MachineError
from leukoscope.runtime.engines.logger import Heard
from leukoscope.runtime.engines.parse import builder_refusal, refusal

TRT = library(Script())


def test_three_nodes_are_named_and_the_rest_counted():
    errors = [parser_error(f"n{i}", "Det", "false") for i in range(5)]
    found = str(refusal(TRT, "a.onnx", "fp32", errors))
    assert "node n0 (Det)" in found and "node n2 (Det)" in found and "n3" not in found
    assert "; and 2 more" in found


def test_words_that_we_do_not_know_are_quoted():
    error = parser_error("n", "Conv", "Assertion failed: flux > 88", "ErrorCode.INVALID_NODE")
    found = refusal(TRT, "a.onnx", "fp32", [error])
    assert isinstance(found, InputError)
    assert "breaks a rule of TensorRT (Assertion failed: flux > 88)" in found.found


def test_a_node_without_a_name_has_its_type():
    found = refusal(TRT, "a.onnx", "fp32", [parser_error("", "Det", "false")])
    assert "a node of type Det: TensorRT does not have this operator" in found.found


def test_memory_is_the_machines_matter():
    error = parser_error("", "", "bad_alloc", "ErrorCode.MEM_ALLOC_FAILED")
    found = refusal(TRT, "a.onnx", "fp32", [error])
    assert isinstance(found, MachineError) and "--workspace" in found.next_step


def heard(*errors):
    return Heard(None, list(errors))


@pytest.mark.parametrize(
    ("words", "kind", "said"),
    [
        ("Cuda Runtime (out of memory)", MachineError, "not enough memory"),
        ("no CUDA-capable device is detected", MachineError, "driver is missing or too old"),
        ("Could not find any implementation for node {a + b}", InputError, "greater --workspace"),
        ("something else", InputError, "no reason that we know (something else)"),
    ],
)
def test_what_the_builder_says(words, kind, said):
    found = builder_refusal(TRT, "a.onnx", heard(words))
    assert type(found) is kind and said in str(found)


def test_the_words_that_mean_something_are_taken_though_others_came_first():
    found = builder_refusal(TRT, "a.onnx", heard("In a.cpp: oh dear", "CUDA out of memory"))
    assert "not enough memory (CUDA out of memory)" in str(found)


def test_a_builder_that_says_nothing():
    assert str(builder_refusal(TRT, "a.onnx", heard())).endswith("leukoscope doctor")
