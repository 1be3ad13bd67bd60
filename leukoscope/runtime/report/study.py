"""From judged images to all that the report tells."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from leukoscope import __version__
from leukoscope.bundle.read import Bundle
from leukoscope.images.contract import Contract
from leukoscope.images.hashes import sha256_of_bytes
from leukoscope.progress import Progress, Silent
from leukoscope.runtime.gate.verdict import Verdict
from leukoscope.runtime.judge import Judged
from leukoscope.runtime.report.calibration import Layer
from leukoscope.runtime.report.contents import NetworkStudy, Study, VariantRow
from leukoscope.runtime.report.machine import this_machine
from leukoscope.runtime.report.record import calibration_of, layers_of, make_up_of, saved_layers
from leukoscope.runtime.report.rows import Effort, rows_of
from leukoscope.runtime.settings import Settings

Verdicts = Mapping[str, Mapping[str, Verdict]]
"""By network, by variant."""


def study_of(
    bundle: Bundle,
    judged: Sequence[Judged],
    verdicts: Verdicts,
    settings: Settings,
    *,
    created: str,
    name: str | None = None,
    data: Sequence[str] = (),
    calibration: Mapping[str, Any] | None = None,
    sensitivity: Mapping[str, Any] | None = None,
    notes: Sequence[str] = (),
    effort: Effort = Effort(),  # noqa: B008
    progress: Progress = Silent(),  # noqa: B008
) -> Study:
    """All that the report tells of `judged`, one for each network.

    The worst images are read and judged once more for their pictures, and each variant's inference is timed.
    `verdicts`: by network and variant, as many as there are. `created`: an ISO date. `name`: of the bundle, by default
    its folder's. `calibration`: calibration.json as JSON, by default the bundle's own. `sensitivity`: by network a list
    of {layer, output_error, cam_error, multiply_adds, returned}, by default what calibration.json saved.
    """
    record = calibration_of(bundle) if calibration is None else calibration
    backends = dict.fromkeys(backend for one in judged for backend in one.backend.values())
    return Study(
        created=created,
        bundle=name or bundle.root.resolve().name,
        manifest_sha256=bundle.manifest_sha256,
        leukoscope=__version__,
        machine=this_machine(tuple(backends), settings.threads),
        networks=tuple(
            _network(
                bundle,
                one,
                rows_of(bundle, one, verdicts.get(one.network, {}), settings, effort, progress),
                _layers(one.network, sensitivity, record),
            )
            for one in judged
        ),
        make_up=make_up_of(record),
        files=_other_files(bundle),
        data=tuple(data),
        notes=tuple(notes),
    )


def _network(
    bundle: Bundle, judged: Judged, rows: tuple[VariantRow, ...], layers: tuple[Layer, ...]
) -> NetworkStudy:
    seen = [one.sample for one in judged.observations[judged.reference]]
    return NetworkStudy(
        network=judged.network,
        classes=judged.classes,
        reference=judged.reference,
        voter=judged.voter,
        label_map=judged.label_map_name,
        rows=rows,
        n=len(seen),
        groups=len({sample.group for sample in seen}),
        groups_inferred=judged.groups_inferred,
        images_by_label=_by_label(judged),
        in_training=judged.in_training,
        excluded=judged.excluded,
        unreadable=judged.unreadable,
        left_out=judged.left_out,
        images_sha256=sha256_of_bytes("\n".join(sorted(one.sha256 for one in seen)).encode()),
        contract_sha256=Contract.from_json(bundle.network(judged.network).contract).digest(),
        layers=layers,
    )


def _by_label(judged: Judged) -> dict[str, int]:
    targets, classes = judged.targets, judged.classes
    samples = [one.sample for one in judged.observations[judged.reference]]
    labels = Counter(targets.index(classes, s.target) for s in samples if s.target is not None)
    return {name: labels[index] for index, name in enumerate(targets.names)}


def _layers(
    network: str, sensitivity: Mapping[str, Any] | None, record: Mapping[str, Any] | None
) -> tuple[Layer, ...]:
    if sensitivity is None:
        return saved_layers(record, network)
    return layers_of(sensitivity.get(network))


def _other_files(bundle: Bundle) -> dict[str, str]:
    """Everything but the graphs, which stand with their networks, and earlier reports."""
    graphs = {v.file for n in bundle.manifest.networks.values() for v in n.variants.values()}
    return {
        name: entry.sha256
        for name, entry in sorted(bundle.manifest.files.items())
        if name not in graphs and not name.startswith("validation.")
    }
