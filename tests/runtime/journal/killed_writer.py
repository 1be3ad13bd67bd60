"""A program for the tests: writes fields to a journal, is killed at random moments, and starts again.

    python killed_writer.py JOURNAL ROUNDS SEED live|file

Each round a fresh process opens the journal and writes fields of which it says, on a pipe, how many it has captured
(`c COUNT`), what was acknowledged (`a ID NAME LATE`: the drops counted with it), and when it is done (`e`). It is killed
by SIGKILL at a moment drawn from the seed: while it opens, between fields, within a commit, while it closes. After each
round the journal is compared with what was said. One line of JSON in the end; AssertionError where something is amiss.
"""

import json
import os
import random
import select
import signal
import sqlite3
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))

from journal_made import about, numbered, textured

from leukoscope.runtime.journal.write import open_journal

BUDGET = 60_000
FIELDS_A_ROUND = 12


def write_fields(path: Path, say, live: bool, rng: random.Random) -> None:
    """The life of one process."""
    session = about(live=live)
    with open_journal(path, session, keep_pictures_bytes=BUDGET) as journal:
        list(journal.resume())
        captured = late = written = index = 0
        while written < FIELDS_A_ROUND:
            if journal.known("blobs", f"blobs_{index}"):
                index += 1
                continue
            captured += 1
            say(f"c {captured}")
            if rng.random() < 0.3:
                late += 1
                journal.count_drops({"late": late})
                continue
            flags = ("drift",) if index % 3 == 0 else ()
            make = textured if index % 5 == 0 else numbered
            field = journal.write(make(index, flags=flags), b"thumb")
            say(f"a {field} blobs_{index} {late}")
            index += 1
            written += 1
        journal.flush()
    say("e")


def run_and_kill(path: Path, live: bool, rng: random.Random) -> list[list[str]]:
    """What a process said before it was killed."""
    out, into = os.pipe()
    seed = rng.random()
    child = os.fork()
    if child == 0:
        os.close(out)
        failed = 1
        try:
            write_fields(
                path, lambda line: os.write(into, f"{line}\n".encode()), live, random.Random(seed)
            )
            failed = 0
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(failed)
    os.close(into)
    said = read_until(out, rng.randrange(FIELDS_A_ROUND + 3))
    time.sleep(rng.random() * (0.03 if not said else 0.006))
    os.kill(child, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) <= 0, "it failed by itself"
    while piece := os.read(out, 1 << 16):
        said += piece
    os.close(out)
    return [line.split() for line in said.decode().splitlines()]


def read_until(out: int, acknowledged: int) -> bytes:
    """What is said up to that many acknowledgements, or the end."""
    said = b""
    while said.count(b"a ") < acknowledged and not said.endswith(b"e\n"):
        select.select([out], [], [], 10)
        piece = os.read(out, 1 << 16)
        if not piece:
            break
        said += piece
    return said


def check(path: Path, acknowledged: dict[int, str], said: list[list[str]], live: bool) -> dict:
    """Compares the journal with all that was ever acknowledged, and with the last process's counts."""
    with sqlite3.connect(path) as connection:
        ask = lambda statement: connection.execute(statement).fetchall()  # noqa: E731
        assert ask("PRAGMA integrity_check") == [("ok",)]
        assert ask("PRAGMA foreign_key_check") == []
        if not ask("SELECT name FROM sqlite_master"):
            assert not acknowledged
            return {"fields": 0}
        fields = {row[0]: row[1] for row in ask("SELECT id, name FROM fields ORDER BY id")}
        assert sorted(fields) == list(range(1, len(fields) + 1))
        assert acknowledged.items() <= fields.items(), "acknowledged and lost"
        if not live:
            names = Counter(fields.values())
            assert max(names.values(), default=1) == 1, "twice"
            # In order, without a gap: a run goes on where the one before was killed.
            assert list(fields.values()) == [f"blobs_{i}" for i in range(len(fields))]
        whole = "SELECT count(*) FROM cells c JOIN fields f ON f.id = c.field"
        few = "SELECT count(*) FROM fields WHERE island IS NOT NULL"
        assert ask(whole)[0][0] == 2 * ask(few)[0][0], "half a field"
        assert ask("SELECT count(*) FROM maps") == ask("SELECT count(*) FROM thumbnails")
        assert ask("SELECT count(*) FROM maps") == [(len(fields),)]
        assert (ask("SELECT sum(size_bytes) FROM pictures")[0][0] or 0) <= BUDGET
        sessions = ask("SELECT max(id) FROM sessions")[0][0] or 0
        check_counts(ask, sessions, said)
    connection.close()
    return {"fields": len(fields), "sessions": sessions}


def check_counts(ask, session: int, said: list[list[str]]) -> None:
    """Never more than was captured, never less than was acknowledged."""
    captured = max((int(line[1]) for line in said if line[0] == "c"), default=None)
    if captured is None:
        return  # it never came to its first field: the last session is another one's
    late = max((int(line[3]) for line in said if line[0] == "a"), default=0)
    counted = ask(f"SELECT count FROM drops WHERE session = {session} AND cause = 'late'")
    counted = counted[0][0] if counted else 0
    written = ask(f"SELECT count(*) FROM fields WHERE session = {session}")[0][0]
    told = sum(line[0] == "a" for line in said)
    assert late <= counted <= captured
    assert told <= written <= told + 1
    assert counted + written <= captured


def main(path: Path, rounds: int, seed: int, live: bool) -> None:
    rng = random.Random(seed)
    acknowledged: dict[int, str] = {}
    reached = Counter()
    state: dict = {}
    for _ in range(rounds):
        said = run_and_kill(path, live, rng)
        new = {int(line[1]): line[2] for line in said if line[0] == "a"}
        assert not new.keys() & acknowledged.keys(), "an id was given twice"
        acknowledged.update(new)
        reached["ended" if ["e"] in said else "writing" if new else "opening"] += 1
        state = check(path, acknowledged, said, live) if path.exists() else {}
    print(json.dumps({**state, "acknowledged": len(acknowledged), **reached}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "live")
