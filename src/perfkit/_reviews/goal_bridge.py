"""The bridge of a goal's progress, by the levels of its tree."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Any

import attrs
import numpy as np
from attrs import evolve, frozen

from perfkit._core.numbers import exact
from perfkit._reviews.attribution import Method, attributed, chosen
from perfkit._reviews.bridge import KINDS, Bridge, PlainLine, made
from perfkit._reviews.factors import Factor, UnclearError
from perfkit.errors import DataError, DefinitionError, PerfkitError
from perfkit.goals import Goal, GoalReport, GoalRules, GoalStatus, GoalTree, Override, Ratio

# A tree is rolled up for every subset of the factors, which takes longer than a row of a scorecard.
_EXACT_FACTORS = 8
_APART = {
    "target": ("baseline", "target", "threshold", "stretch", "band", "limits", "milestones"),
    "weight": ("weight", "share", "weights_add_up_to"),
}
_NO_MATTER = {
    "id",
    "title",
    "owner",
    "contributors",
    "level",
    "perspective",
    "period",
    "measure",
    "unit",
    "supports",
    "children",
    "pacing",
    "plan",
}


@frozen(eq=False)
class _Side:
    """A goal with all below it, and what was seen of them."""

    goal: Goal
    seen: Mapping[str, Any]
    overrides: Mapping[str, Override]
    as_of: date | None
    rules: GoalRules

    def progress(self) -> Fraction:
        """The progress of the goal, rolled up from what was seen.

        Raises:
            UnclearError: where there is none.
        """
        known = {id: value for id, value in self.seen.items() if id in self.goal_ids()}
        put = [one for id, one in self.overrides.items() if id in self.goal_ids()]
        try:
            report = GoalTree(self.goal).roll_up(known, as_of=self.as_of, rules=self.rules, overrides=put)
        except PerfkitError as error:
            raise UnclearError(str(error)) from error
        progress = report[self.goal.id].progress
        if progress is None:
            raise UnclearError(f"{self.goal.id!r} has no progress")
        return exact(progress)

    def goal_ids(self) -> set[str]:
        """The ids of the goal and of all below it."""
        return {goal.id for goal, _ in _walk(self.goal)}


def _walk(goal: Goal, above: str | None = None) -> Iterator[tuple[Goal, str | None]]:
    yield goal, above
    for child in goal.children:
        yield from _walk(child, goal.id)


def _groups(goal: Goal, level: int, group: str | None = None, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Each goal and the goal in whose line it stands: the one above it at the level, or itself further up."""
    mine = goal.id if depth <= level or group is None else group
    yield goal.id, mine
    for child in goal.children:
        yield from _groups(child, level, mine, depth + 1)


def goal_bridge(before: Any, after: Any, method: Method, names: tuple[str, str], level: int) -> Bridge:
    """The bridge of a goal's progress; see :func:`perfkit.bridge`."""
    if not isinstance(before, GoalStatus) or not isinstance(after, GoalStatus):
        raise DefinitionError(f"both sides must be statuses of a goal (got {before!r:.80} and {after!r:.80})")
    if before.id != after.id:
        raise DefinitionError(f"both sides must be the same goal (got {before.id!r} and {after.id!r})")
    if isinstance(level, bool) or not isinstance(level, int) or level < 0:
        raise DefinitionError(f"level must be 0 for the goal itself, or how far below it (got {level!r})", path="level")
    sides, ends = [], []
    for status, name in ((before, names[0]), (after, names[1])):
        if status.progress is None:
            raise DataError(f"the side {name!r} of {status.id!r} has no progress; observe something first")
        side, end = _side(status), exact(status.progress)
        _check_branch(side, end, name)
        sides.append(side)
        ends.append(end)
    lines, used = _split(sides[0], sides[1], ends, method, level)
    goal = after.goal
    return Bridge("progress", goal.title or goal.id, ends[0], ends[1], made(lines), used, names)


def _side(status: GoalStatus) -> _Side:
    report: GoalReport = status._report
    goal = status.goal
    ids = {one.id for one, _ in _walk(goal)}
    actuals, seen = report.actuals, {}
    for place, id in enumerate(report.ids):
        value = actuals.value[place]
        if id not in ids or np.isnan(value):
            continue
        below = np.nan if actuals.denominator is None else actuals.denominator[place]
        above = np.nan if actuals.numerator is None else actuals.numerator[place]
        seen[id] = float(value) if np.isnan(below) else Ratio(exact(float(above)), exact(float(below)))
    put = {report.ids[place]: one for place, one in report.by_hand.items() if report.ids[place] in ids}
    timed = any(one.changes or one.joined or one.left for one, _ in _walk(goal))
    period = report.period_of(goal.id)
    if period is not None and goal.period is None:
        goal = evolve(goal, period=period)
    return _Side(goal, seen, put, report.as_of if timed else None, report.rules)


def _check_branch(side: _Side, end: Fraction, name: str) -> None:
    try:
        again: Fraction | None = side.progress()
    except UnclearError:
        again = None
    if again != end:
        raise DataError(
            f"{side.goal.id!r} on the side {name!r} stands on more than its own branch, such as goals elsewhere that "
            "drive it or a value carried from an earlier report; bridge the goal above, or its parts",
            column=side.goal.id,
        )


def _split(
    one: _Side, other: _Side, ends: Sequence[Fraction], method: Method, level: int
) -> tuple[list[PlainLine], str]:
    mixture = _Mixture.of(one, other, level)
    for some in (mixture, mixture.coarser()):
        used = chosen(method, len(some.factors), _EXACT_FACTORS)
        try:
            amounts, joint = attributed(used, len(some.factors), partial(some.values, ends=ends))
        except UnclearError:
            continue
        lines: list[PlainLine] = [
            (factor.kind, factor.label, amount) for factor, amount in zip(some.factors, amounts, strict=True)
        ]
        return [*lines, ("joint", "together", joint)] if used == "joint" else lines, used
    return [("plan", "everything", ends[1] - ends[0])], "sequential"


@frozen(eq=False)
class _Mixture:
    """The factors in which two sides differ, and the progress with any set of them as after."""

    before: _Side
    after: _Side
    groups: Mapping[str, str]
    factors: tuple[Factor, ...]
    is_coarse: bool = False

    @classmethod
    def of(cls, before: _Side, after: _Side, level: int) -> _Mixture:
        groups = {**dict(_groups(before.goal, level)), **dict(_groups(after.goal, level))}
        bare = cls(before, after, groups, ())
        found = dict.fromkeys([*bare._of_values(), *bare._of_definitions()])
        return evolve(bare, factors=tuple(sorted(found, key=lambda one: KINDS.index(one.kind))))

    def coarser(self) -> _Mixture:
        """All that is different about the definitions as one factor, and all that was seen as another."""
        factors = [Factor("value", self.after.goal.id)] if any(self._of_values()) else []
        if any(self._of_definitions()):
            factors.append(Factor("plan", "definition"))
        return evolve(self, factors=tuple(factors), is_coarse=True)

    def values(self, masks: Sequence[int], ends: Sequence[Fraction]) -> list[Fraction]:
        """The progress for each set of factors as after."""
        whole = (1 << len(self.factors)) - 1
        known = {0: ends[0], whole: ends[1]}
        for mask in masks:
            if mask not in known:
                taken = {one for place, one in enumerate(self.factors) if mask >> place & 1}
                known[mask] = self._mixed(taken).progress()
        return [known[mask] for mask in masks]

    def _pairs(self) -> Iterator[tuple[str, Goal | None, Goal | None, str | None]]:
        old, new = ({goal.id: (goal, above) for goal, above in _walk(side.goal)} for side in (self.before, self.after))
        for id in (*new, *(id for id in old if id not in new)):
            above = (new.get(id) or old[id])[1]
            yield id, old[id][0] if id in old else None, new[id][0] if id in new else None, above

    def _of_values(self) -> Iterator[Factor]:
        for id, old, new, _ in self._pairs():
            if old is None or new is None:
                continue
            first, last = ((side.seen.get(id), side.overrides.get(id)) for side in (self.before, self.after))
            if first != last:
                gone = first == (None, None) or last == (None, None)
                yield Factor("missing" if gone else "value", self.groups[id])

    def _of_definitions(self) -> Iterator[Factor]:
        if self.before.rules != self.after.rules:
            yield Factor("plan", "rules")
        if self.before.as_of != self.after.as_of:
            yield Factor("plan", "time")
        if self._is_restructured():
            yield Factor("plan", "definition")
            return
        for id, old, new, above in self._pairs():
            if old is None or new is None:
                yield Factor("membership", self.groups[id])
                continue
            if _differ(old, new, _APART["target"]):
                yield Factor("target", self.groups[id])
            if above is not None and _differ(old, new, _APART["weight"]):
                yield Factor("weight", self.groups[above])
            if _differ(old, new, _OTHERS):
                yield Factor("plan", self.groups[id])

    def _is_restructured(self) -> bool:
        old, new = ({goal.id: above for goal, above in _walk(side.goal)} for side in (self.before, self.after))
        return any(old[id] != new[id] for id in old if id in new)

    def _mixed(self, taken: Collection[Factor]) -> _Side:
        definition, value = Factor("plan", "definition"), Factor("value", self.after.goal.id)
        if self.is_coarse or self._is_restructured():
            goal = (self.after if definition in taken else self.before).goal
        else:
            goal = self._mixed_goal(self.before.goal, self.after.goal, None, taken)
        seen: dict[str, Any] = {}
        put: dict[str, Override] = {}
        for id, old, new, _ in self._pairs():
            first, last = self.before, self.after
            is_gone = None in (first.seen.get(id, first.overrides.get(id)), last.seen.get(id, last.overrides.get(id)))
            mine = value if self.is_coarse else Factor("missing" if is_gone else "value", self.groups[id])
            side = last if new is not None and (old is None or mine in taken) else first
            if id in side.seen:
                seen[id] = side.seen[id]
            if id in side.overrides:
                put[id] = side.overrides[id]
        rules = Factor("plan", "rules") in taken or (self.is_coarse and definition in taken)
        time = Factor("plan", "time") in taken or (self.is_coarse and definition in taken)
        return _Side(
            goal,
            seen,
            put,
            (self.after if time else self.before).as_of,
            (self.after if rules else self.before).rules,
        )

    def _mixed_goal(self, old: Goal, new: Goal, above: str | None, taken: Collection[Factor]) -> Goal:
        group = self.groups[new.id]
        base = new if Factor("plan", group) in taken else old
        aim = new if Factor("target", group) in taken else old
        changed = {name: getattr(aim, name) for name in _APART["target"]}
        if above is not None:
            counts = new if Factor("weight", self.groups[above]) in taken else old
            changed |= {name: getattr(counts, name) for name in _APART["weight"]}
        before, after = ({child.id: child for child in goal.children} for goal in (old, new))
        children = []
        for id in (*after, *(id for id in before if id not in after)):
            joins = Factor("membership", self.groups[id]) in taken
            if id in before and id in after:
                children.append(self._mixed_goal(before[id], after[id], new.id, taken))
            elif (id in after) == joins:
                children.append((after if joins else before)[id])
        return evolve(base, children=children, **changed)


_OTHERS = tuple(
    attribute.name
    for attribute in attrs.fields(Goal)
    if attribute.name not in {*_NO_MATTER, *_APART["target"], *_APART["weight"]}
)


def _differ(one: Goal, other: Goal, names: Sequence[str]) -> bool:
    return any(getattr(one, name) != getattr(other, name) for name in names)
