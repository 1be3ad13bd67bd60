"""An ONNX graph into a TensorRT network, and what to say where TensorRT does not take it."""

from typing import Any

from leukoscope.errors import InputError, LeukoscopeError, MachineError
from leukoscope.runtime.engines.library import Library
from leukoscope.runtime.engines.logger import Heard
from leukoscope.runtime.engines.wording import known_words, meaning_of, shortened

SHOWN = 3
INT8_FP16 = "int8_fp16"


def parse_graph(library: Library, parser: Any, graph: bytes, file: str, precision: str) -> None:
    """Fills the parser's network with the nodes of `graph`, the bytes of `file`.

    Raises InputError that names the node, its operator, the reason and the next step; MachineError where
    memory ran out.
    """
    if parser.parse(graph):
        return
    errors = [parser.get_error(index) for index in range(parser.num_errors)]
    if not errors:
        raise InputError(f"{library.title} does not take {file}", next_step="leukoscope doctor")
    raise refusal(library, file, precision, errors)


def refusal(library: Library, file: str, precision: str, errors: list[Any]) -> LeukoscopeError:
    """The error for what the parser reports of a graph, its first ones named."""
    first = meaning_of(errors[0].desc(), str(errors[0].code()))
    more = len(errors) - SHOWN
    parts = [_in_words(error) for error in errors[:SHOWN]]
    found = f"{library.title} does not take {file}: {'; '.join(parts)}"
    found += f"; and {more} more" if more > 0 else ""
    if first.machine:
        return MachineError(found, next_step=first.next_step)
    return InputError(found, next_step=_next_step(first.next_step, precision))


def builder_refusal(library: Library, file: str, heard: Heard) -> LeukoscopeError:
    """The error for a build that gave no engine, from what was said meanwhile."""
    words = next((text for text in heard.errors if known_words(text)), None)
    words = words or next(iter(heard.errors), "")
    meaning = meaning_of(words)
    quoted = f" ({shortened(words)})" if words else ""
    found = f"{library.title} built no engine of {file}: {meaning.reason}{quoted}"
    kind = MachineError if meaning.machine else InputError
    return kind(found, next_step=meaning.next_step)


def _next_step(step: str, precision: str) -> str:
    """10.3 refuses some graphs that later ones take: the same network in half is the nearest thing."""
    return f"{step}, or build with --precision fp16" if precision == INT8_FP16 else step


def _in_words(error: Any) -> str:
    """'node gated/QuantizeLinear (QuantizeLinear): its zero point is not 0'."""
    name, operator, words = error.node_name(), error.node_operator(), error.desc()
    meaning = meaning_of(words, str(error.code()))
    node = f"node {name} ({operator})" if name else f"a node of type {operator}" if operator else ""
    quoted = "" if known_words(words) or words in ("", "false") else f" ({shortened(words)})"
    return f"{node + ': ' if node else ''}{meaning.reason}{quoted}"
