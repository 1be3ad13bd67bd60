import threading

from leukoscope.runtime.pause import Pause

PATIENCE_S = 20


def waiting(pause, stopped):
    came = []
    thread = threading.Thread(target=lambda: came.append(pause.wait(stopped)), daemon=True)
    thread.start()
    return thread, came


def test_it_is_off_at_first_and_nobody_waits():
    pause = Pause()
    assert not pause.on and pause.wait(lambda: False)


def test_who_waits_goes_on_when_it_ends():
    pause = Pause()
    pause.begin()
    assert pause.on
    thread, came = waiting(pause, lambda: False)
    thread.join(0.2)
    assert thread.is_alive()
    pause.end()
    thread.join(PATIENCE_S)
    assert came == [True] and not pause.on


def test_who_waits_is_let_go_when_the_run_is_stopped():
    pause, stopped = Pause(), threading.Event()
    pause.begin()
    thread, came = waiting(pause, stopped.is_set)
    stopped.set()
    thread.join(PATIENCE_S)
    assert came == [False] and pause.on
