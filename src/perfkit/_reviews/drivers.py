"""Drivers: a number that is a product, or any other function, of what drives it; prices, volumes and the mix."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, cast

import numpy as np

from perfkit._core.numbers import Number, exact
from perfkit._reviews.attribution import Method, attributed, chosen
from perfkit._reviews.bridge import Bridge, BridgeLine, check_names
from perfkit.errors import DataError, DefinitionError

# A driver is a number, or one for each of several groups, in order or by name.
Driver = Fraction | tuple[Fraction, ...] | dict[str, Fraction]


def _product(drivers: Mapping[str, Driver]) -> Fraction:
    """The product of numbers; the sum of the products of each group where some are by group."""
    whole = Fraction(0)
    for group in _groups(drivers):
        part = Fraction(1)
        for value in drivers.values():
            part *= value if isinstance(value, Fraction) else cast(Any, value)[group]
        whole += part
    return whole


def _groups(drivers: Mapping[str, Driver]) -> list[Any]:
    """The groups that drivers have a number for; one without a name where they have none.

    Raises:
        DataError: for drivers of different groups.
    """
    found: dict[str, list[Any]] = {}
    for name, value in drivers.items():
        if not isinstance(value, Fraction):
            found[name] = list(value) if isinstance(value, dict) else list(range(len(value)))
    if not found:
        return [None]
    first, groups = next(iter(found.items()))
    for name, mine in found.items():
        if sorted(map(str, mine)) != sorted(map(str, groups)):
            raise DataError(
                f"drivers by group must be of the same groups (got {first!r} of {_listed(groups)} and {name!r} of "
                f"{_listed(mine)}); give each one for every group, or say of=",
                column=name,
            )
    return groups


def _listed(groups: Sequence[Any]) -> str:
    return ", ".join(map(repr, groups)) or "none"


def _driver(name: str, value: Any) -> Driver:
    if isinstance(value, Mapping):
        return {str(group): exact(one, what=f"driver {name!r} of {group!r}", path=name) for group, one in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return tuple(exact(one, what=f"driver {name!r} at {at}", path=name) for at, one in enumerate(value))
    return exact(value, what=f"driver {name!r}", path=name)


def driver_bridge(
    before: Mapping[Any, Any], after: Mapping[Any, Any], of: Any, method: Method, names: tuple[str, str]
) -> Bridge:
    """The bridge of a function of drivers; see :func:`perfkit.bridge`."""
    if of is not None and not callable(of):
        raise DefinitionError(
            f"of= of drivers must be a function of them, or None for a product (got {of!r})", path="of"
        )
    sides = [{str(name): _driver(str(name), value) for name, value in side.items()} for side in (before, after)]
    odd = sorted(sides[0].keys() ^ sides[1].keys())
    if odd or not sides[0]:
        told = f"{', '.join(map(repr, odd))} only on one side" if odd else "none"
        raise DataError(
            f"both sides must have the same drivers (got {told}); give a driver that is not there as 0 or 1"
        )
    for name, value in sides[0].items():
        # Both sides must have a number for each group that the other has.
        _groups({f"{name} {names[0]}": value, f"{name} {names[1]}": sides[1][name]})
        if isinstance(value, Fraction) != isinstance(sides[1][name], Fraction):
            raise DataError(f"driver {name!r} must be by group on both sides or on none; give both alike", column=name)
    function: Callable[[dict[str, Any]], Any] = of or _product
    changed = [name for name in sides[0] if sides[0][name] != sides[1][name]]

    def values(masks: Sequence[int]) -> list[Fraction]:
        found = []
        for mask in masks:
            taken = {name for place, name in enumerate(changed) if mask >> place & 1}
            mixed = {name: sides[name in taken][name] for name in sides[0]}
            found.append(exact(function(mixed), what="the value of the drivers"))
        return found

    used = chosen(method, len(changed))
    amounts, joint = attributed(used, len(changed), values)
    lines = [BridgeLine("value", name, amount) for name, amount in zip(changed, amounts, strict=True)]
    if used == "joint":
        lines.append(BridgeLine("joint", "together", joint))
    start, end = values([0, (1 << len(changed)) - 1])
    is_summed = any(not isinstance(value, Fraction) for value in sides[0].values())
    product = "sum of the products of " if is_summed else "product of "
    label = product + ", ".join(sides[0]) if of is None else getattr(of, "__name__", "drivers")
    return Bridge("drivers", label, start, end, lines, used, names)


def price_volume(
    before: Mapping[str, tuple[Number, Number]],
    after: Mapping[str, tuple[Number, Number]],
    *,
    names: tuple[str, str] = ("before", "after"),
) -> Bridge:
    """A change of revenue, or of cost, split into price, volume and mix, product by product.

    Price is the change of each product's price on the mean of its two quantities. What is left of the quantities is
    split in two: volume is what the change of the total quantity is worth at the mean price of all products, and mix is
    that products that are worth more or less than it gained or lost quantity. All means are of before and after, so
    that the three add up exactly, and neither side is the base. For one product there is no mix.

    A product on one side only has no change of price, and its quantity is no growth of what was there: it is a line of
    its own with all that it brings, or brought. Where it is to count in volume and mix, give it on the other side with
    a quantity of 0 and the same price.

    Args:
        before: the price and the quantity of each product.
        after: the same after the change.
        names: what the two sides are called.

    Raises:
        DataError: for no product at all, or what is no price and quantity.

    Example:
        >>> print(price_volume({"basic": (10, 100), "premium": (30, 50)}, {"basic": (10, 90), "premium": (32, 80)}))
        before          2,500.000
        value   price    +130.000
        value   volume   +370.625
        value   mix      +459.375
        after           3,460.000
        >>> print(price_volume({"basic": (10, 100), "relic": (8, 25)}, {"basic": (11, 100), "novel": (20, 15)}))
        before              1,200
        value       price    +100
        value       volume      0
        membership  relic    -200
        membership  novel    +300
        after               1,400
    """
    check_names(names)
    sides = [_priced(side) for side in (before, after)]
    if not sides[0] and not sides[1]:
        raise DataError("one side at least must have products (got none); give each its price and quantity")
    first, last = (sum((price * sold for price, sold in side.values()), Fraction(0)) for side in sides)
    pairs = [(*sides[0][name], *sides[1][name]) for name in sides[0] if name in sides[1]]
    price = sum(((p1 - p0) * (q0 + q1) / 2 for p0, q0, p1, q1 in pairs), Fraction(0))
    by_quantity = sum(((p0 + p1) / 2 * (q1 - q0) for p0, q0, p1, q1 in pairs), Fraction(0))
    quantity = sum((q0 + q1 for _, q0, _, q1 in pairs), Fraction(0))
    gained = sum((q1 - q0 for _, q0, _, q1 in pairs), Fraction(0))
    worth = sum(((p0 + p1) / 2 * (q0 + q1) for p0, q0, p1, q1 in pairs), Fraction(0))
    volume = worth / quantity * gained if quantity else by_quantity
    lines = [BridgeLine("value", "price", price), BridgeLine("value", "volume", volume)] if pairs else []
    if len(pairs) > 1:
        lines.append(BridgeLine("value", "mix", by_quantity - volume))
    for name in (*sides[0], *(name for name in sides[1] if name not in sides[0])):
        if (name in sides[0]) != (name in sides[1]):
            sign, side = (1, sides[1]) if name in sides[1] else (-1, sides[0])
            lines.append(BridgeLine("membership", name, sign * side[name][0] * side[name][1]))
    return Bridge("drivers", "price, volume and mix", first, last, lines, "mean", names)


def _priced(side: Mapping[str, tuple[Number, Number]]) -> dict[str, tuple[Fraction, Fraction]]:
    found = {}
    for name, pair in side.items():
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise DataError(
                f"product {name!r} must have a price and a quantity, in this order (got {pair!r})", column=name
            )
        price, quantity = (
            exact(value, what=f"{what} of {name!r}") for what, value in zip(("price", "quantity"), pair, strict=True)
        )
        if quantity < 0:
            raise DataError(f"the quantity of {name!r} must not be negative (got {pair[1]!r})", column=name)
        found[str(name)] = (price, quantity)
    return found
