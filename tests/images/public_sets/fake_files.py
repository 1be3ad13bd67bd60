"""Writers of the files that the fake sets are made of."""

from pathlib import Path

import cv2
import numpy as np

ANNOTATION = """<annotation>
	<folder>JPEGImages</folder>
	<filename>BloodImage_00000.jpg</filename>
	<size><width>640</width><height>480</height><depth>3</depth></size>
	<segmented>0</segmented>
{objects}
</annotation>
"""
OBJECT = """	<object>
		<name>{name}</name>
		<pose>Unspecified</pose>
		<bndbox><xmin>260</xmin><ymin>177</ymin><xmax>491</xmax><ymax>376</ymax></bndbox>
	</object>"""


def write_image(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), pixels)
    return path


def write_mask(path: Path, levels=(0, 128, 255), size_px=(48, 40)) -> np.ndarray:
    """Three nested rectangles in `levels`; returns them."""
    mask = np.full((size_px[1], size_px[0]), levels[0], np.uint8)
    mask[8:30, 10:36] = levels[1]
    mask[14:24, 18:28] = levels[2]
    write_image(path, mask)
    return mask


def annotation(*names: str) -> str:
    return ANNOTATION.format(objects="\n".join(OBJECT.format(name=name) for name in names))


def write_text(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path
