"""Why weights are what they are: the shares, how good they are, what they came from."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from perfkit._core.numbers import plain
from perfkit._weights.found import Facts, Pairs
from perfkit.explain import Explanation


def frozen_facts(facts: Any) -> Facts:
    """Facts by name, all the way down in tuples and plain numbers: frozen, and the same after they were stored."""
    return tuple((str(name), _deep(value)) for name, value in facts)


def by_name(facts: Facts) -> dict[str, Any]:
    """Facts as a mapping; a list of names with a value each becomes one too."""
    return {name: dict(value) if _is_named(value) else value for name, value in facts}


def _deep(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple(_deep(item) for item in value)
    return plain(value) if isinstance(value, Fraction) else value


def _is_named(value: Any) -> bool:
    """Whether a value is a list of names with a number or a range each."""
    return (
        isinstance(value, tuple)
        and bool(value)
        and all(isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str) for item in value)
        and not any(isinstance(item[1], str) for item in value)
    )


def explanation(
    shares: Pairs, source: str, inputs: Facts, quality: Facts, parts: Iterable[Explanation], *, learned: bool
) -> Explanation:
    """The explanation of weights: their shares add up to one; the rest says where they are from."""
    pieces = [
        Explanation(
            "weight_shares",
            Fraction(1),
            relation="sum",
            parts=tuple(Explanation("weight_share", share, name) for name, share in shares),
        ),
        *(_fact("weight_quality", name, value) for name, value in quality),
        *(_fact("weight_input", name, value) for name, value in inputs),
        *parts,
    ]
    code = "weights_learned" if learned else "weights"
    return Explanation(code, label="weights", params={"source": source, "learned": learned}, parts=tuple(pieces))


def part_of(label: str, inner: Explanation) -> Explanation:
    """The explanation of weights that others are made of."""
    learned = bool(inner.params["learned"])
    code = "weights_part_learned" if learned else "weights_part"
    return Explanation(code, label=label or "top", params=inner.params, parts=inner.parts)


def _fact(code: str, name: str, value: Any) -> Explanation:
    label = name.replace("_", " ")
    if isinstance(value, tuple) and value and all(isinstance(item, tuple) and len(item) > 1 for item in value):
        items = tuple(Explanation(code, item[-1], " / ".join(map(str, item[:-1]))) for item in value)
        if name == "correlations":
            items = tuple(Explanation(code, item[-1], ", ".join(item[:-1])) for item in value)
        return Explanation(code, label=label, parts=items)
    return Explanation(code, value, label)
