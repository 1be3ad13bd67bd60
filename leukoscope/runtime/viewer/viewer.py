"""What a run and its page share."""

from collections.abc import Callable
from dataclasses import dataclass

from leukoscope.runtime.pause import Pause
from leukoscope.runtime.viewer.board import Board, RunState
from leukoscope.runtime.viewer.control import Control

LOOK_AROUND_S = 0.1


@dataclass(frozen=True)
class Viewer:
    """The run writes on the board; the page sets the pause and asks by the control."""

    board: Board
    pause: Pause
    control: Control

    def stay(self, interrupted: Callable[[], bool]) -> None:
        """The stream has ended: waits until the operator closes, or `interrupted` says so."""
        self.board.move_to(RunState.ENDED)
        while not self.control.wait_closed(LOOK_AROUND_S) and not interrupted():
            pass
