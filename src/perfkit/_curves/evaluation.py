"""A curve on columns: float64 rows, or exact fractions; each row by itself."""

from __future__ import annotations

from collections.abc import Iterable
from math import lcm
from typing import Literal

import numpy as np
import numpy.typing as npt
from attrs import frozen

from perfkit._core import integers
from perfkit._core.columns import FloatColumn
from perfkit._core.integers import AnyIntColumn
from perfkit._core.ratios import Ratios
from perfkit._curves.pieces import Piece, Shape
from perfkit.errors import DefinitionError

# Up to here comparisons with every place are faster than a search.
_FEW = 32


@frozen(eq=False)
class FloatTable:
    """The pieces of a curve as float64 columns, by piece."""

    knots: FloatColumn
    anchor: FloatColumn
    value: FloatColumn
    slope: FloatColumn
    least: FloatColumn
    most: FloatColumn

    @classmethod
    def of(cls, shape: Shape) -> FloatTable:
        """The table of a curve."""
        ends = [_ends(piece) for piece in shape.pieces]
        return cls(
            knots=_floats(shape.places),
            anchor=_floats(piece.anchor for piece in shape.pieces),
            value=_floats(piece.value for piece in shape.pieces),
            slope=_floats(piece.slope for piece in shape.pieces),
            least=np.array([least for least, _ in ends]),
            most=np.array([most for _, most in ends]),
        )

    def values(self, x: FloatColumn) -> FloatColumn:
        """The values of a column; NaN stays NaN, and infinity gives the limit."""
        piece = self.piece_of(x)
        slope = self.slope[piece]
        with np.errstate(invalid="ignore", over="ignore"):
            y = self.value[piece] + slope * (x - self.anchor[piece])
            # Rounding may carry the end of a stretch past the next knot, and a rising curve would fall there.
            y = np.clip(y, self.least[piece], self.most[piece])
            # Infinite x, or x further from its anchor than floats reach.
            odd = ~np.isfinite(y) & ~np.isnan(x)
            if odd.any():
                y = np.where(odd, np.where(slope == 0, self.value[piece], slope * x), y)
        return np.asarray(y, dtype=np.float64)

    def piece_of(self, x: FloatColumn) -> npt.NDArray[np.intp]:
        """The number of the piece on which each row lies."""
        return np.searchsorted(self.knots, x, side="left") + np.searchsorted(self.knots, x, side="right")


@frozen(eq=False)
class ExactTable:
    """The pieces of a curve as integers over one denominator, by piece: slope x + intercept.

    Where every breakpoint is owned by the same side, one search finds the piece.
    """

    shape: Shape
    scale: int
    slopes: AnyIntColumn
    intercepts: AnyIntColumn
    side: str

    @classmethod
    def of(cls, shape: Shape) -> ExactTable:
        """The table of a curve."""
        pieces = shape.pieces
        scale = lcm(*(number.denominator for piece in pieces for number in (piece.slope, piece.intercept)))
        side = "both"
        if all(knot.at == knot.above for knot in shape.knots):
            side, pieces = "right", pieces[::2]
        elif all(knot.at == knot.below for knot in shape.knots):
            side, pieces = "left", pieces[::2]
        slopes = [int(piece.slope * scale) for piece in pieces]
        intercepts = [int(piece.intercept * scale) for piece in pieces]
        return cls(shape, scale, _integers(slopes), _integers(intercepts), side)

    def values(self, x: Ratios) -> Ratios:
        """The values of a column of exact fractions."""
        piece = self.piece_of(x)
        risen = integers.multiply(self.slopes[piece], x.numerator)
        if isinstance(x.denominator, int):
            # A handful of constants is multiplied, not a column.
            lifted = integers.multiply(self.intercepts, x.denominator)[piece]
            return Ratios(integers.add(risen, lifted), self.scale * x.denominator)
        lifted = integers.multiply(self.intercepts[piece], x.denominator)
        return Ratios(integers.add(risen, lifted), integers.multiply(x.denominator, self.scale))

    def per_quota(self, x: Ratios, quota: Ratios) -> Ratios:
        """The curve of x / quota, times quota: no quotient is ever taken."""
        piece = self.piece_of(x.over(quota))
        risen = Ratios(integers.multiply(self.slopes[piece], x.numerator), x.denominator)
        lifted = Ratios(integers.multiply(self.intercepts[piece], quota.numerator), quota.denominator)
        whole = risen.plus(lifted)
        return Ratios(whole.numerator, whole.denominator * self.scale)

    def piece_of(self, x: Ratios) -> AnyIntColumn:
        """The number of the piece on which each row lies."""
        if not isinstance(x.denominator, int):
            return self._piece_of_rowwise(x.numerator, x.denominator)
        # x > k exactly when its numerator is above floor(k * denominator), and x >= k when it reaches the ceiling.
        places, denominator = self.shape.places, x.denominator
        piece: AnyIntColumn = np.zeros(len(x), dtype=np.int8 if len(places) <= _FEW else np.intp)
        if self.side in ("left", "both"):
            floors = [place.numerator * denominator // place.denominator for place in places]
            piece = piece + _passed(floors, x.numerator, "left")
        if self.side in ("right", "both"):
            ceilings = [-(-place.numerator * denominator // place.denominator) for place in places]
            piece = piece + _passed(ceilings, x.numerator, "right")
        return piece

    def _piece_of_rowwise(self, numerator: AnyIntColumn, denominator: AnyIntColumn) -> npt.NDArray[np.intp]:
        piece = np.zeros(len(numerator), dtype=np.intp)
        for place in self.shape.places:
            left = integers.multiply(numerator, place.denominator)
            right = integers.multiply(denominator, place.numerator)
            if self.side in ("left", "both"):
                piece += np.asarray(left > right, dtype=np.intp)
            if self.side in ("right", "both"):
                piece += np.asarray(left >= right, dtype=np.intp)
        return piece


def _passed(places: list[int], numerator: AnyIntColumn, side: Literal["left", "right"]) -> AnyIntColumn:
    """How many places lie below each row, or with ``right`` at it too: counted where they are few, else searched."""
    column = _integers(places, numerator)
    if len(places) > _FEW or object in (column.dtype, numerator.dtype):
        return np.searchsorted(column, numerator, side=side)
    passed = np.zeros(len(numerator), dtype=np.int8)
    for place in column:
        passed += numerator >= place if side == "right" else numerator > place
    return passed


def _floats(values: Iterable[object]) -> FloatColumn:
    try:
        return np.array([float(value) for value in values], dtype=np.float64)  # type: ignore[arg-type]
    except OverflowError as error:
        raise DefinitionError(
            "a curve has a place, a value or a slope beyond what floats hold; use other units"
        ) from error


def _integers(values: list[int], like: AnyIntColumn | None = None) -> AnyIntColumn:
    fits = all(abs(value) < integers.LIMIT for value in values) and (like is None or like.dtype != object)
    column = np.empty(len(values), dtype=np.int64 if fits else object)
    column[:] = values
    return column


def _ends(piece: Piece) -> tuple[float, float]:
    if piece.start is None or piece.end is None:
        return -np.inf, np.inf
    values = float(piece(piece.start)), float(piece(piece.end))
    return min(values), max(values)
