"""The tree of goals: who owns what, why it matters, and whether the parts make the whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from attrs import evolve, field, fields, frozen

from perfkit._core.checks import several
from perfkit._core.numbers import Number
from perfkit._goals.definition import Goal, Period
from perfkit._goals.index import GoalIndex
from perfkit._goals.report import GoalMissing, GoalReport, rolled_up
from perfkit.errors import GoalTreeError, did_you_mean


def _roots(goals: Goal | Iterable[Goal]) -> tuple[Goal, ...]:
    return several(goals)


@frozen
class Shortfall:
    """A goal whose parts do not add up to it, even if each of them hits its target.

    Attributes:
        id: of the goal.
        target: what the goal is to reach.
        parts: what its parts reach together.
        missing: how much they leave open; negative where they reach more.
    """

    id: str
    target: Fraction
    parts: Fraction

    @property
    def missing(self) -> Fraction:
        """The target less what the parts reach."""
        return self.target - self.parts


@frozen(repr=False)
class GoalTree:
    """Goals in a tree: a strategy at the top, goals that people own below.

    Args:
        roots: the goals at the top, each with its own below.

    Raises:
        GoalTreeError: for an id used twice.

    Example:
        >>> year = Goal("arr", target=20, baseline=10, unit="EUR").decompose({"emea": 3, "amer": 2})
        >>> tree = GoalTree([year]).add(Goal("emea.logos", owner="ana", target=120), under="emea")
        >>> [goal.id for goal in tree.line_of_sight("emea.logos")]
        ['emea.logos', 'emea', 'arr']
        >>> report = tree.roll_up({"emea.logos": 60, "amer": 6})
        >>> report["emea"].progress, report["arr"].progress, report["arr"].coverage
        (0.5, 0.5, 1.0)
    """

    roots: tuple[Goal, ...] = field(converter=_roots)

    def __attrs_post_init__(self) -> None:
        odd = [root for root in self.roots if not isinstance(root, Goal)]
        if odd:
            raise GoalTreeError(f"a goal tree must hold goals (got {odd[0]!r})", path="roots")
        # The index finds ids that are used twice.
        len(self)

    @classmethod
    def from_columns(cls, *, id: Sequence[str], parent: Sequence[str | None], **columns: Sequence[Any]) -> GoalTree:
        """A tree from columns: one row a goal, in any order.

        Args:
            id: of each goal.
            parent: the id of the goal above; None or an empty text for those at the top.
            columns: any other argument of :class:`Goal`, as a column; None in a row takes the default.

        Raises:
            GoalTreeError: for unknown parents, ids used twice, or a cycle, with its path.

        Example:
            >>> GoalTree.from_columns(id=["b", "a"], parent=["a", None], target=[5, 9]).roots[0].children[0].id
            'b'
        """
        known = [attribute.name for attribute in fields(Goal) if attribute.name not in ("id", "children")]
        odd = [name for name in columns if name not in known]
        if odd:
            raise GoalTreeError(f"a goal has no {odd[0]!r}{did_you_mean(odd[0], known)}; it has {', '.join(known)}")
        lengths = {name: len(column) for name, column in {"id": id, "parent": parent, **columns}.items()}
        if len(set(lengths.values())) > 1:
            raise GoalTreeError(f"columns of goals must be of one length (got {lengths})")
        below: dict[str, list[int]] = {}
        rows = {str(name): row for row, name in enumerate(id)}
        if len(rows) < len(id):
            names = [str(name) for name in id]
            raise GoalTreeError(
                f"ids of goals must differ (got {next(n for n in names if names.count(n) > 1)!r} twice)"
            )
        for row, above in enumerate(parent):
            if above and str(above) not in rows:
                hint = did_you_mean(str(above), rows)
                raise GoalTreeError(f"goal {id[row]!r} is under {above!r}, which is no goal{hint}", path=str(id[row]))
            below.setdefault(str(above) if above else "", []).append(row)
        _refuse_cycles(rows, parent)

        def build(row: int) -> Goal:
            given = {name: column[row] for name, column in columns.items() if column[row] is not None}
            return Goal(str(id[row]), **given, children=[build(child) for child in below.get(str(id[row]), [])])

        return cls([build(row) for row in below.get("", [])])

    def walk(self) -> Iterator[Goal]:
        """Every goal, each before its own parts."""
        return iter(self._index.goals)

    def __len__(self) -> int:
        return len(self._index.goals)

    def __contains__(self, id: object) -> bool:
        return id in self._index.places

    def __getitem__(self, id: str) -> Goal:
        return self._index.goals[self._index.place(id)]

    def add(self, goal: Goal, *, under: str | None = None) -> GoalTree:
        """The tree with one more goal, under another or at the top."""
        if under is None:
            return GoalTree((*self.roots, goal))
        self._index.place(under)
        return GoalTree([_with_child(root, goal, under) for root in self.roots])

    def owned_by(self, owner: str) -> tuple[Goal, ...]:
        """The goals that someone owns, from the top down."""
        return tuple(goal for goal in self.walk() if goal.owner == owner)

    def line_of_sight(self, id: str) -> tuple[Goal, ...]:
        """A goal and each goal above it, up to the strategy: why it matters."""
        return self._index.line(id)

    def reconcile(self) -> tuple[Shortfall, ...]:
        """The goals that sum up parts and would not be reached if every part hit its target; exact."""
        found = []
        for goal in self.walk():
            if goal.roll_up == "sum" and goal.children and goal.target is not None:
                parts = sum((child.target or Fraction(0) for child in goal.children), Fraction(0))
                if parts != goal.target:
                    found.append(Shortfall(goal.id, goal.target, parts))
        return tuple(found)

    def roll_up(
        self, actuals: Mapping[str, Number | None], *, as_of: date | None = None, missing: GoalMissing = "redistribute"
    ) -> GoalReport:
        """The progress of every goal from what was observed.

        A goal that was itself observed stands for its parts.

        Args:
            actuals: the observed value of goals by id; None for none.
            as_of: the day for which progress is expected; nothing is expected when not given.
            missing: what a goal without any observation does: ``redistribute`` its weight to its siblings, count as
                ``zero`` progress, or ``refuse``.

        Raises:
            DataError: for ids that are not in the tree, values that are no finite numbers, an observed goal without
                a target, or a day outside the period of a goal at the top.
        """
        return rolled_up(self._index, actuals, as_of, missing)

    def period_of(self, id: str) -> Period | None:
        """The period of a goal: its own, or that of the nearest goal above that has one."""
        return self._index.period_of(id)

    @cached_property
    def _index(self) -> GoalIndex:
        return GoalIndex.of(self.roots)

    def __repr__(self) -> str:
        return f"<GoalTree of {len(self):,} goals: {', '.join(root.id for root in self.roots)}>"


def _with_child(goal: Goal, child: Goal, under: str) -> Goal:
    if goal.id == under:
        return evolve(goal, children=(*goal.children, child))
    return evolve(goal, children=tuple(_with_child(inner, child, under) for inner in goal.children))


def _refuse_cycles(rows: Mapping[str, int], parent: Sequence[str | None]) -> None:
    safe: set[str] = set()
    for start in rows:
        path: list[str] = []
        seen: set[str] = set()
        id: str | None = start
        while id and id not in safe:
            if id in seen:
                loop = [*path[path.index(id) :], id]
                raise GoalTreeError(f"goals must not form a cycle (got {' under '.join(loop)})", path=id)
            path.append(id)
            seen.add(id)
            above = parent[rows[id]]
            id = str(above) if above else None
        safe |= seen
