"""Laws of weights, on random judgements and random data."""

import json
from fractions import Fraction
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from perfkit import Weights, ahp_many, digest, from_dict, to_dict

F = Fraction
LAW = settings(max_examples=60, deadline=None)
UNIT = F(1, 10**9)

names = st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=6, unique=True)
sizes = st.integers(1, 100)
# On both sides of one, and such that no product of a few leaves what floats hold.
ratios = st.sampled_from([F(1, 9), F(1, 5), F(1, 3), F(1, 2), F(1), F(2), F(3), F(4), F(7), F(9)])


@st.composite
def comparisons(draw, least=3):
    order = draw(st.lists(st.sampled_from("abcdef"), min_size=least, max_size=5, unique=True))
    given_pairs = {pair: draw(ratios) for pair in combinations(order, 2)}
    # A chain links all; of the other pairs some may be missing.
    chain = set(pairwise(order))
    return {pair: ratio for pair, ratio in given_pairs.items() if pair in chain or draw(st.booleans())}, order


@st.composite
def tables(draw, least=1, columns=("a", "b", "c")):
    rows = draw(st.integers(3, 12))
    numbers = st.integers(least, 1000).map(float) | st.floats(max(least, 0.01), 1000).map(lambda x: round(x, 3))
    table = {name: draw(st.lists(numbers, min_size=rows, max_size=rows)) for name in columns}
    assume(all(max(column) > 1.2 * min(column) for column in table.values()))
    for first, second in combinations(table.values(), 2):
        # Columns that say the same weigh nothing in CRITIC.
        assume(abs(np.corrcoef(first, second)[0, 1]) < 0.99)
    return table


LEARNED = {
    "entropy": Weights.entropy,
    "critic": lambda data, of: Weights.critic(data, of, lower_is_better=[name for name in of if name == "b"]),
    "spearman": lambda data, of: Weights.critic(data, of, lower_is_better=(), correlation="spearman"),
    "standard_deviation": Weights.standard_deviation,
    "variation": lambda data, of: Weights.standard_deviation(data, of, scaling="mean"),
    "merec": lambda data, of: Weights.merec(data, of, lower_is_better=[name for name in of if name == "b"]),
    "gini": Weights.gini,
    "components": Weights.principal_components,
}
every_method = pytest.mark.parametrize("learn", LEARNED.values(), ids=LEARNED)


def shuffled(table, order):
    return {name: [column[row] for row in order] for name, column in table.items()}


def split(table, *cuts):
    n = len(table["a"])
    edges = [0, *sorted(cut % (n + 1) for cut in cuts), n]
    return [{name: column[start:stop] for name, column in table.items()} for start, stop in pairwise(edges)]


class TestShares:
    @given(names, st.data())
    @LAW
    def test_every_elicited_method_adds_up_to_one(self, order, data):
        points = {name: data.draw(sizes) for name in order}
        found = [
            Weights.equal(order),
            *(Weights.rank_order(order, rule) for rule in ("centroid", "sum", "reciprocal")),
            Weights.rank_order(order, "exponent", exponent=data.draw(st.sampled_from([0, 2, 0.7, F(5, 2)]))),
            Weights.smarter(order),
            Weights.points(points, total=sum(points.values())),
            Weights.swing(points, most=max(points.values())),
            Weights.panel([points, Weights.equal(order)], mean=data.draw(st.sampled_from(["arithmetic", "geometric"]))),
            Weights.combined([points, Weights.equal(order)], rule=data.draw(st.sampled_from(["product", "linear"]))),
        ]
        for weights in found:
            assert sum(weights.values()) == 1
            assert all(share > 0 for share in weights.values())
            assert not weights.learned
            weights.explain().check()

    @every_method
    @given(table=tables())
    @settings(max_examples=25, deadline=None)
    def test_every_learned_method_adds_up_to_one_and_says_that_it_learned(self, learn, table):
        weights = learn(table, ["a", "b", "c"])
        assert sum(weights.values()) == 1
        assert weights.learned
        assert "learned from data" in repr(weights)
        assert "learned from data" in str(weights.explain())
        weights.explain().check()

    @given(names, st.integers(1, 9))
    @LAW
    def test_a_better_rank_never_weighs_less(self, order, exponent):
        for weights in (
            Weights.rank_order(order),
            Weights.rank_order(order, "sum"),
            Weights.rank_order(order, "reciprocal"),
            Weights.rank_order(order, "exponent", exponent=exponent),
        ):
            shares = list(weights.values())
            assert shares == sorted(shares, reverse=True)
            for name, (low, high) in weights.quality["bounds"].items():
                assert low - 1e-9 <= weights[name] <= high + 1e-9


class TestStorage:
    @given(comparisons(), tables(), st.sampled_from(sorted(LEARNED)))
    @settings(max_examples=25, deadline=None)
    def test_weights_come_back_as_they_were(self, judged, table, method):
        pairs, order = judged
        asked = Weights.ahp(pairs, names=order)
        seen = LEARNED[method](table, ["a", "b", "c"])
        tree = Weights.hierarchy({"x": 1, "y": 2}, {"y": seen})
        for weights in (asked, seen, tree, Weights.panel({"seen": seen, "asked": dict(seen)})):
            stored = json.loads(json.dumps(to_dict(weights)))
            assert from_dict(stored) == weights
            assert digest(from_dict(stored)) == digest(weights)
            assert from_dict(stored).quality == weights.quality


class TestComparisons:
    @given(st.lists(sizes, min_size=2, max_size=7), st.sampled_from(["eigenvector", "geometric_mean"]))
    @LAW
    def test_consistent_comparisons_give_their_weights_back(self, true, method):
        order = [f"n{place}" for place in range(len(true))]
        pairs = {(order[i], order[j]): F(true[i], true[j]) for i, j in combinations(range(len(true)), 2)}
        weights = Weights.ahp(pairs, method=method)
        for name, size in zip(order, true, strict=True):
            assert abs(weights[name] - F(size, sum(true))) <= 2 * UNIT
        assert weights.quality["consistency_ratio"] == 0
        assert "worst_judgement" not in weights.quality
        assert "worst_triad" not in weights.quality

    @given(comparisons(), st.randoms(use_true_random=False), st.sampled_from(["eigenvector", "geometric_mean"]))
    @LAW
    def test_the_order_of_names_and_the_side_of_a_pair_decide_nothing(self, judged, random, method):
        pairs, order = judged
        again = list(order)
        random.shuffle(again)
        turned = [(b, a, 1 / v) if random.random() < 0.5 else (a, b, v) for (a, b), v in pairs.items()]
        random.shuffle(turned)
        first, second = Weights.ahp(pairs, names=order, method=method), Weights.ahp(turned, names=again, method=method)
        for name in order:
            assert abs(first[name] - second[name]) <= UNIT
        assert abs(first.quality["consistency_ratio"] - second.quality["consistency_ratio"]) < 1e-8

    @given(comparisons(least=4), st.floats(0.8, 1.25))
    @LAW
    def test_no_other_filling_in_is_more_consistent(self, judged, factor):
        pairs, order = judged
        weights = Weights.ahp(pairs, names=order)
        filled = {(a, b): value for a, b, value in weights.quality.get("filled_in", ())}
        assume(filled)
        n = len(order)
        place = {name: position for position, name in enumerate(order)}

        def eigenvalue(missing):
            matrix = np.eye(n)
            for (a, b), value in {**pairs, **missing}.items():
                matrix[place[a], place[b]], matrix[place[b], place[a]] = float(value), 1 / float(value)
            return float(ahp_many([matrix]).eigenvalues[0])

        least = eigenvalue(filled)
        for pair, value in filled.items():
            assert eigenvalue({**filled, pair: value * factor}) >= least - 1e-8

    @given(st.lists(st.lists(ratios, min_size=6, max_size=6), min_size=1, max_size=9), st.booleans())
    @LAW
    def test_a_matrix_gives_the_same_bits_alone(self, drawn, is_geometric):
        stack = np.ones((len(drawn), 4, 4))
        for matrix, values in zip(stack, drawn, strict=True):
            for (i, j), value in zip(combinations(range(4), 2), values, strict=True):
                matrix[i, j], matrix[j, i] = float(value), float(1 / value)
        method = "geometric_mean" if is_geometric else "eigenvector"
        together = ahp_many(stack, method=method)
        for k in range(len(stack)):
            alone = ahp_many(stack[k : k + 1], method=method)
            assert alone.weights.tobytes() == together.weights[k : k + 1].tobytes()
            assert alone.eigenvalues.tobytes() == together.eigenvalues[k : k + 1].tobytes()
            assert alone.consistency_ratios.tobytes() == together.consistency_ratios[k : k + 1].tobytes()

    @given(st.lists(st.integers(1, 9), min_size=4, max_size=6), st.integers(2, 9))
    @LAW
    def test_the_judgement_that_was_spoilt_is_found_and_mended(self, true, factor):
        order = [f"n{place}" for place in range(len(true))]
        pairs = {(order[i], order[j]): F(true[i], true[j]) for i, j in combinations(range(len(true)), 2)}
        said = pairs["n1", "n3"]
        pairs["n1", "n3"] = said * factor
        quality = Weights.ahp(pairs).quality
        assert quality["worst_judgement"] == ("n1", "n3")
        assert quality["others_say"] == pytest.approx(float(said), rel=1e-6)
        assert quality["consistency_ratio_if_mended"] < 1e-6
        assert {"n1", "n3"} < set(quality["worst_triad"])


class TestBestWorst:
    @given(st.data(), st.sampled_from(["linear", "min_max"]))
    @LAW
    def test_consistent_judgements_give_their_weights_back(self, data, model):
        top = data.draw(st.integers(2, 9))
        middle = data.draw(st.lists(st.integers(1, top), max_size=4))
        size = {"best": top, **{f"m{place}": value for place, value in enumerate(middle)}, "worst": 1}
        weights = Weights.best_worst(
            "best",
            "worst",
            {name: F(top, value) for name, value in size.items() if name != "best"},
            {name: value for name, value in size.items() if name != "worst"},
            model=model,
        )
        for name, value in size.items():
            assert abs(weights[name] - F(value, sum(size.values()))) <= 2 * UNIT
        assert weights.quality["deviation"] == pytest.approx(0, abs=1e-9)
        assert weights.quality["input_consistency_ratio"] == 0

    @given(st.data(), st.sampled_from(["linear", "min_max"]))
    @LAW
    def test_the_order_of_judgements_decides_nothing(self, data, model):
        span = data.draw(st.integers(2, 9))
        middle = data.draw(st.lists(st.sampled_from("abcd"), max_size=4, unique=True))
        over = {name: data.draw(st.integers(1, span)) for name in middle} | {"worst": span}
        above = {name: data.draw(st.integers(1, span)) for name in middle}
        first = Weights.best_worst("best", "worst", over, above, model=model)
        turned = dict(reversed(over.items())), dict(reversed(above.items()))
        second = Weights.best_worst("best", "worst", *turned, model=model)
        for name in first:
            assert abs(first[name] - second[name]) <= 2 * UNIT


class TestLearned:
    @every_method
    @given(table=tables(), random=st.randoms(use_true_random=False), cuts=st.tuples(st.integers(0), st.integers(0)))
    @settings(max_examples=25, deadline=None)
    def test_neither_the_order_of_rows_nor_their_partition_decides_a_bit(self, learn, table, random, cuts):
        whole = learn(table, ["a", "b", "c"])
        order = list(range(len(table["a"])))
        random.shuffle(order)
        mixed = shuffled(table, order)
        assert learn(mixed, ["a", "b", "c"]) == whole
        assert digest(learn(split(mixed, *cuts), ["a", "b", "c"])) == digest(whole)

    @every_method
    @given(table=tables())
    @settings(max_examples=25, deadline=None)
    def test_the_order_of_columns_decides_nothing(self, learn, table):
        whole, turned = learn(table, ["a", "b", "c"]), learn(table, ["c", "a", "b"])
        for name in whole:
            assert abs(whole[name] - turned[name]) <= UNIT

    @pytest.mark.parametrize("method", ["entropy", "critic", "standard_deviation", "variation", "merec", "gini"])
    @given(table=tables(), factors=st.tuples(*[st.sampled_from([0.001, 0.1, 3.0, 100.0, 1e6])] * 3))
    @settings(max_examples=25, deadline=None)
    def test_another_unit_gives_the_same_weights(self, method, table, factors):
        other = {
            name: [value * factor for value in column]
            for (name, column), factor in zip(table.items(), factors, strict=True)
        }
        first, second = LEARNED[method](table, ["a", "b", "c"]), LEARNED[method](other, ["a", "b", "c"])
        for name in first:
            assert abs(first[name] - second[name]) <= 3 * UNIT

    @pytest.mark.parametrize("method", ["critic", "standard_deviation", "components"])
    @given(table=tables(), shift=st.sampled_from([-500.0, 0.5, 1e4]))
    @settings(max_examples=25, deadline=None)
    def test_another_zero_gives_the_same_weights_where_only_ranges_count(self, method, table, shift):
        other = {name: [value + shift for value in column] for name, column in table.items()}
        first, second = LEARNED[method](table, ["a", "b", "c"]), LEARNED[method](other, ["a", "b", "c"])
        for name in first:
            assert abs(first[name] - second[name]) <= 10 * UNIT

    def test_a_large_table_gives_the_same_bytes_in_any_order_partition_and_layout(self):
        random = np.random.default_rng(7)
        matrix = random.lognormal(size=(40_000, 3)) * [1, 1e6, 1e-3]
        data = dict(zip("abc", matrix.T, strict=True))  # columns of a matrix that holds rows
        for learn in LEARNED.values():
            first = learn(data, ["a", "b", "c"])
            order = random.permutation(len(matrix))
            lying = {name: np.ascontiguousarray(column[order]) for name, column in data.items()}
            assert digest(learn(lying, ["a", "b", "c"])) == digest(first)
            parts = [
                {name: column[rows] for name, column in lying.items()}
                for rows in (slice(0, 1), slice(1, 8193), slice(8193, 8193), slice(8193, 40_000))
            ]
            assert digest(learn(parts, ["a", "b", "c"])) == digest(first)
