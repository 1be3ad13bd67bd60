"""From judged images to all that the report tells."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from leukoscope import __version__
from leukoscope.bundle.read import Bundle
from leukoscope.images.contract import Contract
from leukoscope.images.hashes import sha256_of_bytes
from leukoscope.progress import Progress, Silent
from leukoscope.runtime.bench import Bench, open_bench
from leukoscope.runtime.gate.verdict import Verdict
from leukoscope.runtime.judge import Judged
from leukoscope.runtime.metrics.mcnemar import mcnemar
from leukoscope.runtime.report.compared import differences_of, intervals_of, ratios_of
from leukoscope.runtime.report.contents import (
    Changes,
    Latency,
    Layer,
    NetworkStudy,
    Study,
    VariantRow,
)
from leukoscope.runtime.report.counted import Votes, confusion_of, reliability_of, votes_of
from leukoscope.runtime.report.latency import latencies
from leukoscope.runtime.report.machine import this_machine
from leukoscope.runtime.report.record import calibration_of, layers_of, make_up_of, saved_layers
from leukoscope.runtime.report.worst import examples_of
from leukoscope.runtime.settings import Settings
from leukoscope.runtime.validation import row_of

EXAMPLES = 6
Verdicts = Mapping[str, Mapping[str, Verdict]]
"""By network, by variant."""


@dataclass(frozen=True)
class Effort:
    """How much a report may cost."""

    examples: int = EXAMPLES
    """Triples a variant."""
    latency: bool = True


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
    effort: Effort = Effort(),
    progress: Progress = Silent(),  # noqa: B008
) -> Study:
    """All that the report tells of `judged`, one for each network.

    The worst images are read and judged once more for their pictures, and each variant's inference is timed.
    `verdicts`: by network and variant, as many as there are. `created`: an ISO date. `name`: of the bundle, by default
    its folder's. `calibration`: calibration.json as JSON, by default the bundle's own. `sensitivity`: by network a list
    of {layer, output_error, cam_error, multiply_adds, returned}, by default what calibration.json saved.
    """
    record = calibration_of(bundle) if calibration is None else calibration
    networks = tuple(
        _network(
            bundle,
            one,
            verdicts.get(one.network, {}),
            _layers(one.network, sensitivity, record),
            (settings, effort),
            progress,
        )
        for one in judged
    )
    backends = dict.fromkeys(name for one in judged for name in one.backend.values())
    return Study(
        created=created,
        bundle=name or bundle.root.resolve().name,
        manifest_sha256=bundle.manifest_sha256,
        leukoscope=__version__,
        machine=this_machine(tuple(backends), settings.threads),
        networks=networks,
        make_up=make_up_of(record),
        files=_other_files(bundle),
        data=tuple(data),
        notes=tuple(notes),
    )


def _network(
    bundle: Bundle,
    judged: Judged,
    verdicts: Mapping[str, Verdict],
    layers: tuple[Layer, ...],
    how: tuple[Settings, Effort],
    progress: Progress,
) -> NetworkStudy:
    settings, effort = how
    seen = [one.sample for one in judged.observations[judged.reference]]
    labels = Counter(
        judged.targets.names[judged.targets.index(judged.classes, sample.target)]
        for sample in seen
        if sample.target is not None
    )
    wanted = effort.latency or effort.examples
    bench = open_bench(bundle, judged.network, settings) if wanted else None
    return NetworkStudy(
        network=judged.network,
        classes=judged.classes,
        reference=judged.reference,
        voter=judged.voter,
        label_map=judged.label_map_name,
        rows=_rows(bundle, judged, verdicts, bench, effort, progress),
        n=len(seen),
        groups=len({sample.group for sample in seen}),
        groups_inferred=judged.groups_inferred,
        images_by_label={name: labels[name] for name in judged.targets.names},
        in_training=judged.in_training,
        excluded=judged.excluded,
        unreadable=judged.unreadable,
        left_out=judged.left_out,
        images_sha256=sha256_of_bytes("\n".join(sorted(one.sha256 for one in seen)).encode()),
        contract_sha256=_contract_sha256(bundle, judged.network),
        layers=layers,
    )


def _rows(
    bundle: Bundle,
    judged: Judged,
    verdicts: Mapping[str, Verdict],
    bench: Bench | None,
    effort: Effort,
    progress: Progress,
) -> tuple[VariantRow, ...]:
    """The float variant first."""
    names = dict.fromkeys((judged.reference, *judged.observations))
    speeds = _speeds(bench, judged.network, progress) if bench and effort.latency else {}
    rows = []
    for name in names:
        row = _row(bundle, judged, name, verdicts.get(name), speeds.get(name))
        if bench is not None and name != judged.reference:
            found = examples_of(bench, judged, name, effort.examples, progress)
            row = replace(row, examples=found)
        rows.append(row)
    return tuple(rows)


def _row(
    bundle: Bundle,
    judged: Judged,
    variant: str,
    verdict: Verdict | None,
    latency: Latency | None,
) -> VariantRow:
    observations = judged.observations[variant]
    votes = _votes(judged, variant)
    ratios = ratios_of(observations, votes, judged.targets.names)
    reference = _votes(judged, judged.reference)
    others = judged.observations[judged.reference]
    is_float = variant == judged.reference
    file = bundle.variant(judged.network, variant).file
    return VariantRow(
        variant=variant,
        file=file,
        sha256=bundle.manifest.files[file].sha256,
        size_bytes=bundle.manifest.files[file].size_bytes,
        figures=row_of(judged, variant),
        intervals=intervals_of(ratios),
        confusion=confusion_of(votes, judged.targets.names),
        reliability=reliability_of(votes),
        agreements=tuple(sorted(one.rank_agreement for one in observations)),
        differences=()
        if is_float
        else differences_of(ratios, ratios_of(others, reference, judged.targets.names)),
        changes=None if is_float or not len(votes.truth) else _changes(reference, votes),
        verdict=verdict,
        latency=latency,
    )


def _votes(judged: Judged, variant: str) -> Votes:
    return votes_of(judged.observations[variant], judged.targets, judged.classes)


def _changes(reference: Votes, variant: Votes) -> Changes:
    before, after = reference.voted == reference.truth, variant.voted == variant.truth
    losses, gains = int((before & ~after).sum()), int((after & ~before).sum())
    return Changes(losses, gains, mcnemar(losses, gains))


def _speeds(bench: Bench, network: str, progress: Progress) -> dict[str, Latency]:
    engines = {name: pipeline.engines[network] for name, pipeline in bench.pipelines.items()}
    return latencies(engines, progress)


def _layers(
    network: str, sensitivity: Mapping[str, Any] | None, record: Mapping[str, Any] | None
) -> tuple[Layer, ...]:
    if sensitivity is None:
        return saved_layers(record, network)
    return layers_of(sensitivity.get(network))


def _contract_sha256(bundle: Bundle, network: str) -> str:
    return Contract.from_json(bundle.network(network).contract).digest()


def _other_files(bundle: Bundle) -> dict[str, str]:
    """Everything but the graphs, which stand with their networks, and earlier reports."""
    graphs = {v.file for n in bundle.manifest.networks.values() for v in n.variants.values()}
    return {
        name: entry.sha256
        for name, entry in sorted(bundle.manifest.files.items())
        if name not in graphs and not name.startswith("validation.")
    }
