"""Drivers: products and other functions of numbers; prices, volumes and the mix."""

from fractions import Fraction

import numpy as np
import pytest

from perfkit import DataError, DefinitionError, bridge, price_volume

F = Fraction


def test_any_function_of_drivers():
    def margin(drivers):
        return drivers["quantity"] * (drivers["price"] - drivers["cost"])

    change = bridge({"quantity": 10, "price": 5, "cost": 3}, {"quantity": 12, "price": 6, "cost": 3}, of=margin)
    assert change.label == "margin"
    assert [(line.label, line.amount) for line in change.lines] == [("quantity", 5), ("price", 11)]


def test_a_driver_that_stands_has_no_line():
    change = bridge({"a": 2, "b": 3}, {"a": 4, "b": 3})
    assert [(line.label, line.amount) for line in change.lines] == [("a", 6)]


@pytest.mark.parametrize("method", ["auto", "shapley", "two_way", "sequential", "joint"])
def test_every_method_adds_up(method):
    change = bridge({"a": 2, "b": 3, "c": 0.1}, {"a": 4, "b": F(1, 3), "c": 7}, method=method)
    assert sum(line.amount for line in change.lines) == change.change


def test_two_ways_are_shapley_for_two_factors():
    ends = {"a": 2, "b": 3}, {"a": 5, "b": 11}
    assert bridge(*ends, method="two_way").lines == bridge(*ends).lines


def test_drivers_that_are_not_the_same():
    with pytest.raises(DataError, match="'b', 'c' only on one side"):
        bridge({"a": 1, "b": 2}, {"a": 1, "c": 2})
    with pytest.raises(DataError, match=r"got none"):
        bridge({}, {})


def test_a_function_that_is_none():
    with pytest.raises(DefinitionError, match="must be a function of them"):
        bridge({"a": 1}, {"a": 2}, of="score")


def test_a_function_that_gives_no_number():
    with pytest.raises(DefinitionError, match="the value of the drivers must be a number"):
        bridge({"a": 1}, {"a": 2}, of=lambda _: "much")


def test_a_driver_that_is_no_number():
    with pytest.raises(DefinitionError, match="driver 'a' must be a number"):
        bridge({"a": "1"}, {"a": 2})


def test_one_product_has_no_mix():
    change = price_volume({"basic": (5, 50)}, {"basic": (10, 70)})
    assert [(line.label, line.amount) for line in change.lines] == [("price", 300), ("volume", 150)]


def test_growth_of_all_alike_has_no_mix():
    change = price_volume({"a": (10, 100), "b": (30, 50)}, {"a": (10, 120), "b": (30, 60)})
    assert [line.amount for line in change.lines] == [0, 500, 0]


def test_the_mix_is_what_goes_to_the_dearer():
    change = price_volume({"a": (10, 100), "b": (30, 100)}, {"a": (10, 50), "b": (30, 150)})
    assert [(line.label, line.amount) for line in change.lines] == [("price", 0), ("volume", 0), ("mix", 1000)]


def test_names_that_are_not_two():
    with pytest.raises(DefinitionError, match="names must be two texts"):
        price_volume({"a": (1, 2)}, {"a": (1, 2)}, names="ab")


def test_nothing_sold_at_all():
    change = price_volume({"a": (10, 0), "b": (1, 0)}, {"a": (12, 0), "b": (1, 0)})
    assert (change.change, [line.amount for line in change.lines]) == (0, [0, 0, 0])


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ({}, {}, "got none"),
        ({"a": 5}, {"a": (1, 2)}, "must have a price and a quantity"),
        ({"a": (1, -2)}, {"a": (1, 2)}, "quantity of 'a' must not be negative"),
    ],
)
def test_what_is_no_price_and_quantity(before, after, message):
    with pytest.raises(DataError, match=message):
        price_volume(before, after)


def test_a_product_that_came_and_one_that_went_have_lines_of_their_own():
    change = price_volume({"a": (10, 100), "old": (8, 25)}, {"a": (11, 100), "new": (20, 15)})
    assert [(line.kind, line.label, line.amount) for line in change.lines] == [
        ("value", "price", 100),
        ("value", "volume", 0),
        ("membership", "old", -200),
        ("membership", "new", 300),
    ]
    assert change.change == 200 == sum(line.amount for line in change.lines)


def test_products_that_are_all_new_or_all_gone():
    change = price_volume({}, {"a": (10, 100)})
    assert [(line.kind, line.label, line.amount) for line in change.lines] == [("membership", "a", 1000)]
    change = price_volume({"a": (10, 100)}, {"b": (5, 100)})
    assert [line.amount for line in change.lines] == [-1000, 500]


def test_rates_and_shares_by_group():
    # Kitagawa (1955): each rate at the mean share, and each share at the mean rate.
    before = {"rate": {"new": 0.3, "old": 0.1}, "share": {"new": 0.5, "old": 0.5}}
    after = {"rate": {"old": 0.12, "new": 0.3}, "share": {"new": 0.7, "old": 0.3}}
    change = bridge(before, after)
    assert change.label == "sum of the products of rate, share"
    assert change["rate"].amount == F(2, 100) * F(4, 10)
    assert change["share"].amount == F(2, 10) * F(3, 10) - F(2, 10) * F(11, 100)
    assert (change.before, change.after) == (F(2, 10), F(246, 1000))
    assert bridge({"rate": [1, 2], "by": 3}, {"rate": np.array([2, 2]), "by": 3})["rate"].amount == 3


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ({"a": [1, 2]}, {"a": [1, 2, 3]}, "'a before' of 0, 1 and 'a after' of 0, 1, 2"),
        ({"a": {"x": 1}}, {"a": {"y": 1}}, "of 'x' and 'a after' of 'y'"),
        ({"a": [1, 2], "b": [1]}, {"a": [1, 2], "b": [1]}, "'a' of 0, 1 and 'b' of 0"),
        ({"a": [1]}, {"a": 2}, "must be by group on both sides or on none"),
        ({"a": []}, {"a": [1]}, "of none and"),
    ],
)
def test_groups_that_are_not_the_same(before, after, message):
    with pytest.raises(DataError, match=message):
        bridge(before, after)


def test_a_number_of_a_group_that_is_none():
    with pytest.raises(DefinitionError, match="driver 'a' of 'x' must be a number"):
        bridge({"a": {"x": "1"}}, {"a": {"x": 1}})
    with pytest.raises(DefinitionError, match="driver 'a' at 1 must be a number"):
        bridge({"a": [1, None]}, {"a": [1, 2]})
