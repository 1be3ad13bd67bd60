"""`leukoscope calibrate`: INT8 and FP16 variants that the gate has passed."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leukoscope.cli.config import Config, save_settings
from leukoscope.cli.console import RESEARCH_USE, print_json, print_line, progress, say
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
from leukoscope.errors import GateError, MachineError

if TYPE_CHECKING:
    from leukoscope.calibration.calibrate import Calibrated

DATA = "[NETWORK=]DIR"


def calibrate(
    context: typer.Context,
    bundle: Annotated[Path, typer.Argument(help="The bundle's folder.", show_default=False)],
    *,
    data: Annotated[
        list[str],
        typer.Option(metavar=DATA, help="Data folder for ranges, search and gate; repeatable."),
    ],
    precision: Annotated[str, typer.Option(help="int8, int8_fp16 or fp16.")] = "int8",
    gate_data: Annotated[
        list[str] | None,
        typer.Option(metavar=DATA, help="Data folder that only the gate sees; repeatable."),
    ] = None,
    unlabelled: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Fields without labels, which help the gate to tell."),
    ] = None,
    images: Annotated[
        int, typer.Option(min=1, help="For the ranges; half as many for the search.")
    ] = 128,
    seed: Annotated[int, typer.Option(min=0, help="Of the parts and of the choice.")] = 1,
    max_accuracy_drop: MaxAccuracyDrop = None,
    max_recall_drop: MaxRecallDrop = None,
    max_iou_drop: MaxIouDrop = None,
    min_cam_agreement: MinCamAgreement = None,
    strict: Strict = False,
    accept_undecided: AcceptUndecided = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write what failed, marked as such.")
    ] = False,
    label_map: Annotated[
        Path | None,
        typer.Option(metavar="FILE.toml", help="What the labels are called in classes."),
    ] = None,
    allow_untrained: Annotated[
        bool, typer.Option("--allow-untrained", help="Take random weights too.")
    ] = False,
    drop_signature: Annotated[
        bool, typer.Option("--drop-signature", help="Write to a signed bundle.")
    ] = False,
    threads: Annotated[int | None, typer.Option(help="By default one for each core.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the verdicts as JSON.")] = False,
    config: Config = None,
) -> None:
    """Make a small variant of each network, and write it if the gate passes it."""
    try:
        from leukoscope.calibration.calibrate import calibrate as make
        from leukoscope.calibration.order import Order
    except ImportError as error:
        raise MachineError(
            f"calibrate needs {error.name}",
            next_step="run: python -m pip install 'leukoscope[calibration]'",
        ) from None
    order = Order(
        bundle=bundle,
        precision=precision,
        data=tuple(data),
        gate_data=tuple(gate_data or ()),
        unlabelled=tuple(unlabelled or ()),
        label_map=label_map,
        images=images,
        seed=seed,
        budgets=budgets_of(max_accuracy_drop, max_recall_drop, max_iou_drop, min_cam_agreement),
        strict=strict,
        accept_undecided=accept_undecided,
        force=force,
        allow_untrained=allow_untrained,
        drop_signature=drop_signature,
        threads=threads,
    )
    with progress() as bars:
        done = make(order, bars)
    save_settings(context, bundle)
    if json:
        print_json(_report(done))
    else:
        _print(done)
    _finish(done, accept_undecided=accept_undecided, force=force)


def _finish(done: "Calibrated", *, accept_undecided: bool, force: bool) -> None:
    """Exit code 3 for what the gate did not pass, also where --force wrote it."""
    for cause in done.refused.values():
        say(f"leukoscope: {cause}")
    try:
        check_verdicts(list(done.verdicts.values()), accept_undecided=accept_undecided)
    except GateError:
        for network, layers in done.blamed.items():
            if network not in done.written or force:
                say(f"{network}: layers that deviate most: {', '.join(layers)}")
        if not done.written and done.page is not None:
            say(f"nothing was written; the report is {done.page}")
        raise
    if done.refused:
        raise typer.Exit(GateError.exit_code)
    if done.unreadable:
        raise typer.Exit(1)


def _print(done: "Calibrated") -> None:
    for network, verdict in done.verdicts.items():
        print_verdict(verdict)
        before, after = done.size_bytes[network]
        share = done.int8_share.get(network)
        work = "" if share is None else f"; {share:.1%} of the multiply-adds in INT8"
        print_line(f"{network}: {before / 1e6:.1f} MB, now {after / 1e6:.1f} MB{work}")
    if done.written:
        print_line(f"written: {', '.join(done.written)}; report: {done.page}")
    print_line(RESEARCH_USE)


def _report(done: "Calibrated") -> Mapping[str, Any]:
    networks = {
        network: {
            "gate": verdict.to_json(),
            "written": network in done.written,
            "size_bytes": {
                "fp32": done.size_bytes[network][0],
                verdict.variant: done.size_bytes[network][1],
            },
            "int8_share": done.int8_share.get(network),
            "blamed": list(done.blamed.get(network, ())),
            "refused": None,
        }
        for network, verdict in done.verdicts.items()
    }
    nothing: dict[str, Any] = {
        "gate": None,
        "written": False,
        "size_bytes": None,
        "int8_share": None,
        "blamed": [],
    }
    refused = {
        network: {**nothing, "refused": str(cause)} for network, cause in done.refused.items()
    }
    return {
        "unreadable": list(done.unreadable),
        "schema": 1,
        "notice": RESEARCH_USE,
        "report": None if done.page is None else str(done.page),
        "networks": {**networks, **refused},
    }
