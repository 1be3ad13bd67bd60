"""One look at the machine."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

MAPS = ("temperatures_c", "power_w")


@dataclass(frozen=True)
class Reading:
    """What was found at one moment; None, or a name that is missing, is not known on this machine."""

    at_tick_ns: int = 0
    """Of time.monotonic_ns()."""
    cpu_load_share: float | None = None
    """Of all cores' time since the reading before, 0 to 1."""
    own_cpu_share: float | None = None
    """The same of this process alone."""
    cpu_mhz: tuple[float, ...] = ()
    """Of each core that is on."""
    gpu_mhz: float | None = None
    gpu_load_share: float | None = None
    temperatures_c: Mapping[str, float] = field(default_factory=dict)
    power_w: Mapping[str, float] = field(default_factory=dict)
    """By rail, as the board names them; `VIN` or `VDD_IN` is the whole board."""
    throttled: bool | None = None
    """Whether heat or current held the clocks back at this moment, or since the reading before."""
    mode: str | None = None
    """The power mode of a Jetson (nvpmodel)."""
    host_used_bytes: int | None = None
    device_used_bytes: int | None = None
    """None too where the device shares the host's memory."""

    def to_json(self) -> dict[str, Any]:
        """Plain values, null where unknown."""
        return {
            **asdict(self),
            "cpu_mhz": list(self.cpu_mhz),
            "temperatures_c": dict(self.temperatures_c),
            "power_w": dict(self.power_w),
        }


def joined(parts: Iterable[Reading], at_tick_ns: int) -> Reading:
    """What several sources know, as one reading: of each quantity the first that is known; maps together.

    `throttled` is what any of them saw.
    """
    known = tuple(parts)
    values: dict[str, Any] = {}
    for one in fields(Reading):
        found = [value for part in known if (value := getattr(part, one.name)) not in (None, ())]
        if one.name in MAPS:
            values[one.name] = {
                name: value for part in reversed(found) for name, value in part.items()
            }
        elif found:
            values[one.name] = any(found) if one.name == "throttled" else found[0]
    return Reading(**{**values, "at_tick_ns": at_tick_ns})
