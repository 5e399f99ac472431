"""The lines of a statement: forms of pay added up, then steps in turn; a section of pay has its own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any, Literal

import numpy as np
from attrs import field, frozen

from perfkit._core import integers
from perfkit._core.checks import several, text
from perfkit._core.columns import BoolColumn, Need, Rows
from perfkit._core.integers import IntColumn
from perfkit._core.notebook import definition
from perfkit._incentives.factors import fitting, opaque
from perfkit._incentives.outcomes import Reasons
from perfkit._incentives.pays import Commission, FlatAmount, TargetBonus
from perfkit._incentives.steps import Cap, Floor, Gate
from perfkit._incentives.taking import Taking
from perfkit.curves import Curve
from perfkit.errors import SHOWN, DataError, DefinitionError, row_list
from perfkit.explain import SILENT, AnyRecorder
from perfkit.money import Money
from perfkit.typing import CarryStep, PayPolicy, PayStep

BelowZero = Literal["refuse", "keep"]


def as_pays(values: Any) -> tuple[PayPolicy, ...]:
    """Forms of pay, from one or several."""
    return several(values)


def as_steps(values: Any) -> tuple[PayStep, ...]:
    """Steps, from one or several."""
    return several(values)


def check_lines(
    name: str, pays: tuple[PayPolicy, ...], then: tuple[PayStep, ...], carry: tuple[CarryStep, ...] = ()
) -> None:
    """Refuse lines that cannot make a statement.

    Raises:
        DefinitionError: for no pay, members that are no policies, or names used twice.
    """
    if not pays:
        raise DefinitionError(f"{name!r} must pay something (got no pays)", path="pays")
    groups: tuple[tuple[str, tuple[Any, ...], Any], ...] = (
        ("pays", pays, PayPolicy),
        ("then", then, PayStep),
        ("carry", carry, CarryStep),
    )
    for path, members, protocol in groups:
        for position, member in enumerate(members):
            if not isinstance(member, protocol):
                raise DefinitionError(
                    f"{path}[{position}] must have the members of {protocol.__name__} (got {member!r})",
                    path=f"$.{path}[{position}]",
                )
    members = (*pays, *then, *carry)
    names = [member.name for member in members]
    twice = sorted({line for line in names if names.count(line) > 1})
    if twice:
        raise DefinitionError(f"lines of {name!r} must have different names: say name= for the second {twice[0]!r}")


def _refuse_hidden_deductions(
    pays: tuple[PayPolicy, ...],
    amounts: list[IntColumn],
    rows: Rows,
    currency: str,
    outside: BoolColumn | None = None,
) -> None:
    """Refuse what is below zero and must not be, where there is other pay: among these lines, or outside of them."""
    there: BoolColumn | None = None
    for policy, amount in zip(pays, amounts, strict=True):
        taken = amount < 0
        if isinstance(policy, Commission) and taken.any():
            taken = taken & policy.takes(rows, currency)
        is_given = isinstance(policy, (FlatAmount, TargetBonus, Commission))
        # A section that is not below zero in all may hide a line that is.
        if not isinstance(policy, PaySection) and not (is_given and taken.any()):
            continue
        if there is None:
            there = np.any([other > 0 for other in amounts], axis=0)
        beyond = taken & (there if outside is None else there | outside)
        if is_given:
            _refuse(rows, beyond, policy.name)
        elif isinstance(policy, PaySection):
            # What a section settles within itself is taken from nothing outside of it.
            inner = [one.award(rows, currency, SILENT) for one in policy.pays]
            _refuse_hidden_deductions(policy.pays, inner, rows, currency, beyond)
            earned = reduce(integers.add, inner)
            _refuse(rows, beyond & np.asarray(earned >= 0, dtype=np.bool_), policy.name)


def _refuse(rows: Rows, bad: BoolColumn, name: str) -> None:
    if bad.any():
        places = np.flatnonzero(bad)
        at = [int(rows.positions[int(row)]) for row in places[:SHOWN]]
        raise DataError(
            f"{name!r} is below zero and would be taken from the other pay of its row: {row_list(at, len(places))}; "
            "floor its curve at 0 where nothing is to be taken; what was returned is an amount below zero that a "
            "Commission is on, Forfeit and Malus are for pay that is not earned yet, Recover for pay that was paid, "
            "Deduct for earned wages",
            column=name,
            rows=at,
            count=len(places),
        )


def pay_lines(
    pays: tuple[PayPolicy, ...],
    then: tuple[PayStep, ...],
    rows: Rows,
    currency: str,
    record: AnyRecorder,
    *,
    below_zero: BelowZero = "keep",
) -> IntColumn:
    """The sum of forms of pay after the steps, each a line whose value is what it adds or takes away.

    Raises:
        DataError: where ``below_zero`` is refused, for what is below zero beside other pay of its row: a bonus, a flat
            amount, a section by its own steps, a commission on something that is not. On what was returned, a
            commission may be below zero, and so may a form of pay of a third party.
    """
    total = np.zeros(rows.n, dtype=np.int64)
    amounts = []
    for policy in pays:
        line = record.part("line", label=policy.name)
        amount = _checked(policy.award(rows, currency, line), rows.n, policy.name)
        if record:
            line.says(value=Money.from_minor(int(amount[0]), currency))
        total = fitting(integers.add(total, amount), currency)
        amounts.append(amount)
    if below_zero == "refuse":
        _refuse_hidden_deductions(pays, amounts, rows, currency)
    for step in then:
        # A step gives a new column; the one that it was given is still to be compared with.
        total.flags.writeable = False
        line = record.part("line", label=step.name)
        after = _checked(step.adjust(total, rows, currency, line), rows.n, step.name)
        if record:
            # What a step read is context: its line is the difference that it made.
            line.says(relation="from", value=Money.from_minor(int(after[0]) - int(total[0]), currency))
        total = after
    if record:
        record.says(relation="sum", value=Money.from_minor(int(total[0]), currency))
    return total


def limits_hit(
    pays: tuple[PayPolicy, ...], then: tuple[PayStep, ...], rows: Rows, currency: str
) -> tuple[list[tuple[PayStep, IntColumn]], IntColumn]:
    """What each gate, cap and floor among the steps adds or takes away from each row, and what is left in the end."""
    total = np.zeros(rows.n, dtype=np.int64)
    for policy in pays:
        total = fitting(integers.add(total, policy.award(rows, currency, SILENT)), currency)
    found: list[tuple[PayStep, IntColumn]] = []
    for step in then:
        total.flags.writeable = False
        after = step.adjust(total, rows, currency, SILENT)
        if isinstance(step, (Gate, Cap, Floor)):
            found.append((step, after - total))
        total = after
    return found, total


def carried_reasons(carry: tuple[CarryStep, ...], total: IntColumn, rows: Rows, currency: str) -> list[Reasons]:
    """Why the deductions among what is carried took less than was due."""
    found: list[Reasons] = []
    balances: dict[str, IntColumn] = {}
    for step in carry:
        before = {name: balances[name] if name in balances else rows.money(name) for name in step.accounts()}
        if isinstance(step, Taking):
            found += step.reasons(total, before, rows, currency)
        total, kept = step.carry(total, before, rows, currency, SILENT)
        balances |= kept
    return found


def refuse_paid(name: str, period: str, keys: Sequence[str], paid: IntColumn) -> None:
    """Refuse to pay somebody whom the plan has paid for the period.

    Raises:
        DataError: with the rows.
    """
    rows = np.flatnonzero(paid).tolist()
    if rows:
        raise DataError(
            f"plan {name!r} has paid {keys[rows[0]]!r} for {period} already: {row_list(rows, len(rows))}; nothing is "
            "paid twice: pay again from the ledger before that payment, or a supplement by a plan of another name in "
            "the same period",
            rows=rows,
        )


def paid_below_zero(name: str, seen: str, rows: Sequence[int], count: int = 1) -> DataError:
    """The error for pay that is less than nothing."""
    return DataError(
        f"plan {name!r} pays less than nothing: {seen}; what is to be taken later or back is owed in a ledger: carry a "
        "Draw or a Recover, and only a Deduct takes from earned wages; where rows are transactions that are added up "
        "before they are paid, say below_zero='keep'",
        rows=rows,
        count=count,
    )


def pay_along(
    pays: tuple[PayPolicy, ...], then: tuple[PayStep, ...], column: str, rows: Rows, currency: str
) -> tuple[Curve, list[tuple[PayStep, Curve, Curve]]]:
    """Pay before rounding, in major units, as a function of one column of a single row; and what each step did to it.

    Raises:
        NotAffineError: where it is no curve, or a policy does not say.
    """
    curve = Curve.constant(0)
    for policy in pays:
        curve = (curve + _paid_along(policy, column, rows, currency)).simplified()
    steps = []
    for step in then:
        after = _along(step, column)(curve, column, rows, currency).simplified()
        steps.append((step, curve, after))
        curve = after
    return curve, steps


def _paid_along(policy: PayPolicy, column: str, rows: Rows, currency: str) -> Curve:
    if not hasattr(policy, "along") and all(need.name != column for need in policy.needs()):
        paid = Money.from_minor(int(policy.award(rows, currency, SILENT)[0]), currency)
        return Curve.constant(paid.exact)
    curve: Curve = _along(policy, column)(column, rows, currency)
    return curve


def _along(member: Any, column: str) -> Any:
    along = getattr(member, "along", None)
    if along is None:
        raise opaque(member, column)
    return along


@frozen
class PaySection:
    """Several forms of pay as one line, with gates, caps and other steps of its own.

    Args:
        name: on the statement.
        pays: forms of pay, added up.
        then: steps on their sum, in order.

    Raises:
        DefinitionError: for no pay, or names used twice.

    Example:
        >>> from perfkit.incentives import Cap, FlatAmount
        >>> PaySection("team", pays=[FlatAmount("team_share")], then=[Cap(2_000)]).name
        'team'
    """

    _repr_html_ = definition

    name: str = field(converter=text)
    pays: tuple[PayPolicy, ...] = field(converter=as_pays, kw_only=True)
    then: tuple[PayStep, ...] = field(default=(), converter=as_steps, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_lines(self.name, self.pays, self.then)

    def needs(self) -> tuple[Need, ...]:
        """The columns that the section reads."""
        members: tuple[PayPolicy | PayStep, ...] = (*self.pays, *self.then)
        return tuple(dict.fromkeys(need for member in members for need in member.needs()))

    def award(self, rows: Rows, currency: str, record: AnyRecorder) -> IntColumn:
        """The sum of each row after the section's steps."""
        return pay_lines(self.pays, self.then, rows, currency, record)

    def along(self, column: str, rows: Rows, currency: str) -> Curve:
        """The section's pay before rounding, in major units, as a function of one column."""
        return pay_along(self.pays, self.then, column, rows, currency)[0]


def _checked(amount: Any, n: int, name: str) -> IntColumn:
    if not isinstance(amount, np.ndarray) or amount.dtype != np.int64 or amount.shape != (n,):
        seen = f"{amount.dtype} of shape {amount.shape}" if isinstance(amount, np.ndarray) else repr(amount)
        raise DefinitionError(f"{name!r} must give an int64 column of {n} rows (got {seen})")
    return amount
