"""The tree of goals: who owns what, why it matters, and whether the parts make the whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from attrs import field, frozen

from perfkit._core.checks import several
from perfkit._core.numbers import Number
from perfkit._goals.along import broken_along
from perfkit._goals.brief import GoalBrief, brief
from perfkit._goals.carry_over import carried
from perfkit._goals.columns import GoalColumns, columns_of, dates_of, periods_of, read_columns
from perfkit._goals.definition import Goal
from perfkit._goals.effective import goal_on, is_there, line_on, stretches_of
from perfkit._goals.families import check_families
from perfkit._goals.index import GoalIndex, index_of
from perfkit._goals.lint import lint
from perfkit._goals.period import Period
from perfkit._goals.reconcile import Shortfall, shortfalls
from perfkit._goals.report import GoalReport, Override
from perfkit._goals.roll_up import Seen, report_of
from perfkit._goals.rules import GoalMissing, GoalRules
from perfkit._goals.sharing import Bounds, Shares
from perfkit._goals.snapshots import goals_on
from perfkit._goals.splicing import spliced
from perfkit._goals.views import tree_html, tree_text
from perfkit.errors import GoalTreeError
from perfkit.findings import Findings


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
        check_families(columns)
        # The index finds cycles.
        len(self._index.ids)

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
        return id in self.columns.places or (isinstance(id, int) and str(id) in self.columns.places)

    def __getitem__(self, id: str | int) -> Goal:
        return self.columns.tree(self.columns.place(id))

    def add(self, goal: Goal, *, under: str | None = None) -> GoalTree:
        """The tree with one more goal, under another or at the top."""
        return self._with(spliced(self.columns, goal, under=-1 if under is None else self.columns.place(under)))

    def replace(self, goal: Goal) -> GoalTree:
        """The tree with another goal in the place of the one with its id, parts and all."""
        return self._with(spliced(self.columns, goal, instead_of=self.columns.place(goal.id)))

    def _with(self, columns: GoalColumns) -> GoalTree:
        tree = GoalTree.__new__(GoalTree)
        if any(goal.contributes or goal.supports or dates_of(goal) for goal in columns.rich.values()):
            tree._settle(columns)
        else:
            # Without ties across the tree, the goal above has said all that there is to say.
            tree.__attrs_init__(columns)
        return tree

    def decompose(self, id: str, parts: Shares, **options: Any) -> GoalTree:
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
        minimum: Bounds = None,
        maximum: Bounds = None,
        over_assignment: Number = 0,
    ) -> GoalTree:
        """The tree with a goal broken down along a whole path in one call, such as regions, teams and people.

        Each level takes its part of the level above in proportion to a column, and adds up to it exactly.

        Args:
            id: of the goal.
            path: the columns of the levels, from the top down, such as ``["region", "team", "person"]``.
            table: columns with one row for each goal of the last level.
            by: the column of capacity or history that shares go by; equal for each row when not given.
            owner: the column of who owns the goals of the last level; nobody where it is empty.
            step: the least amount that a target moves by.
            minimum: the least target of every goal of the last level, or of goals of any level by id, such as
                ``arr/emea``; the goals above leave room for it.
            maximum: the greatest target of every goal of the last level, or of goals of any level by id.
            over_assignment: by how much the parts of each level reach further than the goal above them.

        Returns:
            the tree, with ids such as ``arr/emea/north/ana``.

        Raises:
            GoalTreeError: for columns that are not there, of unequal length, with rows that name no goal, or with the
                same path twice.

        Example:
            >>> people = {"region": ["emea", "emea", "amer"], "person": ["ana", "ben", "eve"], "quota": [2, 1, 1]}
            >>> tree = GoalTree([Goal("arr", target=1_000)])
            >>> tree = tree.decompose_along("arr", ["region", "person"], people, by="quota")
            >>> [(goal.id, int(goal.target)) for goal in tree["arr/emea"].walk()]
            [('arr/emea', 750), ('arr/emea/ana', 500), ('arr/emea/ben', 250)]
        """
        whole = broken_along(
            self[id],
            path,
            table,
            by=by,
            owner=owner,
            step=step,
            minimum=minimum,
            maximum=maximum,
            over_assignment=over_assignment,
        )
        return self.replace(whole)

    def at(self, day: date) -> GoalTree:
        """The tree as it is on a day: with the weights, targets, owners and places that hold then, and who is there."""
        return GoalTree(goals_on(self.columns, day))

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
        """The goals that sum or multiply parts and would not be reached if every part hit its target; exact.

        A goal is held against the parts that are there on each day, as a roll-up does: a sum of 100 that a part of 40
        joins in July is 40 short until then, unless its target changes on that day too. Where the parts start from
        elsewhere than the goal, that is told as well.

        Example:
            >>> from datetime import date
            >>> parts = [Goal("a", target=60), Goal("b", target=40, joined=date(2026, 7, 1))]
            >>> tree = GoalTree([Goal("all", period=Period.year(2026), target=100, roll_up="sum", children=parts)])
            >>> [(short.id, int(short.missing), str(short.until)) for short in tree.reconcile()]
            [('all', 40, '2026-06-30')]
        """
        return tuple(shortfalls(self.columns))

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
        """The goals that go on into the next period: those not reached at the close, with the goals above them.

        Goals that they contribute to go on with them, unless those were reached.

        They go on as they are on the first day of the period: with the owners, weights and targets that hold then,
        without who has left, and with later changes still to come. A sum or product is to reach what the parts that go
        on are to reach, and starts where they start; the factors of a product go on together. Thresholds that have been
        passed, plans by date, and weights that no longer add up are dropped.

        Args:
            report: where they stood at the close.
            period: the next period.
            keep: the ids that go on; every goal at the bottom that was not reached when not given.
            start: whether the baseline of a goal that goes on is the last ``value``, or stays the ``baseline``. One
                that was reached and goes on all the same keeps its baseline.

        Raises:
            GoalTreeError: if nothing goes on, or ``keep`` names a goal that has left.

        Example:
            >>> goal = Goal("all", period=Period.year(2026), target=100).decompose({"ana": 60, "ben": 40})
            >>> tree = GoalTree([goal])
            >>> later = tree.carry_over(tree.roll_up({"ana": 60, "ben": 10}), Period.year(2027))
            >>> [(goal.id, int(goal.baseline), int(goal.target)) for goal in later.walk()]
            [('all', 10, 40), ('ben', 10, 40)]
        """
        if start not in ("value", "baseline"):
            raise GoalTreeError(f"start must be value or baseline (got {start!r})", path="start")
        return GoalTree(carried(self.columns, report, period, keep, start))

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
