"""The graphs that many tests look at, exported once, and TensorRT-RTX where it is installed."""

import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import onnx
import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent))

from toy_network import ToyNetwork, disturb_norms

from leukoscope.export.graph import onnx_graph
from leukoscope.models.network import Network
from leukoscope.models.sizes import build_network


@dataclass(frozen=True)
class Exported:
    """A network in eval mode and its graph."""

    network: Network
    model: onnx.ModelProto

    @cached_property
    def data(self) -> bytes:
        return self.model.SerializeToString()


def export(network: Network) -> Exported:
    disturb_norms(network)
    network.eval()
    return Exported(network, onnx_graph(network))


@pytest.fixture(scope="session")
def toy():
    torch.manual_seed(3)
    return export(ToyNetwork())


@pytest.fixture(scope="session")
def xincept_all():
    torch.manual_seed(1)
    return export(build_network("xincept_all", "nano"))


@pytest.fixture(scope="session")
def sg_cldff():
    torch.manual_seed(1)
    return export(build_network("sg_cldff", "nano"))


@pytest.fixture(params=["toy", "xincept_all", "sg_cldff"])
def exported(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def tensorrt_rtx(pytestconfig):
    try:
        import tensorrt_rtx
    except ImportError:
        plugins = pytestconfig.pluginmanager.get_plugins()
        rule = next(plugin for plugin in plugins if hasattr(plugin, "skip_or_fail"))
        rule.skip_or_fail("rtx", "TensorRT-RTX is not installed", "pip install tensorrt-rtx")
    return tensorrt_rtx
