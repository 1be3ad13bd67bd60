"""ONNX Runtime's own profile, read: which kernel ran when, for how long, on tensors of which type and shape.

The file is a JSON list of events in the form of Chrome's trace viewer; times are microseconds. A kernel's event is
`{"cat": "Node", "name": "NODE_kernel_time", "ts", "dur", "args": {"op_name", "input_type_shape": [{"float": [1, 3]}], ..}}`;
a call's is `{"cat": "Session", "name": "model_run"}`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from leukoscope.errors import InputError

KERNEL_TIME, CALL = "_kernel_time", "model_run"
ITEM_BYTES: Mapping[str, int] = {
    "float": 4, "float16": 2, "bfloat16": 2, "double": 8, "uint8": 1, "int8": 1, "bool": 1, "uint16": 2,
    "int16": 2, "int32": 4, "uint32": 4, "int64": 8, "uint64": 8,
}  # fmt: skip


@dataclass(frozen=True)
class TensorFact:
    """A tensor's type, in ONNX Runtime's words, and its shape."""

    dtype: str
    shape: tuple[int, ...]

    @property
    def elements(self) -> int:
        """How many numbers; 1 of a scalar."""
        product = 1
        for side in self.shape:
            product *= side
        return product

    @property
    def size_bytes(self) -> int:
        """0 for a type that is not known."""
        return self.elements * ITEM_BYTES.get(self.dtype, 0)


@dataclass(frozen=True)
class KernelEvent:
    """One run of one kernel."""

    node: str
    """The node's name in the graph that ONNX Runtime made of ours."""
    operator: str
    start_us: int
    duration_us: int
    inputs: tuple[TensorFact, ...]
    outputs: tuple[TensorFact, ...]


@dataclass(frozen=True)
class OrtProfile:
    """All calls of a session, and all kernels that they ran."""

    calls_us: tuple[tuple[int, int], ...]
    """Start and duration of each."""
    kernels: tuple[KernelEvent, ...]

    def by_call(self) -> list[list[KernelEvent]]:
        """The kernels of each call."""
        found: list[list[KernelEvent]] = [[] for _ in self.calls_us]
        at = 0
        for event in sorted(self.kernels, key=lambda one: one.start_us):
            while at < len(self.calls_us) and event.start_us > sum(self.calls_us[at]):
                at += 1
            if at < len(self.calls_us) and event.start_us >= self.calls_us[at][0]:
                found[at].append(event)
        return found


def read_profile(text: str, name: str) -> OrtProfile:
    """The events of a profile; those of another form are left out. InputError unless it is a JSON list."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, list):
        raise InputError(f"{name} is no profile of ONNX Runtime", wanted="a JSON list of events")
    events = [one for one in value if isinstance(one, dict) and _timed(one)]
    calls = [one for one in events if one.get("cat") == "Session" and one.get("name") == CALL]
    kernels = [one for one in events if one.get("cat") == "Node" and _is_kernel(one)]
    return OrtProfile(
        tuple(sorted((one["ts"], one["dur"]) for one in calls)), tuple(map(_kernel, kernels))
    )


def _timed(event: Mapping[str, Any]) -> bool:
    return all(type(event.get(key)) is int and event[key] >= 0 for key in ("ts", "dur"))


def _is_kernel(event: Mapping[str, Any]) -> bool:
    name = event.get("name")
    return (
        isinstance(name, str)
        and name.endswith(KERNEL_TIME)
        and isinstance(event.get("args"), dict)
        and isinstance(event["args"].get("op_name"), str)
    )


def _kernel(event: Mapping[str, Any]) -> KernelEvent:
    arguments = event["args"]
    return KernelEvent(
        node=event["name"].removesuffix(KERNEL_TIME),
        operator=arguments["op_name"],
        start_us=event["ts"],
        duration_us=event["dur"],
        inputs=_facts(arguments.get("input_type_shape")),
        outputs=_facts(arguments.get("output_type_shape")),
    )


def _facts(value: Any) -> tuple[TensorFact, ...]:
    listed: Iterable[Any] = value if isinstance(value, list) else ()
    pairs = (pair for one in listed if isinstance(one, dict) for pair in one.items())
    return tuple(
        TensorFact(dtype, tuple(shape))
        for dtype, shape in pairs
        if isinstance(shape, list) and all(type(side) is int and side >= 0 for side in shape)
    )
