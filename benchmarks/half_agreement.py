# ruff: noqa: T201
"""How far an FP16 graph is from its float graph, on painted frames and on a folder of real images.

    python benchmarks/half_agreement.py BUNDLE [--painted 16] [--data NETWORK=DIR]... [--images 48] [--file NETWORK=GRAPH.onnx]...

Both graphs run in ONNX Runtime on the CPU, which computes half precision in float32 between casts: a prediction of the
device. `--file` compares a Q/DQ graph with the same graph in half. Greatest tensors are those of the float graph.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import helper

from leukoscope.bundle.read import open_bundle
from leukoscope.calibration.half import half_risks, to_half
from leukoscope.calibration.lint import check
from leukoscope.export.frames import painted_frames, real_frames
from leukoscope.images.contract import Contract
from leukoscope.runtime.metrics.maps import rank_agreement

PAINTED_SEED = 51_000
Outputs = dict[str, NDArray[np.float32]]


def main() -> None:
    """Measures and prints one line a network and set of frames."""
    wanted = _arguments()
    bundle = open_bundle(wanted.bundle)
    for name, entry in bundle.manifest.networks.items():
        path = Path(dict(wanted.file).get(name, bundle.root / f"{name}.fp32.onnx"))
        contract, model = Contract.from_json(entry.contract), onnx.load(path)
        half = to_half(model)
        check(half, name)
        sizes = path.stat().st_size, half.ByteSize()
        print(f"{name}: {path.name}, {sizes[0] / 1e6:.2f} MB, in half {sizes[1] / 1e6:.2f} MB")
        sets = {"painted": painted_frames(name, contract, wanted.painted, PAINTED_SEED)}
        for network, root in wanted.data:
            if network == name:
                sets[Path(root).name] = real_frames(Path(root), contract, wanted.images)
        for label, frames in sets.items():
            _report(label, model, half, frames)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--painted", type=int, default=16)
    parser.add_argument("--images", type=int, default=48)
    parser.add_argument("--data", action="append", default=[], type=_named)
    parser.add_argument("--file", action="append", default=[], type=_named)
    return parser.parse_args()


def _named(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _report(
    label: str, model: onnx.ModelProto, half: onnx.ModelProto, frames: NDArray[np.uint8]
) -> None:
    ours, theirs = _run(model, frames), _run(half, frames)
    greatest = _greatest(model, frames[:4])
    print(f"  {label}: {len(frames)} frames, {_agreement(ours, theirs)}")
    worst = max(greatest, key=greatest.__getitem__)
    risks = half_risks(model, greatest)
    print(
        f"    greatest value {greatest[worst]:.3g} ({worst}); too great for half: {risks or 'none'}"
    )


def _agreement(ours: Outputs, theirs: Outputs) -> str:
    votes = ours["probabilities"].argmax(1)
    flips = int((votes != theirs["probabilities"].argmax(1)).sum())
    rhos = [
        rank_agreement(a[vote], b[vote])
        for a, b, vote in zip(ours["cams"], theirs["cams"], votes, strict=True)
    ]
    furthest = float(np.abs(ours["probabilities"] - theirs["probabilities"]).max())
    found = f"flips {flips}, probabilities within {furthest:.1e}, maps' rho least {min(rhos):.4f}"
    found += f" median {np.median(rhos):.5f}"
    if "mask" in ours:
        same = ours["mask"].argmax(1) == theirs["mask"].argmax(1)
        found += f", mask equal on {same.mean():.5%} (worst frame {same.mean((1, 2)).min():.4%})"
    if "features" in ours:
        scale = np.abs(ours["features"]).max()
        apart = float(np.abs(ours["features"] - theirs["features"]).max() / scale)
        found += f", features within {apart:.1e} of the greatest"
    return found


def _run(model: onnx.ModelProto, frames: NDArray[np.uint8]) -> Outputs:
    session = _session(model)
    names = [port.name for port in session.get_outputs()]
    parts = [dict(zip(names, session.run(None, {"frames": f[None]}), strict=True)) for f in frames]
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def _greatest(model: onnx.ModelProto, frames: NDArray[np.uint8]) -> Mapping[str, float]:
    """Greatest absolute value of every float tensor over a few frames."""
    tapped = onnx.ModelProto()
    tapped.CopyFrom(model)
    values: Sequence[Any] = onnx.shape_inference.infer_shapes(model).graph.value_info
    floats = [v.name for v in values if v.type.tensor_type.elem_type == onnx.TensorProto.FLOAT]
    tapped.graph.output.extend(
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in floats
    )
    return {name: float(np.abs(value).max()) for name, value in _run_once(tapped, frames).items()}


def _run_once(model: onnx.ModelProto, frames: NDArray[np.uint8]) -> Outputs:
    session = _session(model)
    names = [port.name for port in session.get_outputs()]
    return dict(zip(names, session.run(None, {"frames": frames}), strict=True))


def _session(model: onnx.ModelProto) -> ort.InferenceSession:
    """Biases stay as they are: ONNX Runtime would store them in steps that half scales do not hold."""
    ort.set_default_logger_severity(3)
    return ort.InferenceSession(
        model.SerializeToString(), disabled_optimizers=["WeightBiasQuantization"]
    )


if __name__ == "__main__":
    main()
