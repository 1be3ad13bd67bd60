"""`leukoscope build`: engines of this device from a bundle's variants."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leukoscope.cli.config import Config, save_settings
from leukoscope.cli.console import RESEARCH_USE, print_json, print_line, progress, say

if TYPE_CHECKING:
    from leukoscope.bundle.read import Bundle
    from leukoscope.runtime.engines.build import Built


def build(
    context: typer.Context,
    bundle: Annotated[Path, typer.Argument(help="The bundle's folder.", show_default=False)],
    *,
    backend: Annotated[str, typer.Option(help="tensorrt or tensorrt-rtx.")] = "tensorrt",
    network: Annotated[
        list[str] | None, typer.Option(help="By default all of the bundle; repeatable.")
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(
            help="By default int8_fp16, fp16, int8: the first that passed its gate; else fp32."
        ),
    ] = None,
    batch: Annotated[
        str, typer.Option(metavar="N,...", help="Tuned for the first, takes up to the last.")
    ] = "1,8",
    compute_capability: Annotated[
        str | None,
        typer.Option(
            metavar="8.9", help="Build ahead of time, without a GPU; with --backend tensorrt-rtx."
        ),
    ] = None,
    workspace: Annotated[
        int | None, typer.Option(metavar="MIB", min=1, help="Limit of scratch memory.")
    ] = None,
    layers: Annotated[
        Path | None, typer.Option(metavar="FILE.json", help="Write the layers and their types.")
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Build even where a fitting engine is kept.")
    ] = False,
    skip_memory_check: Annotated[
        bool, typer.Option("--skip-memory-check", help="Begin even where memory looks short.")
    ] = False,
    allow_failed: Annotated[
        bool, typer.Option("--allow-failed", help="Build a variant that failed its gate.")
    ] = False,
    accept_undecided: Annotated[
        bool,
        typer.Option("--accept-undecided", help="Pick variants too that the gate could not tell."),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print what was built as JSON.")] = False,
    config: Config = None,
) -> None:
    """Build the engines of a bundle's networks for this machine's device, and keep them for `run`."""
    from leukoscope.bundle.read import open_bundle
    from leukoscope.runtime.engines.build import build_engine, find_device, prove
    from leukoscope.runtime.engines.choice import choose_variants
    from leukoscope.runtime.engines.library import load_tensorrt
    from leukoscope.runtime.engines.request import BuildRequest, parse_batches
    from leukoscope.runtime.interrupt import stop_on_interrupt

    request = BuildRequest(
        backend=backend,
        batches=parse_batches(batch),
        compute_capability=compute_capability,
        workspace_bytes=None if workspace is None else workspace << 20,
        rebuild=rebuild,
        check_memory=not skip_memory_check,
    )
    load_tensorrt(backend)  # before the bundle is read: without it nothing can be done
    opened = open_bundle(bundle)
    chosen = choose_variants(
        opened, network, precision, allow_failed=allow_failed, accept_undecided=accept_undecided
    )
    for remark in chosen.remarks:
        say(remark)
    device = None if compute_capability else find_device(request)
    built: dict[str, Built] = {}
    with progress() as bars, stop_on_interrupt() as stopped:
        for name, variant in chosen.precisions.items():
            built[name] = build_engine(
                opened, name, variant, request, bars, stopped=stopped, device=device
            )
            if device is not None:
                built[name] = prove(opened, built[name])
    if layers is not None:
        _write_layers(layers, built)
        save_settings(context, layers)
    if json:
        print_json(_report(opened, built))
    else:
        _print(built)
    _refuse_wrong(built)


def _refuse_wrong(built: Mapping[str, "Built"]) -> None:
    """Exit code 3 for engines that gave other outputs than the golden ones."""
    from leukoscope.errors import GateError

    wrong = {name: one for name, one in built.items() if one.engine.faults}
    if wrong:
        listed = "; ".join(f"{name}: {one.engine.faults[0]}" for name, one in wrong.items())
        raise GateError(
            f"the engine does not give the golden outputs of {listed}",
            next_step="it will not be used, and run takes the next backend; try another --precision",
        )


def _print(built: Mapping[str, "Built"]) -> None:
    from leukoscope.runtime.engines.layers import types_in_words

    for name, one in built.items():
        came = "kept, used again" if one.reused else f"built in {one.seconds:.0f} s"
        size = one.engine.plan_bytes / 1e6
        print_line(
            f"{name}: {one.key.precision}, {came}, {size:.1f} MB, batches {_batches(one)}, for {one.key.gpu}"
        )
        words = types_in_words(one.layers)
        for line in (words, _standing(one), str(one.path)):
            if line:
                print_line(f"  {line}")
    print_line(RESEARCH_USE)


def _standing(one: "Built") -> str:
    """What is known of the engine's results."""
    if one.engine.faults:
        return f"not used: it gave wrong golden outputs ({'; '.join(one.engine.faults)})"
    if one.engine.proved:
        return "proved: it gives the golden outputs"
    ahead = "built ahead of time; " if one.engine.ahead_of_time else ""
    return f"{ahead}unproved until its first run compares the golden outputs"


def _batches(one: "Built") -> str:
    least, tuned, most = one.key.profile
    return f"{least} to {most}, tuned for {tuned}"


def _write_layers(path: Path, built: Mapping[str, "Built"]) -> None:
    import json

    from leukoscope.errors import InputError
    from leukoscope.runtime.engines.layers import layers_json

    value = {
        "schema": 1,
        "networks": {
            name: {"precision": one.key.precision, "layers": layers_json(one.layers)}
            for name, one in built.items()
        },
    }
    try:
        path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from None
    _say_unlisted(built)


def _say_unlisted(built: Mapping[str, "Built"]) -> None:
    unlisted: Sequence[str] = [name for name, one in built.items() if not one.layers]
    if unlisted:
        say(f"no layers are known of {', '.join(unlisted)}; --rebuild lists them again")


def _report(bundle: "Bundle", built: Mapping[str, "Built"]) -> Mapping[str, Any]:
    networks = {
        name: {
            "engine": str(one.path),
            "key": one.key.to_json(),
            "reused": one.reused,
            "why_rebuilt": one.why_rebuilt or None,
            "build_seconds": round(one.seconds, 3),
            "size_bytes": one.engine.plan_bytes,
            "layers": len(one.layers),
            "ahead_of_time": one.engine.ahead_of_time,
            "proved": one.engine.proved,
            "faults": list(one.engine.faults),
        }
        for name, one in built.items()
    }
    return {
        "schema": 1,
        "notice": RESEARCH_USE,
        "bundle": str(bundle.root),
        "networks": networks,
    }
