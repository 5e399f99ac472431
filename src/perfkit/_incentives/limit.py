"""What may be taken from earned wages at the most, and when: a legal limit as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from attrs import evolve, field, frozen

from perfkit._core import integers
from perfkit._core.checks import one_of, optional_text, several, text
from perfkit._core.columns import Need, Rows
from perfkit._core.integers import AnyIntColumn, IntColumn
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, decimal_text, exact
from perfkit._core.ratios import Ratios
from perfkit._incentives.factors import fitting
from perfkit._incentives.outcomes import Reasons
from perfkit.errors import DefinitionError, did_you_mean

Share = tuple[Fraction, str]
Days = npt.NDArray[np.datetime64]

# No ceiling at all: no amount is above it.
UNLIMITED = 2**63 - 1
# No last day at all.
FOREVER = np.datetime64("9999-12-31")


def _share(value: tuple[Number, str] | None) -> Share | None:
    if value is None:
        return None
    if isinstance(value, str) or not hasattr(value, "__len__") or len(value) != 2:
        raise DefinitionError(
            f"a ceiling is a share and the column it is a share of, such as (0.1, 'wages') (got {value!r})"
        )
    share = exact(value[0], what="the share of a ceiling")
    if not 0 <= share <= 1:
        raise DefinitionError(f"the share of a ceiling must be between 0 and 1 (got {value[0]!r})")
    return share, text(value[1])


def _names(names: str | Iterable[str]) -> tuple[str, ...]:
    return tuple(text(name) for name in several(names))


def _minimums(minimums: Any) -> tuple[tuple[str, Fraction], ...]:
    pairs = minimums.items() if hasattr(minimums, "items") else minimums
    return tuple((text(column), exact(least, what=f"the least {column}")) for column, least in pairs)


def _count(value: int | None) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise DefinitionError(f"a time limit must be a whole number from 1 on (got {value!r})")
    return value


def _day(value: date | str) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise DefinitionError(f"read_on must be a date, such as 2026-01-31 (got {value!r})", path="read_on") from error


@frozen(kw_only=True)
class Limit:
    """What a law, a contract or a policy lets be taken from earned wages: how much, when, and on which conditions.

    It is data: a host states its own, and a pack of ``perfkit.limits`` is one that was read in a statute on a day.
    It is no legal advice. Whether it applies, and whether it is still the law, is for counsel to say.

    Args:
        name: as it is to be cited.
        source: where the rule stands.
        read_on: the day on which the source was read.
        per_incident: the most that one incident may cost, as a share of a column of money; no more is imposed.
        per_period: the most that may be taken in one pay period, as a share of a column of money.
        counting: columns of money taken in the same period, which use up the same ceiling.
        leaves: a column of money that must at least remain of the pay.
        whole: a column of money of which only whole multiples may be imposed, such as a day's pay.
        within_days: how many days after the incident it may be taken at the latest; what is left then lapses.
        within_months: in how many months, beginning with the day of the incident, the first of it must be taken; it
            lapses where none was.
        reasons: the only reasons for which it may be; any when not given.
        requires: columns of true and false that must all be true, such as ``hearing_held``.
        at_least: for columns of numbers, the least that they must be, such as ``{"age": 15}``.
        lifted_by: a column of true and false that lifts ``per_period``, such as the last wages of all.
        excess: what becomes of what is above ``per_period`` or ``leaves``: ``carry`` (owed, and taken from later pay)
            or ``lapse`` (never taken).
        note: what the user should know besides.

    Raises:
        DefinitionError: for a limit that limits nothing, or a share that is none.

    Example:
        >>> day = date(2026, 1, 31)
        >>> Limit(name="house rule", source="works agreement", read_on=day, per_period=(0.05, "wages")).per_period
        (Fraction(1, 20), 'wages')
    """

    _repr_html_ = definition

    name: str = field(converter=text)
    source: str = field(converter=text)
    read_on: date = field(converter=_day)
    per_incident: Share | None = field(default=None, converter=_share)
    per_period: Share | None = field(default=None, converter=_share)
    counting: tuple[str, ...] = field(default=(), converter=_names)
    leaves: str | None = field(default=None, converter=optional_text)
    whole: str | None = field(default=None, converter=optional_text)
    within_days: int | None = field(default=None, converter=_count)
    within_months: int | None = field(default=None, converter=_count)
    reasons: tuple[str, ...] = field(default=(), converter=_names)
    requires: tuple[str, ...] = field(default=(), converter=_names)
    at_least: tuple[tuple[str, Fraction], ...] = field(default=(), converter=_minimums)
    lifted_by: str | None = field(default=None, converter=optional_text)
    excess: Literal["carry", "lapse"] = "carry"
    note: str = ""

    def __attrs_post_init__(self) -> None:
        one_of(self.excess, ("carry", "lapse"), "excess")
        if (self.counting or self.lifted_by) and self.per_period is None:
            raise DefinitionError(
                f"{self.name!r} counts towards or lifts a ceiling, so it needs per_period=", path="per_period"
            )
        rules = (self.per_incident, self.per_period, self.leaves, self.whole, self.within_days, self.within_months)
        if not (any(rule is not None for rule in rules) or self.reasons or self.requires or self.at_least):
            raise DefinitionError(f"{self.name!r} must limit something (got no ceiling, no condition and no time)")

    def reading(self, **columns: str) -> Limit:
        """The same limit on columns of other names, such as ``limit.reading(gross_wages="brutto")``.

        Raises:
            DefinitionError: for a column that the limit does not read.
        """
        known = sorted({need.name for need in (*self.incident_needs(), *self.period_needs())})
        for name in columns:
            if name not in known:
                raise DefinitionError(
                    f"{self.name!r} reads no column {name!r}{did_you_mean(name, known)}; it reads {', '.join(known)}",
                    path=name,
                )

        def renamed(name: str | None) -> Any:
            return None if name is None else columns.get(name, name)

        def share(value: Share | None) -> Any:
            return None if value is None else (value[0], renamed(value[1]))

        return evolve(
            self,
            per_incident=share(self.per_incident),
            per_period=share(self.per_period),
            counting=[renamed(name) for name in self.counting],
            leaves=renamed(self.leaves),
            whole=renamed(self.whole),
            requires=[renamed(name) for name in self.requires],
            at_least=[(renamed(name), least) for name, least in self.at_least],
            lifted_by=renamed(self.lifted_by),
        )

    def __str__(self) -> str:
        listed = ", ".join
        rules = []
        if self.per_incident is not None:
            rules.append(f"at most {decimal_text(self.per_incident[0])} of {self.per_incident[1]} for one incident")
        if self.whole is not None:
            rules.append(f"only whole multiples of {self.whole}")
        if self.per_period is not None:
            less = f", {listed(self.counting)} counted in" if self.counting else ""
            lifted = f", unless {self.lifted_by}" if self.lifted_by is not None else ""
            rules.append(
                f"at most {decimal_text(self.per_period[0])} of {self.per_period[1]} in a period{less}{lifted}"
            )
        if self.leaves is not None:
            rules.append(f"at least {self.leaves} remains")
        if self.per_period is not None or self.leaves is not None:
            rules.append("what is above is carried" if self.excess == "carry" else "what is above lapses")
        if self.within_days is not None:
            rules.append(f"taken within {self.within_days} days")
        if self.within_months is not None:
            rules.append(f"begun within {self.within_months} months")
        if self.reasons:
            rules.append(f"only for {listed(self.reasons)}")
        if self.requires:
            rules.append(f"needs {listed(self.requires)}")
        rules += [f"needs {column} of at least {decimal_text(least)}" for column, least in self.at_least]
        head = f"{self.name}, read on {self.read_on} in: {self.source}"
        note = [f"  {self.note}"] if self.note else []
        return "\n".join([head, *(f"- {rule}" for rule in rules), *note, "  This is no legal advice."])

    @property
    def is_timed(self) -> bool:
        """Whether it matters on which day it happened."""
        return self.within_days is not None or self.within_months is not None

    def incident_needs(self) -> tuple[Need, ...]:
        """The columns that it reads of an incident."""
        money = [self.per_incident[1] if self.per_incident else None, self.whole]
        return (
            *(Need(name, "money") for name in money if name is not None),
            *(Need(name, "flag") for name in self.requires),
            *(Need(name, "number") for name, _ in self.at_least),
        )

    def period_needs(self) -> tuple[Need, ...]:
        """The columns that it reads of a pay period."""
        money = [self.per_period[1] if self.per_period else None, *self.counting, self.leaves, self.whole]
        flags = (Need(self.lifted_by, "flag"),) if self.lifted_by is not None else ()
        return (*(Need(name, "money") for name in money if name is not None), *flags)

    def blocks(self, rows: Rows, reasons: Any, on: Days | None, as_of: date | None) -> Iterator[Reasons]:
        """Why an incident may cost nothing, for those rows where it may not."""
        if self.reasons:
            other = np.array([reason not in self.reasons for reason in reasons], dtype=np.bool_)
            allowed = ", ".join(self.reasons)
            yield Reasons("blocked", "limit_reason", other, {"name": self.name, "allowed": allowed, "reason": reasons})
        for name in self.requires:
            yield Reasons("blocked", "limit_requires", ~rows.flag(name), {"name": self.name, "required": name})
        for name, least in self.at_least:
            seen = rows.exact(name)
            yield Reasons(
                "blocked", "limit_least", ~seen.at_least(least), {"name": self.name, "column": name, "least": least}
            )
        if on is not None and as_of is not None and self.is_timed:
            last = np.minimum(self.last_day(on), self.last_begin(on))
            yield Reasons(
                "blocked", "limit_late", last < np.datetime64(as_of), {"name": self.name, "last": last.astype(object)}
            )

    def last_day(self, on: Days) -> Days:
        """The last day on which anything may be taken for incidents of some days; the end of time without one."""
        if self.within_days is None:
            return np.full_like(on, FOREVER)
        return on + np.timedelta64(self.within_days, "D")

    def last_begin(self, on: Days) -> Days:
        """The last day on which the first of it may be taken."""
        if self.within_months is None:
            return np.full_like(on, FOREVER)
        return months_after(on, self.within_months) - np.timedelta64(1, "D")

    def incident_ceiling(self, rows: Rows) -> IntColumn:
        """The most that the incident of each row may cost."""
        if self.per_incident is None:
            return np.full(rows.n, UNLIMITED, dtype=np.int64)
        share, column = self.per_incident
        return _ceiling(rows, column, share)

    def ceiling(self, earned: IntColumn, rows: Rows) -> IntColumn:
        """The most that may be taken from the pay of each row in one period."""
        most = np.full(rows.n, UNLIMITED, dtype=np.int64)
        if self.per_period is not None:
            share, column = self.per_period
            most = _ceiling(rows, column, share)
            for name in self.counting:
                taken = rows.money(name)
                rows.require(taken >= 0, name, "must not be negative", "give what was taken as a positive amount")
                most = most - np.minimum(taken, most)
            if self.lifted_by is not None:
                most = np.where(rows.flag(self.lifted_by), UNLIMITED, most)
        if self.leaves is not None:
            left = rows.money(self.leaves)
            rows.require(left >= 0, self.leaves, "must not be negative", "fill what must remain")
            there = np.maximum(earned, 0)
            most = np.minimum(most, there - np.minimum(left, there))
        return most


def whole_multiples(limits: Iterable[Limit], amount: IntColumn, rows: Rows) -> Iterator[tuple[IntColumn, Reasons]]:
    """The amounts after each limit that lets only whole multiples be taken: in the end, multiples of all their units.

    Each in turn could undo the one before it, so that what is kept is a multiple of the least common one so far.
    """
    common: AnyIntColumn = np.ones(rows.n, dtype=np.int64)
    for limit in limits:
        if limit.whole is None:
            continue
        unit = rows.money(limit.whole)
        rows.require(unit > 0, limit.whole, "must be positive to count whole ones of it", "fill it")
        common = integers.multiply(common // np.gcd(common, unit), unit)
        whole = fitting(integers.multiply(amount // common, common), limit.whole)
        facts = {"unit": unit, "ceiling": whole}
        yield whole, Reasons("clipped", "limit_whole", whole < amount, {"name": limit.name}, facts)
        amount = whole


def _ceiling(rows: Rows, column: str, share: Fraction) -> IntColumn:
    """A share of a column of money, rounded down: what is not reached is not passed."""
    base = rows.money(column)
    rows.require(base >= 0, column, "must not be negative", "a limit is a share of what was earned")
    part = Ratios(base, 1).times(share)
    return fitting(integers.divide(part.numerator, part.denominator, "floor"), column)


def read_days(rows: Rows, name: str) -> Days:
    """A column of days.

    Raises:
        DataError: for what is no date, or missing.
    """
    rows.require(~rows.is_missing(name), name, "must not be missing", "fill the day")
    column = rows.raw(name)
    # A bare number would count days since 1970.
    dated = column.dtype.kind in "MU" or all(isinstance(value, (date, str, np.datetime64)) for value in column)
    try:
        days: Days = column.astype("datetime64[D]") if dated else np.full(rows.n, "NaT", dtype="datetime64[D]")
    except ValueError:
        days = np.full(rows.n, "NaT", dtype="datetime64[D]")
    rows.require(~np.isnat(days), name, "must hold dates, such as 2026-01-31", "give dates, or texts of that form")
    return days


def months_after(days: Days, months: int) -> Days:
    """The same day some months later, the last of the month where that has none."""
    month = days.astype("datetime64[M]")
    day = (days - month.astype("datetime64[D]")).astype(np.int64)
    later = month + np.timedelta64(months, "M")
    length = ((later + np.timedelta64(1, "M")).astype("datetime64[D]") - later.astype("datetime64[D]")).astype(np.int64)
    found: Days = later.astype("datetime64[D]") + np.minimum(day, length - 1)
    return found
