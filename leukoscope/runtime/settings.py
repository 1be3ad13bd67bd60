"""What the user chooses of a run."""

from dataclasses import dataclass

from leukoscope.errors import UsageError

BACKENDS: tuple[str, ...] = (
    "auto",
    "tensorrt",
    "tensorrt-rtx",
    "onnxruntime-cuda",
    "onnxruntime-tensorrt",
    "onnxruntime-tensorrt-rtx",
    "openvino",
    "onnxruntime-openvino",
    "onnxruntime-cpu",
)
VOTERS: tuple[str, ...] = ("auto", "trees", "head")
EXPLANATIONS: tuple[str, ...] = ("gradcam", "trees")


@dataclass(frozen=True)
class Settings:
    """None and `auto` mean: what is best of what there is."""

    precision: str | None = None
    backend: str = "auto"
    voter: str = "auto"
    threads: int | None = None
    allow_untrained: bool = False
    explain: str = "gradcam"
    allow_failed: bool = False
    """Run a variant that failed its gate, where it is asked for."""
    accept_undecided: bool = False
    """Pick undecided variants as if they had passed."""
    calls_at_once: int = 1
    """Calls of one network that will be under way at a time on a processor: without `threads` each has its share of the cores."""

    def __post_init__(self) -> None:
        _check("--backend", self.backend, BACKENDS)
        _check("--voter", self.voter, VOTERS)
        _check("--explain", self.explain, EXPLANATIONS)
        if self.explain == "trees" and self.voter == "head":
            raise UsageError("--explain trees with --voter head", wanted="the trees as the voter")
        if self.threads is not None and self.threads < 1:
            raise UsageError(f"--threads {self.threads}", wanted="1 or more")


def _check(option: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise UsageError(f"{option} {value}", wanted=f"one of {', '.join(known)}")
