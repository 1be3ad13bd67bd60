"""What an engine was built of and for: where one part differs, the engine is another one."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from leukoscope.runtime.backends.cuda.driver import DeviceFacts
from leukoscope.runtime.engines.library import Library
from leukoscope.runtime.engines.request import BuildRequest

NO_DRIVER = "none"


@dataclass(frozen=True)
class Key:
    """All parts are compared; `digest` names the file."""

    network: str
    graph_sha256: str
    precision: str
    profile: tuple[int, int, int]
    """Batch sizes: least, tuned for, greatest."""
    backend: str
    backend_version: str
    gpu: str
    """The device's name; `compute capability 8.9` of an engine that was built ahead of time."""
    compute_capability: str
    driver: str
    """CUDA version that the driver serves, `12.6`; `none` of an engine that was built ahead of time."""

    @property
    def digest(self) -> str:
        """SHA-256 over all parts, 64 hex digits."""
        text = json.dumps(asdict(self), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        readable = re.sub(r"[^A-Za-z0-9_-]+", "_", f"{self.network}-{self.precision}")
        return f"{readable[:60]}-{self.digest[:24]}"

    @property
    def ahead_of_time(self) -> bool:
        """Whether it is for any device of its compute capability, and was built without one."""
        return self.driver == NO_DRIVER

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {**asdict(self), "profile": list(self.profile)}

    @classmethod
    def from_json(cls, value: Any) -> "Key":
        """What `to_json` gave -> Key. Raises KeyError, TypeError or ValueError for anything else."""
        least, tuned, most = value["profile"]
        names = [field.name for field in fields(cls) if field.name != "profile"]
        parts = {name: _text(value[name]) for name in names}
        return cls(profile=(_count(least), _count(tuned), _count(most)), **parts)

    def built_ahead(self) -> "Key":
        """The key under which an engine for this device's compute capability, built ahead of time, is kept."""
        capability = self.compute_capability
        return replace(self, gpu=f"compute capability {capability}", driver=NO_DRIVER)


def device_key(
    network: str,
    precision: str,
    graph_sha256: str,
    library: Library,
    request: BuildRequest,
    facts: DeviceFacts,
) -> Key:
    """The key for the device that `facts` describe."""
    return Key(
        network=network,
        graph_sha256=graph_sha256,
        precision=precision,
        profile=request.profile,
        backend=library.name,
        backend_version=library.version,
        gpu=facts.name,
        compute_capability=".".join(map(str, facts.compute_capability)),
        driver=".".join(map(str, facts.driver_version)),
    )


def ahead_of_time_key(
    network: str,
    precision: str,
    graph_sha256: str,
    library: Library,
    request: BuildRequest,
    capability: str,
) -> Key:
    """The key for a device of this compute capability that is not there."""
    return Key(
        network=network,
        graph_sha256=graph_sha256,
        precision=precision,
        profile=request.profile,
        backend=library.name,
        backend_version=library.version,
        gpu=f"compute capability {capability}",
        compute_capability=capability,
        driver=NO_DRIVER,
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _count(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r} is no number")
    return value
