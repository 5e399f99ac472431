"""Curve: one piecewise-affine function with optional jumps, the shape of every payout, tier, band and pace."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import lcm
from typing import Any, Literal, overload

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from perfkit._core import integers
from perfkit._core.integers import AnyIntColumn
from perfkit._core.numbers import Number, decimal_text, exact
from perfkit._core.ratios import Ratios
from perfkit.errors import DefinitionError, did_you_mean
from perfkit.explain import AnyRecorder
from perfkit.money import CENT, Money, Rounding, minor_per_major

Owner = Literal["upper", "lower"]
FloatColumn = npt.NDArray[np.float64]


def _exact(value: Number) -> Fraction:
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

    x: Fraction = field(converter=_exact)
    below: Fraction = field(converter=_exact)
    at: Fraction = field(converter=_exact)
    above: Fraction = field(converter=_exact)

    @property
    def jump(self) -> Fraction:
        """How far the curve leaps here; 0 where it is continuous."""
        return self.above - self.below


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

    def __call__(self, x: Fraction) -> Fraction:
        """The value of the affine function at x."""
        return self.value + self.slope * (x - self.anchor)


def _knots(knots: Iterable[Knot]) -> tuple[Knot, ...]:
    return tuple(knots)


@frozen(repr=False)
class Curve:
    """A piecewise-affine function, exact, with optional jumps and a stated value at every breakpoint.

    Make one with :meth:`through`, :meth:`steps`, :meth:`marginal`, :meth:`whole` or :meth:`constant`; call it with a
    number, an array, or money.

    Args:
        knots: the breakpoints, by increasing place; at least one.
        slope_below: the slope before the first breakpoint.
        slope_above: the slope after the last breakpoint.

    Raises:
        DefinitionError: for no knots, or knots that are not strictly increasing.

    Example:
        >>> payout = Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0)
        >>> payout(0.9), payout(0.79), payout(1.5)
        (0.75, 0.0, 2.0)
        >>> Curve.marginal((0, 0.05), (100_000, 0.08))(Money("150,000.00 EUR"))
        Money('9,000.00 EUR')
    """

    knots: tuple[Knot, ...] = field(converter=_knots)
    slope_below: Fraction = field(default=Fraction(0), converter=_exact)
    slope_above: Fraction = field(default=Fraction(0), converter=_exact)

    def __attrs_post_init__(self) -> None:
        if not self.knots:
            raise DefinitionError("a curve needs at least one knot (got none)")
        _require_increasing([knot.x for knot in self.knots])

    # Constructors.

    @classmethod
    def through(
        cls,
        *points: tuple[Number, Number],
        below: Number | Literal["extend"] | None = None,
        above: Number | Literal["extend"] | None = None,
    ) -> Curve:
        """Straight between points; flat beyond the ends unless told otherwise.

        Args:
            points: pairs of x and value, by increasing x. The ends belong to the line, not to what lies beyond.
            below: the value before the first point (a jump), ``"extend"`` to continue the first line, or None for flat.
            above: the same, after the last point.

        Example:
            >>> Curve.through((61, 2), (66, 1), (68, 1), (73, 0.5), above=0)(80)
            0.0
        """
        pairs = _pairs(points)
        if len(pairs) < 2 and "extend" in (below, above):
            raise DefinitionError("'extend' needs at least two points to take a slope from (got 1)")
        slopes = [(y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in pairwise(pairs)]
        first, last = pairs[0][1], pairs[-1][1]
        before = first if below is None or below == "extend" else _exact(below)
        after = last if above is None or above == "extend" else _exact(above)
        knots = [
            Knot(x, before if i == 0 else y, y, after if i == len(pairs) - 1 else y) for i, (x, y) in enumerate(pairs)
        ]
        return cls(
            knots,
            slopes[0] if below == "extend" else Fraction(0),
            slopes[-1] if above == "extend" else Fraction(0),
        )

    @classmethod
    def steps(cls, *levels: tuple[Number, Number], below: Number = 0, owner: Owner = "upper") -> Curve:
        """A value held from each breakpoint on.

        Args:
            levels: pairs of breakpoint and value, by increasing breakpoint.
            below: the value before the first breakpoint.
            owner: who has the breakpoint itself: ``"upper"`` for [from, to), ``"lower"`` for (from, to].

        Example:
            >>> Curve.steps((6, 0.23), (9, 0.29))([1, 8, 10])
            array([0.  , 0.23, 0.29])
        """
        pairs = _pairs(levels)
        held = [_exact(below), *(value for _, value in pairs)]
        return cls([_owned(x, held[i], held[i + 1], owner) for i, (x, _) in enumerate(pairs)])

    @classmethod
    def marginal(cls, *tiers: tuple[Number, Number]) -> Curve:
        """Each slice of the base at its own rate: the tiers of an income tax and of most commissions.

        Args:
            tiers: pairs of where a tier starts and its rate; what lies before the first tier earns nothing.

        Example:
            >>> Curve.marginal((0, 0.05), (100_000, 0.08))(150_000)
            9000.0
        """
        pairs = _pairs(tiers)
        knots, earned = [], Fraction(0)
        for i, (x, _) in enumerate(pairs):
            if i:
                earned += pairs[i - 1][1] * (x - pairs[i - 1][0])
            knots.append(Knot(x, earned, earned, earned))
        return cls(knots, Fraction(0), pairs[-1][1])

    @classmethod
    def whole(cls, *tiers: tuple[Number, Number], owner: Owner = "upper") -> Curve:
        """The reached rate on everything ("retroactive"): a jump at each breakpoint.

        Args:
            tiers: pairs of where a rate starts and the rate; nothing before the first tier.
            owner: who has the breakpoint itself: ``"upper"`` for [from, to), ``"lower"`` for (from, to].

        Example:
            >>> Curve.whole((0, 0.05), (100_000, 0.08))([99_999, 100_000])
            array([4999.95, 8000.  ])
        """
        pairs = _pairs(tiers)
        rates = [Fraction(0), *(rate for _, rate in pairs)]
        knots = [_owned(x, rates[i] * x, rates[i + 1] * x, owner) for i, (x, _) in enumerate(pairs)]
        return cls(knots, Fraction(0), rates[-1])

    @classmethod
    def constant(cls, value: Number) -> Curve:
        """The same value everywhere."""
        level = _exact(value)
        return cls([Knot(0, level, level, level)])

    # Evaluation.

    @overload
    def __call__(self, x: Money, rounding: Rounding = ...) -> Money: ...
    @overload
    def __call__(self, x: Fraction | Decimal) -> Fraction: ...
    @overload
    def __call__(self, x: float) -> float: ...
    @overload
    def __call__(self, x: Sequence[float] | npt.NDArray[Any]) -> FloatColumn: ...
    def __call__(self, x: Any, rounding: Rounding = CENT) -> Any:
        """The value at x: floats for a float, an int or an array; exact for a fraction, a decimal or money.

        Args:
            x: a number, an array of numbers (NaN stays NaN), or ``Money``, whose major units are the x axis.
            rounding: how money is rounded, once.

        Returns:
            a float, a float64 array of the shape of x, a ``Fraction``, or ``Money``.
        """
        if isinstance(x, Money):
            amount = self.exact(Fraction(x.minor, minor_per_major(x.currency)))
            return Money.from_minor(rounding.minor(amount, x.currency), x.currency)
        if isinstance(x, (Fraction, Decimal)):
            return self.exact(exact(x))
        column = np.asarray(x)
        if column.dtype.kind not in "biuf":
            raise DefinitionError(f"a curve takes numbers (got {x!r})")
        values = self.floats(np.atleast_1d(column.astype(np.float64)).ravel())
        return float(values[0]) if column.ndim == 0 else values.reshape(column.shape)

    def exact(self, x: Fraction) -> Fraction:
        """The value at x as a fraction."""
        return self.piece_at(x)(x)

    def piece_at(self, x: Fraction) -> Piece:
        """The piece of the curve on which x lies."""
        places = [knot.x for knot in self.knots]
        return self.pieces[bisect_left(places, x) + bisect_right(places, x)]

    def floats(self, x: FloatColumn) -> FloatColumn:
        """The values of a float64 column, each row by itself; NaN stays NaN."""
        table = self._float_table
        piece = np.searchsorted(table.knots, x, side="left") + np.searchsorted(table.knots, x, side="right")
        slope = table.slope[piece]
        with np.errstate(invalid="ignore", over="ignore"):
            y = table.value[piece] + slope * (x - table.anchor[piece])
            # Rounding may carry the end of a stretch past the next knot, and a rising curve would fall there.
            y = np.clip(y, table.least[piece], table.most[piece])
            endless = np.isinf(x)
            if endless.any():
                y = np.where(endless, np.where(slope == 0, table.value[piece], slope * x), y)
        return np.asarray(y, dtype=np.float64)

    def ratios(self, x: Ratios) -> Ratios:
        """The values of a column of exact fractions, exact."""
        piece = self._piece_of(x)
        table = self._exact_table
        risen = integers.multiply(table.slopes[piece], x.numerator)
        lifted = integers.multiply(table.intercepts[piece], x.denominator)
        denominator = x.denominator
        scale = (
            table.scale * denominator if isinstance(denominator, int) else integers.multiply(denominator, table.scale)
        )
        return Ratios(integers.add(risen, lifted), scale)

    def money(self, minor: AnyIntColumn, currency: str, rounding: Rounding = CENT) -> AnyIntColumn:
        """The values of a column of minor units as minor units, exact, each rounded once.

        Example:
            >>> Curve.marginal((0, 0.05), (100_000, 0.08)).money(np.array([15_000_001]), "EUR")
            array([900000])
        """
        return rounding.column(self.ratios(Ratios(np.asarray(minor), minor_per_major(currency))), currency)

    def per_quota(self, x: Ratios, quota: Ratios) -> Ratios:
        """``quota * curve(x / quota)``, exact: a curve over attainment, in the units of x.

        Args:
            x: what was reached.
            quota: what attainment is measured against, positive.
        """
        # q * curve(x / q) is slope * x + intercept * q on the piece of x / q: no quotient is ever taken.
        attainment = x.over(quota)
        table, piece = self._exact_table, self._piece_of(attainment)
        risen = Ratios(integers.multiply(table.slopes[piece], x.numerator), x.denominator)
        lifted = Ratios(integers.multiply(table.intercepts[piece], quota.numerator), quota.denominator)
        return risen.plus(lifted).times(Fraction(1, table.scale))

    def record(self, record: AnyRecorder, x: Fraction, y: float | Fraction) -> None:
        """State in an explanation where on the curve x lies; the part for x is there already."""
        piece = self.piece_at(x)
        ends: dict[str, Any]
        if piece.start is not None and piece.end is not None:
            code = "curve_between" if piece.start != piece.end else "curve_at"
            ends = {"start": piece.start, "first": piece(piece.start), "end": piece.end, "last": piece(piece.end)}
        elif piece.start is None:
            code, ends = "curve_below", {"end": piece.end, "last": piece.value}
        else:
            code, ends = "curve_above", {"start": piece.start, "first": piece.value}
        record.says(code, value=y, relation="affine", slope=piece.slope, intercept=piece.intercept, **ends)

    # What the curve is.

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

    @property
    def is_continuous(self) -> bool:
        """Whether the curve never leaps."""
        return all(knot.below == knot.at == knot.above for knot in self.knots)

    @property
    def is_monotone(self) -> bool:
        """Whether the curve never falls, or never rises."""
        return self.is_rising or self.is_falling

    @property
    def is_rising(self) -> bool:
        """Whether more never gives less."""
        return self._never(lambda change: change < 0)

    @property
    def is_falling(self) -> bool:
        """Whether more never gives more."""
        return self._never(lambda change: change > 0)

    def jumps(self) -> tuple[Knot, ...]:
        """The knots at which the curve leaps."""
        return tuple(knot for knot in self.knots if not knot.below == knot.at == knot.above)

    def __repr__(self) -> str:
        rows = []
        for piece in self.pieces:
            if piece.start is not None and piece.start == piece.end:
                continue
            rows.append(f"{_stretch(piece, self)}: {_affine(piece)}")
        return f"Curve({'; '.join(rows)})"

    def _never(self, unwanted: Callable[[Fraction], bool]) -> bool:
        leaps = [change for knot in self.knots for change in (knot.at - knot.below, knot.above - knot.at)]
        return not any(unwanted(change) for change in [*leaps, *(piece.slope for piece in self.pieces)])

    def _piece_of(self, x: Ratios) -> npt.NDArray[np.intp]:
        denominator = x.denominator
        if not isinstance(denominator, int):
            return self._piece_of_rowwise(x.numerator, denominator)
        # x > k exactly when its numerator is above floor(k * denominator), and x >= k when it reaches the ceiling.
        floors = [knot.x.numerator * denominator // knot.x.denominator for knot in self.knots]
        ceilings = [-(-knot.x.numerator * denominator // knot.x.denominator) for knot in self.knots]
        below = np.searchsorted(_integers(floors, x.numerator), x.numerator, side="left")
        return below + np.searchsorted(_integers(ceilings, x.numerator), x.numerator, side="right")

    def _piece_of_rowwise(self, numerator: AnyIntColumn, denominator: AnyIntColumn) -> npt.NDArray[np.intp]:
        piece = np.zeros(len(numerator), dtype=np.intp)
        for knot in self.knots:
            left = integers.multiply(numerator, knot.x.denominator)
            right = integers.multiply(denominator, knot.x.numerator)
            piece += np.asarray(left > right, dtype=np.intp) + np.asarray(left >= right, dtype=np.intp)
        return piece

    @cached_property
    def _float_table(self) -> _FloatTable:
        ends = [_ends(piece) for piece in self.pieces]
        return _FloatTable(
            knots=_floats(knot.x for knot in self.knots),
            anchor=_floats(piece.anchor for piece in self.pieces),
            value=_floats(piece.value for piece in self.pieces),
            slope=_floats(piece.slope for piece in self.pieces),
            least=np.array([least for least, _ in ends]),
            most=np.array([most for _, most in ends]),
        )

    @cached_property
    def _exact_table(self) -> _ExactTable:
        scale = lcm(*(n.denominator for piece in self.pieces for n in (piece.slope, piece.intercept)))
        slopes = [int(piece.slope * scale) for piece in self.pieces]
        intercepts = [int(piece.intercept * scale) for piece in self.pieces]
        return _ExactTable(scale, _integers(slopes), _integers(intercepts))


@frozen(eq=False)
class _FloatTable:
    knots: FloatColumn
    anchor: FloatColumn
    value: FloatColumn
    slope: FloatColumn
    least: FloatColumn
    most: FloatColumn


@frozen(eq=False)
class _ExactTable:
    scale: int
    slopes: AnyIntColumn
    intercepts: AnyIntColumn


def _pairs(points: Sequence[tuple[Number, Number]]) -> list[tuple[Fraction, Fraction]]:
    if not points:
        raise DefinitionError("a curve needs at least one point, such as (1, 1) (got none)")
    pairs = []
    for point in points:
        if not isinstance(point, (tuple, list)) or len(point) != 2:
            raise DefinitionError(f"a point of a curve must be a pair of numbers (got {point!r})")
        pairs.append((_exact(point[0]), _exact(point[1])))
    _require_increasing([x for x, _ in pairs])
    return pairs


def _require_increasing(places: Sequence[Fraction]) -> None:
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


def _owned(x: Fraction, below: Fraction, above: Fraction, owner: Owner) -> Knot:
    if owner not in ("upper", "lower"):
        raise DefinitionError(
            f"owner must be 'upper' or 'lower' (got {owner!r}){did_you_mean(str(owner), ['upper', 'lower'])}"
        )
    return Knot(x, below, above if owner == "upper" else below, above)


def _floats(values: Any) -> FloatColumn:
    return np.array([float(value) for value in values], dtype=np.float64)


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


def _stretch(piece: Piece, curve: Curve) -> str:
    low = high = ""
    if piece.start is not None:
        knot = next(knot for knot in curve.knots if knot.x == piece.start)
        low = f"{decimal_text(knot.x)} {'<=' if knot.at == knot.above else '<'} "
    if piece.end is not None:
        knot = next(knot for knot in curve.knots if knot.x == piece.end)
        high = f" {'<=' if knot.below == knot.at != knot.above else '<'} {decimal_text(knot.x)}"
    return f"{low}x{high}"


def _affine(piece: Piece) -> str:
    if piece.slope == 0:
        return decimal_text(piece.value)
    if piece.start is None or piece.end is None:
        return f"{decimal_text(piece.value)} + {decimal_text(piece.slope)} per 1 beyond {decimal_text(piece.anchor)}"
    return f"{decimal_text(piece(piece.start))} to {decimal_text(piece(piece.end))}"
