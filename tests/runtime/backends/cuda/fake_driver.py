"""A driver that only writes down what it is asked, and fails where a test says."""

import numpy as np

from leukoscope.runtime.backends.cuda.driver import DeviceFacts
from leukoscope.runtime.backends.cuda.failures import driver_failure

FACTS = DeviceFacts("Fake", (8, 7), True, (12, 6), 8 << 30, "fake")


class FakeDriver:
    """`log` holds (call, arguments); `failing` the names of the calls that fail, with their code."""

    binding = "fake"

    def __init__(self):
        self.log, self.failing, self.made = [], {}, 0

    def names(self):
        return [name for name, *_ in self.log]

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)

        def call(*arguments, **options):
            self.log.append((name, *arguments, *options.values()))
            if name in self.failing:
                raise driver_failure(name, self.failing[name], "on demand")
            return self.answer(name, arguments)

        return call

    def answer(self, name, arguments):
        if name == "facts":
            return FACTS
        if name == "allocate_host":
            return np.zeros(arguments[0], np.uint8)
        if name == "host_bytes":
            return arguments[0]
        if name in ("address", "mapped_address", "stream_handle"):
            return 4096
        self.made += 1
        return f"{name} {self.made}"
