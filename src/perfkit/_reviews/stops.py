"""What stands in the way of an outcome: gates, caps, floors and flat curves, as the explanation tells them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from perfkit._reviews.evaluation import Evaluation, Of
from perfkit.errors import PerfkitError
from perfkit.explain import Explanation
from perfkit.money import Money

# Codes of what takes something away where it is not nothing, and of what holds a result whatever it takes.
_TAKE = {
    "vetoed",
    "capped",
    "gated",
    "gate_closed",
    "cap",
    "held",
    "draw",
    "deferral",
    "maximum_raise",
    "cell_maximum",
    "range_maximum",
    "budget_factor",
    "scaled_to_budget",
}
_HOLD = {"curve_flat_above", "curve_flat_below", "too_little", "not_eligible", "not_rated", "unpaid"}


def stops_of(evaluation: Evaluation, of: Of, moved: Mapping[str, Any]) -> tuple[Explanation, ...]:
    """What takes something from the outcome of a row, with some columns moved, or holds it where it is."""
    try:
        explained = evaluation.with_row(**moved).explained(of)
    except PerfkitError:
        return ()
    found = [part for whole in explained for part in _stops_in(whole, whole.label)]
    return tuple(dict.fromkeys(found))


def _stops_in(part: Explanation, label: str) -> Iterator[Explanation]:
    label = part.label or label
    if part.code in _HOLD or (part.code in _TAKE and _is_less(part.value)):
        yield Explanation(part.code, part.value, label=label, unit=part.unit, params=part.params)
    for inner in part.parts:
        yield from _stops_in(inner, label)


def _is_less(value: Any) -> bool:
    size = value.exact if isinstance(value, Money) else value
    return isinstance(size, (int, float, Fraction)) and size < 0
