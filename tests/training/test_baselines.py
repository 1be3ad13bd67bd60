import numpy as np

from leukoscope.training.baselines import colour_baselines
from leukoscope.training.pictures import picture_of


def noisy(rng, count):
    return [
        picture_of(rng.integers(0, 256, (40, 44, 3), dtype=np.uint8) // rng.integers(1, 9), None, t)
        for t in [(int(rng.integers(0, 3)),) for _ in range(count)]
    ]


def nearest(fitted, held, describe):
    hits = 0
    for asked in held:
        best = min(fitted, key=lambda p: ((describe(p) - describe(asked)) ** 2).sum())
        hits += best.target == asked.target
    return round(hits / len(held), 4)


def mean(picture):
    return np.array([picture.levels[0][..., channel].mean() for channel in range(3)])


def mean_and_spread(picture):
    spread = [picture.levels[0][..., channel].std() for channel in range(3)]
    return np.concatenate([mean(picture), spread])


def test_both_baselines_against_brute_force(rng):
    fitted, held = noisy(rng, 40), noisy(rng, 30)
    assert colour_baselines(fitted, held) == {
        "nearest_mean_colour": nearest(fitted, held, mean),
        "nearest_mean_and_spread": nearest(fitted, held, mean_and_spread),
    }


def test_classes_of_one_colour_are_found_and_of_one_texture_only_by_spread(rng):
    def textured(level, spread, target):
        signs = rng.choice([-1, 1], (40, 40, 1))
        return picture_of((level + spread * signs * np.ones(3)).astype(np.uint8), None, target)

    fitted = [textured(120, s, (i,)) for i, s in enumerate((5, 40))] * 3
    held = [textured(120, s, (i,)) for i, s in enumerate((8, 35))] * 2
    assert colour_baselines(fitted, held)["nearest_mean_and_spread"] == 1.0
    fitted = [textured(level, 5, (i,)) for i, level in enumerate((80, 160))]
    held = [textured(level, 9, (i,)) for i, level in enumerate((90, 150))]
    assert colour_baselines(fitted, held)["nearest_mean_colour"] == 1.0


def test_pictures_without_a_label_count_nowhere(rng):
    fitted, held = noisy(rng, 6), noisy(rng, 4)
    unknown = [picture_of(np.zeros((40, 40, 3), np.uint8), None, ())]
    assert colour_baselines(fitted + unknown, held + unknown) == colour_baselines(fitted, held)
    assert colour_baselines(unknown, held) == colour_baselines(fitted, unknown) == {}
