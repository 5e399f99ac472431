"""Every choice that a roll-up has, by name: what is missing, what is clipped, how it is rounded, what is healthy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from attrs import field, frozen

from perfkit._core.checks import one_of, truth
from perfkit._core.grid import GRID, checked_grid
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact, plain
from perfkit._goals.period import ELAPSED, Elapsed
from perfkit.errors import DefinitionError

GoalMissing = Literal["redistribute", "even", "zero", "carry", "refuse"]
BelowBaseline = Literal["keep", "zero"]
AboveTarget = Literal["keep", "cap"]
HealthOn = Literal["pace", "lead", "progress", "stretch"]
HEALTH_ON: tuple[HealthOn, ...] = ("pace", "lead", "progress", "stretch")

# From the best to the worst, for what is told of many goals at once; the bands come between.
_BEST = ("achieved",)
_BETWEEN = ("not_started", "pending", "stale")
_WORST = ("missed",)
SPECIAL = (*_BEST, *_BETWEEN, *_WORST)


def _floors(floors: Mapping[str, Number] | Iterable[tuple[str, Number]]) -> tuple[tuple[str, Fraction], ...]:
    pairs = floors.items() if isinstance(floors, Mapping) else floors
    return tuple((name, exact(floor, what=f"the floor of {name!r}")) for name, floor in pairs)


def _states(states: Iterable[str]) -> tuple[str, ...]:
    return (states,) if isinstance(states, str) else tuple(states)


def _days(days: date | Iterable[date]) -> tuple[date, ...]:
    return (days,) if isinstance(days, date) else tuple(days)


@frozen
class HealthBands:
    """What state a goal is in, from where it stands and where it should.

    Args:
        floors: the least number for each state, rising; a goal below all of them is in the ``lowest``.
        lowest: the state below every floor.
        on: the number that is compared: ``pace`` (progress / expected), ``lead`` (progress - expected),
            ``progress`` alone, or progress on the way to the ``stretch`` where a goal has one.
        precedence: states that come before the bands, the first that holds: ``not_started`` before the goal's period,
            ``pending`` without an observation, ``achieved`` from the target on, as far as nothing of it is
            unknown, ``missed`` once the period is over, ``stale`` when the last observation is older than
            ``stale_after`` days.
        stale_after: how many days an observation stays fresh; for ever when not given.
        roll_up: whether a goal with parts has the state of its ``own`` numbers, or of its ``worst`` part.

    Example:
        >>> HealthBands().band(Fraction(9, 10)), HealthBands().band(Fraction(7, 10))
        ('on_track', 'off_track')
    """

    _repr_html_ = definition

    floors: tuple[tuple[str, Fraction], ...] = field(
        default=(("at_risk", Fraction(3, 4)), ("on_track", Fraction(9, 10)), ("ahead", Fraction(11, 10))),
        converter=_floors,
    )
    lowest: str = field(default="off_track", kw_only=True)
    on: HealthOn = field(default="pace", kw_only=True)
    precedence: tuple[str, ...] = field(
        default=("not_started", "pending", "achieved", "missed", "stale"), converter=_states, kw_only=True
    )
    stale_after: int | None = field(default=None, kw_only=True)
    roll_up: Literal["own", "worst"] = field(default="own", kw_only=True)

    def __attrs_post_init__(self) -> None:
        one_of(self.on, HEALTH_ON, "on")
        one_of(self.roll_up, ("own", "worst"), "roll_up")
        for state in self.precedence:
            one_of(state, SPECIAL, "precedence")
        floors = [floor for _, floor in self.floors]
        if any(low >= high for low, high in pairwise(floors)):
            shown = ", ".join(f"{name} {plain(floor)}" for name, floor in self.floors)
            raise DefinitionError(f"floors of health must rise (got {shown})", path="floors")
        names = [self.lowest, *(name for name, _ in self.floors)]
        if len(set(names) | set(SPECIAL)) < len(names) + len(SPECIAL):
            raise DefinitionError(f"states of health must differ (got {', '.join(names)})", path="floors")
        if self.stale_after is not None and (not isinstance(self.stale_after, int) or self.stale_after < 0):
            raise DefinitionError(
                f"stale_after must be a number of days from 0 on (got {self.stale_after!r})", path="stale_after"
            )

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, from the best to the worst."""
        bands = [name for name, _ in reversed(self.floors)]
        upper, lower = bands[: (len(bands) + 1) // 2], bands[(len(bands) + 1) // 2 :]
        return (*_BEST, *upper, *_BETWEEN, *lower, self.lowest, *_WORST)

    def band(self, number: Fraction) -> str:
        """The state that a number stands for."""
        return next((name for name, floor in reversed(self.floors) if number >= floor), self.lowest)


@frozen(kw_only=True)
class GoalRules:
    """How goals are rolled up and followed up: each choice where known systems differ, by name.

    Args:
        missing: what a goal without any observation does: ``redistribute`` its weight to its siblings in proportion,
            or in ``even`` parts; count as ``zero`` progress; ``carry`` what the last report knew; or ``refuse``.
        below_baseline: whether progress below the baseline is kept, or is ``zero``.
        above_target: whether progress above the target is kept, or is held at a ``cap`` of 1.
        equal_weights: whether every mean is an equal one, whatever weights say.
        grid: what progress is published on.
        round_each: whether it is rounded to the grid at every goal, rather than once at the end.
        day_count: how the share of a period that has passed is counted.
        holidays: days that are no business days.
        health: what state a goal is in.

    Example:
        >>> GoalRules(missing="zero", above_target="cap").missing
        'zero'
    """

    _repr_html_ = definition

    missing: GoalMissing = "redistribute"
    below_baseline: BelowBaseline = "keep"
    above_target: AboveTarget = "keep"
    equal_weights: bool = field(default=False, converter=truth)
    grid: Fraction = field(default=GRID, converter=exact)
    round_each: bool = field(default=False, converter=truth)
    day_count: Elapsed = "inclusive"
    holidays: tuple[date, ...] = field(default=(), converter=_days)
    health: HealthBands = field(factory=HealthBands)

    def __attrs_post_init__(self) -> None:
        one_of(self.missing, ("redistribute", "even", "zero", "carry", "refuse"), "missing")
        one_of(self.below_baseline, ("keep", "zero"), "below_baseline")
        one_of(self.above_target, ("keep", "cap"), "above_target")
        one_of(self.day_count, ELAPSED, "day_count")
        checked_grid(self.grid)
        if not isinstance(self.health, HealthBands):
            raise DefinitionError(f"health must be HealthBands (got {self.health!r})", path="health")
