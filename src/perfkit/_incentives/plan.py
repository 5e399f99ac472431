"""The plan: forms of pay added up, then steps in turn; and what it pays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from perfkit._core import integers
from perfkit._core.blocks import blocks
from perfkit._core.columns import Need, Rows, read_row, read_rows
from perfkit._core.integers import IntColumn
from perfkit.errors import DataError, DefinitionError, StaleDataError
from perfkit.explain import SILENT, AnyRecorder, Explanation, Recorder
from perfkit.money import Money, minor_per_major
from perfkit.typing import PayPolicy, PayStep


def _pays(values: Any) -> tuple[PayPolicy, ...]:
    return tuple(values) if isinstance(values, (list, tuple)) else (values,)


def _steps(values: Any) -> tuple[PayStep, ...]:
    return tuple(values) if isinstance(values, (list, tuple)) else (values,)


@frozen
class IncentivePlan:
    """What is paid for which result: forms of pay added up, then steps in turn, exact to the minor unit.

    Args:
        name: of the plan.
        currency: a code of ISO 4217, for every amount in the plan and in the data.
        pays: forms of pay; anything with the members of :class:`perfkit.typing.PayPolicy`.
        then: steps on the sum, in order; anything with the members of :class:`perfkit.typing.PayStep`.
        missing: what to do with a row that misses a value the plan reads: ``refuse`` (a :class:`DataError`), or
            ``unpaid``: nothing is paid, and the explanation says why.

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

    name: str
    currency: str = field(kw_only=True)
    pays: tuple[PayPolicy, ...] = field(converter=_pays, kw_only=True)
    then: tuple[PayStep, ...] = field(default=(), converter=_steps, kw_only=True)
    missing: Literal["refuse", "unpaid"] = field(default="refuse", kw_only=True)

    def __attrs_post_init__(self) -> None:
        minor_per_major(self.currency)
        if self.missing not in ("refuse", "unpaid"):
            raise DefinitionError(f"missing must be 'refuse' or 'unpaid' (got {self.missing!r})", path="missing")
        if not self.pays:
            raise DefinitionError(f"plan {self.name!r} must pay something (got no pays)", path="pays")
        for path, members, protocol in (("pays", self.pays, PayPolicy), ("then", self.then, PayStep)):
            for position, member in enumerate(members):
                if not isinstance(member, protocol):
                    raise DefinitionError(
                        f"{path}[{position}] must have the members of {protocol.__name__} (got {member!r})",
                        path=f"$.{path}[{position}]",
                    )
        names = [member.name for member in self._members]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise DefinitionError(f"lines of a plan must have different names: say name= for the second {twice[0]!r}")
        self._check_kinds()

    @property
    def _members(self) -> tuple[PayPolicy | PayStep, ...]:
        return (*self.pays, *self.then)

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

    def pay(self, data: Any, **columns: Any) -> Payouts:
        """What each row is paid.

        Args:
            data: a mapping of columns, a NumPy structured array, or a data frame; money in int64 minor units.
            columns: further columns by name, such as ``score=scores``; a single value stands for all rows.

        Raises:
            MissingColumnsError: with every missing column at once.
            DataError: for what cannot be paid, with the rows; float money, with the cure.
        """
        return self._paid(read_rows(data, [need.name for need in self.needs()], columns))

    def pay_one(self, row: Any, **columns: Any) -> Payout:
        """What one row, a mapping from column to value, is paid: to the minor unit that of a batch of one."""
        return self._paid(read_row(row, [need.name for need in self.needs()], columns))[0]

    def _paid(self, rows: Rows) -> Payouts:
        self._check_currencies(rows)
        minor = np.empty(rows.n, dtype=np.int64)
        for block in blocks(rows.n):
            minor[block] = self._block(rows[block], SILENT)
        minor.flags.writeable = False
        return Payouts(self, minor, rows)

    def _check_currencies(self, rows: Rows) -> None:
        for need in self.needs():
            column = rows.raw(need.name)
            if need.kind == "money" and column.dtype == object:
                same = np.array([getattr(value, "currency", self.currency) == self.currency for value in column])
                rows.require(same, need.name, f"must be money of {self.currency}", "convert it first")

    def _block(self, rows: Rows, record: AnyRecorder) -> IntColumn:
        gaps = [need.name for need in self.needs() if rows.is_missing(need.name).any()]
        if not gaps or self.missing == "refuse":
            return self._complete(rows, record)
        incomplete = np.any([rows.is_missing(name) for name in gaps], axis=0)
        paid = np.zeros(rows.n, dtype=np.int64)
        complete = np.flatnonzero(~incomplete)
        if len(complete):
            paid[complete] = self._complete(rows[complete], record)
        elif record:
            record.says("unpaid", value=Money(0, self.currency), columns=gaps)
        return paid

    def _complete(self, rows: Rows, record: AnyRecorder) -> IntColumn:
        total = np.zeros(rows.n, dtype=np.int64)
        for policy in self.pays:
            line = record.part("line", label=policy.name)
            amount = _checked(policy.award(rows, self.currency, line), rows.n, policy.name)
            if record:
                self._record(line, int(amount[0]))
            total = _fitting(integers.add(total, amount), self.currency)
        for step in self.then:
            line = record.part("line", label=step.name)
            after = _checked(step.adjust(total, rows, self.currency, line), rows.n, step.name)
            if record:
                # What a step read is context: its line is the difference that it made.
                line.says(relation="from")
                self._record(line, int(after[0]) - int(total[0]))
            total = after
        if record:
            record.says(relation="sum")
            self._record(record, int(total[0]))
        return total

    def _record(self, record: AnyRecorder, minor: int) -> None:
        record.says(value=Money.from_minor(minor, self.currency))


def _checked(amount: Any, n: int, name: str) -> IntColumn:
    if not isinstance(amount, np.ndarray) or amount.dtype != np.int64 or amount.shape != (n,):
        seen = f"{amount.dtype} of shape {amount.shape}" if isinstance(amount, np.ndarray) else repr(amount)
        raise DefinitionError(f"{name!r} must give an int64 column of {n} rows (got {seen})")
    return amount


def _fitting(total: Any, currency: str) -> IntColumn:
    narrow = integers.narrow(total)
    if narrow is None:
        raise DataError(f"a sum does not fit int64 minor units of {currency}; check the units of the columns")
    return narrow


@frozen(eq=False, repr=False)
class Payouts:
    """What n rows are paid: read-only minor units, the total, and an explanation of any row on demand.

    Attributes:
        plan: the plan.
        minor: int64 minor units.
    """

    plan: IncentivePlan
    minor: IntColumn
    _rows: Rows

    @property
    def total(self) -> Money:
        """The sum, exact whatever its size."""
        return Money.from_minor(integers.total(self.minor), self.plan.currency)

    def __len__(self) -> int:
        return len(self.minor)

    def __iter__(self) -> Iterator[Payout]:
        return (self[row] for row in range(len(self)))

    def __getitem__(self, row: int) -> Payout:
        return Payout(self, range(len(self))[row])

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.array(self.minor, dtype=dtype) if copy or dtype else self.minor

    def __repr__(self) -> str:
        return f"<Payouts of {self.plan.name!r}: {len(self):,} rows, {self.total}>"

    def explain(self, row: int) -> Explanation:
        """Why a row is paid what it is.

        Raises:
            StaleDataError: if the row no longer gives the stored amount, because its data were changed since.
            PerfkitError: if a policy records parts that do not give its amount.
        """
        position = range(len(self))[row]
        record = Recorder("pay", self.plan.name)
        minor = self.plan._block(self._rows[position : position + 1], record)
        if minor[0] != self.minor[position]:
            raise StaleDataError(
                f"row {position} now gives {minor[0]}, not the stored {self.minor[position]} minor units: "
                "its data were changed after it was paid; pay again",
                rows=[position],
            )
        explanation = record.explanation()
        explanation.check()
        return explanation


@frozen(eq=False, repr=False)
class Payout:
    """What one row is paid."""

    _payouts: Payouts
    _row: int

    @property
    def minor(self) -> int:
        """The amount in minor units."""
        return int(self._payouts.minor[self._row])

    @property
    def amount(self) -> Money:
        """The amount."""
        return Money.from_minor(self.minor, self._payouts.plan.currency)

    def explain(self) -> Explanation:
        """Why the amount is what it is."""
        return self._payouts.explain(self._row)

    def __repr__(self) -> str:
        return f"<Payout of {self._payouts.plan.name!r}: {self.amount}>"
