"""Pools: a fund that is shared out to the cent, and the frozen rule that says each share by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from functools import partial
from typing import Any, Literal, NamedTuple

import numpy as np
from attrs import evolve, field, frozen

from perfkit._core import integers
from perfkit._core.blocks import told_apart
from perfkit._core.checks import one_of, optional_text, several, text
from perfkit._core.columns import BoolColumn, Need, Rows, read_row, read_rows
from perfkit._core.integers import IntColumn
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, decimal_text, exact, plain
from perfkit._incentives.cohort import check_keys, check_one_currency, key_text, rows_of
from perfkit._incentives.cuts import Cuts, Keys
from perfkit._incentives.factors import AnyFactor, as_factor, as_optional_factor, factor_needs, fitting, money_or_number
from perfkit._incentives.funding import Funding, Results
from perfkit._incentives.outcomes import Outcome, Outcomes, Reasons, named
from perfkit._incentives.pool_fitting import PoolFit, fund_amount, funding_parts
from perfkit._incentives.pool_terms import ANY_OF_HUNDREDTHS, Terms, factor_name, terms, weight_of
from perfkit._incentives.slices import FundSlice, Path, Remainder, as_slices
from perfkit._incentives.steps import Cap, Floor, limit_needs
from perfkit.errors import DataError, DefinitionError, UnfittedError
from perfkit.explain import AnyRecorder, Explanation, Recorder
from perfkit.money import Money, minor_per_major
from perfkit.typing import Progress

AnyFund = Fraction | tuple[Funding, ...]
# What a pool without a currency counts in; checked against the currency of the plan that pays it.
HUNDREDTHS = 100


def _weights(weights: Mapping[str, Number] | None) -> tuple[tuple[str, Fraction], ...] | None:
    if weights is None:
        return None
    pairs = weights.items() if isinstance(weights, Mapping) else weights
    return tuple((str(group), exact(weight, what=f"the weight of {group!r}")) for group, weight in pairs)


@frozen
class GroupShare:
    """A level of groups that a fund goes through before it reaches people: divisions of a company, teams of a division.

    Args:
        on: the column that says which group a row is in.
        by: what each member adds to the weight of the group; the pool's own weight when not given.
        weights: the weight of each group, where it does not come from its members. The share of a group with nobody in
            it is treated like a fund of its own: see ``nobody`` of the pool.

    Raises:
        DefinitionError: for both ``by`` and ``weights``, or weights that are negative.

    Example:
        >>> GroupShare("division", weights={"emea": 3, "amer": 2}).on
        'division'
    """

    _repr_html_ = definition

    on: str = field(converter=text)
    by: AnyFactor | None = field(default=None, converter=as_optional_factor, kw_only=True)
    weights: tuple[tuple[str, Fraction], ...] | None = field(default=None, converter=_weights, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.by is not None and self.weights is not None:
            raise DefinitionError(f"groups of {self.on!r} have weights by members or typed, not both", path="weights")
        if any(weight < 0 for _, weight in self.weights or ()):
            raise DefinitionError(f"weights of {self.on!r} must not be negative", path="weights")

    def needs(self) -> tuple[Need, ...]:
        """The columns that the level reads."""
        return (Need(self.on, "category"), *factor_needs(self.by))


def _levels(levels: Any) -> tuple[GroupShare, ...]:
    return tuple(level if isinstance(level, GroupShare) else GroupShare(level) for level in several(levels))


def _fund(fund: Any) -> Any:
    if isinstance(fund, Mapping) and fund:
        return tuple((str(group), _one_fund(part)) for group, part in fund.items())
    if isinstance(fund, (list, tuple)) and fund and all(isinstance(part, (list, tuple)) for part in fund):
        return tuple((str(group), _one_fund(part)) for group, part in fund)
    return _one_fund(fund)


def _one_fund(fund: Any) -> Money | AnyFund:
    if isinstance(fund, (Funding, list, tuple)):
        parts = several(fund)
        odd = [part for part in parts if not isinstance(part, Funding)]
        if odd or not parts:
            raise DefinitionError(f"a fund is an amount or made of Funding (got {fund!r})", path="fund")
        return parts
    amount = fund if isinstance(fund, Money) else exact(fund, what="a fund", path="fund")
    if (amount.exact if isinstance(amount, Money) else amount) < 0:
        raise DefinitionError(f"a fund must not be negative (got {fund})", path="fund")
    return amount


def _funds(fund: Any) -> tuple[tuple[Path, Any], ...]:
    """Each fund with the group that it is for."""
    if isinstance(fund, tuple) and isinstance(fund[0], tuple):
        return tuple(((group,), part) for group, part in fund)
    return (((), fund),)


def _floor(value: Any) -> Floor | None:
    return value if value is None or isinstance(value, Floor) else Floor(value)


def _cap(value: Any) -> Cap | None:
    return value if value is None or isinstance(value, Cap) else Cap(value)


def _above(floor: Fraction | str, cap: Fraction | str) -> bool:
    """Whether a floor is above a cap whatever the data are."""
    return isinstance(floor, Fraction) and isinstance(cap, Fraction) and floor > cap


def _shown(limit: Fraction | str) -> str:
    return limit if isinstance(limit, str) else str(plain(limit))


def _positive(value: Number | None) -> Fraction | None:
    if value is None:
        return None
    number = exact(value, what="unit")
    if number <= 0:
        raise DefinitionError(f"unit must be positive, such as 0.01, 10 or 100 (got {plain(number)})", path="unit")
    return number


def _amount(value: Any) -> Fraction:
    amount = exact(value, what="reserve", path="reserve")
    if amount < 0:
        raise DefinitionError(f"reserve must not be negative (got {plain(amount)})", path="reserve")
    return amount


def _limit(value: Number | None) -> Fraction | None:
    return None if value is None else exact(value, what="value_cap", path="value_cap")


@frozen
class Pool:
    """A fund that is shared out in proportion to a weight, within floors and caps, to the cent.

    A pool must see everybody first: :meth:`fit` finds what a unit of weight is worth and where the last cents go, and
    gives a :class:`FittedPool`, which says each share from the person's own row.

    Args:
        fund: an amount in major units, ``Money``, or one or several :class:`Funding`; a mapping from the groups of the
            first level of ``within`` to such, where each has a fund of its own.
        by: the weight of each row: points, a share or a score; a number, a column, or a factor. All weigh the same
            when not given.
        of: the column of money that the weight multiplies, such as the target bonus, or salary for shares of it.
        key: the column that says who a row is; it breaks ties, in the order of text.
        within: levels of groups that the fund is split between first, from the outside in: names of columns, or
            :class:`GroupShare`.
        floor: at least this for everybody who takes part: an amount, a column, or ``Floor(0.5, of="target")``.
        cap: at most this: an amount, a column, or ``Cap(2, of="target")``.
        value_cap: at most this for each 1 of weight.
        unit: shares are whole multiples of it, such as 10 or 100; the minor unit when not given.
        reserve: what is kept of the fund before it is shared.
        eligible: the column of true and false that says who takes part; everybody when not given.
        nobody: what to do with the fund, or with the share of a group that has a weight, where nobody in it takes part
            or has any weight: ``refuse`` (a :class:`DataError`), ``keep`` it, or ``share`` that of a group among the
            other groups.
        currency: a code of ISO 4217; that of the fund where it is ``Money``. A pool without one counts in hundredths:
            a plan pays it in its own currency, if that has them, and :meth:`FittedPool.share` asks for one.
        name: on the statement.

    Raises:
        DefinitionError: for a negative fund, an amount or a unit that the currency does not have, or two currencies.

    Example:
        >>> pool = Pool(1_000, by="points", key="who", currency="EUR")
        >>> fitted = pool.fit({"who": ["ana", "ben", "cleo"], "points": [1, 1, 1]})
        >>> [fitted.share_one({"who": who, "points": 1}).amount for who in ("ana", "ben")]
        [Money('333.34 EUR'), Money('333.33 EUR')]
    """

    _repr_html_ = definition

    fund: Any = field(converter=_fund)
    by: AnyFactor = field(default=Fraction(1), converter=as_factor, kw_only=True)
    of: str | None = field(default=None, converter=optional_text, kw_only=True)
    key: str = field(converter=text, kw_only=True)
    within: tuple[GroupShare, ...] = field(default=(), converter=_levels, kw_only=True)
    floor: Floor | None = field(default=None, converter=_floor, kw_only=True)
    cap: Cap | None = field(default=None, converter=_cap, kw_only=True)
    value_cap: Fraction | None = field(default=None, converter=_limit, kw_only=True)
    unit: Fraction | None = field(default=None, converter=_positive, kw_only=True)
    reserve: Fraction = field(default=Fraction(0), converter=_amount, kw_only=True)
    eligible: str | None = field(default=None, converter=optional_text, kw_only=True)
    nobody: Literal["refuse", "keep", "share"] = field(default="refuse", kw_only=True)
    currency: str | None = field(kw_only=True)
    name: str = field(default="pool", converter=text, kw_only=True)

    @currency.default
    def _same_as_fund(self) -> str | None:
        return next((fund.currency for _, fund in _funds(self.fund) if isinstance(fund, Money)), None)

    @property
    def has_group_funds(self) -> bool:
        """Whether each group of the first level has a fund of its own."""
        return self.funds[0][0] != ()

    @property
    def funds(self) -> tuple[tuple[Path, Any], ...]:
        """Each fund with the group that it is for; no group for one that is for all."""
        return _funds(self.fund)

    def __attrs_post_init__(self) -> None:
        one_of(self.nobody, ("refuse", "keep", "share"), "nobody")
        if self.currency is not None:
            minor_per_major(self.currency)
        for _, fund in self.funds:
            if isinstance(fund, Money) and fund.currency != self.currency:
                raise DefinitionError(
                    f"a pool must be of one currency (got {fund.currency} and {self.currency}); convert one of them",
                    path="currency",
                )
        if self.has_group_funds and not self.within:
            raise DefinitionError("funds by group need the column of the group: say within=", path="within")
        if self.reserve and self.has_group_funds:
            raise DefinitionError("a reserve is kept of one fund; take it off the fund of a group", path="reserve")
        typed = [("fund", fund) for _, fund in self.funds if isinstance(fund, Fraction)]
        for path, amount in [*typed, ("reserve", self.reserve)]:
            if (amount * self.scale).denominator != 1:
                raise DefinitionError(
                    f"a {path} must be whole minor units of {self.currency or 'a currency'} (got {plain(amount)}); "
                    "round it",
                    path=path,
                )
        names = [level.on for level in self.within]
        if len(set(names)) < len(names) or self.key in names:
            raise DefinitionError(f"levels of a pool must be different columns (got {names})", path="within")
        self.step  # noqa: B018
        floor, cap = self.floor, self.cap
        if floor is not None and cap is not None and floor.of == cap.of and _above(floor.limit, cap.limit):
            raise DefinitionError(
                f"the floor must not be above the cap (got {_shown(floor.limit)} and {_shown(cap.limit)}); "
                "lower the floor or raise the cap",
                path="floor",
            )

    @property
    def scale(self) -> int:
        """Minor units in a major one."""
        return HUNDREDTHS if self.currency is None else minor_per_major(self.currency)

    @property
    def step(self) -> int:
        """The unit in minor units."""
        unit = Fraction(1) if self.unit is None else self.unit * self.scale
        if unit.denominator != 1:
            raise DefinitionError(
                f"unit must be a whole number of minor units of {self.currency or 'a currency'} (got {self.unit})",
                path="unit",
            )
        return unit.numerator

    def needs(self) -> tuple[Need, ...]:
        """The columns that a share is made of."""
        needs = [Need(self.key, "category"), *factor_needs(self.by)]
        needs += [Need(level.on, "category") for level in self.within]
        needs += [] if self.of is None else [Need(self.of, "money")]
        for limit in (self.floor, self.cap):
            needs += [] if limit is None else limit_needs(limit.limit, limit.of)
        needs += [] if self.eligible is None else [Need(self.eligible, "flag")]
        return tuple(dict.fromkeys(needs))

    def award(self, rows: Rows, currency: str, record: AnyRecorder) -> IntColumn:
        """Nothing: a pool is fitted first.

        Raises:
            UnfittedError: always.
        """
        raise UnfittedError(f"pool {self.name!r} must see everybody first: call fit(everyone), and pay with the result")

    def fit(
        self,
        data: Any,
        *,
        results: Results | None = None,
        currency: str | None = None,
        progress: Progress | Any = None,
        **columns: Any,
    ) -> FittedPool:
        """The frozen rule that shares the fund among everybody in the data.

        Args:
            data: one row a person; money in int64 minor units.
            results: the company's results by name, for a fund that is filled by a curve.
            currency: of the plan that pays the pool, for a pool that does not say.
            progress: what is called after each group with its number of people, such as the ``update`` of a tqdm bar; a
                column of that name may be given in its place.
            columns: further columns by name.

        Raises:
            MissingColumnsError: with every missing column at once.
            DataError: for a person with two rows, negative weights, floors that add up to more than the fund, a floor
                above a cap, or nobody with any weight.
        """
        if currency is not None and self.currency not in (None, currency):
            raise DefinitionError(
                f"pool {self.name!r} must be of {currency} (got {self.currency}); convert one of them", path="currency"
            )
        if self.currency is None and currency is not None:
            return evolve(self, currency=currency).fit(data, results=results, progress=progress, **columns)
        tell, columns = told_apart(progress, columns)
        reads = [need for level in self.within for need in level.needs()]
        reads += [
            Need(part.of, "money") for _, fund in self.funds for part in funding_parts(fund) if part.of is not None
        ]
        rows = read_rows(data, [need.name for need in (*self.needs(), *reads)], columns)
        check_one_currency(rows, [need for need in (*self.needs(), *reads) if need.kind == "money"], self.currency)
        check_keys(rows, self.key)
        fit = PoolFit(self, rows, results or {}, tell)
        slices = fit.slices()
        fitted = FittedPool(self, slices)
        fitted._prove(rows)
        return fitted

    def explain_fund(self, data: Any = None, *, results: Results | None = None, **columns: Any) -> Explanation:
        """Why the fund is what it is, before it is rounded to whole units.

        Args:
            data: one row a person, where a fund is filled by the sum of targets.
            results: the company's results by name.
            columns: further columns by name.
        """
        reads = [part.of for _, fund in self.funds for part in funding_parts(fund) if part.of is not None]
        reads += [level.on for level in self.within[:1] if self.has_group_funds]
        rows = read_rows({} if data is None else data, reads, columns)
        record = Recorder("fund", self.name)
        total = Fraction(0)
        for path, fund in self.funds:
            node: AnyRecorder = record.part("fund", label=path[0]) if path else record
            members = np.ones(rows.n, dtype=np.bool_)
            if path:
                members = np.asarray(rows.category(self.within[0].on) == path[0], dtype=np.bool_)
            amount = fund_amount(fund, rows, members, results or {}, self.scale, node, self.currency or "")
            node.says(value=amount, unit=self.currency or "", relation="sum")
            total += amount
        record.says(value=total, unit=self.currency or "", relation="sum")
        return record.explanation()


class _Shares(NamedTuple):
    given: Terms
    which: IntColumn
    minor: IntColumn
    raised: BoolColumn
    capped: BoolColumn


@frozen
class FittedPool:
    """A pool that has seen everybody: each share follows from the row itself. It is a form of pay for a plan.

    Attributes:
        pool: what was fitted.
        slices: for each group of the innermost level, its fund and its cut.

    Example:
        >>> everyone = {"who": ["ana", "ben"], "points": [3, 1]}
        >>> fitted = Pool(100, by="points", key="who", currency="EUR").fit(everyone)
        >>> fitted.share(everyone).minor
        array([7500, 2500])
    """

    _repr_html_ = definition

    pool: Pool
    slices: tuple[FundSlice, ...] = field(converter=as_slices)

    @property
    def name(self) -> str:
        """The name of the pool."""
        return self.pool.name

    @property
    def fund(self) -> Money:
        """What was to be shared, with what could not be."""
        return self._money(sum(part.minor for part in self.slices))

    @property
    def left(self) -> tuple[Remainder, ...]:
        """What could not be given, and why."""
        return tuple(
            Remainder(part.group, self._money(minor), reason) for part in self.slices for reason, minor in part.left
        )

    @property
    def given(self) -> Money:
        """What everybody gets together: the fund less what is left."""
        return self.fund - sum((rest.amount for rest in self.left), self._money(0))

    def value(self, *group: str) -> Fraction:
        """What 1 of weight is worth in major units, before floors, caps and rounding: the scale-to-fund factor.

        Args:
            group: the path of the group, where the pool has groups.
        """
        part = next((part for part in self._shared if part.group == group), None)
        if part is None:
            raise DefinitionError(f"group must be one that shares the pool (got {'/'.join(group)!r})", path="group")
        return part.cut.value * self.pool.step / self.pool.scale

    @property
    def _shared(self) -> tuple[FundSlice, ...]:
        """The slices that people share; the others hold what stayed above the groups."""
        return tuple(part for part in self.slices if len(part.group) == len(self.pool.within))

    def _money(self, minor: int) -> Money:
        return Money.from_minor(minor, self._currency)

    @property
    def _currency(self) -> str:
        if self.pool.currency is None:
            raise DefinitionError(
                f"pool {self.name!r} does not say of which currency it is; "
                "say currency= in it or in fit(), or pay it in a plan",
                path="currency",
            )
        return self.pool.currency

    def _shown(self, minor: int) -> str:
        currency = self.pool.currency
        if currency is None:
            return decimal_text(Fraction(minor, self.pool.scale), 2)
        return str(Money.from_minor(minor, currency))

    def needs(self) -> tuple[Need, ...]:
        """The columns that a share is made of."""
        return self.pool.needs()

    def award(self, rows: Rows, currency: str, record: AnyRecorder) -> IntColumn:
        """The share of each row in minor units."""
        pool = self.pool
        if pool.currency not in (None, currency) or pool.scale != minor_per_major(currency):
            raise DefinitionError(
                f"pool {pool.name!r} must be of {currency} (got {pool.currency or 'hundredths'}); say currency= in it"
            )
        share = self._shares(rows, currency)
        if record:
            self._record(record, rows, currency, share)
        return share.minor

    def _shares(self, rows: Rows, currency: str) -> _Shares:
        pool = self.pool
        given = terms(pool, rows)
        which = self._slice_of(rows)
        cuts = Cuts(tuple(part.cut for part in self._shared), which)
        units, raised, _ = cuts.shares(given.weights, given.floors, given.caps, self._keys(rows))
        # Whoever is at the cap is held by it, also where it held the whole group.
        weighty = np.asarray(given.weights.numerator > 0, dtype=np.bool_)
        capped = weighty & (units >= given.caps)
        minor = fitting(integers.multiply(units, pool.step), currency)
        return _Shares(given, which, minor, given.taking & raised, given.taking & capped)

    def _fund_of(self, path: Path, currency: str) -> Money:
        """What reached a group of any level, with what was kept of it."""
        minor = sum(part.minor for part in self.slices if part.group[: len(path)] == path)
        return Money.from_minor(minor, currency)

    def _slice_of(self, rows: Rows) -> IntColumn:
        if not self.pool.within:
            return np.zeros(rows.n, dtype=np.int64)
        places = {part.group: place for place, part in enumerate(self._shared)}
        columns = [rows.category(level.on).tolist() for level in self.pool.within]
        which = np.array([places.get(path, -1) for path in zip(*columns, strict=True)], dtype=np.int64)
        rows.require(which >= 0, self.pool.within[-1].on, "must be a group that the pool was fitted to", "fit it again")
        return which

    def _keys(self, rows: Rows) -> Keys:
        return key_text(rows, self.pool.key)

    def _record(self, record: AnyRecorder, rows: Rows, currency: str, share: _Shares) -> None:
        pool, part = self.pool, self._shared[int(share.which[0])]
        paid = Money.from_minor(int(share.minor[0]), currency)
        if not share.given.taking[0]:
            record.leaf("not_eligible", paid, on=pool.eligible)
            record.says(relation="sum", value=paid)
            return
        unit = Fraction(pool.step, pool.scale)
        value = part.cut.value * unit
        quota = share.given.weights.fraction(0) * value
        node = record.part("pool_quota", label="/".join(part.group) or pool.name)
        node.says(
            value=quota,
            unit=currency,
            relation="product",
            fund=Money.from_minor(part.minor, currency),
            people=part.sharing,
        )
        for depth, group in enumerate(part.group):
            above, fund = (self._fund_of(part.group[:end], currency) for end in (depth, depth + 1))
            node.leaf("pool_level", None, label=group, fund=fund, whole=above)
        weight_of(pool, rows, node)
        node.leaf("pool_value", value, unit=currency)
        held = quota
        if share.raised[0] or share.capped[0]:
            limit = int((share.given.floors if share.raised[0] else share.given.caps)[0]) * unit
            # A share that is only rounded up to its cap has a quota below it.
            held = limit if share.raised[0] else min(quota, limit)
            if held != quota:
                code = "floored" if share.raised[0] else "capped"
                record.leaf(code, held - quota, unit=currency, limit=money_or_number(held, currency))
        if paid.exact != held:
            rest, bar = (held / unit) % 1, part.cut.remainder
            way = "up" if paid.exact > held else "down"
            code = f"pool_tie_{way}" if rest == bar else f"pool_{way}"
            to = Money.from_minor(pool.step, currency)
            record.leaf(code, paid.exact - held, unit=currency, to=to, rest=rest, bar=bar, last=part.cut.key)
        record.says(relation="sum", value=paid)

    def share(self, data: Any, **columns: Any) -> Outcomes:
        """The share of each row, with the reason wherever somebody was blocked, clipped or not funded.

        Args:
            data: a mapping of columns or a data frame: everybody, or some of them.
            columns: further columns by name.
        """
        return self._share(read_rows(data, [need.name for need in self.needs()], columns))

    def share_one(self, row: Any, **columns: Any) -> Outcome:
        """The share of one row, a mapping from column to value: to the cent that of a batch."""
        return self._share(read_row(row, [need.name for need in self.needs()], columns))[0]

    def _share(self, rows: Rows) -> Outcomes:
        pool, currency = self.pool, self._currency
        share = self._shares(rows, currency)
        minor, given, taking = share.minor, share.given, share.given.taking
        weighty = np.asarray(given.weights.numerator > 0, dtype=np.bool_)
        clipped = share.raised | share.capped
        caps = np.where(share.capped, given.caps, 0) * pool.step
        reasons = [
            Reasons("blocked", "not_eligible", ~taking, {"on": pool.eligible}),
            Reasons("blocked", "no_weight", taking & ~weighty & (minor == 0), {"on": factor_name(pool.by)}),
            Reasons("clipped", "floored", share.raised, amounts={"limit": given.floors * pool.step}),
            Reasons("clipped", "capped", share.capped, amounts={"limit": caps}),
            Reasons("unfunded", "less_than_a_unit", taking & weighty & ~clipped & (minor == 0)),
        ]
        codes = named(["none", "paid"], (minor > 0).astype(np.int64))

        explain = partial(self._explain_row, rows)
        return Outcomes(pool.name, codes, currency=currency, minor=minor, reasons=reasons, explain=explain)

    def _explain_row(self, rows: Rows, row: int) -> Explanation:
        record = Recorder("line", self.name)
        self.award(rows[row : row + 1], self._currency, record)
        return record.explanation()

    def check(self, data: Any, **columns: Any) -> None:
        """Make sure that people share this fund and nothing else: as many in each group, and to the cent.

        Raises:
            DataError: where the shares and what is left do not add up to the fund, or other people are in a group.
        """
        rows = read_rows(data, [need.name for need in self.needs()], columns)
        check_keys(rows, self.pool.key)
        self._prove(rows)

    def _prove(self, rows: Rows) -> None:
        """Make sure that rows of different people share the fund, to the cent."""
        minor = self._shares(rows, self.pool.currency or ANY_OF_HUNDREDTHS).minor
        shared = self._shared
        for part, mine in zip(shared, rows_of(self._slice_of(rows), len(shared)), strict=True):
            paid = minor[mine]
            whole = integers.total(paid) + sum(rest for _, rest in part.left)
            if len(paid) != part.people or whole != part.minor:
                where = f"group {'/'.join(part.group)!r}" if part.group else f"pool {self.name!r}"
                raise DataError(
                    f"{where} was fitted to {part.people:,} people who share {self._shown(part.minor)} "
                    f"(got {len(paid):,} who get {self._shown(whole)}); fit the pool again to these"
                )

    def __repr__(self) -> str:
        people = sum(part.people for part in self.slices)
        left = Counter[str]()
        for part in self.slices:
            for reason, minor in part.left:
                left[reason] += minor
        shown = "".join(f", {self._shown(minor)} left ({reason})" for reason, minor in left.items())
        given = sum(part.minor for part in self.slices) - sum(left.values())
        return f"<FittedPool {self.name!r}: {self._shown(given)} to {people:,} people{shown}>"
