"""The brief of a conversation: what both sides of the table need, from the numbers that decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Any, Literal

from attrs import evolve, field, frozen

from perfkit._core.checks import one_of
from perfkit._core.layout import table
from perfkit._core.notebook import definition
from perfkit._core.numbers import decimal_text, round_short
from perfkit._reviews.bridge import Bridge
from perfkit._reviews.chart import ControlChart, Signal
from perfkit._reviews.levers import WhatItTakes
from perfkit._reviews.phrases import ENGLISH, language_of, phrase, written
from perfkit._reviews.sensitivity import Sensitivity
from perfkit._reviews.views import brief_html
from perfkit._reviews.voices import Commitment, Side, StatedReason, Statement
from perfkit.errors import DefinitionError, did_you_mean
from perfkit.explain import Explanation
from perfkit.goals import GoalStatus
from perfkit.money import DECIMALS, Money

View = Literal["both", "employee", "manager"]
SECTIONS = (
    "goals",
    "moved",
    "signals",
    "levers",
    "commitments",
    "reasons",
    "gap",
    "surprises",
    "questions",
    "statement",
)
_LARGEST, _LARGE = 3, 1_000


@frozen
class Question:
    """Something to ask, derived from the facts.

    Attributes:
        code: such as ``goal_behind`` or ``signal``; stable, for translation.
        label: what it is about.
        params: what the code speaks of.
        sources: the sections of the brief that it follows from; where one of these is hidden, so is the question.
    """

    _repr_html_ = definition

    code: str
    label: str
    params: tuple[tuple[str, Any], ...] = ()
    sources: tuple[str, ...] = field(default=(), eq=False, repr=False, kw_only=True)

    def text(self, catalogue: Mapping[str, str] = ENGLISH) -> str:
        """The question in words.

        Args:
            catalogue: a sentence for ``ask_`` and each code, with parameters in braces.
        """
        params = {name: _in_words(name, value, catalogue) for name, value in self.params}
        code = f"ask_{self.code}_from" if "was" in params else f"ask_{self.code}"
        return phrase(code, {"label": self.label, **params}, catalogue)

    __str__ = text


def _in_words(name: str, value: Any, catalogue: Mapping[str, str]) -> Any:
    """A parameter that is a code itself, or several, in words."""
    if name == "rule":
        return phrase(f"rule_{value}", {}, catalogue)
    if isinstance(value, tuple):
        return ", ".join(phrase(f"reason_{code}", {}, catalogue) for code in value)
    return value


@frozen
class Surprise:
    """What came of something, against the last forecast of it.

    Attributes:
        label: the goal, ``score`` or ``amount``.
        actual: what came of it.
        expected: what was forecast.
        low: the lower end of the interval that was forecast, or None.
        high: the upper end, or None.
        is_open: whether the day that was forecast is still to come: the actual is then the forecast as it is now.
        currency: of a goal of money; its numbers are in major units.
    """

    _repr_html_ = definition

    label: str
    actual: Any
    expected: Any
    low: Any = None
    high: Any = None
    is_open: bool = False
    currency: str = ""

    @property
    def is_inside(self) -> bool | None:
        """Whether it lies in the interval that was forecast; None where there was none."""
        return None if self.low is None or self.high is None else bool(self.low <= self.actual <= self.high)

    @property
    def difference(self) -> Any:
        """The actual less what was forecast."""
        return self.actual - self.expected


@frozen(kw_only=True, repr=False)
class ReviewBrief:
    """What both sides of a review need to know, to ask and to keep; prints, and shows itself in a notebook.

    Attributes:
        person: whose review it is.
        as_of: the day.
        view: for whom it is: ``both``, ``employee`` or ``manager``.
        goals: where the person's goals stand, with pace and forecast.
        moved: what the score, and the pay, moved by since last time, and why.
        histories: each metric's history on a chart, by metric.
        next_level: what the next level would take; None where there is none to reach.
        sensitivities: what one more percent of each result is worth.
        commitments: who promised what.
        reasons: why results are what they are, as each side sees it.
        gap: the score as the employee sees it against that of the manager; None where they did not say.
        surprises: what came of things against their last forecast.
        questions: what to ask.
        statement: what the employee has to say, or None.
        is_final: whether the period of the goals is over.
        hidden: the sections that this view leaves out.
    """

    person: str
    as_of: date
    view: View = "both"
    goals: tuple[GoalStatus, ...] = ()
    moved: tuple[Bridge, ...] = ()
    histories: tuple[tuple[str, ControlChart], ...] = ()
    next_level: WhatItTakes | None = None
    sensitivities: tuple[Sensitivity, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    reasons: tuple[StatedReason, ...] = ()
    gap: Bridge | None = None
    surprises: tuple[Surprise, ...] = ()
    questions: tuple[Question, ...] = ()
    statement: Statement | None = None
    is_final: bool = False
    hidden: tuple[str, ...] = ()

    @property
    def fulfilment(self) -> tuple[int, int]:
        """How many of the commitments that were due by the day are fulfilled, and how many were due."""
        due = [one for one in self.commitments if one.due <= self.as_of or one.state(self.as_of) == "fulfilled"]
        return sum(one.state(self.as_of) in ("fulfilled", "fulfilled_late") for one in due), len(due)

    def for_employee(self, *, hide: Iterable[str] = ()) -> ReviewBrief:
        """The employee's view: without what the manager keeps private.

        Args:
            hide: further sections to leave out, such as ``levers``.
        """
        return self._viewed("employee", hide)

    def for_manager(self, *, hide: Iterable[str] = ()) -> ReviewBrief:
        """The manager's view: without what the employee keeps private.

        Args:
            hide: further sections to leave out.
        """
        return self._viewed("manager", hide)

    def _viewed(self, side: Side, hide: Iterable[str]) -> ReviewBrief:
        hidden = checked_sections(hide)
        if self.view not in ("both", side):
            raise DefinitionError(
                f"this is the {self.view}'s view already; make the other of the whole brief", path="view"
            )
        blank: dict[str, Any] = {
            "levers": {"next_level": None, "sensitivities": ()},
            "signals": {"histories": ()},
            "gap": {"gap": None},
            "statement": {"statement": None},
        }
        kept: dict[str, Any] = {
            "reasons": tuple(one for one in self.reasons if one.by == side or not one.is_private),
            # What is hidden must not be told by what is asked about it.
            "questions": tuple(one for one in self.questions if not set(one.sources) & set(hidden)),
            "view": side,
            "hidden": tuple(dict.fromkeys([*self.hidden, *hidden])),
        }
        for name in hidden:
            kept |= blank.get(name, {name: ()})
        return evolve(self, **kept)

    def sections(self, catalogue: Mapping[str, str] = ENGLISH) -> list[tuple[str, list[tuple[str, str]]]]:
        """Each section that has something to say: its heading, and lines of a label and what is said of it."""
        return [(head, lines) for _, head, lines in self._named_sections(catalogue)]

    def _named_sections(self, catalogue: Mapping[str, str]) -> list[tuple[str, str, list[tuple[str, str]]]]:
        done, due = self.fulfilment
        counted = "commitments" if due else "commitments_none_due"
        heads = {"commitments": phrase(counted, {"fulfilled": done, "due": due}, catalogue)}
        tellers = {
            "goals": _goals,
            "moved": _moved,
            "signals": _signals,
            "levers": _levers,
            "commitments": _commitments,
            "reasons": _reasons,
            "gap": _gap,
            "surprises": _surprises,
            "questions": _questions,
            "statement": _statement,
        }
        found = []
        for name in SECTIONS:
            lines = list(tellers[name](self, catalogue))
            if lines:
                found.append((name, heads.get(name) or phrase(name, {}, catalogue), lines))
        return found

    def text(self, catalogue: Mapping[str, str] = ENGLISH) -> str:
        """The brief as text.

        Args:
            catalogue: a phrase for each code, with parameters in braces.
        """
        out = [self._title(catalogue)]
        for head, lines in self.sections(catalogue):
            out += ["", head, *(f"  {line}" for line in table(lines, left=(0, 1)).split("\n"))]
        return "\n".join(out)

    def __str__(self) -> str:
        return self.text()

    def _title(self, catalogue: Mapping[str, str]) -> str:
        code = "brief_employee" if self.view == "employee" else "brief"
        return phrase(code, {"person": self.person, "as_of": self.as_of}, catalogue)

    def html(self, catalogue: Mapping[str, str] = ENGLISH) -> str:
        """The brief as HTML: bars of progress, a waterfall of what moved, the histories, and what both sides say.

        Args:
            catalogue: a phrase for each code, with parameters in braces.
        """
        advice = [] if self.next_level is None else self.next_level._blocks(catalogue)
        return brief_html(self, self._title(catalogue), self._named_sections(catalogue), advice, catalogue)

    def _repr_html_(self) -> str:
        return self.html()

    def to_dict(self) -> dict[str, Any]:
        """The brief as plain data, ready for JSON: codes with parameters, numbers as they are."""
        done, due = self.fulfilment
        return {
            "person": self.person,
            "as_of": self.as_of.isoformat(),
            "view": self.view,
            "hidden": list(self.hidden),
            "is_final": self.is_final,
            "goals": [_goal_data(one) for one in self.goals],
            "moved": [one.to_dict() for one in self.moved],
            "histories": {name: chart.to_dict() for name, chart in self.histories},
            "next_level": None if self.next_level is None else self.next_level.to_dict(),
            "sensitivities": [one.explain().to_dict() for one in self.sensitivities],
            "commitments": [_data(one.state(self.as_of), one.what, one) for one in self.commitments],
            "fulfilled": done,
            "due": due,
            "reasons": [_data(one.code, one.about, one) for one in self.reasons],
            "gap": None if self.gap is None else self.gap.to_dict(),
            "surprises": [_data("surprise", one.label, one) for one in self.surprises],
            "questions": [
                Explanation(one.code, None, label=one.label, params=one.params).to_dict() for one in self.questions
            ],
            "statement": None if self.statement is None else _data("statement", self.statement.by, self.statement),
        }

    def __repr__(self) -> str:
        return f"<ReviewBrief of {self.person!r}, {self.as_of}: {len(self.questions)} questions>"


def checked_sections(names: Iterable[str]) -> tuple[str, ...]:
    """Names of sections.

    Raises:
        DefinitionError: for one that no brief has.
    """
    if isinstance(names, str):
        names = (names,)
    found = tuple(names)
    for name in found:
        if name not in SECTIONS:
            raise DefinitionError(
                f"a section must be one of {', '.join(SECTIONS)} (got {name!r}){did_you_mean(str(name), SECTIONS)}",
                path="hide",
            )
    return found


def check_view(view: str) -> None:
    """Refuse a view that has no name."""
    one_of(view, ("both", "employee", "manager"), "view")


def _data(code: str, label: str, value: Any) -> dict[str, Any]:
    params = {name: getattr(value, name) for name in value.__match_args__ or ()}
    params |= {name: getattr(value, name) for name in getattr(value, "__slots__", ()) if not name.startswith("_")}
    return Explanation(code, None, label=label, params=params).to_dict()


def _goal_data(status: GoalStatus) -> dict[str, Any]:
    ahead = status.forecast
    return {
        "id": status.id,
        "title": status.goal.title,
        "value": status.value,
        "progress": status.progress,
        "expected": status.expected,
        "pace": status.pace,
        "health": status.health,
        "coverage": status.coverage,
        "required_rate": status.required_rate,
        "run_rate": status.run_rate,
        "forecast": None
        if ahead is None
        else {
            "value": ahead.value,
            "low": ahead.low,
            "high": ahead.high,
            "level": ahead.level,
            "probability": ahead.probability,
        },
    }


# The lines of each section.

Lines = Iterator[tuple[str, str]]


def percent(share: float | None) -> str:
    """A share as text; a dash for none."""
    return "-" if share is None else f"{100 * share:.1f}%"


def number_text(value: float) -> str:
    """A number in two decimals, a large one in none, and one below 1 in three digits."""
    return f"{value:,.0f}" if abs(value) >= _LARGE else decimal_text(round_short(value))


def _with_unit(value: float, unit: str) -> str:
    return number_text(value) + unit


def name_of(status: GoalStatus) -> str:
    """What a goal is called."""
    return status.goal.title or status.id


def _goals(brief: ReviewBrief, catalogue: Mapping[str, str]) -> Lines:
    for status in brief.goals:
        if status.progress is None:
            yield name_of(status), phrase("goal_not_observed", {}, catalogue)
            continue
        code = "goal_at_undated" if status.expected is None else "goal_at"
        told = [phrase(code, {"progress": percent(status.progress), "expected": percent(status.expected)}, catalogue)]
        if status.health is not None:
            language, state = language_of(catalogue), status.health
            told.append(language.get(f"health_{state}") or language.word(state.replace("_", " ")))
        ahead = status.forecast
        if ahead is not None and not brief.is_final and status.progress < 1:
            linear = status.goal.is_linear
            unit = f" {status.goal.unit}" if status.goal.unit in DECIMALS else ""
            shown = partial(_with_unit, unit=unit) if linear else percent
            if ahead.low is None or ahead.high is None:
                told.append(phrase("goal_forecast", {"value": shown(ahead.value)}, catalogue))
            else:
                params = {
                    "value": shown(ahead.value),
                    "low": shown(ahead.low),
                    "high": shown(ahead.high),
                    "level": percent(ahead.level),
                }
                told.append(phrase("goal_forecast_range", params, catalogue))
            if linear and status.required_rate is not None and status.run_rate is not None:
                rates = {"rate": shown(status.required_rate), "so_far": shown(status.run_rate)}
                told.append(phrase("goal_rate", rates, catalogue))
        yield name_of(status), ", ".join(told)


def _moved(brief: ReviewBrief, catalogue: Mapping[str, str]) -> Lines:
    for one in brief.moved:
        ends = [_plain(one.before), _plain(one.after)] if one.shown is None else list(one.shown)
        first, last, change = (written(end, catalogue) for end in (*ends, signed(one.change)))
        yield language_of(catalogue).label(one.of), f"{first} > {last} ({change})"
        for line in one.largest(_LARGEST):
            said = phrase(f"moved_{line.kind}", {"label": line.label}, catalogue)
            yield f"  {said}", written(signed(line.amount), catalogue)
        yield from _rest(one, catalogue)


def _rest(one: Bridge, catalogue: Mapping[str, str]) -> Lines:
    """How many lines are left out, and what they come to, so that what is shown adds up."""
    left = one.largest(len(one.lines))[_LARGEST:]
    if left:
        amounts = [line.amount for line in left]
        yield f"  {phrase('folded', {'count': len(left)}, catalogue)}", written(signed(_sum(amounts)), catalogue)


def _sum(amounts: Sequence[Any]) -> Any:
    total = amounts[0]
    for amount in amounts[1:]:
        total = total + amount
    return total


def _plain(amount: Any) -> str:
    return decimal_text(amount) if isinstance(amount, Fraction) else str(amount)


def signed(amount: Any) -> str:
    """An amount with its sign."""
    size = amount.exact if isinstance(amount, Money) else amount
    return f"+{_plain(amount)}" if size > 0 else _plain(amount)


def _signals(brief: ReviewBrief, catalogue: Mapping[str, str]) -> Lines:
    for name, chart in brief.histories:
        last = chart.limits[-1]
        told = [_signal(one, catalogue) for one in chart.signals if one.at >= last.start]
        ends = {"lower": last.lower, "upper": last.upper, "signals": ", ".join(told[-_LARGEST:])}
        yield language_of(catalogue).label(name), phrase(f"brief_{chart.verdict}", ends, catalogue)


def _signal(one: Signal, catalogue: Mapping[str, str]) -> str:
    rule, side = phrase(f"rule_{one.code}", {}, catalogue), phrase(f"side_{one.side or 'none'}", {}, catalogue)
    code = "signal_at" if one.day is None else "signal_on"
    said = phrase(code, {"rule": rule, "side": side, "place": one.at + 1, "day": one.day}, catalogue)
    return " ".join(said.split()).replace(" ,", ",")


def _levers(brief: ReviewBrief, catalogue: Mapping[str, str]) -> Lines:
    if brief.next_level is not None:
        for place, line in enumerate(brief.next_level.text(catalogue).split("\n")):
            yield ("", line) if place else (written(brief.next_level.wanted, catalogue), line)
    for one in brief.sensitivities[:_LARGEST]:
        # What a cap or a gate keeps from counting is left to what is worth something.
        if one.effect:
            yield "", one.text(catalogue)


def _commitments(brief: ReviewBrief, catalogue: Mapping[str, str]) -> Lines:
    for one in brief.commitments:
        params = {"due": one.due, "fulfilled_on": one.fulfilled_on}
        yield f"{one.owner}: {one.what}", phrase(f"commitment_{one.state(brief.as_of)}", params, catalogue)


def _reasons(brief: ReviewBrief, catalogue: Mapping[str, str]) -> Lines:
    for one in brief.reasons:
        side, code = (phrase(name, {}, catalogue) for name in (f"side_{one.by}", f"reason_{one.code}"))
        label = language_of(catalogue).label(one.about)
        yield label, f"{side}: {code}" + (f" ({one.note})" if one.note else "")


def _gap(brief: ReviewBrief, catalogue: Mapping[str, str]) -> Lines:
    if brief.gap is None:
        return
    ends = {"manager": brief.gap.before, "employee": brief.gap.after}
    code = "gap_of" if brief.gap.before != brief.gap.after else "gap_none"
    yield language_of(catalogue).label(brief.gap.of), phrase(code, ends, catalogue)
    for line in brief.gap.largest(_LARGEST):
        yield f"  {language_of(catalogue).label(line.label)}", written(signed(line.amount), catalogue)
    yield from _rest(brief.gap, catalogue)


def _surprises(brief: ReviewBrief, catalogue: Mapping[str, str]) -> Lines:
    for one in brief.surprises:
        code = {None: "surprise", True: "surprise_inside", False: "surprise_outside"}[one.is_inside]
        code = "surprise_open" if one.is_open else code
        shown = {name: short(one, getattr(one, name)) for name in ("actual", "expected", "low", "high")}
        yield language_of(catalogue).label(one.label), phrase(code, shown, catalogue)


def short(one: Surprise, value: Any) -> Any:
    """What was forecast, or came of it, as text; a score in the digits in which it is published."""
    if not isinstance(value, float):
        return value
    return decimal_text(value) if one.label == "score" else _with_unit(value, one.currency and f" {one.currency}")


def _questions(brief: ReviewBrief, catalogue: Mapping[str, str]) -> Lines:
    for one in brief.questions:
        yield "?", one.text(catalogue)


def _statement(brief: ReviewBrief, catalogue: Mapping[str, str]) -> Lines:
    one = brief.statement
    if one is None:
        return
    yield phrase("said", {"by": one.by, "on": one.on}, catalogue), one.words
    if one.disputes:
        code = "disputed" if one.answered_on is None else "disputed_answered"
        about = ", ".join(map(language_of(catalogue).label, one.disputes))
        yield "", phrase(code, {"about": about, "answered_on": one.answered_on}, catalogue)
