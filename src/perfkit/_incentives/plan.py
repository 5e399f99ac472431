"""The plan: forms of pay added up, then steps in turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from inspect import signature
from typing import Any, Literal

import numpy as np
from attrs import evolve, field, frozen

from perfkit._core.blocks import blocks, shared_between, told_apart
from perfkit._core.checks import one_of, several, text
from perfkit._core.columns import BoolColumn, Need, Rows, read_row, read_rows
from perfkit._core.days import DayCount
from perfkit._core.integers import IntColumn
from perfkit._core.numbers import Number
from perfkit._incentives import verification, views
from perfkit._incentives.ledger import Draw, Ledger, check_ledger, checked_keys
from perfkit._incentives.lines import (
    BelowZero,
    as_pays,
    as_steps,
    check_lines,
    paid_below_zero,
    pay_lines,
    refuse_paid,
)
from perfkit._incentives.payouts import Payout, Payouts, SegmentPayout, TimelinePayout
from perfkit._incentives.taking import checked_day, checked_period
from perfkit._incentives.timeline import Timeline, share_of
from perfkit.curves import Curve
from perfkit.errors import SHOWN, DataError, DefinitionError, row_list
from perfkit.explain import SILENT, AnyRecorder
from perfkit.findings import Findings
from perfkit.money import Money, Rounding, minor_per_major
from perfkit.typing import CarryStep, Fits, PayPolicy, PayStep, PeriodStep, Progress


def _carries(values: Any) -> tuple[CarryStep, ...]:
    return several(values)


@frozen
class IncentivePlan:
    """What is paid for which result: forms of pay added up, then steps in turn, exact to the minor unit.

    Args:
        name: of the plan.
        currency: a code of ISO 4217, for every amount in the plan and in the data.
        pays: forms of pay; anything with the members of :class:`perfkit.typing.PayPolicy`.
        then: steps on the sum, in order; anything with the members of :class:`perfkit.typing.PayStep`.
        carry: what is carried from period to period, in order: draws, refundable caps, deferrals; such a plan pays with
            :meth:`pay_period`.
        missing: what to do with a row that misses a value the plan reads: ``refuse`` (a :class:`DataError`), or
            ``unpaid``: nothing is paid, and the explanation says why.
        below_zero: what to do with pay below zero: ``refuse`` it (a :class:`DataError`), or ``keep`` it, where rows are
            transactions that are added up before anybody is paid, or what is below zero is settled elsewhere. Refused
            is a row that is paid less than nothing, and below zero beside other pay of its row: a bonus, a flat
            amount, a commission on what is not below zero, a section by its own steps. A commission on what was
            returned, or that mends a total so far, comes off the other pay of its row either way.

    Raises:
        DefinitionError: for no pay, names used twice, an unknown currency, or a column read as two different things.

    Example:
        >>> from perfkit.incentives import Cap, Prorate, TargetBonus
        >>> plan = IncentivePlan("bonus", currency="EUR",
        ...     pays=[TargetBonus(base="salary", rate=0.15, multiplier="score")],
        ...     then=[Prorate(by="months", of=12), Cap(0.30, of="salary")])
        >>> plan.pay_one({"salary": Money("60,000.00 EUR"), "score": 1.1823, "months": 12}).amount
        Money('10,640.70 EUR')
    """

    name: str = field(converter=text)
    currency: str = field(kw_only=True)
    pays: tuple[PayPolicy, ...] = field(converter=as_pays, kw_only=True)
    then: tuple[PayStep, ...] = field(default=(), converter=as_steps, kw_only=True)
    carry: tuple[CarryStep, ...] = field(default=(), converter=_carries, kw_only=True)
    missing: Literal["refuse", "unpaid"] = field(default="refuse", kw_only=True)
    below_zero: BelowZero = field(default="refuse", kw_only=True)

    def __attrs_post_init__(self) -> None:
        minor_per_major(self.currency)
        one_of(self.missing, ("refuse", "unpaid"), "missing")
        one_of(self.below_zero, ("refuse", "keep"), "below_zero")
        check_lines(self.name, self.pays, self.then, self.carry)
        self._check_draws()
        for member in self._members:
            rounding = getattr(member, "rounding", None)
            if isinstance(rounding, Rounding):
                # A unit that the currency does not have is found now, not when somebody is paid.
                rounding.unit(self.currency)
        self._check_kinds()

    @property
    def _members(self) -> tuple[PayPolicy | PayStep | CarryStep, ...]:
        return (*self.pays, *self.then, *self.carry)

    def _check_draws(self) -> None:
        """What a deduction took must not come back as an advance, and be owed outside of its limits."""
        taking = [step.name for step in self.carry if isinstance(step, PeriodStep)]
        for position, step in enumerate(self.carry):
            earlier = [before.name for before in self.carry[:position] if before.name in taking]
            if isinstance(step, Draw) and step.recoverable and earlier:
                raise DefinitionError(
                    f"draw {step.name!r} must stand before {earlier[0]!r} in plan {self.name!r}: it would advance what "
                    "that takes, and recover it outside of its limits",
                    path=f"$.carry[{position}]",
                )

    def _check_kinds(self) -> None:
        kinds: dict[str, str] = {}
        for need in (need for member in self._members for need in member.needs()):
            if kinds.setdefault(need.name, need.kind) != need.kind:
                raise DefinitionError(
                    f"column {need.name!r} is read as {kinds[need.name]} and as {need.kind}; "
                    "one of the policies must read another column"
                )

    def needs(self) -> tuple[Need, ...]:
        """The columns that the plan reads."""
        return tuple(dict.fromkeys(need for member in self._members for need in member.needs()))

    def fit(
        self,
        data: Any,
        *,
        results: Mapping[str, Any] | None = None,
        progress: Progress | Any = None,
        **columns: Any,
    ) -> IncentivePlan:
        """The plan with every pool fitted to everybody, so that it can pay each row by itself.

        Args:
            data: one row a person, as for :meth:`pay`.
            results: the company's results by name, for pools that are filled by a curve.
            progress: as for :meth:`pay`; of several pools each counts for its part of the rows.
            columns: further columns by name.

        Example:
            >>> from perfkit.incentives import Pool
            >>> plan = IncentivePlan("profit share", currency="EUR", pays=[Pool(100, by="points", key="who")])
            >>> everyone = {"who": ["ana", "ben", "cleo"], "points": [1, 1, 1]}
            >>> plan.fit(everyone).pay(everyone).minor
            array([3334, 3333, 3333])
        """
        tell, further = told_apart(progress, columns)
        done = shared_between(tell, sum(isinstance(pay, Fits) for pay in self.pays))
        pays: list[Any] = []
        for pay in self.pays:
            if isinstance(pay, Fits):
                tells = tell is not None and "progress" in signature(pay.fit).parameters
                how = {"progress": done} if tells else {}
                pays.append(pay.fit(data, results=results, currency=self.currency, **how, **further))
                if tell is not None and not tells:
                    # Somebody's own form of pay that tells nothing is told of when it is done.
                    done(read_rows(data, (), further).n)
            else:
                pays.append(pay)
        return evolve(self, pays=pays)

    def pay(self, data: Any, *, progress: Progress | Any = None, **columns: Any) -> Payouts:
        """What each row is paid.

        Args:
            data: a mapping of columns, a NumPy structured array, or a data frame; money in int64 minor units.
            progress: what is called after each block of rows with their number, such as the ``update`` of a tqdm bar; a
                column of that name may be given in its place.
            columns: further columns by name, such as ``score=scores``; a single value stands for all rows.

        Raises:
            MissingColumnsError: with every missing column at once.
            DataError: for what cannot be paid, with the rows; float money, with the cure.
        """
        self._refuse_carry()
        tell, further = told_apart(progress, columns)
        return self._paid(read_rows(data, [need.name for need in self.needs()], further), tell)

    def pay_period(
        self,
        data: Any,
        ledger: Ledger,
        *,
        key: str,
        period: str | None = None,
        on: date | None = None,
        progress: Progress | Any = None,
        **columns: Any,
    ) -> tuple[Payouts, Ledger]:
        """What each person is paid in a period, given the balances before it; and the balances after it.

        Nothing is changed in place: the same ledger gives the same result again. Whoever is in the ledger and not in
        the data keeps their balances.

        Args:
            data: one row a person, as for :meth:`pay`.
            ledger: the balances before the period; an empty one for the first.
            key: the column that says who a row is.
            period: which pay period it is, such as ``2026-03``; needed by a plan that carries a :class:`Deduct`, whose
                limits hold for all that any plan or ``take`` takes in it. Where it is given, the ledger remembers whom
                the plan has paid for it, and it pays nobody twice for one period.
            on: the pay day; needed where a limit counts time. What is due and past its last day lapses.
            progress: as for :meth:`pay`.
            columns: further columns by name.

        Raises:
            DefinitionError: where a carried step needs the period or the day and none is given.
            DataError: besides those of :meth:`pay`, for a person with two rows or paid for the period already, or a
                ledger of another currency.

        Example:
            >>> from perfkit.incentives import Draw, FlatAmount, Ledger
            >>> plan = IncentivePlan("draw", currency="USD", pays=[FlatAmount("earned")], carry=[Draw(1_000)])
            >>> first, ledger = plan.pay_period({"who": ["ana"], "earned": [40_000]}, Ledger("USD"), key="who")
            >>> first.total, ledger.owed("ana")
            (Money('1,000.00 USD'), Money('600.00 USD'))
        """
        check_ledger(ledger)
        if ledger.currency != self.currency:
            raise DataError(f"the ledger must be of {self.currency} (got {ledger.currency}); convert it first")
        tell, further = told_apart(progress, columns)
        carry = self._carry_in(period, on, [name for name, _ in ledger.accounts])
        needs = dict.fromkeys(need.name for member in (*self._members, *carry) for need in member.needs())
        rows = read_rows(data, [*needs, key], further)
        keys = checked_keys(rows.category(key).tolist())
        before = ledger.columns(keys, [account for step in carry for account in step.accounts()])
        both = sorted(before.keys() & {*needs, key})
        if both:
            raise DataError(
                f"column {both[0]!r} is read from the data, and is an account of the ledger; call the column otherwise",
                column=both[0],
            )
        paid = {} if period is None else ledger.columns(keys, [f"{self.name}@{period}.paid"])
        for column in paid.values():
            refuse_paid(self.name, str(period), keys, column)
        for column in before.values():
            column.flags.writeable = False
        payouts = self._paid(Rows({**rows.columns, **before}, rows.n), tell, carry)
        # Whoever misses a value was not paid, and may be when it is there.
        now = (~self._incomplete(rows)).astype(np.int64)
        return payouts, ledger.updated(keys, payouts.balances | dict.fromkeys(paid, now))

    def _carry_in(self, period: str | None, on: date | None, accounts: Sequence[str]) -> tuple[CarryStep, ...]:
        """What is carried, as it is in a pay period."""
        if period is not None:
            period, on = checked_period(period), checked_day(on)
            steps = [
                step.in_period(period, on, accounts) if isinstance(step, PeriodStep) else step for step in self.carry
            ]
            check_lines(self.name, self.pays, self.then, tuple(steps))
            return tuple(steps)
        for step in self.carry:
            if isinstance(step, PeriodStep):
                raise DefinitionError(
                    f"plan {self.name!r} carries {step.name!r}, whose limits hold for all that is taken in a pay "
                    "period: say which, with pay_period(..., period='2026-03')",
                    path="period",
                )
        return self.carry

    def _refuse_carry(self) -> None:
        if self.carry:
            raise DefinitionError(f"plan {self.name!r} carries balances: pay it with pay_period and a Ledger")

    def pay_one(self, row: Any, **columns: Any) -> Payout:
        """What one row, a mapping from column to value, is paid: to the minor unit that of a batch of one."""
        self._refuse_carry()
        return self._paid(read_row(row, [need.name for need in self.needs()], columns))[0]

    def pay_timeline(
        self, timeline: Timeline, start: date, end: date, *, convention: DayCount = "days", **facts: Any
    ) -> TimelinePayout:
        """What one person is paid for a period in which things changed: each segment by itself, prorated and added up.

        Args:
            timeline: the person's segments; time in none of them earns nothing.
            start: the first day of the period.
            end: the last day of the period.
            convention: how time is counted; see :func:`perfkit.day_count`.
            facts: what holds in every segment, such as the score of the year.

        Example:
            >>> from perfkit.incentives import Segment, TargetBonus, Timeline
            >>> plan = IncentivePlan("bonus", currency="EUR", pays=[TargetBonus("salary", 0.1)])
            >>> year = Timeline([Segment(date(2026, 1, 1), date(2026, 6, 30), {"salary": 6_000_000}),
            ...                  Segment(date(2026, 7, 1), date(2026, 12, 31), {"salary": 7_200_000})])
            >>> plan.pay_timeline(year, date(2026, 1, 1), date(2026, 12, 31), convention="30/360").amount
            Money('6,600.00 EUR')
        """
        self._refuse_carry()
        if end < start:
            raise DefinitionError(f"a period must not end ({end}) before it starts ({start})", path="end")
        parts = []
        for segment in timeline.within(start, end):
            by, of = share_of(segment, start, end, convention)
            plan = segment.plan or self
            if plan.currency != self.currency:
                raise DataError(f"segments must be paid in one currency (got {self.currency} and {plan.currency})")
            # What was returned in one segment comes off the pay of the others.
            payout = evolve(plan, below_zero="keep").pay_one({**facts, **dict(segment.facts)})
            if plan.below_zero == "refuse":
                # Within a segment, nothing is taken from its other pay.
                plan._block(payout._payouts._rows, SILENT, below_zero="refuse")
            minor = payout.amount.times(by / of).minor
            parts.append(SegmentPayout(segment, payout, by, of, minor))
        paid = TimelinePayout(self.name, self.currency, tuple(parts))
        if self.below_zero == "refuse" and paid.minor < 0:
            raise paid_below_zero(self.name, f"{paid.amount} from {start} to {end}", [])
        return paid

    def _paid(
        self, rows: Rows, progress: Progress | None = None, carry: tuple[CarryStep, ...] | None = None
    ) -> Payouts:
        carry = self.carry if carry is None else carry
        self._check_currencies(rows)
        minor = np.empty(rows.n, dtype=np.int64)
        accounts = [account for step in carry for account in step.accounts()]
        balances = {account: np.empty(rows.n, dtype=np.int64) for account in accounts}
        checksums = np.empty(rows.n, dtype=np.uint64)
        for block in blocks(rows.n, progress=progress):
            some = rows[block]
            minor[block], after = self._block(some, SILENT, carry, below_zero=self.below_zero)
            checksums[block] = some.checksum()
            for account, column in after.items():
                balances[account][block] = column
        if self.below_zero == "refuse" and minor.size and minor.min() < 0:
            below = np.flatnonzero(minor < 0)
            first = int(below[0])
            at = [int(rows.positions[int(row)]) for row in below[:SHOWN]]
            seen = f"{Money.from_minor(int(minor[first]), self.currency)} in {row_list(at, len(below))}"
            raise paid_below_zero(self.name, seen, at, len(below))
        minor.flags.writeable = False
        return Payouts(self, minor, balances, rows, checksums, carry)

    def _check_currencies(self, rows: Rows) -> None:
        for need in self.needs():
            column = rows.raw(need.name)
            if need.kind == "money" and column.dtype == object:
                same = np.array([getattr(value, "currency", self.currency) == self.currency for value in column])
                rows.require(same, need.name, f"must be money of {self.currency}", "convert it first")

    def _incomplete(self, rows: Rows) -> BoolColumn:
        """The rows that miss a value that the plan reads."""
        gaps = [rows.is_missing(need.name) for need in self.needs()]
        return np.any(gaps, axis=0) if gaps else np.zeros(rows.n, dtype=np.bool_)

    def _block(
        self,
        rows: Rows,
        record: AnyRecorder,
        carry: tuple[CarryStep, ...] | None = None,
        *,
        below_zero: BelowZero = "keep",
    ) -> tuple[IntColumn, dict[str, IntColumn]]:
        carry = self.carry if carry is None else carry
        gaps = [need.name for need in self.needs() if rows.is_missing(need.name).any()]
        if not gaps or self.missing == "refuse":
            return self._complete(rows, record, carry, below_zero)
        incomplete = self._incomplete(rows)
        paid = np.zeros(rows.n, dtype=np.int64)
        # Whoever is not paid keeps what is carried.
        balances = {name: rows.money(name).copy() for step in carry for name in step.accounts()}
        complete = np.flatnonzero(~incomplete)
        if len(complete):
            paid[complete], after = self._complete(rows[complete], record, carry, below_zero)
            for name, column in after.items():
                balances[name][complete] = column
        elif record:
            record.says("unpaid", value=Money(0, self.currency), columns=gaps)
        return paid, balances

    def _complete(
        self, rows: Rows, record: AnyRecorder, carry: tuple[CarryStep, ...], below_zero: BelowZero
    ) -> tuple[IntColumn, dict[str, IntColumn]]:
        total = pay_lines(self.pays, self.then, rows, self.currency, record, below_zero=below_zero)
        balances: dict[str, IntColumn] = {}
        for step in carry:
            line = record.part("line", label=step.name)
            # Two steps may keep one account, as a malus and its deferral do: the second goes on from the first.
            before = {name: balances[name] if name in balances else rows.money(name) for name in step.accounts()}
            after, kept = step.carry(total, before, rows, self.currency, line)
            if record:
                moved = Money.from_minor(int(after[0]) - int(total[0]), self.currency)
                line.says(relation="from", value=moved)
                record.says(value=Money.from_minor(int(after[0]), self.currency))
            balances |= kept
            total = after
        return total, balances

    # What the plan does, proved on its curves; what it carries from before is left out of them.

    def curve(self, column: str, given: Mapping[str, Any]) -> Curve:
        """Pay before rounding, in major units, as a function of one column of a single row.

        Args:
            column: of numbers; of money, in major units; of true and false, as 1 and 0.
            given: the row, with every other column that the plan reads.

        Raises:
            NotAffineError: where pay is no piecewise-affine curve of the column, or a policy does not say.

        Example:
            >>> from perfkit.incentives import Commission
            >>> tiers = Curve.marginal((0, 0.02), (100, 0.03))
            >>> IncentivePlan("c", currency="EUR", pays=[Commission("sold", tiers)]).curve("sold", {})
            Curve(x < 0: 0; 0 <= x < 100: 0 to 2; 100 <= x: 2 and 0.03 for each 1 above)
        """
        return verification.plan_curve(evolve(self, carry=(), below_zero="keep"), column, given)[0]

    def inverse(
        self, column: str, *, amount: Money | Number, given: Mapping[str, Any], start: Number = 0
    ) -> Money | Fraction | None:
        """The least result that pays at least an amount, everything else as given; None where none does.

        Args:
            column: the result to find.
            amount: what is to be paid.
            given: the row, with every other column that the plan reads.
            start: the least result to look at, in major units for money.

        Returns:
            ``Money`` for a column of money, a ``Fraction`` on a grid of 1e-6 for a column of numbers.

        Example:
            >>> from perfkit.incentives import Commission
            >>> tiers = Curve.marginal((0, 0.02), (100, 0.03))
            >>> IncentivePlan("c", currency="EUR", pays=[Commission("sold", tiers)]).inverse("sold", amount=5, given={})
            Money('199.84 EUR')
        """
        return verification.inverse(evolve(self, carry=(), below_zero="keep"), column, amount, given, start)

    def lint(self, ranges: Mapping[str, Any], *, given: Mapping[str, Any] | None = None, people: int = 1) -> Findings:
        """What is odd about a plan, found before anyone is paid.

        Args:
            ranges: for each column to look along, the least and the greatest value, in major units for money.
            given: the row that holds the other columns, and where in its ranges a typical row is; the columns of
                ``ranges`` are at their greatest value where it does not say.
            people: how many people the plan pays, for the worst case.

        Returns:
            the findings. Their codes are ``cliff``, ``falls``, ``dead_zone``, ``unreachable_tier``,
            ``cap_never_binds``, ``gate_alone``, ``edge_gain``, ``rounding_moves``, ``worst_case``, ``not_a_curve``.

        Example:
            >>> from perfkit.incentives import Commission
            >>> rates = Curve.whole((0, 0.05), (100, 0.04))
            >>> plan = IncentivePlan("c", currency="EUR", pays=[Commission("sold", rates)])
            >>> [finding.code for finding in plan.lint({"sold": (0, 200)})]
            ['cliff', 'falls', 'edge_gain', 'worst_case']
        """
        return verification.lint(evolve(self, carry=(), below_zero="keep"), ranges, given or {}, people)

    def _repr_html_(self) -> str:
        return views.plan_html(self)
