"""The error families: they pickle, they name the place, they suggest."""

import copy
import pickle

import numpy as np
import pytest

from perfkit import errors
from perfkit.errors import (
    DataError,
    DefinitionError,
    GoalTreeError,
    MissingColumnsError,
    PerfkitError,
    PolicyViolation,
    StaleDataError,
    UnfittedError,
    did_you_mean,
    row_list,
)

SAMPLES = [
    PerfkitError("it went wrong"),
    DefinitionError("a weight is wrong", path="$.sections[0].weight", problems=["one @ $.a", "two @ $.b"]),
    DefinitionError("a weight is wrong"),
    GoalTreeError("a cycle", path="emea"),
    UnfittedError("it has seen nobody", path="$.scale"),
    DataError("three rows are wrong", column="salary", rows=[4, 7, 9]),
    DataError("many rows are wrong", column="salary", rows=range(20), count=900),
    DataError("the data are wrong"),
    MissingColumnsError("two are missing", columns=["a", "b"]),
    MissingColumnsError("none is named"),
    StaleDataError("row 3 was changed", rows=[3]),
    PolicyViolation("it breaks two laws", violations=[("one_row", "1 instead of 2"), ("shape", "a list")]),
]

PUBLIC = sorted(
    (value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, PerfkitError)),
    key=lambda cls: cls.__name__,
)
SAMPLES += [cls("it went wrong") for cls in PUBLIC if cls not in {type(sample) for sample in SAMPLES}]


@pytest.mark.parametrize("error", SAMPLES, ids=str)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_every_error_pickles_with_all_that_it_says(error, protocol):
    back = pickle.loads(pickle.dumps(error, protocol))
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert back.args == error.args
    assert vars(back) == vars(error)


@pytest.mark.parametrize("error", SAMPLES, ids=str)
def test_every_error_copies(error):
    assert vars(copy.deepcopy(error)) == vars(error)


@pytest.mark.parametrize("cls", PUBLIC)
def test_every_error_is_of_the_family(cls):
    assert issubclass(cls, PerfkitError)
    assert cls.__doc__


@pytest.mark.parametrize("cls", [DefinitionError, DataError, GoalTreeError, UnfittedError, StaleDataError])
def test_both_families_are_value_errors(cls):
    assert issubclass(cls, ValueError)


def test_a_single_problem_is_the_message():
    assert DefinitionError("wrong").problems == ("wrong",)
    assert DefinitionError("wrong", problems=["a", "b"]).problems == ("a", "b")


def test_only_the_first_rows_are_kept_and_all_are_counted():
    error = DataError("wrong", rows=np.arange(3, 12))
    assert error.rows == (3, 4, 5, 6, 7)
    assert all(type(row) is int for row in error.rows)
    assert error.count == 9
    assert DataError("wrong", rows=[1], count=40).count == 40
    assert DataError("wrong").count == 0


def test_missing_columns_name_the_first_as_the_column():
    error = MissingColumnsError("missing", columns=["quota", "churn"])
    assert error.columns == ("quota", "churn")
    assert error.column == "quota"
    assert MissingColumnsError("missing").column is None


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("revenu", ["revenue", "churn"], " (did you mean 'revenue'?)"),
        ("xyz", ["revenue", "churn"], ""),
        ("revenue", [], ""),
        ("12", [11, 121], " (did you mean '121'?)"),
    ],
)
def test_did_you_mean(name, known, hint):
    assert did_you_mean(name, known) == hint


@pytest.mark.parametrize(
    ("rows", "count", "text"),
    [
        ([3], 1, "row 3"),
        ([3, 8], 2, "rows 3, 8"),
        ([0, 1, 2, 3, 4], 900, "rows 0, 1, 2, 3, 4 and 895 more"),
        (list(range(9)), 9, "rows 0, 1, 2, 3, 4 and 4 more"),
        (np.array([2, 5]), 2, "rows 2, 5"),
    ],
)
def test_rows_for_a_message(rows, count, text):
    assert row_list(rows, count) == text
