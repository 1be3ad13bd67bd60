"""The microscope and its camera: uneven light, blur, noise, and the scale bar burnt into a corner."""

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2

Light = NDArray[np.float32]


def _uneven(rng: np.random.Generator, height: int, width: int) -> Light:
    """A slope across the field and darker corners, [H, W] about 1."""
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    slope, angle = rng.uniform(0, 0.055), rng.uniform(0, 2 * np.pi)
    corners = rng.uniform(0.0, 0.12) if rng.random() < 0.6 else 0.0
    off_x, off_y = rng.normal(0, 0.15, 2)
    light = np.float32(1) + np.float32(slope * np.cos(angle)) * x
    light = light + np.float32(slope * np.sin(angle)) * y
    squares = (x - np.float32(off_x)) ** 2 + (y - np.float32(off_y)) ** 2
    return np.asarray(light - np.float32(corners / 2) * squares, np.float32)


def photograph(rng: np.random.Generator, light: Light, sharpness_px: float) -> NDArray[np.uint8]:
    """Light [H, W, 3] as the camera gives it, uint8; `sharpness_px` is the blur of a usual lens."""
    height, width = light.shape[:2]
    sigma = max(0.3, sharpness_px * float(rng.lognormal(0.0, 0.35)))
    seen = cv2.GaussianBlur(light, (0, 0), min(sigma, 3.0))
    seen *= (_uneven(rng, height, width) * np.float32(rng.uniform(0.9, 1.04)))[..., None]
    grain = rng.standard_normal((height, width, 3), np.float32)
    if rng.random() < 0.5:
        grain = cv2.GaussianBlur(grain, (3, 3), 0.6) * np.float32(1.6)
    seen += grain * np.float32(rng.uniform(0.4, 3.5))
    return np.asarray(np.clip(np.rint(seen), 0, 255).astype(np.uint8))


def burn_scale_bar(rng: np.random.Generator, image: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Writes a scale bar into a lower corner, on white or on the picture; where it hides it, [H, W]."""
    height, width = image.shape[:2]
    box_w, box_h = max(8, round(width * 0.11)), max(5, round(height * 0.055))
    left = round(width * 0.03) if rng.random() < 0.3 else width - box_w - round(width * 0.02)
    top = height - box_h - round(height * rng.uniform(0.0, 0.03))
    hidden = np.zeros((height, width), np.bool_)
    box = (slice(top, top + box_h), slice(left, left + box_w))
    patch = image[box].copy()
    colour = (200, 30, 40) if rng.random() < 0.5 else (0, 0, 0)
    boxed = bool(rng.random() < 0.5)
    if boxed:
        patch[:] = 255
    before = patch.copy()
    middle = box_h - max(2, box_h // 5)
    cv2.line(patch, (1, middle), (box_w - 2, middle), colour, max(1, box_h // 14), cv2.LINE_AA)
    text = f"{int(rng.choice([10, 20, 50, 200]))} um"
    cv2.putText(
        patch, text, (2, middle - 3), cv2.FONT_HERSHEY_SIMPLEX, box_h / 42, colour, 1, cv2.LINE_AA
    )
    image[box] = patch
    hidden[box] = True if boxed else np.any(patch != before, axis=2)
    return hidden
