"""Who may judge: the images of --gate-data that neither training nor ranges nor search has seen."""

from collections.abc import Sequence

from leukoscope.calibration.candidates import Candidate, LeftOut
from leukoscope.calibration.offers import Offer
from leukoscope.calibration.parts import Parts
from leukoscope.errors import InputError
from leukoscope.runtime.judge import merged_labels
from leukoscope.runtime.metrics.targets import targets_of
from leukoscope.runtime.provenance import Seen, near


def fit_to_judge(
    judges: Sequence[Candidate], parts: Parts, offers: Sequence[Offer], left_out: LeftOut
) -> list[Candidate]:
    """Those judges of which neither bytes nor pixels nor group are in the training, the ranges or the search, each once.

    Left out, by the words of runtime.gate.admission: 'trained on', 'near the training', 'calibrated on' (in the ranges
    or the search), 'near the calibration', and 'duplicate' (of another judge). `offers` are what `offer_index` counts.
    """
    used = [*parts["ranges"], *parts["search"]]
    calibrated = {one.pixels_sha256 for one in used}
    groups = _groups_near(judges, used, offers)
    taken: set[str] = set()
    kept = []
    for one in sorted(judges, key=lambda one: not one.near):
        causes = {
            "trained on": one.trained,
            "near the training": one.near,
            "calibrated on": one.pixels_sha256 in calibrated,
            "near the calibration": one.group in groups,
            "duplicate": one.pixels_sha256 in taken,
        }
        taken.add(one.pixels_sha256)
        if cause := next((cause for cause, holds in causes.items() if holds), None):
            left_out.add(cause, one.name)
        else:
            kept.append(one)
    return kept


def check_labels(
    classes: tuple[str, ...], judges: Sequence[Candidate], offers: Sequence[Offer]
) -> None:
    """InputError where folders that judge have labels that overlap ('normal' here, 'monocyte' there): none could be scored.

    Said before the long work, as the gate would say it after.
    """
    folders = [offers[index] for index in sorted({one.offer_index for one in judges})]
    maps = [folder.label_map for folder in folders if folder.label_map is not None]
    try:
        targets_of(merged_labels(maps), classes)
    except InputError as cause:
        names = ", ".join(str(folder.images.root) for folder in folders)
        raise InputError(
            f"the labels of {names} cannot be judged together: {cause.found}",
            wanted=cause.wanted,
            next_step="leave one of them out, or give --gate-data whose labels fit together",
        ) from None


def _groups_near(
    judges: Sequence[Candidate], used: Sequence[Candidate], offers: Sequence[Offer]
) -> set[str]:
    """Groups of the judges that hold an image of the ranges or the search, or are called as one of theirs is."""
    folders = [offer.images.root.resolve().name for offer in offers]
    seen = Seen(
        frozenset(one.pixels_sha256 for one in used),
        frozenset(f"{folders[one.offer_index]}/{one.own_group}" for one in used),
    )
    found = set()
    for index in {one.offer_index for one in judges}:
        mine = [one for one in judges if one.offer_index == index]
        members = [(one.pixels_sha256, one.own_group) for one in mine]
        close = near(folders[index], members, offers[index].images.groups_inferred, seen)
        found |= {one.group for one in mine if one.own_group in close}
    return found
