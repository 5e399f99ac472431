"""Deductions from earned wages: only on a named legal basis, within a limit, and what is above it is carried."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial, reduce
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from perfkit._core import integers
from perfkit._core.checks import several, text
from perfkit._core.columns import BoolColumn, Need, Rows, read_rows
from perfkit._core.integers import IntColumn
from perfkit._core.notebook import definition
from perfkit._core.tables import column_names
from perfkit._incentives.cancelling import cancellation
from perfkit._incentives.cohort import checked_ids, checked_names
from perfkit._incentives.factors import fitting
from perfkit._incentives.ledger import Balances, Ledger, check_ledger, checked_keys
from perfkit._incentives.limit import FOREVER, Limit, read_days, whole_multiples
from perfkit._incentives.outcomes import Outcomes, Reasons
from perfkit._incentives.taking import Taking, because, due_account
from perfkit.errors import DefinitionError
from perfkit.explain import AnyRecorder, Explanation
from perfkit.money import Money
from perfkit.typing import CarryStep


def _limits(limits: Any) -> tuple[Limit, ...]:
    return several(limits)


@frozen
class Deduct:
    """A deduction from earned wages, such as a fine or the compensation of a loss.

    It has two stages, as the laws have. :meth:`impose` says for each incident what may be imposed at all, and puts it
    into a ledger; each pay period then takes what its limits allow, and the rest stays in the ledger for the next one:
    as a step that an :class:`IncentivePlan` carries, or by :meth:`take`. So no amount gets from an incident to a pay
    slip but through its limits. The ledger remembers what was taken in a period, and until when each amount may be
    taken: what is past its last day lapses. This is no legal advice.

    Args:
        name: on the statement and in the ledger.
        basis: the statute, the term of a contract or the consent that allows it.
        limits: one or several :class:`Limit`, all of which hold; see ``perfkit.limits``. Where one of them lets
            nothing be carried, whatever a period does not take lapses.
        amount: the column of an incident's amount.
        who: the column that says whose it is.
        incident: the column that tells incidents apart.
        on: the column of the day of the incident, read where a limit counts time.
        reason: the column of its reason, read where a limit allows only some.

    Raises:
        DefinitionError: without a legal basis, or without a limit.

    Example:
        >>> from perfkit import Ledger, limits
        >>> fine = Deduct("fine", basis="work rules art. 50", limits=limits.japan_article_91)
        >>> incidents = {"incident": ["a", "b"], "who": ["ana", "ana"], "amount": [8_000, 3_000],
        ...              "average_daily_wage": [10_000, 10_000], "in_work_rules": [True, True]}
        >>> imposed = fine.impose(incidents, Ledger("JPY"))
        >>> imposed[0].amount, str(imposed[0].reasons[0])
        (Money('-5,000 JPY'), 'clipped: by Labour Standards Act art. 91, at most 5,000 JPY for one incident')
        >>> march = {"who": ["ana"], "pay": [50_000], "gross_wages": [50_000]}
        >>> taken = fine.take(march, imposed.state, key="who", period="2026-03")
        >>> taken[0].amount, taken.state.owed("ana")
        (Money('-5,000 JPY'), Money('3,000 JPY'))
    """

    _repr_html_ = definition

    name: str = field(default="deduction", converter=text)
    basis: str = field(default="", kw_only=True)
    limits: tuple[Limit, ...] = field(default=(), converter=_limits, kw_only=True)
    amount: str = field(default="amount", converter=text, kw_only=True)
    who: str = field(default="who", converter=text, kw_only=True)
    incident: str = field(default="incident", converter=text, kw_only=True)
    on: str = field(default="on", converter=text, kw_only=True)
    reason: str = field(default="reason", converter=text, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.basis, str) or not self.basis.strip():
            raise DefinitionError(
                f"a deduction from earned wages needs a legal basis (got {self.basis!r} for {self.name!r}): name the "
                "statute, the term of the contract or the written consent, such as basis='work rules art. 50'; for pay "
                "that is not earned yet, use Forfeit or Malus",
                path="basis",
            )
        if not self.limits:
            raise DefinitionError(
                f"a deduction from earned wages needs a limit (got none for {self.name!r}): one of perfkit.limits, or "
                "a Limit of your own",
                path="limits",
            )
        for position, limit in enumerate(self.limits):
            if not isinstance(limit, Limit):
                raise DefinitionError(
                    f"limits[{position}] must be a Limit (got {limit!r})", path=f"$.limits[{position}]"
                )

    @property
    def account(self) -> str:
        """The account of the ledger that it keeps: only what was imposed, never the claim of a recovery."""
        return f"{self.name}.imposed.owed"

    @property
    def taken_account(self) -> str:
        """The account of the ledger that says what was taken in all, less what was cancelled since."""
        return f"{self.name}.imposed.taken"

    @property
    def is_timed(self) -> bool:
        """Whether one of its limits counts time, so that a pay day must be known."""
        return any(limit.is_timed for limit in self.limits)

    @property
    def carries(self) -> bool:
        """Whether what a period does not take is carried to later ones."""
        return all(limit.excess == "carry" for limit in self.limits)

    # First stage: what an incident costs.

    def incident_needs(self) -> tuple[Need, ...]:
        """The columns that it reads of an incident, besides those that say whose and which it is."""
        own = Need(self.amount, "money")
        return tuple(dict.fromkeys((own, *(need for limit in self.limits for need in limit.incident_needs()))))

    def impose(
        self, incidents: Any, ledger: Ledger, *, as_of: date | None = None, already: str | Iterable[str] = ()
    ) -> Outcomes:
        """What may be imposed for each incident, and the ledger in which it is owed.

        Args:
            incidents: one row an incident: a mapping of columns or a data frame, money in int64 minor units.
            ledger: the balances so far; its currency is that of the amounts.
            as_of: the pay day on which it is first taken; needed where a limit counts time.
            already: the incidents that were imposed before, besides those that the ledger has; they cost nothing again.

        Returns:
            outcomes whose amounts are negative, with the reasons of what was clipped or blocked, and the new ledger as
            their ``state``. ``facts`` has ``incident``, ``who`` and ``last_day``, on which it may be taken at the
            latest.

        Raises:
            MissingColumnsError: with every missing column at once.
            DataError: for an incident that is there twice, or a negative amount.
        """
        check_ledger(ledger)
        timed, named = self.is_timed, any(limit.reasons for limit in self.limits)
        if timed and as_of is None:
            raise DefinitionError(
                f"a limit of {self.name!r} counts time: say as_of=, the pay day on which it is first taken",
                path="as_of",
            )
        # A limit that counts no time needs no day, but a day that is given is looked at.
        dated = timed or (as_of is not None and self.on in column_names(incidents))
        more = [self.who, self.incident, *([self.on] if dated else []), *([self.reason] if named else [])]
        rows = read_rows(incidents, [*(need.name for need in self.incident_needs()), *more])
        check_currency(rows, self.incident_needs(), ledger.currency)
        ids, who = checked_ids(rows, self.incident), checked_names(rows, self.who)
        asked = rows.money(self.amount)
        rows.require(
            asked >= 0, self.amount, "must not be negative", "give what is to be deducted as a positive amount"
        )
        reasons = list(self._blocks(rows, ids, dated, named, as_of, already, dict(ledger.entries)))
        blocked = np.zeros(rows.n, dtype=np.bool_)
        for reason in reasons:
            blocked |= reason.where
        amount = np.where(blocked, 0, asked)
        stages: list[tuple[Reasons, IntColumn]] = []
        for limit in self.limits:
            ceiling = limit.incident_ceiling(rows)
            clipped = Reasons("clipped", "limit_incident", amount > ceiling, {"name": limit.name}, {"ceiling": ceiling})
            amount = np.minimum(amount, ceiling)
            stages.append((clipped, amount))
        # What another ceiling leaves of a day is no whole day.
        stages += [(reason, amount := whole) for whole, reason in whole_multiples(self.limits, amount, rows)]
        reasons += [reason for reason, _ in stages]
        accounts, last_days = self.due_accounts(rows, timed)
        codes = np.where(blocked, "blocked", "imposed")
        return Outcomes(
            self.name,
            codes,
            currency=ledger.currency,
            minor=-amount,
            reasons=reasons,
            amounts={"asked": asked},
            facts={
                "incident": np.array(ids, dtype=object),
                "who": np.array(who, dtype=object),
                "last_day": last_days,
            },
            state=owing(ledger, who, amount, accounts).entered(
                {f"{self.account}:{one}": minor for one, minor in zip(ids, amount.tolist(), strict=True) if minor}
            ),
            explain=partial(self._explain_imposed, asked, blocked, reasons, stages, ledger.currency),
        )

    def cancel(self, incidents: Any, ledger: Ledger) -> Outcomes:
        """Undo what was imposed for incidents, where an appeal was upheld: what is still owed, and what was taken.

        What of it is still owed is owed no longer. What was taken already is to be paid back, at once and outside of
        the ledger: the amounts of the outcomes. A cancelled incident is not imposed again, nor cancelled twice; what it
        used up of the limits of past periods stays used up. What :meth:`Recover.transfer` imposed is undone by
        :meth:`Recover.withdraw`, which restores the claim.

        Amounts of one person are not told apart by incident. What is still owed goes first, so that what was taken
        counts for the other incidents; where a part has lapsed, no more is paid back than was taken in all.

        Args:
            incidents: one row an incident, as it was imposed; only the columns of who and which, and of the day where a
                limit counts time, are read.
            ledger: the balances so far.

        Returns:
            outcomes with what is to be paid back, ``cancelled`` or ``blocked`` (never imposed, or cancelled before),
            and the new ledger as their ``state``. ``amounts`` has ``imposed`` and ``released``, which was still owed.

        Raises:
            DataError: for an incident that is there twice, was transferred from a claim, or was somebody else's.

        Example:
            >>> from perfkit import Ledger, limits
            >>> fine = Deduct("fine", basis="work rules art. 50", limits=limits.us_safety_penalty)
            >>> ledger = Ledger("USD", ["ana"], {"fine.imposed.owed": [6_000], "fine.imposed.taken": [4_000]},
            ...                 {"fine.imposed.owed:a": 7_000, "fine.imposed.owed:b": 3_000})
            >>> upheld = fine.cancel({"incident": ["a"], "who": ["ana"]}, ledger)
            >>> upheld.total, upheld.state.owed("ana")
            (Money('10.00 USD'), Money('0.00 USD'))
        """
        return cancellation(self, incidents, ledger)

    def due_accounts(self, rows: Rows, timed: bool) -> tuple[list[str], npt.NDArray[np.object_]]:
        """The account that each incident is owed in, and the last day on which it may be taken, or None."""
        on = read_days(rows, self.on) if timed else np.full(rows.n, FOREVER)
        base, none = self.account.removesuffix(".owed"), FOREVER.astype(object)
        ends = []
        for days in ([limit.last_day(on) for limit in self.limits], [limit.last_begin(on) for limit in self.limits]):
            first = reduce(np.minimum, days, np.full(rows.n, FOREVER))
            ends.append([None if day == none else day for day in first.astype(object)])
        last_days = np.empty(rows.n, dtype=object)
        last_days[:] = ends[0]
        return [due_account(base, last, begin) for last, begin in zip(*ends, strict=True)], last_days

    def _blocks(
        self,
        rows: Rows,
        ids: list[str],
        dated: bool,
        named: bool,
        as_of: date | None,
        already: Iterable[str],
        entered: Mapping[str, int],
    ) -> Iterator[Reasons]:
        before = {str(name) for name in (already.tolist() if isinstance(already, np.ndarray) else several(already))}
        before |= {name for name in ids if f"{self.account}:{name}" in entered}
        yield Reasons("blocked", "imposed_before", np.array([name in before for name in ids], dtype=np.bool_))
        on = read_days(rows, self.on) if dated else None
        if on is not None and as_of is not None:
            rows.require(
                on <= np.datetime64(as_of),
                self.on,
                f"must not be after the pay day {as_of}",
                "nothing is deducted before it happened",
            )
        reasons = rows.category(self.reason) if named else None
        for limit in self.limits:
            yield from limit.blocks(rows, reasons, on, as_of)

    def _explain_imposed(
        self,
        asked: IntColumn,
        blocked: BoolColumn,
        reasons: Sequence[Reasons],
        stages: Sequence[tuple[Reasons, IntColumn]],
        currency: str,
        row: int,
    ) -> Explanation:
        left = int(asked[row])
        parts = [Explanation("deduct_asked", Money.from_minor(-left, currency), label=self.amount)]
        if blocked[row]:
            # The first of its reasons is enough to explain it; the outcome has them all.
            stages = [(next(reason for reason in reasons if reason.where[row]), np.zeros_like(asked))]
        for reason_column, amount in stages:
            reason = reason_column.at(row, currency)
            if reason is not None:
                parts.append(because(reason, left - int(amount[row]), currency))
                left = int(amount[row])
        shown, value = {"basis": self.basis}, Money.from_minor(-left, currency)
        return Explanation("deduct_imposed", value, label=self.name, params=shown, relation="sum", parts=parts)

    # Second stage: what a pay period takes.

    def accounts(self) -> tuple[str, ...]:
        """The account that it keeps: what was imposed and is still to be taken, without a last day."""
        return (self.account,)

    def needs(self) -> tuple[Need, ...]:
        """The columns that it reads of a pay period."""
        return tuple(dict.fromkeys(need for limit in self.limits for need in limit.period_needs()))

    def in_period(self, period: str, on: date | None, accounts: Sequence[str]) -> CarryStep:
        """The step that a plan carries in a pay period: it counts what was taken in it, and what has lapsed by its day.

        Raises:
            DefinitionError: for a period without a name, or without a pay day where a limit counts time.
        """
        return Taking.of(self, period, on, accounts)

    def carry(
        self, earned: IntColumn, balances: Balances, rows: Rows, currency: str, record: AnyRecorder
    ) -> tuple[IntColumn, dict[str, IntColumn]]:
        """Nothing by itself: what may be taken depends on what the period has taken.

        Raises:
            DefinitionError: always; see :meth:`in_period`.
        """
        raise DefinitionError(
            f"{self.name!r} takes from a pay period, and its limits hold for all that is taken in it: say which, with "
            "pay_period(..., period='2026-03')",
            path="period",
        )

    def take(
        self,
        data: Any,
        ledger: Ledger,
        *,
        key: str,
        period: str,
        on: date | None = None,
        pay: str = "pay",
        **columns: Any,
    ) -> Outcomes:
        """What is taken from each person's pay in a period, for a payroll that pays wages elsewhere.

        Args:
            data: one row a person.
            ledger: the balances before the period.
            key: the column that says who a row is.
            period: which pay period it is, such as ``2026-03``. What the ledger has as taken in it, by any deduction or
                plan and under any limit of the same name, counts against the limits.
            on: the pay day; needed where a limit counts time. What is due and past its last day lapses.
            pay: the column of the pay of the period, before anything was taken from it.
            columns: further columns by name.

        Returns:
            outcomes whose amounts are negative, with a reason wherever a limit clipped what was due or a day had
            passed, and the ledger after the period as their ``state``. ``amounts`` has ``due``, ``owed_after`` and
            ``lapsed``.

        Raises:
            DefinitionError: for a period without a name, or without a pay day where a limit counts time.
            DataError: for a person with two rows, or what the limits cannot read.
        """
        check_ledger(ledger)
        taking = Taking.of(self, period, on, [name for name, _ in ledger.accounts])
        needs = (Need(pay, "money"), *self.needs())
        rows = read_rows(data, [*dict.fromkeys(need.name for need in needs), key], columns)
        check_currency(rows, needs, ledger.currency)
        keys = checked_keys(rows.category(key).tolist())
        before = ledger.columns(keys, taking.accounts())
        found = taking.taken(rows.money(pay), before, rows, ledger.currency)
        left = found.owed_after
        return Outcomes(
            self.name,
            np.where(
                found.taken > 0, "taken", np.where(left > 0, "deferred", np.where(found.due > 0, "lapsed", "none"))
            ),
            currency=ledger.currency,
            minor=-found.taken,
            reasons=found.reasons,
            amounts={"due": found.due, "owed_after": left, "lapsed": found.lapsed},
            facts={"who": np.array(keys, dtype=object)},
            state=ledger.updated(keys, found.after | taking.used_after(found.taken, before, ledger.currency)),
            explain=partial(taking.explain, found, ledger.currency),
        )


def check_currency(rows: Rows, needs: Iterable[Need], currency: str) -> None:
    """Refuse money of another currency than the ledger's."""
    for need in needs:
        column = rows.raw(need.name)
        if need.kind == "money" and column.dtype == object:
            same = np.array([getattr(value, "currency", currency) == currency for value in column], dtype=np.bool_)
            rows.require(same, need.name, f"must be money of {currency}", "convert it first")


def owing(ledger: Ledger, who: Sequence[str], amounts: IntColumn, accounts: Sequence[str]) -> Ledger:
    """The ledger in which people owe more, each amount in its account; several of one person add up."""
    more: dict[str, dict[str, int]] = {}
    for name, amount, account in zip(who, amounts.tolist(), accounts, strict=True):
        if amount:
            owed = more.setdefault(account, {})
            owed[name] = owed.get(name, 0) + amount
    for account, owed in more.items():
        ledger = credited(ledger, owed, account)
    return ledger


def credited(ledger: Ledger, more: Mapping[str, int], account: str) -> Ledger:
    """The ledger with amounts added to an account."""
    people = list(more)
    if not people:
        return ledger
    before = ledger.columns(people, [account])[account]
    added = np.empty(len(people), dtype=object)
    added[:] = [more[name] for name in people]
    return ledger.updated(people, {account: fitting(integers.add(before, added), ledger.currency)})
