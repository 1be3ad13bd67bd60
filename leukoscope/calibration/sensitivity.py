"""What each layer costs when it alone is in INT8."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from leukoscope.calibration.deviation import Reference
from leukoscope.calibration.layers import Layer
from leukoscope.calibration.qdq import quantize, quantized_weights
from leukoscope.calibration.ranges import Observed, rounding_noise
from leukoscope.calibration.workspace import Workspace
from leukoscope.progress import Progress, Silent


@dataclass(frozen=True)
class Sensitivity:
    """One layer alone in INT8, against the float model on the search part's squares."""

    layer: str
    noise: float
    """The cheap proxy: what rounding adds to its input and weights, as a share of their mean square."""
    output_error: float
    cam_error: float
    multiply_adds: int

    @property
    def harm(self) -> float:
        """What layers are ranked by: see `Deviation.harm`."""
        return self.output_error + self.cam_error

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def noise_of(
    model: onnx.ModelProto, layer: Layer, observed: Observed, ranges: Mapping[str, float]
) -> float:
    """Rounding noise of a layer's input on the calibration set, and of its weights, without running anything."""
    weights = next(t for t in model.graph.initializer if t.name == layer.weight)
    values = numpy_helper.to_array(weights)
    steps, scales = quantized_weights(values)
    error = values - steps * scales.reshape(-1, *[1] * (values.ndim - 1))
    power = float(np.square(values, dtype=np.float64).sum())
    of_weights = float(np.square(error, dtype=np.float64).sum()) / power if power else 0.0
    counts, greatest = observed.counts[layer.data], observed.greatest[layer.data]
    return of_weights + rounding_noise(counts, greatest, ranges[layer.data])


def measure(
    model: onnx.ModelProto,
    layers: Sequence[Layer],
    noise: Mapping[str, float],
    ranges: Mapping[str, float],
    reference: Reference,
    workspace: Workspace,
    key: str,
    progress: Progress = Silent(),  # noqa: B008
) -> tuple[Sensitivity, ...]:
    """Every layer's sensitivity, most harmful first.

    Layers of much noise are measured first, and what is measured is kept in `workspace` under `key`, so that a
    killed call has done the layers that matter and goes on with the rest.
    """
    prefix = f"{key}/sensitivity/"
    if known := workspace.count(prefix):
        progress.note(f"goes on: {known} of {len(layers)} layers were measured before")
    found = []
    order = sorted(layers, key=lambda layer: -noise[layer.name])
    for layer in progress.track(order, "sensitivity of each layer"):
        errors = workspace.recall(prefix + layer.name)
        if errors is None:
            deviation = reference.deviation(quantize(model, [layer], ranges))
            errors = [deviation.output, deviation.cam]
            workspace.keep(prefix + layer.name, errors)
        output, cam = errors
        found.append(Sensitivity(layer.name, noise[layer.name], output, cam, layer.multiply_adds))
    return tuple(sorted(found, key=lambda one: -one.harm))
