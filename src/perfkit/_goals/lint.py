"""What is odd about a tree of goals: nobody's goals, what cannot be measured, weights that decide all or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
from attrs import frozen

from perfkit._core.findings import Findings
from perfkit._core.numbers import Number, decimal_text, exact, round_decimal
from perfkit._goals.columns import CODES, GoalColumns
from perfkit._goals.index import GoalIndex
from perfkit.errors import DataError, did_you_mean

# Each code in English; the parameters stand in braces.
FINDINGS: Mapping[str, str] = MappingProxyType(
    {
        "strategy_without_owner": "nobody owns {goal}, from which others are broken down; give it an owner",
        "orphan": "{goal} serves no other goal and has no parts; put it under one, or say what it supports",
        "unmeasurable": "{goal} has no target, no milestones and no parts: nobody can tell where it stands",
        "concentration": "{goal} alone has {share} of the weight in {above}, with {siblings} beside it",
        "tiny_weight": "{goal} has {share} of the weight in {above}: it takes attention and moves nothing",
        "share_left_over": "{share} of {goal} counts nowhere; its shares should add up to 1",
        "measure_used_twice": "{measure} measures {goals}: it may be counted twice",
        "target_in_noise": (
            "the target of {goal} lies {distance} from its mean of {mean}, within the {limit} that it varies by anyway"
        ),
        "nobodys_job": "no job answers for {measure}, which measures {goal}",
        "too_many_goals": "{owner} owns {count} goals; more than {most} are hard to follow",
        "owner_without_goals": "{owner} owns no goal",
    }
)

# Mean moving range to natural process limits: 3 / 1.128 (Wheeler, Understanding Variation, 1993).
_XMR = Fraction("2.66")


@frozen
class GoalFinding:
    """One thing that is odd about a tree of goals.

    Attributes:
        code: what it is; stable, for translation and for rules of one's own.
        goal: the id of the goal, where it is about one.
        owner: whose goals it is about, where it is about somebody.
        params: what else the code speaks of.
    """

    code: str
    goal: str | None = None
    owner: str | None = None
    params: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        shown = {"goal": self.goal and repr(self.goal), "owner": self.owner, **dict(self.params)}
        return FINDINGS[self.code].format_map(shown)


def lint(
    columns: GoalColumns,
    index: GoalIndex,
    *,
    owners: Iterable[str] = (),
    jobs: Mapping[str, Iterable[str]] | None = None,
    history: Mapping[str, Sequence[Number]] | None = None,
    most_goals: int = 7,
    largest_weight: Number = 0.5,
    least_weight: Number = 0.05,
) -> Findings[GoalFinding]:
    """What is odd about a tree; see :meth:`perfkit.GoalTree.lint`."""
    found = [
        *_structure(columns),
        *_weights(columns, index, float(exact(largest_weight)), float(exact(least_weight))),
        *_measures(columns),
        *_noise(columns, history or {}),
        *_jobs(columns, jobs),
        *_people(columns, list(owners), most_goals),
    ]
    return Findings(found)


def _structure(columns: GoalColumns) -> Iterator[GoalFinding]:
    n = len(columns)
    has_parts = np.zeros(n, dtype=np.bool_)
    has_parts[columns.above[columns.above >= 0]] = True
    top = columns.above < 0
    for place in np.flatnonzero(top & has_parts).tolist():
        if not columns.text("owner", place):
            yield GoalFinding("strategy_without_owner", columns.ids[place])
    lonely = np.flatnonzero(top & ~has_parts)
    if top.sum() > 1:
        tied = {place for place, goal in columns.rich.items() if goal.contributes or goal.supports}
        tied |= {columns.places[to] for goal in columns.rich.values() for to in goal.supports}
        tied |= {columns.places[part.to] for goal in columns.rich.values() for part in goal.contributes}
        for place in lonely.tolist():
            if place not in tied:
                yield GoalFinding("orphan", columns.ids[place])
    for place in np.flatnonzero(~has_parts & (columns.kind == 0) & (columns.roll_up != CODES["none"])).tolist():
        yield GoalFinding("unmeasurable", columns.ids[place])
    for place, goal in columns.rich.items():
        left = 1 - sum((part.share for part in goal.contributes), Fraction(0)) - (goal.share or Fraction(0))
        if goal.contributes and left > 0 and (goal.share is not None or columns.above[place] < 0):
            yield GoalFinding("share_left_over", goal.id, params=(("share", _percent(left)),))


def _weights(columns: GoalColumns, index: GoalIndex, largest: float, least: float) -> Iterator[GoalFinding]:
    edges = index.edges
    weight = edges.weight * edges.share
    # Only where weights decide: a sum goes by values, a mean by heads.
    weighs = np.isin(columns.roll_up[edges.parent], [CODES["weighted_mean"], CODES["worst_status"]])
    n = len(columns)
    whole = np.bincount(edges.parent, weight, minlength=n)[edges.parent]
    count = np.bincount(edges.parent, minlength=n)[edges.parent]
    share = weight / whole
    for code, odd in (("concentration", share > largest), ("tiny_weight", share < least)):
        for edge in np.flatnonzero(weighs & odd & (count > 2)).tolist():
            uneven = share[edge] != 1 / count[edge]
            if uneven:
                params = (
                    ("share", _percent(Fraction(str(float(share[edge]))))),
                    ("above", repr(columns.ids[int(edges.parent[edge])])),
                    ("siblings", int(count[edge]) - 1),
                )
                yield GoalFinding(code, columns.ids[int(edges.child[edge])], params=params)


def _measures(columns: GoalColumns) -> Iterator[GoalFinding]:
    """Measures of goals of which none is broken down into another, and which are not parts of one sum."""
    used: dict[str, list[int]] = {}
    for place in range(len(columns)):
        measure = columns.text("measure", place)
        if measure:
            used.setdefault(measure, []).append(place)
    for measure, places in used.items():
        named = set(places)
        tops = [place for place in places if not named & set(columns.line(place)[1:])]
        # The parts of one sum share a measure on purpose.
        families = {
            int(columns.above[place]) if _sums(columns, int(columns.above[place])) else -1 - place for place in tops
        }
        if len(families) > 1:
            shown = ", ".join(repr(columns.ids[place]) for place in tops[:4]) + (" and more" if len(tops) > 4 else "")
            yield GoalFinding(
                "measure_used_twice", columns.ids[tops[0]], params=(("measure", measure), ("goals", shown))
            )


def _sums(columns: GoalColumns, place: int) -> bool:
    return place >= 0 and columns.roll_up[place] in (CODES["sum"], CODES["ratio"])


def _noise(columns: GoalColumns, history: Mapping[str, Sequence[Number]]) -> Iterator[GoalFinding]:
    for id, past in history.items():
        if id not in columns.places:
            raise DataError(f"no goal is called {id!r}{did_you_mean(id, columns.places)}", column=id)
        goal = columns.goal(columns.places[id])
        values = [exact(value, what=f"the history of {id!r}") for value in past]
        if goal.target is None or len(values) < 2:
            continue
        mean = sum(values, Fraction(0)) / len(values)
        moves = [abs(after - before) for before, after in pairwise(values)]
        limit = _XMR * sum(moves, Fraction(0)) / len(moves)
        distance = abs(goal.target - mean)
        if distance < limit:
            shown = {
                name: decimal_text(round_decimal(number, 4))
                for name, number in (("distance", distance), ("mean", mean), ("limit", limit))
            }
            yield GoalFinding("target_in_noise", id, params=tuple(shown.items()))


def _jobs(columns: GoalColumns, jobs: Mapping[str, Iterable[str]] | None) -> Iterator[GoalFinding]:
    if jobs is None:
        return
    answered = {
        measure for measures in jobs.values() for measure in ((measures,) if isinstance(measures, str) else measures)
    }
    for place in range(len(columns)):
        measure = columns.text("measure", place)
        if measure and measure not in answered:
            yield GoalFinding("nobodys_job", columns.ids[place], params=(("measure", measure),))


def _people(columns: GoalColumns, owners: list[str], most: int) -> Iterator[GoalFinding]:
    owned: dict[str, int] = {}
    for place in range(len(columns)):
        name = columns.text("owner", place)
        owned[name] = owned.get(name, 0) + 1
    for goal in columns.rich.values():
        for change in goal.changes:
            if change.owner is not None:
                owned[change.owner] = owned.get(change.owner, 0) + 1
    for owner, count in owned.items():
        if owner and count > most:
            yield GoalFinding("too_many_goals", owner=owner, params=(("count", count), ("most", most)))
    for owner in dict.fromkeys(owners):
        if owner not in owned:
            yield GoalFinding("owner_without_goals", owner=owner)


def _percent(share: Fraction) -> str:
    return f"{decimal_text(round_decimal(100 * share, 1))} %"
