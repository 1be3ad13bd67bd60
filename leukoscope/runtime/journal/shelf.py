"""Which pictures are kept: a budget of bytes, shared by kinds, the weightiest of each kind."""

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass

from leukoscope.runtime.field import Result

FLAGGED = "flagged"
LEADING = "leading"
LEADING_PER_KIND = 50
"""Of each stage the fields that speak for it most surely; a review reads no more (our choice)."""


@dataclass(frozen=True, order=True)
class Claim:
    """A picture's place. Among equal weights the elder is the weightier, so that equal fields are not exchanged."""

    weight: float
    minus_field: int
    kind: str
    size_bytes: int

    @property
    def field(self) -> int:
        """Id of the picture's field."""
        return -self.minus_field


def kind_of(result: Result) -> str:
    """`flagged`, or `leading` with the stage that the field was judged to be."""
    if result.flags:
        return FLAGGED
    return LEADING if result.vote is None else f"{LEADING}:{result.vote.stage}"


def weight_of(result: Result) -> float:
    """Within the kind (our choice): many flags and doubt for flagged fields, a sure vote for leading ones.

    Without a vote the number of cells.
    """
    vote = result.vote
    if vote is None:
        return float(len(result.flags) or len(result.cells))
    sure = float(vote.probabilities[vote.stage])
    sure = sure if 0 <= sure <= 1 else 0.0
    return len(result.flags) + 1 - sure if result.flags else sure


class Shelf:
    """What is kept now. `budget_bytes` holds for all sessions of the journal together."""

    def __init__(self, budget_bytes: int, claims: Iterable[Claim] = ()) -> None:
        self.budget_bytes = budget_bytes
        self._claims: dict[str, list[Claim]] = {}
        """By kind, the lightest first."""
        self._sizes: dict[str, int] = {}
        for claim in claims:
            self.put(claim)

    @property
    def size_bytes(self) -> int:
        """Of all pictures that are kept."""
        return sum(self._sizes.values())

    def wants(self, kind: str, weight: float) -> bool:
        """Whether a picture is worth encoding: it would be kept if it were as large as the mean of its kind."""
        held = self._claims.get(kind)
        if not held:
            return self.budget_bytes > 0
        if weight > held[0].weight:
            return True
        mean = self._sizes[kind] // len(held)
        has_room = self.size_bytes + mean <= self.budget_bytes
        return not self._has_its_number(kind) and (has_room or self._largest(kind, mean) != kind)

    def put(self, claim: Claim) -> None:
        """The picture is in the journal."""
        insort(self._claims.setdefault(claim.kind, []), claim)
        self._sizes[claim.kind] = self._sizes.get(claim.kind, 0) + claim.size_bytes

    def overflow(self) -> list[Claim]:
        """Takes away and returns what is too much: from the kind that takes most room its lightest."""
        gone = []
        for kind in self._claims:
            while self._has_its_number(kind, more=-1):
                gone.append(self._take_lightest(kind))
        while self.size_bytes > self.budget_bytes:
            gone.append(self._take_lightest(self._largest()))
        return gone

    def _take_lightest(self, kind: str) -> Claim:
        claim = self._claims[kind].pop(0)
        self._sizes[kind] -= claim.size_bytes
        return claim

    def _has_its_number(self, kind: str, more: int = 0) -> bool:
        return kind != FLAGGED and len(self._claims[kind]) + more >= LEADING_PER_KIND

    def _largest(self, kind: str = "", more_bytes: int = 0) -> str:
        """The kind that takes most room, once `kind` has `more_bytes`."""
        sizes = {one: size + more_bytes * (one == kind) for one, size in self._sizes.items()}
        return max(sizes, key=lambda one: (sizes[one], one))
