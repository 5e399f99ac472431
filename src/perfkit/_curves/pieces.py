"""What a curve is made of: knots, and the affine pieces at and between them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any

from attrs import field, frozen

from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, decimal_text, exact
from perfkit.errors import DefinitionError


def as_number(value: Number) -> Fraction:
    """A typed number of a curve as its fraction."""
    return exact(value, what="a number of a curve")


@frozen
class Knot:
    """A breakpoint of a curve: where it is, and the values just below, at and just above it.

    Attributes:
        x: the place.
        below: the value that the curve approaches from below.
        at: the value there; it says who owns the breakpoint.
        above: the value that the curve approaches from above.
    """

    _repr_html_ = definition

    x: Fraction = field(converter=as_number)
    below: Fraction = field(converter=as_number)
    at: Fraction = field(converter=as_number)
    above: Fraction = field(converter=as_number)

    @property
    def jump(self) -> Fraction:
        """How far the curve leaps here; 0 where it is continuous."""
        return self.above - self.below

    @property
    def is_continuous(self) -> bool:
        """Whether the curve passes without a leap."""
        return self.below == self.at == self.above


@frozen
class Piece:
    """One piece of a curve: the affine function of an open stretch, or the value of a single point.

    Attributes:
        start: the lower end, or None for a stretch without one.
        end: the upper end, or None for a stretch without one; equal to ``start`` for a point.
        anchor: a place at which the value is known.
        value: the value of the affine function at ``anchor``.
        slope: how much the value changes for 1 of x.
    """

    start: Fraction | None
    end: Fraction | None
    anchor: Fraction
    value: Fraction
    slope: Fraction

    @property
    def intercept(self) -> Fraction:
        """The value that the affine function would have at 0."""
        return self.value - self.slope * self.anchor

    @property
    def is_point(self) -> bool:
        """Whether this is the value of a single point."""
        return self.start is not None and self.start == self.end

    def __call__(self, x: Fraction) -> Fraction:
        """The value of the affine function at x."""
        return self.value + self.slope * (x - self.anchor)

    def told(self) -> tuple[str, dict[str, Any]]:
        """The code by which an explanation names it, and the places and values that the code speaks of."""
        if self.start is not None and self.end is not None:
            low, high = self.start, self.end
            ends = {"start": low, "first": self(low), "end": high, "last": self(high)}
            return "curve_at" if self.is_point else "curve_between", ends
        if self.start is None:
            return "curve_below" if self.slope else "curve_flat_below", {"end": self.end, "last": self.value}
        return "curve_above" if self.slope else "curve_flat_above", {"start": self.start, "first": self.value}

    def crosses(self, y: Fraction) -> Fraction | None:
        """The place within the open stretch at which it has a value; None where it has none, or is flat."""
        if self.slope == 0 or self.is_point:
            return None
        x = self.anchor + (y - self.value) / self.slope
        inside = (self.start is None or x > self.start) and (self.end is None or x < self.end)
        return x if inside else None


@frozen
class Shape:
    """Knots by increasing place, and the slopes beyond the ends: all that a curve is.

    Attributes:
        knots: at least one.
        slope_below: the slope before the first knot.
        slope_above: the slope after the last knot.
    """

    knots: tuple[Knot, ...]
    slope_below: Fraction
    slope_above: Fraction

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """Every stretch and every breakpoint in turn: 2 n + 1 pieces for n knots."""
        first, last = self.knots[0], self.knots[-1]
        pieces = [Piece(None, first.x, first.x, first.below, self.slope_below)]
        for knot, following in pairwise(self.knots):
            slope = (following.below - knot.above) / (following.x - knot.x)
            pieces.append(Piece(knot.x, knot.x, knot.x, knot.at, Fraction(0)))
            pieces.append(Piece(knot.x, following.x, knot.x, knot.above, slope))
        pieces.append(Piece(last.x, last.x, last.x, last.at, Fraction(0)))
        pieces.append(Piece(last.x, None, last.x, last.above, self.slope_above))
        return tuple(pieces)

    @cached_property
    def places(self) -> tuple[Fraction, ...]:
        """Where the knots are."""
        return tuple(knot.x for knot in self.knots)

    def piece_at(self, x: Fraction) -> Piece:
        """The piece on which x lies."""
        return self.pieces[bisect_left(self.places, x) + bisect_right(self.places, x)]

    def slope_before(self, x: Fraction) -> Fraction:
        """The slope just below a place."""
        return self.pieces[2 * bisect_left(self.places, x)].slope

    def slope_after(self, x: Fraction) -> Fraction:
        """The slope just above a place."""
        return self.pieces[2 * bisect_right(self.places, x)].slope

    def knot_at(self, x: Fraction) -> Knot:
        """The values below, at and above a place, whether there is a breakpoint or not."""
        position = bisect_left(self.places, x)
        if position < len(self.knots) and self.places[position] == x:
            return self.knots[position]
        value = self.piece_at(x)(x)
        return Knot(x, value, value, value)


def require_increasing(places: Sequence[Fraction]) -> None:
    """Refuse places that repeat or fall."""
    for place, following in pairwise(places):
        if following == place:
            raise DefinitionError(
                f"a curve must have one knot in a place (got {decimal_text(place)} twice); "
                "say a jump with steps, or with below= and above="
            )
        if following < place:
            raise DefinitionError(
                f"the knots of a curve must increase (got {decimal_text(following)} after {decimal_text(place)})"
            )
