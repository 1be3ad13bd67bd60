"""Which variant of a network an engine is built of."""

from collections.abc import Mapping

from leukoscope.bundle.manifest import Variant
from leukoscope.runtime.precision import check_gate, gate_outcome, reference_precision

PREFERRED = ("int8_fp16", "fp16", "int8")
"""The quickest on a device first (our choice); the float variant comes after them."""


def choose_precision(
    network: str,
    variants: Mapping[str, Variant],
    asked: str | None,
    *,
    allow_failed: bool = False,
    accept_undecided: bool = False,
) -> str:
    """The variant that is asked for, else the first of PREFERRED that passed its gate, else the float one.

    A network that lacks what is asked for is built in float, as `run` runs it. GateError for what failed its
    gate unless `allow_failed`.
    """
    if asked is None:
        return _preferred(variants, accept_undecided=accept_undecided)
    precision = asked if asked in variants else reference_precision(variants)
    check_gate(network, precision, variants[precision], allow_failed=allow_failed)
    return precision


def _preferred(variants: Mapping[str, Variant], *, accept_undecided: bool) -> str:
    good = {"passed", "undecided"} if accept_undecided else {"passed"}
    passed = [name for name in PREFERRED if name in variants]
    passed = [name for name in passed if gate_outcome(variants[name]) in good]
    return next(iter(passed), reference_precision(variants))
