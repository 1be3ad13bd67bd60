"""One breach of a rule of quantized graphs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """`rule` in a word or two, the name of the `node` ('' for the model), what was `found` there and `wanted`."""

    rule: str
    node: str
    found: str
    wanted: str
