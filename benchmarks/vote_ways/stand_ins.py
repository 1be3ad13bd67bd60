"""Names that two libraries import and never use here, or that moved: the least that lets the real code run."""

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

MOVED = {
    "openvino.runtime": "openvino",
    "openvino.runtime.opset10": "openvino.opset10",
    "openvino.runtime.utils": "openvino.utils",
    "openvino.runtime.utils.data_helpers": "openvino.utils.data_helpers",
    "openvino.runtime.utils.data_helpers.wrappers": "openvino.utils.data_helpers.wrappers",
}
"""OpenVINO dropped `openvino.runtime` in 2026; openvino_xai 1.1.0 imports the same things under that name."""
TORCHVISION = {
    "torchvision": (),
    "torchvision.transforms": ("Compose", "Normalize", "ToTensor"),
    "torchvision.transforms.functional": ("resize",),
}
"""What pytorch-grad-cam 1.5.7 imports of torchvision; Grad-CAM calls none of it."""


@contextmanager
def torchvision_or_stand_in() -> Iterator[None]:
    """Empty names while the block imports, where torchvision is not installed; whoever calls one gets a TypeError."""
    if importlib.util.find_spec("torchvision") is not None:
        yield
        return
    for name, names in TORCHVISION.items():
        module = ModuleType(name)
        for one in names:
            setattr(module, one, None)
        sys.modules[name] = module
    try:
        yield
    finally:  # torch's exporter asks again whether there is one
        for name in TORCHVISION:
            del sys.modules[name]


def restore_openvino_runtime() -> None:
    """`openvino.runtime` as another name of what it was, where OpenVINO no longer has it."""
    openvino = importlib.import_module("openvino")
    if hasattr(openvino, "runtime"):
        return
    for old, new in MOVED.items():
        sys.modules[old] = importlib.import_module(new)
    openvino.runtime = openvino  # type: ignore[attr-defined]
    openvino.opset10 = sys.modules["openvino.runtime.opset10"]  # type: ignore[attr-defined]
