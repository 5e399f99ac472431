"""Promotion: a ladder of levels, requirements with evidence, seats in a stated order, and the salary after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Any, Literal, NamedTuple

import numpy as np
from attrs import field, frozen

from perfkit._core import integers
from perfkit._core.checks import instance, one_of, optional_text, several, text
from perfkit._core.columns import BoolColumn, Need, Rows, read_row, read_rows
from perfkit._core.grid import publish
from perfkit._core.integers import AnyIntColumn, IntColumn
from perfkit._core.notebook import definition
from perfkit._core.numbers import exact
from perfkit._core.ratios import Ratios
from perfkit._incentives.bands import SalaryStructure, position_of
from perfkit._incentives.cohort import check_keys, check_one_currency
from perfkit._incentives.cuts import one_denominator
from perfkit._incentives.dates import as_day
from perfkit._incentives.outcomes import Outcome, Outcomes, Reasons, named
from perfkit._incentives.placement import Placement, PlacementRule, place_all
from perfkit._incentives.requirements import Judgement, Requirement
from perfkit.errors import DataError, DefinitionError, UnfittedError
from perfkit.explain import SILENT, Explanation, Recorder
from perfkit.money import Money

Direction = Literal["high", "low"]
# The reasons that come from the ladder itself and not from a requirement.
_BY_LADDER = ("top_level", "not_higher", "too_many_levels", "no_seat", "tied", "tied_by_key")

_KNOWN = "fill it, leave these rows out, or say missing='blocked' in the ladder"


def _requirements(requirements: Any) -> tuple[Requirement, ...]:
    return several(requirements)


def _seats(seats: Any) -> tuple[tuple[str, int], ...]:
    pairs = seats.items() if isinstance(seats, Mapping) else seats
    found = []
    for level, count in pairs:
        if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or count < 0:
            raise DefinitionError(f"seats of {level!r} must be a whole number from 0 on (got {count!r})", path="seats")
        found.append((str(level), int(count)))
    return tuple(found)


def _order(order: Any) -> tuple[tuple[str, Direction], ...]:
    listed = [order] if isinstance(order, str) else list(order)
    found: list[tuple[str, Direction]] = []
    for item in listed:
        column, direction = (item, "high") if isinstance(item, str) else item
        one_of(direction, ("high", "low"), "order")
        found.append((text(column), "low" if direction == "low" else "high"))
    return tuple(found)


@frozen
class Ladder:
    """Levels from the lowest up, what a promotion asks for, who gets the seats, and the salary in the new band.

    Without limited seats each row is decided by itself. Seats are limited among everybody, so :meth:`fit` must see the
    candidates first; it gives a rule with a fixed bar for each level.

    Args:
        structure: the levels with their bands, from the lowest up.
        requirements: what is asked for, each by name: :class:`TimeInLevel`, :class:`RatingHistory`,
            :class:`Condition`, :class:`NoSanction`, or your own with the members of a ``Requirement``.
        placement: the salary after: :class:`Placement`, :class:`TwoStepPlacement`, or your own.
        key: the column that says who a row is.
        to: the column of the level that somebody is proposed for, empty for nobody proposed; the next level up for
            everybody when not given.
        max_levels: how many levels a promotion may jump.
        seats: how many may be promoted to a level, by level; as many as are eligible where it is not named.
        order: by what limited seats are decided: columns of numbers, the most important first, each the higher the
            better, or with ``(column, "low")`` the lower the better.
        ties: what happens where the last seats would have to be decided among candidates who are equal in all of the
            order: ``hold`` (none of them is promoted, the outcome is ``tied``, the seats stay open), or ``key`` (the
            smaller keys are promoted, and everybody in the tie is marked as ``tied``).
        missing: what unknown evidence means: ``blocked`` (the requirement is not met, and the reason says that it is
            not known), or ``refuse`` (a :class:`DataError`).
        salary: the column of salaries, money.
        name: on the statement.

    Raises:
        DefinitionError: for requirements that share a name, seats of unknown levels, or seats without an order.

    Example:
        >>> from perfkit.incentives import Condition, Placement, SalaryBand
        >>> ladder = Ladder(
        ...     SalaryStructure([SalaryBand("junior", 40_000, 60_000), SalaryBand("senior", 55_000, 85_000)],
        ...                     currency="EUR"),
        ...     [Condition("certified")], Placement(0.08), key="who")
        >>> ana = {"who": "ana", "level": "junior", "salary": 5_000_000, "certified": True}
        >>> promoted = ladder.promote_one(ana, as_of=date(2026, 4, 1))
        >>> promoted["level_after"], promoted["salary_after"]
        ('senior', Money('55,000.00 EUR'))
    """

    _repr_html_ = definition

    structure: SalaryStructure = field(validator=instance(SalaryStructure))
    requirements: tuple[Requirement, ...] = field(default=(), converter=_requirements)
    placement: PlacementRule = field(factory=Placement)
    key: str = field(converter=text, kw_only=True)
    to: str | None = field(default=None, converter=optional_text, kw_only=True)
    max_levels: int | None = field(default=None, kw_only=True)
    seats: tuple[tuple[str, int], ...] = field(default=(), converter=_seats, kw_only=True)
    order: tuple[tuple[str, Direction], ...] = field(default=(), converter=_order, kw_only=True)
    ties: Literal["hold", "key"] = field(default="hold", kw_only=True)
    missing: Literal["blocked", "refuse"] = field(default="blocked", kw_only=True)
    salary: str = field(default="salary", converter=text, kw_only=True)
    name: str = field(default="promotion", converter=text, kw_only=True)

    def __attrs_post_init__(self) -> None:
        one_of(self.ties, ("hold", "key"), "ties")
        one_of(self.missing, ("blocked", "refuse"), "missing")
        for position, requirement in enumerate(self.requirements):
            if not isinstance(requirement, Requirement):
                raise DefinitionError(
                    f"requirements[{position}] must have the members of Requirement (got {requirement!r})",
                    path=f"$.requirements[{position}]",
                )
        if not isinstance(self.placement, PlacementRule):
            raise DefinitionError(f"placement must have a method place() (got {self.placement!r})", path="placement")
        names = [requirement.name for requirement in self.requirements]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise DefinitionError(f"requirements must have different names (got {twice[0]!r} twice): say name=")
        limit = self.max_levels
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
            raise DefinitionError(f"max_levels must be a whole number from 1 on (got {limit!r})", path="max_levels")
        levels = [level for level, _ in self.seats]
        for level in levels:
            self.structure.band(level)
        if len(set(levels)) < len(levels):
            raise DefinitionError(f"seats must name each level once (got {levels})", path="seats")
        if self.seats and not self.order:
            raise DefinitionError("limited seats are decided by a stated order: say order=", path="order")

    def needs(self) -> tuple[Need, ...]:
        """The columns that a promotion is decided by."""
        needs = [Need(self.key, "category"), *self.structure.needs(), Need(self.salary, "money")]
        needs += [] if self.to is None else [Need(self.to, "category", self.structure.levels)]
        needs += [need for requirement in self.requirements for need in requirement.needs()]
        needs += [Need(column) for column, _ in self.order]
        return tuple(dict.fromkeys(needs))

    def promote(self, data: Any, *, as_of: date, **columns: Any) -> Outcomes:
        """What becomes of each row on a day, for a ladder whose seats are not limited.

        Args:
            data: one row a person; money in int64 minor units.
            as_of: the day on which time in level and sanctions are judged.
            columns: further columns by name.

        Returns:
            the increase of salary as amounts; ``level_before``, ``level_after``, ``salary_before``, ``salary_after``
            and compa-ratios as columns; and a reason for each requirement that is not met.

        Raises:
            UnfittedError: for a ladder with limited seats.
            DataError: for unknown levels, salaries that are not positive, or missing evidence that is refused.
        """
        return FittedLadder(self, as_of).promote(data, **columns)

    def promote_one(self, row: Any, *, as_of: date, **columns: Any) -> Outcome:
        """What becomes of one row, a mapping from column to value."""
        return FittedLadder(self, as_of).promote_one(row, **columns)

    def fit(self, candidates: Any, *, as_of: date, **columns: Any) -> FittedLadder:
        """The ladder with a bar for each level whose seats are limited, by the candidates on a day.

        Raises:
            DataError: for a person with two rows, a missing salary, and as for :meth:`promote`.

        Example:
            >>> from perfkit.incentives import SalaryBand
            >>> bands = [SalaryBand("junior", 40_000, 60_000), SalaryBand("senior", 55_000, 85_000)]
            >>> ladder = Ladder(SalaryStructure(bands, currency="EUR"), key="who", seats={"senior": 1}, order="score")
            >>> people = {"who": ["ana", "ben"], "level": ["junior", "junior"], "salary": [5_000_000, 5_200_000],
            ...           "score": [1.2, 1.1]}
            >>> [outcome.code for outcome in ladder.fit(people, as_of=date(2026, 4, 1)).promote(people)]
            ['promoted', 'no_seat']
        """
        rows = read_rows(candidates, [need.name for need in self.needs()], columns)
        _salaries(self, rows)
        check_keys(rows, self.key)
        found = _decide(self, rows, as_of)
        eligible = found.eligible
        values = _order_values(self, rows)
        bars = []
        for level, seats in self.seats:
            wanting = np.flatnonzero(eligible & (found.new == self.structure.levels.index(level)))
            bars.append(_bar(self, level, seats, wanting, values, rows))
        return FittedLadder(self, as_of, bars)


def _salaries(ladder: Ladder, rows: Rows) -> IntColumn:
    """The salary of each row, in the currency of the bands."""
    cure = "leave out who has no salary"
    rows.require(~rows.is_missing(ladder.salary), ladder.salary, "must not be missing", f"fill it, or {cure}")
    check_one_currency(rows, [Need(ladder.salary, "money")], ladder.structure.currency)
    salary = rows.money(ladder.salary)
    rows.require(salary > 0, ladder.salary, "must be positive", cure)
    return salary


def _value(values: Any) -> tuple[Fraction, ...]:
    return tuple(exact(value, what="a value of a bar") for value in values)


@frozen
class SeatBar:
    """The bar that the seats of a level set: whoever is above it is in.

    Attributes:
        level: the level.
        seats: how many there were.
        candidates: how many were eligible.
        values: what a candidate must exceed, in the order of the ladder; none where there was a seat for all.
        tied: how many are exactly at the bar and could not all be in.
        last: of those, the last key that is in; empty for none.
        open_seats: how many seats stayed open.
    """

    _repr_html_ = definition

    level: str = field(converter=text)
    seats: int
    candidates: int
    values: tuple[Fraction, ...] = field(default=(), converter=_value)
    tied: int = 0
    last: str = ""
    open_seats: int = 0


def _order_values(ladder: Ladder, rows: Rows) -> list[Ratios]:
    """The columns of the order, the higher the better in each."""
    values = []
    for column, direction in ladder.order:
        ratios = one_denominator(rows.exact(column))
        sign = 1 if direction == "high" else -1
        values.append(Ratios(integers.multiply(ratios.numerator, sign), ratios.denominator))
    return values


def _bar(ladder: Ladder, level: str, seats: int, wanting: IntColumn, values: Sequence[Ratios], rows: Rows) -> SeatBar:
    if len(wanting) <= seats:
        return SeatBar(level, seats, len(wanting), open_seats=seats - len(wanting))
    ranked = sorted(((tuple(value.fraction(row) for value in values), row) for row in wanting.tolist()), reverse=True)
    last_in = ranked[seats - 1][0] if seats else None
    first_out = ranked[seats][0]
    if last_in != first_out:
        # The bar is the best of those who are out: whoever exceeds it is in.
        return SeatBar(level, seats, len(wanting), first_out)
    above = sum(1 for value, _ in ranked if value > first_out)
    equal = [row for value, row in ranked if value == first_out]
    if ladder.ties == "hold":
        return SeatBar(level, seats, len(wanting), first_out, len(equal), open_seats=seats - above)
    keys = sorted(rows[np.array(equal)].category(ladder.key).tolist())
    return SeatBar(level, seats, len(wanting), first_out, len(equal), keys[seats - above - 1])


class _Decision(NamedTuple):
    """What is known of each row before the seats; ``new`` is the place of the level that it is judged for."""

    old: IntColumn
    new: IntColumn
    proposed: BoolColumn
    at_top: BoolColumn
    not_higher: BoolColumn
    too_far: BoolColumn
    judged: tuple[tuple[str, Judgement], ...]
    eligible: BoolColumn


def _decide(ladder: Ladder, rows: Rows, as_of: date) -> _Decision:
    structure = ladder.structure
    old = structure.places(rows)
    top = len(structure.bands) - 1
    if ladder.to is None:
        proposed = np.ones(rows.n, dtype=np.bool_)
        at_top = old == top
        new = np.minimum(old + 1, top)
        not_higher = np.zeros(rows.n, dtype=np.bool_)
    else:
        proposed = ~rows.is_missing(ladder.to) & np.array(
            [name not in (None, "") for name in rows.category(ladder.to).tolist()], dtype=np.bool_
        )
        at_top = np.zeros(rows.n, dtype=np.bool_)
        new = old.copy()
        some = np.flatnonzero(proposed)
        if some.size:
            new[some] = structure.places(rows[some], ladder.to)
        not_higher = proposed & (new <= old)
    too_far = np.zeros(rows.n, dtype=np.bool_) if ladder.max_levels is None else new - old > ladder.max_levels
    judged = tuple((requirement.name, requirement.judge(rows, as_of)) for requirement in ladder.requirements)
    eligible = proposed & ~at_top & ~not_higher & ~too_far
    for name, judgement in judged:
        if ladder.missing == "refuse":
            requirement = next(requirement for requirement in ladder.requirements if requirement.name == name)
            read = [need.name for need in requirement.needs()]
            absent = [column for column in read if (rows.is_missing(column) & ~judgement.known).any()]
            rows.require(judgement.known, (absent or read)[0], f"must be known for {name!r}", _KNOWN)
        eligible = eligible & judgement.met
    return _Decision(old, new, proposed, at_top, not_higher, too_far, judged, eligible)


def _bars(bars: Iterable[SeatBar]) -> tuple[SeatBar, ...]:
    return tuple(bars)


def _day(value: Any) -> date:
    return as_day(value, "as_of")


@frozen
class FittedLadder:
    """A ladder on a day, with its bars: what becomes of a row follows from the row itself.

    Attributes:
        ladder: what was fitted.
        as_of: the day on which candidates are judged.
        bars: for each level with limited seats, the bar.
    """

    _repr_html_ = definition

    ladder: Ladder
    as_of: date = field(converter=_day)
    bars: tuple[SeatBar, ...] = field(default=(), converter=_bars)

    def needs(self) -> tuple[Need, ...]:
        """The columns that a promotion is decided by."""
        return self.ladder.needs()

    def promote(self, data: Any, **columns: Any) -> Outcomes:
        """What becomes of each row; see :meth:`Ladder.promote`."""
        return self._promote(read_rows(data, [need.name for need in self.needs()], columns))

    def promote_one(self, row: Any, **columns: Any) -> Outcome:
        """What becomes of one row, a mapping from column to value: the same as in a batch."""
        return self._promote(read_row(row, [need.name for need in self.needs()], columns))[0]

    def check(self, data: Any, **columns: Any) -> None:
        """Prove that these candidates fill the seats that the ladder was fitted to, level by level, and no more.

        Call it with everybody before the promotions of a batch take effect: bars that were set by other candidates
        can be passed by more people than there are seats.

        Raises:
            DataError: where other candidates are eligible than it was fitted to, or another number of them has a seat.
        """
        rows = read_rows(data, [need.name for need in self.needs()], columns)
        check_keys(rows, self.ladder.key)
        found = _decide(self.ladder, rows, self.as_of)
        seated, _, _ = self._seated(rows, found)
        for bar in self.bars:
            mine = found.eligible & (found.new == self.ladder.structure.levels.index(bar.level))
            filled = min(bar.seats - bar.open_seats, bar.candidates)
            candidates, taken = int(np.count_nonzero(mine)), int(np.count_nonzero(mine & seated))
            if (candidates, taken) != (bar.candidates, filled):
                raise DataError(
                    f"{self.ladder.name!r} was fitted to {bar.candidates:,} candidates for {bar.seats:,} seats in "
                    f"{bar.level!r}, who take {filled:,} (got {candidates:,} candidates who take {taken:,}); "
                    "fit it again to these",
                    column=self.ladder.order[0][0],
                )

    def _seated(self, rows: Rows, found: _Decision) -> tuple[BoolColumn, BoolColumn, BoolColumn]:
        """Who has a seat, who is held in a tie, and who is at a bar that others share."""
        ladder = self.ladder
        seated, held, tied = found.eligible.copy(), np.zeros(rows.n, dtype=np.bool_), np.zeros(rows.n, dtype=np.bool_)
        values = _order_values(ladder, rows) if self.bars else []
        for bar in self.bars:
            if not bar.values:
                continue
            mine = found.eligible & (found.new == ladder.structure.levels.index(bar.level))
            side = np.zeros(rows.n, dtype=np.int64)
            for value, limit in zip(values, bar.values, strict=True):
                one = np.full(rows.n, 1, dtype=np.int64)
                against = limit.numerator * int(value.denominator)
                compared = integers.compare_products(value.numerator, limit.denominator, one, against)
                side = np.where(side == 0, compared, side)
            equal = mine & (side == 0)
            seated &= ~(mine & (side < 0)) & ~equal
            if bar.tied:
                tied |= equal
                keys = rows.category(ladder.key).astype(object)
                within = equal & np.array([bool(bar.last) and key <= bar.last for key in keys], dtype=np.bool_)
                seated |= within
                held |= equal & (not bar.last)
        return seated, held, tied

    def _promote(self, rows: Rows) -> Outcomes:
        ladder, structure = self.ladder, self.ladder.structure
        if ladder.seats and not self.bars:
            raise UnfittedError(
                f"{ladder.name!r} has limited seats, so it must see the candidates first: "
                "call fit(candidates, as_of=...)"
            )
        salary = _salaries(ladder, rows)
        found = _decide(ladder, rows, self.as_of)
        seated, held, tied = self._seated(rows, found)
        after = salary.copy()
        some = np.flatnonzero(seated)
        after[some] = place_all(ladder.placement, structure, salary[some], found.old[some], found.new[some], SILENT)
        levels = np.array(structure.levels, dtype=object)
        place_after = np.where(seated, found.new, found.old)
        codes = np.full(rows.n, "not_eligible", dtype=object)
        codes[~found.proposed] = "none"
        codes[found.eligible] = "no_seat"
        codes[held] = "tied"
        codes[seated] = "promoted"
        facts: dict[str, Any] = {
            "level_before": levels[found.old],
            "level_after": levels[place_after],
            "tied": tied,
            "compa_ratio_before": _compa_ratio(salary, structure, found.old),
            "compa_ratio_after": _compa_ratio(after, structure, place_after),
        }

        return Outcomes(
            ladder.name,
            codes,
            currency=structure.currency,
            minor=after - salary,
            actions=named([None, "promotion"], seated.astype(np.int64)),
            reasons=self._reasons(found, seated, held, tied),
            amounts={"salary_before": salary, "salary_after": after},
            facts=facts,
            explain=partial(self._explain_row, rows),
        )

    def _reasons(self, found: _Decision, seated: BoolColumn, held: BoolColumn, tied: BoolColumn) -> list[Reasons]:
        levels = np.array(self.ladder.structure.levels, dtype=object)
        wanted = {"level": levels[found.new]}
        jumped = {"levels": found.new - found.old, "at_most": self.ladder.max_levels}
        reasons = [
            Reasons("blocked", "top_level", found.at_top, {"level": levels[found.old]}),
            Reasons("blocked", "not_higher", found.not_higher, {"level": levels[found.old], "to": levels[found.new]}),
            Reasons("blocked", "too_many_levels", found.too_far, jumped),
        ]
        for name, judgement in found.judged:
            failed = found.proposed & ~judgement.met
            shown = {"name": name, **judgement.seen}
            reasons.append(Reasons("blocked", judgement.code, failed & judgement.known, shown))
            reasons.append(Reasons("blocked", "not_known", failed & ~judgement.known, {"name": name}))
        for bar in self.bars:
            mine = found.eligible & (found.new == self.ladder.structure.levels.index(bar.level))
            seen = {**wanted, "seats": bar.seats, "candidates": bar.candidates}
            out = mine & ~seated & ~held
            reasons.append(Reasons("unfunded", "no_seat", out & ~tied, seen))
            reasons.append(Reasons("unfunded", "tied_by_key", out & tied, {**seen, "tied": bar.tied, "last": bar.last}))
            reasons.append(
                Reasons("unfunded", "tied", mine & held, {**seen, "tied": bar.tied, "open_seats": bar.open_seats})
            )
        return reasons

    def _explain_row(self, rows: Rows, row: int) -> Explanation:
        return self._explain(rows[row : row + 1])

    def _explain(self, rows: Rows) -> Explanation:
        ladder, structure = self.ladder, self.ladder.structure
        found = _decide(ladder, rows, self.as_of)
        seated, held, tied = self._seated(rows, found)
        salary = rows.money(ladder.salary)
        old, new = int(found.old[0]), int(found.new[0])
        record = Recorder("promotion", ladder.name)
        outcome = Money(0, structure.currency)
        if seated[0]:
            part = record.part("placement", label=structure.levels[new])
            after = int(place_all(ladder.placement, structure, salary, found.old, found.new, part)[0])
            outcome = Money.from_minor(after - int(salary[0]), structure.currency)
        record.says(
            value=outcome, before=structure.levels[old], to=structure.levels[new] if found.proposed[0] else None
        )
        for name, judgement in found.judged:
            known = bool(judgement.known[0])
            seen = {what: _first(value) for what, value in judgement.seen.items()}
            record.leaf(judgement.code if known else "not_known", bool(judgement.met[0]), name=name, **seen)
        for reason in self._reasons(found, seated, held, tied):
            if reason.where[0] and reason.code in _BY_LADDER:
                shown = reason.at(0, structure.currency)
                record.leaf(reason.code, False, **({} if shown is None else shown.params))
        for bar in self.bars:
            if seated[0] and structure.levels[new] == bar.level:
                record.leaf("seat", True, level=bar.level, seats=bar.seats, candidates=bar.candidates)
        return record.explanation()


def _first(value: Any) -> Any:
    """The value of the first row, or the value for all rows."""
    cell = value[0] if isinstance(value, np.ndarray) else value
    return cell.item() if isinstance(cell, np.generic) else cell


def _compa_ratio(salary: IntColumn, structure: SalaryStructure, places: IntColumn) -> Any:
    ratio = position_of(salary, structure.ranges_at(places), "compa_ratio")
    below: AnyIntColumn | int = ratio.denominator
    return publish(ratio.numerator.astype(np.float64) / np.asarray(below).astype(np.float64))
