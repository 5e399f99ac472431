"""The tree of goals: who owns what, why it matters, and whether the parts make the whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from perfkit._core.checks import several
from perfkit._core.columns import read_exact
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact
from perfkit._core.tables import as_array
from perfkit._goals.brief import GoalBrief, brief
from perfkit._goals.columns import CODES, GoalColumns, columns_of, periods_of, read_columns
from perfkit._goals.definition import Goal
from perfkit._goals.effective import goal_on, is_there, line_on, stretches_of
from perfkit._goals.index import GoalIndex, check_units, index_of
from perfkit._goals.lint import lint
from perfkit._goals.period import Period
from perfkit._goals.report import GoalReport, Override
from perfkit._goals.roll_up import Seen, report_of
from perfkit._goals.rules import GoalMissing, GoalRules
from perfkit._goals.views import tree_html, tree_text
from perfkit.errors import DefinitionError, GoalTreeError, did_you_mean
from perfkit.findings import Findings


@frozen
class Shortfall:
    """A goal whose parts do not add up to it, even if each of them hits its target.

    Attributes:
        id: of the goal.
        target: what the goal is to reach, with what its parts deliberately reach more.
        parts: what its parts reach together.
        missing: how much they leave open; negative where they reach more.
        measure: which number it is about: ``target`` or ``baseline``.
    """

    _repr_html_ = definition

    id: str
    target: Fraction
    parts: Fraction
    measure: str = "target"

    @property
    def missing(self) -> Fraction:
        """The target less what the parts reach."""
        return self.target - self.parts


@frozen(init=False, repr=False, eq=False)
class GoalTree:
    """Goals in a tree: a strategy at the top, goals that people own below.

    A goal may drive further goals besides the one above it (``contributes``), with shares that add up to at most one,
    so that nothing counts twice at the top.

    Args:
        roots: the goals at the top, each with its own below.

    Raises:
        GoalTreeError: for an id used twice, a cycle, or contributions to goals that are not there.

    Example:
        >>> year = Goal("arr", target=20, baseline=10, unit="EUR").decompose({"emea": 3, "amer": 2})
        >>> tree = GoalTree([year]).add(Goal("emea.logos", owner="ana", target=120), under="emea")
        >>> [goal.id for goal in tree.line_of_sight("emea.logos")]
        ['emea.logos', 'emea', 'arr']
        >>> report = tree.roll_up({"emea.logos": 60, "amer": 6})
        >>> report["emea"].progress, report["arr"].progress, report["arr"].coverage
        (0.5, 0.5, 1.0)
    """

    columns: GoalColumns = field()

    def __init__(self, roots: Goal | Iterable[Goal]) -> None:
        goals = several(roots)
        odd = [root for root in goals if not isinstance(root, Goal)]
        if odd:
            raise GoalTreeError(f"a goal tree must hold goals (got {odd[0]!r})", path="roots")
        self._settle(columns_of(goals))

    def _settle(self, columns: GoalColumns) -> None:
        self.__attrs_init__(columns)
        # The index finds cycles and contributions that lead nowhere.
        len(self._index.ids)
        check_units(columns)

    @classmethod
    def from_columns(cls, *, id: Any, parent: Any, **columns: Any) -> GoalTree:
        """A tree from columns: one row a goal, in any order; a million of them as quickly as arrays go.

        Args:
            id: of each goal.
            parent: the id of the goal above; None, NaN or an empty text for those at the top.
            columns: any other argument of :class:`Goal`, as a column; None or NaN in a row takes the default. A row
                that gives more than numbers, texts, a period, a roll-up, a line's direction or a rule over time is
                read as a goal of its own, which takes its time.

        Raises:
            GoalTreeError: for unknown columns or parents, ids used twice, rows that make no goal, or a cycle, with its
                path: the first places and how many there are.

        Example:
            >>> GoalTree.from_columns(id=["b", "a"], parent=["a", None], target=[5, 9]).roots[0].children[0].id
            'b'
        """
        tree = cls.__new__(cls)
        tree._settle(read_columns(id, parent, columns))
        return tree

    @cached_property
    def _index(self) -> GoalIndex:
        return index_of(self.columns)

    @property
    def ids(self) -> Sequence[str]:
        """The goals, in the order in which they were given: that of every column of a report."""
        return self.columns.ids

    @cached_property
    def roots(self) -> tuple[Goal, ...]:
        """The goals at the top, each with its own below."""
        return tuple(self.columns.tree(place) for place in self.columns.parts(-1))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GoalTree) and self.roots == other.roots

    def __hash__(self) -> int:
        return hash(self.roots)

    def walk(self) -> Iterator[Goal]:
        """Every goal, each before its own parts."""
        for root in self.roots:
            yield from root.walk()

    def __len__(self) -> int:
        return len(self.columns)

    def __contains__(self, id: object) -> bool:
        return id in self.columns.places

    def __getitem__(self, id: str) -> Goal:
        return self.columns.tree(self.columns.place(id))

    def add(self, goal: Goal, *, under: str | None = None) -> GoalTree:
        """The tree with one more goal, under another or at the top."""
        if under is None:
            return GoalTree((*self.roots, goal))
        above = self[under]
        return self.replace(evolve(above, children=(*above.children, goal)))

    def replace(self, goal: Goal) -> GoalTree:
        """The tree with another goal in the place of the one with its id, parts and all."""
        line = [self.columns.tree(place) for place in self.columns.line(self.columns.place(goal.id))]
        for lower, upper in pairwise(line):
            parts = [goal if child.id == lower.id else child for child in upper.children]
            goal = evolve(upper, children=parts)
        return GoalTree([goal if root.id == goal.id else root for root in self.roots])

    def decompose(self, id: str, parts: Mapping[str, Number] | Sequence[str], **options: Any) -> GoalTree:
        """The tree with one of its goals broken down; see :meth:`perfkit.goals.Goal.decompose`.

        Example:
            >>> tree = GoalTree([Goal("arr", target=100).decompose({"emea": 3, "amer": 1})])
            >>> [int(part.target) for part in tree.decompose("emea", ["ana", "ben", "eve"])["emea"].children]
            [25, 25, 25]
        """
        return self.replace(self[id].decompose(parts, **options))

    def decompose_along(
        self,
        id: str,
        path: Sequence[str],
        table: Mapping[str, Any],
        *,
        by: str | None = None,
        owner: str | None = None,
        step: Number | None = None,
        over_assignment: Number = 0,
    ) -> GoalTree:
        """The tree with a goal broken down along a whole path in one call, such as regions, teams and people.

        Each level takes its part of the level above in proportion to a column, and adds up to it exactly.

        Args:
            id: of the goal.
            path: the columns of the levels, from the top down, such as ``["region", "team", "person"]``.
            table: columns with one row for each goal of the last level.
            by: the column of capacity or history that shares go by; equal for each row when not given.
            owner: the column of who owns the goals of the last level.
            step: the least amount that a target moves by.
            over_assignment: by how much the parts of each level reach more than the goal above them.

        Returns:
            the tree, with ids such as ``arr/emea/north/ana``.

        Raises:
            GoalTreeError: for columns that are not there, of unequal length, or with the same path twice.

        Example:
            >>> people = {"region": ["emea", "emea", "amer"], "person": ["ana", "ben", "eve"], "quota": [2, 1, 1]}
            >>> tree = GoalTree([Goal("arr", target=1_000)])
            >>> tree = tree.decompose_along("arr", ["region", "person"], people, by="quota")
            >>> [(goal.id, int(goal.target)) for goal in tree["arr/emea"].walk()]
            [('arr/emea', 750), ('arr/emea/ana', 500), ('arr/emea/ben', 250)]
        """
        rows = _paths(path, table, [name for name in (by, owner) if name is not None])
        n = len(rows)
        shares = [Fraction(1)] * n if by is None else _exact_column(by, table[by])
        owners = [""] * n if owner is None else [str(name) for name in table[owner]]
        whole = _broken(
            self[id], list(zip(rows, shares, owners, strict=True)), step=step, over_assignment=over_assignment
        )
        return self.replace(whole)

    def at(self, day: date) -> GoalTree:
        """The tree as it is on a day: with the weights, targets, owners and places that hold then, and who is there."""
        goals: dict[str, Goal] = {}
        under: dict[str, str | None] = {}
        for place, id in enumerate(self.columns.ids):
            goal = self.columns.goal(place)
            above = int(self.columns.above[place])
            under[id] = None if above < 0 else self.columns.ids[above]
            there = (goal.joined is None or day >= goal.joined) and (goal.left is None or day <= goal.left)
            if there:
                changed = {
                    name: value
                    for change in goal.changes
                    if change.on <= day
                    for name in ("weight", "target", "baseline", "owner", "under")
                    if (value := getattr(change, name)) is not None
                }
                under[id] = changed.pop("under", under[id])
                goals[id] = evolve(goal, children=(), changes=(), joined=None, left=None, **changed)
        return _nested(goals, under)

    def owned_by(self, owner: str, *, as_of: date | None = None) -> tuple[Goal, ...]:
        """The goals that someone owns, from the top down; on a day, those that are there and theirs by then."""
        columns = self.columns
        changed = {place for place, goal in columns.rich.items() if goal.changes or goal.joined or goal.left}
        mine = [place for place in range(len(self)) if place not in changed and columns.text("owner", place) == owner]
        mine += [
            place
            for place in changed
            if is_there(columns.rich[place], as_of) and goal_on(columns.rich[place], as_of).owner == owner
        ]
        return tuple(columns.goal(place) for place in sorted(mine))

    def ownership(self, id: str, over: Period | None = None) -> tuple[tuple[str, Fraction], ...]:
        """Who owned a goal, each with the share of the days on which it was there; nobody where it was on none.

        Args:
            id: of the goal.
            over: the days; the goal's period when not given.

        Raises:
            GoalTreeError: without a period.
        """
        goal, period = self.columns.goal(self.columns.place(id)), over or self.period_of(id)
        if period is None:
            raise GoalTreeError(f"{id!r} has no period to share among its owners; give over=", path=id)
        days: dict[str, int] = {}
        for stretch, then in stretches_of(goal, period, "owner"):
            days[then.owner] = days.get(then.owner, 0) + stretch.days
        whole = sum(days.values())
        return tuple((owner, Fraction(count, whole)) for owner, count in days.items())

    def line_of_sight(self, id: str, *, as_of: date | None = None) -> tuple[Goal, ...]:
        """A goal and each goal that it drives, up to the strategy: why it matters.

        It drives the goal above it; or, where no share of it counts there, the one that it contributes most to.

        Args:
            id: of the goal.
            as_of: the day, where goals move or change; as they were defined when not given.
        """
        columns = self.columns
        return tuple(goal_on(columns.goal(place), as_of) for place in line_on(columns, columns.place(id), as_of))

    def reconcile(self) -> tuple[Shortfall, ...]:
        """The goals that sum up parts and would not be reached if every part hit its target; exact."""
        columns, edges = self.columns, self._index.edges
        found = []
        for place in np.flatnonzero(columns.roll_up == CODES["sum"]).tolist():
            into = edges.into(place)
            goal = columns.goal(place)
            if goal.target is None or not len(into):
                continue
            parts = sum((self._driven(place, int(edge)) for edge in into), Fraction(0))
            whole = goal.target * (1 + goal.over_assignment)
            if parts != whole:
                found.append(Shortfall(goal.id, whole, parts))
        return tuple(found)

    def _driven(self, place: int, edge: int) -> Fraction:
        """What a part of a sum brings to it if it hits its target."""
        goal = self.columns.goal(int(self._index.edges.child[edge]))
        shares = [part.share for part in goal.contributes if self.columns.places[part.to] == place]
        if shares:
            return shares[0] * (goal.target or Fraction(0))
        rest = 1 - sum((part.share for part in goal.contributes), Fraction(0))
        return (rest if goal.share is None else goal.share) * (goal.target or Fraction(0))

    def roll_up(
        self,
        seen: Seen,
        *,
        as_of: date | None = None,
        rules: GoalRules | None = None,
        missing: GoalMissing | None = None,
        previous: GoalReport | None = None,
        overrides: Override | Iterable[Override] = (),
    ) -> GoalReport:
        """Where every goal stands, from what was observed.

        A goal that was itself observed stands for its parts. Where goals change over time, each stretch of days in
        which nothing changes is rolled up by itself, and the result is their mean by days.

        Args:
            seen: the observed value of goals by id, None for none; an array with a value for each goal in the order of
                :attr:`ids`, NaN for none; or check-ins.
            as_of: the day for which progress is expected; nothing is expected when not given, and all check-ins count.
            rules: the choices where known systems differ; see :class:`perfkit.GoalRules`.
            missing: the rule for what is missing, in place of that of the rules.
            previous: the last report, for ``missing="carry"``.
            overrides: what is put in by hand.

        Raises:
            DataError: for ids that are not in the tree, values that are no finite numbers, an observed goal without
                a target, or a day outside the period of a goal at the top.
        """
        return report_of(
            self.columns,
            self._index,
            seen,
            as_of=as_of,
            rules=rules or GoalRules(),
            missing=missing,
            previous=previous,
            overrides=overrides,
        )

    def carry_over(
        self, report: GoalReport, period: Period, *, keep: Iterable[str] | None = None, start: str = "value"
    ) -> GoalTree:
        """The goals that go on into the next period: those not reached, with the goals above them.

        Args:
            report: where they stood at the close.
            period: the next period.
            keep: the ids that go on; every goal at the bottom that was not reached when not given.
            start: whether the baseline of a goal that goes on is the last ``value``, or stays the ``baseline``.

        Raises:
            GoalTreeError: if nothing goes on.
        """
        if start not in ("value", "baseline"):
            raise GoalTreeError(f"start must be value or baseline (got {start!r})", path="start")
        if keep is None:
            bottom = [id for place, id in enumerate(self.ids) if not self.columns.parts(place)]
            chosen = [id for id in bottom if not (report.progress[report.columns.place(id)] >= 1)]
        else:
            chosen = [self.columns.ids[self.columns.place(id)] for id in keep]
        if not chosen:
            raise GoalTreeError("nothing goes on into the next period: every goal was reached")
        kept = {place for id in chosen for place in self.columns.line(self.columns.place(id))}
        goals, under = {}, {}
        for place in sorted(kept):
            goal, above = self.columns.goal(place), int(self.columns.above[place])
            base, value = goal.baseline, report.value[report.columns.place(goal.id)]
            moved = start == "value" and goal.is_linear and not np.isnan(value) and exact(float(value)) != goal.target
            under[goal.id] = None if above < 0 else self.ids[above]
            contributes = tuple(part for part in goal.contributes if self.columns.places[part.to] in kept)
            goals[goal.id] = evolve(
                goal,
                period=period if goal.period is not None or above < 0 else None,
                baseline=exact(float(value)) if moved else base,
                contributes=contributes,
                supports=tuple(id for id in goal.supports if self.columns.places[id] in kept),
                changes=(),
                joined=None,
                left=None,
                plan=None,
                children=(),
            )
        return _nested(goals, under)

    def period_of(self, id: str) -> Period | None:
        """The period of a goal: its own, or that of the nearest goal above that has one."""
        place = int(periods_of(self.columns)[self.columns.place(id)])
        return None if place < 0 else self.columns.periods[place]

    def brief(self, owner: str, report: GoalReport | None = None, *, as_of: date | None = None) -> GoalBrief:
        """What somebody is to know of their goals: what is mine, why it matters, what is expected by when.

        Args:
            owner: who.
            report: where the goals stand, to say that too.
            as_of: the day whose targets, owners and goals above are told; that of the report when not given.

        Raises:
            GoalTreeError: if nobody of that name owns a goal.

        Example:
            >>> year = Goal("arr", title="Revenue", period=Period.year(2026), target=100)
            >>> tree = GoalTree([year.decompose({"emea": 3, "amer": 1}, owners={"emea": "ana"})])
            >>> print(tree.brief("ana"))
            ana: 1 goal
            <BLANKLINE>
            emea
              what        from 0 to 75
              when        2026-01-01 to 2026-12-31
              why         Revenue (75.0% of it)
              2026-03-31  18.49
              2026-06-30  37.19
              2026-09-30  56.1
              2026-12-31  75
        """
        day = report.as_of if as_of is None and report is not None else as_of
        return brief(self.columns, self._index, owner, report, self.owned_by(owner, as_of=day), day)

    def lint(
        self,
        *,
        owners: Iterable[str] = (),
        jobs: Mapping[str, Iterable[str]] | None = None,
        history: Mapping[str, Sequence[Number]] | None = None,
        most_goals: int = 7,
        largest_weight: Number = 0.5,
        least_weight: Number = 0.05,
    ) -> Findings:
        """What is odd about the tree: orphans, goals without owners or measures, weights, noise, and the like.

        Args:
            owners: who should own a goal.
            jobs: the measures that each job answers for; goals whose measure is in none are found, and so are duties
                that no goal measures.
            history: past values of goals by id; a target that lies within what they vary by anyway is found (natural
                process limits of Wheeler: 2.66 mean moving ranges around the mean).
            most_goals: how many goals somebody can follow.
            largest_weight: above which share one of several goals decides alone; of two, one decides alone where the
                other moves nothing.
            least_weight: below which share a goal moves nothing.

        Raises:
            DataError: for a history of goals that are not in the tree.

        Example:
            >>> parts = [Goal("a", target=1, weight=8), Goal("b", owner="ben"), Goal("c", target=1)]
            >>> print(GoalTree([Goal("top", children=parts)]).lint(owners=["ana"]))
            strategy_without_owner  nobody owns 'top', which stands at the top: name an owner
            unmeasurable            'b' cannot be measured: give it a target, a direction such as milestones, or parts
            concentration           'a' alone stands for 80% of 'top', with 2 beside it: break it down
            owner_without_goals     ana owns no goal: break one down to them
        """
        return lint(
            self.columns,
            self._index,
            owners=owners,
            jobs=jobs,
            history=history,
            most_goals=most_goals,
            largest_weight=largest_weight,
            least_weight=least_weight,
        )

    def text(self, *, depth: int | None = None, rows: int = 500) -> str:
        """The tree as a table: what each goal is, who owns it, and what it is to reach.

        Args:
            depth: how many levels to show; all when not given.
            rows: how many goals to show at most; the rest is counted.
        """
        return tree_text(self.columns, depth, rows)

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return tree_html(self.columns)

    def __repr__(self) -> str:
        first = [self.columns.ids[place] for place in self.columns.parts(-1)[:3]]
        more = ", ..." if len(self.columns.parts(-1)) > 3 else ""
        return f"<GoalTree of {len(self):,} goals: {', '.join(first)}{more}>"


def _nested(goals: Mapping[str, Goal], under: Mapping[str, str | None]) -> GoalTree:
    """A tree of goals without parts, each under another or at the top; who is under nobody there is at the top."""
    below: dict[str | None, list[str]] = {}
    for id in goals:
        above = under[id]
        while above is not None and above not in goals:
            above = under[above]
        below.setdefault(above, []).append(id)
    order = list(below.get(None, []))
    for id in order:
        order.extend(below.get(id, []))
    made: dict[str, Goal] = {}
    for id in reversed(order):
        parts = [made[part] for part in below.get(id, [])]
        made[id] = evolve(goals[id], children=parts) if parts else goals[id]
    return GoalTree([made[id] for id in below.get(None, [])])


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
    rows = list(zip(*([str(name) for name in table[column]] for column in path), strict=True))
    if len(set(rows)) < len(rows):
        twice = next(row for row in rows if rows.count(row) > 1)
        raise GoalTreeError(f"each row must have its own path (got {'/'.join(twice)} twice)", path="/".join(twice))
    return rows


def _exact_column(name: str, column: Any) -> list[Fraction]:
    ratios = read_exact(name, as_array(name, column), range(len(column)))
    return [ratios.fraction(row) for row in range(len(column))]


def _broken(
    goal: Goal,
    rows: Sequence[tuple[tuple[str, ...], Fraction, str]],
    *,
    step: Number | None,
    over_assignment: Number,
) -> Goal:
    """A goal broken down by the first names of the rows, and its parts by the rest."""
    groups: dict[str, list[tuple[tuple[str, ...], Fraction, str]]] = {}
    for (first, *rest), share, owner in rows:
        groups.setdefault(f"{goal.id}/{first}", []).append((tuple(rest), share, owner))
    shares = {id: sum((share for _, share, _ in group), Fraction(0)) for id, group in groups.items()}
    try:
        broken = goal.decompose(shares, step=step, over_assignment=over_assignment)
    except DefinitionError as error:
        raise GoalTreeError(f"{goal.id!r} cannot be broken down: {error}", path=goal.id) from error
    parts = []
    for part in broken.children:
        group = groups[part.id]
        if group[0][0]:
            parts.append(_broken(part, group, step=step, over_assignment=over_assignment))
        else:
            parts.append(evolve(part, owner=group[0][2]))
    return evolve(broken, children=parts)
