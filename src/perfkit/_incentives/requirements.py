"""What a promotion asks for, each by name and with its evidence: time, ratings, conditions, no live sanction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np
from attrs import field, frozen

from perfkit._core.checks import one_of, several, text
from perfkit._core.columns import BoolColumn, Need, Rows
from perfkit._core.integers import IntColumn
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact, plain
from perfkit._incentives.dates import read_days
from perfkit.errors import DefinitionError

Unit = Literal["days", "weeks", "months", "years"]
UNITS: tuple[Unit, ...] = ("days", "weeks", "months", "years")


class Judgement(NamedTuple):
    """Whether each row meets a requirement, whether that is known, and what was seen.

    ``code`` and ``seen`` make the evidence: the columns, or the values for all rows, that the code speaks of.
    """

    met: BoolColumn
    known: BoolColumn
    code: str
    seen: Mapping[str, Any]


@runtime_checkable
class Requirement(Protocol):
    """A condition of a promotion."""

    @property
    def name(self) -> str:
        """Its name, unique in a ladder."""
        ...

    def needs(self) -> tuple[Need, ...]:
        """The columns that it reads."""
        ...

    def judge(self, rows: Rows, as_of: date) -> Judgement:
        """Whether each row meets it on a day, each row by itself, with the evidence."""
        ...


def time_between(start: Any, as_of: date, unit: Unit) -> IntColumn:
    """Whole days, weeks, months or years from days to a day; a month is whole on the same day of the next."""
    end = np.datetime64(as_of, "D")
    if unit in ("days", "weeks"):
        days: IntColumn = (end - start).astype(np.int64)
        return days if unit == "days" else np.floor_divide(days, 7)
    months = start.astype("datetime64[M]")
    month = np.datetime64(as_of, "M")
    day = (start - months.astype("datetime64[D]")).astype(np.int64)
    # Who started on the 31st has a whole month at the end of a shorter one.
    last = (month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")
    today = (end - month.astype("datetime64[D]")).astype(np.int64)
    short = today < np.minimum(day, last.astype(np.int64) - 1)
    whole: IntColumn = (month - months).astype(np.int64) - short
    return whole if unit == "months" else np.floor_divide(whole, 12)


@frozen
class TimeInLevel:
    """So much time in the present level, or in service, by a column of dates.

    Args:
        since: the column of days.
        at_least: how many whole units.
        unit: ``days``, ``weeks``, ``months`` or ``years``.
        name: of the requirement.

    Example:
        >>> TimeInLevel("level_since", 52, "weeks").name
        'time in level'
    """

    _repr_html_ = definition

    since: str = field(converter=text)
    at_least: int = field()
    unit: Unit = "months"
    name: str = field(default="time in level", converter=text, kw_only=True)

    def __attrs_post_init__(self) -> None:
        one_of(self.unit, UNITS, "unit")
        if isinstance(self.at_least, bool) or not isinstance(self.at_least, int) or self.at_least < 0:
            raise DefinitionError(
                f"at_least must be a whole number of {self.unit}, not negative (got {self.at_least!r})", path="at_least"
            )

    def needs(self) -> tuple[Need, ...]:
        """The column of days."""
        return (Need(self.since, "category"),)

    def judge(self, rows: Rows, as_of: date) -> Judgement:
        """Whether each row has been there long enough."""
        since = read_days(rows, self.since)
        known = ~np.isnat(since)
        time = np.zeros(rows.n, dtype=np.int64)
        time[known] = time_between(since[known], as_of, self.unit)
        seen = {"time": time, "units": self.unit, "at_least": self.at_least, "since": since.astype(str)}
        return Judgement(known & (time >= self.at_least), known, "time_in_level", seen)


def _names(names: str | Iterable[str]) -> tuple[str, ...]:
    return tuple(text(name) for name in several(names))


@frozen
class RatingHistory:
    """So many of the last ratings at least at a level of the scale.

    Args:
        columns: the columns of ratings, the latest first; the last k cycles are k columns.
        at_least: the lowest rating that counts.
        scale: the ratings from the lowest up.
        times: how many of them; all when not given.
        name: of the requirement.

    Raises:
        DefinitionError: for a rating that is not on the scale, or more times than columns.

    Example:
        >>> RatingHistory(["rating_2025", "rating_2024"], "solid", scale=["below", "solid", "strong"]).times
        2
    """

    _repr_html_ = definition

    columns: tuple[str, ...] = field(converter=_names)
    at_least: str = field(converter=text)
    scale: tuple[str, ...] = field(converter=_names, kw_only=True)
    times: int = field(kw_only=True)
    name: str = field(default="ratings", converter=text, kw_only=True)

    @times.default
    def _all(self) -> int:
        return len(self.columns)

    def __attrs_post_init__(self) -> None:
        if len(set(self.scale)) < len(self.scale) or self.at_least not in self.scale:
            raise DefinitionError(
                f"at_least must be one of the ratings of the scale, each once (got {self.at_least!r} of {self.scale})",
                path="at_least",
            )
        if not self.columns or not 1 <= self.times <= len(self.columns):
            raise DefinitionError(
                f"times must be from 1 to the {len(self.columns)} cycles that are read (got {self.times!r})",
                path="times",
            )

    def needs(self) -> tuple[Need, ...]:
        """The columns of ratings."""
        return tuple(Need(column, "category", self.scale) for column in self.columns)

    def judge(self, rows: Rows, as_of: date) -> Judgement:
        """Whether each row has enough ratings that count; unknown where missing ratings could decide it."""
        places = {label: place for place, label in enumerate(self.scale)}
        floor = places[self.at_least]
        enough = np.zeros(rows.n, dtype=np.int64)
        absent = np.zeros(rows.n, dtype=np.int64)
        for column in self.columns:
            names = rows.category(column).tolist()
            good = np.array([name is None or name in places for name in names], dtype=np.bool_)
            odd = next((f" (got {name!r})" for name, known in zip(names, good, strict=True) if not known), "")
            rows.require(good, column, f"must be one of {', '.join(self.scale)}{odd}", "mend the rating")
            enough += np.array([name is not None and places[name] >= floor for name in names], dtype=np.int64)
            absent += np.array([name is None for name in names], dtype=np.int64)
        met = enough >= self.times
        known = met | (enough + absent < self.times)
        seen = {
            "count": enough,
            "of": len(self.columns),
            "missing": absent,
            "at_least": self.at_least,
            "times": self.times,
        }
        return Judgement(met, known, "rating_history", seen)


def _bound(value: Number | None) -> Fraction | None:
    return None if value is None else exact(value, what="a bound of a condition")


@frozen
class Condition:
    """A fact that must hold: a column of true and false, or a number that is high or low enough.

    Args:
        on: the column: a certificate, a completed course, a score.
        at_least: the least number; with neither bound the column is one of true and false.
        at_most: the greatest number.
        name: of the requirement; the column when not given.

    Example:
        >>> Condition("score", at_least=1.1).name
        'score'
    """

    _repr_html_ = definition

    on: str = field(converter=text)
    at_least: Fraction | None = field(default=None, converter=_bound, kw_only=True)
    at_most: Fraction | None = field(default=None, converter=_bound, kw_only=True)
    name: str = field(converter=text, kw_only=True)

    @name.default
    def _same_as_column(self) -> str:
        return self.on

    def __attrs_post_init__(self) -> None:
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise DefinitionError(f"condition {self.name!r} can never hold: at_least is above at_most", path="at_least")

    @property
    def is_flag(self) -> bool:
        """Whether the condition asks for true or false."""
        return self.at_least is None and self.at_most is None

    def needs(self) -> tuple[Need, ...]:
        """The column that it reads."""
        return (Need(self.on, "flag" if self.is_flag else "number"),)

    def judge(self, rows: Rows, as_of: date) -> Judgement:
        """Whether each row meets it; unknown where the value is missing."""
        known = ~rows.is_missing(self.on)
        some = rows if known.all() else rows[np.flatnonzero(known)]
        holds = some.flag(self.on) if self.is_flag else np.ones(some.n, dtype=np.bool_)
        if self.at_least is not None:
            holds = holds & some.exact(self.on).at_least(self.at_least)
        if self.at_most is not None:
            holds = holds & some.exact(self.on).times(Fraction(-1)).at_least(-self.at_most)
        met = np.zeros(rows.n, dtype=np.bool_)
        met[known] = holds
        values = np.empty(rows.n, dtype=object)
        values[known] = some.flag(self.on) if self.is_flag else some.number(self.on)
        if self.is_flag:
            return Judgement(met, known, "condition_flag", {"on": self.on, "seen": values})
        bounds = {"at_least": self.at_least, "at_most": self.at_most}
        given = {name: plain(bound) for name, bound in bounds.items() if bound is not None}
        code = "condition_between" if len(given) == 2 else f"condition_{next(iter(given))}"
        return Judgement(met, known, code, {"on": self.on, "seen": values, **given})


@frozen
class NoSanction:
    """No live sanction: the column of the day until which one runs is empty, or past.

    Args:
        until: the column of last days, as a disciplinary record has them; empty for who has none.
        name: of the requirement.

    Example:
        >>> NoSanction("sanction_until").name
        'no live sanction'
    """

    _repr_html_ = definition

    until: str = field(converter=text)
    name: str = field(default="no live sanction", converter=text, kw_only=True)

    def needs(self) -> tuple[Need, ...]:
        """The column of last days."""
        return (Need(self.until, "category"),)

    def judge(self, rows: Rows, as_of: date) -> Judgement:
        """Whether no sanction runs on the day."""
        until = read_days(rows, self.until)
        live = ~np.isnat(until) & (until >= np.datetime64(as_of, "D"))
        shown = until.astype(str).astype(object)
        shown[np.isnat(until)] = "none"
        code = "no_sanction" if np.isnat(until).all() else "sanction"
        seen = {} if code == "no_sanction" else {"until": shown}
        return Judgement(~live, np.ones(rows.n, dtype=np.bool_), code, seen)
