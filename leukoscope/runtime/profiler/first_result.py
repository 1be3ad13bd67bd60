"""A fresh process up to its first result: `python -m leukoscope.runtime.profiler.first_result REQUEST`.

REQUEST is one JSON object; the answer is one on the last line of stdout. The clock is the machine's monotonic one, which
parent and child share. What a run of the stream loads is loaded here; the command line itself is not.
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

STATUS = Path("/proc/self/status")
PEAK = "VmHWM:"


def main(words: Sequence[str]) -> None:
    """Prints when each part was over, and what memory was used at most, at the first result and in the end."""
    marks = {"started": time.monotonic_ns()}
    request: dict[str, Any] = json.loads(words[0])
    import leukoscope.runtime.session
    import leukoscope.runtime.stream  # noqa: F401
    from leukoscope.bundle.read import open_bundle
    from leukoscope.images.decode import read_image
    from leukoscope.runtime.field import Frame
    from leukoscope.runtime.pipeline import open_pipeline
    from leukoscope.runtime.settings import Settings

    marks["imported"] = time.monotonic_ns()
    bundle = open_bundle(Path(request["bundle"]))
    marks["opened"] = time.monotonic_ns()
    pipeline = open_pipeline(bundle, Settings(**request["settings"]), request["networks"])
    marks["ready"] = time.monotonic_ns()
    paths = [Path(one) for one in request["fields"]]
    pipeline(Frame(read_image(paths[0]), "", "first", 0))
    marks["judged"] = time.monotonic_ns()
    first = peak_bytes()
    for number in range(1, request["more"] + 1):
        pipeline(Frame(read_image(paths[number % len(paths)]), "", str(number), number))
    answer = {"marks": marks, "first_bytes": first, "peak_bytes": peak_bytes()}
    print(json.dumps(answer))  # noqa: T201


def peak_bytes(status: Path = STATUS) -> int | None:
    """The most memory that this process has held at a time, VmHWM; None where the system does not say."""
    try:
        lines = status.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    found = (line.removeprefix(PEAK).split() for line in lines if line.startswith(PEAK))
    words = next(found, [])
    return int(words[0]) * 1024 if words and words[0].isdecimal() else None


if __name__ == "__main__":
    main(sys.argv[1:])
