"""Drivers: products and other functions of numbers; prices, volumes and the mix."""

from fractions import Fraction

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
        ({"a": (1, 2)}, {"b": (1, 2)}, "'a', 'b' only on one side"),
        ({}, {}, "got none"),
        ({"a": 5}, {"a": (1, 2)}, "must have a price and a quantity"),
        ({"a": (1, -2)}, {"a": (1, 2)}, "quantity of 'a' must not be negative"),
    ],
)
def test_what_is_no_price_and_quantity(before, after, message):
    with pytest.raises(DataError, match=message):
        price_volume(before, after)
