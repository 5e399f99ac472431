"""What makes a goal one that means nothing: its choices, its numbers, its dates, and what it asks of its parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from attrs import evolve

from perfkit._core.checks import one_of
from perfkit._core.numbers import plain
from perfkit._goals.measures import DIRECTIONS, OVER_TIME, Milestone, limits_of
from perfkit._goals.relations import ROLL_UPS, Change, Contribution
from perfkit.errors import DefinitionError

if TYPE_CHECKING:
    from perfkit._goals.definition import Goal


def problems_of(goal: Goal) -> list[tuple[str, str]]:
    """Every problem of a goal, as the field it is about and what to say of it."""
    problems = [*_odd_choices(goal), *_odd_numbers(goal), *_odd_structure(goal)]
    return problems or list(_odd_changes(goal))


def _odd_choices(goal: Goal) -> Iterator[tuple[str, str]]:
    choices = (
        ("roll_up", ROLL_UPS),
        ("zero_span", ("refuse", "reached", "unknown")),
        ("over_time", OVER_TIME),
    )
    for name, allowed in choices:
        yield from _odd_choice(goal, name, allowed)
    if goal.direction is not None:
        yield from _odd_choice(goal, "direction", DIRECTIONS)
    for name in ("contributors", "supports"):
        odd = [value for value in getattr(goal, name) if not isinstance(value, str) or not value]
        if odd:
            yield name, f"{name} of {goal.id!r} must be names (got {odd[0]!r})"
    for name, cls in (("milestones", Milestone), ("changes", Change), ("contributes", Contribution)):
        strange = [value for value in getattr(goal, name) if not isinstance(value, cls)]
        if strange:
            yield name, f"{name} of {goal.id!r} must be of {cls.__name__} (got {strange[0]!r})"


def _odd_numbers(goal: Goal) -> Iterator[tuple[str, str]]:
    if goal.weight is not None and goal.weight <= 0:
        yield "weight", f"weight of {goal.id!r} must be positive (got {plain(goal.weight)})"
    if goal.over_assignment < 0:
        yield (
            "over_assignment",
            f"over_assignment of {goal.id!r} must not be negative (got {plain(goal.over_assignment)})",
        )
    if goal.target == goal.baseline and goal.is_linear and goal.zero_span == "refuse":
        cure = "give the baseline that progress starts from, or say zero_span='reached'"
        yield (
            "target",
            f"target and baseline of {goal.id!r} must differ (got {plain(goal.baseline)} for both); {cure}",
        )
    if goal.target is None and goal.direction in ("increase", "decrease", "reach", "at_least", "at_most"):
        yield "target", f"{goal.id!r} needs a target to {goal.direction.replace('_', ' ')} (got none)"
    turned = goal.lower_is_better != (goal.direction == "decrease")
    if goal.direction in ("increase", "decrease") and goal.target not in (None, goal.baseline) and turned:
        side = "below" if goal.lower_is_better else "above"
        yield "direction", f"direction of {goal.id!r} is {goal.direction}, but its target is {side} the baseline"
    yield from _odd_points(goal)


def _odd_points(goal: Goal) -> Iterator[tuple[str, str]]:
    if goal.direction == "maintain":
        if goal.band is None and goal.target is None:
            yield "band", f"{goal.id!r} needs a band or a target to maintain (got none)"
            return
        zero_low, low, high, zero_high = limits_of(
            "maintain", {**{name: getattr(goal, name) for name in ("target", "threshold", "band", "limits")}}
        )
        points = [point for point in (zero_low, low, high, zero_high) if point is not None]
        if sorted(points) != points:
            yield "band", f"band of {goal.id!r} must go from low to high, within its limits (got {shown(points)})"
        return
    if goal.band is not None or goal.limits is not None:
        yield (
            "band",
            f"{goal.id!r} has a band or limits, which only a goal to maintain has; say direction='maintain'",
        )
    if goal.target is None:
        return
    sign = -1 if goal.lower_is_better else 1
    starts = [] if goal.direction in ("at_least", "at_most") else [goal.baseline]
    points = [point for point in (*starts, goal.threshold, goal.target, goal.stretch) if point is not None]
    if any(sign * first > sign * last for first, last in pairwise(points)):
        yield (
            "threshold",
            f"baseline, threshold, target and stretch of {goal.id!r} must be in this order (got {shown(points)})",
        )


def _odd_structure(goal: Goal) -> Iterator[tuple[str, str]]:
    shares = [goal.share or Fraction(0), *(part.share for part in goal.contributes)]
    if goal.share is not None and not 0 < goal.share <= 1:
        yield "share", f"share of {goal.id!r} must be above 0 and at most 1 (got {plain(goal.share)})"
    if sum(shares) > 1:
        yield (
            "contributes",
            f"shares out of {goal.id!r} must add up to at most 1 (got {plain(sum(shares, Fraction(0)))})",
        )
    if goal.joined is not None and goal.left is not None and goal.left < goal.joined:
        yield "left", f"{goal.id!r} must not leave ({goal.left}) before it joins ({goal.joined})"
    days = [change.on for change in goal.changes if isinstance(change, Change)]
    if days != sorted(set(days)):
        yield "changes", f"changes of {goal.id!r} must be in the order of their dates, one a day"
    odd = [child for child in goal.children if not isinstance(child, type(goal))]
    if odd:
        yield "children", f"children of {goal.id!r} must be goals (got {odd[0]!r})"
    elif goal.children:
        yield from _odd_children(goal)


def _odd_changes(goal: Goal) -> Iterator[tuple[str, str]]:
    """What the numbers of a goal come to from each of its changes on, as far as they make no goal."""
    numbers: dict[str, Any] = {}
    for change in goal.changes:
        new = {name: value for name in ("target", "baseline") if (value := getattr(change, name)) is not None}
        if new:
            numbers |= new
            try:
                evolve(goal, changes=(), children=(), **numbers)
            except DefinitionError as error:
                yield "changes", f"from {change.on} on, {error}"


def _odd_children(goal: Goal) -> Iterator[tuple[str, str]]:
    if goal.roll_up in ("sum", "product", "ratio", "own") and goal.target is None:
        does = "measures itself" if goal.roll_up == "own" else f"is the {goal.roll_up} of its parts"
        yield "target", f"{goal.id!r} {does}, so it needs a target of its own"
    for child in goal.children:
        if goal.roll_up in ("sum", "product") and child.target is None:
            yield "children", f"{goal.id!r} is the {goal.roll_up} of its parts, so {child.id!r} needs a target"
        elif goal.roll_up == "sum" and child.unit != goal.unit:
            mine, theirs = goal.unit or "a plain number", child.unit or "a plain number"
            cure = "roll it up by weighted mean, or give it the same unit"
            yield "children", f"{goal.id!r} sums up {mine}, but {child.id!r} is in {theirs}; {cure}"
        elif goal.roll_up == "ratio" and child.over_time != "ratio" and child.roll_up != "ratio":
            yield (
                "children",
                f"{goal.id!r} is a ratio of sums, so {child.id!r} must be a ratio too; say over_time='ratio' there",
            )
    fixed = [child.weight for child in goal.children if child.weight is not None]
    total, automatic = sum(fixed, Fraction(0)), len(goal.children) - len(fixed)
    whole = goal.weights_add_up_to if goal.weights_add_up_to is not None else Fraction(100)
    if automatic and fixed and total >= whole:
        left = f"leave nothing of {plain(whole)} for those that are automatic (got {plain(total)})"
        yield "children", f"the fixed weights in {goal.id!r} {left}; lower them, or say weights_add_up_to"
    elif goal.weights_add_up_to is not None and not automatic and total != whole:
        problem = f"weights in {goal.id!r} must add up to {plain(whole)} (got {plain(total)})"
        yield "weights_add_up_to", f"{problem}; change one, or make one automatic"


def _odd_choice(goal: Goal, name: str, allowed: Sequence[str]) -> Iterator[tuple[str, str]]:
    try:
        one_of(getattr(goal, name), allowed, f"{name} of {goal.id!r}")
    except DefinitionError as error:
        yield name, str(error)


def shown(values: Iterable[Any]) -> str:
    """Values as they are shown in a message."""
    return ", ".join(str(plain(value) if isinstance(value, Fraction) else value) for value in values)
