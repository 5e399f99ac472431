"""What is odd about a tree of goals: nobody's goals, what cannot be measured, weights that decide all or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise

import numpy as np

from perfkit._core.checks import several
from perfkit._core.numbers import Number, exact
from perfkit._goals.columns import CODES, FloatColumn, GoalColumns, IntColumn, dates_of_change
from perfkit._goals.index import BoolColumn, GoalIndex, index_of
from perfkit.errors import DataError, did_you_mean
from perfkit.findings import Finding, Findings

# Mean moving range to natural process limits: 3 / 1.128 (Wheeler, Understanding Variation, 1993).
_XMR = Fraction("2.66")


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
) -> Findings:
    """What is odd about a tree; see :meth:`perfkit.GoalTree.lint`."""
    found = [
        *_structure(columns),
        *_shares(columns),
        *_weights(columns, index, float(exact(largest_weight)), float(exact(least_weight))),
        *_totals(columns, index),
        *_measures(columns),
        *_noise(columns, history or {}),
        *_jobs(columns, jobs),
        *_people(columns, several(owners), most_goals),
    ]
    return Findings(found)


def _structure(columns: GoalColumns) -> Iterator[Finding]:
    has_parts = _has_parts(columns)
    driven = {part.to for goal in columns.rich.values() for part in goal.contributes}
    top = columns.above < 0
    for place in np.flatnonzero(top & has_parts).tolist():
        if not columns.text("owner", place):
            yield Finding("strategy_without_owner", goal=columns.ids[place])
        if not any(columns.text("owner", one) for one in _below(columns, place)):
            yield Finding("strategy_not_carried", goal=columns.ids[place])
    if top.sum() > 1:
        tied = driven | {goal.id for goal in columns.rich.values() if goal.contributes or goal.supports}
        tied |= {to for goal in columns.rich.values() for to in goal.supports}
        for place in np.flatnonzero(top & ~has_parts).tolist():
            if columns.ids[place] not in tied:
                yield Finding("orphan", goal=columns.ids[place])
    for place in np.flatnonzero(~has_parts & (columns.kind == 0) & (columns.roll_up != CODES["none"])).tolist():
        yield Finding("unmeasurable", goal=columns.ids[place])


def _has_parts(columns: GoalColumns) -> BoolColumn:
    """Which goals are driven by others."""
    has_parts = np.zeros(len(columns), dtype=np.bool_)
    has_parts[columns.above[columns.above >= 0]] = True
    has_parts[[columns.places[part.to] for goal in columns.rich.values() for part in goal.contributes]] = True
    return has_parts


def _below(columns: GoalColumns, place: int) -> Iterator[int]:
    """The goals below a goal, nearest first, one after the other as long as somebody asks."""
    waiting = columns.parts(place)
    for one in waiting:
        yield one
        waiting.extend(columns.parts(one))


def _shares(columns: GoalColumns) -> Iterator[Finding]:
    for place, goal in columns.rich.items():
        left = 1 - sum((part.share for part in goal.contributes), Fraction(0)) - (goal.share or Fraction(0))
        if goal.contributes and left > 0 and (goal.share is not None or columns.above[place] < 0):
            yield Finding("share_left_over", goal=goal.id, params={"share": left})


def _weighs(columns: GoalColumns, parents: IntColumn) -> BoolColumn:
    """Where weights decide: a sum goes by values, a mean by heads."""
    return np.isin(columns.roll_up[parents], [CODES["weighted_mean"], CODES["worst_status"]])


def _weights(columns: GoalColumns, index: GoalIndex, largest: float, least: float) -> Iterator[Finding]:
    """Goals that decide almost all or almost nothing, where somebody has made their weights differ."""
    edges, n = index.edges, len(columns)
    weight = edges.weight * edges.share
    whole = np.bincount(edges.parent, weight, minlength=n)[edges.parent]
    count = np.bincount(edges.parent, minlength=n)[edges.parent]
    highest = np.zeros(n)
    np.maximum.at(highest, edges.parent, weight)
    lowest = np.full(n, np.inf)
    np.minimum.at(lowest, edges.parent, weight)
    # Equal weights are nobody's mistake.
    differs = (highest != lowest)[edges.parent] & (count > 1)
    weighs = _weighs(columns, edges.parent) & differs
    share = weight / whole
    # In a sum each part stands for its target, and a small one is no mistake: it is what somebody can bring.
    sums = columns.roll_up[edges.parent] == CODES["sum"]
    size = np.where(sums, np.abs(columns.numbers["target"][edges.child]) * edges.share, 0.0)
    total = np.bincount(edges.parent, size, minlength=n)[edges.parent]
    share = np.where(sums, size / np.where(total > 0, total, 1.0), share)
    # Of two goals one always has half or more: it decides alone where the other moves nothing.
    bar = np.where(count > 2, largest, max(largest, 1 - least))
    alone = (weighs | (sums & (count > 1))) & (share > bar + _NOTHING)
    for code, odd in (("concentration", alone), ("tiny_weight", weighs & (share < least - _NOTHING))):
        for edge in np.flatnonzero(odd).tolist():
            params = {
                "share": exact(float(share[edge])),
                "above": columns.ids[int(edges.parent[edge])],
                "others": int(count[edge]) - 1,
            }
            yield Finding(code, goal=columns.ids[int(edges.child[edge])], params=params)


def _totals(columns: GoalColumns, index: GoalIndex) -> Iterator[Finding]:
    """Weights that look like percents and are not: fixed beside automatic ones, and totals off 100."""
    child = np.flatnonzero(columns.above >= 0)
    parent = columns.above[child]
    weight = columns.numbers["weight"][child]
    kept = _weighs(columns, parent) & np.isnan(columns.numbers["weights_add_up_to"][parent])
    child, parent, weight = child[kept], parent[kept], weight[kept]
    n, automatic = len(columns), np.isnan(weight)
    fixed = np.bincount(parent, np.where(automatic, 0.0, weight), minlength=n).astype(np.float64)
    loose = np.bincount(parent, automatic, minlength=n)
    count = np.bincount(parent, minlength=n)
    for place in np.flatnonzero((loose > 0) & (loose < count)).tolist():
        params = {"fixed": exact(float(fixed[place])), "automatic": int(loose[place])}
        yield Finding("mixed_weights", goal=columns.ids[place], params=params)
    off = (loose == 0) & _look_like_percents(fixed, count)
    for place in np.flatnonzero(off).tolist():
        params = {"total": exact(float(fixed[place])), "whole": 100}
        yield Finding("weights_off", goal=columns.ids[place], params=params)
    yield from _later_totals(columns, index)


def _look_like_percents(totals: FloatColumn, count: IntColumn) -> BoolColumn:
    """Totals near 100, and not 100: somebody meant percents and has lost or found some on the way."""
    near = (totals > 80) & (totals < 120) & (np.abs(totals - 100) > _NOTHING)
    # A hundred goals that weigh 1 each, which is what they do when nobody says, are no percents.
    return np.asarray(near & (totals != count))


_NOTHING = 1e-9


def _later_totals(columns: GoalColumns, index: GoalIndex) -> Iterator[Finding]:
    """Totals that hold on the first day and not after a change."""
    told: set[int] = set()
    before = _total_of(columns, index)
    for day in dates_of_change(columns):
        after = _total_of(columns, index_of(columns, day))
        whole = columns.numbers["weights_add_up_to"]
        whole = np.where(np.isnan(whole) & (np.abs(before - 100) <= _NOTHING), 100.0, whole)
        off = ~np.isnan(whole) & (after > 0) & (np.abs(after - whole) > _NOTHING) & (np.abs(before - whole) <= _NOTHING)
        for place in np.flatnonzero(off).tolist():
            if place not in told:
                told.add(place)
                yield _later(columns.ids[place], day, float(after[place]), float(whole[place]))


def _later(id: str, day: date, total: float, whole: float) -> Finding:
    return Finding("weights_off_later", goal=id, params={"on": day, "total": exact(total), "whole": exact(whole)})


def _total_of(columns: GoalColumns, index: GoalIndex) -> FloatColumn:
    edges = index.edges
    kept = _weighs(columns, edges.parent)
    if index.here is not None:
        there = index.by_place(index.here)
        kept &= there[edges.child] & there[edges.parent]
    return np.bincount(edges.parent[kept], edges.weight[kept], minlength=len(columns)).astype(np.float64)


def _measures(columns: GoalColumns) -> Iterator[Finding]:
    """Measures of goals of which none is broken down into another, and which are not parts of one sum."""
    for measure, places in _used(columns).items():
        named = set(places)
        tops = [place for place in places if not named & set(columns.line(place)[1:])]
        # The parts of one sum share a measure on purpose.
        families = {
            int(columns.above[place]) if _sums(columns, int(columns.above[place])) else -1 - place for place in tops
        }
        if len(families) > 1:
            ids = tuple(columns.ids[place] for place in tops)
            yield Finding("measure_used_twice", goal=ids[0], params={"measure": measure, "goals": ids})


def _used(columns: GoalColumns) -> dict[str, list[int]]:
    """The measures, each with the goals that it measures."""
    used: dict[str, list[int]] = {}
    for place in range(len(columns)):
        measure = columns.text("measure", place)
        if measure:
            used.setdefault(measure, []).append(place)
    return used


def _sums(columns: GoalColumns, place: int) -> bool:
    return place >= 0 and columns.roll_up[place] in (CODES["sum"], CODES["ratio"])


def _noise(columns: GoalColumns, history: Mapping[str, Sequence[Number]]) -> Iterator[Finding]:
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
        if abs(goal.target - mean) < limit:
            params = {"target": goal.target, "count": len(values), "low": mean - limit, "high": mean + limit}
            yield Finding("target_in_noise", goal=id, params=params)


def _jobs(columns: GoalColumns, jobs: Mapping[str, Iterable[str]] | None) -> Iterator[Finding]:
    if jobs is None:
        return
    used = _used(columns)
    duties = {job: tuple(dict.fromkeys(several(measures))) for job, measures in jobs.items()}
    answered = {measure for measures in duties.values() for measure in measures}
    for measure, places in used.items():
        if measure not in answered:
            ids = tuple(columns.ids[place] for place in places)
            yield Finding("nobodys_job", goal=ids[0], params={"measure": measure, "goals": ids})
    # Whose parts make it is answered for by whoever answers for the parts.
    bottom = np.flatnonzero((columns.kind > 0) & ~_has_parts(columns)).tolist()
    nameless = tuple(columns.ids[place] for place in bottom if not columns.text("measure", place))
    if nameless:
        yield Finding("job_unknown", goal=nameless[0], params={"goals": nameless})
    for job, measures in duties.items():
        for measure in measures:
            if measure not in used:
                yield Finding("duty_without_goal", params={"job": job, "measure": measure})


def _people(columns: GoalColumns, owners: Iterable[str], most: int) -> Iterator[Finding]:
    owned: dict[str, int] = {}
    for place in range(len(columns)):
        mine = {columns.text("owner", place)}
        if place in columns.rich:
            mine |= {change.owner for change in columns.rich[place].changes if change.owner is not None}
        for name in mine - {""}:
            owned[name] = owned.get(name, 0) + 1
    for owner, count in owned.items():
        if count > most:
            yield Finding("too_many_goals", owner=owner, params={"count": count, "most": most})
    for owner in dict.fromkeys(owners):
        if owner not in owned:
            yield Finding("owner_without_goals", owner=owner)
