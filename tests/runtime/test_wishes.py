from pathlib import Path

import pytest

from leukoscope.errors import UsageError
from leukoscope.runtime.wishes import Wishes


@pytest.mark.parametrize(
    "wrong",
    [
        {"frames": "some"},
        {"slide": "x\ny"},
        {"slide": "x" * 201},
        {"frames": "x" * 5000},
        {"frames": "all\nlatest"},
        *({"um_per_px": um} for um in (0, -1, 0.001, 21, float("nan"), float("inf"))),
        *({"keep_pictures_mb": mb} for mb in (-1, float("nan"), float("inf"), 1e9)),
        *({"count": count} for count in (0, -200)),
        *({"max_outage_s": s} for s in (0, -1.0, float("nan"), float("inf"))),
    ],
    ids=str,
)
def test_wishes_refuse_what_makes_no_sense_in_one_line(wrong):
    with pytest.raises(UsageError) as raised:
        Wishes(**wrong)
    line = str(raised.value)
    assert line.startswith("--") and "\n" not in line and len(line) < 200 and "wanted" in line


def test_wishes_take_what_makes_sense():
    Wishes()
    wishes = Wishes("latest", 0.25, "S-1", Path("x.db"), 0, "left", 1, 0.5)
    assert (wishes.frames, wishes.slide, wishes.max_outage_s) == ("latest", "S-1", 0.5)
