import os
import socket
from contextlib import ExitStack, closing

import pytest

from leukoscope.errors import InputError, MachineError
from leukoscope.runtime.viewer import listening as module
from leukoscope.runtime.viewer.address import Address
from leukoscope.runtime.viewer.listening import STUCK_MS, bind


def test_a_port_that_is_taken_goes_for_the_next_where_none_is_asked_for(monkeypatch):
    with closing(bind(Address(port=0))) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(module, "PORT", port)
        with closing(bind(Address())) as next_one:
            assert port < next_one.getsockname()[1] <= port + module.TRIED


def test_a_port_that_is_asked_for_and_taken_is_one_line():
    with closing(bind(Address(port=0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port} of 127.0.0.1 is taken") as caught:
            bind(Address(port=port))
    assert "\n" not in str(caught.value)


def test_when_all_are_taken_the_next_step_is_said(monkeypatch):
    monkeypatch.setattr(module, "TRIED", 1)
    with closing(bind(Address(port=0))) as taken:
        monkeypatch.setattr(module, "PORT", taken.getsockname()[1])
        with pytest.raises(InputError, match=r"give --listen 127\.0\.0\.1:PORT"):
            bind(Address())


@pytest.mark.parametrize("host", ["203.0.113.7", "no-such-host.invalid", "a..b", "x" * 300])
def test_a_host_that_is_not_of_this_machine_is_one_line(host):
    with pytest.raises(InputError) as caught:
        bind(Address(host, 0))
    assert "--listen" in str(caught.value) and "\n" not in str(caught.value)


def test_a_port_without_the_right_to_it_is_the_machine_s(monkeypatch):
    def refuse(self, place):
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(MachineError, match="Permission denied; give a port of 1024 or more"):
        bind(Address(port=80))


def test_what_is_accepted_is_cut_off_when_it_takes_nothing_for_long():
    with ExitStack() as opened:
        here = opened.enter_context(closing(bind(Address(port=0))))
        here.setblocking(True)
        opened.enter_context(closing(socket.create_connection(here.getsockname())))
        there = opened.enter_context(closing(here.accept()[0]))
        kept = there.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
    assert kept == STUCK_MS
