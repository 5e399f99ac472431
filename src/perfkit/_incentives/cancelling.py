"""Incidents that are cancelled: what is still owed of them is released, and what was taken is to be paid back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from perfkit._core.columns import read_rows
from perfkit._core.integers import IntColumn
from perfkit._incentives.cohort import checked_ids, checked_names
from perfkit._incentives.ledger import Ledger, check_ledger
from perfkit._incentives.outcomes import Outcomes, Reasons
from perfkit._incentives.taking import due_account
from perfkit.explain import Explanation
from perfkit.money import Money

if TYPE_CHECKING:
    from perfkit._incentives.deduction import Deduct


class _Cancelled(NamedTuple):
    """What was imposed for each incident, what of it was still owed, and what is to be paid back."""

    imposed: IntColumn
    released: IntColumn
    back: IntColumn


# Between an incident and the claim that it was transferred from, in the entries of a ledger.
_FROM = " transferred from "


def transfers(deduction: Deduct, claim: str, imposed: Mapping[str, int]) -> dict[str, int]:
    """The entries of a ledger that say which incidents were transferred from a claim, and how much."""
    return {f"{deduction.account}:{one}{_FROM}{claim}": minor for one, minor in imposed.items() if minor}


def cancellation(deduction: Deduct, incidents: Any, ledger: Ledger, claim: str = "") -> Outcomes:
    """What comes of cancelling incidents; see :meth:`Deduct.cancel`.

    Args:
        deduction: which was imposed.
        incidents: one row an incident.
        ledger: the balances so far.
        claim: the account that the incidents were transferred from; none of them was where it is empty.
    """
    check_ledger(ledger)
    timed = deduction.is_timed
    rows = read_rows(incidents, [deduction.who, deduction.incident, *([deduction.on] if timed else [])])
    ids, who = checked_ids(rows, deduction.incident), checked_names(rows, deduction.who)
    entered = dict(ledger.entries)
    origins = {incident: origin for incident, there, origin in (name.rpartition(_FROM) for name in entered) if there}
    of = [origins.get(f"{deduction.account}:{one}", "") for one in ids]
    other = next((origin for origin in of if origin != claim), "")
    rows.require(
        np.array([origin == claim for origin in of], dtype=np.bool_),
        deduction.incident,
        f"must be transferred from the claim of {claim.removesuffix('.owed')!r}"
        if claim
        else f"must not be transferred from a claim, as from that of {other.removesuffix('.owed')!r}",
        "cancel() undoes what was imposed, and withdraw() of a Recover what it transferred, so that nothing is paid "
        "back twice",
    )
    imposed = [entered.get(f"{deduction.account}:{one}") for one in ids]
    unknown = np.array([minor is None for minor in imposed], dtype=np.bool_)
    reasons = [
        Reasons("blocked", "not_imposed", unknown),
        Reasons("blocked", "cancelled_before", np.array([minor == 0 for minor in imposed], dtype=np.bool_)),
    ]
    accounts, last_days = deduction.due_accounts(rows, timed)
    base = deduction.account.removesuffix(".owed")
    begun = [due_account(base, last, None) for last in last_days]
    found, balances = _Cancelled(*np.zeros((3, rows.n), dtype=np.int64)), _Balances(ledger)
    for row, (name, minor) in enumerate(zip(who, imposed, strict=True)):
        if not minor:
            continue
        found.imposed[row] = left = minor
        for account in dict.fromkeys([accounts[row], begun[row]]):
            left -= balances.take(name, account, left)
        found.released[row] = found.imposed[row] - left
        found.back[row] = balances.take(name, deduction.taken_account, left)
    # Where nothing lapses, what was imposed is owed or was taken.
    short = found.imposed > found.released + found.back
    if deduction.carries and not timed:
        rows.require(
            ~short, deduction.who, "must be who the incident was imposed on", "check who it is, and whose ledger it is"
        )
    return Outcomes(
        deduction.name,
        np.where(found.imposed > 0, "cancelled", "blocked"),
        currency=ledger.currency,
        minor=found.back,
        reasons=reasons,
        amounts={"imposed": found.imposed, "released": found.released},
        facts={"incident": np.array(ids, dtype=object), "who": np.array(who, dtype=object)},
        state=balances.after().entered(
            {f"{deduction.account}:{one}": 0 for one, minor in zip(ids, imposed, strict=True) if minor}
        ),
        explain=partial(_explain, deduction, found, reasons, ledger.currency),
    )


class _Balances:
    """The balances of some people while incidents are cancelled one after the other."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.now: dict[str, dict[str, int]] = {}

    def take(self, name: str, account: str, most: int) -> int:
        """What is taken off a balance, which is all of it at the most."""
        of_account = self.now.setdefault(account, {})
        balance = of_account.setdefault(name, self.ledger.balance(name, account).minor)
        taken = min(balance, most)
        of_account[name] = balance - taken
        return taken

    def after(self) -> Ledger:
        """The ledger with the new balances; accounts that nobody has anything in are not opened."""
        ledger = self.ledger
        known = {name for name, _ in ledger.accounts}
        for account, of_account in self.now.items():
            if account in known:
                people = list(of_account)
                ledger = ledger.updated(people, {account: np.array([of_account[name] for name in people])})
        return ledger


def _explain(deduction: Deduct, found: _Cancelled, reasons: Sequence[Reasons], currency: str, row: int) -> Explanation:
    def money(minor: int) -> Money:
        return Money.from_minor(int(minor), currency)

    imposed, released, back = (int(column[row]) for column in found)
    parts = [
        Explanation(reason.code, money(0)) for column in reasons if (reason := column.at(row, currency)) is not None
    ]
    if imposed:
        parts.append(Explanation("cancel_imposed", money(imposed)))
        parts += [Explanation("cancel_released", money(-released))] if released else []
        lapsed = imposed - released - back
        parts += [Explanation("cancel_lapsed", money(-lapsed))] if lapsed else []
    return Explanation("deduct_cancelled", money(back), label=deduction.name, relation="sum", parts=parts)
