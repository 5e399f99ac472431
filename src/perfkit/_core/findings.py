"""What a lint finds: a sequence that prints one a line and is asked by code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, Generic, Protocol, TypeVar

from attrs import field, frozen


class Coded(Protocol):
    """One thing that was found."""

    @property
    def code(self) -> str:
        """What it is; stable, for translation and for rules of one's own."""
        ...


AnyFinding = TypeVar("AnyFinding", bound=Coded)


def _tuple(findings: Iterable[AnyFinding]) -> tuple[AnyFinding, ...]:
    return tuple(findings)


@frozen(repr=False)
class Findings(Sequence[AnyFinding], Generic[AnyFinding]):
    """The findings of a lint, in the order in which they were looked for; prints one a line."""

    found: tuple[AnyFinding, ...] = field(converter=_tuple)

    def __len__(self) -> int:
        return len(self.found)

    def __getitem__(self, position: Any) -> Any:
        return self.found[position]

    def of(self, code: str) -> tuple[AnyFinding, ...]:
        """The findings with a code."""
        return tuple(finding for finding in self.found if finding.code == code)

    def __str__(self) -> str:
        width = max((len(finding.code) for finding in self.found), default=0)
        return "\n".join(f"{finding.code:<{width}}  {finding}" for finding in self.found)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td style='text-align:left'><code>{escape(finding.code)}</code></td>"
            f"<td style='text-align:left'>{escape(str(finding))}</td></tr>"
            for finding in self.found
        )
        return f"<table>{rows}</table>" if rows else "<i>nothing found</i>"

    def __repr__(self) -> str:
        return f"<Findings: {', '.join(finding.code for finding in self.found) or 'none'}>"
