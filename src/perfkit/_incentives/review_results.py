"""What comes of a salary review: raises with their reasons and explanations, and the proof of the budget."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve

from perfkit._core import integers
from perfkit._core.columns import BoolColumn, Rows
from perfkit._core.grid import publish
from perfkit._core.integers import IntColumn
from perfkit._core.numbers import plain
from perfkit._core.ratios import Ratios
from perfkit._incentives.bands import position_of
from perfkit._incentives.cohort import rows_of
from perfkit._incentives.cuts import UNLIMITED, Cuts
from perfkit._incentives.factors import fitting, money_or_number, read_amount
from perfkit._incentives.guidelines import Guideline
from perfkit._incentives.outcomes import Outcomes, Reasons, named
from perfkit._incentives.review_terms import Terms, guided, money_of, share_of_time, terms
from perfkit._incentives.slices import FundSlice
from perfkit.explain import Explanation, Recorder
from perfkit.money import minor_per_major

if TYPE_CHECKING:
    from perfkit._incentives.reviews import FittedReview, SalaryReview


def outcomes_of(fitted: FittedReview, rows: Rows) -> Outcomes:
    """The raises of rows, with their reasons."""
    review, currency = fitted.review, fitted.review.currency
    given = terms(review, rows)
    minor, _ = fitted._minor(rows, given)
    base = _base(fitted, given, minor)
    lump = minor - base
    after = fitting(integers.add(given.salary, base), currency)
    amounts = {"salary_before": given.salary, "salary_after": after, "raise": base, "lump_sum": lump}
    facts: dict[str, Any] = {"rate": _floats(Ratios(base, 1).over(Ratios(given.salary, 1)))}
    if given.ranges is not None:
        for name, column in (("before", given.salary), ("after", after)):
            facts[f"compa_ratio_{name}"] = _floats(position_of(column, given.ranges, "compa_ratio"))
            facts[f"range_penetration_{name}"] = _floats(position_of(column, given.ranges, "range_penetration"))
            below, above = column < given.ranges.minimum, column > given.ranges.maximum
            facts[f"range_{name}"] = named(["within", "below", "above"], below + 2 * above)
    codes = named(["none", "lump_sum", "raised"], np.where(base > 0, 2, np.where(lump > 0, 1, 0)))

    return Outcomes(
        review.name,
        codes,
        currency=currency,
        minor=minor,
        reasons=_reasons(fitted, rows, given, lump),
        amounts=amounts,
        facts=facts,
        explain=partial(_explain_row, fitted, rows),
    )


def _base(fitted: FittedReview, given: Terms, minor: IntColumn) -> IntColumn:
    """The part of each raise that is added to the salary."""
    if fitted.review.above_range != "lump_sum" or given.ranges is None:
        return minor
    room: IntColumn = np.maximum(given.ranges.maximum - given.salary, 0)
    return np.minimum(minor, room)


def missing_on(review: SalaryReview) -> str:
    """What a row without a guideline misses."""
    return review.guide.on if isinstance(review.guide, Guideline) else str(review.guide)


def _floats(values: Ratios) -> Any:
    below = values.denominator
    return publish(values.numerator.astype(np.float64) / np.asarray(below).astype(np.float64))


def _reasons(fitted: FittedReview, rows: Rows, given: Terms, lump: IntColumn) -> list[Reasons]:
    review = fitted.review
    takes = given.eligible & given.rated
    which, cuts = fitted._cuts_of(rows)
    _, lifted, cut = Cuts(cuts, which).shares(given.weights, given.floors, given.caps, fitted._keys(rows))
    reasons = [
        Reasons("blocked", "not_eligible", ~given.eligible, {"on": review.eligible}),
        Reasons("blocked", "not_rated", given.eligible & ~given.rated, {"on": missing_on(review)}),
        Reasons("blocked", "no_time", takes & np.asarray(given.share.numerator == 0, dtype=np.bool_)),
    ]
    for code, limit in given.floored_by:
        hits = takes & lifted & ~given.squeezed & (limit == given.floors * review.step)
        reasons.append(Reasons("clipped", code, hits, amounts={"limit": limit}))
    most = np.where(given.caps < UNLIMITED, given.caps, 0) * review.step
    for code, limit in given.capped_by:
        hits = takes & (cut | given.squeezed) & (limit == most)
        reasons.append(Reasons("clipped", code, hits, amounts={"limit": most}))
    if given.ranges is not None:
        limits = {"limit": given.ranges.maximum, "lump_sum": lump}
        reasons.append(Reasons("clipped", "red_circle", lump > 0, amounts=limits))
        low_paid: BoolColumn = given.salary < given.ranges.minimum
        reasons.append(Reasons("noted", "below_range", low_paid, amounts={"limit": given.ranges.minimum}))
    factors = fitted.factors()
    low = np.array([factor < 1 for factor in factors], dtype=np.bool_)[which]
    scaled = takes & low & ~lifted & ~cut & ~given.squeezed & np.asarray(given.weights.numerator > 0, dtype=np.bool_)
    shown = named([plain(factor) for factor in factors], which)
    return [*reasons, Reasons("unfunded", "scaled_to_budget", scaled, {"factor": shown})]


def _explain_row(fitted: FittedReview, rows: Rows, row: int) -> Explanation:
    return _explain(fitted, rows[row : row + 1])


def _explain(fitted: FittedReview, rows: Rows) -> Explanation:
    review, currency = fitted.review, fitted.review.currency
    scale = minor_per_major(currency)
    given = terms(review, rows)
    minor, which = fitted._minor(rows, given)
    outcome, before = int(minor[0]), int(given.salary[0])
    base = int(_base(fitted, given, minor)[0])
    record = Recorder("raise", review.name)
    after = money_of(review, before + base)
    record.says(value=money_of(review, outcome), relation="sum", before=money_of(review, before), after=after)
    if base != outcome:
        record.says("raise_with_lump", lump=money_of(review, outcome - base))
    if not (given.eligible[0] and given.rated[0]):
        on = missing_on(review) if given.eligible[0] else review.eligible
        record.leaf("not_rated" if given.eligible[0] else "not_eligible", money_of(review, 0), on=on)
        return record.explanation()
    factor = fitted.factors()[int(which[0])]
    wanted = given.weights.fraction(0) * factor
    _record_guideline(fitted, rows, given, wanted, factor, record)
    unit = Fraction(review.step, scale)
    floor, cap = int(given.floors[0]) * unit, int(given.caps[0]) * unit
    held = max(wanted, floor) if given.caps[0] >= UNLIMITED else min(max(wanted, floor), cap)
    if held != wanted or given.squeezed[0]:
        limits = given.floored_by if wanted < floor and not given.squeezed[0] else given.capped_by
        code = next(code for code, limit in limits if Fraction(int(limit[0]), scale) == held)
        record.leaf(code, held - wanted, unit=currency, limit=money_or_number(held, currency))
    rounding = Fraction(outcome, scale) - held
    if rounding:
        code = "budget_rounding" if fitted.slices else "rounding"
        record.leaf(code, rounding, unit=currency, mode="half_up", to=money_of(review, review.step))
    return record.explanation()


def _record_guideline(
    fitted: FittedReview, rows: Rows, given: Terms, wanted: Fraction, factor: Fraction, record: Recorder
) -> None:
    """The salary times the rate, and the amount besides; times the share of the time; times the factor."""
    review, currency = fitted.review, fitted.review.currency
    line = record.part("guideline", label="guideline")
    line.says(value=wanted, unit=currency, relation="product")
    rated = line
    if review.amount != 0:
        both = line.part("guideline", label="rate and amount")
        rated = both.part("guideline", label="rate")
        by_rate = Fraction(int(given.salary[0]), minor_per_major(currency)) * given.guide.rate.fraction(0)
        rated.says(value=by_rate, unit=currency, relation="product")
        read_amount(review.amount, rows, currency, both, "base")
        both.says(value=by_rate + given.flat.fraction(0), unit=currency, relation="sum")
    rated.leaf("base", money_of(review, int(given.salary[0])), label=review.salary)
    guided(review, rows, given.salary, given.ranges, given.rated, rated)
    if review.prorate is not None:
        share_of_time(review, rows, line)
    if fitted.slices:
        line.leaf("budget_scale", factor)


def explain_budget(fitted: FittedReview, rows: Rows) -> Explanation:
    """The budget as the sum of what it went into."""
    given = terms(fitted.review, rows)
    minor, which = fitted._minor(rows, given)
    parts = [
        _explain_slice(fitted, part, given, minor, mine)
        for part, mine in zip(fitted.slices, rows_of(which, len(fitted.slices)), strict=True)
    ]
    if len(parts) == 1 and not parts[0].label:
        return evolve(parts[0], label=fitted.review.name)
    return Explanation("budget", fitted.budget, label=fitted.review.name, relation="sum", parts=tuple(parts))


def _explain_slice(
    fitted: FittedReview, part: FundSlice, given: Terms, minor: IntColumn, mine: IntColumn
) -> Explanation:
    review, scale = fitted.review, minor_per_major(fitted.review.currency)
    currency = review.currency
    unit = Fraction(review.step, scale)
    factor = fitted.factor(*part.group)
    full = Fraction(integers.total(given.weights.numerator[mine]), int(given.weights.denominator))
    floors, caps = given.floors[mine], given.caps[mine]
    weights = Ratios(given.weights.numerator[mine], given.weights.denominator)
    above, below = part.cut.value.numerator, part.cut.value.denominator * int(weights.denominator)
    raised = integers.compare_products(weights.numerator, above, floors, below) < 0
    capped = integers.compare_products(weights.numerator, above, caps, below) > 0

    def held(where: BoolColumn, limit: IntColumn) -> Fraction:
        scaled = Fraction(integers.total(weights.numerator[where]), int(weights.denominator)) * factor
        return integers.total(limit[where]) * unit - scaled

    lifted, cut = held(raised, floors), held(capped, caps)
    cost = Fraction(integers.total(minor[mine]), scale)
    lines = [
        Explanation("guidelines", full, unit=currency, params={"people": int(np.count_nonzero(weights.numerator))}),
        Explanation("budget_factor", full * (factor - 1), unit=currency, params={"factor": factor}),
        Explanation("budget_floors", lifted, unit=currency, params={"people": int(np.count_nonzero(raised))}),
        Explanation("budget_caps", cut, unit=currency, params={"people": int(np.count_nonzero(capped))}),
        Explanation("budget_rounding", cost - full * factor - lifted - cut, unit=currency),
    ]
    spent = Explanation(
        "budget_cost", money_or_number(cost, currency), relation="sum", parts=[line for line in lines if line.value]
    )
    rest = [
        Explanation("budget_left", money_of(review, amount), params={"reason": reason}) for reason, amount in part.left
    ]
    label = part.group[0] if part.group else ""
    return Explanation("budget", money_of(review, part.minor), label=label, relation="sum", parts=[spent, *rest])
