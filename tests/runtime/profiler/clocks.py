"""A clock whose hands are turned by what is timed."""

from leukoscope.runtime.profiler.timed_calls import NS_PER_MS


class TurnedClock:
    """`call(n)` takes the n-th of `taken_ms`, the last one for ever."""

    def __init__(self, taken_ms):
        self.now_ns, self._taken, self.calls = 5, list(taken_ms), []

    def tick(self):
        return self.now_ns

    def call(self, number):
        self.calls.append(number)
        self.now_ns += round(self._taken[min(number, len(self._taken) - 1)] * NS_PER_MS)

    def sleep(self, seconds):
        self.now_ns += round(seconds * 1e9)
