"""The exact cut: shares in proportion to weights, within floors and caps, in whole units, that add up to a whole.

Whoever sees everybody finds the value of a unit of weight and where the units left over stop; from then on each row
follows from its own weight, limits and key.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from attrs import field, frozen

from perfkit._core import integers
from perfkit._core.columns import BoolColumn
from perfkit._core.integers import AnyIntColumn, IntColumn
from perfkit._core.numbers import exact
from perfkit._core.ratios import Ratios
from perfkit.errors import DefinitionError

# No fund is that large: it stands for no cap at all.
UNLIMITED = 2**62
# From row numbers to the keys of these rows, as text.
Keys = Callable[[IntColumn], Any]


def _share(value: Any) -> Fraction:
    share = exact(value, what="a remainder", path="remainder")
    if not 0 <= share <= 1:
        raise DefinitionError(f"a remainder must be between 0 and 1 (got {value!r})", path="remainder")
    return share


def _not_negative(value: Any) -> Fraction:
    number = exact(value, what="a value", path="value")
    if number < 0:
        raise DefinitionError(f"a value must not be negative (got {value!r})", path="value")
    return number


@frozen
class Cut:
    """What everybody's shares have in common.

    Args:
        value: how many units each 1 of weight is worth, before limits and rounding.
        remainder: what is left of a unit and still gets a whole one; more than that always does.
        key: among those who have exactly that remainder, the last key that gets one.
    """

    value: Fraction = field(converter=_not_negative)
    remainder: Fraction = field(default=Fraction(1), converter=_share)
    key: str = ""


@frozen(eq=False)
class Cuts:
    """The cuts of several groups, and the group of each row, ready to be applied row by row."""

    cuts: tuple[Cut, ...]
    group: IntColumn

    def _column(self, numbers: list[int]) -> AnyIntColumn | int:
        if len(numbers) == 1:
            return numbers[0]
        wide = np.empty(len(numbers), dtype=object)
        wide[:] = numbers
        narrow = integers.narrow(wide)
        return (wide if narrow is None else narrow)[self.group]

    def shares(
        self, weights: Ratios, floors: IntColumn, caps: IntColumn, keys: Keys
    ) -> tuple[IntColumn, BoolColumn, BoolColumn]:
        """The units of each row, where a floor lifted them, and where a cap cut them."""
        weights = one_denominator(weights)
        left, above = weights.numerator, self._column([cut.value.numerator for cut in self.cuts])
        below = self._column([cut.value.denominator for cut in self.cuts])
        denominator = _times(below, int(weights.denominator))
        raised = integers.compare_products(left, above, floors, denominator) <= 0
        capped = ~raised & (integers.compare_products(left, above, caps, denominator) >= 0)
        units = np.where(raised, floors, caps)
        free = np.flatnonzero(~raised & ~capped)
        if free.size:
            units[free] = self._rounded(free, left, above, denominator, keys)
        lifted = raised & ~_equal(left, above, floors, denominator)
        return units, lifted, capped & ~_equal(left, above, caps, denominator)

    def _rounded(
        self, free: IntColumn, weights: AnyIntColumn, above: AnyIntColumn | int, below: AnyIntColumn | int, keys: Keys
    ) -> AnyIntColumn:
        """The units of the rows that no limit holds: rounded down, and one more on the better side of the cut."""
        parts = _some(below, free)
        whole, rest = integers.multiply_divide(weights[free], _some(above, free), parts)
        bar = _some(self._column([cut.remainder.numerator for cut in self.cuts]), free)
        bar_parts = _some(self._column([cut.remainder.denominator for cut in self.cuts]), free)
        one = np.ones(len(free), dtype=np.int64)
        side = integers.compare_products(rest, bar_parts, one, _times(parts, bar))
        more = side > 0
        tied = np.flatnonzero(side == 0)
        if tied.size:
            last = np.array([cut.key for cut in self.cuts], dtype=object)
            more[tied] = keys(free[tied]) <= last[self.group[free[tied]]]
        return whole + more


def _some(column: AnyIntColumn | int, rows: IntColumn) -> AnyIntColumn | int:
    return column if isinstance(column, int) else column[rows]


def _times(left: AnyIntColumn | int, right: AnyIntColumn | int) -> AnyIntColumn | int:
    if isinstance(left, int):
        return left * right if isinstance(right, int) else integers.multiply(right, left)
    return integers.multiply(left, right)


def _equal(left: AnyIntColumn, above: AnyIntColumn | int, right: AnyIntColumn, below: AnyIntColumn | int) -> BoolColumn:
    return np.asarray(integers.compare_products(left, above, right, below) == 0, dtype=np.bool_)


def one_denominator(weights: Ratios) -> Ratios:
    """The same fractions over one denominator."""
    if isinstance(weights.denominator, int):
        return weights
    parts = [int(part) for part in np.unique(weights.denominator)]
    common = lcm(*parts)
    return Ratios(integers.multiply(weights.numerator, common // weights.denominator.astype(object)), common)


def find_cut(total: int, weights: Ratios, floors: IntColumn, caps: IntColumn, keys: Keys) -> tuple[Cut, int]:
    """The cut that gives out a whole number of units, and how many units are left because every cap is reached.

    Args:
        total: the units, at least the sum of the floors.
        weights: of each row, none negative.
        floors: of each row, in units; a row without weight gets its floor.
        caps: of each row, in units, none below its floor; ``UNLIMITED`` for none.
        keys: the keys of some rows, which break ties.
    """
    weights = one_denominator(weights)
    active = np.flatnonzero(np.asarray(weights.numerator > 0, dtype=np.bool_))
    n, f, c = weights.numerator[active], floors[active], caps[active]
    idle = integers.total(floors) - integers.total(f)
    wanted = total - idle
    most = integers.total(c)
    if wanted <= integers.total(f) or not active.size:
        return Cut(Fraction(0)), wanted - integers.total(f)
    if wanted >= most:
        # Any value from here on gives the caps; this one is above every cap where something is left.
        value = _greatest(c, n) + Fraction(wanted - most, integers.total(n))
        return Cut(value * int(weights.denominator)), wanted - most
    level = _level(wanted, n, f, c)
    value = level * int(weights.denominator)
    group = np.zeros(len(n), dtype=np.int64)
    floored = Cuts((Cut(value),), group).shares(Ratios(n, weights.denominator), f, c, keys)[0]
    over = wanted - integers.total(floored)
    if over == 0:
        return Cut(value), 0
    _, rest = integers.multiply_divide(n, level.numerator, level.denominator)
    inside = (integers.compare_products(n, level.numerator, f, level.denominator) > 0) & (
        integers.compare_products(n, level.numerator, c, level.denominator) < 0
    )
    rest = np.where(inside, rest, 0)
    bar = np.partition(rest, len(rest) - over)[len(rest) - over]
    above = int(np.count_nonzero(rest > bar))
    tied = np.flatnonzero(rest == bar)
    last = sorted(keys(active[tied]).tolist())[over - above - 1]
    return Cut(value, Fraction(int(bar), level.denominator), last), 0


def _greatest(amounts: AnyIntColumn, weights: AnyIntColumn) -> Fraction:
    """The greatest amount for each 1 of weight."""
    near = amounts.astype(np.float64) / weights.astype(np.float64)
    close = np.flatnonzero(near >= near.max() * (1 - 2.0**-40))
    return max(Fraction(int(amounts[row]), int(weights[row])) for row in close.tolist())


def _level(wanted: int, n: AnyIntColumn, f: AnyIntColumn, c: AnyIntColumn) -> Fraction:
    """The value of a unit of weight at which shares between floors and caps add up to what is wanted, exactly.

    Between two neighbouring breakpoints (where somebody leaves a floor or reaches a cap) the sum is a straight line.
    The breakpoints are halved until none is left inside.
    """
    if not f.any() and bool(np.all(c >= UNLIMITED)):
        return Fraction(wanted, integers.total(n))
    fixed, free = 0, 0
    low, high = Fraction(0), None
    f_done, c_done = np.asarray(f == 0), np.asarray(c >= UNLIMITED)
    free += integers.total(n[f_done & c_done])
    rows = np.flatnonzero(~(f_done & c_done))
    while rows.size:
        at = _middle(rows, n, f, c, f_done, c_done)
        some, over, under = n[rows], at.numerator, at.denominator
        to_floor = integers.compare_products(some, over, f[rows], under)
        to_cap = integers.compare_products(some, over, c[rows], under)
        held, reached = to_floor <= 0, to_cap >= 0
        between = integers.total(some[~held & ~reached])
        clamped = integers.total(f[rows][held]) + integers.total(c[rows][~held & reached])
        reaches = fixed + clamped + (free + between) * at
        if reaches == wanted:
            return at
        if reaches < wanted:
            low = at
            f_done[rows] |= to_floor >= 0
            decided = reached
            fixed += integers.total(c[rows][decided])
        else:
            high = at
            c_done[rows] |= to_cap <= 0
            decided = held
            fixed += integers.total(f[rows][decided])
        loose = ~decided & f_done[rows] & c_done[rows]
        free += integers.total(some[loose])
        rows = rows[~decided & ~loose]
    level = Fraction(wanted - fixed) / free
    if level < low or (high is not None and level > high):
        raise DefinitionError("the shares could not be cut; weights, floors and caps must be whole and not negative")
    return level


def _middle(
    rows: IntColumn, n: AnyIntColumn, f: AnyIntColumn, c: AnyIntColumn, f_done: BoolColumn, c_done: BoolColumn
) -> Fraction:
    """A breakpoint near the middle of those that are left."""
    leaves, reaches = rows[~f_done[rows]], rows[~c_done[rows]]
    amounts = np.concatenate([f[leaves], c[reaches]])
    weights = np.concatenate([n[leaves], n[reaches]])
    near = amounts.astype(np.float64) / weights.astype(np.float64)
    middle = int(np.argpartition(near, len(near) // 2)[len(near) // 2])
    return Fraction(int(amounts[middle]), int(weights[middle]))
