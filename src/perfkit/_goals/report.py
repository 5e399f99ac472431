"""Where goals stand: what was observed, rolled up to the strategy, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Literal

import numpy as np
from attrs import field, frozen

from perfkit._core.columns import FloatColumn, read_numbers
from perfkit._core.grid import GRID, publish
from perfkit._core.numbers import Number, decimal_text, exact, round_decimal
from perfkit._goals.definition import Goal
from perfkit._goals.index import GoalIndex
from perfkit.errors import DataError, did_you_mean
from perfkit.explain import Explanation, Relation

GoalMissing = Literal["redistribute", "zero", "refuse"]


def rolled_up(
    index: GoalIndex, actuals: Mapping[str, Number | None], as_of: date | None, missing: GoalMissing
) -> GoalReport:
    """Where every goal stands, from what was observed; see :meth:`perfkit.GoalTree.roll_up`."""
    if missing not in ("redistribute", "zero", "refuse"):
        raise DataError(f"missing must be redistribute, zero or refuse (got {missing!r})")
    if as_of is not None and type(as_of) is not date:
        raise DataError(f"as_of must be a date (got {as_of!r})")
    for goal, above in zip(index.goals, index.above, strict=True):
        if above < 0 and as_of is not None and goal.period is not None and as_of not in goal.period:
            raise DataError(f"as_of must be within the period of {goal.id!r}, {goal.period} (got {as_of})")
    observed = _observed(index, actuals)
    value, progress = observed.copy(), np.full(len(index.goals), np.nan)
    coverage = (~np.isnan(observed)).astype(np.float64)
    # Goals stand before their parts, so the way back meets every part before its goal.
    for place in range(len(index.goals) - 1, -1, -1):
        goal, parts = index.goals[place], list(index.below[place])
        if not np.isnan(observed[place]):
            if goal.target is None:
                raise DataError(f"{goal.id!r} was observed but has no target to measure it against", column=goal.id)
            progress[place] = (observed[place] - float(goal.baseline)) / float(goal.target - goal.baseline)
        elif parts:
            progress[place], value[place] = _from_parts(goal, value[parts], progress[parts])
            coverage[place] = _covered(goal, coverage[parts])
        elif missing == "refuse":
            raise DataError(
                f"{goal.id!r} was not observed; observe it, or choose another missing= rule", column=goal.id
            )
        elif missing == "zero":
            progress[place] = 0.0
            value[place] = np.nan if goal.target is None else float(goal.baseline)
    return GoalReport(index, observed, value, publish(progress), coverage, as_of)


def _observed(index: GoalIndex, actuals: Mapping[str, Number | None]) -> FloatColumn:
    observed = np.full(len(index.goals), np.nan)
    for id, actual in actuals.items():
        if id not in index.places:
            raise DataError(f"no goal is called {id!r}{did_you_mean(str(id), index.places)}", column=str(id))
        observed[index.places[id]] = read_numbers(id, np.array([actual], dtype=object), range(1))[0]
    return observed


def _shares(goal: Goal) -> list[float]:
    """How much of the goal each part stands for: its target in a sum, its weight in a mean."""
    targets = [abs(child.target or Fraction(0)) for child in goal.children]
    sizes = targets if goal.roll_up == "sum" and any(targets) else [child.weight for child in goal.children]
    whole = sum(sizes)
    return [float(size / whole) for size in sizes]


def _from_parts(goal: Goal, values: FloatColumn, progresses: FloatColumn) -> tuple[float, float]:
    there = [not np.isnan(progress) for progress in progresses]
    if not any(there):
        return np.nan, np.nan
    baseline = float(goal.baseline)
    span = np.nan if goal.target is None else float(goal.target - goal.baseline)
    if goal.roll_up == "sum":
        parts = zip(goal.children, values.tolist(), there, strict=True)
        alike = _known_progress(goal, values, there)
        # A part that is not known stands, with redistribution, like those that are.
        reached = sum(value if is_there else _value_at(child, alike) for child, value, is_there in parts)
        return (reached - baseline) / span, float(reached)
    gained = weights = 0.0
    for child, progress, is_there in zip(goal.children, progresses.tolist(), there, strict=True):
        if is_there:
            gained += float(child.weight) * progress
            weights += float(child.weight)
    mean = gained / weights
    return mean, baseline + mean * span


def _known_progress(goal: Goal, values: FloatColumn, there: list[bool]) -> float:
    """The progress of the known parts of a sum together; their mean where their targets cancel out."""
    gained = span = 0.0
    for child, value, is_there in zip(goal.children, values.tolist(), there, strict=True):
        if is_there:
            gained += value - float(child.baseline)
            span += float((child.target or child.baseline) - child.baseline)
    return gained / span if span else 0.0


def _value_at(goal: Goal, progress: float) -> float:
    return float(goal.baseline) + progress * float((goal.target or goal.baseline) - goal.baseline)


def _covered(goal: Goal, coverages: FloatColumn) -> float:
    if bool(np.all(coverages == 1)):
        return 1.0
    covered = 0.0
    for share, coverage in zip(_shares(goal), coverages.tolist(), strict=True):
        covered += share * coverage
    return covered


@frozen
class GoalStatus:
    """Where a goal stands.

    Attributes:
        goal: the goal.
        value: what was observed, or what its parts come to, those that are not known standing like the others; None
            where nothing is known, or without a target.
        progress: (value - baseline) / (target - baseline), on a grid of 1e-6; None where nothing is known.
        attainment: value / target, or 2 - value / target where lower is better.
        expected: the share of the period that has passed.
        pace: progress / expected.
        coverage: the share of the goal that was observed, 0..1.
    """

    goal: Goal = field(repr=lambda goal: repr(goal.id))
    value: float | None
    progress: float | None
    attainment: float | None
    expected: float | None
    pace: float | None
    coverage: float


@frozen(eq=False, repr=False)
class GoalReport(Mapping[str, GoalStatus]):
    """Where every goal of a tree stands: a mapping from id to status.

    Attributes:
        as_of: the day, where one was given.
    """

    _index: GoalIndex
    _observed: FloatColumn
    _value: FloatColumn
    _progress: FloatColumn
    _coverage: FloatColumn
    as_of: date | None

    def __getitem__(self, id: str) -> GoalStatus:
        if id not in self._index.places:
            raise KeyError(id)
        place = self._index.places[id]
        goal = self._index.goals[place]
        value, progress = _known(self._value[place]), _known(self._progress[place])
        attainment = None if value is None else goal.attainment_of(value)
        period = self._index.period_of(id)
        expected = None if self.as_of is None or period is None else float(period.elapsed(self.as_of))
        pace = None if progress is None or not expected else progress / expected
        return GoalStatus(
            goal=goal,
            value=value,
            progress=progress,
            attainment=None if attainment is None else _published(float(attainment)),
            expected=None if expected is None else _published(expected),
            pace=None if pace is None else _published(pace),
            coverage=float(self._coverage[place]),
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._index.places)

    def __len__(self) -> int:
        return len(self._index.goals)

    def explain(self, id: str) -> Explanation:
        """Why a goal stands where it does, down to what was observed; the parts add up to its progress.

        A goal by weighted mean has its parts' weighted progress; a sum the progress that each part brings to it.
        """
        status, place = self[id], self._index.place(id)
        goal = status.goal
        if status.progress is None:
            return Explanation("goal_unknown", None, label=goal.title or id)
        label = goal.title or id
        if not np.isnan(self._observed[place]) or not goal.children:
            code = "goal_observed" if not np.isnan(self._observed[place]) else "goal_zero"
            params = {"value": status.value, "unit": goal.unit, "baseline": goal.baseline, "target": goal.target}
            return Explanation(code, status.progress, label=label, params=params)
        known = [child for child in goal.children if self[child.id].progress is not None]
        parts = [self._contribution(goal, child, known) for child in goal.children]
        residue = exact(status.progress) - sum((part.value for part in parts), Fraction(0))
        if residue:
            parts.append(Explanation("published", residue, params={"grid": GRID}))
        return Explanation(
            "goal", status.progress, label=label, relation="sum", parts=parts, params={"by": goal.roll_up}
        )

    def _contribution(self, goal: Goal, child: Goal, known: Sequence[Goal]) -> Explanation:
        inner, label = self.explain(child.id), child.title or child.id
        progress = self[child.id].progress
        if goal.roll_up == "sum":
            return self._summand(goal, child, known, inner)
        if progress is None:
            return Explanation("goal_missing", Fraction(0), label=label, params={"weight": child.weight}, parts=[inner])
        weights = sum((part.weight for part in known), Fraction(0))
        share = child.weight / weights
        params = {"score": exact(progress), "weight": child.weight, "weights": weights, "slope": share, "intercept": 0}
        value = share * exact(progress)
        return Explanation("contribution", value, label=label, relation="affine", params=params, parts=[inner])

    def _summand(self, goal: Goal, child: Goal, known: Sequence[Goal], inner: Explanation) -> Explanation:
        """What a part of a sum brings to its progress: its value less its share of the baseline, over the span."""
        there = [part in known for part in goal.children]
        values = np.array([self._value[self._index.places[part.id]] for part in goal.children])
        progress = self[child.id].progress
        stands = exact(_known_progress(goal, values, there) if progress is None else progress)
        span = (goal.target or Fraction(0)) - goal.baseline
        slope = ((child.target or Fraction(0)) - child.baseline) / span
        intercept = (child.baseline - goal.baseline / len(goal.children)) / span
        code = "goal_part" if progress is not None else "goal_assumed"
        params = {"score": stands, "slope": slope, "intercept": intercept}
        label, value = child.title or child.id, slope * stands + intercept
        # A part that was not observed has no progress of its own for the relation to read.
        relation: Relation = "affine" if progress is not None else "from"
        return Explanation(code, value, label=label, relation=relation, params=params, parts=[inner])

    def _roots(self) -> list[Goal]:
        return [goal for goal, above in zip(self._index.goals, self._index.above, strict=True) if above < 0]

    def text(self) -> str:
        """The tree as a table: what each goal is, who owns it, and where it stands."""
        header = ["goal", "owner", "baseline", "target", "value", "progress", "coverage"]
        rows = [header, *self._table(self._roots(), "", "")]
        widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
        lines = []
        for row in rows:
            left = [row[column].ljust(widths[column]) for column in (0, 1)]
            right = [row[column].rjust(widths[column]) for column in range(2, len(header))]
            lines.append("  ".join([*left, *right]).rstrip())
        return "\n".join(lines)

    __str__ = text

    def _table(self, goals: Sequence[Goal], lead: str, stem: str) -> Iterator[list[str]]:
        for position, goal in enumerate(goals):
            last = position == len(goals) - 1
            top = not stem and not lead
            branch = "" if top else ("└─ " if last else "├─ ")
            status = self[goal.id]
            yield [
                stem + branch + (goal.title or goal.id),
                goal.owner,
                "" if goal.target is None else _amount(goal.baseline, goal.unit),
                "" if goal.target is None else _amount(goal.target, goal.unit),
                "" if status.value is None or goal.target is None else _amount(status.value, goal.unit),
                "-" if status.progress is None else f"{status.progress:.1%}",
                f"{status.coverage:.0%}",
            ]
            yield from self._table(goal.children, "x", stem if top else stem + ("   " if last else "│  "))

    def __repr__(self) -> str:
        return f"<GoalReport of {len(self):,} goals>"


def _amount(value: Fraction | float, unit: str) -> str:
    shown = decimal_text(round_decimal(value, 2))
    return f"{shown} {unit}".strip()


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _published(value: float) -> float:
    return float(publish(np.array([value]))[0])
