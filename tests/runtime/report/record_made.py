"""A calibration.json as the report reads it."""

IMAGES = [
    {"name": "s/a.png", "sha256": "0" * 64, "group": "s/1", "label": "Benign", "part": "ranges"},
    {"name": "s/b.png", "sha256": "1" * 64, "group": "s/1", "label": "Pro", "part": "ranges"},
    {"name": "s/c.png", "sha256": "2" * 64, "group": "s/2", "label": "", "part": "search"},
]
SENSITIVITY = [
    {"layer": "stem", "noise": 0.1, "output_error": 0.5, "cam_error": 0.2, "multiply_adds": 10},
    {"layer": "head", "noise": 0.1, "output_error": 0.1, "cam_error": -1e-12, "multiply_adds": 90},
]
RECORD = {
    "schema": 1,
    "networks": {
        "xincept_all": {
            "images": IMAGES, "method": "entropy", "ranges": {}, "returned": ["stem"], "seed": 3,
            "left_out": {"duplicate": ["x", "y"], "blank": []}, "missing": ["Early"],
            "graph_sha256": "a" * 64, "contract_sha256": "b" * 64, "asked_images": 128,
            "search": {
                "methods": {"entropy": {"output": 0.1, "cam": 0.02}},
                "sensitivity": SENSITIVITY,
                "steps": [{"returned": 1, "outcome": "passed", "n": 64, "flips": 0, "failed": {}}],
                "int8_share": 0.9,
            },
        }
    },
}  # fmt: skip
