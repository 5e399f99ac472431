"""Why a goal stands where it does: its parts, with what each brings, down to what was observed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from perfkit._core.grid import GRID, publish
from perfkit._core.numbers import decimal_text, exact
from perfkit._goals.columns import CODES, FloatColumn, IntColumn
from perfkit._goals.definition import ROLL_UPS, Goal
from perfkit._goals.rolling import measured
from perfkit.errors import PerfkitError
from perfkit.explain import Explanation, Relation

if TYPE_CHECKING:
    from perfkit._goals.report import GoalReport

_MEANS = ("weighted_mean", "mean", "worst_status")
_VALUES = ("sum", "product", "ratio")
# So many levels are told; whoever wants to know more asks for the goal there.
_DEEPEST = 60


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
    return _summed("goal_over_time", report, progress, label, parts, {"days": days})


def _counts(part: GoalReport, place: int) -> bool:
    here = part.index.here is None or bool(part.index.here[part.index.rank_of(place)])
    return here and not np.isnan(part.progress[place])


def _of_parts(report: GoalReport, place: int, level: int = 0) -> Explanation:
    if level > _DEEPEST:
        return Explanation("goal_deeper", _progress(report, place), label=_label(report, place))
    if place in report.by_hand:
        return _by_hand(report, place)
    goal, label, progress = report.columns.goal(place), _label(report, place), _progress(report, place)
    if progress is None:
        if _waits(report, place):
            return Explanation("goal_ahead", None, label=label, params={"start": _start(report, place)})
        return Explanation("goal_unknown", None, label=label)
    edges = report.index.edges.into(place)
    by = ROLL_UPS[int(report.columns.roll_up[place])]
    if _seen(report, place) or not len(edges) or by == "own":
        return _leaf(report, place, goal, label, progress)
    parts = report.index.edges.child[edges].tolist()
    if by in _MEANS:
        return _mean(report, place, label, progress, edges, level)
    if by == "sum" and _is_linear(report, [place, *parts]):
        return _sum(report, place, label, progress, edges, level)
    if by in _VALUES:
        inner = [_of_values(report, place, by, edges, level)]
    else:
        inner = [_of_parts(report, part, level + 1) for part in parts]
    params = {"by": by.replace("_", " "), "value": _value(report, place), "unit": goal.unit, **_aim(report, place)}
    return Explanation("goal_chosen", progress, label=label, params=params, parts=inner)


def _is_linear(report: GoalReport, places: list[int]) -> bool:
    """Whether progress says all of where goals stand: they go along a line, and nothing holds them back on it."""
    rules, progress = report.rules, report.standing.progress
    ranks = [report.index.rank_of(place) for place in places]
    if any(report.columns.kind[place] != 1 or place in report.by_hand for place in places):
        return False
    held = rules.round_each or (rules.above_target == "cap" and any(progress[rank] >= 1 for rank in ranks))
    return not held and not (rules.below_baseline == "zero" and any(progress[rank] <= 0 for rank in ranks))


def _leaf(report: GoalReport, place: int, goal: Goal, label: str, progress: float) -> Explanation:
    value = _value(report, place)
    if not _seen(report, place):
        waits = _waits(report, place)
        code = "goal_ahead" if waits else "goal_carried" if report.rules.missing == "carry" else "goal_zero"
        params = {"value": value, "unit": goal.unit, "start": _start(report, place)}
        return Explanation(code, progress, label=label, params=params)
    params = {"value": value, "unit": goal.unit, **_aim(report, place)}
    code = "goal_observed" if report.columns.kind[place] == 1 else "goal_measured"
    own = _published(measured(report.index, report.index.by_rank(report.actuals.value))[report.index.rank_of(place)])
    if own == progress or own is None:
        return Explanation(code, progress, label=label, params=params)
    inner = [Explanation("goal_way", exact(own), label=label)]
    return _summed(code, report, progress, label, inner, params)


def _waits(report: GoalReport, place: int) -> bool:
    """Whether the period of a goal has not started."""
    return report.ahead is not None and bool(report.ahead[place])


def _start(report: GoalReport, place: int) -> str | None:
    period = report.period_of(report.columns.ids[place])
    return None if period is None else str(period.start)


def _aim(report: GoalReport, place: int) -> dict[str, Any]:
    """From where to where a goal goes, as its definition holds on the day."""
    if report.columns.kind[place] == 1:
        start, span = _points(report, place)
        return {"baseline": start, "target": start + span}
    goal = report.index.odd.get(report.index.rank_of(place)) or report.columns.goal(place)
    return {"way": (goal.direction or "reach").replace("_", " "), "target": goal.band or goal.target}


def _of_values(report: GoalReport, place: int, by: str, edges: IntColumn, level: int) -> Explanation:
    """The value of a goal as what the values of its parts come to."""
    table, columns = report.index.edges, report.columns
    unit = columns.text("unit", place)
    if by == "ratio":
        sides = (("numerator", report.standing.numerator), ("denominator", report.standing.denominator))
        return Explanation(
            "goal_value",
            _value(report, place),
            label=_label(report, place),
            unit=unit,
            params={"by": by},
            parts=[_side(report, place, name, column, edges) for name, column in sides if column is not None],
        )
    assumed = _assumed(report, by, edges)
    parts = []
    for edge in edges.tolist():
        child, share = int(table.child[edge]), exact(float(table.share[edge])) if by == "sum" else Fraction(1)
        inner, known = _of_parts(report, child, level + 1), _value(report, child)
        value = assumed[edge] if known is None else exact(known)
        code = "goal_part_value" if known is not None else "goal_part_assumed"
        parts.append(
            Explanation(code, share * value, label=_label(report, child), params={"share": share}, parts=[inner])
        )
    total = _value(report, place)
    relation: Relation = "product" if by == "product" else "sum"
    composed = prod((part.value for part in parts), start=Fraction(1)) if by == "product" else _total(parts)
    residue = exact(total or 0.0) - composed
    if residue:
        if abs(residue) > max(abs(composed), Fraction(1)) * Fraction(1, 10**6):
            raise PerfkitError(f"the explanation of {columns.ids[place]!r} does not compose: its parts give {composed}")
        parts = [Explanation("goal_parts", composed, relation=relation, parts=parts)]
        parts.append(_rounding(residue, GRID))
        relation = "sum"
    return Explanation(
        "goal_value", total, label=_label(report, place), unit=unit, relation=relation, params={"by": by}, parts=parts
    )


def _side(report: GoalReport, place: int, name: str, column: FloatColumn, edges: IntColumn) -> Explanation:
    """The numerators, or the denominators, that a ratio sums up."""
    table, parts = report.index.edges, []
    for edge in edges.tolist():
        child, share = int(table.child[edge]), exact(float(table.share[edge]))
        number = column[report.index.rank_of(child)]
        if not np.isnan(number):
            parts.append(Explanation(f"goal_{name}", share * exact(float(number)), label=_label(report, child)))
    return Explanation(f"goal_{name}", _total(parts), label=_label(report, place), relation="sum", parts=parts)


def _assumed(report: GoalReport, by: str, edges: IntColumn) -> dict[int, Fraction]:
    """What unknown parts are taken to be: where they started in a product, standing like the others in a sum."""
    table = report.index.edges
    found, alike = {}, _alike(report, edges)
    known = [_value(report, int(table.child[edge])) for edge in edges.tolist()]
    starts = [_points(report, int(table.child[edge]))[0] for edge in edges.tolist()]
    gained = [exact(value) - start for value, start in zip(known, starts, strict=True) if value is not None]
    mean = sum(gained, Fraction(0)) / len(gained) if gained else Fraction(0)
    for edge, start in zip(edges.tolist(), starts, strict=True):
        span = _points(report, int(table.child[edge]))[1]
        child = int(table.child[edge])
        if by == "product":
            found[edge] = start if report.columns.kind[child] == 1 else start + span
        else:
            found[edge] = start + (mean if alike is None else alike * span)
    return found


def _published(value: float) -> float | None:
    return None if np.isnan(value) else float(publish(np.array([value]))[0])


def _total(parts: Sequence[Explanation]) -> Fraction:
    return sum((part.value for part in parts), Fraction(0))


def _seen(report: GoalReport, place: int) -> bool:
    return not np.isnan(report.actuals.value[place])


def _points(report: GoalReport, place: int) -> tuple[Fraction, Fraction]:
    """The baseline of a goal, and the way from there to its target."""
    rank = report.index.rank_of(place)
    return exact(float(report.index.baseline[rank])), exact(float(report.index.span[rank]))


def _value(report: GoalReport, place: int) -> float | None:
    value = report.value[place]
    return None if np.isnan(value) else float(value)


def _mean(report: GoalReport, place: int, label: str, progress: float, edges: IntColumn, level: int) -> Explanation:
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
        inner, name = _of_parts(report, child, level + 1), _label(report, child)
        if score is None:
            waits = _waits(report, child)
            lack: dict[str, Any] = {"weight": weight}
            code = "goal_waits" if waits else "goal_missing"
            below = () if waits else (inner,)
            lack |= {"start": _start(report, child)} if waits else {}
            parts.append(Explanation(code, Fraction(0), label=name, params=lack, parts=below))
            continue
        share = weight / whole
        params = {"score": exact(score), "weight": weight, "weights": whole, "slope": share, "intercept": Fraction(0)}
        parts.append(
            Explanation(
                "contribution", share * exact(score), label=name, relation="affine", params=params, parts=[inner]
            )
        )
    by = ROLL_UPS[int(report.columns.roll_up[place])].replace("_", " ")
    return _summed("goal", report, progress, label, parts, {"by": by})


def _sum(report: GoalReport, place: int, label: str, progress: float, edges: IntColumn, level: int) -> Explanation:
    """What each part of a sum brings to its progress: its value less its share of the baseline, over the span."""
    table = report.index.edges
    start, span = _points(report, place)
    alike = _alike(report, edges) or Fraction(0)
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
        inner = [_of_parts(report, child, level + 1)]
        parts.append(
            Explanation(code, value, label=_label(report, child), relation=relation, params=params, parts=inner)
        )
    return _summed("goal", report, progress, label, parts, {"by": "sum"})


def _alike(report: GoalReport, edges: IntColumn) -> Fraction | None:
    """How the known parts of a sum stand together, for the others are taken to stand like them; None without a way."""
    table = report.index.edges
    gained = whole = Fraction(0)
    for edge in edges:
        child, share = int(table.child[edge]), exact(float(table.share[edge]))
        value, (start, span) = _value(report, child), _points(report, child)
        if value is not None:
            gained += share * (exact(value) - start)
            whole += share * span
    return gained / whole if whole else None


def _rounding(residue: Fraction, grid: Fraction) -> Explanation:
    """What is left by rounding: that of the number itself, or of its parts where it counts for more than that."""
    code = "published" if abs(residue) <= grid else "published_parts"
    return Explanation(code, residue, params={"grid": grid})


def _summed(
    code: str, report: GoalReport, progress: float, label: str, parts: list[Explanation], params: dict[str, Any]
) -> Explanation:
    """Progress as the sum of its parts, what the rules hold it at, and the rounding; nothing else may be left."""
    rules, total = report.rules, _total(parts)
    if rules.above_target == "cap" and total > 1:
        parts.append(Explanation("goal_capped", 1 - total, params={"limit": 1}))
    elif rules.below_baseline == "zero" and total < 0:
        parts.append(Explanation("goal_floored", -total, params={"limit": 0}))
    residue = exact(progress) - _total(parts)
    if residue:
        slopes = sum((abs(Fraction(part.params.get("slope", 1))) for part in parts), Fraction(1))
        if abs(residue) > max(rules.grid, GRID) * slopes + Fraction(1, 10**9) * abs(total):
            raise PerfkitError(
                f"the explanation of {label!r} does not compose: its parts give {decimal_text(total)} and the "
                f"number is {decimal_text(exact(progress))}"
            )
        parts.append(_rounding(residue, max(rules.grid, GRID)))
    return Explanation(code, progress, label=label, relation="sum", parts=parts, params=params)
