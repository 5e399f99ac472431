"""What a plan would do, found before anyone is paid: its curves, their cliffs and traps, what reaches an amount."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import ceil, floor, prod
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from attrs import evolve, field, fields, frozen, has

from perfkit._core.columns import Need, Rows, read_row
from perfkit._core.numbers import Number, exact
from perfkit._incentives.components import Component, Components
from perfkit._incentives.lines import PaySection, pay_along
from perfkit._incentives.pays import Commission, TargetBonus
from perfkit._incentives.steps import Cap, Gate
from perfkit.curves import Curve
from perfkit.errors import DefinitionError, MissingColumnsError, NotAffineError
from perfkit.explain import value_text
from perfkit.money import Money, Rounding, minor_per_major
from perfkit.typing import PayPolicy, PayStep

_GRID = Fraction(1, 10**6)
_MOST_CORNERS = 20_000

FINDINGS: Mapping[str, str] = MappingProxyType(
    {
        "cliff": "pay leaps by {size} at {column} = {at}",
        "falls": "pay falls by {size} between {column} = {at} and {until}: more result, less pay",
        "dead_zone": "pay stays at {size} from {column} = {at} to {until}",
        "unreachable_tier": "a breakpoint of {name} at {column} = {at} lies outside the range",
        "cap_never_binds": "{name} never binds in these ranges",
        "gate_alone": "{column} is read by nothing but {name}",
        "edge_gain": "moving {at} of {column} from one period to the next, from {typical} in each, gains {size}",
        "rounding_moves": "rounding of {name} to {to} moves {size} for the typical row",
        "worst_case": "at most {size} for {people} people",
        "not_a_curve": "nothing can be proved along {column}: {why}",
    }
)


@frozen
class Finding:
    """One thing that is odd about a plan, or worth knowing.

    Attributes:
        code: what it is; stable, for translation and for rules of one's own.
        column: the column along which it was found.
        at: where; in major units for money.
        until: where it ends, for a stretch.
        size: how much, in money.
        params: what else the code speaks of.
    """

    code: str
    column: str | None = None
    at: Fraction | None = None
    until: Fraction | None = None
    size: Money | None = None
    params: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        shown = {"column": self.column, "at": self.at, "until": self.until, "size": self.size, **dict(self.params)}
        return FINDINGS[self.code].format_map({name: value_text(value) for name, value in shown.items()})


def _tuple(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(findings)


@frozen(repr=False)
class Findings(Sequence[Finding]):
    """The findings of a lint, in the order of the columns; prints one a line."""

    found: tuple[Finding, ...] = field(converter=_tuple)

    def __len__(self) -> int:
        return len(self.found)

    def __getitem__(self, position: Any) -> Any:
        return self.found[position]

    def of(self, code: str) -> tuple[Finding, ...]:
        """The findings with a code."""
        return tuple(finding for finding in self.found if finding.code == code)

    def __str__(self) -> str:
        width = max((len(finding.code) for finding in self.found), default=0)
        return "\n".join(f"{finding.code:<{width}}  {finding}" for finding in self.found)

    def __repr__(self) -> str:
        return f"<Findings: {', '.join(finding.code for finding in self.found) or 'none'}>"


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
    placeholder: Any = True if kinds[column] == "flag" else 0
    rows: Rows = read_row({**given, column: placeholder}, list(kinds))
    return pay_along(plan.pays, plan.then, column, rows, plan.currency)


def _kinds(plan: Plan) -> dict[str, str]:
    return {need.name: need.kind for need in plan.needs()}


def inverse(plan: Plan, column: str, amount: Money | Number, given: Mapping[str, Any]) -> Money | Fraction | None:
    """The least result that pays at least an amount; see :meth:`perfkit.IncentivePlan.inverse`."""
    curve, _ = plan_curve(plan, column, given)
    wanted = amount.exact if isinstance(amount, Money) else exact(amount, what="amount")
    is_money = _kinds(plan)[column] == "money"
    scale = minor_per_major(plan.currency) if is_money else 1 / _GRID
    unrounded = curve.reaches(wanted, start=0)
    # Rounding may reach the amount a little before the curve does; every line may round up by half of its unit.
    slack = sum((_half_unit(member, plan.currency) for member in (*plan.pays, *plan.then)), Fraction(0))
    earliest = curve.reaches(wanted - slack, start=0)
    if earliest is None:
        return None

    def pays(units: int) -> bool:
        value: Any = units if is_money else float(Fraction(units) / scale)
        return bool(plan.pay_one({**given, column: value}).amount.exact >= wanted)

    low = ceil(earliest * scale)
    high = low + 1 if unrounded is None else ceil(unrounded * scale)
    while not pays(high):
        # Where the leap is owned by the lower side the amount is paid just beyond it; rounding down may ask for more.
        if unrounded is None and curve.reaches(wanted - slack, start=Fraction(high) / scale) is None:
            return None
        high += max(1, high - low)
        if high - low > 10**15:
            return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if pays(middle) else (middle + 1, high)
    return Money.from_minor(low, plan.currency) if is_money else Fraction(low) / scale


def _half_unit(member: Any, currency: str) -> Fraction:
    roundings = [part for part in _inside(member) if isinstance(part, Rounding)]
    cent = Fraction(1, minor_per_major(currency))
    return sum((rounding.to or cent for rounding in roundings), Fraction(0)) or cent


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
    """What is odd about a plan; see :meth:`perfkit.IncentivePlan.lint`."""
    study = _Study.of(plan, ranges, given)
    found: list[Finding] = []
    binding: set[str] = set()
    knots: dict[str, set[Fraction]] = {}
    for column, (low, high) in study.ranges.items():
        try:
            curve, steps = plan_curve(plan, column, study.row)
        except NotAffineError as error:
            found.append(Finding("not_a_curve", column, params=(("why", str(error)),)))
            continue
        knots[column] = {knot.x for knot in curve.knots if low <= knot.x <= high}
        found += _cliffs(curve, column, low, high, plan.currency)
        found += _falls(curve, column, low, high, plan.currency)
        found += _dead_zones(curve, column, low, high, plan.currency)
        found += _unreachable(plan, column, low, high, study.row)
        found += _edge_gain(curve, column, study, _step(study.kinds[column], plan.currency))
        binding |= {step.name for step, before, after in steps if any((before - after).range_over(low, high))}
    caps = [step for step in plan.then if isinstance(step, Cap)]
    found += [Finding("cap_never_binds", params=(("name", cap.name),)) for cap in caps if cap.name not in binding]
    found += _lonely_gates(plan)
    found += _roundings(plan, study)
    found.append(_worst_case(plan, study, knots, people))
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
            low, high = (exact(end, what=f"the range of {column!r}") for end in ends)
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
        x = value.exact if isinstance(value, Money) else exact(value)
        if self.kinds[column] == "money" and not isinstance(value, Money):
            x /= minor_per_major(self.plan.currency)
        return x if low <= x < high else (low + high) / 2


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
    found = []
    for stretch in curve.falls():
        start = low if stretch.start is None else max(stretch.start, low)
        end = high if stretch.end is None else min(stretch.end, high)
        if start > end:
            continue
        first = curve.knot_at(start).at if start == low else max(curve.knot_at(start).below, curve.knot_at(start).at)
        last = curve.knot_at(end).at if end == high else min(curve.knot_at(end).above, curve.knot_at(end).at)
        if last < first:
            found.append(Finding("falls", column, start, end, _money(first - last, currency)))
    return found


def _dead_zones(curve: Curve, column: str, low: Fraction, high: Fraction, currency: str) -> list[Finding]:
    found = []
    for piece in curve.pieces:
        start = low if piece.start is None else max(piece.start, low)
        end = high if piece.end is None else min(piece.end, high)
        if not piece.is_point and piece.slope == 0 and start < end:
            found.append(Finding("dead_zone", column, start, end, _money(piece.value, currency)))
    return found


def _unreachable(plan: Plan, column: str, low: Fraction, high: Fraction, row: Mapping[str, Any]) -> list[Finding]:
    found = []
    for name, curve in _own_curves((*plan.pays, *plan.then), column, row, plan.currency):
        outside = [knot.x for knot in curve.knots if not low <= knot.x <= high]
        found += [Finding("unreachable_tier", column, x, params=(("name", name),)) for x in outside]
    return found


def _own_curves(
    members: Sequence[Any], column: str, row: Mapping[str, Any], currency: str
) -> Iterator[tuple[str, Curve]]:
    """The curves that policies read a column by, on the axis of that column."""
    for member in members:
        if isinstance(member, PaySection):
            yield from _own_curves((*member.pays, *member.then), column, row, currency)
        elif isinstance(member, Commission) and member.on == column:
            rows = read_row(row, list(row))
            quota = member.quota_of(rows, currency)
            size = None if quota is None else quota.fraction(0)
            yield member.name, member.curve if size is None else member.curve.stretch(size, size)
        elif isinstance(member, TargetBonus):
            if member.multiplier == column and member.curve is not None:
                yield member.name, member.curve
            yield from _own_curves((member.multiplier, member.rate), column, row, currency)
        elif isinstance(member, Component):
            if member.on == column and member.curve is not None:
                yield member.name, member.curve
            yield from _own_curves((member.on,), column, row, currency)
        elif isinstance(member, Components):
            yield from _own_curves(member.of, column, row, currency)


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
    return [Finding("edge_gain", column, at, size=_money(best, study.plan.currency), params=(("typical", x),))]


def _lonely_gates(plan: Plan) -> list[Finding]:
    parts = [part for part in _inside((*plan.pays, *plan.then)) if has(type(part))]
    read: set[object] = set()
    for part in parts:
        if not isinstance(part, Gate):
            values = [getattr(part, attribute.name) for attribute in fields(type(part)) if attribute.name != "name"]
            singles = [name for value in values for name in (value if isinstance(value, tuple) else (value,))]
            read |= {name for name in singles if isinstance(name, str)}
    gates = [part for part in parts if isinstance(part, Gate)]
    return [Finding("gate_alone", gate.on, params=(("name", gate.name),)) for gate in gates if gate.on not in read]


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


def _worst_case(plan: Plan, study: _Study, knots: Mapping[str, set[Fraction]], people: int) -> Finding:
    """The most that the plan pays over the ends of the ranges and the breakpoints between them."""
    kinds = study.kinds
    places = {
        column: sorted({low, high, *_around(knots.get(column, set()), low, high, kinds[column], plan)})
        for column, (low, high) in study.ranges.items()
    }
    if prod(map(len, places.values())) > _MOST_CORNERS:
        places = {column: list(ends) for column, ends in study.ranges.items()}
    corners = list(product(*places.values()))
    columns: dict[str, Any] = {name: [value] * len(corners) for name, value in study.row.items() if name not in places}
    for position, column in enumerate(places):
        columns[column] = [_typed(kinds[column], corner[position], plan) for corner in corners]
    paid = plan.pay(columns)
    best = int(np.argmax(paid.minor))
    row = tuple(zip(places, corners[best], strict=True))
    most = Money.from_minor(int(paid.minor[best]) * people, plan.currency)
    return Finding("worst_case", size=most, params=(("people", people), ("row", row)))


def _around(places: set[Fraction], low: Fraction, high: Fraction, kind: str, plan: Plan) -> set[Fraction]:
    """Each breakpoint and a step to either side of it, within a range: pay may be greatest just before a fall."""
    step = _step(kind, plan.currency)
    return {x + shift for x in places for shift in (-step, Fraction(0), step) if low <= x + shift <= high}
