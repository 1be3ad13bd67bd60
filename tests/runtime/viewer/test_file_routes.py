import pytest
from starlette.requests import Request

from leukoscope.runtime.viewer.answers import Refused
from leukoscope.runtime.viewer.file_routes import FileRoutes


@pytest.fixture
def page(tmp_path):
    folder = tmp_path / "page"
    (folder / "sub").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>")
    (folder / "sub" / "live.js").write_text("export {}")
    (folder / "notes.txt").write_text("secret")
    (folder / "link.js").symlink_to(tmp_path / "secret.js")
    (tmp_path / "secret.js").write_text("secret")
    return FileRoutes(folder)


def asked(page, name):
    return page.file(Request({"type": "http", "path_params": {"name": name}, "headers": []}))


def test_the_page_and_its_files_with_their_types(page):
    assert page.index(None).media_type == "text/html; charset=utf-8"
    assert asked(page, "sub/live.js").media_type == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../secret.js", "sub/../../secret.js", "/etc/passwd", "link.js", "notes.txt", "sub",
     "sub/", "index.html/", "index.html\0", "SUB/LIVE.JS", "//secret.js", "sub//live.js"],
)  # fmt: skip
def test_nothing_else_of_the_disk(page, name):
    with pytest.raises(Refused) as caught:
        asked(page, name)
    assert caught.value.status == 404
