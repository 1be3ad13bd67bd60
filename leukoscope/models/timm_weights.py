"""ImageNet weights for the two trunks, from the state dicts of timm's `inception_v3` and `legacy_xception`.

timm is not needed: its names are mapped by the two tables below, one rule a line, applied in order to whole
parts of a dotted name. Our layers are timm's layers in the same order, so a name is all that changes.
Both trunks take images scaled to -1..1, as timm's configurations of these weights ask for (mean and deviation 0.5).
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from leukoscope.errors import InputError
from leukoscope.models.state_dict import read_state_dict
from leukoscope.models.xincept_all import XInceptAll

Rules = tuple[tuple[str, str], ...]

INCEPTION_RULES: Rules = (
    (r"^Conv2d_1a_3x3", "stem.0"),
    (r"^Conv2d_2a_3x3", "stem.1"),
    (r"^Conv2d_2b_3x3", "stem.2"),
    (r"^Conv2d_3b_1x1", "stem.4"),
    (r"^Conv2d_4a_3x3", "stem.5"),
    (r"^Mixed_5b", "fine.0"),
    (r"^Mixed_5c", "fine.1"),
    (r"^Mixed_5d", "fine.2"),
    (r"^Mixed_6a", "middle.0"),
    (r"^Mixed_6b", "middle.1"),
    (r"^Mixed_6c", "middle.2"),
    (r"^Mixed_6d", "middle.3"),
    (r"^Mixed_6e", "middle.4"),
    (r"^Mixed_7a", "coarse.0"),
    (r"^Mixed_7b", "coarse.1"),
    (r"^Mixed_7c", "coarse.2"),
    (r"branch1x1", "point"),
    (r"branch5x5_1", "five.0"),
    (r"branch5x5_2", "five.1"),
    (r"branch3x3", "three"),
    (r"branch3x3_1", "three.0"),
    (r"branch3x3_2", "three.1"),
    (r"branch3x3_2a", "three.1.row"),
    (r"branch3x3_2b", "three.1.column"),
    (r"branch3x3dbl_1", "threes.0"),
    (r"branch3x3dbl_2", "threes.1"),
    (r"branch3x3dbl_3", "threes.2"),
    (r"branch3x3dbl_3a", "threes.2.row"),
    (r"branch3x3dbl_3b", "threes.2.column"),
    (r"branch7x7(?:x3)?_1", "seven.0"),
    (r"branch7x7(?:x3)?_2", "seven.1"),
    (r"branch7x7(?:x3)?_3", "seven.2"),
    (r"branch7x7x3_4", "seven.3"),
    (r"branch7x7dbl_1", "sevens.0"),
    (r"branch7x7dbl_2", "sevens.1"),
    (r"branch7x7dbl_3", "sevens.2"),
    (r"branch7x7dbl_4", "sevens.3"),
    (r"branch7x7dbl_5", "sevens.4"),
    (r"branch_pool", "pool.1"),
    (r"bn", "norm"),
)

XCEPTION_RULES: Rules = (
    (r"^conv1", "stem.0.conv"),
    (r"^bn1", "stem.0.norm"),
    (r"^conv2", "stem.1.conv"),
    (r"^bn2", "stem.1.norm"),
    (r"^conv3", "final.0"),
    (r"^bn3", "final.0.norm"),
    (r"^conv4", "final.2"),
    (r"^bn4", "final.2.norm"),
    # The first block has no leading ReLU, so its layers are counted from one earlier.
    (r"^block1\.rep\.0", "block1.body.0"),
    (r"^block1\.rep\.1", "block1.body.0.norm"),
    (r"^block1\.rep\.3", "block1.body.2"),
    (r"^block1\.rep\.4", "block1.body.2.norm"),
    (r"rep\.1", "body.1"),
    (r"rep\.2", "body.1.norm"),
    (r"rep\.4", "body.3"),
    (r"rep\.5", "body.3.norm"),
    (r"rep\.7", "body.5"),
    (r"rep\.8", "body.5.norm"),
    (r"conv1", "depthwise"),
    (r"skip", "shortcut.conv"),
    (r"skipbn", "shortcut.norm"),
    (r"^block1", "entry.0"),
    (r"^block2", "entry.1"),
    (r"^block3", "entry.2"),
    (r"^block4", "middle.0"),
    (r"^block5", "middle.1"),
    (r"^block6", "middle.2"),
    (r"^block7", "middle.3"),
    (r"^block8", "middle.4"),
    (r"^block9", "middle.5"),
    (r"^block10", "middle.6"),
    (r"^block11", "middle.7"),
    (r"^block12", "reduce"),
)

NOT_OURS = re.compile(r"AuxLogits\.|fc\.|.*\.num_batches_tracked$")
"""Left out by name: the auxiliary head, the ImageNet classifier, and counters of training steps."""

LISTED_FAULTS = 20


def load_timm_weights(network: XInceptAll, inception: Path | None, xception: Path | None) -> None:
    """Copies the weights of the given files (.safetensors, or .pth without code) into the trunks, in place.

    Raises InputError, and then has changed nothing, if the network is not of width 1.0, if a trunk is switched off,
    if a file cannot be read, or if a key, a shape or a value does not fit; the message lists what does not.
    """
    if network.config.width != 1.0:
        raise InputError(
            f"timm weights for an XIncept-ALL of width {network.config.width}",
            wanted="width 1.0, the only one they fit",
            next_step="use the size full, or train without --weights",
        )
    wanted = [
        ("inception", network.inception, inception, INCEPTION_RULES),
        ("xception", network.xception, xception, XCEPTION_RULES),
    ]
    states = [
        (trunk, _fitted(name, trunk, path, rules))
        for name, trunk, path, rules in wanted
        if path is not None
    ]
    for trunk, state in states:
        if trunk is not None:
            trunk.load_state_dict(state)


def our_name(timm_name: str, rules: Rules) -> str:
    """`Mixed_5b.branch1x1.bn.bias` -> `fine.0.point.norm.bias`; a part that no rule names stays."""
    for pattern, ours in rules:
        timm_name = re.sub(rf"(?:^|(?<=\.)){pattern}(?=\.)", ours, timm_name)
    return timm_name


def _fitted(name: str, trunk: nn.Module | None, path: Path, rules: Rules) -> dict[str, Tensor]:
    """The trunk's whole state with the file's weights in it."""
    if trunk is None:
        raise InputError(f"{path} for the {name} trunk, which this network's settings switch off")
    own = trunk.state_dict()
    found = {key: value for key, value in read_state_dict(path).items() if not NOT_OURS.match(key)}
    if faults := list(_faults(own, found, rules)):
        more = len(faults) - LISTED_FAULTS
        listed = ", ".join(faults[:LISTED_FAULTS]) + (f" and {more} more" if more > 0 else "")
        timm_model = "inception_v3" if name == "inception" else "legacy_xception"
        raise InputError(
            f"{path} does not fit the {name} trunk: {listed}",
            wanted=f"the state dict of timm's {timm_model}",
        )
    mapped = {our_name(key, rules): value.to(torch.float32) for key, value in found.items()}
    return {**own, **mapped}


def _faults(own: Mapping[str, Tensor], found: Mapping[str, Tensor], rules: Rules) -> Iterator[str]:
    names = {key: our_name(key, rules) for key in found}
    for key, value in found.items():
        if names[key] not in own:
            yield f"unknown {key}"
        elif value.shape != own[names[key]].shape:
            yield f"{key} {list(value.shape)} instead of {list(own[names[key]].shape)}"
        elif not (value.is_floating_point() and value.isfinite().all()):
            yield f"{key} not finite numbers"
    for key in own:
        if key not in names.values() and not NOT_OURS.match(key):
            yield f"nothing for {key}"
