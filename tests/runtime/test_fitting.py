import pytest
from toy_bundle import Toy, write_toy_bundle

from leukoscope.errors import InputError
from leukoscope.images.layouts import read_image_set
from leukoscope.runtime.fitting import choose_networks


def chosen(bundle, root, asked=(), map_file=None):
    found = choose_networks(bundle, read_image_set(root), asked, map_file)
    return {network: one and one.name for network, one in found.items()}


@pytest.fixture
def stages(image_folder):
    image_folder("Benign/a.png")
    return image_folder("Pro/b.png").parent.parent


@pytest.fixture
def masked(image_folder):
    """The layout with masks, labels as bccd writes them."""
    root = image_folder("images/a.png").parent.parent
    (root / "labels.csv").write_text("image,label\na.png,NEUTROPHIL\n")
    return root


def test_class_folders_fit_the_network_whose_labels_they_are(toy_bundle, stages):
    assert list(chosen(toy_bundle, stages)) == ["xincept_all"]


def test_the_layout_with_masks_is_sg_cldffs(toy_bundle, masked):
    assert chosen(toy_bundle, masked) == {"sg_cldff": "bccd"}


def test_without_labels_there_is_no_map(toy_bundle, masked):
    (masked / "labels.csv").unlink()
    assert chosen(toy_bundle, masked) == {"sg_cldff": None}


def test_labels_that_nobody_knows_are_named(toy_bundle, image_folder):
    root = image_folder("Mystery/a.png").parent.parent
    with pytest.raises(InputError, match="'Mystery'"):
        choose_networks(toy_bundle, read_image_set(root), (), None)


def test_a_network_that_is_asked_for_must_fit_and_be_there(toy_bundle, stages, tmp_path):
    assert list(chosen(toy_bundle, stages, ("xincept_all",))) == ["xincept_all"]
    with pytest.raises(InputError, match="sg_cldff knows"):
        chosen(toy_bundle, stages, ("sg_cldff",))
    bare = write_toy_bundle(tmp_path / "b", Toy(networks=("sg_cldff",), trees=False))
    with pytest.raises(InputError, match="no network xincept_all"):
        chosen(bare, stages, ("xincept_all",))
    with pytest.raises(InputError, match="'Benign', 'Pro'"):
        chosen(bare, stages)


def test_a_label_map_brings_its_network(toy_bundle, stages, tmp_path):
    path = tmp_path / "map.toml"
    path.write_text(
        'name = "mine"\nnetwork = "sg_cldff"\n[targets]\nBenign = "lymphocyte"\nPro = "blast"\n'
    )
    assert chosen(toy_bundle, stages, (), path) == {"sg_cldff": "mine"}
    with pytest.raises(InputError, match="is for sg_cldff"):
        chosen(toy_bundle, stages, ("xincept_all",), path)
    path.write_text('name = "mine"\nnetwork = "sg_cldff"\n[targets]\nPro = "blast"\n')
    with pytest.raises(InputError, match="'Benign'"):
        chosen(toy_bundle, stages, (), path)
