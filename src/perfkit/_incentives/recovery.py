"""Recovery of pay that was paid: the difference to the award as it should have been, once, and at its own rate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from perfkit._core import integers
from perfkit._core.checks import text
from perfkit._core.columns import BoolColumn, Need, Rows, read_rows
from perfkit._core.integers import IntColumn
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact
from perfkit._core.ratios import Ratios
from perfkit._core.tables import column_names
from perfkit._incentives.cancelling import cancellation, transfers
from perfkit._incentives.cohort import checked_ids, checked_names
from perfkit._incentives.deduction import Deduct, check_currency, credited
from perfkit._incentives.factors import fitting
from perfkit._incentives.ledger import Balances, Ledger, account_name, check_ledger
from perfkit._incentives.limit import read_days
from perfkit._incentives.outcomes import Outcomes, Reasons
from perfkit._incentives.plan import IncentivePlan
from perfkit.errors import DataError, DefinitionError, did_you_mean
from perfkit.explain import AnyRecorder, Explanation
from perfkit.money import Money


def _optional_years(value: int | None) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise DefinitionError(
            f"completed_years must be a number of fiscal years from 1 on (got {value!r})", path="completed_years"
        )
    return value


def _year_end(value: tuple[int, int]) -> tuple[int, int]:
    try:
        month, day = value
        # A leap year has every day that any year has.
        date(2024, month, day)
    except (TypeError, ValueError) as error:
        raise DefinitionError(
            f"year_end must be a month and a day, such as (12, 31) (got {value!r})", path="year_end"
        ) from error
    return int(month), int(day)


def _at_most(value: Number | None) -> Fraction | None:
    if value is None:
        return None
    share = exact(value, what="at_most")
    if not 0 < share <= 1:
        raise DefinitionError(f"at_most must be a share above 0 and up to 1 (got {value!r})", path="at_most")
    return share


@frozen
class Recover:
    """The recovery of pay that was paid and should not have been: clawback, and the reversal of a refunded sale.

    What is to be recovered is always a difference: what was paid, before tax, less what should have been paid, less
    what was recovered already. So the same claim made again comes to nothing, and a second restatement that is milder
    gives back what the first took too much.

    A claim goes into a ledger. It is taken from later incentive pay that is not earned yet, as a step that a plan
    carries, and whatever the person pays back is entered with :meth:`repay`. It is never taken from wages, and where
    pay that is earned counts as wages (a bonus does in section 27 of the UK's Employment Rights Act 1996) not from that
    either: :meth:`transfer` the claim to a :class:`Deduct`, which imposes what its limits allow.

    Args:
        name: on the statement and in the ledger.
        basis: the policy, the law or the term of the plan that allows it.
        completed_years: only awards received in so many completed fiscal years before the day on which the restatement
            was required; 3 in SEC rule 10D-1 (17 CFR 240.10D-1); any award when not given.
        year_end: month and day on which the fiscal year ends.
        at_most: the share of each period's incentive pay that may go into it; all of it when not given.
        who: the column that says whose award it is.
        award: the column that tells awards apart.
        paid: the column of what was paid for the award, before tax, int64 minor units.
        recovered: the column of what was claimed of it before: what the last claim gave as ``recovered``, 0 at first.
        received: the column of the day on which the award was received, read where ``completed_years`` is given.

    Raises:
        DefinitionError: without a basis.

    Example:
        >>> from perfkit import FlatAmount, IncentivePlan, Ledger, TargetBonus
        >>> plan = IncentivePlan("bonus", currency="USD", pays=[TargetBonus("salary", 0.5, "ebit_factor")])
        >>> awards = {"award": ["2025"], "who": ["ana"], "salary": [40_000_000], "ebit_factor": [1.2],
        ...           "paid": [24_000_000], "recovered": [0]}
        >>> policy = Recover("clawback", basis="17 CFR 240.10D-1")
        >>> claim = policy.restate(plan, awards, {"ebit_factor": 0.9}, Ledger("USD"))
        >>> claim.total, claim.state.owed("ana")
        (Money('-60,000.00 USD'), Money('60,000.00 USD'))
        >>> awards["recovered"] = claim.column("recovered")
        >>> policy.restate(plan, awards, {"ebit_factor": 0.9}, claim.state).total
        Money('0.00 USD')
    """

    _repr_html_ = definition

    name: str = field(default="recovery", converter=account_name)
    basis: str = field(kw_only=True, converter=text)
    completed_years: int | None = field(default=None, converter=_optional_years, kw_only=True)
    year_end: tuple[int, int] = field(default=(12, 31), converter=_year_end, kw_only=True)
    at_most: Fraction | None = field(default=None, converter=_at_most, kw_only=True)
    who: str = field(default="who", converter=text, kw_only=True)
    award: str = field(default="award", converter=text, kw_only=True)
    paid: str = field(default="paid", converter=text, kw_only=True)
    recovered: str = field(default="recovered", converter=text, kw_only=True)
    received: str = field(default="received", converter=text, kw_only=True)

    def window(self, required_on: date) -> tuple[date, date] | None:
        """The first and the last day on which an award within the window was received; None where there is no window.

        Args:
            required_on: the day on which the restatement was required.

        Example:
            >>> Recover(basis="10D-1", completed_years=3, year_end=(6, 30)).window(date(2026, 11, 2))
            (datetime.date(2023, 7, 1), datetime.date(2026, 6, 30))
        """
        if self.completed_years is None:
            return None
        last = self._end(required_on.year)
        if last >= required_on:
            last = self._end(required_on.year - 1)
        return self._end(last.year - self.completed_years) + timedelta(days=1), last

    def _end(self, year: int) -> date:
        month, day = self.year_end
        if (month, day) == (2, 29):
            return date(year, 3, 1) - timedelta(days=1)
        return date(year, month, day)

    def restate(
        self,
        plan: IncentivePlan,
        awards: Any,
        restated: Mapping[str, Any],
        ledger: Ledger,
        *,
        required_on: date | None = None,
    ) -> Outcomes:
        """What is to be recovered of awards, now that the facts are others than they were paid on.

        Args:
            plan: the plan that the awards were paid by; what it carries from period to period is left out.
            awards: one row an award: the facts it was paid on, and the columns that say whose and which it is, what was
                paid and what was claimed before.
            restated: the facts that changed, by column: a value for all awards, or one for each.
            ledger: the balances so far.
            required_on: the day on which the restatement was required; needed where there is a window.

        Returns:
            outcomes whose amounts are negative where something is to be recovered and positive where too much was, the
            new ledger as their ``state``. ``amounts`` has ``paid``, ``restated``, and ``recovered``: what is claimed in
            all, to be handed in the next time.

        Raises:
            DataError: where more was recovered than was paid, for an award that is there twice, or another currency.
        """
        check_ledger(ledger)
        if plan.currency != ledger.currency:
            raise DataError(f"the ledger must be of {plan.currency} (got {ledger.currency}); convert it first")
        known = [need.name for need in plan.needs()]
        for name in restated:
            if name not in known:
                raise DefinitionError(
                    f"plan {plan.name!r} does not read {name!r}{did_you_mean(name, known)}, so restating it changes no "
                    f"award; it reads {', '.join(known)}",
                    path="restated",
                )
        facts = [name for name in known if name not in restated]
        rows = self._read(awards, facts, ledger)
        # A fact that is missing must not turn into an award of nothing, and so into a claim on everything.
        award = evolve(plan, carry=(), missing="refuse", below_zero="keep").pay(rows, **restated)
        return self._claim(rows, ledger, np.maximum(award.minor, 0), required_on, "restated")

    def reverse(
        self,
        sales: Any,
        ledger: Ledger,
        *,
        sold: str = "sold",
        refunded: str = "refunded",
        required_on: date | None = None,
    ) -> Outcomes:
        """What is to be recovered of commissions on sales that were refunded, each at the rate that it was paid at.

        The rate is what was paid for the sale over what was sold, whatever the rates are now and whatever tier a total
        would reach without it. What is refunded in parts adds up to the commission on the whole, to the minor unit.

        Args:
            sales: one row a sale, with what was paid for it, what was claimed before, and two more columns of money.
            ledger: the balances so far.
            sold: the column of what was sold.
            refunded: the column of what was refunded of it so far, in all.
            required_on: the day that a window counts back from.

        Returns:
            as for :meth:`restate`; ``restated`` is the commission on what was not refunded.

        Raises:
            DataError: where more was refunded than was sold, or more recovered than was paid.
        """
        check_ledger(ledger)
        rows = self._read(sales, [sold, refunded], ledger)
        check_currency(rows, [Need(sold, "money"), Need(refunded, "money")], ledger.currency)
        whole, back = rows.money(sold), rows.money(refunded)
        rows.require(whole > 0, sold, "must be positive", "leave out what was no sale")
        rows.require(
            (back >= 0) & (back <= whole), refunded, f"must be between 0 and {sold!r}", "give the refunds so far in all"
        )
        share = Ratios(rows.money(self.paid), 1).times(Ratios(back, 1)).over(Ratios(whole, 1))
        reversed_ = fitting(integers.divide(share.numerator, share.denominator, "half_up"), ledger.currency)
        return self._claim(rows, ledger, rows.money(self.paid) - reversed_, required_on, "kept")

    def _read(self, data: Any, more: list[str], ledger: Ledger) -> Rows:
        own = [self.who, self.award, self.paid, self.recovered]
        if self.completed_years is not None:
            own.append(self.received)
        wanted = [*dict.fromkeys((*own, *more))]
        if not isinstance(data, Rows) and self.recovered not in column_names(data) and self.paid in column_names(data):
            raise DataError(
                f"column {self.recovered!r} is missing: what was recovered of each award before, 0 where nothing was; "
                "without it a claim would be counted twice",
                column=self.recovered,
            )
        rows = read_rows(data, wanted)
        check_currency(rows, [Need(self.paid, "money"), Need(self.recovered, "money")], ledger.currency)
        paid, recovered = rows.money(self.paid), rows.money(self.recovered)
        rows.require(paid >= 0, self.paid, "must not be negative", "give what was paid before tax")
        good = (recovered >= 0) & (recovered <= paid)
        rows.require(
            good, self.recovered, f"must be between 0 and {self.paid!r}", "no more can be recovered than was paid"
        )
        return rows

    def _claim(self, rows: Rows, ledger: Ledger, due: IntColumn, required_on: date | None, kind: str) -> Outcomes:
        """The claims on awards of which ``due`` should have been paid."""
        awards, who = checked_ids(rows, self.award), checked_names(rows, self.who)
        paid, before = rows.money(self.paid), rows.money(self.recovered)
        entered = dict(ledger.entries)
        known = [entered.get(f"{self.accounts()[0]}:{award}") for award in awards]
        same = [claimed is None or claimed == had for claimed, had in zip(known, before.tolist(), strict=True)]
        rows.require(
            np.array(same, dtype=np.bool_),
            self.recovered,
            "must be what the ledger has as claimed of the award",
            f"hand in the column {self.recovered!r} that the last claim gave, so that nothing is claimed twice; "
            "an award of somebody else needs an id of its own",
        )
        outside = self._outside(rows, required_on)
        after = np.where(outside.where, before, np.maximum(paid - due, 0))
        claim = after - before
        codes = np.select([outside.where, claim > 0, claim < 0], ["blocked", "claimed", "given back"], "none")
        return Outcomes(
            self.name,
            codes,
            currency=ledger.currency,
            minor=-claim,
            reasons=[outside],
            amounts={"paid": paid, "restated": due, "recovered": after, "before": before},
            facts={"award": np.array(awards, dtype=object), "who": np.array(who, dtype=object)},
            state=self._settled(ledger, who, claim).entered(
                {
                    f"{self.accounts()[0]}:{award}": minor
                    for award, minor, moved in zip(awards, after.tolist(), claim.tolist(), strict=True)
                    if moved
                }
            ),
            explain=partial(self._explain, paid, due, before, after, outside, kind, ledger.currency),
        )

    def _outside(self, rows: Rows, required_on: date | None) -> Reasons:
        outside: BoolColumn = np.zeros(rows.n, dtype=np.bool_)
        if self.completed_years is None:
            return Reasons("blocked", "recover_window", outside)
        if required_on is None:
            raise DefinitionError(
                f"{self.name!r} has a window: say required_on=, the day on which the restatement was required",
                path="required_on",
            )
        first, last = self.window(required_on) or (required_on, required_on)
        received = read_days(rows, self.received)
        outside = (received < np.datetime64(first)) | (received > np.datetime64(last))
        return Reasons("blocked", "recover_window", outside, {"first": first, "last": last})

    def _settled(self, ledger: Ledger, who: list[str], claim: IntColumn) -> Ledger:
        """The ledger with the claims: what is given back first lessens what is owed, and the rest is held."""
        more: dict[str, int] = {}
        for name, amount in zip(who, claim.tolist(), strict=True):
            more[name] = more.get(name, 0) + amount
        people = [name for name, amount in more.items() if amount]
        owed, held = self.accounts()
        balances = ledger.columns(people, self.accounts())
        net = [
            o - h + more[name]
            for name, o, h in zip(people, balances[owed].tolist(), balances[held].tolist(), strict=True)
        ]
        # A person owes or is owed, never both.
        new = {owed: [max(one, 0) for one in net], held: [max(-one, 0) for one in net]}
        columns = {name: np.empty(len(people), dtype=object) for name in new}
        for name, column in columns.items():
            column[:] = new[name]
        return ledger.updated(people, {name: fitting(column, ledger.currency) for name, column in columns.items()})

    def _explain(
        self,
        paid: IntColumn,
        due: IntColumn,
        before: IntColumn,
        after: IntColumn,
        outside: Reasons,
        kind: str,
        currency: str,
        row: int,
    ) -> Explanation:
        def money(minor: int) -> Money:
            return Money.from_minor(int(minor), currency)

        value, shown = money(before[row] - after[row]), {"basis": self.basis}
        reason = outside.at(row, currency)
        if reason is not None:
            inner = Explanation(reason.code, None, params=reason.params)
            return Explanation("recover", value, label=self.name, params=shown, parts=(inner,))
        parts = [
            Explanation(f"recover_{kind}", money(min(due[row], paid[row])), label=self.award),
            Explanation("recover_paid", money(-paid[row]), label=self.paid),
            Explanation("recover_before", money(before[row]), label=self.recovered),
        ]
        return Explanation("recover", value, label=self.name, params=shown, relation="sum", parts=parts)

    # What a period takes, as a step that a plan carries.

    def accounts(self) -> tuple[str, ...]:
        """The accounts that it keeps: what is to be recovered, and what is to be given back."""
        return (f"{self.name}.owed", f"{self.name}.held")

    def needs(self) -> tuple[Need, ...]:
        """Nothing."""
        return ()

    def carry(
        self, earned: IntColumn, balances: Balances, rows: Rows, currency: str, record: AnyRecorder
    ) -> tuple[IntColumn, dict[str, IntColumn]]:
        """What is paid of the incentive pay that was earned, and what is still to be recovered."""
        owed, held = (balances[name] for name in self.accounts())
        there = np.maximum(earned, 0)
        if self.at_most is not None:
            part = Ratios(there, 1).times(self.at_most)
            there = fitting(integers.divide(part.numerator, part.denominator, "floor"), currency)
        taken = np.minimum(owed, there)
        after = owed - taken
        if record:
            record.says(
                "recovered",
                owed=Money.from_minor(int(owed[0]), currency),
                owed_after=Money.from_minor(int(after[0]), currency),
                given_back=Money.from_minor(int(held[0]), currency),
                basis=self.basis,
            )
        paid = fitting(integers.add(integers.add(earned, -taken), held), currency)
        owed_account, held_account = self.accounts()
        return paid, {owed_account: after, held_account: np.zeros_like(held)}

    def repay(self, ledger: Ledger, payments: Mapping[str, Money]) -> Ledger:
        """The ledger after people have paid back what they owed, or a part of it.

        Raises:
            DataError: for a payment of another currency, of nothing, or of more than is owed.
        """
        check_ledger(ledger)
        account = self.accounts()[0]
        less = {}
        for key, payment in payments.items():
            owed = ledger.balance(key, account)
            if payment.currency != ledger.currency:
                raise DataError(f"{key!r} must pay in {ledger.currency} (got {payment}); convert it first")
            if not 0 < payment.minor <= owed.minor:
                raise DataError(
                    f"{key!r} must pay back more than nothing and no more than is owed, {owed} (got {payment})"
                )
            less[str(key)] = -payment.minor
        return credited(ledger, less, account)

    def transfer(self, deduction: Deduct, incidents: Any, ledger: Ledger, *, as_of: date | None = None) -> Outcomes:
        """Impose a claim, or a part of it, as a deduction from wages: on the deduction's own conditions.

        Args:
            deduction: with its basis and its limits.
            incidents: one row an incident, as for :meth:`Deduct.impose`; together no more than each person's claim.
            ledger: the balances so far.
            as_of: the pay day on which it is first taken; needed where a limit counts time.

        Returns:
            the outcomes of :meth:`Deduct.impose`. What was imposed is no longer owed as a claim in their ``state``;
            what a limit clipped or blocked stays in it, and can still be paid back.

        Raises:
            DataError: where more is to be imposed than is claimed.
        """
        imposed = deduction.impose(incidents, ledger, as_of=as_of)
        account = self.accounts()[0]
        less: dict[Any, int] = {}
        for who, minor in zip(imposed.column("who"), imposed.minor.tolist(), strict=True):
            less[who] = less.get(who, 0) + minor
        for who, minor in less.items():
            claimed = ledger.balance(who, account)
            if -minor > claimed.minor:
                raise DataError(
                    f"{who!r} owes {claimed} to {self.name!r}, which is all that can be transferred (got "
                    f"{Money.from_minor(-minor, ledger.currency)}); impose anything else with impose()"
                )
        moved = {who: minor for who, minor in less.items() if minor}
        whence = transfers(
            deduction, account, dict(zip(imposed.column("incident"), (-imposed.minor).tolist(), strict=True))
        )
        return evolve(imposed, state=credited(imposed.state, moved, account).entered(whence))

    def withdraw(self, deduction: Deduct, incidents: Any, ledger: Ledger) -> Outcomes:
        """Undo a transfer, where the deduction must not be made or the claim has fallen: the claim is owed as before.

        What was taken from wages already is to be paid back, as for :meth:`Deduct.cancel`. Where a restatement has
        given the claim back since, what is held for the person falls by it, so that nothing is paid back twice.

        Args:
            deduction: which it was transferred to.
            incidents: one row an incident, as it was imposed.
            ledger: the balances so far.

        Returns:
            the outcomes of :meth:`Deduct.cancel`, with the claim restored in their ``state``.

        Raises:
            DataError: for an incident that was not transferred from this claim.
        """
        undone = cancellation(deduction, incidents, ledger, self.accounts()[0])
        return evolve(undone, state=self._settled(undone.state, list(undone.column("who")), undone.column("imposed")))
