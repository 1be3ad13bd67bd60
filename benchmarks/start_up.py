"""How long the first things take, each in fresh processes, and what the edge install weighs: `python benchmarks/start_up.py`.

`leukoscope --help`; the import of the runtime; from the start of a process to the first result of a bundle of two `nano`
networks with random weights, by `leukoscope run` on one painted field, and the same by the runtime alone; beside them the
bare interpreter, and the imports of what people would use instead. The processes take turns, their files are in the
system's cache (one turn runs before those that count). With --install DIR.. the base dependencies are installed by pip
into a new environment, and again with the extra `openvino`; site-packages is weighed.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from timing.command import arguments, note, run, show
from timing.install import install_mb
from timing.interval import interval_of
from timing.record import Record
from timing.table import table
from timing.turns import Plan, take_turns

from leukoscope.errors import MachineError
from leukoscope.export.bundle import export_bundle
from leukoscope.images.opencv import cv2
from leukoscope.images.painter.field import paint_field

SEED = 5
NANO = {"xincept_all": "nano", "sg_cldff": "nano"}
TARGET_S = {
    "leukoscope --help": 0.15,
    "import of the runtime": 0.4,
    "leukoscope run, one field": 1.5,
}
"""What was aimed at (seconds)."""
FIRST_RESULT = """
import sys
from pathlib import Path
from leukoscope.bundle.read import open_bundle
from leukoscope.images.decode import read_image
from leukoscope.runtime.field import Frame
from leukoscope.runtime.pipeline import open_pipeline
from leukoscope.runtime.settings import Settings
pipeline = open_pipeline(open_bundle(Path(sys.argv[1])), Settings(allow_untrained=True))
assert pipeline(Frame(read_image(Path(sys.argv[2])), "memory", "field", 0)).vote is not None
"""
INSTALLS = {"base": "", "base and openvino": "[openvino]"}


def main() -> None:
    """Measures and prints."""
    wanted = _arguments()
    record = Record("start_up", ["typer", "rich", "torch"])
    with tempfile.TemporaryDirectory(prefix="leukoscope-start-") as folder:
        commands = _commands(Path(folder))
        ways = {name: _process(command) for name, command in commands.items()}
        record.begin()
        times = take_turns(ways, Plan(wanted.turns, 1, warm_up=0))
        sizes = {name: install_mb(Path(folder), extra) for name, extra in INSTALLS.items()} if wanted.install else {}  # fmt: skip
    rows = []
    for name, one in times.items():
        seconds = interval_of(one[:, 0] / 1e3)
        record.add(f"{name}: s", seconds, "s")
        aim = f"{TARGET_S[name]:g}" if name in TARGET_S else ""
        rows.append([name, seconds.words(3), f"{one.min() / 1e3:.3f}", aim])
    for name, mb in sizes.items():
        record.add(f"install, {name}: MB", interval_of([mb]), "MB")
    record.write(wanted.json)
    show(table(["fresh process", "s, median (95 %)", "least", "aimed at"], rows))
    if sizes:
        show("\n" + table(["install", "site-packages, MB"], [[n, f"{mb:.0f}"] for n, mb in sizes.items()]))  # fmt: skip
    show("\n" + record.notice())


def _arguments() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("--turns", type=int, default=15)
    parser.add_argument("--install", action="store_true", help="weigh the edge install too (pip)")
    wanted = parser.parse_args()
    if wanted.short:
        wanted.turns = 2
    return wanted


def _commands(folder: Path) -> dict[str, list[str]]:
    note("exporting two nano networks")
    bundle = str(export_bundle([], None, folder / "bundle", random_weights=NANO, seed=1))
    image = str(folder / "field.png")
    cv2.imwrite(image, cv2.cvtColor(paint_field("Early", SEED).image, cv2.COLOR_RGB2BGR))
    python, program = sys.executable, str(_program())
    return {
        "the interpreter alone": [python, "-c", "pass"],
        "leukoscope --help": [program, "--help"],
        "import of the runtime": [python, "-c", "import leukoscope.runtime.pipeline"],
        "leukoscope run, one field": [program, "run", bundle, image, "--allow-untrained"],
        "first result, runtime alone": [python, "-c", FIRST_RESULT, bundle, image],
        "import onnxruntime, numpy, cv2": [python, "-c", "import onnxruntime, numpy, cv2"],
        "import torch": [python, "-c", "import torch"],
    }


def _program() -> Path:
    path = Path(sys.executable).with_name("leukoscope")
    if not path.exists():
        raise MachineError(f"there is no {path}", next_step="run: python -m pip install --editable .")  # fmt: skip
    return path


def _process(command: list[str]) -> Callable[[int], object]:
    def start(_: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(command, check=False, capture_output=True, cwd=folder)
        if done.returncode:
            raise MachineError(f"{' '.join(command[:3])} ends with {done.returncode}: {done.stderr[-300:]!r}")  # fmt: skip

    return start


if __name__ == "__main__":
    run(main)
