"""What a goal is: whose, by when, measured how, and broken down into what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import date
from fractions import Fraction
from itertools import pairwise
from operator import attrgetter
from typing import Any, Literal

from attrs import evolve, field, fields, frozen

from perfkit._core.checks import day, instance, several
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact, plain
from perfkit._goals.measures import (
    Direction,
    Milestone,
    OverTime,
    PhasedPlan,
    Zone,
    held,
    limits_of,
    number,
    optional_number,
)
from perfkit._goals.period import Period
from perfkit._goals.problems import problems_of, shown
from perfkit._goals.relations import ROLL_UPS, Change, Contribution, RollUp
from perfkit._goals.sharing import Bounds, Shares, mapping_of, share_out, shares_of, stretched
from perfkit.curves import Curve
from perfkit.errors import DefinitionError, GoalTreeError, did_you_mean

__all__ = ["ROLL_UPS", "Goal", "RollUp", "ZeroSpan", "with_children"]

ZeroSpan = Literal["refuse", "reached", "unknown"]


def _goals(values: Goal | Sequence[Goal]) -> tuple[Goal, ...]:
    return several(values)


def _names(values: str | Iterable[str]) -> tuple[str, ...]:
    return several(values)


def _changes(values: Change | Iterable[Change]) -> tuple[Change, ...]:
    return several(values)


def _contributions(
    values: Mapping[str, Number] | Contribution | Iterable[Contribution],
) -> tuple[Contribution, ...]:
    if isinstance(values, Mapping):
        return tuple(Contribution(to, share) for to, share in values.items())
    return several(values)


def _milestones(values: Milestone | str | Iterable[Milestone | str]) -> tuple[Milestone, ...]:
    return tuple(Milestone(value) if isinstance(value, str) else value for value in several(values))


def _pair(values: tuple[Number, Number] | None) -> tuple[Fraction, Fraction] | None:
    if values is None:
        return None
    if not isinstance(values, (tuple, list)) or len(values) != 2:
        raise DefinitionError(f"band and limits of a goal must be pairs of numbers, low and high (got {values!r})")
    return number(values[0]), number(values[1])


def _weight(value: Number | Literal["auto"]) -> Fraction | None:
    return None if value is None or value == "auto" else number(value)


@frozen(repr=False)
class Goal:
    """What is to be reached: by whom, by when, measured how, and the goals it is broken down into.

    Args:
        id: unique in its tree.
        title: what it is, in words.
        owner: who answers for it.
        contributors: who else works on it.
        level: what kind of goal it is, such as ``strategy``, ``objective``, ``key result`` or ``initiative``.
        perspective: of a balanced scorecard, such as ``customer``.
        period: from when to when; that of the goal above when not given.
        measure: the name of the metric that measures it.
        unit: of the measure, such as ``EUR``.
        direction: ``increase`` or ``decrease`` from the baseline to the target, which is what numbers say unless told;
            ``reach``, all or nothing; ``at_least`` and ``at_most``, to be held, with progress falling from the target
            to the threshold; ``maintain`` within the band; ``binary``; ``milestones``, the credit of those done.
        baseline: where progress starts from; 0 unless said. A target below it means that less is better.
        target: what is to be reached; None where only the goals below say so.
        threshold: the least that counts as something: the commitment, between the baseline and the target.
        stretch: what would be outstanding, beyond the target.
        band: of a goal to maintain, from low to high; the target alone when not given.
        limits: of a goal to maintain, where progress is 0; right outside the band when not given.
        milestones: the steps of a goal of milestones, as names or with credits.
        zero_span: what progress is when the target equals the baseline: ``refuse``, 1 once ``reached`` and 0 before,
            or ``unknown``.
        over_time: how observations over time make the actual: the ``last``, their ``sum``, ``mean``, ``maximum`` or
            ``minimum``, or a ``ratio`` of summed numerators and denominators.
        pacing: the progress expected at each share of the period; a straight line when not given.
        plan: dated targets, in place of pacing.
        curve: what score progress makes; progress itself when not given.
        weight: how much it counts in the goal above; ``auto`` for an equal part of what its siblings leave.
        weights_add_up_to: what the weights of the goals below must add up to, or be filled up to.
        roll_up: how the goals below make this one: the ``weighted_mean``, ``mean``, ``minimum`` or ``maximum`` of
            their progress; the ``sum`` or ``product`` of their values; the ``ratio`` of their summed numerators and
            denominators; ``all`` or ``any`` of them reached; the ``latest`` observed; the ``worst_status`` with the
            mean; its ``own`` measure whatever they do; or ``none``, a heading that itself counts nowhere.
        over_assignment: by how much the parts of a sum deliberately reach further than it, such as 0.05 of the way from
                its baseline to its target.
        share: how much of it counts in the goal above; what ``contributes`` leaves when not given.
        contributes: further goals that it drives, with shares; all shares add up to at most one.
        supports: ids of goals that it is aligned with, without driving their numbers.
        joined: the day from which it counts in the goal above, where later than the period's start.
        left: the last day on which it counts.
        changes: what is different from a day on, by date.
        children: the goals it is broken down into.

    Raises:
        DefinitionError: with every problem found: a target equal to the baseline, points out of order, a weight that
            is not positive, an unknown direction or roll-up, a sum over goals without targets or of other units.

    Example:
        >>> Goal("emea.logos", owner="ana", target=120, weight=60).progress_of(64)
        Fraction(8, 15)
        >>> Goal("accidents", direction="at_most", target=0, threshold=2).progress_of(1)
        Fraction(1, 2)
    """

    _repr_html_ = definition

    id: str
    title: str = field(default="", validator=instance(str), kw_only=True)
    owner: str = field(default="", validator=instance(str), kw_only=True)
    contributors: tuple[str, ...] = field(default=(), converter=_names, kw_only=True)
    level: str = field(default="", validator=instance(str), kw_only=True)
    perspective: str = field(default="", validator=instance(str), kw_only=True)
    period: Period | None = field(default=None, validator=instance(Period, type(None)), kw_only=True)
    measure: str = field(default="", validator=instance(str), kw_only=True)
    unit: str = field(default="", validator=instance(str), kw_only=True)
    direction: Direction | None = field(default=None, kw_only=True)
    baseline: Fraction = field(default=Fraction(0), converter=number, kw_only=True)
    target: Fraction | None = field(default=None, converter=optional_number, kw_only=True)
    threshold: Fraction | None = field(default=None, converter=optional_number, kw_only=True)
    stretch: Fraction | None = field(default=None, converter=optional_number, kw_only=True)
    band: tuple[Fraction, Fraction] | None = field(default=None, converter=_pair, kw_only=True)
    limits: tuple[Fraction, Fraction] | None = field(default=None, converter=_pair, kw_only=True)
    milestones: tuple[Milestone, ...] = field(default=(), converter=_milestones, kw_only=True)
    zero_span: ZeroSpan = field(default="refuse", kw_only=True)
    over_time: OverTime = field(default="last", kw_only=True)
    pacing: Curve | None = field(default=None, validator=instance(Curve, type(None)), kw_only=True)
    plan: PhasedPlan | None = field(default=None, validator=instance(PhasedPlan, type(None)), kw_only=True)
    curve: Curve | None = field(default=None, validator=instance(Curve, type(None)), kw_only=True)
    weight: Fraction | None = field(default=Fraction(1), converter=_weight, kw_only=True)
    weights_add_up_to: Fraction | None = field(default=None, converter=optional_number, kw_only=True)
    roll_up: RollUp = field(default="weighted_mean", kw_only=True)
    over_assignment: Fraction = field(default=Fraction(0), converter=number, kw_only=True)
    share: Fraction | None = field(default=None, converter=optional_number, kw_only=True)
    contributes: tuple[Contribution, ...] = field(default=(), converter=_contributions, kw_only=True)
    supports: tuple[str, ...] = field(default=(), converter=_names, kw_only=True)
    joined: date | None = field(default=None, validator=day, kw_only=True)
    left: date | None = field(default=None, validator=day, kw_only=True)
    changes: tuple[Change, ...] = field(default=(), converter=_changes, kw_only=True)
    children: tuple[Goal, ...] = field(default=(), converter=_goals, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.id, str) or not self.id.strip():
            raise DefinitionError(f"id of a goal must be a text that is not empty (got {self.id!r})", path="id")
        problems = problems_of(self)
        if problems:
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            path, message = problems[0]
            kind = GoalTreeError if path in ("children", "weights_add_up_to") else DefinitionError
            raise kind(message + more, path=path, problems=[message for _, message in problems])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Goal):
            return NotImplemented
        # Goal by goal rather than each by its parts, for goals may be nested deeper than calls may.
        pairs = [(self, other)]
        while pairs:
            mine, theirs = pairs.pop()
            if mine is theirs:
                continue
            if len(mine.children) != len(theirs.children) or _own(mine) != _own(theirs):
                return False
            pairs.extend(zip(mine.children, theirs.children, strict=True))
        return True

    def __hash__(self) -> int:
        return hash(tuple((_own(goal), len(goal.children)) for goal in self.walk()))

    def __repr__(self) -> str:
        said = [
            f"{one.name}={len(self.children)} goals" if one.name == "children" else f"{one.name}={_short(value)}"
            for one in fields(Goal)[1:]
            if (value := getattr(self, one.name)) != one.default
        ]
        return f"Goal({', '.join([repr(self.id), *said])})"

    @property
    def is_linear(self) -> bool:
        """Whether progress is a line from the baseline to the target."""
        return self.direction in (None, "increase", "decrease")

    @property
    def is_held(self) -> bool:
        """Whether it is a state to be held from the first day on, so that all of it is expected at any time."""
        return self.direction in ("at_least", "at_most", "maintain")

    @property
    def is_due_in_full(self) -> bool:
        """Whether all of it is expected at any time: it is to be held, or a mean or a ratio."""
        return self.is_held or self.over_time in ("mean", "ratio") or self.roll_up == "ratio"

    @property
    def is_level(self) -> bool:
        """Whether its value stands at a level, rather than adding up over its period: it has no rate.

        A sum over time adds up, and so does a standing that goes from a baseline to a target. What is due in full, an
        extreme, and yes or no are levels.
        """
        extreme = self.direction == "binary" or self.over_time in ("maximum", "minimum")
        return self.over_time != "sum" and (self.is_due_in_full or extreme)

    @property
    def lower_is_better(self) -> bool:
        """Whether the target is below the baseline, or to be stayed under."""
        if self.direction in ("at_least", "at_most"):
            return self.direction == "at_most"
        if self.target == self.baseline:
            return self.direction == "decrease"
        return self.target is not None and self.target < self.baseline

    @property
    def is_measured(self) -> bool:
        """Whether it can be observed itself."""
        return self.target is not None or self.direction in ("maintain", "binary", "milestones")

    def progress_of(self, actual: Number) -> Fraction | None:
        """How far an actual is, exactly, neither clipped below 0 nor above 1; None without a measure.

        From the baseline to the target it is (actual - baseline) / (target - baseline); the other directions are
        described with the class.

        Raises:
            DefinitionError: for a share of milestones outside 0 to 1, or a binary that is neither.
        """
        value = number(actual)
        if not self.is_measured:
            return None
        if self.direction in ("binary", "milestones"):
            if not 0 <= value <= 1 or (self.direction == "binary" and value not in (0, 1)):
                expected = (
                    "yes (1) or no (0)" if self.direction == "binary" else "a share of what is to be done, 0 to 1"
                )
                raise DefinitionError(f"{self.id!r} must be observed as {expected} (got {plain(value)})")
            return value
        if self.is_held:
            numbers = {name: getattr(self, name) for name in ("target", "threshold", "band", "limits")}
            return held(value, limits_of(str(self.direction), numbers))
        target = self.target or Fraction(0)
        if self.direction == "reach" or target == self.baseline:
            if self.zero_span == "unknown" and target == self.baseline:
                return None
            return Fraction(value <= target if self.lower_is_better else value >= target)
        return (value - self.baseline) / (target - self.baseline)

    def attainment_of(self, actual: Number) -> Fraction | None:
        """The ratio actual / target, or 2 - actual / target where lower is better.

        None where that means nothing: without a target above 0, and for a band to maintain.
        """
        if self.target is None or self.target <= 0 or self.direction == "maintain":
            return None
        ratio = number(actual) / self.target
        return 2 - ratio if self.lower_is_better else ratio

    def zone_of(self, actual: Number) -> Zone | None:
        """The zone of an actual: ``fail`` below the threshold, then ``commit``, ``target`` and ``stretch``.

        None without a target; without a threshold all below the target is ``fail``. A goal to maintain is at
        ``target`` within its band, and ``commit`` between the band and its limits.
        """
        if self.direction == "maintain":
            progress = self.progress_of(actual) or 0
            return "target" if progress == 1 else "commit" if progress > 0 else "fail"
        if self.target is None:
            return None
        sign, value = -1 if self.lower_is_better else 1, number(actual)
        if self.stretch is not None and sign * value >= sign * self.stretch:
            return "stretch"
        if sign * value >= sign * self.target:
            return "target"
        return "commit" if self.threshold is not None and sign * value >= sign * self.threshold else "fail"

    def credit_of(self, done: Mapping[str, Number] | Iterable[str]) -> Fraction:
        """The share of its milestones that is done, by credit; a number for each says how far it is, 0 to 1.

        Raises:
            DefinitionError: for names that are no milestones, or parts outside 0 to 1.

        Example:
            >>> launch = Goal("launch", direction="milestones", milestones=["design", "build", "ship"])
            >>> launch.credit_of({"design": 1, "build": 0.5})
            Fraction(1, 2)
        """
        parts = done if isinstance(done, Mapping) else dict.fromkeys(done, 1)
        credit = {milestone.name: milestone.credit for milestone in self.milestones}
        unknown = [name for name in parts if name not in credit]
        if unknown:
            raise DefinitionError(f"{self.id!r} has no milestone {unknown[0]!r}{did_you_mean(unknown[0], credit)}")
        for name, part in parts.items():
            if not 0 <= number(part) <= 1:
                raise DefinitionError(f"milestone {name!r} must be done to a share of 0 to 1 (got {part})")
        gained = sum((credit[name] * number(part) for name, part in parts.items()), Fraction(0))
        return gained / sum(credit.values(), Fraction(0))

    def walk(self) -> Iterator[Goal]:
        """This goal and every goal below, each before its own parts."""
        waiting = [self]
        while waiting:
            goal = waiting.pop()
            yield goal
            waiting.extend(reversed(goal.children))

    def decompose(
        self,
        parts: Shares,
        *,
        step: Number | None = None,
        minimum: Bounds = None,
        maximum: Bounds = None,
        over_assignment: Number = 0,
        drivers: Mapping[str, Mapping[str, Number]] | None = None,
        owners: Mapping[str, str] | None = None,
    ) -> Goal:
        """This goal broken down into one goal for each name: target and baseline add up exactly.

        The parts have its period, unit and pacing, and their part of its plan by date, so that they are due when it
        is. A ratio is not shared out: each of its parts is to reach the same target.

        Args:
            parts: the id of each part and how much of the goal it takes, in any unit: a share, a capacity, the history,
                as a mapping or a pandas Series; a list of ids for equal parts. Who takes 0 has nothing to reach, which
                is reached from the start.
            step: the least amount that a target moves by, such as 1,000; exact fractions when not given. What is left
                over goes to the largest remainders, ties by id.
            minimum: the least target of every part, or of each by id.
            maximum: the greatest target of every part, or of each by id.
            over_assignment: by how much the parts together reach further than the goal, such as 0.05 of the way from
                its baseline to its target; in steps, the next whole one further away.
            drivers: what the share of each part is multiplied by, such as visits, conversion and basket.
            owners: who owns each part.

        Returns:
            the goal with its parts, which it sums up, and the over-assignment that they come to.

        Raises:
            DefinitionError: without a target, with parts already, where the target is no whole number of steps, or
                for bounds that cannot be met.

        Example:
            >>> year = Goal("arr", target=20_000_000, baseline=10_000_000)
            >>> [(part.id, int(part.target)) for part in year.decompose({"emea": 2, "amer": 1}, step=1_000).children]
            [('emea', 13333000), ('amer', 6667000)]
        """
        shares = shares_of(parts, drivers, self.id)
        target = self._to_break_down()
        extra = exact(over_assignment, what="over_assignment")
        by = None if step is None else exact(step, what="step")
        owned = {} if owners is None else mapping_of(owners)
        unknown = [name for name in owned if name not in shares]
        if unknown:
            raise DefinitionError(f"owners names {unknown[0]!r}, which is no part{did_you_mean(unknown[0], shares)}")
        if self.over_time == "ratio":
            given = {"step": step, "minimum": minimum, "maximum": maximum, "drivers": drivers}
            self._refuse_shares_of_a_ratio(shares, [name for name in given if given[name] is not None], extra)
            alike = [self._part(name, target, self.baseline, owner=owned.get(name, "")) for name in shares]
            return evolve(self, roll_up="ratio", children=alike)
        whole = stretched(target, self.baseline, extra, by)
        targets = share_out(whole, shares, step=by, minimum=minimum, maximum=maximum, what=self.id)
        baselines = share_out(self.baseline, shares, what=self.id)
        self._refuse_turned(targets, baselines, shares, step)
        made = [self._part(name, targets[name], baselines[name], owner=owned.get(name, "")) for name in targets]
        span = target - self.baseline
        return evolve(
            self, roll_up="sum", children=made, over_assignment=(whole - target) / span if span else Fraction(0)
        )

    def phase(
        self,
        periods: Sequence[Period],
        *,
        phasing: Curve | Sequence[Number] | None = None,
        step: Number | None = None,
        names: Sequence[str] | None = None,
    ) -> Goal:
        """This goal broken down along the calendar, such as a year into quarters; the parts add up exactly.

        Args:
            periods: those of the parts, in order, such as ``year.quarters()``.
            phasing: the share of the goal due by each share of the time, as a curve from 0 to 1, or the share of each
                period; by the goal's own plan or pacing, or else by their days, when not given.
            step: the least amount that a target moves by.
            names: the ids of the parts; the goal's own with ``.1``, ``.2`` and so on when not given.

        Raises:
            DefinitionError: for no periods, periods out of order, or a phasing that gives a period nothing.

        Example:
            >>> year = Goal("arr", period=Period.year(2026), target=1_000)
            >>> late = year.phase(year.period.quarters(), phasing=[1, 2, 3, 4])
            >>> [(part.id, int(part.target)) for part in late.children]
            [('arr.1', 100), ('arr.2', 200), ('arr.3', 300), ('arr.4', 400)]
        """
        if not periods or any(after.start <= before.end for before, after in pairwise(periods)):
            raise DefinitionError(f"periods of {self.id!r} must be in order and not overlap (got {shown(periods)})")
        named = list(names) if names is not None else [f"{self.id}.{place + 1}" for place in range(len(periods))]
        if len(set(named)) != len(periods):
            raise DefinitionError(f"names must be one for each of the {len(periods)} periods, all different")
        alike = self.over_time == "ratio" and phasing is None
        if phasing is None:
            phasing = self.pacing if self.plan is None else self._planned(periods)
        broken = self.decompose(named if alike else dict(zip(named, _phases(periods, phasing), strict=True)), step=step)
        # What is due within the goal's own time says nothing about what is due within a part of it.
        parts = [
            evolve(part, period=period, pacing=None, plan=None)
            for part, period in zip(broken.children, periods, strict=True)
        ]
        if alike or not self.is_linear or self.pacing is not None or self.plan is not None:
            return evolve(broken, children=parts)
        # The goal is due as its parts are.
        stands = sum((part.baseline for part in parts), Fraction(0))
        planned = {}
        for part in parts:
            stands += (part.target or Fraction(0)) - part.baseline
            planned[part.period.end if part.period else periods[-1].end] = stands
        return evolve(broken, children=parts, plan=PhasedPlan(planned))

    def _planned(self, periods: Sequence[Period]) -> list[Fraction] | None:
        """What the goal's plan brings in each period; None where it says nothing of one of them."""
        plan, start = self.plan, (self.period or periods[0]).start
        if plan is None:
            return None
        stands = [plan.expected(period.end, start=start, baseline=self.baseline) for period in periods]
        brings = [after - before for before, after in pairwise([self.baseline, *stands])]
        sign = -1 if self.lower_is_better else 1
        return [sign * part for part in brings] if all(sign * part > 0 for part in brings) else None

    def drive(self, known: Sequence[Goal], *, last: str, unit: str = "", owner: str = "") -> Goal:
        """This goal as a product of drivers, such as visits x conversion x basket, the last of which is solved for.

        Args:
            known: the drivers whose baseline and target are known.
            last: the id of the driver that makes the product exact.
            unit: of the last driver.
            owner: who owns the last driver.

        Raises:
            DefinitionError: for drivers without a target, or at 0.

        Example:
            >>> revenue = Goal("revenue", baseline=100_000, target=145_200)
            >>> visits = Goal("visits", baseline=100_000, target=110_000)
            >>> conversion = Goal("conversion", baseline=0.02, target=0.024)
            >>> basket = revenue.drive([visits, conversion], last="basket").children[-1]
            >>> int(basket.baseline), int(basket.target)
            (50, 55)
        """
        target, start = self._to_break_down(), self.baseline
        for driver in known:
            if not driver.target or not driver.baseline:
                raise DefinitionError(f"driver {driver.id!r} needs a target and a baseline other than 0")
            target, start = target / driver.target, start / driver.baseline
        # The known drivers may bring all of it; the last one then has only to stay where it is.
        span: ZeroSpan = "reached" if start == target else "refuse"
        solved = Goal(last, owner=owner, period=self.period, unit=unit, baseline=start, target=target, zero_span=span)
        return evolve(self, roll_up="product", children=[*known, solved])

    def _to_break_down(self) -> Fraction:
        if self.target is None:
            raise DefinitionError(f"{self.id!r} has no target to break down", path="target")
        if not self.is_linear:
            raise DefinitionError(
                f"{self.id!r} has a target to {_WAYS[str(self.direction)]}, which its parts do not add up to; "
                "give it children= instead, each with a target of its own",
                path="direction",
            )
        if self.children:
            raise DefinitionError(
                f"{self.id!r} is broken down already, into {len(self.children)} goals", path="children"
            )
        return self.target

    def _part(self, id: str, target: Fraction, baseline: Fraction, owner: str) -> Goal:
        plan, span = self.plan, (self.target or Fraction(0)) - self.baseline
        if plan is not None:
            by = (target - baseline) / span if span else Fraction(0)
            # Each date of a plan says where things stand, a window what it brings.
            start, mine = (Fraction(0), Fraction(0)) if plan.windowed else (self.baseline, baseline)
            plan = evolve(plan, planned=[(day, mine + (value - start) * by) for day, value in plan.planned])
        return Goal(
            id,
            owner=owner,
            period=self.period,
            measure=self.measure,
            unit=self.unit,
            baseline=baseline,
            target=target,
            over_time=self.over_time,
            pacing=self.pacing,
            plan=plan,
            zero_span="reached" if target == baseline else "refuse",
        )

    def _refuse_shares_of_a_ratio(
        self, shares: Mapping[str, Fraction], given: Sequence[str], over_assignment: Fraction
    ) -> None:
        if len(set(shares.values())) > 1 or given or over_assignment:
            raise DefinitionError(
                f"{self.id!r} is a ratio, and each of its parts is to reach the same: give a list of names, without "
                f"{given[0] + '=' if given else 'over_assignment=' if over_assignment else 'shares'}",
                path="parts",
            )

    def _refuse_turned(
        self,
        targets: Mapping[str, Fraction],
        baselines: Mapping[str, Fraction],
        shares: Mapping[str, Fraction],
        step: Number | None,
    ) -> None:
        span = (self.target or Fraction(0)) - self.baseline
        spans = {name: (targets[name] - baselines[name]) * span for name in targets}
        # Who takes nothing of the goal, or takes of a goal that has nothing to reach, has nothing to reach either.
        turned = [name for name in spans if spans[name] < 0 or (spans[name] == 0 and shares[name] and span)]
        if turned:
            why = f"a step of {step}" if step is not None else "what its bounds leave"
            raise DefinitionError(
                f"{why} is too coarse for {turned[0]!r}: its target would be {plain(targets[turned[0]])} "
                f"from a baseline of {plain(baselines[turned[0]])}; take a smaller step, or other bounds",
                path="step",
            )


_WAYS = {
    "reach": "reach all at once",
    "at_least": "stay at or above",
    "at_most": "stay at or below",
    "maintain": "maintain",
    "binary": "reach all at once",
    "milestones": "reach by milestones",
}

# All that a goal is but for its parts.
_own = attrgetter(*(one.name for one in fields(Goal) if one.name != "children"))


def with_children(goal: Goal, children: Sequence[Goal]) -> Goal:
    """A goal with other parts, which somebody has found to be in order already."""
    changed = copy(goal)
    object.__setattr__(changed, "children", tuple(children))
    return changed


def _short(value: Any) -> str:
    return str(plain(value)) if isinstance(value, Fraction) else repr(value)


def _phases(periods: Sequence[Period], phasing: Curve | Sequence[Number] | None) -> list[Fraction]:
    if phasing is None:
        return [Fraction(period.days) for period in periods]
    if not isinstance(phasing, Curve):
        if len(phasing) != len(periods):
            raise DefinitionError(f"phasing must be one share for each period (got {len(phasing)} for {len(periods)})")
        return [number(share) for share in phasing]
    whole = Period(periods[0].start, periods[-1].end)
    due = [Fraction(0), *(phasing(whole.elapsed(period.end)) for period in periods)]
    shares = [after - before for before, after in pairwise(due)]
    if any(share <= 0 for share in shares):
        raise DefinitionError("phasing must rise in every period, so that each has a share (got one that does not)")
    return shares
