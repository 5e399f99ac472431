"""An amount shared out among names: in proportion, within bounds, in whole steps, adding up exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Any

from perfkit._core.numbers import Number, exact, plain
from perfkit.errors import DefinitionError, did_you_mean

Bounds = Mapping[str, Number] | Number | None
Shares = Mapping[str, Number] | Sequence[str]


def mapping_of(values: Any) -> dict[str, Any]:
    """A mapping, or whatever gives items as one does, such as a pandas Series, by the text of each name."""
    return {str(name): value for name, value in values.items()}


def stretched(target: Fraction, baseline: Fraction, extra: Fraction, step: Fraction | None) -> Fraction:
    """A target so much further from the baseline, in steps the next whole one that is further away.

    Raises:
        DefinitionError: for less than nothing, or where there is no way from the baseline to stretch.
    """
    if extra < 0:
        raise DefinitionError(f"over_assignment must not be negative (got {plain(extra)})", path="over_assignment")
    if not extra:
        return target
    if target == baseline:
        raise DefinitionError(
            f"a target that equals the baseline ({plain(target)}) cannot be over-assigned; leave over_assignment out",
            path="over_assignment",
        )
    whole = target + extra * (target - baseline)
    if step is None or step <= 0:
        return whole
    return (ceil(whole / step) if target > baseline else floor(whole / step)) * step


def share_out(
    whole: Fraction,
    shares: Mapping[str, Fraction],
    *,
    step: Fraction | None = None,
    minimum: Bounds = None,
    maximum: Bounds = None,
    what: str = "the goal",
) -> dict[str, Fraction]:
    """An amount in proportion to shares: exact, within bounds, in whole steps by largest remainder, ties by name.

    What a bound takes from a name or gives to it goes to the others, again in proportion to their shares.

    Raises:
        DefinitionError: for an amount that is no whole number of steps, or bounds that it cannot meet.
    """
    if step is not None and (step <= 0 or (whole / step).denominator != 1):
        raise DefinitionError(
            f"the target of {what!r} must be a whole number of steps (got {plain(whole)} in steps of {plain(step)})",
            path="step",
        )
    unit = Fraction(1) if step is None else step
    shares = dict(shares)
    lowest = {name: bound / unit for name, bound in _bounds(minimum, shares, "minimum").items()}
    highest = {name: bound / unit for name, bound in _bounds(maximum, shares, "maximum").items()}
    # Nobody is given a share of the other sign unless a bound says so.
    outer = lowest if whole >= 0 else highest
    outer |= {name: Fraction(0) for name in shares if name not in outer}
    if step is not None:
        lowest = {name: Fraction(ceil(bound)) for name, bound in lowest.items()}
        highest = {name: Fraction(floor(bound)) for name, bound in highest.items()}
    units = whole / unit
    # Who has no share moves with no scale: bounds alone say what is theirs.
    parts = {name: _within(Fraction(0), lowest, highest, name) for name, share in shares.items() if not share}
    moving = {name: share for name, share in shares.items() if name not in parts}
    rest = units - sum(parts.values(), Fraction(0))
    lowest, highest = ({name: bounds[name] for name in moving if name in bounds} for bounds in (lowest, highest))
    _check_bounds(rest, moving, lowest, highest, unit, what)
    found = _level(rest, moving, lowest, highest)
    parts |= found if step is None else _whole(rest, found)
    return {name: parts[name] * unit for name in shares}


def shares_of(
    parts: Shares, drivers: Mapping[str, Mapping[str, Number]] | None = None, what: str = "the goal"
) -> dict[str, Fraction]:
    """The share of each part: as given, equal for bare names, or the product of its drivers.

    Raises:
        DefinitionError: for no parts, names used twice, shares below 0 or all of them 0, or drivers of other parts.
    """
    if hasattr(parts, "items"):
        shares = {name: exact(share, what=f"the share of {name!r}") for name, share in mapping_of(parts).items()}
        twice = len(shares) < len(parts)
    else:
        listed = isinstance(parts, Iterable) and not isinstance(parts, (str, bytes))
        names = list(parts) if listed else [parts]
        if not listed or not all(isinstance(name, str) for name in names):
            raise DefinitionError(
                f"parts of {what!r} must be a mapping from name to share, or a list of names, such as "
                f"{{'north': 2, 'south': 1}} or ['north', 'south'] (got {parts!r})",
                path="parts",
            )
        shares = dict.fromkeys(map(str, names), Fraction(1))
        twice = len(shares) < len(names)
    if twice:
        raise DefinitionError(f"parts must be named once each (got {', '.join(map(str, parts))})", path="parts")
    for driver, column in (drivers or {}).items():
        factors = mapping_of(column)
        odd = [name for name in shares if name not in factors] or [name for name in factors if name not in shares]
        if odd:
            raise DefinitionError(
                f"driver {driver!r} must have a number for each part, and for no other (got {odd[0]!r})", path=driver
            )
        for name in shares:
            shares[name] *= exact(factors[name], what=f"{driver} of {name!r}")
    if not any(shares.values()) or any(share < 0 for share in shares.values()):
        given = {name: plain(share) for name, share in shares.items()}
        raise DefinitionError(
            f"the shares of {what!r} must be positive, or 0 for some who have nothing to reach (got {given!r})",
            path="parts",
        )
    return shares


def _within(value: Fraction, lowest: Mapping[str, Fraction], highest: Mapping[str, Fraction], name: str) -> Fraction:
    return min(max(value, lowest.get(name, value)), max(highest.get(name, value), lowest.get(name, value)))


def _bounds(bounds: Bounds, shares: Mapping[str, Fraction], which: str) -> dict[str, Fraction]:
    if bounds is None:
        return {}
    if not hasattr(bounds, "items"):
        return dict.fromkeys(shares, exact(bounds, what=which))
    bounds = mapping_of(bounds)
    unknown = [name for name in bounds if name not in shares]
    if unknown:
        raise DefinitionError(f"{which} names {unknown[0]!r}, which is no part{did_you_mean(unknown[0], shares)}")
    return {name: exact(bound, what=f"{which} of {name!r}") for name, bound in bounds.items()}


def _check_bounds(
    units: Fraction,
    shares: Mapping[str, Fraction],
    lowest: Mapping[str, Fraction],
    highest: Mapping[str, Fraction],
    unit: Fraction,
    what: str,
) -> None:
    crossed = [name for name in lowest if name in highest and lowest[name] > highest[name]]
    if crossed:
        name = crossed[0]
        raise DefinitionError(
            f"the minimum of {name!r} must not be above its maximum (got {plain(lowest[name] * unit)} and "
            f"{plain(highest[name] * unit)}{'' if unit == 1 else ' in whole steps'})",
            path="minimum",
        )
    least = sum(lowest.values(), Fraction(0)) if len(lowest) == len(shares) else None
    most = sum(highest.values(), Fraction(0)) if len(highest) == len(shares) else None
    if least is not None and least > units:
        raise DefinitionError(
            f"the minimums of {what!r} add up to {plain(least * unit)}, more than there is to share out "
            f"({plain(units * unit)}); lower a minimum",
            path="minimum",
        )
    if most is not None and most < units:
        raise DefinitionError(
            f"the maximums of {what!r} add up to {plain(most * unit)}, less than there is to share out "
            f"({plain(units * unit)}); raise a maximum",
            path="maximum",
        )


def _level(
    units: Fraction,
    shares: Mapping[str, Fraction],
    lowest: Mapping[str, Fraction],
    highest: Mapping[str, Fraction],
) -> dict[str, Fraction]:
    """The one scale at which shares, each held within its bounds, add up to the amount."""

    def at(scale: Fraction) -> dict[str, Fraction]:
        parts = {}
        for name, share in shares.items():
            part = max(share * scale, lowest[name]) if name in lowest else share * scale
            parts[name] = min(part, highest[name]) if name in highest else part
        return parts

    corners = sorted({bound / shares[name] for bounds in (lowest, highest) for name, bound in bounds.items()})
    first, last = 0, len(corners)
    while first < last:
        middle = (first + last) // 2
        if sum(at(corners[middle]).values()) >= units:
            last = middle
        else:
            first = middle + 1
    # Between two corners the sum is a line; beyond the outermost, only the unbounded still move.
    low = corners[first - 1] if first > 0 else corners[0] - 1
    high = corners[first] if first < len(corners) else low + 1
    below, above = sum(at(low).values()), sum(at(high).values())
    scale = low if above == below else low + (high - low) * (units - below) / (above - below)
    return at(scale)


def _whole(units: Fraction, parts: Mapping[str, Fraction]) -> dict[str, Fraction]:
    whole = {name: Fraction(floor(part)) for name, part in parts.items()}
    left = int(units - sum(whole.values()))
    for name in sorted(parts, key=lambda name: (whole[name] - parts[name], name))[:left]:
        whole[name] += 1
    return whole
