"""CUDA graphs: work recorded once and launched again with one call."""

from collections.abc import Callable

from leukoscope.runtime.backends.cuda.driver import Handle
from leukoscope.runtime.backends.cuda.resource import Owner, Resource, attempt_all


class Graph(Resource):
    """Recorded work, ready for `Stream.launch`."""

    what = "CUDA graph"

    def __init__(self, owner: Owner, executable: Handle) -> None:
        super().__init__(owner, executable, owner.driver.destroy_graph)


def record_graph(owner: Owner, stream: Handle, work: Callable[[], None]) -> Graph:
    """See `Stream.capture`. The stream leaves capture whatever `work` does."""
    driver = owner.driver
    driver.begin_capture(stream)
    try:
        work()
    except BaseException:
        attempt_all([lambda: driver.destroy_recording(driver.end_capture(stream))])
        raise
    recording = driver.end_capture(stream)
    try:
        executable = driver.instantiate(recording)
    except BaseException:
        attempt_all([lambda: driver.destroy_recording(recording)])
        raise
    graph = Graph(owner, executable)
    driver.destroy_recording(recording)
    return graph
