"""Fields without labels, such as a site's own: which flips they show needs no truth."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from leukoscope.bundle.read import Bundle
from leukoscope.errors import InputError
from leukoscope.images.groups import infer_groups, read_groups
from leukoscope.images.layouts import ImageSet, Item
from leukoscope.progress import Progress, Silent
from leukoscope.runtime.gate.admission import admission
from leukoscope.runtime.judge import Cause, Judged, judge
from leukoscope.runtime.provenance import named_items, set_names
from leukoscope.runtime.settings import Settings
from leukoscope.runtime.sources.folder import find_images


def read_unlabelled(root: Path) -> ImageSet:
    """Every image below `root` at any depth (of a data folder with `images/`: below that); no label, no mask.

    Groups are those of `groups.csv`, else blocks of file numbers. InputError: no folder, no image, an image without a
    row.
    """
    if not root.is_dir():
        raise InputError(f"no such folder: {root}", wanted="a folder of images")
    below = root / "images" if (root / "images").is_dir() else root
    paths = {path.relative_to(below).as_posix(): path for path in find_images(below)}
    table = root / "groups.csv"
    inferred = not table.exists()
    groups = infer_groups(paths) if inferred else read_groups(table)
    if missing := sorted(set(paths) - set(groups)):
        raise InputError(f"{table} has no row for {missing[0]}", wanted="one row an image")
    items = (Item(path, name, None, None, groups[name]) for name, path in paths.items())
    return ImageSet(root, "classes", tuple(items), inferred)


def judge_unlabelled(
    bundle: Bundle,
    network: str,
    folders: Sequence[ImageSet],
    settings: Settings,
    *,
    beside: Sequence[Path] = (),
    not_these: Cause = lambda sha256, group: None,
    progress: Progress = Silent(),  # noqa: B008
) -> Judged:
    """Judges `folders` of `read_unlabelled` for `gate`, without copies, blanks, and what the bundle was made from.

    `beside`: data folders whose groups lie in the same bootstrap, so that two folders of one name stay apart.
    `not_these` may leave out more.
    """
    every = set_names([*(images.root for images in folders), *beside])
    named = list(zip(folders, every, strict=False))
    fit = admission(bundle, network, named)
    return judge(
        bundle,
        network,
        [
            (replace(item, name=f"{name}/{item.name}"), None)
            for images, name in named
            for item in named_items(images, name)
        ],
        settings,
        not_these=lambda sha256, group: fit(sha256, group) or not_these(sha256, group),
        clean=True,
        groups_inferred=any(images.groups_inferred for images in folders),
        find_cells=False,
        progress=progress,
    )
