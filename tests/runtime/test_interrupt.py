import signal
import threading

import pytest

from leukoscope.runtime.interrupt import stop_on_interrupt


def press() -> None:
    signal.raise_signal(signal.SIGINT)


def test_once_asks_to_stop_and_twice_leaves():
    with pytest.raises(KeyboardInterrupt), stop_on_interrupt() as stopped:
        assert not stopped()
        press()
        assert stopped()
        press()


def test_the_old_handler_comes_back_even_after_an_error():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="x"), stop_on_interrupt():
        assert signal.getsignal(signal.SIGINT) is not before
        raise ValueError("x")
    assert signal.getsignal(signal.SIGINT) is before


def test_off_the_main_thread_it_never_stops():
    seen = []

    def work():
        with stop_on_interrupt() as stopped:
            seen.append(stopped())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False]
