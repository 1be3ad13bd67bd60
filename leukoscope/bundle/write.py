"""Writing a bundle, whole or not at all.

with BundleWriter(output) as writer:                  # stages a folder beside `output`
    writer.add("xincept_all.fp32.onnx", model_bytes)  # bytes, or the Path of a file to copy
    bundle = writer.commit(Manifest(created_by, networks, trees, golden))   # read back, then exchanged

write_bundle(output, manifest, {"name": bytes or Path, ...}) -> Bundle      # the same in one call
extend_bundle(root, change, {"name": ...}, drop=[...], drop_signature=False) -> Bundle  # adds, replaces, drops files
"""

import ctypes
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from leukoscope.bundle.fields import JSON_LIMIT_BYTES, check_name
from leukoscope.bundle.manifest import MANIFEST, FileEntry, Manifest
from leukoscope.bundle.read import Bundle, open_bundle, open_regular
from leukoscope.errors import InputError
from leukoscope.images.hashes import sha256_of_file

Content = bytes | Path

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


class BundleWriter:
    """A bundle in the making, in a folder beside its place; left without `commit` it leaves no trace.

    Replaces a bundle or an empty folder at `output`; any other thing there is an InputError, at once.
    """

    def __init__(self, output: Path) -> None:
        self._output = output.resolve()
        _check_place(self._output)
        self._output.parent.mkdir(parents=True, exist_ok=True)
        prefix = f".{self._output.name}.new-"
        self._staged = Path(tempfile.mkdtemp(prefix=prefix, dir=self._output.parent))
        self._files: dict[str, FileEntry] = {}

    def __enter__(self) -> "BundleWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        shutil.rmtree(self._staged, ignore_errors=True)

    def add(self, name: str, content: Content) -> FileEntry:
        """Stages one file under a flat name; replaces one of that name; returns its size and hash."""
        check_name(name, "bundle")
        path = self._staged / name
        with suppress(FileNotFoundError):
            path.unlink()  # it may be a hard link into the bundle that is being extended
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            _copy(content, path)
        self._files[name] = FileEntry(sha256_of_file(path), path.stat().st_size)
        return self._files[name]

    def keep(self, bundle: Bundle, but: Collection[str] = ()) -> None:
        """Stages all files of an opened bundle `but` these, as hard links where the file system has them."""
        kept = {name: one for name, one in bundle.manifest.files.items() if name not in but}
        for name, entry in kept.items():
            try:
                os.link(bundle.path(name), self._staged / name)
            except OSError:
                shutil.copyfile(bundle.path(name), self._staged / name)
            self._files[name] = entry

    def commit(self, manifest: Manifest) -> Bundle:
        """Writes the manifest with the staged files' entries, reads all back, and puts the bundle in its place."""
        complete = replace(manifest, files=dict(sorted(self._files.items())))
        data = complete.to_bytes()
        if len(data) > JSON_LIMIT_BYTES:
            raise InputError(
                f"{MANIFEST} would have {len(data)} bytes", wanted=f"{JSON_LIMIT_BYTES}"
            )
        (self._staged / MANIFEST).write_bytes(data)
        self._staged.chmod(0o755)
        staged = open_bundle(self._staged)
        _flush(self._staged)
        _exchange(self._staged, self._output)
        return replace(staged, root=self._output)


def write_bundle(output: Path, manifest: Manifest, files: Mapping[str, Content]) -> Bundle:
    """Writes a bundle of these files; `manifest.files` is filled here. Atomic."""
    with BundleWriter(output) as writer:
        for name, content in files.items():
            writer.add(name, content)
        return writer.commit(manifest)


def extend_bundle(
    root: Path,
    change: Callable[[Manifest], Manifest],
    files: Mapping[str, Content],
    *,
    drop: Collection[str] = (),
    drop_signature: bool = False,
) -> Bundle:
    """Adds, replaces and drops files of a bundle and changes its manifest by `change`. Atomic; verifies it first.

    A signed bundle is an InputError unless `drop_signature`: the signature does not cover what is added.
    """
    bundle = open_bundle(root)
    if bundle.signed and not drop_signature:
        raise InputError(
            f"{root} is signed", next_step="--drop-signature writes to it; sign it again afterwards"
        )
    with BundleWriter(root) as writer:
        writer.keep(bundle, drop)
        for name, content in files.items():
            writer.add(name, content)
        return writer.commit(change(bundle.manifest))


def _check_place(output: Path) -> None:
    """Only a bundle or an empty folder is ever replaced: -o ~/Pictures must not eat the pictures."""
    if not output.exists():
        return
    bundle_or_empty = output.is_dir() and (
        (output / MANIFEST).is_file() or not any(output.iterdir())
    )
    if not bundle_or_empty:
        raise InputError(f"{output} exists and is no bundle", next_step="choose another -o")


def _copy(source: Path, target: Path) -> None:
    with open_regular(source.resolve()) as file, target.open("wb") as out:
        shutil.copyfileobj(file, out)


def _flush(folder: Path) -> None:
    """What the exchange makes visible must already be on the disk."""
    for path in (*folder.iterdir(), folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _exchange(staged: Path, output: Path) -> None:
    """Puts `staged` at `output`; what was there ends at `staged`, which the writer removes."""
    if not output.exists():
        staged.rename(output)
        return
    _check_place(output)
    if _rename_exchange(staged, output):
        return
    aside = staged.with_name(staged.name + ".old")
    output.rename(aside)
    staged.rename(output)
    aside.rename(staged)


def _rename_exchange(first: Path, second: Path) -> bool:
    """Linux's exchange of two names in one step; False where there is none."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    names = (ctypes.c_char_p(os.fsencode(path)) for path in (first, second))
    source, target = names
    done = rename(_AT_FDCWD, source, _AT_FDCWD, target, ctypes.c_uint(_RENAME_EXCHANGE))
    return bool(done == 0)
