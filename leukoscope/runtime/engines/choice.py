"""Which variant of each network an engine is built of."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from leukoscope.bundle.manifest import Variant
from leukoscope.bundle.read import Bundle
from leukoscope.runtime.precision import check_gate, gate_outcome, reference_precision, remark

PREFERRED = ("int8_fp16", "fp16", "int8")
"""The quickest on a device first (our choice); the float variant comes after them."""


@dataclass(frozen=True)
class Choice:
    """What is built."""

    precisions: Mapping[str, str]
    """By network."""
    remarks: tuple[str, ...]
    """What should be said of it, a line each."""


def choose_variants(
    bundle: Bundle,
    networks: Collection[str] | None,
    asked: str | None,
    *,
    allow_failed: bool = False,
    accept_undecided: bool = False,
) -> Choice:
    """The variant of each of `networks`, by default of all that the bundle has.

    `asked` is for the networks that have it, the others are built in float. InputError for a network that there
    is not, and where none has what is asked for; GateError for what failed its gate unless `allow_failed`.
    """
    names = list(networks or bundle.manifest.networks)
    entries = {name: bundle.network(name) for name in names}
    if asked is not None and not any(asked in entry.variants for entry in entries.values()):
        bundle.variant(names[0], asked)
    precisions = {
        name: choose_precision(
            name,
            entry.variants,
            asked,
            allow_failed=allow_failed,
            accept_undecided=accept_undecided,
        )
        for name, entry in entries.items()
    }
    lines = [remark(name, p, entries[name].variants, asked) for name, p in precisions.items()]
    lines += [
        f"{name} has random weights: its engine is good for timing only"
        for name, entry in entries.items()
        if not entry.trained
    ]
    return Choice(precisions, tuple(line for line in lines if line))


def choose_precision(
    network: str,
    variants: Mapping[str, Variant],
    asked: str | None,
    *,
    allow_failed: bool = False,
    accept_undecided: bool = False,
) -> str:
    """The variant that is asked for, else the first of PREFERRED that passed its gate, else the float one.

    A network that lacks what is asked for has the float one, as in `run`. GateError for what failed its gate
    unless `allow_failed`.
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
