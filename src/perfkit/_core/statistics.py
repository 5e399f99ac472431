"""What a scale has to know of a population: exact, and the same whatever the parts it was put together from."""

from __future__ import annotations

from fractions import Fraction
from math import frexp, isqrt
from typing import Protocol

import numpy as np
import numpy.typing as npt
from attrs import frozen

from perfkit._core.blocks import blocks

FloatColumn = npt.NDArray[np.float64]
IntColumn = npt.NDArray[np.int64]
# Beyond these a square, or the split of one, would leave what floats hold exactly.
_LARGE, _SMALL = 1e140, 1e-140
_SPLIT = 134_217_729.0


class Statistic(Protocol):
    """A summary of a population that can be put together from those of its parts, exactly."""

    @property
    def count(self) -> int:
        """How many values there are."""
        ...


@frozen
class Extremes:
    """The least and the greatest value, and how many there are."""

    count: int = 0
    least: float = np.inf
    most: float = -np.inf

    @classmethod
    def of(cls, values: FloatColumn) -> Extremes:
        """Those of values of which none is missing."""
        if not len(values):
            return cls()
        least, most = np.float64(np.inf), np.float64(-np.inf)
        for block in blocks(len(values), 16_384):
            # Both of a block while it is in the cache; a missing value stays in both.
            least = np.minimum(least, np.minimum.reduce(values[block]))
            most = np.maximum(most, np.maximum.reduce(values[block]))
        return cls(len(values), float(least) + 0.0, float(most) + 0.0)

    def merged(self, other: Extremes) -> Extremes:
        """Those of both parts."""
        return Extremes(self.count + other.count, min(self.least, other.least), max(self.most, other.most))


@frozen
class Moments:
    """The count, the sum and the sum of squares, exact, so that the order of adding up never shows."""

    count: int = 0
    total: Fraction = Fraction(0)
    squares: Fraction = Fraction(0)

    @classmethod
    def of(cls, values: FloatColumn) -> Moments:
        """Those of values of which none is missing."""
        total, squares = Fraction(0), Fraction(0)
        for block in blocks(len(values)):
            some = np.asarray(values[block])
            total += exact_sum(some)
            squares += _exact_squares(some)
        return cls(len(values), total, squares)

    def merged(self, other: Moments) -> Moments:
        """Those of both parts."""
        return Moments(self.count + other.count, self.total + other.total, self.squares + other.squares)

    @property
    def mean(self) -> Fraction:
        """The arithmetic mean."""
        return self.total / self.count

    def variance(self, ddof: int) -> Fraction:
        """The mean square deviation, with ``count - ddof`` as the divisor."""
        return (self.squares - self.total * self.total / self.count) / (self.count - ddof)


@frozen(eq=False)
class Tally:
    """The distinct values in increasing order, and how often each occurs; or those of each group, one after another.

    Attributes:
        groups: the names of the groups, sorted; one empty name where there are no groups.
        starts: where the values of each group start, and the end of the last.
        values: distinct within a group.
        counts: how many have the value.
    """

    groups: tuple[str, ...]
    starts: IntColumn
    values: FloatColumn
    counts: IntColumn

    @classmethod
    def of(cls, values: FloatColumn) -> Tally:
        """That of one group."""
        return tallied(("",), np.zeros(len(values), dtype=np.int64), values, None)

    @property
    def count(self) -> int:
        """How many values there are."""
        return int(self.counts.sum())

    def merged(self, other: Tally) -> Tally:
        """That of both parts."""
        groups = tuple(sorted({*self.groups, *other.groups}))
        place = {group: position for position, group in enumerate(groups)}
        codes = [
            np.repeat(np.array([place[group] for group in part.groups], dtype=np.int64), np.diff(part.starts))
            for part in (self, other)
        ]
        values = np.concatenate([self.values, other.values])
        return tallied(groups, np.concatenate(codes), values, np.concatenate([self.counts, other.counts]))

    def whole(self) -> Tally:
        """That of all groups together."""
        return tallied(("",), np.zeros(len(self.values), dtype=np.int64), self.values, self.counts)

    def group(self, position: int) -> tuple[FloatColumn, IntColumn]:
        """The distinct values of a group and their counts."""
        some = slice(int(self.starts[position]), int(self.starts[position + 1]))
        return self.values[some], self.counts[some]

    def quantile(self, share: Fraction, position: int = 0) -> Fraction:
        """A quantile of a group, straight between its neighbours: rank 1 + (n - 1) p, as in NumPy and R (type 7)."""
        values, counts = self.group(position)
        reached = np.cumsum(counts)
        place = (int(reached[-1]) - 1) * share
        below = int(place)
        low = Fraction(float(values[int(np.searchsorted(reached, below, side="right"))]))
        if place == below:
            return low
        high = Fraction(float(values[int(np.searchsorted(reached, below + 1, side="right"))]))
        return low + (place - below) * (high - low)


def tallied(groups: tuple[str, ...], codes: IntColumn, values: FloatColumn, counts: IntColumn | None) -> Tally:
    """The tally of values whose groups are given by number, each counted once or as often as said.

    The numbers of the groups are used up: their column serves for the order of the rows, or for the counts.
    """
    values, starts, counts = _sorted_within(len(groups), codes, values, counts)
    # Minus nothing is nothing.
    values += 0.0
    first = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    first[starts[:-1][starts[:-1] < len(values)]] = True
    if first.all():
        if counts is None:
            # Nobody is alike; the column of the groups is there, and done with.
            counts = codes
            counts.fill(1)
        return Tally(groups, starts, values, counts)
    places = np.flatnonzero(first)
    tally = np.diff(places, append=len(values)) if counts is None else np.add.reduceat(counts, places)
    return Tally(groups, np.searchsorted(places, starts), values[places], tally)


# Groups that hold fewer values than this on average are sorted together, others one by one.
_FEW = 16


def _sorted_within(
    n_groups: int, codes: IntColumn, values: FloatColumn, counts: IntColumn | None
) -> tuple[FloatColumn, IntColumn, IntColumn | None]:
    """Values sorted within each group, group after group; where each group starts; the counts in that order."""
    starts = np.zeros(n_groups + 1, dtype=np.int64)
    np.cumsum(np.bincount(codes, minlength=n_groups), out=starts[1:])
    if n_groups == 1 and counts is None:
        return np.sort(values), starts, None
    if counts is not None or len(values) < _FEW * n_groups:
        order = np.argsort(values)
        order = order.take(by_group(codes.take(order)))
        return values.take(order), starts, None if counts is None else counts.take(order)
    values, start = values.take(by_group(codes)), 0
    for end in starts[1:].tolist():
        values[start:end].sort()
        start = end
    return values, starts, None


def by_group(codes: IntColumn) -> IntColumn:
    """The numbers of the rows group after group, in their order within each, written over those of the groups."""
    # Whole numbers are sorted faster than what they are the numbers of: each is its group, and its row behind that.
    bits = max(len(codes) - 1, 1).bit_length()
    codes <<= bits
    for block in blocks(len(codes)):
        codes[block] |= np.arange(block.start, block.stop)
    codes.sort()
    codes &= (1 << bits) - 1
    return codes


def exact_sum(values: FloatColumn) -> Fraction:
    """The sum of finite floats without any rounding.

    In each round the leading bits of every value are taken off as multiples of one unit, so few that their sum is
    exact in any order; what remains is exact too.

    Example:
        >>> exact_sum(np.array([1e16, 1.0, -1e16]))
        Fraction(1, 1)
    """
    total, rest = Fraction(0), values
    spare = max(len(values) - 1, 1).bit_length()
    while True:
        largest = float(np.max(np.abs(rest), initial=0.0))
        if largest == 0:
            return total
        exponent = frexp(largest)[1] + spare - 52
        if exponent > 960 or exponent < -1000:
            return total + sum(map(Fraction, rest.tolist()), Fraction(0))
        shifter = 1.5 * 2.0 ** (52 + exponent)
        leading = (rest + shifter) - shifter
        total += Fraction(float(leading.sum()))
        rest = rest - leading


def _exact_squares(values: FloatColumn) -> Fraction:
    """The sum of the squares of finite floats without any rounding."""
    size = np.abs(values)
    if np.max(size, initial=0.0) > _LARGE or np.min(size[size > 0], initial=1.0) < _SMALL:
        return sum((Fraction(value) ** 2 for value in values.tolist()), Fraction(0))
    # Each value is the sum of two halves whose products are exact (Dekker), and so is the error of the square.
    scaled = _SPLIT * values
    high = scaled - (scaled - values)
    low = values - high
    square = values * values
    error = ((high * high - square) + 2 * high * low) + low * low
    return exact_sum(square) + exact_sum(error)


def square_root(value: Fraction) -> Fraction:
    """The square root of a fraction, to 30 significant digits and the same everywhere.

    Example:
        >>> float(square_root(Fraction(2)))
        1.4142135623730951
    """
    if value == 0:
        return Fraction(0)
    # Both parts are scaled so that the integer root has enough digits.
    digits = 30
    shift = max(0, digits - (len(str(value.numerator)) - len(str(value.denominator))) // 2 + 1)
    return Fraction(isqrt(value.numerator * 100**shift // value.denominator), 10**shift)
