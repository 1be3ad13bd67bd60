"""A painted slide, a stage that moves over it, and a camera with shade, dirt, grain and blur."""

from functools import cache

import numpy as np

from leukoscope.images.classes import STAGES
from leukoscope.images.opencv import cv2
from leukoscope.images.painter.field import paint_field
from leukoscope.runtime.field import Cell
from leukoscope.runtime.slide.thumbnail import Remembered

SLIDE_PX, FIELD_PX = (1600, 1200), (640, 480)
ROOM = np.array(SLIDE_PX) - FIELD_PX


@cache
def slide(seed):
    stage = STAGES[seed % len(STAGES)]
    return paint_field(stage, seed, size_px=SLIDE_PX, white_cell_px=80)


def window(seed, x, y, size_px=FIELD_PX):
    """The bare field."""
    return np.ascontiguousarray(slide(seed).image[y : y + size_px[1], x : x + size_px[0]])


def cell(x, y, width, height=None):
    height = height or width
    return Cell((x, y, width, height), {"lymphocyte": 1.0}, width * height, None, 1.0)


def cells_at(seed, x, y, size_px=FIELD_PX):
    """What a perfect segmentation finds: cells of which half is seen, and their names on the slide."""
    plane = slide(seed).instances[y : y + size_px[1], x : x + size_px[0]]
    cells, names = [], []
    for name in np.unique(plane[plane > 0]).tolist():
        rows, columns = np.nonzero(plane == name)
        if 2 * len(rows) >= slide(seed).cells[name - 1].area_px:
            left, top = int(columns.min()), int(rows.min())
            cells.append(cell(left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1))
            names.append(name)
    return cells, names


class Camera:
    """Shade and specks stay where they are on every frame; light, grain and blur change."""

    def __init__(self, seed, size_px=FIELD_PX):
        self.random = np.random.default_rng(seed)
        width, height = size_px
        y, x = np.mgrid[:height, :width]
        self.gain = 1 - 0.35 * ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2) / 0.5
        for _ in range(12):
            at, size = self.random.uniform(0, size_px), self.random.uniform(3, 15)
            self.gain *= 1 - 0.4 * np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / 2 / size**2)

    def __call__(self, field):
        light = field * self.gain[..., None] * self.random.uniform(0.85, 1.15)
        light = light + self.random.normal(0, 5, light.shape)
        light = cv2.GaussianBlur(light, (0, 0), self.random.uniform(0.3, 2.0))
        return np.clip(light, 0, 255).astype(np.uint8)


def step(random, overlap):
    """A shift that leaves this share of the field's area."""
    across = np.exp(random.uniform(np.log(overlap), 0))
    shares = np.array([1 - across, 1 - overlap / across])
    return np.round(shares * FIELD_PX * random.choice([-1, 1], 2)).astype(int)


def walk(seed, fields, jumps=0.1):
    """Corners of fields that overlap by 20 to 60 %; some jump anywhere."""
    random = np.random.default_rng(seed)
    at = random.integers(0, ROOM + 1)
    for _ in range(fields):
        yield int(at[0]), int(at[1])
        moved = np.clip(at + step(random, random.uniform(0.2, 0.6)), 0, ROOM)
        at = random.integers(0, ROOM + 1) if random.random() < jumps else moved


def monolayer(x0, y0, jitter, pitch=46):
    """Red cells in a lattice, each off its place by up to half of `jitter` px; the same place looks the same."""
    y, x = np.mgrid[y0 : y0 + 480, x0 : x0 + 640]
    row = y // (pitch * 0.866)
    along = x - row % 2 * pitch / 2
    column = along // pitch
    one, other = (
        np.sin(row * a + column * b) * 43758.5 % 1 for a, b in ((127.1, 311.7), (269.5, 183.3))
    )
    dx = along - (column + 0.5) * pitch - (one - 0.5) * jitter
    dy = y - (row + 0.5) * pitch * 0.866 - (other - 0.5) * jitter
    apart = np.hypot(dx, dy)
    light = 210 - 70 / (1 + np.exp((apart - 18) / 2)) + 30 * np.exp(-((apart / 9) ** 2))
    noise = np.random.default_rng(x0 + y0).normal(0, 3, (480, 640, 3))
    return np.clip(light[..., None] + noise, 0, 255).astype(np.uint8)


def specks(seed, count=14):
    """The light that gets through the dirt on a camera."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:480, :640]
    gain = np.ones((480, 640))
    for at_x, at_y in random.uniform(0, (640, 480), (count, 2)):
        gain *= 1 - 0.5 * np.exp(-((x - at_x) ** 2 + (y - at_y) ** 2) / 2 / 7**2)
    return gain[..., None]


def thin_field(random, cells):
    """A few cells on empty ground, no two alike."""
    field = np.full((480, 640), 215.0, np.float32)
    y, x = np.mgrid[:480, :640]
    texture = cv2.GaussianBlur(random.normal(0, 1, (480, 640)).astype(np.float32), (0, 0), 7)
    for at_x, at_y in random.uniform(0, (640, 480), (cells, 2)):
        inside = np.hypot(x - at_x, y - at_y) < random.uniform(30, 45)
        field[inside] = 130 + 700 * texture[inside]
    field += random.normal(0, 2, field.shape)
    return np.clip(field, 20, 255)[..., None].repeat(3, 2)


def root(chart, number):
    while number in chart.merged:
        number = chart.merged[number]
    return number


def remembered(chart, place, cells, size_px=FIELD_PX):
    return Remembered(place, [one.box_px for one in cells], chart.thumbnail(), size_px)
