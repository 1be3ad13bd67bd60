import ssl

import pytest
from pem import write_pair
from viewer_made import Client, opened

from leukoscope.errors import InputError
from leukoscope.runtime.viewer.certificate import tls_context


def test_a_page_over_tls_with_a_cookie_for_tls_only(tmp_path):
    cert, key = write_pair(tmp_path)
    trusting = ssl.create_default_context(cafile=str(cert))
    with opened(tls=tls_context(cert, key), client_tls=trusting) as it:
        entry = it.client.get(f"/?token={it.door.token}", cookie="")
        assert entry.status == 303 and "; Secure" in entry.headers["Set-Cookie"]
        assert it.door.url.startswith("https://127.0.0.1:")
        assert it.client.state()["run"]["state"] == "running"
        own = f"https://127.0.0.1:{it.door.port}"
        assert it.client.get("/state", Origin=own).status == 200
        assert it.client.get("/state", Origin=own.replace("https", "http")).status == 403


def test_who_does_not_speak_tls_disturbs_nobody(tmp_path, capfd):
    cert, key = write_pair(tmp_path)
    trusting = ssl.create_default_context(cafile=str(cert))
    with opened(tls=tls_context(cert, key), client_tls=trusting) as it:
        with it.client.socket() as line:
            line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert not line.recv(100).startswith(b"HTTP")
        with pytest.raises(ssl.SSLError):  # a browser that knows no such certificate
            Client(it.door, ssl.create_default_context()).get("/state")
        assert it.client.get("/state").status == 200
    assert capfd.readouterr().err == "" and it.warned == []


def test_old_versions_of_tls_are_not_spoken(tmp_path):
    assert tls_context(*write_pair(tmp_path)).minimum_version == ssl.TLSVersion.TLSv1_2


def test_what_is_no_pair_is_refused_in_one_line(tmp_path):
    cert, key = write_pair(tmp_path)
    other = write_pair(tmp_path, "other")[1]
    locked = write_pair(tmp_path, "locked", b"secret")
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_bytes(bytes(range(256)))
    for pair in ((cert, other), (key, cert), (rubbish, key), (cert, rubbish), locked):
        with pytest.raises(InputError) as caught:
            tls_context(*pair)
        assert "openssl req" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["missing.pem", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path, name):
    cert, key = write_pair(tmp_path)
    for pair in ((tmp_path / name, key), (cert, tmp_path / name)):
        with pytest.raises(InputError, match="cannot be read"):
            tls_context(*pair)
