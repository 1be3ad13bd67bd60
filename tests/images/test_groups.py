from collections import Counter
from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.errors import InputError
from leukoscope.images.groups import BLOCKS_PER_FOLDER, infer_groups, read_groups, split


@dataclass(frozen=True)
class Slide:
    label: str | None
    group: str
    number: int = 0


def numbered(folder: str, count: int) -> list[str]:
    return [f"{folder}/WBC-{folder}-{number:03d}.jpg" for number in range(1, count + 1)]


def blocks(label: str, groups: int, images: int) -> list[Slide]:
    return [Slide(label, f"{label}/{g:02d}", n) for g in range(groups) for n in range(images)]


# --- groups from file numbers


def test_a_folder_becomes_ten_contiguous_blocks():
    groups = infer_groups(reversed(numbered("Benign", 100)))
    assert groups["Benign/WBC-Benign-001.jpg"] == "Benign/00"
    assert groups["Benign/WBC-Benign-010.jpg"] == "Benign/00"
    assert groups["Benign/WBC-Benign-011.jpg"] == "Benign/01"
    assert groups["Benign/WBC-Benign-100.jpg"] == "Benign/09"


def test_numbers_count_as_numbers():
    names = [f"a/img{number}.png" for number in range(1, 21)]
    groups = infer_groups(names)
    assert groups["a/img2.png"] == "a/00" and groups["a/img10.png"] == "a/04"


def test_the_first_number_leads():
    """A slide's number before a field's, an image's before its class (ALL-IDB2: Im001_1.png)."""
    slides = [f"a/slide{slide}_{field:04d}.png" for slide in range(10) for field in range(3)]
    groups = infer_groups(slides)
    assert all(groups[name] == f"a/0{name[7]}" for name in slides)
    pairs = infer_groups([f"Im{number:03d}_{number % 2}.png" for number in range(20)])
    assert pairs["Im004_0.png"] == pairs["Im005_1.png"] == "02"


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["", "Pre/", "Pro/"]), st.integers(0, 10**6), st.integers(0, 3)),
        unique=True,
    )
)
def test_blocks_are_contiguous_equal_and_never_shared_by_folders(files):
    names = [f"{folder}{'abcd'[kind]}_{number}.png" for folder, number, kind in files]
    groups = infer_groups(names)
    assert groups.keys() == set(names)
    for folder in ("", "Pre/", "Pro/"):
        mine = sorted(
            (
                (number, f"{f}{'abcd'[kind]}_{number}.png")
                for f, number, kind in files
                if f == folder
            )
        )
        blocks = [groups[name] for _, name in mine]
        assert blocks == sorted(blocks)
        assert all(block.startswith(folder) for block in blocks)
        sizes = Counter(blocks).values()
        assert len(sizes) == min(BLOCKS_PER_FOLDER, len(mine))
        assert not sizes or max(sizes) - min(sizes) <= 1


def test_a_name_given_twice_counts_once():
    names = numbered("Pre", 30)
    assert infer_groups(names[:7] * 5 + names) == infer_groups(names)


# --- groups.csv


def test_read_groups(tmp_path):
    (tmp_path / "groups.csv").write_text("image,group\na.png,patient 1\nb.png,patient 2\n")
    assert read_groups(tmp_path / "groups.csv") == {"a.png": "patient 1", "b.png": "patient 2"}


def test_an_empty_group_is_refused(tmp_path):
    (tmp_path / "groups.csv").write_text("image,group\na.png,\n")
    with pytest.raises(InputError, match=r"groups\.csv gives no group for a\.png"):
        read_groups(tmp_path / "groups.csv")


# --- splits

SLIDES = st.lists(
    st.builds(
        Slide,
        st.sampled_from(["blast", "normal", None]),
        st.sampled_from([f"patient {n}" for n in range(25)]),
        st.integers(0, 99),
    ),
    min_size=1,
    max_size=120,
    unique=True,
)
SHARES = st.sampled_from(
    [{"all": 1.0}, {"a": 0.5, "b": 0.5}, {"train": 0.7, "val": 0.2, "test": 0.1}]
)


@settings(max_examples=300, deadline=None)
@given(SLIDES, SHARES, st.integers(0, 99))
def test_no_group_lies_in_two_parts_and_nothing_is_lost(items, shares, seed):
    if len({item.group for item in items}) < len(shares):
        with pytest.raises(InputError, match="groups of images"):
            split(items, shares, seed)
        return
    parts = split(items, shares, seed)
    assert list(parts) == list(shares)
    homes = [{item.group for item in part} for part in parts.values()]
    assert sum(map(len, homes)) == len(set().union(*homes))
    assert all(homes), "an empty part"
    assert sum((Counter(part) for part in parts.values()), Counter()) == Counter(items)
    for part in parts.values():
        places = [items.index(item) for item in part]
        assert places == sorted(places)


@settings(max_examples=50, deadline=None)
@given(SLIDES, st.integers(0, 9), st.randoms(use_true_random=False))
def test_a_split_depends_on_neither_order_nor_chance(items, seed, random):
    if len({item.group for item in items}) < 2:
        return
    shares = {"train": 0.8, "val": 0.2}
    shuffled = random.sample(items, len(items))
    first, second = split(items, shares, seed), split(shuffled, shares, seed)
    assert {i.group for i in first["val"]} == {i.group for i in second["val"]}


def test_a_split_is_the_same_on_every_machine():
    parts = split(blocks("Pro", 10, 5), {"train": 0.8, "val": 0.2}, seed=1)
    assert sorted({item.group for item in parts["val"]}) == ["Pro/00", "Pro/02"]


def test_seeds_give_different_splits():
    items = blocks("Pro", 30, 2)
    vals = {
        tuple(sorted({i.group for i in split(items, {"a": 0.8, "b": 0.2}, seed)["b"]}))
        for seed in range(5)
    }
    assert len(vals) == 5


def test_shares_hold_exactly_where_groups_allow():
    items = blocks("Benign", 10, 35) + blocks("Early", 10, 69) + blocks("Pro", 10, 52)
    for seed in range(5):
        parts = split(items, {"train": 0.7, "val": 0.2, "test": 0.1}, seed)
        for label, images in (("Benign", 35), ("Early", 69), ("Pro", 52)):
            counts = [sum(i.label == label for i in part) for part in parts.values()]
            assert counts == [7 * images, 2 * images, images]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=20, max_size=60), st.integers(0, 9))
def test_shares_hold_to_a_large_group_or_two(sizes, seed):
    items = [Slide("x", f"p{g}", n) for g, size in enumerate(sizes) for n in range(size)]
    parts = split(items, {"train": 0.7, "val": 0.15, "test": 0.15}, seed)
    for name, share in (("train", 0.7), ("val", 0.15), ("test", 0.15)):
        assert abs(len(parts[name]) - share * len(items)) <= max(sizes)


def test_labels_are_balanced_where_patients_have_several():
    items = [
        Slide(label, f"p{patient}", n)
        for patient in range(40)
        for label, count in (("blast", patient % 5), ("normal", 5 - patient % 5))
        for n in range(count)
    ]
    parts = split(items, {"train": 0.75, "val": 0.25}, seed=2)
    total = Counter(item.label for item in items)
    for label, count in Counter(item.label for item in parts["val"]).items():
        assert abs(count / total[label] - 0.25) < 0.03


def test_a_small_share_still_gets_a_group():
    parts = split(blocks("x", 4, 10), {"train": 0.96, "a": 0.02, "b": 0.02}, seed=0)
    assert [len(part) for part in parts.values()] == [20, 10, 10]


def distance(counts: dict[str, Counter], total: Counter, shares: dict[str, float]) -> float:
    """Chi-square distance of the parts' counts from their shares."""
    return sum(
        (counts[part][label] - share * n) ** 2 / (share * n)
        for part, share in shares.items()
        for label, n in total.items()
    )


@pytest.mark.parametrize("trial", range(60))
def test_no_single_group_would_lie_better_elsewhere(trial):
    random, shares = Random(trial), {"train": 0.7, "val": 0.15, "test": 0.15}
    items = [
        Slide(label, f"p{patient}", n)
        for patient in range(random.randint(5, 14))
        for label in "abc"
        for n in range(random.choice([1, 1, 1, 3, 8]))
    ]
    groups = {name: Counter() for name in sorted({item.group for item in items})}
    for item in items:
        groups[item.group].update((item.label, "all"))
    total = sum(groups.values(), Counter())
    homes = {i.group: name for name, part in split(items, shares, 1).items() for i in part}

    def with_homes(homes):
        counts = {name: Counter() for name in shares}
        for group, name in homes.items():
            counts[name].update(groups[group])
        return distance(counts, total, shares)

    best = with_homes(homes)
    for group in groups:
        for name in shares:
            moved = {**homes, group: name}
            if set(moved.values()) == set(shares):
                assert with_homes(moved) >= best - 1e-6


def test_many_groups_are_dealt_in_no_time():
    items = [Slide("ab"[n % 2], f"p{n}") for n in range(3000)]
    assert len(split(items, {"train": 0.7, "val": 0.3}, 0)["val"]) == 900


@pytest.mark.parametrize(
    "shares", [{}, {"a": 0.5}, {"a": 1.2, "b": -0.2}, {"a": 1.0, "b": 0.0}, {"a": float("nan")}]
)
def test_shares_must_sum_to_one(shares):
    with pytest.raises(InputError, match="positive fractions that sum to 1"):
        split(blocks("x", 5, 1), shares, 0)


def test_no_images_are_refused():
    with pytest.raises(InputError, match="0 groups of images"):
        split([], {"train": 1.0}, 0)
