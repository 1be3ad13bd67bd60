"""A program for the tests: fills the disk, or what stands for it, with fields; then there is room again.

    python full_disk.py JOURNAL disk|limit

`disk`: the journal's file system is small and this program alone on it. `limit`: files may not grow over a
size. One line of JSON in the end; AssertionError where something is amiss.
"""

import json
import resource
import sqlite3
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))

from journal_made import about, textured

from leukoscope.errors import InputError
from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.write import open_journal

LIMIT_BYTES = 400_000
FILLER_BYTES = 700_000
TRIES_MORE = 5


def fill_up(journal) -> tuple[int, list[str]]:
    """Writes until it cannot; fields written, and what was said."""
    for index in range(500):
        journal.count_drops({"late": index})
        try:
            assert journal.write(textured(index)) == index + 1
        except InputError as error:
            return index, [str(error)]
    raise AssertionError("never full")


def main(path: Path, kind: str) -> None:
    filler = path.with_name("filler")
    if kind == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT_BYTES, resource.RLIM_INFINITY))
    else:
        filler.write_bytes(bytes(FILLER_BYTES))
    with open_journal(path, about()) as journal:
        written, said = fill_up(journal)
        for index in range(TRIES_MORE):
            try:
                journal.note(f"try {index}")
                journal.write(textured(written, size_px=200))
            except InputError as error:
                said.append(str(error))
            with read_journal(path) as reader:
                # All that was acknowledged is there, and nothing besides.
                assert reader.summary().fields == written, "lost while full"
                assert reader.summary().drops["late"] == written - 1
                assert all(reader.maps(field) for field in range(1, written + 1))
        if kind == "limit":
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        else:
            filler.unlink()
        for index in range(written, written + 5):
            assert journal.write(textured(index)) == index + 1
    check(path, written + 5)
    print(json.dumps({"written": written, "said": said}))


def check(path: Path, fields: int) -> None:
    """Whole, in order, once; what was noted while it was full is there too."""
    connection = sqlite3.connect(path)
    ask = connection.execute
    assert ask("PRAGMA integrity_check").fetchone() == ("ok",)
    assert ask("SELECT count(*), max(id), count(DISTINCT name) FROM fields").fetchone() == (
        (fields,) * 3
    )
    assert ask("SELECT count(*) FROM events").fetchone() == (TRIES_MORE,)
    assert ask("SELECT count FROM drops").fetchone() == (fields - 5,)
    assert ask("SELECT ending FROM sessions").fetchone() == ("done",)
    connection.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
