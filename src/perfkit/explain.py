"""Explanation: why a number is what it is, as a tree whose parts give the number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from html import escape
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from attrs import evolve, field, frozen

from perfkit._core.layout import one_line, table
from perfkit._core.numbers import decimal_text, plain
from perfkit.errors import PerfkitError
from perfkit.money import Money

Relation = Literal["sum", "product", "affine", "from"]

# Each code in English; the parameters stand in braces. An application translates by code.
ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        "score": "score of {label}",
        "section": "{label}",
        "metric": "{label}",
        "curve": "curve of {label}",
        "curve_between": "on the curve, {first} at {start} to {last} at {end}",
        "curve_at": "on the curve, {first} at {start}",
        "curve_flat_below": "on the curve, {last} below {end}",
        "curve_flat_above": "on the curve, {first} above {start}",
        "curve_below": "on the curve, {last} at {end} and {slope} less for each 1 below",
        "curve_above": "on the curve, {first} at {start} and {slope} for each 1 above",
        "contribution": "{label}: {score} at weight {weight} of {weights}",
        "missing": "{label}: missing, weight {weight} ({rule})",
        "filled": "{label}: missing, counts as nothing",
        "scaled": "scale of {label}",
        "percentile": "percentile ({definition}): {below} of {count} below, {alike} alike",
        "percentile_within": "percentile in {group} ({definition}): {below} of {count} below, {alike} alike",
        "filled_with": "{label}: missing, counts as {counts}",
        "imputed": "{label}: missing, taken to be the {rule} of the population",
        "brought": "{label}: {score} at weight {weight} of {weights}, what it brings",
        "not_attributed": "brought by no single part",
        "combined": "combined by {aggregate}, each part with its Shapley value against scores of 0",
        "vetoed": "{label} is {seen}, below its floor of {floor}: at most {cap}",
        "closeness": "distance to the best {near}, to the worst {far}",
        "regret": "mean regret {mean}, greatest regret {greatest}",
        "too_little": "only {coverage} of the weight was observed, {least} is needed",
        "published": "rounding to the grid of {grid}",
        "actual": "{label}",
        "carried": "last known value, from {column}",
        "target": "target",
        "baseline": "baseline",
        "attainment": "attainment",
        "attainment_mirrored": "attainment, lower is better (2 - actual / target)",
        "attainment_inverse": "attainment, lower is better (target / actual)",
        "progress": "progress from the baseline to the target",
        "pay": "{label}",
        "line": "{label}",
        "base": "{label}",
        "when": "{label}",
        "factor": "factor ({label})",
        "rate": "rate ({label})",
        "multiplier": "multiplier ({label})",
        "table": "{label}: {choice}",
        "cell": "{label}: row {row}, column {column}",
        "component": "{label}",
        "capped": "capped at {limit}",
        "floored": "raised to {limit}",
        "gated": "{name} closed, {on} is {seen}: at most {limit}",
        "so_far": "earned before, on {so_far}",
        "segment": "{start} to {end}: {by} of {of}",
        "unrounded": "before rounding",
        "rounding": "rounding ({mode}, to {to})",
        "quota": "quota ({label})",
        "prorate": "{label}: {by} of {of}",
        "draw": "{label}: of {draw}; owed {owed}, then {owed_after}",
        "held": "{label}: at most {limit}; held {held}, then {held_after}",
        "deferral": "{label}: {deferred} put off, {due} due, {held_after} held",
        "gate_open": "{label}: open, {on} is {seen}",
        "gate_closed": "{label}: closed, {on} is {seen}",
        "cap": "{label}: at most {limit}",
        "floor": "{label}: at least {limit}",
        "multiply": "{label}: times {factor}",
        "unpaid": "not paid: {columns} missing",
        "forfeit": "{label}: {share} not earned ({reason})",
        "forfeit_none": "{label}: nothing, {reason} is not so",
        "forfeit_share": "share ({label})",
        "malus": "{label}: {lost} does not vest ({reason}), {held_after} held",
        "deduct_imposed": "{label}, on the basis of {basis}",
        "deduct_asked": "asked for",
        "deduct_period": "{label}, on the basis of {basis}; {owed_after} still owed",
        "deduct_due": "due",
        "deduct_taken": "{label}, on the basis of {basis}: {due} due, {owed_after} still owed",
        "deduct_clipped": "{label}, on the basis of {basis}: {due} due, clipped by {by}, {owed_after} still owed",
        "imposed_before": "imposed before",
        "limit_incident": "by {name}, at most {ceiling} for one incident",
        "limit_whole": "by {name}, whole multiples of {unit} only",
        "limit_period": "by {name}, at most {ceiling} in the period",
        "limit_pay": "by the pay, {ceiling} is all there is",
        "clipped_limit_incident": "clipped by {name}, at most {ceiling} for one incident",
        "clipped_limit_whole": "clipped by {name}, whole multiples of {unit} only",
        "clipped_limit_period": "clipped by {name}, at most {ceiling} in the period",
        "clipped_limit_pay": "clipped by the pay, {ceiling} is all there is",
        "limit_reason": "{name} allows it for {allowed} (got {reason})",
        "limit_requires": "{name} needs {required}",
        "limit_least": "{name} needs {column} to be at least {least}",
        "limit_late": "{name} allowed it until {last}",
        "discipline": "{label} of {who} on {on}, occurrence {occurrence}",
        "discipline_earlier": "{offence} on {on}, counts until {last}",
        "discipline_decay": "forgotten, one for each {days} days without another",
        "discipline_severity": "steps skipped ({label})",
        "hearing_needed": "{step} needs a hearing before {effective}",
        "hearing_held": "heard on {heard}",
        "cost": "cost of {label}: {scenarios} scenarios of {people} people, standard error {error}",
        "cost_percentile": "{percent} % of the scenarios cost at most",
        "cost_over": "share of the scenarios that pass {budget}, {low} to {high}",
        "cost_zero": "share of the people who are paid nothing, {low} to {high}",
        "cost_level": "share of the people at {label} or above, {low} to {high}",
        "recover": "{label}, on the basis of {basis}",
        "recover_restated": "award on the restated facts",
        "recover_kept": "commission on what was not refunded, at the rate that was paid",
        "recover_paid": "paid, before tax",
        "recover_before": "recovered before",
        "recover_window": "received outside of {first} to {last}",
        "recovered": "{label}, on the basis of {basis}: {owed} owed, then {owed_after}; {given_back} given back",
        "fund": "{label}",
        "funding": "{label}",
        "targets": "sum of {label}",
        "pool_quota": "{label}: a share of {fund} among {people}",
        "pool_value": "worth of each 1",
        "pool_up": "rounding up to {to}: {rest} of it is above the cut at {bar}",
        "pool_down": "rounding down to {to}: {rest} of it is below the cut at {bar}",
        "pool_tie_up": "rounding up to {to}: {rest} of it is at the cut, and keys up to {last} are in",
        "pool_tie_down": "rounding down to {to}: {rest} of it is at the cut, and only keys up to {last} are in",
        "balanced": "factor ({label}): {proposed} times {scale}, so that all average {average}",
        "promotion": "{label}: from {before} to {to}",
        "placement": "salary in {label}",
        "promotion_percent": "{percent} of it, for {levels} up",
        "range_floor": "up to the minimum of {level}",
        "range_ceiling": "down to the maximum of {level}",
        "within_grade": "{steps} within-grade increases of {level}",
        "step_of": "up to step {step} of {level}",
        "retained": "the existing rate is retained, above step {step} of {level}",
        "time_in_level": "{name}: {time} of {at_least} {units}, since {since}",
        "rating_history": "{name}: {count} of the last {of} at least {at_least}, {times} needed",
        "condition_flag": "{name}: {on} is {seen}",
        "condition_at_least": "{name}: {on} is {seen}, at least {at_least} is needed",
        "condition_at_most": "{name}: {on} is {seen}, at most {at_most} is needed",
        "condition_between": "{name}: {on} is {seen}, {at_least} to {at_most} is needed",
        "sanction": "{name}: a sanction until {until}",
        "not_known": "{name}: not known",
        "top_level": "{level} is the highest level",
        "not_higher": "{to} is not above {level}",
        "too_many_levels": "{levels} levels up, at most {at_most}",
        "seat": "{seats} seats in {level} for {candidates} candidates",
        "no_seat": "no seat: {seats} in {level} for {candidates} candidates",
        "tied": "tied: {tied} are equal for the last {open_seats} of {seats} seats in {level}",
        "tied_by_key": "no seat: {tied} are equal at the bar in {level}, and keys up to {last} are in",
        "step_raise": "{label}: from step {before} to step {after}",
        "top_step": "step {step} is the last",
        "too_soon": "{time} of {wait} in the step",
        "raise": "{label}: {before} to {after}",
        "raise_with_lump": "{label}: {before} to {after}, and {lump} once",
        "guideline": "{label}",
        "guidelines": "guidelines of {people} people",
        "merit_cell": "guideline of {rating}",
        "merit_compa_ratio": "guideline of {rating} at a compa-ratio of {compa_ratio}",
        "merit_range_penetration": "guideline of {rating} at {range_penetration} of the range",
        "share": "share of the time ({label})",
        "minimum_raise": "raised to the least raise of {limit}",
        "maximum_raise": "cut to the greatest raise of {limit}",
        "cell_minimum": "raised to the least of the guideline, {limit}",
        "cell_maximum": "cut to the greatest of the guideline, {limit}",
        "range_minimum": "raised to reach the minimum of the range, by {limit}",
        "range_maximum": "cut to stay within the range, at {limit}",
        "red_circle": "the range ends at {limit}: {lump_sum} is paid once",
        "scaled_to_budget": "guidelines times {factor}, to keep to the budget",
        "budget": "budget of {label}",
        "budget_cost": "cost of the raises",
        "budget_factor": "scaled by {factor}",
        "budget_floors": "raised to the least raise, {people} people",
        "budget_caps": "cut to the greatest raise, {people} people",
        "budget_rounding": "rounding, so that all of them add up",
        "budget_scale": "factor of the budget",
        "budget_left": "left: {reason}",
        "step_less": "{name}: {by} less",
        "step_more": "{name}: {by} more",
        "not_rated": "not rated: {on} is missing",
        "not_eligible": "not eligible: {on} is no",
        "no_weight": "no weight: {on} is 0",
        "less_than_a_unit": "the share is less than the least unit",
        "goal": "{label}, {by} of its parts",
        "goal_observed": "{label}: {value} {unit}, from {baseline} to {target}",
        "goal_measured": "{label}: {value} {unit}, to {way} {target}",
        "goal_chosen": "{label}, {by} of its parts",
        "goal_ahead": "{label}: starts on {start}",
        "goal_way": "the way so far",
        "goal_deeper": "{label}, with more below it",
        "goal_capped": "held at {limit}",
        "goal_floored": "held at {limit}",
        "goal_value": "{label}: {by} of the values of its parts",
        "goal_parts": "all parts",
        "goal_part_value": "{label}, {share} of it",
        "goal_part_assumed": "{label}: not observed, taken to be this",
        "goal_numerator": "numerator of {label}",
        "goal_denominator": "denominator of {label}",
        "goal_carried": "{label}: not observed, stands as last known",
        "goal_override": "{label}: put in by {by} in place of {computed}, {reason}",
        "goal_over_time": "{label}, over {days} days",
        "goal_stretch": "{period}: {days} of {of} days",
        "goal_zero": "{label}: not observed, counts as no progress",
        "goal_unknown": "{label}: not observed",
        "goal_missing": "{label}: missing, weight {weight} goes to the other parts",
        "goal_part": "{label}: {score} of its own way",
        "goal_assumed": "{label}: not observed, taken to stand at {score} like the other parts",
        "rating": "{label}: from {floor}, {following} is reached at {reached_at}",
        "rating_lowest": "{label}: the lowest level, {following} is reached at {reached_at}",
        "rating_highest": "{label}: from {floor}, the highest level",
        "unrated": "not rated: no score",
        "weights": "{label}: {source}",
        "weights_learned": "{label}: {source}, learned from data",
        "weights_part": "{label}: {source}",
        "weights_part_learned": "{label}: {source}, learned from data",
        "weights_on": "weights of {label}: {source}",
        "weights_learned_on": "weights of {label}: {source}, learned from data",
        "weight_shares": "shares",
        "weight_share": "{label}",
        "weight_quality": "{label}",
        "weight_input": "{label}",
        "bridge": "change of {label}, from {before} to {after}",
        "bridge_value": "value of {label}",
        "bridge_missing": "{label}, missing on one side",
        "bridge_target": "target of {label}",
        "bridge_weight": "weights in {label}",
        "bridge_membership": "{label}, on one side only",
        "bridge_plan": "plan: {label}",
        "bridge_joint": "{label}",
        "bridge_rounding": "rounding: {label}",
        "reached": "{label} of {wanted} is reached",
        "reachable": "{label} of {wanted} can be reached",
        "unreachable": "{label} of {wanted} is out of reach: with all at best it is {all_at_best}",
        "lever": "{label}, from {now}",
        "lever_mixed": "{label}, from {now}, with the others",
        "lever_short": "{label} does not suffice: at best, at {best}",
        "sensitivity": "{percent} percent of {label}",
        "history_signal": "a signal, among values expected between {lower} and {upper}",
        "history_noise": "noise, between {lower} and {upper}",
        "history_too_few": "too few values to tell",
        "history_no_variation": "no variation",
    }
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
        odd = [number for number in numbers if not _is_number(number)]
        if odd or (self.relation == "affine" and len(numbers) < 2):
            seen = f"{odd[0]!r} is no number" if odd else "no part has a value"
            raise PerfkitError(f"the explanation of {self.label or self.code!r} does not compose: {seen}")
        mine, *theirs = (as_fraction(number) for number in numbers)
        if self.relation == "affine":
            composed = Fraction(self.params["slope"]) * theirs[0] + Fraction(self.params["intercept"])
            close = abs(composed - mine) <= Fraction(1, 10**9) * max(abs(mine), Fraction(1))
        else:
            combine = _product if self.relation == "product" else _sum
            composed = combine(theirs)
            close = composed == mine
        if not close:
            raise PerfkitError(
                f"the explanation of {self.label or self.code!r} does not compose: its parts give "
                f"{decimal_text(composed)} and the number is {decimal_text(mine)}"
            )

    def text(self, catalogue: Mapping[str, str] = ENGLISH) -> str:
        """The tree as text, one line a part, the values in one column.

        Args:
            catalogue: a phrase for each code, with parameters in braces.
        """
        return table(list(self._lines(catalogue, "", "")), left=(0,))

    __str__ = text

    def __repr__(self) -> str:
        return f"<Explanation of {self.label or self.code!r}: {value_text(self.value)}, {len(self.parts)} parts>"

    def to_dict(self) -> dict[str, Any]:
        """The tree as plain data, ready for JSON: exact fractions also as text, money with its currency."""
        return {
            "code": self.code,
            "label": self.label,
            "unit": self.unit,
            "value": _plain(self.value),
            "params": {name: _plain(value) for name, value in self.params.items()},
            "relation": self.relation,
            "parts": [part.to_dict() for part in self.parts],
        }

    def _repr_html_(self) -> str:
        return f"<div style='font-family:ui-monospace,monospace;line-height:1.5'>{self._html(ENGLISH, True)}</div>"

    def _html(self, catalogue: Mapping[str, str], is_open: bool) -> str:
        head = f"{escape(self.phrase(catalogue))} <b style='float:right;padding-left:2em'>{escape(self._shown())}</b>"
        if not self.parts:
            return f"<div style='padding-left:1em'>{head}</div>"
        inner = "".join(part._html(catalogue, False) for part in self.parts)
        state = " open" if is_open else ""
        return f"<details{state} style='padding-left:1em'><summary>{head}</summary>{inner}</details>"

    def phrase(self, catalogue: Mapping[str, str] = ENGLISH) -> str:
        """This step in words, by its code; the code itself where the catalogue has none."""
        label, template = one_line(self.label or self.code), catalogue.get(self.code)
        if template is None:
            return label
        shown = {name: value_text(value) for name, value in self.params.items()}
        # A thing without a unit leaves no gap before the comma.
        return template.format_map(_Shown(shown | {"label": label})).replace(" ,", ",")

    def _shown(self) -> str:
        return value_text(self.value) + (f" {self.unit}" if self.unit and self.value is not None else "")

    def _lines(self, catalogue: Mapping[str, str], lead: str, stem: str) -> Iterator[tuple[str, str]]:
        yield lead + self.phrase(catalogue), self._shown()
        parts = self.parts
        if len(parts) == 1 and parts[0].code in ("section", "component") and parts[0].label == self.label:
            # The line above has named the section and its value.
            parts = parts[0].parts
        for position, part in enumerate(parts):
            last = position == len(parts) - 1
            yield from part._lines(catalogue, stem + ("└─ " if last else "├─ "), stem + ("   " if last else "│  "))


def _sum(numbers: Iterable[Fraction]) -> Fraction:
    return sum(numbers, Fraction(0))


def _product(numbers: Iterable[Fraction]) -> Fraction:
    whole = Fraction(1)
    for number in numbers:
        whole *= number
    return whole


class _Shown(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "{" + name + "}"


class Recorder:
    """Collects the explanation of one row while that row is calculated.

    A rule is given a recorder and adds parts to it. It is true, where the :class:`Silence` of the batch path is
    false, so that a rule can leave out what would only be thrown away. Values are those of the single row.
    """

    def __init__(self, code: str = "line", label: str = "") -> None:
        self._node = Explanation(code, label=label)
        self._parts: list[Recorder] = []

    def __bool__(self) -> bool:
        return True

    @property
    def relation(self) -> Relation:
        """How the parts so far give the value."""
        return self._node.relation

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
        node = self._node
        self._node = evolve(
            node,
            code=code or node.code,
            value=node.value if value is None else value,
            unit=unit or node.unit,
            relation=relation or node.relation,
            params={**node.params, **params},
        )

    def wrap(self, code: str, value: Any, *, unit: str = "") -> None:
        """Put the parts so far under one new part, which takes over their relation."""
        inner = Recorder(code)
        inner._parts, self._parts = self._parts, [inner]
        inner.says(value=value, unit=unit, relation=self._node.relation)

    def drop_parts(self) -> None:
        """Forget the parts so far."""
        self._parts = []

    def exact_part(self) -> Fraction:
        """The value of the last part, as an exact number."""
        return as_fraction(self._parts[-1]._node.value)

    def explanation(self) -> Explanation:
        """What was recorded."""
        return evolve(self._node, parts=tuple(part.explanation() for part in self._parts))


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


def as_fraction(value: Any) -> Fraction:
    """A value of an explanation as the exact number it stands for; money in major units."""
    if isinstance(value, Money):
        return value.exact
    if isinstance(value, float):
        return Fraction(str(value))
    return Fraction(value)


def _is_number(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, (int, Fraction, Decimal, Money, np.integer, np.floating))


def value_text(value: Any) -> str:
    """A value for people."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float, Fraction)):
        return decimal_text(Fraction(value) if isinstance(value, int) else value)
    if isinstance(value, (list, tuple)):
        return ", ".join(value_text(item) for item in value)
    return str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency, "amount": str(value.amount)}
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
