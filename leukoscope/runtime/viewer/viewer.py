"""What a run and its page share."""

from collections.abc import Callable
from dataclasses import dataclass

from leukoscope.runtime.pause import Pause
from leukoscope.runtime.viewer.board import Board, RunState
from leukoscope.runtime.viewer.control import Control

LOOK_AROUND_S = 0.1
STAYS = "viewer: the stream has ended, the page stays; close it there, or press Ctrl-C here"


@dataclass(frozen=True)
class Viewer:
    """The run writes on the board; the page sets the pause and asks by the control."""

    board: Board
    pause: Pause
    control: Control

    def stay(self, interrupted: Callable[[], bool], say: Callable[[str], None]) -> None:
        """The stream has ended: waits until the operator closes, or `interrupted` says so; `say` tells him how."""
        self.board.move_to(RunState.ENDED)
        say(STAYS)
        while not self.control.wait_closed(LOOK_AROUND_S) and not interrupted():
            pass
