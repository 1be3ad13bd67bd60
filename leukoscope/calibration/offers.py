"""Data folders for calibration: which network each of them is for, and by which label map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from leukoscope.bundle.read import Bundle
from leukoscope.errors import InputError
from leukoscope.images.classes import NETWORK_CLASSES
from leukoscope.images.label_map import LabelMap, load_label_map
from leukoscope.images.layouts import ImageSet, read_image_set
from leukoscope.progress import Progress, Silent
from leukoscope.runtime.fitting import choose_networks


@dataclass(frozen=True)
class Offer:
    """One data folder for one network. `label_map` is None where no image has a label."""

    network: str
    images: ImageSet
    label_map: LabelMap | None


def read_offers(
    bundle: Bundle,
    specs: Sequence[str],
    map_file: Path | None = None,
    progress: Progress = Silent(),  # noqa: B008
    *,
    option: str = "--data",
) -> dict[str, tuple[Offer, ...]]:
    """`[NETWORK=]DIR` texts of `option` -> the offers of each network, in the bundle's order; no pixel is read.

    A folder without NETWORK= is for every network whose classes its labels are; the layout with masks is SG-CLDFF's. The
    label map is used where it is for the network and knows the labels, else a built-in one. Networks without data are
    named by a note and are not in the result. InputError: no folder, one that fits no network or is given twice for one.
    """
    if not specs:
        raise InputError(f"no {option}", wanted=f"{option} [NETWORK=]DIR")
    given = None if map_file is None else load_label_map(map_file)
    offers = [offer for spec in specs for offer in _offers(bundle, spec, map_file, given)]
    _check_once(offers, option)
    found = {
        network: tuple(offer for offer in offers if offer.network == network)
        for network in bundle.manifest.networks
    }
    for network in (network for network, own in found.items() if not own):
        alone = ", so it is left alone" if option == "--data" else ""
        progress.note(f"{network}: {option} has nothing for it{alone}")
    return {network: own for network, own in found.items() if own}


def _offers(
    bundle: Bundle, spec: str, map_file: Path | None, given: LabelMap | None
) -> list[Offer]:
    network, root = _network_and_root(bundle, spec)
    images = read_image_set(root)
    maps = _label_maps(bundle, images, network, map_file, given)
    return [Offer(name, images, label_map) for name, label_map in maps.items()]


def _network_and_root(bundle: Bundle, spec: str) -> tuple[str | None, Path]:
    """'xincept_all=DIR' -> both; a folder whose own name holds '=' is a folder."""
    before, equals, after = spec.partition("=")
    known = before in bundle.manifest.networks or before in NETWORK_CLASSES
    if not equals or not (known or _is_word(before)) or (not known and Path(spec).is_dir()):
        return None, Path(spec)
    bundle.network(before)
    if not after:
        raise InputError(f"{spec} names no folder", wanted=f"{before}=DIR")
    return before, Path(after)


def _label_maps(
    bundle: Bundle,
    images: ImageSet,
    network: str | None,
    map_file: Path | None,
    given: LabelMap | None,
) -> Mapping[str, LabelMap | None]:
    """Label map by network. With several folders, one --label-map need not be for all of them."""
    asked = () if network is None else (network,)
    if given is None or network not in (None, given.network):
        return choose_networks(bundle, images, asked, None)
    try:
        return choose_networks(bundle, images, asked, map_file)
    except InputError as cause:
        try:
            return choose_networks(bundle, images, asked, None)
        except InputError:
            raise cause from None


def _check_once(offers: Sequence[Offer], option: str) -> None:
    seen: set[tuple[str, Path]] = set()
    for offer in offers:
        key = offer.network, offer.images.root.resolve()
        if key in seen:
            raise InputError(
                f"{offer.images.root} is given twice for {offer.network}",
                wanted=f"each folder once in {option}",
            )
        seen.add(key)


def _is_word(text: str) -> bool:
    return text.isidentifier()
