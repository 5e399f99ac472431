"""What both sides of a table say: commitments, reasons with codes, the employee's statement and dispute."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Literal

from attrs import field, frozen

from perfkit._core.checks import instance, one_of, text, truth
from perfkit._core.notebook import definition
from perfkit.errors import DefinitionError

Side = Literal["employee", "manager"]
SIDES: tuple[Side, ...] = ("employee", "manager")
# Why a result is what it is: what of it the person could not do anything about comes first.
REASON_CODES = ("target", "resource", "process", "dependency", "external", "skill", "effort", "other")
CommitmentState = Literal["fulfilled", "fulfilled_late", "open", "overdue"]


def _day(value: Any, what: str) -> None:
    if type(value) is not date:
        raise DefinitionError(f"{what} must be a date (got {value!r}); take .date() of a time", path=what)


@frozen
class Commitment:
    """What somebody has said that they will do, and by when.

    Args:
        what: in words.
        owner: who does it; it may as well be the manager.
        due: the last day.
        fulfilled_on: the day on which it was done; None while it is open.
        about: the goal or metric that it serves.

    Raises:
        DefinitionError: for no owner, or days that are no dates.

    Example:
        >>> from datetime import date
        >>> promise = Commitment("introduce the new pricing", "mira", date(2026, 8, 31))
        >>> promise.state(date(2026, 9, 1))
        'overdue'
    """

    _repr_html_ = definition

    what: str = field(converter=text)
    owner: str = field(converter=text)
    due: date
    fulfilled_on: date | None = field(default=None, kw_only=True)
    about: str = field(default="", validator=instance(str), kw_only=True)

    def __attrs_post_init__(self) -> None:
        _day(self.due, "due")
        if self.fulfilled_on is not None:
            _day(self.fulfilled_on, "fulfilled_on")

    def state(self, as_of: date) -> CommitmentState:
        """Where it stands on a day; what was fulfilled later was still open then."""
        if self.fulfilled_on is not None and self.fulfilled_on <= as_of:
            return "fulfilled" if self.fulfilled_on <= self.due else "fulfilled_late"
        return "overdue" if as_of > self.due else "open"


@frozen
class StatedReason:
    """Why a result is what it is, as one side sees it.

    Args:
        about: the goal or metric.
        code: ``target`` (it was wrong), ``resource``, ``process``, ``dependency`` (on others), ``external``, ``skill``,
            ``effort`` or ``other``.
        by: ``employee`` or ``manager``.
        note: in words.
        is_private: whether only its own side is to see it, such as a draft.

    Raises:
        DefinitionError: for an unknown code or side, or ``other`` without a note.

    Example:
        >>> StatedReason("churn", "dependency", "employee", note="support was understaffed").code
        'dependency'
    """

    _repr_html_ = definition

    about: str = field(converter=text)
    code: str
    by: Side
    note: str = field(default="", validator=instance(str), kw_only=True)
    is_private: bool = field(default=False, converter=truth, kw_only=True)

    def __attrs_post_init__(self) -> None:
        one_of(self.code, REASON_CODES, "code")
        one_of(self.by, SIDES, "by")
        if self.code == "other" and not self.note.strip():
            raise DefinitionError(f"another reason for {self.about!r} needs words: give note=", path="note")


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise DefinitionError(f"disputes must be a list of goals or metrics (got {value!r})", path="disputes")
    return tuple(text(name) for name in value)


@frozen
class Statement:
    """What the employee has to say about a review, on the record, and what of it they dispute.

    Args:
        words: the statement, as it was written.
        by: who says so.
        on: the day.
        disputes: the goals or metrics whose numbers they dispute.
        answered_on: the day on which the dispute was answered; None while it is open.

    Raises:
        DefinitionError: for no words, or days that are no dates.

    Example:
        >>> from datetime import date
        >>> said = Statement("two customers were moved to ben", "ana", date(2026, 12, 20), disputes=["churn"])
        >>> said.is_disputed
        True
    """

    _repr_html_ = definition

    words: str = field(converter=text)
    by: str = field(converter=text)
    on: date
    disputes: tuple[str, ...] = field(default=(), converter=_names, kw_only=True)
    answered_on: date | None = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        _day(self.on, "on")
        if self.answered_on is not None:
            _day(self.answered_on, "answered_on")
            if self.answered_on < self.on:
                raise DefinitionError(
                    f"a dispute must not be answered ({self.answered_on}) before it is raised ({self.on})",
                    path="answered_on",
                )

    @property
    def is_disputed(self) -> bool:
        """Whether something is disputed and not answered yet."""
        return bool(self.disputes) and self.answered_on is None
