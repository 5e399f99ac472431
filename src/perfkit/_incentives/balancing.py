"""Zero-sum calibration: factors given by hand, brought to the average that they must have."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from attrs import field, frozen

from perfkit._core import integers
from perfkit._core.checks import optional_text, text
from perfkit._core.columns import FILL, Need, Rows, read_rows
from perfkit._core.integers import IntColumn
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact, plain
from perfkit._core.ratios import Ratios
from perfkit._incentives.cohort import check_keys, key_text, members_of
from perfkit._incentives.cuts import UNLIMITED, Cut, Cuts, find_cut, one_denominator
from perfkit.errors import DataError, DefinitionError, UnfittedError
from perfkit.explain import SILENT, AnyRecorder


def _number(value: Number) -> Fraction:
    return exact(value, what="a factor")


def _optional(value: Number | None) -> Fraction | None:
    return None if value is None else exact(value, what="a factor")


@frozen
class ZeroSum:
    """Individual factors that must balance: scaled until their average is what it must be, on a grid, within limits.

    What one gains others give: the factors of a group add up to its head count times the average, exactly. It must see
    everybody first; :meth:`fit` gives a factor that a plan can multiply by. To balance by money and not by heads, share
    a :class:`Pool` of the sum of targets by factor.

    Args:
        on: the column of factors as they were proposed, none negative.
        key: the column that says who a row is; it breaks ties.
        average: what the factors of a group must average.
        step: the grid of the factors.
        low: the least factor.
        high: the greatest factor; none when not given.
        within: the column of the group that balances by itself; everybody together when not given.

    Raises:
        DefinitionError: for a step that is not positive, limits that are not on its grid or do not hold the average.

    Example:
        >>> proposed = {"who": ["ana", "ben", "cleo"], "factor": [1.5, 1.2, 0.9]}
        >>> ZeroSum("factor", key="who", step=0.05, high=1.3).fit(proposed).values(proposed)
        [Fraction(5, 4), Fraction(1, 1), Fraction(3, 4)]
    """

    _repr_html_ = definition

    on: str = field(converter=text)
    key: str = field(converter=text, kw_only=True)
    average: Fraction = field(default=Fraction(1), converter=_number, kw_only=True)
    step: Fraction = field(default=Fraction(1, 100), converter=_number, kw_only=True)
    low: Fraction = field(default=Fraction(0), converter=_number, kw_only=True)
    high: Fraction | None = field(default=None, converter=_optional, kw_only=True)
    within: str | None = field(default=None, converter=optional_text, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.step <= 0:
            raise DefinitionError(f"step must be positive (got {plain(self.step)})", path="step")
        for what, value in (("average", self.average), ("low", self.low), ("high", self.high)):
            if value is not None and ((value / self.step).denominator != 1 or value < 0):
                raise DefinitionError(
                    f"{what} must be a multiple of {plain(self.step)}, and not negative (got {plain(value)})",
                    path=what,
                )
        if self.low > self.average or (self.high is not None and self.high < self.average):
            high = "none" if self.high is None else plain(self.high)
            raise DefinitionError(
                f"the average must lie between low and high (got {plain(self.average)} between {plain(self.low)} and "
                f"{high})",
                path="average",
            )

    def needs(self) -> tuple[Need, ...]:
        """The columns that a factor is made of."""
        group = () if self.within is None else (Need(self.within, "category"),)
        return (Need(self.on), Need(self.key, "category"), *group)

    def exact(self, rows: Rows, record: AnyRecorder) -> Ratios:
        """Nothing: it is fitted first.

        Raises:
            UnfittedError: always.
        """
        raise UnfittedError(f"zero-sum factors on {self.on!r} must see everybody first: call fit(everyone)")

    def fit(self, data: Any, **columns: Any) -> BalancedFactor:
        """The frozen factor for everybody in the data.

        Raises:
            DataError: for a person with two rows, a negative factor, or a group whose factors cannot have the average.
        """
        rows = read_rows(data, [need.name for need in self.needs()], columns)
        check_keys(rows, self.key)
        weights = one_denominator(_proposed(self, rows))
        names = _groups(self, rows)
        cuts = []
        for name, members in members_of(names).items():
            cuts.append((name, self._cut(name, rows, members, weights)))
        return BalancedFactor(self, cuts)

    def _cut(self, name: str, rows: Rows, members: IntColumn, weights: Ratios) -> Cut:
        total = int(self.average / self.step) * len(members)
        low, high = _limits(self, len(members))
        some = Ratios(weights.numerator[members], weights.denominator)
        cut, over = find_cut(total, some, low, high, key_text(rows, self.key, members))
        if over:
            where = f" of group {name!r}" if self.within else ""
            raise DataError(
                f"the factors{where} cannot average {plain(self.average)}: at their limits the {len(members)} of "
                f"them are {plain(over * self.step)} short; raise high, or give fewer factors of 0",
                column=self.on,
            )
        return cut


def _proposed(rule: ZeroSum, rows: Rows) -> Ratios:
    proposed = rows.exact(rule.on)
    good = np.asarray(proposed.numerator >= 0, dtype=np.bool_)
    rows.require(good, rule.on, "must not be negative", "a factor of 0 gives nothing")
    return proposed


def _groups(rule: ZeroSum, rows: Rows) -> list[str]:
    if rule.within is None:
        return [""] * rows.n
    names = rows.category(rule.within)
    there = np.array([name is not None for name in names], dtype=np.bool_)
    rows.require(there, rule.within, "must say which group a row is in", FILL)
    return [str(name) for name in names]


def _limits(rule: ZeroSum, n: int) -> tuple[IntColumn, IntColumn]:
    high = UNLIMITED if rule.high is None else int(rule.high / rule.step)
    return np.full(n, int(rule.low / rule.step), dtype=np.int64), np.full(n, high, dtype=np.int64)


def _cuts(cuts: Any) -> tuple[tuple[str, Cut], ...]:
    return tuple((str(name), cut) for name, cut in cuts)


@frozen
class BalancedFactor:
    """Zero-sum factors that have seen everybody: each follows from the row itself. It is a factor for a plan.

    Attributes:
        rule: what was fitted.
        cuts: for each group, the scale and where the last steps go.
    """

    _repr_html_ = definition

    rule: ZeroSum
    cuts: tuple[tuple[str, Cut], ...] = field(converter=_cuts)

    def needs(self) -> tuple[Need, ...]:
        """The columns that a factor is made of."""
        return self.rule.needs()

    def exact(self, rows: Rows, record: AnyRecorder) -> Ratios:
        """The factor of each row."""
        rule = self.rule
        proposed = _proposed(rule, rows)
        places = {name: place for place, (name, _) in enumerate(self.cuts)}
        which = np.array([places.get(name, -1) for name in _groups(rule, rows)], dtype=np.int64)
        rows.require(which >= 0, str(rule.within), "must be a group that was fitted", "fit again")
        steps, _, _ = Cuts(tuple(cut for _, cut in self.cuts), which).shares(
            proposed, *_limits(rule, rows.n), key_text(rows, rule.key)
        )
        found = Ratios(integers.multiply(steps, rule.step.numerator), rule.step.denominator)
        if record:
            scale = self.cuts[int(which[0])][1].value * rule.step
            record.leaf(
                "balanced",
                found.fraction(0),
                label=rule.on,
                proposed=proposed.fraction(0),
                scale=scale,
                average=rule.average,
            )
        return found

    def values(self, data: Any, **columns: Any) -> list[Fraction]:
        """The factor of each row, as fractions."""
        rows = read_rows(data, [need.name for need in self.needs()], columns)
        from_rows = self.exact(rows, SILENT)
        return [from_rows.fraction(row) for row in range(rows.n)]
