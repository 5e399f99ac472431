"""The bridge from one result to another, of whatever kind they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import floor
from typing import Any

from attrs import evolve

from perfkit._core.numbers import decimal_text
from perfkit._reviews.attribution import Method, attributed, chosen
from perfkit._reviews.bridge import KINDS, Bridge, Kind, PlainLine, check_names, in_money, made, with_rest
from perfkit._reviews.drivers import driver_bridge
from perfkit._reviews.evaluation import Evaluation, Of, evaluation_of
from perfkit._reviews.factors import Differences, UnclearError, on_the_finest_grid
from perfkit._reviews.goal_bridge import goal_bridge
from perfkit.errors import DataError, DefinitionError
from perfkit.explain import as_fraction
from perfkit.goals import GoalStatus
from perfkit.incentives import Outcome, Payout
from perfkit.metrics import Scores
from perfkit.money import minor_per_major


def bridge(
    before: Any,
    after: Any,
    *,
    of: Of | Callable[[dict[str, Fraction]], Any] | None = None,
    method: Method = "auto",
    names: tuple[str, str] = ("before", "after"),
    level: int = 1,
) -> Bridge:
    """A change split into what it came from, line by line, adding up exactly.

    Each factor in which the two sides differ is a line. Where factors act together, as a price and a quantity do, what
    they bring together is shared out by Shapley's value: the mean of what a factor adds, over every order in which the
    factors can change. For products it is the standardisation of Das Gupta (1993). The lines are exact fractions; for
    pay each line is rounded half up to the minor unit, and what is left is a line of rounding.

    Where two definitions cannot be mixed line by line, such as a metric that moved to another section, what is
    different about the definitions is one line of kind ``plan``.

    Args:
        before: a ``Score``, a ``Payout``, an :class:`Evaluation` (for ratings, and for pay down to the metrics), the
            status of a goal, or a mapping of drivers, each a number or one for each group (a list or a mapping).
            Plan against actual is the score of the plan against that of the actual. ``Scores`` or a list of evaluations
            is a group: the lines are the means of the bridges from each of its members, and they lead from the mean of
            the group. Two raises or other outcomes with amounts, or two payouts with carried balances, are split by the
            difference of their explanations; an :class:`Evaluation` with a salary review as its plan is split factor by
            factor.
        after: the other side, of the same kind.
        of: for evaluations the outcome, ``score``, ``rating`` or ``amount``; the last of the chain when not given. For
            drivers the function of them; when not given their product, summed over the groups where there are any.
        method: ``auto`` is ``shapley`` for up to 12 factors that changed (8 for goals), and above that ``two_way``: the
            mean over one order and its reverse, which is Shapley's value where no more than two factors meet in one
            term, and adds up in any case. ``sequential`` takes the order of the lines, ``joint`` leaves what factors
            bring together as a line of its own.
        names: what the two sides are called, such as ``("plan", "actual")``.
        level: for goals, how far below the goal the parts are that each have lines.

    Raises:
        DefinitionError: for sides of two kinds, an outcome that the rules do not give, or too many factors for the
            method.
        DataError: for a side that has no outcome, or drivers that are not the same.

    Example:
        >>> from perfkit import Metric, Scorecard, bridge
        >>> card = Scorecard("sales", [Metric("revenue", weight=3, target="quota"), Metric("csat", weight=1, target=5)])
        >>> spring = card.score_one({"revenue": 90, "quota": 100, "csat": 4})
        >>> autumn = card.score_one({"revenue": 132, "quota": 120, "csat": 4.5})
        >>> print(bridge(spring, autumn))
        before            0.87500
        value   revenue  +0.28875
        value   csat     +0.02500
        target  revenue  -0.13875
        after             1.05000
    """
    check_names(names)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return driver_bridge(before, after, of, method, names)
    if callable(of):
        raise DefinitionError("of= is a function for drivers only; name an outcome, such as 'amount'", path="of")
    if isinstance(before, GoalStatus) or isinstance(after, GoalStatus):
        return goal_bridge(before, after, method, names, level)
    if isinstance(before, (Scores, list, tuple)):
        return _from_a_group(list(before), after, of, method, names)
    if _is_explained_only(before) and _is_explained_only(after):
        return _between_explanations(before, after, names)
    one, other = evaluation_of(before), evaluation_of(after)
    outcome = of or _last(one, other)
    one.require(outcome)
    other.require(outcome)
    return _between(one, other, outcome, method, names)


def _is_explained_only(side: Any) -> bool:
    """Whether an amount is no matter of one row and its rules: a raise of a review, pay with carried balances."""
    if isinstance(side, Payout):
        return bool(side._payouts.plan.carry)
    return isinstance(side, Outcome) and side.amount is not None


def _between_explanations(before: Any, after: Any, names: tuple[str, str]) -> Bridge:
    """The change of two amounts by the parts of their explanations, which add up to it."""
    ends = [side.amount for side in (before, after)]
    currency = ends[1].currency
    if ends[0].currency != currency:
        raise DefinitionError(f"both sides must be of one currency (got {ends[0].currency} and {currency})")
    whole = before.explain().difference(after.explain())
    parts = whole.parts if whole.relation == "sum" else (whole,)
    scale = minor_per_major(currency)
    lines: list[PlainLine] = [
        ("value", part.label or part.phrase(), as_fraction(part.value) * scale)
        for part in parts
        if part.value is not None
    ]
    minor = [Fraction(end.minor) for end in ends]
    return in_money(lines, minor, currency, whole.label, "difference", names)


def _last(one: Evaluation, other: Evaluation) -> Of:
    both = [outcome for outcome in one.outcomes if outcome in other.outcomes]
    if not both:
        raise DefinitionError(
            f"both sides must have the same kind of outcome (got {', '.join(one.outcomes)} and "
            f"{', '.join(other.outcomes)}); score both, or pay both"
        )
    return both[-1]


def _between(one: Evaluation, other: Evaluation, of: Of, method: Method, names: tuple[str, str]) -> Bridge:
    ends = [_end(side, of, name) for side, name in zip((one, other), names, strict=True)]
    lines, used = _split(one, other, of, method)
    if of == "amount":
        return in_money(lines, ends, other.currency, _label(other, of), used, names)
    shown = None
    if of == "rating":
        told = [str(side.told(of, side.measured(of)[0])) for side in (one, other)]
        shown = (told[0], told[1])
    whole = with_rest(lines, ends[1] - ends[0], "grid")
    return Bridge(of, _label(other, of), ends[0], ends[1], made(whole), used, names, shown)


def _end(side: Evaluation, of: Of, name: str) -> Fraction:
    measured = side.measured(of)[0]
    if measured != measured or (of == "rating" and measured < 0):
        raise DataError(f"the side {name!r} has no {of}, so there is no change of it; observe something first")
    return side.exactly(of, measured)


def _split(one: Evaluation, other: Evaluation, of: Of, method: Method) -> tuple[list[PlainLine], str]:
    """What each factor brings, as finely as the two sides can be mixed."""
    if of != "amount":
        # What only the pay reads changes no score.
        one, other = evolve(one, plan=None), evolve(other, plan=None)
    if of == "score":
        one, other = on_the_finest_grid(one), on_the_finest_grid(other)
    differences = Differences.between(one, other, of)
    for step in (0, 1):
        try:
            return _shared_out(differences.coarser(step), method)
        except UnclearError:
            continue
    return _shared_out(differences.coarser(2), method)


def _shared_out(differences: Differences, method: Method) -> tuple[list[PlainLine], str]:
    factors = differences.factors
    used = chosen(method, len(factors))
    amounts, joint = attributed(used, len(factors), differences.values)
    lines: list[PlainLine] = [(one.kind, one.label, amount) for one, amount in zip(factors, amounts, strict=True)]
    return [*lines, ("joint", "together", joint)] if used == "joint" else lines, used


def _label(side: Evaluation, of: Of) -> str:
    if of == "amount":
        return side.pay_name
    return "" if side.card is None else side.card.name


def _from_a_group(group: Sequence[Any], after: Any, of: Of | None, method: Method, names: tuple[str, str]) -> Bridge:
    """The mean of the bridges from each member: Shapley's value is additive, so it leads from their mean."""
    if not group:
        raise DataError("a group needs at least one member to be compared with (got none)")
    other = evaluation_of(after)
    members = [evaluation_of(member) for member in group]
    outcome = of or _last(members[0], other)
    for side in (*members, other):
        side.require(outcome)
    totals: dict[tuple[Kind, str], Fraction] = {}
    methods: dict[str, None] = {}
    for member in members:
        lines, used = _split(member, other, outcome, method)
        methods[used] = None
        for kind, label, amount in lines:
            totals[(kind, label)] = totals.get((kind, label), Fraction(0)) + amount / len(members)
    start = sum((_end(one, outcome, f"{names[0]} {place}") for place, one in enumerate(members)), Fraction(0))
    ends = [start / len(members), _end(other, outcome, names[1])]
    found: list[PlainLine] = [(kind, label, amount) for (kind, label), amount in totals.items()]
    found.sort(key=lambda line: KINDS.index(line[0]))
    used, label = " and ".join(methods), _label(other, outcome)
    if outcome == "amount":
        return in_money(found, ends, other.currency, label, used, names)
    shown = (_level(other, ends[0]), _level(other, ends[1])) if outcome == "rating" else None
    whole = made(with_rest(found, ends[1] - ends[0], "grid"))
    return Bridge(outcome, label, ends[0], ends[1], whole, used, names, shown)


def _level(side: Evaluation, mean: Fraction) -> str:
    """The label of a level, or the two that a mean lies between, with how far it is from the lower to the upper."""
    low = floor(mean)
    if mean == low:
        return str(side.told("rating", low))
    lower, upper = (side.told("rating", level) for level in (low, low + 1))
    return f"{lower} to {upper} ({decimal_text(mean - low, 2)})"
