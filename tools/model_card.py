"""Model cards of the weights that ship, from measured figures alone: `python tools/model_card.py --data DIR...`.

With --data the four benchmarks are run first on the ready bundle, about ten minutes on one core; without, the cards
are written anew from the figures that are there. Writes docs/models/*.md, docs/models/measured/*.json and
docs/figures/robustness.svg.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "benchmarks")]

from card import sg_cldff, xincept_all  # noqa: E402
from card.facts import read_facts  # noqa: E402

from leukoscope.errors import LeukoscopeError  # noqa: E402

READY = ROOT / "leukoscope" / "ready"
CARDS = {"xincept_all": xincept_all.card, "sg_cldff": sg_cldff.card}
TOOLS = ("held_out", "shortcuts", "explanations", "robustness")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, nargs="+", default=[], metavar="DIR")
    parser.add_argument("--bundle", type=Path, default=READY / "bundle.zip")
    parser.add_argument("--checkpoints", type=Path, default=READY / "checkpoints.zip")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="few images, to try it")
    wanted = parser.parse_args()
    measured = wanted.docs / "models" / "measured"
    with tempfile.TemporaryDirectory() as folder:
        if wanted.checkpoints.is_file():
            shutil.unpack_archive(wanted.checkpoints, folder)
            wanted.checkpoints = Path(folder)
        if wanted.data:
            measure(wanted, measured)
        write_cards(wanted.checkpoints, measured, wanted.docs / "models")


def measure(wanted: argparse.Namespace, measured: Path) -> None:
    """Runs the benchmarks one after the other and puts the plot where the pages look for it."""
    for tool in TOOLS:
        words = [sys.executable, str(ROOT / "benchmarks" / f"{tool}.py"), str(wanted.bundle)]
        words += ["-o", str(measured), "--threads", str(wanted.threads), *options(tool, wanted)]
        subprocess.run([*words, "--data", *map(str, wanted.data)], check=True)
    (measured / "robustness.md").unlink()
    figures = wanted.docs / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    shutil.move(measured / "robustness.svg", figures / "robustness.svg")


def options(tool: str, wanted: argparse.Namespace) -> list[str]:
    """What one benchmark is given besides."""
    few = {
        "held_out": "--limit 24",
        "shortcuts": "--fields 21 --known 40",
        "explanations": "--limit 12 --occluded 7 --occluded-cells 4 --randomised 6",
        "robustness": "--fields 14 --masked 4 --cells 8",
    }
    found = few[tool].split() if wanted.quick else []
    if tool == "explanations":
        found += ["--checkpoints", *map(str, sorted(wanted.checkpoints.glob("*.safetensors")))]
    return found


def write_cards(checkpoints: Path, measured: Path, output: Path) -> None:
    """One card a network."""
    output.mkdir(parents=True, exist_ok=True)
    for network, card in CARDS.items():
        text = card(read_facts(checkpoints / f"{network}.safetensors", measured))
        (output / f"{network.replace('_', '-')}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except LeukoscopeError as error:
        sys.exit(f"error: {error}")
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
