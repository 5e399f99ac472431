"""Pools: what they share, what they cannot give, and what they refuse."""

import json
import pickle
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from perfkit import (
    Cap,
    Curve,
    DataError,
    DefinitionError,
    FlatAmount,
    Floor,
    Funding,
    GroupShare,
    IncentivePlan,
    MissingColumnsError,
    Money,
    PolicyViolation,
    Pool,
    RateTable,
    from_dict,
    to_dict,
)
from perfkit.errors import UnfittedError
from perfkit.testing import check_policy
from perfkit.typing import Need

PEOPLE = {"who": ["ana", "ben", "cleo"], "points": [1, 1, 1]}
TEAMS = {
    "who": list("abcdef"),
    "division": ["x", "x", "y", "y", "y", "x"],
    "team": list("aabbcb"),
    "points": [1, 2, 3, 4, 0, 5],
    "target": [10_000] * 6,
    "ok": [1, 1, 1, 0, 1, 1],
}


def shares(pool, people, **options):
    return pool.fit(people, currency=pool.currency or "EUR", **options).share(people).minor.tolist()


class TestShares:
    def test_add_up_to_the_cent_and_ties_go_by_key(self):
        pool = Pool(1_000, by="points", key="who")
        assert shares(pool, PEOPLE) == [33_334, 33_333, 33_333]
        turned = {name: values[::-1] for name, values in PEOPLE.items()}
        assert shares(pool, turned) == [33_333, 33_333, 33_334]

    def test_keys_of_numbers_break_ties_as_text_whatever_their_type(self):
        pool = Pool(1_000, by="points", key="who")
        for who in ([9, 10, 11], ["9", "10", "11"], np.array([9, 10, 11]), pd.Series([9.0, 10.0, 11.0])):
            assert shares(pool, PEOPLE | {"who": who}) == [33_333, 33_334, 33_333]

    def test_of_money_and_by_score(self):
        people = {"who": ["a", "b"], "target": [500_000, 1_000_000], "score": [1.2, 0.9]}
        assert shares(Pool(15_000, of="target", key="who"), people) == [500_000, 1_000_000]
        assert shares(Pool(15_000, of="target", by="score", key="who"), people) == [600_000, 900_000]

    def test_by_shares_of_salary_where_the_value_of_a_share_follows(self):
        people = {"who": ["a", "b"], "salary": [5_000_000, 8_000_000], "shares": [3, 2]}
        fitted = Pool(3_100, by="shares", of="salary", key="who", currency="USD").fit(people)
        assert fitted.value() == Fraction(1, 100)
        assert fitted.share(people).minor.tolist() == [150_000, 160_000]

    def test_by_a_table_of_points(self):
        pool = Pool(600, by=RateTable("grade", {"a": 1, "b": 2}), key="who")
        assert shares(pool, {"who": [1, 2], "grade": ["a", "b"]}) == [20_000, 40_000]

    @pytest.mark.parametrize(("unit", "expected"), [(0.01, [33_334, 33_333, 33_333]), (10, [34_000, 33_000, 33_000])])
    def test_are_multiples_of_a_unit(self, unit, expected):
        assert shares(Pool(1_000, by="points", key="who", unit=unit, currency="EUR"), PEOPLE) == expected

    def test_of_everybody_alike_without_a_weight(self):
        assert shares(Pool(90, key="who"), PEOPLE) == [3_000] * 3

    def test_within_floors_and_caps(self):
        people = {"who": list("abc"), "points": [1, 10, 89], "most": [99_999, 99_999, 50_000]}
        assert shares(Pool(1_000, by="points", key="who", floor=50, cap="most"), people) == [5_000, 45_000, 50_000]

    def test_of_limits_that_are_shares_of_a_target(self):
        people = {"who": list("ab"), "points": [0, 1], "target": [10_000, 10_000]}
        pool = Pool(200, by="points", key="who", floor=Floor(0.5, of="target"), cap=Cap(1.5, of="target"))
        assert shares(pool, people) == [5_000, 15_000]

    def test_in_yen_and_dinars(self):
        for currency, expected in (("JPY", [34, 33, 33]), ("KWD", [33_334, 33_333, 33_333])):
            assert shares(Pool(100, by="points", key="who", currency=currency), PEOPLE) == expected

    def test_of_a_fund_of_money_are_in_its_currency(self):
        pool = Pool(Money(100, "JPY"), by="points", key="who")
        assert pool.currency == "JPY"
        assert pool.fit(PEOPLE).share(PEOPLE).total == Money(100, "JPY")

    def test_weights_without_one_denominator_are_shared_exactly(self):
        people = {"who": list("abc"), "a": [1, 1, 2], "b": [3, 7, 21]}
        fitted = Pool(1_100, by=PerHead("a", "b"), key="who").fit(people, currency="EUR")
        assert fitted.share(people).minor.tolist() == [64_167, 27_500, 18_333]


class PerHead:
    """A factor of one's own, whose rows have denominators of their own."""

    name = "per head"

    def __init__(self, a, b):
        self.a, self.b = a, b

    def needs(self):
        return (Need(self.a), Need(self.b))

    def exact(self, rows, record):
        found = rows.exact(self.a).over(rows.exact(self.b))
        if record:
            record.leaf("factor", found.fraction(0), label=self.name)
        return found


class TestGroups:
    POOL = Pool(1_003, by="points", of="target", key="who", within=["division", "team"], floor=5,
                cap=Cap(3, of="target"), unit=10, eligible="ok", nobody="keep", currency="EUR")  # fmt: skip

    def test_split_the_fund_from_the_outside_in(self):
        fitted = self.POOL.fit(TEAMS, currency="EUR")
        assert {"/".join(part.group): part.minor for part in fitted.slices} == {
            "": 300,
            "x/a": 43_000,
            "x/b": 30_000,
            "y/b": 26_000,
            "y/c": 1_000,
        }
        assert fitted.share(TEAMS).minor.tolist() == [14_000, 29_000, 26_000, 0, 1_000, 30_000]
        assert [str(rest.amount) for rest in fitted.left] == ["3.00 EUR"]
        assert repr(fitted) == "<FittedPool 'pool': 1,000.00 EUR to 6 people, 3.00 EUR left (unit)>"

    def test_say_what_a_point_is_worth(self):
        fitted = self.POOL.fit(TEAMS, currency="EUR")
        assert fitted.value("x", "b") * 500 == 300
        with pytest.raises(DefinitionError, match="group must be one that shares the pool"):
            fitted.value("x")

    def test_may_have_funds_of_their_own(self):
        pool = Pool({"x": 80, "y": Money("40.00 EUR")}, by="points", key="who", within="division")
        fitted = pool.fit(TEAMS, currency="EUR")
        assert fitted.share(TEAMS).minor.tolist() == [1_000, 2_000, 1_714, 2_286, 0, 5_000]
        assert fitted.fund == Money(120, "EUR")

    def test_may_have_weights_of_their_own(self):
        pool = Pool(100, by="points", key="who", within=GroupShare("division", weights={"x": 1, "y": 3}))
        fitted = pool.fit(TEAMS, currency="EUR")
        assert [part.minor for part in fitted.slices] == [2_500, 7_500]

    def test_a_full_group_passes_the_rest_on(self):
        people = {"who": list("abc"), "team": list("xxy"), "points": [8, 1, 1], "most": [1_000, 1_000, 9_000]}
        fitted = Pool(100, by="points", key="who", within="team", cap="most").fit(people, currency="EUR")
        assert fitted.share(people).minor.tolist() == [1_000, 1_000, 8_000]

    def test_that_nobody_is_in_keep_their_fund_where_that_is_said(self):
        pool = Pool({"x": 80, "y": 40, "z": 10}, by="points", key="who", within="division", nobody="keep")
        (rest,) = pool.fit(TEAMS, currency="EUR").left
        assert (rest.group, rest.amount.minor, rest.reason) == (("z",), 1_000, "nobody")
        with pytest.raises(DataError, match="nobody in group 'z' of pool 'pool' has any weight"):
            Pool({"x": 80, "y": 40, "z": 10}, by="points", key="who", within="division").fit(TEAMS, currency="EUR")

    def test_of_another_cohort_are_refused(self):
        fitted = self.POOL.fit(TEAMS, currency="EUR")
        with pytest.raises(DataError, match="must be a group that the pool was fitted to: row 0"):
            fitted.share_one({name: values[0] for name, values in TEAMS.items()} | {"team": "zz"})

    def test_that_are_missing_or_unknown_are_refused(self):
        with pytest.raises(DataError, match="'division' must say which group a row is in: row 1"):
            self.POOL.fit(TEAMS | {"division": ["x", None, "y", "y", "y", "x"]}, currency="EUR")
        pool = Pool({"x": 80}, by="points", key="who", within="division")
        with pytest.raises(DataError, match="must be a group with a fund: x: rows 2, 3, 4"):
            pool.fit(TEAMS, currency="EUR")
        with pytest.raises(DataError, match="group 'y' of 'division' must have a weight"):
            Pool(80, by="points", key="who", within=GroupShare("division", weights={"x": 1})).fit(TEAMS, currency="EUR")
        with pytest.raises(DataError, match="'heads' must give weights that are not negative"):
            Pool(80, key="who", within=GroupShare("division", by="heads")).fit(
                TEAMS | {"heads": [-1] * 6}, currency="EUR"
            )


PAIR = {"who": ["ana", "ben"], "points": [1, 3], "g": ["x", "x"], "team": ["a", "b"]}


class TestGroupsOfNobody:
    def pool(self, *within, **options):
        return Pool(100, by="points", key="who", currency="EUR", within=within, **options)

    def test_a_weight_for_nobody_is_refused_like_a_fund_for_nobody(self):
        typed = self.pool(GroupShare("g", weights={"x": 1, "q": 1}))
        funds = Pool({"x": 50, "q": 50}, by="points", key="who", within="g", currency="EUR")
        for pool in (typed, funds):
            with pytest.raises(DataError, match=r"nobody in group 'q' of pool 'pool' has any weight.*50\.00 EUR"):
                pool.fit(PAIR)

    @pytest.mark.parametrize("inner", [(), ("team",), (GroupShare("team", weights={"a": 1, "b": 1}),)])
    def test_or_its_share_is_kept_and_said(self, inner):
        pool = self.pool(GroupShare("g", weights={"x": 1, "q": 1}), *inner, nobody="keep")
        fitted = pool.fit(PAIR)
        fitted.check(PAIR)
        assert fitted.given == Money(50, "EUR")
        kept = [rest for rest in fitted.left if rest.group[0] == "q"]
        assert sum((rest.amount for rest in kept), Money(0, "EUR")) == Money(50, "EUR")
        assert {rest.reason for rest in kept} == {"nobody"}

    @pytest.mark.parametrize("level", [GroupShare("g", weights={"x": 1, "q": 1}), GroupShare("g", by="heads")])
    @pytest.mark.parametrize("inner", [(), ("team",)])
    def test_so_is_a_group_with_members_of_whom_none_takes_part(self, level, inner):
        people = {"who": ["ana", "ben", "cy"], "points": [1, 3, 9], "g": ["x", "x", "q"], "team": ["a", "b", "c"]}
        people |= {"ok": [True, True, False], "heads": [1, 1, 2]}
        with pytest.raises(
            DataError, match=r"group 'q(/c)?' of pool .* 50\.00 EUR.* or 'share' to leave it to the other"
        ):
            self.pool(level, *inner, eligible="ok").fit(people)
        kept = self.pool(level, *inner, eligible="ok", nobody="keep").fit(people)
        assert kept.share(people).minor.tolist() == [1_250, 3_750, 0]
        assert [(rest.group[0], str(rest.amount), rest.reason) for rest in kept.left] == [("q", "50.00 EUR", "nobody")]
        given = self.pool(level, *inner, eligible="ok", nobody="share").fit(people)
        assert given.share(people).minor.tolist() == [2_500, 7_500, 0]
        assert given.left == ()

    def test_a_typed_weight_for_nobody_may_be_shared_among_the_others(self):
        fitted = self.pool(GroupShare("g", weights={"x": 1, "q": 1}), nobody="share").fit(PAIR)
        assert fitted.share(PAIR).minor.tolist() == [2_500, 7_500]
        assert [part.group for part in fitted.slices] == [("x",)]

    def test_where_there_are_no_others_sharing_is_refused(self):
        funds = Pool({"x": 50, "q": 50}, by="points", key="who", within="g", currency="EUR", nobody="share")
        with pytest.raises(DataError, match=r"nobody in group 'q' .*, or say nobody='keep'$"):
            funds.fit(PAIR)
        with pytest.raises(DataError, match=r"nobody in pool 'pool' has any weight, so nothing says who gets 100\.00"):
            self.pool("g", nobody="share").fit(PAIR | {"points": [0, 0]})

    def test_a_weight_of_nothing_asks_for_nobody(self):
        assert self.pool(GroupShare("g", weights={"x": 1, "q": 0})).fit(PAIR).given == Money(100, "EUR")

    def test_a_team_may_be_in_one_division_only(self):
        people = PAIR | {"g": ["x", "y"]}
        teams = self.pool("g", GroupShare("team", weights={"a": 1, "b": 2}))
        assert teams.fit(people).share(people).minor.tolist() == [2_500, 7_500]


class TestFunds:
    def test_by_a_curve_of_a_result(self):
        pool = Pool(Funding("pretax", Curve.marginal((0, 1), (10, 0.5)), cap=30), by="points", key="who")
        assert pool.fit(PEOPLE, currency="EUR", results={"pretax": 60}).fund.minor == 3_000
        told = pool.explain_fund(results={"pretax": 60})
        told.check()
        assert told.value == 30
        assert "capped at 30" in str(told)

    def test_with_a_threshold_buckets_and_several_results(self):
        threshold = Funding("profit", Curve.through((80, 8), (100, 10), below=0))
        buckets = Funding("sales", Curve.cumulative((6, 1), (9, 2)))
        pool = Pool([threshold, buckets], by="points", key="who")
        for results, fund in (
            ({"profit": 79, "sales": 5}, 0),
            ({"profit": 80, "sales": 6}, 9),
            ({"profit": 90, "sales": 10}, 12),
        ):
            assert pool.explain_fund(results=results).value == fund
            assert pool.fit(PEOPLE, currency="EUR", results=results).fund == Money(fund, "EUR")

    def test_as_the_sum_of_targets_times_what_a_result_pays(self):
        people = PEOPLE | {"target": [10_000, 20_000, 30_001]}
        pool = Pool(Funding("score", Curve.through((0.8, 0.5), (1, 1), below=0), of="target"), of="target", key="who")
        fitted = pool.fit(people, currency="EUR", results={"score": 0.9})
        # Three quarters of 600.01, and the part of a cent is in no fund.
        assert fitted.fund.minor == 45_000
        told = pool.explain_fund(people, results={"score": 0.9})
        told.check()
        assert float(told.value) == 450.0075
        assert Pool(Funding(of="target"), of="target", key="who").fit(people, currency="EUR").share(
            people
        ).minor.tolist() == [
            10_000,
            20_000,
            30_001,
        ]

    def test_of_groups_are_explained_by_group(self):
        pool = Pool({"x": Funding(of="target"), "y": 40}, key="who", within="division", currency="EUR")
        told = pool.explain_fund(TEAMS)
        told.check()
        assert (told["x"].value, told["y"].value, told.value) == (300, 40, 340)

    def test_keep_a_reserve(self):
        fitted = Pool(1_000, by="points", key="who", reserve=100).fit(PEOPLE, currency="EUR")
        assert (fitted.given.minor, [rest.reason for rest in fitted.left]) == (90_000, ["reserve"])

    def test_may_be_money_or_a_score_among_the_results(self):
        pool = Pool(Funding("profit"), by="points", key="who")
        assert pool.fit(PEOPLE, currency="EUR", results={"profit": Money(30, "EUR")}).fund.minor == 3_000
        assert pool.fit(PEOPLE, currency="EUR", results={"profit": np.float32(0.5)}).fund.minor == 50

    @pytest.mark.parametrize(
        ("results", "message"),
        [
            ({}, "'profit'"),
            ({"profits": 1}, "did you mean 'profits'"),
            ({"profit": "much"}, "result 'profit' must be a number"),
            ({"profit": float("nan")}, "must be a finite number"),
            ({"profit": -5}, r"fund of 'profit' must not be negative \(got -5\); floor its curve at 0"),
        ],
    )
    def test_refuse_results_that_fill_nothing(self, results, message):
        with pytest.raises(DataError, match=message):
            Pool(Funding("profit"), by="points", key="who").fit(PEOPLE, currency="EUR", results=results)

    def test_with_a_floor(self):
        funding = Funding("profit", floor=10, cap=20)
        assert [funding.amount({"profit": profit}) for profit in (5, 15, 25)] == [10, 15, 20]
        told = Pool(funding, by="points", key="who").explain_fund(results={"profit": 5})
        assert "raised to 10" in str(told)

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (Funding, "filled by a result or by targets"),
            (lambda: Funding("a", cap=1, floor=2), "floor of 'a' must not be above its cap"),
            (lambda: Funding("a", curve=5), "curve must be a Curve"),
        ],
    )
    def test_that_mean_nothing_are_refused(self, make, message):
        with pytest.raises(DefinitionError, match=message):
            make()


# What the division and the team of row 1 have.
LEVEL_FUNDS = ["730.00 EUR", "430.00 EUR"]


class TestReasons:
    def test_count_only_those_who_share(self):
        people = {"who": ["ana", "ben", "cy"], "points": [1, 1, 1], "ok": [True, True, False]}
        fitted = Pool(90, by="points", key="who", eligible="ok", currency="EUR").fit(people)
        assert "a share of 90.00 EUR among 2" in str(fitted.share(people).explain(0))

    def test_say_who_was_blocked_clipped_or_not_funded(self):
        outcomes = TestGroups.POOL.fit(TEAMS, currency="EUR").share(TEAMS)
        assert [[reason.code for reason in outcome.reasons] for outcome in outcomes] == [
            [],
            [],
            [],
            ["not_eligible"],
            ["floored"],
            ["capped"],
        ]
        assert str(outcomes[5].reasons[0]) == "clipped: capped at 300.00 EUR"
        assert outcomes[3].explain().value == Money(0, "EUR")

    def test_are_told_in_each_explanation(self):
        outcomes = TestGroups.POOL.fit(TEAMS).share(TEAMS)
        codes = [[part.code for part in outcomes.explain(row).parts] for row in range(6)]
        assert codes == [
            ["pool_quota", "pool_down"],
            ["pool_quota", "pool_tie_up"],
            ["pool_quota"],
            ["not_eligible"],
            ["pool_quota", "floored"],
            ["pool_quota"],
        ]
        assert [part.label for part in outcomes.explain(1)["pool_quota"].parts] == ["x", "a", "points", "target", ""]
        levels = [outcomes.explain(1)["pool_quota"].parts[depth] for depth in range(2)]
        assert [str(part.params["fund"]) for part in levels] == LEVEL_FUNDS
        assert levels[1].params["whole"] == levels[0].params["fund"]
        capped = Pool(100, by="points", key="who", cap=20, currency="EUR").fit(PEOPLE).share(PEOPLE)
        assert [part.code for part in capped.explain(0).parts] == ["pool_quota", "capped"]

    def test_say_that_a_share_was_less_than_the_unit(self):
        people = {"who": list("ab"), "points": [1, 99]}
        outcomes = Pool(100, by="points", key="who", unit=10).fit(people, currency="EUR").share(people)
        assert [reason.code for reason in outcomes[0].reasons] == ["less_than_a_unit"]
        assert outcomes[0].reasons[0].status == "unfunded"

    def test_say_that_a_weight_was_zero(self):
        people = {"who": list("ab"), "points": [0, 1]}
        outcomes = Pool(100, by="points", key="who").fit(people, currency="EUR").share(people)
        assert str(outcomes[0].reasons[0]) == "blocked: no weight: points is 0"

    def test_show_which_side_of_the_cut_somebody_is_on(self):
        fitted = Pool(1_000, by="points", key="who", currency="EUR").fit(PEOPLE, currency="EUR")
        codes = [fitted.share(PEOPLE).explain(row).parts[-1].code for row in range(3)]
        assert codes == ["pool_tie_up", "pool_tie_down", "pool_tie_down"]
        people = {"who": list("abc"), "points": [1, 2, 4]}
        fitted = Pool(1, by="points", key="who", currency="EUR").fit(people, currency="EUR")
        outcomes = fitted.share(people)
        assert [outcomes.explain(row).parts[-1].code for row in range(3)] == ["pool_down", "pool_tie_up", "pool_down"]


class TestProof:
    def test_a_fitted_pool_knows_its_people(self):
        fitted = Pool(1_000, by="points", key="who", currency="EUR").fit(PEOPLE, currency="EUR")
        fitted.check(PEOPLE)
        fewer = {name: values[:2] for name, values in PEOPLE.items()}
        with pytest.raises(DataError, match=r"fitted to 3 people who share 1,000.00 EUR \(got 2 who get 666.67 EUR\)"):
            fitted.check(fewer)
        with pytest.raises(DataError, match="fit the pool again"):
            fitted.check(PEOPLE | {"points": [1, 1, 2]})

    def test_it_is_a_policy(self):
        people = {name: np.array(values, dtype=object if name == "who" else None) for name, values in PEOPLE.items()}
        check_policy(Pool(1_000, by="points", key="who").fit(PEOPLE, currency="EUR"), data=people)

    def test_it_pickles(self):
        fitted = TestGroups.POOL.fit(TEAMS, currency="EUR")
        assert pickle.loads(pickle.dumps(fitted)) == fitted

    def test_a_million_cents_more_than_int64_weights_are_exact(self):
        people = {"who": list("abc"), "points": np.array([10**18, 10**18, 7], dtype=np.int64)}
        assert sum(shares(Pool(10**9, by="points", key="who"), people)) == 10**11


class TestPlans:
    def test_fit_their_pools(self):
        plan = IncentivePlan("p", currency="JPY", pays=[Pool(100, by="points", key="who"), FlatAmount(5)])
        fitted = plan.fit(PEOPLE)
        assert fitted.pay(PEOPLE).minor.tolist() == [39, 38, 38]
        fitted.pay(PEOPLE).explain(0).check()

    def test_refuse_pools_that_are_not_fitted(self):
        plan = IncentivePlan("p", currency="EUR", pays=[Pool(100, by="points", key="who")])
        with pytest.raises(UnfittedError, match=r"pool 'pool' must see everybody first: call fit\(everyone\)"):
            plan.pay(PEOPLE)
        with pytest.raises(PolicyViolation):
            check_policy(Pool(100, by="points", key="who"))

    def test_a_pool_of_no_currency_is_paid_in_that_of_the_plan(self):
        fitted = Pool(100, by="points", key="who").fit(PEOPLE)
        assert repr(fitted) == "<FittedPool 'pool': 100.00 to 3 people>"
        paid = IncentivePlan("p", currency="USD", pays=[fitted]).pay(PEOPLE)
        assert paid.total == Money(100, "USD")
        for ask in (lambda: fitted.share(PEOPLE), lambda: fitted.fund, lambda: fitted.given):
            with pytest.raises(DefinitionError, match="does not say of which currency it is; say currency= in it"):
                ask()
        fitted.check(PEOPLE)
        with pytest.raises(DataError, match=r"who share 100.00 \(got 3 who get 125.00\)"):
            fitted.check(PEOPLE | {"points": [1, 1, 1.75]})

    def test_of_groups_with_funds_of_their_own_are_stored(self):
        pool = Pool(
            {"x": 80, "y": [Funding("profit"), Funding(of="target")]}, by="points", key="who", within="division"
        )
        fitted = pool.fit(TEAMS, results={"profit": 5}, currency="EUR")
        assert [part.minor for part in fitted.slices] == [8_000, 500 + 30_000]
        assert from_dict(json.loads(json.dumps(to_dict(fitted)))) == fitted

    def test_refuse_pools_of_another_currency(self):
        fitted = Pool(100, by="points", key="who").fit(PEOPLE)
        with pytest.raises(DefinitionError, match=r"must be of JPY \(got hundredths\); say currency= in it"):
            IncentivePlan("p", currency="JPY", pays=[fitted]).pay(PEOPLE)
        with pytest.raises(DefinitionError, match=r"must be of EUR \(got USD\); convert one of them"):
            IncentivePlan("p", currency="EUR", pays=[Pool(Money(1, "USD"), key="who")]).fit(PEOPLE)
        dollars = Pool(100, by="points", key="who", currency="USD").fit(PEOPLE)
        with pytest.raises(DefinitionError, match=r"must be of EUR \(got USD\)"):
            IncentivePlan("p", currency="EUR", pays=[dollars]).pay(PEOPLE)


class TestBadDefinitions:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"fund": -1}, "fund must not be negative"),
            ({"fund": Money(-1, "EUR")}, "fund must not be negative"),
            ({"fund": "much"}, "a fund must be a number"),
            ({"fund": []}, "a fund is an amount or made of Funding"),
            ({"fund": [Funding("a"), 5]}, "a fund is an amount or made of Funding"),
            ({"fund": {"x": 5}}, "need the column of the group: say within="),
            ({"fund": {"x": 5}, "within": "team", "reserve": 1}, "a reserve is kept of one fund"),
            ({"fund": Money(1, "EUR"), "currency": "USD"}, "must be of one currency"),
            ({"fund": {"x": Money(1, "EUR"), "y": Money(1, "USD")}, "within": "team"}, "must be of one currency"),
            ({"fund": 100.005}, r"a fund must be whole minor units of a currency \(got 100.005\); round it"),
            ({"fund": 100.5, "currency": "JPY"}, "a fund must be whole minor units of JPY"),
            ({"fund": {"x": 5, "y": 0.001}, "within": "team"}, "a fund must be whole minor units"),
            ({"reserve": 0.005}, "a reserve must be whole minor units"),
            ({"unit": 0}, "unit must be positive"),
            ({"unit": 0.001}, "whole number of minor units of a currency"),
            ({"unit": 0.5, "currency": "JPY"}, "whole number of minor units of JPY"),
            ({"reserve": -1}, "reserve must not be negative"),
            ({"nobody": "lose"}, "nobody must be one of refuse, keep, share"),
            ({"within": ["team", "team"]}, "levels of a pool must be different columns"),
            ({"within": ["who"]}, "levels of a pool must be different columns"),
            ({"currency": "EURO"}, "code of ISO 4217"),
            ({"key": ""}, "a name must be a text"),
            ({"cap": -1}, "a cap must not be negative"),
        ],
    )
    def test_are_refused(self, options, message):
        with pytest.raises(DefinitionError, match=message):
            Pool(**({"fund": 100, "key": "who"} | options))

    def test_of_groups_are_refused(self):
        with pytest.raises(DefinitionError, match="by members or typed, not both"):
            GroupShare("team", by="heads", weights={"x": 1})
        with pytest.raises(DefinitionError, match="must not be negative"):
            GroupShare("team", weights={"x": -1})


class TestBadData:
    @pytest.mark.parametrize(
        ("options", "people", "message"),
        [
            (
                {"floor": 40},
                PEOPLE,
                r"floors add up to 120 and the fund is 100 EUR; lower the floors or raise the fund",
            ),
            ({}, PEOPLE | {"points": [0, 0, 0]}, r"nobody in pool 'pool' has any weight.* who gets 100.00 EUR"),
            ({}, PEOPLE | {"points": [1, -1, 0]}, "'points' must give weights that are not negative: row 1"),
            ({}, PEOPLE | {"points": [1, None, 0]}, "'points' must not be missing: row 1"),
            ({}, PEOPLE | {"who": ["a", "b", "a"]}, r"one row \(got 'a' again\): row 2"),
            ({}, PEOPLE | {"who": np.array([1, 2, 1])}, r"one row \(got '1' again\): row 2"),
            ({}, PEOPLE | {"who": ["a", None, "c"]}, "'who' must say who a row is for: row 1"),
            ({"eligible": "ok"}, PEOPLE | {"ok": [0, 0, 0]}, "nobody in pool"),
            ({"cap": "most"}, PEOPLE | {"most": [-1, 5, 5]}, "'most' must not be negative as a cap: row 0"),
            (
                {"floor": "least", "cap": "most"},
                PEOPLE | {"least": [5, 5, 5], "most": [9, 4, 9]},
                "'least' must not give a floor above the cap: row 1",
            ),
            (
                {"floor": "least", "cap": 8, "unit": 10},
                PEOPLE | {"least": [0, 5, 0]},
                "'least' must leave a whole number of units between floor and cap: row 1",
            ),
            ({}, PEOPLE | {"points": [1, None, 1]}, "'points' must not be missing: row 1; fill it or leave these rows"),
            ({"of": "target"}, PEOPLE | {"target": [1.5, 2.5, 3.5]}, "must be int64 minor units"),
            (
                {"of": "target"},
                PEOPLE | {"target": [Money(1, "EUR"), Money(1, "USD"), Money(1, "EUR")]},
                "'target' must be money of one currency, EUR: row 1; convert it first",
            ),
            ({}, {"who": [], "points": []}, "nobody in pool"),
            ({"within": "team"}, {"who": [], "points": [], "team": []}, "nobody in pool"),
        ],
    )
    def test_is_refused(self, options, people, message):
        pool = Pool(100, by="points", key="who", currency="EUR")
        with pytest.raises(DataError, match=message):
            Pool(100, by="points", key="who", currency=pool.currency, **options).fit(people, currency="EUR")

    def test_all_missing_columns_at_once(self):
        with pytest.raises(MissingColumnsError) as caught:
            Pool(100, by="points", of="target", key="who", within="team").fit({"who": []})
        assert caught.value.columns == ("points", "team", "target")

    @pytest.mark.parametrize(("floor", "cap"), [(500, 100), (Floor(2, of="target"), Cap(1, of="target"))])
    def test_a_floor_above_the_cap_is_refused_before_any_data(self, floor, cap):
        with pytest.raises(DefinitionError, match=r"the floor must not be above the cap \(got \d+ and \d+\); lower"):
            Pool(1_000, key="who", floor=floor, cap=cap, currency="EUR")

    def test_two_currencies_are_refused_of_a_fitted_pool_too(self):
        fitted = Pool(100, of="target", key="who", currency="EUR").fit(PEOPLE | {"target": [1, 1, 1]})
        mixed = PEOPLE | {"target": [Money(1, "EUR"), Money(1, "USD"), Money(1, "EUR")]}
        for ask in (fitted.share, fitted.check):
            with pytest.raises(DataError, match="'target' must be money of one currency, EUR: row 1"):
                ask(mixed)
        with pytest.raises(DataError, match="'target' must be money of one currency, EUR: row 0"):
            fitted.share_one({name: column[1] for name, column in mixed.items()})

    def test_floors_of_a_group_with_its_own_fund_are_named(self):
        pool = Pool({"x": 10, "y": 100}, by="points", key="who", within="division", floor=5)
        with pytest.raises(DataError, match="the floors of group 'x' add up to 15 and the fund is 10"):
            pool.fit(TEAMS, currency="EUR")

    def test_what_cannot_be_given_is_kept_and_said(self):
        pool = Pool(100, by="points", key="who", cap=20, nobody="keep", currency="EUR")
        fitted = pool.fit(PEOPLE, currency="EUR")
        assert [(str(rest.amount), rest.reason) for rest in fitted.left] == [("40.00 EUR", "caps")]
        assert [outcome.reasons[0].code for outcome in fitted.share(PEOPLE)] == ["capped"] * 3
        empty = pool.fit({"who": [], "points": []})
        assert [(str(rest.amount), rest.reason) for rest in empty.left] == [("100.00 EUR", "nobody")]
        assert len(empty.share({"who": [], "points": []})) == 0
