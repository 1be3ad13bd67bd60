"""The few errors that a user meets: one line, an exit code, and what to type next."""


class LeukoscopeError(Exception):
    """What was found, what was wanted, what to do next; `exit_code` is what the command line returns."""

    exit_code = 1

    def __init__(self, found: str, *, wanted: str = "", next_step: str = "") -> None:
        self.found, self.wanted, self.next_step = found, wanted, next_step
        parts = [found, f"wanted {wanted}" if wanted else "", next_step]
        super().__init__("; ".join(" ".join(part.split()) for part in parts if part))


class InputError(LeukoscopeError):
    """The input is wrong: a path, an image, a bundle, a data folder, a setting."""


class UsageError(LeukoscopeError):
    """Options that cannot be used together."""

    exit_code = 2


class GateError(LeukoscopeError):
    """A proof failed: parity at export, or a budget of the gate."""

    exit_code = 3


class MachineError(LeukoscopeError):
    """This machine lacks something; `next_step` is the command that brings it."""

    exit_code = 4
