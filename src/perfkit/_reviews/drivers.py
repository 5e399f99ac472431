"""Drivers: a number that is a product, or any other function, of what drives it; prices, volumes and the mix."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from perfkit._core.numbers import Number, exact
from perfkit._reviews.attribution import Method, attributed, chosen
from perfkit._reviews.bridge import Bridge, BridgeLine, check_names
from perfkit.errors import DataError, DefinitionError


def _product(drivers: Mapping[str, Fraction]) -> Fraction:
    whole = Fraction(1)
    for value in drivers.values():
        whole *= value
    return whole


def driver_bridge(
    before: Mapping[Any, Any], after: Mapping[Any, Any], of: Any, method: Method, names: tuple[str, str]
) -> Bridge:
    """The bridge of a function of drivers; see :func:`perfkit.bridge`."""
    if of is not None and not callable(of):
        raise DefinitionError(
            f"of= of drivers must be a function of them, or None for a product (got {of!r})", path="of"
        )
    sides = [
        {str(name): exact(value, what=f"driver {name!r}", path=str(name)) for name, value in side.items()}
        for side in (before, after)
    ]
    odd = sorted(sides[0].keys() ^ sides[1].keys())
    if odd or not sides[0]:
        told = f"{', '.join(map(repr, odd))} only on one side" if odd else "none"
        raise DataError(
            f"both sides must have the same drivers (got {told}); give a driver that is not there as 0 or 1"
        )
    function: Callable[[dict[str, Fraction]], Any] = of or _product
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
    label = "product of " + ", ".join(sides[0]) if of is None else getattr(of, "__name__", "drivers")
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

    Args:
        before: the price and the quantity of each product; one that was not sold yet has a quantity of 0, and the price
            that it came to have.
        after: the same after the change.
        names: what the two sides are called.

    Raises:
        DataError: for products that are on one side only, or what is no price and quantity.

    Example:
        >>> print(price_volume({"basic": (10, 100), "premium": (30, 50)}, {"basic": (10, 90), "premium": (32, 80)}))
        before          2,500.000
        value   price    +130.000
        value   volume   +370.625
        value   mix      +459.375
        after           3,460.000
    """
    check_names(names)
    sides = [_priced(side) for side in (before, after)]
    odd = sorted(sides[0].keys() ^ sides[1].keys())
    if odd or not sides[0]:
        told = f"{', '.join(map(repr, odd))} only on one side" if odd else "none"
        raise DataError(
            f"both sides must have the same products (got {told}); give one that was not sold a quantity of 0 "
            "and the price of the other side"
        )
    first, last = (sum((price * sold for price, sold in side.values()), Fraction(0)) for side in sides)
    pairs = [(*sides[0][name], *sides[1][name]) for name in sides[0]]
    price = sum(((p1 - p0) * (q0 + q1) / 2 for p0, q0, p1, q1 in pairs), Fraction(0))
    by_quantity = sum(((p0 + p1) / 2 * (q1 - q0) for p0, q0, p1, q1 in pairs), Fraction(0))
    quantity = sum((q0 + q1 for _, q0, _, q1 in pairs), Fraction(0))
    gained = sum((q1 - q0 for _, q0, _, q1 in pairs), Fraction(0))
    worth = sum(((p0 + p1) / 2 * (q0 + q1) for p0, q0, p1, q1 in pairs), Fraction(0))
    volume = worth / quantity * gained if quantity else by_quantity
    lines = [BridgeLine("value", "price", price), BridgeLine("value", "volume", volume)]
    if len(pairs) > 1:
        lines.append(BridgeLine("value", "mix", by_quantity - volume))
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
