"""Goals as people see them: a text table, and a notebook view that folds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from perfkit._core.numbers import decimal_text, plain, round_decimal
from perfkit._goals.columns import GoalColumns

if TYPE_CHECKING:
    from perfkit._goals.report import GoalReport


def walk(columns: GoalColumns, depth: int | None) -> Iterator[tuple[int, int, str]]:
    """Every goal with its level and the branch that is drawn before it, each before its own parts."""
    waiting = [(place, 0, "", "") for place in reversed(columns.parts(-1))]
    while waiting:
        place, level, branch, stem = waiting.pop()
        yield place, level, branch
        if depth is not None and level + 1 >= depth:
            continue
        parts = columns.parts(place)
        for position in range(len(parts) - 1, -1, -1):
            last = position == len(parts) - 1
            lead, inner = ("└─ ", "   ") if last else ("├─ ", "│  ")
            waiting.append((parts[position], level + 1, stem + lead, stem + inner))


def report_text(report: GoalReport, depth: int | None, limit: int) -> str:
    """A report as a table."""
    columns = report.columns
    dated = report.as_of is not None
    header = ["goal", "owner", "baseline", "target", "value", "progress"]
    header += ["expected", "health", "coverage"] if dated else ["coverage"]
    rows, more = [header], 0
    for place, _, branch in walk(columns, depth):
        if len(rows) > limit:
            more += 1
            continue
        rows.append(_row(report, place, branch, dated))
    left = (0, 1, 7) if dated else (0, 1)
    return table(rows, left) + (f"\n... {more:,} more goals" if more else "")


def tree_text(columns: GoalColumns, depth: int | None, limit: int) -> str:
    """A tree as a table."""
    rows, more = [["goal", "owner", "baseline", "target", "weight", "roll-up"]], 0
    for place, _, branch in walk(columns, depth):
        if len(rows) > limit:
            more += 1
            continue
        goal = columns.goal(place)
        weight = "auto" if goal.weight is None else decimal_text(round_decimal(goal.weight, 2))
        by = goal.roll_up.replace("_", " ") if columns.parts(place) else ""
        rows.append([branch + (goal.title or goal.id), goal.owner, *_points(columns, place), weight, by])
    return table(rows, (0, 1, 5)) + (f"\n... {more:,} more goals" if more else "")


def table(rows: Sequence[Sequence[str]], left: Sequence[int]) -> str:
    """Rows of text in columns, some of them to the left."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _row(report: GoalReport, place: int, branch: str, dated: bool) -> list[str]:
    columns = report.columns
    progress, value, expected = report.progress[place], report.value[place], report.expected[place]
    known = not np.isnan(value) and columns.kind[place] != 0
    cells = [
        branch + (columns.text("title", place) or columns.ids[place]),
        columns.text("owner", place),
        *_points(columns, place),
        amount(float(value), columns.text("unit", place)) if known else "",
        "-" if np.isnan(progress) else f"{progress:.1%}",
    ]
    if dated:
        health = report.health[place]
        cells += [
            "" if np.isnan(expected) else f"{expected:.1%}",
            "" if health is None else f"{shape_of(report, health)} {health.replace('_', ' ')}",
        ]
    return [*cells, f"{report.coverage[place]:.0%}"]


def _points(columns: GoalColumns, place: int) -> tuple[str, str]:
    """The baseline and the target, in words where they are no two numbers."""
    goal, unit = columns.goal(place), columns.text("unit", place)
    if goal.direction == "maintain":
        low, high = goal.band or (goal.target, goal.target)
        return "", f"{plain(low or Fraction(0))} to {plain(high or Fraction(0))} {unit}".strip()
    if goal.direction in ("binary", "milestones"):
        return "", "done" if goal.direction == "binary" else f"{len(goal.milestones)} milestones"
    if goal.target is None:
        return "", ""
    target = amount(goal.target, unit)
    if goal.is_held:
        return "", f"{'at least' if goal.direction == 'at_least' else 'at most'} {target}"
    return amount(goal.baseline, unit), target


def amount(value: Fraction | float, unit: str) -> str:
    """A value with its unit."""
    return f"{decimal_text(round_decimal(value, 2))} {unit}".strip()


# A shape for each half of the states, so that health is not told by colour alone.
_SHAPES = {"achieved": "★", "not_started": "○", "pending": "◌", "stale": "◔", "missed": "✕"}


def shape_of(report: GoalReport, state: str) -> str:
    """The shape that a state of health is drawn with: up for good, down for bad."""
    if state in _SHAPES:
        return _SHAPES[state]
    bands = [name for name, _ in reversed(report.rules.health.floors)] + [report.rules.health.lowest]
    place = bands.index(state)
    return "▼" if place == len(bands) - 1 else ("▲" if place == 0 else ("●" if 2 * place < len(bands) else "◆"))


def report_html(report: GoalReport) -> str:
    """A report as HTML that folds, without a script."""
    return f"<pre>{escape(report_text(report, None, 500))}</pre>"
