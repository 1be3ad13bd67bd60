import shutil

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_sets import Notes, bare_bundle, smear, write_cells, write_stages

from leukoscope.calibration.chosen import choose_set
from leukoscope.calibration.offers import read_offers
from leukoscope.errors import InputError, UsageError
from leukoscope.images.classes import STAGES
from leukoscope.images.hashes import sha256_of_file
from leukoscope.images.layouts import read_image_set
from leukoscope.progress import Silent

PARTS = ("ranges", "search", "gate")


def choose(data, gate=None, bundle=None, network="xincept_all", progress=None, **options):
    bundle = bundle or bare_bundle()
    roots = [data] if not isinstance(data, list) else data
    offers = read_offers(bundle, list(map(str, roots)))[network]
    judges = None if gate is None else read_offers(bundle, [str(gate)])[network]
    return choose_set(bundle, network, offers, judges, progress=progress or Silent(), **options)


def hashes(chosen, *parts):
    return {one.sha256 for part in parts for one in chosen.part(part)}


def groups(chosen, *parts):
    return {one.group for part in parts for one in chosen.part(part)}


def digests_of(root, *folders):
    """The bytes of the images of some inferred groups or classes."""
    return [
        sha256_of_file(item.path)
        for item in read_image_set(root).items
        if not folders or item.group in folders or item.label in folders
    ]


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    return write_stages(tmp_path_factory.mktemp("data") / "stages", 30)


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    return write_stages(tmp_path_factory.mktemp("data") / "others", 10, seed=10**6)


@pytest.mark.parametrize("trained", [(), ("Pro/01",), ("Benign", "Pro/03"), tuple(STAGES[:3])])
@pytest.mark.parametrize("seed", [1, 2])
def test_parts_share_neither_image_nor_group_and_nothing_of_training_judges(stages, trained, seed):
    known = digests_of(stages, *trained) if trained else []
    chosen = choose(stages, bundle=bare_bundle(images=known[::2]), seed=seed, images=32)
    for one, two in (("ranges", "search"), ("ranges", "gate"), ("search", "gate")):
        assert not hashes(chosen, one) & hashes(chosen, two)
        assert not groups(chosen, one) & groups(chosen, two)
    assert chosen.gate and not hashes(chosen, "gate") & set(known)
    assert len(chosen.ranges) <= 32 and len(chosen.search) <= 16


def test_images_of_the_trees_may_not_judge_either(stages):
    known = digests_of(stages, "Pre/02", "Early/05")
    chosen = choose(stages, bundle=bare_bundle(trees_images=known))
    assert not groups(chosen, "gate") & {"stages/Pre/02", "stages/Early/05"}


def test_where_the_training_images_suffice_every_unseen_group_judges(stages):
    trained = [f"{name}/{block:02d}" for name in STAGES for block in range(6)]
    notes = Notes()
    bundle = bare_bundle(images=digests_of(stages, *trained))
    chosen = choose(stages, bundle=bundle, progress=notes)
    assert len(chosen.gate) == 4 * 4 * 3
    assert groups(chosen, "ranges", "search") <= {f"stages/{group}" for group in trained}
    assert "72 images of the ranges and the search are of its training" in notes


def test_the_same_folder_as_training_alone_cannot_judge(stages):
    notes = Notes()
    chosen = choose(stages, bundle=bare_bundle(images=digests_of(stages)), progress=notes)
    assert chosen.gate == () and "no image is left that may judge it" in notes


def test_the_training_images_as_judges_are_left_out_and_counted(stages, others, tmp_path):
    shutil.copytree(stages, tmp_path / "judges")
    known = digests_of(stages, "Benign", "Pro", "Pre/04")
    chosen = choose(others, tmp_path / "judges", bare_bundle(images=known))
    assert len(chosen.left_out["trained on"]) == len(known) == 63
    assert "near the training" not in chosen.left_out and len(chosen.gate) == 57
    some = choose(others, tmp_path / "judges", bare_bundle(images=known[::3]))
    assert len(some.left_out["trained on"]) == 21 and len(some.left_out["near the training"]) == 42


def test_groups_of_the_training_are_left_out_of_the_gate_whatever_their_bytes(others, tmp_path):
    root = write_stages(tmp_path / "ward", 10, seed=77)
    rows = [f"{i.name},slide {int(i.path.stem) % 5}" for i in read_image_set(root).items]
    (root / "groups.csv").write_text("\n".join(["image,group", *rows]))
    chosen = choose(others, root, bare_bundle(groups=["ward/slide 3", "elsewhere/slide 1"]))
    assert len(chosen.left_out["near the training"]) == 8 and len(chosen.gate) == 32
    assert "ward/slide 3" not in groups(chosen, "gate")


def test_another_folder_of_the_trainings_name_may_judge(stages, tmp_path):
    """Its blocks bear the same numbers, and are of other slides."""
    bundle = bare_bundle(
        images=digests_of(stages),
        groups=[f"stages/{name}/{block:02d}" for name in STAGES for block in range(10)],
    )
    kept = write_stages(tmp_path / "kept" / "stages", 15, seed=10**6)
    chosen = choose(stages, kept, bundle)
    assert len(chosen.gate) == 60
    assert all("kept/stages/" in group for group in groups(chosen, "gate"))
    assert len(choose(kept, bundle=bundle, images=16).gate) > 10


def test_gate_data_that_copy_the_data_are_left_out(stages, tmp_path):
    """Byte for byte, or packed in another way; and so is what shares a group with them."""
    root = write_stages(tmp_path / "judges", 10, seed=10**6)
    for index, item in enumerate(read_image_set(stages).items[:30]):
        if index % 2:
            cv2.imwrite(str(root / "Benign" / f"{index:04d}.bmp"), cv2.imread(str(item.path)))
        else:
            shutil.copy(item.path, root / "Benign" / f"copy{index:04d}.png")
    chosen = choose(stages, root, images=120)
    used = set(chosen.left_out["calibrated on"])
    assert len(used) == len([one for one in chosen.ranges + chosen.search if one.label == "Benign"])
    assert not hashes(chosen, "gate") & hashes(chosen, "ranges", "search")
    assert "near the calibration" in chosen.left_out


def test_gate_data_never_change_the_ranges(stages, others, tmp_path):
    """Not even copies of the data under another label."""
    root = shutil.copytree(others, tmp_path / "judges")
    for item in read_image_set(stages).items[:30]:
        shutil.copy(item.path, root / "Pro" / f"copy{item.path.name}")
    one, two = choose(stages, others), choose(stages, root)
    assert (one.ranges, one.search) == (two.ranges, two.search)


def test_what_is_labelled_twice_is_left_out(stages, tmp_path):
    root = shutil.copytree(stages, tmp_path / "s")
    shutil.copy(root / "Pro" / "0003.png", root / "Pre" / "again.png")
    assert choose(root).left_out["labelled twice"] == ("s/Pre/again.png", "s/Pro/0003.png")


def test_gate_data_of_the_same_slide_are_left_out(tmp_path):
    for above, seed in (("a", 1), ("b", 2)):
        root = write_stages(tmp_path / above / "ward", 10, seed=seed * 10**6)
        first = 0 if above == "a" else 8
        rows = [f"{i.name},slide {first + int(i.path.stem)}" for i in read_image_set(root).items]
        (root / "groups.csv").write_text("\n".join(["image,group", *rows]))
    chosen = choose(tmp_path / "a" / "ward", tmp_path / "b" / "ward", images=40)
    assert chosen.left_out["near the calibration"] == tuple(
        f"b/ward/{name}/{index:04d}.png" for name in STAGES for index in (0, 1)
    )
    assert len(chosen.gate) == 32


def test_all_of_the_gate_data_judge_and_none_of_the_data(stages, others):
    chosen = choose(stages, others)
    assert len(chosen.gate) == 40 and {g.split("/")[0] for g in groups(chosen, "gate")} == {
        "others"
    }
    assert {g.split("/")[0] for g in groups(chosen, "ranges", "search")} == {"stages"}
    items = chosen.items("gate")
    assert [item.group for item, _ in items] == [one.group for one in chosen.gate]
    assert [item.name for item, _ in items] == [one.name for one in chosen.gate]
    assert all(item.name.startswith("others/") for item, _ in items)
    assert {label_map.name for _, label_map in items} == {chosen.offers[1].label_map.name}


def test_one_folder_for_both_is_refused(stages):
    with pytest.raises(InputError, match="both --data and --gate-data"):
        choose(stages, stages)


def test_equal_shares_of_the_classes(tmp_path):
    root = write_stages(tmp_path / "s", 60, classes=STAGES[:2])
    write_stages(tmp_path / "s2", 12, seed=10**6, classes=STAGES[2:])
    for name in STAGES[2:]:
        shutil.move(tmp_path / "s2" / name, root / name)
    chosen = choose(root, images=16)
    count = {name: sum(one.label == name for one in chosen.ranges) for name in STAGES}
    assert len(chosen.ranges) == 16 and len(chosen.search) == 8
    assert max(count.values()) - min(count.values()) <= 1 and chosen.missing == ()
    left = 144 - len(chosen.ranges) - len(chosen.search) - len(chosen.gate)
    assert len(chosen.left_out["more than --images"]) == left


@given(st.integers(0, 5))
def test_the_same_call_gives_the_same_set_whatever_the_order_of_the_files(stages, others, seed):
    bundle = bare_bundle(images=digests_of(stages, "Pro/01"))
    offers = read_offers(bundle, [str(stages)])["xincept_all"]
    images = offers[0].images
    order = np.random.default_rng(seed).permutation(len(images.items))
    mixed = type(images)(images.root, images.layout, tuple(images.items[i] for i in order), True)
    shuffled = [type(offers[0])("xincept_all", mixed, offers[0].label_map)]
    one, two = (
        choose_set(bundle, "xincept_all", found, images=24, seed=seed)
        for found in (offers, shuffled)
    )
    for part in PARTS:
        assert one.part(part) == two.part(part)
    assert one.left_out == two.left_out


def test_missing_classes_are_named(tmp_path):
    root = write_cells(tmp_path / "c", ["blast", "monocyte"] * 40)
    notes = Notes()
    chosen = choose(root, network="sg_cldff", progress=notes)
    assert "neutrophil" in chosen.missing and "blast" not in chosen.missing
    assert "the ranges have no image of neutrophil, eosinophil" in notes


def test_a_label_of_several_classes_shows_none_of_them(tmp_path):
    root = write_cells(tmp_path / "c", ["blast", "normal"] * 40)
    chosen = choose(root, network="sg_cldff")
    assert {one.label for one in chosen.ranges} == {"blast", "normal"}
    assert "neutrophil" in chosen.missing


def test_labels_that_cannot_be_judged_together_are_refused_before_the_long_work(tmp_path):
    two = write_cells(tmp_path / "two", ["blast", "normal"] * 40)
    many = write_cells(tmp_path / "many", ["monocyte", "lymphocyte"] * 40, seed=10**6)
    with pytest.raises(InputError, match=r"two.*many cannot be judged together.*--gate-data"):
        choose([two, many], network="sg_cldff")
    kept = write_cells(tmp_path / "kept", ["monocyte", "lymphocyte"] * 10, seed=2 * 10**6)
    chosen = choose([two, many], kept, network="sg_cldff")
    assert len(chosen.gate) == 20 and {"normal", "monocyte"} <= {one.label for one in chosen.ranges}


def test_without_labels_it_works_and_says_so(tmp_path):
    root = write_cells(tmp_path / "c", [""] * 80)
    (root / "labels.csv").unlink()
    notes = Notes()
    chosen = choose(root, network="sg_cldff", progress=notes)
    assert chosen.missing == () and "nothing is labelled" in notes
    assert {one.label for one in chosen.ranges} == {""}


def test_one_class_only_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"one class only: all .* are Pre.*add the other classes"):
        choose(write_stages(tmp_path / "s", 80, classes=["Pre"]))


def test_ranges_that_groups_make_one_class_are_refused(tmp_path):
    root = write_stages(tmp_path / "s", 30, classes=STAGES[:3])
    rows = [f"{item.name},{item.label}" for item in read_image_set(root).items]
    (root / "groups.csv").write_text("\n".join(["image,group", *rows]))
    with pytest.raises(InputError, match=r"one class only.*groups\.csv"):
        choose(root)


@pytest.mark.parametrize("level", [0, 128, 254])
def test_blank_images_are_refused_and_counted(tmp_path, level):
    root = write_stages(tmp_path / "s", 30)
    draw = np.random.default_rng(1)
    for item in read_image_set(root).items:  # no two files are alike
        noise = draw.integers(0, 2, (32, 40, 3)) + level
        cv2.imwrite(str(item.path), noise.astype(np.uint8))
    for item in read_image_set(root).items[:4]:
        cv2.imwrite(str(item.path), smear(int(item.path.stem)))
    with pytest.raises(InputError, match=r"4 images .*left out: 116 blank.*at least 24"):
        choose(root)


def test_blank_images_may_not_judge(stages, tmp_path):
    root = write_stages(tmp_path / "judges", 10, seed=5 * 10**6)
    for index in range(20):
        pixels = np.full((32 + index, 40, 3), index, np.uint8)
        cv2.imwrite(str(root / "Pro" / f"{500 + index}.png"), pixels)
    chosen = choose(stages, root)
    assert len(chosen.left_out["blank"]) == 20 and len(chosen.gate) == 40


def test_images_that_do_not_differ_are_refused(tmp_path):
    """The same dots in other places have the same stain statistics."""
    root = write_stages(tmp_path / "s", 0)
    draw = np.random.default_rng(1)
    for name in STAGES:
        for index in range(30):
            pixels = np.full((32 * 40, 3), 240, np.uint8)
            pixels[draw.permutation(32 * 40)[:200]] = (90, 20, 60)
            cv2.imwrite(str(root / name / f"{index}.png"), pixels.reshape(32, 40, 3))
    with pytest.raises(InputError, match="are alike"):
        choose(root)


def test_four_images_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"4 images to calibrate xincept_all.*at least 24.*add"):
        choose(write_stages(tmp_path / "s", 1))


def test_copies_do_not_make_up_the_number(tmp_path):
    root = write_stages(tmp_path / "s", 5)
    for item in read_image_set(root).items:
        for copy in range(3):
            shutil.copy(item.path, item.path.with_name(f"{item.path.stem}{copy}.png"))
    with pytest.raises(InputError, match=r"20 images .*60 duplicate"):
        choose(root)


@pytest.mark.parametrize("images", [0, 15, -4])
def test_a_number_that_is_too_small_is_a_wrong_usage(stages, images):
    with pytest.raises(UsageError, match="at least 16"):
        choose(stages, images=images)


def test_bad_files_are_named_and_the_rest_is_used(tmp_path):
    root = write_stages(tmp_path / "s", 20)
    (root / "Pro" / "0003.png").write_bytes(b"no image")
    chosen = choose(root)
    assert chosen.left_out["unreadable"] == ("s/Pro/0003.png",)
    assert (chosen.asked_images, chosen.seed, chosen.network) == (128, 1, "xincept_all")


def test_real_images_of_the_training_folder(shared_data, ready_bundle):
    """The bundle that ships was trained on part of these; the rest of the slides judge."""
    from leukoscope.bundle.read import open_bundle
    from leukoscope.runtime.provenance import training

    bundle = open_bundle(ready_bundle)
    chosen = choose(shared_data / "bccd", bundle=bundle, network="sg_cldff")
    seen = training(bundle, "sg_cldff")
    assert len(chosen.gate) > 30 and hashes(chosen, "ranges", "search") <= seen.images
    assert not hashes(chosen, "gate") & seen.images and not groups(chosen, "gate") & seen.groups
