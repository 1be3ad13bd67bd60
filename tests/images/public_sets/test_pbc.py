import shutil

from leukoscope.images.label_map import find_label_map
from leukoscope.images.layouts import read_image_set
from leukoscope.images.public_sets.convert import convert
from leukoscope.images.public_sets.offer import Source
from leukoscope.images.public_sets.pbc import KINDS, PBC


def test_eight_folders(root, make, tmp_path):
    for seed, kind in enumerate(KINDS):
        make(f"PBC_dataset_normal_DIB/{kind}/{kind[:2].upper()}_{seed}.jpg", seed)
    hidden = root / "PBC_dataset_normal_DIB" / "neutrophil" / ".DS_169665.jpg"
    shutil.copy(root / "PBC_dataset_normal_DIB" / "ig" / "IG_3.jpg", hidden)
    record = convert(PBC, Source(root), tmp_path / "out")
    assert record.counts()["labels"] == dict.fromkeys(KINDS, 1)
    assert record.counts()["left_out"] == {"hidden file": 1}
    labels = [item.label for item in read_image_set(tmp_path / "out").items]
    assert find_label_map(labels, "sg_cldff").name == "pbc"
