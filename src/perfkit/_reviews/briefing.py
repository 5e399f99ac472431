"""Putting a brief together from the numbers and from what both sides say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from attrs import evolve

from perfkit._core.checks import text
from perfkit._core.numbers import Number, exact
from perfkit._reviews.bridge import Bridge
from perfkit._reviews.bridging import bridge
from perfkit._reviews.brief import ReviewBrief, Surprise, View, check_view, name_of
from perfkit._reviews.chart import ControlChart, xmr
from perfkit._reviews.evaluation import Evaluation, evaluation_of, is_missing
from perfkit._reviews.levers import WhatItTakes, what_would_it_take
from perfkit._reviews.questions import questions_of
from perfkit._reviews.sensitivity import sensitivities
from perfkit._reviews.voices import Commitment, StatedReason, Statement
from perfkit.errors import DataError, DefinitionError, did_you_mean
from perfkit.goals import CheckIn, CheckIns, Forecast, GoalReport, GoalStatus, GoalTree
from perfkit.incentives import IncentivePlan
from perfkit.metrics import Scorecard
from perfkit.money import DECIMALS, Money
from perfkit.ratings import RatingScale

History = ControlChart | Sequence[Number] | Mapping[date, Number]


def brief(
    card: Scorecard | None,
    tree: GoalTree | GoalReport | None,
    *,
    person: str,
    as_of: date,
    before: Any = None,
    after: Any = None,
    seen: Mapping[str, Any] | CheckIns | Iterable[CheckIn] | None = None,
    scale: RatingScale | None = None,
    plan: IncentivePlan | None = None,
    aim: Number | str | Money | None = None,
    limits: Mapping[str, tuple[Any, Any]] | None = None,
    by: date | None = None,
    histories: Mapping[str, History] | None = None,
    commitments: Iterable[Commitment] = (),
    reasons: Iterable[StatedReason] = (),
    self_assessment: Any = None,
    last_forecasts: Mapping[str, Forecast | Number | Money] | None = None,
    statement: Statement | None = None,
    view: View = "both",
) -> ReviewBrief:
    """What both sides of a check-in or a year-end review need, on a page: facts, levers, promises, questions.

    The year-end review is the same brief: ``before`` is the plan or the year before, ``after`` the year, and
    ``last_forecasts`` says whether anybody was surprised.

    Args:
        card: scores the rows; None where there is only a tree.
        tree: the goals, with what was ``seen`` of them, or a report of them.
        person: whose review it is; their goals are those that they own.
        as_of: the day.
        before: where they stood: a row, a ``Score``, or an :class:`Evaluation`.
        after: where they stand.
        seen: what was observed of goals, for a tree.
        scale: rates the score; the next level is then what to reach.
        plan: pays by the score; the rows then hold what it reads too.
        aim: what to reach, in place of the next level: a score, a level, or an amount of pay.
        limits: how far columns can move.
        by: until when, for the rates that it takes; not needed once it is over.
        histories: by metric, its values in the order of time, by day, or on a chart that you made.
        commitments: who promised what.
        reasons: why, as each side sees it.
        self_assessment: the row as the employee sees it, with only what differs; or a ``Score``.
        last_forecasts: by goal, ``score`` or ``amount``: what was forecast last. A number is of the day of the brief; a
            :class:`Forecast` of a day still to come is compared with the forecast as it is now.
        statement: what the employee has to say.
        view: ``both``, or for whom it is: ``employee`` or ``manager``, without what the other side keeps private.

    Raises:
        DefinitionError: for parts that are not what they should be; each message says which.
        DataError: for a person who owns no goal, or rows that cannot be scored.

    Example:
        >>> from datetime import date
        >>> from perfkit import Goal, GoalTree, Metric, Period, Scorecard, brief
        >>> tree = GoalTree([Goal("revenue", owner="ana", period=Period.year(2026), target=100)])
        >>> card = Scorecard("sales", [Metric("revenue", weight=3, target=100), Metric("csat", weight=1, target=5)])
        >>> print(brief(card, tree, person="ana", seen={"revenue": 30}, as_of=date(2026, 6, 30),
        ...             before={"revenue": 20, "csat": 4}, after={"revenue": 30, "csat": 4}))
        ana, 2026-06-30
        <BLANKLINE>
        Goals
          revenue  30.0% of the way, 49.6% expected, off track, heading for 60.5, 0.38 a day needed, 0.166 so far
        <BLANKLINE>
        What moved
          score      0.35 > 0.425 (+0.075)
            revenue  +0.075
        <BLANKLINE>
        What it would take
            1 percent more of revenue is worth 0.00225 of score
            1 percent more of csat is worth 0.002 of score
        <BLANKLINE>
        Questions
          ?  What stands in the way of revenue? It is at 30.0%, where 49.6% was expected.
          ?  revenue went from 20 to 30, which raised the score by 0.075: what made the difference?
    """
    check_view(view)
    who = text(person)
    if type(as_of) is not date:
        raise DefinitionError(f"as_of must be a date (got {as_of!r}); take .date() of a time", path="as_of")
    told = _checked(commitments, Commitment, "commitments"), _checked(reasons, StatedReason, "reasons")
    if statement is not None and not isinstance(statement, Statement):
        raise DefinitionError(f"statement must be a Statement (got {statement!r})", path="statement")
    goals, is_final = _goals(tree, seen, who, as_of)
    sides = [_side(one, card, scale, plan) for one in (before, after)]
    then, now = sides
    levered = now if _has_outcome(now) and not is_final else None
    found = ReviewBrief(
        person=who,
        as_of=as_of,
        goals=goals,
        is_final=is_final,
        moved=_moved(then, now),
        histories=tuple((name, _chart(name, history)) for name, history in (histories or {}).items()),
        next_level=None if levered is None else _next_level(levered, aim, limits, as_of, by),
        sensitivities=() if levered is None or levered.card is None else sensitivities(levered),
        commitments=told[0],
        reasons=told[1],
        gap=None if self_assessment is None else _gap(now, self_assessment),
        surprises=_surprises(last_forecasts or {}, goals, now, as_of),
        statement=statement,
    )
    found = evolve(found, questions=questions_of(found, _seen(then, now)))
    if view == "both":
        return found
    return found.for_employee() if view == "employee" else found.for_manager()


def _checked(values: Iterable[Any], kind: type, what: str) -> tuple[Any, ...]:
    found = tuple(values) if not isinstance(values, kind) else (values,)
    odd = [one for one in found if not isinstance(one, kind)]
    if odd:
        raise DefinitionError(f"{what} must hold {kind.__name__} (got {odd[0]!r})", path=what)
    return found


def _goals(
    tree: GoalTree | GoalReport | None, seen: Any, person: str, as_of: date
) -> tuple[tuple[GoalStatus, ...], bool]:
    if tree is None:
        if seen is not None:
            raise DefinitionError("seen is of the goals of a tree: give the tree as well", path="seen")
        return (), False
    if isinstance(tree, GoalReport):
        if seen is not None:
            raise DefinitionError("a report has what was seen already; give the tree to roll it up anew", path="seen")
        report = tree
    elif isinstance(tree, GoalTree):
        report = tree.roll_up({} if seen is None else seen, as_of=as_of)
    else:
        raise DefinitionError(f"tree must be a GoalTree or a GoalReport (got {tree!r})", path="tree")
    columns = report.columns
    owners = {id: columns.text("owner", place) for place, id in enumerate(report.ids)}
    mine = tuple(report[id] for id, owner in owners.items() if owner == person)
    if not mine:
        known = sorted(set(owners.values()) - {""})
        raise DataError(
            f"{person!r} owns no goal{did_you_mean(person, known)}; give tree=None for a brief without goals",
            column="owner",
        )
    periods = [report.period_of(status.id) for status in mine]
    return mine, all(period is not None and as_of >= period.end for period in periods)


def _side(
    given: Any, card: Scorecard | None, scale: RatingScale | None, plan: IncentivePlan | None
) -> Evaluation | None:
    if given is None:
        return None
    if isinstance(given, Mapping):
        if card is None:
            raise DefinitionError("a row needs a scorecard to be scored by: give card", path="card")
        return Evaluation(given, card=card, scale=scale, plan=plan)
    return evaluation_of(given, scale=scale, plan=plan)


def _has_outcome(side: Evaluation | None) -> bool:
    """Whether a side was given and scored: whoever has no score yet has nothing to be moved, and no lever."""
    return side is not None and (side.card is None or side.value == side.value)


def _moved(then: Evaluation | None, now: Evaluation | None) -> tuple[Bridge, ...]:
    if then is None or now is None or not (_has_outcome(then) and _has_outcome(now)):
        return ()
    both = [of for of in now.outcomes if of in then.outcomes and of != "rating"]
    return tuple(bridge(then, now, of=of) for of in both)


def _seen(then: Evaluation | None, now: Evaluation | None) -> dict[str, tuple[Any, Any]]:
    """What was seen of each metric and column on the two sides, where both have it and it is not the same."""
    if then is None or now is None:
        return {}
    columns = {name: name for name in now.needs()}
    if now.card is not None:
        columns |= {metric.name: metric.column for metric in now.card.metrics()}
    found = {name: (_value(then, column), _value(now, column)) for name, column in columns.items()}
    return {
        name: (old, new)
        for name, (old, new) in found.items()
        if not is_missing(old) and not is_missing(new) and old != new
    }


def _value(side: Evaluation, column: str) -> Any:
    """What a row holds, minor units as the money that they are."""
    value: Any = side.row.get(column)
    if is_missing(value) or isinstance(value, Money) or side.plan is None or side.kind_of(column) != "money":
        return value
    return Money.from_minor(int(value), side.currency)


def _chart(name: str, history: History) -> ControlChart:
    if isinstance(history, ControlChart):
        return history
    if isinstance(history, str) or not isinstance(history, (Sequence, Mapping)):
        raise DataError(
            f"the history of {name!r} must be a sequence of values, values by day, or a chart (got {history!r})",
            column=name,
        )
    return xmr(history)


def _next_level(now: Evaluation, aim: Any, limits: Any, as_of: date, by: date | None) -> WhatItTakes | None:
    wanted: dict[str, Any]
    if aim is None:
        if now.scale is None:
            return None
        level = now.rating.level
        if level < 0 or level + 1 >= len(now.scale.labels):
            return None
        wanted = {"rating": now.scale.labels[level + 1]}
    elif isinstance(aim, Money):
        wanted = {"amount": aim}
    else:
        wanted = {"rating" if isinstance(aim, str) else "score": aim}
    return what_would_it_take(now, limits=limits, as_of=as_of, by=by, **wanted)


def _gap(now: Evaluation | None, given: Any) -> Bridge:
    if now is None or now.card is None:
        raise DefinitionError(
            "a self-assessment is compared with after=, which a card must score", path="self_assessment"
        )
    theirs = evolve(now, plan=None, scale=None)
    if isinstance(given, Mapping):
        mine = theirs.with_row(**{str(name): value for name, value in given.items()})
        odd = [name for name in given if name not in theirs.needs()]
        if odd:
            raise DataError(
                f"the scorecard does not read {odd[0]!r}{did_you_mean(str(odd[0]), theirs.needs())}; "
                "a self-assessment speaks of its columns",
                column=str(odd[0]),
            )
    else:
        mine = evaluation_of(given)
    return bridge(theirs, mine, of="score", names=("manager", "employee"))


def _surprises(
    last: Mapping[str, Any], goals: Sequence[GoalStatus], now: Evaluation | None, as_of: date
) -> tuple[Surprise, ...]:
    ahead = {status.id: status for status in goals}
    stands: dict[str, Any] = {}
    names: dict[str, str] = {}
    units: dict[str, str] = {}
    for status in goals:
        units[status.id] = status.goal.unit if status.goal.is_linear and status.goal.unit in DECIMALS else ""
        actual = status.value if status.goal.is_linear else status.progress
        stands[status.id], names[status.id] = actual, name_of(status)
    if now is not None:
        stands |= {of: now.told(of, now.measured(of)[0]) for of in now.outcomes if of != "rating"}
        stands = {of: None if value != value else value for of, value in stands.items()}
    found = []
    for name, forecast in last.items():
        if name not in stands:
            raise DataError(
                f"nothing here is called {name!r}, so that no forecast of it can be compared"
                f"{did_you_mean(name, stands)}; there are {', '.join(map(repr, stands)) or 'none'}",
                column=name,
            )
        actual, is_open = stands[name], False
        if isinstance(forecast, Forecast) and name in ahead and forecast.by > as_of:
            now_ahead, is_open = ahead[name].forecast, True
            actual = None if now_ahead is None else now_ahead.value
        if actual is None:
            continue
        if isinstance(forecast, Forecast):
            ends = (forecast.value, forecast.low, forecast.high)
            found.append(Surprise(names.get(name, name), actual, *ends, is_open, units.get(name, "")))
        elif isinstance(actual, Money) != isinstance(forecast, Money):
            raise DataError(f"the forecast of {name!r} must be of the kind of {actual} (got {forecast!r})", column=name)
        else:
            expected = forecast if isinstance(forecast, Money) else float(exact(forecast, what=f"forecast of {name!r}"))
            found.append(Surprise(names.get(name, name), actual, expected, currency=units.get(name, "")))
    return tuple(found)
