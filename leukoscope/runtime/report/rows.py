"""One row of the report: a variant's figures, intervals, charts and pictures."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from leukoscope.bundle.read import Bundle
from leukoscope.progress import Progress
from leukoscope.runtime.bench import Bench, open_bench
from leukoscope.runtime.gate.verdict import Verdict
from leukoscope.runtime.judge import Judged
from leukoscope.runtime.metrics.mcnemar import mcnemar
from leukoscope.runtime.report.compared import (
    Figures,
    differences_of,
    intervals_of,
    of_agreement,
    ratios_of,
)
from leukoscope.runtime.report.contents import Changes, Difference, Example, Latency, VariantRow
from leukoscope.runtime.report.counted import Votes, confusion_of, reliability_of, votes_of
from leukoscope.runtime.report.latency import latencies
from leukoscope.runtime.report.worst import examples_of
from leukoscope.runtime.settings import Settings
from leukoscope.runtime.validation import row_of

EXAMPLES = 6


@dataclass(frozen=True)
class Effort:
    """How much a report may cost."""

    examples: int = EXAMPLES
    """Triples a variant."""
    latency: bool = True


def rows_of(
    bundle: Bundle,
    judged: Judged,
    verdicts: Mapping[str, Verdict],
    settings: Settings,
    effort: Effort,
    progress: Progress,
) -> tuple[VariantRow, ...]:
    """One for each variant, the float one first; its engines are opened once more for pictures and times."""
    names = dict.fromkeys((judged.reference, *judged.observations))
    rows = [_row(bundle, judged, name, verdicts.get(name)) for name in names]
    if effort.examples or effort.latency:
        bench = open_bench(bundle, judged.network, settings, find_cells=False)
        speeds = _speeds(bench, judged.network, progress) if effort.latency else {}
        rows = [
            replace(
                row,
                latency=speeds.get(row.variant),
                examples=_examples(bench, judged, row.variant, effort.examples, progress),
            )
            for row in rows
        ]
    return tuple(rows)


def _row(bundle: Bundle, judged: Judged, variant: str, verdict: Verdict | None) -> VariantRow:
    votes, ratios = _figures(judged, variant)
    differences, changes = _against_float(judged, variant)
    file = bundle.variant(judged.network, variant).file
    return VariantRow(
        variant=variant,
        file=file,
        sha256=bundle.manifest.files[file].sha256,
        size_bytes=bundle.manifest.files[file].size_bytes,
        figures=row_of(judged, variant),
        intervals={**intervals_of(ratios), **of_agreement(judged.observations[variant])},
        confusion=confusion_of(votes, judged.targets.names),
        reliability=reliability_of(votes),
        agreements=tuple(sorted(one.rank_agreement for one in judged.observations[variant])),
        differences=differences,
        changes=changes,
        verdict=verdict,
    )


def _figures(judged: Judged, variant: str) -> tuple[Votes, Figures]:
    observations = judged.observations[variant]
    votes = votes_of(observations, judged.targets, judged.classes)
    return votes, ratios_of(observations, votes, judged.targets.names)


def _against_float(judged: Judged, variant: str) -> tuple[tuple[Difference, ...], Changes | None]:
    if variant == judged.reference:
        return (), None
    votes, ratios = _figures(judged, variant)
    float_votes, float_ratios = _figures(judged, judged.reference)
    changes = _changes(float_votes, votes) if len(votes.truth) else None
    return differences_of(ratios, float_ratios), changes


def _changes(reference: Votes, variant: Votes) -> Changes:
    before, after = reference.voted == reference.truth, variant.voted == variant.truth
    losses, gains = int((before & ~after).sum()), int((after & ~before).sum())
    return Changes(losses, gains, mcnemar(losses, gains))


def _speeds(bench: Bench, network: str, progress: Progress) -> dict[str, Latency]:
    engines = {name: pipeline.engines[network] for name, pipeline in bench.pipelines.items()}
    return latencies(engines, progress)


def _examples(
    bench: Bench, judged: Judged, variant: str, count: int, progress: Progress
) -> tuple[Example, ...]:
    if variant == judged.reference:
        return ()
    return examples_of(bench, judged, variant, count, progress)
