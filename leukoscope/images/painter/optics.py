"""The microscope and its camera: uneven light, blur, noise, and the scale bar burnt into a corner."""

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2

Light = NDArray[np.float32]

GRAIN_STEP = (7, 11)
"""How far apart, in pixels, the channels read one plane of noise: cheaper than three planes."""


def _uneven(rng: np.random.Generator, height: int, width: int) -> Light:
    """A slope across the field and darker corners, [H, W] about 1."""
    slope, angle = rng.uniform(0, 0.055), rng.uniform(0, 2 * np.pi)
    corners = rng.uniform(0.0, 0.12) if rng.random() < 0.6 else 0.0
    off_x, off_y = rng.normal(0, 0.15, 2)
    x, y = np.linspace(-1, 1, width), np.linspace(-1, 1, height)
    across = 1 + slope * np.cos(angle) * x - corners / 2 * (x - off_x) ** 2
    down = slope * np.sin(angle) * y - corners / 2 * (y - off_y) ** 2
    return np.asarray(down.astype(np.float32)[:, None] + across.astype(np.float32)[None, :])


def _grain(rng: np.random.Generator, height: int, width: int) -> Light:
    """The sensor's noise for three channels, from one plane seen GRAIN_STEP apart."""
    down, right = 2 * GRAIN_STEP[0], 2 * GRAIN_STEP[1]
    grain = rng.standard_normal((height + down, width + right), np.float32)
    if rng.random() < 0.5:
        grain = cv2.GaussianBlur(grain, (3, 3), 0.6) * np.float32(1.6)
    return np.asarray(grain * np.float32(rng.uniform(0.4, 3.5)), np.float32)


def photograph(rng: np.random.Generator, light: Light, sharpness_px: float) -> NDArray[np.uint8]:
    """Light [H, W, 3] as the camera gives it, uint8; `sharpness_px` is the blur of a usual lens."""
    height, width = light.shape[:2]
    sigma = max(0.3, sharpness_px * float(rng.lognormal(0.0, 0.35)))
    seen: Light = np.asarray(cv2.GaussianBlur(light, (0, 0), min(sigma, 3.0)), np.float32)
    seen *= (_uneven(rng, height, width) * np.float32(rng.uniform(0.9, 1.04)))[..., None]
    grain = _grain(rng, height, width)
    for channel in range(3):
        top, left = channel * GRAIN_STEP[0], channel * GRAIN_STEP[1]
        seen[..., channel] += grain[top : top + height, left : left + width]
    return np.asarray(np.clip(np.rint(seen, out=seen), 0, 255, out=seen), np.uint8)


def _draw_bar(patch: NDArray[np.uint8], text: str, colour: tuple[int, int, int]) -> None:
    """Draws a line with its length above it, as large as the patch [h, w, 3] allows."""
    height, width = patch.shape[:2]
    line = height - max(2, height // 5)
    cv2.line(patch, (1, line), (width - 2, line), colour, max(1, height // 14), cv2.LINE_AA)
    size = min(height / 42, (width - 4) / (19 * len(text)))
    cv2.putText(patch, text, (2, line - 3), cv2.FONT_HERSHEY_SIMPLEX, size, colour, 1, cv2.LINE_AA)


def burn_scale_bar(rng: np.random.Generator, image: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Writes a scale bar into a lower corner, on white or on the picture; where it hides it, [H, W]."""
    height, width = image.shape[:2]
    box_w, box_h = max(8, round(width * 0.11)), max(5, round(height * 0.055))
    left = round(width * 0.03) if rng.random() < 0.3 else width - box_w - round(width * 0.02)
    top = height - box_h - round(height * rng.uniform(0.0, 0.03))
    box = (slice(top, top + box_h), slice(left, left + box_w))
    colour = (200, 30, 40) if rng.random() < 0.5 else (0, 0, 0)
    boxed = bool(rng.random() < 0.5)
    before = np.full_like(image[box], 255) if boxed else image[box].copy()
    patch = before.copy()
    _draw_bar(patch, f"{int(rng.choice([10, 20, 50, 200]))} um", colour)
    image[box] = patch
    hidden = np.zeros((height, width), np.bool_)
    hidden[box] = boxed | np.any(patch != before, axis=2)
    return hidden
