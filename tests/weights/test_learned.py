"""Weights learned from data: how they say so, what they read, and what they refuse."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from fractions import Fraction
from multiprocessing import get_context

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from perfkit import DataError, DefinitionError, MissingColumnsError, Weights, digest
from perfkit._weights import sums

F = Fraction
NAN, INF = float("nan"), float("inf")
DATA = {"a": [1, 2, 3, 5], "b": [7, 1, 2, 1], "c": [2, 2, 9, 4]}
NAMES = ["a", "b", "c"]
METHODS = {
    "entropy": Weights.entropy,
    "critic": lambda data, of, **options: Weights.critic(data, of, lower_is_better=(), **options),
    "spearman": lambda data, of, **options: Weights.critic(
        data, of, lower_is_better=(), correlation="spearman", **options
    ),
    "standard_deviation": Weights.standard_deviation,
    "merec": lambda data, of, **options: Weights.merec(data, of, lower_is_better=(), **options),
    "cilos": lambda data, of, **options: Weights.cilos(data, of, lower_is_better=(), **options),
    "gini": Weights.gini,
    "principal_components": Weights.principal_components,
}
every_method = pytest.mark.parametrize("learn", METHODS.values(), ids=METHODS)
# These read values from their natural zero.
from_zero = pytest.mark.parametrize("method", ["entropy", "gini", "merec", "cilos"])


@every_method
def test_what_they_were_learned_from_is_kept(learn):
    weights = learn(DATA, NAMES)
    assert weights.learned
    assert weights.inputs["rows"] == 4
    assert weights.inputs["ranges"] == {"a": (1, 5), "b": (1, 7), "c": (2, 9)}
    assert weights.quality
    assert repr(weights).startswith(f"<Weights, {weights.source}, learned from data: a ")
    explanation = weights.explain()
    explanation.check()
    assert explanation.code == "weights_learned"
    assert explanation.params["learned"] is True


@every_method
@pytest.mark.parametrize(
    "make",
    [
        pd.DataFrame,
        pl.DataFrame,
        pa.table,
        lambda data: pd.DataFrame(data, dtype="float64"),
        lambda data: {name: np.array(column, dtype=np.float64) for name, column in data.items()},
        lambda data: [{name: column[:1] for name, column in data.items()}, {name: c[1:] for name, c in data.items()}],
        lambda data: iter([data]),
        lambda data: [pd.DataFrame(data), {name: [] for name in data}],
    ],
)
def test_any_table_and_any_list_of_tables_gives_the_same(learn, make):
    assert learn(make(DATA), NAMES) == learn(DATA, NAMES)


@every_method
def test_a_name_may_stand_for_a_column_of_another_name(learn):
    renamed = {"x": DATA["a"], "y": DATA["b"], "z": DATA["c"]}
    weights = learn(renamed, {"a": "x", "b": "y", "c": "z"})
    assert dict(weights) == dict(learn(DATA, NAMES))
    assert weights.inputs["columns"] == (("a", "x"), ("b", "y"), ("c", "z"))


@every_method
def test_any_map_will_do(learn):
    parts = [{name: column[rows] for name, column in DATA.items()} for rows in (slice(0, 2), slice(2, 4))]
    with ThreadPoolExecutor(2) as pool:
        assert learn(parts, NAMES, map=pool.map) == learn(DATA, NAMES)


def test_a_pool_of_processes_will_do():
    parts = [{name: column[rows] for name, column in DATA.items()} for rows in (slice(0, 2), slice(2, 4))]
    with ProcessPoolExecutor(1, mp_context=get_context("forkserver")) as pool:
        for learn in METHODS.values():
            assert learn(parts, NAMES, map=pool.map) == learn(DATA, NAMES)


class TestConstantColumns:
    CONSTANT = pytest.mark.parametrize("value", [3, -1.5, 0])

    @every_method
    @CONSTANT
    def test_are_refused(self, learn, value):
        with pytest.raises(DataError, match="column 'd' must vary to be weighed by data") as caught:
            learn(DATA | {"d": [value] * 4}, [*NAMES, "d"])
        assert caught.value.column == "d"

    @every_method
    @CONSTANT
    def test_or_left_out(self, learn, value):
        weights = learn(DATA | {"d": [value] * 4}, ["d", *NAMES], constant="leave_out")
        assert dict(weights) == dict(learn(DATA, NAMES))
        assert weights.inputs["left_out"] == ("d",)

    @every_method
    @pytest.mark.parametrize("constant", ["refuse", "leave_out"])
    def test_nothing_is_learned_where_all_are_constant(self, learn, constant):
        with pytest.raises(DataError, match=r"every column is constant: 'a', 'b'.*use elicited weights"):
            learn({"a": [1, 1], "b": [2, 2]}, ["a", "b"], constant=constant)

    def test_the_option_has_two_values(self):
        with pytest.raises(DefinitionError, match="constant must be one of refuse, leave_out"):
            Weights.entropy(DATA, NAMES, constant="drop")


class TestBadData:
    @every_method
    @pytest.mark.parametrize(
        ("column", "message", "rows"),
        [
            ([1, NAN, 2, NAN], "must not be missing: rows 1, 3", (1, 3)),
            ([1, None, 2, 3], "must not be missing: row 1", (1,)),
            ([1, INF, 2, 3], "must be finite: row 1", (1,)),
            (np.array([1, 2, -INF, 3]), "must be finite: row 2", (2,)),
            (["x", "y", "x", "y"], "must hold numbers", (0, 1, 2, 3)),
        ],
    )
    def test_what_is_no_number_is_refused_with_its_rows(self, learn, column, message, rows):
        with pytest.raises(DataError, match=message) as caught:
            learn(DATA | {"b": column}, NAMES)
        assert caught.value.column == "b"
        assert caught.value.rows == rows

    @from_zero
    def test_negative_values_are_refused_by_what_measures_from_zero(self, method):
        with pytest.raises(
            DataError, match=r"column 'b' must .*: rows 1, 4; measure it from its natural zero"
        ) as caught:
            METHODS[method]([DATA | {"b": [1, -2, 3, 4]}, DATA | {"b": [-1, 2, 3, 4]}], NAMES)
        assert caught.value.rows == (1, 4)

    @pytest.mark.parametrize("method", ["merec", "cilos"])
    def test_zeros_are_refused_by_what_divides(self, method):
        with pytest.raises(DataError, match=r"must be positive for .*: row 1"):
            METHODS[method](DATA | {"b": [1, 0, 3, 4]}, NAMES)

    @pytest.mark.parametrize("method", ["entropy", "gini", "critic", "standard_deviation"])
    def test_zeros_are_taken_by_the_others(self, method):
        weights = METHODS[method](DATA | {"b": [1, 0, 3, 0]}, NAMES)
        assert sum(weights.values()) == 1

    def test_negative_values_have_no_coefficient_of_variation(self):
        with pytest.raises(DataError, match="must not be negative for a coefficient of variation"):
            Weights.standard_deviation(DATA | {"b": [1, -2, 3, 4]}, NAMES, scaling="mean")

    @every_method
    @pytest.mark.parametrize("rows", [0, 1])
    def test_one_row_teaches_nothing(self, learn, rows):
        with pytest.raises(DataError, match=rf"two rows or more \(got {rows}\)"):
            learn({name: column[:rows] for name, column in DATA.items()}, NAMES)

    @every_method
    def test_columns_must_be_there_and_of_one_length(self, learn):
        with pytest.raises(MissingColumnsError, match="'d'"):
            learn(DATA, [*NAMES, "d"])
        with pytest.raises(DataError, match="columns must be of one length"):
            learn(DATA | {"b": [1, 2, 3]}, NAMES)

    @every_method
    @pytest.mark.parametrize(
        ("data", "of", "error", "message"),
        [
            ([], NAMES, DataError, "empty list"),
            (5, NAMES, DataError, "data must be a mapping of columns"),
            (DATA, [], DefinitionError, "of must name at least one thing"),
            (DATA, "a", DefinitionError, "of must be a list of names"),
            (DATA, ["a", "a"], DefinitionError, "of must name each thing once"),
            (DATA | {"b": [1e308, 1, 2, 3]}, NAMES, DataError, "within 1e-290 and 1e300 in size"),
            (DATA | {"b": [1e-300, 1e-310, 0, 0]}, NAMES, DataError, "within 1e-290 and 1e300 in size"),
        ],
    )
    def test_what_nothing_can_be_learned_from_is_refused(self, learn, data, of, error, message):
        with pytest.raises(error, match=message):
            learn(data, of)


class TestCritic:
    def test_the_direction_has_to_be_said(self):
        with pytest.raises(TypeError, match="lower_is_better"):
            Weights.critic(DATA, NAMES)
        assert Weights.critic(DATA, NAMES, lower_is_better=["b"]) != Weights.critic(DATA, NAMES, lower_is_better=())
        assert Weights.critic(DATA, NAMES, lower_is_better=["b"]).inputs["lower_is_better"] == ("b",)

    @pytest.mark.parametrize(
        ("lower", "message"),
        [
            (["d"], "not so: 'd'"),
            ("b", "must be a list of names"),
            (5, "must be a list of names"),
            ([3], "list of names"),
        ],
    )
    def test_a_direction_of_nothing_is_refused(self, lower, message):
        with pytest.raises(DefinitionError, match=message):
            Weights.critic(DATA, NAMES, lower_is_better=lower)

    def test_columns_that_say_the_same_would_have_zero_weights_everywhere(self):
        with pytest.raises(DataError, match="zero weights everywhere"):
            Weights.critic({"a": [1, 2, 4], "b": [10, 20, 40]}, ["a", "b"], lower_is_better=())

    def test_opposite_columns_do_not(self):
        weights = Weights.critic({"a": [1, 2, 4], "b": [4, 3, 1]}, ["a", "b"], lower_is_better=())
        assert set(weights.values()) == {F(1, 2)}
        assert weights.quality["correlations"] == (("b", "a", -1.0),)

    def test_a_column_by_itself_has_all_the_weight(self):
        assert dict(Weights.critic(DATA, ["a"], lower_is_better=())) == {"a": 1}
        assert dict(Weights.cilos(DATA, ["a"], lower_is_better=())) == {"a": 1}

    @pytest.mark.parametrize(("option", "value"), [("correlation", "kendall"), ("scaling", "mean")])
    def test_an_unknown_option_is_refused(self, option, value):
        with pytest.raises(DefinitionError, match=f"{option} must be one of"):
            Weights.critic(DATA, NAMES, lower_is_better=(), **{option: value})


class TestEntropy:
    def test_a_column_that_hardly_varies_has_no_entropy_to_speak_of(self):
        with pytest.raises(DataError, match="to the last bit of a float"):
            Weights.entropy({"a": [1.0, 1.0 + 1e-9, 1.0], "b": [1, 2, 3]}, ["a", "b"])

    def test_the_figures_say_how_much_the_data_tell_apart(self):
        weights = Weights.entropy({"a": [1, 1], "b": [0, 2], "c": [1, 3]}, ["b", "c"])
        assert weights.quality["entropies"] == {"b": 0.0, "c": pytest.approx(0.811278124)}
        assert weights.quality["mean_divergence"] == pytest.approx((1 + 1 - 0.811278124) / 2)


def test_cilos_refuses_a_row_that_is_the_best_in_everything():
    with pytest.raises(DataError, match="no positive weights: one row is the best in several"):
        Weights.cilos({"a": [1, 2], "b": [2, 5]}, ["a", "b"], lower_is_better=())


def test_cilos_takes_the_mean_of_rows_that_share_the_best():
    data = {"a": [4, 4, 1], "b": [1, 3, 5]}
    turned = {"a": [4, 4, 1], "b": [3, 1, 5]}
    first = Weights.cilos(data, ["a", "b"], lower_is_better=())
    assert first == Weights.cilos(turned, ["a", "b"], lower_is_better=())
    # Where a is at its best, b has 2 of 5 on the mean; where b is, a has 1 of 4.
    assert first.quality["losses"] == {"a": 0.75, "b": 0.6}


class TestPrincipalComponents:
    def test_how_many_are_kept_is_said(self):
        few = Weights.principal_components(DATA, NAMES)
        every = Weights.principal_components(DATA, NAMES, least_eigenvalue=0)
        assert few.quality["components_kept"] < every.quality["components_kept"] == 3
        assert every.quality["variance_kept"] == pytest.approx(1)
        # With every component each column carries all of itself.
        assert every == dict(Weights.equal(NAMES)) or set(every.values()) <= {F(333333333, 10**9), F(333333334, 10**9)}
        assert Weights.principal_components(DATA, NAMES, least_eigenvalue=9).quality["components_kept"] == 1

    @pytest.mark.parametrize("odd", [-1, NAN, True])
    def test_an_eigenvalue_is_not_negative(self, odd):
        with pytest.raises(DefinitionError, match="least_eigenvalue must be zero or more"):
            Weights.principal_components(DATA, NAMES, least_eigenvalue=odd)


class TestExactSums:
    def test_they_are_what_fractions_add_up_to(self):
        random = np.random.default_rng(3)
        values = random.uniform(-8, 8, size=2000)
        on_grid = [round(F(value) * 2**48) for value in values.tolist()]
        assert sums.grid_total(values.copy()) == sum(on_grid)
        assert sums.grid_total(-values) == -sum(on_grid)

    def test_moments_are_those_of_whole_numbers(self, monkeypatch):
        # As if after millions of rows: every block is moved to Python's own numbers.
        monkeypatch.setattr(sums, "_FLUSH", 1)
        random = np.random.default_rng(4)
        x, y = random.normal(size=20_000), random.normal(size=20_000)
        found = sums.moments_of_arrays([x, y])
        scaled = [np.rint((c - c.min()) / (c.max() - c.min()) * 2**40).astype(np.int64).astype(object) for c in (x, y)]
        # The two limbs round twice, so a value may differ by one unit in 2^40.
        assert abs(found.first[0] - int(scaled[0].sum())) <= 20_000
        expected = np.corrcoef(x, y)[0, 1]
        ours = found.covariance(0, 1) / (found.covariance(0, 0) * found.covariance(1, 1)) ** 0.5
        assert ours == pytest.approx(expected, abs=1e-12)

    def test_squares_alone_are_the_squares(self):
        random = np.random.default_rng(5)
        table = {"a": random.normal(size=9000), "b": random.normal(size=9000)}
        ends = [tuple(float(end) for end in (column.min(), column.max())) for column in table.values()]
        least, greatest = zip(*ends, strict=True)
        whole = sums.moments([sums.moments_of(table, ("a", "b"), least, greatest)])
        alone = sums.moments([sums.moments_of(table, ("a", "b"), least, greatest, across=False)])
        assert alone.first == whole.first
        assert [alone.second[j][j] for j in range(2)] == [whole.second[j][j] for j in range(2)]


ROW = np.arange(1, 501, dtype=np.float64)
GOLDEN = {"a": (ROW * 7919) % 101 + 1, "b": ((ROW * 104729) % 997 + 3) / 7, "c": 1e6 / (ROW + 3)}


class TestGolden:
    """What is published does not change with the machine, nor with a version of NumPy."""

    @pytest.mark.parametrize(
        ("learn", "billionths"),
        [
            (Weights.entropy, [149110748, 155645546, 695243706]),
            (lambda d, of: Weights.critic(d, of, lower_is_better=["c"]), [447624692, 426075723, 126299585]),
            (Weights.standard_deviation, [434834247, 435434102, 129731651]),
            (lambda d, of: Weights.merec(d, of, lower_is_better=["c"]), [298459337, 382563077, 318977586]),
            (Weights.gini, [258088343, 262751111, 479160546]),
        ],
    )
    def test_shares(self, learn, billionths):
        assert list(learn(GOLDEN, NAMES).values()) == [F(share, 10**9) for share in billionths]

    def test_a_digest(self):
        assert digest(Weights.entropy(GOLDEN, NAMES)).startswith("67ddc3d025986cd1")


def test_components_that_are_alike_are_kept_alike():
    """Columns that have nothing in common each carry a component of an eigenvalue of 1, but for the last bits."""
    apart = Weights.principal_components({"a": [0, 0, 3], "b": [1, 3, 2]}, ["a", "b"])
    assert apart.quality["components_kept"] == 2
    assert list(apart.values()) == [F(1, 2), F(1, 2)]
