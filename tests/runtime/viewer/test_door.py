import socket

import pytest
from pem import write_pair
from viewer_made import PATIENCE_S

from leukoscope.errors import InputError, MachineError
from leukoscope.runtime.viewer import door as module
from leukoscope.runtime.viewer.address import Address, ViewerWishes
from leukoscope.runtime.viewer.door import Door, open_door


def test_without_the_wish_there_is_none_and_nothing_is_looked_for(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: 1 / 0)
    with open_door(ViewerWishes()) as door:
        assert door is None


def test_the_port_is_held_while_it_is_open():
    with open_door(ViewerWishes(True)) as door:
        socket.create_connection(("127.0.0.1", door.port), PATIENCE_S).close()
        assert door.url == f"http://127.0.0.1:{door.port}/?token={door.token}"
        port = door.port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), PATIENCE_S).close()


def test_missing_packages_are_named_with_the_command(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with (
        pytest.raises(
            MachineError, match=r"starlette and uvicorn; pip install 'leukoscope\[viewer\]'"
        ),
        open_door(ViewerWishes(True)),
    ):
        pass


def test_a_bad_certificate_is_known_before_a_port_is_taken(tmp_path, monkeypatch):
    cert, _ = write_pair(tmp_path)
    monkeypatch.setattr(module, "bind", lambda address: 1 / 0)
    wishes = ViewerWishes(True, None, cert, cert)
    with pytest.raises(InputError, match="a certificate and its key"), open_door(wishes):
        pass


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("::1", "http://[::1]:"),
        ("localhost", "http://localhost:"),
        ("0.0.0.0", f"http://{socket.gethostname()}:"),
    ],
)
def test_the_address_is_one_that_can_be_typed(host, shown):
    class Listening:
        def getsockname(self):
            return (host, 8765, 0, 0)

    assert Door(Address(host), Listening(), None, "T").url == f"{shown}8765/?token=T"
