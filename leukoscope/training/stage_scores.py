"""Figures of XIncept-ALL's softmax head on whole fields, as they are and as another lamp or stain would show them."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from leukoscope.images.contract import Contract
from leukoscope.models.network import Network
from leukoscope.training.colour_shifts import SHIFTS, shifted
from leukoscope.training.pictures import Image, Picture
from leukoscope.training.predict import outputs, probabilities_of, squares
from leukoscope.training.scores import Probabilities, classification_scores
from leukoscope.training.temperature import fit_temperature


def stage_scores(
    network: Network, pictures: Sequence[Picture], contract: Contract
) -> dict[str, Any]:
    """`classification_scores` of the pictures that have a stage."""
    labelled = [picture for picture in pictures if picture.target]
    probabilities = probabilities_of(network, squares(labelled, contract))
    targets = [picture.target for picture in labelled]
    return classification_scores(probabilities, targets, network.classes)


def shifted_accuracy(
    vote: Callable[[Sequence[Image]], Probabilities],
    pictures: Sequence[Picture],
    contract: Contract,
    classes: Sequence[str],
) -> dict[str, float]:
    """Accuracy of `vote` (frames [S, S, 3] -> [B, K]) by shift of colour or light.

    A network that reads the stain instead of the cells falls here.
    """
    labelled = [picture for picture in pictures if picture.target]
    targets = [picture.target for picture in labelled]
    frames = squares(labelled, contract)
    found: dict[str, float] = {}
    for name in SHIFTS if frames else ():
        probabilities = vote([shifted(frame, name) for frame in frames])
        found[name] = classification_scores(probabilities, targets, classes)["accuracy"]
    return found


def fit_stage_temperature(
    network: Network, pictures: Sequence[Picture], contract: Contract
) -> float:
    """Sets the head's temperature on pictures that the network was not fitted on; returns it."""
    labelled = [picture for picture in pictures if len(picture.target) == 1]
    logits = outputs(network, squares(labelled, contract), ["logits"])["logits"].numpy()
    truth = np.array([picture.target[0] for picture in labelled], np.int64)
    network.temperature.fill_(fit_temperature(logits, truth))
    return round(float(network.temperature), 4)
