"""`leukoscope build` on an emulated device: the builder of stand_in.py, and the engines of the backends' stand-in.

Its first argument is JSON, settings of the engine that is built (`{"wrong": "cams"}`); the rest is the command line.
"""

import json
import sys
from types import SimpleNamespace

import stand_in
import tensorrt

BUILDER = (
    "Builder",
    "OnnxParser",
    "IProgressMonitor",
    "NetworkDefinitionCreationFlag",
    "ProfilingVerbosity",
    "MemoryPoolType",
    "LayerInformationFormat",
)


def add_builder(settings):
    script = stand_in.Script()
    made = stand_in.module(script)
    for name in BUILDER:
        setattr(tensorrt, name, getattr(made, name))
    parse = made.OnnxParser.parse

    def remember(self, data):
        script.plan = tensorrt._plan_of(data, (1, 1, 4), **settings)
        return parse(self, data)

    made.OnnxParser.parse = remember
    inspector = SimpleNamespace(get_engine_information=lambda form: stand_in.INSPECTION)
    tensorrt.ICudaEngine.create_engine_inspector = lambda self: inspector


if __name__ == "__main__":
    add_builder(json.loads(sys.argv.pop(1)))
    from leukoscope.cli.main import main

    main()
