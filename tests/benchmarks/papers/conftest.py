"""Makes `benchmarks` importable, which is no part of the package."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))


@pytest.fixture
def make_result():
    """A stored result of a cell with the given figures."""

    def make(figures, **rest):
        return {
            "schema": 1,
            "figures": figures,
            "images": {"fit": 10, "held": 3},
            "views": 96,
            "parameters": 500_000,
            "gflop": 0.5,
            "wall_s": 7.4,
            "processor_s": 6.0,
            "threads": 1,
            "machine": "a machine",
            "torch": "2",
            "made_at": "2026-11-22T05:00:00+00:00",
            "data_sha256": "d",
            **rest,
        }

    return make
