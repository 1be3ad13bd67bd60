"""TensorRT's timing cache, kept beside the engines: what it measured for one engine it need not measure for the next.

TensorRT-RTX measures nothing when it builds; its timing cache does nothing and is not used.
"""

import os
import re
from pathlib import Path
from typing import Any

from leukoscope.bundle.read import open_regular
from leukoscope.errors import InputError
from leukoscope.runtime.engines.files import write_atomically
from leukoscope.runtime.engines.key import Key

LIMIT_BYTES = 256 << 20


class TimingCache:
    """One file for each version of TensorRT on one device."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def attach(self, config: Any) -> Any:
        """Gives the kept measurements to `config`; what is returned must outlive the build.

        A file that TensorRT finds to be of another device or version is left aside.
        """
        cache = config.create_timing_cache(self._read())
        if not config.set_timing_cache(cache, False):
            cache = config.create_timing_cache(b"")
            config.set_timing_cache(cache, False)
        return cache

    def keep(self, config: Any) -> None:
        """Writes what `config` knows after a build."""
        cache = config.get_timing_cache()
        if cache is not None:
            write_atomically(self.path, bytes(cache.serialize()))

    def _read(self) -> bytes:
        try:
            with open_regular(self.path) as file:
                size = os.fstat(file.fileno()).st_size
                return file.read() if size <= LIMIT_BYTES else b""
        except InputError:
            return b""


def timing_cache_for(folder: Path, key: Key) -> TimingCache:
    """The cache of the key's TensorRT on the key's device."""
    parts = (key.backend, key.backend_version, key.gpu, key.compute_capability, key.driver)
    name = re.sub(r"[^A-Za-z0-9.]+", "-", "-".join(parts))[:120]
    return TimingCache(folder / f"timing-{name}.cache")
