import pytest

from leukoscope.bundle.onnx_wire import GraphFacts
from leukoscope.errors import GateError
from leukoscope.export.operators import check_operators


def facts(**operators):
    return GraphFacts(10, 18, (), (), operators, 0)


def test_ordinary_operators_pass():
    check_operators(facts(Conv=3, Relu=2, MatMul=1))


def test_others_are_named():
    with pytest.raises(GateError, match="Loop, NonZero"):
        check_operators(facts(Conv=3, NonZero=1, Loop=1))
