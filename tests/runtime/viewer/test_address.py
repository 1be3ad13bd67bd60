from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import UsageError
from leukoscope.runtime.viewer.address import Address, ViewerWishes, parse_listen

CERT, KEY = Path("cert.pem"), Path("key.pem")


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1", "127.0.0.1", None),
        ("0.0.0.0:9000", "0.0.0.0", 9000),
        ("Bench-2", "bench-2", None),
        ("bench.lab:80", "bench.lab", 80),
        ("::1", "::1", None),
        ("[::]:8765", "::", 8765),
        ("[::1]", "::1", None),
        ("localhost:65535", "localhost", 65535),
    ],
)
def test_a_host_with_or_without_a_port(text, host, port):
    assert parse_listen(text) == Address(host, port)


@pytest.mark.parametrize(
    "text",
    [
        "", ":", ":80", "host:", "host:0", "host:65536", "host:-1", "host:+1", "host:1_0", "host:٣",
        "host:99999999999999999999", "a b", "a/b", "http://a", "a@b", "[::1", "[::1]x", "[::1]80",
        "[host]:80", "a:b:c", "::1:zz", "::%eth0", "a\nb", "ä", "a:80:90",
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_one_line(text):
    with pytest.raises(UsageError) as caught:
        parse_listen(text)
    assert "--listen" in str(caught.value) and "\n" not in str(caught.value)


@given(st.text(max_size=40))
def test_no_text_is_an_accident(text):
    try:
        found = parse_listen(text)
    except UsageError:
        return
    assert found.host and (found.port is None or 1 <= found.port <= 65535)


@pytest.mark.parametrize(
    ("host", "loopback", "wildcard"),
    [
        ("127.0.0.1", True, False),
        ("127.8.8.8", True, False),
        ("::1", True, False),
        ("localhost", True, False),
        ("0.0.0.0", False, True),
        ("::", False, True),
        ("10.0.0.7", False, False),
        ("bench", False, False),
    ],
)
def test_who_reaches_it(host, loopback, wildcard):
    address = Address(host)
    assert (address.is_loopback, address.is_wildcard) == (loopback, wildcard)


def test_by_default_only_this_machine():
    assert ViewerWishes(wanted=True).address == Address("127.0.0.1", None)
    assert ViewerWishes().wanted is False


def test_others_are_let_in_with_a_certificate_or_when_it_is_said_out_loud():
    assert ViewerWishes(True, "0.0.0.0", CERT, KEY).address.host == "0.0.0.0"
    assert ViewerWishes(True, "0.0.0.0:9", insecure=True).address.port == 9
    with pytest.raises(UsageError, match="--tls-cert FILE --tls-key FILE, or --insecure"):
        ViewerWishes(True, "0.0.0.0")
    with pytest.raises(UsageError, match="nothing is encrypted"):
        ViewerWishes(True, "bench.lab:80")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"listen": "127.0.0.1"}, "--listen without --viewer"),
        ({"insecure": True}, "--insecure without --viewer"),
        ({"tls_cert": CERT, "tls_key": KEY}, "--tls-cert, --tls-key without --viewer"),
        ({"wanted": True, "tls_cert": CERT}, "--tls-cert without --tls-key"),
        ({"wanted": True, "tls_key": KEY}, "--tls-key without --tls-cert"),
        ({"wanted": True, "listen": "a b"}, "--listen 'a b'"),
    ],
)
def test_what_cannot_be_meant_is_refused(given, said):
    with pytest.raises(UsageError) as caught:
        ViewerWishes(**given)
    assert said in str(caught.value)
