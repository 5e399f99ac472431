"""What changed from one explanation to another."""

from fractions import Fraction

import pytest

from perfkit import Curve, Explanation, IncentivePlan, Metric, Money, PerfkitError, RatingScale, Scorecard, TargetBonus
from perfkit.explain import GERMAN

F = Fraction


def pay(value, *parts, relation="sum", label="pay"):
    return Explanation("pay", value, label=label, relation=relation, parts=parts)


def line(value, label="line", code="line", **params):
    return Explanation(code, value, label=label, params=params)


def test_new_gone_and_changed_parts_add_up_to_the_change():
    before = pay(10, line(4, "a"), line(5, "b"), line(1, "c"))
    after = pay(14, line(6, "a"), line(5, "b"), line(3, "d"))
    difference = before.difference(after)
    difference.check()
    assert difference.text().splitlines() == [
        "pay: 10 to 14   4",
        "├─ a: 4 to 6    2",
        "├─ new: d       3",
        "└─ gone: c     -1",
    ]
    assert difference.text(GERMAN).splitlines()[0] == "pay: 10 auf 14    4"


def test_the_change_of_a_product_is_shared_by_the_mean_over_all_orders():
    before = pay(24, line(2, "a"), line(3, "b"), line(4, "c"), relation="product")
    after = pay(105, line(3, "a"), line(5, "b"), line(7, "c"), relation="product")
    parts = {part.label: part.value for part in before.difference(after).parts}
    # Das Gupta's formula for three factors, by hand: 1 * ((3*4 + 5*7) / 3 + (3*7 + 5*4) / 6), and so on.
    assert parts == {
        "a": F(47, 3) + F(41, 6),
        "b": 2 * (F(8 + 21, 3) + F(14 + 12, 6)),
        "c": 3 * (F(6 + 15, 3) + F(10 + 9, 6)),
    }
    assert sum(parts.values()) == 81


def test_a_factor_that_stays_scales_and_one_that_comes_or_goes_was_one():
    before = pay(12, line(2, "a"), line(6, "b"), relation="product")
    after = pay(90, line(3, "a"), line(6, "b"), line(5, "c"), relation="product")
    difference = before.difference(after)
    difference.check()
    assert {part.label: part.value for part in difference.parts} == {"a": 18, "c": 60}
    assert after.difference(before).value == -78
    same_value = pay(12, line(2, "a", x=1), line(6, "b"), relation="product")
    assert before.difference(same_value).parts == ()


def test_a_weighted_part_changes_by_itself_and_by_its_share():
    def part(score, weight):
        share = F(weight, 100)
        return Explanation(
            "contribution", share * score, label="csat", relation="affine", parts=[line(score, "inner")],
            params={"score": score, "weight": weight, "weights": 100, "slope": share, "intercept": 0},
        )  # fmt: skip

    difference = part(F(1), 40).difference(part(F(2), 60))
    difference.check()
    assert [(piece.code, piece.value) for piece in difference.parts] == [
        ("changed_by", F(1, 2)),
        ("changed_share", F(3, 10)),
    ]
    assert [piece.code for piece in part(F(1), 40).difference(part(F(1), 60)).parts] == ["changed_share"]
    same_share = part(F(1), 40).difference(part(F(2), 40))
    same_share.check()
    assert (same_share.relation, same_share.value) == ("affine", F(2, 5))


def test_all_of_the_change_along_a_curve_is_that_of_the_place():
    card = Scorecard("c", [Metric("x", curve=Curve.through((0, 0), (1, 1), (2, 3)))])
    difference = card.score_one({"x": 0.5}).explain().difference(card.score_one({"x": 1.5}).explain())
    difference.check()
    assert difference["x"].value == F(3, 2)
    assert difference.value == F(3, 2)
    within = card.score_one({"x": 0.25}).explain().difference(card.score_one({"x": 0.5}).explain())
    within.check()
    assert within.value == F(1, 4)


def test_what_became_another_kind_of_step_shows_both():
    card = Scorecard("c", [Metric("x"), Metric("y")])
    before, after = card.score_one({"x": 1, "y": 2}).explain(), card.score_one({"x": 1, "y": None}).explain()
    text = before.difference(after).text()
    assert "before: y: 2 at weight 1 of 2" in text
    assert "after: y: missing, weight 1 (redistribute)" in text
    before.difference(after).check()


def test_a_rounding_that_is_needed_only_once_is_new_and_the_factors_still_meet():
    plan = IncentivePlan("p", currency="EUR", pays=[TargetBonus("salary", 0.1, multiplier="score")])
    even = plan.pay_one({"salary": Money("60,000 EUR"), "score": 1}).explain()
    odd = plan.pay_one({"salary": Money("60,000 EUR"), "score": 1.1234567}).explain()
    for before, after in ((even, odd), (odd, even)):
        difference = before.difference(after)
        difference.check()
        codes = [part.code for part in difference.walk()]
        assert "changed_by" in codes
        assert ("new" in codes) != ("gone" in codes)


def test_what_is_no_number_has_no_change_and_is_told():
    scale = RatingScale("below", solid=0.8)
    difference = scale.rate_one(0.7).explain().difference(scale.rate_one(0.9).explain())
    assert difference.value is None
    assert difference.text().splitlines()[0].startswith("rating: below to solid")
    assert line(1).difference(line("x")).value is None
    assert line(None).difference(line("x")).value is None
    assert line("x").difference(line(None)).value is None
    assert line(None).difference(line(None)).value is None
    assert line(Money(1, "EUR")).difference(line(Money(1, "USD"))).value is None


def test_nothing_counts_as_none_of_it():
    assert line(None).difference(line(3)).value == 3
    assert line(3).difference(line(None)).value == -3
    assert line(Money(3, "EUR")).difference(line(None)).value == Money(-3, "EUR")


def test_parts_with_one_name_meet_in_their_order():
    before, after = pay(3, line(1, "a"), line(2, "a")), pay(7, line(1, "a"), line(2, "a"), line(4, "a"))
    assert [part.code for part in before.difference(after).parts] == ["new"]
    unnamed = pay(1, line(1, "", "gate_open")), pay(0, line(0, "", "gate_closed"))
    assert [part.code for part in unnamed[0].difference(unnamed[1]).parts] == ["changed"]


def test_a_step_of_another_relation_shows_both_versions():
    product, named = pay(6, line(2, "a"), line(3, "b"), relation="product"), pay(5, line(5, "a"), relation="from")
    assert [part.code for part in product.difference(named).parts] == ["changed", "gone"]
    assert [part.code for part in line(6, "pay", "pay").difference(pay(5, line(5, "a"))).parts] == ["was", "is"]
    without = Explanation("c", 1, relation="affine", parts=[line(1)], params={"slope": 1, "intercept": 0})
    nothing = Explanation("c", None, relation="affine", parts=[line(None)], params={"slope": 1, "intercept": 0})
    assert nothing.difference(without).value == 1


def test_one_that_does_not_compose_is_refused():
    with pytest.raises(PerfkitError, match="does not compose"):
        pay(5, line(1)).difference(pay(1, line(1)))
    with pytest.raises(PerfkitError, match="does not compose"):
        pay(1, line(1)).difference(pay(5, line(1)))


def test_a_difference_of_differences_still_reads():
    a, b, c = pay(1, line(1, "a")), pay(2, line(2, "a")), pay(4, line(4, "a"))
    twice = a.difference(b).difference(a.difference(c))
    twice.check()
    assert twice.text().splitlines()[:2] == ["pay: 1 to 3      2", "└─ a: 1 to 3     2"]


def test_a_step_may_have_parameters_of_any_name():
    before, after = line(1, "x", "top", step=4, before=1, about="a"), line(2, "x", "top", step=5, before=1, about="a")
    difference = before.difference(after)
    assert difference.params["step"] == 5
    assert difference.text().splitlines()[0].startswith("x: 1 to 2")


def test_its_waterfall_leads_from_before_to_after():
    drawn = pay(10, line(4, "a"), line(6, "b")).difference(pay(14, line(9, "a"), line(5, "b"))).waterfall()
    for told in ("before", ">+5<", ">-1<", "after", ">10<", ">14<"):
        assert told in drawn


def test_two_ratings_are_told_by_their_own_words():
    scale = RatingScale("below", solid=0.8, strong=1.2)
    first, last = (scale.rate([score])[0].explain() for score in (0.7, 1.3))
    assert first.difference(last).text().split("\n") == [
        "rating: below to strong                                           -",
        "├─ before: below: the lowest level, solid is reached at 0.8   below",
        "│  └─ score                                                     0.7",
        "└─ after: strong: from 1.2, the highest level                strong",
        "   └─ score                                                     1.3",
    ]
    assert "vorher: below: die unterste Stufe, solid ist ab 0,8 erreicht" in first.difference(last).text(GERMAN)


def test_the_last_bits_of_floats_have_no_line_when_they_are_new_either():
    card = Scorecard(
        "card", [Metric("bookings", weight=60), Metric("churn", weight=40, target=0.05, lower_is_better=True)]
    )
    first = card.score_one({"bookings": 1, "churn": None}).explain()
    last = card.score_one({"bookings": None, "churn": 0.04}).explain()
    change = first.difference(last)
    change.check()
    assert "rounding" not in change.text()
    assert "rounding" not in change.html()
