"""The C kernel that walks trees.bin (tree_kernel.c), where this install has it; elsewhere NumPy does (tree_walk.py).

It reads the blob and the rows where they lie, keeps no state, and runs without the interpreter's lock: threads may
share a blob. It is a plain shared library, built with the wheel, and knows nothing of Python.
"""

import ctypes
import functools
import logging
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.tree_layout import Header

F32 = NDArray[np.float32]
KERNEL_VERSION = 2
"""Of the functions' arguments, in step with tree_kernel.c: a library left over from another version is not called."""

_LOG = logging.getLogger("leukoscope")
_SIZE, _ARRAY = ctypes.c_size_t, ctypes.c_void_p


class TreeKernel:
    """The functions of one shared library. `data` is a whole blob that TreeBlob.read has checked, of this `header`."""

    def __init__(self, library: Path) -> None:
        """OSError where the library cannot be loaded or is of another version."""
        functions = ctypes.CDLL(str(library))
        try:
            version = int(functions.leuko_trees_version())
        except AttributeError:
            version = 0
        if version != KERNEL_VERSION:
            raise OSError(f"{library.name} is of version {version}, not {KERNEL_VERSION}")
        self._predict = functions.leuko_trees_predict
        self._predict.argtypes = [ctypes.c_char_p, _SIZE, _ARRAY, _SIZE, _ARRAY, _ARRAY]
        self._probabilities = functions.leuko_trees_probabilities
        self._probabilities.argtypes = [ctypes.c_char_p, _SIZE, _ARRAY, _SIZE, _ARRAY]
        self._contributions = functions.leuko_trees_contributions
        self._contributions.argtypes = [ctypes.c_char_p, _SIZE, _ARRAY, _SIZE, _ARRAY, _ARRAY]

    def margins(self, header: Header, data: bytes, x: F32) -> F32:
        """Rows [n, F] -> margins [n, K]."""
        rows, out = _readable(x), np.empty((len(x), header.outputs), np.float32)
        _demand(self._predict(data, len(data), _at(rows), len(rows), _at(out), None))
        return out

    def predict(self, header: Header, data: bytes, x: F32) -> F32:
        """Rows [n, F] -> probabilities [n, classes], in one walk."""
        rows, out = _readable(x), np.empty((len(x), header.classes), np.float32)
        _demand(self._predict(data, len(data), _at(rows), len(rows), None, _at(out)))
        return out

    def probabilities(self, header: Header, data: bytes, margins: F32) -> F32:
        """Margins [n, K] -> probabilities [n, classes]."""
        given, out = _readable(margins), np.empty((len(margins), header.classes), np.float32)
        _demand(self._probabilities(data, len(data), _at(given), len(given), _at(out)))
        return out

    def contributions(self, header: Header, data: bytes, x: F32) -> F32:
        """Rows [n, F] -> path attributions [n, K, F + 1]."""
        rows, shape = _readable(x), (header.outputs, header.features + 1)
        sums, out = np.empty(shape, np.float64), np.empty((len(x), *shape), np.float32)
        _demand(self._contributions(data, len(data), _at(rows), len(rows), _at(sums), _at(out)))
        return out


@functools.cache
def find_kernel() -> TreeKernel | None:
    """The kernel of this install, looked for once; without one a single warning, and None."""
    reason = "it was not built"
    library = kernel_library()
    try:
        if library is not None:
            return TreeKernel(library)
    except OSError as error:
        reason = str(error)
    _LOG.warning(
        "leukoscope: no tree kernel (%s); NumPy walks the trees, slowly. "
        "Install a C compiler, then: pip install --force-reinstall --no-deps --no-cache-dir leukoscope",
        reason,
    )
    return None


def kernel_library() -> Path | None:
    """Where the kernel of this install lies; None where it was not built."""
    named = (Path(__file__).with_name(f"_tree_kernel{suffix}") for suffix in EXTENSION_SUFFIXES)
    return next((library for library in named if library.exists()), None)


def _readable(x: F32) -> F32:
    """The rows themselves where they lie one after the other, else a copy."""
    flags = x.flags
    return x if flags.c_contiguous and flags.aligned else np.array(x, np.float32, order="C")


def _at(array: Any) -> Any:
    """The address of the array's items, to be given to the library; the caller keeps the array."""
    try:
        # Four times as fast as ndarray.ctypes, of which one call for one row needs three.
        return ctypes.byref(ctypes.c_char.from_buffer(array))
    except (TypeError, ValueError):  # read-only, or empty
        return array.ctypes.data


def _demand(code: int) -> None:
    if code:
        raise RuntimeError("the tree kernel refuses a blob that the reader accepted")
