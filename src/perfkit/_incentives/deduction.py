"""Deductions from earned wages: only on a named legal basis, within a limit, and what is above it is carried."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import numpy as np
from attrs import field, frozen

from perfkit._core import integers
from perfkit._core.checks import several, text
from perfkit._core.columns import FILL, BoolColumn, Need, Rows, read_rows
from perfkit._core.integers import IntColumn
from perfkit._core.notebook import definition
from perfkit._core.tables import column_names
from perfkit._incentives.factors import fitting
from perfkit._incentives.ledger import Balances, Ledger, check_ledger, checked_keys
from perfkit._incentives.limit import UNLIMITED, Limit, read_days
from perfkit._incentives.outcomes import Outcomes, Reason, Reasons
from perfkit.errors import DataError, DefinitionError, row_list
from perfkit.explain import AnyRecorder, Explanation
from perfkit.money import Money


def _limits(limits: Any) -> tuple[Limit, ...]:
    return several(limits)


@frozen
class Deduct:
    """A deduction from earned wages, such as a fine or the compensation of a loss.

    It has two stages, as the laws have. :meth:`impose` says for each incident what may be imposed at all, and puts it
    into a ledger; each pay period then takes what its limits allow, and the rest stays in the ledger for the next one:
    as a step that an :class:`IncentivePlan` carries, or by :meth:`take`. So no amount gets from an incident to a pay
    slip but through its limits. This is no legal advice.

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
            their ``state``.

        Raises:
            MissingColumnsError: with every missing column at once.
            DataError: for an incident that is there twice, or a negative amount.
        """
        check_ledger(ledger)
        timed, named = any(limit.is_timed for limit in self.limits), any(limit.reasons for limit in self.limits)
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
            for after, reason in limit.clipped(amount, rows):
                amount = after
                reasons.append(reason)
                stages.append((reason, amount))
        codes = np.where(blocked, "blocked", "imposed")
        return Outcomes(
            self.name,
            codes,
            currency=ledger.currency,
            minor=-amount,
            reasons=reasons,
            amounts={"asked": asked},
            facts={"incident": np.array(ids, dtype=object), "who": np.array(who, dtype=object)},
            state=owing(ledger, who, amount, self.account).entered(
                {f"{self.account}:{one}": minor for one, minor in zip(ids, amount.tolist(), strict=True) if minor}
            ),
            explain=partial(self._explain_imposed, asked, blocked, reasons, stages, ledger.currency),
        )

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
        """The account that it keeps: what was imposed and is still to be taken."""
        return (self.account,)

    def needs(self) -> tuple[Need, ...]:
        """The columns that it reads of a pay period."""
        return tuple(dict.fromkeys(need for limit in self.limits for need in limit.period_needs()))

    def carry(
        self, earned: IntColumn, balances: Balances, rows: Rows, currency: str, record: AnyRecorder
    ) -> tuple[IntColumn, dict[str, IntColumn]]:
        """What is paid of what was earned, and what is still to be taken."""
        due = balances[self.account]
        taken, reasons = self._taken(earned, due, rows, {})
        after = due - taken if self.carries else np.zeros_like(due)
        if record:
            clips = [reason.at(0, currency) for reason in reasons]
            by = [clip.params.get("name", clip.code) for clip in clips if clip is not None]
            shown: dict[str, Any] = {
                "due": Money.from_minor(int(due[0]), currency),
                "owed_after": Money.from_minor(int(after[0]), currency),
                "lapsed": Money.from_minor(int(due[0] - taken[0] - after[0]), currency),
                "basis": self.basis,
            }
            if by:
                shown["by"] = by
            record.says("deduct_clipped" if by else "deduct_taken", **shown)
        return fitting(integers.add(earned, -taken), currency), {self.account: after}

    def take(self, data: Any, ledger: Ledger, *, key: str, period: str, pay: str = "pay", **columns: Any) -> Outcomes:
        """What is taken from each person's pay in a period, for a payroll that pays wages elsewhere.

        Args:
            data: one row a person.
            ledger: the balances before the period.
            key: the column that says who a row is.
            period: which pay period it is, such as ``2026-03``. What the ledger has as taken in it, by any deduction
                and under any limit of the same name, counts against the limits.
            pay: the column of the pay of the period, before anything was taken from it.
            columns: further columns by name.

        Returns:
            outcomes whose amounts are negative, with a reason wherever a limit clipped what was due, and the ledger
            after the period as their ``state``. ``amounts`` has ``due``, ``owed_after`` and ``lapsed``.

        Raises:
            DataError: for a person with two rows, or what the limits cannot read.
        """
        check_ledger(ledger)
        needs = (Need(pay, "money"), *self.needs())
        rows = read_rows(data, [*dict.fromkeys(need.name for need in needs), key], columns)
        check_currency(rows, needs, ledger.currency)
        keys = checked_keys(rows.category(key).tolist())
        due = ledger.columns(keys, self.accounts())[self.account]
        used_accounts = self._used_accounts(period)
        used = ledger.columns(keys, list(used_accounts))
        taken, reasons = self._taken(
            rows.money(pay), due, rows, {name: used[account] for account, name in used_accounts.items()}
        )
        after = due - taken if self.carries else np.zeros_like(due)
        lapsed = due - taken - after
        return Outcomes(
            self.name,
            np.where(taken > 0, "taken", np.where(due > 0, "deferred" if self.carries else "lapsed", "none")),
            currency=ledger.currency,
            minor=-taken,
            reasons=reasons,
            amounts={"due": due, "owed_after": after, "lapsed": lapsed},
            facts={"who": np.array(keys, dtype=object)},
            state=ledger.updated(
                keys, {self.account: after, **{account: column + taken for account, column in used.items()}}
            ),
            explain=partial(self._explain_taken, due, after, lapsed, reasons, ledger.currency),
        )

    def _explain_taken(
        self,
        due: IntColumn,
        after: IntColumn,
        lapsed: IntColumn,
        reasons: Sequence[Reasons],
        currency: str,
        row: int,
    ) -> Explanation:
        left = int(due[row])
        parts = [Explanation("deduct_due", Money.from_minor(-left, currency), label=self.account)]
        for reason_column in reasons:
            reason = reason_column.at(row, currency)
            if reason is not None:
                most = reason.params["ceiling"].minor
                parts.append(because(reason, left - most, currency))
                left = most
        shown = {
            "basis": self.basis,
            "owed_after": Money.from_minor(int(after[row]), currency),
            "lapsed": Money.from_minor(int(lapsed[row]), currency),
        }
        value = Money.from_minor(-left, currency)
        return Explanation("deduct_period", value, label=self.name, params=shown, relation="sum", parts=parts)

    def _used_accounts(self, period: str) -> dict[str, str]:
        """The accounts of what a period has used up: of the pay itself (no name), and of each limit by its name."""
        if not isinstance(period, str) or not period.strip():
            raise DefinitionError(
                f"say period=, the pay period that is taken from, such as '2026-03' (got {period!r}); a limit holds "
                "for all that is taken in it",
                path="period",
            )
        limits = {f"{limit.name}@{period}.taken": limit.name for limit in self.limits if limit.per_period is not None}
        return {f"pay@{period}.taken": "", **limits}

    def _taken(
        self, earned: IntColumn, due: IntColumn, rows: Rows, used: Mapping[str, IntColumn]
    ) -> tuple[IntColumn, list[Reasons]]:
        """What may be taken of what is due, and what each limit in turn left of it."""
        taken, reasons = due, []
        gone = used.get("", np.zeros_like(due))
        for limit in self.limits:
            ceiling = limit.ceiling(earned - gone, rows)
            ceiling = ceiling - np.minimum(used.get(limit.name, 0), ceiling)
            clipped = taken > ceiling
            reasons.append(Reasons("clipped", "limit_period", clipped, {"name": limit.name}, {"ceiling": ceiling}))
            taken = np.minimum(taken, ceiling)
        there = np.clip(earned, 0, UNLIMITED)
        there = there - np.minimum(gone, there)
        reasons.append(Reasons("clipped", "limit_pay", taken > there, {}, {"ceiling": there}))
        taken = np.minimum(taken, there)
        for limit in self.limits:
            if limit.whole is not None:
                # What the other limits leave of a day is no whole day.
                unit = rows.money(limit.whole)
                rows.require(unit > 0, limit.whole, "must be positive to count whole ones of it", "fill it")
                whole = taken // unit * unit
                facts = {"unit": unit, "ceiling": whole}
                reasons.append(Reasons("clipped", "limit_whole", whole < taken, {"name": limit.name}, facts))
                taken = whole
        return taken, reasons


def because(reason: Reason, minor: int, currency: str) -> Explanation:
    """What a reason changed, as a part of an explanation."""
    code = f"clipped_{reason.code}" if reason.status == "clipped" else reason.code
    return Explanation(code, Money.from_minor(minor, currency), params=reason.params)


def checked_ids(rows: Rows, name: str) -> list[str]:
    """The ids of a column, each once.

    Raises:
        DataError: for ids that are missing or repeat.
    """
    ids = checked_names(rows, name)
    first: dict[str, int] = {}
    twice = [row for row, one in enumerate(ids) if first.setdefault(one, row) != row]
    if twice:
        raise DataError(
            f"column {name!r} must tell the rows apart (got {ids[twice[0]]!r} twice): {row_list(twice, len(twice))}; "
            "nothing is taken twice",
            column=name,
            rows=twice,
        )
    return ids


def checked_names(rows: Rows, name: str) -> list[str]:
    """The names of a column, none missing."""
    names = rows.category(name)
    rows.require(np.array([value is not None for value in names], dtype=np.bool_), name, "must not be missing", FILL)
    return [str(value) for value in names]


def check_currency(rows: Rows, needs: Iterable[Need], currency: str) -> None:
    """Refuse money of another currency than the ledger's."""
    for need in needs:
        column = rows.raw(need.name)
        if need.kind == "money" and column.dtype == object:
            same = np.array([getattr(value, "currency", currency) == currency for value in column], dtype=np.bool_)
            rows.require(same, need.name, f"must be money of {currency}", "convert it first")


def owing(ledger: Ledger, who: Sequence[str], amounts: IntColumn, account: str) -> Ledger:
    """The ledger in which people owe more in an account; several amounts of one person add up."""
    more: dict[str, int] = {}
    for name, amount in zip(who, amounts.tolist(), strict=True):
        more[name] = more.get(name, 0) + amount
    people = [name for name, amount in more.items() if amount]
    return credited(ledger, {name: more[name] for name in people}, account)


def credited(ledger: Ledger, more: Mapping[str, int], account: str) -> Ledger:
    """The ledger with amounts added to an account."""
    people = list(more)
    if not people:
        return ledger
    before = ledger.columns(people, [account])[account]
    added = np.empty(len(people), dtype=object)
    added[:] = [more[name] for name in people]
    return ledger.updated(people, {account: fitting(integers.add(before, added), ledger.currency)})
