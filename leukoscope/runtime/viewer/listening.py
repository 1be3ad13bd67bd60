"""The viewer's socket: bound before anything slow is opened, so that a port that is taken is known at once."""

import errno
import os
import socket
import weakref
from collections.abc import Iterator
from typing import Any

from leukoscope.errors import InputError, MachineError
from leukoscope.runtime.viewer.address import PORT, Address

TRIED = 20
"""Ports from PORT on that are tried where none is asked for (our choice)."""
WAITING = 64
"""Connections that the system may hold until they are accepted."""
ROOM = 96
"""Connections at a time, those in the middle of a handshake too (our choice)."""
STUCK_MS = 20_000
"""A reader that takes nothing for so long is cut off by the system, so that it holds no place for ever (our choice)."""


class Gate(socket.socket):
    """Accepts ROOM connections at a time, TLS or not, and shuts out others at once.

    Each takes a file descriptor, and the run needs some too.
    """

    def __init__(self, family: int, kind: int) -> None:
        super().__init__(family, kind)
        self._accepted: weakref.WeakSet[socket.socket] = weakref.WeakSet()

    def accept(self) -> tuple[socket.socket, Any]:
        """See `socket.accept`. ConnectionAbortedError where there is no room."""
        one, where = super().accept()
        if sum(other.fileno() >= 0 for other in self._accepted) >= ROOM:
            one.close()
            raise ConnectionAbortedError(errno.ECONNABORTED, os.strerror(errno.ECONNABORTED))
        self._accepted.add(one)
        return one, where


def bind(address: Address) -> socket.socket:
    """Listens at the address, or at the next free port where none is asked for. InputError in one line if it cannot be.

    MachineError where a port needs a right that this user has not.
    """
    found = _resolve(address)
    for port in _ports(address):
        try:
            return _listen(found, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or address.port is not None:
                raise _refused(address.host, port, error) from None
    raise InputError(
        f"ports {PORT} to {PORT + TRIED - 1} of {address.host} are all taken",
        next_step=f"give --listen {address.host}:PORT",
    )


def _ports(address: Address) -> Iterator[int]:
    if address.port is not None:
        yield address.port
    else:
        yield from range(PORT, PORT + TRIED)


def _resolve(address: Address) -> tuple[socket.AddressFamily, str]:
    try:
        found = socket.getaddrinfo(address.host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise InputError(
            f"--listen {address.host}: {getattr(error, 'strerror', None) or error}",
            wanted="an address or a name of this machine",
        ) from None
    family, _, _, _, place = found[0]
    return family, str(place[0])


def _listen(found: tuple[socket.AddressFamily, str], port: int) -> socket.socket:
    family, host = found
    one = Gate(family, socket.SOCK_STREAM)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STUCK_MS)
        one.bind((host, port))
        one.listen(WAITING)
    except BaseException:
        one.close()
        raise
    one.setblocking(False)
    return one


def _refused(host: str, port: int, error: OSError) -> InputError | MachineError:
    if error.errno == errno.EACCES:
        return MachineError(
            f"port {port} of {host}: {error.strerror}", next_step="give a port of 1024 or more"
        )
    if error.errno == errno.EADDRINUSE:
        return InputError(
            f"port {port} of {host} is taken", next_step="give another, or leave the port out"
        )
    return InputError(
        f"--listen {host}: {error.strerror or error}", wanted="an address of this machine"
    )
