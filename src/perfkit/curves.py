"""Curve: one piecewise-affine function with optional jumps, the shape of every payout, tier, band and pace."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal, overload

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from perfkit._core import integers
from perfkit._core.blocks import blocks
from perfkit._core.checks import one_of, several
from perfkit._core.columns import read_money
from perfkit._core.integers import IntColumn
from perfkit._core.numbers import Number, exact
from perfkit._core.ratios import Ratios
from perfkit._core.tables import as_array
from perfkit._curves import algebra, analysis, drawing
from perfkit._curves.analysis import Stretch
from perfkit._curves.evaluation import ExactTable, FloatTable
from perfkit._curves.pieces import Knot, Piece, Shape, as_number, require_increasing
from perfkit._curves.tiers import Owner, as_pairs, line, meeting_bands, overage, owned_knot, slices
from perfkit.errors import DataError, DefinitionError
from perfkit.explain import AnyRecorder
from perfkit.money import CENT, Money, Rounding, minor_per_major

FloatColumn = npt.NDArray[np.float64]

__all__ = ["Curve", "Knot", "Piece", "Stretch"]


def _knots(knots: Iterable[Knot]) -> tuple[Knot, ...]:
    listed = several(knots)
    odd = [knot for knot in listed if not isinstance(knot, Knot)]
    if odd:
        raise DefinitionError(f"a curve is made of knots (got {odd[0]!r}); of points with Curve.through", path="knots")
    return listed


@frozen(repr=False)
class Curve:
    """A piecewise-affine function, exact, with optional jumps and a stated value at every breakpoint.

    Make one with :meth:`through`, :meth:`steps`, :meth:`marginal`, :meth:`whole`, :meth:`cumulative`,
    :meth:`accrued`, :meth:`hybrid`, :meth:`bands` or :meth:`constant`; call it with a number, an array, or money.
    Sums, multiples, bounds, compositions, shifts and mirrors of curves are curves.

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
    slope_below: Fraction = field(default=Fraction(0), converter=as_number)
    slope_above: Fraction = field(default=Fraction(0), converter=as_number)

    def __attrs_post_init__(self) -> None:
        if not self.knots:
            raise DefinitionError("a curve needs at least one knot (got none)")
        require_increasing([knot.x for knot in self.knots])

    # Constructors.

    @classmethod
    def through(
        cls,
        *points: tuple[Number, Number],
        below: Number | Literal["extend"] | None = None,
        above: Number | Literal["extend"] | None = None,
        ends: Literal["line", "beyond"] = "line",
    ) -> Curve:
        """Straight between points; flat beyond the ends unless told otherwise.

        Args:
            points: pairs of x and value, by increasing x.
            below: the value before the first point (a jump), ``"extend"`` to continue the first line, or None for flat.
            above: the same, after the last point.
            ends: who has the first and the last point where the curve leaps there: the ``line`` (80 % is reached at
                80 %), or what lies ``beyond`` (it must be passed).

        Example:
            >>> Curve.through((61, 2), (66, 1), (68, 1), (73, 0.5), above=0)(80)
            0.0
        """
        return cls._of(line(points, below, above, ends))

    @classmethod
    def steps(cls, *levels: tuple[Number, Number], below: Number = 0, owner: Owner = "upper") -> Curve:
        """A value held from each breakpoint on: a single amount, a payout schedule by steps.

        Args:
            levels: pairs of breakpoint and value, by increasing breakpoint.
            below: the value before the first breakpoint.
            owner: who has the breakpoint itself: ``"upper"`` for [from, to), ``"lower"`` for (from, to].

        Example:
            >>> Curve.steps((6, 0.23), (9, 0.29))([1, 8, 10])
            array([0.  , 0.23, 0.29])
        """
        pairs = as_pairs(levels)
        held = [as_number(below), *(value for _, value in pairs)]
        return cls([owned_knot(x, held[i], held[i + 1], owner) for i, (x, _) in enumerate(pairs)])

    @classmethod
    def marginal(cls, *tiers: tuple[Number, Number]) -> Curve:
        """Each slice of the base at its own rate: the tiers of an income tax and of most commissions.

        Args:
            tiers: pairs of where a tier starts and its rate; what lies before the first tier earns nothing.

        Example:
            >>> Curve.marginal((0, 0.05), (100_000, 0.08))(150_000)
            9000.0
        """
        return cls._of(slices(tiers))

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
        pairs = as_pairs(tiers)
        rates = [Fraction(0), *(rate for _, rate in pairs)]
        knots = [owned_knot(x, rates[i] * x, rates[i + 1] * x, owner) for i, (x, _) in enumerate(pairs)]
        return cls(knots, Fraction(0), rates[-1])

    @classmethod
    def cumulative(cls, *amounts: tuple[Number, Number], owner: Owner = "upper") -> Curve:
        """An amount added at each breakpoint: kickers, milestones, a pool that fills bucket by bucket.

        Args:
            amounts: pairs of breakpoint and the amount added there, by increasing breakpoint.
            owner: who has the breakpoint itself: ``"upper"`` adds when it is reached, ``"lower"`` when it is passed.

        Example:
            >>> Curve.cumulative((6, 0.23), (9, 0.29))([1, 8, 10])
            array([0.  , 0.23, 0.52])
        """
        held, levels = Fraction(0), []
        for x, amount in as_pairs(amounts):
            held += amount
            levels.append((x, held))
        return cls.steps(*levels, owner=owner)

    @classmethod
    def accrued(cls, *amounts: tuple[Number, Number], end: Number) -> Curve:
        """An amount earned evenly over each tier (interpolated amounts), all of it at the end of the last.

        Args:
            amounts: pairs of where a tier starts and the amount earned over it.
            end: where the last tier ends.

        Example:
            >>> Curve.accrued((0, 1_000), (50, 4_000), end=100)([25, 75, 120])
            array([ 500., 3000., 5000.])
        """
        pairs = as_pairs(amounts)
        places = [*(x for x, _ in pairs), as_number(end)]
        require_increasing(places)
        held = [Fraction(0)]
        for _, amount in pairs:
            held.append(held[-1] + amount)
        return cls.through(*zip(places, held, strict=True))

    @classmethod
    def hybrid(
        cls, rate: Number, *multipliers: tuple[Number, Number], quota: Number = 1, owner: Owner = "upper"
    ) -> Curve:
        """A rate up to the quota, and above it the reached multiplier of the rate on all of the overage.

        It leaps at every breakpoint, as :meth:`falls`, :meth:`jumps` and ``lint`` of a plan show.

        Args:
            rate: on what lies below the quota.
            multipliers: pairs of the attainment from which a multiplier holds and the multiplier; before the first
                the overage earns the plain rate.
            quota: in the units of x.
            owner: who has the breakpoint itself.

        Example:
            >>> Curve.hybrid(0.6, (1, 1.5), (1.25, 2), (1.5, 2.5), quota=100_000)([80_000, 110_000, 175_000])
            array([ 48000.,  69000., 172500.])
        """
        base, whole, tiers = overage(rate, multipliers, quota)
        return cls.marginal((0, base), (whole, 0)) + cls.whole(*tiers, owner=owner).shift(-whole)

    @classmethod
    def bands(
        cls,
        *bands: tuple[Number, Number | None, Number],
        kind: Literal["marginal", "whole", "steps"],
        owner: Owner = "upper",
        close_gaps: bool = False,
    ) -> Curve:
        """A table of bands as it is often printed: from, to and the rate or amount of each.

        Args:
            bands: triples of from, to and rate; the last may have None for no end.
            kind: what the third number is: a marginal rate, a rate on the whole, or an amount (steps).
            owner: who has a breakpoint where one band ends and the next starts.
                What lies beyond the end of the last band adds nothing to a marginal rate, and is nothing otherwise.
            close_gaps: take a gap, such as the one between 500,000 and 500,001, for a breakpoint at the upper place.

        Raises:
            DefinitionError: for gaps and overlaps, all of them at once.

        Example:
            >>> Curve.bands((0, 100, 0.05), (100, None, 0.08), kind="marginal")(150)
            9.0
        """
        one_of(kind, ("marginal", "whole", "steps"), "kind")
        one_of(owner, ("upper", "lower"), "owner")
        starts = meeting_bands(bands, close_gaps)
        last = bands[-1][1]
        if kind == "marginal":
            return cls.marginal(*(starts if last is None else [*starts, (last, 0)]))
        ended = starts if last is None else [*starts, (last, 0)]
        return cls.whole(*ended, owner=owner) if kind == "whole" else cls.steps(*ended, owner=owner)

    @classmethod
    def constant(cls, value: Number) -> Curve:
        """The same value everywhere."""
        level = as_number(value)
        return cls([Knot(0, level, level, level)])

    @classmethod
    def identity(cls) -> Curve:
        """The value is x itself."""
        return cls([Knot(0, 0, 0, 0)], 1, 1)

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
        column = np.asarray(float(x) if isinstance(x, int) and abs(x) < 2**1000 else x)
        if column.dtype.kind not in "biuf":
            raise DefinitionError(f"a curve takes numbers (got {reprlib.repr(x)})")
        values = self.floats(np.atleast_1d(column.astype(np.float64)).ravel())
        return float(values[0]) if column.ndim == 0 else values.reshape(column.shape)

    def exact(self, x: Fraction) -> Fraction:
        """The value at x as a fraction."""
        return self.piece_at(x)(x)

    def floats(self, x: FloatColumn) -> FloatColumn:
        """The values of a float64 column, each row by itself; NaN stays NaN."""
        return self._float_table.values(x)

    def ratios(self, x: Ratios) -> Ratios:
        """The values of a column of exact fractions, exact."""
        return self._exact_table.values(x)

    def money(self, minor: Any, currency: str, rounding: Rounding = CENT) -> IntColumn:
        """The values of a column of int64 minor units as minor units, exact, each rounded once.

        Raises:
            DataError: for a column of floats or of anything else that is no minor units, and what does not fit int64.

        Example:
            >>> Curve.marginal((0, 0.05), (100_000, 0.08)).money(np.array([15_000_001]), "EUR")
            array([900000])
        """
        column = read_money("minor", as_array("minor", minor), range(np.size(minor)))
        scale, values = minor_per_major(currency), np.empty(len(column), dtype=np.int64)
        for block in blocks(len(column)):
            narrow = integers.narrow(rounding.column(self.ratios(Ratios(column[block], scale)), currency))
            if narrow is None:
                raise DataError(
                    f"an amount does not fit int64 minor units of {currency}; check the units", column="minor"
                )
            values[block] = narrow
        return values

    def per_quota(self, x: Ratios, quota: Ratios) -> Ratios:
        """``quota * curve(x / quota)``, exact: a curve over attainment, in the units of x.

        Args:
            x: what was reached.
            quota: what attainment is measured against, positive.
        """
        return self._exact_table.per_quota(x, quota)

    def record(self, record: AnyRecorder, x: float | Fraction, y: float | Fraction) -> None:
        """State in an explanation where on the curve x lies; the part for x is there already."""
        if isinstance(x, float):
            # The piece that the float fell on, which beside a knot such as 1/3 is not that of its decimal.
            piece = self.pieces[int(self._float_table.piece_of(np.array([x]))[0])]
        else:
            piece = self.piece_at(x)
        code, ends = piece.told()
        record.says(code, value=y, relation="affine", slope=piece.slope, intercept=piece.intercept, **ends)

    # Curves from curves.

    def __add__(self, other: Curve | Number) -> Curve:
        return self._of(algebra.added(self._shape, _as_curve(other)._shape))

    __radd__ = __add__

    def __sub__(self, other: Curve | Number) -> Curve:
        return self + -_as_curve(other)

    def __rsub__(self, other: Number) -> Curve:
        return -self + other

    def __neg__(self) -> Curve:
        return self * -1

    def __mul__(self, factor: Number) -> Curve:
        return self._of(algebra.scaled(self._shape, Fraction(1), as_number(factor)))

    __rmul__ = __mul__

    def __truediv__(self, divisor: Number) -> Curve:
        return self * (1 / as_number(divisor))

    def cap(self, limit: Curve | Number) -> Curve:
        """At most a limit: the lesser of two curves.

        Example:
            >>> Curve.marginal((0, 0.05)).cap(10_000)(1_000_000)
            10000.0
        """
        return self._of(algebra.lesser(self._shape, _as_curve(limit)._shape))

    def floor(self, limit: Curve | Number) -> Curve:
        """At least a limit: the greater of two curves."""
        return self._of(algebra.greater(self._shape, _as_curve(limit)._shape))

    def then(self, other: Curve) -> Curve:
        """The other curve of this one.

        Example:
            >>> Curve.through((0, 0), (100, 2)).then(Curve.steps((1, 500)))([49, 50])
            array([  0., 500.])
        """
        return self._of(algebra.composed(self._shape, _curve(other)._shape))

    def shift(self, by: Number) -> Curve:
        """The curve of ``by + x``.

        Example:
            >>> Curve.steps((10, 1)).shift(4)([5, 6])
            array([0., 1.])
        """
        return self._of(algebra.shifted(self._shape, as_number(by)))

    def after(self, so_far: Number) -> Curve:
        """What x adds to what there was so far: ``c(so_far + x) - c(so_far)``, the scope of a year to date.

        Example:
            >>> Curve.marginal((0, 0.05), (100_000, 0.08)).after(90_000)(20_000)
            1300.0
        """
        return self.shift(so_far) - self.exact(as_number(so_far))

    def mirror(self, around: Number = 0) -> Curve:
        """The curve of ``2 * around - x``: lower is better.

        Example:
            >>> Curve.through((0.8, 0), (1, 1), (1.2, 2)).mirror(around=1)(0.9)
            1.5
        """
        return self._of(algebra.mirrored(self._shape, as_number(around)))

    def stretch(self, x: Number = 1, y: Number = 1) -> Curve:
        """The curve on other axes: places times x, values times y; from percent of target to currency.

        Example:
            >>> Curve.through((0.8, 0.5), (1, 1), below=0).stretch(x=500_000, y=20_000)(450_000)
            15000.0
        """
        if as_number(x) <= 0:
            raise DefinitionError(f"x must be positive (got {x}); mirror() turns a curve round", path="x")
        return self._of(algebra.scaled(self._shape, as_number(x), as_number(y)))

    def gate(self, is_open: Curve, *, closed: Curve | Number = 0) -> Curve:
        """The curve where another is positive; elsewhere at most what a closed gate lets through.

        Example:
            >>> pay = Curve.marginal((0, 0.1)).gate(Curve.steps((80, 1)), closed=5)
            >>> pay([40, 79, 80])
            array([4., 5., 8.])
        """
        return self._of(algebra.gated(self._shape, _curve(is_open)._shape, _as_curve(closed)._shape))

    def simplified(self) -> Curve:
        """The same function without knots at which nothing happens."""
        return self._of(algebra.simplified(self._shape))

    # What the curve does.

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Every stretch and every breakpoint in turn: 2 n + 1 pieces for n knots."""
        return self._shape.pieces

    def piece_at(self, x: Fraction) -> Piece:
        """The piece of the curve on which x lies."""
        return self._shape.piece_at(x)

    def knot_at(self, x: Number) -> Knot:
        """The values just below, at and just above a place, whether there is a breakpoint or not."""
        return self._shape.knot_at(as_number(x))

    @property
    def is_continuous(self) -> bool:
        """Whether the curve never leaps."""
        return all(knot.is_continuous for knot in self.knots)

    @property
    def is_monotone(self) -> bool:
        """Whether the curve never falls, or never rises."""
        return self.is_rising or self.is_falling

    @property
    def is_rising(self) -> bool:
        """Whether more never gives less."""
        return not self.falls()

    @property
    def is_falling(self) -> bool:
        """Whether more never gives more."""
        return not (-self).falls()

    def falls(self) -> tuple[Stretch, ...]:
        """The stretches, and the places, at which more gives less.

        Example:
            >>> Curve.whole((0, 0.05), (100_000, 0.04)).falls()
            (Stretch(start=Fraction(100000, 1), end=Fraction(100000, 1)),)
        """
        return analysis.falls(self._shape)

    def jumps(self) -> tuple[Knot, ...]:
        """The knots at which the curve leaps; each knows its place and its size."""
        return tuple(knot for knot in self.knots if not knot.is_continuous)

    def slope_at(self, x: Number) -> Fraction:
        """The slope just above a place: the rate that the next unit earns."""
        return self._shape.slope_after(as_number(x))

    def range_over(self, start: Number, end: Number) -> tuple[Fraction, Fraction]:
        """The least and the greatest value that the curve has, or nears at a leap, between two places.

        Example:
            >>> Curve.marginal((0, 0.05), (100, 0.1)).range_over(0, 200)
            (Fraction(0, 1), Fraction(15, 1))
        """
        return analysis.range_over(self._shape, as_number(start), as_number(end))

    def inverse(self, y: Number, *, start: Number | None = None) -> Fraction | None:
        """The least x, from a start on, that gives a value; for one inside a leap its place; None for never.

        Raises:
            DefinitionError: where the value is given all the way down and no start is said.

        Example:
            >>> payout = Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0)
            >>> payout.inverse(0.75), payout.inverse(0.25), payout.inverse(3)
            (Fraction(9, 10), Fraction(4, 5), None)
        """
        return analysis.inverse(self._shape, as_number(y), None if start is None else as_number(start))

    def reaches(self, y: Number, *, start: Number | None = None) -> Fraction | None:
        """Where the curve first gives at least a value, from a start on; None for never.

        Example:
            >>> Curve.whole((0, 0.05), (100, 0.04), (200, 0.06)).reaches(6, start=0)
            Fraction(150, 1)
        """
        return analysis.reaches(self._shape, as_number(y), None if start is None else as_number(start))

    def breakeven(self, other: Curve | Number) -> tuple[Fraction, ...]:
        """Every place at which two curves meet or leap across each other, and both ends of a stretch that they share.

        Example:
            >>> Curve.marginal((0, 0.05)).breakeven(Curve.marginal((1_000, 0.1)))
            (Fraction(0, 1), Fraction(2000, 1))
        """
        return analysis.crossings((self - other).simplified()._shape, Fraction(0))

    def average_rate(self, x: Number) -> Fraction:
        """The blended rate: the value at x over x.

        Raises:
            DefinitionError: at 0.
        """
        place = as_number(x)
        if place == 0:
            raise DefinitionError("an average rate needs something to be a rate of (got 0)", path="x")
        return self.exact(place) / place

    # For people.

    def table(self) -> str:
        """The tiers as text, one a line.

        Example:
            >>> print(Curve.marginal((0, 0.05), (100_000, 0.08)).table())
            x                  from     to  rate
            x < 0                        0     0
            0 <= x < 100,000      0  5,000  0.05
            100,000 <= x      5,000         0.08
        """
        return drawing.table(self._shape)

    def draw(self, start: Number | None = None, end: Number | None = None, *, width: int = 60, height: int = 12) -> str:
        """The curve drawn in text."""
        if width < 2 or height < 1:
            raise DefinitionError(f"a drawing needs a width of 2 and a height of 1 (got {width} and {height})")
        low, high = self._shown(start, end)
        return drawing.text_drawing(self._shape, low, high, width, height)

    def svg(self, start: Number | None = None, end: Number | None = None) -> str:
        """The curve drawn in SVG, without scripts, in the colour of the text around it."""
        return drawing.svg_drawing(self._shape, *self._shown(start, end))

    def _repr_svg_(self) -> str:
        return self.svg()

    def _repr_html_(self) -> str:
        return drawing.html(self._shape, self.svg())

    def __repr__(self) -> str:
        return f"Curve({drawing.one_line(self._shape)})"

    __str__ = table

    def _shown(self, start: Number | None, end: Number | None) -> tuple[Fraction, Fraction]:
        low, high = drawing.shown_range(self._shape)
        low, high = low if start is None else as_number(start), high if end is None else as_number(end)
        if start is not None and end is None and high <= low:
            high = low + max(abs(low) / 4, Fraction(1))
        if high <= low:
            raise DefinitionError(f"a drawing must end after it starts (got {low} to {high})", path="end")
        return low, high

    @classmethod
    def _of(cls, shape: Shape) -> Curve:
        return cls(shape.knots, shape.slope_below, shape.slope_above)

    @cached_property
    def _shape(self) -> Shape:
        return Shape(self.knots, self.slope_below, self.slope_above)

    @cached_property
    def _float_table(self) -> FloatTable:
        return FloatTable.of(self._shape)

    @cached_property
    def _exact_table(self) -> ExactTable:
        return ExactTable.of(self._shape)


def _as_curve(value: Curve | Number) -> Curve:
    return value if isinstance(value, Curve) else Curve.constant(value)


def _curve(value: Curve) -> Curve:
    if not isinstance(value, Curve):
        raise DefinitionError(f"a curve must be a Curve (got {value!r})")
    return value
