"""Which node of our graph a kernel of ONNX Runtime stands for.

ONNX Runtime names what it makes after what it made it from, in several ways (1.20 to 1.31):

    relu_4_nchwc                            the tensor that a blocked convolution gives, its Relu inside
    inception.stem.1.conv/Conv_token_68     a node, rewritten
    lift/MatMul_2/MatmulTransposeFusion/    a node, and the fusion that it is the last of
    cat_2/DequantizeLinear/duplicated       a copy of a node for one more reader
"""

import re
from collections.abc import Iterator

from leukoscope.runtime.profiler.layers.graph import GraphNode, NetworkGraph

ENDINGS = (
    re.compile(r"_token_\d+$"),
    re.compile(r"/[A-Za-z]*Fusion[A-Za-z]*/?$"),
    re.compile(r"/duplicated$"),
    re.compile(r"_nchwc$"),
    re.compile(r"_nhwc$"),
    re.compile(r"/$"),
)


def find_anchor(kernel: str, graph: NetworkGraph) -> GraphNode | None:
    """The node that kernel `kernel` is named after; None where it is nobody's, as a change of layout is."""
    for name in _readings(kernel):
        node = graph.by_name.get(name) or graph.producer.get(name)
        # `Transpose_token_674` may be one of many that move between layouts: no reason to take it for our `Transpose`.
        if node is not None and (name == kernel or "/" in node.name):
            return node
    return None


def _readings(kernel: str) -> Iterator[str]:
    """The name, then without its endings, one after the other."""
    yield kernel
    cut = True
    while cut:
        cut = False
        for ending in ENDINGS:
            shorter = ending.sub("", kernel)
            if shorter != kernel:
                kernel, cut = shorter, True
                yield kernel
