import numpy as np
import pytest
import torch

from leukoscope.images.contract import Contract, place
from leukoscope.training import predict
from leukoscope.training.predict import outputs, probabilities_of, squares


def frames(rng, count=5):
    return list(rng.integers(0, 256, (count, 32, 32, 3), dtype=np.uint8))


def test_outputs_are_those_of_each_frame_alone_in_eval_mode(toy, rng, monkeypatch):
    monkeypatch.setattr(predict, "BATCH", 2)
    some = frames(rng)
    toy.train()
    found = outputs(toy, some, ["logits", "probabilities", "features"])
    assert not toy.training
    for row, frame in enumerate(some):
        image = torch.from_numpy(frame).permute(2, 0, 1)[None] / 255
        with torch.no_grad():
            logits = toy(image)["logits"][0]
        assert torch.allclose(found["logits"][row], logits, atol=1e-5)
        assert torch.allclose(found["probabilities"][row], logits.softmax(0), atol=1e-5)
    assert found["features"].shape == (5, 4)


def test_probabilities_are_under_the_temperature(toy, rng):
    some = frames(rng)
    logits = outputs(toy, some, ["logits"])["logits"].numpy()
    toy.temperature.fill_(2.5)
    wanted = np.exp(logits / 2.5)
    assert probabilities_of(toy, some) == pytest.approx(
        wanted / wanted.sum(1, keepdims=True), abs=1e-6
    )


def test_no_frames_give_no_rows(toy):
    assert probabilities_of(toy, []).shape == (0, 3)


def test_squares_are_the_contracts(make_picture):
    picture = make_picture(side_px=80)
    (square,) = squares([picture], Contract(48))
    assert np.array_equal(square, place(picture.levels[0], Contract(48))[0])
