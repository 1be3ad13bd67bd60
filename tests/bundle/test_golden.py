"""golden.npz: arrays come back bit for bit; anything that is more than arrays is refused."""

import io
import zipfile

import numpy as np
import pytest

from leukoscope.bundle import golden
from leukoscope.bundle.golden import golden_bytes, read_golden
from leukoscope.errors import InputError

ARRAYS = {
    "net/frames": np.arange(2 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 4, 4, 3),
    "net/fp32/probabilities": np.array([[0.5, np.nan], [np.inf, 0]], np.float32),
    "net/fp32/empty": np.zeros((0, 3), np.float32),
}


def test_there_and_back():
    found = read_golden(golden_bytes(ARRAYS))
    assert found.keys() == ARRAYS.keys()
    for key, array in ARRAYS.items():
        assert found[key].dtype == array.dtype
        np.testing.assert_array_equal(found[key], array)


def test_numpy_reads_it_and_it_reads_numpys(tmp_path):
    (tmp_path / "g.npz").write_bytes(golden_bytes(ARRAYS))
    with np.load(tmp_path / "g.npz", allow_pickle=False) as file:
        assert set(file.files) == set(ARRAYS)
    np.savez(tmp_path / "n.npz", **ARRAYS)
    assert read_golden((tmp_path / "n.npz").read_bytes()).keys() == ARRAYS.keys()


def test_the_same_arrays_give_the_same_bytes():
    assert golden_bytes(ARRAYS) == golden_bytes(dict(reversed(ARRAYS.items())))


@pytest.mark.parametrize(
    "arrays",
    [{"a": np.zeros(1, np.uint8)}, {"a/b": np.zeros(1)}, {"../b": np.zeros(1, "f4")}, {"a/b": np.zeros(1, ">f4")}],
)  # fmt: skip
def test_what_the_reader_refuses_is_not_written(arrays):
    with pytest.raises(ValueError):
        golden_bytes(arrays)


def archive(members, packing=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as out:
        for name, content in members.items():
            out.writestr(name, content)
    return file.getvalue()


def npy(array, **options):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, **options)
    return file.getvalue()


GOOD = npy(np.zeros((2, 2), np.float32))


def header(text: str) -> bytes:
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


HOSTILE = {
    "nothing": b"", "text": b"hello", "no members end": archive({"a/b.npy": GOOD})[:-1],
    "traversal": archive({"../a.npy": GOOD}), "absolute": archive({"/a/b.npy": GOOD}), "no npy": archive({"a/b.txt": GOOD}),
    "deep": archive({"a/b/c/d.npy": GOOD}), "flat": archive({"a.npy": GOOD}), "folder": archive({"a/b/": b""}),
    "packing": archive({"a/b.npy": GOOD}, zipfile.ZIP_BZIP2),
    "pickle": archive({"a/b.npy": npy(np.array([{}], object), allow_pickle=True)}),
    "float64": archive({"a/b.npy": npy(np.zeros(3))}), "big endian": archive({"a/b.npy": npy(np.zeros(3, ">f4"))}),
    "structured": archive({"a/b.npy": npy(np.zeros(3, [("x", "f4")]))}), "version 2": archive({"a/b.npy": npy(np.zeros(3, "f4"), version=(2, 0))}),
    "fortran": archive({"a/b.npy": npy(np.asfortranarray(np.ones((2, 3), "f4")))}), "five axes": archive({"a/b.npy": npy(np.zeros((1,) * 5, "f4"))}),
    "short": archive({"a/b.npy": GOOD[:-1]}), "long": archive({"a/b.npy": GOOD + b"x"}), "empty member": archive({"a/b.npy": b""}),
    "huge shape": archive({"a/b.npy": header("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 4), }\n")}),
    "negative shape": archive({"a/b.npy": header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }\n") + bytes(4)}),
    "code": archive({"a/b.npy": header("__import__('os').system('true')\n")}), "long header": archive({"a/b.npy": header("(" * 5000)}),
    "many": archive({f"a/b{i}.npy": GOOD for i in range(257)}),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_archive_is_refused_in_one_line(kind):
    with pytest.raises(InputError) as error:
        read_golden(HOSTILE[kind], "golden.npz")
    assert str(error.value).startswith("golden.npz") and "\n" not in str(error.value)


def test_a_member_twice_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as out, pytest.warns(UserWarning):
        out.writestr("a/b.npy", GOOD)
        out.writestr("a/b.npy", GOOD)
    with pytest.raises(InputError, match="twice"):
        read_golden(file.getvalue())


def test_an_encrypted_member_is_refused():
    data = bytearray(archive({"a/b.npy": GOOD}))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InputError):
        read_golden(bytes(data))


def test_a_directory_that_lies_about_sizes_is_refused():
    packed = archive({"a/b.npy": npy(np.zeros(100_000, np.float32))})
    start = packed.rindex(b"PK\x01\x02")
    for stated in (0, 100, 2**31):
        data = bytearray(packed)
        data[start + 24 : start + 28] = stated.to_bytes(4, "little")
        with pytest.raises(InputError):
            read_golden(bytes(data))


def test_limits_hold(monkeypatch):
    data = golden_bytes(ARRAYS)
    monkeypatch.setattr(golden, "UNPACKED_LIMIT_BYTES", 200)
    with pytest.raises(InputError, match="unpacked"):
        read_golden(data)
    monkeypatch.setattr(golden, "PACKED_LIMIT_BYTES", 50)
    with pytest.raises(InputError, match="at most 50"):
        read_golden(data)


def test_thousands_of_mutations_are_refused_or_read():
    random = np.random.default_rng(8)
    bases = [golden_bytes(ARRAYS), archive({"a/b.npy": GOOD}, zipfile.ZIP_STORED)]
    refused = 0
    for index in range(2000):
        data = bytearray(bases[index % 2])
        for _ in range(int(random.integers(1, 4))):
            data[int(random.integers(len(data)))] = int(random.integers(256))
        try:
            found = read_golden(bytes(data))
        except InputError:
            refused += 1
            continue
        assert all(array.dtype.str in ("|u1", "<f4") for array in found.values())
    assert refused > 1000
