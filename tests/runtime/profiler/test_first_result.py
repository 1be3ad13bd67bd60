import json

import pytest

from leukoscope.runtime.profiler import first_result
from leukoscope.runtime.profiler.first_result import peak_bytes


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Name:\tpython\nVmHWM:\t  275443 kB\nVmRSS: 1 kB\n", 275443 * 1024),
        ("VmRSS:\t 5 kB\n", None),
        ("VmHWM:\n", None),
        ("VmHWM: many kB", None),
        ("", None),
    ],
)
def test_the_peak_is_read_from_the_status(tmp_path, text, wanted):
    path = tmp_path / "status"
    path.write_text(text)
    assert peak_bytes(path) == wanted


def test_without_a_status_it_is_unknown(tmp_path):
    assert peak_bytes(tmp_path / "none") is None


def test_it_tells_when_each_part_was_over(toy_bundle, image_folder, capsys):
    fields = [str(image_folder("a.png", 1)), str(image_folder("b.png", 2))]
    request = {"bundle": str(toy_bundle.root), "settings": {"threads": 1}, "networks": ["xincept_all"], "fields": fields, "more": 3}  # fmt: skip
    first_result.main([json.dumps(request)])
    answer = json.loads(capsys.readouterr().out)
    order = ["started", "imported", "opened", "ready", "judged"]
    assert list(answer["marks"]) == order
    moments = [answer["marks"][name] for name in order]
    assert moments == sorted(moments)
    assert answer["peak_bytes"] >= answer["first_bytes"] > 0
