"""Ours: the runtime's own path of a field, from the frame to the vote and the map laid on it."""

import numpy as np

from leukoscope.errors import MachineError
from leukoscope.runtime.field import Frame as Field
from leukoscope.runtime.pipeline import open_pipeline
from leukoscope.runtime.settings import Settings
from vote_ways.answer import Answer, AnswerWay, Frame, heat_of
from vote_ways.case import NETWORK, Case


def open_ours(case: Case, precision: str, backend: str) -> AnswerWay:
    """What `run` does with a field, by `runtime/pipeline.py`, without decoding. MachineError where the backend is not there."""
    pipeline = open_pipeline(
        case.bundle,
        Settings(precision=precision, backend=backend, threads=case.threads, allow_untrained=True),
    )
    engine = pipeline.engines[NETWORK]
    if (engine.backend.name, engine.backend.precision) != (backend, precision):
        raise MachineError(f"{backend} does not run {precision} here: {'; '.join(engine.notes)}")
    classes = engine.classes

    def answer(frame: Frame) -> Answer:
        result = pipeline(Field(frame, "memory", "frame", 0))
        vote, evidence = result.vote, result.evidence
        assert vote is not None
        assert evidence is not None
        probabilities = np.array([vote.probabilities[name] for name in classes], np.float32)
        heat = heat_of(evidence.grid, frame.shape[0])
        return Answer(classes.index(vote.stage), probabilities, heat)

    return answer
