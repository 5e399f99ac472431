"""Money: exact amounts, minor units, rounding, and shares that add up."""

import decimal
import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from perfkit import DataError, DefinitionError, Money, Rounding, allocate, minor_units
from perfkit._core.ratios import Ratios
from perfkit.money import CENT, DECIMALS, minor_per_major

F = Fraction


class TestCurrencies:
    @pytest.mark.parametrize(
        ("currency", "minor"), [("EUR", 100), ("USD", 100), ("JPY", 1), ("KWD", 1000), ("CLF", 10_000), ("ISK", 1)]
    )
    def test_minor_units_are_those_of_iso_4217(self, currency, minor):
        assert minor_per_major(currency) == minor

    def test_every_code_has_three_letters(self):
        assert all(len(code) == 3 and code.isupper() for code in DECIMALS)

    @pytest.mark.parametrize("odd", ["EURO", "", "XXQ", None, 5, "eu"])
    def test_other_codes_are_refused(self, odd):
        with pytest.raises(DefinitionError, match=r"currency must be a code of ISO 4217, such as 'EUR' \(got "):
            minor_per_major(odd)

    def test_a_code_in_small_letters_is_recognised(self):
        with pytest.raises(DefinitionError, match="did you mean 'EUR'"):
            minor_per_major("eur")

    def test_an_amount_in_text_with_a_code_in_small_letters_is_told_the_same(self):
        with pytest.raises(DefinitionError, match=r"currency must be a code of ISO 4217.*did you mean 'EUR'"):
            Money("5", "eur")


class TestMoney:
    @pytest.mark.parametrize(
        ("money", "minor", "text"),
        [
            (Money("11,738.85 EUR"), 1_173_885, "11,738.85 EUR"),
            (Money(" -0.05 EUR "), -5, "-0.05 EUR"),
            (Money("+7 EUR"), 700, "7.00 EUR"),
            (Money(".5 EUR"), 50, "0.50 EUR"),
            (Money("1_000 EUR"), 100_000, "1,000.00 EUR"),
            (Money("5", "EUR"), 500, "5.00 EUR"),
            (Money(500, "EUR"), 50_000, "500.00 EUR"),
            (Money(0.15, "EUR"), 15, "0.15 EUR"),
            (Money(Decimal("1.10"), "EUR"), 110, "1.10 EUR"),
            (Money(F(1, 4), "EUR"), 25, "0.25 EUR"),
            (Money(1500, "JPY"), 1500, "1,500 JPY"),
            (Money("1.234 KWD"), 1234, "1.234 KWD"),
            (Money(np.float64(0.1), "EUR"), 10, "0.10 EUR"),
            (Money.from_minor(10**30, "EUR"), 10**30, "10,000,000,000,000,000,000,000,000,000.00 EUR"),
            (Money.from_minor(np.int64(-1), "EUR"), -1, "-0.01 EUR"),
        ],
    )
    def test_is_what_was_typed(self, money, minor, text):
        assert money.minor == minor
        assert type(money.minor) is int
        assert str(money) == text
        assert repr(money) == f"Money('{text}')"
        assert Money(text) == money

    @pytest.mark.parametrize("odd", ["EUR", "5", "5 EUR USD", "five EUR", "5.0.0 EUR", "", "1e3 EUR", "--5 EUR"])
    def test_text_that_is_no_amount_is_refused(self, odd):
        with pytest.raises(DefinitionError, match=r"money must read like '11,738\.85 EUR' \(got "):
            Money(odd)

    def test_a_code_in_small_letters_is_told_the_code(self):
        with pytest.raises(DefinitionError, match=r"ISO 4217.*got 'eur'.*did you mean 'EUR'"):
            Money("5 eur")

    @pytest.mark.parametrize("odd", ["1,23 EUR", "1,2345 EUR", ",5 EUR", "1.234,50 EUR"])
    def test_a_comma_that_separates_no_thousands_is_refused_and_not_dropped(self, odd):
        with pytest.raises(DefinitionError):
            Money(odd)

    @pytest.mark.parametrize(
        ("amount", "currency"), [("0.005 EUR", None), (0.005, "EUR"), (F(1, 3), "EUR"), (0.5, "JPY")]
    )
    def test_a_part_of_a_minor_unit_is_refused(self, amount, currency):
        with pytest.raises(DefinitionError, match=r"has \d decimals \(got .*\); round it first"):
            Money(amount, currency)

    def test_a_number_needs_a_currency(self):
        with pytest.raises(DefinitionError, match=r"money needs a currency, such as Money\(500, 'EUR'\)"):
            Money(500)

    @pytest.mark.parametrize("odd", [None, True, float("nan"), [5]])
    def test_what_is_no_number_is_refused(self, odd):
        with pytest.raises(DefinitionError, match="an amount of money must be a "):
            Money(odd, "EUR")

    @pytest.mark.parametrize("odd", [1.5, 0.999, F(1, 2), Decimal("2.5")])
    def test_a_part_of_a_minor_unit_is_not_dropped(self, odd):
        with pytest.raises(DefinitionError):
            Money.from_minor(odd, "EUR")

    def test_adds_and_subtracts_exactly(self):
        assert Money("0.10 EUR") + Money("0.20 EUR") == Money("0.30 EUR")
        assert Money("0.10 EUR") - Money("0.20 EUR") == Money("-0.10 EUR")
        assert -Money("0.10 EUR") == Money("-0.10 EUR")
        assert sum([Money("0.10 EUR")] * 3) == Money("0.30 EUR")
        assert Money.from_minor(2**63, "EUR") + Money.from_minor(2**63, "EUR") == Money.from_minor(2**64, "EUR")

    def test_compares_and_sorts(self):
        amounts = [Money("2.00 EUR"), Money("-1.00 EUR"), Money("1.00 EUR")]
        assert sorted(amounts) == [amounts[1], amounts[2], amounts[0]]
        assert amounts[2] <= amounts[0]
        assert amounts[0] >= amounts[0]
        assert amounts[0] > amounts[1]
        assert Money("1.00 EUR") != Money("1.00 USD")
        assert Money("1.00 EUR") != 1

    def test_is_true_unless_nothing(self):
        assert Money("0.01 EUR")
        assert not Money(0, "EUR")

    @pytest.mark.parametrize(
        "act",
        [lambda m, o: m + o, lambda m, o: m - o, lambda m, o: m < o, lambda m, o: m >= o],
        ids=["+", "-", "<", ">="],
    )
    def test_currencies_do_not_mix(self, act):
        with pytest.raises(DefinitionError, match=r"one currency \(got EUR and USD\); convert one of them first"):
            act(Money(1, "EUR"), Money(1, "USD"))
        with pytest.raises(DefinitionError, match=r"money can only meet money \(got 5\)"):
            act(Money(1, "EUR"), 5)

    def test_times_an_exact_factor_is_rounded_once(self):
        assert Money("100.05 EUR").times(0.5) == Money("50.03 EUR")
        assert Money("-100.05 EUR").times(0.5) == Money("-50.03 EUR")
        assert Money("100.05 EUR").times(0.5, Rounding(mode="half_even")) == Money("50.02 EUR")
        assert Money("100.00 EUR").times(F(1, 3), Rounding(to=1, mode="up")) == Money("34.00 EUR")
        with pytest.raises(DefinitionError, match="a factor must be a number"):
            Money("1.00 EUR").times("2")

    def test_is_frozen_hashable_formats_and_pickles(self):
        money = Money("11,738.85 EUR")
        assert pickle.loads(pickle.dumps(money)) == money
        assert hash(money) == hash(Money(11738.85, "EUR"))
        assert f"{money:>15}" == "  11,738.85 EUR"
        with pytest.raises(AttributeError):
            money.minor = 5

    @pytest.mark.parametrize("minor", [1_173_885, -5, 0, 10**30 + 1])
    def test_the_amount_is_in_major_units(self, minor):
        assert F(Money.from_minor(minor, "EUR").amount) == F(minor, 100)
        assert Money.from_minor(1500, "JPY").amount == 1500

    def test_the_decimal_context_of_the_caller_changes_nothing(self):
        money = Money("11,738.85 EUR")
        with decimal.localcontext(decimal.Context(prec=4)):
            seen = F(money.amount), str(money), Money("11,738.85 EUR") == money
        assert seen == (F(1_173_885, 100), "11,738.85 EUR", True)


class TestRounding:
    @pytest.mark.parametrize(
        ("rounding", "amount", "minor"),
        [
            (CENT, "1.005", 101),
            (CENT, "-1.005", -101),
            (Rounding(mode="half_even"), "1.005", 100),
            (Rounding(mode="half_down"), "1.005", 100),
            (Rounding(mode="up"), "1.001", 101),
            (Rounding(mode="down"), "-1.009", -100),
            (Rounding(mode="ceiling"), "-1.009", -100),
            (Rounding(mode="floor"), "-1.001", -101),
            (Rounding(to=1), "1045704.4", 104_570_400),
            (Rounding(to=100), "150", 20_000),
            (Rounding(to=0.05), "1.12", 110),
            (Rounding(to=0.05), "1.125", 115),
        ],
    )
    def test_one_amount(self, rounding, amount, minor):
        assert rounding.minor(F(amount), "EUR") == minor
        assert rounding.column(Ratios.of_fractions([F(amount)]), "EUR").tolist() == [minor]

    def test_the_unit_is_in_minor_units(self):
        assert CENT.unit("EUR") == 1
        assert Rounding(to=1).unit("EUR") == 100
        assert Rounding(to=1).unit("JPY") == 1
        assert Rounding(to=0.05).unit("EUR") == 5

    @pytest.mark.parametrize(("to", "currency"), [(0.005, "EUR"), (F(1, 3), "EUR"), (0.5, "JPY")])
    def test_a_unit_is_whole_minor_units(self, to, currency):
        with pytest.raises(DefinitionError, match=f"to must be a whole number of minor units of {currency}"):
            Rounding(to=to).unit(currency)

    @pytest.mark.parametrize("to", [0, -1, -0.05])
    def test_a_unit_is_positive(self, to):
        with pytest.raises(DefinitionError, match=r"to must be a positive unit, such as 1 or 0\.01"):
            Rounding(to=to)

    @pytest.mark.parametrize("to", ["1", float("nan"), True])
    def test_a_unit_is_a_number(self, to):
        with pytest.raises(DefinitionError, match="to must be a "):
            Rounding(to=to)

    def test_an_unknown_mode_is_refused(self):
        with pytest.raises(
            DefinitionError, match=r"mode must be one of half_up, .* \(got 'halfup'\) \(did you mean 'half_up'"
        ):
            Rounding(mode="halfup")


class TestMinorUnits:
    @pytest.mark.parametrize(
        ("values", "minor"),
        [
            ([1234.5, "1,000", Decimal("0.10")], [123_450, 100_000, 10]),
            ([0.1, 0.29, 1.15, -2.675 + 0.005], [10, 29, 115, -267]),
            ([1, 2], [100, 200]),
            (np.array([1, 2], dtype=np.uint8), [100, 200]),
            (np.array([0.1, 1.1], dtype=np.float32), [10, 110]),
            (("1_000", " 2.50 "), [100_000, 250]),
            ([Money("1.10 EUR"), F(1, 4)], [110, 25]),
            (pd.Series([1.5, 2.0]), [150, 200]),
            (pl.Series([1.5, 2.0]), [150, 200]),
            (pl.Series([Decimal("1.50")]), [150]),
            (pa.chunked_array([[1.5, 2.0]]), [150, 200]),
            (pd.Series([1, 2], dtype="Int64"), [100, 200]),
            (np.array(["1.50", "2"]), [150, 200]),
            ([1e11 + 0.01], [10_000_000_000_001]),
            ([], []),
            (np.array([], dtype=object), []),
        ],
    )
    def test_what_was_typed_is_made_exact_once(self, values, minor):
        column = minor_units(values, "EUR")
        assert column.tolist() == minor
        assert column.dtype == np.int64

    def test_an_arrow_array_with_a_null_is_refused_by_row(self):
        with pytest.raises(DataError, match="row 1 has no amount"):
            minor_units(pa.array([1.5, None]), "EUR")

    @pytest.mark.parametrize(("currency", "minor"), [("JPY", 1234), ("EUR", 123_400), ("KWD", 1_234_000)])
    def test_each_currency_has_its_own(self, currency, minor):
        assert minor_units([1234.0], currency).tolist() == [minor]
        assert minor_units([1234], currency).tolist() == [minor]

    @pytest.mark.parametrize(
        "values", [[0.005], ["0.005"], [1, F(1, 3)], np.array([2.0, 1.005]), [Decimal("0.001")], np.array([1.0, 1e-9])]
    )
    def test_parts_of_a_minor_unit_are_refused(self, values):
        row = len(values) - 1
        with pytest.raises(
            DataError, match=rf"2 decimals \(got .*\): row {row}; round first, or give rounding="
        ) as caught:
            minor_units(values, "EUR")
        assert caught.value.rows == (row,)

    def test_parts_of_a_minor_unit_are_rounded_where_told(self):
        assert minor_units([0.005, 1.115, -0.005], "EUR", rounding=Rounding()).tolist() == [1, 112, -1]
        assert minor_units([1, 49], "EUR", rounding=Rounding(to=50)).tolist() == [0, 5000]
        assert minor_units([1.005], "EUR", rounding=Rounding(mode="down")).tolist() == [100]

    def test_whole_amounts_are_rounded_to_the_unit_too(self):
        assert minor_units([149.99, 120.0], "EUR", rounding=Rounding(to=100)).tolist() == [10_000, 10_000]
        assert minor_units(np.array([120.0, 180.0]), "EUR", rounding=Rounding(to=100)).tolist() == [10_000, 20_000]

    @pytest.mark.parametrize("nothing", [None, float("nan"), "", "  ", pd.NA, Decimal("NaN")])
    def test_what_is_missing_is_refused(self, nothing):
        with pytest.raises(DataError, match=r"row 1 has no amount \(got .*\); leave the row out or fill it") as caught:
            minor_units([1, nothing], "EUR")
        assert caught.value.rows == (1,)

    @pytest.mark.parametrize("odd", ["five", "1.2.3", "1/0", float("inf"), object(), "5 EUR"])
    def test_what_is_no_amount_is_refused(self, odd):
        with pytest.raises(DataError, match=r"row 1 must be an amount of EUR \(got ") as caught:
            minor_units(["1", odd], "EUR")
        assert caught.value.rows == (1,)

    @pytest.mark.parametrize("truth", [[True], [1, True], [True, 2.5], np.array([True])])
    def test_truth_is_no_amount(self, truth):
        with pytest.raises(DataError, match="must be an amount of EUR"):
            minor_units(truth, "EUR")

    @pytest.mark.parametrize("odd", ["1,23", "1.234,50", ",5"])
    def test_a_comma_that_separates_no_thousands_is_refused_and_not_dropped(self, odd):
        with pytest.raises(DataError):
            minor_units([odd], "EUR", rounding=Rounding())

    def test_another_currency_is_refused(self):
        with pytest.raises(DataError, match="row 1 is USD, not EUR; convert it first"):
            minor_units([Money(1, "EUR"), Money(1, "USD")], "EUR")
        with pytest.raises(DefinitionError, match="ISO 4217"):
            minor_units([1], "EURO")

    @pytest.mark.parametrize(
        "values", [[2**62], np.array([2**62]), np.array([2**63], dtype=np.uint64), [1e30], ["1" + "0" * 20], [2**70]]
    )
    @pytest.mark.parametrize("rounding", [None, Rounding()])
    def test_nothing_past_int64_wraps(self, values, rounding):
        with pytest.raises(DataError, match="amounts of EUR must fit int64 minor units"):
            minor_units(values, "EUR", rounding=rounding)

    def test_the_ends_of_int64_fit(self):
        assert minor_units(np.array([2**63 - 1]), "JPY").tolist() == [2**63 - 1]
        assert minor_units(np.array([-(2**63)]), "JPY").tolist() == [-(2**63)]

    def test_one_column_is_one_dimensional(self):
        with pytest.raises(DataError, match=r"'values' must have one dimension \(got shape \(1, 2\)\)"):
            minor_units(np.ones((1, 2)), "EUR")
        with pytest.raises(DataError, match="values must be one column"):
            minor_units(5, "EUR")


class TestAllocate:
    @pytest.mark.parametrize(
        ("total", "weights", "shares"),
        [
            (100, [5117, 4400, 162, 161, 160], [51, 44, 2, 2, 1]),
            (100, [1, 1, 1], [34, 33, 33]),
            (-100, [1, 1, 1], [-34, -33, -33]),
            (0, [1, 2], [0, 0]),
            (10, [0, 1, 0], [0, 10, 0]),
            (10, [0.1, 0.2, 0.7], [1, 2, 7]),
            (2, (F(1, 3), F(1, 3), F(1, 3)), [1, 1, 0]),
            (7, np.array([1.0, 1.0]), [4, 3]),
            (10**30, [1, 2], [333333333333333333333333333333, 666666666666666666666666666667]),
            (np.int64(5), [1], [5]),
        ],
    )
    def test_shares_of_an_integer(self, total, weights, shares):
        assert allocate(total, weights) == shares

    @pytest.mark.parametrize("total", [10.0, True, "10", None, F(10)])
    def test_a_whole_is_money_or_an_integer(self, total):
        with pytest.raises(DefinitionError, match="total must be money or an integer"):
            allocate(total, [1, 1])

    def test_shares_of_money(self):
        assert allocate(Money("100.00 EUR"), [1, 1, 1]) == [Money("33.34 EUR"), Money("33.33 EUR"), Money("33.33 EUR")]
        assert allocate(Money("-0.01 EUR"), [1, 1]) == [Money("-0.01 EUR"), Money("0.00 EUR")]

    def test_a_mapping_gives_a_mapping_and_its_keys_break_ties(self):
        assert allocate(Money("1.00 EUR"), {"b": 1, "a": 1, "c": 1}) == {
            "b": Money("0.33 EUR"),
            "a": Money("0.34 EUR"),
            "c": Money("0.33 EUR"),
        }

    def test_keys_break_ties_whatever_the_order(self):
        assert allocate(1, [1, 1], keys=["e2", "e1"]) == [0, 1]
        assert allocate(1, [1, 1], keys=["e1", "e2"]) == [1, 0]

    def test_the_least_unit_given_out(self):
        assert allocate(Money("100.00 EUR"), [1, 1, 1], unit=10) == [
            Money(40, "EUR"),
            Money(30, "EUR"),
            Money(30, "EUR"),
        ]
        assert allocate(100, [1, 1, 1], unit=25) == [50, 25, 25]

    @pytest.mark.parametrize(("total", "unit"), [(101, 25), (Money("100.50 EUR"), 10)])
    def test_a_total_is_whole_units(self, total, unit):
        with pytest.raises(DefinitionError, match=r"total must be a whole number of units.* would be lost"):
            allocate(total, [1, 1], unit=unit)

    @pytest.mark.parametrize(("total", "unit"), [(100, 0), (100, -5), (100, 0.5), (Money(1, "EUR"), -1), (100, "1")])
    def test_a_unit_is_positive_and_whole(self, total, unit):
        with pytest.raises(DefinitionError, match="must be a "):
            allocate(total, [1, 1], unit=unit)

    @pytest.mark.parametrize("nothing", [[], {}, ()])
    def test_somebody_must_get_it(self, nothing):
        with pytest.raises(DefinitionError, match=r"weights must name at least one share \(got none\)"):
            allocate(100, nothing)

    def test_negative_weights_are_refused(self):
        with pytest.raises(DefinitionError, match=r"must not be negative \(got -1 at position 1\)"):
            allocate(100, [1, -1])

    def test_weights_that_are_all_zero_are_refused(self):
        with pytest.raises(DefinitionError, match="must not all be zero; nothing says who gets the whole"):
            allocate(100, [0, 0])

    @pytest.mark.parametrize("odd", [float("nan"), "1", None, True])
    def test_weights_are_finite_numbers(self, odd):
        with pytest.raises(DefinitionError, match="a weight must be a "):
            allocate(100, [1, odd])

    @pytest.mark.parametrize("keys", [["a", "a"], ["a"], ["a", "b", "c"]])
    def test_keys_are_unique_one_for_each_weight(self, keys):
        with pytest.raises(DefinitionError, match="keys must be unique, one for each of 2 weights"):
            allocate(100, [1, 1], keys=keys)

    @pytest.mark.parametrize("odd", [10.5, F(1, 2), "100", "abc", None, float("nan"), float("inf")])
    def test_a_total_is_money_or_an_integer(self, odd):
        with pytest.raises(DefinitionError, match=r"total must be money or an integer \(got "):
            allocate(odd, [1, 1])

    def test_keys_that_cannot_be_ordered_are_refused_as_a_definition(self):
        with pytest.raises(DefinitionError, match="keys"):
            allocate(1, [1, 1], keys=[1, "a"])

    def test_keys_beside_a_mapping_are_refused_and_not_ignored(self):
        with pytest.raises(DefinitionError, match="keys"):
            allocate(1, {"a": 1, "b": 1}, keys=[2, 1])
