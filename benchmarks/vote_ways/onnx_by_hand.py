"""ONNX Runtime by hand: the vote from a session, the map from a second pass in torch."""

from pathlib import Path

import onnxruntime
import torch
from torch import Tensor, nn

from leukoscope.export.graph import quiet
from leukoscope.models.network import Network
from vote_ways.answer import Answer, AnswerWay, Frame, heat_of
from vote_ways.case import Case
from vote_ways.torch_compiled import map_by_autograd
from vote_ways.torch_eager import Plain, images_of, open_grad_cam
from vote_ways.voter import open_trees

OUTPUTS = ("probabilities", "features", "target")


class Exported(nn.Module):
    """images -> probabilities, features, target map."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        target, side = self.network.encode(images)
        logits = self.network.classify(target, side)
        return torch.softmax(logits, dim=1), target.mean((2, 3)), target


def export_by_hand(case: Case) -> Path:
    """torch.onnx.export as its page shows it, any batch; written once."""
    path = case.folder / "by_hand.onnx"
    if not path.exists():
        model = Exported(case.network().eval().requires_grad_(False))
        batch = torch.export.Dim("batch", min=1, max=1024)
        with quiet(), torch.no_grad():
            torch.onnx.export(
                model,
                (torch.zeros(2, 3, case.side_px, case.side_px),),
                path,
                dynamo=True,
                external_data=False,
                input_names=["images"],
                output_names=list(OUTPUTS),
                dynamic_shapes=({0: batch},),
                verbose=False,
            )
    return path


def open_with_grad_cam(case: Case) -> AnswerWay:
    """The map by pytorch-grad-cam on the torch model, which must go forward and backward for it."""
    session, trees = _session(case), open_trees(case.trees, case.threads)
    model = Plain(case.network())
    grad_cam, target_of = open_grad_cam(model, model.network.join)

    def answer(frame: Frame) -> Answer:
        images = images_of(frame)
        (features,) = session.run(["features"], {"images": images.numpy()})
        probabilities = trees.predict_proba(features)[0]
        voted = int(probabilities.argmax())
        heat = grad_cam(input_tensor=images, targets=[target_of(voted)])[0]
        return Answer(voted, probabilities, heat)

    return answer


def open_with_tail(case: Case) -> AnswerWay:
    """The map's layer is an output of the graph; torch goes through the tail only."""
    session, trees = _session(case), open_trees(case.trees, case.threads)
    network = case.network().eval().requires_grad_(False)

    def answer(frame: Frame) -> Answer:
        images = images_of(frame)
        _, features, target = session.run(list(OUTPUTS), {"images": images.numpy()})
        probabilities = trees.predict_proba(features)[0]
        voted = int(probabilities.argmax())
        grid = map_by_autograd(network, torch.from_numpy(target), voted)
        return Answer(voted, probabilities, heat_of(grid, frame.shape[0]))

    return answer


def _session(case: Case) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = case.threads
    options.log_severity_level = 3
    path = export_by_hand(case)
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
