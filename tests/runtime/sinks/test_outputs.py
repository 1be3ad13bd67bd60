from pathlib import Path

import pytest

from leukoscope.errors import InputError, UsageError
from leukoscope.runtime.sinks.jsonl import JsonLines
from leukoscope.runtime.sinks.maps import Maps
from leukoscope.runtime.sinks.masks import Masks
from leukoscope.runtime.sinks.outputs import Outputs
from leukoscope.runtime.sinks.overlays import Overlays
from leukoscope.runtime.sinks.video import Video


def test_a_sink_for_each_path_and_none_for_none():
    assert Outputs().sinks() == []
    paths = {
        "jsonl": Path("a"), "overlays": Path("b"), "video": Path("c.mp4"),
        "masks": Path("d"), "maps": Path("e"),
    }  # fmt: skip
    kinds = [type(sink) for sink in Outputs(**paths).sinks()]
    assert kinds == [JsonLines, Overlays, Video, Masks, Maps]
    assert Outputs(**paths).named() == paths


def test_two_outputs_in_one_place_are_refused():
    """NAME.png would be the mask or the overlay, whichever came last."""
    with pytest.raises(UsageError, match="share"):
        Outputs(overlays=Path("out"), masks=Path("x/../out"))


def test_a_video_is_an_mp4():
    with pytest.raises(InputError, match=r"\.mp4"):
        Outputs(video=Path("film.avi")).sinks()
