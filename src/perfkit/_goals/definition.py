"""What a goal is: whose, by when, measured how, and broken down into what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

from attrs import evolve, field, fields, frozen

from perfkit._core.checks import instance, one_of, several
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact, plain
from perfkit._goals.measures import (
    DIRECTIONS,
    OVER_TIME,
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
from perfkit._goals.relations import Change, Contribution
from perfkit._goals.sharing import Bounds, share_out, shares_of
from perfkit.curves import Curve
from perfkit.errors import DefinitionError, did_you_mean

RollUp = Literal[
    "weighted_mean",
    "mean",
    "sum",
    "product",
    "ratio",
    "minimum",
    "maximum",
    "worst_status",
    "all",
    "any",
    "latest",
    "own",
    "none",
]
ROLL_UPS: tuple[RollUp, ...] = (
    "weighted_mean",
    "mean",
    "sum",
    "product",
    "ratio",
    "minimum",
    "maximum",
    "worst_status",
    "all",
    "any",
    "latest",
    "own",
    "none",
)
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
        over_assignment: by how much the parts of a sum deliberately reach more than it, such as 0.05.
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
    joined: date | None = field(default=None, validator=instance(date, type(None)), kw_only=True)
    left: date | None = field(default=None, validator=instance(date, type(None)), kw_only=True)
    changes: tuple[Change, ...] = field(default=(), converter=_changes, kw_only=True)
    children: tuple[Goal, ...] = field(default=(), converter=_goals, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.id, str) or not self.id.strip():
            raise DefinitionError(f"id of a goal must be a text that is not empty (got {self.id!r})", path="id")
        problems = [*self._odd_choices(), *self._odd_numbers(), *self._odd_structure()]
        if problems:
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            path, message = problems[0]
            raise DefinitionError(message + more, path=path, problems=[message for _, message in problems])

    def _odd_choices(self) -> Iterator[tuple[str, str]]:
        choices = (
            ("roll_up", ROLL_UPS),
            ("zero_span", ("refuse", "reached", "unknown")),
            ("over_time", OVER_TIME),
        )
        for name, allowed in choices:
            yield from _odd_choice(self, name, allowed)
        if self.direction is not None:
            yield from _odd_choice(self, "direction", DIRECTIONS)
        for name in ("contributors", "supports"):
            odd = [value for value in getattr(self, name) if not isinstance(value, str) or not value]
            if odd:
                yield name, f"{name} of {self.id!r} must be names (got {odd[0]!r})"
        for name, cls in (("milestones", Milestone), ("changes", Change), ("contributes", Contribution)):
            strange = [value for value in getattr(self, name) if not isinstance(value, cls)]
            if strange:
                yield name, f"{name} of {self.id!r} must be of {cls.__name__} (got {strange[0]!r})"

    def _odd_numbers(self) -> Iterator[tuple[str, str]]:
        if self.weight is not None and self.weight <= 0:
            yield "weight", f"weight of {self.id!r} must be positive (got {plain(self.weight)})"
        if self.over_assignment < 0:
            yield (
                "over_assignment",
                f"over_assignment of {self.id!r} must not be negative (got {plain(self.over_assignment)})",
            )
        if self.target == self.baseline and self.is_linear and self.zero_span == "refuse":
            cure = "give the baseline that progress starts from, or say zero_span='reached'"
            yield (
                "target",
                f"target and baseline of {self.id!r} must differ (got {plain(self.baseline)} for both); {cure}",
            )
        if self.target is None and self.direction in ("increase", "decrease", "reach", "at_least", "at_most"):
            yield "target", f"{self.id!r} needs a target to {self.direction.replace('_', ' ')} (got none)"
        turned = self.lower_is_better != (self.direction == "decrease")
        if self.direction in ("increase", "decrease") and self.target not in (None, self.baseline) and turned:
            side = "below" if self.lower_is_better else "above"
            yield "direction", f"direction of {self.id!r} is {self.direction}, but its target is {side} the baseline"
        yield from self._odd_points()

    def _odd_points(self) -> Iterator[tuple[str, str]]:
        if self.direction == "maintain":
            if self.band is None and self.target is None:
                yield "band", f"{self.id!r} needs a band or a target to maintain (got none)"
                return
            zero_low, low, high, zero_high = limits_of(
                "maintain", {**{name: getattr(self, name) for name in ("target", "threshold", "band", "limits")}}
            )
            points = [point for point in (zero_low, low, high, zero_high) if point is not None]
            if sorted(points) != points:
                yield "band", f"band of {self.id!r} must go from low to high, within its limits (got {_shown(points)})"
            return
        if self.band is not None or self.limits is not None:
            yield (
                "band",
                f"{self.id!r} has a band or limits, which only a goal to maintain has; say direction='maintain'",
            )
        if self.target is None:
            return
        sign = -1 if self.lower_is_better else 1
        starts = [] if self.direction in ("at_least", "at_most") else [self.baseline]
        points = [point for point in (*starts, self.threshold, self.target, self.stretch) if point is not None]
        if any(sign * first > sign * last for first, last in pairwise(points)):
            yield (
                "threshold",
                f"baseline, threshold, target and stretch of {self.id!r} must be in this order (got {_shown(points)})",
            )

    def _odd_structure(self) -> Iterator[tuple[str, str]]:
        shares = [self.share or Fraction(0), *(part.share for part in self.contributes)]
        if self.share is not None and not 0 < self.share <= 1:
            yield "share", f"share of {self.id!r} must be above 0 and at most 1 (got {plain(self.share)})"
        if sum(shares) > 1:
            yield (
                "contributes",
                f"shares out of {self.id!r} must add up to at most 1 (got {plain(sum(shares, Fraction(0)))})",
            )
        if self.joined is not None and self.left is not None and self.left < self.joined:
            yield "left", f"{self.id!r} must not leave ({self.left}) before it joins ({self.joined})"
        days = [change.on for change in self.changes if isinstance(change, Change)]
        if days != sorted(set(days)):
            yield "changes", f"changes of {self.id!r} must be in the order of their dates, one a day"
        if any(change.target == self.baseline for change in self.changes if change.baseline is None) and self.is_linear:
            yield "changes", f"a change of {self.id!r} must not make its target equal to the baseline"
        odd = [child for child in self.children if not isinstance(child, Goal)]
        if odd:
            yield "children", f"children of {self.id!r} must be goals (got {odd[0]!r})"
        elif self.children:
            yield from self._odd_children()

    def _odd_children(self) -> Iterator[tuple[str, str]]:
        if self.roll_up in ("sum", "product", "ratio", "own") and self.target is None:
            does = "measures itself" if self.roll_up == "own" else f"is the {self.roll_up} of its parts"
            yield "target", f"{self.id!r} {does}, so it needs a target of its own"
        for child in self.children:
            if self.roll_up in ("sum", "product") and child.target is None:
                yield "children", f"{self.id!r} is the {self.roll_up} of its parts, so {child.id!r} needs a target"
            elif self.roll_up == "sum" and child.unit != self.unit:
                mine, theirs = self.unit or "a plain number", child.unit or "a plain number"
                cure = "roll it up by weighted mean, or give it the same unit"
                yield "children", f"{self.id!r} sums up {mine}, but {child.id!r} is in {theirs}; {cure}"
            elif self.roll_up == "ratio" and child.over_time != "ratio" and child.roll_up != "ratio":
                yield (
                    "children",
                    f"{self.id!r} is a ratio of sums, so {child.id!r} must be a ratio too; say over_time='ratio' there",
                )
        fixed = [child.weight for child in self.children if child.weight is not None]
        total, automatic = sum(fixed, Fraction(0)), len(self.children) - len(fixed)
        whole = self.weights_add_up_to if self.weights_add_up_to is not None else Fraction(100)
        if automatic and fixed and total >= whole:
            left = f"leave nothing of {plain(whole)} for those that are automatic (got {plain(total)})"
            yield "children", f"the fixed weights in {self.id!r} {left}; lower them, or say weights_add_up_to"
        elif self.weights_add_up_to is not None and not automatic and total != whole:
            problem = f"weights in {self.id!r} must add up to {plain(whole)} (got {plain(total)})"
            yield "weights_add_up_to", f"{problem}; change one, or make one automatic"

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
        parts: Mapping[str, Number] | Sequence[str],
        *,
        step: Number | None = None,
        minimum: Bounds = None,
        maximum: Bounds = None,
        over_assignment: Number = 0,
        drivers: Mapping[str, Mapping[str, Number]] | None = None,
        owners: Mapping[str, str] | None = None,
    ) -> Goal:
        """This goal broken down into one goal for each name: target and baseline add up exactly.

        Args:
            parts: the id of each part and how much of the goal it takes, in any unit: a share, a capacity, the history;
                a list of ids for equal parts.
            step: the least amount that a target moves by, such as 1,000; exact fractions when not given. What is left
                over goes to the largest remainders, ties by id.
            minimum: the least target of every part, or of each by id.
            maximum: the greatest target of every part, or of each by id.
            over_assignment: by how much the parts together reach more than the goal, such as 0.05.
            drivers: what the share of each part is multiplied by, such as visits, conversion and basket.
            owners: who owns each part.

        Returns:
            the goal with its parts, which it sums up.

        Raises:
            DefinitionError: without a target, with parts already, where the target is no whole number of steps, or
                for bounds that cannot be met.

        Example:
            >>> year = Goal("arr", target=20_000_000, baseline=10_000_000)
            >>> [(part.id, int(part.target)) for part in year.decompose({"emea": 2, "amer": 1}, step=1_000).children]
            [('emea', 13333000), ('amer', 6667000)]
        """
        shares = shares_of(parts if isinstance(parts, Mapping) else list(parts), drivers, self.id)
        target = self._to_break_down()
        extra = exact(over_assignment, what="over_assignment")
        by = None if step is None else exact(step, what="step")
        targets = share_out(target * (1 + extra), shares, step=by, minimum=minimum, maximum=maximum, what=self.id)
        baselines = share_out(self.baseline, shares, what=self.id)
        owners = owners or {}
        unknown = [name for name in owners if name not in targets]
        if unknown:
            raise DefinitionError(f"owners names {unknown[0]!r}, which is no part{did_you_mean(unknown[0], targets)}")
        self._refuse_turned(targets, baselines, step)
        made = [self._part(name, targets[name], baselines[name], owner=owners.get(name, "")) for name in targets]
        return evolve(self, roll_up="sum", children=made, over_assignment=extra)

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
                period; by their days when not given.
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
            raise DefinitionError(f"periods of {self.id!r} must be in order and not overlap (got {_shown(periods)})")
        named = list(names) if names is not None else [f"{self.id}.{place + 1}" for place in range(len(periods))]
        if len(set(named)) != len(periods):
            raise DefinitionError(f"names must be one for each of the {len(periods)} periods, all different")
        broken = self.decompose(dict(zip(named, _phases(periods, phasing), strict=True)), step=step)
        parts = [evolve(part, period=period) for part, period in zip(broken.children, periods, strict=True)]
        return evolve(broken, children=parts)

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
                f"{self.id!r} is to {self.direction} and has no parts that add up to it", path="direction"
            )
        if self.children:
            raise DefinitionError(
                f"{self.id!r} is broken down already, into {len(self.children)} goals", path="children"
            )
        return self.target

    def _part(self, id: str, target: Fraction, baseline: Fraction, owner: str) -> Goal:
        return Goal(
            id,
            owner=owner,
            period=self.period,
            measure=self.measure,
            unit=self.unit,
            baseline=baseline,
            target=target,
            over_time=self.over_time,
        )

    def _refuse_turned(
        self, targets: Mapping[str, Fraction], baselines: Mapping[str, Fraction], step: Number | None
    ) -> None:
        span = (self.target or Fraction(0)) - self.baseline
        turned = [name for name in targets if (targets[name] - baselines[name]) * span <= 0]
        if turned:
            why = f"a step of {step}" if step is not None else "what its bounds leave"
            raise DefinitionError(
                f"{why} is too coarse for {turned[0]!r}: its target would be {plain(targets[turned[0]])} "
                f"from a baseline of {plain(baselines[turned[0]])}; take a smaller step, or other bounds",
                path="step",
            )


def _short(value: Any) -> str:
    return str(plain(value)) if isinstance(value, Fraction) else repr(value)


def _odd_choice(goal: Goal, name: str, allowed: Sequence[str]) -> Iterator[tuple[str, str]]:
    try:
        one_of(getattr(goal, name), allowed, f"{name} of {goal.id!r}")
    except DefinitionError as error:
        yield name, str(error)


def _shown(values: Iterable[Any]) -> str:
    return ", ".join(str(plain(value) if isinstance(value, Fraction) else value) for value in values)


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
