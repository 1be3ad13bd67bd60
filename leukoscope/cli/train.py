"""`leukoscope train`: fusion (XIncept-ALL), segmentation (SG-CLDFF), trees (the voter)."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leukoscope.cli.console import RESEARCH_USE, print_json, progress, say
from leukoscope.errors import UsageError

if TYPE_CHECKING:
    from leukoscope.training.recipe import Recipe

app = typer.Typer(
    help=f"Train a network or the boosted trees. {RESEARCH_USE}",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Data = Annotated[list[Path], typer.Option("--data", help="Data folder; may be given again.")]
Output = Annotated[Path, typer.Option("-o", "--output", help="Checkpoint to write (.safetensors).")]
Size = Annotated[str, typer.Option(help="nano, small or full.")]
InputPx = Annotated[int, typer.Option("--input-px", help="Side of the square input.")]
Painted = Annotated[int, typer.Option(help="Painted pictures mixed into the training.", min=0)]
Epochs = Annotated[int, typer.Option(min=1)]
BatchSize = Annotated[int, typer.Option("--batch", min=2)]
Rate = Annotated[float, typer.Option(help="Highest learning rate of the one-cycle schedule.")]
Decay = Annotated[float, typer.Option("--ema-decay", help="Of the averaged weights, a step.")]
Jitter = Annotated[float, typer.Option(help="Factor on the stain and colour jitter; 0 for none.")]
Seed = Annotated[int, typer.Option(help="Of the split, the weights and every draw.")]
Patience = Annotated[
    int, typer.Option(help="Epochs without a better score before it stops; 0: off.")
]
MaxMinutes = Annotated[float, typer.Option(help="Compress the schedule to end by then; 0: off.")]
Threads = Annotated[int, typer.Option(help="Threads of torch; 0: its own choice.", min=0)]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on from the last epoch of a killed run.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the figures as JSON on stdout.")]


@app.command()
def fusion(
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
    json: Json = False,
) -> None:
    """Train XIncept-ALL on folders of fields, a folder a stage."""
    from leukoscope.training.augment import ColourJitter
    from leukoscope.training.fusion import FusionOrder, train_fusion

    given = {"inception": weights_inception, "xception": weights_xception}
    weights = {trunk: path for trunk, path in given.items() if path is not None}
    if weights and size != "full":
        raise UsageError(
            f"timm weights do not fit size {size}", wanted="--size full with --weights-*"
        )
    order = FusionOrder(
        data=tuple(data),
        output=output,
        size=size,
        input_px=input_px,
        painted=painted,
        recipe=_recipe(
            epochs=epochs,
            batch=batch,
            rate=rate,
            ema_decay=ema_decay,
            seed=seed,
            patience=patience,
            max_minutes=max_minutes,
            threads=threads,
        ),
        jitter=ColourJitter().scaled(jitter),
        weights=weights,
        resume=resume,
    )
    with progress() as shown:
        header = train_fusion(order, shown)
    _report(output, header.metrics, json)


@app.command()
def segmentation(
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
    resume: Resume = False,
    json: Json = False,
) -> None:
    """Train SG-CLDFF on mask sets and class sets; each image trains the heads it can."""
    from leukoscope.training.augment import ColourJitter
    from leukoscope.training.segmentation import SegmentationOrder, train_segmentation

    order = SegmentationOrder(
        data=tuple(data),
        output=output,
        size=size,
        input_px=input_px,
        painted=painted,
        recipe=_recipe(
            epochs=epochs,
            batch=batch,
            rate=rate,
            ema_decay=ema_decay,
            seed=seed,
            patience=patience,
            max_minutes=max_minutes,
            threads=threads,
        ),
        jitter=ColourJitter().scaled(jitter),
        weights=weights,
        resume=resume,
    )
    with progress() as shown:
        header = train_segmentation(order, shown)
    _report(output, header.metrics, json)


@app.command()
def trees(
    *,
    checkpoint: Annotated[Path, typer.Option("--from", help="Checkpoint of `train fusion`.")],
    data: Data,
    output: Annotated[Path, typer.Option("-o", "--output", help="Trees to write (.json).")],
    views: Annotated[int, typer.Option(help="Augmented views of each image as rows.", min=1)] = 8,
    seed: Seed = 1,
    threads: Threads = 0,
    json: Json = False,
) -> None:
    """Fit XGBoost on the fused features of images that the network was not fitted on."""
    from leukoscope.training.trees import TreesOrder, train_trees

    order = TreesOrder(checkpoint, tuple(data), output, views, seed, threads)
    with progress() as shown:
        figures = train_trees(order, shown)
    _report(output, figures, json)


def _recipe(**settings: Any) -> "Recipe":
    from leukoscope.training.recipe import Recipe

    return Recipe(**settings)


def _report(output: Path, figures: dict[str, Any], json: bool) -> None:
    if json:
        print_json(figures)
    for name, value in figures.items():
        if name != "epochs":
            say(f"{name}: {value}")
    say(f"written: {output}")
