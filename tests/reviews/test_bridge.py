"""Bridges: a change split into what it came from, and what no bridge can be made of."""

import json
from fractions import Fraction

import pytest

import perfkit
from perfkit import (
    Bridge,
    BridgeLine,
    Cap,
    Commission,
    Curve,
    DataError,
    DefinitionError,
    Draw,
    Evaluation,
    FlatAmount,
    IncentivePlan,
    Metric,
    Money,
    Prorate,
    RatingScale,
    Scorecard,
    Section,
    TargetBonus,
    bridge,
)

F = Fraction
CURVE = Curve.through((0.8, 0), (1, 1), (1.2, 2))
CARD = Scorecard(
    "sales",
    [
        Section(
            "results",
            weight=70,
            of=[
                Metric("revenue", weight=80, target="quota", curve=CURVE),
                Metric("churn", weight=20, target=0.05, lower_is_better=True),
            ],
        ),
        Section("customers", weight=30, of=[Metric("csat", target=5)]),
    ],
)
ROW = {"revenue": 1_000, "quota": 1_000, "churn": 0.05, "csat": 4}
PLAN = IncentivePlan(
    "bonus", currency="EUR", pays=[TargetBonus("salary", 0.1, multiplier="score")], then=[Cap(0.15, of="salary")]
)
SCALE = RatingScale("below", solid=0.8, strong=1.2)
SALARY = {"salary": Money("60,000 EUR")}


def scored(card=CARD, **changed):
    return card.score_one({**ROW, **changed})


def of_one_line(change):
    """The kind, label and amount of the only line that brings anything; the change is all its doing."""
    moved = [line for line in change.lines if line.amount]
    assert [line.amount for line in moved] == [change.change]
    return moved[0].kind, moved[0].label


class TestScores:
    def test_nothing_changed(self):
        change = bridge(scored(), scored())
        assert (change.lines, change.change, str(change)) == ((), 0, "before    0.94\nafter     0.94")

    @pytest.mark.parametrize(
        ("changed", "line"),
        [
            ({"revenue": 1_100}, ("value", "revenue")),
            ({"quota": 1_100}, ("target", "revenue")),
            ({"churn": 0.04}, ("value", "churn")),
            ({"csat": None}, ("missing", "csat")),
        ],
    )
    def test_a_column_that_changed(self, changed, line):
        assert of_one_line(bridge(scored(), scored(**changed))) == line

    def test_a_target_in_the_definition(self):
        results = Section(
            "results",
            weight=70,
            of=[CARD.sections[0].of[0], Metric("churn", weight=20, target=0.04, lower_is_better=True)],
        )
        after = Scorecard("sales", [results, CARD.sections[1]])
        assert of_one_line(bridge(scored(), scored(after))) == ("target", "churn")

    def test_weights_count_beside_each_other(self):
        after = CARD.weighted({"revenue": 50, "churn": 50})
        assert of_one_line(bridge(scored(revenue=900), scored(after, revenue=900))) == ("weight", "results")
        same = CARD.weighted({"revenue": 8, "churn": 2})
        assert bridge(scored(revenue=900), scored(same, revenue=900)).lines == ()

    def test_a_metric_that_came_takes_its_share_from_the_others(self):
        after = Scorecard(
            "sales", [CARD.sections[0], Section("customers", weight=30, of=[Metric("csat", target=5), Metric("nps")])]
        )
        change = bridge(scored(), scored(after, nps=1))
        assert of_one_line(change) == ("membership", "nps")
        assert change.change == F(3, 100)

    def test_a_metric_that_came_with_shrunk_weights_is_all_membership(self):
        before = Scorecard("a", [Metric("x", weight=80), Metric("y", weight=20)])
        after = Scorecard("b", [Metric("x", weight=64), Metric("y", weight=16), Metric("z", weight=20)])
        row = {"x": 1, "y": 2, "z": 5}
        assert of_one_line(bridge(before.score_one(row), after.score_one(row))) == ("membership", "z")

    def test_a_metric_that_went(self):
        before = Scorecard("a", [Metric("x"), Metric("y"), Metric("z")])
        after = Scorecard("b", [Metric("x"), Metric("z")])
        row = {"x": 1, "y": 2, "z": 5}
        change = bridge(before.score_one(row), after.score_one(row))
        assert of_one_line(change) == ("membership", "y")

    def test_metrics_that_came_and_went_while_weights_and_values_moved(self):
        before = Scorecard("a", [Metric("w", weight=1), Metric("x", weight=60), Metric("y", weight=20)])
        after = Scorecard("a", [Metric("x", weight=30), Metric("y", weight=50), Metric("z", weight=20)])
        row = {"w": 9, "x": 1, "y": 2, "z": 5}
        change = bridge(before.score_one(row), after.score_one({**row, "x": 3}))
        assert [(line.kind, line.label) for line in change.lines] == [
            ("value", "x"),
            ("weight", "a"),
            ("membership", "w"),
            ("membership", "z"),
        ]
        assert sum(line.amount for line in change.lines) == change.change

    def test_a_structure_that_changed_while_values_moved(self):
        before = Scorecard("a", [Section("s", of=[Metric("x"), Metric("y")]), Section("t", of=[Metric("z")])])
        after = Scorecard("a", [Section("s", of=[Metric("x")]), Section("t", of=[Metric("y"), Metric("z")])])
        row = {"x": 1, "y": 2, "z": 6}
        change = bridge(before.score_one(row), after.score_one({**row, "x": 3}))
        assert [(line.kind, line.label) for line in change.lines] == [("value", "x"), ("plan", "definition")]

    def test_weights_that_were_alike_and_a_group_that_is_new_inside(self):
        before = Scorecard("a", [Section("s", of=[Metric("x")]), Metric("z")])
        after = Scorecard("a", [Section("s", of=[Metric("y")]), Metric("z")])
        row = {"x": 1, "y": 3, "z": 5}
        change = bridge(before.score_one(row), after.score_one({**row, "z": 7}))
        assert [(line.kind, line.label) for line in change.lines] == [("value", "z"), ("membership", "s")]

    def test_a_group_in_which_nothing_is_the_same(self):
        before = Scorecard("a", [Section("s", weight=1, of=[Metric("x")]), Metric("z", weight=1)])
        after = Scorecard("a", [Section("s", weight=1, of=[Metric("y")]), Metric("z", weight=1)])
        row = {"x": 1, "y": 3, "z": 5}
        assert of_one_line(bridge(before.score_one(row), after.score_one(row))) == ("membership", "s")

    def test_a_curve(self):
        metric = Metric("revenue", weight=80, target="quota", curve=Curve.through((0.8, 0), (1, 1), (1.2, 3)))
        after = Scorecard(
            "sales", [Section("results", weight=70, of=[metric, CARD.sections[0].of[1]]), CARD.sections[1]]
        )
        change = bridge(scored(revenue=1_100), scored(after, revenue=1_100))
        assert of_one_line(change) == ("plan", "revenue")

    def test_a_rule_of_the_whole_card(self):
        after = Scorecard("other", CARD.sections, missing="zero")
        change = bridge(scored(csat=None), scored(after, csat=None))
        assert of_one_line(change) == ("plan", "other")

    def test_a_metric_in_another_section_is_another_structure(self):
        after = Scorecard(
            "sales", [Section("results", weight=70, of=CARD.sections[0].of[:1]), Section("c", weight=30, of=[
                Metric("csat", weight=1, target=5), Metric("churn", weight=1, target=0.05, lower_is_better=True)])]
        )  # fmt: skip
        change = bridge(scored(), scored(after, csat=5))
        assert {(line.kind, line.label) for line in change.lines} == {("value", "csat"), ("plan", "definition")}
        assert sum(line.amount for line in change.lines) == change.change

    def test_a_metric_that_became_a_section(self):
        before = Scorecard("a", [Metric("x", weight=1), Metric("y", weight=1)])
        after = Scorecard("a", [Section("x", weight=1, of=[Metric("u")]), Metric("y", weight=1)])
        row = {"x": 1, "y": 2, "u": 4}
        change = bridge(before.score_one(row), after.score_one({**row, "y": 3}))
        assert [(line.kind, line.label, line.amount) for line in change.lines] == [
            ("value", "y", F(1, 2)),
            ("plan", "x", F(3, 2)),
        ]

    def test_what_is_coarser_than_the_finest_grid_is_rounding(self):
        coarse = Scorecard("sales", CARD.sections, grid=0.1)
        change = bridge(scored(coarse), scored(coarse, csat=4.5))
        assert [(line.kind, line.amount) for line in change.lines] == [("value", F(3, 100)), ("rounding", F(7, 100))]
        assert change.change == F(1, 10)

    def test_what_is_shared_out_does_not_depend_on_the_side_it_is_looked_at_from(self):
        there = bridge(scored(), scored(revenue=1_150, quota=1_050, churn=0.03))
        back = bridge(scored(revenue=1_150, quota=1_050, churn=0.03), scored())
        assert [line.amount for line in there.lines] == [-line.amount for line in back.lines]

    def test_mixtures_without_a_meaning_are_put_together(self):
        # With the old value and the new target there would be no span.
        before = Scorecard("a", [Metric("x", target="t", baseline="b"), Metric("y")])
        low = before.score_one({"x": 5, "t": 10, "b": 0, "y": 1})
        high = before.score_one({"x": 15, "t": 20, "b": 10, "y": 1})
        # Target and baseline change together, so that nothing is divided by zero.
        assert bridge(low, high).change == 0
        none = Scorecard("a", [Metric("x", missing="refuse", target="t"), Metric("y")])
        ends = [none.score_one({"x": 5, "t": t, "y": y}) for t, y in ((10, None), (5, 3))]
        assert bridge(*ends).change == sum(line.amount for line in bridge(*ends).lines)

    def test_what_is_missing_in_turn_is_one_factor(self):
        # With both missing, as in half of the mixtures, there would be no score.
        card = Scorecard("a", [Metric("x"), Metric("y")])
        change = bridge(card.score_one({"x": 1, "y": None}), card.score_one({"x": None, "y": 3}))
        assert [(line.kind, line.label, line.amount) for line in change.lines] == [("missing", "several metrics", 2)]

    def test_more_factors_than_every_subset_can_be_looked_at(self):
        card = Scorecard("a", [Metric(f"m{place:02}") for place in range(20)])
        rows = [{f"m{place:02}": place * size for place in range(20)} for size in (1, 3)]
        change = bridge(*map(card.score_one, rows))
        assert change.method == "two_way"
        # A mean is a sum, so that the two ways give what every order would.
        assert [line.amount for line in change.lines] == [F(2 * place, 20) for place in range(1, 20)]
        with pytest.raises(DefinitionError, match="19 changed; more than 16 take too long: choose method='two_way'"):
            bridge(*map(card.score_one, rows), method="shapley")

    def test_each_alone_and_in_turn(self):
        ends = scored(), scored(revenue=1_100, quota=1_050)
        alone, turn = (bridge(*ends, method=method) for method in ("joint", "sequential"))
        assert [line.kind for line in alone.lines] == ["value", "target", "joint"]
        assert [line.kind for line in turn.lines] == ["value", "target"]
        assert turn["revenue"].amount == bridge(ends[0], scored(revenue=1_100)).change == alone["revenue"].amount
        for change in (alone, turn):
            assert sum(line.amount for line in change.lines) == change.change


class TestRatingsAndPay:
    def person(self, card=CARD, plan=PLAN, scale=SCALE, **changed):
        return Evaluation({**ROW, **SALARY, **changed}, card=card, plan=plan, scale=scale)

    def test_pay_down_to_the_metrics(self):
        change = bridge(self.person(), self.person(revenue=1_080, salary=Money("66,000 EUR")))
        assert change.of == "amount"
        assert (change.before, change.after) == (Money("5,640 EUR"), Money("7,682.40 EUR"))
        assert [line.label for line in change.lines] == ["revenue", "salary"]
        assert change.change == sum((line.amount for line in change.lines), Money(0, "EUR"))

    def test_a_cap_takes_from_those_who_meet_it(self):
        change = bridge(self.person(), self.person(revenue=1_190, csat=5))
        assert change.after == Money("9,000 EUR")
        assert change.change == sum((line.amount for line in change.lines), Money(0, "EUR"))

    def test_half_a_cent_is_rounding(self):
        plan = IncentivePlan("p", currency="EUR", pays=[Commission("sold", Curve.marginal((0, 0.5)), quota="quota")])
        before = plan.pay_one({"sold": 1, "quota": 3})
        after = plan.pay_one({"sold": 2, "quota": 4})
        change = bridge(before, after)
        assert change.change == sum((line.amount for line in change.lines), Money(0, "EUR"))

    def test_a_line_of_the_plan(self):
        richer = IncentivePlan("bonus", currency="EUR", pays=[TargetBonus("salary", 0.12, multiplier="score")],
                               then=PLAN.then)  # fmt: skip
        assert of_one_line(bridge(self.person(), self.person(plan=richer))) == ("plan", "target bonus")

    def test_lines_of_the_plan_and_facts_together(self):
        richer = IncentivePlan("bonus", currency="EUR", pays=[TargetBonus("salary", 0.12, multiplier="score")],
                               then=PLAN.then)  # fmt: skip
        other = IncentivePlan("new", currency="EUR", pays=[*PLAN.pays, FlatAmount(500)])
        for plan in (richer, other):
            change = bridge(self.person(), self.person(plan=plan, salary=Money("66,000 EUR")))
            assert [line.kind for line in change.lines] == ["value", "plan"]
            assert change.change == sum((line.amount for line in change.lines), Money(0, "EUR"))

    def test_facts_that_no_rule_takes_one_by_one(self):
        plan = IncentivePlan("p", currency="EUR", pays=[FlatAmount(500)], then=[Prorate(by="worked", of="months")])
        change = bridge(*(plan.pay_one({"worked": worked, "months": of}) for worked, of in ((2, 2), (6, 12))))
        # Six months of two are none, so that the two are told together.
        assert of_one_line(change) == ("plan", "everything")

    def test_a_plan_of_other_lines(self):
        other = IncentivePlan("new", currency="EUR", pays=[*PLAN.pays, FlatAmount(500)])
        assert of_one_line(bridge(self.person(), self.person(plan=other))) == ("plan", "new")

    def test_a_rule_of_the_plan(self):
        other = IncentivePlan("bonus", currency="EUR", pays=PLAN.pays, then=PLAN.then, missing="unpaid")
        assert bridge(self.person(), self.person(plan=other)).lines == (BridgeLine("plan", "bonus", Money(0, "EUR")),)

    def test_a_coarser_grid_of_the_score_is_a_rule(self):
        coarse = Scorecard("sales", CARD.sections, grid=0.1)
        change = bridge(self.person(), self.person(coarse))
        assert of_one_line(change) == ("plan", "sales")

    def test_ratings_in_levels(self):
        change = bridge(self.person(), self.person(revenue=1_180, salary=Money(0, "EUR")), of="rating")
        assert (change.shown, change.change) == (("solid", "strong"), 1)
        assert [line.label for line in change.lines] == ["revenue"]
        assert str(change).splitlines()[-1].split() == ["after", "strong"]
        assert "strong" in change._repr_html_()

    def test_a_stricter_scale(self):
        change = bridge(self.person(), self.person(scale=RatingScale("below", solid=0.95, strong=1.2)), of="rating")
        assert of_one_line(change) == ("plan", "scale")

    def test_a_payout_by_itself(self):
        plan = IncentivePlan("c", currency="EUR", pays=[Commission("sold", Curve.marginal((0, 0.1)))])
        change = bridge(*(plan.pay_one({"sold": Money(sold, "EUR")}) for sold in (100, 300)))
        assert (change.change, change.label) == (Money("20 EUR"), "c")

    def test_pay_of_two_currencies(self):
        dollars = IncentivePlan("bonus", currency="USD", pays=[FlatAmount(5)])
        with pytest.raises(DefinitionError, match=r"one currency \(got EUR and USD\); convert one first"):
            bridge(self.person(), self.person(plan=dollars))


class TestGroups:
    TEAM = CARD.score(
        {"revenue": [900, 1_000, 1_200], "quota": [1_000] * 3, "churn": [0.05, 0.06, 0.04], "csat": [4, 3, 5]}
    )

    def test_a_person_against_their_team(self):
        change = bridge(self.TEAM, scored(revenue=1_100), names=("team", "ana"))
        assert change.before == sum(F(str(score)) for score in self.TEAM.values) / 3
        assert change.after == F(str(scored(revenue=1_100).value))
        assert sum(line.amount for line in change.lines) == change.change
        assert str(change).startswith("team ")

    def test_a_group_that_is_paid(self):
        team = [Evaluation({**ROW, **SALARY, "csat": csat}, card=CARD, plan=PLAN) for csat in (3, 4, 4.4)]
        change = bridge(team, Evaluation({**ROW, **SALARY, "csat": 5}, card=CARD, plan=PLAN))
        assert change.change == sum((line.amount for line in change.lines), Money(0, "EUR"))
        assert change.after == Money("6,000 EUR")

    def test_no_group(self):
        with pytest.raises(DataError, match="at least one member to be compared with"):
            bridge([], scored())


class TestTheValue:
    CHANGE = bridge(scored(), scored(revenue=1_100, quota=1_050, csat=5))

    def test_sums_by_kind(self):
        by_kind = self.CHANGE.by_kind()
        assert list(by_kind) == ["value", "target"]
        assert sum(by_kind.values()) == self.CHANGE.change

    def test_the_largest_lines(self):
        assert [line.label for line in self.CHANGE.largest(2)] == ["revenue", "revenue"]
        assert bridge(scored(), scored(quota=1_000.0)).largest() == ()

    def test_explains_itself(self):
        explanation = self.CHANGE.explain()
        explanation.check()
        assert explanation.params["method"] == "shapley"
        assert "target of revenue" in str(explanation)

    def test_is_plain_data(self):
        data = json.loads(json.dumps(self.CHANGE.to_dict()))
        assert (data["of"], data["names"], data["shown"]) == ("score", ["before", "after"], None)
        assert [line["kind"] for line in data["lines"]] == ["value", "value", "target"]
        paid = bridge(*(Evaluation({**ROW, **SALARY, "csat": csat}, card=CARD, plan=PLAN) for csat in (4, 5)))
        assert paid.to_dict()["change"] == {"minor": 36000, "currency": "EUR", "amount": "360.00"}

    def test_lines_by_label(self):
        assert self.CHANGE["csat"].kind == "value"
        with pytest.raises(KeyError):
            self.CHANGE["nothing"]

    def test_shows_itself(self):
        assert repr(self.CHANGE).startswith("<Bridge of score of 'sales': +")
        assert "<b>" not in Bridge("score", "<b>", F(1), F(2), [BridgeLine("value", "<b>", F(1))])._repr_html_()


class TestWhatNoBridgeIsMadeOf:
    def test_a_rating(self):
        rated = SCALE.rate_one(scored())
        with pytest.raises(DefinitionError, match=r"give Evaluation\(row, card=..., scale=...\)"):
            bridge(rated, rated)

    def test_a_score_and_a_payout(self):
        payout = IncentivePlan("p", currency="EUR", pays=[FlatAmount("x")]).pay_one({"x": 500})
        with pytest.raises(DefinitionError, match="the same kind of outcome"):
            bridge(scored(), payout)

    @pytest.mark.parametrize(
        ("of", "cure"), [("rating", "card= and scale="), ("amount", "give plan="), ("pay", "one of")]
    )
    def test_an_outcome_that_is_not_there(self, of, cure):
        with pytest.raises(DefinitionError, match=cure):
            bridge(scored(), scored(), of=of)

    def test_a_side_without_a_score(self):
        nothing = scored(revenue=None, churn=None, csat=None)
        with pytest.raises(DataError, match="the side 'plan' has no score"):
            bridge(nothing, scored(), names=("plan", "actual"))

    def test_a_function_for_scores(self):
        with pytest.raises(DefinitionError, match="for drivers only"):
            bridge(scored(), scored(), of=sum)

    @pytest.mark.parametrize("names", ["ab", ("a",), (1, 2)])
    def test_names_that_are_not_two(self, names):
        with pytest.raises(DefinitionError, match="names must be two texts"):
            bridge(scored(), scored(), names=names)

    def test_an_unknown_method(self):
        with pytest.raises(DefinitionError, match="did you mean 'shapley'"):
            bridge(scored(), scored(csat=5), method="shaply")

    def test_a_card_against_none(self):
        bare = IncentivePlan("p", currency="EUR", pays=[FlatAmount(5)])
        one, other = Evaluation(ROW, card=CARD, plan=bare), Evaluation(ROW, plan=bare)
        with pytest.raises(DefinitionError, match="one has a scorecard and the other has none"):
            bridge(one, other)


class TestEvaluations:
    def test_neither_card_nor_plan(self):
        with pytest.raises(DefinitionError, match="give card=, plan= or both"):
            Evaluation(ROW)

    def test_a_scale_without_a_card(self):
        with pytest.raises(DefinitionError, match="give card= as well"):
            Evaluation(ROW, plan=PLAN, scale=SCALE)

    def test_a_plan_that_carries(self):
        plan = IncentivePlan("p", currency="EUR", pays=[FlatAmount(5)], carry=[Draw(5)])
        with pytest.raises(DefinitionError, match="carries balances"):
            Evaluation(ROW, plan=plan)

    def test_a_row_that_has_the_score_already(self):
        with pytest.raises(DefinitionError, match="what the card gives, so the row must not have it"):
            Evaluation({**ROW, **SALARY, "score": 1}, card=CARD, plan=PLAN)

    @pytest.mark.parametrize("row", [[1, 2], None, "ana"])
    def test_a_row_that_is_none(self, row):
        with pytest.raises(DataError, match="a row must be a mapping"):
            Evaluation(row, card=CARD)

    def test_a_row_of_columns(self):
        with pytest.raises(DataError, match="must hold one value"):
            Evaluation({"revenue": [1, 2]}, card=CARD)

    def test_money_serves_the_card_and_the_plan(self):
        plan = IncentivePlan("c", currency="EUR", pays=[Commission("revenue", Curve.marginal((0, 0.1)))])
        person = Evaluation({**ROW, "revenue": Money("1,100 EUR")}, card=CARD, plan=plan)
        assert (person.value, person.amount) == (scored(revenue=1_100).value, Money("110 EUR"))

    def test_what_it_gives(self):
        person = Evaluation({**ROW, **SALARY}, card=CARD, plan=PLAN, scale=SCALE)
        assert person.outcomes == ("score", "rating", "amount")
        assert (person.rating.label, person.with_row(csat=5).value) == ("solid", 1.0)
        assert Evaluation({}, plan=IncentivePlan("f", currency="EUR", pays=[FlatAmount(5)])).amount == Money("5 EUR")


def test_two_raises_are_split_by_what_explains_them():
    review = perfkit.SalaryReview(0.02, amount=100, key="who", currency="EUR")
    raises = review.raises({"who": ["ana", "ben"], "salary": [5_000_000, 6_000_000]})
    change = perfkit.bridge(raises[0], raises[1])
    assert change.change == perfkit.Money("200 EUR")
    assert sum((line.amount for line in change.lines), perfkit.Money("0 EUR")) == change.change
    assert change.method == "difference"
    assert all(line.kind == "value" for line in change.lines)
    other = perfkit.SalaryReview(0.02, key="who", currency="USD").raise_one({"who": "ana", "salary": 5_000_000})
    with pytest.raises(perfkit.DefinitionError, match="one currency"):
        perfkit.bridge(raises[0], other)


def test_pay_with_carried_balances_is_split_by_what_explains_it():
    pays = [perfkit.FlatAmount("x", name="a"), perfkit.FlatAmount("y", name="b")]
    plan = perfkit.IncentivePlan("plan", currency="EUR", pays=pays, carry=[perfkit.Draw(1)])
    rows = {"x": [500, 900], "y": [100, 50], "who": ["a", "b"]}
    paid = plan.pay_period(rows, perfkit.Ledger("EUR"), key="who")
    paid = paid[0] if isinstance(paid, tuple) else paid
    change = perfkit.bridge(paid[0], paid[1])
    assert change.change == perfkit.Money("3.50 EUR")
    assert sum((line.amount for line in change.lines), perfkit.Money("0 EUR")) == change.change
    assert not [line for line in change.lines if line.kind == "rounding"]


def test_what_has_no_rules_says_how_to_compare_it():
    with pytest.raises(perfkit.DefinitionError, match="difference"):
        perfkit.bridge("a", "b")


def test_a_person_against_a_team_is_told_in_levels():
    card = perfkit.Scorecard("card", [perfkit.Metric("x")])
    scale = perfkit.RatingScale("below", solid=0.8, strong=1.2)
    rows = [perfkit.Evaluation({"x": x}, card=card, scale=scale) for x in (0.5, 0.9, 1.3, 0.9)]
    told = perfkit.bridge(rows[:2], rows[2], of="rating", names=("team", "ana"))
    assert told.shown == ("below to solid (0.50)", "strong")
    assert "below to solid (0.50)" in told.text()
    assert perfkit.bridge([rows[1], rows[3]], rows[2], of="rating").shown == ("solid", "strong")
    assert perfkit.bridge([rows[1]], rows[2], of="score").shown is None
