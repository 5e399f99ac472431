"""What a plan may cost: many scenarios of how results turn out, each paid exactly, in blocks of bounded memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from perfkit._core import integers
from perfkit._core.blocks import BLOCK, blocks
from perfkit._core.columns import Kind, Rows, read_rows
from perfkit._core.integers import IntColumn
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, decimal_text, exact
from perfkit._incentives.ledger import Ledger, checked_keys
from perfkit._incentives.lines import paid_below_zero
from perfkit._incentives.plan import IncentivePlan
from perfkit._incentives.pools import FittedPool
from perfkit._incentives.variation import Draws, HistoryVariation, shared_columns
from perfkit._incentives.views import simulation_html
from perfkit.errors import DataError, DefinitionError, did_you_mean
from perfkit.explain import SILENT, Explanation
from perfkit.money import CENT, Money
from perfkit.typing import Fits, PeriodStep, Variation

PERCENTILES = (5, 25, 50, 75, 95)
# Two-sided 95 %: the normal deviate that 97.5 % stay below.
_Z95 = 1.959963984540054
ZERO = "zero"


def simulate(
    plan: IncentivePlan,
    population: Any,
    outcomes: Mapping[str, Variation] | HistoryVariation,
    n: int,
    seed: int,
    *,
    budget: Money | Number | None = None,
    ledger: Ledger | None = None,
    at: Mapping[str, Mapping[str, Any]] | None = None,
    key: str | None = None,
    progress: Callable[[int], Any] | None = None,
    block: int = BLOCK,
) -> Simulation:
    """What a plan may cost: the distribution of its total over scenarios of how results turn out.

    In each scenario every person's results are drawn and the plan pays them, exactly as it would. A result may follow a
    factor that everybody shares; without one, the chances of many people even out, and the total is far too certain.

    The numbers are those of the seed: the same on every machine, with every version of NumPy, and whatever the block.
    Two plans with one seed meet the same results, so that their costs can be compared scenario by scenario. A plan that
    carries balances is simulated for one period after a ledger: the cost is what is paid, and
    :attr:`Simulation.balances` has what is held and owed after it.

    Args:
        plan: the plan.
        population: one row a person, with every column of the plan that does not vary; a column that varies may be
            there too, and is not read.
        outcomes: how each column that drives pay varies, by its name (:class:`NormalVariation`,
            :class:`LognormalVariation`, :class:`QuantileVariation`, :class:`ChoiceVariation`, or what has the members
            of :class:`perfkit.typing.Variation`), or a :class:`HistoryVariation`.
        n: how many scenarios.
        seed: a whole number from 0 on.
        budget: what the total should not pass; an amount in major units, or ``Money``.
        ledger: the balances before the period, for a plan that carries; an empty one for a first period. With ``key``.
        at: results that stand for a level, such as ``{"threshold": {"score": 0.8}, "target": {"score": 1}}``: the
            share of people who are paid at least what they would be at that level is counted.
        key: the column that says who a row is: then a person has the same results in whatever order people come.
        progress: called with how many scenarios were done since the last call, as the ``update`` of a progress bar is.
        block: how many rows to pay at once; more take more memory, and the result is the same.

    Raises:
        DefinitionError: for a column that the plan does not read, a number of scenarios or a seed that is none, a plan
            that carries without a ledger or carries a :class:`Deduct`, or a pool whose shares would vary.
        DataError: for a population that the plan cannot pay, or an empty one; a ledger of another currency; a scenario
            with pay below zero that the plan refuses.

    Example:
        >>> from perfkit import Cap, Curve, QuantileVariation, TargetBonus
        >>> payout = Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0)
        >>> plan = IncentivePlan("bonus", currency="EUR", pays=[TargetBonus("salary", 0.1, "score", payout)])
        >>> score = QuantileVariation({0.8: 0.9, 1: 0.55, 1.2: 0.1}, loading=0.5)
        >>> cost = simulate(plan, {"salary": [6_000_000] * 200}, {"score": score}, n=500, seed=7, budget=1_500_000)
        >>> cost.n, cost.people
        (500, 200)
    """
    if not isinstance(plan, IncentivePlan):
        raise DefinitionError(f"plan must be an IncentivePlan (got {plan!r})", path="plan")
    n, seed, block = _whole(n, "n", 1), _whole(seed, "seed", 0), _whole(block, "block", 1)
    if seed >= 2**64:
        raise DefinitionError(f"seed must be below 2**64 (got {seed})", path="seed")
    driven = _driven(plan, outcomes)
    limit = None if budget is None else _budget(budget, plan.currency)
    _refuse_pools(plan, driven)
    _check_ledger(plan, ledger, key)
    rows = _population(plan, population, outcomes, driven, key, ledger)
    run = _Run(plan, rows, Draws(outcomes, seed, rows), driven, at or {})
    totals: list[int] = []
    balances: dict[str, list[int]] = {account: [] for account in run.accounts}
    counts: list[npt.NDArray[np.int64]] = []
    for group in run.scenarios(n, block):
        totals.extend(group.totals)
        for account, sums in group.balances.items():
            balances[account].extend(sums)
        counts.append(group.counts)
        if progress is not None:
            progress(len(group.totals))
    return Simulation(
        plan.name,
        plan.currency,
        rows.n,
        seed,
        totals,
        dict(zip(run.levels, np.concatenate(counts).T, strict=True)),
        limit,
        balances,
    )


def _whole(value: int, what: str, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise DefinitionError(f"{what} must be a whole number from {least} on (got {value!r})", path=what)
    return int(value)


def _budget(budget: Money | Number, currency: str) -> Money:
    money = budget if isinstance(budget, Money) else Money(exact(budget, what="a budget"), currency)
    if money.currency != currency:
        raise DataError(f"the budget must be of {currency} (got {money.currency}); convert it first")
    if money.minor < 0:
        raise DefinitionError(f"a budget must not be negative (got {money})", path="budget")
    return money


def _driven(plan: IncentivePlan, outcomes: Any) -> tuple[str, ...]:
    """The columns that vary, all of them read by the plan."""
    if isinstance(outcomes, HistoryVariation):
        names = list(outcomes.columns)
        if plan.missing == "refuse":
            cure = "fill it, leave these rows of the history out, or say missing='unpaid' in the plan"
            for name in names:
                outcomes.data.require(~outcomes.data.is_missing(name), name, "must be known in a history", cure)
    elif isinstance(outcomes, Mapping) and outcomes:
        names = [str(name) for name in outcomes]
        for name, variation in outcomes.items():
            if not isinstance(variation, Variation):
                raise DefinitionError(
                    f"{name!r} must vary by an object with the members of Variation (got {variation!r})"
                )
    else:
        raise DefinitionError(
            f"outcomes must say how a column varies, such as {{'score': NormalVariation(1, 0.2)}} (got {outcomes!r})",
            path="outcomes",
        )
    known = [need.name for need in plan.needs()]
    for name in names:
        if name not in known:
            raise DefinitionError(
                f"plan {plan.name!r} does not read {name!r}{did_you_mean(name, known)}; it reads {', '.join(known)}",
                path="outcomes",
            )
    return tuple(names)


def _refuse_pools(plan: IncentivePlan, driven: tuple[str, ...]) -> None:
    """A pool costs what its fund is; its cut was found for the results that it was fitted to, and for no others."""
    for pay in plan.pays:
        if isinstance(pay, Fits):
            raise DefinitionError(
                f"pool {pay.name!r} costs its fund however it is shared, so simulate the plan without it and add the "
                "fund; or fit the plan first, where nothing varies that the pool reads",
                path="plan",
            )
        moved = [need.name for need in pay.needs() if need.name in driven] if isinstance(pay, FittedPool) else []
        if moved:
            raise DefinitionError(
                f"pool {pay.name!r} was fitted to one {moved[0]!r} of each person, so it cannot be paid at others; it "
                "costs its fund however it is shared, so simulate the plan without it and add the fund",
                path="plan",
            )


def _check_ledger(plan: IncentivePlan, ledger: Ledger | None, key: str | None) -> None:
    for step in plan.carry:
        if isinstance(step, PeriodStep):
            raise DefinitionError(
                f"plan {plan.name!r} carries {step.name!r}, which takes what is owed from one pay period; it changes "
                "what is paid out and not what pay costs, so simulate the plan without it",
                path="plan",
            )
    if ledger is None:
        if plan.carry:
            raise DefinitionError(
                f"plan {plan.name!r} carries balances: give ledger= those before the period, an empty "
                f"Ledger({plan.currency!r}) for the first, and key=; to simulate what is earned, leave carry out of it",
                path="ledger",
            )
        return
    if not isinstance(ledger, Ledger):
        raise DefinitionError(
            f"ledger must be a Ledger, such as Ledger({plan.currency!r}) for a first period (got {ledger!r})",
            path="ledger",
        )
    if not plan.carry:
        raise DefinitionError(f"plan {plan.name!r} carries no balances, so leave ledger= out", path="ledger")
    if ledger.currency != plan.currency:
        raise DataError(f"the ledger must be of {plan.currency} (got {ledger.currency}); convert it first")
    if key is None:
        raise DefinitionError("a ledger needs key=, the column that says whose balances are whose", path="key")


def _population(
    plan: IncentivePlan,
    population: Any,
    outcomes: Any,
    driven: tuple[str, ...],
    key: str | None,
    ledger: Ledger | None,
) -> Rows:
    """The columns that do not vary, in the order of the persons' keys where there is one, and balances."""
    kinds = {need.name: need.kind for need in plan.needs()}
    needs = [need for need in plan.needs() if need.name not in driven]
    if not isinstance(outcomes, HistoryVariation):
        needs += [need for name in driven for need in outcomes[name].needs(kinds[name])]
    names = [*(need.name for need in needs), *shared_columns(outcomes)]
    rows = read_rows(population, [*dict.fromkeys(names), *([key] if key is not None else [])])
    if not rows.columns:
        raise DataError(
            f"the population must have a column, to say how many people there are; {plan.name!r} reads only what "
            "varies, so say key="
        )
    if not rows.n:
        raise DataError("a population must have people (got no rows)")
    if key is not None:
        keys = checked_keys(rows.category(key).tolist())
        rows = rows[np.array(sorted(range(rows.n), key=keys.__getitem__), dtype=np.int64)]
        if ledger is not None:
            rows = rows.replacing(ledger.columns(sorted(keys), _accounts(plan)))
    return rows


def _accounts(plan: IncentivePlan) -> tuple[str, ...]:
    return tuple(dict.fromkeys(account for step in plan.carry for account in step.accounts()))


def _read_once(rows: Rows, kinds: Mapping[str, Kind]) -> Rows:
    """Rows whose columns are read here, and not again in each scenario; what has gaps is for the plan to judge."""
    readers = {"money": rows.money, "flag": rows.flag, "category": rows.category, "number": rows.exact}
    for name in rows.columns:
        if name in kinds and not rows.is_missing(name).any():
            readers[kinds[name]](name)
    return rows


class _Group(NamedTuple):
    """Some scenarios: the cost of each, what is carried after it, and how many people reach each level."""

    totals: list[int]
    balances: dict[str, list[int]]
    counts: npt.NDArray[np.int64]


class _Run:
    """One simulation: the plan, the people, and the results that they may have."""

    def __init__(
        self,
        plan: IncentivePlan,
        rows: Rows,
        draws: Draws,
        driven: tuple[str, ...],
        at: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self.plan, self.rows, self.draws, self.driven, self.at = plan, rows, draws, driven, at
        self.kinds = {need.name: need.kind for need in plan.needs()}
        self.accounts = _accounts(plan)

    @property
    def levels(self) -> tuple[str, ...]:
        """What people are counted at."""
        return (ZERO, *self.at)

    def scenarios(self, n: int, block: int) -> Iterator[_Group]:
        """All scenarios, some at a time."""
        people = self.rows.n
        # Few people are paid in many scenarios at once, many people in parts; parts begin where a word of four begins.
        together = max(1, block // people)
        parts = [
            (part, _read_once(self.rows[part], self.kinds).repeated(together), self.references(part))
            for part in blocks(people, max(4, block // 4 * 4))
        ]
        if together > 1:
            # Rows that stand there several times would be named several times.
            self._paid(range(1), parts[0][0], self.rows)
        for start in range(0, n, together):
            group = range(start, min(start + together, n))
            totals = [0] * len(group)
            balances = {account: [0] * len(group) for account in self.accounts}
            counts = np.zeros((len(group), len(self.levels)), dtype=np.int64)
            for part, rows, references in parts:
                size = part.stop - part.start
                some = rows if len(group) == together else rows[: size * len(group)]
                minor, after = self._paid(group, part, some)
                paid = minor.reshape(len(group), size)
                totals = _added(totals, paid)
                for account, column in after.items():
                    balances[account] = _added(balances[account], column.reshape(len(group), size))
                counts[:, 0] += np.count_nonzero(paid <= 0, axis=1)
                for level, reference in enumerate(references, start=1):
                    counts[:, level] += np.count_nonzero(paid >= reference, axis=1)
            yield _Group(totals, balances, counts)

    def _paid(self, scenarios: range, people: slice, rows: Rows) -> tuple[IntColumn, dict[str, IntColumn]]:
        """What some people are paid and have after it in some scenarios, one scenario after the other."""
        drawn = self.draws.columns(scenarios, people, rows, self.kinds, self.plan.currency)
        rule = self.plan.below_zero
        paid, after = self.plan._block(rows.replacing(drawn), SILENT, below_zero=rule)
        if rule == "refuse" and paid.size and paid.min() < 0:
            worst = int(np.argmin(paid))
            row = int(rows.positions[worst])
            least = Money.from_minor(int(paid[worst]), self.plan.currency)
            seen = f"{least} in row {row} in a scenario; low= of a variation keeps results above a value"
            raise paid_below_zero(self.plan.name, seen, [row])
        return paid, after

    def references(self, part: slice) -> list[IntColumn]:
        """What each person is paid at each level; more than anything where that is nothing."""
        found = []
        for level, facts in self.at.items():
            if level == ZERO:
                raise DefinitionError(f"level {ZERO!r} is counted anyway; name this one otherwise", path="at")
            for name in facts:
                if name not in self.driven:
                    raise DefinitionError(
                        f"level {level!r} speaks of {name!r}, which does not vary{did_you_mean(name, self.driven)}",
                        path="at",
                    )
                if np.ndim(facts[name]):
                    raise DefinitionError(
                        f"level {level!r} must give one value of {name!r} for everybody (got {facts[name]!r})",
                        path="at",
                    )
            absent = [name for name in self.driven if name not in facts]
            if absent:
                raise DefinitionError(f"level {level!r} must say what {', '.join(absent)} would be", path="at")
            rows = self.rows[part]
            given = read_rows(rows, list(rows.columns), facts)
            paid, _ = self.plan._block(given, SILENT)
            found.append(np.where(paid > 0, paid, np.iinfo(np.int64).max))
        return found


def _added(sums: list[int], column: IntColumn) -> list[int]:
    return [so_far + more for so_far, more in zip(sums, _sums(column), strict=True)]


def _sums(paid: IntColumn) -> list[int]:
    """The sum of each scenario, exact whatever its size."""
    if integers.bound(paid) * paid.shape[1] < integers.LIMIT:
        return list(paid.sum(axis=1).tolist())
    return [integers.total(one) for one in paid]


def _totals(values: Any) -> Any:
    column = np.empty(len(values), dtype=object)
    column[:] = list(values)
    narrow = integers.narrow(column)
    column = column if narrow is None else narrow
    column.flags.writeable = False
    return column


def _counts(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(values)


def _balances(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {account: _totals(column) for account, column in values.items()}


@frozen
class Estimate:
    """A share that was simulated, how far off it may be, and the interval that holds the true one in 95 % of cases.

    Attributes:
        value: the share.
        low: the lower end of the interval.
        high: the upper end.
        error: the standard error.
    """

    _repr_html_ = definition

    value: float
    low: float
    high: float
    error: float

    def __str__(self) -> str:
        return f"{_percent(self.value)} ({_percent(self.low)} to {_percent(self.high)})"


def _percent(share: float) -> str:
    return f"{decimal_text(100 * share, 1)} %"


@frozen(eq=False, repr=False)
class Simulation:
    """What a plan cost in each of many scenarios.

    Attributes:
        name: of the plan.
        currency: of the amounts.
        people: how many were paid in each scenario.
        seed: of the draws.
        totals: the cost of each scenario in minor units, read-only.
        counts: for each level, how many people reached it in each scenario; ``zero`` for those who are paid nothing.
        budget: what the total should not pass; None where none was given.
        balances: for each account of the ledger, its total after the period in each scenario in minor units.
    """

    name: str
    currency: str
    people: int
    seed: int
    totals: Any = field(converter=_totals)
    counts: Mapping[str, Any] = field(converter=_counts)
    budget: Money | None = None
    balances: Mapping[str, Any] = field(factory=dict, converter=_balances)

    @property
    def n(self) -> int:
        """How many scenarios."""
        return len(self.totals)

    @property
    def mean(self) -> Money:
        """The mean cost, rounded to the minor unit."""
        return self._money(Fraction(integers.total(self.totals), self.n))

    def balance(self, account: str) -> Money:
        """The mean of what is in an account of the ledger after the period, such as ``draw.owed``.

        Raises:
            DefinitionError: for an account that the plan does not carry.
        """
        if account not in self.balances:
            known = ", ".join(self.balances) or "none"
            raise DefinitionError(
                f"account {account!r} is not carried{did_you_mean(account, self.balances)}; carried are: {known}",
                path="account",
            )
        return self._money(Fraction(integers.total(self.balances[account]), self.n))

    @property
    def deviation(self) -> Money:
        """The standard deviation of the cost between scenarios; 0 for a single one."""
        return self._money(Fraction(self._deviation()))

    @property
    def standard_error(self) -> Money:
        """How far the mean may be from that of endless scenarios: the deviation over the root of their number."""
        return self._money(Fraction(self._deviation() / math.sqrt(self.n)))

    def _deviation(self) -> float:
        if self.n < 2:
            return 0.0
        values = [int(total) for total in self.totals]
        # Sums of whole numbers are exact, whatever cancels.
        spread = self.n * sum(value * value for value in values) - sum(values) ** 2
        return math.sqrt(Fraction(spread, self.n * (self.n - 1)))

    def _money(self, minor: Fraction) -> Money:
        whole = Money.from_minor(1, self.currency).exact
        return Money.from_minor(CENT.minor(minor * whole, self.currency), self.currency)

    def percentile(self, percent: Number) -> Money:
        """The least cost that so many percent of the scenarios do not pass: the nearest rank, a cost that did occur.

        Raises:
            DefinitionError: for a percentage that is not above 0 and up to 100.
        """
        share = exact(percent, what="percent") / 100
        if not 0 < share <= 1:
            raise DefinitionError(f"percent must be above 0 and up to 100 (got {percent!r})", path="percent")
        rank = -(-share * self.n // 1)
        return Money.from_minor(int(sorted(self.totals.tolist())[int(rank) - 1]), self.currency)

    @property
    def over_budget(self) -> Estimate:
        """The probability that the cost passes the budget, with its standard error and the interval of Wilson (1927).

        Raises:
            DefinitionError: where no budget was given.
        """
        if self.budget is None:
            raise DefinitionError("the simulation has no budget to pass; give budget=", path="budget")
        over = sum(1 for total in self.totals.tolist() if total > self.budget.minor)
        return _wilson(over, self.n)

    def share(self, level: str) -> Estimate:
        """The share of people who reach a level, or are paid nothing (``zero``): its mean over the scenarios.

        The interval is that of the mean share; scenarios differ by more, as :attr:`counts` has it.

        Raises:
            DefinitionError: for a level that was not counted.
        """
        if level not in self.counts:
            raise DefinitionError(
                f"level {level!r} was not counted{did_you_mean(level, self.counts)}; counted were "
                f"{', '.join(self.counts)}, and at= adds more",
                path="level",
            )
        shares = [int(count) for count in self.counts[level]]
        mean = Fraction(sum(shares), self.n * self.people)
        error = 0.0
        if self.n > 1:
            spread = Fraction(self.n * sum(count * count for count in shares) - sum(shares) ** 2, self.n * (self.n - 1))
            error = math.sqrt(spread / self.n) / self.people
        half = _Z95 * error
        return Estimate(float(mean), max(0.0, float(mean) - half), min(1.0, float(mean) + half), error)

    def explain(self) -> Explanation:
        """What the cost may be: the mean, percentiles, the budget, and the people at each level."""
        parts = [Explanation("cost_percentile", self.percentile(p), params={"percent": p}) for p in PERCENTILES]
        if self.budget is not None:
            over = self.over_budget
            seen = {"budget": self.budget, "low": over.low, "high": over.high, "error": over.error}
            parts.append(Explanation("cost_over", over.value, params=seen))
        parts += [Explanation("cost_carried", self.balance(account), label=account) for account in self.balances]
        for level in self.counts:
            share = self.share(level)
            code = "cost_zero" if level == ZERO else "cost_level"
            parts.append(Explanation(code, share.value, label=level, params={"low": share.low, "high": share.high}))
        shown = {"scenarios": self.n, "people": self.people, "seed": self.seed, "error": self.standard_error}
        return Explanation("cost", self.mean, label=self.name, params=shown, parts=parts)

    def _lines(self) -> list[tuple[str, str, str]]:
        lines = [("mean", str(self.mean), f"standard error {self.standard_error}")]
        lines += [(f"{percent} %", str(self.percentile(percent)), "") for percent in PERCENTILES]
        if self.budget is not None:
            over = self.over_budget
            lines.append(("budget", str(self.budget), ""))
            error = f"standard error {_percent(over.error)}"
            lines.append(
                ("over budget", _percent(over.value), f"{_percent(over.low)} to {_percent(over.high)}, {error}")
            )
        lines += [(account, str(self.balance(account)), "mean after the period") for account in self.balances]
        for level in self.counts:
            share = self.share(level)
            named = "paid nothing" if level == ZERO else f"at {level} or above"
            lines.append((named, _percent(share.value), f"{_percent(share.low)} to {_percent(share.high)}"))
        return lines

    def __str__(self) -> str:
        lines = self._lines()
        left, middle = (max(len(line[place]) for line in lines) for place in range(2))
        body = [f"{a:<{left}}  {b:>{middle}}  {c}".rstrip() for a, b, c in lines]
        return "\n".join([self._title(), *body])

    def _title(self) -> str:
        return (
            f"cost of {self.name!r}: {self.n:,} scenarios of {self.people:,} people, seed {self.seed}; 95 % intervals"
        )

    def _repr_html_(self) -> str:
        return simulation_html(self, self._lines())

    def __repr__(self) -> str:
        return f"<Simulation of {self.name!r}: {self.n:,} scenarios of {self.people:,} people, mean {self.mean}>"


def _wilson(count: int, n: int) -> Estimate:
    """A share and its 95 % interval. Source: Wilson, Journal of the American Statistical Association 22 (1927)."""
    share, square = count / n, _Z95 * _Z95
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = _Z95 / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    error = math.sqrt(share * (1 - share) / n)
    return Estimate(share, centre - half if count else 0.0, centre + half if count < n else 1.0, error)
