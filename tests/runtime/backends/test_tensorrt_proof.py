import numpy as np
import pytest
from toy_bundle import write_toy_bundle

from leukoscope.errors import GateError
from leukoscope.runtime.backends.tensorrt_proof import (
    EngineMismatchError,
    load_golden,
    prove_engine,
)
from leukoscope.runtime.engines.golden import GoldenSet

FRAMES = np.random.default_rng(1).integers(0, 255, (2, 8, 8, 3), np.uint8)


def answers(frames):
    """A function of each frame."""
    means = frames.reshape(len(frames), -1, 3).mean(axis=1).astype(np.float32)
    return {"probabilities": means / means.sum(axis=1, keepdims=True), "features": means}


GOLDEN = GoldenSet("fp32", FRAMES, answers(FRAMES))


class Watched:
    """An engine; `spoil(call, frames, outputs)` changes what it gives."""

    def __init__(self, spoil=lambda call, frames, outputs: outputs):
        self.sizes, self._spoil = [], spoil

    def __call__(self, frames):
        self.sizes.append(len(frames))
        return self._spoil(len(self.sizes), frames, answers(frames))


@pytest.mark.parametrize("batch", [1, 2, 3, 8])
def test_a_good_engine_runs_them_as_a_full_batch_and_singly_twice(batch):
    engine = Watched()
    prove_engine("toy", GOLDEN, engine, batch)
    assert engine.sizes == [batch, 1, 1, 1, 1]


def scaled(outputs, name):
    return {**outputs, name: outputs[name] * 1.5}


SPOILS = {
    "every output": lambda call, frames, outputs: scaled(outputs, "features"),
    "only full batches": lambda c, frames, o: scaled(o, "features") if len(frames) > 1 else o,
    "only the last of a batch": lambda c, f, o: {
        n: np.concatenate([a[:-1], a[-1:] * (1.5 if len(f) > 1 else 1)]) for n, a in o.items()
    },
    "only later launches": lambda call, f, o: scaled(o, "features") if call > 3 else o,
    "the outputs of the frame before": lambda call, f, o: answers(FRAMES[:1]) if call > 2 else o,
    "a missing output": lambda c, f, o: {"probabilities": o["probabilities"]},
}


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
def test_an_engine_that_is_wrong_in_one_of_its_ways_is_found(spoil):
    with pytest.raises(EngineMismatchError, match=r"fp32 engine of toy.*golden") as told:
        prove_engine("toy", GOLDEN, Watched(spoil), 6)
    assert told.value.faults and told.value.exit_code == 3 and "\n" not in str(told.value)


def test_a_bundle_without_golden_outputs_proves_nothing(tmp_path):
    bundle = write_toy_bundle(tmp_path / "b")
    with pytest.raises(GateError, match="no golden outputs of fp32 of xincept_all"):
        load_golden(bundle, "xincept_all", "fp32")
