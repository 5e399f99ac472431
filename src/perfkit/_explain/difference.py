"""The difference of two explanations: what is new, gone or changed, in parts that add up to the change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import comb, prod
from typing import TYPE_CHECKING, Any

from attrs import evolve

from perfkit._explain.values import as_fraction, is_number
from perfkit.money import Money

if TYPE_CHECKING:
    from perfkit.explain import Explanation

Pair = tuple["Explanation | None", "Explanation | None"]


def difference(before: Explanation, after: Explanation) -> Explanation:
    """What changed from one explanation to another; see :meth:`perfkit.Explanation.difference`."""
    before.check()
    after.check()
    return _changed(before, after)


def _changed(before: Explanation, after: Explanation) -> Explanation:
    change = _less(before.value, after.value)
    node = _told("changed", after, change, before=before.value, after=after.value)
    before, after = _alike(before, after)
    if change is None or before.relation != after.relation or not (before.parts and after.parts):
        return evolve(node, parts=_versions(before, after))
    if after.relation == "sum":
        return evolve(node, relation="sum", parts=list(_parts(before, after)))
    if after.relation == "product":
        return evolve(node, relation="sum", parts=_by_factor(before, after))
    if after.relation == "affine":
        return _by_share(node, before, after, change)
    return evolve(node, parts=_versions(before, after))


def _told(code: str, step: Explanation, value: Any, **params: Any) -> Explanation:
    """A line about a step: what it is called is asked of the step's own code and parameters."""
    unit = step.unit or (step.value.currency if isinstance(step.value, Money) and not isinstance(value, Money) else "")
    label, kind = step.label, str(step.params.get("about_code", step.code))
    if label and label == step.value and code not in ("was", "is"):
        # What is named by its value, such as a rating, is called by its kind; each of its versions has its own name.
        label, kind = "", _family(step)
    return type(step)(code, value, label=label, unit=unit, params={**step.params, "about_code": kind, **params})


def _less(before: Any, after: Any) -> Any:
    """After less before, where both are numbers of one kind; nothing counts as none of it."""
    if before is None and after is None:
        return None
    if before is None:
        return after if is_number(after) else None
    if after is None:
        return _minus(before) if is_number(before) else None
    if not (is_number(before) and is_number(after)):
        return None
    if isinstance(before, Money) and isinstance(after, Money):
        return after - before if before.currency == after.currency else None
    return as_fraction(after) - as_fraction(before)


def _minus(value: Any) -> Any:
    return -value if isinstance(value, Money) else -as_fraction(value)


def _alike(before: Explanation, after: Explanation) -> tuple[Explanation, Explanation]:
    """The two in one shape: where only one is rounded or limited, the other has its parts put under one as well."""
    if after.relation == "sum" and before.relation != "sum":
        return _under(before, after), after
    if before.relation == "sum" and after.relation != "sum":
        return before, _under(after, before)
    return before, after


def _under(node: Explanation, other: Explanation) -> Explanation:
    inner = next((part for part in other.parts if part.parts and part.relation == node.relation), None)
    if inner is None or not node.parts:
        return node
    whole = type(node)(
        inner.code, node.value, label=inner.label, unit=inner.unit, relation=node.relation, params=node.params
    )
    return evolve(node, relation="sum", parts=[evolve(whole, parts=node.parts)])


def _versions(before: Explanation, after: Explanation) -> list[Explanation]:
    """What only names what was read: its parts that changed, or both versions where it is another kind of step."""
    same = before.code == after.code and bool(before.parts) == bool(after.parts)
    if same and (before.params == after.params or (before.parts and before.relation == after.relation == "from")):
        return list(_parts(before, after))
    return [
        evolve(_told(code, step, step.value), parts=step.parts, relation=_kept(step))
        for code, step in (("was", before), ("is", after))
    ]


def _kept(step: Explanation) -> Any:
    return step.relation if step.relation in ("sum", "product") else "from"


def _parts(before: Explanation, after: Explanation) -> Iterator[Explanation]:
    for old, new in _pairs(before.parts, after.parts):
        if old is None and new is not None:
            yield evolve(_told("new", new, new.value), parts=new.parts, relation=_kept(new))
        elif new is None and old is not None:
            yield evolve(_told("gone", old, _minus(old.value) if is_number(old.value) else None), parts=old.parts)
        elif old is not None and new is not None and old != new:
            yield _changed(old, new)


def _pairs(before: Sequence[Explanation], after: Sequence[Explanation]) -> list[Pair]:
    """Each part with the one that it was: by code and label, else by label, else by kind where a label is lacking."""
    found: dict[int, int] = {}
    for keys in (_by_both, _by_label, _by_family):
        taken = set(found.values())
        waiting = dict(_counted((place, keys(part)) for place, part in enumerate(before) if place not in taken))
        for key, place in _counted((place, keys(part)) for place, part in enumerate(after) if place not in found):
            if key in waiting:
                found[place] = waiting[key]
    pairs: list[Pair] = [(before[found[place]] if place in found else None, part) for place, part in enumerate(after)]
    gone = set(range(len(before))) - set(found.values())
    return [*pairs, *((before[place], None) for place in sorted(gone))]


def _by_both(part: Explanation) -> Any:
    return part.code, part.label


def _by_label(part: Explanation) -> Any:
    return part.label or None


def _by_family(part: Explanation) -> Any:
    return None if part.label else _family(part)


def _family(part: Explanation) -> str:
    """The kind of a step: ``curve`` of ``curve_above``, ``gate`` of ``gate_open``."""
    return part.code.partition("_")[0]


def _counted(keys: Iterator[tuple[int, Any]]) -> Iterator[tuple[Any, int]]:
    """Each key with how often it was there before, so that the second of a kind meets the second."""
    seen: Counter[Any] = Counter()
    for place, key in keys:
        if key is not None:
            seen[key] += 1
            yield (key, seen[key]), place


def _by_factor(before: Explanation, after: Explanation) -> list[Explanation]:
    """The change of a product by factor: the mean over every order in which the factors may change (Das Gupta)."""
    pairs = _pairs(before.parts, after.parts)
    ends = [(_factor(old), _factor(new)) for old, new in pairs]
    fixed = prod((first for first, last in ends if first == last), start=Fraction(1))
    unit = after.unit or (after.value.currency if isinstance(after.value, Money) else "")
    told = []
    for place, ((old, new), (first, last)) in enumerate(zip(pairs, ends, strict=True)):
        step = old if new is None else new
        if step is None or first == last:
            continue
        others = [end for other, end in enumerate(ends) if other != place and end[0] != end[1]]
        share = (last - first) * _mean_product(others) * fixed
        line = _told("changed_by", step, share, before=_value(old), after=_value(new))
        inner = () if old is None or new is None else _changed(old, new).parts
        told.append(evolve(line, unit=unit, parts=inner))
    return told


def _factor(part: Explanation | None) -> Fraction:
    return Fraction(1) if part is None or part.value is None else as_fraction(part.value)


def _value(part: Explanation | None) -> Any:
    return None if part is None else part.value


def _mean_product(ends: Sequence[tuple[Fraction, Fraction]]) -> Fraction:
    """The mean of the product of the others over every order in which they change before or after this one.

    The coefficient of t**k of the product of (before + after * t) is the sum over all sets of k that changed first.
    """
    sums = [Fraction(1)]
    for first, last in ends:
        sums = [
            (sums[k] * first if k < len(sums) else Fraction(0)) + (sums[k - 1] * last if k else Fraction(0))
            for k in range(len(sums) + 1)
        ]
    count = len(ends)
    return sum((value / comb(count, k) for k, value in enumerate(sums)), Fraction(0)) / (count + 1)


def _by_share(node: Explanation, before: Explanation, after: Explanation, change: Any) -> Explanation:
    """The change of what counts by a share: by the part and by its share, each at the mean of the other."""
    old, new = (next((part for part in step.parts if part.value is not None), None) for step in (before, after))
    if old is None or new is None:
        return evolve(node, parts=_versions(before, after))
    inner = _changed(old, new) if old != new else None
    (slope, start), (later_slope, later_start) = (
        (Fraction(step.params["slope"]), Fraction(step.params["intercept"])) for step in (before, after)
    )
    if slope == later_slope and start == later_start:
        return evolve(
            node,
            relation="affine",
            parts=() if inner is None else [inner],
            params={**node.params, "slope": slope, "intercept": 0},
        )
    if after.code.startswith("curve") or before.code.startswith("curve"):
        # Where on the curve one stands decides its slope, so all of the change is that of the place.
        return evolve(node, parts=() if inner is None else [inner])
    mean = (slope + later_slope) / 2
    by_part = mean * (as_fraction(new.value) - as_fraction(old.value))
    by_share = type(node)(
        "changed_share", as_fraction(change) - by_part, params={"before": slope, "after": later_slope}, unit=node.unit
    )
    if inner is None:
        return evolve(node, relation="sum", parts=[by_share])
    params = {"slope": mean, "intercept": 0, "before": old.value, "after": new.value}
    moved = evolve(_told("changed_by", new, by_part, **params), relation="affine", parts=[inner], unit=node.unit)
    return evolve(node, relation="sum", parts=[moved, by_share])
