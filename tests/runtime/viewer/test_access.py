"""Who is let in, asked over a real connection."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.viewer.access import HEADERS, Access, Key
from leukoscope.runtime.viewer.address import Address
from leukoscope.runtime.viewer.door import Door
from leukoscope.runtime.viewer.hosts import own_hosts
from leukoscope.runtime.viewer.words import read_words

PATHS = ("/", "/state", "/words.json", "/field/1/picture.jpg", "/review/summary", "/nothing")


def test_the_address_with_the_token_sets_the_cookie_and_leaves_the_token_behind(shown):
    got = shown.client.get(f"/?token={shown.door.token}", cookie="")
    assert got.status == 303 and got.headers["Location"] == "/"
    cookie = got.headers["Set-Cookie"]
    assert cookie.startswith(f"leukoscope_{shown.door.port}={shown.door.token};")
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Secure" not in cookie


def test_the_token_is_long_and_another_one_each_time(shown):
    other = Door(shown.door.address, shown.door.listening, None)
    assert len(shown.door.token) >= 32 and other.token != shown.door.token
    assert shown.door.token not in repr(shown.door)


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_answered_without_the_token(shown, path):
    for cookie in (
        "",
        "leukoscope_1=x",
        f"leukoscope_{shown.door.port}=",
        f"leukoscope_{shown.door.port}={shown.door.token[:-1]}",
        f"leukoscope_{shown.door.port}={shown.door.token}x",
        f"leukoscope_0={shown.door.token}",
        f"leukoscope_{shown.door.port}=ä",
        "=;;=,",
    ):
        got = shown.client.get(path, cookie=cookie.encode("latin-1"))
        assert got.status == 403, cookie
        assert set(got.json()) == {"error"}


def test_cookies_of_other_programs_on_this_machine_do_not_lock_us_out(shown):
    ours = shown.client.cookie
    for cookie in (f"a[b]=1; {ours}", f'x="{{; {ours} ; y', f"{ours.split('=')[0]}=old; {ours}"):
        assert shown.client.get("/state", cookie=cookie).status == 200, cookie


def test_the_token_opens_only_the_front_door(shown):
    token = shown.door.token
    for path in (f"/state?token={token}", "/?token=", f"/?token={token}&token={token}", f"/?x={token}",
                 f"/?token={token[:-1]}", "/?" + "a=1&" * 50):  # fmt: skip
        assert shown.client.get(path, cookie="").status == 403, path
    assert shown.client.post(f"/?token={token}", {}, cookie="").status == 403


def test_a_refusal_is_a_plain_page_for_a_person(shown):
    got = shown.client.get("/", cookie="", Accept="text/html,*/*")
    assert got.status == 403 and got.headers["Content-Type"].startswith("text/html")
    assert got.text.startswith("<!doctype html>") and "script" not in got.text


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.7", "", "a@b"])
def test_a_foreign_host_is_refused_whatever_it_bears(shown, host):
    assert shown.client.get("/state", Host=host or " ").status in (400, 421)
    assert shown.client.get(f"/?token={shown.door.token}", Host=host or " ").status in (400, 421)


def test_a_port_of_a_tunnel_is_no_foreign_host(shown):
    assert shown.client.get("/state", Host="localhost:9000").status == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1"]
)
def test_another_origin_is_refused(shown, origin):
    assert shown.client.get("/state", Origin=origin).status == 403
    assert shown.client.post("/control", {"action": "end"}, Origin=origin).status == 403
    assert shown.client.get(f"/?token={shown.door.token}", Origin=origin).status == 403
    assert not shown.viewer.control.is_ended


def test_our_own_page_is_not_refused(shown):
    how = {"Origin": shown.client.origin, "Sec_Fetch_Site": "same-origin"}
    assert shown.client.get("/state", **how).status == 200
    assert shown.client.post("/control", {"action": "pause"}, **how).status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site", "other"])
def test_what_another_site_fetches_is_refused(shown, site):
    """Another port of this machine is the `same-site`: its cookies are ours too."""
    assert shown.client.get("/state", Sec_Fetch_Site=site).status == 403
    assert shown.client.get("/", Sec_Fetch_Site=site).status == 403
    assert shown.client.post("/control", {"action": "end"}, Sec_Fetch_Site=site).status == 403


def test_the_address_may_be_followed_from_elsewhere_but_not_framed(shown):
    path, there = f"/?token={shown.door.token}", {"Sec_Fetch_Site": "cross-site"}
    assert shown.client.get(path, Sec_Fetch_Dest="document", **there).status == 303
    for kind in ("iframe", "image", "script", "empty"):
        assert shown.client.get(path, Sec_Fetch_Dest=kind, **there).status == 403


@pytest.mark.parametrize("path", [*PATHS, "/?token=x"])
@pytest.mark.parametrize("cookie", [None, ""])
def test_every_answer_bears_the_headers(shown, path, cookie):
    got = shown.client.get(path, cookie=cookie)
    assert {name: got.headers[name] for name in HEADERS} == HEADERS
    assert got.headers["Cache-Control"] == "no-store" and "Server" not in got.headers


def test_so_does_one_that_failed(shown, monkeypatch):
    def fail():
        raise RuntimeError("secret thing")

    shown.viewer.board.books = fail
    got = shown.client.get("/state")
    assert got.status == 500 and "secret" not in got.text and "Traceback" not in got.text
    assert {name: got.headers[name] for name in HEADERS} == HEADERS
    shown.client.get("/state")
    assert shown.warned == ["viewer: /state: RuntimeError: secret thing"]


HEADER_NAMES = st.sampled_from(
    ["cookie", "origin", "host", "sec-fetch-site", "sec-fetch-dest", "accept"]
)
LINES = st.tuples(HEADER_NAMES, st.binary(max_size=30))


@given(
    st.lists(LINES, max_size=6),
    st.binary(max_size=40),
    st.text(max_size=10),
    st.sampled_from(["GET", "POST", "HEAD", "X"]),
)
def test_no_request_without_the_token_gets_through(headers, query, path, method):
    def app(scope, receive, send):
        raise AssertionError("let through")

    access = Access(
        app,
        key=Key("T" * 32, "leukoscope_1", False),
        hosts=own_hosts(Address()),
        words=read_words(),
    )
    scope = {
        "type": "http",
        "method": method,
        "path": f"/{path}",
        "query_string": query,
        "headers": [(name.encode(), value) for name, value in headers],
    }
    sent = []

    async def send(message):
        sent.append(message)

    coroutine = access(scope, None, send)
    with pytest.raises(StopIteration):
        coroutine.send(None)
    assert sent[0]["status"] in (403, 421)
