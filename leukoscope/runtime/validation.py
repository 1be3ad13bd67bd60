"""Validation: every variant of a network on labelled images, by the path that `run` takes, and the gate on demand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leukoscope.bundle.read import Bundle
from leukoscope.errors import InputError
from leukoscope.images.layouts import ImageSet
from leukoscope.progress import Progress, Silent
from leukoscope.runtime.cpu import instruction_set
from leukoscope.runtime.gate.admission import admission
from leukoscope.runtime.gate.budgets import Budgets
from leukoscope.runtime.gate.unlabelled import judge_unlabelled
from leukoscope.runtime.gate.verdict import Verdict, gate
from leukoscope.runtime.judge import Judged, judge
from leukoscope.runtime.pools import Pool, pools
from leukoscope.runtime.scoring import score
from leukoscope.runtime.settings import Settings

SCHEMA = 1


@dataclass(frozen=True)
class GateRequest:
    """What the gate asks for, and on which unlabelled fields (of `read_unlabelled`) besides the data."""

    budgets: Budgets = field(default_factory=Budgets)
    strict: bool = False
    unlabelled: tuple[ImageSet, ...] = ()


@dataclass(frozen=True)
class Request:
    """What is to be validated; empty `networks` means those that the data's labels or masks fit."""

    networks: tuple[str, ...] = ()
    label_map: Path | None = None
    settings: Settings = field(default_factory=Settings)
    gate: GateRequest | None = None


@dataclass(frozen=True)
class Validation:
    """What validation found."""

    bundle: Bundle
    folders: tuple[ImageSet, ...]
    judged: tuple[Judged, ...]
    """One for each network; with the gate, only images that may judge."""
    verdicts: Mapping[str, Mapping[str, Verdict]] | None
    """By network and variant; None where no gate was asked for."""

    def to_json(self) -> dict[str, Any]:
        """The value of `validate --json`, schema 1."""
        roots = [str(images.root) for images in self.folders]
        head = {
            "schema": SCHEMA,
            "notice": "research use only",
            "bundle": str(self.bundle.root),
            "data": roots[0] if len(roots) == 1 else roots,
            "groups_inferred": any(images.groups_inferred for images in self.folders),
            "networks": {one.network: rows_of(one) for one in self.judged},
        }
        if self.verdicts is None:
            return head
        by_name = {
            network: {name: verdict.to_json() for name, verdict in verdicts.items()}
            for network, verdicts in self.verdicts.items()
        }
        return {**head, "gate": by_name}


def validate(
    bundle: Bundle,
    folders: Sequence[ImageSet],
    request: Request,
    progress: Progress = Silent(),  # noqa: B008
) -> Validation:
    """Judges each network on the images of all folders that fit it, together.

    Raises InputError where a folder fits no network of the bundle, no label map knows its labels, or the gate is asked
    for and no network has a variant beside the float one.
    """
    asked, beside = request.gate, () if request.gate is None else request.gate.unlabelled
    found = pools(
        bundle,
        folders,
        request.networks,
        request.label_map,
        beside=[images.root for images in beside],
    )
    judged = tuple(
        _judge(bundle, network, pool, request, progress) for network, pool in found.items()
    )
    verdicts = None
    if asked is not None:
        verdicts = {
            one.network: _verdicts(bundle, one, folders, request, progress) for one in judged
        }
        _check_any(bundle, verdicts, progress)
    return Validation(bundle, tuple(folders), judged, verdicts)


def validate_bundle(
    bundle: Bundle,
    folders: ImageSet | Sequence[ImageSet],
    request: Request,
    progress: Progress = Silent(),  # noqa: B008
) -> dict[str, Any]:
    """The JSON value of `validate`."""
    sets = (folders,) if isinstance(folders, ImageSet) else folders
    return validate(bundle, sets, request, progress).to_json()


def rows_of(judged: Judged) -> dict[str, dict[str, Any]]:
    """Figures by variant, of those that were asked for."""
    return {name: row_of(judged, name) for name in judged.variants}


def row_of(judged: Judged, variant: str) -> dict[str, Any]:
    """The figures of one variant as `validate --json` has them."""
    return {
        **score(judged.observations[variant], judged.targets, judged.classes),
        "n_excluded": judged.excluded,
        "n_in_training": judged.in_training,
        "unreadable": list(judged.unreadable),
        "voter": judged.voter,
        "label_map": judged.label_map_name,
        "backend": judged.backend[variant],
        "instruction_set": instruction_set(),
    }


def _judge(
    bundle: Bundle, network: str, pool: Pool, request: Request, progress: Progress
) -> Judged:
    """All images; with the gate, those that may judge."""
    if request.gate is not None:
        return judge(
            bundle,
            network,
            pool.items,
            request.settings,
            not_these=admission(bundle, network, pool.folders),
            clean=True,
            groups_inferred=pool.groups_inferred,
            progress=progress,
        )
    judged = judge(
        bundle,
        network,
        pool.items,
        request.settings,
        groups_inferred=pool.groups_inferred,
        progress=progress,
    )
    if judged.in_training:
        progress.note(
            f"{network}: {judged.in_training} of these images were used in its training: "
            "the figures flatter it"
        )
    return judged


def _verdicts(
    bundle: Bundle,
    judged: Judged,
    folders: Sequence[ImageSet],
    request: Request,
    progress: Progress,
) -> dict[str, Verdict]:
    """Of every variant that was asked for, but the float one."""
    variants = [name for name in judged.variants if name != judged.reference]
    if request.gate is None or not variants:
        return {}
    fields = None
    if request.gate.unlabelled:
        fields = judge_unlabelled(
            bundle,
            judged.network,
            request.gate.unlabelled,
            request.settings,
            beside=[images.root for images in folders],
            progress=progress,
        )
    return {
        name: gate(
            judged, name, request.gate.budgets, unlabelled=fields, strict=request.gate.strict
        )
        for name in variants
    }


def _check_any(
    bundle: Bundle, verdicts: Mapping[str, Mapping[str, Verdict]], progress: Progress
) -> None:
    if not any(verdicts.values()):
        raise InputError(
            f"{bundle.root} has nothing for the gate: no variant beside the float one",
            wanted="an int8 or fp16 variant",
            next_step="leukoscope calibrate makes one",
        )
    for network in (name for name, found in verdicts.items() if not found):
        progress.note(f"{network}: no variant beside the float one; the gate has nothing to judge")
