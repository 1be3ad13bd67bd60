"""Which networks of a bundle a data folder can validate, and by which label map."""

from pathlib import Path

from leukoscope.bundle.read import Bundle
from leukoscope.errors import InputError
from leukoscope.images.label_map import LabelMap, find_label_map, load_label_map
from leukoscope.images.layouts import ImageSet
from leukoscope.runtime.engine import CELL_NETWORK, OUTPUTS


def choose_networks(
    bundle: Bundle, images: ImageSet, asked: tuple[str, ...], map_file: Path | None
) -> dict[str, LabelMap | None]:
    """The networks to validate with their label maps; None where no image has a label.

    `asked` networks, else the one that the label map is for, else those whose labels or masks the data have: the
    layout with masks is SG-CLDFF's. InputError where none fits.
    """
    given = None if map_file is None else load_label_map(map_file)
    wanted = asked or ((given.network,) if given else ())
    for name in wanted:
        bundle.network(name)
    if wanted:
        return {name: _label_map(images, name, given) for name in wanted}
    return _fitting(bundle, images)


def _fitting(bundle: Bundle, images: ImageSet) -> dict[str, LabelMap | None]:
    fitting: dict[str, LabelMap | None] = {}
    causes: list[InputError] = []
    for name in (CELL_NETWORK,) if images.layout == "masks" else OUTPUTS:
        try:
            bundle.network(name)
            fitting[name] = _label_map(images, name, None)
        except InputError as cause:
            causes.append(cause)
    if not fitting:
        raise causes[-1]
    return fitting


def _label_map(images: ImageSet, network: str, given: LabelMap | None) -> LabelMap | None:
    labels = {item.label for item in images.items if item.label}
    if given is None:
        return find_label_map(labels, network) if labels else None
    if given.network != network:
        raise InputError(f"the label map {given.name} is for {given.network}", wanted=network)
    for label in labels:
        given.target(label)
    return given
