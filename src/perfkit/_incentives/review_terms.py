"""What the raises of a salary review are made of, row by row: salary, range, guideline, floor and cap."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from perfkit._core.columns import BoolColumn, Need, Rows
from perfkit._core.integers import IntColumn
from perfkit._core.ratios import Ratios
from perfkit._incentives.bands import Ranges, position_of
from perfkit._incentives.cohort import check_one_currency
from perfkit._incentives.cuts import UNLIMITED, Cut, one_denominator
from perfkit._incentives.factors import amount_needs, factor_needs, fitting, read_amount, read_factor
from perfkit._incentives.guidelines import Guide, Guideline, unlimited
from perfkit._incentives.steps import Cap, Floor, limit_needs, read_limit
from perfkit.explain import SILENT, AnyRecorder
from perfkit.money import Money, minor_per_major

if TYPE_CHECKING:
    from perfkit._incentives.reviews import SalaryReview

# After every key: a cut that changes nothing rounds each guideline half up.
_LAST = "\U0010ffff"
# What a row has where a limit does not hold for it, in minor units.
NO_LIMIT = -1


def money_of(review: SalaryReview, minor: int) -> Money:
    """An amount of a review."""
    return Money.from_minor(minor, review.currency)


def as_guided(review: SalaryReview) -> Cut:
    """The cut that leaves every guideline as it is, rounded half up."""
    return Cut(Fraction(minor_per_major(review.currency), review.step), Fraction(1, 2), _LAST)


class Terms(NamedTuple):
    """What a raise is made of besides the budget, for each row; floors and caps in units.

    ``floored_by`` and ``capped_by`` say in minor units what each of them comes from, by its code; ``squeezed`` is a row
    whose floor would be above its cap.
    """

    salary: IntColumn
    ranges: Ranges | None
    guide: Guide
    share: Ratios
    flat: Ratios
    weights: Ratios
    floors: IntColumn
    caps: IntColumn
    squeezed: BoolColumn
    eligible: BoolColumn
    rated: BoolColumn
    floored_by: tuple[tuple[str, IntColumn], ...]
    capped_by: tuple[tuple[str, IntColumn], ...]


def terms(review: SalaryReview, rows: Rows) -> Terms:
    """What the raise of each row is made of besides the budget."""
    _refuse_gaps(review, rows)
    check_one_currency(rows, [need for need in review.needs() if need.kind == "money"], review.currency)
    salary = rows.money(review.salary)
    rows.require(salary > 0, review.salary, "must be positive", "leave out who has no salary")
    ranges = None if review.structure is None else review.structure.ranges(rows, review.currency)
    eligible = np.ones(rows.n, dtype=np.bool_) if review.eligible is None else rows.flag(review.eligible)
    rated = _rated(review, rows)
    takes = eligible & rated
    guide = guided(review, rows, salary, ranges, rated, SILENT)
    share = share_of_time(review, rows, SILENT)
    flat = read_amount(review.amount, rows, review.currency, SILENT, "amount")
    if isinstance(review.amount, str):
        good = np.asarray(flat.numerator >= 0, dtype=np.bool_)
        rows.require(good, review.amount, "must not be negative", "a raise never lowers a salary")
    pay = Ratios(salary, minor_per_major(review.currency))
    weights = one_denominator(pay.times(guide.rate).plus(flat).times(share))
    weights = Ratios(weights.numerator * takes, weights.denominator)
    weighty = np.asarray(weights.numerator > 0, dtype=np.bool_)

    floored_by: list[tuple[str, IntColumn]] = []
    if guide.limited.any():
        lowest = pay.times(guide.low).plus(flat).times(share)
        floored_by.append(("cell_minimum", _units(review, lowest, "ceiling") * (guide.limited & takes)))
    if review.minimum_raise is not None:
        lowest = _limit(review.minimum_raise, review, rows).times(share)
        floored_by.append(("minimum_raise", _units(review, lowest, "ceiling") * weighty))
    if review.to_minimum and ranges is not None:
        short = np.maximum(ranges.minimum - salary, 0)
        floored_by.append(("range_minimum", -(-short // review.step) * takes))
    floors = np.zeros(rows.n, dtype=np.int64)
    for _, least in floored_by:
        floors = np.maximum(floors, least)

    capped_by: list[tuple[str, IntColumn]] = []
    if guide.limited.any():
        highest = pay.times(guide.high).plus(flat).times(share)
        capped_by.append(("cell_maximum", np.where(guide.limited, _units(review, highest, "floor"), UNLIMITED)))
    if review.maximum_raise is not None:
        highest = _limit(review.maximum_raise, review, rows).times(share)
        capped_by.append(("maximum_raise", _units(review, highest, "floor")))
    if review.above_range == "hold" and ranges is not None:
        capped_by.append(("range_maximum", np.maximum(ranges.maximum - salary, 0) // review.step))
    caps = np.full(rows.n, UNLIMITED, dtype=np.int64)
    for _, most in capped_by:
        caps = np.minimum(caps, most)
    caps = np.where(takes, caps, 0)
    # A limit that keeps a raise down is stronger than one that lifts it.
    squeezed = floors > caps
    floors = np.minimum(floors, caps)
    return Terms(
        salary,
        ranges,
        guide,
        share,
        flat,
        weights,
        floors,
        caps,
        squeezed,
        eligible,
        rated,
        tuple((code, least * review.step) for code, least in floored_by),
        tuple((code, _known(most) * review.step + np.where(most < UNLIMITED, 0, NO_LIMIT)) for code, most in capped_by),
    )


def _refuse_gaps(review: SalaryReview, rows: Rows) -> None:
    """Values that a raise cannot do without; a day that is not there says that nobody came or left."""
    guide = review.guide.needs() if isinstance(review.guide, Guideline) else factor_needs(review.guide)
    if review.missing == "refuse":
        for need in guide:
            cure = "fill it, leave these rows out, or say missing='blocked' in the review"
            rows.require(~rows.is_missing(need.name), need.name, "must not be missing", cure)
    needs = [Need(review.salary, "money"), *amount_needs(review.amount)]
    needs += [] if review.structure is None else review.structure.needs()
    for limit in (review.minimum_raise, review.maximum_raise):
        needs += [] if limit is None else limit_needs(limit.limit, limit.of)
    for need in needs:
        rows.require(~rows.is_missing(need.name), need.name, "must not be missing", "fill it or leave these rows out")


def _known(units: IntColumn) -> IntColumn:
    """Units, nothing where there is no limit."""
    return np.where(units < UNLIMITED, units, 0)


def _rated(review: SalaryReview, rows: Rows) -> BoolColumn:
    if review.missing == "refuse":
        return np.ones(rows.n, dtype=np.bool_)
    needs = review.guide.needs() if isinstance(review.guide, Guideline) else factor_needs(review.guide)
    absent = [rows.is_missing(need.name) for need in needs]
    return ~np.any(absent, axis=0) if absent else np.ones(rows.n, dtype=np.bool_)


def guided(
    review: SalaryReview, rows: Rows, salary: IntColumn, ranges: Ranges | None, rated: BoolColumn, record: AnyRecorder
) -> Guide:
    """The guideline of each row; nothing where there is no rating."""
    places = np.flatnonzero(rated)
    everybody = len(places) == rows.n
    some = rows if everybody else rows[places]
    if isinstance(review.guide, Guideline):
        position = None
        if ranges is not None and review.guide.reads_position:
            position = _picked(position_of(salary, ranges, review.guide.position), places)
        guide = review.guide.guide(some, position, record)
    else:
        guide = unlimited(read_factor(review.guide, some, record, "rate"))
    good = np.asarray(guide.rate.numerator >= 0, dtype=np.bool_)
    name = review.guide if isinstance(review.guide, str) else review.salary
    some.require(good, name, "must give a rate that is not negative", "a raise never lowers a salary")
    if everybody:
        return guide
    limited = np.zeros(rows.n, dtype=np.bool_)
    limited[places] = guide.limited
    return Guide(_spread(guide.rate, rated), _spread(guide.low, rated), _spread(guide.high, rated), limited)


def share_of_time(review: SalaryReview, rows: Rows, record: AnyRecorder) -> Ratios:
    """The share of a full raise."""
    if review.prorate is None:
        return Ratios.constant(Fraction(1), rows.n)
    share = read_factor(review.prorate, rows, record, "share")
    name = review.prorate if isinstance(review.prorate, str) else getattr(review.prorate, "on", review.name)
    good = np.asarray((share.numerator >= 0) & (share.numerator <= share.denominator), dtype=np.bool_)
    rows.require(good, str(name), "must give a share between 0 and 1", "check prorate=")
    return share


def _picked(values: Ratios, rows: IntColumn) -> Ratios:
    """Some of the rows."""
    below = values.denominator if isinstance(values.denominator, int) else values.denominator[rows]
    return Ratios(values.numerator[rows], below)


def _spread(values: Ratios, where: BoolColumn) -> Ratios:
    """Values of some rows as those of all, nothing in the others."""
    some = one_denominator(values)
    wide = np.zeros(len(where), dtype=some.numerator.dtype)
    wide[where] = some.numerator
    return Ratios(wide, some.denominator)


def _limit(limit: Floor | Cap, review: SalaryReview, rows: Rows) -> Ratios:
    """A limit of each row in major units."""
    minor = read_limit(limit.limit, limit.of, rows, review.currency, limit.rounding)
    rows.require(minor >= 0, str(limit.of or limit.limit), "must give a limit that is not negative", "check it")
    return Ratios(minor, minor_per_major(review.currency))


def _units(review: SalaryReview, amounts: Ratios, mode: Literal["ceiling", "floor"]) -> IntColumn:
    unit = Fraction(review.step, minor_per_major(review.currency))
    return fitting(amounts.rounded(unit, mode), review.currency)
