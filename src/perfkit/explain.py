"""Explanation: why a number is what it is, as a tree whose parts give the number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Literal

from attrs import field, frozen

from perfkit._core.numbers import decimal_text
from perfkit._explain import difference, folding, german, redaction, rendering, storage
from perfkit._explain.catalogue import Catalogue, as_catalogue
from perfkit._explain.values import as_fraction, is_number, together
from perfkit._explain.waterfall import waterfall
from perfkit.errors import PerfkitError

__all__ = [
    "ENGLISH",
    "GERMAN",
    "SILENT",
    "AnyRecorder",
    "Catalogue",
    "Explanation",
    "Recorder",
    "Relation",
    "Silence",
    "as_fraction",
    "value_text",
]

Relation = Literal["sum", "product", "affine", "from"]

# Each code in English; the parameters stand in braces. A new code has its phrase here and in _explain/german.py.
ENGLISH = Catalogue(
    {
        "folded": "... {count} more",
        "redacted": "not shown",
        "redacted_parts": "{count} parts not shown",
        "changed": "{what}: {before} to {after}",
        "changed_by": "by {what}: {before} to {after}",
        "changed_share": "by its share: {before} to {after}",
        "new": "new: {said}",
        "gone": "gone: {said}",
        "was": "before: {said}",
        "is": "after: {said}",
        "before": "before",
        "after": "after",
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
        "goal_stretch": "{start} to {end}: {days} of {of} days",
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
        odd = [number for number in numbers if not is_number(number)]
        if odd or (self.relation == "affine" and len(numbers) < 2):
            seen = f"{odd[0]!r} is no number" if odd else "no part has a value"
            raise PerfkitError(f"the explanation of {self.label or self.code!r} does not compose: {seen}")
        mine, *theirs = (as_fraction(number) for number in numbers)
        if self.relation == "affine":
            composed = Fraction(self.params["slope"]) * theirs[0] + Fraction(self.params["intercept"])
            close = abs(composed - mine) <= Fraction(1, 10**9) * max(abs(mine), Fraction(1))
        else:
            # No part at all is a sum of 0, and a product of 1.
            composed = together(self.relation, theirs or [self.relation == "product"])
            close = composed == mine
        if not close:
            raise PerfkitError(
                f"the explanation of {self.label or self.code!r} does not compose: its parts give "
                f"{decimal_text(composed)} and the number is {decimal_text(mine)}"
            )

    # For people.

    def text(self, catalogue: Mapping[str, str] = ENGLISH, *, depth: int | None = None, rows: int | None = None) -> str:
        """The tree as text, one line a part, the values in one column.

        Args:
            catalogue: the language: ``ENGLISH``, ``GERMAN``, a :class:`~perfkit.explain.Catalogue` of your own, or a
                mapping from code to phrase, with parameters in braces.
            depth: how many levels of parts to show; all when not given.
            rows: how many lines to show at most; all when not given.
        """
        return rendering.text(self.folded(depth=depth, rows=rows), as_catalogue(catalogue, ENGLISH))

    def __str__(self) -> str:
        return self.text()

    def markdown(
        self, catalogue: Mapping[str, str] = ENGLISH, *, depth: int | None = None, rows: int | None = None
    ) -> str:
        r"""The tree as nested bullets of Markdown, the values in bold; arguments as of :meth:`text`.

        Example:
            >>> print(Explanation("base", Fraction(5, 2), label="net_pay").markdown())
            - net\_pay: **2.5**
        """
        return rendering.markdown(self.folded(depth=depth, rows=rows), as_catalogue(catalogue, ENGLISH))

    def html(self, catalogue: Mapping[str, str] = ENGLISH, *, depth: int | None = None, rows: int = 1_000) -> str:
        """The tree as HTML: a waterfall where parts add up, and lines that fold; arguments as of :meth:`text`.

        It needs no script and no style sheet, and takes the colour of the text around it, on a light or a dark page.
        """
        return rendering.html(self.folded(depth=depth, rows=rows), as_catalogue(catalogue, ENGLISH))

    def waterfall(self, catalogue: Mapping[str, str] = ENGLISH) -> str:
        """The parts of the first sum, from the top, as bars that lead to the whole: SVG; empty where no parts add up.

        A step up is filled and a step down is hatched. Of more than 16 parts the largest are drawn, the others as one.
        """
        return waterfall(self, as_catalogue(catalogue, ENGLISH))

    def _repr_html_(self) -> str:
        return self.html()

    def __repr__(self) -> str:
        return f"<Explanation of {self.label or self.code!r}: {value_text(self.value)}, {len(self.parts)} parts>"

    def phrase(self, catalogue: Mapping[str, str] = ENGLISH) -> str:
        """This step in words, by its code; its label or the code itself where the catalogue has none."""
        return rendering.phrase(self, as_catalogue(catalogue, ENGLISH))

    def to_dict(self) -> dict[str, Any]:
        """The tree as plain data, ready for JSON: exact fractions also as text, money with its currency."""
        return storage.stored(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Explanation:
        """The explanation that plain data describe, possibly through JSON.

        It composes, reads and is stored as the one that it was stored from. A number comes back as the shortest one
        that is the same, so that 2/5 comes back as 0.4, and text that reads as a date, such as 2026-01-31, as a date.

        Raises:
            DefinitionError: for what no explanation is stored as, with its path.

        Example:
            >>> Explanation.from_dict({"code": "base", "label": "salary", "value": 5})
            <Explanation of 'salary': 5, 0 parts>
        """
        return storage.revived(cls, data)

    # Explanations from explanations.

    def folded(self, *, depth: int | None = None, rows: int | None = None) -> Explanation:
        """A shorter explanation, in which a line counts what is left out.

        Level by level all parts are shown while there are lines for them. Where only some parts of a sum or a product
        are left out, their line holds what they come to, so that what is shown still gives the number.

        Args:
            depth: how many levels of parts to show; all when not given.
            rows: how many lines to show at most, at least 2; all when not given.

        Example:
            >>> parts = [Explanation("line", n, label=f"line {n}") for n in range(1, 101)]
            >>> print(Explanation("pay", 5050, label="pay", relation="sum", parts=parts).folded(rows=4))
            pay             5,050
            ├─ line 1           1
            ├─ line 2           2
            └─ ... 98 more  5,047
        """
        return self if depth is None and rows is None else folding.folded(self, depth, rows)

    def difference(self, after: Explanation) -> Explanation:
        """What changed from this explanation to a later one, as an explanation of the change.

        Its parts are what is new, gone and changed; what stayed is left out. In a sum they add up to the change
        exactly. The change of a product is shared out by factor, and that of a weighted part by the part and by its
        share: the mean over every order in which they may change. Where parts only name what was read, both versions
        are shown.

        Source: Das Gupta (1993), "Standardization and decomposition of rates".

        Args:
            after: the later explanation.

        Raises:
            PerfkitError: if one of the two does not compose.

        Example:
            >>> before = Explanation("pay", 12, label="pay", relation="product",
            ...                      parts=[Explanation("base", 6, label="base"), Explanation("rate", 2, label="rate")])
            >>> after = Explanation("pay", 24, label="pay", relation="product",
            ...                     parts=[Explanation("base", 8, label="base"), Explanation("rate", 3, label="rate")])
            >>> print(before.difference(after))
            pay: 12 to 24              12
            ├─ by base: 6 to 8          5
            └─ by rate (rate): 2 to 3   7
        """
        return difference.difference(self, after)

    def redacted(
        self,
        *,
        labels: str | Iterable[str] = (),
        codes: str | Iterable[str] = (),
        params: str | Iterable[str] = (),
        names: str | Iterable[str] = (),
        where: Callable[[Explanation], bool] | None = None,
        merge: bool = False,
    ) -> Explanation:
        """The explanation for somebody who is not to see all of it; whatever is hidden leaves a visible mark.

        A hidden part says that it is not shown and has no parts, label or parameters. Where parts give a value it keeps
        its own, so that they still do; where parts only name what was read, it has none. Whoever sees a sum and all of
        its parts but one can work that one out, so hide several with ``merge``, or the whole.

        Args:
            labels: the labels of parts to hide.
            codes: the codes of parts to hide.
            params: the names of parameters to hide, wherever they are.
            names: texts to black out in labels, parameters and values, such as other people's names, as whole words.
            where: a function that says of a part whether to hide it.
            merge: whether hidden parts of one sum or product become one part with what they come to; other hidden parts
                keep no value then.

        Raises:
            DefinitionError: for an empty text.

        Example:
            >>> pool = Explanation("pay", 30, label="bonus", relation="product",
            ...     parts=[Explanation("base", 3, label="points"), Explanation("line", 10, label="worth of a point")])
            >>> print(pool.redacted(labels="worth of a point"))
            bonus         30
            ├─ points      3
            └─ not shown  10
        """
        return redaction.Redaction.of(labels, codes, params, names, where, merge).apply(self)


class Recorder:
    """Collects the explanation of one row while that row is calculated.

    A rule is given a recorder and adds parts to it. It is true, where the :class:`Silence` of the batch path is
    false, so that a rule can leave out what would only be thrown away. Values are those of the single row.
    """

    __slots__ = ("_code", "_label", "_params", "_parts", "_relation", "_unit", "_value")

    def __init__(self, code: str = "line", label: str = "") -> None:
        self._code, self._label, self._unit = code, label, ""
        self._value: Any = None
        self._params: dict[str, Any] = {}
        self._relation: Relation = "from"
        self._parts: list[Recorder] = []

    def __bool__(self) -> bool:
        return True

    @property
    def relation(self) -> Relation:
        """How the parts so far give the value."""
        return self._relation

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
        self._code = code or self._code
        self._value = self._value if value is None else value
        self._unit = unit or self._unit
        self._relation = relation or self._relation
        self._params.update(params)

    def wrap(self, code: str, value: Any, *, unit: str = "") -> None:
        """Put the parts so far under one new part, which takes over their relation."""
        inner = Recorder(code)
        inner._parts, self._parts = self._parts, [inner]
        inner.says(value=value, unit=unit, relation=self._relation)

    def drop_parts(self) -> None:
        """Forget the parts so far."""
        self._parts = []

    def exact_part(self) -> Fraction:
        """The value of the last part, as an exact number."""
        return as_fraction(self._parts[-1]._value)

    def explanation(self) -> Explanation:
        """What was recorded."""
        return Explanation(
            self._code,
            self._value,
            label=self._label,
            unit=self._unit,
            params=self._params,
            relation=self._relation,
            parts=[part.explanation() for part in self._parts],
        )


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


def value_text(value: Any) -> str:
    """A value for people."""
    return ENGLISH.value(value)


GERMAN = Catalogue(
    german.PHRASES,
    "de",
    words=german.WORDS,
    names=german.NAMES,
    decimal=",",
    thousands=".",
    day="{day:02}.{month:02}.{year:04}",
    fallback=ENGLISH,
)
