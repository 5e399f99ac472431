"""Redaction: an explanation for somebody who is not to see all of it, whose parts still give the number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from perfkit._core.checks import several
from perfkit._explain.values import as_fraction, is_number, together
from perfkit.errors import DefinitionError

if TYPE_CHECKING:
    from perfkit.explain import Explanation

# What stands for a name or a parameter that is hidden; the same in every language.
BAR = "███"


def _texts(what: str, given: str | Iterable[str]) -> frozenset[str]:
    texts = several(given)
    odd = [text for text in texts if not isinstance(text, str) or not text.strip()]
    if odd:
        raise DefinitionError(f"{what} must be texts that are not empty (got {odd[0]!r})", path=what)
    return frozenset(texts)


def _number(value: Any) -> Fraction | None:
    return as_fraction(value) if is_number(value) and not isinstance(value, bool) else None


@frozen
class Redaction:
    """What is hidden: parts by label, code or a test of one's own; parameters by name; names wherever they stand."""

    labels: frozenset[str]
    codes: frozenset[str]
    params: frozenset[str]
    names: re.Pattern[str] | None
    where: Callable[[Explanation], bool] | None
    merge: bool
    values: bool

    @classmethod
    def of(
        cls,
        labels: str | Iterable[str],
        codes: str | Iterable[str],
        params: str | Iterable[str],
        names: str | Iterable[str],
        where: Callable[[Explanation], bool] | None,
        merge: bool,
        values: bool,
    ) -> Redaction:
        """The redaction that was asked for."""
        # The longest first, so that no part of a name is left of it.
        listed = sorted(_texts("names", names), key=lambda name: (-len(name), name))
        pattern = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in listed)) if listed else None
        texts = {"labels": labels, "codes": codes, "params": params}
        return cls(
            **{what: _texts(what, given) for what, given in texts.items()},
            names=pattern,
            where=where,
            merge=merge,
            values=values,
        )

    def apply(self, root: Explanation) -> Explanation:
        """A tree with its hidden parts, parameters and names taken out."""
        if self._hides(root):
            return type(root)("redacted", root.value if self.values else None, unit=root.unit)
        return self._cleaned(root)

    def _hides(self, node: Explanation) -> bool:
        return (
            node.label in self.labels or node.code in self.codes or (self.where is not None and bool(self.where(node)))
        )

    def _cleaned(self, node: Explanation) -> Explanation:
        hidden = [part for part in node.parts if self._hides(part)]
        relation, parts = node.relation, self._parts(node, hidden)
        params = {
            name: BAR if name in self.params else self._without_names(value) for name, value in node.params.items()
        }
        if relation == "affine" and hidden and not self._keeps(node):
            # Every number beside the value would give the hidden part away.
            relation = "from"
            params = {name: BAR if is_number(value) else value for name, value in params.items()}
        elif relation == "affine" and any(name in self.params for name in node.params):
            # The relation would give the hidden parameter away.
            relation, params = "from", {**params, "slope": BAR, "intercept": BAR}
        elif hidden and not self.values:
            # What is left over no longer gives the number.
            relation = "from"
        secrets = frozenset(self._secrets(node))
        if secrets:
            # A parameter that says what a part is whose value is hidden would give it away.
            params = {name: BAR if _number(value) in secrets else value for name, value in params.items()}
            relation = relation if relation != "affine" or is_number(params.get("slope")) else "from"
        return evolve(
            node,
            label=self._without_names(node.label),
            value=self._without_names(node.value),
            params=params,
            relation=relation,
            parts=parts,
        )

    def _secrets(self, node: Explanation) -> Iterator[Fraction]:
        """The numbers below a step that are not to be seen at all."""
        keeps = self._keeps(node) and not self._merges(node)
        for part in node.parts:
            if not self._hides(part):
                yield from self._secrets(part)
                continue
            for one in part.walk():
                number = _number(one.value)
                # Zero and one tell nothing.
                if number is not None and number not in (0, 1) and not (keeps and one is part):
                    yield number

    def _keeps(self, node: Explanation) -> bool:
        """Whether hidden parts keep their values, so that these still give the number of the whole."""
        # Where parts only name what was read there is nothing to add up, so a hidden one keeps no value.
        return self.values and (node.relation in ("sum", "product") or (node.relation == "affine" and not self.merge))

    def _merges(self, node: Explanation) -> bool:
        """Whether hidden parts become one, so that none of them keeps a value of its own."""
        return self.merge and node.relation in ("sum", "product") and sum(map(self._hides, node.parts)) > 1

    def _parts(self, node: Explanation, hidden: list[Explanation]) -> list[Explanation]:
        keeps = self._keeps(node)
        make = type(node)
        if not self._merges(node):
            return [
                make("redacted", part.value if keeps else None, unit=part.unit if keeps else "")
                if self._hides(part)
                else self._cleaned(part)
                for part in node.parts
            ]
        units = {part.unit for part in hidden} if keeps else set()
        value = together(node.relation, [part.value for part in hidden]) if keeps else None
        merged = make(
            "redacted_parts", value, unit=units.pop() if len(units) == 1 else "", params={"count": len(hidden)}
        )
        parts: list[Explanation] = []
        for part in node.parts:
            if not self._hides(part):
                parts.append(self._cleaned(part))
            elif merged not in parts:
                parts.append(merged)
        return parts

    def _without_names(self, value: Any) -> Any:
        if self.names is None:
            return value
        if isinstance(value, str):
            return self.names.sub(BAR, value)
        if isinstance(value, (list, tuple)):
            return tuple(self._without_names(item) for item in value)
        return value
