"""What a rule does to people, money and actions alike: one result, with a reason wherever it was held back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from perfkit._core import integers
from perfkit._core.checks import one_of
from perfkit._core.columns import BoolColumn
from perfkit._core.integers import IntColumn
from perfkit._core.notebook import definition
from perfkit._incentives.views import outcome_html, outcomes_html
from perfkit.errors import DefinitionError, StaleDataError, did_you_mean
from perfkit.explain import ENGLISH, Explanation, as_fraction
from perfkit.money import Money, minor_per_major

Status = Literal["blocked", "unfunded", "clipped", "noted"]
STATUSES: tuple[Status, ...] = ("blocked", "unfunded", "clipped", "noted")


def _pairs(params: Mapping[str, Any] | tuple[tuple[str, Any], ...]) -> tuple[tuple[str, Any], ...]:
    return tuple(params.items()) if isinstance(params, Mapping) else tuple(params)


@frozen
class Reason:
    """Why an outcome is not what its rule alone would give.

    Attributes:
        status: ``blocked`` (a condition was not met), ``unfunded`` (there was no budget or no seat), ``clipped`` (a
            limit, a floor, a cap or a law changed the amount), or ``noted`` (worth knowing; it changed nothing).
        code: which condition, budget or limit; stable, for translation.
        params: what the code speaks of, by name.

    Example:
        >>> str(Reason("clipped", "capped", {"limit": Money(5_000, "EUR")}))
        'clipped: capped at 5,000.00 EUR'
    """

    _repr_html_ = definition

    status: Status
    code: str
    _params: tuple[tuple[str, Any], ...] = field(default=(), converter=_pairs, alias="params")

    def __attrs_post_init__(self) -> None:
        one_of(self.status, STATUSES, "status")

    @property
    def params(self) -> dict[str, Any]:
        """What the code speaks of, by name."""
        return dict(self._params)

    def phrase(self, catalogue: Mapping[str, str] = ENGLISH) -> str:
        """The reason in words, by its code; the code itself where the catalogue has none."""
        return Explanation(self.code, params=self.params).phrase(catalogue)

    def __str__(self) -> str:
        return f"{self.status}: {self.phrase()}"


def _mapping(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: _locked(value) for name, value in values.items()}


def _locked(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value = value.view()
        value.flags.writeable = False
    return value


@frozen(eq=False, repr=False)
class Reasons:
    """One reason of many rows, in columns.

    Args:
        status: ``blocked``, ``unfunded``, ``clipped`` or ``noted``.
        code: which condition, budget or limit.
        where: the rows that have it.
        params: what the code speaks of: a value for all rows, or an array of one for each.
        amounts: the same for money, in minor units.
    """

    _repr_html_ = definition

    status: Status
    code: str
    where: BoolColumn = field(converter=_locked)
    params: Mapping[str, Any] = field(factory=dict, converter=_mapping)
    amounts: Mapping[str, Any] = field(factory=dict, converter=_mapping)

    def __attrs_post_init__(self) -> None:
        one_of(self.status, STATUSES, "status")

    @property
    def count(self) -> int:
        """How many rows have it."""
        return int(np.count_nonzero(self.where))

    def spread(self, rows: npt.NDArray[np.intp], n: int) -> Reasons:
        """The same reason of some rows among n; nobody else has it."""

        def among(value: Any) -> Any:
            if not isinstance(value, np.ndarray):
                return value
            column = np.zeros(n, dtype=value.dtype)
            column[rows] = value
            return column

        params, amounts = ({k: among(v) for k, v in given.items()} for given in (self.params, self.amounts))
        return Reasons(self.status, self.code, among(self.where), params, amounts)

    def at(self, row: int, currency: str | None) -> Reason | None:
        """The reason of one row; None where it does not have it."""
        if not self.where[row]:
            return None
        params = {name: _cell(value, row) for name, value in self.params.items()}
        money = {name: Money.from_minor(_cell(value, row), currency or "") for name, value in self.amounts.items()}
        return Reason(self.status, self.code, {**params, **money})

    def __str__(self) -> str:
        name = self.params.get("name")
        return f"{self.status}: {self.code}{f' ({name})' if isinstance(name, str) else ''}"

    def __repr__(self) -> str:
        return f"<Reasons: {self.count:,} {self}>"


def _cell(value: Any, row: int) -> Any:
    cell = value[row] if isinstance(value, np.ndarray) else value
    return cell.item() if isinstance(cell, np.generic) else cell


def _reasons(reasons: Iterable[Reasons]) -> tuple[Reasons, ...]:
    # A reason that nobody has tells nothing.
    return tuple(reason for reason in reasons if reason.count)


def _column(values: Any) -> npt.NDArray[np.object_]:
    column = np.empty(len(values), dtype=object)
    plain = isinstance(values, np.ndarray) and values.dtype.kind != "O"
    column[:] = values.tolist() if plain else list(values)
    column.flags.writeable = False
    return column


def named(names: Sequence[Any], which: Any) -> npt.NDArray[np.object_]:
    """The name at each place, one object for all rows that share it."""
    found: npt.NDArray[np.object_] = np.array(names, dtype=object)[which]
    return found


def _optional_column(values: Any) -> npt.NDArray[np.object_] | None:
    return None if values is None else _column(values)


@frozen(eq=False, repr=False)
class Outcomes:
    """What a rule does to n people: an amount or an action each, and the reason wherever it was held back.

    A pool, a merit round, a promotion round, a penalty and a step of discipline all give one of these.

    Args:
        name: of the rule.
        codes: what happened to each row, such as ``raised``, ``promoted`` or ``none``.
        currency: of every amount; None where there are only actions.
        minor: the amount of each row, int64 minor units, negative for what is taken; nothing when not given.
        actions: what is done besides, or instead, such as ``written warning``; None in a row without one.
        reasons: why rows were blocked, unfunded or clipped.
        amounts: further columns of money, int64 minor units, such as ``new_salary``.
        facts: further columns of anything else, such as ``compa_ratio_before``.
        state: what is carried forward: a :class:`perfkit.Ledger` of balances, or the record that a ladder keeps.
        explain: from a row to its explanation; its value is the amount, where there is one.

    Raises:
        DefinitionError: for columns of another length, or amounts without a currency.

    Example:
        >>> def explain(row):
        ...     return Explanation("pay", Money(500, "EUR"), label="spot award")
        >>> given = Outcomes("spot award", ["paid"], currency="EUR", minor=np.array([50_000]), explain=explain)
        >>> given[0].code, given[0].amount, given[0].reasons
        ('paid', Money('500.00 EUR'), ())
    """

    name: str
    codes: npt.NDArray[np.object_] = field(converter=_column)
    currency: str | None = field(default=None, kw_only=True)
    minor: IntColumn = field(kw_only=True)
    actions: npt.NDArray[np.object_] | None = field(default=None, converter=_optional_column, kw_only=True)
    reasons: tuple[Reasons, ...] = field(default=(), converter=_reasons, kw_only=True)
    amounts: Mapping[str, Any] = field(factory=dict, converter=_mapping, kw_only=True)
    facts: Mapping[str, Any] = field(factory=dict, converter=_mapping, kw_only=True)
    state: Any = field(default=None, kw_only=True)
    _explain: Callable[[int], Explanation] = field(kw_only=True, alias="explain")

    @minor.default
    def _nothing(self) -> IntColumn:
        return np.zeros(len(self.codes), dtype=np.int64)

    def __attrs_post_init__(self) -> None:
        self.minor.flags.writeable = False
        has_money = bool(self.amounts) or any(reason.amounts for reason in self.reasons) or bool(self.minor.any())
        if self.currency is not None:
            minor_per_major(self.currency)
        elif has_money:
            raise DefinitionError(f"amounts of {self.name!r} must have a currency (got none)", path="currency")
        lengths = {"minor": len(self.minor)} | {name: len(c) for name, c in {**self.amounts, **self.facts}.items()}
        lengths |= {reason.code: len(reason.where) for reason in self.reasons}
        if self.actions is not None:
            lengths["actions"] = len(self.actions)
        odd = next((name for name, length in lengths.items() if length != len(self)), None)
        if odd is not None:
            raise DefinitionError(
                f"columns of {self.name!r} must have {len(self)} rows (got {lengths[odd]} in {odd!r})", path=odd
            )

    @property
    def total(self) -> Money | None:
        """The sum of the amounts, exact whatever its size; None where there are only actions."""
        return None if self.currency is None else Money.from_minor(integers.total(self.minor), self.currency)

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Outcome]:
        return (self[row] for row in range(len(self)))

    def __getitem__(self, row: int) -> Outcome:
        return Outcome(self, range(len(self))[row])

    def column(self, name: str) -> Any:
        """A further column by name, of money in minor units or of anything else.

        Raises:
            DefinitionError: for a name that no column has.
        """
        columns = {**self.amounts, **self.facts}
        if name not in columns:
            known = ", ".join(columns) or "none"
            raise DefinitionError(
                f"{self.name!r} has no column {name!r}{did_you_mean(name, columns)}; it has {known}", path=name
            )
        return columns[name]

    def columns(self) -> dict[str, Any]:
        """Everything in columns, for a data frame: code, minor, action, reasons, then the further columns."""
        rows = range(len(self))
        given: dict[str, Any] = {"code": self.codes}
        if self.currency is not None:
            given["minor"] = self.minor
        if self.actions is not None:
            given["action"] = self.actions
        given["reasons"] = _column([tuple(reason.code for reason in self.reasons if reason.where[r]) for r in rows])
        return {**given, **self.amounts, **self.facts}

    def where(self, status: Status | None = None, code: str | None = None) -> BoolColumn:
        """The rows that have a reason, of a status or with a code where one is named."""
        if status is not None:
            one_of(status, STATUSES, "status")
        found = np.zeros(len(self), dtype=np.bool_)
        for reason in self.reasons:
            if status in (None, reason.status) and code in (None, reason.code):
                found |= reason.where
        return found

    def explain(self, row: int) -> Explanation:
        """Why a row has its outcome.

        Raises:
            StaleDataError: if the row no longer gives the stored amount, because its data were changed since.
            PerfkitError: if the parts of the explanation do not compose.
        """
        position = range(len(self))[row]
        explanation = self._explain(position)
        explanation.check()
        amount = self[position].amount
        if amount is not None and explanation.value is not None and as_fraction(explanation.value) != amount.exact:
            raise StaleDataError(
                f"the explanation of row {position} of {self.name!r} gives {explanation.value} and not {amount}; "
                "its data were changed after they were used, so apply the rule again",
                rows=[position],
            )
        return explanation

    def __repr__(self) -> str:
        total = "" if self.total is None else f", {self.total}"
        return f"<Outcomes of {self.name!r}: {len(self):,} rows{total}>"

    def _repr_html_(self) -> str:
        return outcomes_html(self)

    def __str__(self) -> str:
        counts = Counter(self.codes.tolist())
        lines = [("", "people", "amount" if self.currency else "")]
        for code in sorted(counts):
            amount = ""
            if self.currency is not None:
                minor = self.minor[self.codes == code]
                amount = str(Money.from_minor(integers.total(minor), self.currency))
            lines.append((code, f"{counts[code]:,}", amount))
        if self.currency is not None and len(counts) > 1:
            lines.append(("total", f"{len(self):,}", str(self.total)))
        lines += [(str(reason), f"{reason.count:,}", "") for reason in self.reasons]
        left, middle, right = (max(len(line[place]) for line in lines) for place in range(3))
        return "\n".join(f"{a:<{left}}  {b:>{middle}}  {c:>{right}}".rstrip() for a, b, c in lines)


@frozen(eq=False, repr=False)
class Outcome:
    """What a rule does to one person."""

    _outcomes: Outcomes
    _row: int

    @property
    def code(self) -> str:
        """What happened."""
        return str(self._outcomes.codes[self._row])

    @property
    def minor(self) -> int:
        """The amount in minor units; 0 where there is only an action."""
        return int(self._outcomes.minor[self._row])

    @property
    def amount(self) -> Money | None:
        """The amount; None where the rule knows only actions."""
        currency = self._outcomes.currency
        return None if currency is None else Money.from_minor(self.minor, currency)

    @property
    def action(self) -> str | None:
        """What is done besides, or instead."""
        actions = self._outcomes.actions
        return None if actions is None else actions[self._row]

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why it was blocked, unfunded or clipped, in the order in which that happened."""
        found = (reason.at(self._row, self._outcomes.currency) for reason in self._outcomes.reasons)
        return tuple(reason for reason in found if reason is not None)

    def __getitem__(self, name: str) -> Any:
        """A further column of the row by name: ``Money`` for one of money."""
        cell = _cell(self._outcomes.column(name), self._row)
        return Money.from_minor(cell, str(self._outcomes.currency)) if name in self._outcomes.amounts else cell

    def explain(self) -> Explanation:
        """Why the outcome is what it is."""
        return self._outcomes.explain(self._row)

    def _repr_html_(self) -> str:
        return outcome_html(self, self._outcomes.name)

    def __repr__(self) -> str:
        shown = [str(part) for part in (self.amount, self.action) if part is not None]
        shown += [str(reason) for reason in self.reasons]
        return f"<Outcome of {self._outcomes.name!r}: {', '.join([self.code, *shown])}>"
