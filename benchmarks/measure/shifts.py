"""Fixed changes of colour, light, sharpness and coding, so that figures under them can be compared (strengths: our choice)."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2
from leukoscope.training.stain_vectors import stains_of

Image = NDArray[np.uint8]
Shift = Callable[[Image], Image]

SQUARE_PX = 224
"""Blur is given in pixels of a field whose longer side has so many, and scales with the field."""
GROUND_PERCENTILE = 90
"""Of each channel: what the empty ground lets through, as `stain_vectors` takes it."""
CORNER_WIDTH, CORNER_HEIGHT = 0.18, 0.12
"""The lower right corner in which iranian_all has its scale bars, as shares of the field."""


def hue(image: Image, degrees: float) -> Image:
    """Turns the hue (HSV) of every pixel."""
    hsv = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0] + degrees) % 360
    return _bytes(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB) * 255)


def saturation(image: Image, factor: float) -> Image:
    """Multiplies the saturation (HSV)."""
    hsv = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)
    hsv[..., 1] = np.clip(hsv[..., 1] * factor, 0, 1)
    return _bytes(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB) * 255)


def brightness(image: Image, factor: float) -> Image:
    """Multiplies all channels; what is brighter than white is white."""
    return _bytes(image.astype(np.float32) * factor)


def hue_and_brightness(image: Image, degrees: float, factor: float) -> Image:
    """First the hue, then the light."""
    return brightness(hue(image, degrees), factor)


def blur(image: Image, sigma_px: float) -> Image:
    """Gaussian, of `sigma_px` in a field of SQUARE_PX."""
    sigma = sigma_px * max(image.shape[:2]) / SQUARE_PX
    return cv2.GaussianBlur(image, (0, 0), sigma).astype(np.uint8, copy=False)


def jpeg(image: Image, quality: int) -> Image:
    """Coded and decoded again at this quality, 1 to 100."""
    _, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]
    return np.ascontiguousarray(decoded, dtype=np.uint8)


def stain(image: Image, azure: float, eosin: float) -> Image:
    """Multiplies the amounts of the image's own azure and eosin; its ground and what is neither stay.

    In optical density over the ground, along the stain vectors of Macenko et al. 2009.
    """
    ground = np.percentile(image.reshape(-1, 3), GROUND_PERCENTILE, axis=0) + 1
    first, second = np.asarray(stains_of(image))
    basis = np.stack([first, second, _unit(np.cross(first, second))])
    amounts = np.linalg.inv(basis) @ np.diag([azure, eosin, 1.0]) @ basis
    density = -np.log((image.astype(np.float32) + 1) / ground.astype(np.float32))
    return _bytes(np.exp(-(density @ amounts.astype(np.float32))) * ground - 1)


def corner_covered(image: Image) -> Image:
    """The corner of the scale bar covered by the mirrored piece to its left, in every image alike."""
    height, width = image.shape[:2]
    w, h = round(width * CORNER_WIDTH), round(height * CORNER_HEIGHT)
    covered = image.copy()
    covered[height - h :, width - w :] = image[height - h :, width - 2 * w : width - w][:, ::-1]
    return covered


def unchanged(image: Image) -> Image:
    """The image as it is."""
    return image


UNSHIFTED, CORNER = "none", "corner covered"
SHIFTS: dict[str, Shift] = {
    UNSHIFTED: unchanged,
    **{f"hue {d:+d} deg": partial(hue, degrees=d) for d in (-20, -10, 10, 20)},
    **{f"saturation x {f}": partial(saturation, factor=f) for f in (0.7, 1.3)},
    **{
        f"brightness {round(100 * f - 100):+d} %": partial(brightness, factor=f)
        for f in (0.7, 0.85, 1.15, 1.3)
    },
    **{
        f"hue {d:+d} deg, brightness {round(100 * f - 100):+d} %": partial(
            hue_and_brightness, degrees=d, factor=f
        )
        for d in (-10, 10)
        for f in (0.85, 1.15)
    },
    **{f"blur {s} px": partial(blur, sigma_px=s) for s in (1, 2)},
    **{f"JPEG quality {q}": partial(jpeg, quality=q) for q in (50, 20)},
    **{f"azure x {f}": partial(stain, azure=f, eosin=1.0) for f in (0.7, 1.3)},
    **{f"eosin x {f}": partial(stain, azure=1.0, eosin=f) for f in (0.7, 1.3)},
    **{f"azure and eosin x {f}": partial(stain, azure=f, eosin=f) for f in (0.7, 1.3)},
    CORNER: corner_covered,
}
TOGETHER = tuple(name for name in SHIFTS if name.startswith("hue") and "brightness" in name)
"""Hue by 10 degrees and brightness by 15 % at once, both ways."""


def _bytes(values: NDArray[np.floating]) -> Image:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    return vector / np.linalg.norm(vector)
