"""The classes that the two networks name, in the order of their outputs."""

STAGES: tuple[str, ...] = ("Benign", "Early", "Pre", "Pro")
"""XIncept-ALL: acute lymphoblastic leukaemia, the paper's severity levels."""

CELL_TYPES: tuple[str, ...] = (
    "neutrophil",
    "eosinophil",
    "basophil",
    "lymphocyte",
    "monocyte",
    "immature granulocyte",
    "blast",
    "other",
)
"""SG-CLDFF: white-cell types; `other` is not a white cell (platelet, nucleated red cell)."""

MASK_CLASSES: tuple[str, ...] = ("background", "cytoplasm", "nucleus")
"""SG-CLDFF's mask, by index 0, 1, 2."""

MASK_CODES: tuple[int, ...] = (0, 128, 255)
"""Grey levels of a mask file, by the same index."""

NETWORK_CLASSES: dict[str, tuple[str, ...]] = {"xincept_all": STAGES, "sg_cldff": CELL_TYPES}
