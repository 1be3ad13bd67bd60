"""What a calibration is asked to do."""

from dataclasses import dataclass, field
from pathlib import Path

from leukoscope.calibration.chosen import DEFAULT_IMAGES
from leukoscope.errors import UsageError
from leukoscope.runtime.backends.onnxruntime import CPU
from leukoscope.runtime.gate.budgets import Budgets
from leukoscope.runtime.settings import Settings

PRECISIONS = ("int8", "int8_fp16", "fp16")


@dataclass(frozen=True)
class Order:
    """One call of `calibrate`. `data` and `gate_data` are texts `[NETWORK=]DIR`."""

    bundle: Path
    precision: str
    data: tuple[str, ...]
    gate_data: tuple[str, ...] = ()
    unlabelled: tuple[Path, ...] = ()
    label_map: Path | None = None
    images: int = DEFAULT_IMAGES
    seed: int = 1
    budgets: Budgets = field(default_factory=Budgets)
    strict: bool = False
    accept_undecided: bool = False
    force: bool = False
    allow_untrained: bool = False
    drop_signature: bool = False
    threads: int | None = None

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise UsageError(
                f"--precision {self.precision}", wanted=f"one of {', '.join(PRECISIONS)}"
            )

    @property
    def settings(self) -> Settings:
        """All variants, on the processor: what a calibration sees is the same on every workstation."""
        return Settings(
            backend=CPU,
            threads=self.threads,
            allow_untrained=self.allow_untrained,
            allow_failed=True,
        )
