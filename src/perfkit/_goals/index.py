"""Who drives whom on a day: goals in levels, and their edges in groups that one pass of arrays rolls up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from perfkit._goals.columns import CODES, OF_VALUES, AnyColumn, FloatColumn, GoalColumns, IntColumn, further
from perfkit._goals.definition import Goal
from perfkit._goals.effective import goal_on
from perfkit._goals.relations import Change
from perfkit.errors import SHOWN, GoalTreeError

BoolColumn = npt.NDArray[np.bool_]
Rows = slice | IntColumn


@frozen(eq=False)
class Group:
    """The edges into the goals of one level that are rolled up in one way.

    Attributes:
        code: of the roll-up.
        parents: the ranks of the goals of the level.
        count: how many goals the level has.
        into: for each edge, which goal of the level it goes into.
        children: the rank of the goal that it comes from.
        weight: how much it counts there: weight times share.
        share: how much of the value counts there; None where all of it does.
        whole: the weights that go into each goal of the level together.
        size: how much of the goal each edge stands for, adding up to 1 for each goal.
        takes: which goals of the level are rolled up in this way; None where all are.
    """

    code: int
    parents: slice
    count: int
    into: IntColumn
    children: Rows
    weight: FloatColumn
    whole: FloatColumn
    share: FloatColumn | None
    size: FloatColumn
    takes: BoolColumn | None


@frozen(eq=False)
class GoalIndex:
    """The goals that are there on a day, in levels from the top down.

    Attributes:
        order: the place of each goal by rank, ranks going level by level; None where places are in this order.
        rank: the rank of each goal by place; None where it is the place.
        groups: from the deepest level up.
        baseline: by rank.
        span: the target less the baseline, by rank.
        kind: by rank, as in the columns.
        odd: the goals that are measured otherwise than by a line, by rank, as they are on the day.
        odd_ranks: their ranks, in order.
        here: which goals are there on the day, by rank; None where all are.
        by_value: whether any goal is rolled up by values.
        has_baseline: whether any baseline is other than 0.
        all_linear: whether every goal is measured from a baseline to a target.
        counts: which goals count somewhere: all but headings, by rank.
        ids: of the goals, by place.
        edges: by place, in the order of definition, with automatic weights worked out.
    """

    order: IntColumn | None
    rank: IntColumn | None
    groups: tuple[Group, ...]
    baseline: FloatColumn
    span: FloatColumn
    kind: npt.NDArray[np.int8]
    odd: dict[int, Goal]
    odd_ranks: IntColumn
    here: BoolColumn | None
    counts: BoolColumn
    ids: Sequence[str] = field(repr=False)
    edges: Edges = field(repr=False)
    by_value: bool
    has_baseline: bool
    all_linear: bool

    def by_place(self, column: AnyColumn) -> AnyColumn:
        """A column by rank in the order of places."""
        return column if self.rank is None else column[self.rank]

    def by_rank(self, column: AnyColumn) -> AnyColumn:
        """A column by place in the order of ranks."""
        return column if self.order is None else column[self.order]

    def rank_of(self, place: int) -> int:
        """The rank of a goal."""
        return place if self.rank is None else int(self.rank[place])

    def place_of(self, ranks: IntColumn) -> IntColumn:
        """The places of goals by their ranks."""
        return ranks if self.order is None else self.order[ranks]


@frozen(eq=False)
class Edges:
    """What drives what: a lower goal, an upper goal, the weight there and the share that counts."""

    child: IntColumn
    parent: IntColumn
    weight: FloatColumn
    share: FloatColumn

    @cached_property
    def _by_parent(self) -> tuple[IntColumn, IntColumn]:
        order = np.argsort(self.parent, kind="stable")
        return order, self.parent[order]

    def into(self, place: int) -> IntColumn:
        """The edges into a goal, in the order of definition."""
        order, parents = self._by_parent
        first, last = np.searchsorted(parents, (place, place + 1))
        return order[first:last]


def index_of(columns: GoalColumns, day: date | None = None) -> GoalIndex:
    """The goals as they are on a day; as they were defined at first when none is given.

    Raises:
        GoalTreeError: for a cycle, with its path, or contributions to goals that are not there.
    """
    edges, here = _edges(columns, day)
    order, levels = _level_order(len(columns), edges, _depths(columns, edges))
    points = _points(columns, day)
    return _compiled(columns, _in_force_edges(columns, edges, here), here, order, levels, points, day)


def _in_force(goal: Goal, day: date | None, name: str) -> Change | None:
    """The last change of a field up to a day."""
    found = [change for change in goal.changes if day is not None and change.on <= day]
    return next((change for change in reversed(found) if getattr(change, name) is not None), None)


def _edges(columns: GoalColumns, day: date | None) -> tuple[Edges, BoolColumn | None]:
    n = len(columns)
    above, weight = columns.above, columns.numbers["weight"]
    share = np.where(np.isnan(columns.numbers["share"]), 1.0, columns.numbers["share"])
    here = np.ones(n, dtype=np.bool_)
    extra = further(columns)
    changed = [(place, goal) for place, goal in columns.rich.items() if goal.changes or goal.joined or goal.left]
    if changed or extra:
        above, weight, share = above.copy(), weight.copy(), share.copy()
    for place, goal in changed:
        moved, reweighted = _in_force(goal, day, "under"), _in_force(goal, day, "weight")
        if moved is not None:
            above[place] = columns.places[str(moved.under)]
        if reweighted is not None:
            weight[place] = float(reweighted.weight or 0)
        if day is not None:
            gone = goal.left is not None and day > goal.left
            here[place] = not gone and (goal.joined is None or day >= goal.joined)
    for place, goal in columns.rich.items():
        if goal.contributes and goal.share is None:
            rest = 1 - sum((part.share for part in goal.contributes), Fraction(0))
            share[place] = float(rest)
    child = np.flatnonzero((above >= 0) & (share > 0)) if extra else np.flatnonzero(above >= 0)
    parent, edge_weight, edge_share = above[child], weight[child], share[child]
    if extra:
        more = np.array([place for place, _ in extra], dtype=np.int64)
        child = np.concatenate([child, more])
        parent = np.concatenate([parent, [columns.places[part.to] for _, part in extra]]).astype(np.int64)
        own = [weight[place] if part.weight is None else float(part.weight) for place, part in extra]
        edge_weight = np.concatenate([edge_weight, own])
        edge_share = np.concatenate([edge_share, [float(part.share) for _, part in extra]])
    return Edges(child, parent, edge_weight, edge_share), None if bool(here.all()) else here


def _in_force_edges(columns: GoalColumns, edges: Edges, here: BoolColumn | None) -> Edges:
    """The edges that count: who is not there, or is only a heading, drives nothing, nor is who is not there driven."""
    child, parent, weight, share = edges.child, edges.parent, edges.weight, edges.share
    heading = columns.roll_up[child] == CODES["none"]
    if here is not None or heading.any():
        kept = ~heading if here is None else here[child] & here[parent] & ~heading
        child, parent, weight, share = child[kept], parent[kept], weight[kept], share[kept]
    return Edges(child, parent, _resolved(columns, parent, weight), share)


def _resolved(columns: GoalColumns, parent: IntColumn, weight: FloatColumn) -> FloatColumn:
    """Weights with the automatic ones worked out: an equal part of what the fixed ones leave."""
    automatic = np.isnan(weight)
    if not automatic.any():
        return weight
    n = len(columns)
    fixed = np.bincount(parent, np.where(automatic, 0.0, weight), minlength=n)
    count = np.bincount(parent, automatic, minlength=n)
    whole = columns.numbers["weights_add_up_to"]
    left = np.where(np.isnan(whole), 100.0, whole) - fixed
    with np.errstate(divide="ignore", invalid="ignore"):
        each = left / count
    return np.where(automatic, each[parent], weight)


def _points(columns: GoalColumns, day: date | None) -> tuple[FloatColumn, FloatColumn]:
    baseline, target = columns.numbers["baseline"], columns.numbers["target"]
    changed = [(place, goal) for place, goal in columns.rich.items() if goal.changes]
    if changed:
        baseline, target = baseline.copy(), target.copy()
    for place, goal in changed:
        for name, column in (("baseline", baseline), ("target", target)):
            change = _in_force(goal, day, name)
            if change is not None:
                column[place] = float(getattr(change, name))
    return baseline, target


def _depths(columns: GoalColumns, edges: Edges) -> IntColumn:
    """How far each goal is from the top, by its longest way; a level at a time."""
    n = len(columns)
    by_parent = np.argsort(edges.parent, kind="stable")
    child = edges.child[by_parent]
    starts = np.searchsorted(edges.parent[by_parent], np.arange(n + 1))
    waits = np.bincount(edges.child, minlength=n)
    depth = np.zeros(n, dtype=np.int64)
    frontier = np.flatnonzero(waits == 0)
    seen, level = len(frontier), 0
    simple = bool((waits <= 1).all())
    while len(frontier):
        level += 1
        below = child[_spans(starts[frontier], starts[frontier + 1])]
        if simple:
            frontier = below
        else:
            np.subtract.at(waits, below, 1)
            frontier = np.unique(below[waits[below] == 0])
        depth[frontier] = level
        seen += len(frontier)
    if seen < n:
        raise _cycle(columns, edges)
    return depth


def _spans(first: IntColumn, last: IntColumn) -> IntColumn:
    """The whole numbers from each first up to its last, one after the other."""
    lengths = last - first
    ends = np.cumsum(lengths)
    if not len(ends) or not ends[-1]:
        return np.empty(0, dtype=np.int64)
    return np.repeat(first - (ends - lengths), lengths) + np.arange(ends[-1])


def _cycle(columns: GoalColumns, edges: Edges) -> GoalTreeError:
    """The error for goals that are under each other, with the path."""
    # Peel off what nothing is above, then what nothing is below, until only cycles, and what is between two, are left.
    rest = _peeled(edges.child.tolist(), edges.parent.tolist(), _peeled(edges.parent.tolist(), edges.child.tolist()))
    above = {
        child: parent
        for child, parent in zip(edges.child.tolist(), edges.parent.tolist(), strict=True)
        if child in rest and parent in rest
    }
    place, step_of = min(rest), dict[int, int]()
    while place not in step_of:
        step_of[place] = len(step_of)
        place = above[place]
    path = list(step_of)[step_of[place] :]
    loop = [columns.ids[step] for step in [*path, place]]
    shown = loop if len(loop) <= 2 * SHOWN else [*loop[:SHOWN], f"... {len(loop) - 2 * SHOWN} more ...", *loop[-SHOWN:]]
    count = "" if len(rest) == len(path) else f"; {len(rest):,} goals are in cycles"
    if not count and len(path) > SHOWN:
        count = f"; {len(path):,} goals in all"
    return GoalTreeError(
        f"goals must not form a cycle (got {' under '.join(shown)}{count}); put one of them elsewhere", path=loop[0]
    )


def _peeled(near: list[int], far: list[int], kept: set[int] | None = None) -> set[int]:
    """The goals that are left when those that are no near end of an edge are taken away, one after the other."""
    edges = [(one, other) for one, other in zip(near, far, strict=True) if kept is None or {one, other} <= kept]
    waits: dict[int, int] = {}
    beyond: dict[int, list[int]] = {}
    for one, other in edges:
        waits[one] = waits.get(one, 0) + 1
        beyond.setdefault(other, []).append(one)
    ready = [other for other in beyond if other not in waits]
    for other in ready:
        for one in beyond.get(other, ()):
            waits[one] -= 1
            if not waits[one]:
                ready.append(one)
    return {one for one, count in waits.items() if count}


def _compiled(
    columns: GoalColumns,
    edges: Edges,
    here: BoolColumn | None,
    order: IntColumn,
    levels: IntColumn,
    points: tuple[FloatColumn, FloatColumn],
    day: date | None,
) -> GoalIndex:
    n = len(columns)
    rank = np.empty(n, dtype=np.int64)
    rank[order] = np.arange(n)
    in_order = bool((order == np.arange(n)).all())
    baseline, target = (column[order] for column in points)
    span = target - baseline
    child, parent = rank[edges.child], rank[edges.parent]
    # By the goal above, then in the order of definition, so that sums run in one order on every machine.
    by_parent = np.argsort(parent, kind="stable")
    child, parent = child[by_parent], parent[by_parent]
    weight, share = edges.weight[by_parent] * edges.share[by_parent], edges.share[by_parent]
    whole_share = bool((share == 1).all())
    code, kind = columns.roll_up[order], columns.kind[order]
    groups: list[Group] = []
    for first, last in reversed(list(pairwise(levels.tolist()))):
        start, end = np.searchsorted(parent, (first, last))
        if start == end:
            continue
        into = parent[start:end] - first
        into_code = code[parent[start:end]]
        for one in np.unique(into_code):
            chosen = np.flatnonzero(into_code == one) + start
            every = len(chosen) == end - start
            rows: Rows = slice(int(start), int(end)) if every else chosen
            inside = into if every else into[chosen - start]
            has_parts = np.zeros(last - first, dtype=np.bool_)
            has_parts[inside] = True
            counts = share[rows] if one in (CODES["mean"], CODES["product"]) else weight[rows]
            size = np.abs(span[child[rows]]) * share[rows] if one == CODES["sum"] else counts
            groups.append(
                Group(
                    int(one),
                    slice(int(first), int(last)),
                    int(last - first),
                    inside,
                    _as_slice(child[rows]),
                    counts,
                    np.bincount(inside, counts, minlength=int(last - first)).astype(np.float64),
                    None if whole_share else share[rows],
                    _parts_of_one(inside, size, counts),
                    None if bool(has_parts.all()) else has_parts,
                )
            )
    rich = {int(rank[place]): goal_on(goal, day) for place, goal in columns.rich.items() if columns.kind[place] == 2}
    return GoalIndex(
        None if in_order else order,
        None if in_order else rank,
        tuple(groups),
        baseline,
        span,
        kind,
        rich,
        np.array(sorted(rich), dtype=np.int64),
        None if here is None else here[order],
        code != CODES["none"],
        columns.ids,
        edges,
        by_value=bool(np.isin(code, OF_VALUES).any()),
        has_baseline=bool((baseline != 0).any()),
        all_linear=bool((kind == 1).all()),
    )


def _level_order(n: int, edges: Edges, depth: IntColumn) -> tuple[IntColumn, IntColumn]:
    """Places level by level, the parts of each goal side by side in the order of definition; where levels begin."""
    first = np.full(n, -1, dtype=np.int64)
    first[edges.child[::-1]] = edges.parent[::-1]
    by_depth = np.argsort(depth, kind="stable")
    counts = np.bincount(depth)
    ends = np.cumsum(counts)
    rank = np.empty(n, dtype=np.int64)
    order = np.empty(n, dtype=np.int64)
    for level, end in enumerate(ends.tolist()):
        members = by_depth[end - counts[level] : end]
        if level:
            members = members[np.argsort(rank[first[members]], kind="stable")]
        order[end - counts[level] : end] = members
        rank[members] = np.arange(end - counts[level], end)
    return order, np.concatenate([[0], ends])


def _as_slice(ranks: IntColumn) -> Rows:
    """Ranks as a slice where they run on one after the other, which reads them without a copy."""
    if len(ranks) and bool((np.diff(ranks) == 1).all()):
        return slice(int(ranks[0]), int(ranks[-1]) + 1)
    return ranks


def _parts_of_one(into: IntColumn, size: FloatColumn, otherwise: FloatColumn) -> FloatColumn:
    """Sizes as parts of one for each goal; by another measure where they come to nothing."""
    whole = np.bincount(into, size)
    empty = ~(whole[into] > 0)
    if empty.any():
        size = np.where(empty, otherwise, size)
        whole = np.bincount(into, size)
    return size / whole[into]
