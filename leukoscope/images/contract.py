"""The preprocessing contract: the one way from a field's pixels to a network's square input, and back.

Training, calibration, validation and the stream call `place`; the manifest names the contract; a reader that
finds another one refuses the bundle.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.errors import InputError
from leukoscope.images.classes import MASK_CLASSES
from leukoscope.images.decode import MAX_AREA_PX, MIN_SIDE_PX
from leukoscope.images.hashes import sha256_of_bytes
from leukoscope.images.opencv import cv2

VERSION = 1
MAX_INPUT_PX = 4096
RULES: dict[str, str | int] = {
    "decoder": "opencv imdecode",
    "exif": "obeyed",
    "channels": "RGB",
    "sixteen_bit": "divided by 257, to the nearest",
    "grey": "replicated",
    "alpha": "composed on white",
    "min_side_px": MIN_SIDE_PX,
    "max_area_px": MAX_AREA_PX,
    "aspect": "kept, centred, padded",
    "shrink": "INTER_AREA",
    "enlarge": "INTER_LINEAR",
}
"""What version 1 fixes, in words; the manifest repeats it so that a bundle can be read without this code."""


@dataclass(frozen=True)
class Contract:
    """A square input of `input_px`, padded with the grey level `pad_value` (255: the white of an empty field)."""

    input_px: int
    version: int = VERSION
    pad_value: int = 255
    white_cell_px: tuple[int, int, int] | None = None
    """Diameter of white cells in the square, as training showed them: least, usual, greatest. None: never measured."""

    def __post_init__(self) -> None:
        if type(self.version) is not int or self.version != VERSION:
            raise InputError(
                f"preprocessing contract version {self.version!r}",
                wanted=f"version {VERSION}",
                next_step="use the Leukoscope release that wrote it",
            )
        _check_integer("input_px", self.input_px, MIN_SIDE_PX, MAX_INPUT_PX)
        _check_integer("pad_value", self.pad_value, 0, 255)
        if self.white_cell_px is not None:
            if not isinstance(self.white_cell_px, tuple):
                raise InputError(
                    f"the preprocessing contract has white_cell_px = {self.white_cell_px!r}",
                    wanted="a list of three diameters",
                )
            for value in self.white_cell_px:
                _check_integer("white_cell_px", value, 1, self.input_px)
            if len(self.white_cell_px) != 3 or sorted(self.white_cell_px) != [*self.white_cell_px]:
                raise InputError(
                    f"the preprocessing contract has white_cell_px = {list(self.white_cell_px)}",
                    wanted="least, usual and greatest diameter",
                )

    def to_json(self) -> dict[str, Any]:
        """The contract as plain values, rules included."""
        mine: dict[str, Any] = {
            "version": self.version,
            "input_px": self.input_px,
            "pad_value": self.pad_value,
        }
        if self.white_cell_px is not None:
            mine["white_cell_px"] = list(self.white_cell_px)
        return {**mine, **RULES}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Contract":
        """The contract that `values` describe; InputError names the first one that this release does not know."""
        if not isinstance(values, Mapping):
            raise InputError("the preprocessing contract is not an object", wanted="a JSON object")
        if missing := {"version", "input_px", "pad_value"} - set(values):
            raise InputError(f"the preprocessing contract lacks {', '.join(sorted(missing))}")
        cells = values.get("white_cell_px")
        scale = tuple(cells) if isinstance(cells, list) else cells
        contract = cls(values["input_px"], values["version"], values["pad_value"], scale)
        wanted = contract.to_json()
        for key in sorted({*wanted, *map(str, values)}):
            same_type = type(values.get(key)) is type(wanted.get(key))
            if key not in wanted or not same_type or values[key] != wanted[key]:
                raise InputError(
                    f"the preprocessing contract has {key} = {values.get(key)!r}",
                    wanted=repr(wanted.get(key, "no such key")),
                )
        return contract

    def digest(self) -> str:
        """SHA-256 of the canonical JSON: equal for equal contracts, on every machine."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return sha256_of_bytes(text.encode())


def _check_integer(name: str, value: object, low: int, high: int) -> None:
    if type(value) is not int or not low <= value <= high:
        raise InputError(
            f"the preprocessing contract has {name} = {value!r}",
            wanted=f"an integer from {low} to {high}",
        )


@dataclass(frozen=True)
class Placement:
    """Where a field lies in the square: all pairs are (x, y) or (width, height) in pixels.

    Field point x lies at offset_px[0] + x * inner_px[0] / field_px[0] of the square; pixel centres lie at
    half-integers, so edges fall on edges.
    """

    field_px: tuple[int, int]
    inner_px: tuple[int, int]
    offset_px: tuple[int, int]
    input_px: int
    plane_px: tuple[int, int] | None = None
    """Width and height of the plane that tiles make up together; None for one square."""

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of what the network's maps cover."""
        return self.plane_px or (self.input_px, self.input_px)


def placement_of(field_px: tuple[int, int], contract: Contract) -> Placement:
    """The longer side fills the square, the other keeps the aspect to the nearest pixel, centred."""
    longest, size = max(field_px), contract.input_px
    width, height = (max(1, (side * size * 2 + longest) // (2 * longest)) for side in field_px)
    offset = ((size - width) // 2, (size - height) // 2)
    return Placement(field_px, (width, height), offset, size)


def place(field: NDArray[np.uint8], contract: Contract) -> tuple[NDArray[np.uint8], Placement]:
    """A field uint8 [H, W, 3] -> (the network's input uint8 [S, S, 3], its placement). Never stretched."""
    placement = placement_of((field.shape[1], field.shape[0]), contract)
    shape = (contract.input_px, contract.input_px, *field.shape[2:])
    square = np.full(shape, contract.pad_value, np.uint8)
    square[inner_of(placement)] = resize_to(field, placement.inner_px)
    return square, placement


def to_field(values: NDArray[Any], placement: Placement) -> NDArray[np.float32]:
    """A map that covers the square, [h, w] or [C, h, w], on the field's pixels: float32 [H, W] or [C, H, W].

    The map may be at feature resolution (its cells are S / w input pixels wide) or at the full one. Padding is
    cut off; interpolation is linear between cell centres (half-pixel aligned), the border repeated.
    """
    maps = np.ascontiguousarray(values, dtype=np.float32)
    if maps.ndim == 2:
        return _one_to_field(maps, placement)
    width, height = placement.field_px
    field = np.empty((len(maps), height, width), np.float32)
    for channel, one in enumerate(maps):
        field[channel] = _one_to_field(one, placement)
    return field


def mask_to_square(mask: NDArray[np.uint8], contract: Contract) -> NDArray[np.uint8]:
    """A mask of indices uint8 [H, W] -> uint8 [S, S] by the geometry of `place`; padding is background, 0.

    Each class is scaled as the image is and the greatest share wins (the lower index on a tie): a nearest
    neighbour would sample one pixel in ten of a large field (our choice).
    """
    placement = placement_of((mask.shape[1], mask.shape[0]), contract)
    shares = [
        resize_to((mask == index).astype(np.float32), placement.inner_px)
        for index in range(len(MASK_CLASSES))
    ]
    square = np.zeros((contract.input_px, contract.input_px), np.uint8)
    square[inner_of(placement)] = np.argmax(np.stack(shares), axis=0)
    return square


def inner_of(placement: Placement) -> tuple[slice, slice]:
    """Rows and columns of the plane that show the field; the rest is padding."""
    (x, y), (width, height) = placement.offset_px, placement.inner_px
    return slice(y, y + height), slice(x, x + width)


def resize_to(field: NDArray[Any], size_px: tuple[int, int]) -> NDArray[Any]:
    """Pixels at (width, height): INTER_AREA down, INTER_LINEAR up, untouched where they fit."""
    height, width = field.shape[:2]
    if size_px == (width, height):
        return field
    shrinks = max(size_px) < max(width, height)
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(np.ascontiguousarray(field), size_px, interpolation=method)


def _one_to_field(one: NDArray[np.float32], placement: Placement) -> NDArray[np.float32]:
    return _linear(to_inner(one, placement), placement.field_px)


def to_inner(one: NDArray[np.float32], placement: Placement) -> NDArray[np.float32]:
    """A map [h, w] that covers the plane, at the network's own resolution, on the field's part of it."""
    return np.ascontiguousarray(_linear(one, placement.size_px)[inner_of(placement)])


def _linear(one: NDArray[np.float32], size_px: tuple[int, int]) -> NDArray[np.float32]:
    if one.shape == size_px[::-1]:
        return one
    scaled = cv2.resize(one, size_px, interpolation=cv2.INTER_LINEAR)
    return scaled.astype(np.float32, copy=False)
