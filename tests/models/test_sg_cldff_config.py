import json
from dataclasses import asdict

import pytest

from leukoscope.errors import InputError
from leukoscope.images.classes import CELL_TYPES
from leukoscope.models.sg_cldff_config import SG_CLDFF_SIZES, SgCldffConfig


@pytest.mark.parametrize("size", SG_CLDFF_SIZES)
def test_survives_json(size):
    config = SG_CLDFF_SIZES[size]
    assert SgCldffConfig(**json.loads(json.dumps(asdict(config)))) == config


@pytest.mark.parametrize("input_px", [0, 16, 100, 225, -32])
def test_refuses_sides_that_the_strides_do_not_divide(input_px):
    with pytest.raises(InputError, match="multiple of 32") as error:
        SgCldffConfig(input_px=input_px)
    assert "take" in error.value.next_step


@pytest.mark.parametrize(
    "wrong",
    [
        {"channels": (16, 32)},
        {"depths": (1,) * 6},
        {"swin_depths": (1,)},
        {"head_channels": 24},
        {"groups": 7},
    ],
)
def test_refuses_shapes_that_cannot_be_built(wrong):
    with pytest.raises(InputError):
        SgCldffConfig(**wrong)


def test_sizes_are_there_and_name_the_cell_types():
    assert list(SG_CLDFF_SIZES) == ["nano", "small", "full"]
    assert all(config.classes == CELL_TYPES for config in SG_CLDFF_SIZES.values())
    assert all(
        config.saliency and config.cross_layer and config.swin for config in SG_CLDFF_SIZES.values()
    )
