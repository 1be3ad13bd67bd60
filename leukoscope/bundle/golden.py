"""golden.npz: a few frames and the outputs that each variant must give for them, read without trusting the archive.

Keys: `NETWORK/frames` uint8 [B, S, S, 3]; `NETWORK/VARIANT/OUTPUT` float32, first axis B.
"""

import io
import math
import re
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from leukoscope.errors import InputError

PART = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
KEY = re.compile(f"{PART}(/{PART}){{1,2}}")
DTYPES = ("|u1", "<f4")
MEMBERS_LIMIT = 256
UNPACKED_LIMIT_BYTES = 512 * 1024 * 1024
PACKED_LIMIT_BYTES = 128 * 1024 * 1024
FAULTS = (zipfile.BadZipFile, zlib.error, ValueError, EOFError, OSError, RuntimeError)
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def golden_bytes(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The arrays as golden.npz; ValueError for a key or a dtype that the reader would refuse."""
    for key, array in arrays.items():
        if not KEY.fullmatch(key) or array.dtype.str not in DTYPES:
            raise ValueError(f"{key} {array.dtype} does not belong in golden.npz")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for key in sorted(arrays):
            # A fixed date: the same arrays give the same bytes, so the same hash.
            member = zipfile.ZipInfo(f"{key}.npy", (1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(member, "w") as packed:
                npy.write_array(packed, np.ascontiguousarray(arrays[key]), allow_pickle=False)
    return file.getvalue()


def read_golden(data: bytes, name: str = "golden.npz") -> dict[str, NDArray[Any]]:
    """Bytes of golden.npz -> arrays by key. InputError for anything else, however it is packed."""
    if len(data) > PACKED_LIMIT_BYTES:
        raise InputError(f"{name} has {len(data)} bytes", wanted=f"at most {PACKED_LIMIT_BYTES}")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = _checked_members(archive, name)
            return {key: _read_member(archive, member, key) for key, member in members.items()}
    except FAULTS as error:
        raise InputError(f"{name} is no good archive of arrays: {str(error)[:100]}") from None


def _checked_members(archive: zipfile.ZipFile, name: str) -> dict[str, zipfile.ZipInfo]:
    members = archive.infolist()
    total = sum(member.file_size for member in members)
    if len(members) > MEMBERS_LIMIT or total > UNPACKED_LIMIT_BYTES:
        found = f"{name} has {len(members)} members, {total} bytes unpacked"
        raise InputError(found, wanted=f"at most {MEMBERS_LIMIT}, {UNPACKED_LIMIT_BYTES}")
    keys = {member.filename.removesuffix(".npy"): member for member in members}
    if len(keys) != len(members):
        raise InputError(f"{name} has a member twice")
    for key, member in keys.items():
        plain = member.compress_type in PACKINGS and not member.flag_bits & 1
        if not plain or not KEY.fullmatch(key) or not member.filename.endswith(".npy"):
            raise InputError(f"{name} has the member {member.filename[:80]!r}", wanted="plain .npy")
    return keys


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, key: str) -> NDArray[Any]:
    """One array. What comes out is counted too: the directory's size may lie."""
    with archive.open(member) as packed:
        content = packed.read(member.file_size + 1)
    if len(content) != member.file_size:
        raise ValueError(f"{key} unpacks to another size than stated")
    file = io.BytesIO(content)
    if npy.read_magic(file) != (1, 0):
        raise ValueError(f"{key} has another .npy version than 1.0")
    shape, fortran, dtype = npy.read_array_header_1_0(file, max_header_size=1000)
    if dtype.str not in DTYPES or fortran or len(shape) > 4:
        raise ValueError(f"{key} is {dtype.str} {shape}, not uint8 or float32 in C order")
    if (
        any(side < 0 for side in shape)
        or math.prod(shape) * dtype.itemsize != len(content) - file.tell()
    ):
        raise ValueError(f"{key} has another length than its shape {shape}")
    return np.frombuffer(content, dtype, offset=file.tell()).reshape(shape)
