from viewer_made import ABOUT

from leukoscope.runtime.pause import Pause
from leukoscope.runtime.viewer.board import Board, RunState
from leukoscope.runtime.viewer.control import Control
from leukoscope.runtime.viewer.viewer import STAYS, Viewer


def made():
    board, pause = Board(ABOUT), Pause()
    return Viewer(board, pause, Control(board, pause))


def test_ctrl_c_ends_the_stay():
    viewer, asked = made(), []

    def interrupted():
        asked.append(viewer.board.state)
        return len(asked) > 2

    viewer.stay(interrupted, lambda text: None)
    assert asked == [RunState.ENDED] * 3


def test_how_to_close_is_said_when_it_can_be_closed():
    viewer = made()

    def say(text):
        assert text == STAYS and viewer.control.is_over
        viewer.control.close()

    viewer.stay(lambda: False, say)


def test_a_run_that_failed_does_not_become_one_that_ended():
    viewer = made()
    viewer.board.move_to(RunState.FAILED, "disk full")
    viewer.stay(lambda: True, lambda text: None)
    assert viewer.board.state is RunState.FAILED
