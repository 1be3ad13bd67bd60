"""What things are called on the page."""

NETWORKS = {
    "xincept_all": "XIncept-ALL",
    "sg_cldff": "SG-CLDFF",
}
TASKS = {
    "xincept_all": "the stage that a field shows",
    "sg_cldff": "the cell's mask and type",
}
VARIANTS = {
    "fp32": "FP32 (float)",
    "fp16": "FP16",
    "int8": "INT8",
    "int8_fp16": "INT8, rest FP16",
}
OUTCOMES = {"passed": "Passed", "failed": "Failed", "undecided": "Cannot tell"}
RESEARCH_USE = "Research use only"
FIGURES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "f1_macro": "F1, mean over classes",
    "ece": "calibration error (15 bins)",
    "iou cell": "IoU, cell",
    "iou cytoplasm": "IoU, cytoplasm",
    "iou nucleus": "IoU, nucleus",
    "iou_image_mean": "IoU of cell, mean over images",
    "dice": "Dice, cell",
    "cam_agreement": "rank agreement with the float map, median",
    "cam_top10_overlap": "top tenth of the map in common, mean",
    "cam_energy_on_cell": "share of the map on cells, mean",
    "cell_area_share": "share of the field that is cell, mean",
}


def network_name(name: str) -> str:
    """`XIncept-ALL`."""
    return NETWORKS.get(name, name)


def variant_name(name: str) -> str:
    """`INT8`."""
    return VARIANTS.get(name, name)


def figure_name(name: str) -> str:
    """`IoU, cell`; a class's figure keeps the class's own name."""
    return FIGURES.get(name, name)


def check_name(name: str) -> str:
    """What a check of the gate looked at: `recall Benign`, `IoU, nucleus`, `agreement of maps`."""
    return "agreement of maps, median" if name == "cam_agreement" else figure_name(name)
