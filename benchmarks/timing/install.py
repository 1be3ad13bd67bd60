"""What an install weighs."""

import shutil
import subprocess
import sys
from pathlib import Path

from leukoscope.errors import MachineError

ROOT = Path(__file__).resolve().parents[2]


def install_mb(folder: Path, extra: str) -> float:
    """Megabytes of site-packages, pip and setuptools left out, after this project was installed with `extra` ('[name]', '').

    A new environment in `folder`, packages from where pip finds them, in the versions of constraints.txt; compiled
    Python files are not counted. MachineError where pip fails.
    """
    home = folder / f"install{extra.strip('[]')}"
    _run([sys.executable, "-m", "venv", "--without-pip", str(home)])
    site = next(home.glob("lib/python*/site-packages"))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile"]
    versions = ["--constraint", str(ROOT / "constraints.txt")]
    _run([*pip, *versions, "--target", str(site), f"{ROOT}{extra}"])
    shutil.rmtree(site / "bin", ignore_errors=True)
    return sum(path.stat().st_size for path in site.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6  # fmt: skip


def _run(command: list[str]) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise MachineError(f"{' '.join(command[:4])} fails: {done.stderr.strip()[-300:]}")
