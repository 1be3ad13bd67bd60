import pytest
from card import judgements


def share(value, low, high, n=200, groups=12):
    return {
        "value": value, "n": n, "wilson": [low, high], "by_group": [low, high], "groups": groups,
        "by_image": [low, high],
    }  # fmt: skip


def painted(value, low, high, chance=0.36):
    by = {"trees": {"accuracy": share(value, low, high)}}
    return {"chance": chance, "paintings": {"cells painted out": {"by": by}}}


@pytest.mark.parametrize(
    ("value", "low", "high", "far"),
    [
        (0.70, 0.63, 0.76, True),
        (0.47, 0.40, 0.54, True),
        (0.455, 0.39, 0.52, False),  # less than 0.10 above chance
        (0.50, 0.30, 0.70, False),  # too few fields to tell
        (0.20, 0.15, 0.26, False),
    ],
)
def test_the_first_sentence_is_bold_only_far_above_chance(value, low, high, far):
    found = judgements.shortcut("XIncept-ALL", painted(value, low, high), "trees")
    assert found.startswith("**With every white cell painted out") == far
    assert ("chance." in found) == (not far)
    assert ("little above chance" in found) == (not far and low > 0.36)
    assert f"{100 * value:.1f} % of 200 held-out fields" in found
    assert "gets 0.360" in found


def beside(mine, colour):
    by = {"trees": {"accuracy": {"value": mine}}}
    return {"by": by, "colour": colour and {"mean": 0.5, "mean_and_spread": colour}}


@pytest.mark.parametrize(
    ("mine", "colour", "words"),
    [(0.97, 0.90, "0.070 above"), (0.90, 0.97, "0.070 below"), (0.9, 0.9, "the same as")],
)
def test_an_accuracy_stands_beside_the_better_colour_floor(mine, colour, words):
    found = judgements.beside_colour(beside(mine, colour), "trees", "Here")
    assert words in found
    assert f"({colour:.3f})" in found
    assert judgements.beside_colour(beside(mine, None), "trees", "Here") is None


def test_energy_is_told_as_a_multiple_of_the_area():
    def figures(energy, area):
        return {"energy": {"value": energy}, "area": {"value": area}}

    assert "3.0 times" in judgements.energy(figures(0.6, 0.2))
    assert "no more than an even map would" in judgements.energy(figures(0.2, 0.2))
    assert "No map" in judgements.energy({"energy": None, "area": None})


def test_occlusion_speaks_only_where_the_interval_excludes_nought():
    def figures(deletion, insertion):
        rows = {"deletion": deletion, "insertion": insertion}
        return {
            k: {"difference": {"value": sum(v) / 2, "by_group": list(v)}} for k, v in rows.items()
        }

    good = judgements.occlusion(figures((-0.3, -0.1), (0.1, 0.3)))
    assert "falls faster" in good
    assert "comes back sooner" in good
    unclear = judgements.occlusion(figures((-0.3, 0.1), (-0.1, 0.3)))
    assert unclear.count("cannot be told from a random one") == 2
    bad = judgements.occlusion(figures((0.1, 0.3), (-0.3, -0.1)))
    assert bad.count("does worse than a random one") == 2


def check(*correlations, other=0.2):
    stages = [{"layers": 2**k, "spearman": one} for k, one in enumerate(correlations)]
    return {"other_image": {"spearman": other}, "stages": stages}


def test_sanity_names_where_the_map_becomes_another():
    assert "from 2 of 4 random layers" in judgements.sanity(check(0.9, 0.5, 0.1))
    assert "with the head alone random it is not" in judgements.sanity(check(0.9, 0.5, 0.1))
    assert "with the head alone random it is not" not in judgements.sanity(check(0.3, 0.2, 0.1))
    assert "from 4 of 8 random layers" in judgements.sanity(check(0.9, 0.6, 0.3, 0.1, other=0))
    assert "from 8 of 8 random layers" in judgements.sanity(check(0.9, 0.3, 0.7, 0.1, other=0))
    assert "hardly depend" in judgements.sanity(check(0.95, 0.9, 0.8))
    assert "not run: no file" in judgements.sanity({"not_run": "no file"})


def test_few_groups_are_named():
    assert judgements.few_groups({"a": share(0.5, 0.4, 0.6)}) is None
    assert " of b:" in judgements.few_groups({"a": share(1, 1, 1), "b": share(1, 1, 1, groups=3)})
