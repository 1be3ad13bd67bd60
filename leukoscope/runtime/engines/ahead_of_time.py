"""Building for a device that is not there. Only TensorRT-RTX can; TensorRT has none of these names.

Its compute capabilities are listed by its own enum; Orin's 8.7 and Thor's 11.0 are not among them: those boards
have TensorRT, which builds on them.
"""

import re
from typing import Any

from leukoscope.errors import UsageError
from leukoscope.runtime.engines.library import Library

_MEMBER = re.compile(r"SM(\d+)(\d)")


def aim_at(library: Library, config: Any, capability: str) -> None:
    """Makes `config` build for `capability` (`8.9`). Raises as `check_capability`."""
    trt = library.module
    check_capability(library, capability)
    member = known_capabilities(library)[capability]
    config.num_compute_capabilities = 1
    config.set_compute_capability(trt.ComputeCapability.__members__[member], 0)


def check_capability(library: Library, capability: str) -> None:
    """UsageError, which names those that there are, unless `library` builds for `capability`."""
    known = known_capabilities(library)
    if capability not in known:
        raise UsageError(
            f"--compute-capability {capability}",
            wanted=f"one that {library.title} builds for: {', '.join(known)}",
            next_step="on a Jetson (8.7, 11.0) use --backend tensorrt on the board itself",
        )


def known_capabilities(library: Library) -> dict[str, str]:
    """`8.9` -> the enum's member `SM89`, in rising order."""
    trt = library.module
    found = [m for name in trt.ComputeCapability.__members__ if (m := _MEMBER.fullmatch(name))]
    found.sort(key=lambda m: (int(m[1]), int(m[2])))
    return {f"{m[1]}.{m[2]}": m[0] for m in found}
