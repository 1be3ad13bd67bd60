"""A plugin of pytest: the builder's place is taken by tests/runtime/backends/stand_in_engine, for a rehearsal without a device."""

from pathlib import Path
from types import SimpleNamespace

import tensorrt

from leukoscope.runtime.engines import build

PROFILE = (1, 2, 4)


def stand_in(bundle, network, precision, request, progress=None, *, folder):
    """As build_engine, but the plan holds the graph itself."""
    path = Path(folder) / f"{network}-{precision}.plan"
    reused = path.exists()
    path.write_bytes(tensorrt._plan_of(bundle.graph(network, precision), PROFILE))
    key = SimpleNamespace(profile=PROFILE)
    return SimpleNamespace(path=path, key=key, layers=(), seconds=0.0, reused=reused)


build.build_engine = stand_in
