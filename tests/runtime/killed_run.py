"""A run over a folder that is killed after some fields: killed_run.py BUNDLE FOLDER JOURNAL FIELDS."""

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from stand_ins import result_of, stand_in_pipeline
from stream_made import Recorder

from leukoscope.bundle.read import open_bundle
from leukoscope.runtime.session import open_session
from leukoscope.runtime.sources.uri import open_source
from leukoscope.runtime.stream import stream
from leukoscope.runtime.wishes import Wishes


class Deadly(Recorder):
    def write(self, result):
        super().write(result)
        print(result.frame.name, flush=True)
        if len(self.fields) == int(sys.argv[4]):
            os.kill(os.getpid(), signal.SIGKILL)


source = open_source(sys.argv[2])
wishes = Wishes(slide="S-7", journal=Path(sys.argv[3]))
bundle = open_bundle(Path(sys.argv[1]))
with open_session(bundle, stand_in_pipeline({}), source, sys.argv[2], wishes, {}) as session:
    stream(source, result_of, [Deadly()], rules=session.rules, record=session.record)
