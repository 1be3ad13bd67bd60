"""The viewer before there is anything to see: its packages, its certificate and its port, found or missed at once."""

import secrets
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec

from leukoscope.errors import MachineError
from leukoscope.runtime.viewer.address import Address, ViewerWishes
from leukoscope.runtime.viewer.certificate import tls_context
from leukoscope.runtime.viewer.listening import bind

PACKAGES = ("starlette", "uvicorn")
TOKEN_BYTES = 24


@dataclass(frozen=True)
class Door:
    """A bound socket, and what opens it."""

    address: Address
    listening: socket.socket
    tls: ssl.SSLContext | None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(TOKEN_BYTES), repr=False)

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self.listening.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """The address with its token: whoever has it may look, correct and end."""
        host = socket.gethostname() if self.address.is_wildcard else self.address.host
        shown = f"[{host}]" if ":" in host else host
        return (
            f"{'http' if self.tls is None else 'https'}://{shown}:{self.port}/?token={self.token}"
        )


@contextmanager
def open_door(wishes: ViewerWishes) -> Iterator[Door | None]:
    """None where no viewer is wanted. MachineError without the packages, InputError as of `tls_context` and `bind`."""
    if not wishes.wanted:
        yield None
        return
    if missing := [name for name in PACKAGES if find_spec(name) is None]:
        raise MachineError(
            f"--viewer needs {' and '.join(missing)}", next_step="pip install 'leukoscope[viewer]'"
        )
    tls = None
    if wishes.tls_cert is not None and wishes.tls_key is not None:
        tls = tls_context(wishes.tls_cert, wishes.tls_key)
    with closing(bind(wishes.address)) as listening:
        yield Door(wishes.address, listening, tls)
