"""A goal broken down along a whole path of levels, by a table with a row for each goal of the last one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Any

from attrs import evolve, field, frozen

from perfkit._core.columns import read_exact
from perfkit._core.numbers import Number, exact
from perfkit._core.tables import as_array
from perfkit._goals.columns import named
from perfkit._goals.definition import Goal
from perfkit._goals.sharing import Bounds, mapping_of
from perfkit.errors import DefinitionError, GoalTreeError, did_you_mean, row_list


@frozen(eq=False)
class Branch:
    """A goal of the path before it has numbers.

    Attributes:
        id: of the goal.
        share: of the rows below it, together.
        owner: of a goal of the last level.
        below: the goals of the next level by id.
        low: the least target; None for none.
        high: the greatest target; None for none.
    """

    id: str
    share: Fraction = Fraction(0)
    owner: str = ""
    below: Mapping[str, Branch] = field(factory=dict)
    low: Fraction | None = None
    high: Fraction | None = None


@frozen
class Terms:
    """What holds for every level of a decomposition."""

    by: bool
    step: Fraction | None
    over: Fraction
    minimum: Mapping[str, Fraction]
    maximum: Mapping[str, Fraction]
    least: Fraction | None
    most: Fraction | None


def broken_along(
    goal: Goal,
    path: Sequence[str],
    table: Mapping[str, Any],
    *,
    by: str | None,
    owner: str | None,
    step: Number | None,
    minimum: Bounds,
    maximum: Bounds,
    over_assignment: Number,
) -> Goal:
    """A goal broken down along a path; see :meth:`perfkit.GoalTree.decompose_along`."""
    rows = _paths(path, table, [name for name in (by, owner) if name is not None])
    shares = [Fraction(1)] * len(rows) if by is None else _exact_column(by, table[by])
    owners = [""] * len(rows) if owner is None else named(as_array(owner, table[owner]).tolist())
    branch = _grown(goal.id, list(zip(rows, shares, owners, strict=True)))
    least, low = _bounds(minimum, "minimum", branch)
    most, high = _bounds(maximum, "maximum", branch)
    terms = Terms(
        by is not None,
        None if step is None else exact(step, what="step"),
        exact(over_assignment, what="over_assignment"),
        low,
        high,
        least,
        most,
    )
    try:
        return _broken(goal, _bounded(branch, goal, branch.share, terms), terms)
    except DefinitionError as error:
        raise GoalTreeError(f"{goal.id!r} cannot be broken down: {error}", path=goal.id) from error


def _paths(path: Sequence[str], table: Mapping[str, Any], further: Sequence[str]) -> list[tuple[str, ...]]:
    """The names of each row of a table, level by level."""
    if isinstance(path, str) or not path:
        raise GoalTreeError(f"path must be the columns of the levels, from the top down (got {path!r})", path="path")
    lost = [name for name in (*path, *further) if name not in table]
    if lost:
        raise GoalTreeError(f"the table has no column {lost[0]!r}{did_you_mean(lost[0], list(table))}", path=lost[0])
    lengths = {name: len(table[name]) for name in (*path, *further)}
    if len(set(lengths.values())) > 1:
        raise GoalTreeError(f"columns of the table must be of one length (got {lengths})")
    columns = {column: named(as_array(column, table[column]).tolist()) for column in path}
    for column, names in columns.items():
        empty = [row for row, name in enumerate(names) if not name.strip()]
        if empty:
            raise GoalTreeError(
                f"column {column!r} of the path must name a goal in every row (got nothing in "
                f"{row_list(empty, len(empty))}); fill them in, or leave those rows out",
                path=column,
            )
    rows = list(zip(*columns.values(), strict=True))
    seen: dict[tuple[str, ...], int] = {}
    for row, steps in enumerate(rows):
        if steps in seen:
            raise GoalTreeError(
                f"each row must have its own path (got {'/'.join(steps)} twice, rows {seen[steps]}, {row})",
                path="/".join(steps),
            )
        seen[steps] = row
    return rows


def _exact_column(name: str, column: Any) -> list[Fraction]:
    ratios = read_exact(name, as_array(name, column), range(len(column)))
    return [ratios.fraction(row) for row in range(len(column))]


def _grown(id: str, rows: Sequence[tuple[tuple[str, ...], Fraction, str]]) -> Branch:
    groups: dict[str, list[tuple[tuple[str, ...], Fraction, str]]] = {}
    for (first, *rest), share, owner in rows:
        groups.setdefault(f"{id}/{first}", []).append((tuple(rest), share, owner))
    below = {
        name: _grown(name, group) if group[0][0] else Branch(name, group[0][1], group[0][2])
        for name, group in groups.items()
    }
    return Branch(id, sum((share for _, share, _ in rows), Fraction(0)), below=below)


def _bounds(bounds: Bounds, which: str, branch: Branch) -> tuple[Fraction | None, dict[str, Fraction]]:
    """One bound for every goal of the last level, or those of single goals by their ids."""
    if bounds is None:
        return None, {}
    if not hasattr(bounds, "items"):
        return exact(bounds, what=which), {}
    ids = [one.id for one in _walk(branch)]
    given = mapping_of(bounds)
    unknown = sorted(set(given) - set(ids[1:]))
    if unknown:
        raise GoalTreeError(
            f"{which} names {unknown[0]!r}, which is no goal of the path{did_you_mean(unknown[0], ids)}; "
            f"give ids such as {ids[-1]!r}",
            path=which,
        )
    return None, {id: exact(bound, what=f"{which} of {id!r}") for id, bound in given.items()}


def _walk(branch: Branch) -> list[Branch]:
    found = [branch]
    for one in found:
        found.extend(one.below.values())
    return found


def _bounded(branch: Branch, goal: Goal, whole: Fraction, terms: Terms) -> Branch:
    """A branch with its own bounds and what those of the goals below it ask of it."""
    low, high = terms.minimum.get(branch.id), terms.maximum.get(branch.id)
    if not branch.below:
        low, high = terms.least if low is None else low, terms.most if high is None else high
        if terms.step:
            low = None if low is None else ceil(low / terms.step) * terms.step
            high = None if high is None else floor(high / terms.step) * terms.step
        return evolve(branch, low=low, high=high)
    below = {id: _bounded(one, goal, whole, terms) for id, one in branch.below.items()}
    # Nobody is given a target of the other sign than the goal unless a bound says so.
    outer = Fraction(0) if (goal.target or 0) >= 0 else None
    lows = [outer if one.low is None else one.low for one in below.values()]
    highs = [(None if outer == 0 else Fraction(0)) if one.high is None else one.high for one in below.values()]
    baseline = goal.baseline * branch.share / whole if whole else goal.baseline
    asked = [
        None if None in bounds else (sum(filter(None, bounds), Fraction(0)) + terms.over * baseline) / (1 + terms.over)
        for bounds in (lows, highs)
    ]
    if any(one.low is not None for one in below.values()) and asked[0] is not None:
        low = asked[0] if low is None else max(low, asked[0])
    if any(one.high is not None for one in below.values()) and asked[1] is not None:
        high = asked[1] if high is None else min(high, asked[1])
    return evolve(branch, below=below, low=low, high=high)


def _broken(goal: Goal, branch: Branch, terms: Terms) -> Goal:
    below, parts = branch.below, []
    shares: dict[str, Number] = {id: one.share for id, one in below.items()}
    if goal.over_time == "ratio" and not terms.by:
        broken = goal.decompose(list(below), step=terms.step, over_assignment=terms.over)
    else:
        reached = goal.target == goal.baseline
        broken = goal.decompose(
            # Of nothing, everybody takes the same.
            dict.fromkeys(below, 1) if reached and not any(shares.values()) else shares,
            step=terms.step,
            minimum={id: one.low for id, one in below.items() if one.low is not None} or None,
            maximum={id: one.high for id, one in below.items() if one.high is not None} or None,
            over_assignment=0 if reached else terms.over,
        )
    for part in broken.children:
        lower = below[part.id]
        parts.append(_broken(part, lower, terms) if lower.below else evolve(part, owner=lower.owner))
    return evolve(broken, children=parts)
