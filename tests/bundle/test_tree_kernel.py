"""The C kernel: the same bits as NumPy's walk, on rows of any form, without a copy or the interpreter's lock."""

import os
import shutil
import subprocess
import sys
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import numpy as np
import pytest

from leukoscope.bundle import tree_kernel
from leukoscope.bundle.tree_blob import TreeBlob
from leukoscope.bundle.tree_build import lay_out
from leukoscope.bundle.tree_kernel import KERNEL_VERSION, TreeKernel, find_kernel

REPOSITORY = Path(__file__).resolve().parents[2]


def grown(forest, layout, *, trees=19, depth=5, outputs=3, features=6, **options) -> TreeBlob:
    random = np.random.default_rng(trees)
    objective = "logistic" if outputs == 1 else "softprob"
    data = lay_out(
        [forest.grow(random, depth, output=i % outputs, features=features, **options) for i in range(trees)],
        objective=objective, features=features, outputs=outputs, base_score=random.normal(size=outputs), layout=layout,
    )  # fmt: skip
    return TreeBlob.read(data)


@pytest.fixture
def numpys(monkeypatch):
    """What NumPy's walk answers: (blob, name, rows) -> array."""

    def answer(blob, name, x):
        with monkeypatch.context() as only:
            only.setattr("leukoscope.bundle.tree_blob.find_kernel", lambda: None)
            return getattr(blob, name)(x)

    return answer


CASES = [
    (layout, trees, depth, outputs, categorical)
    for layout, categorical in (("perfect", 0.0), ("nodes", 0.0), ("nodes", 0.5))
    for trees, depth, outputs in ((1, 0, 1), (1, 4, 1), (7, 2, 2), (8, 3, 3), (9, 6, 3), (16, 1, 1), (35, 9, 10))
]  # fmt: skip


@pytest.mark.parametrize("layout,trees,depth,outputs,categorical", CASES)
def test_the_kernel_and_numpy_agree(
    forest, tree_kernel, numpys, layout, trees, depth, outputs, categorical
):
    blob = grown(forest, layout, trees=trees, depth=depth, outputs=outputs, categorical=categorical)
    x = forest.rows(np.random.default_rng(depth), 200)
    assert (blob.margins(x) == numpys(blob, "margins", x)).all()
    np.testing.assert_array_max_ulp(blob.probabilities(x), numpys(blob, "probabilities", x), 2)
    np.testing.assert_allclose(
        blob.contributions(x), numpys(blob, "contributions", x), rtol=2e-7, atol=1e-12
    )
    assert (blob.from_margins(blob.margins(x)) == blob.probabilities(x)).all()


@pytest.mark.parametrize("layout", ["perfect", "nodes"])
def test_one_row_is_a_batch_of_one(forest, tree_kernel, layout):
    blob, x = grown(forest, layout), forest.rows(np.random.default_rng(1), 40)
    for name in ("margins", "probabilities", "contributions"):
        call = getattr(blob, name)
        rows = np.concatenate([call(x[index : index + 1]) for index in range(len(x))])
        assert (rows == call(x)).all()


def unaligned(x):
    room = np.zeros(x.nbytes + 1, np.uint8)
    view = room[1:].view(np.float32).reshape(x.shape)
    view[...] = x
    assert not view.flags.aligned
    return view


def read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


FORMS = {
    "every second row": lambda x: np.repeat(x, 2, axis=0)[::2],
    "columns of a wider table": lambda x: np.concatenate((x, x), axis=1)[:, : x.shape[1]],
    "backwards": lambda x: x[::-1].copy()[::-1],
    "column by column": np.asfortranarray,
    "unaligned": unaligned,
    "read-only": read_only,
    "broadcast": lambda x: np.broadcast_to(x[:1], x.shape),
}


@pytest.mark.parametrize("form", FORMS)
def test_rows_may_lie_in_memory_as_they_like(forest, tree_kernel, form):
    blob, x = grown(forest, "perfect"), forest.rows(np.random.default_rng(2), 20)
    given = FORMS[form](x)
    same = np.ascontiguousarray(given)
    assert (blob.margins(given) == blob.margins(same)).all()
    assert (blob.contributions(given) == blob.contributions(same)).all()


def test_neither_the_blob_nor_the_rows_are_copied(forest, tree_kernel):
    blob = grown(forest, "perfect", trees=600, depth=8)
    x = np.zeros((100_000, 6), np.float32)
    blob.margins(x[:2])
    tracemalloc.start()
    try:
        blob.probabilities(x)
        blob.margins(x)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # Margins and probabilities, 1.2 MB each; the rows have 2.4 MB, the blob 2.5 MB.
    assert len(blob.data) > 2e6 and peak < 2.6e6


def test_threads_share_a_blob(forest, tree_kernel):
    blob, x = grown(forest, "nodes", trees=50), forest.rows(np.random.default_rng(3), 64)
    expected = blob.margins(x), blob.contributions(x)

    def often(_):
        return all(
            (blob.margins(x) == expected[0]).all() and (blob.contributions(x) == expected[1]).all()
            for _ in range(30)
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(often, range(16)))


def test_the_lock_is_not_held_during_a_walk(forest, tree_kernel):
    blob, x = grown(forest, "perfect", trees=600, depth=8), np.zeros((20_000, 6), np.float32)
    begun = threading.Event()

    def long_walk():
        begun.set()
        blob.margins(x)

    thread = threading.Thread(target=long_walk)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        thread.start()
        begun.wait()
        steps = 0
        while thread.is_alive():
            steps += 1
    finally:
        sys.setswitchinterval(before)
    # With the lock held there would be one or two: before the walk, and after it.
    assert steps > 100


def test_the_kernel_refuses_a_blob_of_another_length(forest, tree_kernel):
    blob, x = grown(forest, "perfect"), np.zeros((1, 6), np.float32)
    for data in (blob.data[:-1], blob.data + b"\0", blob.data[:100], b"", bytes(len(blob.data))):
        with pytest.raises(RuntimeError):
            tree_kernel.margins(blob.header, data, x)
        with pytest.raises(RuntimeError):
            tree_kernel.contributions(blob.header, data, x)
        with pytest.raises(RuntimeError):
            tree_kernel.probabilities(blob.header, data, np.zeros((1, 3), np.float32))


# An install without the kernel.


@pytest.fixture
def looked_for_again():
    find_kernel.cache_clear()
    yield
    find_kernel.cache_clear()


def test_without_a_library_there_is_one_line(looked_for_again, monkeypatch, caplog):
    monkeypatch.setattr(tree_kernel, "EXTENSION_SUFFIXES", [".nowhere"])
    assert find_kernel() is None and find_kernel() is None
    (record,) = caplog.records
    assert "NumPy walks the trees" in record.getMessage() and "\n" not in record.getMessage()


def test_a_library_of_another_kind_is_not_called(looked_for_again, monkeypatch, caplog, tmp_path):
    other = Path(np.linalg._umath_linalg.__file__)
    with pytest.raises(OSError, match=f"not {KERNEL_VERSION}"):
        TreeKernel(other)
    shutil.copy(other, tmp_path / f"_tree_kernel{EXTENSION_SUFFIXES[-1]}")
    monkeypatch.setattr(tree_kernel, "__file__", str(tmp_path / "tree_kernel.py"))
    assert find_kernel() is None
    assert "is of version 0" in caplog.text


def built(folder: Path, **environment) -> list[Path]:
    """What `setup.py build_ext` leaves in a copy of the sources."""
    (folder / "leukoscope" / "bundle").mkdir(parents=True)
    for name in ("setup.py", "leukoscope/bundle/tree_kernel.c"):
        shutil.copy(REPOSITORY / name, folder / name)
    done = subprocess.run(
        [sys.executable, "setup.py", "build_ext", "--build-lib", "out", "--build-temp", "temp"],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return list((folder / "out").rglob("*.so"))


def test_a_build_gives_a_library_without_python_in_it(forest, tmp_path):
    pytest.importorskip("setuptools", reason="pip install setuptools")
    if shutil.which("cc") is None:
        pytest.skip("no C compiler; to run it: apt-get install gcc")
    (library,) = built(tmp_path)
    assert library.name == "_tree_kernel.abi3.so"
    assert b"PyInit" not in library.read_bytes()
    blob, x = grown(forest, "nodes"), forest.rows(np.random.default_rng(4), 10)
    assert (TreeKernel(library).margins(blob.header, blob.data, x) == blob.margins(x)).all()


def test_an_install_without_a_compiler_succeeds(tmp_path):
    pytest.importorskip("setuptools", reason="pip install setuptools")
    assert built(tmp_path, CC="/nowhere/cc") == []


def test_fast_mathematics_are_refused(tmp_path):
    pytest.importorskip("setuptools", reason="pip install setuptools")
    assert built(tmp_path, CFLAGS="-ffast-math") == []
