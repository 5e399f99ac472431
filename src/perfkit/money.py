"""Money: exact amounts, minor units, rounding, and shares that add up."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import total_ordering
from typing import Any, Literal, cast, overload

import numpy as np
from attrs import field, frozen

from perfkit._core import integers
from perfkit._core.checks import one_of
from perfkit._core.columns import is_missing_value
from perfkit._core.integers import MODES, AnyIntColumn, IntColumn, Mode
from perfkit._core.notebook import Markup, definition, view
from perfkit._core.numbers import Number, exact
from perfkit._core.ratios import Ratios
from perfkit._core.tables import as_array
from perfkit.errors import DataError, DefinitionError, did_you_mean, row_list

# ISO 4217, list one. Currencies without a mention here have two decimals.
_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_TWO_DECIMALS = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW "
    "CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR "
    "ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV "
    "MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD "
    "SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"
)
DECIMALS: Mapping[str, int] = dict.fromkeys(_TWO_DECIMALS.split(), 2) | {
    code: places for places, codes in _DECIMALS.items() for code in codes.split()
}


def minor_per_major(currency: str) -> int:
    """How many minor units make one unit of a currency: 100 cents a euro, 1 yen a yen, 1,000 fils a dinar.

    Source: ISO 4217.

    Raises:
        DefinitionError: if the code is not one of ISO 4217.

    Example:
        >>> minor_per_major("EUR"), minor_per_major("JPY"), minor_per_major("KWD")
        (100, 1, 1000)
    """
    if not isinstance(currency, str) or currency not in DECIMALS:
        hint = did_you_mean(currency.upper(), DECIMALS) if isinstance(currency, str) else ""
        raise DefinitionError(f"currency must be a code of ISO 4217, such as 'EUR' (got {currency!r}){hint}")
    return int(10 ** DECIMALS[currency])


def _unit_or_none(to: Number | None) -> Fraction | None:
    return None if to is None else exact(to, what="to")


@frozen
class Rounding:
    """How and to what an amount is rounded: a visible step of a statement.

    Args:
        to: the unit in major units of the currency, such as 1 for whole dollars, 100, or 0.05; the currency's own
            minor unit when not given.
        mode: ``half_up`` (ties away from zero, the default), ``half_even``, ``half_down``, ``up`` (away from zero),
            ``down`` (towards zero), ``ceiling`` or ``floor``.

    Raises:
        DefinitionError: for an unknown mode, or a unit that is not positive.

    Example:
        >>> Rounding(to=1).minor(Fraction("1045704.4"), "USD")
        104570400
    """

    _repr_html_ = definition

    to: Fraction | None = field(default=None, converter=_unit_or_none)
    mode: Mode = "half_up"

    def __attrs_post_init__(self) -> None:
        if self.mode not in MODES:
            raise DefinitionError(
                f"mode must be one of {', '.join(MODES)} (got {self.mode!r}){did_you_mean(str(self.mode), MODES)}"
            )
        if self.to is not None and self.to <= 0:
            raise DefinitionError(f"to must be a positive unit, such as 1 or 0.01 (got {self.to})")

    def unit(self, currency: str) -> int:
        """The unit in minor units of a currency.

        Raises:
            DefinitionError: if the unit is no whole number of minor units, such as half a cent.
        """
        if self.to is None:
            return 1
        unit = self.to * minor_per_major(currency)
        if unit.denominator != 1:
            raise DefinitionError(f"to must be a whole number of minor units of {currency} (got {self.to})")
        return unit.numerator

    def minor(self, amount: Fraction, currency: str) -> int:
        """An exact amount in major units, rounded to minor units."""
        rounded = self.column(Ratios.of_fractions([amount]), currency)
        return int(rounded[0])

    def column(self, amounts: Ratios, currency: str) -> AnyIntColumn:
        """Exact amounts in major units, each rounded once, as integers of minor units."""
        unit = self.unit(currency)
        whole = amounts.rounded(Fraction(unit, minor_per_major(currency)), self.mode)
        return integers.multiply(whole, unit)


CENT = Rounding()
LeftTo = Literal["largest", "first", "last"]

# Commas separate thousands, or lakhs and crores; anywhere else a comma is no part of an amount.
_AMOUNT = r"[+-]?(?:\d{1,3}(?:,\d{2,3})*,\d{3}|\d[\d_]*)?(?:\.\d+)?"
_TEXT = re.compile(rf"^\s*(?P<amount>{_AMOUNT})\s+(?P<currency>[A-Za-z]{{3}})\s*$")


@total_ordering
@frozen(init=False, repr=False, order=False)
class Money:
    """An exact amount of one currency, held in minor units.

    Args:
        amount: as you would type it: ``Money("11,738.85 EUR")``, ``Money(500, "EUR")`` for 500 EUR.
        currency: a code of ISO 4217; not needed when the text has it.

    Attributes:
        minor: the amount in minor units, a Python integer of any size.
        currency: the code.

    Raises:
        DefinitionError: for text that is no amount, an unknown currency, or a part of a minor unit.

    Example:
        >>> Money("11,738.85 EUR") + Money(0.15, "EUR")
        Money('11,739.00 EUR')
        >>> Money.from_minor(1173885, "EUR").minor
        1173885
    """

    minor: int
    currency: str

    def __init__(self, amount: str | Number, currency: str | None = None) -> None:
        if isinstance(amount, str):
            match = _TEXT.match(amount if currency is None else f"{amount} {currency}")
            if match is None:
                raise DefinitionError(f"money must read like '11,738.85 EUR' (got {amount!r})")
            currency = match["currency"]
            value = _typed_amount(match["amount"], amount)
        else:
            if currency is None:
                raise DefinitionError(f"money needs a currency, such as Money({amount!r}, 'EUR')")
            value = exact(amount, what="an amount of money")
        minor = value * minor_per_major(currency)
        if minor.denominator != 1:
            raise DefinitionError(
                f"an amount of {currency} has {DECIMALS[currency]} decimals (got {amount!r}); round it first"
            )
        self.__attrs_init__(minor.numerator, currency)

    @classmethod
    def from_minor(cls, minor: int, currency: str) -> Money:
        """Money from a whole count of minor units: 50 cents from 50."""
        count = exact(minor, what="a count of minor units")
        if count.denominator != 1:
            raise DefinitionError(f"a count of minor units must be whole (got {minor!r}); round it first")
        return cls(count / minor_per_major(currency), currency)

    @property
    def amount(self) -> Decimal:
        """The amount in major units."""
        # Made from text, which no decimal context of the caller rounds.
        return Decimal(f"{self.minor}e-{DECIMALS[self.currency]}")

    @property
    def exact(self) -> Fraction:
        """The amount in major units, as a fraction."""
        return Fraction(self.minor, minor_per_major(self.currency))

    def __str__(self) -> str:
        sign = "-" if self.minor < 0 else ""
        places = DECIMALS[self.currency]
        whole, part = divmod(abs(self.minor), 10**places)
        return f"{sign}{whole:,}{f'.{part:0{places}d}' if places else ''} {self.currency}"

    def __repr__(self) -> str:
        return f"Money('{self}')"

    def _repr_html_(self) -> str:
        return view(Markup(f"<span>{self}</span>"))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __add__(self, other: Money | int) -> Money:
        if isinstance(other, int) and other == 0:
            return self
        self._same(other)
        return Money.from_minor(self.minor + cast(Money, other).minor, self.currency)

    __radd__ = __add__

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money.from_minor(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money.from_minor(-self.minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def times(self, factor: Number, rounding: Rounding = CENT) -> Money:
        """The amount times an exact factor, rounded once.

        Example:
            >>> Money("100.05 EUR").times(0.5), Money("100.05 EUR").times(0.5, Rounding(mode="half_even"))
            (Money('50.03 EUR'), Money('50.02 EUR'))
        """
        exact_amount = self.exact * exact(factor, what="a factor")
        return Money.from_minor(rounding.minor(exact_amount, self.currency), self.currency)

    def _same(self, other: object) -> None:
        if not isinstance(other, Money):
            raise DefinitionError(f"money can only meet money (got {other!r})")
        if other.currency != self.currency:
            raise DefinitionError(
                f"money must be of one currency (got {self.currency} and {other.currency}); convert one of them first"
            )


def minor_units(values: Any, currency: str, *, rounding: Rounding | None = None) -> IntColumn:
    """A column of money as typed, in major units, made exact int64 minor units: once, at the edge.

    Args:
        values: numbers, decimals, texts such as ``"1,234.50"``, or ``Money``; a sequence, an array or a data frame's
            column. Floats count as the decimal that they print.
        currency: a code of ISO 4217.
        rounding: what to do with parts of a minor unit; when not given they are refused.

    Returns:
        an int64 array of the same length.

    Raises:
        DataError: for missing values, text that is no amount, parts of a minor unit, or what does not fit int64.

    Example:
        >>> minor_units([1234.5, "1,000", Decimal("0.10")], "EUR")
        array([123450, 100000,     10])
    """
    scale = minor_per_major(currency)
    array = as_array("values", values)
    if array.ndim != 1:
        raise DataError(f"values must be one column (got shape {array.shape})")
    if array.size == 0:
        return np.zeros(0, dtype=np.int64)
    if array.dtype.kind == "f" and array.dtype.itemsize == 8 and rounding is None:
        with np.errstate(invalid="ignore", over="ignore"):
            scaled = np.rint(array * scale)
            if bool(np.all((np.abs(scaled) < 10**15) & (scaled / scale == array))):
                return cast(IntColumn, scaled.astype(np.int64))
    if array.dtype.kind == "i" and rounding is None:
        minor = integers.narrow(integers.multiply(array.astype(np.int64), scale))
        return _fitting(minor, currency)
    amounts = Ratios.of_fractions([_amount(value, row, currency) for row, value in enumerate(array)])
    if rounding is None:
        over = amounts.rounded(Fraction(1, scale), "floor") != amounts.rounded(Fraction(1, scale), "ceiling")
        rows = np.flatnonzero(over).tolist()
        if rows:
            raise DataError(
                f"an amount of {currency} has {DECIMALS[currency]} decimals (got {array[rows[0]]!r}): "
                f"{row_list(rows, len(rows))}; round first, or give rounding=",
                rows=rows,
            )
    return _fitting(integers.narrow((rounding or CENT).column(amounts, currency)), currency)


def _fitting(minor: IntColumn | None, currency: str) -> IntColumn:
    if minor is None:
        raise DataError(f"amounts of {currency} must fit int64 minor units; no pay is that large, check the units")
    return minor


def _typed_amount(text: str, typed: str) -> Fraction:
    if not re.fullmatch(_AMOUNT, text.strip()) or not re.search(r"\d", text):
        raise DefinitionError(f"money must read like '11,738.85 EUR' (got {typed!r})")
    return Fraction(text.strip().replace(",", "").replace("_", ""))


def _amount(value: Any, row: int, currency: str) -> Fraction:
    if isinstance(value, Money):
        if value.currency != currency:
            raise DataError(f"row {row} is {value.currency}, not {currency}; convert it first", rows=[row])
        return value.exact
    if is_missing_value(value) or (isinstance(value, str) and not value.strip()):
        raise DataError(f"row {row} has no amount (got {value!r}); leave the row out or fill it", rows=[row])
    try:
        return _typed_amount(value, value) if isinstance(value, str) else exact(value)
    except (ValueError, ZeroDivisionError) as error:
        raise DataError(f"row {row} must be an amount of {currency} (got {value!r})", rows=[row]) from error


@overload
def allocate(
    total: Money,
    weights: Mapping[Hashable, Number],
    *,
    unit: Number | None = ...,
    keys: None = ...,
    left_to: LeftTo = ...,
) -> dict[Hashable, Money]: ...
@overload
def allocate(
    total: Money,
    weights: Sequence[Number],
    *,
    unit: Number | None = ...,
    keys: Sequence[Any] | None = ...,
    left_to: LeftTo = ...,
) -> list[Money]: ...
@overload
def allocate(
    total: int,
    weights: Mapping[Hashable, Number],
    *,
    unit: Number | None = ...,
    keys: None = ...,
    left_to: LeftTo = ...,
) -> dict[Hashable, int]: ...
@overload
def allocate(
    total: int,
    weights: Sequence[Number],
    *,
    unit: Number | None = ...,
    keys: Sequence[Any] | None = ...,
    left_to: LeftTo = ...,
) -> list[int]: ...
def allocate(
    total: Any,
    weights: Any,
    *,
    unit: Number | None = None,
    keys: Sequence[Any] | None = None,
    left_to: LeftTo = "largest",
) -> Any:
    """Shares of a whole by weight that add up to it exactly: the largest remainder method.

    Each share is rounded down to whole units; the units left over go to the largest remainders, ties to the smallest
    key. Source: Balinski and Young, "Fair Representation" (the method of Hamilton). Millions of shares, floors and caps
    are for :class:`perfkit.Pool`.

    Args:
        total: ``Money``, or an integer of whatever is shared out; a negative whole is shared out like a positive one.
        weights: numbers, none negative and not all zero; a mapping gives a mapping back, and its keys break ties.
        unit: the least unit given out, such as 10 for 10 EUR; the minor unit, or 1, when not given.
        keys: what breaks ties, one for each weight, such as employee numbers; without it the order of the weights.
        left_to: who gets the units left over, one each: the ``largest`` remainders, or the ``first`` or ``last`` that
            have a weight, in the order of the keys ("round robin"), as some systems do that must be reproduced.

    Returns:
        the shares in the order of the weights, of the type of the total.

    Raises:
        DefinitionError: for weights that are negative, all zero or none at all; keys that repeat; a total that is no
            whole number of units.

    Example:
        >>> allocate(Money("100.00 EUR"), {"ana": 1, "ben": 1, "cleo": 1})
        {'ana': Money('33.34 EUR'), 'ben': Money('33.33 EUR'), 'cleo': Money('33.33 EUR')}
        >>> allocate(100, [5117, 4400, 162, 161, 160])
        [51, 44, 2, 2, 1]
    """
    if isinstance(weights, Mapping):
        if keys is not None:
            raise DefinitionError("keys of a mapping break its ties; leave keys= out")
        shares = allocate(total, list(weights.values()), unit=unit, keys=list(weights), left_to=left_to)
        return dict(zip(weights, shares, strict=True))
    if isinstance(total, Money):
        shares = allocate(total.minor, weights, unit=Rounding(to=unit).unit(total.currency), keys=keys, left_to=left_to)
        return [Money.from_minor(share, total.currency) for share in shares]
    step = Fraction(1) if unit is None else exact(unit, what="unit")
    if step <= 0 or step.denominator != 1:
        raise DefinitionError(f"unit must be a positive whole number (got {unit!r})")
    whole = Fraction(int(total)) if isinstance(total, (int, np.integer)) else None
    if whole is None or isinstance(total, bool):
        raise DefinitionError(f"total must be money or an integer (got {total!r})")
    units, left = divmod(abs(whole.numerator), step.numerator)
    if left:
        raise DefinitionError(f"total must be a whole number of units of {unit} (got {total}); {left} would be lost")
    one_of(left_to, ("largest", "first", "last"), "left_to")
    parts = _with_remainders(units, [exact(weight, what="a weight") for weight in weights], keys, left_to)
    sign = -1 if whole < 0 else 1
    return [sign * part * step.numerator for part in parts]


def _with_remainders(units: int, weights: list[Fraction], keys: Sequence[Any] | None, left_to: LeftTo) -> list[int]:
    if not weights:
        raise DefinitionError("weights must name at least one share (got none)")
    negative = [position for position, weight in enumerate(weights) if weight < 0]
    if negative:
        raise DefinitionError(f"weights must not be negative (got {weights[negative[0]]} at position {negative[0]})")
    whole = sum(weights)
    if whole == 0:
        raise DefinitionError("weights must not all be zero; nothing says who gets the whole")
    order = list(range(len(weights))) if keys is None else list(keys)
    if len(order) != len(weights) or len(set(order)) != len(order):
        raise DefinitionError(f"keys must be unique, one for each of {len(weights)} weights (got {len(set(order))})")
    quotas = [units * weight / whole for weight in weights]
    parts = [quota.numerator // quota.denominator for quota in quotas]
    try:
        in_turn = sorted(range(len(weights)), key=lambda i: order[i], reverse=left_to == "last")
    except TypeError as error:
        raise DefinitionError(f"keys must be of one kind, so that they have an order (got {order!r})") from error
    if left_to == "largest":
        in_turn.sort(key=lambda i: parts[i] - quotas[i])
    else:
        # What weighs nothing gets nothing.
        in_turn = [position for position in in_turn if weights[position]]
    for position in in_turn[: units - sum(parts)]:
        parts[position] += 1
    return parts
