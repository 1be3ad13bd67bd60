"""By which names the viewer may be called: a foreign name that leads here is somebody's trick (DNS rebinding)."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass

from leukoscope.runtime.viewer.address import Address, ip_of

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Hosts:
    """Names and addresses without ports; a port may be another one behind a tunnel (`ssh -L`)."""

    names: frozenset[str]
    any_ip: bool = False
    """Whether every IP address will do: no trick leads from a name to a cookie of an IP address."""

    def allows(self, given: Sequence[str]) -> bool:
        """Whether these `Host` headers are one, and ours."""
        if len(given) != 1:
            return False
        host = _without_port(given[0].strip().lower()).rstrip(".")
        return host in self.names or (self.any_ip and ip_of(host) is not None)


def own_hosts(address: Address) -> Hosts:
    """The host that was asked for; this machine's own names too where others may come."""
    if address.is_loopback:
        return Hosts(LOOPBACK | {address.host})
    own = {socket.gethostname().lower(), socket.getfqdn().lower()}
    local = {f"{name}.local" for name in own if "." not in name}
    return Hosts(LOOPBACK | own | local | {address.host}, any_ip=True)


def _without_port(host: str) -> str:
    if host.startswith("["):
        inner, closed, _ = host[1:].partition("]")
        return inner if closed else host
    return host.partition(":")[0]
