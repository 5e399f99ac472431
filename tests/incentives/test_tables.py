"""Tables: rates by name, rules of which the most specific wins, payouts by two results."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkit import (
    Commission,
    DataError,
    DefinitionError,
    IncentivePlan,
    NotAffineError,
    PayoutMatrix,
    RateRules,
    RateTable,
    TargetBonus,
)
from perfkit.explain import SILENT, Recorder
from perfkit.testing import check_policy
from perfkit.typing import Rows


def rows_of(**columns):
    arrays = {name: np.asarray(column, dtype=object) for name, column in columns.items()}
    return Rows(arrays, len(next(iter(arrays.values()))))


def rates(factor, **columns):
    found = factor.exact(rows_of(**columns), SILENT)
    return [found.fraction(row) for row in range(len(found))]


def told(factor, **columns):
    record = Recorder()
    factor.exact(rows_of(**{name: [x] for name, x in columns.items()}), record)
    (part,) = record.explanation().parts
    return part


# A rate by name.


def test_a_table_gives_each_name_its_rate():
    table = RateTable("rating", {"high": 0.035, "solid": Fraction(1, 3)})
    assert rates(table, rating=["solid", "high", "high"]) == [Fraction(1, 3), Fraction(7, 200), Fraction(7, 200)]
    assert told(table, rating="high").params == {"choice": "high"}
    check_policy(TargetBonus("salary", rate=table))


def test_a_table_takes_numbers_for_names():
    assert rates(RateTable("grade", {"1": 0.1, "2": 0.2}), grade=[2, 1, 2.0]) == [
        Fraction(1, 5),
        Fraction(1, 10),
        Fraction(1, 5),
    ]


def test_a_name_outside_of_a_table_is_refused_or_paid_otherwise():
    with pytest.raises(DataError, match=r"must be one of high, low \(got 'hihg'\) \(did you mean 'high'\?\)") as caught:
        rates(RateTable("rating", {"high": 1, "low": 0}), rating=["high", "hihg"])
    assert (caught.value.column, caught.value.rows) == ("rating", (1,))
    assert rates(RateTable("rating", {"high": 1}, otherwise=0.5), rating=["odd", "high"]) == [Fraction(1, 2), 1]
    with pytest.raises(DataError, match="must not be missing"):
        rates(RateTable("rating", {"high": 1}, otherwise=0.5), rating=["high", None])


def test_tables_that_cannot_mean_anything_are_refused():
    with pytest.raises(DefinitionError, match="at least one rate"):
        RateTable("rating", {})
    with pytest.raises(DefinitionError, match="each choice once"):
        RateTable("rating", [("a", 1), ("a", 2)])


# Rules.

SALES = RateRules(
    ("variant", "product", "category"),
    [
        ({}, 0.02),
        ({"category": "c"}, 0.03),
        ({"product": "p"}, 0.05),
        ({"variant": "v"}, 0.07),
        ({"product": "p", "category": "c"}, 0.06),
    ],
)


@pytest.mark.parametrize(
    ("variant", "product", "category", "expected", "matched"),
    [
        ("x", "x", "x", 2, "everyone"),
        ("x", "x", "c", 3, "category c"),
        ("x", "p", "x", 5, "product p"),
        ("v", "x", "x", 7, "variant v"),
        ("v", "x", "c", 7, "variant v"),
        ("x", "p", "c", 6, "product p, category c"),
        ("v", "p", "x", 7, "variant v"),
        # Two columns beat one, even the more telling one.
        ("v", "p", "c", 6, "product p, category c"),
    ],
)
def test_the_most_specific_rule_wins(variant, product, category, expected, matched):
    facts = {"variant": variant, "product": product, "category": category}
    part = told(SALES, **facts)
    assert part.value == Fraction(expected, 100)
    assert part.params["choice"] == matched
    assert rates(SALES, **{name: [value] for name, value in facts.items()}) == [Fraction(expected, 100)]


def test_the_order_of_the_columns_decides_between_rules_on_as_many():
    rules = [({"a": "x"}, 1), ({"b": "y"}, 2)]
    for listed in (rules, rules[::-1]):
        assert rates(RateRules(("a", "b"), listed), a=["x"], b=["y"]) == [1]
        assert rates(RateRules(("b", "a"), listed), a=["x"], b=["y"]) == [2]


def test_a_row_without_a_rule_is_refused_or_paid_otherwise():
    with pytest.raises(DataError, match="must match a rule") as caught:
        rates(RateRules(["a"], [({"a": "x"}, 1)]), a=["x", "y", "x", "z"])
    assert caught.value.rows == (1, 3)
    assert rates(RateRules(["a"], [({"a": "x"}, 1)], otherwise=0), a=["x", "y", "z"]) == [1, 0, 0]


def test_rules_keep_the_house_rule_and_feed_a_commission():
    check_policy(Commission("sold", rate=SALES))
    check_policy(Commission("sold", rate=RateRules(["a"], [({"a": "x"}, 1)])), choices={"a": ["x", "y"]})
    plan = IncentivePlan("plan", currency="EUR", pays=[Commission("sold", rate=SALES)])
    payouts = plan.pay({"sold": [10_001, 20_050], "variant": ["v", "x"], "product": ["p", "x"], "category": ["x", "c"]})
    assert payouts.minor.tolist() == [700, 602]
    payouts.explain(0).check()
    with pytest.raises(NotAffineError):
        plan.curve("category", {"sold": 1, "variant": "v", "product": "p"})


@pytest.mark.parametrize(
    ("on", "rules", "message"),
    [
        (["a"], [], "at least one rule"),
        (["a"], [({"b": "x"}, 1)], "which is not in on="),
        (["product"], [({"produkt": "x"}, 1)], "did you mean 'product'"),
        (["a"], [({"a": "x"}, 1), ({"a": "x"}, 2)], "two rules speak of the same"),
        (["a", "b"], [({"a": "x", "b": "y"}, 1), ({"b": "y", "a": "x"}, 2)], "two rules speak of the same"),
        (["a"], [({}, 1), ({}, 1)], "two rules speak of the same"),
        (["a"], [({"a": "x"}, "much")], "the rate of"),
    ],
)
def test_rules_that_cannot_mean_anything_are_refused(on, rules, message):
    with pytest.raises(DefinitionError, match=message):
        RateRules(on, rules)


names = st.sampled_from(["x", "y", "z"])


@settings(max_examples=100, deadline=None)
@given(
    rules=st.lists(
        st.dictionaries(st.sampled_from(["a", "b", "c"]), st.sampled_from(["x", "y"])),
        min_size=1,
        max_size=8,
        unique_by=lambda rule: frozenset(rule.items()),
    ),
    on=st.permutations(["a", "b", "c"]),
    people=st.lists(st.tuples(names, names, names), min_size=1, max_size=6),
)
def test_rules_agree_with_a_search_by_hand(rules, on, people):
    table = RateRules(on, [(rule, number) for number, rule in enumerate(rules)], otherwise=-1)

    def oracle(person):
        holding = [i for i, rule in enumerate(rules) if all(person[column] == name for column, name in rule.items())]
        # As many columns as possible; then the first column of on that only one of them speaks of.
        return max(holding, key=lambda i: (len(rules[i]), [column in rules[i] for column in on]), default=-1)

    columns = {name: [person[i] for person in people] for i, name in enumerate("abc")}
    assert rates(table, **columns) == [oracle(dict(zip("abc", person, strict=True))) for person in people]


# A payout by two results.

MATRIX = PayoutMatrix(
    "revenue", "margin", [0.9, 1, 1.1], [0.8, 1], [[0.25, 0.5], [0.5, 1], [0.75, 1.5]], below=Fraction(1, 10)
)


def in_matrix(matrix, down, across):
    def band(x, places):
        reached = [i for i, place in enumerate(places) if (x >= place if matrix.owner == "upper" else x > place)]
        return reached[-1] if reached else None

    row, column = band(down, matrix.row_from), band(across, matrix.column_from)
    return matrix.below if row is None or column is None else matrix.cells[row][column]


@pytest.mark.parametrize("owner", ["upper", "lower"])
def test_a_matrix_gives_its_cell_at_and_beside_every_boundary(owner):
    matrix = PayoutMatrix("r", "m", MATRIX.row_from, MATRIX.column_from, MATRIX.cells, MATRIX.below, owner)
    steps = [Fraction(-1, 10**6), Fraction(0), Fraction(1, 10**6)]
    downs = [place + step for place in matrix.row_from for step in steps] + [Fraction(0), Fraction(9)]
    acrosses = [place + step for place in matrix.column_from for step in steps] + [Fraction(0), Fraction(9)]
    pairs = list(product(downs, acrosses))
    found = rates(matrix, r=[down for down, _ in pairs], m=[across for _, across in pairs])
    assert found == [in_matrix(matrix, down, across) for down, across in pairs]
    part = told(matrix, r=downs[4], m=acrosses[4])
    assert part.params == {"row": downs[4], "column": acrosses[4]}
    assert part.value == in_matrix(matrix, downs[4], acrosses[4])


@pytest.mark.parametrize("owner", ["upper", "lower"])
def test_a_matrix_along_either_axis_is_the_curve_of_its_cells(owner):
    matrix = PayoutMatrix("r", "m", MATRIX.row_from, MATRIX.column_from, MATRIX.cells, MATRIX.below, owner)
    plan = IncentivePlan("plan", currency="EUR", pays=[TargetBonus(1_000, multiplier=matrix)])
    for fixed in [0.5, 0.8, 0.9, 1, 1.05, 1.1, 2]:
        for column, other in (("r", "m"), ("m", "r")):
            curve = plan.curve(column, {other: fixed})
            for x in [0, 0.799999, 0.8, 0.800001, 0.9, 0.95, 1, 1.000001, 1.1, 1.2]:
                paid = plan.pay_one({column: x, other: fixed}).amount.amount
                assert curve.exact(Fraction(str(x))) == Fraction(paid)


def test_a_matrix_along_another_column_is_a_constant():
    plan = IncentivePlan("plan", currency="EUR", pays=[TargetBonus("salary", multiplier=MATRIX)])
    curve = plan.curve("salary", {"revenue": 1, "margin": 1})
    assert curve.exact(Fraction(500)) == 500


def test_a_matrix_by_one_result_twice_is_refused_or_is_the_curve_that_it_pays():
    try:
        matrix = PayoutMatrix("a", "a", [0, 1], [0, 1], [[1, 2], [3, 4]])
    except DefinitionError:
        return
    plan = IncentivePlan("plan", currency="EUR", pays=[TargetBonus(100, multiplier=matrix)])
    for x in (0.5, 1, 1.5):
        assert plan.curve("a", {}).exact(Fraction(str(x))) == Fraction(plan.pay_one({"a": x}).amount.amount)


def test_matrices_keep_the_house_rule():
    check_policy(TargetBonus("salary", multiplier=MATRIX))
    check_policy(TargetBonus("salary", multiplier=PayoutMatrix("a", "b", [0], [1], [[2]], owner="lower")))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"row_from": []}, "row_from must increase"),
        ({"row_from": [1, 1]}, "row_from must increase"),
        ({"column_from": [2, 1]}, "column_from must increase"),
        ({"cells": [[1, 2]]}, "cells must fill 2 rows of 2"),
        ({"cells": [[1, 2], [3]]}, "cells must fill 2 rows of 2"),
        ({"owner": "both"}, "owner must be"),
    ],
)
def test_matrices_that_cannot_mean_anything_are_refused(options, message):
    good = {"row_from": [0, 1], "column_from": [0, 1], "cells": [[1, 2], [3, 4]]}
    with pytest.raises(DefinitionError, match=message):
        PayoutMatrix("a", "b", **(good | options))
