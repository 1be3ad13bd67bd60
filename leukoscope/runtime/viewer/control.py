"""What the operator does to the run from the page."""

import threading
from collections.abc import Callable

from leukoscope.runtime.pause import Pause
from leukoscope.runtime.viewer.board import Board, RunState

PAUSED, RESUMED, ENDED = "paused by the operator", "resumed by the operator", "ended in the viewer"


class Control:
    """Any thread."""

    def __init__(self, board: Board, pause: Pause) -> None:
        self._board, self._pause = board, pause
        self.write: Callable[[str], None] = lambda text: None
        """Writes a line into the journal; whoever opens the journal sets it."""
        self._ended, self._closed = threading.Event(), threading.Event()

    @property
    def is_over(self) -> bool:
        """Whether the stream has ended."""
        return self._board.state.is_over

    @property
    def is_ended(self) -> bool:
        """Whether the operator has ended the slide: Ctrl-C once."""
        return self._ended.is_set()

    def pause(self) -> None:
        """No further field is taken."""
        if not self._pause.on:
            self._pause.begin()
            self.note(PAUSED)
            self._board.news.tell()

    def resume(self) -> None:
        """Fields are taken again."""
        if self._pause.on:
            self._pause.end()
            self.note(RESUMED)
            self._board.news.tell()

    def end(self) -> None:
        """What is in hand is finished, then the stream ends."""
        if not self._ended.is_set():
            self._ended.set()
            self.note(ENDED)
            self._board.move_to(RunState.ENDING)

    def note(self, text: str) -> None:
        """A line for the journal; after the end there is none to write to."""
        if not self.is_over:
            self.write(text)

    def close(self) -> None:
        """The program ends."""
        self._closed.set()

    def wait_closed(self, timeout_s: float) -> bool:
        """Whether the operator has closed, waited for so long."""
        return self._closed.wait(timeout_s)
