"""The rules of the house: imports go down only, and the edge loads nothing of the workstation."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import leukoscope

PACKAGE = Path(leukoscope.__file__).parent
MAY_IMPORT = {
    "cli": {"calibration", "export", "training", "models", "runtime", "bundle", "images", "cli"},
    "calibration": {"runtime", "bundle", "images", "calibration"},
    "export": {"models", "runtime", "bundle", "images", "export"},
    "training": {"models", "images", "training"},
    "models": {"models", "images"},
    "runtime": {"bundle", "images", "runtime"},
    "bundle": {"bundle", "images"},
    "images": {"images"},
}
EVERYONE = {"errors", "progress"}
WORKSTATION = ("torch", "onnx", "onnxscript", "xgboost", "treelite", "safetensors", "kornia")
SOURCES = sorted(p for p in PACKAGE.rglob("*.py") if p.parent != PACKAGE)


def imported(path: Path) -> set[str]:
    """Modules that a file names in import statements, at any depth."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down_only(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0]
    ours = {name.split(".")[1] for name in imported(path) if name.startswith("leukoscope.")}
    assert ours <= MAY_IMPORT[room] | EVERYONE


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_one_module_imports_cv2(path: Path) -> None:
    if path != PACKAGE / "images" / "opencv.py":
        assert "cv2" not in imported(path)


@pytest.mark.parametrize("room", ["runtime", "bundle", "images"])
def test_the_edge_names_no_workstation_package(room: str) -> None:
    for path in (PACKAGE / room).rglob("*.py"):
        assert not {n.split(".")[0] for n in imported(path)} & set(WORKSTATION), path


def test_the_edge_loads_no_workstation_package() -> None:
    modules = [
        ".".join(p.relative_to(PACKAGE.parent).with_suffix("").parts)
        for room in ("runtime", "bundle", "images")
        for p in sorted((PACKAGE / room).rglob("*.py"))
        if p.name != "__init__.py"
    ]
    code = (
        f"import sys, importlib\nfor m in {modules!r}: importlib.import_module(m)\n"
        f"print(*sorted(set({WORKSTATION!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_help_loads_neither_torch_nor_onnxruntime() -> None:
    code = (
        "import sys, leukoscope.cli.main\n"
        "print(*[m for m in ('torch','onnx','onnxruntime','cv2','numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
