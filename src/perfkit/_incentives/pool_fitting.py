"""The way from a pool and its people to the slices that they share."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from perfkit._core import integers
from perfkit._core.columns import FILL, BoolColumn, Rows
from perfkit._core.integers import IntColumn
from perfkit._core.numbers import plain
from perfkit._core.ratios import Ratios
from perfkit._core.tables import AnyColumn
from perfkit._incentives.cohort import key_text, members_of
from perfkit._incentives.cuts import UNLIMITED, Cut, Cuts, Keys, find_cut, one_denominator
from perfkit._incentives.factors import money_or_number, read_factor
from perfkit._incentives.funding import Funding, Results
from perfkit._incentives.pool_terms import factor_name, terms
from perfkit._incentives.slices import FundSlice, Path
from perfkit.errors import SHOWN, DataError
from perfkit.explain import SILENT, AnyRecorder
from perfkit.money import Money
from perfkit.typing import Progress

if TYPE_CHECKING:
    from perfkit._incentives.pools import GroupShare, Pool


def funding_parts(fund: Any) -> tuple[Funding, ...]:
    """What fills a fund; nothing where it is an amount."""
    return fund if isinstance(fund, tuple) else ()


def fund_amount(
    fund: Any, rows: Rows, members: BoolColumn, results: Results, scale: int, record: AnyRecorder, currency: str = ""
) -> Fraction:
    """A fund in major units."""
    if not isinstance(fund, tuple):
        amount = fund.exact if isinstance(fund, Money) else fund
        record.leaf("base", money_or_number(amount, currency) if currency else amount, label="fixed amount")
        return Fraction(amount)
    total = Fraction(0)
    for part in fund:
        targets = None
        if part.of is not None:
            targets = Fraction(integers.total(rows.money(part.of)[members]), scale)
        total += part.amount(results, targets, record, currency)
    return total


class PoolFit:
    """The way from a pool and its people to slices; used once and thrown away."""

    def __init__(self, pool: Pool, rows: Rows, results: Results, progress: Progress | None = None) -> None:
        self.pool, self.rows, self.results, self.progress = pool, rows, results, progress
        self.weights, self.floors, self.caps, _ = terms(pool, rows)
        self.codes = [rows.category(level.on) for level in pool.within]
        for level, codes in zip(pool.within, self.codes, strict=True):
            there = np.array([code is not None for code in codes], dtype=np.bool_)
            rows.require(there, level.on, "must say which group a row is in", FILL)

    def slices(self) -> tuple[FundSlice, ...]:
        pool, found = self.pool, []
        everyone = np.arange(self.rows.n)
        for path, fund in pool.funds:
            members = everyone if not path else np.flatnonzero(np.asarray(self.codes[0] == path[0], dtype=np.bool_))
            mask = np.zeros(self.rows.n, dtype=np.bool_)
            mask[members] = True
            amount = fund_amount(fund, self.rows, mask, self.results, pool.scale, SILENT) * pool.scale
            minor = int(amount)
            # A part of a cent that a curve gives is in no fund.
            reserve = min(int(pool.reserve * pool.scale), minor)
            units, rest = divmod(minor - reserve, pool.step)
            left = [("reserve", reserve), ("unit", rest)]
            found += self._split(path, units, members, left)
        if pool.has_group_funds:
            self._refuse_unknown([path[0] for path, _ in pool.funds])
        return tuple(found)

    def _refuse_unknown(self, known: list[str]) -> None:
        name = self.pool.within[0].on
        good = np.isin(self.codes[0].astype(str), np.array(known))
        self.rows.require(
            good, name, f"must be a group with a fund: {', '.join(known)}", "give it a fund, of 0 if none"
        )

    def _split(self, path: Path, units: int, members: IntColumn, left: list[tuple[str, int]]) -> list[FundSlice]:
        pool = self.pool
        self._refuse_floors(path, units, members)
        if len(path) == len(pool.within):
            cut, over = self._cut(path, units, self._some(members), self._keys(members), members)
            minor = units * pool.step + sum(amount for _, amount in left)
            if self.progress is not None and len(members):
                self.progress(len(members))
            sharing = int(np.count_nonzero(self.weights.numerator[members] > 0))
            return [FundSlice(path, minor, cut, len(members), _kept([*left, *over]), sharing=sharing)]
        level = pool.within[len(path)]
        codes = self.codes[len(path)][members]
        by_name = {name: members[rows] for name, rows in members_of(codes.tolist()).items()}
        by_name |= dict.fromkeys(self._empty(level, self.codes[len(path)]), members[:0])
        names, groups = list(by_name), list(by_name.values())
        labels = np.array(names, dtype=object)
        cut, over = self._cut(path, units, self._groups(level, names, groups), lambda rows: labels[rows], members)
        shares = Cuts((cut,), np.zeros(len(names), dtype=np.int64)).shares(
            *self._groups(level, names, groups), lambda rows: labels[rows]
        )[0]
        kept = _kept([*left, *over])
        # What stays above the groups is a slice without people.
        found = [FundSlice(path, sum(amount for _, amount in kept), left=kept)] if kept else []
        for name, group, share in zip(names, groups, shares.tolist(), strict=True):
            found += self._split((*path, name), share, group, [])
        return found

    def _empty(self, level: GroupShare, codes: AnyColumn) -> list[str]:
        """Groups with a weight and nobody in them anywhere, whose share is for nobody else unless it is said so."""
        if self.pool.nobody == "share":
            return []
        present = set(codes.tolist())
        return [name for name, weight in level.weights or () if weight and name not in present]

    def _some(self, members: IntColumn) -> tuple[Ratios, IntColumn, IntColumn]:
        weights = Ratios(self.weights.numerator[members], self.weights.denominator)
        return weights, self.floors[members], self.caps[members]

    def _groups(
        self, level: GroupShare, names: list[str], groups: list[IntColumn]
    ) -> tuple[Ratios, IntColumn, IntColumn]:
        if level.weights is not None:
            given = dict(level.weights)
            absent = [name for name in names if name not in given]
            if absent:
                raise DataError(f"group {absent[0]!r} of {level.on!r} must have a weight; add it", column=level.on)
            weights = Ratios.of_fractions([given[name] for name in names])
        else:
            members = self.weights
            if level.by is not None:
                members = one_denominator(read_factor(level.by, self.rows, SILENT, "by"))
                good = np.asarray(members.numerator >= 0, dtype=np.bool_)
                self.rows.require(good, factor_name(level.by), "must give weights that are not negative", "check it")
            sums = np.array([integers.total(members.numerator[group]) for group in groups], dtype=object)
            narrow = integers.narrow(sums)
            weights = Ratios(sums if narrow is None else narrow, members.denominator)
        floors = np.array([min(integers.total(self.floors[group]), UNLIMITED) for group in groups], dtype=np.int64)
        # The share of a group in which nobody has any weight is not for the others, unless it is said so.
        share = self.pool.nobody == "share"
        takes = [self._most(group) if share or self._weighs(group) else UNLIMITED for group in groups]
        return weights, floors, np.array([min(most, UNLIMITED) for most in takes], dtype=np.int64)

    def _weighs(self, group: IntColumn) -> bool:
        """Whether anybody in a group has a weight."""
        return bool(np.any(self.weights.numerator[group] > 0))

    def _most(self, group: IntColumn) -> int:
        weighty = np.asarray(self.weights.numerator[group] > 0, dtype=np.bool_)
        return integers.total(np.where(weighty, self.caps[group], self.floors[group]))

    def _cut(
        self,
        path: Path,
        units: int,
        given: tuple[Ratios, IntColumn, IntColumn],
        keys: Keys,
        members: IntColumn,
    ) -> tuple[Cut, list[tuple[str, int]]]:
        cut, over = find_cut(units, *given, keys)
        if not over:
            return cut, []
        reason = "caps" if self._weighs(members) else "nobody"
        if reason == "nobody" and self.pool.nobody != "keep":
            where = f"group {'/'.join(path)!r} of pool" if path else "pool"
            what = Money.from_minor(over * self.pool.step, self.pool.currency) if self.pool.currency else over
            raise DataError(
                f"nobody in {where} {self.pool.name!r} has any weight, so nothing says who gets {what}; "
                "check the weights and who is eligible, or say nobody='keep'"
                f"{self._or_share(path)}",
                column=factor_name(self.pool.by),
            )
        return cut, [(reason, over * self.pool.step)]

    def _or_share(self, path: Path) -> str:
        """The further cure for a group that is not the only one of its fund."""
        alone = 1 if self.pool.has_group_funds else 0
        return " to keep it or 'share' to leave it to the other groups" if len(path) > alone else ""

    def _refuse_floors(self, path: Path, units: int, members: IntColumn) -> None:
        floors = integers.total(self.floors[members])
        if floors > units:
            pool = self.pool
            where = f" of group {'/'.join(path)!r}" if path else ""
            needed, given = (Fraction(count * pool.step, pool.scale) for count in (floors, units))
            raise DataError(
                f"the floors{where} add up to {plain(needed)} and the fund is {plain(given)}"
                f"{' ' + pool.currency if pool.currency else ''}; lower the floors or raise the fund",
                rows=[int(self.rows.positions[int(member)]) for member in members[:SHOWN]],
                count=len(members),
            )

    def _keys(self, members: IntColumn) -> Keys:
        return key_text(self.rows, self.pool.key, members)


def _kept(left: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple((reason, minor) for reason, minor in left if minor)
