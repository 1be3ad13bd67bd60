"""Painted slides that many paths share, and recordings of them."""

from pathlib import Path

from leukoscope.images.classes import STAGES
from leukoscope.images.painter.slide import paint_slide
from leukoscope.runtime.sources.slide import SlideSource
from leukoscope.runtime.sources.slide_path import draw_path
from leukoscope.runtime.sources.slide_record import record_slide
from leukoscope.runtime.sources.slide_request import SlideRequest

SIZE_PX, CELL_PX = (320, 240), 40.0
"""As much of the object as 640 x 480 at 80 px: small, so that painting is not what is tested."""
RATE_HZ, LIVE_RATE_HZ = 15.0, 120.0
PATHS = 10_000
"""Seeds of paths: any of them fits any slide of the pool."""
ROOM = 1.6


class SlidePool:
    """`count` slides of the four stages in turn; a path over one costs nothing to paint."""

    def __init__(self, seed: int, count: int, stops: int) -> None:
        self._seed, self._stops = seed, stops
        width, height = draw_path(self._request(0)).slide_px
        size = (round(width * ROOM), round(height * ROOM))
        self._slides = [
            paint_slide(STAGES[k % len(STAGES)], seed * 1000 + k, size, CELL_PX)
            for k in range(count)
        ]

    def source(self, path: int, live: bool = False) -> SlideSource:
        """Path number `path` over one of the slides; a live one comes by the clock."""
        request = self._request(path, live)
        return SlideSource(
            f"synthetic://slide?path={path}", request, slide=self._slides[path % len(self._slides)]
        )

    def _request(self, path: int, live: bool = False) -> SlideRequest:
        return SlideRequest(
            stage="Early",
            seed=self._seed * PATHS + path,
            stops=self._stops,
            returns=0.2,
            blurred=0.2,
            dwell_s=0.5,
            rate_hz=LIVE_RATE_HZ if live else RATE_HZ,
            size_px=SIZE_PX,
            cell_px=CELL_PX,
            live=live,
        )


class Recordings:
    """A folder with one file that is broken, and a video: written once, run often."""

    def __init__(self, pool: SlidePool, folder: Path) -> None:
        self.folder, self.video = folder / "pictures", folder / "slide.mp4"
        record_slide(pool.source(1), self.folder)
        record_slide(pool.source(2), self.video, every_frame=True)
        self.pictures = len(list(self.folder.glob("*.png")))
        self.video_frames = len(pool.source(2).truth.moments)
        (self.folder / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\nand no more")
