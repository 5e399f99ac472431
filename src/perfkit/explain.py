"""Explanation: why a number is what it is, as a tree whose parts give the number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Literal

from attrs import field, frozen

from perfkit._core.numbers import decimal_text
from perfkit._explain import difference, english, findings, folding, german, german_words, redaction, rendering, storage
from perfkit._explain.catalogue import Catalogue, as_catalogue
from perfkit._explain.values import as_fraction, is_number, together
from perfkit._explain.waterfall import waterfall
from perfkit.errors import PerfkitError

__all__ = [
    "ENGLISH",
    "GERMAN",
    "SILENT",
    "AnyRecorder",
    "Catalogue",
    "Explanation",
    "Recorder",
    "Relation",
    "Silence",
    "as_fraction",
    "value_text",
]

Relation = Literal["sum", "product", "affine", "from"]

ENGLISH = Catalogue({**english.PHRASES, **findings.ENGLISH})
GERMAN = Catalogue(
    {**german.PHRASES, **findings.GERMAN},
    "de",
    words=german_words.WORDS,
    names=german_words.NAMES,
    decimal=",",
    thousands=".",
    day="{day:02}.{month:02}.{year:04}",
    fallback=ENGLISH,
)


def _pairs(params: Mapping[str, Any] | tuple[tuple[str, Any], ...]) -> tuple[tuple[str, Any], ...]:
    return tuple(params.items()) if isinstance(params, Mapping) else tuple(params)


def _parts(parts: Iterable[Explanation]) -> tuple[Explanation, ...]:
    return tuple(parts)


@frozen(repr=False)
class Explanation:
    """Why a number is what it is: a code with parameters, the number, and the parts that give it.

    Attributes:
        code: what kind of step this is; stable, for translation.
        value: the number, an amount of money, a truth or a name; None where there is none.
        label: the name of the thing, from the definition.
        unit: the unit of the value, where it is no money.
        params: the parameters of the code.
        relation: how the parts give the value. ``sum`` and ``product`` hold exactly, where a float counts as the
            decimal that it prints; ``affine`` means ``slope * part + intercept`` of the parameters, to within the last
            bits of a float; ``from`` only names what was read.
        parts: the parts, in their order.

    Example:
        >>> tax = Explanation("line", Fraction(3), parts=(Explanation("a", 1), Explanation("b", 2)), relation="sum")
        >>> tax.check()
        >>> tax["b"].value
        2
    """

    code: str
    value: Any = None
    label: str = ""
    unit: str = ""
    _params: tuple[tuple[str, Any], ...] = field(default=(), converter=_pairs, alias="params")
    relation: Relation = "from"
    parts: tuple[Explanation, ...] = field(default=(), converter=_parts)

    def __getitem__(self, name: str) -> Explanation:
        """The first part, at any depth, with a label or code."""
        for part in self.walk():
            if part is not self and name in (part.label, part.code):
                return part
        raise KeyError(name)

    @property
    def params(self) -> dict[str, Any]:
        """The parameters of the code, by name."""
        return dict(self._params)

    def walk(self) -> Iterator[Explanation]:
        """This and every part at any depth, each before its own parts."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def check(self) -> None:
        """Make sure that the parts give the value, here and in every part.

        Raises:
            PerfkitError: naming the part that does not compose.
        """
        for part in self.walk():
            part._check_one()

    def _check_one(self) -> None:
        if self.relation == "from" or self.value is None or not self.parts:
            return
        numbers = [self.value, *(part.value for part in self.parts if part.value is not None)]
        odd = [number for number in numbers if not is_number(number)]
        if odd or (self.relation == "affine" and len(numbers) < 2):
            seen = f"{odd[0]!r} is no number" if odd else "no part has a value"
            raise PerfkitError(f"the explanation of {self.label or self.code!r} does not compose: {seen}")
        mine, *theirs = (as_fraction(number) for number in numbers)
        if self.relation == "affine":
            composed = Fraction(self.params["slope"]) * theirs[0] + Fraction(self.params["intercept"])
            close = abs(composed - mine) <= Fraction(1, 10**9) * max(abs(mine), Fraction(1))
        else:
            # No part at all is a sum of 0, and a product of 1.
            composed = together(self.relation, theirs or [self.relation == "product"])
            close = composed == mine
        if not close:
            raise PerfkitError(
                f"the explanation of {self.label or self.code!r} does not compose: its parts give "
                f"{decimal_text(composed)} and the number is {decimal_text(mine)}"
            )

    # For people.

    def text(self, catalogue: Mapping[str, str] = ENGLISH, *, depth: int | None = None, rows: int | None = None) -> str:
        """The tree as text, one line a part, the values in one column.

        Args:
            catalogue: the language: ``ENGLISH``, ``GERMAN``, a :class:`~perfkit.explain.Catalogue` of your own, or a
                mapping from code to phrase, with parameters in braces.
            depth: how many levels of parts to show; all when not given.
            rows: how many lines to show at most; all when not given.
        """
        return rendering.text(self.folded(depth=depth, rows=rows), as_catalogue(catalogue, ENGLISH))

    def __str__(self) -> str:
        return self.text()

    def markdown(
        self, catalogue: Mapping[str, str] = ENGLISH, *, depth: int | None = None, rows: int | None = None
    ) -> str:
        r"""The tree as nested bullets of Markdown, the values in bold; arguments as of :meth:`text`.

        Example:
            >>> print(Explanation("base", Fraction(5, 2), label="net_pay").markdown())
            - net\_pay: **2.5**
        """
        return rendering.markdown(self.folded(depth=depth, rows=rows), as_catalogue(catalogue, ENGLISH))

    def html(self, catalogue: Mapping[str, str] = ENGLISH, *, depth: int | None = None, rows: int = 1_000) -> str:
        """The tree as HTML: a waterfall where parts add up, and lines that fold; arguments as of :meth:`text`.

        It needs no script and no style sheet, and takes the colour of the text around it, on a light or a dark page.
        """
        return rendering.html(self.folded(depth=depth, rows=rows), as_catalogue(catalogue, ENGLISH))

    def waterfall(self, catalogue: Mapping[str, str] = ENGLISH) -> str:
        """The parts of the first sum, from the top, as bars that lead to the whole: SVG; empty where no parts add up.

        A step up is filled and a step down is hatched. Of more than 16 parts the largest are drawn, the others as one.
        """
        return waterfall(self, as_catalogue(catalogue, ENGLISH))

    def _repr_html_(self) -> str:
        return self.html()

    def __repr__(self) -> str:
        return f"<Explanation of {self.label or self.code!r}: {value_text(self.value)}, {len(self.parts)} parts>"

    def phrase(self, catalogue: Mapping[str, str] = ENGLISH) -> str:
        """This step in words, by its code; its label or the code itself where the catalogue has none."""
        return rendering.phrase(self, as_catalogue(catalogue, ENGLISH))

    def to_dict(self) -> dict[str, Any]:
        """The tree as plain data, ready for JSON: exact fractions also as text, money with its currency."""
        return storage.stored(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Explanation:
        """The explanation that plain data describe, possibly through JSON.

        It composes, reads and is stored as the one that it was stored from. A number comes back as the shortest one
        that is the same, so that 2/5 comes back as 0.4, and text that reads as a date, such as 2026-01-31, as a date.

        Raises:
            DefinitionError: for what no explanation is stored as, with its path.

        Example:
            >>> Explanation.from_dict({"code": "base", "label": "salary", "value": 5})
            <Explanation of 'salary': 5, 0 parts>
        """
        return storage.revived(cls, data)

    # Explanations from explanations.

    def folded(self, *, depth: int | None = None, rows: int | None = None) -> Explanation:
        """A shorter explanation, in which a line counts what is left out.

        Level by level all parts are shown while there are lines for them. Where only some parts of a sum or a product
        are left out, their line holds what they come to, so that what is shown still gives the number.

        Args:
            depth: how many levels of parts to show; all when not given.
            rows: how many lines to show at most, at least 2; all when not given.

        Example:
            >>> parts = [Explanation("line", n, label=f"line {n}") for n in range(1, 101)]
            >>> print(Explanation("pay", 5050, label="pay", relation="sum", parts=parts).folded(rows=4))
            pay             5,050
            ├─ line 1           1
            ├─ line 2           2
            └─ ... 98 more  5,047
        """
        return self if depth is None and rows is None else folding.folded(self, depth, rows)

    def difference(self, after: Explanation) -> Explanation:
        """What changed from this explanation to a later one, as an explanation of the change.

        Its parts are what is new, gone and changed; what stayed is left out. In a sum they add up to the change
        exactly. The change of a product is shared out by factor, and that of a weighted part by the part and by its
        share: the mean over every order in which they may change. Where parts only name what was read, both versions
        are shown.

        Source: Das Gupta (1993), "Standardization and decomposition of rates".

        Args:
            after: the later explanation.

        Raises:
            PerfkitError: if one of the two does not compose.

        Example:
            >>> before = Explanation("pay", 12, label="pay", relation="product",
            ...                      parts=[Explanation("base", 6, label="base"), Explanation("rate", 2, label="rate")])
            >>> after = Explanation("pay", 24, label="pay", relation="product",
            ...                     parts=[Explanation("base", 8, label="base"), Explanation("rate", 3, label="rate")])
            >>> print(before.difference(after))
            pay: 12 to 24              12
            ├─ by base: 6 to 8          5
            └─ by rate (rate): 2 to 3   7
        """
        return difference.difference(self, after)

    def redacted(
        self,
        *,
        labels: str | Iterable[str] = (),
        codes: str | Iterable[str] = (),
        params: str | Iterable[str] = (),
        names: str | Iterable[str] = (),
        where: Callable[[Explanation], bool] | None = None,
        merge: bool = False,
        values: bool = True,
    ) -> Explanation:
        """The explanation for somebody who is not to see all of it; whatever is hidden leaves a visible mark.

        A hidden part says that it is not shown and has no parts, label or parameters. Where parts give a value it keeps
        its own, so that they still do; where parts only name what was read, it has none. Whoever sees a sum and all of
        its parts but one can work that one out, so hide several with ``merge``, or the whole.

        Args:
            labels: the labels of parts to hide.
            codes: the codes of parts to hide.
            params: the names of parameters to hide, wherever they are.
            names: texts to black out in labels, parameters and values, such as other people's names, as whole words.
            where: a function that says of a part whether to hide it.
            merge: whether hidden parts of one sum or product become one part with what they come to; other hidden parts
                keep no value then.
            values: whether hidden parts keep the values that a sum or a product needs. Without them the parts no longer
                give the number, and only name what is left of it; what can be worked out from what is left, such as one
                factor from a product and the other, is for the caller to hide as well.

        Raises:
            DefinitionError: for an empty text.

        Example:
            >>> pool = Explanation("pay", 30, label="bonus", relation="product",
            ...     parts=[Explanation("base", 3, label="points"), Explanation("line", 10, label="worth of a point")])
            >>> print(pool.redacted(labels="worth of a point"))
            bonus         30
            ├─ points      3
            └─ not shown  10
        """
        return redaction.Redaction.of(labels, codes, params, names, where, merge, values).apply(self)


class Recorder:
    """Collects the explanation of one row while that row is calculated.

    A rule is given a recorder and adds parts to it. It is true, where the :class:`Silence` of the batch path is
    false, so that a rule can leave out what would only be thrown away. Values are those of the single row.
    """

    __slots__ = ("_code", "_label", "_params", "_parts", "_relation", "_unit", "_value")

    def __init__(self, code: str = "line", label: str = "") -> None:
        self._code, self._label, self._unit = code, label, ""
        self._value: Any = None
        self._params: dict[str, Any] = {}
        self._relation: Relation = "from"
        self._parts: list[Recorder] = []

    def __bool__(self) -> bool:
        return True

    @property
    def code(self) -> str:
        """What kind of step this is so far."""
        return self._code

    @property
    def relation(self) -> Relation:
        """How the parts so far give the value."""
        return self._relation

    def part(self, code: str, *, label: str = "") -> Recorder:
        """Start a part, to be filled in by the rule that makes it."""
        part = Recorder(code, label)
        self._parts.append(part)
        return part

    def leaf(self, code: str, value: Any, *, label: str = "", unit: str = "", **params: Any) -> None:
        """Add a part that has no parts."""
        self.part(code, label=label).says(value=value, unit=unit, **params)

    def says(
        self,
        code: str | None = None,
        *,
        value: Any = None,
        unit: str = "",
        relation: Relation | None = None,
        **params: Any,
    ) -> None:
        """State the value, the relation to the parts, or more parameters; what is not given stays."""
        self._code = code or self._code
        self._value = self._value if value is None else value
        self._unit = unit or self._unit
        self._relation = relation or self._relation
        self._params.update(params)

    def wrap(self, code: str, value: Any, *, unit: str = "") -> None:
        """Put the parts so far under one new part, which takes over their relation."""
        inner = Recorder(code)
        inner._parts, self._parts = self._parts, [inner]
        inner.says(value=value, unit=unit, relation=self._relation)

    def drop_parts(self) -> None:
        """Forget the parts so far."""
        self._parts = []

    def exact_part(self) -> Fraction:
        """The value of the last part, as an exact number."""
        return as_fraction(self._parts[-1]._value)

    def explanation(self) -> Explanation:
        """What was recorded."""
        return Explanation(
            self._code,
            self._value,
            label=self._label,
            unit=self._unit,
            params=self._params,
            relation=self._relation,
            parts=[part.explanation() for part in self._parts],
        )


class Silence:
    """The recorder of the batch path: the same face, nothing recorded, nothing stored."""

    relation: Relation = "from"

    def __bool__(self) -> bool:
        return False

    def part(self, code: str, *, label: str = "") -> Silence:
        """Itself."""
        return self

    def leaf(self, code: str, value: Any, *, label: str = "", unit: str = "", **params: Any) -> None:
        """Nothing."""

    def says(self, code: str | None = None, **stated: Any) -> None:
        """Nothing."""

    def wrap(self, code: str, value: Any, *, unit: str = "") -> None:
        """Nothing."""

    def drop_parts(self) -> None:
        """Nothing."""


SILENT = Silence()
AnyRecorder = Recorder | Silence


def value_text(value: Any) -> str:
    """A value for people."""
    return ENGLISH.value(value)
