"""trees.bin: boosted trees as data, read with every bound checked, and walked.

    blob = TreeBlob.read(data)              # InputError unless all is as docs/bundle-format.md says
    blob.margins(x)                         # float32 [n, F], NaN = missing -> float32 [n, K], bit-equal to XGBoost
    blob.probabilities(x)                   # float32 [n, classes]
    blob.contributions(x)                   # float32 [n, K, F + 1], path attribution, the bias last

Margins have K = 1 column for a logistic objective (two classes), one a class otherwise. The C kernel walks, or NumPy
where this install has no kernel: margins are the same bits, probabilities within 2 ulp.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.tree_checks import check_arrays
from leukoscope.bundle.tree_kernel import find_kernel
from leukoscope.bundle.tree_layout import LAYOUTS, OBJECTIVES, Header, read_header, sections
from leukoscope.bundle.tree_walk import accumulate, contributions, leaf_values, to_probabilities
from leukoscope.errors import InputError

F32 = NDArray[np.float32]
CHUNK_ITEMS = 1 << 21
"""Rows times trees that NumPy walks at once: bounds the memory of a walk to some hundreds of megabytes."""


@dataclass(frozen=True)
class TreeBlob:
    """Checked trees. `arrays` are read-only views into `data`, by the section names of tree_layout."""

    header: Header
    arrays: dict[str, NDArray[Any]] = field(repr=False)
    data: bytes = field(repr=False)

    @classmethod
    def read(cls, data: bytes, name: str = "trees.bin") -> "TreeBlob":
        """Bytes -> TreeBlob. Raises InputError, naming `name`, on the first rule that is broken."""
        # What is checked can then not be changed; bytes themselves are not copied.
        data = bytes(data)
        header = read_header(data, name)
        places, length = sections(header)
        if len(data) != length:
            raise InputError(
                f"{name} has {len(data)} bytes", wanted=f"{length}, as its header implies"
            )
        arrays = {
            part: np.frombuffer(data, place.dtype, place.count, place.offset)
            for part, place in places.items()
        }
        arrays["sets"] = arrays["sets"].reshape(header.sets, header.set_words)
        check_arrays(data, header, places, arrays, name)
        return cls(header, arrays, data)

    @property
    def layout(self) -> str:
        """`perfect` or `nodes`."""
        return LAYOUTS[self.header.layout]

    @property
    def objective(self) -> str:
        """`logistic`, `softprob` or `softmax`."""
        return OBJECTIVES[self.header.objective]

    @property
    def features(self) -> int:
        """F, the width of the rows."""
        return self.header.features

    @property
    def outputs(self) -> int:
        """K, the width of the margins."""
        return self.header.outputs

    @property
    def classes(self) -> int:
        """The width of the probabilities: 2 for logistic, else K."""
        return self.header.classes

    @property
    def trees(self) -> int:
        """T, the number of trees."""
        return self.header.trees

    @property
    def temperature(self) -> float:
        """Divides the margins before they become probabilities."""
        return self.header.temperature

    def margins(self, x: F32) -> F32:
        """Rows float32 [n, F] (NaN: missing) -> margins float32 [n, K], before the temperature."""
        self._check_rows(x)
        if kernel := find_kernel():
            return kernel.margins(self.header, self.data, x)
        out = np.empty((len(x), self.outputs), np.float32)
        for rows in _pieces(len(x), self.trees):
            leaves = leaf_values(self.header, self.arrays, x[rows])
            out[rows] = accumulate(self.header, self.arrays, leaves)
        return out

    def probabilities(self, x: F32) -> F32:
        """Rows float32 [n, F] -> probabilities float32 [n, classes], under the temperature."""
        self._check_rows(x)
        if kernel := find_kernel():
            return kernel.predict(self.header, self.data, x)
        return to_probabilities(self.header, self.margins(x))

    def from_margins(self, margins: F32) -> F32:
        """Margins float32 [n, K] -> probabilities float32 [n, classes], under the temperature."""
        _check_width(margins, self.outputs, "margins")
        if kernel := find_kernel():
            return kernel.probabilities(self.header, self.data, margins)
        return to_probabilities(self.header, margins)

    def contributions(self, x: F32) -> F32:
        """Rows float32 [n, F] -> what each feature adds to each margin, float32 [n, K, F + 1], the bias last.

        Path attribution (Saabas): along a row's way each split's feature gets the change of the node's
        mean. The sum over the last axis is the margin, up to float32 rounding.
        """
        self._check_rows(x)
        if kernel := find_kernel():
            return kernel.contributions(self.header, self.data, x)
        width = self.outputs * (self.features + 1)
        out = np.empty((len(x), self.outputs, self.features + 1), np.float32)
        for rows in _pieces(len(x), max(self.trees, width)):
            out[rows] = contributions(self.header, self.arrays, x[rows])
        return out

    def _check_rows(self, x: F32) -> None:
        _check_width(x, self.features, "rows")


def _check_width(values: F32, width: int, what: str) -> None:
    """The kernel goes by these: what it is given has exactly this form."""
    if values.ndim != 2 or values.shape[1] != width or values.dtype != np.float32:
        found = f"{what} of {values.dtype} {values.shape}"
        raise InputError(found, wanted=f"float32 [n, {width}], as the trees were trained")


def _pieces(rows: int, items_per_row: int) -> Iterator[slice]:
    """The rows in pieces of at most CHUNK_ITEMS items, one row at least."""
    step = max(1, CHUNK_ITEMS // items_per_row)
    return (slice(start, start + step) for start in range(0, rows, step))
