"""Kernels as layers of the network."""

import pytest

from leukoscope.runtime.profiler.layers.kernel_layers import kernel_layers
from leukoscope.runtime.profiler.layers.kernel_times import KernelTime, KernelTimes

KERNELS = (
    KernelTime("Cast", "Cast", "uint8", 0.1),
    KernelTime("ReorderOutput_token_3", "ReorderOutput", "float", 0.2),
    KernelTime("Transpose", "Transpose", "float", 0.2),
    KernelTime("b_nchwc", "Conv", "float", 1.0),
    KernelTime("trunk.stage.1/MaxPool", "MaxPool", "float", 0.5),
    KernelTime("trunk.stage.1/MaxPool_token_2", "MaxPool", "float", 0.4),
    KernelTime("trunk.stage.2.depthwise/Conv", "QLinearConv", "uint8", 0.3),
)


@pytest.fixture
def layers(made_graph, made_facts, peaks):
    return kernel_layers(KernelTimes(KERNELS, 3.0, 4), made_graph, made_facts, peaks)


def test_order_names_and_times_are_the_kernels(layers):
    assert [(one.name, one.operator, one.ms) for one in layers] == [
        (k.name, k.operator, k.ms) for k in KERNELS
    ]


def test_a_fused_kernel_has_its_nodes_work_and_floor(layers):
    conv = layers[3]
    assert conv.nodes == ("trunk.stage.0.conv/Conv", "trunk.stage.0.relu/Relu")
    assert (conv.module, conv.path) == ("trunk", "trunk.stage.0.relu")
    assert conv.work.operations == 2 * 8 * 256 * 27 + 8 * 256
    assert conv.work.weight_bytes == 864 and not conv.work.int8
    assert conv.floor.ms == pytest.approx(
        max(conv.work.operations / 100e9, conv.work.bytes / 50e9) * 1e3
    )


def test_a_kernel_of_nobody_has_neither_module_nor_floor(layers):
    stray = layers[1]
    assert (stray.module, stray.path, stray.nodes, stray.work, stray.floor) == (
        None,
        None,
        (),
        None,
        None,
    )


def test_a_copy_has_the_work_of_its_node(layers):
    assert layers[5].nodes == ("trunk.stage.1/MaxPool",)
    assert layers[5].work == layers[4].work


def test_what_multiplies_bytes_is_held_to_their_peak(layers, peaks):
    assert layers[6].work.int8
    assert not layers[0].work.int8  # a cast reads bytes and multiplies nothing
