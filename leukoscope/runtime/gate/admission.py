"""Which images may judge: those that neither training, nor ranges, nor the layer search has seen."""

from collections.abc import Sequence

from leukoscope.bundle.read import Bundle
from leukoscope.images.layouts import ImageSet
from leukoscope.runtime.calibration_part import calibration_part
from leukoscope.runtime.judge import Cause
from leukoscope.runtime.provenance import Seen, seen_groups, training

TRAINED, NEAR_TRAINING = "trained on", "near the training"
CALIBRATED, NEAR_CALIBRATION = "calibrated on", "near the calibration"
CAUSES = (TRAINED, NEAR_TRAINING, CALIBRATED, NEAR_CALIBRATION)


def admission(bundle: Bundle, network: str, folders: Sequence[tuple[ImageSet, str]]) -> Cause:
    """For images of `folders` (with their set names): why one may not judge, None where it may.

    Neither its bytes nor its group (SETNAME/GROUP) may be in the training of the network, or of trees on it, or in the
    ranges or search parts of calibration.json. Hashes every file of `folders`.
    """
    trained, calibrated = training(bundle, network), calibration_part(bundle, network)
    near_training = _groups(folders, trained)
    near_calibration = _groups(folders, calibrated)

    def cause(sha256: str, group: str) -> str | None:
        holds = {
            TRAINED: sha256 in trained.images,
            NEAR_TRAINING: group in near_training,
            CALIBRATED: sha256 in calibrated.images,
            NEAR_CALIBRATION: group in near_calibration,
        }
        return next((why for why, true in holds.items() if true), None)

    return cause


def _groups(folders: Sequence[tuple[ImageSet, str]], seen: Seen) -> frozenset[str]:
    if not seen.images and not seen.groups:
        return frozenset()
    return frozenset().union(*(seen_groups(images, name, seen) for images, name in folders))
