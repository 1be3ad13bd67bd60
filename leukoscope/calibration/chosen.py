"""Calibration sets: which images give the ranges, steer the search and judge, and why the others are left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from leukoscope.bundle.read import Bundle
from leukoscope.calibration.candidates import Candidate, LeftOut, read_candidates
from leukoscope.calibration.judges import check_labels, fit_to_judge
from leukoscope.calibration.offers import Offer
from leukoscope.calibration.parts import (
    LEAST,
    Part,
    Parts,
    agreeing,
    check_part,
    deal,
    deal_without_gate,
    each_once,
    pick,
)
from leukoscope.errors import InputError, UsageError
from leukoscope.images.layouts import Item
from leukoscope.progress import Progress, Silent
from leukoscope.runtime.judge import LabelledItem
from leukoscope.runtime.provenance import training

DEFAULT_IMAGES = 128
"""For the ranges; the search has half as many (our choice)."""
LEAST_SPREAD = 1e-6
"""Of any stain statistic over the ranges."""


@dataclass(frozen=True)
class Chosen:
    """What was read of one image."""

    item: Item
    """Its group is `group`."""
    name: str
    """SETNAME/NAME, for people."""
    sha256: str
    """Of the file's bytes."""
    label: str
    """The class that its label stands for; the label itself where that is several classes, '' where there is none."""
    group: str
    """SETNAME/GROUP, as the manifest writes training groups; SETNAME has more of the path where two sets share a name."""
    offer_index: int
    """Into `CalibrationSet.offers`."""


@dataclass(frozen=True)
class CalibrationSet:
    """Three parts of which no two share an image or a group; each ordered by group and name."""

    network: str
    ranges: tuple[Chosen, ...]
    search: tuple[Chosen, ...]
    gate: tuple[Chosen, ...]
    left_out: Mapping[str, tuple[str, ...]]
    """Cause -> names as SETNAME/NAME."""
    missing: tuple[str, ...]
    """Classes of the network of which the ranges have no image; empty where nothing is labelled."""
    offers: tuple[Offer, ...]
    """Those of --data, then those of --gate-data."""
    asked_images: int
    seed: int

    def part(self, name: Part) -> tuple[Chosen, ...]:
        """Its images."""
        parts: dict[Part, tuple[Chosen, ...]] = {
            "ranges": self.ranges,
            "search": self.search,
            "gate": self.gate,
        }
        return parts[name]

    def items(self, name: Part) -> tuple[LabelledItem, ...]:
        """A part's images as `judge` takes them, named and grouped so that folders are told apart."""
        return tuple(
            (replace(one.item, name=one.name), self.offers[one.offer_index].label_map)
            for one in self.part(name)
        )


def choose_set(
    bundle: Bundle,
    network: str,
    offers: Sequence[Offer],
    gate_offers: Sequence[Offer] | None = None,
    *,
    images: int = DEFAULT_IMAGES,
    seed: int = 1,
    progress: Progress = Silent(),  # noqa: B008
) -> CalibrationSet:
    """Chooses at most `images` for the ranges, half as many for the search, and all for the gate that may judge.

    Every file is read once. Without `gate_offers` the gate's images come from `offers` too (parts.deal); with them
    ranges and search come from `offers` alone. The same images, offers and seed give the same set, whatever the order of
    the files. An empty gate part is no error here. Raises UsageError for a number of images that is too small;
    InputError for a folder in both, too few images or groups, images of one class only, or all alike, and for folders
    whose labels could not be judged together.
    """
    _check_asked(images)
    _check_apart(offers, gate_offers or ())
    everything = (*offers, *(gate_offers or ()))
    left_out = LeftOut()
    seen = training(bundle, network)
    found = read_candidates(everything, seen, left_out, progress)
    data = [one for one in found if one.offer_index < len(offers)]
    data = each_once(agreeing(data, left_out), left_out)
    _check_enough(network, data, left_out)
    parts = deal(data, seed) if gate_offers is None else deal_without_gate(data, seed)
    for part, count in (("ranges", images), ("search", max(images // 2, LEAST["search"]))):
        check_part(part, network, parts[part], left_out)
        parts[part] = pick(parts[part], count, left_out)
    if gate_offers is not None:
        judges = agreeing([one for one in found if one.offer_index >= len(offers)], left_out)
        parts["gate"] = fit_to_judge(judges, parts, everything, left_out)
    _check_variety(network, parts["ranges"])
    check_labels(bundle.network(network).classes, parts["gate"], everything)
    _say(network, parts, left_out, progress)
    chosen = {part: tuple(map(_chosen, members)) for part, members in parts.items()}
    return CalibrationSet(
        network=network,
        ranges=chosen["ranges"],
        search=chosen["search"],
        gate=chosen["gate"],
        left_out=left_out.sorted(),
        missing=_missing(bundle, network, parts["ranges"], progress),
        offers=everything,
        asked_images=images,
        seed=seed,
    )


def _check_asked(images: int) -> None:
    if images < LEAST["ranges"]:
        raise UsageError(f"--images {images}", wanted=f"at least {LEAST['ranges']}")


def _check_apart(offers: Sequence[Offer], gate_offers: Sequence[Offer]) -> None:
    """A folder cannot give the ranges and judge them."""
    roots = {offer.images.root.resolve() for offer in offers}
    for offer in gate_offers:
        if offer.images.root.resolve() in roots:
            raise InputError(
                f"{offer.images.root} is both --data and --gate-data",
                wanted="other images, of other slides or patients, for the gate",
                next_step="leave --gate-data out: --data alone is dealt out into three parts by group",
            )


def _check_enough(network: str, data: Sequence[Candidate], left_out: LeftOut) -> None:
    least = sum(LEAST.values())
    if len(data) < least:
        raise InputError(
            f"{len(data)} images to calibrate {network} with{left_out.counts()}",
            wanted=f"at least {least}, {LEAST['ranges']} for the ranges and {LEAST['search']} for the search",
            next_step="add images to --data; some hundreds, of every class, are a good number",
        )


def _check_variety(network: str, ranges: Sequence[Candidate]) -> None:
    """InputError where all ranges would come from one class, or from images that do not differ."""
    labels = {one.label for one in ranges}
    classes = {name for one in ranges for name in one.classes}
    if len(labels) == 1 and len(classes) == 1:
        raise InputError(
            f"one class only: all {len(ranges)} images for the ranges of {network} are {min(labels)}",
            wanted="images of every class, in several groups each",
            next_step="add the other classes to --data, or a groups.csv with finer groups",
        )
    if np.ptp(np.stack([one.features for one in ranges]), axis=0).max() < LEAST_SPREAD:
        raise InputError(
            f"all {len(ranges)} images for the ranges of {network} are alike",
            wanted="images that differ in stain and light as the camera's do",
        )


def _say(network: str, parts: Parts, left_out: LeftOut, progress: Progress) -> None:
    """Notes of what the user should know of the parts."""
    counts = ", ".join(f"{len(members)} {part}" for part, members in parts.items())
    progress.note(f"{network}: images by part: {counts}{left_out.counts()}")
    if trained := sum(one.trained for part in ("ranges", "search") for one in parts[part]):
        progress.note(
            f"{network}: {trained} images of the ranges and the search are of its training, so they could never judge it"
        )
    if not parts["gate"]:
        progress.note(f"{network}: no image is left that may judge it; the gate cannot tell")


def _missing(
    bundle: Bundle, network: str, ranges: Sequence[Candidate], progress: Progress
) -> tuple[str, ...]:
    """Classes that no image of the ranges shows for certain; a label of several classes shows none of them."""
    if not any(one.classes for one in ranges):
        progress.note(f"{network}: nothing is labelled, so classes cannot be given equal shares")
        return ()
    shown = {one.classes[0] for one in ranges if len(one.classes) == 1}
    missing = tuple(name for name in bundle.network(network).classes if name not in shown)
    if missing:
        progress.note(f"{network}: the ranges have no image of {', '.join(missing)}")
    return missing


def _chosen(one: Candidate) -> Chosen:
    return Chosen(one.item, one.name, one.sha256, one.label, one.group, one.offer_index)
