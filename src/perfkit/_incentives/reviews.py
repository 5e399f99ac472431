"""A salary review: merit, general and cost-of-living raises, within a budget to the cent."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from attrs import field, frozen

from perfkit._core import integers
from perfkit._core.blocks import told_apart
from perfkit._core.checks import instance, one_of, optional_text, text
from perfkit._core.columns import Need, Rows, read_row, read_rows
from perfkit._core.integers import IntColumn
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact, plain
from perfkit._core.ratios import Ratios
from perfkit._incentives.bands import SalaryRange, SalaryStructure
from perfkit._incentives.cohort import check_keys, group_names, key_text, members_of, rows_of
from perfkit._incentives.cuts import Cut, Cuts, Keys, find_cut
from perfkit._incentives.factors import (
    AnyFactor,
    amount_needs,
    as_amount,
    as_factor,
    as_optional_factor,
    factor_needs,
    fitting,
)
from perfkit._incentives.guidelines import Guideline
from perfkit._incentives.outcomes import Outcome, Outcomes
from perfkit._incentives.review_results import explain_budget, outcomes_of
from perfkit._incentives.review_terms import Terms, as_guided, money_of, terms
from perfkit._incentives.slices import FundSlice, Remainder, as_slices
from perfkit._incentives.steps import Cap, Floor, limit_needs
from perfkit.errors import SHOWN, DataError, DefinitionError
from perfkit.explain import Explanation
from perfkit.money import Money, minor_per_major
from perfkit.typing import Progress


def _guide(guide: Any) -> Any:
    return guide if isinstance(guide, Guideline) else as_factor(guide)


def _floor(value: Any) -> Floor | None:
    return value if value is None or isinstance(value, Floor) else Floor(value)


def _cap(value: Any) -> Cap | None:
    return value if value is None or isinstance(value, Cap) else Cap(value)


def _unit(value: Number | None) -> Fraction | None:
    if value is None:
        return None
    unit = exact(value, what="unit", path="unit")
    if unit <= 0:
        raise DefinitionError(f"unit must be positive, such as 1, 10 or 100 (got {plain(unit)})", path="unit")
    return unit


@frozen
class SalaryReview:
    """What every salary is raised by: a guideline for each row, within limits, and within a budget where it is fitted.

    The guideline is a :class:`MeritMatrix`, or one rate for all in a general or cost-of-living increase, or a column or
    table of rates, and an amount besides where there is one. Without :meth:`fit` each raise is what the guideline says;
    a fitted review scales the guidelines by one factor, so that the raises add up to the budget.

    Args:
        guide: the matrix, or a rate: a number, a column, or a factor such as :class:`RateTable`.
        amount: an amount besides: in major units, or a column of money.
        key: the column that says who a row is; it breaks ties of rounding.
        salary: the column of salaries, money.
        structure: the ranges of salaries: a :class:`SalaryStructure` or a :class:`SalaryRange`.
        prorate: the share of a full raise, 0 to 1, such as :class:`ShareOfPeriod`; guideline, floor and cap are
            multiplied by it.
        minimum_raise: what everybody with a guideline above nothing gets at least: an amount, a column of money, or
            ``Floor(0.01, of="salary")``.
        maximum_raise: at most this: an amount, a column of money, or ``Cap(0.1, of="salary")``.
        to_minimum: whether a salary below its range is raised to the minimum of it at least.
        above_range: what becomes of the part of a raise that would pass the maximum of the range: ``lump_sum`` (paid
            once, not added to the salary: red circle), ``hold`` (not given; in a fitted review others get it), or
            ``exceed`` (given).
        unit: raises are whole multiples of it; the minor unit when not given.
        scale: what a budget may do to guidelines: ``both`` (raise or lower them all), or ``down`` (only lower them).
        within: the column of the group that each has its own budget.
        eligible: the column of true and false that says who takes part.
        missing: what to do with a row without a rating: ``refuse`` (a :class:`DataError`), or ``blocked``: no raise,
            and the reason says why.
        currency: a code of ISO 4217; that of the structure when not given.
        name: on the statement.

    Raises:
        DefinitionError: for a matrix that asks for the place in a range without a structure, no currency, or another
            one than that of the structure.

    Example:
        >>> cost_of_living = SalaryReview(0.02, key="who", currency="EUR")
        >>> raised = cost_of_living.raise_one({"who": "ana", "salary": 5_000_000})
        >>> raised.amount, raised["salary_after"]
        (Money('1,000.00 EUR'), Money('51,000.00 EUR'))
    """

    _repr_html_ = definition

    guide: Any = field(converter=_guide)
    amount: Fraction | str = field(default=Fraction(0), converter=as_amount, kw_only=True)
    key: str = field(converter=text, kw_only=True)
    salary: str = field(default="salary", converter=text, kw_only=True)
    structure: SalaryStructure | SalaryRange | None = field(
        default=None, validator=instance(SalaryStructure, SalaryRange, type(None)), kw_only=True
    )
    prorate: AnyFactor | None = field(default=None, converter=as_optional_factor, kw_only=True)
    minimum_raise: Floor | None = field(default=None, converter=_floor, kw_only=True)
    maximum_raise: Cap | None = field(default=None, converter=_cap, kw_only=True)
    to_minimum: bool = field(default=False, validator=instance(bool), kw_only=True)
    above_range: Literal["lump_sum", "hold", "exceed"] = field(default="lump_sum", kw_only=True)
    unit: Fraction | None = field(default=None, converter=_unit, kw_only=True)
    scale: Literal["both", "down"] = field(default="both", kw_only=True)
    within: str | None = field(default=None, converter=optional_text, kw_only=True)
    eligible: str | None = field(default=None, converter=optional_text, kw_only=True)
    missing: Literal["refuse", "blocked"] = field(default="refuse", kw_only=True)
    currency: str = field(kw_only=True)
    name: str = field(default="salary review", converter=text, kw_only=True)

    @currency.default
    def _same_as_structure(self) -> str:
        return self.structure.currency if isinstance(self.structure, SalaryStructure) else ""

    def __attrs_post_init__(self) -> None:
        one_of(self.above_range, ("lump_sum", "hold", "exceed"), "above_range")
        one_of(self.scale, ("both", "down"), "scale")
        one_of(self.missing, ("refuse", "blocked"), "missing")
        if not self.currency:
            raise DefinitionError(
                f"review {self.name!r} must have a currency (got none); say currency=", path="currency"
            )
        self.step  # noqa: B018
        if isinstance(self.structure, SalaryStructure) and self.structure.currency != self.currency:
            raise DefinitionError(
                f"a review must be of one currency (got {self.currency} and bands of {self.structure.currency})",
                path="currency",
            )
        asks = isinstance(self.guide, Guideline) and self.guide.reads_position
        if self.structure is None and (asks or self.to_minimum):
            what = "a matrix with ranges" if asks else "to_minimum"
            raise DefinitionError(f"{what} needs the range of each salary: say structure=", path="structure")

    @property
    def step(self) -> int:
        """The unit in minor units."""
        unit = Fraction(1) if self.unit is None else self.unit * minor_per_major(self.currency)
        if unit.denominator != 1:
            raise DefinitionError(
                f"unit must be a whole number of minor units of {self.currency} (got {self.unit})", path="unit"
            )
        return unit.numerator

    def needs(self) -> tuple[Need, ...]:
        """The columns that a raise is made of."""
        needs = [Need(self.key, "category"), Need(self.salary, "money")]
        needs += self.guide.needs() if isinstance(self.guide, Guideline) else factor_needs(self.guide)
        needs += [*amount_needs(self.amount), *factor_needs(self.prorate)]
        needs += [] if self.structure is None else self.structure.needs()
        for limit in (self.minimum_raise, self.maximum_raise):
            needs += [] if limit is None else limit_needs(limit.limit, limit.of)
        needs += [] if self.within is None else [Need(self.within, "category")]
        needs += [] if self.eligible is None else [Need(self.eligible, "flag")]
        return tuple(dict.fromkeys(needs))

    def raises(self, data: Any, *, progress: Progress | Any = None, **columns: Any) -> Outcomes:
        """The raise of each row as the guideline says, without a budget.

        Args:
            data: one row a person; money in int64 minor units.
            progress: what is called with the number of rows when they are done, for all who share a progress bar; a
                column of that name may be given in its place.
            columns: further columns by name.

        Returns:
            the raises a year with lump sums, as amounts; ``salary_before``, ``salary_after``, ``raise``, ``lump_sum``,
            ``compa_ratio_before`` and ``compa_ratio_after`` as columns; and a reason for each clip.

        Raises:
            MissingColumnsError: with every missing column at once.
            DataError: for salaries that are not positive, unknown levels and ratings, rates that are negative.
        """
        return FittedReview(self).raises(data, progress=progress, **columns)

    def raise_one(self, row: Any, **columns: Any) -> Outcome:
        """The raise of one row, a mapping from column to value, as the guideline says."""
        return FittedReview(self).raise_one(row, **columns)

    def fit(
        self,
        population: Any,
        budget: Any = None,
        *,
        share: Number | None = None,
        progress: Progress | Any = None,
        **columns: Any,
    ) -> FittedReview:
        """The review with the factor on its guidelines at which the raises add up to a budget, exactly.

        Args:
            population: one row a person.
            budget: ``Money``, or an amount in major units; a mapping from group to such with ``within``.
            share: the budget as a share of the payroll in the data (of each group), such as 0.03, rounded down to the
                minor unit. That of a group in which nobody has a guideline above nothing is left, and said.
            progress: what is called after each group with its number of people, such as the ``update`` of a tqdm bar; a
                column of that name may be given in its place.
            columns: further columns by name.

        Raises:
            DefinitionError: for neither or both of ``budget`` and ``share``, or a negative one.
            DataError: for nobody at all, a person with two rows, a budget below the sum of the floors, a group without
                a budget, or nobody with a guideline above nothing.

        Example:
            >>> people = {"who": ["ana", "ben"], "salary": [6_000_000, 4_000_000], "rate": [0.04, 0.02]}
            >>> fitted = SalaryReview("rate", key="who", currency="EUR").fit(people, share=0.025)
            >>> fitted.raises(people).total, fitted.factor()
            (Money('2,500.00 EUR'), Fraction(25, 32))
        """
        tell, further = told_apart(progress, columns)
        rows = read_rows(population, [need.name for need in self.needs()], further)
        if not rows.n:
            raise DataError(
                f"review {self.name!r} must see somebody to be fitted (got no rows); "
                "leave a group without people out, or check how the data were selected"
            )
        check_keys(rows, self.key)
        given = terms(self, rows)
        names = group_names(rows, self.within)
        budgets = _budgets(self, given, names, budget, share)
        slices = []
        nobody = np.zeros(0, dtype=np.int64)
        by_name = members_of(names)
        for name in sorted(set(names) | set(budgets)):
            members = by_name.get(name, nobody)
            kept = share is not None and self.within is not None
            slices.append(_slice(self, name, budgets[name], members, given, rows, kept))
            if tell is not None and len(members):
                tell(len(members))
        fitted = FittedReview(self, slices)
        fitted._prove(rows)
        return fitted


@frozen
class FittedReview:
    """A salary review that has seen everybody and its budget: each raise follows from the row itself.

    Attributes:
        review: what was fitted.
        slices: for each group, its budget and its cut; none for a review without a budget.
    """

    _repr_html_ = definition

    review: SalaryReview
    slices: tuple[FundSlice, ...] = field(default=(), converter=as_slices)

    @property
    def budget(self) -> Money | None:
        """What may be spent; None without a budget."""
        return money_of(self.review, sum(part.minor for part in self.slices)) if self.slices else None

    @property
    def left(self) -> tuple[Remainder, ...]:
        """What of the budget cannot be given, by group, and why: ``unit``, ``caps``, ``guidelines`` or ``nobody``."""
        return tuple(
            Remainder(part.group, money_of(self.review, minor), reason)
            for part in self.slices
            for reason, minor in part.left
        )

    @property
    def cost(self) -> Money | None:
        """What the raises and lump sums of those it was fitted to cost a year; None without a budget."""
        if not self.slices:
            return None
        spent = sum(part.minor - sum(minor for _, minor in part.left) for part in self.slices)
        return money_of(self.review, spent)

    def factor(self, *group: str) -> Fraction:
        """What every guideline is multiplied by, before limits and rounding.

        Args:
            group: the group, where each has its own budget.
        """
        if not self.slices:
            return Fraction(1)
        part = next((part for part in self.slices if part.group == group), None)
        if part is None:
            raise DefinitionError(f"group must be one with a budget (got {'/'.join(group)!r})", path="group")
        return part.cut.value / as_guided(self.review).value

    def needs(self) -> tuple[Need, ...]:
        """The columns that a raise is made of."""
        return self.review.needs()

    def raises(self, data: Any, *, progress: Progress | Any = None, **columns: Any) -> Outcomes:
        """The raise of each row; see :meth:`SalaryReview.raises`."""
        tell, further = told_apart(progress, columns)
        rows = read_rows(data, [need.name for need in self.needs()], further)
        found = outcomes_of(self, rows)
        if tell is not None and rows.n:
            tell(rows.n)
        return found

    def raise_one(self, row: Any, **columns: Any) -> Outcome:
        """The raise of one row, a mapping from column to value: to the cent that of a batch."""
        return outcomes_of(self, read_row(row, [need.name for need in self.needs()], columns))[0]

    def check(self, data: Any, **columns: Any) -> None:
        """Prove that the raises of these people cost what the budget allows, group by group, to the cent.

        Raises:
            DataError: where they are other people than it was fitted to, or cost something else.
        """
        rows = read_rows(data, [need.name for need in self.needs()], columns)
        check_keys(rows, self.review.key)
        self._prove(rows)

    def _prove(self, rows: Rows) -> None:
        """Make sure that the raises of rows of different people cost what the budget allows."""
        minor, which = self._minor(rows, terms(self.review, rows))
        for part, rows_in in zip(self.slices, rows_of(which, len(self.slices)), strict=True):
            mine = minor[rows_in]
            spent = integers.total(mine) + sum(rest for _, rest in part.left)
            if len(mine) != part.people or spent != part.minor:
                where = f"group {part.group[0]!r}" if part.group else f"review {self.review.name!r}"
                raise DataError(
                    f"{where} was fitted to {part.people:,} people and {money_of(self.review, part.minor)} "
                    f"(got {len(mine):,} and {money_of(self.review, spent)}); fit it again to these"
                )

    def explain_budget(self, data: Any, **columns: Any) -> Explanation:
        """The budget, proved: guidelines, factor, floors, caps and rounding make the cost, and what is left the rest.

        Args:
            data: those it was fitted to.
            columns: further columns by name.
        """
        self.check(data, **columns)
        return explain_budget(self, read_rows(data, [need.name for need in self.needs()], columns))

    def _cuts_of(self, rows: Rows) -> tuple[IntColumn, tuple[Cut, ...]]:
        """The place of each row's cut, and the cuts."""
        if not self.slices:
            return np.zeros(rows.n, dtype=np.int64), (as_guided(self.review),)
        cuts = tuple(part.cut for part in self.slices)
        if self.review.within is None:
            return np.zeros(rows.n, dtype=np.int64), cuts
        places = {part.group[0]: place for place, part in enumerate(self.slices)}
        which = np.array([places.get(name, -1) for name in group_names(rows, self.review.within)], dtype=np.int64)
        rows.require(which >= 0, self.review.within, "must be a group with a budget", "fit the review again")
        return which, cuts

    def _minor(self, rows: Rows, given: Terms) -> tuple[IntColumn, IntColumn]:
        """What each row costs in minor units, and the place of its cut."""
        which, cuts = self._cuts_of(rows)
        units, _, _ = Cuts(cuts, which).shares(given.weights, given.floors, given.caps, self._keys(rows))
        return fitting(integers.multiply(units, self.review.step), self.review.currency), which

    def _keys(self, rows: Rows) -> Keys:
        """What breaks ties."""
        return key_text(rows, self.review.key)

    def factors(self) -> list[Fraction]:
        """The factor of each slice."""
        return [self.factor(*part.group) for part in self.slices] or [Fraction(1)]


def _budgets(review: SalaryReview, given: Terms, names: list[str], budget: Any, share: Number | None) -> dict[str, int]:
    if (budget is None) == (share is None):
        raise DefinitionError("a review is fitted to a budget or to a share of payroll: say one of them", path="budget")
    if share is not None:
        part = exact(share, what="share", path="share")
        if part < 0:
            raise DefinitionError(f"share must not be negative (got {plain(part)})", path="share")
        payroll: dict[str, int] = {}
        for name, salary in zip(names, given.salary.tolist(), strict=True):
            payroll[name] = payroll.get(name, 0) + salary
        return {name: int(whole * part) for name, whole in payroll.items()}
    if isinstance(budget, Mapping) != (review.within is not None):
        raise DefinitionError("budgets by group come with within=, and the other way round", path="budget")
    budgets = budget if isinstance(budget, Mapping) else {"": budget}
    found = {str(name): _minor(review, amount) for name, amount in budgets.items()}
    absent = sorted(set(names) - set(found))
    if absent:
        raise DataError(
            f"group {absent[0]!r} must have a budget (got {', '.join(found)}); give it one, of 0 if none",
            column=review.within,
        )
    return found


def _minor(review: SalaryReview, budget: Any) -> int:
    if isinstance(budget, Money):
        if budget.currency != review.currency:
            raise DefinitionError(
                f"the budget must be of {review.currency} (got {budget.currency}); convert it", path="budget"
            )
        amount = budget.exact
    else:
        amount = exact(budget, what="a budget", path="budget")
    if amount < 0:
        raise DefinitionError(f"a budget must not be negative (got {plain(amount)})", path="budget")
    minor = amount * minor_per_major(review.currency)
    if minor.denominator != 1:
        raise DefinitionError(f"a budget must be whole minor units (got {plain(amount)}); round it", path="budget")
    return minor.numerator


def _slice(
    review: SalaryReview, name: str, budget: int, members: IntColumn, given: Terms, rows: Rows, kept: bool
) -> FundSlice:
    path = (name,) if review.within else ()
    weights = Ratios(given.weights.numerator[members], given.weights.denominator)
    floors, caps = given.floors[members], given.caps[members]
    units, rest = divmod(budget, review.step)
    left = [("unit", rest)] if rest else []
    needed = integers.total(floors)
    if needed > units:
        where = f" of {name!r}" if path else ""
        raise DataError(
            f"the least raises{where} add up to {money_of(review, needed * review.step)} and the budget is "
            f"{money_of(review, budget)}; raise the budget, or lower minimum_raise",
            rows=[int(rows.positions[int(member)]) for member in members[:SHOWN]],
            count=len(members),
        )

    keys = key_text(rows, review.key, members)
    sharing = int(np.count_nonzero(weights.numerator > 0))
    guided = as_guided(review)
    if review.scale == "down":
        group = np.zeros(len(members), dtype=np.int64)
        spent = integers.total(Cuts((guided,), group).shares(weights, floors, caps, keys)[0])
        if spent <= units:
            over = (units - spent) * review.step
            left += [("guidelines", over)] if over else []
            return FundSlice(path, budget, guided, len(members), left, sharing=sharing)
    cut, over = find_cut(units, weights, floors, caps, keys)
    if over:
        if not sharing and not kept:
            where = f" in {name!r}" if path else ""
            raise DataError(
                f"nobody{where} has a guideline above nothing, so nothing says who gets {money_of(review, budget)}; "
                "check who is eligible and rated, or give a budget of 0",
                column=review.guide if isinstance(review.guide, str) else None,
            )
        left.append(("caps" if sharing else "nobody", over * review.step))
    return FundSlice(path, budget, cut, len(members), left, sharing=sharing)
