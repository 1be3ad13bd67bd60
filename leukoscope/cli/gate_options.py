"""The gate's options, as `calibrate` and `validate --gate` both take them."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from leukoscope.runtime.gate.budgets import Budgets

MaxAccuracyDrop = Annotated[
    float | None, typer.Option(metavar="FRACTION", help="Budget of accuracy; by default 0.005.")
]
MaxRecallDrop = Annotated[
    float | None,
    typer.Option(metavar="FRACTION", help="Budget of each class's recall; by default 0.02."),
]
MaxIouDrop = Annotated[
    float | None,
    typer.Option(metavar="FRACTION", help="Budget of the pooled IoU; by default 0.01."),
]
MinCamAgreement = Annotated[
    float | None,
    typer.Option(metavar="FRACTION", help="Least median agreement of maps; by default 0.95."),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="The one-sided 95 % bound of a drop must be within too.")
]
AcceptUndecided = Annotated[
    bool,
    typer.Option("--accept-undecided", help="Let through what the images cannot tell."),
]


def budgets_of(
    max_accuracy_drop: float | None,
    max_recall_drop: float | None,
    max_iou_drop: float | None,
    min_cam_agreement: float | None,
) -> "Budgets":
    """The budgets, None for the default of each. UsageError for what is no fraction."""
    from leukoscope.runtime.gate.budgets import Budgets

    given = {
        "max_accuracy_drop": max_accuracy_drop,
        "max_recall_drop": max_recall_drop,
        "max_iou_drop": max_iou_drop,
        "min_cam_agreement": min_cam_agreement,
    }
    return Budgets(**{name: value for name, value in given.items() if value is not None})
