"""Scorecards and scores as a notebook shows them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from perfkit._core.notebook import (
    Markup,
    bar,
    count,
    distribution,
    facts,
    failed,
    grid,
    heading,
    in_words,
    indented,
    left_out,
    terms,
    view,
)
from perfkit._core.numbers import decimal_text
from perfkit.errors import PerfkitError

if TYPE_CHECKING:
    from perfkit._metrics.contributions import EffectiveWeights
    from perfkit._metrics.job import DutyCoverage
    from perfkit._metrics.metric import Metric
    from perfkit._metrics.scorecard import Scorecard
    from perfkit._metrics.scores import Score, Scores
    from perfkit._metrics.section import Section

_ROWS, _PARTS = 10, 500


def scorecard_html(card: Scorecard) -> str:
    """The parts of a scorecard with their weights, what each measures and how it scores."""
    notes = [count(len(card.metrics()), "metric"), *(" ".join(pair) for pair in terms(card, "name", "sections"))]
    return view(heading(card.name, *notes), _parts(card.sections), facts(_learned_facts(card.learned_weights())))


def section_html(section: Section) -> str:
    """The parts of a section."""
    return view(heading(section.name, *(" ".join(pair) for pair in terms(section, "name", "of"))), _parts(section.of))


def _parts(parts: tuple[Metric | Section, ...]) -> Markup:
    rows: list[tuple[object, ...]] = []
    strong: list[int] = []
    for part, level, share in _walk(parts, 0, Fraction(1)):
        if len(rows) < _PARTS and hasattr(part, "of"):
            strong.append(len(rows))
        rows.append(
            (
                indented(part.name, level),
                "" if part.weight is None else decimal_text(part.weight),
                Markup(f"{bar(float(share))} {100 * float(share):.1f} %"),
                _measured(part),
                _terms(part),
            )
        )
    more = left_out(len(rows), _PARTS)
    header = ("", "weight", "of the whole", "measures", "")
    return grid(header, rows[:_PARTS], left=(0, 2, 3, 4), wide=(4,), strong=strong, more=more)


def _walk(
    parts: tuple[Metric | Section, ...], level: int, whole: Fraction
) -> Iterator[tuple[Metric | Section, int, Fraction]]:
    weights = [Fraction(1) if part.weight is None else part.weight for part in parts]
    for part, weight in zip(parts, weights, strict=True):
        share = whole * weight / sum(weights)
        yield part, level, share
        yield from _walk(getattr(part, "of", ()), level + 1, share)


def _measured(part: Any) -> str:
    if hasattr(part, "of"):
        return ""
    unit = f" {part.unit}" if part.unit else ""
    target = f"{in_words(part.target)}{unit}" if part.target is not None else ""
    if part.kind == "raw":
        return f"the value{f' in{unit}' if unit else ''}"
    if part.kind == "progress":
        return f"progress from {in_words(part.baseline)} to {target}"
    return f"attainment of {target}"


def _terms(part: Any) -> str:
    if hasattr(part, "of"):
        return ", ".join(" ".join(pair) for pair in terms(part, "name", "weight", "of"))
    left_out = ["name", "weight", "target", "baseline", "unit", "lower_is_better"]
    left_out += ["column"] if part.column == part.name else []
    said = ["lower is better"] if part.lower_is_better else []
    return ", ".join(said + [" ".join(pair) for pair in terms(part, *left_out)])


def scores_html(scores: Scores) -> str:
    """How many scores there are, how they are distributed, and the first of them."""
    values, n = scores.values, len(scores)
    known = values[~np.isnan(values)]
    told_of: list[tuple[str, str]] = []
    if len(known):
        told_of = [
            ("lowest, median, highest", ", ".join(_score(float(f(known))) for f in (np.min, np.median, np.max))),
            ("observed", f"{100 * float(np.mean(scores.coverage)):.1f} % of the weight on average"),
        ]
    if len(known) < n:
        told_of.append(("without a score", count(n - len(known), "row")))
    rows = [
        (
            f"{row:,}",
            _score(float(values[row])),
            Markup(f"{bar(float(scores.coverage[row]))} {scores.coverage[row]:.0%}"),
        )
        for row in range(min(n, _ROWS))
    ]
    more = left_out(n, _ROWS)
    return view(
        heading(scores.card.name, f"scores of {count(n, 'row')}"),
        facts(told_of),
        distribution(known, _score),
        grid(("row", "score", "coverage"), rows, left=(2,), more=more) if n else "",
    )


def _score(value: float) -> str:
    return "-" if np.isnan(value) else decimal_text(value)


def effective_weights_html(weights: EffectiveWeights) -> str:
    """The weight that each metric was given, beside the one that it has."""
    rows = [
        (name, *(Markup(f"{bar(share)} {_percent(share)}") for share in (float(nominal), weights.effective[name])))
        for name, nominal in weights.nominal.items()
    ]
    return view(
        heading("effective weights"),
        grid(("metric", "nominal", "effective"), rows, left=(0, 1, 2)),
        facts(_learned_facts(weights.learned)),
    )


def duty_coverage_html(coverage: DutyCoverage) -> str:
    """The duties of a job with their importance, the weight that measures each, and what weighs besides."""
    rows = [
        (
            duty.duty,
            _percent(float(duty.importance)),
            Markup(f"{bar(float(duty.weight))} {_percent(float(duty.weight))}"),
            _percent(float(duty.gap), signed=True),
            ", ".join(duty.metrics) or "none",
        )
        for duty in coverage.duties
    ]
    besides = [
        (what, f"{', '.join(metrics)} ({_percent(float(weight))})")
        for what, metrics, weight in (
            ("for other jobs", coverage.of_other_jobs, coverage.weight_of_other_jobs),
            ("for no duty", coverage.without_duty, coverage.weight_without_duty),
        )
        if metrics
    ]
    return view(
        heading("duties", f"{_percent(float(coverage.covered))} of the job is measured"),
        grid(("duty", "importance", "weight", "gap", "metrics"), rows, left=(0, 2, 4), wide=(4,)),
        facts([*besides, *_learned_facts(coverage.learned)]),
    )


def learned_line(names: tuple[str, ...]) -> list[str]:
    """The line that marks weights learned from data, where there are any."""
    return [f"weights learned from data: {', '.join(names)}"] if names else []


def _learned_facts(names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [("weights learned from data", ", ".join(names))] if names else []


def _percent(share: float, *, signed: bool = False) -> str:
    if np.isnan(share):
        return "-"
    return f"{100 * share:+.1f} %" if signed else f"{100 * share:.1f} %"


def score_html(score: Score, name: str) -> str:
    """A score, how much of it was observed, and why it is what it is."""
    title = f"{name}: {_score(score.value)}"
    try:
        explained = score.explain()
    except PerfkitError as error:
        return failed(title, error)
    return view(heading(title, f"coverage {score.coverage:.0%}"), Markup(explained.html()))
