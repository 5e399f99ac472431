"""Laws of reviews: bridges add up, advice reaches its aim and nothing smaller does, charts do not mind the unit."""

from fractions import Fraction
from itertools import permutations, product

import numpy as np
import pytest
from attrs import evolve
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from perfkit import (
    Cap,
    Commission,
    Curve,
    DataError,
    Deferral,
    Draw,
    Evaluation,
    Floor,
    Gate,
    Goal,
    GoalRules,
    GoalTree,
    IncentivePlan,
    Ledger,
    MeritMatrix,
    Metric,
    Minimum,
    Money,
    OrderedMean,
    RatingScale,
    RefundableCap,
    SalaryReview,
    Scorecard,
    Section,
    TargetBonus,
    Veto,
    bridge,
    ewma,
    price_volume,
    sensitivities,
    what_would_it_take,
    xmr,
)

F = Fraction
QUICK = settings(deadline=None)
SLOW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
NAMES = ("a", "b", "c", "d", "e")
CURVES = (
    None,
    Curve.through((0.5, 0), (1, 1), (1.5, 3)),
    Curve.steps((0, 0), (0.8, 0.5), (1.2, 2)),
    Curve.through((0, 2), (2, 0)),
    Curve.constant(1),
)
NUMBERS = st.integers(0, 40).map(lambda n: n / 20)
SCALE = RatingScale("low", mid=0.7, high=1.2)


@st.composite
def metrics(draw, name):
    target = draw(st.sampled_from([None, 1, 2, F(1, 3), f"{name}.target"]))
    return Metric(
        name,
        weight=draw(st.integers(1, 9)),
        target=target,
        lower_is_better=target is not None and draw(st.booleans()),
        curve=draw(st.sampled_from(CURVES)),
    )


def aggregates(parts):
    """How parts become one: mostly the weighted mean, and now and then what lets nothing make up for anything."""
    floors = st.sampled_from([part.name for part in parts])
    vetoes = st.builds(
        lambda name, floor, cap, of: Veto({name: floor}, cap, of=of),
        floors,
        st.sampled_from([0.5, 1]),
        st.sampled_from([0, 0.4]),
        st.sampled_from([None, Minimum()]),
    )
    return st.one_of(st.none(), st.none(), st.sampled_from([Minimum(), OrderedMean([1, 2])]), vetoes)


@st.composite
def cards(draw):
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    parts = [draw(metrics(name)) for name in names]
    split = draw(st.integers(0, len(parts)))
    sections = list(parts[:split])
    if parts[split:]:
        rest = parts[split:]
        if draw(st.booleans()):
            # A section within the section.
            inner = Section(
                "inner", weight=draw(st.integers(1, 9)), of=rest[-1:], aggregate=draw(aggregates(rest[-1:]))
            )
            rest = [*rest[:-1], inner]
        sections.append(Section("rest", weight=draw(st.integers(1, 9)), of=rest, aggregate=draw(aggregates(rest))))
    return Scorecard(
        "card",
        sections,
        aggregate=draw(aggregates(sections)),
        missing=draw(st.sampled_from(["redistribute", "zero"])),
        grid=draw(st.sampled_from([F(1, 10**6), F(1, 1000)])),
    )


@st.composite
def rows(draw):
    row = {name: draw(NUMBERS | st.none()) for name in NAMES}
    row |= {f"{name}.target": draw(st.integers(1, 8)) / 4 for name in NAMES}
    return row


@st.composite
def plans(draw):
    pays = [TargetBonus("salary", draw(st.sampled_from([0.1, F(1, 7)])), multiplier="score")]
    if draw(st.booleans()):
        pays.append(Commission("sold", draw(st.sampled_from([Curve.marginal((0, 0.02), (500, 0.05)), Curve.whole(
            (0, 0.01), (700, 0.04))]))))  # fmt: skip
    steps = [step for step in (Gate("ok"), Cap(0.2, of="salary"), Floor(10)) if draw(st.booleans())]
    # A score below zero pays less than nothing here, which advice has to live with.
    return IncentivePlan("plan", currency="EUR", pays=pays, then=steps, below_zero="keep")


PAID = st.fixed_dictionaries(
    {
        "salary": st.integers(0, 9_000_000),
        "sold": st.integers(0, 200_000),
        "ok": st.booleans(),
    }
)


def has_score(score):
    return score.value == score.value


def total(change):
    return sum((line.amount for line in change.lines), change.change - change.change)


@SLOW
@given(cards(), cards(), rows(), rows(), st.sampled_from(["auto", "two_way", "sequential", "joint"]))
def test_lines_add_up_to_the_change_of_every_score(one, other, first, last, method):
    before, after = one.score_one(first), other.score_one(last)
    assume(has_score(before) and has_score(after))
    change = bridge(before, after, method=method)
    assert change.change == F(str(after.value)) - F(str(before.value))
    assert total(change) == change.change
    change.explain().check()
    assert sum(change.by_kind().values()) == change.change


@SLOW
@given(cards(), cards(), rows(), rows())
def test_the_way_back_is_the_way_there_turned_round(one, other, first, last):
    before, after = one.score_one(first), other.score_one(last)
    assume(has_score(before) and has_score(after))
    there, back = bridge(before, after), bridge(after, before)
    kinds = {line.kind: amount for line in there.lines for amount in [there.by_kind()[line.kind]]}
    if "everything" not in {line.label for line in there.lines}:
        assert {kind: -amount for kind, amount in kinds.items()} == back.by_kind()


@SLOW
@given(cards(), plans(), plans(), rows(), rows(), PAID, PAID)
def test_lines_add_up_to_the_change_of_every_award(card, one, other, first, last, paid, later):
    before = Evaluation({**first, **paid}, card=card, plan=one, scale=SCALE)
    after = Evaluation({**last, **later}, card=card, plan=other, scale=SCALE)
    assume(before.value == before.value and after.value == after.value)
    change = bridge(before, after)
    assert change.change == after.amount - before.amount
    assert total(change) == change.change
    assert all(isinstance(line.amount, Money) for line in change.lines)
    levels = bridge(before, after, of="rating")
    assert total(levels) == levels.change == after.rating.level - before.rating.level


@SLOW
@given(cards(), st.lists(rows(), min_size=1, max_size=4), rows())
def test_a_group_leads_from_its_mean(card, group, row):
    scores = [card.score_one(one) for one in group]
    mine = card.score_one(row)
    assume(all(map(has_score, scores)) and has_score(mine))
    change = bridge(scores, mine)
    assert change.before == sum(F(str(score.value)) for score in scores) / len(scores)
    assert total(change) == change.change


@SLOW
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=4), st.data())
def test_lines_add_up_to_the_change_of_every_roll_up(definitions, data):
    def tree(pick):
        parts = [Goal(f"g{place}", target=one[pick], weight=one[2]) for place, one in enumerate(definitions)]
        return GoalTree([Goal("all", children=parts)])

    def seen():
        return {f"g{place}": data.draw(st.integers(0, 9) | st.none()) for place in range(len(definitions))}

    before, after = tree(0).roll_up(seen())["all"], tree(1).roll_up(seen())["all"]
    assume(before.progress is not None and after.progress is not None)
    change = bridge(before, after, level=data.draw(st.integers(0, 1)))
    assert change.change == F(str(after.progress)) - F(str(before.progress))
    assert total(change) == change.change


DRIVERS = st.fractions(-5, 5, max_denominator=9)


@QUICK
@given(st.lists(st.tuples(DRIVERS, DRIVERS), min_size=1, max_size=5))
def test_every_order_of_the_factors_on_average(pairs):
    before = {f"f{place}": one for place, (one, _) in enumerate(pairs)}
    after = {f"f{place}": other for place, (_, other) in enumerate(pairs)}
    change = bridge(before, after)
    orders = list(permutations(before))
    for name in before:
        added = F(0)
        for order in orders:
            known = dict(before)
            for step in order:
                start = np.prod(list(known.values()))
                known[step] = after[step]
                if step == name:
                    added += np.prod(list(known.values())) - start
        mine = [line.amount for line in change.lines if line.label == name]
        assert sum(mine, F(0)) == added / len(orders)


@QUICK
@given(
    st.integers(1, 3).flatmap(
        lambda groups: st.lists(
            st.tuples(*[st.lists(DRIVERS, min_size=groups, max_size=groups)] * 2), min_size=1, max_size=4
        )
    )
)
def test_drivers_by_group_are_the_sum_of_their_groups(pairs):
    sides = [{f"f{place}": pair[side] for place, pair in enumerate(pairs)} for side in (0, 1)]
    change = bridge(*sides)
    assert total(change) == change.change
    for name in sides[0]:
        apart = F(0)
        for group in range(len(sides[0][name])):
            one = bridge(*({driver: values[group] for driver, values in side.items()} for side in sides))
            apart += sum((line.amount for line in one.lines if line.label == name), F(0))
        assert sum((line.amount for line in change.lines if line.label == name), F(0)) == apart


@QUICK
@given(st.lists(st.tuples(DRIVERS, DRIVERS), min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_names_and_their_order_do_not_matter(pairs, random):
    order = list(range(len(pairs)))
    random.shuffle(order)
    sides = [
        [{f"f{place}": pairs[place][side] for place in some} for side in (0, 1)] for some in (sorted(order), order)
    ]
    amounts = [{line.label: line.amount for line in bridge(*side).lines} for side in sides]
    assert amounts[0] == amounts[1]


@QUICK
@given(DRIVERS, DRIVERS, DRIVERS, DRIVERS)
def test_factors_that_do_alike_get_alike(one, other, first, last):
    change = bridge({"x": one, "y": one, "z": first}, {"x": other, "y": other, "z": last})
    amounts = {line.label: line.amount for line in change.lines}
    assert amounts.get("x", 0) == amounts.get("y", 0)


@QUICK
@given(st.lists(st.tuples(DRIVERS, DRIVERS), min_size=1, max_size=4))
def test_what_changes_nothing_gets_nothing(pairs):
    before = {f"f{place}": one for place, (one, _) in enumerate(pairs)}
    after = {f"f{place}": other for place, (_, other) in enumerate(pairs)}

    def without(drivers):
        return np.prod([value for name, value in drivers.items() if name != "idle"])

    change = bridge({**before, "idle": 1}, {**after, "idle": 9}, of=without)
    assert change["idle"].amount == 0


@SLOW
@given(cards(), rows(), NUMBERS, NUMBERS)
def test_a_metric_that_never_counts_gets_nothing(card, row, one, other):
    idle = Metric("idle", weight=1, curve=Curve.constant(1))
    wider = Scorecard("wide", [*card.sections, idle])
    ends = [wider.score_one({**row, "idle": value}) for value in (one, other)]
    assert all(line.amount == 0 for line in bridge(*ends).lines)


PRICED = st.dictionaries(st.sampled_from("abc"), st.tuples(*[st.integers(0, 20)] * 4), min_size=1, max_size=3)


@QUICK
@given(PRICED, st.sets(st.sampled_from("abc")), st.sets(st.sampled_from("abc")))
def test_products_that_come_and_go_add_up_and_turn_round(products, late, early):
    before = {name: pair[:2] for name, pair in products.items() if name not in late}
    after = {name: pair[2:] for name, pair in products.items() if name not in early}
    assume(before or after)
    there, back = price_volume(before, after), price_volume(after, before)
    assert total(there) == there.change
    assert {(line.kind, line.label, line.amount) for line in there.lines} == {
        (line.kind, line.label, -line.amount) for line in back.lines
    }


@QUICK
@given(PRICED)
def test_price_volume_and_mix_add_up_and_turn_round(products):
    before = {name: pair[:2] for name, pair in products.items()}
    after = {name: pair[2:] for name, pair in products.items()}
    there, back = price_volume(before, after), price_volume(after, before)
    assert total(there) == there.change
    assert [line.amount for line in there.lines] == [-line.amount for line in back.lines]


STEP = F(1, 20)


def nearer(now, change):
    """Every place of the grid that is nearer to where one stands than a change away."""
    places = range(-41, 82)
    return [place * STEP for place in places if 0 <= place * STEP <= 4 and abs(place * STEP - now) < abs(change)]


@SLOW
@given(cards(), rows(), st.integers(1, 40).map(lambda n: n / 20))
def test_advice_reaches_its_aim_and_nothing_smaller_does(card, row, aim):
    score = card.score_one(row)
    assume(has_score(score))
    names = [metric.column for metric in card.metrics() if row[metric.column] is not None]
    assume(names)
    options = {"limits": dict.fromkeys(names, (0, 4)), "steps": dict.fromkeys(names, STEP)}
    advice = what_would_it_take(score, score=aim, **options)
    assert advice.is_reached == (score.value >= aim)
    if advice.is_reached:
        return
    found = {lever.column: lever for lever in advice.levers}
    for name in names:
        now = F(str(row[name]))
        limit = abs(found[name].change) if name in found else 99
        for place in nearer(now, limit):
            assert card.score_one({**row, name: float(place)}).value < aim
        if name in found:
            assert card.score_one(advice.row(found[name])).value >= aim


@SLOW
@given(cards(), plans(), rows(), PAID, st.integers(1, 900_000))
def test_advice_reaches_its_amount_and_nothing_smaller_does(card, plan, row, paid, more):
    person = Evaluation({**row, **paid}, card=card, plan=plan)
    names = [metric.column for metric in card.metrics() if row[metric.column] is not None]
    assume(names and person.value == person.value)
    aim = Money.from_minor(person.amount.minor + more, "EUR")
    options = {"limits": dict.fromkeys(names, (0, 4)), "steps": dict.fromkeys(names, STEP)}
    advice = what_would_it_take(person, amount=aim, **options)
    found = {lever.column: lever for lever in advice.levers}
    for name in names:
        limit = abs(found[name].change) if name in found else 99
        for place in nearer(F(str(row[name])), limit):
            assert person.with_row(**{name: float(place)}).amount < aim
        if name in found:
            assert Evaluation(advice.row(found[name]), card=card, plan=plan).amount >= aim


@SLOW
@given(cards(), rows(), st.integers(1, 40).map(lambda n: n / 20), st.data())
def test_no_corner_of_the_limits_is_cheaper_than_the_mix(card, row, aim, data):
    score = card.score_one(row)
    assume(has_score(score))
    names = [metric.column for metric in card.metrics() if row[metric.column] is not None][:2]
    assume(names)
    costs = {name: data.draw(st.integers(1, 9)) for name in names}
    options = {"limits": dict.fromkeys(names, (0, 2)), "steps": dict.fromkeys(names, F(1, 4)), "costs": costs}
    advice = what_would_it_take(score, score=aim, move=names, **options)
    assume(not advice.is_reached)
    grid = [place / 4 for place in range(9)]
    places = [{names[0]: one} for one in grid]
    if len(names) == 2:
        places = [{**one, names[1]: other} for one in places for other in grid]
    cheapest = None
    for place in places:
        if card.score_one({**row, **place}).value >= aim:
            cost = sum(abs(F(str(value)) - F(str(row[name]))) * costs[name] for name, value in place.items())
            cheapest = cost if cheapest is None else min(cheapest, cost)
    # That nothing suffices is never said where something does.
    assert advice.is_reachable or cheapest is None
    if advice.mix:
        assert card.score_one(advice.row(*advice.mix)).value >= aim
        if advice.is_least and cheapest is not None:
            # But for the last step of the grid of each column.
            assert advice.cost <= cheapest + sum(costs.values()) * F(1, 4)


@SLOW
@given(cards(), plans(), rows(), PAID, st.integers(1, 900_000), st.data())
def test_that_nothing_suffices_for_an_amount_is_a_proof(card, plan, row, paid, more, data):
    person = Evaluation({**row, **paid}, card=card, plan=plan)
    names = [metric.column for metric in card.metrics() if row[metric.column] is not None][:2]
    assume(names and person.value == person.value)
    aim = Money.from_minor(person.amount.minor + more, "EUR")
    flags = ["ok"] if "ok" in person.needs() and data.draw(st.booleans()) else []
    options = {"limits": dict.fromkeys(names, (0, 2)), "steps": dict.fromkeys(names, F(1, 4))}
    advice = what_would_it_take(person, amount=aim, move=[*names, *flags], **options)
    grid = [[{name: place / 4} for place in range(9)] for name in names] + [
        [{name: value} for value in (False, True)] for name in flags
    ]
    most = max(
        person.with_row(**{name: value for one in places for name, value in one.items()}).amount
        for places in product(*grid)
    )
    if not advice.is_reachable:
        assert most < aim
        assert advice.all_at_best >= most
        assert all(stop.phrase() for stop in advice.stops)


@SLOW
@given(cards(), plans(), rows(), PAID, st.integers(1, 400_000), st.data())
def test_no_place_of_a_grid_is_cheaper_than_the_mix_for_an_amount(card, plan, row, paid, more, data):
    person = Evaluation({**row, **paid}, card=card, plan=plan)
    names = [metric.column for metric in card.metrics() if row[metric.column] is not None][:2]
    assume(names and person.value == person.value)
    aim = Money.from_minor(person.amount.minor + more, "EUR")
    costs = {name: data.draw(st.integers(1, 9)) for name in names}
    options = {"limits": dict.fromkeys(names, (0, 2)), "steps": dict.fromkeys(names, F(1, 4)), "costs": costs}
    advice = what_would_it_take(person, amount=aim, move=names, **options)
    prices = []
    for places in product(*([{name: place / 4} for place in range(9)] for name in names)):
        place = {name: value for one in places for name, value in one.items()}
        if person.with_row(**place).amount >= aim:
            prices.append(sum(abs(F(str(value)) - F(str(row[name]))) * costs[name] for name, value in place.items()))
    assert bool(advice.mix) == bool(prices)
    if advice.mix:
        assert evolve(person, row=advice.row(*advice.mix)).amount >= aim
        # But for the last step of the grid of each column.
        assert advice.cost <= min(prices) + sum(costs.values()) * F(1, 4)


MATRIX_RATES = st.lists(st.integers(0, 10).map(lambda n: F(n, 100)), min_size=4, max_size=4)


@SLOW
@given(MATRIX_RATES, st.integers(1_000_000, 9_000_000), st.integers(0, 3), st.integers(1, 900_000), st.data())
def test_a_rating_for_a_raise_is_the_nearest_that_gives_it(rates, salary, now, more, data):
    ratings = ("below", "solid", "strong", "top")
    cap = data.draw(st.sampled_from([None, 1_000]))
    review = SalaryReview(
        MeritMatrix(dict(zip(ratings, rates, strict=True))), key="who", currency="EUR", maximum_raise=cap
    )
    row = {"who": "ana", "salary": salary, "rating": ratings[now]}
    raises = [review.raise_one({**row, "rating": rating}).minor for rating in ratings]
    aim = raises[now] + more
    advice = what_would_it_take(review, row, amount=Money.from_minor(aim, "EUR"))
    enough = [place for place in range(4) if raises[place] >= aim]
    assert advice.is_reachable == bool(enough)
    if enough:
        (lever,) = advice.levers
        assert abs(ratings.index(lever.needed) - now) == min(abs(place - now) for place in enough)
        assert review.raise_one(advice.row(lever)).minor >= aim
    else:
        assert advice.all_at_best.minor == max(raises)


@SLOW
@given(cards(), rows(), MATRIX_RATES, st.integers(1, 900_000))
def test_results_for_a_raise_through_score_rating_and_matrix(card, row, rates, more):
    review = SalaryReview(
        MeritMatrix(dict(zip(("low", "mid", "high"), rates, strict=False))), key="who", currency="EUR"
    )
    person = Evaluation({**row, "who": "ana", "salary": 6_000_000}, card=card, scale=SCALE, plan=review)
    names = [metric.column for metric in card.metrics() if row[metric.column] is not None]
    assume(names and person.value == person.value)
    aim = Money.from_minor(person.amount.minor + more, "EUR")
    options = {"limits": dict.fromkeys(names, (0, 4)), "steps": dict.fromkeys(names, STEP)}
    advice = what_would_it_take(person, amount=aim, **options)
    found = {lever.column: lever for lever in advice.levers}
    for name in names:
        limit = abs(found[name].change) if name in found else 99
        for place in nearer(F(str(row[name])), limit):
            assert person.with_row(**{name: float(place)}).amount < aim
        if name in found:
            assert evolve(person, row=advice.row(found[name])).amount >= aim


CARRIES = st.lists(
    st.sampled_from(
        [Draw(1_000), Draw(500, recoverable=False, name="guarantee"), RefundableCap(3_000), Deferral(0.4, over=2)]
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda step: step.name,
)


@SLOW
@given(CARRIES, st.integers(0, 300_000), st.integers(0, 300_000), st.integers(1, 200_000))
@example([RefundableCap(3_000), Deferral(0.4, over=2), Draw(1_000)], 0, 0, 1)
def test_advice_for_the_pay_of_a_period_reaches_it(carry, before, sold, more):
    plan = IncentivePlan(
        "plan", currency="EUR", pays=[Commission("sold", Curve.marginal((0, 0.5), (2_000, 1)))], carry=carry
    )
    _, ledger = plan.pay_period({"who": ["ana"], "sold": [before]}, Ledger("EUR"), key="who")

    def paid(minor):
        return plan.pay_period({"who": ["ana"], "sold": [minor]}, ledger, key="who")[0]

    now = paid(sold)
    aim = now.total.minor + more
    advice = what_would_it_take(now[0], amount=Money.from_minor(aim, "EUR"), move=["sold"], limits={"sold": (0, 9_000)})
    assert advice.now == now.total
    if advice.levers:
        (lever,) = advice.levers
        needed = lever.needed.minor if isinstance(lever.needed, Money) else int(lever.needed * 100)
        assert paid(needed).total.minor >= aim
        assert paid(needed - 1).total.minor < aim
    else:
        assert paid(900_000).total.minor < aim
        assert advice.stops


SHARED = Scorecard(
    "shared",
    [Metric("a", target="b", curve=Curve.through((0, 0), (2, 2))), Metric("b", target=2, lower_is_better=True)],
)


@QUICK
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40))
def test_a_lever_along_a_column_of_several_rules_is_least_where_it_says_so(a, b, aim):
    row = {"a": a / 10, "b": b / 10}
    score = SHARED.score_one(row)
    advice = what_would_it_take(score, score=aim / 10, move=["b"], steps={"b": F(1, 10)}, limits={"b": (0.1, 9)})
    places = [place for place in range(1, 91) if SHARED.score_one({**row, "b": place / 10}).value >= aim / 10]
    assert advice.is_reached == (score.value >= aim / 10)
    if advice.is_reached:
        return
    assert bool(places) == bool(advice.levers)
    if places:
        assert advice.levers[0].is_least
        assert abs(advice.levers[0].change) == min(F(abs(place - b), 10) for place in places)
    else:
        assert advice.short[0].is_best


@SLOW
@given(cards(), rows())
def test_a_percent_is_worth_what_it_changes(card, row):
    score = card.score_one(row)
    assume(has_score(score))
    for one in sensitivities(score, percent=50):
        moved = card.score_one({**row, one.column: float(F(str(row[one.column])) + one.change)})
        assert one.effect == F(str(moved.value)) - F(str(score.value))


HISTORIES = st.lists(st.integers(-50, 50), min_size=8, max_size=40)


@QUICK
@given(HISTORIES, st.sampled_from([F(1, 3), F(2), F(7, 2)]), st.integers(-9, 9))
def test_a_chart_does_not_mind_the_unit(values, size, offset):
    one, other = (
        xmr(values, rules="western_electric"),
        xmr([size * value + offset for value in values], rules="western_electric"),
    )
    assert [(s.code, s.at, s.side) for s in one.signals] == [(s.code, s.at, s.side) for s in other.signals]
    assert one.verdict == other.verdict


@QUICK
@given(HISTORIES)
def test_a_chart_turned_over_has_the_same_signals_on_the_other_side(values):
    one, other = xmr(values, rules="wheeler"), xmr([-value for value in values], rules="wheeler")
    turned = {"above": "below", "below": "above"}
    assert [(s.code, s.at, turned[s.side]) for s in one.signals] == [(s.code, s.at, s.side) for s in other.signals]


@QUICK
@given(HISTORIES)
def test_an_average_stays_among_its_values(values):
    try:
        chart = ewma(values)
    except DataError:
        assert len(set(values)) == 1
        return
    low, high = min(values), max(values)
    assert all(low - 1e-9 <= value <= high + 1e-9 for value in chart.smoothed)
    with pytest.raises(AttributeError):
        chart.weight = 1


@SLOW
@given(cards(), st.lists(rows(), min_size=1, max_size=5))
def test_the_explanation_of_every_score_is_that_of_the_batch_and_adds_up(card, people):
    scores = card.score({name: [row[name] for row in people] for name in people[0]})
    for place, row in enumerate(people):
        explained = scores.explain(place)
        explained.check()
        value = float(scores.values[place])
        assert explained.value is None if value != value else float(explained.value) == value
        assert explained == card.score_one(row).explain()


@SLOW
@given(plans(), CARRIES | st.just([]), st.lists(PAID, min_size=1, max_size=5), st.lists(st.floats(0, 3), min_size=5))
def test_the_explanation_of_every_award_is_that_of_the_batch_and_adds_up(plan, carry, people, scores):
    plan = evolve(plan, carry=[step for step in carry if step.name not in {"cap"}])
    columns = {name: [person[name] for person in people] for name in people[0]}
    columns |= {"score": np.round(scores[: len(people)], 6), "who": [f"p{place}" for place in range(len(people))]}
    ledger = Ledger("EUR")
    for _ in range(2):
        if plan.carry:
            payouts, ledger = plan.pay_period(columns, ledger, key="who")
        else:
            payouts = plan.pay(columns)
        for place in range(len(people)):
            explained = payouts.explain(place)
            explained.check()
            assert explained.value == payouts[place].amount
            assert sum((part.value for part in explained.parts), Money("0 EUR")) == payouts[place].amount


@st.composite
def trees(draw):
    """A goal of random parts, by a mean or a sum, with parts of parts; and what was seen of them."""
    seen = {}

    def part(name, depth, by):
        if depth and draw(st.booleans()):
            count = draw(st.integers(1, 3))
            return Goal(
                name,
                target=draw(st.integers(1, 10**6)),
                weight=draw(st.integers(1, 9)),
                roll_up=by,
                children=[part(f"{name}.{place}", depth - 1, by) for place in range(count)],
            )
        value = draw(st.none() | st.integers(0, 10**6) | st.floats(0, 10))
        if value is not None:
            seen[name] = value
        return Goal(name, target=draw(st.sampled_from([1, 3, 7, 10**6])), weight=draw(st.integers(1, 9)))

    by = draw(st.sampled_from(["weighted_mean", "sum", "mean"]))
    children = [part(f"g{place}", 2, by) for place in range(draw(st.integers(1, 3)))]
    return GoalTree([Goal("all", target=draw(st.integers(1, 10**6)), roll_up=by, children=children)]), seen


@SLOW
@given(trees(), st.sampled_from(["keep", "cap"]), st.sampled_from(["redistribute", "even", "zero"]))
def test_the_explanation_of_every_roll_up_adds_up(case, above, missing):
    tree, seen = case
    report = tree.roll_up(seen, rules=GoalRules(above_target=above, missing=missing))
    for id, status in report.items():
        explained = report.explain(id)
        explained.check()
        assert explained.value == status.progress
        for one in explained.walk():
            if one.code == "published":
                # What is called the rounding to the grid is no more than that.
                assert abs(one.value) <= one.params["grid"]
