"""Goals: a strategy broken down into goals that people own, and rolled up again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from attrs import evolve, field, frozen

from perfkit._core.columns import FloatColumn, read_numbers
from perfkit._core.grid import GRID, publish
from perfkit._core.numbers import Number, decimal_text, exact, plain, round_decimal
from perfkit.errors import DataError, DefinitionError, GoalTreeError, did_you_mean
from perfkit.explain import Explanation
from perfkit.money import allocate

RollUp = Literal["weighted_mean", "sum"]
GoalMissing = Literal["redistribute", "zero", "refuse"]


@frozen(order=True)
class Period:
    """A stretch of days, both ends included.

    Args:
        start: the first day.
        end: the last day.

    Raises:
        DefinitionError: if it ends before it starts.

    Example:
        >>> Period(date(2026, 1, 1), date(2026, 12, 31)).days
        365
        >>> Period.year(2026).elapsed(date(2026, 7, 1))
        Fraction(182, 365)
    """

    start: date
    end: date

    def __attrs_post_init__(self) -> None:
        for what, day in (("start", self.start), ("end", self.end)):
            if type(day) is not date:
                raise DefinitionError(f"{what} of a period must be a date (got {day!r})", path=what)
        if self.end < self.start:
            raise DefinitionError(f"a period must not end ({self.end}) before it starts ({self.start})", path="end")

    @classmethod
    def year(cls, year: int) -> Period:
        """A calendar year."""
        return cls(date(year, 1, 1), date(year, 12, 31))

    @property
    def days(self) -> int:
        """How many days, both ends included."""
        return (self.end - self.start).days + 1

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def elapsed(self, as_of: date) -> Fraction:
        """The share of the days up to and including a day: 0 before the start, 1 from the end on."""
        gone = (as_of - self.start).days + 1
        return Fraction(min(max(gone, 0), self.days), self.days)

    def __str__(self) -> str:
        return f"{self.start} to {self.end}"


def _number(value: Number) -> Fraction:
    return exact(value, what="a number of a goal")


def _optional(value: Number | None) -> Fraction | None:
    return None if value is None else _number(value)


def _goals(values: Sequence[Goal]) -> tuple[Goal, ...]:
    return tuple(values)


@frozen
class Goal:
    """What is to be reached: by whom, by when, measured how, and the goals it is broken down into.

    Args:
        id: unique in its tree.
        title: what it is, in words.
        owner: who answers for it.
        period: from when to when; that of the goal above when not given.
        unit: of the measure, such as ``EUR``.
        baseline: where progress starts from; 0 unless said. A target below it means that less is better.
        target: what is to be reached; None where only the goals below say so.
        weight: how much it counts in the goal above.
        roll_up: how the goals below make this one: the ``weighted_mean`` of their progress, or the ``sum`` of their
            values, which must be of one unit.
        children: the goals it is broken down into.

    Raises:
        DefinitionError: for a target equal to the baseline, a weight that is not positive, an unknown roll-up, or a
            sum over goals without targets or of other units.

    Example:
        >>> Goal("emea.logos", owner="ana", target=120, weight=60).progress_of(64)
        Fraction(8, 15)
    """

    id: str
    title: str = field(default="", kw_only=True)
    owner: str = field(default="", kw_only=True)
    period: Period | None = field(default=None, kw_only=True)
    unit: str = field(default="", kw_only=True)
    baseline: Fraction = field(default=Fraction(0), converter=_number, kw_only=True)
    target: Fraction | None = field(default=None, converter=_optional, kw_only=True)
    weight: Fraction = field(default=Fraction(1), converter=_number, kw_only=True)
    roll_up: RollUp = field(default="weighted_mean", kw_only=True)
    children: tuple[Goal, ...] = field(default=(), converter=_goals, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.id, str) or not self.id.strip():
            raise DefinitionError(f"id of a goal must be a text that is not empty (got {self.id!r})", path="id")
        if self.weight <= 0:
            raise DefinitionError(f"weight of {self.id!r} must be positive (got {plain(self.weight)})", path="weight")
        if self.target == self.baseline:
            raise DefinitionError(
                f"target and baseline of {self.id!r} must differ (got {plain(self.baseline)} for both); "
                "give the baseline that progress starts from",
                path="target",
            )
        if self.roll_up not in ("weighted_mean", "sum"):
            raise DefinitionError(
                f"roll_up of {self.id!r} must be 'weighted_mean' or 'sum' (got {self.roll_up!r})", path="roll_up"
            )
        odd = [child for child in self.children if not isinstance(child, Goal)]
        if odd:
            raise DefinitionError(f"children of {self.id!r} must be goals (got {odd[0]!r})", path="children")
        if self.roll_up == "sum" and self.children:
            self._check_sum()

    def _check_sum(self) -> None:
        if self.target is None:
            raise DefinitionError(f"{self.id!r} sums up its parts, so it needs a target of its own", path="target")
        for child in self.children:
            if child.target is None:
                raise DefinitionError(f"{self.id!r} sums up its parts, so {child.id!r} needs a target", path="children")
            if child.unit != self.unit:
                raise DefinitionError(
                    f"{self.id!r} sums up {self.unit or 'a plain number'}, but {child.id!r} is in "
                    f"{child.unit or 'a plain number'}; roll it up by weighted mean, or give it the same unit",
                    path="children",
                )

    @property
    def lower_is_better(self) -> bool:
        """Whether the target is below the baseline."""
        return self.target is not None and self.target < self.baseline

    def progress_of(self, actual: Number) -> Fraction | None:
        """(actual - baseline) / (target - baseline), neither clipped below 0 nor above 1; None without a target."""
        if self.target is None:
            return None
        return (_number(actual) - self.baseline) / (self.target - self.baseline)

    def attainment_of(self, actual: Number) -> Fraction | None:
        """actual / target, or 2 - actual / target where lower is better; None without a target other than 0."""
        if not self.target:
            return None
        ratio = _number(actual) / self.target
        return 2 - ratio if self.lower_is_better else ratio

    def walk(self) -> Iterator[Goal]:
        """This goal and every goal below, each before its own parts."""
        yield self
        for child in self.children:
            yield from child.walk()

    def decompose(
        self, shares: Mapping[str, Number], *, step: Number | None = None, owners: Mapping[str, str] | None = None
    ) -> Goal:
        """This goal broken down into one goal for each name: target and baseline add up exactly.

        Args:
            shares: the id of each part and how much of the goal it takes, in any unit.
            step: the least amount that a target moves by, such as 1,000; exact fractions when not given. What is left
                over goes to the largest remainders, ties by id.
            owners: who owns each part.

        Returns:
            the goal with its parts, which it sums up.

        Raises:
            DefinitionError: without a target, with parts already, or where the target is no whole number of steps.

        Example:
            >>> year = Goal("arr", target=20_000_000, baseline=10_000_000)
            >>> [(part.id, int(part.target)) for part in year.decompose({"emea": 2, "amer": 1}, step=1_000).children]
            [('emea', 13333000), ('amer', 6667000)]
        """
        if self.target is None:
            raise DefinitionError(f"{self.id!r} has no target to break down", path="target")
        if self.children:
            raise DefinitionError(f"{self.id!r} is broken down already, into {len(self.children)} goals", path="children")
        targets = _share_out(self.target, shares, None if step is None else exact(step, what="step"), self.id)
        baselines = _share_out(self.baseline, shares, None, self.id)
        owners = owners or {}
        parts = [
            Goal(
                name, owner=owners.get(name, ""), period=self.period, unit=self.unit, baseline=baselines[name], target=part
            )
            for name, part in targets.items()
        ]
        return evolve(self, roll_up="sum", children=parts)


def _share_out(whole: Fraction, shares: Mapping[str, Number], step: Fraction | None, id: str) -> dict[str, Fraction]:
    weights = {name: exact(share, what=f"the share of {name!r}") for name, share in shares.items()}
    if not weights or any(weight <= 0 for weight in weights.values()):
        raise DefinitionError(f"the shares of {id!r} must be positive, one for each part (got {dict(shares)!r})")
    if step is None:
        total = sum(weights.values())
        return {name: whole * weight / total for name, weight in weights.items()}
    if step <= 0 or (whole / step).denominator != 1:
        raise DefinitionError(
            f"the target of {id!r} must be a whole number of steps (got {plain(whole)} in steps of {plain(step)})",
            path="step",
        )
    units = allocate(int(whole / step), list(weights.values()), keys=list(weights))
    return {name: count * step for name, count in zip(weights, units, strict=True)}


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

    roots: tuple[Goal, ...] = field(converter=_goals)

    def __attrs_post_init__(self) -> None:
        seen: set[str] = set()
        for goal in self.walk():
            if goal.id in seen:
                raise GoalTreeError(f"ids of goals must differ (got {goal.id!r} twice)", path=goal.id)
            seen.add(goal.id)

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
        lengths = {name: len(column) for name, column in {"id": id, "parent": parent, **columns}.items()}
        if len(set(lengths.values())) > 1:
            raise GoalTreeError(f"columns of goals must be of one length (got {lengths})")
        below: dict[str, list[int]] = {}
        rows = {str(name): row for row, name in enumerate(id)}
        if len(rows) < len(id):
            names = [str(name) for name in id]
            raise GoalTreeError(f"ids of goals must differ (got {next(n for n in names if names.count(n) > 1)!r} twice)")
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
        for root in self.roots:
            yield from root.walk()

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, id: object) -> bool:
        return id in self._places

    def __getitem__(self, id: str) -> Goal:
        return self._goals[self._place(id)]

    def add(self, goal: Goal, *, under: str | None = None) -> GoalTree:
        """The tree with one more goal, under another or at the top."""
        if under is None:
            return GoalTree((*self.roots, goal))
        self._place(under)
        return GoalTree([_with_child(root, goal, under) for root in self.roots])

    def owned_by(self, owner: str) -> tuple[Goal, ...]:
        """The goals that someone owns, from the top down."""
        return tuple(goal for goal in self.walk() if goal.owner == owner)

    def line_of_sight(self, id: str) -> tuple[Goal, ...]:
        """A goal and each goal above it, up to the strategy: why it matters."""
        place: int | None = self._place(id)
        line = []
        while place is not None:
            line.append(self._goals[place])
            above = self._above[place]
            place = None if above < 0 else int(above)
        return tuple(line)

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
        if missing not in ("redistribute", "zero", "refuse"):
            raise DataError(f"missing must be redistribute, zero or refuse (got {missing!r})")
        unknown = [id for id in actuals if id not in self._places]
        if unknown:
            raise DataError(f"no goal is called {unknown[0]!r}{did_you_mean(unknown[0], self._places)}", column=unknown[0])
        observed = np.full(len(self), np.nan)
        for id, actual in actuals.items():
            observed[self._places[id]] = read_numbers(id, np.array([actual], dtype=object), range(1))[0]
        self._check_day(as_of)
        return _rolled_up(self, observed, as_of, missing)

    def _check_day(self, as_of: date | None) -> None:
        for root in self.roots:
            if as_of is not None and root.period is not None and as_of not in root.period:
                raise DataError(f"as_of must be within the period of {root.id!r}, {root.period} (got {as_of})")

    def _place(self, id: str) -> int:
        if id not in self._places:
            raise GoalTreeError(f"no goal is called {id!r}{did_you_mean(id, self._places)}", path=id)
        return self._places[id]

    @cached_property
    def _goals(self) -> tuple[Goal, ...]:
        return tuple(self.walk())

    @cached_property
    def _places(self) -> dict[str, int]:
        return {goal.id: place for place, goal in enumerate(self._goals)}

    @cached_property
    def _above(self) -> npt.NDArray[np.int64]:
        above = np.full(len(self._goals), -1, dtype=np.int64)
        for place, goal in enumerate(self._goals):
            for child in goal.children:
                above[self._places[child.id]] = place
        return above

    def period_of(self, id: str) -> Period | None:
        """The period of a goal: its own, or that of the nearest goal above that has one."""
        return next((goal.period for goal in self.line_of_sight(id) if goal.period is not None), None)

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


def _rolled_up(tree: GoalTree, observed: FloatColumn, as_of: date | None, missing: GoalMissing) -> GoalReport:
    goals = tree._goals
    value, progress = observed.copy(), np.full(len(goals), np.nan)
    coverage = (~np.isnan(observed)).astype(np.float64)
    # Goals stand before their parts, so the way back meets every part before its goal.
    for place in range(len(goals) - 1, -1, -1):
        goal = goals[place]
        if not np.isnan(observed[place]):
            if goal.target is None:
                raise DataError(f"{goal.id!r} was observed but has no target to measure it against", column=goal.id)
            progress[place] = (observed[place] - float(goal.baseline)) / float(goal.target - goal.baseline)
        elif goal.children:
            parts = [tree._places[child.id] for child in goal.children]
            progress[place], value[place] = _from_parts(goal, value[parts], progress[parts], missing)
            coverage[place] = _covered(goal, coverage[parts])
        elif missing == "refuse":
            raise DataError(f"{goal.id!r} was not observed; observe it, or choose another missing= rule", column=goal.id)
        elif missing == "zero":
            progress[place] = 0.0
            value[place] = np.nan if goal.target is None else float(goal.baseline)
    return GoalReport(tree, observed, value, publish(progress), coverage, as_of)


def _shares(goal: Goal) -> list[float]:
    """How much of the goal each part stands for: its target in a sum, its weight in a mean."""
    targets = [abs(child.target or Fraction(0)) for child in goal.children]
    sizes = targets if goal.roll_up == "sum" and any(targets) else [child.weight for child in goal.children]
    whole = sum(sizes)
    return [float(size / whole) for size in sizes]


def _from_parts(goal: Goal, values: FloatColumn, progresses: FloatColumn, missing: GoalMissing) -> tuple[float, float]:
    there = [not np.isnan(progress) for progress in progresses]
    if not any(there):
        return np.nan, np.nan
    baseline = float(goal.baseline)
    span = np.nan if goal.target is None else float(goal.target - goal.baseline)
    if goal.roll_up == "sum":
        reached = sum(value for value, is_there in zip(values.tolist(), there, strict=True) if is_there)
        if all(there):
            return (reached - baseline) / span, reached
        share = sum(share for share, is_there in zip(_shares(goal), there, strict=True) if is_there)
        return (reached - share * baseline) / (share * span), reached
    gained = weights = 0.0
    for child, progress, is_there in zip(goal.children, progresses.tolist(), there, strict=True):
        if is_there:
            gained += float(child.weight) * progress
            weights += float(child.weight)
    mean = gained / weights
    return mean, baseline + mean * span


def _covered(goal: Goal, coverages: FloatColumn) -> float:
    if bool(np.all(coverages == 1)):
        return 1.0
    return sum(share * coverage for share, coverage in zip(_shares(goal), coverages.tolist(), strict=True))


@frozen
class GoalStatus:
    """Where a goal stands.

    Attributes:
        goal: the goal.
        value: what was observed, or what its parts come to; None where nothing is known, or without a target.
        progress: (value - baseline) / (target - baseline), on a grid of 1e-6; None where nothing is known.
        attainment: value / target, or 2 - value / target where lower is better.
        expected: the share of the period that has passed.
        pace: progress / expected.
        coverage: the share of the goal that was observed, 0..1.
    """

    goal: Goal
    value: float | None
    progress: float | None
    attainment: float | None
    expected: float | None
    pace: float | None
    coverage: float


@frozen(eq=False, repr=False)
class GoalReport(Mapping[str, GoalStatus]):
    """Where every goal of a tree stands: a mapping from id to status.

    Attributes:
        tree: the goals.
        as_of: the day, where one was given.
    """

    tree: GoalTree
    _observed: FloatColumn
    _value: FloatColumn
    _progress: FloatColumn
    _coverage: FloatColumn
    as_of: date | None

    def __getitem__(self, id: str) -> GoalStatus:
        if id not in self.tree:
            raise KeyError(id)
        place = self.tree._place(id)
        goal = self.tree[id]
        value, progress = _known(self._value[place]), _known(self._progress[place])
        attainment = None if value is None else goal.attainment_of(value)
        period = self.tree.period_of(id)
        expected = None if self.as_of is None or period is None else float(period.elapsed(self.as_of))
        pace = None if progress is None or not expected else progress / expected
        return GoalStatus(
            goal=goal,
            value=value,
            progress=progress,
            attainment=None if attainment is None else _published(float(attainment)),
            expected=None if expected is None else _published(expected),
            pace=None if pace is None else _published(pace),
            coverage=float(self._coverage[place]),
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self.tree._places)

    def __len__(self) -> int:
        return len(self.tree)

    def explain(self, id: str) -> Explanation:
        """Why a goal stands where it does, down to what was observed; the parts add up to its progress.

        A goal by weighted mean has its parts' weighted progress; a sum the progress that each part brings to it.
        """
        status, place = self[id], self.tree._place(id)
        goal = status.goal
        if status.progress is None:
            return Explanation("goal_unknown", None, label=goal.title or id)
        label = goal.title or id
        if not np.isnan(self._observed[place]) or not goal.children:
            code = "goal_observed" if not np.isnan(self._observed[place]) else "goal_zero"
            params = {"value": status.value, "unit": goal.unit, "baseline": goal.baseline, "target": goal.target}
            return Explanation(code, status.progress, label=label, params=params)
        known = [child for child in goal.children if self[child.id].progress is not None]
        parts = [self._contribution(goal, child, known) for child in goal.children]
        residue = exact(status.progress) - sum((part.value for part in parts), Fraction(0))
        if residue:
            parts.append(Explanation("published", residue, params={"grid": GRID}))
        return Explanation("goal", status.progress, label=label, relation="sum", parts=parts, params={"by": goal.roll_up})

    def _contribution(self, goal: Goal, child: Goal, known: Sequence[Goal]) -> Explanation:
        inner, label = self.explain(child.id), child.title or child.id
        progress = self[child.id].progress
        if progress is None:
            return Explanation("goal_missing", Fraction(0), label=label, params={"weight": child.weight}, parts=[inner])
        if goal.roll_up == "weighted_mean":
            weights = sum((part.weight for part in known), Fraction(0))
            share, constant = child.weight / weights, Fraction(0)
            params = {"score": exact(progress), "weight": child.weight, "weights": weights}
            code = "contribution"
        else:
            # The value of the part is baseline + progress * span; its share of the goal's own span is what it brings.
            shares = dict(zip((part.id for part in goal.children), _shares(goal), strict=True))
            seen = exact(sum(shares[part.id] for part in known)) if len(known) < len(goal.children) else Fraction(1)
            span = ((goal.target or Fraction(0)) - goal.baseline) * seen
            share = ((child.target or Fraction(0)) - child.baseline) / span
            own_baseline = goal.baseline * seen * exact(shares[child.id]) / exact(sum(shares[part.id] for part in known))
            constant = (child.baseline - own_baseline) / span
            params = {"score": exact(progress), "share": share}
            code = "goal_part"
        return Explanation(
            code,
            share * exact(progress) + constant,
            label=label,
            relation="affine",
            params={**params, "slope": share, "intercept": constant},
            parts=[inner],
        )

    def text(self) -> str:
        """The tree as a table: what each goal is, who owns it, and where it stands."""
        header = ["goal", "owner", "baseline", "target", "value", "progress", "coverage"]
        rows = [header, *self._table(self.tree.roots, "", "")]
        widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
        lines = []
        for row in rows:
            left = [row[column].ljust(widths[column]) for column in (0, 1)]
            right = [row[column].rjust(widths[column]) for column in range(2, len(header))]
            lines.append("  ".join([*left, *right]).rstrip())
        return "\n".join(lines)

    __str__ = text

    def _table(self, goals: Sequence[Goal], lead: str, stem: str) -> Iterator[list[str]]:
        for position, goal in enumerate(goals):
            last = position == len(goals) - 1
            top = not stem and not lead
            branch = "" if top else ("└─ " if last else "├─ ")
            status = self[goal.id]
            yield [
                stem + branch + (goal.title or goal.id),
                goal.owner,
                "" if goal.target is None else _amount(goal.baseline, goal.unit),
                "" if goal.target is None else _amount(goal.target, goal.unit),
                "" if status.value is None or goal.target is None else _amount(status.value, goal.unit),
                "-" if status.progress is None else f"{status.progress:.1%}",
                f"{status.coverage:.0%}",
            ]
            yield from self._table(goal.children, "x", stem if top else stem + ("   " if last else "│  "))

    def __repr__(self) -> str:
        return f"<GoalReport of {len(self):,} goals>"


def _amount(value: Fraction | float, unit: str) -> str:
    shown = decimal_text(round_decimal(value, 2))
    return f"{shown} {unit}".strip()


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _published(value: float) -> float:
    return float(publish(np.array([value]))[0])
