"""From a published set to a data folder in one of the two layouts, and a record of what was taken."""

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from leukoscope.errors import InputError, UsageError
from leukoscope.images.hashes import sha256_of_file
from leukoscope.images.public_sets.folder import FolderWriter
from leukoscope.images.public_sets.grey_masks import find_levels
from leukoscope.images.public_sets.offer import LeftOut, Offer, Picture, PublicSet, Source, below
from leukoscope.images.public_sets.record import Record, write_record
from leukoscope.images.public_sets.tree import check_folder, images_below, is_hidden
from leukoscope.progress import Progress, Silent


def convert(
    public_set: PublicSet,
    source: Source,
    output: Path,
    progress: Progress = Silent(),  # noqa: B008
) -> Record:
    """Writes `output`, a folder that is not there yet, and returns the record that is kept in it.

    Every image of the source is either in the result or named in the record with the cause. Images are copied
    byte by byte, masks recoded. InputError where the source has not the set's form; the result is whole or not there.
    """
    _check(public_set, source, output)
    offer = _read(public_set, source)
    _check_names(public_set, offer.pictures)
    hashes = _hashes(offer.pictures, progress)
    offer = _without_copies(offer, hashes, source)
    return _write(public_set, source, offer, hashes, output, progress)


def _read(public_set: PublicSet, source: Source) -> Offer:
    try:
        offer = public_set.read(source)
        if offer.pictures:
            return _with_the_rest(offer, source)
    except OSError as cause:
        raise InputError(f"{cause.filename} cannot be read: {cause.strerror}") from cause
    raise InputError(f"{source.root} has no images of {public_set.name}", wanted=public_set.wanted)


def _check(public_set: PublicSet, source: Source, output: Path) -> None:
    given = {name for name in ("masks", "labels") if getattr(source, name) is not None}
    if strange := given - public_set.extras:
        raise UsageError(f"--{min(strange)} with {public_set.name}", next_step="leave it out")
    check_folder(source.root)
    if source.masks is not None:
        check_folder(source.masks)
    if output.exists():
        raise InputError(f"{output} exists", wanted="a folder that is not there yet")
    if output.resolve().is_relative_to(source.root.resolve()):
        raise InputError(f"{output} lies within {source.root}", wanted="a place of its own")


def _with_the_rest(offer: Offer, source: Source) -> Offer:
    """The offer with every image of the source that it neither takes nor names."""
    named = {one.source for one in offer.left_out}
    taken = {picture.source for picture in offer.pictures}
    taken |= {picture.mask for picture in offer.pictures if picture.mask is not None}
    roots = [source.root] if source.masks is None else [source.root, source.masks]
    rest = []
    for path in sorted({path for root in roots for path in images_below(root)} - taken):
        name = below(path, source.root)
        if name not in named:
            rest.append(LeftOut(name, "hidden file" if is_hidden(path) else "not sought"))
    return replace(offer, left_out=(*offer.left_out, *rest))


def _hashes(pictures: Sequence[Picture], progress: Progress) -> dict[Path, str]:
    sources = list(dict.fromkeys(picture.source for picture in pictures))
    try:
        return {path: sha256_of_file(path) for path in progress.track(sources, "hash")}
    except OSError as cause:
        raise InputError(f"{cause.filename} cannot be read: {cause.strerror}") from cause


def _without_copies(offer: Offer, hashes: dict[Path, str], source: Source) -> Offer:
    """Of files that are the same byte by byte the first stays; none where they have different labels."""
    files: dict[str, dict[Path, set[str]]] = {}
    for picture in offer.pictures:
        same = files.setdefault(hashes[picture.source], {})
        same.setdefault(picture.source, set()).add(picture.label)
    gone: dict[Path, LeftOut] = {}
    for same in files.values():
        first, *copies = same
        contested = len({label for labels in same.values() for label in labels if label}) > 1
        cause = "copy under another label" if contested else "copy"
        for path in (first, *copies) if contested and copies else copies:
            other = copies[0] if path == first else first
            gone[path] = LeftOut(below(path, source.root), cause, below(other, source.root))
    kept = tuple(picture for picture in offer.pictures if picture.source not in gone)
    return replace(offer, pictures=kept, left_out=(*offer.left_out, *gone.values()))


def _check_names(public_set: PublicSet, pictures: Iterable[Picture]) -> None:
    """InputError where two pictures would have one name, or in the masks layout one mask."""
    seen: dict[str, Path] = {}
    for picture in pictures:
        name = PurePosixPath(picture.name)
        key = name.stem if public_set.layout == "masks" else picture.name
        if key in seen:
            raise InputError(
                f"{seen[key]} and {picture.source} would both be {key}",
                next_step="give the folder of one of them"
                + (", or --masks for the other" if "masks" in public_set.extras else ""),
            )
        seen[key] = picture.source


def _write(
    public_set: PublicSet,
    source: Source,
    offer: Offer,
    hashes: dict[Path, str],
    output: Path,
    progress: Progress,
) -> Record:
    """Writes beside `output` and moves the whole there, so that a half is never taken for it."""
    masks = [picture.mask for picture in offer.pictures if picture.mask is not None]
    levels = find_levels(progress.track(masks, "masks")) if masks else None
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=f".{output.name}-", dir=output.parent))
    except OSError as cause:
        raise InputError(f"{output} cannot be written: {cause.strerror}") from cause
    try:
        writer = FolderWriter(public_set, source, place, levels, hashes)
        for picture in progress.track(offer.pictures, public_set.name):
            writer.write(picture)
        record = writer.finish(offer)
        write_record(record, place)
        place.chmod(0o755)
        place.replace(output)
    except OSError as cause:
        raise InputError(f"{output} cannot be written: {cause.strerror}") from cause
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return record
