"""Factors made of parts: weighted components with curves, caps and gates, modifiers that add or multiply."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import reduce
from typing import Any, Literal

from attrs import field, frozen

from perfkit._core.checks import instance, text
from perfkit._core.columns import Need, Rows
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact, plain
from perfkit._core.ratios import Ratios
from perfkit._incentives.factors import (
    AnyFactor,
    as_factor,
    factor_along,
    factor_needs,
    product_along,
    read_factor,
)
from perfkit._incentives.steps import Gate
from perfkit.curves import Curve
from perfkit.errors import DefinitionError
from perfkit.explain import AnyRecorder
from perfkit.money import Rounding


def _positive(weight: Number | None) -> Fraction | None:
    if weight is None:
        return None
    number = exact(weight, what="weight", path="weight")
    if number <= 0:
        raise DefinitionError(f"weight must be positive (got {plain(number)}); leave out what does not count")
    return number


def _limit(value: Number | None) -> Fraction | None:
    return None if value is None else exact(value, what="a limit")


def _gates(gates: Gate | Iterable[Gate]) -> tuple[Gate, ...]:
    return (gates,) if isinstance(gates, Gate) else tuple(gates)


@frozen
class Component:
    """One part of a multiplier: a result on its payout curve, gated, capped and rounded on its own.

    The order is: curve, gates, cap, floor, rounding; each that changes the number is a line of the explanation.

    Args:
        on: what it reads: a column, a number, or another factor such as :class:`Components`.
        curve: from that to what is paid; itself when not given.
        weight: how much it counts among the parts of :class:`Components`.
        gates: conditions; where one is not met, at most its ``cap``, a number here, is paid.
        cap: at most this.
        floor: at least this.
        rounding: to what the number is rounded, such as ``Rounding(to=0.001)`` for a tenth of a percent.
        name: in the explanation; the column when not given.

    Raises:
        DefinitionError: for a floor above the cap, or a gate whose cap is money.

    Example:
        >>> eps = Component("eps", Curve.through((5.64, 0.5), (6.63, 1), (7.62, 2), below=0), weight=65)
        >>> eps.name
        'eps'
    """

    _repr_html_ = definition

    on: AnyFactor = field(converter=as_factor)
    curve: Curve | None = field(default=None, validator=instance(Curve, type(None)))
    weight: Fraction | None = field(default=None, converter=_positive, kw_only=True)
    gates: tuple[Gate, ...] = field(default=(), converter=_gates, kw_only=True)
    cap: Fraction | None = field(default=None, converter=_limit, kw_only=True)
    floor: Fraction | None = field(default=None, converter=_limit, kw_only=True)
    rounding: Rounding | None = field(default=None, validator=instance(Rounding, type(None)), kw_only=True)
    name: str = field(converter=text, kw_only=True)

    @name.default
    def _same_as_column(self) -> str:
        return self.on if isinstance(self.on, str) else getattr(self.on, "name", "component")

    def __attrs_post_init__(self) -> None:
        _check_limits(self, self.gates)

    def needs(self) -> tuple[Need, ...]:
        """The columns that it reads."""
        return factor_needs(self.on) + _gate_needs(self.gates)

    def exact(self, rows: Rows, record: AnyRecorder) -> Ratios:
        """The number of each row."""
        node = record.part("component", label=self.name)
        if self.curve is None:
            values = read_factor(self.on, rows, node, "actual")
        else:
            curve = node.part("curve")
            x = read_factor(self.on, rows, curve, "actual")
            values = self.curve.ratios(x)
            if record:
                self.curve.record(curve, x.fraction(0), values.fraction(0))
        return _limited(self, values, rows, node)

    def along(self, column: str, rows: Rows) -> Curve:
        """The number before rounding as a function of one column."""
        x = factor_along(self.on, column, rows)
        return _limited_along(self, x if self.curve is None else x.then(self.curve), column, rows)


def _parts(parts: Iterable[Component | Components]) -> tuple[Component | Components, ...]:
    return tuple(parts)


@frozen
class Components:
    """Several components as one multiplier: weighted, added or multiplied; then gated, capped and rounded together.

    Args:
        of: components, or groups of them.
        combine: ``weighted`` (the mean by weight), ``sum`` (modifiers that add, such as +-50 points), or ``product``
            (modifiers that multiply).
        weight: how much the group counts in a group above.
        weights_add_up_to: what the weights of its parts must add up to, such as 100; anything when not given, for
            weights are relative.
        gates: conditions; where one is not met, at most its ``cap``, a number here, is paid.
        cap: at most this.
        floor: at least this.
        rounding: to what the number is rounded.
        name: in the explanation.

    Raises:
        DefinitionError: for no parts, weights given to some and not to others, or weights that do not count.

    Example:
        >>> plan = Components([Component("corporate", weight=70), Component("individual", weight=30)])
        >>> [need.name for need in plan.needs()]
        ['corporate', 'individual']
    """

    _repr_html_ = definition

    of: tuple[Component | Components, ...] = field(converter=_parts)
    combine: Literal["weighted", "sum", "product"] = "weighted"
    weight: Fraction | None = field(default=None, converter=_positive, kw_only=True)
    weights_add_up_to: Fraction | None = field(default=None, converter=_positive, kw_only=True)
    gates: tuple[Gate, ...] = field(default=(), converter=_gates, kw_only=True)
    cap: Fraction | None = field(default=None, converter=_limit, kw_only=True)
    floor: Fraction | None = field(default=None, converter=_limit, kw_only=True)
    rounding: Rounding | None = field(default=None, validator=instance(Rounding, type(None)), kw_only=True)
    name: str = field(default="components", converter=text, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not self.of:
            raise DefinitionError(f"{self.name!r} must have at least one component (got none)", path="of")
        odd = [part for part in self.of if not isinstance(part, (Component, Components))]
        if odd:
            raise DefinitionError(f"{self.name!r} must hold components (got {odd[0]!r})", path="of")
        if self.combine not in ("weighted", "sum", "product"):
            raise DefinitionError(f"combine must be weighted, sum or product (got {self.combine!r})", path="combine")
        weighted = [part.weight is not None for part in self.of]
        if self.combine == "weighted" and any(weighted) and not all(weighted):
            raise DefinitionError(f"weights in {self.name!r} must be given to all of its parts or to none", path="of")
        whole = sum((part.weight or Fraction(1) for part in self.of), Fraction(0))
        if self.weights_add_up_to not in (None, whole):
            wanted = plain(self.weights_add_up_to or Fraction(0))
            raise DefinitionError(f"weights in {self.name!r} must add up to {wanted} (got {plain(whole)})", path="of")
        if self.combine != "weighted" and any(weighted):
            raise DefinitionError(f"weights do not count where parts are combined by {self.combine}", path="of")
        _check_limits(self, self.gates)

    def needs(self) -> tuple[Need, ...]:
        """The columns that it reads."""
        return tuple(need for part in self.of for need in part.needs()) + _gate_needs(self.gates)

    def shares(self) -> tuple[Fraction, ...]:
        """The share of each part; 1 for each where they are added or multiplied."""
        if self.combine != "weighted":
            return (Fraction(1),) * len(self.of)
        weights = [Fraction(1) if part.weight is None else part.weight for part in self.of]
        whole = sum(weights, Fraction(0))
        return tuple(weight / whole for weight in weights)

    def exact(self, rows: Rows, record: AnyRecorder) -> Ratios:
        """The number of each row."""
        node = record.part("component", label=self.name)
        values: list[Ratios] = []
        for part, share in zip(self.of, self.shares(), strict=True):
            if self.combine == "weighted":
                inner = node.part("contribution", label=part.name)
                value = part.exact(rows, inner)
                if record:
                    _record_share(inner, part, share, value.fraction(0), self)
                value = value.times(share)
            else:
                value = part.exact(rows, node)
            values.append(value)
        node.says(relation="product" if self.combine == "product" else "sum")
        whole = reduce(Ratios.times if self.combine == "product" else Ratios.plus, values)
        return _limited(self, whole, rows, node)

    def along(self, column: str, rows: Rows) -> Curve:
        """The number before rounding as a function of one column."""
        parts = [part.along(column, rows) * share for part, share in zip(self.of, self.shares(), strict=True)]
        whole = parts[0]
        for part in parts[1:]:
            whole = product_along(whole, part, column) if self.combine == "product" else whole + part
        return _limited_along(self, whole, column, rows)


def _record_share(
    record: AnyRecorder, part: Component | Components, share: Fraction, score: Fraction, group: Components
) -> None:
    weights = sum((Fraction(1) if other.weight is None else other.weight for other in group.of), Fraction(0))
    record.says(
        value=share * score,
        relation="affine",
        score=score,
        weight=Fraction(1) if part.weight is None else part.weight,
        weights=weights,
        slope=share,
        intercept=0,
    )


def _check_limits(part: Component | Components, gates: tuple[Gate, ...]) -> None:
    name, cap, floor = part.name, part.cap, part.floor
    if cap is not None and floor is not None and floor > cap:
        raise DefinitionError(f"floor of {name!r} must not be above its cap (got {plain(floor)} and {plain(cap)})")
    if part.rounding is not None and part.rounding.to is None:
        raise DefinitionError(f"rounding of {name!r} must say to what: a number has no cents", path="rounding")
    for gate in gates:
        if not isinstance(gate, Gate):
            raise DefinitionError(f"gates of {name!r} must be gates (got {gate!r})", path="gates")
        if gate.of is not None or isinstance(gate.cap, str):
            raise DefinitionError(f"a gate of {name!r} caps a number, not money: leave out of=", path="gates")


def _gate_needs(gates: tuple[Gate, ...]) -> tuple[Need, ...]:
    return tuple(gate.needs()[0] for gate in gates)


def _limited(part: Component | Components, values: Ratios, rows: Rows, record: AnyRecorder) -> Ratios:
    """The values behind the gates of a part, within its limits, rounded; each change recorded."""
    unlimited = values
    changes: list[tuple[str, Fraction, dict[str, Any]]] = []

    def change(code: str, changed: Ratios, **params: Any) -> Ratios:
        if record and changed.fraction(0) != values.fraction(0):
            changes.append((code, changed.fraction(0) - values.fraction(0), params))
        return changed

    for gate in part.gates:
        is_open = gate.opens(rows)
        limited = values.where(is_open, _lesser(values, exact(gate.cap)))
        seen = None
        if record:
            seen = bool(is_open[0]) if gate.is_flag else rows.exact(gate.on).fraction(0)
        values = change("gated", limited, name=gate.name, on=gate.on, seen=seen, limit=exact(gate.cap))
    if part.cap is not None:
        values = change("capped", _lesser(values, part.cap), limit=part.cap)
    if part.floor is not None:
        raised = _lesser(values.times(Fraction(-1)), -part.floor).times(Fraction(-1))
        values = change("floored", raised, limit=part.floor)
    if part.rounding is not None:
        unit = part.rounding.to or Fraction(1)
        rounded = Ratios(values.rounded(unit, part.rounding.mode), 1).times(unit)
        values = change("rounding", rounded, mode=part.rounding.mode, to=unit)
    if record:
        _record_changes(record, unlimited.fraction(0), values.fraction(0), changes)
    return values


def _record_changes(
    record: AnyRecorder, before: Fraction, after: Fraction, changes: list[tuple[str, Fraction, dict[str, Any]]]
) -> None:
    if changes and record.relation == "product":
        record.wrap("component", before)
    if changes or record.relation == "from":
        record.says(relation="sum")
    for code, difference, params in changes:
        record.leaf(code, difference, **params)
    record.says(value=after)


def _lesser(values: Ratios, limit: Fraction) -> Ratios:
    return Ratios.constant(limit, len(values)).where(values.at_least(limit), values)


def _limited_along(part: Component | Components, curve: Curve, column: str, rows: Rows) -> Curve:
    for gate in part.gates:
        curve = gate.gate_along(curve, Curve.constant(exact(gate.cap)), column, rows)
    if part.cap is not None:
        curve = curve.cap(part.cap)
    return curve if part.floor is None else curve.floor(part.floor)
