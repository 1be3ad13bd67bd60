from leukoscope.runtime.backends.device_times import DeviceTimes, TellsTimes, total


def test_times_of_batches_add_up():
    found = total([DeviceTimes(1.0, 10.0, 0.5), DeviceTimes(2.0, 20.0, 0.25)])
    assert found == DeviceTimes(3.0, 30.0, 0.75)


def test_no_copy_is_none_and_not_nought():
    assert total([DeviceTimes(None, 1.0, None)] * 2) == DeviceTimes(None, 2.0, None)
    assert total([]) == DeviceTimes(None, 0, None)


def test_only_a_backend_that_tells_is_asked():
    class Silent:
        def infer(self, frames): ...

    class Telling(Silent):
        def infer_timed(self, frames): ...

    assert isinstance(Telling(), TellsTimes) and not isinstance(Silent(), TellsTimes)
