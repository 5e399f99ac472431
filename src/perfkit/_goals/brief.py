"""What somebody is to know of their goals: what is mine, why it matters, what is expected by when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from attrs import frozen

from perfkit._core.layout import one_line
from perfkit._core.notebook import count, definition, facts, heading, topic, view
from perfkit._core.numbers import exact
from perfkit._goals.columns import CODES, GoalColumns, periods_of
from perfkit._goals.definition import Goal
from perfkit._goals.effective import goal_on, line_on, own_period
from perfkit._goals.index import GoalIndex, index_of
from perfkit._goals.period import Period
from perfkit._goals.views import amount, drives_of, points_of
from perfkit.errors import GoalTreeError, did_you_mean

if TYPE_CHECKING:
    from perfkit._goals.report import GoalReport


@frozen
class BriefLine:
    """One goal of a brief.

    Attributes:
        goal: the goal, as it is on the day of the brief.
        why: the titles of the goals above, from the next one that it drives to the strategy.
        carries: how much of the goal at the top it carries, by weights, shares and targets; None where none decides.
        period: from when to when.
        expected: what should stand by which day, in its own unit; after a dated change of its target or its baseline
            only what is expected from then on, for what was expected before was of another target.
        status: where it stands, in words; empty without a report.
        help: who works on it too, and who owns what it is broken down into.
        drives: the further goals that it drives, with the share of it that counts there.
    """

    _repr_html_ = definition

    goal: Goal
    why: tuple[str, ...]
    carries: Fraction | None
    period: Period | None
    expected: tuple[tuple[date, str], ...]
    status: str
    help: tuple[str, ...]
    drives: tuple[str, ...] = ()


@frozen(repr=False)
class GoalBrief:
    """The goals of somebody on a page: print it, or show it in a notebook.

    Attributes:
        owner: whose goals they are.
        lines: one for each goal, from the top down.
    """

    owner: str
    lines: tuple[BriefLine, ...]

    def text(self) -> str:
        """The brief as text."""
        count = len(self.lines)
        out = [f"{self.owner}: {count} goal{'s' if count > 1 else ''}"]
        for line in self.lines:
            out += ["", _named(line.goal)]
            out += [f"  {name:<12}{value}" for name, value in _told(line)]
        return "\n".join(out)

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        blocks = [block for line in self.lines for block in (topic(_named(line.goal)), facts(_told(line)))]
        return view(heading(self.owner, count(len(self.lines), "goal")), *blocks)

    def __repr__(self) -> str:
        return f"<GoalBrief of {self.owner!r}: {len(self.lines)} goals>"


def _named(goal: Goal) -> str:
    return one_line(goal.title or goal.id)


def _told(line: BriefLine) -> Iterator[tuple[str, str]]:
    start, target = points_of(line.goal, line.goal.unit)
    yield (
        "what",
        " ".join(part for part in (f"from {start} to" if start else "", target or "what its parts come to") if part),
    )
    if line.period is not None:
        yield "when", str(line.period)
    if line.why:
        carried = "" if line.carries is None else f" ({100 * float(line.carries):.1f}% of it)"
        yield "why", " > ".join(line.why) + carried
    if line.drives:
        yield "also drives", ", ".join(line.drives)
    for day, value in line.expected:
        yield f"{day}", value
    if line.status:
        yield "now", line.status
    if line.help:
        yield "with", ", ".join(line.help)


def brief(
    columns: GoalColumns,
    index: GoalIndex,
    owner: str,
    report: GoalReport | None,
    goals: tuple[Goal, ...],
    as_of: date | None = None,
) -> GoalBrief:
    """What somebody is to know of their goals; see :meth:`perfkit.GoalTree.brief`."""
    if not goals:
        known = sorted({columns.text("owner", place) for place in range(len(columns))} - {"", owner})
        known += [change.owner for goal in columns.rich.values() for change in goal.changes if change.owner]
        on = "" if as_of is None else f" on {as_of}"
        hint = "" if owner in known else did_you_mean(owner, known)
        raise GoalTreeError(f"{owner!r} owns no goal{on}{hint}", path=owner)
    periods = periods_of(columns)
    if as_of is not None and columns.rich:
        index = index_of(columns, as_of)
    lines = []
    for defined in goals:
        place = columns.places[defined.id]
        goal, line = goal_on(defined, as_of), line_on(columns, place, as_of)
        above = line[1:]
        driven = {columns.ids[one] for one in above[:1]}
        period = own_period(defined, columns.periods[int(periods[place])]) if periods[place] >= 0 else None
        since = _last_change(defined, as_of)
        lines.append(
            BriefLine(
                goal,
                tuple(one_line(columns.text("title", one) or columns.ids[one]) for one in above),
                _carries(columns, index, line),
                period,
                tuple((day, told) for day, told in _expected(goal, period) if since is None or day >= since),
                "" if report is None else _status(report, goal),
                _help(columns, goal, place, as_of),
                tuple(_drives(columns, to, share) for to, share in drives_of(columns, place) if to not in driven),
            )
        )
    return GoalBrief(owner, tuple(lines))


def _drives(columns: GoalColumns, id: str, share: str) -> str:
    return f"{one_line(columns.text('title', columns.places[id]) or id)} ({share})"


def _carries(columns: GoalColumns, index: GoalIndex, line: Sequence[int]) -> Fraction | None:
    """The part of the goal at the top that a goal carries; None where something other than weights decides."""
    edges, whole = index.edges, Fraction(1)
    for child, parent in pairwise(line):
        if columns.roll_up[parent] not in (CODES["weighted_mean"], CODES["mean"], CODES["sum"]):
            return None
        into = edges.into(parent)
        if columns.roll_up[parent] == CODES["sum"]:
            sizes = [_size(index, int(edges.child[edge]), float(edges.share[edge])) for edge in into]
        elif columns.roll_up[parent] == CODES["mean"]:
            sizes = [Fraction(1)] * len(into)
        else:
            sizes = [Fraction(str(float(edges.weight[edge] * edges.share[edge]))) for edge in into]
        mine = [size for size, edge in zip(sizes, into, strict=True) if edges.child[edge] == child]
        if not mine or not sum(sizes):
            return None
        whole *= mine[0] / sum(sizes)
    return whole if len(line) > 1 else None


def _size(index: GoalIndex, place: int, share: float) -> Fraction:
    """The part of the target of a goal that counts in a sum, as it is on the day of the index."""
    rank = index.rank_of(place)
    target = exact(float(index.baseline[rank])) + exact(float(index.span[rank]))
    return abs(target) * exact(share)


def _last_change(goal: Goal, day: date | None) -> date | None:
    """The last day up to a day on which a target or a baseline changed; None for none."""
    days = [
        one.on
        for one in goal.changes
        if day is not None and one.on <= day and not (one.target is None and one.baseline is None)
    ]
    return max(days, default=None)


def _expected(goal: Goal, period: Period | None) -> tuple[tuple[date, str], ...]:
    """What should stand by the ends of quarters, by planned dates, or by the days on which milestones are due."""
    if goal.plan is not None:
        return tuple((day, amount(value, goal.unit)) for day, value in goal.plan.cumulative())
    if goal.milestones:
        return tuple((one.due, one.name) for one in goal.milestones if one.due is not None)
    if (
        period is None
        or goal.target is None
        or not goal.is_linear
        or goal.target == goal.baseline
        or goal.is_due_in_full
    ):
        return ()
    found = []
    for quarter in period.quarters():
        share = period.elapsed(quarter.end)
        due = share if goal.pacing is None else goal.pacing.exact(share)
        found.append((quarter.end, amount(goal.baseline + due * (goal.target - goal.baseline), goal.unit)))
    return tuple(found)


def _status(report: GoalReport, goal: Goal) -> str:
    status = report[goal.id]
    if status.progress is None:
        return "not observed yet"
    told = [f"{status.progress:.1%} of the way"]
    if status.value is not None and goal.target is not None:
        told.insert(0, amount(status.value, goal.unit))
    if status.expected is not None:
        told.append(f"{status.expected:.1%} expected")
    if status.health is not None:
        told.append(status.health.replace("_", " "))
    if status.required_rate is not None and goal.is_linear and status.progress < 1:
        told.append(f"{amount(status.required_rate, goal.unit)} a day needed")
    return ", ".join(told)


def _help(columns: GoalColumns, goal: Goal, place: int, day: date | None) -> tuple[str, ...]:
    below = [
        goal_on(columns.rich[part], day).owner if part in columns.rich else columns.text("owner", part)
        for part in columns.parts(place)
    ]
    names = [name for name in (*goal.contributors, *below) if name and name != goal.owner]
    return tuple(dict.fromkeys(names))
