"""How fast this machine moves bytes: from memory, and from its caches."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CACHE = Path("/sys/devices/system/cpu/cpu0/cache")
ASSUMED_CACHE_BYTES = 32 << 20
"""Where the system does not say."""
LEAST_BYTES, MOST_BYTES = 64 << 20, 256 << 20
"""Of all arrays that are larger than the caches."""
BEYOND = 4
"""Times the last cache."""
ASSUMED_INNER_BYTES = 512 << 10
"""Of a core's own second cache, where the system does not say."""
INNER_SHARE = 0.75
"""Of it, for a thread's arrays."""
INNER_TURNS = 100
ROUNDS = 5
Arrays = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
Way = tuple[Callable[[Arrays], object], int]

WAYS: tuple[Way, ...] = (
    (lambda a: np.copyto(a[0], a[1]), 2),
    (lambda a: np.add(a[1], a[2], out=a[0]), 3),
    (lambda a: np.maximum.reduce(a[1]), 1),
)
"""A copy, a sum of two arrays and a read, and how many arrays each moves; what a cache fetches beyond is not counted."""


def last_cache_bytes(folder: Path = CACHE) -> int:
    """The largest cache that a core reaches; ASSUMED_CACHE_BYTES where the system does not say."""
    sizes = [_size(file) for file in sorted(folder.glob("index*/size"))]
    return max(sizes, default=0) or ASSUMED_CACHE_BYTES


def inner_cache_bytes(folder: Path = CACHE) -> int:
    """The second cache, a core's own; ASSUMED_INNER_BYTES where the system does not say."""
    levels = {file: _text(file.with_name("level")) for file in folder.glob("index*/size")}
    sizes = [_size(file) for file, level in levels.items() if level == "2"]
    return max(sizes, default=0) or ASSUMED_INNER_BYTES


def memory_bytes_per_s(threads: int, cache_bytes: int) -> float:
    """Of the fastest way through arrays that no cache holds."""
    total = min(MOST_BYTES, max(LEAST_BYTES, BEYOND * cache_bytes))
    return _best(threads, total // (3 * threads), 1)


def cache_bytes_per_s(threads: int) -> float:
    """Of the fastest way through arrays that stay in each core's own cache."""
    return _best(threads, int(inner_cache_bytes() * INNER_SHARE / 3), INNER_TURNS)


def _best(threads: int, array_bytes: int, turns: int) -> float:
    """Bytes in a second, of all threads together, each on arrays of its own."""
    each = [_arrays(array_bytes) for _ in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        return max(
            moved * each[0][0].nbytes * threads * turns / _seconds(pool, work, each, turns)
            for work, moved in WAYS
            for _ in range(ROUNDS)
        )


def _seconds(
    pool: ThreadPoolExecutor, work: Callable[[Arrays], object], each: list[Arrays], turns: int
) -> float:
    def job(arrays: Arrays) -> None:
        for _ in range(turns):
            work(arrays)

    start = time.perf_counter()
    list(pool.map(job, each))
    return time.perf_counter() - start


def _arrays(array_bytes: int) -> Arrays:
    first, second, third = (np.ones(max(1, array_bytes // 4), np.float32) for _ in range(3))
    return first, second, third


def _size(file: Path) -> int:
    """`32768K` in bytes; 0 for what is no size."""
    text = _text(file)
    factor = {"K": 1 << 10, "M": 1 << 20}.get(text[-1:], 1)
    digits = text.rstrip("KM")
    return (
        int(digits) * factor if digits.isascii() and digits.isdecimal() and len(digits) < 12 else 0
    )


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
