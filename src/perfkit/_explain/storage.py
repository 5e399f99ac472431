"""Explanations as plain data, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from perfkit._core.numbers import decimal_text, plain
from perfkit.errors import DefinitionError, did_you_mean
from perfkit.money import Money

if TYPE_CHECKING:
    from perfkit.explain import Explanation

RELATIONS = ("sum", "product", "affine", "from")
FIELDS = ("code", "label", "unit", "value", "params", "relation", "parts")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def stored(node: Explanation) -> dict[str, Any]:
    """A tree as plain data, ready for JSON."""
    return {
        "code": node.code,
        "label": node.label,
        "unit": node.unit,
        "value": _plain(node.value),
        "params": {name: _plain(value) for name, value in node.params.items()},
        "relation": node.relation,
        "parts": [stored(part) for part in node.parts],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency, "amount": str(value.amount)}
    if isinstance(value, Decimal) and value.is_finite():
        value = Fraction(value)
    if isinstance(value, Fraction):
        near = plain(value)
        return (
            {"near": decimal_text(value).replace(",", ""), "exact": str(value)} if isinstance(near, Fraction) else near
        )
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def revived(make: type[Explanation], data: Any, path: str = "$") -> Explanation:
    """The tree that plain data describe.

    Raises:
        DefinitionError: for what no explanation was stored as, with its path.
    """
    if not isinstance(data, Mapping):
        raise DefinitionError(f"a stored explanation must be a mapping (got {type(data).__name__}) @ {path}", path=path)
    odd = [name for name in data if name not in FIELDS]
    if odd:
        raise DefinitionError(
            f"a stored explanation has no field {odd[0]!r}{did_you_mean(str(odd[0]), FIELDS)} @ {path}", path=path
        )
    code, relation, parts, params = (
        data.get("code"),
        data.get("relation", "from"),
        data.get("parts", ()),
        data.get("params", {}),
    )
    if not isinstance(code, str) or not code:
        raise DefinitionError(f"a stored explanation must have a code (got {code!r}) @ {path}", path=path)
    if relation not in RELATIONS:
        raise DefinitionError(
            f"relation must be one of {', '.join(RELATIONS)} (got {relation!r}) @ {path}.relation",
            path=f"{path}.relation",
        )
    if not isinstance(parts, (list, tuple)):
        raise DefinitionError(f"parts must be a list (got {parts!r}) @ {path}.parts", path=f"{path}.parts")
    if not isinstance(params, Mapping):
        raise DefinitionError(f"params must be a mapping (got {params!r}) @ {path}.params", path=f"{path}.params")
    return make(
        code,
        _value(data.get("value"), f"{path}.value"),
        label=str(data.get("label", "")),
        unit=str(data.get("unit", "")),
        params={str(name): _value(value, f"{path}.params.{name}") for name, value in params.items()},
        relation=relation,
        parts=[revived(make, part, f"{path}.parts[{place}]") for place, part in enumerate(parts)],
    )


def _value(data: Any, path: str) -> Any:
    if isinstance(data, (list, tuple)):
        return tuple(_value(item, f"{path}[{place}]") for place, item in enumerate(data))
    try:
        if isinstance(data, Mapping):
            return Money.from_minor(data["minor"], data["currency"]) if "minor" in data else Fraction(data["exact"])
        return date.fromisoformat(data) if isinstance(data, str) and _DAY.fullmatch(data) else data
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        if isinstance(data, str):
            # Text that only looks like a day, such as 2026-02-31, is text.
            return data
        raise DefinitionError(f"a stored value must be plain (got {data!r}) @ {path}", path=path) from error
