"""Tables in: the same column from every container, whole numbers whole, and gaps as gaps."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from perfkit import DataError, FlatAmount, IncentivePlan, Metric, Scorecard
from perfkit._core.columns import read_rows
from perfkit._core.tables import as_array, column_names, column_of

NAN = float("nan")
BIG = 2**53 + 1
DAY = date(2026, 1, 1)


def same(array, expected):
    """Whether an array holds the same values of the same types, where any gap is like any other."""
    values = array.tolist()
    assert len(values) == len(expected)
    for value, other in zip(values, expected, strict=True):
        if other is None:
            assert value is None or value is pd.NA or value != value
        else:
            assert value == other
            assert type(value) is type(other)


WHOLE_WITH_GAPS = {
    "list": [BIG, None, -1],
    "tuple": (BIG, None, -1),
    "objects": np.array([BIG, None, -1], dtype=object),
    "masked": np.ma.array([BIG, 7, -1], mask=[False, True, False]),
    "pandas Int64": pd.array([BIG, None, -1], dtype="Int64"),
    "pandas Int64 series": pd.Series([BIG, None, -1], dtype="Int64"),
    "pandas of arrow": pd.Series([BIG, None, -1], dtype="int64[pyarrow]"),
    "pandas objects": pd.Series([BIG, None, -1], dtype=object),
    "polars": pl.Series([BIG, None, -1]),
    "arrow": pa.array([BIG, None, -1]),
    "arrow in chunks": pa.chunked_array([[BIG], [None, -1]]),
}


@pytest.mark.parametrize("container", sorted(WHOLE_WITH_GAPS))
def test_whole_numbers_stay_whole_where_some_are_missing(container):
    column = WHOLE_WITH_GAPS[container]
    same(as_array("a", column), [BIG, None, -1])
    rows = read_rows({"a": column}, ["a"])
    assert rows.is_missing("a").tolist() == [False, True, False]
    assert np.isnan(rows.number("a")).tolist() == [False, True, False]
    assert rows[np.array([0, 2])].money("a").tolist() == [BIG, -1]


@pytest.mark.parametrize("container", sorted(WHOLE_WITH_GAPS))
def test_a_plan_pays_the_same_from_every_container(container):
    plan = IncentivePlan("p", currency="EUR", pays=[FlatAmount("a")], missing="unpaid", below_zero="keep")
    payouts = plan.pay({"a": WHOLE_WITH_GAPS[container]})
    assert payouts.minor.tolist() == [BIG, 0, -1]
    payouts.explain(0).check()


@pytest.mark.parametrize(
    "column",
    [
        [0.5, None],
        np.ma.array([0.5, 9.0], mask=[False, True]),
        np.ma.array([0.5, NAN]),
        pd.array([0.5, None], dtype="Float64"),
        pd.Series([0.5, None], dtype="Float64"),
        pd.Series([0.5, None], dtype="float64[pyarrow]"),
        pd.Series([0.5, None]),
        pl.Series([0.5, None]),
        pa.array([0.5, None]),
        pa.array([0.5, None], pa.float32()),
        pa.chunked_array([[0.5], [None]]),
        [Decimal("0.5"), None],
        pa.array([Decimal("0.5"), None]),
        pl.Series([Decimal("0.5"), None]),
        pa.array([0.5, 0.5], mask=np.array([False, True])),
    ],
)
def test_a_gap_among_numbers_is_a_gap(column):
    rows = read_rows({"a": column}, ["a"])
    number = rows.number("a")
    assert number[0] == 0.5
    assert np.isnan(number[1])
    assert rows.is_missing("a").tolist() == [False, True]
    assert Scorecard("c", [Metric("a")]).score({"a": column}).coverage.tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    "column",
    [
        [True, None],
        np.ma.array([True, True], mask=[False, True]),
        pd.array([True, None], dtype="boolean"),
        pd.Series([True, None], dtype="boolean"),
        pd.Series([True, None], dtype="bool[pyarrow]"),
        pl.Series([True, None]),
        pa.array([True, None]),
    ],
)
def test_a_missing_answer_is_missing(column):
    rows = read_rows({"a": column}, ["a"])
    assert rows.is_missing("a").tolist() == [False, True]
    assert rows[:1].flag("a").tolist() == [True]
    with pytest.raises(DataError, match=r"'a' must be true or false .*: row 1"):
        rows.flag("a")


@pytest.mark.parametrize(
    "column",
    [
        ["x", None, "y"],
        np.array(["x", None, "y"], dtype=object),
        np.ma.array(["x", "?", "y"], mask=[False, True, False]),
        pd.Series(["x", None, "y"]),
        pd.Series(["x", None, "y"], dtype="string"),
        pd.Series(["x", None, "y"], dtype="category"),
        pl.Series(["x", None, "y"]),
        pl.Series(["x", None, "y"], dtype=pl.Categorical),
        pa.array(["x", None, "y"]),
        pa.array(["x", None, "y"]).dictionary_encode(),
        pa.chunked_array([["x"], [None, "y"]]).dictionary_encode(),
    ],
)
def test_names_are_names_from_every_container(column):
    rows = read_rows({"a": column}, ["a"])
    assert rows.category("a").tolist() == ["x", None, "y"]
    assert rows.is_missing("a").tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("column", "kind", "values"),
    [
        (pa.array([1, 2]), "i", [1, 2]),
        (pa.array([1, 2], pa.uint8()), "u", [1, 2]),
        (pa.array([0.5, 1.5]), "f", [0.5, 1.5]),
        (pa.array([True, False]), "b", [True, False]),
        (pa.chunked_array([[1], [2]]), "i", [1, 2]),
        (pa.chunked_array([[0.5], [1.5]]), "f", [0.5, 1.5]),
        (pa.chunked_array([], pa.int64()), "i", []),
        (pa.array([1, 2]).dictionary_encode(), "O", [1, 2]),
        (pd.Series([1, 2], dtype="Int64"), "i", [1, 2]),
        (pd.Series([1, 2], dtype="int64[pyarrow]"), "i", [1, 2]),
        (pl.Series([1, 2]), "i", [1, 2]),
        (pl.Series([0.5, 1.5], dtype=pl.Float32), "f", [0.5, 1.5]),
        (np.ma.array([1, 2], mask=False), "i", [1, 2]),
        (range(2), "i", [0, 1]),
        ((n for n in (1, 2)), "i", [1, 2]),
        ({"x": 1}.values(), "i", [1]),
        (memoryview(np.array([1, 2])), "i", [1, 2]),
        ([1, 0.5], "f", [1.0, 0.5]),
        ([True, False], "b", [True, False]),
        ([True, 1], "O", [True, 1]),
        ([BIG, 0.5], "O", [BIG, 0.5]),
        ([2**70, 1], "O", [2**70, 1]),
        ([], "f", []),
        ([(1, 2), (3, 4)], "O", [(1, 2), (3, 4)]),
        ([np.int64(1), np.int64(2)], "O", [1, 2]),
    ],
)
def test_a_column_without_gaps_is_of_its_own_kind(column, kind, values):
    array = as_array("a", column)
    assert array.dtype.kind == kind
    assert array.tolist() == values


def test_a_masked_array_is_not_changed_and_its_data_not_shown():
    column = np.ma.array([1, 5], mask=[False, True])
    array = as_array("a", column)
    assert array.tolist() == [1, None]
    assert column.data.tolist() == [1, 5]
    assert column.mask.tolist() == [False, True]


@pytest.mark.parametrize("column", [{5: 1}, {5, 6}, frozenset({5})])
def test_what_has_no_order_is_no_column(column):
    with pytest.raises(
        DataError, match=rf"'a' must be a sequence of values \(got a {type(column).__name__}\)"
    ) as caught:
        as_array("a", column)
    assert caught.value.column == "a"
    with pytest.raises(DataError, match="'a' must be a sequence of values"):
        Scorecard("c", [Metric("a")]).score({"a": column})


@pytest.mark.parametrize("value", [5, 0.5, "x", True, None, Decimal(1), DAY, np.float64(1), np.array(5), object()])
def test_a_single_value_has_no_dimension_and_is_no_column(value):
    assert as_array("a", value).ndim == 0
    with pytest.raises(DataError, match=r"'a' must be a sequence of values \(got .*; for a single row use the method"):
        column_of({"a": value}, "a")


TABLE = {"a": [1, 2], "b": ["x", "y"]}


@pytest.mark.parametrize(
    "table",
    [
        TABLE,
        pd.DataFrame(TABLE),
        pl.DataFrame(TABLE),
        pa.table(TABLE),
        pa.record_batch(TABLE),
        np.array([(1, "x"), (2, "y")], dtype=[("a", np.int64), ("b", "U1")]),
    ],
    ids=["mapping", "pandas", "polars", "arrow table", "arrow record batch", "structured"],
)
def test_every_table_has_the_same_columns(table):
    assert column_names(table) == ["a", "b"]
    assert column_of(table, "a").tolist() == [1, 2]
    assert column_of(table, "b").tolist() == ["x", "y"]
    rows = read_rows(table, ["a", "b"])
    assert rows.money("a").tolist() == [1, 2]
    assert rows.category("b").tolist() == ["x", "y"]


def test_a_column_of_a_frame_may_be_called_like_its_attributes():
    names = ["columns", "column", "schema", "column_names", "to_numpy"]
    for frame in (pd.DataFrame, pl.DataFrame, pa.table, pa.record_batch):
        table = frame({name: [float(i)] for i, name in enumerate(names)})
        assert column_names(table) == names
        assert [column_of(table, name).tolist() for name in names] == [[float(i)] for i in range(len(names))]


def test_a_lazy_frame_is_refused_with_its_cure():
    lazy = pl.LazyFrame(TABLE)
    for act in (lambda: read_rows(lazy, ["a"]), lambda: Scorecard("c", [Metric("a")]).score(lazy)):
        with pytest.raises(
            DataError, match=r"data must be collected first \(got a lazy frame\); call collect\(\) on it"
        ):
            act()
    assert read_rows(lazy.collect(), ["a"]).money("a").tolist() == [1, 2]


@pytest.mark.parametrize("odd", [None, 5, "a", b"a", [1, 2], {1, 2}, np.zeros(2), pd.Series([1]), pl.Series([1]), DAY])
def test_what_is_no_table_is_refused(odd):
    with pytest.raises(DataError, match=r"data must be a mapping of columns, .*\(got "):
        column_names(odd)


class Told:
    """A table that says its names by a schema alone."""

    schema = SimpleNamespace(names=("a",))

    def __getitem__(self, name):
        return [1.0, 2.0]


def test_a_table_by_duck_typing():
    assert column_names(Told()) == ["a"]
    assert read_rows(Told(), ["a"]).number("a").tolist() == [1.0, 2.0]


def test_a_table_whose_names_are_a_text_is_none():
    class Odd:
        columns = "ab"

    with pytest.raises(DataError, match="data must be a mapping of columns"):
        column_names(Odd())


def test_a_name_given_twice_in_a_frame_is_refused():
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(DataError, match="'a'"):
        read_rows(frame, ["a"])


@pytest.mark.parametrize("column", [np.ones((2, 2)), np.ones((2, 0))])
def test_a_column_has_one_dimension(column):
    with pytest.raises(DataError, match=r"'a' must have one dimension \(got shape \("):
        as_array("a", column)


def test_a_frame_is_no_column():
    with pytest.raises(DataError, match="'a' must be one column"):
        as_array("a", pl.DataFrame({"x": [1], "y": [2]}))
