"""Writing bundles: whole or not at all, and only over a bundle."""

from dataclasses import replace

import pytest

from leukoscope.bundle import write
from leukoscope.bundle.read import open_bundle
from leukoscope.bundle.write import BundleWriter, extend_bundle, write_bundle
from leukoscope.errors import InputError


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_bytes_and_paths_are_written(tmp_path, sound_manifest, sound_files):
    source = tmp_path / "source.onnx"
    source.write_bytes(sound_files["net.fp32.onnx"])
    output = tmp_path / "new" / "bundle"
    bundle = write_bundle(output, sound_manifest, {**sound_files, "net.fp32.onnx": source})
    assert bundle.root == output
    assert open_bundle(output).read_bytes("net.fp32.onnx") == source.read_bytes()
    assert names(output.parent) == ["bundle"]
    assert output.stat().st_mode & 0o777 == 0o755


def test_a_bundle_is_replaced_whole(bundle, sound_manifest, sound_files, tmp_path):
    plain = replace(sound_manifest, trees=None, golden=None)
    write_bundle(bundle.root, plain, {"net.fp32.onnx": sound_files["net.fp32.onnx"]})
    assert names(bundle.root) == ["manifest.json", "net.fp32.onnx"]
    assert names(tmp_path) == ["bundle"]


def test_an_empty_folder_is_taken(tmp_path, sound_manifest, sound_files):
    (tmp_path / "b").mkdir()
    write_bundle(tmp_path / "b", sound_manifest, sound_files)
    assert open_bundle(tmp_path / "b")


def test_anything_else_is_never_replaced(tmp_path, sound_manifest, sound_files):
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "cat.png").write_bytes(b"x")
    (tmp_path / "file").write_bytes(b"x")
    for place in ("pictures", "file"):
        with pytest.raises(InputError, match="is no bundle"):
            write_bundle(tmp_path / place, sound_manifest, sound_files)
    assert names(tmp_path) == ["file", "pictures"]


def test_what_appears_at_the_place_meanwhile_is_kept(tmp_path, sound_manifest, sound_files):
    with (
        pytest.raises(InputError, match="is no bundle"),
        BundleWriter(tmp_path / "b") as writer,
    ):
        for name, content in sound_files.items():
            writer.add(name, content)
        (tmp_path / "b").mkdir()
        (tmp_path / "b" / "cat.png").write_bytes(b"x")
        writer.commit(sound_manifest)
    assert names(tmp_path) == ["b"] and names(tmp_path / "b") == ["cat.png"]


def test_a_failure_leaves_the_old_bundle_and_no_trace(
    bundle, sound_manifest, sound_files, tmp_path
):
    before = (bundle.root / "manifest.json").read_bytes()
    with pytest.raises(InputError, match="names trees"):
        write_bundle(bundle.root, sound_manifest, {"net.fp32.onnx": b"x", "golden.npz": b"x"})
    with pytest.raises(InputError, match="no file name"):
        write_bundle(bundle.root, sound_manifest, {**sound_files, "../evil": b"x"})
    with pytest.raises(KeyboardInterrupt), BundleWriter(bundle.root) as writer:
        writer.add("x.bin", b"1")
        raise KeyboardInterrupt
    assert (bundle.root / "manifest.json").read_bytes() == before
    assert names(tmp_path) == ["bundle"]
    open_bundle(bundle.root)


def test_a_missing_source_is_an_input_error(tmp_path, sound_manifest):
    with pytest.raises(InputError, match="cannot be read"):
        write_bundle(tmp_path / "b", sound_manifest, {"net.fp32.onnx": tmp_path / "none"})


def test_files_are_added_and_replaced(bundle, tmp_path):
    keeper = (bundle.root / "trees.bin").read_bytes()
    extend_bundle(bundle.root, lambda m: m, {"validation.json": b"{}"})
    longer = extend_bundle(
        bundle.root, lambda m: replace(m, created_by="me"), {"validation.json": b"[]"}
    )
    assert longer.read_bytes("validation.json") == b"[]"
    assert longer.manifest.created_by == "me"
    assert (bundle.root / "trees.bin").read_bytes() == keeper
    assert names(tmp_path) == ["bundle"]


def test_replacing_a_file_does_not_reach_through_the_hard_link(bundle, monkeypatch):
    old = (bundle.root / "trees.bin").read_bytes()
    monkeypatch.setattr(write, "_exchange", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError):
        extend_bundle(bundle.root, lambda m: m, {"trees.bin": b"new"})
    assert (bundle.root / "trees.bin").read_bytes() == old


def test_a_broken_bundle_is_not_extended(bundle):
    (bundle.root / "trees.bin").write_bytes(b"x")
    with pytest.raises(InputError):
        extend_bundle(bundle.root, lambda m: m, {"a.json": b"{}"})


def test_a_signed_bundle_is_only_extended_when_told(bundle):
    (bundle.root / "manifest.json.sig").write_bytes(b"x")
    with pytest.raises(InputError, match="--drop-signature"):
        extend_bundle(bundle.root, lambda m: m, {"a.json": b"{}"})
    assert open_bundle(bundle.root).signed
    assert not extend_bundle(
        bundle.root, lambda m: m, {"a.json": b"{}"}, drop_signature=True
    ).signed


def test_without_the_exchange_two_renames_do(bundle, monkeypatch, tmp_path):
    monkeypatch.setattr(write, "_rename_exchange", lambda *_: False)
    extend_bundle(bundle.root, lambda m: m, {"a.json": b"{}"})
    assert "a.json" in open_bundle(bundle.root).manifest.files
    assert names(tmp_path) == ["bundle"]


def test_a_link_to_a_bundle_stays_a_link(bundle, tmp_path):
    (tmp_path / "link").symlink_to(bundle.root)
    extend_bundle(tmp_path / "link", lambda m: m, {"a.json": b"{}"})
    assert (tmp_path / "link").is_symlink()
    assert "a.json" in open_bundle(bundle.root).manifest.files


def test_the_same_content_gives_the_same_manifest(tmp_path, sound_manifest, sound_files):
    first = write_bundle(tmp_path / "a", sound_manifest, sound_files)
    second = write_bundle(tmp_path / "b", sound_manifest, dict(reversed(sound_files.items())))
    assert first.manifest_sha256 == second.manifest_sha256
