"""docs/jetson.md: every line is labelled, every command of ours exists, and what can be run without a board runs."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path

import pytest

from leukoscope.errors import LeukoscopeError
from leukoscope.runtime.settings import BACKENDS
from leukoscope.runtime.sources.uri import open_source

REPOSITORY = Path(__file__).resolve().parent.parent
GUIDE = REPOSITORY / "docs" / "jetson.md"
FOLDER = REPOSITORY / "docs" / "jetson"
HOME = "/opt/leukoscope"
SYSTEM_PYTHON = "/usr/bin/python3"
BRING = "apt-get install python3-opencv python3-venv gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good"  # fmt: skip
PICTURE = "videotestsrc is-live=true"
STAND_INS = (
    (r"nvarguscamerasrc sensor-id=\d+", PICTURE),
    (r"\(memory:NVMM\)", ""),
    (r"nvvidconv", "videoconvert"),
    (r"1920,height=1080", "320,height=240"),
    (r"csi:0|usb:/dev/video0", f"'{PICTURE} ! video/x-raw,width=320,height=240'"),
)
"""What a board has and this machine has not, and what takes its place here."""


def blocks():
    """(label, lines) of each indented block; the label is the line of emphasis right above it."""
    found = re.findall(
        r"^\*([^*\n]+)\*\n\n((?:    .*\n)+)", GUIDE.read_text(encoding="utf-8"), re.M
    )
    return [(label, [line[4:].rstrip() for line in text.splitlines()]) for label, text in found]


def lines(label):
    """Commands of the blocks whose label begins so, without the remarks behind them."""
    kept = [line for told, block in blocks() if told.startswith(label) for line in block]
    return [re.split(r"\s{2,}#", line)[0].strip() for line in kept]


EVERY = lines("Checked") + lines("Not run")
OURS = [found[1] for line in EVERY if (found := re.search(r"(?:bin/|^)leukoscope (.+)", line))]


@cache
def help_of(verb):
    environment = {**os.environ, "COLUMNS": "200"}
    command = [sys.executable, "-m", "leukoscope", verb, "--help"]
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, check=True
    ).stdout


def options(verb):
    """Those that its help names."""
    return set(re.findall(r"(?<!\S)--?[a-z][\w-]*", help_of(verb)))


def test_every_block_says_whether_it_was_run():
    text = GUIDE.read_text(encoding="utf-8")
    starts = re.findall(r"\n\n(?=    \S)", text)
    assert len(starts) == len(blocks()) > 20
    assert {label for label, _ in blocks()} == {
        "Checked.", "Not run.", "Checked, with a test picture in the place of the camera."
    }  # fmt: skip


def test_what_needs_a_board_is_never_called_checked():
    for line in lines("Checked"):
        assert not re.search(
            r"sudo|nvpmodel|jetson_clocks|tensorrt|pycuda|/usr/local/cuda", line
        ), line


@pytest.mark.parametrize("line", EVERY)
def test_the_shell_can_read_it(line):
    done = subprocess.run(["bash", "-n", "-c", line], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", OURS)
def test_our_commands_and_options_exist(line):
    verb, *words = shlex.split(line)
    assert {word for word in words if word.startswith("-")} <= options(verb)


def test_the_backends_that_it_names_are_there():
    named = set(re.findall(r"--backend ([\w-]+)", GUIDE.read_text(encoding="utf-8")))
    assert {"auto", "tensorrt"} <= named <= set(BACKENDS)


def test_the_sources_that_it_names_are_there():
    named = set(re.findall(r"`(\w+)://`", GUIDE.read_text(encoding="utf-8")))
    assert {"csi", "v4l2", "rtsp", "synthetic"} <= named
    for scheme in named:
        with pytest.raises(LeukoscopeError) as refused:
            open_source(f"{scheme}://?nothing")
        assert "unknown source" not in str(refused.value)


def test_the_files_that_it_names_are_there():
    text = GUIDE.read_text(encoding="utf-8")
    for name in set(re.findall(r"(?:docs/jetson|tests)/[\w/.]+\w", text)):
        assert (REPOSITORY / name).exists(), name
    for path in FOLDER.iterdir():
        assert path.name in text, f"nothing in the guide speaks of {path.name}"


def test_the_service_is_sound(tmp_path):
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("systemd-analyze is not there: apt-get install systemd")
    text = (FOLDER / "leukoscope.service").read_text(encoding="utf-8")
    (tmp_path / "good").mkdir()
    here = text.replace(f"{HOME}/bin/leukoscope", "/bin/true").replace(
        "User=leukoscope", "User=root"
    )
    for name, unit in (("good", here), ("bad", here.replace("Type=exec", "Tpye=exec"))):
        (tmp_path / name).mkdir(exist_ok=True)
        file = tmp_path / name / "leukoscope.service"
        file.write_text(unit)
        done = subprocess.run([verify, "verify", file], capture_output=True, text=True)
        said = [line for line in done.stderr.splitlines() if "leukoscope.service" in line]
        assert bool(said) == (name == "bad"), done.stderr


def test_the_service_runs_what_the_guide_installs():
    unit = (FOLDER / "leukoscope.service").read_text(encoding="utf-8")
    settings = (FOLDER / "leukoscope.env").read_text(encoding="utf-8")
    (command,) = re.findall(r"^ExecStart=(.*)$", unit, re.M)
    program, verb, *words = command.split()
    assert program == f"{HOME}/bin/leukoscope" and verb == "run"
    names = set(re.findall(r"\$\{(\w+)\}", command))
    values = dict(line.split("=", 1) for line in settings.splitlines() if not line.startswith("#"))
    assert names == set(values) and values["LEUKOSCOPE_BUNDLE"] == f"{HOME}/bundle"
    assert {w for w in words if w.startswith("--")} <= options("run")
    cache = "/var/cache/leukoscope"
    assert "XDG_CACHE_HOME=/var/cache" in unit and any(cache in line for line in lines("Not run"))


# from here on: what the guide says is done, on this machine


@pytest.fixture(scope="module")
def system_opencv(pytestconfig):
    """Debian's OpenCV with GStreamer, for Debian's Python."""
    code = "import cv2, ensurepip; print('GStreamer: YES' in ' '.join(cv2.getBuildInformation().split()))"
    python = shutil.which(SYSTEM_PYTHON)
    tools = python and shutil.which("gst-launch-1.0")
    done = tools and subprocess.run([python, "-c", code], capture_output=True, text=True)
    if not done or "True" not in done.stdout:
        plugins = pytestconfig.pluginmanager.get_plugins()
        rule = next(plugin for plugin in plugins if hasattr(plugin, "skip_or_fail"))
        rule.skip_or_fail("jetson", "no system OpenCV with GStreamer, or no gst-launch-1.0", BRING)


@pytest.fixture(scope="module")
def board(tmp_path_factory, system_opencv):
    """A folder in which the checkout's files stand, and the environment in the place of /opt/leukoscope."""
    root = tmp_path_factory.mktemp("board")
    (root / "docs").symlink_to(REPOSITORY / "docs")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        root,
        REPOSITORY,
    ]
    subprocess.run(list(map(str, command)), check=True)
    (wheel,) = root.glob("*.whl")
    as_on_aarch64(wheel)
    return root


def as_on_aarch64(wheel):
    """The wheel's own dependencies as pip reads them on a Jetson: OpenCV's line has a marker for it."""
    with zipfile.ZipFile(wheel) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    (name,) = [n for n in parts if n.endswith(".dist-info/METADATA")]
    here, there = b'platform_machine != "aarch64"', b'platform_machine == "none"'
    assert here in parts[name]
    parts[name] = parts[name].replace(here, there)
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, data in parts.items():
            archive.writestr(part, data)


def here(line, root):
    """The line of the guide with this machine's names."""
    for pattern, stand_in in STAND_INS:
        line = re.sub(pattern, stand_in, line)
    line = line.replace(HOME, str(root / "opt")).replace(
        "pip install .", f"pip install {next(root.glob('*.whl'))}"
    )
    return re.sub(r"^python3 ", f"{SYSTEM_PYTHON} ", line)


def do(line, root):
    keep = {
        k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL", "PIP_CON"))
    }
    environment = {**keep, "OMP_NUM_THREADS": "1", "COLUMNS": "200", "HOME": str(root)}
    return subprocess.run(
        ["bash", "-c", line], cwd=root, capture_output=True, text=True, env=environment
    )


@pytest.mark.heavy
def test_the_lines_that_are_called_checked_work(board):
    for line in lines("Checked"):
        if "leukoscope demo" in line:
            bundle = board / "leukoscope-demo" / "bundle"
            shutil.unpack_archive(REPOSITORY / "leukoscope" / "ready" / "bundle.zip", bundle)
            continue
        done = do(here(line, board), board)
        assert done.returncode == 0, f"{line}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    told = json.loads(do(f"{board}/opt/bin/leukoscope doctor --json", board).stdout)
    found = {finding["what"]: finding for finding in told["findings"]}
    assert (
        "/usr/lib/python3" in found["OpenCV"]["detail"] and found["OpenCV's GStreamer"]["present"]
    )
    assert len(list((board / "csi").glob("*.jpg"))) == 30
    assert len((board / "camera.jsonl").read_text().splitlines()) == 4
    assert len((board / "film.jsonl").read_text().splitlines()) == 3
    for wheel in ("opencv-python-headless", "opencv-python", "opencv-contrib-python", "'numpy>=2'"):
        done = do(f"{board}/opt/bin/python -m pip install {wheel}", board)
        assert done.returncode != 0, f"{wheel} was not refused"


@pytest.mark.heavy
def test_without_the_constraint_numpy_2_breaks_the_systems_opencv(system_opencv, tmp_path):
    """The reason for constraints.txt; where this passes no more, the file has lost a line's worth."""
    pip = f"{SYSTEM_PYTHON} -m pip install --quiet --target {tmp_path}/new 'numpy>=2'"
    assert do(pip, tmp_path).returncode == 0
    done = do(f"PYTHONPATH={tmp_path}/new {SYSTEM_PYTHON} -c 'import cv2'", tmp_path)
    assert done.returncode != 0 and "numpy" in done.stderr


@pytest.mark.heavy
def test_the_pipelines_of_grab_open_in_the_systems_opencv(system_opencv, tmp_path):
    """The very strings for CSI and USB, with a test picture for the camera's element."""
    code = "import sys, grab; print(grab.pipeline(sys.argv[1]))"
    for source in ("csi:0", "usb:/dev/video0"):
        done = subprocess.run(
            [SYSTEM_PYTHON, "-c", code, source], cwd=FOLDER, capture_output=True, text=True
        )
        line = done.stdout.strip().replace("v4l2src device=/dev/video0", PICTURE)
        for pattern, stand_in in STAND_INS[:4]:
            line = re.sub(pattern, stand_in, line)
        read = f"import cv2; c = cv2.VideoCapture({line!r}, cv2.CAP_GSTREAMER); print(c.read()[1].shape)"
        shown = subprocess.run([SYSTEM_PYTHON, "-c", read], capture_output=True, text=True)
        assert shown.stdout.strip().endswith("3)"), line + shown.stderr[-500:]


@pytest.mark.heavy
def test_grab_says_what_is_wrong(system_opencv, tmp_path):
    command = [
        SYSTEM_PYTHON,
        FOLDER / "grab.py",
        "nosuchsrc",
        tmp_path / "fields",
        "--patience",
        "3",
    ]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert done.returncode == 4 and "try: gst-launch-1.0 nosuchsrc" in done.stderr
    short = f"{PICTURE} num-buffers=2 ! video/x-raw,width=64,height=64"
    command = [SYSTEM_PYTHON, FOLDER / "grab.py", short, tmp_path / "fields", "--every", "0.01"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert done.returncode == 1 and "ended after" in done.stderr
