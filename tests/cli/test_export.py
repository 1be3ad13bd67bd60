import json
import sys

import pytest

from leukoscope.cli import main as cli
from leukoscope.cli.export import _parse_random_weights
from leukoscope.errors import UsageError


def run(monkeypatch, *words):
    """Exit code of `leukoscope export WORDS`."""
    monkeypatch.setattr(sys, "argv", ["leukoscope", "export", *map(str, words)])
    with pytest.raises(SystemExit) as left:
        cli.main()
    return left.value.code or 0


def test_random_weights_are_read_as_network_and_size():
    assert _parse_random_weights("xincept_all:full,sg_cldff:nano") == {
        "xincept_all": "full",
        "sg_cldff": "nano",
    }
    assert _parse_random_weights("") == {}


@pytest.mark.parametrize("text", ["xincept_all", ":full", "a:", "a:full,a:nano"])
def test_random_weights_that_cannot_be_read(text):
    with pytest.raises(UsageError, match="NETWORK:SIZE"):
        _parse_random_weights(text)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "nothing to export"),
        (("none.safetensors",), 1, "no checkpoint at none.safetensors"),
        (("--random-weights", "xincept_all:huge"), 1, "no size 'huge'"),
        (("--random-weights", "nobody:nano"), 1, "nobody"),
        (("--random-weights", "xincept_all"), 2, "NETWORK:SIZE"),
    ],
)
def test_wrong_input_is_one_line_and_an_exit_code(monkeypatch, capsys, tmp_path, words, code, said):
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, *words, "-o", "bundle") == code
    spoken = capsys.readouterr()
    assert said in spoken.err
    assert spoken.err.count("\n") == 1
    assert spoken.out == ""
    assert not (tmp_path / "bundle").exists()


def test_prints_the_proof_as_json(monkeypatch, capsys, tmp_path):
    """The smallest network that there is: one trunk, 96 px."""
    from leukoscope.models import sizes

    build = sizes.build_network
    small = {"input_px": 96, "xception": False}
    monkeypatch.setattr(
        "leukoscope.export.sources.build_network", lambda name, size: build(name, size, **small)
    )
    words = ("--random-weights", "xincept_all:nano", "-o", tmp_path / "bundle", "--json")
    assert run(monkeypatch, *words) == 0
    spoken = capsys.readouterr()
    report = json.loads(spoken.out)
    network = report["networks"]["xincept_all"]
    assert report["schema"] == 1
    assert report["trees"] is None
    assert not network["trained"]
    assert network["parity"]["cams"]["max_error"] < 1e-4
    assert network["size_bytes"] == (tmp_path / "bundle" / network["file"]).stat().st_size
    assert "Research use only" in spoken.err
    assert "equal to torch within" in spoken.err
