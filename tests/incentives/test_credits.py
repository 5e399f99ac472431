"""Credits: split among people so that they add up, grouped by period, counted so far."""

from fractions import Fraction

import numpy as np
import pytest

from perfkit import DataError, DefinitionError, credits_so_far, group_credits, split_credits

THIRD = Fraction(1, 3)


def split(amounts, **shares):
    found = split_credits(np.array(amounts, dtype=np.int64), shares)
    assert sum(found.values()).tolist() == amounts
    assert all(column.dtype == np.int64 for column in found.values())
    return {name: column.tolist() for name, column in found.items()}


# Shares of a transaction.


def test_what_is_left_of_a_cent_goes_to_the_largest_remainder():
    assert split([10, 11], ana=0.25, ben=0.75) == {"ana": [3, 3], "ben": [7, 8]}
    assert split([100], ana=Fraction(1, 7), ben=Fraction(6, 7)) == {"ana": [14], "ben": [86]}


def test_ties_go_in_the_order_of_the_names():
    assert split([1], ana=0.5, ben=0.5) == {"ana": [1], "ben": [0]}
    assert split([1], ben=0.5, ana=0.5) == {"ben": [1], "ana": [0]}
    assert split([1, 2, 3, 4], a=THIRD, b=THIRD, c=THIRD) == {"a": [1, 1, 1, 2], "b": [0, 1, 1, 1], "c": [0, 0, 1, 1]}


def test_thirds_are_exact():
    amounts = [10**15 + 1, 999_999_999_999_999, 2**62, 7]
    found = split(amounts, a=THIRD, b=Fraction(2, 3))
    assert found["a"] == [333_333_333_333_334, 333_333_333_333_333, 2**62 // 3, 2]


def test_what_is_taken_back_mirrors_what_was_sold():
    amounts = [1, 7, 99, 100, 101]
    shares = {"a": 0.35, "b": 0.35, "c": 0.3}
    sold = split(amounts, **shares)
    back = split([-amount for amount in amounts], **shares)
    assert back == {name: [-minor for minor in column] for name, column in sold.items()}


def test_shares_may_be_columns():
    found = split([100, 100, 101], ana=[1, 0.5, Fraction(1, 4)], ben=np.array([0, 0.5, 0.75]))
    assert found == {"ana": [100, 50, 25], "ben": [0, 50, 76]}


def test_a_share_of_nothing_gets_nothing():
    assert split([1, 5, -3], a=0, b=1) == {"a": [0, 0, 0], "b": [1, 5, -3]}
    assert split([1], a=0, b=0.5, c=0.5) == {"a": [0], "b": [1], "c": [0]}


def test_a_single_share_gets_all_and_an_empty_column_stays_empty():
    assert split([12], ana=1) == {"ana": [12]}
    assert split_credits(np.zeros(0, dtype=np.int64), {"ana": 1})["ana"].tolist() == []


def test_an_overlay_is_credited_besides():
    found = split_credits(np.array([10_001, -10_001, 1]), {"rep": 1, "overlay": 0.5}, overlay=True)
    assert sum(found.values()).tolist() == [15_002, -15_002, 2]
    assert found["rep"].tolist() == [10_001, -10_001, 1]
    part = split_credits(np.array([99]), {"a": 0.25, "b": 0.25}, overlay=True)
    assert sum(part.values()).tolist() == [50]


def test_a_name_may_be_any_text():
    assert split([10], amount=0.5, rep=0.5) == {"amount": [5], "rep": [5]}


def test_the_largest_amounts_stay_exact():
    most = 2**63 - 1
    assert split([most, -most], a=0.5, b=0.5) == {"a": [2**62, -(2**62)], "b": [2**62 - 1, -(2**62) + 1]}
    least = np.array([-(2**63)])
    try:
        found = split_credits(least, {"a": 0.5, "b": 0.5})
    except DataError:
        return
    assert [int(column[0]) for column in found.values()] == [-(2**62), -(2**62)]


@pytest.mark.parametrize(
    ("amount", "shares", "options", "message"),
    [
        ([10, 10], {"a": 0.5, "b": [0.5, 0.4]}, {}, "must add up to 1: row 1"),
        ([10], {"a": 0.9}, {}, "must add up to 1"),
        ([10], {"a": 1.5, "b": -0.5}, {}, "'b' must not be negative"),
        ([10], {"a": -1}, {"overlay": True}, "'a' must not be negative"),
        ([10], {"a": None}, {}, "must not be missing"),
        ([10, 20], {"a": [1, 1, 1]}, {}, "one length"),
        ([1.5], {"a": 1}, {}, "minor_units"),
        ([2**62], {"a": 4}, {"overlay": True}, "does not fit int64"),
    ],
)
def test_what_cannot_be_split_is_refused(amount, shares, options, message):
    with pytest.raises(DataError, match=message):
        split_credits(np.array(amount), shares, **options)


def test_a_split_needs_a_share():
    with pytest.raises(DefinitionError, match="at least one share"):
        split_credits(np.array([1]), {})


# Credits of a group.


def test_groups_are_sorted_and_added_up():
    data = {"rep": ["b", "a", "b", "a"], "quarter": [1, 2, 1, 1], "sold": [1, 2, 3, -4]}
    found = group_credits(data, by=["rep", "quarter"], amount="sold")
    assert {name: column.tolist() for name, column in found.items()} == {
        "rep": ["a", "a", "b"],
        "quarter": ["1", "2", "1"],
        "sold": [-4, 2, 4],
    }
    assert found["sold"].dtype == np.int64


def test_sums_past_int64_are_exact_or_refused():
    data = {"rep": ["a"] * 3, "sold": [2**62, 2**62, -(2**62)]}
    assert group_credits(data, by=["rep"], amount="sold")["sold"].tolist() == [2**62]
    with pytest.raises(DataError, match="does not fit int64"):
        group_credits({"rep": ["a"] * 2, "sold": [2**62] * 2}, by=["rep"], amount="sold")


def test_no_rows_are_no_groups():
    found = group_credits({"rep": [], "sold": []}, by=["rep"], amount="sold")
    assert found["rep"].tolist() == found["sold"].tolist() == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"rep": ["a", None], "sold": [1, 2]}, "'rep' must not be missing"),
        ({"rep": ["a"], "sold": [1.5]}, "minor_units"),
        ({"sold": [1]}, "'rep'"),
    ],
)
def test_groups_refuse_what_they_cannot_read(data, message):
    with pytest.raises(DataError, match=message):
        group_credits(data, by=["rep"], amount="sold")


# Credits so far.


def test_what_came_before_is_counted_in_the_order_said():
    data = {"rep": ["b", "a", "b", "b"], "day": [9, 1, 2, 5], "sold": [100, 200, 300, -50]}
    assert credits_so_far(data, by=["rep"], order="day", amount="sold").tolist() == [250, 0, 0, 300]
    by_two = data | {"year": [1, 1, 1, 2]}
    assert credits_so_far(by_two, by=["rep", "year"], order="day", amount="sold").tolist() == [300, 0, 0, 0]


def test_no_rows_have_nothing_before_them():
    assert credits_so_far({"rep": [], "day": [], "sold": []}, by=["rep"], order="day", amount="sold").tolist() == []


def test_a_tie_in_the_order_is_refused():
    data = {"rep": ["a", "b", "a"], "day": [1, 1, 1], "sold": [1, 2, 3]}
    with pytest.raises(DataError, match="'day' must differ within a group: row 2") as caught:
        credits_so_far(data, by=["rep"], order="day", amount="sold")
    assert (caught.value.column, caught.value.rows) == ("day", (2,))


def test_an_order_of_large_numbers_tells_them_apart():
    data = {"rep": ["a", "a", "a"], "time": [2**60 + 1, 2**60, 2**60 + 2], "sold": [1, 2, 4]}
    assert credits_so_far(data, by=["rep"], order="time", amount="sold").tolist() == [2, 0, 3]


def test_no_columns_make_one_group_or_are_refused():
    data = {"day": [1, 2], "sold": [5, 6]}
    try:
        before = credits_so_far(data, by=[], order="day", amount="sold")
        totals = group_credits(data, by=[], amount="sold")["sold"]
    except (DataError, DefinitionError):
        return
    assert (before.tolist(), totals.tolist()) == ([0, 5], [11])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"day": [1, None]}, "'day' must not be missing"),
        ({"sold": [2**62, 2**62]}, "may not fit int64"),
        ({"rep": [None, "a"]}, "'rep' must not be missing"),
        ({"sold": [0.5, 1]}, "minor_units"),
    ],
)
def test_so_far_refuses_what_it_cannot_read(columns, message):
    data = {"rep": ["a", "a"], "day": [1, 2], "sold": [1, 2]} | columns
    with pytest.raises(DataError, match=message):
        credits_so_far(data, by=["rep"], order="day", amount="sold")
