import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from leukoscope.errors import InputError
from leukoscope.images.classes import CELL_TYPES
from leukoscope.images.contract import Contract
from leukoscope.models.checkpoint import load_checkpoint
from leukoscope.progress import Silent
from leukoscope.training.augment import ColourJitter
from leukoscope.training.cell_scores import segmentation_scores
from leukoscope.training.cell_task import OTHER, OUTLINED_AT, CellTask, LossWeights
from leukoscope.training.loop import fit
from leukoscope.training.pictures import load_pictures, open_source
from leukoscope.training.recipe import Recipe
from leukoscope.training.segmentation import (
    SegmentationOrder,
    train_segmentation,
    usual_diameters,
)

CONTRACT = Contract(96)


@pytest.fixture(scope="module")
def finished(cells_folder, tmp_path_factory):
    recipe = Recipe(epochs=1, batch=4, threads=1)
    output = tmp_path_factory.mktemp("run") / "s.safetensors"
    order = SegmentationOrder((cells_folder,), output, "nano", 96, recipe=recipe)
    return order, train_segmentation(order, Silent())


def task_of(pictures, **changes):
    settings = {
        "fitted": pictures,
        "held": [],
        "painted_held": [],
        "contract": Contract(48),
        "jitter": ColourJitter(),
        "factors": LossWeights(),
        "label_weights": {},
        **changes,
    }
    return CellTask(**settings)


def test_the_checkpoint_gives_the_figures_that_its_header_names(finished, cells_folder):
    order, header = finished
    network, found = load_checkpoint(order.output)
    assert found == header and header.training["losses"] == vars(LossWeights())
    source = open_source(cells_folder, "sg_cldff", CELL_TYPES)
    held = {digest for group in header.data["parts"]["held"].values() for digest in group}
    pictures = [p for p in load_pictures(source, source.images.items) if p.sha256 in held]
    assert header.metrics["held"] == segmentation_scores(network, pictures, CONTRACT)
    parts = header.data["parts"]
    assert set(parts) == {"fit", "held"} and not set(parts["fit"]) & set(parts["held"])


def test_a_run_begins_from_the_weights_of_another(finished, tmp_path):
    order, _ = finished
    again = replace(order, output=tmp_path / "s", weights=order.output)
    again = replace(again, recipe=Recipe(epochs=1, batch=4, threads=1, rate=1e-9, ema_decay=0.0))
    header = train_segmentation(again, Silent())
    before, after = (load_checkpoint(one.output)[0].state_dict() for one in (order, again))
    for name, value in before.items():
        if name.endswith("weight") and value.ndim > 1:
            assert torch.allclose(value, after[name], atol=1e-4), name
    assert header.training["weights"] == "s.safetensors"


def test_weights_of_other_settings_are_refused(finished, trained, tmp_path):
    order, _ = finished
    for change in ({"size": "small", "weights": order.output}, {"weights": trained[0]}):
        with pytest.raises(InputError, match="weights do not fit"):
            train_segmentation(replace(order, output=tmp_path / "s", **change), Silent())


def test_weights_that_have_seen_what_is_held_out_are_refused(finished, tmp_path):
    order, _ = finished
    again = replace(order, output=tmp_path / "s", weights=order.output)
    with pytest.raises(InputError, match=r"fitted on \d of the \d images that this run holds out"):
        for seed in range(2, 9):  # some of these splits hold out other groups
            recipe = replace(order.recipe, seed=seed, epochs=1, batch=2)
            train_segmentation(replace(again, recipe=recipe), Silent())


def test_each_image_trains_the_heads_it_can(make_picture):
    """An outline without a type, a type without an outline, and `other`, which has no white cell."""
    kinds = [
        make_picture((), origin="masks"),
        make_picture((2,), masked=False, origin="classes"),
        make_picture(OTHER, masked=False, origin="classes"),
    ]
    task = task_of(kinds, label_weights={(2,): 3.0})
    seen = set()
    for epoch in range(8):
        for batch in task.batches(epoch, 6, seed=1):
            for row in range(6):
                known = bool(batch.truth["known"][row])
                allowed = batch.truth["allowed"][row].nonzero().flatten().tolist()
                outlined = bool(batch.truth["masks"][row].any())
                seen.add((known, tuple(allowed), outlined, float(batch.truth["weights"][row])))
    assert task.times_drawn == 0
    assert (False, (2,), False, 3.0) in seen and (True, OTHER, False, 1.0) in seen
    assert {one for one in seen if one[2]} == {(True, (), True, 1.0)}
    assert not any(one[1] == (2,) and one[0] for one in seen)


def test_terms_have_their_factors_and_a_switched_off_prior_is_not_pulled_at(make_picture):
    task = task_of([make_picture((1,))], factors=LossWeights(0.5, 0.25, 0.125))
    plain = task_of([make_picture((1,))], factors=LossWeights(1.0, 1.0, 1.0))
    batch = next(iter(task.batches(0, 2, 1)))
    outputs = {
        "logits": torch.randn(2, len(CELL_TYPES)),
        "mask_logits": torch.randn(2, 3, 48, 48),
        "saliency": torch.rand(2, 1, 12, 12, requires_grad=True),
        "class_maps": torch.randn(2, len(CELL_TYPES), 6, 6),
    }
    found, whole = task.losses(outputs, batch), plain.losses(outputs, batch)
    assert float(found["type"]) == pytest.approx(0.5 * float(whole["type"]))
    assert float(found["saliency"].detach()) == pytest.approx(
        0.25 * float(whole["saliency"].detach())
    )
    assert float(found["mask"]) == pytest.approx(float(whole["mask"]))
    assert 0 < float(found["evidence"]) == pytest.approx(0.125 * float(whole["evidence"]))
    outputs["saliency"] = torch.ones(2, 1, 12, 12)
    assert set(task.losses(outputs, batch)) == {"mask", "type", "evidence"}
    bare = task_of([make_picture((1,))], factors=LossWeights(1.0, 0.0, 0.0))
    outputs["saliency"].requires_grad_()
    assert set(bare.losses(outputs, batch)) == {"mask", "type"}


def test_the_score_is_the_mean_of_iou_and_types(oracle, make_picture):
    held = [make_picture((2,), origin="set")]
    task = task_of([], held=held, painted_held=held, contract=Contract(64))
    figures = task.watch(oracle(CELL_TYPES))
    assert figures["score"] == pytest.approx((figures["iou"] + figures["types"]) / 2)
    assert figures["painted iou"] == figures["iou"]
    assert task_of([], contract=Contract(64)).watch(oracle(CELL_TYPES)) == {"score": 0.0}


def test_the_same_seed_and_epoch_give_the_same_batches(make_picture):
    task = task_of([make_picture((index,)) for index in range(5)])
    one, again, other = (next(iter(task.batches(epoch, 4, 1))) for epoch in (0, 0, 1))
    assert torch.equal(one.images, again.images)
    assert all(torch.equal(one.truth[name], again.truth[name]) for name in one.truth)
    assert not torch.equal(one.images, other.images)
    assert float(one.images.min()) >= 0 and float(one.images.max()) <= 1
    assert one.truth["masks"].dtype == torch.int64 and one.images.shape == (4, 3, 48, 48)


def test_stages_are_no_cell_types(stages_folder, finished, tmp_path):
    order = replace(finished[0], data=(stages_folder,), output=tmp_path / "s")
    with pytest.raises(InputError, match="Benign"):
        train_segmentation(order, Silent())


def test_painted_cells_are_counted_apart(finished, tmp_path, monkeypatch):
    monkeypatch.setattr("leukoscope.training.segmentation.PAINTED_HELD", 5)
    order = replace(finished[0], output=tmp_path / "s", painted=5)
    header = train_segmentation(order, Silent())
    assert set(header.metrics["held"]) == {"cells"} and set(header.metrics["painted"]) == {
        "painted"
    }
    assert header.data == finished[1].data
    assert copy.copy(header).training["painted"] == 5 and np.isfinite(header.metrics["temperature"])


def test_single_cells_without_a_mask_are_outlined_at_their_time_and_no_other(
    make_picture, oracle_masks
):
    kinds = [
        make_picture((), origin="masks"),
        make_picture((2,), masked=False, origin="classes"),
        make_picture(OTHER, masked=False, origin="classes"),
        make_picture((), masked=False, origin="classes"),
    ]
    task = task_of([*kinds])
    task.prepare(OUTLINED_AT[0] - 0.01, oracle_masks())
    assert [one.mask is None for one in task.fitted] == [False, True, True, True]
    task.prepare(OUTLINED_AT[0], oracle_masks())
    assert [one.mask is None for one in task.fitted] == [False, False, True, True]
    assert task.fitted[0] is kinds[0] and not task.fitted[1].drawn
    first = task.fitted[1]
    task.prepare(OUTLINED_AT[1] - 0.01, oracle_masks())
    assert task.fitted[1] is first
    task.prepare(1.0, oracle_masks())
    assert task.fitted[1] is not first and task.times_drawn == len(OUTLINED_AT)


def test_outlines_come_back_when_a_run_is_resumed(make_picture, oracle_masks):
    kinds = [make_picture((2,), masked=False, origin="classes")]
    task, resumed = task_of([*kinds]), task_of([*kinds])
    task.prepare(0.5, oracle_masks())
    resumed.load_state_dict(task.state_dict())
    assert np.array_equal(resumed.fitted[0].mask, task.fitted[0].mask)
    assert resumed.times_drawn == task.times_drawn == 1


def test_outlines_can_be_switched_off(make_picture, oracle_masks):
    task = task_of([make_picture((2,), masked=False)], outlines=False)
    task.prepare(1.0, oracle_masks())
    assert task.fitted[0].mask is None


def test_the_usual_diameter_is_the_median_of_the_masks_in_the_square(make_picture):
    pictures = [make_picture(side_px=side) for side in (64, 64, 128)]
    assert usual_diameters(pictures, 224) == (16, 89, 130)  # discs of two fifths of the side
    assert usual_diameters(pictures, 112) == (8, 45, 65)
    assert usual_diameters([make_picture(masked=False)], 224) is None


def test_the_contract_names_the_scale(finished):
    _, header = finished
    least, usual, greatest = header.contract["white_cell_px"]
    assert (least, greatest) == (7, 56) and least < usual < greatest


def test_published_weights_begin_a_run_and_learn_more_slowly(cells_folder, tmp_path, monkeypatch):
    wanted = frozenset({"backbone.stem.0.0.weight"})
    monkeypatch.setattr("leukoscope.training.segmentation.load_lite_weights", lambda n, p: wanted)
    seen = {}

    def spied(network, task, recipe, saved, progress, pretrained):
        seen["pretrained"] = pretrained
        return fit(network, task, recipe, saved, progress, pretrained)

    monkeypatch.setattr("leukoscope.training.segmentation.fit", spied)
    recipe = Recipe(epochs=1, batch=4, threads=1)
    order = SegmentationOrder(
        (cells_folder,), tmp_path / "s", "nano", 96, recipe=recipe, lite_weights=tmp_path / "lite"
    )
    header = train_segmentation(order, Silent())
    assert seen["pretrained"] == wanted and header.training["lite_weights"] == "lite"
