"""The proof finds a difference of one bit, and its rows go where differences hide."""

from pathlib import Path

import numpy as np
import pytest

from leukoscope.bundle.tree_blob import TreeBlob
from leukoscope.bundle.tree_build import Tree, lay_out
from leukoscope.errors import GateError, InputError
from leukoscope.export import tree_parity
from leukoscope.export.tree_child import Limits
from leukoscope.export.tree_parity import TreeParity, compare, prove, searching_rows, ulp_distance

STUMP = Tree(
    0,
    np.array([1, 0, 0]),
    np.array([1, 0, 0]),
    np.array([True, False, False]),
    np.array([0.25, -1, 2], np.float32),
    np.array([0, -1, 2], np.float32),
    {},
)


@pytest.fixture
def blob():
    return TreeBlob.read(
        lay_out([STUMP], objective="logistic", features=3, outputs=1, base_score=[0.1])
    )


def test_rows_search_at_the_thresholds_and_beside_them():
    x = searching_rows([STUMP], 3, 3000, np.random.default_rng(0))
    at = np.float32(0.25)
    for value in (
        at,
        np.nextafter(at, np.float32(0)),
        np.nextafter(at, np.float32(1)),
        np.inf,
        -np.inf,
    ):
        assert (x[:, 1] == value).any()
    assert 0.15 < np.isnan(x).mean() < 0.25
    assert x.dtype == np.float32 and len(np.unique(x[:, 0])) > 100


def test_rows_search_unknown_categories():
    tree = Tree(
        *[getattr(STUMP, name) for name in list(Tree.__dataclass_fields__)[:-1]], {0: (3, 5)}
    )
    x = searching_rows([tree], 3, 2000, np.random.default_rng(0))
    for value in (3, 5, -1, 0.5, 2**24):
        assert (x[:, 1] == value).any()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("threshold", [3e38, 1e30, 1e-40])
def test_rows_search_beside_thresholds_of_any_size(threshold):
    value = np.array([threshold, -1, 2], np.float32)
    fields = {name: getattr(STUMP, name) for name in Tree.__dataclass_fields__}
    trees = [Tree(**{**fields, "value": sign * value}) for sign in (1, -1)]
    x = searching_rows(trees, 3, 2000, np.random.default_rng(0))
    assert (x[:, 1] == np.float32(threshold)).any() and (x[:, 1] == -np.float32(threshold)).any()


def answers(blob, x, temperature=1.0):
    margins = blob.margins(x)
    return {"margins": margins, "values": blob.from_margins(margins)[:, 1:]}


def proved(monkeypatch, blob, change, rows=100):
    def oracle(model, x, limits, temperature):
        found = answers(blob, x)
        change(found)
        return found

    monkeypatch.setattr(tree_parity, "read_margins", oracle)
    return prove(blob, [STUMP], Path("m.json"), rows=rows, seed=0, limits=Limits())


def test_equal_answers_pass(monkeypatch, blob, tree_walk):
    ulp = {"kernel": 0.0, "numpy": 2.0}[tree_walk]
    assert proved(monkeypatch, blob, lambda f: None) == TreeParity(100, 0, 0, 1, 0, ulp, tree_walk)


def test_many_rows_are_compared_in_parts(monkeypatch, blob):
    sizes = []
    monkeypatch.setattr(tree_parity, "ITEMS_AT_ONCE", 3 * 40)
    found = proved(monkeypatch, blob, lambda f: sizes.append(len(f["margins"])))
    assert (sizes, found.rows, found.bit_equal_share) == ([40, 40, 20], 100, 1)


def test_the_worst_part_counts(monkeypatch, blob):
    def last_part(found):
        if len(found["margins"]) == 20:
            found["margins"][7, 0] = np.nextafter(found["margins"][7, 0], np.float32(9))

    monkeypatch.setattr(tree_parity, "ITEMS_AT_ONCE", 3 * 40)
    with pytest.raises(GateError, match=r"m\.json: the trees differ"):
        proved(monkeypatch, blob, last_part)


def test_one_bit_of_one_margin_fails(monkeypatch, blob):
    def change(found):
        found["margins"][7, 0] = np.nextafter(found["margins"][7, 0], np.float32(9))

    with pytest.raises(GateError, match=r"m\.json: the trees differ"):
        proved(monkeypatch, blob, change)


def test_more_ulp_of_a_probability_than_the_walk_may_fail(monkeypatch, blob, tree_walk):
    def by(ulp):
        def change(found):
            found["values"] = (found["values"].view(np.int32) + np.int32(ulp)).view(np.float32)

        return change

    allowed = {"kernel": 0, "numpy": 2}[tree_walk]
    assert proved(monkeypatch, blob, by(allowed)).probability_ulp == allowed
    with pytest.raises(GateError, match=rf"{allowed + 1}.0 ulp"):
        proved(monkeypatch, blob, by(allowed + 1))


def test_the_temperature_reaches_the_oracle(monkeypatch):
    data = lay_out(
        [STUMP], objective="logistic", features=3, outputs=1, base_score=[0.1], temperature=2.5
    )
    given = []
    monkeypatch.setattr(
        tree_parity,
        "read_margins",
        lambda m, x, limits, t: given.append(t) or answers(TreeBlob.read(data), x),
    )
    prove(TreeBlob.read(data), [STUMP], Path("m"), rows=5, seed=0, limits=Limits())
    assert given == [2.5]


def test_margins_of_another_width_are_refused(blob):
    with pytest.raises(InputError, match="XGBoost gives margins"):
        compare(blob, np.zeros((2, 3), np.float32), {"margins": np.zeros((2, 2)), "values": None})


def test_ulp_distance():
    one = np.array([1.0, 0.0], np.float32)
    assert ulp_distance(one, one) == 0
    assert ulp_distance(one, np.nextafter(one, np.float32(2))) == 1
