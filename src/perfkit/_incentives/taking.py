"""What one pay period takes of what was imposed: within the limits, in time, and after what it took already."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from attrs import frozen

from perfkit._core import integers
from perfkit._core.columns import Need, Rows
from perfkit._core.integers import IntColumn
from perfkit._incentives.factors import fitting
from perfkit._incentives.ledger import Balances
from perfkit._incentives.limit import whole_multiples
from perfkit._incentives.outcomes import Reason, Reasons
from perfkit.errors import DataError, DefinitionError
from perfkit.explain import AnyRecorder, Explanation
from perfkit.money import Money

if TYPE_CHECKING:
    from perfkit._incentives.deduction import Deduct


class Due(NamedTuple):
    """An account of what is to be taken: until when at the latest, and until when a first part of it must be."""

    account: str
    last: date | None
    begin: date | None

    def ends(self, on: date) -> date | None:
        """The last day that has passed on a pay day; None where what is in it may still be taken."""
        return min((day for day in (self.last, self.begin) if day is not None and day < on), default=None)


def due_account(base: str, last: date | None, begin: date | None) -> str:
    """The account of what may be taken until a day, where there is one, and must be begun until another."""
    days = [f"begin by {begin}"] * (begin is not None) + [f"until {last}"] * (last is not None)
    return f"{base}@{', '.join(days)}.owed" if days else f"{base}.owed"


def due_accounts(base: str, accounts: Iterable[str]) -> list[Due]:
    """Those of some accounts that hold what is to be taken, first those that end first.

    Raises:
        DataError: for a day that is none.
    """
    day = r"(\d{4}-\d\d-\d\d)"
    form = re.compile(rf"{re.escape(base)}(?:@(?:begin by {day})?(?:, )?(?:until {day})?)?\.owed")
    found = []
    for name in accounts:
        match = form.fullmatch(name)
        if match:
            try:
                begin, last = (None if text is None else date.fromisoformat(text) for text in match.groups())
            except ValueError as error:
                raise DataError(f"account {name!r} of the ledger names no day; write it as 2026-01-31") from error
            found.append(Due(name, last, begin))
    return sorted(found, key=lambda due: (min(due.last or date.max, due.begin or date.max), due.account))


def checked_period(period: Any) -> str:
    """The name of a pay period.

    Raises:
        DefinitionError: for what is no name, has an @ in it, which parts it from a limit in the ledger, or spaces
            around it, which would make another period of it.
    """
    if not isinstance(period, str) or not period or period != period.strip() or "@" in period:
        raise DefinitionError(
            f"say period=, the pay period that is taken from, such as '2026-03', without an @ or spaces around it "
            f"(got {period!r}); a limit holds for all that is taken in it",
            path="period",
        )
    return period


def checked_day(on: Any) -> date | None:
    """A pay day, or none.

    Raises:
        DefinitionError: for anything else.
    """
    if on is not None and not isinstance(on, date):
        raise DefinitionError(f"on must be the pay day, such as date(2026, 3, 31) (got {on!r})", path="on")
    return on.date() if isinstance(on, datetime) else on


class Taken(NamedTuple):
    """What a period takes of what is due, and what becomes of the rest."""

    due: IntColumn
    taken: IntColumn
    late: IntColumn
    after: dict[str, IntColumn]
    reasons: list[Reasons]

    @property
    def owed_after(self) -> IntColumn:
        """What is still to be taken."""
        left: IntColumn = sum(self.after.values(), np.zeros_like(self.due))
        return left

    @property
    def lapsed(self) -> IntColumn:
        """What is never taken."""
        return self.due - self.taken - self.owed_after


@frozen
class Taking:
    """A deduction in one pay period: a carried step that knows what the ledger has as taken in it.

    Args:
        deduction: what was imposed, and within which limits it is taken.
        period: which pay period.
        on: its pay day; None where nothing that is due has a last day.
        dues: the accounts that hold what is due.
    """

    deduction: Deduct
    period: str
    on: date | None
    dues: tuple[Due, ...]

    @classmethod
    def of(cls, deduction: Deduct, period: str, on: date | None, accounts: Iterable[str]) -> Taking:
        """The deduction in a period, for a ledger of some accounts.

        Raises:
            DefinitionError: without a pay day where what is due has a last day.
        """
        period, on = checked_period(period), checked_day(on)
        base = deduction.account.removesuffix(".owed")
        dues = due_accounts(base, dict.fromkeys((*accounts, deduction.account)))
        if on is None and (deduction.is_timed or any(due.last or due.begin for due in dues)):
            raise DefinitionError(
                f"{deduction.name!r} takes only until a last day: say on=, the pay day, such as on=date(2026, 3, 31)",
                path="on",
            )
        # Where a first part was taken, the rest is no longer to be begun.
        begun = [Due(due_account(base, due.last, None), due.last, None) for due in dues if due.begin is not None]
        return cls(deduction, period, on, tuple(dict.fromkeys([*dues, *begun])))

    @property
    def name(self) -> str:
        """That of the deduction."""
        return self.deduction.name

    @property
    def pay_account(self) -> str:
        """The account of what was taken from the pay of the period, under whatever limit."""
        return f"pay@{self.period}.taken"

    def used_accounts(self) -> dict[str, str]:
        """For each limit that holds for a period, the account of what it has used up of it."""
        limits = [limit.name for limit in self.deduction.limits if limit.per_period is not None]
        return {name: f"{name}@{self.period}.taken" for name in limits}

    def accounts(self) -> tuple[str, ...]:
        """The accounts of what is due, and of what was taken."""
        dues = [due.account for due in self.dues]
        return tuple(dict.fromkeys([*dues, *self._counted()]))

    def _counted(self) -> list[str]:
        """The accounts that count what is taken: of the period, under each limit, and by the deduction in all."""
        return [self.pay_account, *self.used_accounts().values(), self.deduction.taken_account]

    def needs(self) -> tuple[Need, ...]:
        """Those of the deduction."""
        return self.deduction.needs()

    def carry(
        self, earned: IntColumn, balances: Balances, rows: Rows, currency: str, record: AnyRecorder
    ) -> tuple[IntColumn, dict[str, IntColumn]]:
        """What is paid of what was earned, what is still to be taken, and what the period has taken now."""
        found = self._found(earned, balances, rows, currency)
        if record:
            self._record(found, balances, currency, record)
        return fitting(integers.add(earned, -found.taken), currency), found.after | self.used_after(
            found.taken, balances, currency
        )

    def _found(self, earned: IntColumn, balances: Balances, rows: Rows, currency: str) -> Taken:
        # A step before this one may have taken from the same pay: the limits look at the pay before all of it.
        moved = balances[self.pay_account] - rows.money(self.pay_account)
        return self.taken(fitting(integers.add(earned, moved), currency), balances, rows, currency)

    def reasons(self, earned: IntColumn, balances: Balances, rows: Rows, currency: str) -> list[Reasons]:
        """Why less is taken than is due, where it is."""
        return self._found(earned, balances, rows, currency).reasons

    def _record(self, found: Taken, balances: Balances, currency: str, record: AnyRecorder) -> None:
        def money(column: IntColumn) -> Money:
            return Money.from_minor(int(column[0]), currency)

        told = [reason for reason in (column.at(0, currency) for column in found.reasons) if reason is not None]
        by = [reason.params.get("name", reason.code) for reason in told if "ceiling" in reason.params]
        shown: dict[str, Any] = {
            "due": money(found.due),
            "owed_after": money(found.owed_after),
            "lapsed": money(found.lapsed),
            "basis": self.deduction.basis,
        }
        if by:
            shown["by"] = by
        record.says("deduct_clipped" if by else "deduct_taken", **shown)
        before = money(balances[self.pay_account])
        if before.minor:
            record.leaf("deduct_before", None, taken=before, period=self.period)
        for reason in told:
            if "ceiling" not in reason.params:
                record.leaf(reason.code, None, **reason.params)
        rest = money(found.lapsed - found.late)
        if rest.minor:
            record.leaf("deduct_lapsed", None, lapsed=rest)

    def used_after(self, taken: IntColumn, balances: Balances, currency: str) -> dict[str, IntColumn]:
        """The accounts of what was taken, with what is taken now."""
        accounts = dict.fromkeys(self._counted())
        return {account: fitting(integers.add(balances[account], taken), currency) for account in accounts}

    def taken(self, pay: IntColumn, balances: Balances, rows: Rows, currency: str) -> Taken:
        """What may be taken of what is due, and what each limit in turn left of it.

        Args:
            pay: the pay of the period, before anything was taken from it.
            balances: of :meth:`accounts`.
            rows: what the limits read.
            currency: of all amounts.
        """
        reasons: list[Reasons] = []
        live: list[Due] = []
        total, late = (np.zeros(rows.n, dtype=np.int64) for _ in range(2))
        for due in self.dues:
            owed = balances[due.account]
            total = fitting(integers.add(total, owed), currency)
            ended = None if self.on is None else due.ends(self.on)
            if ended is None:
                live.append(due)
                continue
            late = late + owed
            code = "limit_lapsed" if ended == due.last else "limit_unbegun"
            names = [limit.name for limit in self.deduction.limits if limit.is_timed]
            facts = {"name": ", ".join(names) or self.name, "last": ended}
            reasons.append(Reasons("clipped", code, owed > 0, facts, {"by": owed}))
        taken, clips = self._within(total - late, np.maximum(pay, 0), balances, rows)
        return Taken(total, taken, late, self._left(taken, live, balances, currency), [*reasons, *clips])

    def _within(
        self, due: IntColumn, pay: IntColumn, balances: Balances, rows: Rows
    ) -> tuple[IntColumn, list[Reasons]]:
        """What all limits let be taken of what is due in time, and what each in turn left of it."""
        taken, reasons = due, []
        gone, used = balances[self.pay_account], self.used_accounts()
        for limit in self.deduction.limits:
            most = limit.ceiling(pay - gone, rows)
            before = balances[used[limit.name]] if limit.name in used else np.zeros_like(most)
            ceiling = most - np.minimum(before, most)
            clipped, again = taken > ceiling, before > 0
            name, left = {"name": limit.name}, {"ceiling": ceiling}
            reasons.append(Reasons("clipped", "limit_period", clipped & ~again, name, left))
            reasons.append(Reasons("clipped", "limit_period_left", clipped & again, name, left | {"most": most}))
            taken = np.minimum(taken, ceiling)
        there = pay - np.minimum(gone, pay)
        reasons.append(Reasons("clipped", "limit_pay", taken > there, {}, {"ceiling": there}))
        taken = np.minimum(taken, there)
        # What the other limits leave of a day is no whole day.
        for whole, reason in whole_multiples(self.deduction.limits, taken, rows):
            taken = whole
            reasons.append(reason)
        return taken, reasons

    def _left(self, taken: IntColumn, live: Sequence[Due], balances: Balances, currency: str) -> dict[str, IntColumn]:
        """What is still to be taken: what ends first was taken first, and what was begun has no day to begin by."""
        after = {due.account: np.zeros_like(taken) for due in self.dues}
        if not self.deduction.carries:
            return after
        rest, base = taken, self.deduction.account.removesuffix(".owed")
        for due in live:
            part = np.minimum(rest, balances[due.account])
            rest = rest - part
            left = balances[due.account] - part
            begun = due_account(base, due.last, None)
            if begun == due.account:
                after[begun] = fitting(integers.add(after[begun], left), currency)
            else:
                after[begun] = fitting(integers.add(after[begun], np.where(part > 0, left, 0)), currency)
                after[due.account] = np.where(part > 0, 0, left)
        return after

    # The explanation of what is taken by itself, for a payroll that pays elsewhere.

    def explain(self, found: Taken, currency: str, row: int) -> Explanation:
        """Why so much is taken of one row: what is due, less what each reason left of it."""
        left = int(found.due[row])
        parts = [Explanation("deduct_due", Money.from_minor(-left, currency), label=self.deduction.account)]
        for reason_column in found.reasons:
            reason = reason_column.at(row, currency)
            if reason is not None:
                params = reason.params
                most = params["ceiling"].minor if "ceiling" in params else left - params["by"].minor
                parts.append(because(reason, left - most, currency))
                left = most
        lapsed = Money.from_minor(int(found.lapsed[row]), currency)
        shown = {
            "basis": self.deduction.basis,
            "owed_after": Money.from_minor(int(found.owed_after[row]), currency),
            "lapsed": lapsed,
        }
        value = Money.from_minor(-left, currency)
        code = "deduct_period_lapsed" if lapsed.minor else "deduct_period"
        return Explanation(code, value, label=self.name, params=shown, relation="sum", parts=parts)


def because(reason: Reason, minor: int, currency: str) -> Explanation:
    """What a reason changed, as a part of an explanation."""
    code = f"clipped_{reason.code}" if reason.status == "clipped" else reason.code
    return Explanation(code, Money.from_minor(minor, currency), params=reason.params)
