"""What it would take: the least change along each column, the cheapest mix, or that none suffices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Any

from attrs import evolve, field, frozen

from perfkit._core.layout import table
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, decimal_text, exact, plain
from perfkit._reviews.axis import axis_of
from perfkit._reviews.evaluation import Evaluation, Of, evaluation_of, is_missing
from perfkit._reviews.mix import cheapest_mix
from perfkit._reviews.phrases import ENGLISH, language_of, phrase, written
from perfkit._reviews.search import Search, bends_of
from perfkit._reviews.stops import stops_of
from perfkit._reviews.views import advice_blocks, advice_html, as_money, stop_text
from perfkit.errors import DataError, DefinitionError, did_you_mean
from perfkit.explain import Explanation, value_text
from perfkit.incentives import IncentivePlan
from perfkit.money import DECIMALS, Money
from perfkit.ratings import RatingScale


@frozen(kw_only=True)
class Lever:
    """A change along one column.

    Attributes:
        column: what to move.
        label: the metric that reads it.
        now: where it stands: a number, ``Money``, or True and False.
        needed: where it must be.
        outcome: what that gives, with everything else as it is; for a part of a mix, what the mix gives.
        cost: at the cost stated for each unit, or None.
        rate: how much it must move a day from now on, for money and whole numbers; None without days, and for
            averages and ratios, which have no rate.
        rate_so_far: how much it has moved a day since the start, likewise.
        is_least: whether nothing nearer reaches the outcome. Along a column that several rules read each place is
            looked at one by one; where there are too many of them for that, it is the nearest that was found.
    """

    _repr_html_ = definition

    column: str
    label: str
    now: Any
    needed: Any
    outcome: Any
    cost: Fraction | None = None
    rate: Fraction | None = None
    rate_so_far: Fraction | None = None
    is_least: bool = True
    currency: str = ""
    _typed: Any = field(default=None, repr=False, eq=False)

    @property
    def change(self) -> Any:
        """How much it must move; for a column of names, or of True and False, what it must become."""
        return self.needed if isinstance(self.needed, (bool, str)) else self.needed - self.now


@frozen
class LeverShortfall:
    """A column that does not suffice by itself.

    Attributes:
        column: what was moved.
        label: the metric that reads it.
        best: where the outcome is best along it; where it stands, if nowhere is better for the column's own metric, or
            nothing is gained and that would only be better the further it goes.
        outcome: what that gives.
        is_best: whether nothing along it gives more; see :attr:`Lever.is_least`.
        currency: as that of a :class:`Lever`.
    """

    _repr_html_ = definition

    column: str
    label: str
    best: Any
    outcome: Any
    is_best: bool = field(default=True, kw_only=True)
    currency: str = field(default="", kw_only=True)


@frozen(kw_only=True, repr=False)
class WhatItTakes:
    """What it would take to reach an outcome.

    Attributes:
        of: ``score``, ``rating`` or ``amount``.
        wanted: the outcome.
        now: the outcome as it stands.
        is_reached: whether it is reached already.
        levers: each column that suffices by itself, with the least change that does.
        short: each column that does not, with the best that it can do.
        mix: the cheapest changes that reach it together, where costs were stated.
        cost: of the mix.
        is_least: whether no mix within the limits is cheaper, but for the last step of the grid; it is where what the
            columns bring to the score adds up.
        all_at_best: the outcome with every column where it is best: where even that is not enough, nothing is. It is
            a proof where better results never lower the outcome.
        by: the day until which it is to be reached, or None.
        stops: where nothing suffices, what takes something away even with all at best: each closed gate, cap, floor
            that is missed, and curve that is flat there, as a part of the explanation.
    """

    of: Of
    wanted: Any
    now: Any
    is_reached: bool
    levers: tuple[Lever, ...]
    short: tuple[LeverShortfall, ...]
    mix: tuple[Lever, ...] = ()
    cost: Fraction | None = None
    is_least: bool = False
    all_at_best: Any = None
    by: date | None = None
    stops: tuple[Explanation, ...] = ()
    _row: Mapping[str, Any] = field(factory=dict, repr=False, eq=False)
    _can: bool = field(default=True, repr=False)

    @property
    def is_reachable(self) -> bool:
        """Whether anything within the limits reaches it."""
        return self.is_reached or self._can

    def __getitem__(self, column: str) -> Lever:
        """The lever of a column or metric."""
        for lever in self.levers:
            if column in (lever.column, lever.label):
                return lever
        raise KeyError(column)

    def row(self, *levers: Lever) -> dict[str, Any]:
        """The row with some advice carried out, to be scored or paid."""
        return {**self._row, **{lever.column: lever._typed for lever in levers}}

    def text(self, catalogue: Mapping[str, str] = ENGLISH) -> str:
        """The advice as text.

        Args:
            catalogue: a phrase for each code, with parameters in braces.
        """

        def say(code: str, **params: Any) -> str:
            return phrase(code, params, catalogue)

        known = {"of": self.of, "wanted": self.wanted, "now": self.now}
        if self.is_reached:
            return say("lever_reached", **known)
        out = [say("lever_wanted", **known)]
        if self.levers:
            out += [say("lever_any"), _indented([_moved(one, catalogue) for one in self.levers])]
        if self.short:
            rows = [
                (
                    language_of(catalogue).label(one.label),
                    say("lever_best"),
                    written(as_money(one.best, one.currency), catalogue),
                    say("lever_gives", outcome=one.outcome),
                    "" if one.is_best else say("lever_found_best"),
                )
                for one in self.short
            ]
            out += [say("lever_not_enough"), _indented(rows)]
        if self.mix:
            out.append(say("lever_cheapest" if self.is_least else "lever_cheapest_found", cost=self.cost))
            out.append(_indented([_moved(one, catalogue) for one in self.mix]))
        if not self.is_reachable:
            out.append(say("lever_none", tried=[one.label for one in self.short], all_at_best=self.all_at_best))
            if self.stops:
                out += [say("lever_stops"), *(f"  {stop_text(one, catalogue)}" for one in self.stops)]
        elif not self.levers and not self.mix:
            out.append(say("lever_several", all_at_best=self.all_at_best))
        return "\n".join(out)

    def __str__(self) -> str:
        return self.text()

    def html(self, catalogue: Mapping[str, str] = ENGLISH) -> str:
        """The advice as HTML.

        Args:
            catalogue: a phrase for each code, with parameters in braces.
        """
        return advice_html(self._blocks(catalogue), catalogue)

    def _repr_html_(self) -> str:
        return self.html()

    def _blocks(self, catalogue: Mapping[str, str]) -> list[object]:
        return advice_blocks(self, partial(_moved, catalogue=catalogue), catalogue)

    def explain(self) -> Explanation:
        """The advice as an explanation, with a code for each part."""
        parts = [_explained("lever", one) for one in self.levers]
        parts += [
            Explanation("lever_short", one.outcome, label=one.label, params={"best": one.best}) for one in self.short
        ]
        parts += [_explained("lever_mixed", one) for one in self.mix]
        parts += self.stops
        code = "reached" if self.is_reached else "reachable" if self.is_reachable else "unreachable"
        params = {"of": self.of, "wanted": self.wanted, "all_at_best": self.all_at_best, "cost": self.cost}
        return Explanation(code, self.now, label=self.of, params=params, parts=parts)

    def to_dict(self) -> dict[str, Any]:
        """The advice as plain data, ready for JSON."""
        return self.explain().to_dict()

    def __repr__(self) -> str:
        state = "reached" if self.is_reached else f"{len(self.levers)} levers" if self.is_reachable else "out of reach"
        return f"<WhatItTakes for {self.of} {value_text(self.wanted)}: {state}>"


def _indented(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"  {line}" for line in table(rows, left=(0,)).split("\n"))


def _moved(one: Lever, catalogue: Mapping[str, str]) -> tuple[str, ...]:
    now, needed = (as_money(value, one.currency) for value in (one.now, one.needed))

    def say(code: str, rate: Fraction | None = None) -> str:
        return phrase(code, {} if rate is None else {"rate": _rate(rate, now)}, catalogue)

    if isinstance(one.needed, (bool, str)):
        change = ""
    else:
        sign = "+" if _exact(one.change) > 0 else ""
        change = f"{sign}{written(as_money(one.change, one.currency), catalogue)}"
    rate = "" if one.rate is None else say("lever_rate", one.rate)
    so_far = "" if one.rate_so_far is None else say("lever_so_far", one.rate_so_far)
    label = language_of(catalogue).label(one.label)
    found = "" if one.is_least else say("lever_found")
    told = label, written(now, catalogue), say("lever_to"), written(needed, catalogue)
    return *told, change, rate, so_far, found


def _rate(rate: Fraction, now: Any) -> str:
    places = DECIMALS[now.currency] if isinstance(now, Money) else 2
    return decimal_text(rate, places) + (f" {now.currency}" if isinstance(now, Money) else "")


def _exact(value: Any) -> Fraction:
    return value.exact if isinstance(value, Money) else Fraction(value)


def _explained(code: str, one: Lever) -> Explanation:
    params = {
        "column": one.column,
        "now": one.now,
        "change": one.change,
        "outcome": one.outcome,
        "cost": one.cost,
        "rate": one.rate,
        "is_least": one.is_least,
    }
    return Explanation(code, one.needed, label=one.label, params=params)


def what_would_it_take(
    result: Any,
    row: Any = None,
    *,
    score: Number | None = None,
    rating: str | None = None,
    amount: Money | Number | None = None,
    scale: RatingScale | None = None,
    plan: Any = None,
    move: Iterable[str] | None = None,
    limits: Mapping[str, tuple[Any, Any]] | None = None,
    steps: Mapping[str, Number] | None = None,
    costs: Mapping[str, Number] | None = None,
    as_of: date | None = None,
    by: date | None = None,
    since: date | None = None,
) -> WhatItTakes:
    """The least change of a row that reaches a score, a rating or an amount of pay, or that nothing does.

    The row is scored again, through every curve, gate, cap and rounding: what is advised, carried out, reaches the
    outcome on the number that is published, and no smaller change on the grid of steps does. That holds for any
    scorecard whose outcome only rises or only falls along a column between two bends of a curve.

    It is a function and no method of a scorecard, because it may look through a scale and a plan, of which no
    scorecard knows.

    Args:
        result: a ``Score``, a ``Payout``, an :class:`Evaluation`, or a scorecard, a plan or a salary review with a row.
            A payout of ``pay_period`` knows the balances before the period; the amount is then that of the period.
        row: the row, for a scorecard, a plan or a review; money as ``Money`` where both read it.
        score: the score wanted; or
        rating: the level wanted, of ``scale``; or
        amount: the pay wanted, of ``plan``, or the raise a year of a salary review: ``Money``, or major units.
        scale: rates the score.
        plan: pays by the score: a plan, or a salary review that may read the level of the scale. A fitted review keeps
            the factor that it was fitted with: the raises of all others stay as they are.
        move: the columns that may be moved; those of the metrics that have a value when not given. Without a scorecard
            the rating of a merit matrix; for any other plan alone say which.
        limits: the least and the greatest value of a column, None for none. Without limits no column goes below 0
            unless it is there, and a thousand times as far as it stands and its curves bend is as far as is looked.
        steps: the grid of a column. When not given, money moves by its minor unit, a whole number of 100 or more by 1,
            and any other two decimals finer than it is written, by 0.000001 at the finest.
        costs: what a unit of a column costs, in any one unit; then the cheapest mix of these columns is found as well.
        as_of: the day on which it is asked, for the rates that it would take.
        by: the day until which it is to be reached.
        since: the first day of the period, for the rates so far of columns that started from 0.

    Raises:
        DefinitionError: for no or several outcomes, an unknown level, or what cannot be moved.
        DataError: for a row that cannot be scored, or a column without a value.

    Example:
        >>> from perfkit import Curve, Metric, Scorecard, what_would_it_take
        >>> card = Scorecard("sales", [
        ...     Metric("revenue", weight=60, target=1_000, curve=Curve.through((0.8, 0), (1.2, 2))),
        ...     Metric("csat", weight=40, target=5)])
        >>> print(what_would_it_take(card, {"revenue": 980, "csat": 4.5}, score=1, limits={"csat": (1, 5)}))
        score is 0.9; for 1
        any one of these is enough, all else as it is:
          revenue  980  to  1,014  +34
        not enough alone:
          csat  at best  5  gives 0.94
    """
    evaluation = evaluation_of(result, row=row, scale=scale, plan=plan)
    of, wanted = _wanted(evaluation, score, rating, amount)
    if of != "amount":
        # What pays changes no score.
        evaluation = evolve(evaluation, plan=None)
    days = _days(as_of, by, since)
    now = scored(evaluation, of)
    limits, steps = limits or {}, steps or {}
    names = movable(evaluation, move, costs, (limits, steps))
    axes = {name: axis_of(evaluation, name, limits, steps) for name in names}
    search = Search(evaluation, of, wanted, axes, bends_of(evaluation, of))
    common = {"of": of, "wanted": _told_wanted(evaluation, of, wanted, score), "now": evaluation.told(of, now)}
    if now >= wanted:
        return WhatItTakes(**common, is_reached=True, levers=(), short=(), by=by, row=evaluation.row)
    levers, short = [], []
    for name in axes:
        place = search.least(name, [{}])[0]
        if place is not None:
            lever = _lever(search, {name: place}, name, costs, days)
            levers.append(evolve(lever, is_least=search.is_each_looked_at(name, place), typed=lever._typed))
        if place is None:
            short.append(_short(search, name, search.best(name), now))
    best = search.best_together()
    at_best = search.outcomes([best])[0] if best else now
    mix, is_least = cheapest_mix(search, {name: exact(cost) for name, cost in (costs or {}).items()}, best)
    mixed = tuple(_lever(search, mix, name, costs, days) for name in mix)
    can = bool(levers or mixed or at_best >= wanted)
    return WhatItTakes(
        **common,
        is_reached=False,
        levers=tuple(levers),
        short=tuple(short),
        mix=mixed,
        cost=sum((one.cost for one in mixed if one.cost is not None), Fraction(0)) if mixed else None,
        is_least=is_least,
        all_at_best=evaluation.told(of, at_best),
        by=by,
        stops=() if can else _stops(search, best),
        row=evaluation.row,
        can=can,
    )


def _stops(search: Search, best: Mapping[str, int]) -> tuple[Explanation, ...]:
    """What takes something away at the best places; of columns that gain nothing anywhere, at their ends."""
    for places in (best, {**search.ends(1), **best}, {**search.ends(-1), **best}):
        moved = {name: search.axes[name].typed(place) for name, place in places.items()}
        if found := stops_of(search.evaluation, search.of, moved):
            return found
    return ()


def scored(evaluation: Evaluation, of: Of) -> Any:
    """The outcome of a row, as it is measured.

    Raises:
        DataError: where it has none.
    """
    measured = evaluation.measured(of)[0]
    if measured != measured or (of == "rating" and measured < 0):
        raise DataError(f"the row has no {of} to start from: nothing that it is scored by was observed")
    return measured


def _wanted(
    evaluation: Evaluation, score: Number | None, rating: str | None, amount: Money | Number | None
) -> tuple[Of, float]:
    given = {"score": score, "rating": rating, "amount": amount}
    named = [name for name, value in given.items() if value is not None]
    if len(named) != 1:
        raise DefinitionError(f"say one outcome: score=, rating= or amount= (got {', '.join(named) or 'none'})")
    if score is not None:
        evaluation.require("score")
        return "score", float(exact(score, what="score", path="score"))
    if rating is not None:
        evaluation.require("rating")
        labels = () if evaluation.scale is None else evaluation.scale.labels
        if rating not in labels:
            raise DefinitionError(
                f"rating must be one of {', '.join(labels)} (got {rating!r}){did_you_mean(str(rating), labels)}",
                path="rating",
            )
        return "rating", float(labels.index(rating))
    evaluation.require("amount")
    currency = evaluation.currency
    money = amount if isinstance(amount, Money) else Money(amount or 0, currency)
    if money.currency != currency:
        raise DefinitionError(f"amount must be of {currency} (got {money}); convert it first", path="amount")
    return "amount", float(money.minor)


def _told_wanted(evaluation: Evaluation, of: Of, wanted: float, score: Number | None) -> Any:
    return plain(exact(score)) if of == "score" and score is not None else evaluation.told(of, wanted)


def _days(as_of: date | None, by: date | None, since: date | None) -> tuple[int | None, int | None]:
    for name, day in (("as_of", as_of), ("by", by), ("since", since)):
        if day is not None and type(day) is not date:
            raise DefinitionError(f"{name} must be a date (got {day!r}); take .date() of a time", path=name)
    if (by is not None or since is not None) and as_of is None:
        raise DefinitionError("rates need the day on which they are asked for: give as_of=", path="as_of")
    if as_of is not None and by is not None and by <= as_of:
        raise DefinitionError(f"by must be later than as_of, {as_of} (got {by})", path="by")
    if as_of is not None and since is not None and since > as_of:
        raise DefinitionError(f"since must not be later than as_of, {as_of} (got {since})", path="since")
    left = None if as_of is None or by is None else (by - as_of).days
    gone = None if as_of is None or since is None else (as_of - since).days + 1
    return left, gone


def movable(
    evaluation: Evaluation,
    move: Iterable[str] | None,
    costs: Mapping[str, Number] | None,
    named: Sequence[Mapping[str, Any]],
) -> list[str]:
    """The columns to move, by name or as a rule: those of the metrics."""
    if isinstance(move, str):
        raise DefinitionError(f"move must be a list of columns, such as [{move!r}] (got a text)", path="move")
    if move is not None:
        names = list(dict.fromkeys(move))
    elif evaluation.card is not None:
        columns = dict.fromkeys(metric.column for metric in evaluation.card.metrics())
        names = [name for name in columns if not is_missing(evaluation.row.get(name))]
    elif not isinstance(evaluation.plan, IncentivePlan) and (rated := _rated(evaluation)):
        names = rated
    else:
        raise DefinitionError(
            f"a plan does not say which of its columns are results: give move=, some of "
            f"{', '.join(map(repr, evaluation.needs()))}",
            path="move",
        )
    for name in dict.fromkeys([*(costs or {}), *(name for some in named for name in some)]):
        if name not in names:
            raise DefinitionError(
                f"{name!r} is not moved, so that it has no limits, step or cost{did_you_mean(name, names)}; "
                f"moved are {', '.join(map(repr, names)) or 'none'}",
                path=name,
            )
    for name, cost in (costs or {}).items():
        if exact(cost, what=f"the cost of {name!r}", path="costs") <= 0:
            raise DefinitionError(f"the cost of {name!r} must be positive (got {cost!r})", path="costs")
    return names


def _rated(evaluation: Evaluation) -> list[str]:
    """What a merit matrix is entered by, such as a rating."""
    return [name for name in evaluation.needs() if evaluation.choices_of(name)]


def _lever(
    search: Search,
    places: Mapping[str, int],
    name: str,
    costs: Mapping[str, Number] | None,
    days: tuple[int | None, int | None],
) -> Lever:
    axis, evaluation = search.axes[name], search.evaluation
    needed = places[name] * axis.step
    outcome = evaluation.told(search.of, search.outcomes([places])[0])
    cost = None if not costs or name not in costs else abs(needed - axis.now) * exact(costs[name])
    left, gone = days
    # An average or a ratio has no rate.
    counts = axis.kind == "money" or (axis.is_whole and axis.kind == "number")
    return Lever(
        column=name,
        label=axis.label,
        now=axis.told(axis.now),
        needed=axis.told(needed),
        outcome=outcome,
        cost=cost,
        rate=(needed - axis.now) / left if left and counts else None,
        rate_so_far=axis.now / gone if gone and counts else None,
        currency=_currency(search, name),
        typed=axis.typed(places[name]),
    )


def _currency(search: Search, name: str) -> str:
    """The currency of a column of minor units; none where the row has ``Money``, or no money."""
    axis, evaluation = search.axes[name], search.evaluation
    is_minor = axis.kind == "money" and not axis.currency and evaluation.plan is not None
    return evaluation.currency if is_minor else ""


def _short(search: Search, name: str, top: int | None, now: Any) -> LeverShortfall:
    axis, of, told = search.axes[name], search.of, search.evaluation.told
    known: dict[str, Any] = {"is_best": search.is_each_looked_at(name, None), "currency": _currency(search, name)}
    gives = now if top is None else search.outcomes([{name: top}])[0]
    if not gives > now:
        # The end of a column without one is only as far as was looked: that would say nothing to anybody.
        is_told = top in (axis.low, axis.high, *axis.places)
        at = axis.now if top is None or not is_told else top * axis.step
        return LeverShortfall(name, axis.label, axis.told(at), told(of, now if top is None else gives), **known)
    # The nearest place that gives as much.
    place = evolve(search, wanted=float(gives)).least(name, [{}])[0] or 0
    return LeverShortfall(name, axis.label, axis.told(place * axis.step), told(of, gives), **known)
