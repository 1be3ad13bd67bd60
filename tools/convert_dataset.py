"""Brings a published data set into one of the two layouts of docs/datasets.md.

    python tools/convert_dataset.py SET SOURCE -o DIR [--masks DIR] [--labels FILE]

SOURCE is the folder into which the set was unpacked. DIR gets images, masks, labels, groups and `provenance.json`.
Exit codes: 0 done, 1 the input is wrong or some files could not be read (the others are done), 2 usage.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from leukoscope.cli.console import progress, say
from leukoscope.errors import LeukoscopeError
from leukoscope.images.public_sets.convert import convert
from leukoscope.images.public_sets.offer import Source
from leukoscope.images.public_sets.sets import PUBLIC_SETS


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="A published data set into a data folder.")
    parser.add_argument("set", choices=sorted(PUBLIC_SETS))
    parser.add_argument("source", type=Path, help="the unpacked set")
    parser.add_argument("-o", "--output", type=Path, required=True, help="a new folder")
    parser.add_argument("--masks", type=Path, help="folder of masks published apart")
    parser.add_argument("--labels", type=Path, help="table of labels published apart")
    given = parser.parse_args(words)
    source = Source(given.source, given.masks, given.labels)
    try:
        with progress() as shown:
            record = convert(PUBLIC_SETS[given.set], source, given.output, shown)
    except LeukoscopeError as error:
        say(f"convert_dataset: {error}")
        return error.exit_code
    for line in record.in_words():
        say(line)
    return 1 if record.unreadable else 0


if __name__ == "__main__":
    sys.exit(main())
