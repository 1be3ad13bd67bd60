"""`leukoscope export`: checkpoints and boosted trees become a bundle."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leukoscope.cli.config import Config, save_settings
from leukoscope.cli.console import RESEARCH_USE, print_json, progress, say
from leukoscope.errors import MachineError, UsageError

if TYPE_CHECKING:
    from leukoscope.bundle.read import Bundle


def export(
    context: typer.Context,
    checkpoints: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="CHECKPOINT...", help="From `leukoscope train`.", show_default=False
        ),
    ] = None,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The bundle's folder; a bundle is replaced.")
    ],
    trees: Annotated[
        Path | None, typer.Option(metavar="FILE", help="From `leukoscope train trees`.")
    ] = None,
    random_weights: Annotated[
        str,
        typer.Option(
            metavar="NETWORK:SIZE,...",
            help="Untrained networks for timing, such as xincept_all:full,sg_cldff:full.",
        ),
    ] = "",
    seed: Annotated[int, typer.Option(help="Of the random weights.", min=0)] = 1,
    parity_data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Data folder to prove parity on besides painted frames."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the proof as JSON.")] = False,
    config: Config = None,
) -> None:
    """Turn checkpoints into ONNX graphs with exact Grad-CAM, prove them equal to torch, write a bundle."""
    sizes = _parse_random_weights(random_weights)
    try:
        from leukoscope.export.bundle import export_bundle
    except ImportError as error:
        raise MachineError(
            f"export needs {error.name}",
            next_step="run: python -m pip install 'leukoscope[workstation]'",
        ) from None
    from leukoscope.bundle.read import open_bundle

    with progress() as bars:
        root = export_bundle(
            checkpoints or [],
            trees,
            output,
            random_weights=sizes,
            seed=seed,
            parity_data=parity_data,
            progress=bars,
        )
    save_settings(context, output)
    if json:
        print_json(_report(open_bundle(root)))
    say(f"bundle: {output}. {RESEARCH_USE}")


def _parse_random_weights(text: str) -> dict[str, str]:
    sizes: dict[str, str] = {}
    for part in filter(None, text.split(",")):
        network, _, size = part.partition(":")
        if not network or not size or network in sizes:
            raise UsageError(
                f"--random-weights {text}", wanted="NETWORK:SIZE,... such as xincept_all:full"
            )
        sizes[network] = size
    return sizes


def _report(bundle: "Bundle") -> Mapping[str, Any]:
    manifest = bundle.manifest
    networks = {
        name: {
            "trained": entry.trained,
            "size": entry.size,
            "parameters": entry.parameters,
            "file": variant.file,
            "size_bytes": manifest.files[variant.file].size_bytes,
            "parity": variant.parity,
        }
        for name, entry in manifest.networks.items()
        for variant in entry.variants.values()
    }
    trees = manifest.trees
    voter = None if trees is None else {"trees": trees.trees, "parity": trees.parity}
    return {"schema": 1, "bundle": str(bundle.root), "networks": networks, "trees": voter}
