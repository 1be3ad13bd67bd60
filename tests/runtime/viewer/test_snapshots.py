from pathlib import Path

from stand_ins import blob_field, result_of

from leukoscope.runtime.viewer.snapshots import Snapshots, snapshot_folder


def test_where_they_are_kept():
    assert snapshot_folder(Path("a/s.db")) == Path("a/s.db.snapshots")
    assert snapshot_folder(None) == Path("leukoscope-snapshots")


def test_no_file_is_written_over(tmp_path):
    first, again = Snapshots(tmp_path / "new"), Snapshots(tmp_path / "new")
    result = result_of(blob_field())
    assert first.take(result) == tmp_path / "new" / "blobs_0.png"
    (tmp_path / "new" / "blobs_0_2.png").symlink_to(tmp_path / "elsewhere")
    assert again.take(result) == tmp_path / "new" / "blobs_0_3.png"
    assert not (tmp_path / "elsewhere").exists()


def test_only_those_of_this_run_are_known_by_name(tmp_path):
    mine, others = Snapshots(tmp_path), Snapshots(tmp_path)
    path = mine.take(result_of(blob_field()))
    assert mine.named("blobs_0.png") == path and mine.named("../x") is None
    assert others.named("blobs_0.png") is None
