"""The report of a calibration: what was judged, by what, and what was said out loud."""

from collections.abc import Mapping, Sequence
from datetime import date

from leukoscope.bundle.read import Bundle
from leukoscope.calibration.order import Order
from leukoscope.calibration.prepare import Prepared
from leukoscope.progress import Progress
from leukoscope.runtime.gate.verdict import Verdict
from leukoscope.runtime.judge import Judged
from leukoscope.runtime.provenance import set_names
from leukoscope.runtime.report import facts, page
from leukoscope.runtime.report.study import study_of

PAGE, FACTS = "validation.html", "validation.json"


def report_files(
    staged: Bundle,
    prepared: Mapping[str, Prepared],
    judged: Sequence[Judged],
    verdicts: Mapping[str, Verdict],
    order: Order,
    progress: Progress,
) -> dict[str, bytes]:
    """validation.html and validation.json of the candidate bundle `staged`."""
    study = study_of(
        staged,
        judged,
        {network: {order.precision: verdict} for network, verdict in verdicts.items()},
        order.settings,
        created=date.today().isoformat(),
        name=order.bundle.resolve().name,
        data=_folders(prepared, order),
        notes=_notes(verdicts, order),
        progress=progress,
    )
    return {PAGE: page.html(study).encode(), FACTS: facts.to_bytes(study)}


def _folders(prepared: Mapping[str, Prepared], order: Order) -> tuple[str, ...]:
    """Names of the data folders, without where they lie."""
    offers = [offer for one in prepared.values() for offer in one.chosen.offers]
    roots = dict.fromkeys(offer.images.root for offer in offers)
    return set_names([*roots, *order.unlabelled])


def _notes(verdicts: Mapping[str, Verdict], order: Order) -> list[str]:
    """What was said out loud."""
    found = []
    for network, verdict in verdicts.items():
        name = f"{order.precision} of {network}"
        if verdict.outcome == "undecided" and order.accept_undecided:
            found.append(f"{name}: the images cannot tell; accepted by --accept-undecided")
        elif verdict.outcome == "failed" and order.force:
            found.append(f"{name}: failed; written by --force")
    return found
