"""`leukoscope validate`: how good a bundle is on labelled images."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leukoscope.cli.config import Config, save_settings
from leukoscope.cli.console import RESEARCH_USE, print_json, print_line, print_table, progress, say
from leukoscope.cli.gate_options import (
    AcceptUndecided,
    MaxAccuracyDrop,
    MaxIouDrop,
    MaxRecallDrop,
    MinCamAgreement,
    Strict,
    budgets_of,
)
from leukoscope.cli.gate_words import check_verdicts, print_verdict
from leukoscope.errors import UsageError

if TYPE_CHECKING:
    from rich.table import Table

    from leukoscope.progress import Progress
    from leukoscope.runtime.report.files import Place
    from leukoscope.runtime.settings import Settings
    from leukoscope.runtime.validation import GateRequest, Validation


def validate(
    context: typer.Context,
    bundle: Annotated[Path, typer.Argument(help="The bundle's folder.", show_default=False)],
    *,
    data: Annotated[
        list[Path],
        typer.Option(help="Data folder, in one of the two layouts; several are judged together."),
    ],
    network: Annotated[
        list[str] | None,
        typer.Option(help="xincept_all or sg_cldff; by default what the labels or masks fit."),
    ] = None,
    precision: Annotated[str | None, typer.Option(help="One variant; by default all.")] = None,
    backend: Annotated[
        str, typer.Option(help="auto, or one that `leukoscope doctor` names.")
    ] = "auto",
    voter: Annotated[str, typer.Option(help="auto, trees or head.")] = "auto",
    label_map: Annotated[
        Path | None,
        typer.Option(metavar="FILE.toml", help="What the labels are called in classes."),
    ] = None,
    threads: Annotated[int | None, typer.Option(help="By default one for each core.")] = None,
    allow_untrained: Annotated[
        bool, typer.Option("--allow-untrained", help="Take random weights too.")
    ] = False,
    gate: Annotated[
        bool, typer.Option("--gate", help="Judge every variant by the gate; exit 3 unless passed.")
    ] = False,
    max_accuracy_drop: MaxAccuracyDrop = None,
    max_recall_drop: MaxRecallDrop = None,
    max_iou_drop: MaxIouDrop = None,
    min_cam_agreement: MinCamAgreement = None,
    strict: Strict = False,
    unlabelled: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Fields without labels, which help the gate to tell."),
    ] = None,
    accept_undecided: AcceptUndecided = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE.html", help="Write the report, and FILE.json beside it."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    config: Config = None,
) -> None:
    """Measure every variant on labelled images, by the path that `run` takes."""
    from leukoscope.bundle.read import open_bundle
    from leukoscope.images.layouts import read_image_set
    from leukoscope.runtime import validation
    from leukoscope.runtime.report.files import place_of
    from leukoscope.runtime.settings import Settings

    budgets = (max_accuracy_drop, max_recall_drop, max_iou_drop, min_cam_agreement)
    asked = _gate_request(gate, budgets, strict, unlabelled or [], accept_undecided)
    settings = Settings(precision, backend, voter, threads, allow_untrained)
    request = validation.Request(tuple(network or ()), label_map, settings, asked)
    folders = [read_image_set(root) for root in data]
    place = None if report is None else place_of(report, bundle)
    with progress() as bars:
        found = validation.validate(open_bundle(bundle), folders, request, bars)
        if place is not None:
            _write_report(found, settings, place, accept_undecided=accept_undecided, bars=bars)
            save_settings(context, place.page)
    if json:
        print_json(found.to_json())
    else:
        _print(found)
    check_verdicts(
        [one for verdicts in (found.verdicts or {}).values() for one in verdicts.values()],
        accept_undecided=accept_undecided,
    )
    if any(judged.unreadable for judged in found.judged):
        raise typer.Exit(1)


def _gate_request(
    gate: bool,
    budgets: tuple[float | None, float | None, float | None, float | None],
    strict: bool,
    unlabelled: list[Path],
    accept_undecided: bool,
) -> "GateRequest | None":
    """None without --gate; UsageError for options that mean nothing then."""
    from leukoscope.runtime.gate.unlabelled import read_unlabelled
    from leukoscope.runtime.validation import GateRequest

    if gate:
        fields = tuple(read_unlabelled(root) for root in unlabelled)
        return GateRequest(budgets_of(*budgets), strict, fields)
    if strict or unlabelled or accept_undecided or any(one is not None for one in budgets):
        raise UsageError(
            "budgets, --strict, --unlabelled or --accept-undecided without --gate",
            next_step="give --gate too",
        )
    return None


def _write_report(
    found: "Validation",
    settings: "Settings",
    place: "Place",
    *,
    accept_undecided: bool,
    bars: "Progress",
) -> None:
    from leukoscope.runtime.provenance import set_names
    from leukoscope.runtime.report.files import write
    from leukoscope.runtime.report.study import study_of

    verdicts = found.verdicts or {}
    accepted = [
        f"{network} {name}: cannot tell, and accepted so (--accept-undecided)"
        for network, by_variant in verdicts.items()
        for name, verdict in by_variant.items()
        if accept_undecided and verdict.outcome == "undecided"
    ]
    study = study_of(
        found.bundle,
        found.judged,
        verdicts,
        settings,
        created=date.today().isoformat(),
        data=set_names([images.root for images in found.folders]),
        notes=accepted,
        progress=bars,
    )
    write(study, place)
    say(f"report: {place.page}, {place.facts}")


def _print(found: "Validation") -> None:
    _print_tables(found.to_json())
    for verdicts in (found.verdicts or {}).values():
        for verdict in verdicts.values():
            print_verdict(verdict)
    print_line(RESEARCH_USE)


def _print_tables(figures: Mapping[str, Any]) -> None:
    for network, rows in figures["networks"].items():
        print_table(_figures_table(network, rows))
        print_table(_classes_table(rows))
    if figures["groups_inferred"]:
        print_line("groups inferred: contiguous blocks of file numbers")


def _figures_table(network: str, rows: Mapping[str, Mapping[str, Any]]) -> "Table":
    """A column a variant."""
    from rich.table import Table

    table = Table("", *rows, title=network)
    first = next(iter(rows.values()))
    for key in first:
        if not isinstance(first[key], dict):
            table.add_row(key.replace("_", " "), *(_shown(row[key]) for row in rows.values()))
    for region in first["iou"] or ():
        table.add_row(f"iou {region}", *(_shown(row["iou"][region]) for row in rows.values()))
    return table


def _classes_table(rows: Mapping[str, Mapping[str, Any]]) -> "Table":
    """A line a class."""
    from rich.table import Table

    table = Table("class", *(f"{key} {name}" for name in rows for key in ("recall", "F1")))
    for name in next(iter(rows.values()))["recall"]:
        pairs = ((row["recall"][name], row["f1"][name]) for row in rows.values())
        table.add_row(name, *(_shown(value) for pair in pairs for value in pair))
    return table


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "-" if value is None else str(value)
