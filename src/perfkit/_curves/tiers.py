"""Points and tiers as they are typed: pairs, bands, and the owner of a breakpoint."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from perfkit._core.checks import one_of
from perfkit._core.numbers import Number
from perfkit._curves.pieces import Knot, as_number, require_increasing
from perfkit.errors import DefinitionError

Owner = Literal["upper", "lower"]


def as_pairs(points: Sequence[tuple[Number, Number]]) -> list[tuple[Fraction, Fraction]]:
    """Points as pairs of fractions, by increasing place."""
    if not points:
        raise DefinitionError("a curve needs at least one point, such as (1, 1) (got none)")
    pairs = []
    for point in points:
        if not isinstance(point, (tuple, list)) or len(point) != 2:
            raise DefinitionError(f"a point of a curve must be a pair of numbers (got {point!r})")
        pairs.append((as_number(point[0]), as_number(point[1])))
    require_increasing([x for x, _ in pairs])
    return pairs


def owned_knot(x: Fraction, below: Fraction, above: Fraction, owner: Owner) -> Knot:
    """A leap whose place belongs to the upper or to the lower side."""
    one_of(owner, ("upper", "lower"), "owner")
    return Knot(x, below, above if owner == "upper" else below, above)


def meeting_bands(
    bands: Sequence[tuple[Number, Number | None, Number]], close_gaps: bool
) -> list[tuple[Number, Number]]:
    """Where each band starts and what it gives, if each starts where the last one ends.

    Raises:
        DefinitionError: for no bands, and for every gap and overlap at once.
    """
    if not bands:
        raise DefinitionError("a curve needs at least one band (got none)")
    odd = [band for band in bands if not isinstance(band, (tuple, list)) or len(band) != 3]
    if odd:
        raise DefinitionError(f"a band must be from, to and a rate or amount (got {odd[0]!r})")
    problems, starts = [], []
    for (start, end, value), following in zip(bands, [*bands[1:], None], strict=True):
        starts.append((start, value))
        if following is None:
            if end is not None and as_number(end) <= as_number(start):
                problems.append(f"the band from {start} ends at {end}")
        elif end is None:
            problems.append(f"the band from {start} has no end, but another follows from {following[0]}")
        elif as_number(following[0]) < as_number(end):
            problems.append(f"overlap: a band ends at {end} and the next starts at {following[0]}")
        elif as_number(following[0]) > as_number(end) and not close_gaps:
            problems.append(f"gap: a band ends at {end} and the next starts at {following[0]}")
    if problems:
        raise DefinitionError(f"bands must meet: {'; '.join(problems)}", problems=problems)
    return starts
