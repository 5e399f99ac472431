"""Why a goal stands where it does: its parts, with what each brings, down to what was observed."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from perfkit._core.grid import GRID
from perfkit._core.numbers import exact
from perfkit._goals.columns import CODES, IntColumn
from perfkit._goals.definition import ROLL_UPS, Goal
from perfkit.explain import Explanation, Relation

if TYPE_CHECKING:
    from perfkit._goals.report import GoalReport

_MEANS = ("weighted_mean", "mean", "worst_status")


def explained(report: GoalReport, id: str) -> Explanation:
    """The explanation of a goal's progress; see :meth:`perfkit.GoalReport.explain`."""
    place = report.columns.place(id)
    if report.slices and place not in report.by_hand:
        return _over_time(report, place)
    return _of_parts(report, place)


def _label(report: GoalReport, place: int) -> str:
    return report.columns.text("title", place) or report.columns.ids[place]


def _progress(report: GoalReport, place: int) -> float | None:
    progress = report.progress[place]
    return None if np.isnan(progress) else float(progress)


def _by_hand(report: GoalReport, place: int) -> Explanation:
    override = report.by_hand[place]
    found = np.nan if report.computed is None else float(report.computed[place])
    computed = None if np.isnan(found) else round(found, 6)
    params = {"computed": computed, "by": override.by or "hand", "reason": override.reason or "no reason given"}
    return Explanation("goal_override", _progress(report, place), label=_label(report, place), params=params)


def _over_time(report: GoalReport, place: int) -> Explanation:
    """The progress of each stretch of days, by its days."""
    label, progress = _label(report, place), _progress(report, place)
    if progress is None:
        return Explanation("goal_unknown", None, label=label)
    id = report.columns.ids[place]
    known = [(stretch, part) for stretch, part in report.slices if _counts(part, place)]
    days = sum(stretch.days for stretch, _ in known)
    parts = []
    for stretch, part in known:
        inner, share = explained(part, id), Fraction(stretch.days, days)
        score = exact(part.progress[place])
        params = {
            "start": stretch.start,
            "end": stretch.end,
            "days": stretch.days,
            "of": days,
            "score": score,
            "slope": share,
            "intercept": 0,
        }
        parts.append(
            Explanation("goal_stretch", share * score, label=label, relation="affine", params=params, parts=[inner])
        )
    return _summed("goal_over_time", progress, label, parts, {"days": days})


def _counts(part: GoalReport, place: int) -> bool:
    here = part.index.here is None or bool(part.index.here[part.index.rank_of(place)])
    return here and not np.isnan(part.progress[place])


def _of_parts(report: GoalReport, place: int) -> Explanation:
    if place in report.by_hand:
        return _by_hand(report, place)
    goal, label, progress = report.columns.goal(place), _label(report, place), _progress(report, place)
    if progress is None:
        return Explanation("goal_unknown", None, label=label)
    edges = report.index.edges.into(place)
    by = ROLL_UPS[int(report.columns.roll_up[place])]
    if _seen(report, place) or not len(edges) or by == "own":
        return _leaf(report, place, goal, label, progress)
    parts = report.index.edges.child[edges].tolist()
    if by in _MEANS:
        return _mean(report, place, label, progress, edges)
    if by == "sum":
        return _sum(report, place, label, progress, edges)
    inner = [_of_parts(report, part) for part in parts]
    params = {"by": by.replace("_", " "), "value": _value(report, place), "unit": goal.unit}
    return Explanation("goal_chosen", progress, label=label, params=params, parts=inner)


def _leaf(report: GoalReport, place: int, goal: Goal, label: str, progress: float) -> Explanation:
    value = _value(report, place)
    if not _seen(report, place):
        code = "goal_carried" if report.rules.missing == "carry" else "goal_zero"
        return Explanation(code, progress, label=label, params={"value": value, "unit": goal.unit})
    if report.columns.kind[place] == 1:
        start, span = _points(report, place)
        params = {"value": value, "unit": goal.unit, "baseline": start, "target": start + span}
        return Explanation("goal_observed", progress, label=label, params=params)
    way = (goal.direction or "reach").replace("_", " ")
    aim = {"value": value, "unit": goal.unit, "way": way, "target": goal.band or goal.target}
    return Explanation("goal_measured", progress, label=label, params=aim)


def _seen(report: GoalReport, place: int) -> bool:
    return not np.isnan(report.actuals.value[place])


def _points(report: GoalReport, place: int) -> tuple[Fraction, Fraction]:
    """The baseline of a goal, and the way from there to its target."""
    rank = report.index.rank_of(place)
    return exact(float(report.index.baseline[rank])), exact(float(report.index.span[rank]))


def _value(report: GoalReport, place: int) -> float | None:
    value = report.value[place]
    return None if np.isnan(value) else float(value)


def _mean(report: GoalReport, place: int, label: str, progress: float, edges: IntColumn) -> Explanation:
    """What each part brings to a mean: its progress times its part of the weights of those that are known."""
    table, parts = report.index.edges, []
    equal = report.rules.equal_weights or report.columns.roll_up[place] == CODES["mean"]
    weights = {}
    for edge in edges:
        weight = Fraction(1) if equal else exact(float(table.weight[edge]))
        weights[int(edge)] = weight * exact(float(table.share[edge]))
    scores = {edge: _progress(report, int(table.child[edge])) for edge in weights}
    known = [edge for edge, score in scores.items() if score is not None]
    lost = sum((weight for edge, weight in weights.items() if scores[edge] is None), Fraction(0))
    if report.rules.missing == "even":
        weights = {edge: weight + lost / len(known) for edge, weight in weights.items()}
    whole = sum((weights[edge] for edge in known), Fraction(0))
    for edge, weight in weights.items():
        child, score = int(table.child[edge]), scores[edge]
        inner, name = _of_parts(report, child), _label(report, child)
        if score is None:
            lack = {"weight": weight}
            parts.append(Explanation("goal_missing", Fraction(0), label=name, params=lack, parts=[inner]))
            continue
        share = weight / whole
        params = {"score": exact(score), "weight": weight, "weights": whole, "slope": share, "intercept": Fraction(0)}
        parts.append(
            Explanation(
                "contribution", share * exact(score), label=name, relation="affine", params=params, parts=[inner]
            )
        )
    by = ROLL_UPS[int(report.columns.roll_up[place])].replace("_", " ")
    return _summed("goal", progress, label, parts, {"by": by})


def _sum(report: GoalReport, place: int, label: str, progress: float, edges: IntColumn) -> Explanation:
    """What each part of a sum brings to its progress: its value less its share of the baseline, over the span."""
    table = report.index.edges
    start, span = _points(report, place)
    alike = _alike(report, edges)
    parts = []
    for edge in edges:
        child, share = int(table.child[edge]), exact(float(table.share[edge]))
        own, (child_start, child_span) = _progress(report, child), _points(report, child)
        stands = alike if own is None else exact(own)
        slope = share * child_span / span
        intercept = (share * child_start - start / len(edges)) / span
        params = {"score": stands, "slope": slope, "intercept": intercept}
        # A part that was not observed has no progress of its own for the relation to read.
        relation: Relation = "from" if own is None else "affine"
        code = "goal_assumed" if own is None else "goal_part"
        value = slope * stands + intercept
        inner = [_of_parts(report, child)]
        parts.append(
            Explanation(code, value, label=_label(report, child), relation=relation, params=params, parts=inner)
        )
    return _summed("goal", progress, label, parts, {"by": "sum"})


def _alike(report: GoalReport, edges: IntColumn) -> Fraction:
    """How the known parts of a sum stand together; the others are taken to stand like them."""
    table = report.index.edges
    gained = whole = Fraction(0)
    for edge in edges:
        child, share = int(table.child[edge]), exact(float(table.share[edge]))
        value, (start, span) = _value(report, child), _points(report, child)
        if value is not None:
            gained += share * (exact(value) - start)
            whole += share * span
    return gained / whole if whole else Fraction(0)


def _summed(code: str, progress: float, label: str, parts: list[Explanation], params: dict[str, object]) -> Explanation:
    residue = exact(progress) - sum((part.value for part in parts), Fraction(0))
    if residue:
        parts.append(Explanation("published", residue, params={"grid": GRID}))
    return Explanation(code, progress, label=label, relation="sum", parts=parts, params=params)
