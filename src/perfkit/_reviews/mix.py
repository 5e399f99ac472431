"""The cheapest mix of changes that reach an outcome together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, product

import numpy as np
from attrs import frozen

from perfkit._reviews.axis import Axis, plan_curve
from perfkit._reviews.search import Search
from perfkit.incentives import IncentivePlan
from perfkit.money import Money

# How many corners of a mix are listed, how many of them are scored, and how many at a time.
_MOST_LISTED, _MOST_SCORED, _CHUNK = 40_000, 4_000, 64
_ROUNDS = 40
Corners = Mapping[str, list[int | None]]


def cheapest_mix(search: Search, costs: Mapping[str, Fraction], best: Mapping[str, int]) -> tuple[dict[str, int], bool]:
    """The cheapest places that reach the outcome together, and whether none is cheaper.

    Where what columns bring adds up and each brings it along straight lines, a cheapest mix has all columns but one at
    a bend, a limit or where they stand: otherwise cost could be moved from one straight line to another. So such
    corners are looked at, those first that could be cheapest, until none is left that could be cheaper than what is
    found. Elsewhere what is found is improved, pair by pair, until nothing is gained.
    """
    names = [name for name in costs if name in best]
    if not names:
        return {}, False
    search = _by_score(search, names) or search
    corners = {name: _corners(search, name, best) for name in names}
    gains = _Gains.of(search, names, corners, costs)
    found: dict[str, int] | None = None
    for name in names:
        found = _cheaper(search, costs, name, [{}], found)
    is_complete = True
    for free in names:
        found, is_whole = _through(search, costs, free, corners, gains, found)
        is_complete &= is_whole
    if found is None:
        return {}, False
    for free in names:
        # What the steps of the grid left over, one column may give back.
        rest = {name: place for name, place in found.items() if name != free}
        found = _cheaper(search, costs, free, [rest], found) or found
    if is_complete and gains is not None:
        return found, True
    return _improved(search, costs, names, found), False


def _by_score(search: Search, names: Sequence[str]) -> Search | None:
    """The same search for the score that gives the outcome, where more of it never gives less."""
    evaluation, of = search.evaluation, search.of
    if of == "rating" and evaluation.scale is not None:
        floors = evaluation.scale.floors
        return Search(evaluation, "score", float(floors[int(search.wanted) - 1][1]), search.axes)
    plan = evaluation.plan
    if of != "amount" or evaluation.card is None or set(evaluation.pay_needs()) & set(names):
        return None
    if not isinstance(plan, IncentivePlan) or plan.carry or evaluation.pays_by_level:
        return None
    curve = plan_curve(evaluation, plan, evaluation.score)
    if curve is None or not curve.is_rising:
        return None
    amount = Money.from_minor(int(search.wanted), plan.currency)
    score = plan.inverse(evaluation.score, amount=amount, given=evaluation.row, start=0)
    if not isinstance(score, Fraction) or score == 0:
        return None
    return Search(evaluation, "score", float(score), search.axes)


@frozen(eq=False)
class _Gains:
    """What each corner of each column brings to the score by itself, where what they bring adds up.

    Attributes:
        missing: what is to be gained.
        at: the gain and the cost of each corner of each column.
        rate: the most that a column gains for its cost, anywhere on its way.
    """

    missing: float
    at: Mapping[str, Mapping[int | None, tuple[float, float]]]
    rate: Mapping[str, float]

    @classmethod
    def of(cls, search: Search, names: Sequence[str], corners: Corners, costs: Mapping[str, Fraction]) -> _Gains | None:
        """The gains; None where they do not add up, or the outcome is no score."""
        if search.of == "rating" or not _adds_up(search, names, corners):
            return None
        start = float(search.outcomes([{}])[0])
        at: dict[str, dict[int | None, tuple[float, float]]] = {}
        for name in names:
            places = [place for place in corners[name] if place is not None]
            values = search.outcomes([{name: place} for place in places])
            at[name] = {None: (0.0, 0.0)}
            for place, value in zip(places, values, strict=True):
                at[name][place] = (float(value) - start, float(_cost(search, costs, {name: place})))
        # Along a straight line gain for cost is greatest at one of its ends.
        rate = {
            name: max((gain / cost for gain, cost in one.values() if cost), default=0.0) for name, one in at.items()
        }
        return cls(search.wanted - start, at, rate)

    def at_least(self, row: Mapping[str, int], free: str) -> float:
        """What a corner costs at the least, once a free column has made up for what is missing."""
        own = [self.at[name][place] for name, place in row.items()]
        missing = self.missing - sum(gain for gain, _ in own) - _LITTLE
        rate = self.rate[free]
        rest = 0.0 if missing <= 0 else missing / rate if rate > 0 else np.inf
        return float(sum(cost for _, cost in own) + rest)


# The published grid and its rounding, on either side of a difference.
_LITTLE = 4e-6


def _through(
    search: Search,
    costs: Mapping[str, Fraction],
    free: str,
    corners: Corners,
    gains: _Gains | None,
    found: dict[str, int] | None,
) -> tuple[dict[str, int] | None, bool]:
    """What is found among the corners of all columns but one, and whether none was left out that could be cheaper."""
    others = [name for name in corners if name != free]
    listed = list(islice(_combined(corners, others), _MOST_LISTED))
    is_whole = len(listed) < _MOST_LISTED
    if gains is None:
        bounds = [float(_cost(search, costs, row)) for row in listed]
    else:
        bounds = [gains.at_least(row, free) for row in listed]
    order = np.argsort(bounds, kind="stable").tolist()
    for start in range(0, len(order), _CHUNK):
        some = order[start : start + _CHUNK]
        if bounds[some[0]] == np.inf or (found is not None and bounds[some[0]] > float(_cost(search, costs, found))):
            return found, is_whole
        if start >= _MOST_SCORED:
            return found, False
        found = _cheaper(search, costs, free, [listed[place] for place in some], found)
    return found, is_whole


def _combined(corners: Corners, names: Sequence[str]) -> Iterator[dict[str, int]]:
    for places in product(*(corners[name] for name in names)):
        yield {name: place for name, place in zip(names, places, strict=True) if place is not None}


def _corners(search: Search, name: str, best: Mapping[str, int]) -> list[int | None]:
    """Where a column may stand in a cheapest mix: as it is, at a bend on the way to its best, or where it must be."""
    axis, top = search.axes[name], best[name]
    rest = {other: place for other, place in best.items() if other != name}
    needed = search.least(name, [rest])[0]
    low, high = sorted((axis.now, top * axis.step))
    places = {top} | {place for place in axis.places if low < place * axis.step < high}
    if needed is not None:
        places.add(needed)
    kept: list[int] = []
    for place in sorted(places):
        # One place of each bunch: a bend and its neighbours differ by a step of the grid.
        if not kept or place - kept[-1] > 1 or place in (top, needed):
            kept.append(place)
    return [None, *_bent(search, name, kept, {top, needed})]


def _bent(search: Search, name: str, places: Sequence[int], always: set[int | None]) -> list[int]:
    """The places at which what a column brings by itself does bend or leap."""
    axis = search.axes[name]
    now = axis.now / axis.step
    spots = sorted({*places, round(now)})
    values = search.alone(name, [None if spot == round(now) and spot not in places else spot for spot in spots])
    kept = []
    for position, spot in enumerate(spots):
        inside = 0 < position < len(spots) - 1
        if inside:
            (before, after), (first, last) = (
                (spots[position + k] for k in (-1, 1)),
                (values[position + k] for k in (-1, 1)),
            )
            straight = first + (last - first) * (spot - before) / (after - before)
            inside = abs(values[position] - straight) <= _LITTLE
        if spot in places and (not inside or spot in always):
            kept.append(spot)
    return kept


def _cost(search: Search, costs: Mapping[str, Fraction], row: Mapping[str, int]) -> Fraction:
    return sum(
        (abs(place * search.axes[name].step - search.axes[name].now) * costs[name] for name, place in row.items()),
        Fraction(0),
    )


def _cheaper(
    search: Search,
    costs: Mapping[str, Fraction],
    free: str,
    rows: Sequence[Mapping[str, int]],
    found: dict[str, int] | None,
) -> dict[str, int] | None:
    """The cheapest of what is found and of some places, completed by a column that is free."""
    is_there = search.reached(rows)
    for row, place, there in zip(rows, search.least(free, rows), is_there.tolist(), strict=True):
        if place is None and not there:
            continue
        whole = dict(row) if there or place is None else {**row, free: place}
        if found is None or _cost(search, costs, whole) < _cost(search, costs, found):
            found = whole
    return found


def _adds_up(search: Search, names: Sequence[str], corners: Corners) -> bool:
    """Whether what two columns bring is the sum of what each brings."""
    if any(search.axes[name].is_shared or not search.axes[name].is_straight for name in names):
        # What is divided by bends everywhere, and what several rules read may turn anywhere.
        return False
    near = _LITTLE if search.of == "score" else 4.0
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            pairs = [(a, b) for a in corners[one] if a is not None for b in corners[other] if b is not None][:64]
            rows: list[dict[str, int]] = [{}, *({one: a} for a, _ in pairs), *({other: b} for _, b in pairs)]
            rows += [{one: a, other: b} for a, b in pairs]
            start, *rest = search.outcomes(rows).astype(np.float64)
            alone, beside, both = (np.array(rest[k * len(pairs) : (k + 1) * len(pairs)]) for k in range(3))
            if not (np.abs(both - alone - beside + start) <= near).all():
                return False
    return True


def _improved(
    search: Search, costs: Mapping[str, Fraction], names: Sequence[str], found: dict[str, int]
) -> dict[str, int]:
    """A mix made cheaper by moving some of the way of one column over to another, as long as that gains."""
    for _ in range(_ROUNDS):
        before = _cost(search, costs, found)
        for free in names:
            rows = []
            for other in names:
                axis = search.axes[other]
                at = found.get(other, round(axis.now / axis.step))
                way = abs(at - round(axis.now / axis.step)) or 1
                moves = {at + sign * max(1, way >> shift) for sign in (1, -1) for shift in (0, 1, 2, 3, 4, 6, 8, 12)}
                rest = {name: place for name, place in found.items() if name not in (free, other)}
                rows += [{**rest, other: place} for place in moves if other != free and _is_inside(axis, place)]
            found = _cheaper(search, costs, free, rows, found) or found
        if _cost(search, costs, found) >= before:
            break
    return found


def _is_inside(axis: Axis, place: int) -> bool:
    return (axis.low is None or place >= axis.low) and (axis.high is None or place <= axis.high)
