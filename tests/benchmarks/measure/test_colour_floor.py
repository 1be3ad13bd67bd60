import numpy as np
from measure.colour_floor import ColourFloor, colour_of

from leukoscope.training.baselines import colour_baselines
from leukoscope.training.pictures import Picture


def test_the_floor_is_that_of_the_training():
    """Nearest by mean, and by mean and spread, image for image as `colour_baselines` has it."""
    rng = np.random.default_rng(4)

    def picture(target):
        level = 90 + 12 * target + rng.integers(-20, 20, 3)
        spread = 6 + 5 * target + rng.integers(0, 12)
        pixels = np.clip(rng.normal(level, spread, (24, 30, 3)), 0, 255).astype(np.uint8)
        return Picture((pixels,), None, (target,))

    fitted = [picture(k % 3) for k in range(40)]
    held = [picture(k % 3) for k in range(30)]
    floor = ColourFloor(
        np.array([colour_of(one.levels[0]) for one in fitted]), [one.target for one in fitted]
    )
    hits = floor.hits([colour_of(one.levels[0]) for one in held], [one.target for one in held])
    wanted = colour_baselines(fitted, held)
    assert 10 < hits["mean"] < 30
    assert round(hits["mean"] / 30, 4) == wanted["nearest_mean_colour"]
    assert round(hits["mean_and_spread"] / 30, 4) == wanted["nearest_mean_and_spread"]
