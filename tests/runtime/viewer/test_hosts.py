import socket

import pytest

from leukoscope.runtime.viewer.address import Address
from leukoscope.runtime.viewer.hosts import own_hosts


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8765", "localhost:1", "LOCALHOST", "[::1]:8765", "localhost."]
)
def test_this_machine_calls_itself_so(host):
    assert own_hosts(Address()).allows([host])


@pytest.mark.parametrize(
    "given",
    [[], [""], ["evil.example"], ["127.0.0.1.evil.example"], ["10.0.0.7"], ["127.0.0.1", "x"],
     ["127.0.0.1@evil.example"], ["[::1"], ["localhost evil.example"], ["192.168.0.1:8765"]],
)  # fmt: skip
def test_any_other_name_is_foreign_on_loopback(given):
    assert not own_hosts(Address()).allows(given)


def test_where_others_may_come_the_machine_s_names_and_any_address_will_do():
    hosts = own_hosts(Address("0.0.0.0"))
    assert hosts.allows([f"{socket.gethostname()}:8765"]) and hosts.allows(["10.0.0.7:8765"])
    assert hosts.allows(["[fe80::1]:8765"]) and not hosts.allows(["evil.example:8765"])


def test_a_name_that_was_asked_for_is_ours():
    assert own_hosts(Address("bench.lab")).allows(["bench.lab:8765"])
    assert not own_hosts(Address("bench.lab")).allows(["evil.lab:8765"])
