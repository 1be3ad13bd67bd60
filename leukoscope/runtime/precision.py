"""Which variant of a network runs: the float one, the one that is asked for, or the fastest that passed its gate."""

from collections.abc import Mapping

from leukoscope.bundle.manifest import Variant
from leukoscope.errors import GateError
from leukoscope.runtime.backends.onnxruntime import CPU, CUDA
from leukoscope.runtime.backends.openvino import OPENVINO
from leukoscope.runtime.cpu import multiplies_bytes

FLOAT = "fp32"
OUTCOMES = ("passed", "undecided", "failed")


def reference_precision(variants: Mapping[str, object]) -> str:
    """What the others are compared with: `fp32`, else the first variant there is."""
    return FLOAT if FLOAT in variants else next(iter(variants))


def fastest_precision(
    variants: Mapping[str, Variant], backend: str, *, accept_undecided: bool = False
) -> str:
    """The fastest on `backend` of those that passed the gate, or of the undecided too; else the reference.

    Never one that failed or was not judged. CPU, OpenVINO: int8 where the processor multiplies bytes, as without it int8 can be
    slower than float, and fp16 always is. CUDA: fp16; that provider runs Q/DQ pairs one by one (our choice).
    """
    good = {"passed", "undecided"} if accept_undecided else {"passed"}
    on_processor = ("int8",) if multiplies_bytes() else ()
    quick = {CPU: on_processor, OPENVINO: on_processor, CUDA: ("fp16",)}
    return next(
        (
            name
            for name in quick.get(backend, ())
            if name in variants and gate_outcome(variants[name]) in good
        ),
        reference_precision(variants),
    )


def gate_outcome(variant: Variant) -> str | None:
    """`passed`, `undecided` or `failed` as the manifest has it; None where the gate has not judged.

    A record that says none of the three counts as failed.
    """
    if variant.gate is None:
        return None
    outcome = variant.gate.get("outcome")
    return outcome if outcome in OUTCOMES else "failed"


def check_gate(network: str, precision: str, variant: Variant, *, allow_failed: bool) -> None:
    """GateError for a variant that failed its gate, unless `allow_failed`."""
    if gate_outcome(variant) == "failed" and not allow_failed:
        raise GateError(
            f"{precision} of {network} failed its gate{_failed_checks(variant)}",
            wanted="a variant that passed",
            next_step=f"leave --precision {precision} out, or give --allow-failed",
        )


def remark(network: str, precision: str, variants: Mapping[str, Variant], asked: str | None) -> str:
    """What should be said of the choice, in one line; '' where nothing should."""
    outcome = gate_outcome(variants[precision])
    if asked is not None and precision != asked:
        return f"{network} has no {asked}: it runs in {precision}"
    if outcome == "failed":
        return f"{network}: {precision} failed its gate; it runs because of --allow-failed"
    if outcome == "undecided":
        return f"{network}: {precision} was accepted undecided: its gate could not tell"
    if precision == reference_precision(variants):
        return ""
    if outcome is None:
        return f"{network}: {precision} was never judged by the gate"
    return "" if asked else f"{network} runs in {precision}, which passed its gate"


def _failed_checks(variant: Variant) -> str:
    """' (recall Early, cam_agreement)', as far as the record says."""
    checks = (variant.gate or {}).get("checks")
    rows = [one for one in checks if isinstance(one, dict)] if isinstance(checks, list) else []
    names = [str(one.get("name"))[:80] for one in rows if one.get("outcome") == "failed"]
    return f" ({', '.join(names[:5])})" if names else ""
