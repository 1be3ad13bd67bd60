"""Records a virtual slide, so that it can be run from files, with its truth (docs/virtual-slide.md).

    python tools/record_slide.py 'synthetic://slide?stage=early&seed=1' -o FOLDER|FILE.mp4|FILE.avi [--every-frame]

Exit codes: 0 done, 1 the input is wrong, 2 usage, 4 OpenCV lacks a video coder.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from leukoscope.cli.console import progress, say
from leukoscope.errors import LeukoscopeError
from leukoscope.runtime.sources.slide import open_slide
from leukoscope.runtime.sources.slide_record import record_slide


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="A virtual slide into PNG files or a video.")
    parser.add_argument("slide", help="synthetic://slide?KEY=VALUE&...")
    parser.add_argument("-o", "--output", type=Path, required=True, help="a new folder or video")
    parser.add_argument("--every-frame", action="store_true", help="not only one a stop")
    given = parser.parse_args(words)
    try:
        source = open_slide(given.slide)
        with progress() as shown:
            truth = record_slide(
                source, given.output, every_frame=given.every_frame, progress=shown
            )
    except LeukoscopeError as error:
        say(f"record_slide: {error}")
        return error.exit_code
    for line in (source.slide.found.in_words(), str(given.output), str(truth)):
        say(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
