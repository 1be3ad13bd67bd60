"""`leukoscope train`: fusion (XIncept-ALL), segmentation (SG-CLDFF), trees (the voter)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from leukoscope.cli.config import Config, save_settings
from leukoscope.cli.console import RESEARCH_USE, print_json, progress, say
from leukoscope.errors import MachineError, UsageError

app = typer.Typer(
    help=f"Train a network or the boosted trees. {RESEARCH_USE}",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

RECIPE = ("epochs", "batch", "rate", "ema_decay", "seed", "patience", "max_minutes", "threads")
"""The options that make the recipe."""

Data = Annotated[list[Path], typer.Option("--data", help="Data folder; may be given again.")]
Output = Annotated[Path, typer.Option("-o", "--output", help="Checkpoint to write (.safetensors).")]
Size = Annotated[str, typer.Option(help="nano, small or full.")]
InputPx = Annotated[int, typer.Option("--input-px", help="Side of the square input.")]
Painted = Annotated[int, typer.Option(help="Painted pictures mixed into the training.", min=0)]
Epochs = Annotated[int, typer.Option(min=1)]
BatchSize = Annotated[int, typer.Option("--batch", min=2)]
Rate = Annotated[float, typer.Option(help="Highest learning rate of the one-cycle schedule.")]
Decay = Annotated[float, typer.Option("--ema-decay", help="Of the averaged weights, a step.")]
Jitter = Annotated[
    float, typer.Option(help="Factor on the stain and colour jitter; 0 for none.", min=0, max=4)
]
Seed = Annotated[int, typer.Option(help="Of the split, the weights and every draw.", min=0)]
Patience = Annotated[
    int, typer.Option(help="Epochs without a better score before it stops; 0: off.", min=0)
]
MaxMinutes = Annotated[float, typer.Option(help="Compress the schedule to end by then; 0: off.")]
Threads = Annotated[int, typer.Option(help="Threads of torch; 0: its own choice.", min=0)]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on from the last epoch of a killed run.")
]
LabelMaps = Annotated[
    list[Path] | None,
    typer.Option("--label-map", help="TOML file, before the built-in maps; may be given again."),
]
Json = Annotated[bool, typer.Option("--json", help="Print the figures as JSON on stdout.")]


@app.command()
def fusion(
    context: typer.Context,
    *,
    data: Data,
    output: Output,
    size: Size = "small",
    input_px: InputPx = 299,
    painted: Painted = 0,
    epochs: Epochs = 30,
    batch: BatchSize = 16,
    rate: Rate = 2e-3,
    ema_decay: Decay = 0.995,
    jitter: Jitter = 1.0,
    seed: Seed = 1,
    patience: Patience = 0,
    max_minutes: MaxMinutes = 0.0,
    threads: Threads = 0,
    weights_inception: Annotated[
        Path | None, typer.Option(help="Local timm `inception_v3` file, for --size full.")
    ] = None,
    weights_xception: Annotated[
        Path | None, typer.Option(help="Local timm `legacy_xception` file, for --size full.")
    ] = None,
    resume: Resume = False,
    label_map: LabelMaps = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Train XIncept-ALL on folders of fields, a folder a stage."""
    given = {"inception": weights_inception, "xception": weights_xception}
    weights = {trunk: path for trunk, path in given.items() if path is not None}
    if weights and size != "full":
        raise UsageError(
            f"timm weights do not fit size {size}", wanted="--size full with --weights-*"
        )
    with _workstation():
        from leukoscope.training.fusion import FusionOrder, train_fusion
    order = FusionOrder(**_shared(context.params), weights=weights)
    with progress() as shown:
        header = train_fusion(order, shown)
    _report(context, output, header.metrics, json)


@app.command()
def segmentation(
    context: typer.Context,
    *,
    data: Data,
    output: Output,
    size: Size = "small",
    input_px: InputPx = 224,
    painted: Painted = 0,
    epochs: Epochs = 30,
    batch: BatchSize = 16,
    rate: Rate = 2e-3,
    ema_decay: Decay = 0.995,
    jitter: Jitter = 1.0,
    seed: Seed = 1,
    patience: Patience = 0,
    max_minutes: MaxMinutes = 0.0,
    threads: Threads = 0,
    weights: Annotated[
        Path | None, typer.Option(help="A checkpoint of SG-CLDFF to begin from.")
    ] = None,
    weights_lite: Annotated[
        Path | None,
        typer.Option(help="Local EfficientNet-Lite file (Lite0: small, Lite4: full)."),
    ] = None,
    resume: Resume = False,
    label_map: LabelMaps = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Train SG-CLDFF on mask sets and class sets; each image trains the heads it can."""
    with _workstation():
        from leukoscope.training.segmentation import SegmentationOrder, train_segmentation
    if weights and weights_lite:
        raise UsageError("--weights and --weights-lite", wanted="one of them")
    order = SegmentationOrder(**_shared(context.params), weights=weights, lite_weights=weights_lite)
    with progress() as shown:
        header = train_segmentation(order, shown)
    _report(context, output, header.metrics, json)


@app.command()
def trees(
    context: typer.Context,
    *,
    checkpoint: Annotated[Path, typer.Option("--from", help="Checkpoint of `train fusion`.")],
    data: Data,
    output: Annotated[Path, typer.Option("-o", "--output", help="Trees to write (.json).")],
    views: Annotated[int, typer.Option(help="Augmented views of each image as rows.", min=1)] = 8,
    painted: Painted = 0,
    search: Annotated[
        bool, typer.Option(help="Choose the settings by cross-validation over groups.")
    ] = True,
    seed: Seed = 1,
    threads: Threads = 0,
    label_map: LabelMaps = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Fit XGBoost on the fused features of images that the network was not fitted on."""
    with _workstation():
        from leukoscope.training.trees import TreesOrder, train_trees
    maps = tuple(label_map or ())
    order = TreesOrder(checkpoint, tuple(data), output, views, seed, threads, painted, search, maps)
    with progress() as shown:
        figures = train_trees(order, shown)
    _report(context, output, figures, json)


@contextmanager
def _workstation() -> Iterator[None]:
    """Says what brings torch and xgboost where an import fails."""
    try:
        yield
    except ImportError as error:
        raise MachineError(
            f"train needs {error.name}",
            next_step="run: python -m pip install 'leukoscope[workstation]'",
        ) from None


def _shared(given: Mapping[str, Any]) -> dict[str, Any]:
    """What both networks' orders have, from the options of a call."""
    from leukoscope.training.augment import ColourJitter
    from leukoscope.training.recipe import Recipe

    alike = {name: given[name] for name in ("output", "size", "input_px", "painted", "resume")}
    return {
        **alike,
        "data": tuple(given["data"]),
        "label_maps": tuple(given["label_map"] or ()),
        "recipe": Recipe(**{name: given[name] for name in RECIPE}),
        "jitter": ColourJitter().scaled(given["jitter"]),
    }


def _report(context: typer.Context, output: Path, figures: dict[str, Any], json: bool) -> None:
    save_settings(context, output)
    if json:
        print_json({"schema": 1, "output": str(output), "metrics": figures})
    for name, value in figures.items():
        if name != "epochs":
            say(f"{name}: {value}")
    say(f"written: {output}")
