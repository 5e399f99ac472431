"""What a plan would do, found before anyone is paid: its curves, their cliffs and traps, what reaches an amount."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, pairwise, product
from math import ceil, floor, prod
from typing import Any, Protocol

import numpy as np
from attrs import evolve, fields, frozen, has

from perfkit._core.columns import Need, Rows, read_row
from perfkit._core.numbers import Number, exact
from perfkit._incentives.components import Component, Components
from perfkit._incentives.lines import pay_along
from perfkit._incentives.pays import Commission, TargetBonus
from perfkit._incentives.steps import Cap, Gate
from perfkit.curves import Curve
from perfkit.errors import DataError, DefinitionError, MissingColumnsError, NotAffineError
from perfkit.findings import Finding, Findings
from perfkit.money import Money, Rounding, minor_per_major
from perfkit.typing import PayPolicy, PayStep

_GRID = Fraction(1, 10**6)
# How much of a plan is looked at for its worst case: corners of the other columns, places in all, rows at a time.
_CORNERS, _MOST_PLACES, _CHUNK = 256, 400_000, 50_000


class Plan(Protocol):
    """What is read of a plan here."""

    @property
    def currency(self) -> str:
        """The currency of its amounts."""
        ...

    @property
    def pays(self) -> tuple[PayPolicy, ...]:
        """Its forms of pay."""
        ...

    @property
    def then(self) -> tuple[PayStep, ...]:
        """Its steps."""
        ...

    def needs(self) -> tuple[Need, ...]:
        """The columns that it reads."""
        ...

    def pay_one(self, row: Any) -> Any:
        """What one row is paid."""
        ...

    def pay(self, data: Any) -> Any:
        """What each row is paid."""
        ...


def plan_curve(plan: Plan, column: str, given: Mapping[str, Any]) -> tuple[Curve, list[tuple[PayStep, Curve, Curve]]]:
    """Pay before rounding as a function of one column, and each step's before and after."""
    kinds = _kinds(plan)
    if column not in kinds:
        raise DefinitionError(f"the plan does not read {column!r}; it reads {', '.join(map(repr, kinds))}")
    return _along(plan, column, given)


def _along(plan: Plan, column: str, given: Mapping[str, Any]) -> tuple[Curve, list[tuple[PayStep, Curve, Curve]]]:
    """The same for any column: pay does not change along one that the plan does not read."""
    kinds = _kinds(plan)
    placeholder: Any = True if kinds.get(column) == "flag" else 0
    rows: Rows = read_row({**given, column: placeholder}, list(kinds))
    return pay_along(plan.pays, plan.then, column, rows, plan.currency)


def _kinds(plan: Plan) -> dict[str, str]:
    return {need.name: need.kind for need in plan.needs()}


def inverse(
    plan: Plan, column: str, amount: Money | Number, given: Mapping[str, Any], start: Number = 0
) -> Money | Fraction | None:
    """The least result that pays at least an amount; see ``IncentivePlan.inverse``."""
    if isinstance(amount, Money) and amount.currency != plan.currency:
        raise DefinitionError(f"amount must be of {plan.currency} (got {amount}); convert it first", path="amount")
    wanted = amount.exact if isinstance(amount, Money) else exact(amount, what="amount")
    curve, _ = plan_curve(plan, column, given)
    kind = _kinds(plan)[column]
    scale = Fraction(1) if kind == "flag" else 1 / _step(kind, plan.currency)

    def pays(units: int) -> bool:
        value: Any = {"money": units, "flag": bool(units)}.get(kind, float(units / scale))
        try:
            return bool(plan.pay_one({**given, column: value}).amount.exact >= wanted)
        except DataError:
            # Results that the plan refuses, such as 13 months of 12, pay nothing.
            return False

    first = exact(start, what="start")
    if kind == "flag":
        units: int | None = next((flag for flag in (0, 1) if pays(flag)), None)
    else:
        units = _least(pays, _near(curve, wanted, first, scale, pays), ceil(first * scale))
    if units is None:
        return None
    return Money.from_minor(units, plan.currency) if kind == "money" else Fraction(units) / scale


def _near(curve: Curve, wanted: Fraction, start: Fraction, scale: Fraction, pays: Callable[[int], bool]) -> int:
    """The first whole number near which the amount is paid: a breakpoint that rounding lifts, or where the curve does.

    Between breakpoints the curve is straight, so whatever pays before the curve gets there pays at a breakpoint too.
    """
    reached = curve.reaches(wanted, start=start)
    for place in [start, *(knot.x for knot in curve.knots if knot.x > start)]:
        if reached is not None and place >= reached:
            break
        for units in (floor(place * scale), ceil(place * scale)):
            if units >= start * scale and pays(units):
                return units
    return ceil((curve.knots[-1].x if reached is None else reached) * scale)


def _least(pays: Callable[[int], bool], near: int, start: int) -> int | None:
    """The least whole number that pays, near a place: before it rounding may pay already, or only just after it."""
    steps = (0, 1, *(2**power for power in range(1, 40)))
    high: int | None = next((near + step for step in steps if near + step >= start and pays(near + step)), None)
    if high is None:
        return None
    step = 1
    while high - step >= start and pays(high - step):
        high, step = high - step, step * 2
    low = max(high - step, start - 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if pays(middle) else (middle, high)
    return high


def _inside(value: Any) -> Iterator[Any]:
    """A definition and every definition inside it."""
    yield value
    if isinstance(value, tuple):
        for item in value:
            yield from _inside(item)
    elif has(type(value)) and not isinstance(value, Curve):
        for attribute in fields(type(value)):
            yield from _inside(getattr(value, attribute.name))


def lint(plan: Plan, ranges: Mapping[str, Any], given: Mapping[str, Any], people: int) -> Findings:
    """What is odd about a plan; see ``IncentivePlan.lint``."""
    if people < 1:
        raise DefinitionError(f"people must be at least 1 (got {people})", path="people")
    study = _Study.of(plan, ranges, given)
    found: list[Finding] = []
    for column, (low, high) in study.ranges.items():
        try:
            curve, _ = plan_curve(plan, column, study.row)
        except NotAffineError as error:
            found.append(Finding("not_a_curve", column, params=(("why", str(error)),)))
            continue
        found += _cliffs(curve, column, low, high, plan.currency)
        found += _falls(curve, column, low, high, plan.currency)
        if study.kinds[column] != "flag":
            found += _dead_zones(curve, column, low, high, plan.currency)
            found += _edge_gain(curve, column, study, _step(study.kinds[column], plan.currency))
        found += _unreachable(plan, column, low, high, study.row)
    corners = _Corners.of(plan, study)
    found += _idle_caps(plan, study, corners)
    found += _lonely_gates(plan)
    found += _idle_gates(plan, study)
    found += _roundings(plan, study)
    found.append(_worst_case(plan, study, corners, people))
    return Findings(found)


@frozen
class _Study:
    """The ranges to look along, and the typical row."""

    plan: Plan
    ranges: dict[str, tuple[Fraction, Fraction]]
    row: dict[str, Any]
    kinds: dict[str, str]

    @classmethod
    def of(cls, plan: Plan, ranges: Mapping[str, Any], given: Mapping[str, Any]) -> _Study:
        kinds = _kinds(plan)
        read: dict[str, tuple[Fraction, Fraction]] = {}
        for column, ends in ranges.items():
            if column not in kinds:
                raise DefinitionError(f"the plan does not read {column!r}; it reads {', '.join(map(repr, kinds))}")
            if not isinstance(ends, (tuple, list)) or len(ends) != 2:
                raise DefinitionError(f"the range of {column!r} must be its least and greatest value (got {ends!r})")
            low, high = (_end(end, column) for end in ends)
            if high <= low:
                raise DefinitionError(f"the range of {column!r} must end after it starts (got {low} to {high})")
            read[column] = (low, high)
        absent = [name for name in kinds if name not in given and name not in read]
        if absent:
            raise MissingColumnsError(
                f"say what {', '.join(map(repr, absent))} are: a range in ranges=, or a value in given=", columns=absent
            )
        row = {name: _typed(kind, read[name][1], plan) for name, kind in kinds.items() if name not in given}
        row |= {name: given[name] for name in kinds if name in given}
        return cls(plan, read, row, kinds)

    def typical(self, column: str) -> Fraction:
        """Where the typical row is in a range, in major units; the middle of it where nobody said."""
        low, high = self.ranges[column]
        value = self.row[column]
        x = _end(value, column)
        if self.kinds[column] == "money" and not isinstance(value, Money):
            x /= minor_per_major(self.plan.currency)
        return x if low <= x < high else (low + high) / 2


def _end(value: Any, column: str) -> Fraction:
    """One end of a range: money counts in major units, true and false as 1 and 0."""
    if isinstance(value, Money):
        return value.exact
    return exact(int(value) if isinstance(value, bool) else value, what=f"the range of {column!r}")


def _typed(kind: str, value: Fraction, plan: Plan) -> Any:
    """A place of a range as a row holds it."""
    if kind == "money":
        return Money.from_minor(floor(value * minor_per_major(plan.currency)), plan.currency)
    if kind == "flag":
        return bool(value)
    return float(value)


def _step(kind: str, currency: str) -> Fraction:
    """The least that a result of a kind can change by."""
    return Fraction(1, minor_per_major(currency)) if kind == "money" else _GRID


def _money(value: Fraction, currency: str) -> Money:
    return Money.from_minor(Rounding().minor(value, currency), currency)


def _cliffs(curve: Curve, column: str, low: Fraction, high: Fraction, currency: str) -> list[Finding]:
    found = []
    for knot in curve.jumps():
        if not low <= knot.x <= high:
            continue
        first = knot.at if knot.x == low else knot.below
        last = knot.at if knot.x == high else knot.above
        if first == last == knot.at:
            continue
        size = last - first if last != first else knot.at - first
        found.append(Finding("cliff", column, knot.x, size=_money(size, currency)))
    return found


def _falls(curve: Curve, column: str, low: Fraction, high: Fraction, currency: str) -> list[Finding]:
    """Each run along which pay only falls, from a leap down to a whole stretch."""
    found: list[tuple[Fraction, Fraction, Fraction]] = []
    last = Fraction(0)
    walk = [(x, value) for x in _stops(curve, low, high) for value in _values(curve, x, low, high)]
    is_falling = False
    for (x, before), (following, after) in pairwise(walk):
        if after < before:
            start, lost = (found.pop()[0], before - after + last) if is_falling else (x, before - after)
            found.append((start, following, lost))
            last = lost
        # A stretch that stays ends a fall, as one that rises does; only the values at one place may repeat within it.
        if after != before or following != x:
            is_falling = after < before
    return [Finding("falls", column, start, end, _money(lost, currency)) for start, end, lost in found]


def _stops(curve: Curve, low: Fraction, high: Fraction) -> list[Fraction]:
    return [low, *(knot.x for knot in curve.knots if low < knot.x < high), high]


def _values(curve: Curve, x: Fraction, low: Fraction, high: Fraction) -> list[Fraction]:
    """The values of a curve at a place of a range, in the order in which a rising result meets them."""
    knot = curve.knot_at(x)
    return [*([] if x == low else [knot.below]), knot.at, *([] if x == high else [knot.above])]


def _dead_zones(curve: Curve, column: str, low: Fraction, high: Fraction, currency: str) -> list[Finding]:
    found: list[Finding] = []
    for piece in curve.pieces:
        start = low if piece.start is None else max(piece.start, low)
        end = high if piece.end is None else min(piece.end, high)
        if piece.is_point or piece.slope != 0 or start >= end:
            continue
        if found and found[-1].until == start and curve.knot_at(start).is_continuous:
            # A knot at which nothing happens does not end a zone.
            start = found.pop().at or Fraction(0)
        found.append(Finding("dead_zone", column, start, end, _money(piece.value, currency)))
    return found


def _unreachable(plan: Plan, column: str, low: Fraction, high: Fraction, row: Mapping[str, Any]) -> list[Finding]:
    found = []
    for name, curve in _own_curves((*plan.pays, *plan.then), column, row, plan.currency):
        knots = curve.simplified().knots
        # Before its first breakpoint a curve has no tier.
        outside = [knot.x for knot in knots if knot.x > high or (knot.x < low and knot is not knots[0])]
        found += [Finding("unreachable_tier", column, x, params=(("name", name),)) for x in outside]
    return found


def _own_curves(
    members: Sequence[Any], column: str, row: Mapping[str, Any], currency: str
) -> Iterator[tuple[str, Curve]]:
    """The curves by which policies read a column, on the axis of that column."""
    for member in _inside(tuple(members)):
        if isinstance(member, Commission) and member.on == column:
            yield member.name, member.along(column, read_row(row, list(row)), currency)
        elif (isinstance(member, TargetBonus) and member.multiplier == column and member.curve is not None) or (
            isinstance(member, Component) and member.on == column and member.curve is not None
        ):
            yield member.name, member.curve


def _edge_gain(curve: Curve, column: str, study: _Study, step: Fraction) -> list[Finding]:
    """What is gained by moving some of the result of two equal periods to one of them: at most a tenth of the range."""
    (low, high), x = study.ranges[column], study.typical(column)
    most = min((high - low) / 10, x - low, high - x)
    if most <= 0:
        return []
    moved = curve.shift(x)
    gain = (moved + moved.mirror() - 2 * curve.exact(x)).simplified()
    best = gain.range_over(0, most)[1]
    if best <= 0:
        return []
    at = max(gain.inverse(best, start=0) or step, step)
    if _money(gain.exact(at), study.plan.currency) < _money(best, study.plan.currency) and at + step <= most:
        # A leap that belongs to its lower side must be passed.
        at += step
    return [Finding("edge_gain", column, at, size=_money(best, study.plan.currency), params=(("typical", x),))]


def _lonely_gates(plan: Plan) -> list[Finding]:
    parts = [part for part in _inside((*plan.pays, *plan.then)) if hasattr(part, "needs")]
    read: set[str] = set()
    for part in parts:
        inside = list(_inside(part))
        if not any(isinstance(inner, Gate) for inner in inside):
            read |= {need.name for need in part.needs()}
        elif not isinstance(part, Gate):
            values = [getattr(part, attribute.name) for attribute in fields(type(part)) if attribute.name != "name"]
            read |= {value for value in values if isinstance(value, str)}
    gates = [part for part in parts if isinstance(part, Gate)]
    return [Finding("gate_alone", gate.on, params=(("name", gate.name),)) for gate in gates if gate.on not in read]


def _idle_gates(plan: Plan, study: _Study) -> list[Finding]:
    """Gates that the ranges never close, or never open."""
    found = []
    for gate in (part for part in _inside((*plan.pays, *plan.then)) if isinstance(part, Gate)):
        if gate.on not in study.ranges or gate.is_flag:
            continue
        low, high = study.ranges[gate.on]
        least, most = gate.at_least, gate.at_most
        if (least is None or least <= low) and (most is None or most >= high):
            found.append(Finding("gate_never_closes", gate.on, params=(("name", gate.name),)))
        if (least is not None and least > high) or (most is not None and most < low):
            found.append(Finding("gate_never_opens", gate.on, params=(("name", gate.name),)))
    return found


def _idle_caps(plan: Plan, study: _Study, corners: _Corners) -> list[Finding]:
    """Caps without which every curve of the plan is the same; nothing is said where there is no curve."""
    if not corners.curves or not corners.is_proved:
        return []
    found = []
    for path in ("pays", "then"):
        for position, member in enumerate(getattr(plan, path)):
            for name, others in _without_cap(member):
                members = getattr(plan, path)
                other = evolve(plan, **{path: (*members[:position], *others, *members[position + 1 :])})  # type: ignore[misc]
                if (other.pays or path == "then") and _same(other, study, corners):
                    found.append(Finding("cap_never_binds", params=(("name", name),)))
    return found


def _same(other: Plan, study: _Study, corners: _Corners) -> bool:
    return all(
        not any((curve - _along(other, column, row)[0]).range_over(*study.ranges[column]))
        for column, curves in corners.curves.items()
        for row, curve in curves
    )


def _without_cap(member: Any) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """What stands for a member when one cap in it is taken out, for each of its caps."""
    if isinstance(member, Cap):
        yield member.name, ()
    if not has(type(member)) or isinstance(member, (Curve, Rounding, Cap)):
        return
    if isinstance(member, (Component, Components)) and member.cap is not None:
        yield member.name, (evolve(member, cap=None),)
    for attribute in fields(type(member)):
        value = getattr(member, attribute.name)
        if isinstance(value, tuple):
            for position, item in enumerate(value):
                for name, others in _without_cap(item):
                    changed = (*value[:position], *others, *value[position + 1 :])
                    yield name, (evolve(member, **{attribute.name: changed}),)
        elif has(type(value)):
            for name, others in _without_cap(value):
                yield name, (evolve(member, **{attribute.name: others[0]}),)


def _roundings(plan: Plan, study: _Study) -> list[Finding]:
    """How far each rounding that is coarser than the minor unit moves the pay of the typical row."""
    paid = plan.pay_one(study.row).amount
    found = []
    for path in ("pays", "then"):
        members = getattr(plan, path)
        for position, member in enumerate(members):
            for name, to, other in _without_rounding(member):
                moved = paid - _changed(plan, path, position, other).pay_one(study.row).amount
                if moved:
                    found.append(Finding("rounding_moves", size=moved, params=(("name", name), ("to", to))))
    return found


def _changed(definition: Any, name: str, position: int, other: Any) -> Any:
    """A definition with one of its members exchanged."""
    members = getattr(definition, name)
    return evolve(definition, **{name: (*members[:position], other, *members[position + 1 :])})


def _without_rounding(member: Any) -> Iterator[tuple[str, Fraction, Any]]:
    """The member with each of its roundings taken out, one at a time."""
    if not has(type(member)) or isinstance(member, (Curve, Rounding)):
        return
    for attribute in fields(type(member)):
        value = getattr(member, attribute.name)
        if isinstance(value, Rounding):
            if value.to is not None:
                plain = None if isinstance(member, (Component, Components)) else Rounding()
                yield getattr(member, "name", attribute.name), value.to, evolve(member, **{attribute.name: plain})
        elif isinstance(value, tuple):
            for position, item in enumerate(value):
                for name, to, other in _without_rounding(item):
                    yield name, to, _changed(member, attribute.name, position, other)
        elif has(type(value)):
            for name, to, other in _without_rounding(value):
                yield name, to, evolve(member, **{attribute.name: other})


@frozen
class _Corners:
    """The curves along each column, with the other columns at the ends of their ranges.

    Attributes:
        curves: for each column that has them, rows and the curve there.
        is_proved: whether there are no other curves to look at, and pay is a curve of every column.
    """

    curves: dict[str, list[tuple[dict[str, Any], Curve]]]
    is_proved: bool

    @classmethod
    def of(cls, plan: Plan, study: _Study) -> _Corners:
        """The corners of the ranges, at most so many."""
        curves: dict[str, list[tuple[dict[str, Any], Curve]]] = {}
        is_proved = True
        for column in study.ranges:
            others = {name: ends for name, ends in study.ranges.items() if name != column}
            corners = list(islice(product(*others.values()), _CORNERS + 1))
            is_proved &= len(corners) <= _CORNERS
            try:
                for corner in corners[:_CORNERS]:
                    ends = {name: _typed(study.kinds[name], x, plan) for name, x in zip(others, corner, strict=True)}
                    row = {**study.row, **ends}
                    curves.setdefault(column, []).append((row, plan_curve(plan, column, row)[0]))
            except NotAffineError:
                curves.pop(column, None)
                is_proved = False
        return cls(curves, is_proved)


def _worst_case(plan: Plan, study: _Study, corners: _Corners, people: int) -> Finding:
    """The most that the plan pays over the ends of the ranges and every breakpoint between them.

    Breakpoints of one column may move with the others, so they are taken at every corner of the others; where that is
    too much, or pay is no curve of a column, the most that was seen is no proof.
    """
    places, is_proved = _places(plan, study, corners)
    rows = product(*places.values())
    most: int | None = None
    where: tuple[tuple[str, Fraction], ...] = ()
    while chunk := list(islice(rows, _CHUNK)):
        columns: dict[str, Any] = {
            name: [value] * len(chunk) for name, value in study.row.items() if name not in places
        }
        for position, column in enumerate(places):
            columns[column] = [_typed(study.kinds[column], row[position], plan) for row in chunk]
        paid = plan.pay(columns).minor if columns else np.array([plan.pay_one({}).minor])
        best = int(np.argmax(paid))
        if most is None or int(paid[best]) > most:
            most, where = int(paid[best]), tuple(zip(places, chunk[best], strict=True))
    size = Money.from_minor((most or 0) * people, plan.currency)
    return Finding("worst_case", size=size, params=(("people", people), ("proved", is_proved), ("row", where)))


def _places(plan: Plan, study: _Study, corners: _Corners) -> tuple[dict[str, list[Fraction]], bool]:
    """The places of each column at which pay may be greatest, and whether these are all of them."""
    places = {}
    for column, (low, high) in study.ranges.items():
        knots = {knot.x for _, curve in corners.curves.get(column, []) for knot in curve.knots}
        places[column] = sorted({low, high, *_around(knots, low, high, study.kinds[column], plan)})
    if prod(map(len, places.values())) > _MOST_PLACES:
        return {column: list(ends) for column, ends in study.ranges.items()}, False
    return places, corners.is_proved


def _around(places: set[Fraction], low: Fraction, high: Fraction, kind: str, plan: Plan) -> set[Fraction]:
    """Each breakpoint and a step to either side of it, within a range: pay may be greatest just before a fall."""
    step = _step(kind, plan.currency)
    return {x + shift for x in places for shift in (-step, Fraction(0), step) if low <= x + shift <= high}
