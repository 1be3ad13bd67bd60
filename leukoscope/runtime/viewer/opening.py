"""The viewer of one run put together: the board, the routes around it, and the server between it and browsers."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from leukoscope.errors import LeukoscopeError
from leukoscope.runtime.pause import Pause
from leukoscope.runtime.tree_map import MapTrees
from leukoscope.runtime.viewer.access import Key
from leukoscope.runtime.viewer.app import Routes, make_app
from leukoscope.runtime.viewer.board import Board, RunAbout, RunState
from leukoscope.runtime.viewer.control import Control
from leukoscope.runtime.viewer.control_routes import ControlRoutes
from leukoscope.runtime.viewer.door import Door
from leukoscope.runtime.viewer.file_routes import FileRoutes
from leukoscope.runtime.viewer.hosts import own_hosts
from leukoscope.runtime.viewer.live_routes import LiveRoutes
from leukoscope.runtime.viewer.review_desk import ReviewDesk
from leukoscope.runtime.viewer.review_routes import ReviewRoutes
from leukoscope.runtime.viewer.server import Server
from leukoscope.runtime.viewer.snapshots import Snapshots, snapshot_folder
from leukoscope.runtime.viewer.viewer import Viewer
from leukoscope.runtime.viewer.words import read_words

FAREWELL_S = 1.5
"""How long a page has to hear that the run has failed: it asks at least once a second."""


@contextmanager
def open_viewer(
    door: Door,
    about: RunAbout,
    *,
    map_trees: MapTrees | None,
    journal: Path | None,
    warn: Callable[[str], None],
) -> Iterator[Viewer]:
    """Answers while it is open; `warn` is the operator's terminal.

    An error that leaves the block is told to the page before the server ends.
    """
    board, pause = Board(about), Pause()
    control = Control(board, pause)
    live = LiveRoutes(board, pause, map_trees)
    snapshots = Snapshots(snapshot_folder(journal))
    desk = None if journal is None else ReviewDesk(journal)
    parts = Routes(
        live, ControlRoutes(board, control, snapshots, live.made), ReviewRoutes(desk), FileRoutes()
    )
    key = Key(door.token, f"leukoscope_{door.port}", secure=door.tls is not None)
    app = make_app(parts, key, own_hosts(door.address), read_words(), warn)
    server = Server(app, door.listening, door.tls, warn)
    try:
        server.start()
        yield Viewer(board, pause, control)
    except Exception as error:
        board.move_to(RunState.FAILED, in_a_line(error))
        if live.is_watched:
            time.sleep(FAREWELL_S)
        raise
    finally:
        server.stop()
        live.made.close()
        if desk is not None:
            desk.close()


def in_a_line(error: BaseException) -> str:
    """What a page is told of an error."""
    return str(error) if isinstance(error, LeukoscopeError) else type(error).__name__
