import hashlib

import pytest

from leukoscope.images import hashes
from leukoscope.images.hashes import sha256_of_bytes, sha256_of_file


def test_known_digest():
    """FIPS 180-2, appendix B.1."""
    wanted = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_of_bytes(b"abc") == wanted


@pytest.mark.parametrize("size", [0, 1, 99, 100, 101, 250])
def test_a_file_read_in_pieces_has_the_digest_of_its_bytes(tmp_path, monkeypatch, size):
    monkeypatch.setattr(hashes, "CHUNK_BYTES", 100)
    data = bytes(range(250))[:size]
    (tmp_path / "a").write_bytes(data)
    assert sha256_of_file(tmp_path / "a") == hashlib.sha256(data).hexdigest()


def test_an_absent_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        sha256_of_file(tmp_path / "a")
