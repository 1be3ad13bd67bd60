import numpy as np
import onnx
import pytest
import toy_graphs as toy

from leukoscope.errors import InputError
from leukoscope.runtime.engines.scales import check_scales


def test_scalars_pass_and_so_do_the_scales_of_weights():
    check_scales(toy.quantized_graph().SerializeToString(), "a.onnx")
    check_scales(toy.float_graph().SerializeToString(), "a.onnx")


@pytest.mark.parametrize("values", [[0.03], [0.03] * 8])
def test_a_vector_is_refused_with_its_tensor_and_shape(values):
    model = toy.quantized_graph()
    toy.put(model, "gated.scale", np.array(values, np.float32))
    with pytest.raises(InputError) as caught:
        check_scales(model.SerializeToString(), "a.onnx")
    assert f"on gated has a scale of shape [{len(values)}]" in caught.value.found


def test_weights_that_are_quantized_in_the_graph_may_have_a_scale_a_channel():
    model = toy.float_graph()
    toy.put(model, "per_channel", np.full(8, 0.01, np.float32))
    nodes = [
        onnx.helper.make_node("QuantizeLinear", ["mix.weight", "per_channel"], ["q"], axis=0),
        onnx.helper.make_node("DequantizeLinear", ["q", "per_channel"], ["dq"], axis=0),
    ]
    toy.insert_before(model, "mix/Conv", *nodes)
    toy.node(model, "mix/Conv").input[1] = "dq"
    check_scales(model.SerializeToString(), "a.onnx")
