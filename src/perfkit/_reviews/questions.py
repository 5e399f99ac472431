"""What to ask: questions that follow from the facts, by code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from perfkit._reviews.brief import Question, ReviewBrief, name_of, percent, short, signed
from perfkit.money import Money

# Pace below which a goal is behind, and from which it is far ahead.
_BEHIND, _AHEAD = 0.9, 1.2
_LARGEST = 3
# The sections of a brief that each question follows from.
_SOURCES: dict[str, tuple[str, ...]] = {
    "goal_behind": ("goals",),
    "goal_missed": ("goals",),
    "goal_unobserved": ("goals",),
    "goal_ahead": ("goals",),
    "fell": ("moved",),
    "rose": ("moved",),
    "target_moved": ("moved",),
    "rules_moved": ("moved",),
    "missing": ("moved",),
    "no_reason": ("moved", "reasons"),
    "signal": ("signals",),
    "noise": ("signals", "moved", "reasons"),
    "out_of_reach": ("levers",),
    "overdue": ("commitments",),
    "reasons_differ": ("reasons",),
    "gap": ("gap",),
    "surprise": ("surprises",),
    "surprise_open": ("surprises",),
    "dispute": ("statement",),
}


def questions_of(brief: ReviewBrief, seen: Mapping[str, tuple[Any, Any]]) -> tuple[Question, ...]:
    """The questions that follow from the facts of a brief, each once; what is private plays no part.

    Args:
        brief: the facts.
        seen: by metric, what was seen of it before and after, where both are known.
    """
    found = [
        *_of_goals(brief),
        *_of_changes(brief, seen),
        *_of_commitments(brief),
        *_of_reasons(brief),
        *_of_gap(brief),
        *_of_surprises(brief),
        *_of_levers(brief),
    ]
    if brief.statement is not None and brief.statement.is_disputed:
        about = ", ".join(brief.statement.disputes)
        found.append(_asked("dispute", about, about=about))
    return tuple(dict.fromkeys(found))


def _asked(code: str, label: str, **params: Any) -> Question:
    return Question(code, label, tuple(params.items()), sources=_SOURCES[code])


def _of_goals(brief: ReviewBrief) -> Iterator[Question]:
    for status in brief.goals:
        if status.progress is None:
            yield _asked("goal_unobserved", name_of(status))
        elif brief.is_final:
            if status.progress < 1:
                yield _asked("goal_missed", name_of(status), progress=percent(status.progress))
        elif status.expected is not None and status.pace is not None:
            at = {"progress": percent(status.progress), "expected": percent(status.expected)}
            if status.pace < _BEHIND and status.progress < 1:
                yield _asked("goal_behind", name_of(status), **at)
            elif status.pace >= _AHEAD:
                yield _asked("goal_ahead", name_of(status), **at)


def _verdicts(brief: ReviewBrief) -> dict[str, str]:
    return {name: chart.verdict for name, chart in brief.histories}


def _of_changes(brief: ReviewBrief, seen: Mapping[str, tuple[Any, Any]]) -> Iterator[Question]:
    verdicts = _verdicts(brief)
    for name, chart in brief.histories:
        if chart.verdict == "signal":
            yield _asked("signal", name, rule=chart.signals[-1].code)
    if not brief.moved:
        return
    explained = {one.about for one in brief.reasons if not one.is_private}
    for line in brief.moved[0].largest(_LARGEST):
        fell = (line.amount.exact if isinstance(line.amount, Money) else line.amount) < 0
        amount = signed(line.amount)
        brought = {"amount": amount, "size": amount.lstrip("+-"), "of": brief.moved[0].of}
        if line.kind == "value" and verdicts.get(line.label) == "noise":
            yield _asked("noise", line.label)
        elif line.kind == "value":
            # What a metric did and what that brought are two things: a churn that rose takes something away.
            went = dict(zip(("was", "now"), seen.get(line.label, ()), strict=False))
            yield _asked("fell" if fell else "rose", line.label, **brought, **went)
            if fell and line.label not in explained:
                yield _asked("no_reason", line.label)
        elif line.kind == "target":
            yield _asked("target_moved", line.label, amount=amount)
        elif line.kind == "missing":
            yield _asked("missing", line.label)
        elif line.kind in ("weight", "membership", "plan"):
            yield _asked("rules_moved", line.label, amount=amount)


def _of_commitments(brief: ReviewBrief) -> Iterator[Question]:
    for one in brief.commitments:
        if one.state(brief.as_of) == "overdue":
            yield _asked("overdue", one.what, owner=one.owner, what=one.what, due=one.due)


def _of_reasons(brief: ReviewBrief) -> Iterator[Question]:
    verdicts = _verdicts(brief)
    said: dict[str, dict[str, list[str]]] = {}
    for one in brief.reasons:
        if not one.is_private:
            said.setdefault(one.about, {}).setdefault(one.by, []).append(one.code)
    for about, by in said.items():
        mine, theirs = by.get("employee", []), by.get("manager", [])
        if mine and theirs and set(mine) != set(theirs):
            yield _asked("reasons_differ", about, employee=tuple(mine), manager=tuple(theirs))
        if verdicts.get(about) == "noise":
            yield _asked("noise", about)


def _of_gap(brief: ReviewBrief) -> Iterator[Question]:
    if brief.gap is not None:
        for line in brief.gap.largest(1):
            yield _asked("gap", line.label, amount=signed(line.amount))


def _of_surprises(brief: ReviewBrief) -> Iterator[Question]:
    for one in brief.surprises:
        expected, actual = (short(one, value) for value in (one.expected, one.actual))
        if one.is_inside is False or (one.is_inside is None and one.actual != one.expected):
            code = "surprise_open" if one.is_open else "surprise"
            yield _asked(code, one.label, actual=actual, expected=expected)


def _of_levers(brief: ReviewBrief) -> Iterator[Question]:
    if brief.next_level is not None and not brief.next_level.is_reachable:
        yield _asked("out_of_reach", str(brief.next_level.wanted), wanted=brief.next_level.wanted)
