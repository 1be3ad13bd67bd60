"""How many picture pixels a field's pixel is, so that fields of another camera size or lens lie on one map."""

from dataclasses import dataclass

from leukoscope.runtime.slide.picture import SIDE_PX

SAME_SCALE = 0.15
"""Micrometres a pixel that differ by less are one scale: an estimate from red cells scatters so."""
SAME_VIEW = 0.1
"""Fields of view that differ by less are one: the camera's size was switched."""
SAME_SHAPE = 0.02
"""Ratios of width to height that differ by less are one."""
MIN_PICTURE_PX = 16
"""A field that would be smaller on the map is not placed at that scale."""

Size = tuple[int, int]


@dataclass(frozen=True)
class Scaling:
    """Of the fields of one size, as it was last used."""

    size_px: Size
    um_per_px: float | None
    picture_px_per_px: float


@dataclass(frozen=True)
class Proposal:
    """One way to bring a field to the map's scale."""

    picture_px_per_px: float
    comparable: bool
    """False where the scale is only supposed: that nothing fits is then no proof of a new place."""


class Ruler:
    """Remembers the scale of each size of field that the map holds."""

    def __init__(self) -> None:
        self._known: dict[Size, Scaling] = {}

    def propose(self, size_px: Size, um_per_px: float | None) -> list[Proposal]:
        """The scales worth trying, the likeliest first; one at least. The first field's long side becomes SIDE_PX."""
        alone = min(1.0, SIDE_PX / max(size_px))
        if not self._known:
            return [Proposal(alone, True)]
        found = [
            one for known in self._reference(size_px) for one in _onto(known, size_px, um_per_px)
        ]
        fitting: list[Proposal] = []
        for one in found:
            sides = [side * one.picture_px_per_px for side in size_px]
            if max(sides) > SIDE_PX + 1 or min(sides) < min(MIN_PICTURE_PX, *size_px):
                continue
            if all(
                not _close(one.picture_px_per_px, kept.picture_px_per_px, 0.01) for kept in fitting
            ):
                fitting.append(one)
        return fitting or [Proposal(alone, False)]

    def note(self, size_px: Size, um_per_px: float | None, picture_px_per_px: float) -> None:
        """Keeps the scale at which a field was laid on the map."""
        known = self._known.get(size_px)
        if known is not None and known.picture_px_per_px == picture_px_per_px:
            um_per_px = known.um_per_px or um_per_px
        self._known.pop(size_px, None)
        self._known[size_px] = Scaling(size_px, um_per_px, picture_px_per_px)

    def _reference(self, size_px: Size) -> list[Scaling]:
        """What the field is compared with: fields of its own size first, else those that came last."""
        if size_px in self._known:
            return [self._known[size_px]]
        return [list(self._known.values())[-1]]


def _onto(known: Scaling, size_px: Size, um_per_px: float | None) -> list[Proposal]:
    """The scales that one known size suggests."""
    base = known.picture_px_per_px
    by_view = base * known.size_px[0] / size_px[0]
    if um_per_px is None or known.um_per_px is None:
        if size_px == known.size_px:
            return [Proposal(base, True)]
        same_shape = _close(_shape(size_px), _shape(known.size_px), SAME_SHAPE)
        return [Proposal(by_view, False)] * same_shape + [Proposal(base, False)]
    ratio = um_per_px / known.um_per_px
    if _close(ratio, 1, SAME_SCALE):
        return [Proposal(base, True)]
    if size_px == known.size_px:
        return [Proposal(base, False), Proposal(base * ratio, False)]
    if _close(base * ratio, by_view, SAME_VIEW):
        return [Proposal(by_view, True)]
    return [Proposal(base * ratio, True)]


def _shape(size_px: Size) -> float:
    return size_px[0] / size_px[1]


def _close(value: float, other: float, share: float) -> bool:
    return abs(value - other) <= share * other
