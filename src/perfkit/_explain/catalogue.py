"""A language: a phrase for each code, words for names, and how numbers, amounts and dates are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from string import Formatter
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from perfkit._core.layout import one_line
from perfkit._core.notebook import facts, grid, heading, left_out, view
from perfkit._core.numbers import decimal_text
from perfkit.errors import DefinitionError
from perfkit.money import Money

_PHRASES = 10
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBERS = re.compile(r"\d+(?:[.,/]\d+)*")


def _copied(words: Mapping[str, str]) -> dict[str, str]:
    return dict(words)


def _checked(phrases: Mapping[str, str]) -> dict[str, str]:
    """The phrases, all of them such that no parameter can make them fail."""
    problems = []
    for code, phrase in phrases.items():
        try:
            places = [name for _, name, _, _ in Formatter().parse(phrase) if name is not None]
        except (TypeError, ValueError) as error:
            problems.append(f"{code!r}: {error}")
            continue
        problems += [
            f"{code!r}: {{{name}}} must be the name of a parameter" for name in places if not name.isidentifier()
        ]
    if problems:
        raise DefinitionError(
            f"a phrase must be text with parameters in braces: {'; '.join(problems)}; write {{{{ and }}}} for a brace",
            problems=problems,
        )
    return dict(phrases)


class _Shown(dict[str, str]):
    """Parameters as text; one that is not there shows its place."""

    def __missing__(self, name: str) -> str:
        return "{" + name + "}"


@frozen(eq=False, repr=False)
class Catalogue(Mapping[str, str]):
    """A language of explanations: a phrase for each code, words for names, and how numbers and dates are written.

    It is a mapping from code to phrase. A code without a phrase is looked up in the fallback.

    Args:
        phrases: a phrase for each code, with parameters in braces.
        language: its tag, such as ``de`` or ``pt-BR``; HTML is marked with it.
        words: what stands for a truth or an option, such as ``{"yes": "ja", "half_up": "kaufmännisch"}``.
        names: what stands for a label, a column or a level, such as ``{"revenue": "Umsatz"}``.
        decimal: the decimal mark.
        thousands: the mark between thousands.
        day: a date, of ``{year}``, ``{month}`` and ``{day}``.
        fallback: the catalogue for codes that this one does not have.

    Raises:
        DefinitionError: for phrases with a place that is no name, or with a brace by itself.

    Example:
        >>> swiss = Catalogue({"target": "Ziel"}, "de-CH", words={"yes": "ja"}, thousands="'")
        >>> swiss["target"], swiss.value(1_234_567.5), swiss.value(True), swiss.value(Money("9,999.50 CHF"))
        ('Ziel', "1'234'567.5", 'ja', "9'999.50 CHF")
    """

    _phrases: dict[str, str] = field(converter=_checked)
    language: str = "en"
    _words: dict[str, str] = field(factory=dict, converter=_copied, kw_only=True)
    _names: dict[str, str] = field(factory=dict, converter=_copied, kw_only=True)
    decimal: str = field(default=".", kw_only=True)
    thousands: str = field(default=",", kw_only=True)
    day: str = field(default="{year:04}-{month:02}-{day:02}", kw_only=True)
    fallback: Mapping[str, str] | None = field(default=None, kw_only=True)

    def __getitem__(self, code: str) -> str:
        if code in self._phrases or self.fallback is None:
            return self._phrases[code]
        return self.fallback[code]

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(self.fallback or ()), **self._phrases})

    def __len__(self) -> int:
        return len(set(self.fallback or ()) | set(self._phrases))

    def __repr__(self) -> str:
        return f"<Catalogue {self.language}: {len(self._phrases)} phrases>"

    def _repr_html_(self) -> str:
        sample = f"{self.value(Fraction(-12345, 10))}, {self.day.format(year=2026, month=12, day=31)}"
        rows = [(code, self[code]) for code in list(self)[:_PHRASES]]
        return view(
            heading(
                f"catalogue {self.language}", f"{len(self._phrases):,} phrases", f"{len(self):,} with its fallback"
            ),
            facts([("numbers and dates", sample)]),
            grid(("code", "phrase"), rows, left=(0, 1), wide=(1,), more=left_out(len(self), _PHRASES)),
        )

    @property
    def own(self) -> frozenset[str]:
        """The codes that have a phrase in this language, and not only in the fallback."""
        return frozenset(self._phrases)

    def adapted(
        self,
        phrases: Mapping[str, str] | None = None,
        *,
        words: Mapping[str, str] | None = None,
        names: Mapping[str, str] | None = None,
        **changes: Any,
    ) -> Catalogue:
        """The same language with phrases, words and names of your own in place of some of these.

        Args:
            phrases: a phrase for each code to replace or add.
            words: a word for each truth or option to replace or add.
            names: a name for each label, column or level to replace or add.
            changes: other fields, such as ``decimal=","``.

        Example:
            >>> Catalogue({"target": "target"}).adapted({"target": "goal"})["target"]
            'goal'
        """
        return evolve(
            self,
            phrases={**self._phrases, **(phrases or {})},
            words={**self._words, **(words or {})},
            names={**self._names, **(names or {})},
            **changes,
        )

    def label(self, name: str) -> str:
        """What stands for a label, on one line; itself where the language has no name for it."""
        if name in self._names or not isinstance(self.fallback, Catalogue):
            return one_line(self._names.get(name, name))
        return self.fallback.label(name)

    def word(self, text: str) -> str:
        """What stands for a text among parameters: an option, a truth, a name; itself where there is no word for it."""
        for words in (self._words, self._names):
            if text in words:
                return words[text]
        return self.fallback.word(text) if isinstance(self.fallback, Catalogue) else text

    def source(self, text: str) -> str:
        """Where something is from, piece by piece, as in ``AHP, eigenvector``; a number sign in a word is a number.

        Example:
            >>> german = Catalogue({}, "de", words={"hierarchy of # levels": "Hierarchie mit # Ebenen"})
            >>> german.source("hierarchy of 2 levels")
            'Hierarchie mit 2 Ebenen'
        """
        return ", ".join(map(self._piece, text.split(", ")))

    def _piece(self, text: str) -> str:
        numbers = _NUMBERS.findall(text)
        pattern = _NUMBERS.sub("#", text)
        said = self.word(pattern)
        if not numbers or said == pattern:
            return self.word(text)
        for number in numbers:
            said = said.replace("#", self.number(number), 1)
        return said

    def number(self, text: str) -> str:
        """A number as perfkit writes it, ``1,234.5``, with the marks of the language."""
        return text.translate({ord(","): self.thousands, ord("."): self.decimal})

    def value(self, value: Any) -> str:
        """A value of an explanation in this language: a number, an amount, a date, a truth, a name, several of them."""
        if value is None:
            return "-"
        if isinstance(value, (bool, np.bool_)):
            return self.word("yes" if value else "no")
        if isinstance(value, Money):
            amount, _, currency = str(value).rpartition(" ")
            return f"{self.number(amount)} {currency}"
        if isinstance(value, (int, np.integer)):
            return self.number(decimal_text(Fraction(int(value))))
        if isinstance(value, Decimal):
            return self.number(decimal_text(Fraction(value)) if value.is_finite() else str(value))
        if isinstance(value, (float, Fraction, np.floating)):
            return self.number(decimal_text(value if isinstance(value, (float, Fraction)) else float(value)))
        if type(value) is date:
            return self.day.format(year=value.year, month=value.month, day=value.day)
        if isinstance(value, (list, tuple)):
            return ", ".join(self.value(item) for item in value)
        told = str(value)
        if _DAY.fullmatch(told):
            # A day that a column holds as text.
            year, month, day = map(int, told.split("-"))
            return self.day.format(year=year, month=month, day=day)
        return self.word(told)

    def says(self, code: str, label: str, params: Mapping[str, Any]) -> str | None:
        """A step in words, by its code; None where neither this language nor the fallback has a phrase."""
        template = self.get(code)
        if template is None:
            return None
        shown = _Shown({name: self.value(value) for name, value in params.items()})
        if isinstance(params.get("source"), str):
            shown["source"] = self.source(params["source"])
        shown["label"] = self.label(label or code)
        if "about_code" in params:
            # A line about another step: what that is called, and all that it says.
            own = {name: value for name, value in params.items() if name != "about_code"}
            about = str(params["about_code"])
            shown["what"] = self.name(about, label, own)
            shown["said"] = self.says(about, label, own) or shown["label"]
        # A thing without a unit leaves no gap before the comma.
        return template.format_map(shown).replace(" ,", ",")

    def name(self, code: str, label: str, params: Mapping[str, Any]) -> str:
        """What a step is called: its label where its phrase begins with that, else the phrase."""
        if self.get(code, "{label}").startswith("{label}"):
            return self.label(label or code)
        return self.says(code, label, params) or label


def as_catalogue(phrases: Mapping[str, str], english: Catalogue) -> Catalogue:
    """A catalogue, made of a mapping of phrases where it is none; English says what the mapping does not."""
    return phrases if isinstance(phrases, Catalogue) else Catalogue(phrases, "", fallback=english)
