"""Why TensorRT's parser and builder refuse, in our words: what its own words mean, and what to do."""

import re
from dataclasses import dataclass

UPDATE = (
    "use a newer TensorRT (on a Jetson: a newer JetPack), or leave this network to ONNX Runtime: "
    "leukoscope run --backend onnxruntime-cuda"
)
EXPORT = "export the bundle again with leukoscope export"
CALIBRATE = "make the variant again with leukoscope calibrate, whose graphs keep this rule"
COPY = "copy the bundle again; leukoscope inspect BUNDLE checks its hashes"
MEMORY = (
    "close other programs (on a Jetson also the desktop: sudo systemctl isolate multi-user.target), "
    "and give --workspace 512 --batch 1"
)
DRIVER = "install NVIDIA's driver, then: leukoscope doctor"


@dataclass(frozen=True)
class Meaning:
    """What words of TensorRT mean, and the next step."""

    reason: str
    next_step: str
    machine: bool = False
    """Whether the machine is short of something, not the graph wrong."""


_MEANINGS: tuple[tuple[str, Meaning], ...] = (
    (
        r"non-?zero zero point|shiftIsAllZeros",
        Meaning("its zero point is not 0, and TensorRT's INT8 is symmetric", CALIBRATE),
    ),
    (
        r"scale coefficients must all be positive|scaleAllPositive",
        Meaning("a scale is zero or negative", CALIBRATE),
    ),
    (
        r"no optimization profile has been defined",
        Meaning("the graph takes any batch size, and no profile says which", "give --batch 1,8"),
    ),
    (
        r"static dimensions that don't match|profile dimensions",
        Meaning("the graph takes another batch size than the profile asks for", "give --batch 1"),
    ),
    (
        r"plugin not found|no importer registered",
        Meaning("TensorRT knows no such operator", UPDATE),
    ),
    (
        r"must be of same type|must have the same type|type mismatch|same precision",
        Meaning("it mixes types, and a strongly typed network casts nothing by itself", CALIBRATE),
    ),
    (
        r"unsupported data type|unsupported onnx data type|convertDtype",
        Meaning("it uses a data type that TensorRT does not have", EXPORT),
    ),
    (
        r"input was not registered|not topologically sorted",
        Meaning("it reads a tensor that nothing before it makes", EXPORT),
    ),
    (
        r"failed to parse the onnx model|model_deserialize_failed|ParseFrom",
        Meaning("the file is no ONNX model, or is cut short", COPY),
    ),
    (
        r"failed to broadcast|dimension.{0,40}mismatch|dimensions.{0,40}do not match|shape.{0,40}mismatch",
        Meaning("the shapes of what it reads do not fit together", EXPORT),
    ),
    (
        r"out of memory|OutOfMemory|insufficient memory|cudaErrorMemoryAllocation|MEM_ALLOC_FAILED",
        Meaning("there is not enough memory", MEMORY, machine=True),
    ),
    (
        r"could not find any implementation|no tactic.{0,20}available|insufficient workspace",
        Meaning(
            "TensorRT has no kernel for it here, often for want of workspace",
            "give a greater --workspace, such as 2048, or build with --precision fp16",
        ),
    ),
    (
        r"driver version is insufficient|no CUDA-capable device|cudaErrorNoDevice|cudaErrorInsufficientDriver",
        Meaning("NVIDIA's driver is missing or too old", DRIVER, machine=True),
    ),
)

_CODES: dict[str, Meaning] = {
    "UNSUPPORTED_NODE": Meaning("TensorRT does not have this operator", UPDATE),
    "UNSUPPORTED_NODE_ATTR": Meaning("TensorRT does not take it with this attribute", UPDATE),
    "UNSUPPORTED_NODE_INPUT": Meaning("TensorRT does not take it with this input", UPDATE),
    "UNSUPPORTED_NODE_DATATYPE": Meaning("TensorRT does not take it in this data type", UPDATE),
    "UNSUPPORTED_NODE_SHAPE": Meaning("TensorRT does not take it with these shapes", UPDATE),
    "UNSUPPORTED_NODE_DYNAMIC": Meaning("TensorRT needs its shapes to be fixed", UPDATE),
    "UNSUPPORTED_GRAPH": Meaning("TensorRT does not take a graph of this form", UPDATE),
    "INVALID_GRAPH": Meaning("the graph is not well formed there", EXPORT),
    "INVALID_NODE": Meaning("the node breaks a rule of TensorRT", EXPORT),
    "MODEL_DESERIALIZE_FAILED": Meaning("the file is no ONNX model, or is cut short", COPY),
    "MEM_ALLOC_FAILED": Meaning("there is not enough memory", MEMORY, machine=True),
}
_UNKNOWN = Meaning("TensorRT gives no reason that we know", "run: leukoscope doctor")


def meaning_of(words: str, code: str = "") -> Meaning:
    """What TensorRT's `words`, or where they tell nothing its error `code`, mean."""
    for pattern, meaning in _MEANINGS:
        if re.search(pattern, words, re.IGNORECASE | re.DOTALL):
            return meaning
    return _CODES.get(code.rpartition(".")[2], _UNKNOWN)


def known_words(words: str) -> bool:
    """Whether `words` alone, without a code, mean something to us."""
    return meaning_of(words) is not _UNKNOWN


def shortened(words: str) -> str:
    """TensorRT's words on one line, their places in its source left out."""
    text = " ".join(words.split())
    text = re.sub(r"\s*In \w+(\(\))?( \w+\(\))? at \S+:\d+", "", text)
    return text[:240]
