"""Parameters and GFLOPs of the networks, as a Markdown table: `python benchmarks/network_cost.py xincept_all 299 224`.

A multiplication and an addition count as two operations; convolutions and matrix products are counted, the rest is a
few per cent at most. Nothing is computed: shapes alone go through the network.
"""

import sys

import torch
from torch.utils.flop_counter import FlopCounterMode

from leukoscope.models.network import Network
from leukoscope.models.sizes import NETWORK_NAMES, build_network

SIZES = ("nano", "small", "full")


def count_parameters(network: Network) -> int:
    """Learned numbers, without batch-norm statistics."""
    return sum(parameter.numel() for parameter in network.parameters())


def cost(network: Network) -> tuple[float, str]:
    """GFLOPs for one image, from the image to the logits, and the shape of the target map."""
    image = torch.empty(1, 3, network.input_px, network.input_px, device="meta")
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        target = network.eval()(image)["target"]
    return counter.get_total_flops() / 1e9, " x ".join(map(str, target.shape[1:]))


def table(name: str, inputs_px: list[int]) -> str:
    """One row a size, one column of GFLOPs and one of the target map's shape for each input."""
    heads = [f"GFLOPs at {px} | target map at {px}" for px in inputs_px]
    lines = [f"| {name} | parameters | " + " | ".join(heads) + " |"]
    lines.append("|" + "---|" * (2 + 2 * len(inputs_px)))
    for size in SIZES:
        cells = []
        for px in inputs_px:
            with torch.device("meta"):
                network = build_network(name, size, input_px=px)
            giga_flops, shape = cost(network)
            cells += [f"{giga_flops:.2f}", shape]
        lines.append(f"| {size} | {count_parameters(network):,} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    chosen = [name for name in sys.argv[1:] if name in NETWORK_NAMES] or list(NETWORK_NAMES)
    inputs = [int(word) for word in sys.argv[1:] if word.isdigit()] or [299, 224]
    sys.stdout.write("\n\n".join(table(name, inputs) for name in chosen) + "\n")
