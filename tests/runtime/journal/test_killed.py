"""kill -9 at random moments: what was acknowledged is there, once; the journal goes on."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("killed_writer.py")


def killed(path: Path, rounds: int, seed: int, kind: str) -> dict:
    command = [sys.executable, str(PROGRAM), str(path), str(rounds), str(seed), kind]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("kind", ["file", "live"])
def test_a_few_kills(path, kind):
    told = killed(path, 10, 7, kind)
    assert told["fields"] >= told["acknowledged"] > 0
    assert told["writing"] > 0


@pytest.mark.heavy
@pytest.mark.parametrize(("kind", "seed"), [("file", 1), ("live", 2)])
def test_two_hundred_kills(path, kind, seed):
    told = killed(path, 200, seed, kind)
    assert told["fields"] >= told["acknowledged"] > 200
    assert min(told["writing"], told["opening"], told["ended"]) > 0
