"""A change, split into what it came from: lines that add up to it exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Literal, cast

from attrs import field, frozen

from perfkit._core.layout import table
from perfkit._core.notebook import definition
from perfkit._core.numbers import decimal_text
from perfkit._reviews.phrases import ENGLISH, language_of, phrase, written
from perfkit._reviews.views import bridge_html
from perfkit.errors import DefinitionError
from perfkit.explain import Explanation
from perfkit.money import CENT, Money, minor_per_major

Amount = Fraction | Money
Kind = Literal["value", "missing", "target", "weight", "membership", "plan", "joint", "rounding"]
# The order in which factors are changed where an order matters, and in which lines are shown.
KINDS: tuple[Kind, ...] = ("value", "missing", "target", "weight", "membership", "plan", "joint", "rounding")
PlainLine = tuple[Kind, str, Fraction]


def _lines(lines: Iterable[BridgeLine]) -> tuple[BridgeLine, ...]:
    return tuple(lines)


@frozen
class BridgeLine:
    """What one factor brings to a change.

    Attributes:
        kind: ``value``, ``missing``, ``target``, ``weight``, ``membership`` (a metric or goal that came or went),
            ``plan`` (curves, structure, a line of the pay), ``joint``, or ``rounding``.
        label: what the factor is of: a metric, a section, a column, a goal, a line of pay.
        amount: how much: a ``Fraction`` or ``Money``.
    """

    _repr_html_ = definition

    kind: Kind
    label: str
    amount: Amount


@frozen(repr=False)
class Bridge:
    """A change and its lines, which add up to it exactly.

    Attributes:
        of: what changed: ``score``, ``rating`` (in levels), ``amount``, ``progress``, or ``drivers``.
        label: of the scorecard, plan, goal or formula.
        before: where it came from; the mean, for a group of people.
        after: where it went to.
        lines: each factor that changed, by kind, also where it brought nothing.
        method: how what factors bring together was shared out: ``shapley``, ``two_way``, ``sequential``, ``joint``.
        names: what the two sides are called.
        shown: the two sides as people know them, where that is no number, such as the labels of ratings.

    Example:
        >>> from perfkit import bridge
        >>> change = bridge({"price": 5, "quantity": 50}, {"price": 10, "quantity": 70})
        >>> print(change)
        before             250
        value   price     +300
        value   quantity  +150
        after              700
    """

    of: str
    label: str
    before: Amount
    after: Amount
    lines: tuple[BridgeLine, ...] = field(converter=_lines)
    method: str = "shapley"
    names: tuple[str, str] = ("before", "after")
    shown: tuple[str, str] | None = None

    @property
    def change(self) -> Amount:
        """After less before."""
        return _less(self.after, self.before)

    def __getitem__(self, label: str) -> BridgeLine:
        """The first line of a label."""
        for line in self.lines:
            if line.label == label:
                return line
        raise KeyError(label)

    def by_kind(self) -> dict[str, Amount]:
        """The sum of each kind of factor that changed; the sums add up to the change."""
        zero = _less(self.after, self.after)
        totals: dict[str, Amount] = {}
        for line in self.lines:
            totals[line.kind] = cast(Amount, cast(Any, totals.get(line.kind, zero)) + line.amount)
        return {kind: totals[kind] for kind in KINDS if kind in totals}

    def largest(self, count: int = 3) -> tuple[BridgeLine, ...]:
        """The lines that moved it most, up or down; those that brought nothing are left out."""
        moved = [line for line in self.lines if _number(line.amount)]
        return tuple(sorted(moved, key=lambda line: -abs(_number(line.amount)))[:count])

    def text(self, catalogue: Mapping[str, str] = ENGLISH) -> str:
        """The bridge as a table.

        Args:
            catalogue: the language, or a phrase for each code.
        """
        return table(self._rows(catalogue), left=(0, 1))

    def _rows(self, catalogue: Mapping[str, str] = ENGLISH) -> list[tuple[str, str, str]]:
        first, last = self.before, self.after
        places = _places([first, last, *(line.amount for line in self.lines)])
        ends = self.shown or (_told(first, places), _told(last, places))
        if self.shown is not None:
            places = _places([line.amount for line in self.lines])
        language = language_of(catalogue)
        first_end, last_end = (written(end, language) for end in ends)
        before, after = (language.label(name) for name in self.names)
        lines = [
            (
                phrase(f"kind_{line.kind}", {}, language),
                language.label(line.label),
                written(_signed(line.amount, places), language),
            )
            for line in self.lines
        ]
        return [(before, "", first_end), *lines, (after, "", last_end)]

    def __str__(self) -> str:
        return self.text()

    def explain(self) -> Explanation:
        """The change as an explanation: a part for each line, and they add up."""
        parts = [Explanation(f"bridge_{line.kind}", line.amount, label=line.label) for line in self.lines]
        params = {"of": self.of, "before": self.before, "after": self.after, "method": self.method}
        return Explanation("bridge", self.change, label=self.label, params=params, relation="sum", parts=parts)

    def to_dict(self) -> dict[str, Any]:
        """The bridge as plain data, ready for JSON."""
        tree = self.explain().to_dict()
        kinds = [line.kind for line in self.lines]
        return {
            "of": self.of,
            "label": self.label,
            "method": self.method,
            "names": list(self.names),
            "shown": None if self.shown is None else list(self.shown),
            "before": tree["params"]["before"],
            "after": tree["params"]["after"],
            "change": tree["value"],
            "lines": [
                {"kind": kind, "label": part["label"], "amount": part["value"]}
                for kind, part in zip(kinds, tree["parts"], strict=True)
            ],
        }

    def html(self, catalogue: Mapping[str, str] = ENGLISH) -> str:
        """The bridge as HTML: a waterfall, and the table.

        Args:
            catalogue: the language, or a phrase for each code.
        """
        return bridge_html(self, self._rows(catalogue), catalogue)

    def _repr_html_(self) -> str:
        return self.html()

    def __repr__(self) -> str:
        return f"<Bridge of {self.of} of {self.label!r}: {_signed(self.change)} in {len(self.lines)} lines>"


def _number(amount: Amount) -> Fraction:
    return amount.exact if isinstance(amount, Money) else amount


def _less(one: Amount, other: Amount) -> Amount:
    # Both are of one kind: a bridge is made of numbers or of money.
    return cast(Amount, cast(Any, one) - cast(Any, other))


def _told(amount: Amount, places: int | None = None) -> str:
    return decimal_text(amount, places) if isinstance(amount, Fraction) else str(amount)


def _signed(amount: Amount, places: int | None = None) -> str:
    return f"+{_told(amount, places)}" if _number(amount) > 0 else _told(amount, places)


def _places(amounts: Sequence[Amount]) -> int:
    """The decimals that all of them need, so that they line up."""
    texts = [decimal_text(amount) for amount in amounts if isinstance(amount, Fraction)]
    return max((len(text.partition(".")[2]) for text in texts if "e" not in text), default=0)


def made(lines: Iterable[tuple[Kind, str, Amount]]) -> list[BridgeLine]:
    """Lines from triples."""
    return [BridgeLine(kind, label, amount) for kind, label, amount in lines]


def with_rest(lines: Sequence[PlainLine], change: Fraction, label: str) -> list[PlainLine]:
    """Lines and, where they do not add up to a change, what is left as rounding."""
    left = change - sum((amount for _, _, amount in lines), Fraction(0))
    return [*lines, ("rounding", label, left)] if left else list(lines)


def in_money(
    lines: Sequence[PlainLine],
    ends: Sequence[Fraction],
    currency: str,
    label: str,
    method: str,
    names: tuple[str, str],
) -> Bridge:
    """A bridge of money from minor units: lines rounded once each, with what that leaves as a line of its own."""
    scale = minor_per_major(currency)
    rounded = [(kind, name, Fraction(CENT.minor(amount / scale, currency))) for kind, name, amount in lines]
    first, last = (Fraction(CENT.minor(end / scale, currency)) for end in ends)
    whole = with_rest(rounded, last - first, "lines to minor units")
    paid = [(kind, name, Money.from_minor(minor.numerator, currency)) for kind, name, minor in whole]
    before, after = (Money.from_minor(end.numerator, currency) for end in (first, last))
    return Bridge("amount", label, before, after, made(paid), method, names)


def check_names(names: Any) -> None:
    """Refuse names of the two sides that are not two texts."""
    if not isinstance(names, (tuple, list)) or len(names) != 2 or not all(isinstance(name, str) for name in names):
        raise DefinitionError(f"names must be two texts, such as ('plan', 'actual') (got {names!r})", path="names")
