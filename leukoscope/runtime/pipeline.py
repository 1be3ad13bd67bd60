"""The path of a field, in one line."""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from leukoscope.bundle.read import Bundle
from leukoscope.errors import InputError
from leukoscope.runtime.backends.onnxruntime import CPU
from leukoscope.runtime.backends.shared import SharedBackend
from leukoscope.runtime.cells import FindCells
from leukoscope.runtime.engine import CELL_NETWORK, FIELD_NETWORK, Engine, open_engines
from leukoscope.runtime.explain import Explain
from leukoscope.runtime.field import Frame, Result
from leukoscope.runtime.infer import Infer
from leukoscope.runtime.scale import Scale
from leukoscope.runtime.settings import Settings
from leukoscope.runtime.tree_map import MapTrees
from leukoscope.runtime.votes import CastVotes, Trees, open_trees

CPU_LANES = 2
"""Calls of one network at a time on a processor (our choice, measured by benchmarks/stream.py)."""


@dataclass(frozen=True)
class Pipeline:
    """The stages between a source and the sinks; each knows only what it takes and what it returns."""

    engines: dict[str, Engine]
    scale: Scale
    infer: Infer
    find_cells: FindCells
    cast_votes: CastVotes
    explain: Explain

    def __call__(self, frame: Frame) -> Result:
        """Judges one field."""
        return self.explain(self.cast_votes(self.find_cells(self.infer(self.scale(frame)))))


def for_many_fields(settings: Settings, *, live: bool, fields: int | None) -> Settings:
    """Settings for the fields of a source, of which there may be `fields`.

    Of a recording one wants fields a second: as many calls at a time as there are lanes, each on its share of the
    cores, wait for nobody (benchmarks/stream.py). Of a camera, or of one picture, one wants the result soon: each call
    has all cores.
    """
    return settings if live or fields == 1 else replace(settings, calls_at_once=CPU_LANES)


def open_pipeline(
    bundle: Bundle,
    settings: Settings,
    networks: Collection[str] | None = None,
    *,
    shared: bool = False,
) -> Pipeline:
    """Opens the bundle's networks and trees as `settings` choose, or only some `networks`.

    `shared`: for several threads at a time. Raises InputError for what the bundle lacks, MachineError for what the
    machine lacks.
    """
    engines = open_engines(bundle, settings, networks)
    trees = open_trees(bundle, settings.voter) if FIELD_NETWORK in engines else None
    alone = Pipeline(
        engines,
        Scale({name: engine.contract for name, engine in engines.items()}),
        Infer(engines),
        FindCells(engines.get(CELL_NETWORK)),
        CastVotes(trees),
        _open_explain(bundle, settings, trees),
    )
    return share_pipeline(alone) if shared else alone


def share_pipeline(alone: Pipeline) -> Pipeline:
    """The same networks for several threads at a time."""
    engines = {name: share(engine) for name, engine in alone.engines.items()}
    return with_engines(alone, engines, ThreadPoolExecutor(CPU_LANES, "field network"))


def with_engines(
    pipeline: Pipeline, engines: dict[str, Engine], beside: ThreadPoolExecutor | None = None
) -> Pipeline:
    """The pipeline over other engines of the same networks; `beside` as for `Infer`."""
    return replace(
        pipeline,
        engines=engines,
        infer=Infer(engines, beside),
        find_cells=FindCells(engines.get(CELL_NETWORK)),
    )


def share(engine: Engine) -> Engine:
    """The engine for several threads: a processor's cores are best used by calls side by side, a device by batches."""
    lanes = CPU_LANES if engine.backend.name == CPU else 1
    return replace(engine, backend=SharedBackend(engine.backend, lanes))


def _open_explain(bundle: Bundle, settings: Settings, trees: Trees | None) -> Explain:
    if settings.explain == "gradcam":
        return Explain()
    if trees is None:
        raise InputError(
            f"{bundle.root} has no trees to explain",
            next_step="give --explain gradcam, or export with --trees",
        )
    return Explain(MapTrees(trees.blob, trees.classes))
