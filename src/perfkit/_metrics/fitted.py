"""Scales that have seen their population: frozen, one curve for everybody or one for each group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from attrs import cmp_using, evolve, field, frozen

from perfkit._core.blocks import BLOCK
from perfkit._core.checks import instance, several, truth
from perfkit._core.columns import FloatColumn, Rows
from perfkit._core.notebook import definition
from perfkit._core.statistics import IntColumn, Tally
from perfkit._core.stretches import Stretches
from perfkit._metrics.groups import GroupIndex
from perfkit._metrics.scales import Percentile, Unseen, constant_curve
from perfkit.curves import Curve, Knot
from perfkit.errors import DataError, DefinitionError
from perfkit.explain import AnyRecorder


def _names(names: Iterable[str]) -> tuple[str, ...]:
    found = several(names)
    twice = [name for name, times in Counter(found).items() if times > 1]
    if twice:
        raise DefinitionError(f"groups must differ (got {twice[0]!r} {Counter(found)[twice[0]]} times)", path="groups")
    return found


def _curves(curves: Iterable[Curve]) -> tuple[Curve, ...]:
    return several(curves)


def _floats(values: Any) -> FloatColumn:
    column = np.ascontiguousarray(values, dtype=np.float64).view()
    column.flags.writeable = False
    return column


def _integers(values: Any) -> IntColumn:
    given = np.asarray(values)
    column = np.ascontiguousarray(given, dtype=np.int64).view()
    if given.dtype != np.int64 and not np.array_equal(column, given):
        raise DefinitionError("starts and counts of a fitted percentile must be whole numbers", path="counts")
    column.flags.writeable = False
    return column


def group_codes(index: GroupIndex, rows: Rows, within: str, unseen: Unseen, x: FloatColumn) -> IntColumn:
    """The number of each row's group; -1 for the others, where the scale does not refuse them.

    Who has no value needs no group either, in a score as in a fit.
    """
    codes = index.codes(rows, within)
    if unseen == "refuse" and (codes < 0).any():
        known = (codes >= 0) | np.isnan(x)
        if not known.all():
            first = rows.category(within)[int(np.flatnonzero(~known)[0])]
            named = "no group" if first is None else f"{first!r}"
            expected = f"must name a group that was there when the scale was fit (got {named})"
            rows.require(known, within, expected, "fit again, or say what others score with unseen=")
    return codes


@frozen
class FittedScale:
    """A scale that has seen its population: a curve for everybody, or one for each group.

    Attributes:
        scale: what was fit.
        overall: the curve of everybody; none where the scale knows its groups only.
        groups: the names of the groups, sorted.
        curves: the curve of each group.
    """

    _repr_html_ = definition

    scale: Any
    overall: Curve | None = field(default=None, validator=instance(Curve, type(None)))
    groups: tuple[str, ...] = field(default=(), converter=_names)
    curves: tuple[Curve, ...] = field(default=(), converter=_curves)

    def __attrs_post_init__(self) -> None:
        if len(self.groups) != len(self.curves) or (self.overall is None and not self.curves):
            raise DefinitionError(
                f"a fitted scale has a curve for each of its groups (got {len(self.groups)} and {len(self.curves)})",
                path="curves",
            )

    @property
    def within(self) -> str | None:
        """The column of groups."""
        name: str | None = self.scale.within
        return name

    def curve(self, group: str | None = None) -> Curve:
        """The curve of a group, or of everybody."""
        if group in self.groups:
            return self.curves[self.groups.index(group)]
        if self.overall is None:
            raise DataError(
                f"the scale knows no group {group!r}; it has {', '.join(self.groups[:8])}", column=self.within
            )
        return self.overall

    @property
    def is_step(self) -> bool:
        """Whether the last bit of a number can decide on which step it lies."""
        return not all(curve.is_continuous for curve in (*self.curves, *([self.overall] if self.overall else [])))

    def measure(self, x: FloatColumn, rows: Rows) -> FloatColumn:
        """The value of each row."""
        if self.within is None:
            return self.curve().floats(x)
        codes = group_codes(self._index, rows, self.within, self.scale.unseen, x)
        values = np.full(len(x), np.nan)
        order = np.argsort(codes, kind="stable")
        ends = np.searchsorted(codes[order], np.arange(-1, len(self.groups)), side="right")
        for code in np.unique(codes).tolist():
            some = order[0 if code < 0 else ends[code] : ends[code + 1]]
            if code >= 0:
                values[some] = self.curves[code].floats(x[some])
            elif self.scale.unseen == "whole" and self.overall is not None:
                values[some] = self.overall.floats(x[some])
        return values

    def record(self, record: AnyRecorder, rows: Rows, x: float, y: float) -> None:
        """State in an explanation where on the scale a row lies."""
        group = None if self.within is None else _group_of(rows, self.within)
        self.curve(group if group in self.groups else None).record(record, x, y)
        if self.within is not None:
            record.says(within=self.within, group=group)
            self.tell_whose(record, group)

    def tell_whose(self, record: AnyRecorder, group: str | None) -> None:
        """State whose curve a row of a group was measured by, where there are groups."""
        if self.within is not None:
            code = "curve_within" if group in self.groups else "curve_of_all"
            record.leaf(code, None, group=group, within=self.within)

    @cached_property
    def _index(self) -> GroupIndex:
        return GroupIndex(self.groups)


@frozen
class FittedPercentile:
    """A percentile that has seen its population: how many have each value, in each group.

    Attributes:
        scale: what was fit.
        lower_is_better: whether the rank is counted from the top.
        groups: the names of the groups, sorted; one empty name where there are none.
        starts: where the values of each group start, and the end of the last.
        values: the distinct values of each group, increasing.
        counts: how many people have each.
    """

    _repr_html_ = definition

    scale: Percentile
    lower_is_better: bool = field(converter=truth)
    groups: tuple[str, ...] = field(converter=_names)
    starts: IntColumn = field(converter=_integers, eq=cmp_using(np.array_equal), hash=False, repr=False)
    values: FloatColumn = field(converter=_floats, eq=cmp_using(np.array_equal), hash=False, repr=False)
    counts: IntColumn = field(converter=_integers, eq=cmp_using(np.array_equal), hash=False, repr=False)

    def __attrs_post_init__(self) -> None:
        starts, n = self.starts, len(self.values)
        rising = np.ones(max(n - 1, 0), dtype=np.bool_) if n < 2 else self.values[1:] > self.values[:-1]
        fits: Any = len(starts) == len(self.groups) + 1 and len(self.counts) == n and np.isfinite(self.values).all()
        fits = fits and starts[0] == 0 and starts[-1] == n and bool((np.diff(starts) > 0).all())
        if fits and n > 1:
            rising[starts[1:-1] - 1] = True
        if not fits or not rising.all() or not (self.counts > 0).all():
            raise DefinitionError(
                "a fitted percentile has increasing values with their counts, group by group", path="values"
            )

    @property
    def within(self) -> str | None:
        """The column of groups."""
        return self.scale.within

    is_step = True

    def curve(self, group: str | None = None) -> Curve:
        """The curve of a group, or of everybody."""
        if self.within is None:
            return self._curve_of(self._tally, 0)
        if self._knows(group):
            return self._curve_of(self._tally, self.groups.index(str(group)))
        if self.scale.unseen != "whole":
            raise DataError(
                f"the scale knows no group {group!r}; it has {', '.join(self.groups[:8])}", column=self.within
            )
        return self._curve_of(self._tally.whole(), 0)

    def _curve_of(self, tally: Tally, position: int) -> Curve:
        values, counts = tally.group(position)
        n = int(counts.sum())
        if self._divisor(n) == 0:
            return constant_curve(self.scale.constant, "the definition divides by zero for a single person")
        below = np.cumsum(counts) - counts
        shares = [self._share(int(b), int(c), n) for b, c in zip(below, counts, strict=True)]
        places = [Fraction(str(value)) for value in values.tolist()]
        first, last = (Fraction(1), Fraction(0)) if self.lower_is_better else (Fraction(0), Fraction(1))
        if self.scale.between == "line":
            return Curve.through(*zip(places, shares, strict=True), below=first, above=last)
        knots = []
        for i, (place, share) in enumerate(zip(places, shares, strict=True)):
            before = shares[i - 1] if i else first
            after = shares[i + 1] if i + 1 < len(shares) else last
            if self.lower_is_better:
                knots.append(Knot(place, share if i else first, share, after))
            else:
                knots.append(Knot(place, before, share, share if i + 1 < len(shares) else last))
        return Curve(knots)

    def _divisor(self, n: Any) -> Any:
        return n + {"rank_share": 0, "percent_rank": -1, "midpoint": 0, "mean_rank": 1}[self.scale.definition]

    def _share(self, below: int, alike: int, n: int) -> Fraction:
        return Fraction(int(self._doubled_rank(below, alike, n)), 2 * self._divisor(n))

    def _doubled_rank(self, below: Any, alike: Any, n: Any) -> Any:
        """Twice the rank, less what the definition takes off: a whole number."""
        doubled = 2 * (n - below - alike if self.lower_is_better else below)
        if self.scale.ties == "average":
            doubled = doubled + alike
        elif self.scale.ties == "highest":
            doubled = doubled + 2 * alike
        taken_off = {"percent_rank": 2, "midpoint": 1}.get(self.scale.definition, 0)
        return doubled + ({"lowest": 2, "average": 1, "highest": 0}[self.scale.ties] - taken_off)

    def measure(self, x: FloatColumn, rows: Rows) -> FloatColumn:
        """The percentile of each row."""
        if self.within is None:
            return self._looked_up(x, np.zeros(len(x), dtype=np.int64))
        codes = group_codes(self._index, rows, self.within, self.scale.unseen, x)
        known = codes >= 0
        if known.all():
            return self._looked_up(x, codes)
        values = np.full(len(x), np.nan)
        values[known] = self._looked_up(x[known], codes[known])
        if self.scale.unseen == "whole":
            everybody, others = self._everybody, x[~known]
            values[~known] = everybody._looked_up(others, np.zeros(len(others), dtype=np.int64))
        return values

    def _looked_up(self, x: FloatColumn, codes: IntColumn) -> FloatColumn:
        """The share of the value that a row has, or holds, or lies between."""
        passed = self._stretches.passed(codes, x, at=not self.lower_is_better)
        if self.scale.between == "line":
            found = self._between(x, codes, passed.last)
        elif self._differ:
            below = passed.number if self.lower_is_better else passed.number - 1
            people = self._people.take(codes) if self.lower_is_better else 0
            found = self._doubled_rank(below, 1, people) / self._doubled_divisor.take(codes)
        else:
            # Where lower is better, what is held is that of the next higher value.
            found = self._shares.take(passed.last + self.lower_is_better, mode="clip")
        # What one worse than everybody and one better than everybody have.
        low, high = (1.0, 0.0) if self.lower_is_better else (0.0, 1.0)
        x, codes = x[passed.ends], codes[passed.ends]
        found[passed.ends[x < self._least[codes]]] = low
        found[passed.ends[x > self._most[codes]]] = high
        found[passed.ends[np.isnan(x)]] = np.nan
        return found

    def _between(self, x: FloatColumn, codes: IntColumn, passed: IntColumn) -> FloatColumn:
        """Straight between the two people that x lies between."""
        first, last = self.starts[codes], self.starts[codes + 1]
        held = np.clip(passed + self.lower_is_better, first, last - 1)
        lower = np.maximum(passed, first)
        upper = np.minimum(lower + 1, last - 1)
        gap = self.values[upper] - self.values[lower]
        part = np.where(gap > 0, (x - self.values[lower]) / np.where(gap > 0, gap, 1.0), 0.0)
        straight = self._shares[lower] + part * (self._shares[upper] - self._shares[lower])
        return np.where(self.values[held] == x, self._shares[held], straight)

    def require_defined(self) -> None:
        """Refuse groups in which the definition divides by zero, where nothing is said for them."""
        alone = (np.asarray(self._divisor(self._people)) == 0) & (self._people >= self.scale.smallest)
        if alone.any() and self.scale.constant == "refuse":
            group = self.groups[int(np.flatnonzero(alone)[0])]
            of = f"group {group!r} has" if self.within is not None else "there is"
            raise DefinitionError(
                f"{of} a single person, and percent_rank divides by n - 1; say what such a person scores with "
                "constant=, or how small a group may be with smallest="
            )

    def record(self, record: AnyRecorder, rows: Rows, x: float, y: float) -> None:
        """State in an explanation where among its peers a row lies."""
        group = None if self.within is None else _group_of(rows, self.within)
        of = self if self.within is None or self._knows(group) else self._everybody
        position = 0 if of.within is None else of.groups.index(str(group))
        values, counts = of._tally.group(position)
        at = np.searchsorted(values, x, side="left")
        alike = int(counts[at]) if at < len(values) and values[at] == x else 0
        below = int(counts[:at].sum())
        record.says(
            "percentile" if self.within is None else "percentile_within" if of is self else "percentile_of_all",
            value=y,
            relation="affine",
            slope=0,
            intercept=y,
            definition=self.scale.definition,
        )
        record.says(ties=self.scale.ties, below=below, alike=alike, count=int(counts.sum()))
        if self.within is not None:
            record.says(within=self.within, group=group)

    @cached_property
    def _differ(self) -> bool:
        """Whether no two people of a group are alike, and every group has a rank: then shares need no table."""
        return bool(self.counts.max() == 1 and self._doubled_divisor.all())

    @cached_property
    def _doubled_divisor(self) -> FloatColumn:
        """Twice what the ranks of each group are divided by."""
        return np.asarray(2 * self._divisor(self._people), dtype=np.float64)

    @cached_property
    def _shares(self) -> FloatColumn:
        """The share of each value, some groups at a time."""
        shares, constant = np.empty(len(self.values)), self.scale.constant
        alone = float(constant) if isinstance(constant, Fraction) else np.nan
        edges = np.searchsorted(self.starts, np.arange(0, len(shares), BLOCK))
        for groups in map(slice, edges, np.append(edges[1:], len(self.groups))):
            starts = self.starts[groups.start : groups.stop + 1]
            some, lengths = slice(starts[0], starts[-1]), np.diff(starts)
            counts, divisor = self.counts[some], np.repeat(self._doubled_divisor[groups], lengths)
            below = np.cumsum(counts) - counts
            below -= np.repeat(below[starts[:-1] - starts[0]], lengths)
            people = np.repeat(self._people[groups], lengths) if self.lower_is_better else 0
            with np.errstate(divide="ignore", invalid="ignore"):
                np.divide(self._doubled_rank(below, counts, people), divisor, out=shares[some])
            shares[some][divisor == 0] = alone
        shares.flags.writeable = False
        return shares

    @cached_property
    def _stretches(self) -> Stretches:
        return Stretches(self.values, self.starts)

    @cached_property
    def _least(self) -> FloatColumn:
        """The least value of each group."""
        return self.values[self.starts[:-1]]

    @cached_property
    def _most(self) -> FloatColumn:
        """The greatest value of each group."""
        return self.values[self.starts[1:] - 1]

    @cached_property
    def _tally(self) -> Tally:
        return Tally(self.groups, self.starts, self.values, self.counts)

    @cached_property
    def _everybody(self) -> FittedPercentile:
        whole = self._tally.whole()
        alone = evolve(self.scale, within=None, unseen="refuse", smallest=1)
        return FittedPercentile(alone, self.lower_is_better, whole.groups, whole.starts, whole.values, whole.counts)

    @cached_property
    def _people(self) -> IntColumn:
        """How many people each group has."""
        return np.add.reduceat(self.counts, self.starts[:-1])

    def _knows(self, group: str | None) -> bool:
        return group in self.groups and int(self._people[self.groups.index(group)]) >= self.scale.smallest

    @cached_property
    def _index(self) -> GroupIndex:
        return GroupIndex(self.groups, self._people >= self.scale.smallest)


def _group_of(rows: Rows, within: str) -> str | None:
    name = rows.category(within)[0]
    return None if name is None else str(name)
