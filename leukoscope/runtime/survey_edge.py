"""What every run needs: OpenCV, ONNX Runtime, the kernel of the boosted trees."""

from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

from leukoscope.errors import LeukoscopeError
from leukoscope.runtime.finding import Finding, version_of

OPENCVS = (
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
)
ONNX_RUNTIMES = (
    "onnxruntime",
    "onnxruntime-gpu",
    "onnxruntime-openvino",
    "onnxruntime-directml",
)
"""Packages that bring one module under the same name: the last one installed overwrites the others in part."""


def look_at_edge() -> Iterator[Finding]:
    """A finding for each; those that a run cannot do without are `needed`."""
    yield from _opencv()
    yield from _onnxruntime()
    yield tree_kernel()


def tree_kernel() -> Finding:
    """Whether the boosted trees are walked in C; a missing kernel costs time, not results."""
    from leukoscope.bundle.tree_kernel import kernel_library

    library = kernel_library()
    return Finding(
        "edge",
        "tree kernel",
        library is not None,
        str(library) if library else "not built; NumPy walks the boosted trees, slowly",
        ""
        if library
        else "apt-get install gcc, then: pip install --force-reinstall --no-deps --no-cache-dir leukoscope",
    )


def installed(names: Sequence[str]) -> list[str]:
    """`onnxruntime 1.31.1` for each of the distributions that is installed."""
    return [f"{name} {version}" for name in names if (version := version_of(name))]


def hiding(what: str, names: Sequence[str], keep: str) -> Iterator[Finding]:
    """A finding that is not present where several packages bring one module."""
    found = installed(names)
    if len(found) > 1:
        both = " ".join(one.split()[0] for one in found)
        yield Finding(
            "edge",
            f"one {what}",
            False,
            f"{' and '.join(found)} overwrite each other",
            f"pip uninstall -y {both} && pip install {keep}",
        )


def _opencv() -> Iterator[Finding]:
    try:
        from leukoscope.images.opencv import cv2
    except LeukoscopeError as error:
        yield Finding("edge", "OpenCV", False, error.found, error.next_step, needed=True)
        return
    ours = _brings_cv2(Path(cv2.__file__))
    origin = f"from {ours}" if ours else "the system's"
    yield Finding(
        "edge", "OpenCV", True, f"{cv2.__version__}, {origin}, at {cv2.__file__}", needed=True
    )
    yield from hiding("OpenCV", OPENCVS, "opencv-python-headless")
    yield _gstreamer("GStreamer: YES" in " ".join(cv2.getBuildInformation().split()), ours)


def _gstreamer(there: bool, ours: str) -> Finding:
    """The OpenCV of pip has none, and hides the system's, which has."""
    leave = "pip uninstall -y opencv-python opencv-python-headless, " if ours else ""
    remedy = f"{leave}sudo apt-get install python3-opencv, and an environment made with python3 -m venv --system-site-packages"
    detail = "yes" if there else "CSI cameras and low-latency RTSP need it"
    return Finding("edge", "OpenCV's GStreamer", there, detail, "" if there else remedy)


def _brings_cv2(file: Path) -> str:
    """The pip packages whose cv2 is at `file`; '' for the system's."""
    found = [one for one in installed(OPENCVS) if _is_at(one.split()[0], file)]
    return " and ".join(found)


def _is_at(distribution: str, file: Path) -> bool:
    place = Path(str(metadata.distribution(distribution).locate_file("cv2")))
    return place.resolve() in file.resolve().parents


def _onnxruntime() -> Iterator[Finding]:
    packages = ", ".join(installed(ONNX_RUNTIMES))
    try:
        import onnxruntime
    except ImportError as error:
        remedy = "pip install onnxruntime"
        yield Finding("edge", "ONNX Runtime", False, str(error), remedy, needed=True)
    else:
        names = [p.removesuffix("ExecutionProvider") for p in onnxruntime.get_available_providers()]
        detail = f"{packages or onnxruntime.__version__}; providers: {', '.join(names)}"
        yield Finding("edge", "ONNX Runtime", True, detail, needed=True)
    yield from hiding("ONNX Runtime", ONNX_RUNTIMES, "onnxruntime-gpu")
