"""What a plan may cost: many scenarios of how results turn out, each paid exactly, in blocks of bounded memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import evolve, field, frozen

from perfkit._core import integers
from perfkit._core.blocks import BLOCK, blocks
from perfkit._core.columns import Kind, Rows, read_rows
from perfkit._core.integers import IntColumn
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, decimal_text, exact
from perfkit._incentives.ledger import checked_keys
from perfkit._incentives.plan import IncentivePlan
from perfkit._incentives.variation import Draws, HistoryVariation
from perfkit._incentives.views import simulation_html
from perfkit.errors import DataError, DefinitionError, did_you_mean
from perfkit.explain import SILENT, Explanation
from perfkit.money import CENT, Money
from perfkit.typing import Variation

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
    at: Mapping[str, Mapping[str, Any]] | None = None,
    key: str | None = None,
    progress: Callable[[int], Any] | None = None,
    block: int = BLOCK,
) -> Simulation:
    """What a plan may cost: the distribution of its total over scenarios of how results turn out.

    In each scenario every person's results are drawn and the plan pays them, exactly as it would. A result may follow a
    factor that everybody shares; without one, the chances of many people even out, and the total is far too certain.

    The numbers are those of the seed: the same on every machine, with every version of NumPy, and whatever the block.
    Two plans with one seed meet the same results, so that their costs can be compared scenario by scenario. What a plan
    carries from period to period is left out: what is simulated is what is earned.

    Args:
        plan: the plan.
        population: one row a person, with every column of the plan that does not vary; a column that varies may be
            there too, and is not read.
        outcomes: how each column that drives pay varies, by its name (:class:`NormalVariation`,
            :class:`QuantileVariation`, :class:`ChoiceVariation`, or what has the members of
            :class:`perfkit.typing.Variation`), or a :class:`HistoryVariation`.
        n: how many scenarios.
        seed: a whole number from 0 on.
        budget: what the total should not pass; an amount in major units, or ``Money``.
        at: results that stand for a level, such as ``{"threshold": {"score": 0.8}, "target": {"score": 1}}``: the
            share of people who are paid at least what they would be at that level is counted.
        key: the column that says who a row is: then a person has the same results in whatever order people come.
        progress: called with how many scenarios were done since the last call, as the ``update`` of a progress bar is.
        block: how many rows to pay at once; more take more memory, and the result is the same.

    Raises:
        DefinitionError: for a column that the plan does not read, a number of scenarios or a seed that is none.
        DataError: for a population that the plan cannot pay, or an empty one.

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
    awards = evolve(plan, carry=())
    kinds = {need.name: need.kind for need in awards.needs()}
    rows = _population(awards, population, outcomes, driven, kinds, key)
    run = _Run(awards, rows, Draws(outcomes, seed), driven, at or {})
    totals: list[int] = []
    counts: list[npt.NDArray[np.int64]] = []
    for scenarios, paid, reached in run.scenarios(n, block):
        totals.extend(paid)
        counts.append(reached)
        if progress is not None:
            progress(len(scenarios))
    return Simulation(
        plan.name,
        plan.currency,
        rows.n,
        seed,
        totals,
        dict(zip(run.levels, np.concatenate(counts).T, strict=True)),
        limit,
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


def _population(
    plan: IncentivePlan,
    population: Any,
    outcomes: Any,
    driven: tuple[str, ...],
    kinds: Mapping[str, Kind],
    key: str | None,
) -> Rows:
    """The columns that do not vary, in the order of the persons' keys where there is one."""
    needs = [need for need in plan.needs() if need.name not in driven]
    if not isinstance(outcomes, HistoryVariation):
        needs += [need for name in driven for need in outcomes[name].needs(kinds[name])]
    names = [need.name for need in needs]
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
    return rows


def _read_once(rows: Rows, kinds: Mapping[str, Kind]) -> Rows:
    """Rows whose columns are read here, and not again in each scenario; what has gaps is for the plan to judge."""
    readers = {"money": rows.money, "flag": rows.flag, "category": rows.category, "number": rows.exact}
    for name in rows.columns:
        if name in kinds and not rows.is_missing(name).any():
            readers[kinds[name]](name)
    return rows


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

    @property
    def levels(self) -> tuple[str, ...]:
        """What people are counted at."""
        return (ZERO, *self.at)

    def scenarios(self, n: int, block: int) -> Iterator[tuple[range, list[int], npt.NDArray[np.int64]]]:
        """Scenarios in groups: the total of each, and how many people reach each level."""
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
            counts = np.zeros((len(group), len(self.levels)), dtype=np.int64)
            for part, rows, references in parts:
                size = part.stop - part.start
                some = rows if len(group) == together else rows[: size * len(group)]
                paid = self._paid(group, part, some).reshape(len(group), size)
                for place, total in enumerate(_sums(paid)):
                    totals[place] += total
                counts[:, 0] += np.count_nonzero(paid <= 0, axis=1)
                for level, reference in enumerate(references, start=1):
                    counts[:, level] += np.count_nonzero(paid >= reference, axis=1)
            yield group, totals, counts

    def _paid(self, scenarios: range, people: slice, rows: Rows) -> IntColumn:
        """What some people are paid in some scenarios, one scenario after the other."""
        drawn = self.draws.columns(scenarios, people, rows, self.kinds, self.plan.currency)
        return self.plan._block(rows.replacing(drawn), SILENT)[0]

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


@frozen
class Estimate:
    """A share that was simulated, and the interval that holds the true one with a confidence of 95 %."""

    _repr_html_ = definition

    value: float
    low: float
    high: float

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
    """

    name: str
    currency: str
    people: int
    seed: int
    totals: Any = field(converter=_totals)
    counts: Mapping[str, Any] = field(converter=_counts)
    budget: Money | None = None

    @property
    def n(self) -> int:
        """How many scenarios."""
        return len(self.totals)

    @property
    def mean(self) -> Money:
        """The mean cost, rounded to the minor unit."""
        return self._money(Fraction(integers.total(self.totals), self.n))

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
        """The probability that the cost passes the budget, with the interval of Wilson (1927).

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
        half = 0.0
        if self.n > 1:
            spread = Fraction(self.n * sum(count * count for count in shares) - sum(shares) ** 2, self.n * (self.n - 1))
            half = _Z95 * math.sqrt(spread / self.n) / self.people
        return Estimate(float(mean), max(0.0, float(mean) - half), min(1.0, float(mean) + half))

    def explain(self) -> Explanation:
        """What the cost may be: the mean, percentiles, the budget, and the people at each level."""
        parts = [Explanation("cost_percentile", self.percentile(p), params={"percent": p}) for p in PERCENTILES]
        if self.budget is not None:
            over = self.over_budget
            parts.append(
                Explanation("cost_over", over.value, params={"budget": self.budget, "low": over.low, "high": over.high})
            )
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
            lines.append(("over budget", _percent(over.value), f"{_percent(over.low)} to {_percent(over.high)}"))
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
        return f"cost of {self.name!r}: {self.n:,} scenarios of {self.people:,} people, seed {self.seed}"

    def _repr_html_(self) -> str:
        return simulation_html(self, self._lines())

    def __repr__(self) -> str:
        return f"<Simulation of {self.name!r}: {self.n:,} scenarios of {self.people:,} people, mean {self.mean}>"


def _wilson(count: int, n: int) -> Estimate:
    """A share and its 95 % interval. Source: Wilson, Journal of the American Statistical Association 22 (1927)."""
    share, square = count / n, _Z95 * _Z95
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = _Z95 / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    return Estimate(share, centre - half if count else 0.0, centre + half if count < n else 1.0)
