"""The exact cut: shares in proportion to weights, within floors and caps, in whole units, that add up to a whole.

Whoever sees everybody finds the value of a unit of weight and where the units left over stop; from then on each row
follows from its own weight, limits and key.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import gcd, lcm
from typing import Any, NamedTuple

import numpy as np
from attrs import field, frozen

from perfkit._core import integers
from perfkit._core.blocks import blocks
from perfkit._core.columns import BoolColumn
from perfkit._core.integers import AnyIntColumn, IntColumn
from perfkit._core.notebook import definition
from perfkit._core.numbers import exact
from perfkit._core.ratios import Ratios
from perfkit.errors import DataError, DefinitionError

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

    _repr_html_ = definition

    value: Fraction = field(converter=_not_negative)
    remainder: Fraction = field(default=Fraction(1), converter=_share)
    key: str = ""


class Quotas(NamedTuple):
    """Each row before the last units are given: whole units, and the rest of one over ``parts``.

    Rows at a floor or a cap have no rest; ``lifted`` are those whose floor is above what they would have, ``cut`` those
    whose cap is below it.
    """

    units: IntColumn
    rest: AnyIntColumn
    parts: AnyIntColumn | int
    lifted: BoolColumn
    cut: BoolColumn


@frozen(eq=False)
class Cuts:
    """The cuts of several groups, and the group of each row, ready to be applied row by row."""

    cuts: tuple[Cut, ...]
    group: IntColumn

    def shares(
        self, weights: Ratios, floors: IntColumn, caps: IntColumn, keys: Keys
    ) -> tuple[IntColumn, BoolColumn, BoolColumn]:
        """The units of each row, where a floor lifted them, and where a cap cut them."""
        weights = one_denominator(weights)
        units = np.empty(len(floors), dtype=np.int64)
        lifted, cut = np.empty(len(floors), dtype=np.bool_), np.empty(len(floors), dtype=np.bool_)
        for block in blocks(len(floors)):
            some = Ratios(weights.numerator[block], weights.denominator)
            given = self._quotas(some, floors[block], caps[block], block)
            units[block] = given.units + self._more(given, block, keys)
            lifted[block], cut[block] = given.lifted, given.cut
        return units, lifted, cut

    def _quotas(self, weights: Ratios, floors: IntColumn, caps: IntColumn, block: slice) -> Quotas:
        left, above = weights.numerator, self._column([cut.value.numerator for cut in self.cuts], block)
        below = self._column([cut.value.denominator for cut in self.cuts], block)
        parts = _times(below, int(weights.denominator))
        if isinstance(above, int) and isinstance(parts, int):
            common = gcd(above, parts)
            above, parts = above // common, parts // common
        if floors.any():
            side = integers.compare_products(left, above, floors, parts)
            at_floor, lifted = side <= 0, side < 0
        else:
            at_floor = np.asarray((left == 0) | (above == 0), dtype=np.bool_)
            lifted = np.zeros(len(floors), dtype=np.bool_)
        if len(caps) and int(caps.min()) >= UNLIMITED:
            at_cap, cut = np.zeros(len(floors), dtype=np.bool_), np.zeros(len(floors), dtype=np.bool_)
        else:
            side = integers.compare_products(left, above, caps, parts)
            at_cap, cut = ~at_floor & (side >= 0), ~at_floor & (side > 0)
        units, free = np.where(at_floor, floors, caps), np.flatnonzero(~at_floor & ~at_cap)
        whole, some = integers.multiply_divide(left[free], _some(above, free), _some(parts, free))
        rest = np.zeros(len(floors), dtype=some.dtype)
        fits = integers.narrow(whole)
        if fits is None:
            raise DataError("a share does not fit int64 units; check the fund or the budget, and the weights")
        units[free], rest[free] = fits, some
        return Quotas(units, rest, parts, lifted, cut)

    def _more(self, given: Quotas, block: slice, keys: Keys) -> IntColumn:
        """One more unit on the better side of the cut."""
        over = self._column([cut.remainder.numerator for cut in self.cuts], block)
        under = self._column([cut.remainder.denominator for cut in self.cuts], block)
        if isinstance(over, int) and isinstance(under, int) and isinstance(given.parts, int):
            # The rest is whole, so it is above, at or below a bar that may lie between two whole numbers.
            bar, between = divmod(over * given.parts, under)
            more = np.asarray(given.rest > bar, dtype=np.bool_)
            at_bar = np.zeros(0, dtype=np.int64) if between else np.flatnonzero(given.rest == bar)
        else:
            one = np.ones(len(given.rest), dtype=np.int64)
            side = integers.compare_products(given.rest, under, one, _times(given.parts, over))
            more, at_bar = side > 0, np.flatnonzero(side == 0)
        at_bar = at_bar[np.asarray(given.rest[at_bar] > 0, dtype=np.bool_)]
        if at_bar.size:
            last = np.array([cut.key for cut in self.cuts], dtype=object)
            more[at_bar] = keys(at_bar + block.start) <= last[self.group[block][at_bar]]
        return more.astype(np.int64)

    def quotas(self, weights: Ratios, floors: IntColumn, caps: IntColumn) -> Quotas:
        """Each row before the last units are given, for one group."""
        parts = [
            self._quotas(Ratios(weights.numerator[block], weights.denominator), floors[block], caps[block], block)
            for block in blocks(len(floors))
        ]
        columns = [
            np.concatenate(column) for column in zip(*((p.units, p.rest, p.lifted, p.cut) for p in parts), strict=True)
        ]
        return Quotas(columns[0], columns[1], parts[0].parts, columns[2], columns[3])

    def _column(self, numbers: list[int], block: slice) -> AnyIntColumn | int:
        if len(numbers) == 1:
            return numbers[0]
        wide = np.empty(len(numbers), dtype=object)
        wide[:] = numbers
        narrow = integers.narrow(wide)
        return (wide if narrow is None else narrow)[self.group[block]]


def _some(column: AnyIntColumn | int, rows: IntColumn) -> AnyIntColumn | int:
    return column if isinstance(column, int) else column[rows]


def _times(left: AnyIntColumn | int, right: AnyIntColumn | int) -> AnyIntColumn | int:
    if isinstance(left, int):
        return left * right if isinstance(right, int) else integers.multiply(right, left)
    return integers.multiply(left, right)


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
    least = integers.total(f)
    wanted = total - (integers.total(floors) - least)
    if wanted <= least or not active.size:
        return Cut(Fraction(0)), wanted - least
    most = wanted + 1 if int(c.max()) >= UNLIMITED else integers.total(c)
    if wanted >= most:
        # Any value from here on gives the caps; this one is above every cap where something is left.
        value = _greatest(c, n) + Fraction(wanted - most, integers.total(n))
        return Cut(value * int(weights.denominator)), wanted - most
    value = _level(wanted, n, f, c) * int(weights.denominator)
    one_group = Cuts((Cut(value),), np.zeros(len(n), dtype=np.int64))
    given = one_group.quotas(Ratios(n, weights.denominator), f, c)
    over = wanted - integers.total(given.units)
    if over == 0:
        return Cut(value), 0
    bar = np.partition(given.rest, len(given.rest) - over)[len(given.rest) - over]
    above = int(np.count_nonzero(given.rest > bar))
    tied = np.flatnonzero(given.rest == bar)
    last = sorted(keys(active[tied]).tolist())[over - above - 1]
    return Cut(value, Fraction(int(bar), int(np.max(given.parts))), last), 0


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
            f_done[rows] |= to_floor >= 0
            decided = reached
            fixed += integers.total(c[rows][decided])
        else:
            c_done[rows] |= to_cap <= 0
            decided = held
            fixed += integers.total(f[rows][decided])
        loose = ~decided & f_done[rows] & c_done[rows]
        free += integers.total(some[loose])
        rows = rows[~decided & ~loose]
    return Fraction(wanted - fixed) / free


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
