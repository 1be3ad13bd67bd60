"""A run of one field as the page reads it: the state, and the field's pictures."""

import cv2
import numpy as np

from leukoscope.images.classes import STAGES
from leukoscope.images.painter.field import paint_field

SIZE = (640, 480)
DISCS = ((160, 120, 40), (420, 300, 45))
"""Cells of every field: x, y, radius; the nucleus has half the radius."""
CELLS = [
    {"box_px": [x - r, y - r, 2 * r, 2 * r], "type": kind, "probability": 0.91, "new": k == 0}
    for k, ((x, y, r), kind) in enumerate(
        zip(DISCS, ("blast", "immature granulocyte"), strict=True)
    )
]
FIELD = {
    "number": 1, "id": 1, "name": "slide_1", "size_px": list(SIZE), "frame_age_ms": 93.1, "since_ms": 120,
    "stage": "Early", "probability": 0.9, "probabilities": {"Benign": 0.05, "Early": 0.9, "Pre": 0.03, "Pro": 0.02},
    "voter": "trees", "head_stage": "Early", "flags": [], "explained": "Early", "method": "gradcam",
    "methods": ["gradcam", "trees"], "classes": list(STAGES), "map_network": "xincept_all", "mask": True, "cells": CELLS,
}  # fmt: skip
STATE = {
    "schema": 1, "version": 1, "notice": "research use only",
    "run": {"state": "running", "slide": "7", "source": "v4l2:///dev/video0", "live": True, "journal": True,
            "message": None, "reviewable": True},
    "source": {"state": "live", "detail": "1", "since_ms": 1000},
    "field": FIELD,
    "counts": {"fields": 7, "captured": 300, "stages": {"Early": 6, "Pro": 1}, "cells": {"blast": 30, "lymphocyte": 11},
               "white_cells": 41, "heading": "41 / 100", "flags": {}, "drops": {"moving": 250, "out_of_focus": 43}},
    "age": {"median_ms": 60.1, "p95_ms": 1280.2, "n": 50},
}  # fmt: skip


def png(grey):
    return cv2.imencode(".png", grey)[1].tobytes()


def picture():
    rgb = paint_field("Early", 3, size_px=SIZE).image
    return cv2.imencode(".jpg", rgb[:, :, ::-1])[1].tobytes()


def mask_png():
    mask = np.zeros(SIZE[::-1], np.uint8)
    for x, y, radius in DISCS:
        cv2.circle(mask, (x, y), radius, 128, -1)
        cv2.circle(mask, (x, y), radius // 2, 255, -1)
    return png(mask)
