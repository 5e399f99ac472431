"""What ties goals to each other, and what about a goal is different from a day on."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Literal

from attrs import field, frozen

from perfkit._core.checks import day, instance
from perfkit._core.notebook import definition
from perfkit._core.numbers import plain
from perfkit._goals.measures import number, optional_number
from perfkit.errors import DefinitionError

RollUp = Literal[
    "weighted_mean",
    "mean",
    "sum",
    "product",
    "ratio",
    "minimum",
    "maximum",
    "worst_status",
    "all",
    "any",
    "latest",
    "own",
    "none",
]
ROLL_UPS: tuple[RollUp, ...] = (
    "weighted_mean",
    "mean",
    "sum",
    "product",
    "ratio",
    "minimum",
    "maximum",
    "worst_status",
    "all",
    "any",
    "latest",
    "own",
    "none",
)


@frozen
class Change:
    """What is different about a goal from a day on: its weight, target, baseline, owner, or the goal above.

    Args:
        on: the first day on which it holds.
        weight: how much the goal counts from then on.
        target: what is to be reached from then on.
        baseline: where progress starts from then on.
        owner: who answers for it from then on.
        under: the goal above from then on.
    """

    _repr_html_ = definition

    on: date = field(validator=day)
    weight: Fraction | None = field(default=None, converter=optional_number, kw_only=True)
    target: Fraction | None = field(default=None, converter=optional_number, kw_only=True)
    baseline: Fraction | None = field(default=None, converter=optional_number, kw_only=True)
    owner: str | None = field(default=None, validator=instance(str, type(None)), kw_only=True)
    under: str | None = field(default=None, validator=instance(str, type(None)), kw_only=True)

    def __attrs_post_init__(self) -> None:
        if all(value is None for value in (self.weight, self.target, self.baseline, self.owner, self.under)):
            raise DefinitionError(f"the change on {self.on} must change something (got nothing)", path="on")
        if self.weight is not None and self.weight <= 0:
            raise DefinitionError(
                f"weight from {self.on} on must be positive (got {plain(self.weight)})", path="weight"
            )


@frozen
class Contribution:
    """A second goal that a goal drives, and how much of it counts there.

    Args:
        to: the id of the other goal.
        share: how much of this goal's value and weight counts there, above 0 and at most 1.
        weight: how much it counts there before the share; its own weight when not given.
    """

    _repr_html_ = definition

    to: str
    share: Fraction = field(converter=number)
    weight: Fraction | None = field(default=None, converter=optional_number)

    def __attrs_post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise DefinitionError(
                f"the share that counts in {self.to!r} must be above 0 and at most 1 (got {plain(self.share)})",
                path="share",
            )
        if self.weight is not None and self.weight <= 0:
            raise DefinitionError(f"weight in {self.to!r} must be positive (got {plain(self.weight)})", path="weight")
