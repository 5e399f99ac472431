"""Columns in: every kind of table gives the same columns, and what is wrong is named."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from perfkit import (
    Curve,
    DataError,
    DefinitionError,
    Gate,
    IncentivePlan,
    Metric,
    MissingColumnsError,
    Money,
    RateTable,
    Scorecard,
    StaleDataError,
    TargetBonus,
)
from perfkit._core.columns import Need, Rows, column_names, is_missing_value, read_row, read_rows

F = Fraction
SALARY = [6_000_000, 7_250_001, 2**53 + 1]
RESULT = [1.25, None, 0.8]
RATE = ["0.10", "0.15", "0.20"]
LEVEL = ["solid", None, "high"]
ACTIVE = [True, False, True]
NAMES = ["salary", "result", "rate", "level", "active"]
MASK = [False, True, False]


def mapping_of_lists():
    return {
        "salary": SALARY,
        "result": RESULT,
        "rate": [Decimal(rate) for rate in RATE],
        "level": LEVEL,
        "active": ACTIVE,
    }


def mapping_of_arrays():
    return {
        "salary": np.array(SALARY),
        "result": np.array(RESULT, dtype=np.float64),
        "rate": np.array(RATE, dtype=np.float64),
        "level": np.array(LEVEL, dtype=object),
        "active": np.array(ACTIVE),
    }


def structured_array():
    table = np.empty(3, dtype=[("salary", "i8"), ("result", "f8"), ("rate", "f8"), ("level", "O"), ("active", "?")])
    for name, column in mapping_of_arrays().items():
        table[name] = column
    return table


def record_array():
    return structured_array().view(np.recarray)


def masked_arrays():
    return {
        "salary": np.ma.array(SALARY),
        "result": np.ma.array([1.25, 7.0, 0.8], mask=MASK),
        "rate": np.ma.array(np.array(RATE, dtype=np.float64)),
        "level": np.ma.array(["solid", "x", "high"], mask=MASK),
        "active": np.ma.array(ACTIVE),
    }


def pandas_frame():
    return pd.DataFrame(mapping_of_arrays())


def pandas_nullable_frame():
    return pd.DataFrame(
        {
            "salary": pd.array(SALARY, dtype="Int64"),
            "result": pd.array(RESULT, dtype="Float64"),
            "rate": pd.array([float(rate) for rate in RATE], dtype="Float64"),
            "level": pd.array(LEVEL, dtype="string"),
            "active": pd.array(ACTIVE, dtype="boolean"),
        }
    )


def pandas_categorical_frame():
    return pandas_frame().assign(level=pd.Categorical(LEVEL), active=pd.Series(ACTIVE, dtype=object))


def pandas_arrow_frame():
    return pandas_nullable_frame().convert_dtypes(dtype_backend="pyarrow")


def pandas_frame_with_an_odd_index():
    return pandas_frame().set_index(pd.Index([9, 9, 1]))


def polars_frame():
    return pl.DataFrame(
        {**mapping_of_lists(), "rate": [float(rate) for rate in RATE]}, schema_overrides={"salary": pl.Int64}
    )


def polars_frame_of_decimals():
    columns = mapping_of_lists()
    return pl.DataFrame(columns, schema_overrides={"level": pl.Categorical, "rate": pl.Decimal(10, 2)})


def arrow_table():
    return pa.table(mapping_of_lists())


def arrow_table_in_chunks():
    return pa.concat_tables([arrow_table().slice(0, 1), arrow_table().slice(1)])


def arrow_table_with_a_dictionary():
    level = pa.array(LEVEL).dictionary_encode()
    return arrow_table().set_column(3, "level", level)


def arrow_record_batch():
    return pa.record_batch(mapping_of_lists())


def mapping_of_arrow_arrays():
    return {name: pa.array(column) for name, column in mapping_of_lists().items()}


def mapping_of_series():
    return {"salary": pd.Series(SALARY), "result": pl.Series(RESULT), **{n: mapping_of_lists()[n] for n in NAMES[2:]}}


def mapping_of_iterables():
    return {name: (value for value in column) for name, column in mapping_of_lists().items()}


TABLES = [
    mapping_of_lists,
    mapping_of_arrays,
    structured_array,
    record_array,
    masked_arrays,
    pandas_frame,
    pandas_nullable_frame,
    pandas_categorical_frame,
    pandas_arrow_frame,
    pandas_frame_with_an_odd_index,
    polars_frame,
    polars_frame_of_decimals,
    arrow_table,
    arrow_table_in_chunks,
    arrow_table_with_a_dictionary,
    arrow_record_batch,
    mapping_of_arrow_arrays,
    mapping_of_series,
    mapping_of_iterables,
]


def from_a_null_column(values, how):
    """A table whose column 'x' is of integers with a null."""
    tables = {
        "mapping": lambda: {"x": values},
        "pandas nullable": lambda: pd.DataFrame({"x": pd.array(values, dtype="Int64")}),
        "pandas arrow": lambda: pd.DataFrame({"x": pd.array(values, dtype="int64[pyarrow]")}),
        "polars": lambda: pl.DataFrame({"x": pl.Series(values, dtype=pl.Int64)}),
        "pyarrow": lambda: pa.table({"x": pa.array(values, pa.int64())}),
    }
    return tables[how]()


HOWS = ["mapping", "pandas nullable", "pandas arrow", "polars", "pyarrow"]


def read(column, name="x"):
    return read_rows({name: column}, [name])


def objects_of(values):
    return np.array(values, dtype=object)


def objects(*values):
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


@pytest.mark.parametrize("table", TABLES)
class TestEveryTable:
    def test_gives_the_same_columns(self, table):
        rows = read_rows(table(), NAMES)
        assert len(rows) == rows.n == 3
        assert rows.money("salary").tolist() == SALARY
        assert rows.money("salary").dtype == np.int64
        assert rows.number("result").tobytes() == np.array(RESULT, dtype=np.float64).tobytes()
        assert [rows.exact("rate").fraction(row) for row in range(3)] == [F(rate) for rate in RATE]
        assert list(rows.category("level")) == LEVEL
        assert rows.flag("active").tolist() == ACTIVE
        assert rows.is_missing("result").tolist() == MASK
        assert rows.is_missing("level").tolist() == MASK
        assert not rows.is_missing("salary").any()

    def test_gives_the_same_scores(self, table):
        card = Scorecard("all", [Metric("result", weight=3), Metric("rate", weight=1, target=0.15)])
        expected = card.score(mapping_of_lists())
        scores = card.score(table())
        assert scores.values.tobytes() == expected.values.tobytes()
        assert scores.coverage.tobytes() == expected.coverage.tobytes()

    def test_gives_the_same_pay(self, table):
        rate = RateTable("level", {"solid": 0.1, "high": 0.2})
        plan = IncentivePlan(
            "all",
            currency="EUR",
            pays=[TargetBonus(base="salary", rate=rate, multiplier="result")],
            then=[Gate("active")],
            missing="unpaid",
        )
        assert plan.pay(table()).minor.tolist() == plan.pay(mapping_of_lists()).minor.tolist()


@pytest.mark.parametrize("how", HOWS)
class TestIntegersWithANull:
    def test_are_missing_where_they_are_null(self, how):
        rows = read_rows(from_a_null_column([5, None], how), ["x"])
        assert rows.is_missing("x").tolist() == [False, True]
        assert np.isnan(rows.number("x")).tolist() == [False, True]

    def test_lose_no_digit(self, how):
        rows = read_rows(from_a_null_column([2**53 + 1, None], how), ["x"])
        assert rows[:1].exact("x").fraction(0) == 2**53 + 1

    def test_are_unpaid_where_the_plan_says_so(self, how):
        plan = IncentivePlan("p", currency="EUR", pays=[TargetBonus(base="x", rate=0.5)], missing="unpaid")
        assert plan.pay(from_a_null_column([2**53 + 2, None], how)).minor.tolist() == [2**52 + 1, 0]

    def test_are_refused_as_missing_and_not_as_floats(self, how):
        rows = read_rows(from_a_null_column([5, None], how), ["x"])
        with pytest.raises(DataError, match="column 'x' must not be missing: row 1") as caught:
            rows.money("x")
        assert caught.value.rows == (1,)

    def test_are_categories_of_their_digits(self, how):
        rows = read_rows(from_a_null_column([5, None], how), ["x"])
        assert list(rows.category("x")) == ["5", None]


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([True, None], dtype="boolean"),
        pl.Series([True, None]),
        pa.chunked_array([[True, None]]),
        objects(True, None),
        np.array([1.0, np.nan]),
    ],
    ids=["pandas", "polars", "pyarrow", "objects", "floats"],
)
def test_a_missing_answer_is_no_answer(column):
    with pytest.raises(DataError, match=r"'x' must be true or false \(1 or 0\): row 1; a missing answer is no answer"):
        read(column).flag("x")


class TestWhichColumnsThereAre:
    def test_all_that_are_missing_are_named_at_once_with_what_may_be_meant(self):
        with pytest.raises(MissingColumnsError) as caught:
            read_rows({"revenue": [1], "churn": [2]}, ["revenu", "churn", "csat", "chrun"])
        assert caught.value.columns == ("revenu", "csat", "chrun")
        assert caught.value.column == "revenu"
        message = str(caught.value)
        assert "3 columns are missing: 'revenu' (did you mean 'revenue'?), 'csat', " in message
        assert "'chrun' (did you mean 'churn'?)" in message
        assert "the data have 'revenue', 'churn'" in message

    def test_a_wide_table_is_not_listed_in_full(self):
        with pytest.raises(MissingColumnsError, match=r"1 column is missing: 'x'; .*'c11' and 8 more; add or rename"):
            read_rows({f"c{i}": [1] for i in range(20)}, ["x"])

    def test_an_empty_table_has_no_columns(self):
        with pytest.raises(MissingColumnsError, match="the data have none"):
            read_rows({}, ["x"])

    @pytest.mark.parametrize("table", TABLES)
    def test_every_table_names_what_it_misses(self, table):
        with pytest.raises(MissingColumnsError, match="'salry' \\(did you mean 'salary'\\?\\)"):
            read_rows(table(), ["salry"])

    def test_a_column_that_rows_do_not_have(self):
        with pytest.raises(MissingColumnsError, match="'y'"):
            read([1]).number("y")

    def test_only_what_is_read_is_touched(self):
        rows = read_rows({"a": [1], "b": object(), "c": [1, 2]}, ["a"])
        assert list(rows.columns) == ["a"]

    def test_a_name_is_read_once(self):
        assert list(read_rows({"a": [1], "b": [2]}, ["b", "a", "b"]).columns) == ["b", "a"]

    @pytest.mark.parametrize("odd", [None, 5, "text", [1, 2], np.array([1, 2]), object(), b"x"])
    def test_what_is_no_table_is_refused(self, odd):
        with pytest.raises(DataError, match=r"data must be a mapping of columns, .* for a single row use the method"):
            read_rows(odd, ["a"])

    def test_a_single_row_is_no_table(self):
        with pytest.raises(
            DataError, match=r"'a' must be a sequence of values \(got 5\); for a single row use"
        ) as caught:
            read_rows({"a": 5}, ["a"])
        assert caught.value.column == "a"

    def test_a_text_is_no_column(self):
        with pytest.raises(DataError, match="'a' must be a sequence of values"):
            read_rows({"a": "abc"}, ["a"])

    @pytest.mark.parametrize("column", [np.ones((2, 2)), np.ones((1, 2, 3)), np.ones((3, 0))])
    def test_a_column_has_one_dimension(self, column):
        with pytest.raises(DataError, match=r"'a' must have one dimension \(got shape"):
            read_rows({"a": column}, ["a"])

    @pytest.mark.parametrize("column", [{5: 1, 6: 2}, {5, 6}, frozenset({5})])
    def test_what_has_no_order_or_two_is_no_column(self, column):
        with pytest.raises(DataError, match="'a' must be a sequence of values"):
            read_rows({"a": column}, ["a"])

    def test_keys_that_are_no_text_are_found_by_their_text(self):
        assert column_names({1: [1.0]}) == ["1"]
        assert read_rows({1: [1.0]}, ["1"]).number("1").tolist() == [1.0]
        with pytest.raises(MissingColumnsError, match=r"'2'.*the data have '1'"):
            read_rows({1: [1.0]}, ["2"])

    def test_labels_of_a_frame_that_are_no_text_are_found_by_their_text(self):
        frame = pd.DataFrame({1: [1.0], "b": [2.0]})
        assert column_names(frame) == ["1", "b"]
        assert read_rows(frame, ["1", "b"]).number("1").tolist() == [1.0]

    def test_keys_of_a_row_that_are_no_text_are_found_by_their_text(self):
        assert read_row({1: 5.0}, ["1"]).number("1").tolist() == [5.0]
        assert read_row(pd.Series([5.0]), ["0"]).number("0").tolist() == [5.0]

    def test_a_pandas_column_may_have_any_name(self):
        frame = pd.DataFrame({"column_names": [1.0], "columns": [2.0], "dtype": [3.0]})
        assert column_names(frame) == ["column_names", "columns", "dtype"]
        assert read_rows(frame, ["columns"]).number("columns").tolist() == [2.0]

    def test_a_lazy_frame_is_refused_with_the_cure(self):
        with pytest.raises(DataError, match="collect"):
            read_rows(pl.LazyFrame({"a": [1]}), ["a"])

    def test_column_names_of_every_table_are_in_its_order(self):
        for table in TABLES:
            assert column_names(table()) == NAMES
        assert column_names(read_rows(mapping_of_lists(), NAMES)) == NAMES


class TestLengths:
    def test_columns_are_of_one_length(self):
        with pytest.raises(DataError, match="one length: 'a' has 2 rows and 'b' has 3") as caught:
            read_rows({"a": [1, 2], "b": [1, 2, 3]}, ["a", "b"])
        assert caught.value.column == "b"

    def test_a_given_column_is_of_the_same_length(self):
        with pytest.raises(DataError, match="'a' has 2 rows and 'score' has 1"):
            read_rows({"a": [1, 2]}, ["a", "score"], {"score": [1.0]})

    def test_a_single_value_stands_for_every_row(self):
        rows = read_rows({"a": [1, 2]}, ["a", "score"], {"score": 0.5})
        assert rows.number("score").tolist() == [0.5, 0.5]

    def test_a_table_of_which_nothing_is_read_still_has_its_length(self):
        rows = read_rows({"a": [1, 2]}, ["score"], {"score": 0.5})
        assert rows.n == 2
        assert read_rows({}, [], {}).n == 0
        assert read_rows(rows, []).n == 2

    def test_a_column_given_twice_is_refused(self):
        with pytest.raises(DataError, match="'a' is given by name and is in the data as well; give it once"):
            read_rows({"a": [1]}, ["a"], {"a": [2]})

    @pytest.mark.parametrize(
        "empty",
        [
            {"x": []},
            {"x": np.array([])},
            {"x": np.array([], dtype=object)},
            pd.DataFrame({"x": []}),
            pl.DataFrame({"x": []}),
            pa.table({"x": pa.array([], pa.int64())}),
            np.empty(0, dtype=[("x", "i8")]),
        ],
        ids=["list", "floats", "objects", "pandas", "polars", "pyarrow", "structured"],
    )
    @pytest.mark.parametrize("kind", ["number", "complete", "exact", "flag", "category", "is_missing"])
    def test_an_empty_batch_is_an_empty_column(self, empty, kind):
        assert len(getattr(read_rows(empty, ["x"]), kind)("x")) == 0

    @pytest.mark.parametrize("empty", [{"x": []}, pl.DataFrame({"x": []}), pd.DataFrame({"x": []})])
    def test_an_empty_column_of_money_is_no_float_money(self, empty):
        assert read_rows(empty, ["x"]).money("x").dtype == np.int64


class TestNumbers:
    @pytest.mark.parametrize(
        ("column", "floats"),
        [
            ([1, 2], [1.0, 2.0]),
            ([1, 2.5], [1.0, 2.5]),
            (np.array([1, 2], dtype=np.uint8), [1.0, 2.0]),
            (np.array([0.5, 1.5], dtype=np.float32), [0.5, 1.5]),
            ([True, False], [1.0, 0.0]),
            ([Decimal("1.5"), Fraction(1, 4), 2, 0.5, np.float32(0.5)], [1.5, 0.25, 2.0, 0.5, 0.5]),
            ([2**70, 1], [2.0**70, 1.0]),
            ((1, 2), [1.0, 2.0]),
            (range(3), [0.0, 1.0, 2.0]),
        ],
    )
    def test_any_real_number_is_a_float(self, column, floats):
        assert read(column).number("x").tolist() == floats

    @pytest.mark.parametrize("nothing", [None, float("nan"), np.float64("nan"), Decimal("NaN"), pd.NA, pd.NaT])
    def test_what_is_missing_is_nan(self, nothing):
        rows = read(objects(1, nothing))
        assert np.isnan(rows.number("x")).tolist() == [False, True]
        assert rows.is_missing("x").tolist() == [False, True]
        assert is_missing_value(nothing)

    @pytest.mark.parametrize("something", [0, 0.0, "", False, Decimal(0), "nan", [], Money(0, "EUR")])
    def test_what_is_nothing_but_there_is_not_missing(self, something):
        assert not is_missing_value(something)

    @pytest.mark.parametrize("odd", ["1.5", b"1", [1], dt.date(2026, 1, 1), 1j, Money(1, "EUR")])
    def test_what_is_no_number_is_named_with_its_row(self, odd):
        with pytest.raises(DataError, match="column 'x' must hold numbers") as caught:
            read(objects(1, None, odd)).number("x")
        assert caught.value.rows == (2,)
        assert caught.value.count == 1
        assert "turn text into numbers first" in str(caught.value)

    @pytest.mark.parametrize("text", [["1", "2"], ["one", "two"], ["", "nan"]])
    @pytest.mark.parametrize(
        "make", [np.array, list, objects_of, pd.Series, pl.Series, lambda v: pa.chunked_array([v])]
    )
    def test_a_column_of_text_is_refused(self, make, text):
        with pytest.raises(DataError, match=rf"must hold numbers \(got .*'{text[0]}'.*\): rows 0, 1") as caught:
            read(make(text)).number("x")
        assert caught.value.count == 2

    @pytest.mark.parametrize("column", [np.array(["2026-01-01"], dtype="M8[D]"), np.array([1], "m8[D]"), [1j], [b"1"]])
    def test_dates_and_the_like_are_refused_by_their_type(self, column):
        with pytest.raises(DataError, match="column 'x' must hold numbers"):
            read(np.asarray(column)).number("x")

    @pytest.mark.parametrize(
        "column", [np.array([1.0, np.inf]), np.array([1, -np.inf], dtype=np.float32), [1.0, float("inf")]]
    )
    @pytest.mark.parametrize("kind", ["number", "exact", "complete"])
    def test_infinity_is_refused(self, column, kind):
        with pytest.raises(DataError, match="'x' must be finite: row 1; a missing value is NaN or None") as caught:
            getattr(read(column), kind)("x")
        assert caught.value.rows == (1,)

    def test_an_infinity_among_objects_is_refused(self):
        for kind in ("number", "exact"):
            with pytest.raises(DataError, match="'x' must be finite: row 1"):
                getattr(read(objects(1, Decimal("Infinity"))), kind)("x")

    @pytest.mark.parametrize(
        "large", [10**400, Fraction(10**400), Decimal("1e400")], ids=["int", "fraction", "decimal"]
    )
    def test_a_number_past_the_floats_is_a_data_error(self, large):
        with pytest.raises(DataError, match="'x' must be finite: row 1"):
            read(objects(1, large)).number("x")

    def test_a_signalling_nan_is_missing_or_refused_and_never_a_raw_error(self):
        rows = read(objects(Decimal("sNaN")))
        assert rows.is_missing("x").tolist() == [True]

    def test_a_complete_column_misses_nothing(self):
        assert read([1, 2]).complete("x").tolist() == [1.0, 2.0]
        with pytest.raises(DataError, match="'x' must not be missing: rows 1, 3; fill it") as caught:
            read([1.0, None, 2.0, None]).complete("x")
        assert caught.value.rows == (1, 3)


class TestExactNumbers:
    @pytest.mark.parametrize(
        ("column", "fractions"),
        [
            ([1, -2], [F(1), F(-2)]),
            ([True, False], [F(1), F(0)]),
            (np.array([3], dtype=np.uint8), [F(3)]),
            (np.array([2**53 + 1]), [F(2**53 + 1)]),
            ([0.1, 1e-7, 1 / 3], [F(1, 10), F(1, 10**7), F("0.3333333333333333")]),
            (np.array([0.1, 1 / 3], dtype=np.float32), [F(1, 10), F("0.33333334")]),
            (np.array([0.1], dtype=np.float16), [F(1, 10)]),
            ([Decimal("1.10"), F(2, 37), 0.15, 3], [F(11, 10), F(2, 37), F(3, 20), F(3)]),
            (objects(True, np.False_, np.float32(0.1)), [F(1), F(0), F(1, 10)]),
            ([2**70], [F(2**70)]),
        ],
    )
    def test_each_is_the_number_that_was_typed(self, column, fractions):
        ratios = read(column).exact("x")
        assert [ratios.fraction(row) for row in range(len(fractions))] == fractions

    def test_unsigned_integers_are_exact_too(self):
        assert read(np.array([2**53 + 1], dtype=np.uint64)).exact("x").fraction(0) == 2**53 + 1

    def test_an_integer_beside_a_float_keeps_its_digits(self):
        assert read([2**53 + 1, 0.5]).exact("x").fraction(0) == 2**53 + 1

    @pytest.mark.parametrize("column", [np.array([1.0, np.nan]), objects(1, None), np.array([1, np.nan], np.float32)])
    def test_nothing_may_be_missing(self, column):
        with pytest.raises(DataError, match="'x' must not be missing: row 1"):
            read(column).exact("x")

    @pytest.mark.parametrize(
        "column", [["1.5"], objects(1, "2"), [b"1"], np.array(["2026"], dtype="M8[Y]"), np.array(["1.5"])]
    )
    def test_text_is_refused(self, column):
        with pytest.raises(DataError, match="must hold numbers"):
            read(column).exact("x")


class TestMoney:
    @pytest.mark.parametrize(
        "column",
        [
            [1, 2],
            np.array([1, 2], dtype=np.int8),
            np.array([1, 2], dtype=np.uint64),
            [Money("0.01 EUR"), Money("0.02 EUR")],
            objects(1, np.int32(2)),
        ],
    )
    def test_minor_units_are_int64(self, column):
        minor = read(column).money("x")
        assert minor.tolist() == [1, 2]
        assert minor.dtype == np.int64

    @pytest.mark.parametrize("dtype", [np.float64, np.float32])
    def test_float_money_is_refused_with_the_cure(self, dtype):
        with pytest.raises(
            DataError, match=r"money must be int64 minor units \(got float.*minor_units\(values"
        ) as caught:
            read(np.array([1.0], dtype=dtype)).money("x")
        assert caught.value.column == "x"

    @pytest.mark.parametrize("odd", [1.5, Decimal("1.00"), "100", True, np.True_])
    def test_what_is_no_count_of_minor_units_is_named_with_its_row_and_the_cure(self, odd):
        with pytest.raises(
            DataError, match=r"\(got .* in row 1\); make minor units of it once, with minor_units"
        ) as caught:
            read(objects(1, odd, odd)).money("x")
        assert caught.value.rows == (1, 2)
        assert caught.value.count == 2

    def test_text_and_truth_are_no_money(self):
        with pytest.raises(DataError, match="minor_units"):
            read(np.array(["100"])).money("x")
        with pytest.raises(DataError, match=r"must hold int64 minor units \(got bool\)"):
            read(np.array([True])).money("x")

    def test_missing_money_is_refused(self):
        with pytest.raises(DataError, match=r"'x' must not be missing: row 1; .*missing='unpaid'"):
            read([1, None]).money("x")

    @pytest.mark.parametrize(
        ("column", "row"),
        [
            (objects(1, 2**63), 1),
            (objects(-(2**63) - 1, 1), 0),
            (objects(1, 10**30), 1),
            (np.array([1, 2**63], dtype=np.uint64), 1),
            ([Money.from_minor(2**70, "EUR")], 0),
            ([2**64, 1], 0),
        ],
    )
    def test_nothing_past_int64_wraps(self, column, row):
        with pytest.raises(DataError, match="'x' must fit int64 minor units: row") as caught:
            read(column).money("x")
        assert caught.value.rows == (row,)

    @pytest.mark.parametrize("column", [[2**63, 1], [2**63, -1]])
    def test_a_list_past_int64_is_not_mistaken_for_floats(self, column):
        with pytest.raises(DataError, match="'x' must fit int64 minor units: row 0"):
            read(column).money("x")

    def test_the_ends_of_int64_fit(self):
        assert read(objects(-(2**63), 2**63 - 1)).money("x").tolist() == [-(2**63), 2**63 - 1]


class TestFlagsAndCategories:
    @pytest.mark.parametrize(
        "column",
        [
            [True, False],
            [1, 0],
            np.array([1.0, 0.0]),
            np.array([1, 0], np.uint8),
            objects(True, 0),
            objects(F(1), False),
        ],
    )
    def test_truth_is_also_one_and_zero(self, column):
        flags = read(column).flag("x")
        assert flags.tolist() == [True, False]
        assert flags.dtype == np.bool_

    @pytest.mark.parametrize("column", [[1, 2], [0.5, 1.0], ["yes", "no"], objects(True, "no"), objects(1, -1)])
    def test_other_answers_are_refused(self, column):
        with pytest.raises(DataError, match="'x' must be true or false") as caught:
            read(column).flag("x")
        assert caught.value.column == "x"

    def test_dates_are_no_answers(self):
        with pytest.raises(DataError, match="must hold true or false"):
            read(np.array(["2026"], dtype="M8[Y]")).flag("x")

    @pytest.mark.parametrize(
        ("column", "names"),
        [
            (["a", "b"], ["a", "b"]),
            (np.array(["a", "b"]), ["a", "b"]),
            ([3, 4], ["3", "4"]),
            (np.array([3.0, np.nan, 2.5]), ["3", None, "2.5"]),
            ([True, False], ["True", "False"]),
            (objects("a", None, pd.NA, 5), ["a", None, None, "5"]),
            (np.array(["a", "b"], dtype=np.dtypes.StringDType()), ["a", "b"]),
        ],
    )
    def test_categories_are_names(self, column, names):
        assert list(read(column).category("x")) == names

    def test_a_number_has_one_name_whatever_holds_it(self):
        assert list(read([1.0, None]).category("x")) == list(read(np.array([1.0, np.nan])).category("x"))

    def test_a_type_without_missing_values_misses_nothing(self):
        assert not read(np.array(["", "a"])).is_missing("x").any()


class TestOneRow:
    def test_a_mapping_is_a_batch_of_one(self):
        rows = read_row(
            {"a": 5, "level": "solid", "money": Money("1.00 EUR"), "none": None, "more": object()},
            ["a", "level", "money", "none"],
        )
        assert rows.n == 1
        assert rows.number("a").tolist() == [5.0]
        assert list(rows.category("level")) == ["solid"]
        assert rows.money("money").tolist() == [100]
        assert rows.is_missing("none").tolist() == [True]

    def test_a_record_of_a_structured_array_is_a_row(self):
        rows = read_row(structured_array()[2], NAMES)
        assert rows.money("salary").tolist() == SALARY[2:]
        assert list(rows.category("level")) == LEVEL[2:]

    def test_a_row_of_a_pandas_frame_is_a_row(self):
        rows = read_row(pandas_frame().iloc[0], ["salary", "level"])
        assert rows.money("salary").tolist() == SALARY[:1]

    def test_a_named_row_of_a_polars_frame_is_a_row(self):
        rows = read_row(polars_frame().row(1, named=True), NAMES)
        assert rows.money("salary").tolist() == SALARY[1:2]
        assert rows.is_missing("result").tolist() == [True]

    def test_a_value_may_be_given_by_name(self):
        assert read_row({"a": 1}, ["a", "b"], {"b": np.array([0.5])}).number("b").tolist() == [0.5]

    def test_a_value_given_twice_is_refused(self):
        with pytest.raises(DataError, match="'a' is given by name and is in the row as well; give it once"):
            read_row({"a": 1}, ["a"], {"a": 2})

    def test_every_missing_value_is_named_at_once(self):
        with pytest.raises(MissingColumnsError) as caught:
            read_row({"revenue": 1}, ["revenu", "churn"])
        assert caught.value.columns == ("revenu", "churn")
        with pytest.raises(MissingColumnsError, match="the data have none"):
            read_row({}, ["a"])

    @pytest.mark.parametrize("odd", [None, 5, [1, 2], "text", np.array([1, 2])])
    def test_what_is_no_row_is_refused(self, odd):
        with pytest.raises(DataError, match="a row must be a mapping from column to value"):
            read_row(odd, ["a"])

    def test_a_row_holds_one_value_in_a_column(self):
        with pytest.raises(DataError, match=r"'a' of a single row must hold one value \(got 2\)") as caught:
            read_row({"a": [1, 2]}, ["a"])
        assert caught.value.column == "a"


class TestRows:
    def test_some_rows_keep_the_numbers_of_the_caller(self):
        rows = read([1.0, 2.0, None, 4.0, None])
        with pytest.raises(DataError, match="rows 2, 4"):
            rows[1:].complete("x")
        with pytest.raises(DataError, match="row 4"):
            rows[np.array([3, 4])].complete("x")
        with pytest.raises(DataError, match="row 2"):
            rows[1:][np.array([0, 1])][1:].complete("x")

    def test_rows_read_again_keep_the_numbers_of_the_caller(self):
        rows = read([1.0, 2.0, None])[1:]
        with pytest.raises(DataError, match="row 2"):
            read_rows(rows, ["x"]).complete("x")

    def test_a_column_is_read_once(self):
        rows = read([1, 2])
        assert rows.number("x") is rows.number("x")

    @pytest.mark.parametrize("column", [np.array([1, 0]), np.array([1.0, 0.0]), np.array([True, False]), [1, 0]])
    @pytest.mark.parametrize("kind", ["raw", "number", "complete", "flag", "category"])
    def test_what_is_read_is_read_only(self, column, kind):
        assert not getattr(read(column), kind)("x").flags.writeable

    @pytest.mark.parametrize("column", [np.array([1, 0]), np.array([1, 0], np.int32), [Money(1, "EUR")], objects(1)])
    def test_money_that_is_read_is_read_only(self, column):
        assert not read(column).money("x").flags.writeable

    @pytest.mark.parametrize("kind", ["raw", "number", "money", "flag", "category"])
    def test_nothing_that_rows_give_can_be_written_to(self, kind):
        mine = np.array([1, 0], dtype=np.float64 if kind == "number" else np.int64)
        whole = read_rows({"x": mine}, ["x"])
        for rows in (whole, whole[:1], whole[np.array([0])], read_rows(whole, ["x"]), read_row({"x": mine[0]}, ["x"])):
            column = getattr(rows, kind)("x")
            with pytest.raises(ValueError, match="read-only"):
                column[0] = 0
            assert getattr(rows, kind)("x") is getattr(rows, kind)("x") or kind == "raw"
        assert mine.tolist() == [1, 0]

    def test_exact_columns_are_read_only_in_both_parts(self):
        for column in ([0.1, 0.2], [1, 2], [Decimal("0.1"), Fraction(1, 3)]):
            ratios = read_rows({"x": column}, ["x"]).exact("x")
            assert not ratios.numerator.flags.writeable

    def test_the_callers_array_stays_writeable(self):
        mine = np.array([1.0, 2.0])
        read(mine)
        assert mine.flags.writeable

    def test_the_callers_mapping_is_not_changed(self):
        mine = {"a": [1, 2], "b": np.array([1, 2])}
        before = dict(mine)
        read_rows(mine, ["a", "b", "c"], {"c": 1}).number("a")
        assert mine == before
        assert mine["a"] is before["a"]

    def test_a_need_says_what_a_column_holds(self):
        assert Need("salary", "money") == Need("salary", "money", ())
        with pytest.raises(DefinitionError, match="kind of column 'x' must be one of number, money, flag, category"):
            Need("x", "text")

    def test_rows_say_how_many_they_are(self):
        assert len(Rows({"a": np.array([1, 2])}, 2)) == 2


FAR = 69_999


def far_column(value, fill):
    column = [fill] * 70_000
    column[FAR] = value
    return column


class TestRowNumbersFarDown:
    def test_of_a_score(self):
        card = Scorecard("c", [Metric("x", target="quota")])
        with pytest.raises(DataError, match="row 69999") as caught:
            card.score({"x": np.ones(70_000), "quota": far_column(-1.0, 1.0)})
        assert caught.value.rows == (FAR,)

    @pytest.mark.parametrize("bad", ["text", float("inf")])
    def test_of_a_value_that_is_no_number(self, bad):
        with pytest.raises(DataError, match="69999") as caught:
            Scorecard("c", [Metric("x")]).score({"x": far_column(bad, 1.0)})
        assert caught.value.rows == (FAR,)

    @pytest.mark.parametrize("bad", [None, Decimal("1.5"), 2**70, Money("1.00 USD")])
    def test_of_an_amount(self, bad):
        plan = IncentivePlan("p", currency="EUR", pays=[TargetBonus(base="x")])
        with pytest.raises(DataError, match="69999") as caught:
            plan.pay({"x": far_column(bad, 100)})
        assert caught.value.rows == (FAR,)

    def test_of_a_flag_and_of_a_choice(self):
        pays = [TargetBonus(base="x", rate=RateTable("level", {"a": 1}))]
        plan = IncentivePlan("p", currency="EUR", pays=pays, then=[Gate("ok")])
        columns = {"x": np.ones(70_000, dtype=np.int64), "level": far_column("b", "a"), "ok": far_column(7, 1)}
        with pytest.raises(DataError, match=r"'level' must be one of a .*: row 69999"):
            plan.pay(columns)
        with pytest.raises(DataError, match=r"'ok' must be true or false .*: row 69999"):
            plan.pay(columns | {"level": ["a"] * 70_000})


class TestNothingMutableLeaks:
    def test_a_changed_array_changes_no_score_and_is_found_out(self):
        mine = np.array([0.5, 0.75])
        scores = Scorecard("c", [Metric("x", curve=Curve.through((0, 0), (1, 1)))]).score({"x": mine})
        before = scores.values.tobytes()
        mine[1] = 0.25
        assert scores.values.tobytes() == before
        assert scores.explain(0).value == 0.5
        stale = (
            r"row 1 no longer gives the stored score 0\.75 with coverage 1\.0: it now gives 0\.25 .*; .* score again"
        )
        with pytest.raises(StaleDataError, match=stale) as caught:
            scores.explain(1)
        assert caught.value.rows == (1,)

    def test_a_changed_array_changes_no_pay_and_is_found_out(self):
        mine = np.array([100, 200])
        payouts = IncentivePlan("p", currency="EUR", pays=[TargetBonus(base="x", rate=0.5)]).pay({"x": mine})
        mine[1] = 400
        assert payouts.minor.tolist() == [50, 100]
        with pytest.raises(StaleDataError, match=r"row 1 .* amount 1\.00 EUR: it now gives 2\.00 EUR") as caught:
            payouts[1].explain()
        assert caught.value.rows == (1,)

    def test_a_changed_list_changes_nothing(self):
        mine = {"x": [0.5, 0.75]}
        scores = Scorecard("c", [Metric("x")]).score(mine)
        mine["x"][1] = 9.0
        assert scores.explain(1).value == 0.75

    def test_result_arrays_are_read_only(self):
        scores = Scorecard("c", [Metric("x")]).score({"x": [0.5]})
        payouts = IncentivePlan("p", currency="EUR", pays=[TargetBonus(base="x")]).pay({"x": [100]})
        for array in (scores.values, scores.coverage, np.asarray(scores), payouts.minor, np.asarray(payouts)):
            assert not array.flags.writeable

    def test_the_mapping_handed_in_is_not_changed(self):
        mine = {"x": np.array([100, 200]), "y": [1, 2]}
        before = {name: (column, list(column)) for name, column in mine.items()}
        IncentivePlan("p", currency="EUR", pays=[TargetBonus(base="x", multiplier="y")]).pay(mine)
        Scorecard("c", [Metric("y")]).score(mine)
        assert list(mine) == list(before)
        for name, (column, values) in before.items():
            assert mine[name] is column
            assert list(column) == values
        assert mine["x"].flags.writeable
