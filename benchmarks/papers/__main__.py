"""The papers' tables, cell by cell: `python -m benchmarks.papers --data DATA -o CELLS --page docs/papers.md`.

A cell is one training and its figures, in a JSON file of its own; cells that are there are not computed again, so a
killed or bounded run goes on where it was. `--list` names the cells, `--report` only writes the tables.
"""

import argparse
import fnmatch
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

USAGE = __doc__


def main(words: Sequence[str] | None = None) -> int:
    """Exit code: 0 done, 1 a cell could not be computed, 2 usage."""
    options = _options(words)
    # Before torch and XGBoost are loaded, which read them once.
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(options.threads)
    from leukoscope.errors import LeukoscopeError

    try:
        return _run(options)
    except LeukoscopeError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("stopped; what is done stays, the same command goes on\n")
        return 130


def _run(options: argparse.Namespace) -> int:
    from benchmarks.papers.budget import BUDGETS, digest_of, settings_of
    from benchmarks.papers.cells import all_cells
    from benchmarks.papers.page import sections, write_page
    from benchmarks.papers.store import read_results

    views = {"masks": options.views_masks, "stages": options.views_stages}
    budgets = {task: replace(one, views=views[task] or one.views) for task, one in BUDGETS.items()}
    keyed = [(cell, digest_of(settings_of(cell, budgets[cell.task]))) for cell in all_cells()]
    chosen = [pair for pair in keyed if _matches(pair[0].name, options.only)]
    if options.list:
        done = read_results(options.output, keyed)
        for cell, _ in chosen:
            sys.stdout.write(f"{'done   ' if cell in done else 'not run'} {cell.name}\n")
        return 0
    failed = 0
    if not options.report:
        from benchmarks.papers.batch import Batch

        batch = Batch(options.data, options.output, budgets, options.threads, options.max_minutes)
        failed = batch.run([cell for cell, _ in chosen], time.monotonic())
    found = sections(read_results(options.output, keyed))
    if options.page:
        write_page(options.page, found)
    elif options.report:
        sys.stdout.write("\n\n".join(found.values()) + "\n")
    return 1 if failed else 0


def _matches(name: str, pattern: str) -> bool:
    return not pattern or fnmatch.fnmatch(name, pattern) or pattern in name


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.papers",
        description=USAGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data", type=Path, help="folder that holds bccd, wbc_tecom, all_idb2, pbc, iranian_all"
    )
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder of the cells")
    parser.add_argument("--page", type=Path, help="page whose sections are filled")
    parser.add_argument("--only", default="", help="part of a cell's name, or a pattern with *")
    parser.add_argument(
        "--max-minutes", type=float, default=0.0, help="begin no cell that would end later"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--views-masks", type=int, default=0, help="instead of the budget's")
    parser.add_argument("--views-stages", type=int, default=0, help="instead of the budget's")
    parser.add_argument("--list", action="store_true", help="name the cells and stop")
    parser.add_argument(
        "--report", action="store_true", help="tables only, from the cells that are there"
    )
    options = parser.parse_args(words)
    if not (options.list or options.report) and options.data is None:
        parser.error("--data is wanted, but for --list and --report")
    if options.threads < 1:
        parser.error("--threads is 1 or more")
    return options


if __name__ == "__main__":
    sys.exit(main())
