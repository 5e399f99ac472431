"""Findings: what is odd about a definition, found before it is used; each a code with parameters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from attrs import field, frozen

from perfkit._core.layout import table
from perfkit._core.notebook import count, definition, grid, heading, left_out, view
from perfkit._core.numbers import round_decimal
from perfkit._explain.findings import ENGLISH
from perfkit.explain import ENGLISH as WORDS
from perfkit.explain import Catalogue
from perfkit.money import Money

_NAMED, _ROWS, _HTML_ROWS = 4, 500, 200


def _pairs(params: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    return tuple(params.items()) if isinstance(params, Mapping) else tuple(params)


def _tuple(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(findings)


@frozen
class Finding:
    """One thing that is odd about a definition, or worth knowing.

    Attributes:
        code: what it is; stable, for translation and for rules of one's own.
        column: the column of a plan along which it was found.
        at: where; in major units for money.
        until: where it ends, for a stretch.
        size: how much, in money.
        params: what else the code speaks of.
        goal: the id of the goal that it is about, or of the first of them.
        owner: who it is about.

    Example:
        >>> finding = Finding("owner_without_goals", owner="ana")
        >>> print(finding)
        ana owns no goal: break one down to them
        >>> finding.text({"owner_without_goals": "{owner} hat kein Ziel"})
        'ana hat kein Ziel'
    """

    _repr_html_ = definition

    code: str
    column: str | None = None
    at: Fraction | None = None
    until: Fraction | None = None
    size: Money | None = None
    params: tuple[tuple[str, Any], ...] = field(default=(), converter=_pairs)
    goal: str | None = field(default=None, kw_only=True)
    owner: str | None = field(default=None, kw_only=True)

    def text(self, catalogue: Mapping[str, str] = ENGLISH) -> str:
        """This finding in words, by its code; the code itself where the catalogue has none.

        Args:
            catalogue: the language, such as ``perfkit.explain.GERMAN``, or a sentence for each code, with parameters in
                braces.
        """
        if self.code not in catalogue:
            return self.code
        language = catalogue if isinstance(catalogue, Catalogue) else WORDS
        named = {name: getattr(self, name) for name in ("column", "at", "until", "size", "goal", "owner")}
        shown = {**named, **dict(self.params)}
        return catalogue[self.code].format_map({name: _shown(name, value, language) for name, value in shown.items()})

    __str__ = text


def _shown(name: str, value: Any, language: Catalogue) -> str:
    if name == "share":
        return f"{language.value(round_decimal(100 * value, 1))}%"
    if name == "goals":
        more = language.says("folded", "", {"count": len(value) - _NAMED}) if len(value) > _NAMED else ""
        return ", ".join(f"'{id}'" for id in value[:_NAMED]) + (f" {more}" if more else "")
    return language.value(value)


@frozen(repr=False)
class Findings(Sequence[Finding]):
    """The findings of a lint, in the order in which they were looked for; prints one a line.

    Example:
        >>> findings = Findings([Finding("orphan", goal="a"), Finding("orphan", goal="b")])
        >>> findings.counts, [finding.goal for finding in findings.of("orphan")]
        ({'orphan': 2}, ['a', 'b'])
    """

    found: tuple[Finding, ...] = field(converter=_tuple)

    def __len__(self) -> int:
        return len(self.found)

    def __getitem__(self, position: Any) -> Any:
        return self.found[position]

    def of(self, code: str) -> tuple[Finding, ...]:
        """The findings with a code."""
        return tuple(finding for finding in self.found if finding.code == code)

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each code."""
        return dict(Counter(finding.code for finding in self.found))

    def text(self, catalogue: Mapping[str, str] = ENGLISH, *, rows: int = _ROWS) -> str:
        """The findings, one a line.

        Args:
            catalogue: the language, such as ``perfkit.explain.GERMAN``, or a sentence for each code, with parameters in
                braces.
            rows: how many to show at most; the rest is counted.
        """
        shown = self.found[:rows]
        lines = [table([(finding.code, finding.text(catalogue)) for finding in shown], left=(0, 1))] if shown else []
        more = len(self.found) - len(shown)
        return "\n".join([*lines, f"... {more:,} more findings"] if more > 0 else lines)

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        rows = [(finding.code.replace("_", " "), finding.text()) for finding in self.found[:_HTML_ROWS]]
        more = left_out(len(self.found), _HTML_ROWS)
        return view(
            heading(count(len(self.found), "finding") if self.found else "nothing was found"),
            grid(("", ""), rows, left=(0, 1), wide=(1,), more=more) if rows else "",
        )

    def __repr__(self) -> str:
        shown = ", ".join(f"{code} {count:,}" if count > 1 else code for code, count in self.counts.items())
        return f"<Findings: {shown or 'none'}>"
