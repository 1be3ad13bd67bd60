"""Where the viewer listens, as the command line says it, and who may then reach it."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from leukoscope.errors import UsageError

HOST = "127.0.0.1"
PORT = 8765
"""The first that is tried where none is asked for."""
LISTEN_FORM = "HOST or HOST:PORT, such as 0.0.0.0:8765 or [::]:8765"


@dataclass(frozen=True)
class Address:
    """A host to listen at; `port` None: PORT, or the next that is free."""

    host: str = HOST
    port: int | None = None

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches it."""
        if self.host == "localhost":
            return True
        literal = ip_of(self.host)
        return literal is not None and literal.is_loopback

    @property
    def is_wildcard(self) -> bool:
        """Whether it listens at all addresses of the machine."""
        literal = ip_of(self.host)
        return literal is not None and literal.is_unspecified


@dataclass(frozen=True)
class ViewerWishes:
    """What the command line says of the viewer. UsageError for what cannot be meant."""

    wanted: bool = False
    listen: str | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    insecure: bool = False

    def __post_init__(self) -> None:
        if not self.wanted:
            self._check_alone()
            return
        if (self.tls_cert is None) != (self.tls_key is None):
            there, lacks = ("cert", "key") if self.tls_key is None else ("key", "cert")
            raise UsageError(
                f"--tls-{there} without --tls-{lacks}", next_step=f"add --tls-{lacks} FILE"
            )
        if not (self.address.is_loopback or self.tls_cert is not None or self.insecure):
            raise UsageError(
                f"--listen {self.address.host} lets other machines in, and nothing is encrypted",
                next_step="add --tls-cert FILE --tls-key FILE, or --insecure in a network you trust",
            )

    def _check_alone(self) -> None:
        given = {
            "--listen": self.listen is not None,
            "--tls-cert": self.tls_cert is not None,
            "--tls-key": self.tls_key is not None,
            "--insecure": self.insecure,
        }
        if named := [name for name, is_given in given.items() if is_given]:
            raise UsageError(f"{', '.join(named)} without --viewer", next_step="add --viewer")

    @property
    def address(self) -> Address:
        """Where to listen."""
        return Address() if self.listen is None else parse_listen(self.listen)


def parse_listen(text: str) -> Address:
    """HOST, HOST:PORT, [IPV6] or [IPV6]:PORT. UsageError for anything else."""
    host, port = _split(text)
    if not host or not host.isascii() or any(c in "[]/@?#%\\" or not c.isprintable() for c in host):
        raise _refused(text)
    if " " in host or (":" in host and ip_of(host) is None):
        raise _refused(text)
    if port is None:
        return Address(host.lower())
    # int() would take "+1", "1_0" and digits of other scripts.
    if not (port.isascii() and port.isdecimal()) or not 1 <= int(port[:6]) <= 65535:
        raise _refused(text)
    return Address(host.lower(), int(port))


def _split(text: str) -> tuple[str, str | None]:
    if text.startswith("["):
        host, closed, rest = text[1:].partition("]")
        if not closed or ip_of(host) is None or (rest and not rest.startswith(":")):
            raise _refused(text)
        return host, rest[1:] if rest else None
    if text.count(":") > 1:
        return text, None
    host, colon, port = text.partition(":")
    return host, port if colon else None


def _refused(text: str) -> UsageError:
    return UsageError(f"--listen {text[:60]!r}", wanted=LISTEN_FORM)


def ip_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host is written as; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
