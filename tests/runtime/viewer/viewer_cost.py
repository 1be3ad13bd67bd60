"""What a viewer costs a run: `python tests/runtime/viewer/viewer_cost.py [--stops 20] [--rounds 2]`.

Processor time of a whole run of the shipped bundle over a painted slide, and its frame ages, in turn without a viewer, with one that nobody looks at, with a page
that takes everything of every field, and with that page and twenty browsers that ask and do not read. Before that single costs. The slide is read as fast as it is judged,
so that a page has more to ask than at a microscope. On a machine that has other work the processor time says more than the ages.
"""

import argparse
import json
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))
from stand_ins import blob_field, result_of
from viewer_made import ABOUT, Client

import leukoscope
from leukoscope.bundle.read import open_bundle
from leukoscope.images.painter.field import paint_field
from leukoscope.runtime.field import Frame
from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.pause import Pause
from leukoscope.runtime.pipeline import open_pipeline
from leukoscope.runtime.settings import Settings
from leukoscope.runtime.tree_map import MapTrees
from leukoscope.runtime.viewer.attend import ViewerSink
from leukoscope.runtime.viewer.board import Board
from leukoscope.runtime.viewer.pictures import evidence_for, heat_png, mask_png, picture_jpeg
from leukoscope.runtime.viewer.state_json import state_json

WAYS = ("no viewer", "nobody looks", "a page", "a page and 20 that do not read")
STUCK = 20


def look(client: Client, stop: threading.Event) -> None:
    """A page that asks for the state and for all pictures of each field."""
    version, number = 0, 0
    with suppress(OSError, ValueError):
        while not stop.is_set():
            state = client.state(version)
            version, field = state["version"], state["field"]
            if field is not None and field["number"] != number:
                number = field["number"]
                for name in ("picture.jpg", "mask.png", f"heat/gradcam/{field['explained']}.png",
                             f"heat/trees/{field['explained']}.png"):  # fmt: skip
                    client.get(f"/field/{number}/{name}")


def block(client: Client, stop: threading.Event) -> None:
    """Asks for the newest picture, again and again, and never reads."""
    lines = []
    with suppress(OSError, ValueError):
        while not stop.is_set():
            field = client.state()["field"]
            if field is not None and len(lines) < STUCK:
                line = socket.socket()
                line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                line.connect(("127.0.0.1", client.port))
                ask = (
                    f"GET /field/{field['number']}/picture.jpg HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                    f"Cookie: {client.cookie}\r\n\r\n"
                )
                line.sendall(4 * ask.encode())
                lines.append(line)
            time.sleep(0.2)


def run(bundle: Path, source: str, way: str, folder: Path) -> tuple[float, list[float]]:
    """Processor seconds, and frame ages in milliseconds, of one run."""
    journal = folder / f"{time.monotonic_ns()}.db"
    words = [
        sys.executable,
        "-m",
        "leukoscope.cli.main",
        "run",
        str(bundle),
        source,
        "--journal",
        str(journal),
    ]
    words += ["--viewer"] if way != WAYS[0] else []
    before_s = processor_s()
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        stop = threading.Event()
        for line in process.stderr:
            found = re.search(r"viewer: http://[^:]+:(\d+)/\?token=(\S+)", line)
            if found:
                client = Client(SimpleNamespace(port=int(found[1]), token=found[2]))
                works = {WAYS[2]: [look], WAYS[3]: [look, block]}.get(way, [])
                for work in works:
                    threading.Thread(target=work, args=(client, stop), daemon=True).start()
            if "the page stays" in line:
                stop.set()
                client.post("/control", {"action": "close"})
    with read_journal(journal) as reader:
        return processor_s() - before_s, [field.frame_age_ms for field in reader.fields()]


def processor_s() -> float:
    """Of all programs that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cost_ms(work, times: int = 50) -> float:
    """Median."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - began))
    return round(statistics.median(taken), 3)


def single_costs(bundle: Path) -> dict[str, float]:
    """Medians, ms, of a painted field that the shipped networks have judged."""
    pipeline = open_pipeline(open_bundle(bundle), Settings())
    result = pipeline(Frame(paint_field("Early", 3).image, "painted", "painted_0", 0))
    trees = pipeline.cast_votes.trees
    map_trees = MapTrees(trees.blob, trees.classes)
    reading = result.readings["xincept_all"]
    maps = map_trees(reading)
    board, small = Board(ABOUT), result_of(blob_field())
    board.show(result)
    with ViewerSink(Board(ABOUT)) as sink:
        write = cost_ms(lambda: sink.write(small), 2000)
    return {
        "size_px": list(result.frame.size_px),
        "sink.write": write,
        "state": cost_ms(lambda: json.dumps(state_json(board, Pause(), map_trees))),
        "picture": cost_ms(lambda: picture_jpeg(result)),
        "mask": cost_ms(lambda: mask_png(result.mask)),
        "heat, Grad-CAM": cost_ms(lambda: heat_png(evidence_for(result, "xincept_all", "Early", None))),
        "heat, trees": cost_ms(lambda: heat_png(evidence_for(result, "xincept_all", "Early", maps))),
        "maps of the trees": cost_ms(lambda: map_trees(reading)),
    }  # fmt: skip


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--stops", type=int, default=20)
    asked.add_argument("--rounds", type=int, default=2)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.unpack_archive(
            Path(leukoscope.__file__).parent / "ready" / "bundle.zip", folder / "bundle"
        )
        print(json.dumps(single_costs(folder / "bundle")))
        taken: dict[str, float] = dict.fromkeys(WAYS, 0.0)
        found: dict[str, list[float]] = {way: [] for way in WAYS}
        for seed in range(given.rounds):
            source = f"synthetic://slide?stage=early&seed={seed}&stops={given.stops}"
            for way in WAYS:
                seconds, ages = run(folder / "bundle", source, way, folder)
                taken[way] += seconds
                found[way] += ages
        for way, one in found.items():
            p95 = statistics.quantiles(one, n=20)[-1]
            age = f"age {statistics.median(one):.0f} ms, p95 {p95:.0f} ms"
            print(f"{way}: {len(one)} fields, {taken[way]:.1f} s of a core, {age}")


if __name__ == "__main__":
    main()
