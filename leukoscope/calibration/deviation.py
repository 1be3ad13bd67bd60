"""How far a variant's outputs and maps lie from the float model's, on squares."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray

from leukoscope.runtime.backends.onnxruntime import CPU, open_onnxruntime
from leukoscope.runtime.engine import OUTPUTS
from leukoscope.runtime.metrics.maps import rank_agreement

Arrays = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Deviation:
    """Two numbers of one size: 0 is no deviation, 1 is as large as the thing itself."""

    output: float
    """Of the output that deviates most: root mean square of the difference over that of the float output."""
    cam: float
    """1 less the mean rank correlation (Spearman) of the Grad-CAM maps of the classes that the float model votes."""

    @property
    def harm(self) -> float:
        """What layers and methods are ranked by."""
        return self.output + self.cam


class Reference:
    """The float model's outputs for squares [N, S, S, 3], made once."""

    def __init__(
        self,
        network: str,
        model: onnx.ModelProto,
        squares: NDArray[np.uint8],
        threads: int | None = None,
    ) -> None:
        self._names, self._squares, self._threads = OUTPUTS[network], squares, threads
        self._arrays = list(self._run(model))

    def deviation(self, model: onnx.ModelProto) -> Deviation:
        """Of another form of the same model."""
        names = [name for name in self._names if name != "cams"]
        squares, powers = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0)
        agreement = []
        for mine, theirs in zip(self._arrays, self._run(model), strict=True):
            for name in names:
                squares[name] += float(((mine[name] - theirs[name]) ** 2).sum(dtype=np.float64))
                powers[name] += float((mine[name] ** 2).sum(dtype=np.float64))
            voted = int(mine["probabilities"].argmax())
            agreement.append(rank_agreement(mine["cams"][voted], theirs["cams"][voted]))
        worst = max((squares[name] / powers[name]) ** 0.5 for name in names if powers[name] > 0)
        return Deviation(worst, 1.0 - float(np.mean(agreement)))

    def _run(self, model: onnx.ModelProto) -> list[Arrays]:
        data = model.SerializeToString()
        backend = open_onnxruntime(data, "a variant", "int8", backend=CPU, threads=self._threads)
        found: list[Arrays] = []
        for square in self._squares:
            arrays = backend.infer(square[None])
            found.append({name: arrays[name][0] for name in self._names})
        return found
