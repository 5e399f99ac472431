"""Weights from points that people give: a budget shared out, or the swing of each thing against the best."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from perfkit._core.numbers import Number, exact, plain
from perfkit._weights.found import Facts, Found, distinct, figure, shares_of
from perfkit.errors import DefinitionError, did_you_mean

Ranges = Mapping[str, tuple[Number, Number]]


def point_allocation(points: Mapping[str, Number], total: Number = 100) -> Found:
    """A budget of points, shared out among the names."""
    given, budget = _points(points), exact(total, what="total", path="total")
    whole = sum(given.values(), Fraction(0))
    if whole != budget:
        off = plain(abs(budget - whole))
        cure = "share out" if whole < budget else "take back"
        raise DefinitionError(f"points must add up to {plain(budget)} (got {plain(whole)}); {cure} {off}")
    return Found(shares_of(given), "point allocation", (("points", tuple(given.items())),), _resolution(given))


def swing(points: Mapping[str, Number], ranges: Ranges | None = None, most: Number = 100) -> Found:
    """Points for what going from the worst to the best level is worth, the most valuable of them having the most."""
    given, top = _points(points), exact(most, what="most", path="most")
    greatest = max(given.values())
    if greatest != top:
        first = max(given, key=lambda name: given[name])
        raise DefinitionError(
            f"the most valuable swing must have {plain(top)} points (got {plain(greatest)} for {first!r}); "
            f"give it {plain(top)} and the others their part of that",
            path=first,
        )
    inputs = (("points", tuple(given.items())), *stored_ranges(ranges, given))
    return Found(shares_of(given), "swing", inputs, _resolution(given))


def stored_ranges(ranges: Ranges | None, names: Iterable[str]) -> Facts:
    """The worst and the best level of each name, as they were put to the people who judged."""
    if ranges is None:
        return ()
    if not isinstance(ranges, Mapping):
        raise DefinitionError(f"ranges must be a mapping from name to its worst and its best level (got {ranges!r})")
    known = list(names)
    problems, stored = [f"{name!r} has no range" for name in known if name not in ranges], []
    for name, span in ranges.items():
        if name not in known:
            problems.append(f"{name!r} has no points{did_you_mean(str(name), known)}")
            continue
        if not isinstance(span, (tuple, list)) or len(span) != 2:
            problems.append(f"{name!r} must have its worst and its best level (got {span!r})")
            continue
        worst, best = (exact(level, what=f"the range of {name!r}", path=name) for level in span)
        if worst == best:
            problems.append(f"{name!r} has no swing from {plain(worst)} to {plain(best)}")
        stored.append((name, (worst, best)))
    if problems:
        raise DefinitionError(
            f"ranges must say the worst and the best level of each thing: {'; '.join(problems)}", problems=problems
        )
    return (("ranges", tuple(stored)),)


def _points(points: Any) -> dict[str, Fraction]:
    if not isinstance(points, Mapping):
        raise DefinitionError(f"points must be a mapping from name to points (got {points!r})")
    distinct(points, "points")
    given = {name: exact(value, what=f"the points of {name!r}", path=name) for name, value in points.items()}
    bad = [f"{name!r} has {plain(value)}" for name, value in given.items() if value <= 0]
    if bad:
        raise DefinitionError(f"points must be positive: {', '.join(bad)}; leave out what does not count", problems=bad)
    return given


def _resolution(given: Mapping[str, Fraction]) -> Facts:
    """The step in which people gave points, and how much any weight changes when one of them is half a step off."""
    scale = math.lcm(*(value.denominator for value in given.values()))
    step = Fraction(math.gcd(*(int(value * scale) for value in given.values())), scale)
    whole = sum(given.values(), Fraction(0))
    off = max(
        abs((value + half) / (whole + half) - value / whole)
        for value in given.values()
        for half in (step / 2, -step / 2)
        if whole + half > 0
    )
    return (("step", step), ("half_a_step_off", figure(off)))
