"""Facts of graphs without the onnx package, against that package, and against hostile files."""

import numpy as np
import pytest

from leukoscope.bundle.onnx_wire import Port, check_graph, read_graph
from leukoscope.errors import InputError


def test_the_facts_of_a_small_graph(encode):
    inner = encode.graph((1, encode.node("Relu")))
    facts = check_graph(
        encode.model(graphs=[encode.graph((1, encode.node("If", (5, encode.pb((6, inner))))))]), "m"
    )
    assert (facts.ir_version, facts.opset) == (10, 18)
    assert facts.inputs == (Port("frames", "uint8", ("B", 8, 8, 3)),)
    assert facts.outputs[1] == Port("cams", "float32", ("B", 3, 2, 2))
    assert facts.operators == {"Cast": 2, "If": 1, "Relu": 1}
    assert facts.initializer_bytes == 32


def test_the_facts_agree_with_the_onnx_package():
    onnx = pytest.importorskip("onnx", reason="pip install 'leukoscope[workstation]'")
    helper, kinds = onnx.helper, onnx.TensorProto
    frames = helper.make_tensor_value_info("frames", kinds.UINT8, ["B", 8, 8, 3])
    outputs = [
        helper.make_tensor_value_info(n, kinds.FLOAT, ["B", 8, 8, 3])
        for n in ("probabilities", "cams")
    ]
    weights = [
        onnx.numpy_helper.from_array(np.ones((3, 5), np.float16), "half"),
        onnx.numpy_helper.from_array(np.ones((7,), np.int64), "long"),
        helper.make_tensor("typed", kinds.FLOAT, [3], [1.0, 2.0, 3.0]),
    ]
    nodes = [
        helper.make_node("Cast", ["frames"], ["f"], to=kinds.FLOAT),
        helper.make_node(
            "Constant", [], ["c"], value=helper.make_tensor("v", kinds.FLOAT, [2], [1, 2])
        ),
        helper.make_node("Softmax", ["f"], ["probabilities"], axis=-1),
        helper.make_node("Transpose", ["f"], ["cams"], perm=[0, 1, 2, 3]),
    ]
    graph = helper.make_graph(nodes, "g", [frames], outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    facts = check_graph(model.SerializeToString(), "m")
    assert (facts.ir_version, facts.opset) == (9, 17)
    assert facts.operators == {"Cast": 1, "Constant": 1, "Softmax": 1, "Transpose": 1}
    assert facts.initializer_bytes == 3 * 5 * 2 + 7 * 8 + 3 * 4 + 2 * 4
    assert facts.inputs[0].shape == ("B", 8, 8, 3)


def external(encode):
    return encode.graph((5, encode.tensor((13, encode.pb((1, "location"), (2, "/etc/passwd"))))))


def nested(encode, depth):
    inner = encode.graph()
    for _ in range(depth):
        inner = encode.graph((1, encode.node("If", (5, encode.pb((6, inner))))))
    return inner


REFUSED = {
    "opset 20": (lambda e: e.model(opsets=[("", 20)]), "opset 20"),
    "opset 0": (lambda e: e.model(opsets=[("", 0)]), "imports the opsets"),
    "no opset": (lambda e: e.model(opsets=[]), "none"),
    "opset twice": (lambda e: e.model(opsets=[("", 18), ("ai.onnx", 11)]), "imports the opsets"),
    "other domain": (lambda e: e.model(opsets=[("", 18), ("com.microsoft", 1)]), "com.microsoft"),
    "ir 11": (lambda e: e.model(ir=11), "IR 11"),
    "operator of a domain": (lambda e: e.model(graphs=[e.graph((1, e.node("X", (7, "com.acme"))))]), "com.acme"),
    "operator of a domain in a subgraph": (
        lambda e: e.model(graphs=[e.graph((1, e.node("If", (5, e.pb((6, e.graph((1, e.node("X", (7, "evil")))))))))) ]), "evil"),
    "operator of a domain in a list of subgraphs": (
        lambda e: e.model(graphs=[e.graph((1, e.node("If", (5, e.pb((11, e.graph((1, e.node("X", (7, "evil")))))))))) ]), "evil"),
    "domain twice": (lambda e: e.model(graphs=[e.graph((1, e.node("X", (7, "a"), (7, ""))))]), "occurs 2 times"),
    "external data": (lambda e: e.model(graphs=[external(e)]), "external data"),
    "external by location": (lambda e: e.model(graphs=[e.graph((5, e.tensor((14, 1))))]), "external data"),
    "external in an attribute": (
        lambda e: e.model(graphs=[e.graph((1, e.node("Constant", (5, e.pb((5, e.tensor((14, 1)))))))) ]), "external data"),
    "external in a list of an attribute": (
        lambda e: e.model(graphs=[e.graph((1, e.node("Constant", (5, e.pb((10, e.tensor((14, 1)))))))) ]), "external data"),
    "functions": (lambda e: e.model((25, b"")), "functions"),
    "training": (lambda e: e.model((20, b"")), "training"),
    "sparse": (lambda e: e.model(graphs=[e.graph((15, b""))]), "sparse"),
    "sparse attribute": (lambda e: e.model(graphs=[e.graph((1, e.node("Constant", (5, e.pb((22, b""))))))]), "sparse"),
    "no graph": (lambda e: e.model(graphs=[]), "no graph"),
    "two graphs": (lambda e: e.model(graphs=[e.graph(), e.graph()]), "occurs 2 times"),
    "graph as number": (lambda e: e.model((7, 5), graphs=[]), "is a varint"),
    "deep": (lambda e: e.model(graphs=[nested(e, 9)]), "nested deeper"),
    "very deep": (lambda e: e.model(graphs=[nested(e, 400)]), "nested deeper"),
    "huge tensor": (lambda e: e.model(graphs=[e.graph((5, e.tensor(dims=(2**40, 2**40), raw=b"")))]), "a tensor of shape"),
    "negative tensor": (lambda e: e.model(graphs=[e.graph((5, e.tensor(dims=(-2, -2))))]), "a tensor of shape"),
    "short tensor": (lambda e: e.model(graphs=[e.graph((5, e.tensor(raw=bytes(15))))]), "with 15 bytes"),
    "many axes": (lambda e: e.model(graphs=[e.graph((5, e.tensor(dims=[1] * 17, raw=bytes(4))))]), "a tensor of shape"),
    "float frames": (lambda e: e.model(graphs=[e.graph(inputs=[e.port("frames", 1, "B", 8, 8, 3)])]), "frames float32"),
    "another input": (lambda e: e.model(graphs=[e.graph(inputs=[e.port("x", 2, "B", 8, 8, 3)])]), "takes x"),
    "two inputs": (lambda e: e.model(graphs=[e.graph(inputs=[e.port("frames", 2, "B", 8, 8, 3)] * 2)]), "takes"),
    "no input": (lambda e: e.model(graphs=[e.graph(inputs=[])]), "takes nothing"),
    "channels first": (lambda e: e.model(graphs=[e.graph(inputs=[e.port("frames", 2, "B", 3, 8, 8)])]), "takes frames"),
    "no square": (lambda e: e.model(graphs=[e.graph(inputs=[e.port("frames", 2, "B", 8, 9, 3)])]), "takes frames"),
    "no maps": (lambda e: e.model(graphs=[e.graph(outputs=[e.port("probabilities", 1, "B", 3)])]), "gives"),
    "half outputs": (lambda e: e.model(graphs=[e.graph(outputs=[e.port("probabilities", 10, "B"), e.port("cams", 1, "B")])]), "float16"),
    "output twice": (lambda e: e.model(graphs=[e.graph(outputs=[e.port("probabilities", 1), e.port("cams", 1), e.port("cams", 1)])]), "gives"),
    "empty": (lambda _: b"", "no graph"),
    "text": (lambda _: b"hello world", "no sound ONNX file"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_a_graph_that_breaks_a_rule_is_refused_in_one_line(encode, kind):
    make, fault = REFUSED[kind]
    with pytest.raises(InputError, match=fault) as error:
        check_graph(make(encode), "m.onnx")
    assert str(error.value).startswith("m.onnx") and "\n" not in str(error.value)


def test_eight_levels_are_read(encode):
    assert read_graph(encode.model(graphs=[nested(encode, 8)]), "m").operators["If"] == 8


def test_the_named_default_domain_is_the_default_domain(encode):
    model = encode.model(
        opsets=[("ai.onnx", 18)], graphs=[encode.graph((1, encode.node("X", (7, "ai.onnx"))))]
    )
    assert check_graph(model, "m").opset == 18


def test_a_file_beyond_the_limit_is_refused(encode, monkeypatch):
    monkeypatch.setattr("leukoscope.bundle.onnx_wire.FILE_LIMIT_BYTES", 10)
    with pytest.raises(InputError, match="at most 10"):
        read_graph(encode.model(), "m")


def test_every_truncation_is_refused(encode):
    model = encode.model()
    # Cut between fields a message is sound, but then it lacks its graph or its opset.
    for length in range(len(model)):
        with pytest.raises(InputError):
            check_graph(model[:length], "m")


def test_thousands_of_mutations_are_refused_or_read(encode):
    random = np.random.default_rng(9)
    base = encode.model(graphs=[nested(encode, 3)])
    refused = 0
    for _ in range(2000):
        data = bytearray(base)
        for _ in range(int(random.integers(1, 4))):
            at = int(random.integers(len(data)))
            if random.random() < 0.2:
                data[at:at] = b"\xff" * int(random.integers(1, 12))
            else:
                data[at] = int(random.integers(256))
        try:
            check_graph(bytes(data), "m")
        except InputError as error:
            refused += 1
            assert "\n" not in str(error)
    assert refused > 1000
