import cv2
import numpy as np
from small_sets import Notes, smear, write_cells, write_stages

from leukoscope.calibration.candidates import LeftOut, read_candidates
from leukoscope.calibration.offers import Offer
from leukoscope.images.hashes import sha256_of_file
from leukoscope.images.label_map import LabelMap, identity_map
from leukoscope.images.layouts import read_image_set
from leukoscope.progress import Silent
from leukoscope.runtime.provenance import Seen

NORMAL = LabelMap(
    "two", "sg_cldff", {"b": ("blast",), "n": ("neutrophil", "lymphocyte"), "smudge": ()}
)


NOTHING = Seen()


def read(roots, seen=NOTHING, maps=None, progress=None, network="xincept_all"):
    left_out = LeftOut()
    offers = [
        Offer(network, read_image_set(root), one)
        for root, one in zip(roots, maps or [identity_map(network)] * len(roots), strict=True)
    ]
    return read_candidates(offers, seen, left_out, progress or Silent()), left_out.names


def test_an_image_is_known_by_its_bytes_its_pixels_and_its_group(tmp_path):
    write_stages(tmp_path / "s", 2)
    cv2.imwrite(str(tmp_path / "s" / "Pro" / "0001.bmp"), smear(3000))
    found, left_out = read([tmp_path / "s"])
    by_name = {one.name: one for one in found}
    assert len(by_name) == 9 and left_out == {}
    png, bmp = by_name["s/Pro/0000.png"], by_name["s/Pro/0001.bmp"]
    assert png.pixels_sha256 == bmp.pixels_sha256 and png.sha256 != bmp.sha256
    assert png.sha256 == sha256_of_file(png.item.path)
    assert len({one.pixels_sha256 for one in found}) == 8
    assert png.group == f"s/{png.own_group}" == png.item.group
    assert (png.label, png.classes, png.offer_index) == ("Pro", ("Pro",), 0)


def test_the_same_values_in_another_shape_are_other_pixels(tmp_path):
    for side, shape in (("a", (32, 64, 3)), ("b", (64, 32, 3))):
        (tmp_path / "s" / side).mkdir(parents=True)
        pixels = np.arange(32 * 64 * 3, dtype=np.uint32).reshape(shape).astype(np.uint8)
        cv2.imwrite(str(tmp_path / "s" / side / "1.png"), pixels)
    found, _ = read([tmp_path / "s"], maps=[None])
    assert len({one.pixels_sha256 for one in found}) == 2


def test_what_cannot_be_read_and_what_shows_nothing_is_left_out_by_name(tmp_path):
    write_stages(tmp_path / "s", 2)
    (tmp_path / "s" / "Pre" / "0000.png").write_bytes(b"no image")
    (tmp_path / "s" / "Pre" / "0001.png").write_bytes(b"")
    cv2.imwrite(str(tmp_path / "s" / "Early" / "0000.png"), np.zeros((32, 40, 3), np.uint8))
    notes = Notes()
    found, left_out = read([tmp_path / "s"], progress=notes)
    assert len(found) == 5
    assert left_out == {
        "unreadable": ["s/Pre/0000.png", "s/Pre/0001.png"],
        "blank": ["s/Early/0000.png"],
    }
    assert "0000.png cannot be decoded" in notes and "(0 bytes)" in notes


def test_a_label_that_the_map_excludes_is_left_out_unless_a_mask_can_be_judged(tmp_path):
    labels = ["b", "n", "smudge", "", "b, n"]
    write_cells(tmp_path / "with", labels)
    write_cells(tmp_path / "without", labels, masks=False)
    found, left_out = read(
        [tmp_path / "with", tmp_path / "without"], maps=[NORMAL] * 2, network="sg_cldff"
    )
    assert [one.label for one in found] == ["blast", "n", "", "", "", "blast", "n"]
    assert [one.classes for one in found][:3] == [("blast",), ("neutrophil", "lymphocyte"), ()]
    assert left_out == {"label map": [f"without/{index:04d}.png" for index in (2, 3, 4)]}
    assert [one.offer_index for one in found] == [0] * 5 + [1] * 2


def test_without_a_label_map_nothing_is_labelled(tmp_path):
    write_cells(tmp_path / "c", ["b"])
    found, _ = read([tmp_path / "c"], maps=[None], network="sg_cldff")
    assert (found[0].label, found[0].classes) == ("", ())


def test_trained_is_an_image_and_near_is_its_group(tmp_path):
    write_stages(tmp_path / "s", 20)
    one = tmp_path / "s" / "Pro" / "0007.png"
    found, _ = read([tmp_path / "s"], Seen(frozenset({sha256_of_file(one)})))
    assert [c.name for c in found if c.trained] == ["s/Pro/0007.png"]
    assert [c.name for c in found if c.near] == ["s/Pro/0006.png", "s/Pro/0007.png"]


def test_an_image_that_cannot_be_decoded_still_shows_what_its_group_is(tmp_path):
    write_stages(tmp_path / "s", 20)
    broken = tmp_path / "s" / "Pro" / "0007.png"
    broken.write_bytes(b"cut short")
    found, _ = read([tmp_path / "s"], Seen(frozenset({sha256_of_file(broken)})))
    assert [c.name for c in found if c.near] == ["s/Pro/0006.png"]


def test_groups_of_the_training_are_known_by_the_folders_own_name(tmp_path):
    """Also where two folders of one name must be told apart by the folders above them."""
    for above in "ab":
        write_stages(tmp_path / above / "s", 2, seed=ord(above))
        rows = [f"{name}/{i:04d}.png,{name} {i}" for name in ("Benign", "Early", "Pre", "Pro") for i in (0, 1)]  # fmt: skip
        (tmp_path / above / "s" / "groups.csv").write_text("\n".join(["image,group", *rows]))
    found, _ = read(
        [tmp_path / "a" / "s", tmp_path / "b" / "s"], Seen(groups=frozenset({"s/Pre 1"}))
    )
    assert [c.group for c in found if c.near] == ["a/s/Pre 1", "b/s/Pre 1"]


def test_the_order_of_the_files_does_not_matter(tmp_path):
    write_stages(tmp_path / "s", 12)
    expected, _ = read([tmp_path / "s"])
    images = read_image_set(tmp_path / "s")
    shuffled = type(images)(images.root, images.layout, images.items[::-1], True)
    left_out = LeftOut()
    offer = Offer("xincept_all", shuffled, identity_map("xincept_all"))
    found = read_candidates([offer], Seen(), left_out, Silent())
    assert [one.name for one in found] == [one.name for one in expected]


def test_counts_are_told_in_words():
    left_out = LeftOut()
    assert left_out.counts() == ""
    for cause, name in (("unreadable", "b"), ("duplicate", "c"), ("unreadable", "a")):
        left_out.add(cause, name)
    assert left_out.counts() == " (left out: 1 duplicate, 2 unreadable)"
    assert left_out.sorted() == {"duplicate": ("c",), "unreadable": ("a", "b")}


def test_every_file_is_read_once(tmp_path, monkeypatch):
    write_stages(tmp_path / "s", 3)
    met = []
    monkeypatch.setattr(
        "leukoscope.calibration.candidates.read_bytes",
        lambda path: met.append(path) or path.read_bytes(),
    )
    found, _ = read([tmp_path / "s"])
    assert len(met) == len(set(met)) == len(found) == 12
