"""What differs between two evaluations, factor by factor, and the evaluation with some factors of each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any, cast

import attrs
from attrs import evolve, frozen

from perfkit._core.grid import GRID
from perfkit._reviews.bridge import KINDS, Kind
from perfkit._reviews.evaluation import Evaluation, Of, PayRule, is_missing
from perfkit.errors import DefinitionError, PerfkitError
from perfkit.incentives import IncentivePlan
from perfkit.metrics import Metric, Scorecard, Section

_SHOWN_APART = {"name", "target", "baseline", "weight", "of", "sections", "weights_add_up_to", "grid"}
Part = Metric | Section


@frozen
class Factor:
    """Something that changed: a kind, and what it is of."""

    kind: Kind
    label: str


class UnclearError(PerfkitError):
    """A mixture of two evaluations that no definition allows, or that has no outcome."""


@frozen(eq=False)
class Differences:
    """The factors in which two evaluations differ, and the outcome with any set of them as after."""

    before: Evaluation
    after: Evaluation
    of: Of
    factors: tuple[Factor, ...]
    merged: Mapping[Factor, Factor]
    columns: Mapping[str, Factor]

    @classmethod
    def between(cls, before: Evaluation, after: Evaluation, of: Of) -> Differences:
        """The differences that matter for an outcome, each as fine as it goes."""
        definition = [*_of_cards(before.card, after.card, of)]
        by_level = of == "amount" and before.pays_by_level and after.pays_by_level
        if (of == "rating" or by_level) and before.scale != after.scale:
            definition.append(Factor("plan", "scale"))
        if of == "amount":
            definition += _of_plans(before, after)
        columns = _of_columns(before, after)
        # By kind, and within a kind in the order in which the definitions have them.
        found = sorted(dict.fromkeys([*columns.values(), *definition]), key=lambda one: KINDS.index(one.kind))
        return cls(before, after, of, tuple(found), {one: one for one in found}, columns)

    def coarser(self, step: int) -> Differences:
        """The same with factors put together, for evaluations that cannot be mixed as finely.

        At step 1 what is missing becomes one factor, and what is different about the definitions another; at step 2
        everything is one. At step 0 nothing is put together.
        """
        if step == 0:
            return self
        if step == 1:
            missing = Factor("missing", "several metrics")
            plan = Factor("plan", "definition")
            into: dict[Kind, Factor] = {
                "missing": missing,
                "target": plan,
                "weight": plan,
                "membership": plan,
                "plan": plan,
            }
            merged = {one: into.get(one.kind, one) for one in self.factors}
        else:
            merged = dict.fromkeys(self.factors, Factor("plan", "everything"))
        return evolve(self, factors=tuple(dict.fromkeys(merged.values())), merged=merged)

    def values(self, masks: Sequence[int]) -> list[Fraction]:
        """The outcome for each set of factors as after, each set a mask of bits.

        Raises:
            UnclearError: where a mixture has no meaning or no outcome.
        """
        whole = (1 << len(self.factors)) - 1
        ends = {0: self.before, whole: self.after}
        rows_of: dict[frozenset[Factor], list[int]] = {}
        sets = {mask: self._taken(mask) for mask in masks}
        in_columns = set(self.columns.values())
        definition = {one for one in self.merged if one not in in_columns or one.kind == "target"}
        for mask, taken in sets.items():
            if mask not in ends:
                rows_of.setdefault(taken & definition, []).append(mask)
        found = {mask: end.exactly(self.of, end.measured(self.of)[0]) for mask, end in ends.items()}
        for some in rows_of.values():
            found |= self._mixed(some, sets)
        return [found[mask] for mask in masks]

    def _taken(self, mask: int) -> frozenset[Factor]:
        chosen = {one for place, one in enumerate(self.factors) if mask >> place & 1}
        return frozenset(one for one, whole in self.merged.items() if whole in chosen)

    def _mixed(self, masks: Sequence[int], sets: Mapping[int, frozenset[Factor]]) -> dict[int, Fraction]:
        try:
            rules = self._rules(sets[masks[0]])
            names = rules.needs()
            table = {name: self._column(name, [sets[mask] for mask in masks]) for name in names}
            measured = rules.measured(self.of, table or {"": [0] * len(masks)})
        except PerfkitError as error:
            raise UnclearError(str(error)) from error
        if (measured != measured).any() or (self.of == "rating" and (measured < 0).any()):
            raise UnclearError("a mixture has no outcome")
        return {mask: rules.exactly(self.of, value) for mask, value in zip(masks, measured, strict=True)}

    def _column(self, name: str, sets: Sequence[Collection[Factor]]) -> list[Any]:
        before, after = self.before, self.after
        if name not in before.needs() or name not in before.row:
            return [after.row[name]] * len(sets)
        if name not in after.needs() or name not in after.row:
            return [before.row[name]] * len(sets)
        factor, old, new = self.columns.get(name), before.row[name], after.row[name]
        return [new if factor in taken else old for taken in sets]

    def _rules(self, taken: Collection[Factor]) -> Evaluation:
        before, after, card, plan = self.before, self.after, None, None
        if before.card is not None and after.card is not None:
            card = _mixed_card(before.card, after.card, taken)
        if before.plan is not None and after.plan is not None:
            plan = _mixed_plan(before.plan, after.plan, taken, after.pay_name)
        scale = after.scale if Factor("plan", "scale") in taken else before.scale
        row = {**before.row, **after.row}
        names = {"score": before.score, "level": before.level}
        return Evaluation(row, card=card, scale=scale if card else None, plan=plan, **names)


# Columns.


def _of_columns(before: Evaluation, after: Evaluation) -> dict[str, Factor]:
    """The factor of each column that both read and in which they differ."""
    both = [name for name in after.needs() if name in before.needs()]
    roles = _roles(before.card, after.card)
    found = {}
    for name in both:
        old, new = before.row.get(name), after.row.get(name)
        gone = is_missing(old), is_missing(new)
        if all(gone) or (not any(gone) and type(old) is type(new) and old == new) or _same_number(old, new):
            continue
        kind, label = roles.get(name, ("value", name))
        found[name] = Factor("missing" if any(gone) and kind == "value" else kind, label)
    return found


def _same_number(old: Any, new: Any) -> bool:
    return isinstance(old, (int, float)) and isinstance(new, (int, float)) and old == new


def _roles(*cards: Scorecard | None) -> dict[str, tuple[Kind, str]]:
    """What each column of scorecards is to them: the value of a metric, or its target."""
    users: dict[str, dict[tuple[Kind, str], None]] = {}
    for card in cards:
        for metric in () if card is None else card.metrics():
            for column in (metric.column, metric.last):
                users.setdefault(str(column), {})[("value", metric.name)] = None
            for source in (metric.target, metric.baseline):
                if isinstance(source, str):
                    users.setdefault(source, {})[("target", metric.name)] = None
    roles: dict[str, tuple[Kind, str]] = {}
    for column, uses in users.items():
        first = next(iter(uses))
        kind: Kind = "value" if any(kind == "value" for kind, _ in uses) else "target"
        roles[column] = first if len(uses) == 1 else (kind, column)
    return roles


# Definitions.


def _parts_of(part: Any) -> tuple[Part, ...]:
    return tuple(getattr(part, "sections", getattr(part, "of", ())))


def _paths(part: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    for inner in _parts_of(part):
        yield inner.name, above
        yield from _paths(inner, (*above, inner.name))


def _of_cards(before: Scorecard | None, after: Scorecard | None, of: Of) -> list[Factor]:
    if (before is None) != (after is None):
        raise DefinitionError("both sides must be judged alike: one has a scorecard and the other has none")
    if before is None or after is None or before == after:
        return []
    old, new = dict(_paths(before)), dict(_paths(after))
    if any(old[name] != new[name] for name in old if name in new):
        # Metrics that moved between sections are another structure.
        return [Factor("plan", "definition")]
    found = [Factor("plan", after.name)] if _differs(before, after) else []
    if of != "score" and before.grid != after.grid and not found:
        found.append(Factor("plan", after.name))
    return [*found, *_of_groups(before, after, after.name)]


def _of_groups(before: Any, after: Any, group: str) -> list[Factor]:
    old, new = ({part.name: part for part in _parts_of(one)} for one in (before, after))
    common = [name for name in new if name in old]
    found: list[Factor] = []
    if not common and old.keys() != new.keys():
        return [Factor("membership", group)]
    found += [Factor("membership", name) for name in (*old, *new) if (name in old) != (name in new)]
    if _relative(old, common) != _relative(new, common):
        found.append(Factor("weight", group))
    for name in common:
        one, other = old[name], new[name]
        if type(one) is not type(other) or not attrs.has(type(one)):
            found += [Factor("plan", name)] if one != other else []
            continue
        if any(getattr(one, field, None) != getattr(other, field, None) for field in ("target", "baseline")):
            found.append(Factor("target", name))
        if _differs(one, other):
            found.append(Factor("plan", name))
        found += _of_groups(one, other, name)
    return found


def _weight(part: Part) -> Fraction:
    return Fraction(1) if part.weight is None else part.weight


def _relative(parts: Mapping[str, Part], names: Sequence[str]) -> dict[str, Fraction]:
    whole = sum((_weight(parts[name]) for name in names), Fraction(0))
    return {name: _weight(parts[name]) / whole for name in names}


def _differs(one: Any, other: Any) -> bool:
    """Whether anything about a definition differs that no other factor speaks of."""
    names = [field.name for field in attrs.fields(type(one)) if field.name not in _SHOWN_APART]
    return any(getattr(one, name) != getattr(other, name) for name in names)


def _mixed_card(before: Scorecard, after: Scorecard, taken: Collection[Factor]) -> Scorecard:
    if before == after:
        return after
    if Factor("plan", "definition") in taken:
        return after
    old, new = dict(_paths(before)), dict(_paths(after))
    if any(old[name] != new[name] for name in old if name in new):
        return before
    base = after if Factor("plan", after.name) in taken else before
    return evolve(base, sections=_mixed_group(before, after, after.name, taken), weights_add_up_to=None)


def _mixed_group(before: Any, after: Any, group: str, taken: Collection[Factor]) -> tuple[Part, ...]:
    old, new = ({part.name: part for part in _parts_of(one)} for one in (before, after))
    common = [name for name in new if name in old]
    if not common:
        return tuple((new if Factor("membership", group) in taken else old).values())
    by_new = Factor("weight", group) in taken or _relative(old, common) == _relative(new, common)
    # A part of one side only keeps its share beside the parts of both.
    size = [sum((_weight(parts[name]) for name in common), Fraction(0)) for parts in (old, new)]
    alike = all(part.weight is None for part in (*old.values(), *new.values()))
    chosen = []
    for name in _in_order(list(old), list(new)):
        joins = Factor("membership", name) in taken
        if name in common:
            part, weight = _mixed_part(old[name], new[name], taken), _weight((new if by_new else old)[name])
        elif name in new and joins:
            part, weight = new[name], _weight(new[name]) * (1 if by_new else size[0] / size[1])
        elif name in old and not joins:
            part, weight = old[name], _weight(old[name]) * (size[1] / size[0] if by_new else 1)
        else:
            continue
        chosen.append(evolve(part, weight=None if alike else weight))
    return tuple(chosen)


def _in_order(old: list[str], new: list[str]) -> list[str]:
    """The names of both, in the order of the new ones, each old one after the one that it stood behind."""
    order = list(new)
    for place, name in enumerate(old):
        if name not in order:
            order.insert(order.index(old[place - 1]) + 1 if place else 0, name)
    return order


def _mixed_part(before: Part, after: Part, taken: Collection[Factor]) -> Part:
    name = after.name
    base: Any = after if Factor("plan", name) in taken else before
    if type(before) is not type(after) or not attrs.has(type(before)):
        return cast(Part, base)
    parts = _parts_of(before)
    if parts:
        return cast(Part, evolve(base, of=_mixed_group(before, after, name, taken)))
    aim: Any = after if Factor("target", name) in taken else before
    if not hasattr(aim, "target"):
        return cast(Part, base)
    changed = {field: getattr(aim, field) for field in ("target", "baseline")}
    return cast(Part, evolve(base, **changed))


def _of_plans(one: Evaluation, other: Evaluation) -> list[Factor]:
    before, after = one.plan, other.plan
    if before is None or after is None or before == after:
        return []
    if one.currency != other.currency:
        raise DefinitionError(
            f"both sides must be paid in one currency (got {one.currency} and {other.currency}); convert one first"
        )
    if not isinstance(before, IncentivePlan) or not isinstance(after, IncentivePlan):
        return [Factor("plan", other.pay_name)]
    if not _same_lines(before, after):
        return [Factor("plan", after.name)]
    old: list[Any] = [*before.pays, *before.then]
    new: list[Any] = [*after.pays, *after.then]
    found = [Factor("plan", other.name) for one, other in zip(old, new, strict=True) if one != other]
    if before.missing != after.missing or not found:
        found.append(Factor("plan", after.name))
    return found


def _same_lines(before: IncentivePlan, after: IncentivePlan) -> bool:
    names = [([line.name for line in plan.pays], [step.name for step in plan.then]) for plan in (before, after)]
    return names[0] == names[1] and after.name not in (*names[0][0], *names[0][1])


def _mixed_plan(before: PayRule, after: PayRule, taken: Collection[Factor], name: str) -> PayRule:
    if before == after:
        return after
    is_new = Factor("plan", name) in taken
    if not isinstance(before, IncentivePlan) or not isinstance(after, IncentivePlan) or not _same_lines(before, after):
        return after if is_new else before
    pick = partial(_picked, taken=taken)
    return evolve(after if is_new else before, pays=pick(before.pays, after.pays), then=pick(before.then, after.then))


def _picked(old: Sequence[Any], new: Sequence[Any], taken: Collection[Factor]) -> tuple[Any, ...]:
    pairs = zip(old, new, strict=True)
    return tuple(other if Factor("plan", other.name) in taken else one for one, other in pairs)


def on_the_finest_grid(evaluation: Evaluation) -> Evaluation:
    """The evaluation before the rounding to a coarser grid."""
    card = evaluation.card
    if card is None or card.grid == GRID:
        return evaluation
    return evolve(evaluation, card=evolve(card, grid=GRID))
