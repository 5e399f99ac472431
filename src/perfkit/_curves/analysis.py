"""What a curve does: where it reaches a value, what it can give, where it falls."""

from __future__ import annotations

from fractions import Fraction

from attrs import frozen

from perfkit._core.notebook import definition
from perfkit._core.numbers import decimal_text
from perfkit._curves.pieces import Piece, Shape
from perfkit.errors import DefinitionError


@frozen
class Stretch:
    """A part of the x axis.

    Attributes:
        start: the lower end; None where there is none.
        end: the upper end; None where there is none.
    """

    _repr_html_ = definition

    start: Fraction | None
    end: Fraction | None


def inverse(c: Shape, y: Fraction, start: Fraction | None) -> Fraction | None:
    """The least x from a start on at which the curve has a value, or leaps over it; None for never.

    Raises:
        DefinitionError: where the curve has the value all the way down and no start is given.
    """
    for piece in _from(c, start):
        if piece.is_point:
            knot = c.knot_at(piece.anchor)
            values = (knot.at, knot.above) if piece.anchor == start else (knot.below, knot.at, knot.above)
            if min(values) <= y <= max(values):
                return piece.anchor
        elif piece.slope == 0 and piece.value == y:
            if piece.start is None:
                raise DefinitionError(
                    f"the curve gives {decimal_text(y)} all the way down, so no x is the least; say start=, such as 0"
                )
            return piece.start
        elif (x := piece.crosses(y)) is not None and (start is None or x >= start):
            return x
    return None


def reaches(c: Shape, y: Fraction, start: Fraction | None) -> Fraction | None:
    """Where the curve first gives at least a value, from a start on; None for never.

    Where a leap is owned by the lower side this is the place beyond which the value is given.

    Raises:
        DefinitionError: where it gives as much all the way down and no start is given.
    """
    for piece in _from(c, start):
        if piece.is_point:
            if piece.value >= y:
                return piece.anchor
            continue
        x = piece.crosses(y)
        low = piece.start
        if low is None:
            if piece.slope < 0 or (piece.slope == 0 and piece.value >= y):
                raise DefinitionError(
                    f"the curve gives at least {decimal_text(y)} all the way down, so no x is the least; "
                    "say start=, such as 0"
                )
        elif piece(low) > y or (piece(low) == y and piece.slope >= 0):
            return low
        if x is not None and piece.slope > 0:
            return x
    return None


def _from(c: Shape, start: Fraction | None) -> list[Piece]:
    """The pieces from a start on, the start itself a point of its own."""
    if start is None:
        return list(c.pieces)
    later = [piece for piece in c.pieces if piece.end is None or piece.end >= start]
    first = later[0]
    if first.is_point:
        return later
    value = c.piece_at(start)(start)
    point = Piece(start, start, start, value, Fraction(0))
    if first.end == start:
        return later[1:]
    return [point, Piece(start, first.end, first.anchor, first.value, first.slope), *later[1:]]


def range_over(c: Shape, start: Fraction, end: Fraction) -> tuple[Fraction, Fraction]:
    """The least and the greatest value that the curve has or nears between two places, both included."""
    if end < start:
        raise DefinitionError(
            f"a range must not end ({decimal_text(end)}) before it starts ({decimal_text(start)})", path="end"
        )
    first, last = c.knot_at(start), c.knot_at(end)
    values = [first.at, last.at]
    if start < end:
        values += [first.above, last.below]
    for knot in c.knots:
        if start < knot.x < end:
            values += [knot.below, knot.at, knot.above]
    return min(values), max(values)


def crossings(c: Shape, y: Fraction) -> tuple[Fraction, ...]:
    """Every place at which the curve comes to a value or leaps over it, and both ends of a stretch that keeps it."""
    found = []
    for piece in c.pieces:
        if piece.is_point:
            knot = c.knot_at(piece.anchor)
            if min(knot.below, knot.at, knot.above) <= y <= max(knot.below, knot.at, knot.above):
                found.append(knot.x)
        elif (x := piece.crosses(y)) is not None:
            found.append(x)
    return tuple(found)


def falls(c: Shape) -> tuple[Stretch, ...]:
    """The stretches and the places at which more gives less; a leap upwards ends one."""
    found: list[Stretch] = []
    is_falling = False
    for piece in c.pieces:
        moves = [piece.slope]
        if piece.is_point:
            knot = c.knot_at(piece.anchor)
            moves = [change for change in (knot.at - knot.below, knot.above - knot.at) if change]
        for move in moves:
            if move < 0 and is_falling:
                found[-1] = Stretch(found[-1].start, piece.end)
            elif move < 0:
                found.append(Stretch(piece.start, piece.end))
            is_falling = move < 0
    return tuple(found)
