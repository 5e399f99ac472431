"""What a goal is: whose, by when, measured how, and broken down into what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Literal

from attrs import evolve, field, frozen

from perfkit._core.checks import instance, several
from perfkit._core.numbers import Number, exact, plain
from perfkit.errors import DefinitionError, did_you_mean
from perfkit.money import allocate

RollUp = Literal["weighted_mean", "sum"]


@frozen(order=True)
class Period:
    """A stretch of days, both ends included.

    Args:
        start: the first day.
        end: the last day.

    Raises:
        DefinitionError: if it ends before it starts.

    Example:
        >>> Period(date(2026, 1, 1), date(2026, 12, 31)).days
        365
        >>> Period.year(2026).elapsed(date(2026, 7, 1))
        Fraction(182, 365)
    """

    start: date
    end: date

    def __attrs_post_init__(self) -> None:
        for what, day in (("start", self.start), ("end", self.end)):
            if type(day) is not date:
                raise DefinitionError(f"{what} of a period must be a date (got {day!r})", path=what)
        if self.end < self.start:
            raise DefinitionError(f"a period must not end ({self.end}) before it starts ({self.start})", path="end")

    @classmethod
    def year(cls, year: int) -> Period:
        """A calendar year."""
        return cls(date(year, 1, 1), date(year, 12, 31))

    @property
    def days(self) -> int:
        """How many days, both ends included."""
        return (self.end - self.start).days + 1

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def elapsed(self, as_of: date) -> Fraction:
        """The share of the days up to and including a day: 0 before the start, 1 from the end on."""
        gone = (as_of - self.start).days + 1
        return Fraction(min(max(gone, 0), self.days), self.days)

    def __str__(self) -> str:
        return f"{self.start} to {self.end}"


def _number(value: Number) -> Fraction:
    return exact(value, what="a number of a goal")


def _optional(value: Number | None) -> Fraction | None:
    return None if value is None else _number(value)


def _goals(values: Goal | Sequence[Goal]) -> tuple[Goal, ...]:
    return several(values)


@frozen
class Goal:
    """What is to be reached: by whom, by when, measured how, and the goals it is broken down into.

    Args:
        id: unique in its tree.
        title: what it is, in words.
        owner: who answers for it.
        period: from when to when; that of the goal above when not given.
        unit: of the measure, such as ``EUR``.
        baseline: where progress starts from; 0 unless said. A target below it means that less is better.
        target: what is to be reached; None where only the goals below say so.
        weight: how much it counts in the goal above.
        roll_up: how the goals below make this one: the ``weighted_mean`` of their progress, or the ``sum`` of their
            values, which must be of one unit.
        children: the goals it is broken down into.

    Raises:
        DefinitionError: for a target equal to the baseline, a weight that is not positive, an unknown roll-up, or a
            sum over goals without targets or of other units.

    Example:
        >>> Goal("emea.logos", owner="ana", target=120, weight=60).progress_of(64)
        Fraction(8, 15)
    """

    id: str
    title: str = field(default="", kw_only=True)
    owner: str = field(default="", kw_only=True)
    period: Period | None = field(default=None, validator=instance(Period, type(None)), kw_only=True)
    unit: str = field(default="", kw_only=True)
    baseline: Fraction = field(default=Fraction(0), converter=_number, kw_only=True)
    target: Fraction | None = field(default=None, converter=_optional, kw_only=True)
    weight: Fraction = field(default=Fraction(1), converter=_number, kw_only=True)
    roll_up: RollUp = field(default="weighted_mean", kw_only=True)
    children: tuple[Goal, ...] = field(default=(), converter=_goals, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.id, str) or not self.id.strip():
            raise DefinitionError(f"id of a goal must be a text that is not empty (got {self.id!r})", path="id")
        if self.weight <= 0:
            raise DefinitionError(f"weight of {self.id!r} must be positive (got {plain(self.weight)})", path="weight")
        if self.target == self.baseline:
            raise DefinitionError(
                f"target and baseline of {self.id!r} must differ (got {plain(self.baseline)} for both); "
                "give the baseline that progress starts from",
                path="target",
            )
        if self.roll_up not in ("weighted_mean", "sum"):
            raise DefinitionError(
                f"roll_up of {self.id!r} must be 'weighted_mean' or 'sum' (got {self.roll_up!r})", path="roll_up"
            )
        odd = [child for child in self.children if not isinstance(child, Goal)]
        if odd:
            raise DefinitionError(f"children of {self.id!r} must be goals (got {odd[0]!r})", path="children")
        if self.roll_up == "sum" and self.children:
            self._check_sum()

    def _check_sum(self) -> None:
        if self.target is None:
            raise DefinitionError(f"{self.id!r} sums up its parts, so it needs a target of its own", path="target")
        for child in self.children:
            if child.target is None:
                raise DefinitionError(f"{self.id!r} sums up its parts, so {child.id!r} needs a target", path="children")
            if child.unit != self.unit:
                raise DefinitionError(
                    f"{self.id!r} sums up {self.unit or 'a plain number'}, but {child.id!r} is in "
                    f"{child.unit or 'a plain number'}; roll it up by weighted mean, or give it the same unit",
                    path="children",
                )

    @property
    def lower_is_better(self) -> bool:
        """Whether the target is below the baseline."""
        return self.target is not None and self.target < self.baseline

    def progress_of(self, actual: Number) -> Fraction | None:
        """(actual - baseline) / (target - baseline), neither clipped below 0 nor above 1; None without a target."""
        if self.target is None:
            return None
        return (_number(actual) - self.baseline) / (self.target - self.baseline)

    def attainment_of(self, actual: Number) -> Fraction | None:
        """The ratio actual / target, or 2 - actual / target where lower is better; None without a target, or at 0."""
        if not self.target:
            return None
        ratio = _number(actual) / self.target
        return 2 - ratio if self.lower_is_better else ratio

    def walk(self) -> Iterator[Goal]:
        """This goal and every goal below, each before its own parts."""
        yield self
        for child in self.children:
            yield from child.walk()

    def decompose(
        self, shares: Mapping[str, Number], *, step: Number | None = None, owners: Mapping[str, str] | None = None
    ) -> Goal:
        """This goal broken down into one goal for each name: target and baseline add up exactly.

        Args:
            shares: the id of each part and how much of the goal it takes, in any unit.
            step: the least amount that a target moves by, such as 1,000; exact fractions when not given. What is left
                over goes to the largest remainders, ties by id.
            owners: who owns each part.

        Returns:
            the goal with its parts, which it sums up.

        Raises:
            DefinitionError: without a target, with parts already, or where the target is no whole number of steps.

        Example:
            >>> year = Goal("arr", target=20_000_000, baseline=10_000_000)
            >>> [(part.id, int(part.target)) for part in year.decompose({"emea": 2, "amer": 1}, step=1_000).children]
            [('emea', 13333000), ('amer', 6667000)]
        """
        if self.target is None:
            raise DefinitionError(f"{self.id!r} has no target to break down", path="target")
        if self.children:
            raise DefinitionError(
                f"{self.id!r} is broken down already, into {len(self.children)} goals", path="children"
            )
        targets = _share_out(self.target, shares, None if step is None else exact(step, what="step"), self.id)
        baselines = _share_out(self.baseline, shares, None, self.id)
        owners = owners or {}
        unknown = [name for name in owners if name not in targets]
        if unknown:
            raise DefinitionError(f"owners names {unknown[0]!r}, which is no part{did_you_mean(unknown[0], targets)}")
        span = self.target - self.baseline
        turned = [name for name in targets if (targets[name] - baselines[name]) * span <= 0]
        if turned:
            raise DefinitionError(
                f"a step of {step} is too coarse for {turned[0]!r}: its target would be {plain(targets[turned[0]])} "
                f"from a baseline of {plain(baselines[turned[0]])}; take a smaller step",
                path="step",
            )
        parts = [
            Goal(
                name,
                owner=owners.get(name, ""),
                period=self.period,
                unit=self.unit,
                baseline=baselines[name],
                target=part,
            )
            for name, part in targets.items()
        ]
        return evolve(self, roll_up="sum", children=parts)


def _share_out(whole: Fraction, shares: Mapping[str, Number], step: Fraction | None, id: str) -> dict[str, Fraction]:
    weights = {name: exact(share, what=f"the share of {name!r}") for name, share in shares.items()}
    if not weights or any(weight <= 0 for weight in weights.values()):
        raise DefinitionError(f"the shares of {id!r} must be positive, one for each part (got {dict(shares)!r})")
    if step is None:
        total = sum(weights.values())
        return {name: whole * weight / total for name, weight in weights.items()}
    if step <= 0 or (whole / step).denominator != 1:
        raise DefinitionError(
            f"the target of {id!r} must be a whole number of steps (got {plain(whole)} in steps of {plain(step)})",
            path="step",
        )
    units = allocate(int(whole / step), list(weights.values()), keys=list(weights))
    return {name: count * step for name, count in zip(weights, units, strict=True)}
