"""A folder of hostile bundles: each is refused in one line, and nothing outside the bundle is read."""

import json
import os
import shutil
import struct
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from leukoscope.bundle.manifest import FileEntry, Manifest
from leukoscope.bundle.read import open_bundle
from leukoscope.bundle.write import write_bundle
from leukoscope.errors import InputError
from leukoscope.images.hashes import sha256_of_bytes


def test_a_sound_bundle_is_read(bundle):
    found = open_bundle(bundle.root)
    assert found.manifest == bundle.manifest
    assert found.manifest_sha256 == sha256_of_bytes((bundle.root / "manifest.json").read_bytes())
    assert found.network("net").classes == ("a", "b", "c")
    assert found.variant("net", "fp32").file == "net.fp32.onnx"
    assert found.graph("net", "fp32") == (bundle.root / "net.fp32.onnx").read_bytes()
    assert found.trees().trees == 7
    assert found.golden()["net/frames"].shape == (2, 8, 8, 3)
    assert not found.signed


def test_what_is_not_there_is_named_with_what_is(bundle):
    with pytest.raises(InputError, match=r"no network sg.*wanted net"):
        bundle.network("sg")
    with pytest.raises(InputError, match="no int8 of net; wanted fp32"):
        bundle.variant("net", "int8")
    with pytest.raises(InputError, match="no file x"):
        bundle.read_bytes("x")
    with pytest.raises(InputError, match="no file manifest"):
        bundle.path("manifest.json")


def test_no_trees_and_no_golden(tmp_path, sound_manifest, sound_files):
    plain = replace(sound_manifest, trees=None, golden=None)
    bundle = write_bundle(tmp_path / "b", plain, {"net.fp32.onnx": sound_files["net.fp32.onnx"]})
    assert bundle.trees() is None and bundle.golden() is None


def test_a_signature_is_allowed_and_seen(bundle):
    (bundle.root / "manifest.json.sig").write_bytes(b"x")
    assert open_bundle(bundle.root).signed


def edit(root, change):
    """Changes manifest.json as JSON values."""
    path = root / "manifest.json"
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))


def link_out(root):
    target = root.parent / "outside.onnx"
    shutil.move(root / "net.fp32.onnx", target)
    (root / "net.fp32.onnx").symlink_to(target)


def link_in(root):
    (root / "net.fp32.onnx").rename(root / "other")
    (root / "net.fp32.onnx").symlink_to("other")


def manifest_link(root):
    shutil.move(root / "manifest.json", root.parent / "m.json")
    (root / "manifest.json").symlink_to(root.parent / "m.json")


def pipe(root):
    (root / "trees.bin").unlink()
    os.mkfifo(root / "trees.bin")


def manifest_pipe(root):
    (root / "manifest.json").unlink()
    os.mkfifo(root / "manifest.json")


def folder(root):
    (root / "trees.bin").unlink()
    (root / "trees.bin").mkdir()


def same_size(root):
    path = root / "trees.bin"
    data = bytearray(path.read_bytes())
    data[200] ^= 1
    path.write_bytes(data)


HOSTILE = {
    "no folder": (shutil.rmtree, "is not a folder"),
    "no manifest": (lambda r: (r / "manifest.json").unlink(), "cannot be read"),
    "manifest is a link": (manifest_link, "cannot be read"),
    "manifest is a folder": (lambda r: ((r / "manifest.json").unlink(), (r / "manifest.json").mkdir()), "no regular file"),
    "manifest is a pipe": (manifest_pipe, "no regular file"),
    "manifest is text": (lambda r: (r / "manifest.json").write_text("hello"), "not plain JSON"),
    "manifest is empty": (lambda r: (r / "manifest.json").write_text(""), "not plain JSON"),
    "manifest is huge": (lambda r: (r / "manifest.json").write_bytes(b" " * (2**24 + 1)), "16777217 bytes"),
    "unknown schema": (lambda r: edit(r, lambda v: v.update(schema=9)), "schema 9"),
    "path out": (lambda r: edit(r, lambda v: v["files"].update({"../x": {"sha256": "0" * 64, "size_bytes": 0}})), "no file name"),
    "absolute path": (lambda r: edit(r, lambda v: v["trees"].update(file="/etc/passwd")), "no file name"),
    "link out": (link_out, "no regular file"),
    "link within": (link_in, "no regular file"),
    "pipe": (pipe, "no regular file"),
    "folder for a file": (folder, "no regular file"),
    "extra file": (lambda r: (r / "x.onnx").write_bytes(b""), "does not list 'x.onnx'"),
    "hidden file": (lambda r: (r / ".x").write_bytes(b""), "does not list"),
    "extra folder": (lambda r: (r / "sub").mkdir(), "no regular file"),
    "missing file": (lambda r: (r / "golden.npz").unlink(), "golden.npz is missing"),
    "empty file": (lambda r: (r / "trees.bin").write_bytes(b""), "has 0 bytes"),
    "longer file": (lambda r: (r / "trees.bin").open("ab").write(b"x"), "bytes; wanted"),
    "another file": (same_size, "SHA-256"),
    "wrong hash": (lambda r: edit(r, lambda v: v["files"]["trees.bin"].update(sha256="0" * 64)), "SHA-256"),
    "wrong size": (lambda r: edit(r, lambda v: v["files"]["trees.bin"].update(size_bytes=5)), "wanted 5"),
    "huge size": (lambda r: edit(r, lambda v: v["files"]["trees.bin"].update(size_bytes=2**52)), "wanted 4503599627370496"),
    "negative size": (lambda r: edit(r, lambda v: v["files"]["trees.bin"].update(size_bytes=-1)), "size_bytes is -1"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_bundle_is_refused_in_one_line(bundle, kind):
    spoil, fault = HOSTILE[kind]
    spoil(bundle.root)
    with pytest.raises(InputError, match=fault) as error:
        open_bundle(bundle.root)
    assert "\n" not in str(error.value) and len(str(error.value)) < 400


def test_the_folder_itself_may_be_reached_by_a_link(bundle, tmp_path):
    (tmp_path / "link").symlink_to(bundle.root)
    assert open_bundle(tmp_path / "link").manifest == bundle.manifest


def test_a_file_exchanged_after_opening_is_refused(bundle):
    same_size(bundle.root)
    with pytest.raises(InputError, match="SHA-256"):
        bundle.trees()
    (bundle.root / "trees.bin").unlink()
    (bundle.root / "trees.bin").symlink_to("/dev/zero")
    with pytest.raises(InputError):
        bundle.trees()


def with_file(bundle, name, data):
    """The bundle with another file of that name, its hash in the manifest right."""
    (bundle.root / name).write_bytes(data)
    files = {**bundle.manifest.files, name: FileEntry(sha256_of_bytes(data), len(data))}
    manifest: Manifest = replace(bundle.manifest, files=files)
    (bundle.root / "manifest.json").write_bytes(manifest.to_bytes())
    return open_bundle(bundle.root)


def test_trees_that_the_manifest_describes_otherwise_are_refused(bundle, forest):
    with pytest.raises(InputError, match="not what the manifest says"):
        with_file(bundle, "trees.bin", forest.blob("nodes")).trees()
    hot = bytearray(forest.blob())
    struct.pack_into("<f", hot, 48, 1.5)
    with pytest.raises(InputError, match="not what the manifest says"):
        with_file(bundle, "trees.bin", bytes(hot)).trees()


def test_hostile_content_with_the_right_hash_is_refused(bundle, encode):
    short = bundle.trees().data[:-64]
    bundle = with_file(bundle, "net.fp32.onnx", encode.model(opsets=[("", 20)]))
    with pytest.raises(InputError, match=r"bundle/net.fp32.onnx has opset 20"):
        bundle.graph("net", "fp32")
    bundle = with_file(bundle, "golden.npz", b"PK\x05\x06")
    with pytest.raises(InputError, match="archive"):
        bundle.golden()
    bundle = with_file(bundle, "trees.bin", short)
    with pytest.raises(InputError, match="header implies"):
        bundle.trees()


def test_a_zip_bomb_with_the_right_hash_is_refused(bundle, tmp_path, monkeypatch):
    monkeypatch.setattr("leukoscope.bundle.golden.UNPACKED_LIMIT_BYTES", 8 << 20)
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for index in range(9):
            archive.writestr(f"net/a{index}.npy", bytes(1 << 20))
    with pytest.raises(InputError, match="unpacked"):
        with_file(bundle, "golden.npz", path.read_bytes()).golden()


def test_every_truncated_manifest_is_refused(bundle):
    path = bundle.root / "manifest.json"
    data = path.read_bytes()
    for length in range(0, len(data) - 2, 17):
        path.write_bytes(data[:length])
        with pytest.raises(InputError):
            open_bundle(bundle.root)


def test_mutated_files_never_pass(bundle):
    random = np.random.default_rng(7)
    names = sorted(bundle.manifest.files)
    for index in range(90):
        path = bundle.root / names[index % len(names)]
        data = path.read_bytes()
        broken = bytearray(data)
        broken[int(random.integers(len(data)))] ^= 1 << int(random.integers(8))
        path.write_bytes(broken if random.random() < 0.8 else broken[:-1])
        with pytest.raises(InputError):
            open_bundle(bundle.root)
        path.write_bytes(data)
    open_bundle(bundle.root)
