"""Who drives a goal on a day: the parts that are there, and those that contribute; and whether they can."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
from attrs import field, frozen

from perfkit._core.numbers import plain
from perfkit._goals.columns import CODES, GoalColumns, dates_of, further
from perfkit._goals.effective import changed, is_there, share_above
from perfkit.errors import SHOWN, GoalTreeError, did_you_mean


@frozen
class Driver:
    """A goal that drives another on a day.

    Attributes:
        place: of the goal.
        share: how much of it counts there; 0 for one that contributes all of itself elsewhere.
        weight: how much it counts there; None for an automatic weight.
        target: what it is to reach on the day.
        baseline: where it starts on the day.
    """

    place: int
    share: Fraction
    weight: Fraction | None
    target: Fraction | None
    baseline: Fraction


@frozen(eq=False)
class Families:
    """Who drives whom, over time.

    Attributes:
        columns: the goals.
        contributors: the goals that contribute to a goal besides those right below it, by place.
        movers: the goals that move under a goal at some time, by place.
    """

    columns: GoalColumns = field(repr=False)
    contributors: dict[int, list[int]]
    movers: dict[int, list[int]]

    @classmethod
    def of(cls, columns: GoalColumns) -> Families:
        """The families of goals.

        Raises:
            GoalTreeError: for contributions, support and moves to goals that are not there.
        """
        contributors: dict[int, list[int]] = {}
        movers: dict[int, list[int]] = {}
        for place, part in further(columns):
            contributors.setdefault(columns.places[part.to], []).append(place)
        for place, goal in columns.rich.items():
            for change in goal.changes:
                if change.under is not None:
                    if change.under not in columns.places:
                        hint = did_you_mean(change.under, columns.places)
                        raise GoalTreeError(
                            f"{goal.id!r} moves under {change.under!r}, which is no goal{hint}", path=goal.id
                        )
                    if any(part.to == change.under for part in goal.contributes):
                        raise GoalTreeError(
                            f"{goal.id!r} moves under {change.under!r}, to which it contributes already; "
                            "take that out of contributes",
                            path=goal.id,
                        )
                    movers.setdefault(columns.places[change.under], []).append(place)
        return cls(columns, contributors, movers)

    def members(self, place: int) -> list[int]:
        """Every goal that drives a goal at some time, each once."""
        more = (*self.contributors.get(place, ()), *self.movers.get(place, ()))
        return list(dict.fromkeys((*self.columns.parts(place), *more)))

    def touched(self) -> list[int]:
        """The goals that are driven by others than those right below them, or by others on one day than on another."""
        columns = self.columns
        found = {*self.contributors, *self.movers}
        found |= {int(columns.above[place]) for place, goal in columns.rich.items() if dates_of(goal)}
        return sorted(found - {-1})

    def days(self, place: int) -> list[date | None]:
        """The days from which on a goal is driven otherwise than before, with one before them; None where none is."""
        family = [self.columns.rich[one] for one in (place, *self.members(place)) if one in self.columns.rich]
        days = sorted(set().union(*map(dates_of, family)))
        return [days[0] - timedelta(days=1), *days] if days else [None]

    def drivers(self, place: int, day: date | None) -> Iterator[Driver]:
        """The goals that drive a goal on a day."""
        columns = self.columns
        for one in self.members(place):
            if columns.roll_up[one] == CODES["none"]:
                continue
            if one not in columns.rich:
                weight, share = columns.number("weight", one), columns.number("share", one)
                target, baseline = columns.number("target", one), columns.number("baseline", one)
                yield Driver(one, Fraction(1) if share is None else share, weight, target, baseline or Fraction(0))
                continue
            goal = columns.rich[one]
            if not is_there(goal, day):
                continue
            now = changed(goal, day)
            above = columns.places[now["under"]] if "under" in now else int(columns.above[one])
            weight, target = now.get("weight", goal.weight), now.get("target", goal.target)
            baseline = now.get("baseline", goal.baseline)
            if above == place:
                yield Driver(one, share_above(goal), weight, target, baseline)
            for part in goal.contributes:
                if columns.places[part.to] == place:
                    own = weight if part.weight is None else part.weight
                    yield Driver(one, part.share, own, target, baseline)


def check_families(columns: GoalColumns) -> None:
    """Refuse what a goal asks of those that drive it and does not get: of contributions, of moves, and over time.

    Raises:
        GoalTreeError: for a part of another unit or without a target, a cycle that a move makes, or fixed weights that
            leave nothing for automatic ones, with the day.
    """
    families = Families.of(columns)
    for what, driving in (("contributes to it", families.contributors), ("moves under it", families.movers)):
        for to, places in driving.items():
            for place in places:
                _check_part(columns, to, place, what)
    if families.movers:
        _check_moves(families)
    for place in families.touched():
        _check_weights(families, place)


def _check_part(columns: GoalColumns, to: int, place: int, what: str) -> None:
    code = columns.roll_up[to]
    if code not in (CODES["sum"], CODES["product"], CODES["ratio"]):
        return
    child, parent = columns.goal(place), columns.goal(to)
    if code == CODES["ratio"]:
        if child.over_time != "ratio" and child.roll_up != "ratio":
            raise GoalTreeError(
                f"{parent.id!r} is a ratio of sums, so {child.id!r}, which {what}, must be a ratio too; "
                "say over_time='ratio' there",
                path=child.id,
            )
        return
    verb = "sums up" if code == CODES["sum"] else "multiplies"
    if child.target is None and all(change.target is None for change in child.changes):
        raise GoalTreeError(f"{parent.id!r} {verb} what drives it, so {child.id!r} needs a target", path=child.id)
    if code == CODES["sum"] and child.unit != parent.unit:
        raise GoalTreeError(
            f"{parent.id!r} sums up {parent.unit or 'a plain number'}, but {child.id!r}, which {what}, "
            f"is in {child.unit or 'a plain number'}; give them one unit, or roll up by weighted mean",
            path=child.id,
        )


def _check_moves(families: Families) -> None:
    """Refuse moves that put a goal under itself; only what has just moved can close a cycle."""
    columns = families.columns
    moves = sorted(
        (change.on, place)
        for places in families.movers.values()
        for place in set(places)
        for change in columns.rich[place].changes
        if change.under is not None
    )
    movers = {place for _, place in moves}
    for day, place in dict.fromkeys(moves):
        reached: dict[int, int] = {}
        waiting = [(above, place) for above in _above_on(columns, place, day, movers)]
        while waiting:
            above, below = waiting.pop()
            if above in reached:
                continue
            reached[above] = below
            if above == place:
                path = [above]
                while len(path) == 1 or path[-1] != place:
                    path.append(reached[path[-1]])
                names = [columns.ids[step] for step in reversed(path)]
                if len(names) > 2 * SHOWN:
                    names = [*names[:SHOWN], f"... {len(names) - 2 * SHOWN} more ...", *names[-SHOWN:]]
                raise GoalTreeError(
                    f"from {day} on, goals must not form a cycle (got {' under '.join(names)}); "
                    f"move {columns.ids[place]!r} elsewhere",
                    path=columns.ids[place],
                )
            waiting.extend((one, above) for one in _above_on(columns, above, day, movers))


def _above_on(columns: GoalColumns, place: int, day: date, movers: set[int]) -> list[int]:
    above = int(columns.above[place])
    goal = columns.rich.get(place)
    if place in movers and goal is not None:
        now = changed(goal, day)
        above = columns.places[now["under"]] if "under" in now else above
    more = [] if goal is None else [columns.places[part.to] for part in goal.contributes]
    return [above, *more] if above >= 0 else more


def _check_weights(families: Families, place: int) -> None:
    columns = families.columns
    if not np.isnan(columns.numbers["weight"][families.members(place)]).any():
        return
    for day in families.days(place):
        weights = [driver.weight for driver in families.drivers(place, day)]
        fixed = [weight for weight in weights if weight is not None]
        total = sum(fixed, Fraction(0))
        whole = columns.number("weights_add_up_to", place) or Fraction(100)
        if fixed and len(fixed) < len(weights) and total >= whole:
            since = "" if day is None else f"from {day} on, "
            raise GoalTreeError(
                f"{since}the fixed weights in {columns.ids[place]!r} leave nothing of {plain(whole)} for those that "
                f"are automatic (got {plain(total)}, contributions included); lower them, or say weights_add_up_to",
                path=columns.ids[place],
            )
