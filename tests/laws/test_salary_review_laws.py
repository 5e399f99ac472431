"""Laws of salary reviews: a budget is never passed, limits hold, and nothing depends on who else is in the batch."""

import json
from fractions import Fraction

from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from perfkit import (
    Cap,
    DataError,
    Floor,
    MeritMatrix,
    Money,
    SalaryBand,
    SalaryReview,
    SalaryStructure,
    from_dict,
    to_dict,
)

F = Fraction
LAW = settings(max_examples=60, deadline=None)
STRUCTURE = SalaryStructure(
    [SalaryBand("a", 30_000, 50_000), SalaryBand("b", 45_000, 75_000), SalaryBand("c", 70_000, 110_000)],
    currency="EUR",
)
MATRIX = MeritMatrix(
    {"high": [(0.03, 0.06, 0.09), 0.045, 0.03], "solid": [0.04, 0.03, (0, 0.02, 0.03)], "low": [0, 0, 0]},
    ranges=[0.9, 1.1],
)


@st.composite
def rounds(draw):
    """A review, its people, and a budget that may be too small."""
    n = draw(st.integers(1, 8))
    people = {
        "who": list(draw(st.permutations([f"p{i}" for i in range(n)]))),
        "salary": draw(st.lists(st.integers(2_000_000, 12_000_000), min_size=n, max_size=n)),
        "level": draw(st.lists(st.sampled_from("abc"), min_size=n, max_size=n)),
        "rating": draw(st.lists(st.sampled_from(["high", "solid", "low", None]), min_size=n, max_size=n)),
        "share": draw(st.lists(st.sampled_from([1, 1, 0.5, 0.25, 0]), min_size=n, max_size=n)),
        "ok": draw(st.lists(st.sampled_from([True, True, True, False]), min_size=n, max_size=n)),
        "team": draw(st.lists(st.sampled_from("xy"), min_size=n, max_size=n)),
    }
    review = SalaryReview(
        draw(st.sampled_from([MATRIX, 0.03])),
        amount=draw(st.sampled_from([0, 0, 200])),
        key="who",
        structure=STRUCTURE,
        prorate=draw(st.sampled_from([None, "share"])),
        minimum_raise=draw(st.sampled_from([None, 300, Floor(0.005, of="salary")])),
        maximum_raise=draw(st.sampled_from([None, 4_000, Cap(0.08, of="salary")])),
        to_minimum=draw(st.booleans()),
        above_range=draw(st.sampled_from(["lump_sum", "hold", "exceed"])),
        unit=draw(st.sampled_from([None, 1, 10])),
        scale=draw(st.sampled_from(["both", "down"])),
        within=draw(st.sampled_from([None, "team"])),
        eligible="ok",
        missing="blocked",
    )
    budget = draw(st.integers(0, 4_000_000))
    return review, people, budget


def fitted_to(review, people, budget):
    """The review fitted, or nothing where the budget is below the floors or nobody has a guideline."""
    amount = Money.from_minor(budget, "EUR")
    given_to = amount if review.within is None else dict.fromkeys(sorted(set(people["team"])), amount)
    try:
        return review.fit(people, given_to)
    except DataError:
        return None


@LAW
@given(rounds())
def test_a_round_never_exceeds_its_budget(case):
    review, people, budget = case
    fitted = fitted_to(review, people, budget)
    assume(fitted is not None)
    raised = fitted.raises(people)
    assert raised.total == fitted.cost <= fitted.budget
    left = sum((rest.amount for rest in fitted.left), Money(0, "EUR"))
    assert fitted.cost + left == fitted.budget
    proof = fitted.explain_budget(people)
    proof.check()
    assert proof.value == fitted.budget
    # More than a unit is only left where everybody is at a limit, or guidelines may not be raised.
    for rest in fitted.left:
        assert rest.reason in {"unit", "caps", "guidelines"}
        assert rest.reason != "unit" or rest.amount.minor < review.step
        assert rest.reason != "guidelines" or review.scale == "down"
    if review.scale == "down":
        assert all(factor <= 1 for factor in fitted.factors())


@LAW
@given(rounds())
def test_limits_hold_and_salaries_add_up(case):
    review, people, budget = case
    for rule in (review, fitted_to(review, people, budget)):
        if rule is None:
            continue
        raised = rule.raises(people)
        for row, outcome in enumerate(raised):
            before, after = outcome["salary_before"], outcome["salary_after"]
            assert before + outcome["raise"] == after
            assert outcome["raise"] + outcome["lump_sum"] == outcome.amount
            assert before.minor == people["salary"][row]
            assert outcome.minor >= 0
            assert outcome.minor % review.step == 0
            band = STRUCTURE.band(people["level"][row])
            if review.above_range != "exceed":
                assert after.exact <= max(band.maximum, before.exact)
            if review.above_range != "lump_sum":
                assert not outcome["lump_sum"]
            if not people["ok"][row]:
                assert (outcome.minor, outcome.reasons[0].code) == (0, "not_eligible")
            share = people["share"][row] if review.prorate else 1
            if review.maximum_raise is not None and review.maximum_raise.of is None:
                assert outcome.amount.exact <= 4_000 * F(str(share))
            wants = people["ok"][row] and (people["rating"][row] or not isinstance(review.guide, MeritMatrix))
            if review.to_minimum and wants and review.maximum_raise is None and review.guide == F("0.03"):
                assert after.exact >= band.minimum
            outcome.explain().check()


@LAW
@given(rounds(), st.data())
def test_order_and_partition_change_nobodys_raise(case, data):
    review, people, budget = case
    fitted = fitted_to(review, people, budget)
    assume(fitted is not None)
    raises = fitted.raises(people).minor.tolist()
    order = data.draw(st.permutations(range(len(raises))))
    shuffled = {name: [values[i] for i in order] for name, values in people.items()}
    assert fitted_to(review, shuffled, budget) == fitted
    assert fitted.raises(shuffled).minor.tolist() == [raises[i] for i in order]
    whole = fitted.raises(people)
    for row in range(len(raises)):
        one = fitted.raise_one({name: values[row] for name, values in people.items()})
        assert one.minor == raises[row]
        assert one.reasons == whole[row].reasons
        assert one.explain() == whole.explain(row)
    back = from_dict(json.loads(json.dumps(to_dict(fitted))))
    assert back == fitted
    assert back.raises(people).minor.tolist() == raises


@LAW
@given(rounds(), st.data())
def test_more_budget_never_lowers_a_raise_by_more_than_a_unit(case, data):
    review, people, budget = case
    more = budget + data.draw(st.integers(0, 500_000))
    small, large = fitted_to(review, people, budget), fitted_to(review, people, more)
    assume(small is not None and large is not None)
    before, after = small.raises(people).minor, large.raises(people).minor
    # The units left over may go to somebody else.
    assert ((after - before) >= -review.step).all()
    assert large.cost >= small.cost - Money.from_minor(review.step, "EUR") or review.scale == "down"


@LAW
@given(rounds())
def test_every_clip_says_its_reason(case):
    review, people, budget = case
    fitted = fitted_to(review, people, budget)
    assume(fitted is not None)
    raised = fitted.raises(people)
    for outcome in raised:
        explanation = outcome.explain()
        told = {part.code for part in explanation.parts} - {"guideline", "rounding", "budget_rounding"}
        further = {"red_circle", "scaled_to_budget", "below_range", "no_time"}
        named = {reason.code for reason in outcome.reasons} - further
        assert told == named if len(named) < 2 else told <= named
        assert bool(outcome["lump_sum"]) == ("red_circle" in {reason.code for reason in outcome.reasons})


@LAW
@given(rounds(), st.data())
def test_raises_rise_with_guidelines_in_every_mode(case, data):
    """People who differ in nothing but their rate: the higher the rate, the more, with a budget and without one."""
    review, people, budget = case
    n = len(people["who"])
    alike = {name: [values[0]] * n for name, values in people.items()} | {"who": people["who"], "ok": [True] * n}
    alike["rate"] = data.draw(st.lists(st.sampled_from([0, 0.005, 0.02, 0.021, 0.07, 0.2]), min_size=n, max_size=n))
    review = evolve(review, guide="rate")
    for rule in (review, fitted_to(review, alike, budget)):
        if rule is not None:
            raised = rule.raises(alike)
            for column in (raised.minor, raised.amounts["salary_after"], raised.amounts["lump_sum"]):
                ranked = sorted(zip(alike["rate"], column.tolist(), strict=True))
                assert [amount for _, amount in ranked] == sorted(amount for _, amount in ranked)


@LAW
@given(rounds())
def test_what_becomes_of_a_raise_above_the_range_changes_nothing_else(case):
    review, people, _ = case
    review = evolve(review, to_minimum=False, minimum_raise=None)
    lump, exceed, hold = (evolve(review, above_range=mode).raises(people) for mode in ("lump_sum", "exceed", "hold"))
    assert lump.minor.tolist() == exceed.minor.tolist()
    for row, (one, other, held) in enumerate(zip(lump, exceed, hold, strict=True)):
        maximum = Money(STRUCTURE.band(people["level"][row]).maximum, "EUR")
        before = one["salary_before"]
        assert one["salary_after"] == min(other["salary_after"], max(maximum, before))
        assert held.amount <= one.amount
        # Held raises are whole units, so the last part of one may be missing to the maximum.
        assert 0 <= one["salary_after"].minor - held["salary_after"].minor < review.step
        assert not held["lump_sum"]


@LAW
@given(rounds())
def test_a_budget_that_only_lowers_gives_nobody_more_than_the_guideline(case):
    review, people, budget = case
    review = evolve(review, scale="down", minimum_raise=None, to_minimum=False)
    fitted = fitted_to(review, people, budget)
    assume(fitted is not None)
    guided, paid = review.raises(people).minor, fitted.raises(people).minor
    # Who is held at a limit of the matrix, or gets one of the last units, may have up to a unit more.
    assert (paid <= guided + review.step).all() or isinstance(review.guide, MeritMatrix)
    enough = {name: Money.from_minor(10**9, "EUR") for name in set(people["team"])}
    full = fitted_to(review, people, 10**9) if review.within is None else review.fit(people, enough)
    assert full.raises(people).minor.tolist() == guided.tolist()
    assert {rest.reason for rest in full.left} <= {"guidelines", "unit"}
