"""Weights that people are asked for: what is kept of them, how good they are, and what is refused."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from perfkit import DefinitionError, PairwiseResults, Weights, ahp_many
from perfkit._weights.linear_program import Dictionary
from perfkit._weights.random_index import TABLES, random_index_of

F = Fraction
NAN = float("nan")


class TestRankOrder:
    def test_the_centroid_is_exact(self):
        weights = Weights.rank_order(["a", "b", "c"])
        assert dict(weights) == {"a": F(11, 18), "b": F(5, 18), "c": F(2, 18)}
        assert weights.source == "rank-order centroid"
        assert weights.inputs == {"ranking": ("a", "b", "c")}

    def test_sum_and_reciprocal(self):
        assert list(Weights.rank_order(["a", "b"], "sum").values()) == [F(2, 3), F(1, 3)]
        assert list(Weights.rank_order(["a", "b", "c"], "reciprocal").values()) == [F(6, 11), F(3, 11), F(2, 11)]

    def test_an_exponent_goes_from_equal_weights_to_steep_ones(self):
        assert set(Weights.rank_order(["a", "b"], "exponent", exponent=0).values()) == {F(1, 2)}
        assert Weights.rank_order(["a", "b"], "exponent", exponent=1) == dict(Weights.rank_order(["a", "b"], "sum"))
        assert Weights.rank_order(["a", "b"], "exponent", exponent=3)["a"] == F(8, 9)
        steep = Weights.rank_order(["a", "b"], "exponent", exponent=0.5)
        assert float(steep["a"]) == pytest.approx(2**0.5 / (1 + 2**0.5))
        assert steep.source == "rank exponent 1/2"

    def test_tied_names_share_what_their_ranks_come_to(self):
        weights = Weights.rank_order(["a", ["b", "c"]])
        assert weights["b"] == weights["c"] == F(7, 36)
        assert weights.inputs == {"ranking": ("a", ("b", "c"))}
        # All weights of that order lie between those two corners.
        assert weights.quality["bounds"] == {"a": (0.333333333, 1), "b": (0, 0.333333333), "c": (0, 0.333333333)}
        assert weights.quality["largest_shift"] == 0.388888889

    def test_smarter_is_the_centroid_of_a_ranking_of_swings(self):
        weights = Weights.smarter(["a", "b"], ranges={"b": (5, 1), "a": (0, 10)})
        assert dict(weights) == dict(Weights.rank_order(["a", "b"]))
        assert weights.inputs["ranges"] == {"b": (5, 1), "a": (0, 10)}
        assert "SMARTER" in weights.source

    @pytest.mark.parametrize(
        ("ranking", "options", "message"),
        [
            ("abc", {}, "must be a list of names"),
            ({"a", "b"}, {}, "must be in an order"),
            (["a", "a"], {}, "each thing once"),
            (["a", ["b", "a"]], {}, "twice: a"),
            (["a", 3], {}, "must be a list of names"),
            (["a", ""], {}, "a text that is not empty"),
            ([], {}, "at least one thing"),
            (["a"], {"rule": "centrod"}, "did you mean 'centroid'"),
            (["a"], {"rule": "exponent"}, "exponent must be given"),
            (["a"], {"exponent": 2}, "goes with rule='exponent' only"),
            (["a"], {"rule": "exponent", "exponent": -1}, "from 0"),
            (["a"], {"rule": "exponent", "exponent": "x"}, "must be a number"),
        ],
    )
    def test_what_is_no_ranking_is_refused(self, ranking, options, message):
        with pytest.raises(DefinitionError, match=message):
            Weights.rank_order(ranking, **options)


class TestPoints:
    def test_points_are_shared_out(self):
        weights = Weights.points({"a": 60, "b": 30, "c": 10})
        assert dict(weights) == {"a": F(3, 5), "b": F(3, 10), "c": F(1, 10)}
        assert weights.source == "point allocation"
        assert weights.inputs["points"] == {"a": 60, "b": 30, "c": 10}
        # Given in tens, so any of them may be five off.
        assert weights.quality == {"step": 10, "half_a_step_off": round(5 / 95 * 0.9, 9)}

    def test_swings_are_measured_against_the_most_valuable(self):
        weights = Weights.swing({"a": 100, "b": 60}, ranges={"a": (0, 1), "b": (9, 3)})
        assert weights["b"] == F(3, 8)
        assert weights.inputs["ranges"] == {"a": (0, 1), "b": (9, 3)}
        assert Weights.swing({"a": 10, "b": 6}, most=10) == dict(weights)

    def test_a_single_thing_has_all_the_weight(self):
        assert dict(Weights.points({"a": 100})) == {"a": 1}

    @pytest.mark.parametrize(
        ("points", "message"),
        [
            ({"a": 60, "b": 30}, r"add up to 100 \(got 90\); share out 10"),
            ({"a": 60, "b": 50}, r"add up to 100 \(got 110\); take back 10"),
            ({"a": 100, "b": 0}, "'b' has 0; leave out what does not count"),
            ({"a": 0, "b": 0}, "'a' has 0, 'b' has 0"),
            ({"a": NAN}, "finite"),
            ({"a": "60"}, "must be a number"),
            ({}, "at least one thing"),
            ([60, 40], "must be a mapping"),
        ],
    )
    def test_points_that_do_not_add_up_are_refused(self, points, message):
        with pytest.raises(DefinitionError, match=message):
            Weights.points(points)

    def test_a_swing_without_its_most_valuable_is_refused(self):
        with pytest.raises(DefinitionError, match=r"must have 100 points \(got 90 for 'a'\)") as caught:
            Weights.swing({"a": 90, "b": 50})
        assert caught.value.path == "a"

    @pytest.mark.parametrize(
        ("ranges", "message"),
        [
            (5, "must be a mapping"),
            ({"a": (0, 1)}, "'b' has no range"),
            ({"a": (0, 1), "b": (1, 1)}, "'b' has no swing from 1 to 1"),
            ({"a": (0, 1), "b": 3}, "its worst and its best level"),
            ({"a": (0, 1), "b": (0, 1), "c": (0, 1)}, "'c' has no points"),
        ],
    )
    def test_ranges_that_say_nothing_are_refused(self, ranges, message):
        with pytest.raises(DefinitionError, match=message):
            Weights.swing({"a": 100, "b": 50}, ranges=ranges)


PAIRS = {("a", "b"): 3, ("b", "c"): 2, ("a", "c"): 5}
JUDGES = {
    "ana": {("a", "b"): 4, ("b", "c"): 1, ("a", "c"): 4},
    "ben": {("a", "b"): 1, ("b", "c"): 4, ("a", "c"): 4},
}


class TestAhp:
    def test_pairs_triples_a_matrix_and_a_frame_are_the_same(self):
        matrix = [[1, 3, 5], [1 / 3, 1, 2], [0.2, 0.5, 1]]
        weights = Weights.ahp(PAIRS)
        assert Weights.ahp([(a, b, v) for (a, b), v in PAIRS.items()]) == weights
        assert Weights.ahp(matrix, names=["a", "b", "c"]) == weights
        assert Weights.ahp(np.array(matrix), names=["a", "b", "c"]) == weights
        assert Weights.ahp(pd.DataFrame(matrix, columns=["a", "b", "c"])) == weights
        half = [[None, 3, 5], [NAN, 1, 2], [NAN, None, NAN]]
        assert Weights.ahp(half, names=["a", "b", "c"]) == weights
        assert weights.inputs["comparisons"] == (("a", "b", 3), ("a", "c", 5), ("b", "c", 2))

    def test_of_a_judgement_and_its_rounded_reciprocal_the_judgement_counts(self):
        exact = Weights.ahp({("b", "a"): 3}, names=["a", "b"])
        assert Weights.ahp({("a", "b"): 0.333333, ("b", "a"): 3}) == exact
        assert Weights.ahp({("b", "a"): 3, ("a", "b"): 0.333333}, names=["a", "b"]) == exact

    def test_one_and_two_names_cannot_contradict_each_other(self):
        assert dict(Weights.ahp([[1]], names=["a"])) == {"a": 1}
        pair = Weights.ahp({("a", "b"): 3})
        assert dict(pair) == {"a": F(3, 4), "b": F(1, 4)}
        assert pair.quality == {"consistency_ratio": 0.0, "consistency_index": 0.0, "random_index": "saaty_1980"}

    def test_the_table_of_the_random_index_changes_the_verdict(self):
        pairs = {("a", "b"): 3, ("b", "c"): 3, ("a", "c"): 4}
        ratios = {table: Weights.ahp(pairs, random_index=table).quality["consistency_ratio"] for table in TABLES}
        assert len(set(ratios.values())) == 4
        # With three names the eigenvalue is 1 + q + 1 / q, where q is the cube root of a_ij a_jk / a_ik.
        q = (9 / 4) ** (1 / 3)
        consistency = (q + 1 / q - 2) / 2
        assert ratios["saaty_1980"] == pytest.approx(consistency / 0.58, abs=1e-9)
        assert ratios["donegan_dodd"] == pytest.approx(consistency / 0.4914, abs=1e-9)

    def test_the_random_index_between_sizes_and_beyond_the_table(self):
        assert random_index_of(2, "saaty_1980") == 0
        assert random_index_of(22, "donegan_dodd") == pytest.approx(1.5371 + (1.5619 - 1.5371) * 2 / 5)
        star = {("n0", f"n{place}"): 2 for place in range(1, 16)}
        with pytest.raises(DefinitionError, match="goes to 15 things"):
            Weights.ahp(star)
        assert Weights.ahp(star, random_index="donegan_dodd").quality["consistency_ratio"] == 0

    def test_the_geometric_mean_has_an_index_of_its_own(self):
        quality = Weights.ahp({("a", "b"): 3, ("b", "c"): 3, ("a", "c"): 4}, method="geometric_mean").quality
        # One triad, off by 9/4: each of three logarithms is a third of that off, and the divisor is 1.
        assert quality["geometric_consistency_index"] == pytest.approx(np.log(9 / 4) ** 2 / 3)

    def test_what_was_not_compared_is_said(self):
        weights = Weights.ahp({("a", "b"): 2, ("b", "c"): 2})
        assert "1 of 3 pairs not compared" in weights.source
        assert weights.quality["filled_in"] == (("a", "c", 4.0),)
        assert [float(share) for share in weights.values()] == pytest.approx([4 / 7, 2 / 7, 1 / 7], abs=1e-9)

    def test_a_judgement_that_nothing_else_speaks_to_is_never_the_worst(self):
        pairs = {("a", "b"): 9, ("b", "c"): 9, ("a", "c"): 1, ("c", "d"): 9, ("d", "e"): 3}
        assert set(Weights.ahp(pairs).quality["worst_judgement"]) < {"a", "b", "c"}
        assert set(Weights.ahp(pairs).quality["worst_triad"]) == {"a", "b", "c"}

    def test_a_limit_names_what_to_ask_about_again(self):
        spoilt = {("a", "b"): 2, ("b", "c"): 2, ("c", "d"): 2, ("a", "c"): 4, ("b", "d"): 4, ("a", "d"): F(1, 8)}
        with pytest.raises(DefinitionError, match=r"'a' over 'd': it was judged 0.125, and the others say 8") as caught:
            Weights.ahp(spoilt, limit=0.1)
        assert caught.value.path == "limit"
        with pytest.raises(DefinitionError, match="ask again about a, b, c, which contradict each other"):
            Weights.ahp({("a", "b"): 9, ("b", "c"): 9, ("a", "c"): F(1, 9)}, limit=0.1)
        assert Weights.ahp(PAIRS, limit=0.1) == Weights.ahp(PAIRS)

    @pytest.mark.parametrize(
        ("comparisons", "options", "message"),
        [
            (
                {("a", "b"): -1, ("b", "c"): 0},
                {},
                r"'a' with 'b' must be positive \(got -1\).*'b' with 'c' must be pos",
            ),
            ({("a", "b"): NAN}, {}, "must be a finite number"),
            ({("a", "b"): "3"}, {}, "must be a number"),
            ({("a", "b"): 1e9}, {}, "must be from 1/1,000,000"),
            ({("a", "a"): 2, ("a", "b"): 1}, {}, "'a' compared with itself must be 1"),
            ({("a", "b"): 2, ("b", "a"): 2}, {}, "is both 2 and 0.5"),
            ([("a", "b", 2), ("a", "b", 3)], {}, "is both 2 and 3"),
            ({"ab": 3}, {}, "a comparison is of a pair of names"),
            ({("a", "b"): 3, "ab": 3}, {}, "a comparison is of a pair of names"),
            ({("a", "b"): 3}, {"names": ["a", "c"]}, "'b' is compared, but is none of the names"),
            ({("a", "b"): 3}, {"names": ["a", "b", "c"]}, r"nothing compares \{a, b\} and \{c\}"),
            ({("a", "b"): 3, ("c", "d"): 2}, {}, "compare one of each, such as 'a' with 'c'"),
            ({("a", "b"): 3}, {"names": ["a", "b", "b"]}, "each thing once"),
            ({}, {}, "at least one thing"),
            (5, {}, "must be a mapping"),
            ("abc", {}, "must be a mapping"),
            ([[1, 2], [0.5, 1]], {}, "must come with names="),
            ([[1, 2], [3, 1]], {"names": ["a", "b"]}, "is both 2 and"),
            ([[1, 2, 3], [0.5, 1, 2]], {"names": ["a", "b"]}, r"square matrix of that size \(got 2 rows of 3 numbers"),
            ([1, 2], {"names": ["a", "b"]}, "square matrix"),
            ([[2, 2], [0.5, 1]], {"names": ["a", "b"]}, "'a' compared with itself must be 1"),
            ({("a", "b"): 3}, {"method": "eig"}, "method must be one of"),
            ({("a", "b"): 3}, {"random_index": "saaty"}, "random_index must be one of"),
            ({("a", "b"): 3}, {"limit": "x"}, "limit must be a number"),
        ],
    )
    def test_comparisons_that_do_not_hold_together_are_refused(self, comparisons, options, message):
        with pytest.raises(DefinitionError, match=message):
            Weights.ahp(comparisons, **options)

    def test_a_hundred_names_are_no_trouble(self):
        names = [f"n{place}" for place in range(40)]
        pairs = {(a, b): F(1 + i, 1 + j) for (i, a), (j, b) in combinations(enumerate(names), 2)}
        weights = Weights.ahp(pairs, random_index="donegan_dodd")
        assert float(weights["n39"]) == pytest.approx(40 / 820, abs=1e-9)


class TestAhpMany:
    def test_many_are_what_one_is(self):
        matrix = [[1, 3, 5], [1 / 3, 1, 2], [0.2, 0.5, 1]]
        found = ahp_many([matrix, np.ones((3, 3))], random_index="saaty_2005")
        assert isinstance(found, PairwiseResults)
        one = Weights.ahp(matrix, names=["a", "b", "c"], random_index="saaty_2005")
        assert found.weights[0] == pytest.approx([float(share) for share in one.values()], abs=1e-9)
        assert found.consistency_ratios[0] == pytest.approx(one.quality["consistency_ratio"], abs=1e-9)
        assert found.weights[1].tolist() == [1 / 3] * 3
        assert found.random_index == "saaty_2005"

    def test_a_wild_contradiction_still_has_its_eigenvector(self):
        # Its other eigenvalues are nearly as large as the first, so plain power iteration takes thousands of steps.
        wild = np.array([[1, 1e6, 1e-6, 2], [1e-6, 1, 1e6, 2], [1e6, 1e-6, 1, 2], [0.5, 0.5, 0.5, 1]])
        found = ahp_many([wild])
        values, vectors = np.linalg.eig(wild)
        vector = np.abs(vectors[:, np.argmax(values.real)].real)
        assert found.eigenvalues[0] == pytest.approx(values.real.max(), rel=1e-12)
        assert found.weights[0] == pytest.approx(vector / vector.sum(), abs=1e-12)

    def test_none_and_those_of_one_name(self):
        assert ahp_many(np.ones((0, 3, 3))).weights.shape == (0, 3)
        assert ahp_many(np.ones((2, 1, 1))).weights.tolist() == [[1.0], [1.0]]
        assert ahp_many(np.ones((2, 2, 2)), method="geometric_mean").consistency_ratios.tolist() == [0, 0]

    @pytest.mark.parametrize(
        ("matrices", "message"),
        [
            ([[1, 2], [0.5, 1]], r"shape \(N, n, n\) \(got \(2, 2\)\)"),
            (np.ones((2, 2, 3)), "shape"),
            (np.ones((2, 0, 0)), "shape"),
            ("x", "must be numbers"),
            ([[[1, 2], [0.5, 1]], [[1, 2], [2, 1]]], "must be reciprocal.*not so: 1"),
            ([[[1, NAN], [0.5, 1]]], "none missing"),
            ([[[1, float("inf")], [0, 1]]], "none missing"),
            ([[[2, 1], [1, 1]]], "1 on the diagonal"),
            ([[[2, 1], [1, 1]]] * 8, "not so: 0, 1, 2, 3, 4 and 3 more"),
        ],
    )
    def test_what_is_no_stack_of_comparisons_is_refused(self, matrices, message):
        with pytest.raises(DefinitionError, match=message):
            ahp_many(matrices)


class TestAhpGroup:
    def test_judgements_are_put_together_by_their_geometric_mean(self):
        group = Weights.ahp_group(JUDGES)
        assert group.inputs["comparisons"] == (("a", "b", 2), ("a", "c", 4), ("b", "c", 2))
        assert [float(share) for share in group.values()] == pytest.approx([4 / 7, 2 / 7, 1 / 7], abs=1e-9)
        assert group.quality["consistency_ratio"] == 0
        assert dict(group.parts)["ana"] == Weights.ahp(JUDGES["ana"], names=["a", "b", "c"])
        assert group.quality["ranges"]["a"] == pytest.approx((4 / 9, 2 / 3), abs=1e-9)
        assert group.source == "AHP, eigenvector, judgements of 2 judges"
        # Ana holds b and c alike, and ben a and b, to the billionth that is left over: W = 12 * 4.5 / (96 - 24).
        assert group.quality["concordance"] == 0.75

    def test_priorities_are_put_together_by_theirs(self):
        group = Weights.ahp_group(JUDGES, aggregate="priorities")
        sizes = np.sqrt([4 / 6 * 4 / 9, 1 / 6 * 4 / 9, 1 / 6 * 1 / 9])
        assert [float(share) for share in group.values()] == pytest.approx(sizes / sizes.sum(), abs=1e-8)
        assert "consistency_ratio" not in group.quality

    def test_a_judge_may_count_more(self):
        group = Weights.ahp_group(JUDGES, portions={"ana": 1, "ben": 3})
        assert group.inputs["comparisons"][0] == ("a", "b", pytest.approx(2**0.5))

    def test_a_judge_may_leave_out_what_others_judge(self):
        judges = {"ana": {("a", "b"): 2, ("b", "c"): 3}, "ben": {("a", "b"): 2}}
        group = Weights.ahp_group(judges)
        assert [label for label, _ in group.parts] == ["ana"]
        assert group.inputs["comparisons"] == (("a", "b", 2), ("b", "c", 3))
        with pytest.raises(DefinitionError, match=r"nothing compares \{a, b\} and \{c\}"):
            Weights.ahp_group(judges, aggregate="priorities")

    @pytest.mark.parametrize(
        ("judges", "options", "message"),
        [
            ({}, {}, "at least one judge"),
            (5, {}, "must be a mapping"),
            ({"ana": {("a", "b"): 2}, "ben": {("a", "c"): 2}}, {}, "ben: 'c' is compared, but is none of the names"),
            ({"ana": {("a", "b"): 0}, "ben": {("a", "b"): -2}}, {}, "ana: .*positive.*ben: .*positive"),
            ({"ana": {("a", "b"): 2}}, {"portions": {"ben": 1}}, "'ana' has none; 'ben' is not there"),
            ({"ana": {("a", "b"): 2}}, {"aggregate": "x"}, "aggregate must be one of"),
            ({"ana": {("a", "b"): 2}}, {"names": ["a", "b", "c"]}, "nothing compares"),
        ],
    )
    def test_judges_that_cannot_be_put_together_are_refused(self, judges, options, message):
        with pytest.raises(DefinitionError, match=message):
            Weights.ahp_group(judges, **options)


class TestBestWorst:
    def test_what_spoils_it_is_named(self):
        weights = Weights.best_worst("a", "d", {"b": 2, "c": 2, "d": 8}, {"b": 4, "c": 6})
        assert weights.quality["worst_judgement"] == "c"
        assert weights.quality["worst_judgement_product"] == 12
        assert weights.quality["product_wanted"] == 8
        assert weights.quality["input_consistency_ratio"] == round(4 / 56, 9)
        assert weights.inputs["others_to_worst"] == {"a": 8, "b": 4, "c": 6}

    def test_the_index_of_the_original_model_is_rezaei_s_table(self):
        # Rezaei 2015, table 1: 0.44, 1.00, 1.63, 2.30, 3.00, 3.73, 4.47 and 5.23 for spans of 2 to 9.
        for span, index in zip(range(2, 10), [0.44, 1.00, 1.63, 2.30, 3.00, 3.73, 4.47, 5.23], strict=True):
            weights = Weights.best_worst("a", "c", {"b": span, "c": span}, {"b": span}, model="min_max")
            assert weights.quality["consistency_index"] == "rezaei_2015"
            # Everything at the span is the worst that can be judged, so the ratio is 1.
            assert weights.quality["consistency_ratio"] == pytest.approx(1, abs=1e-6)
            assert weights.quality["deviation"] == pytest.approx(index, abs=0.006)

    def test_weights_that_are_as_good_have_bounds(self):
        # With one judgement that contradicts the span, the other name is free within limits.
        weights = Weights.best_worst("a", "d", {"b": 2, "c": 3, "d": 9}, {"b": 9, "c": 3}, model="min_max")
        low, high = weights.quality["bounds"]["c"]
        assert low < weights["c"] < high
        assert sum(weights.values()) == 1

    def test_two_names_are_the_span(self):
        assert dict(Weights.best_worst("a", "b", {"b": 3}, {})) == {"b": F(1, 4), "a": F(3, 4)}
        equal = Weights.best_worst("a", "b", {"b": 1, "c": 1}, {"c": 1}, model="min_max")
        assert [float(share) for share in equal.values()] == pytest.approx([1 / 3] * 3, abs=1e-9)
        assert equal.quality["consistency_ratio"] == 0

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            (("a", "a", {}, {}), "best and worst must differ"),
            (("", "a", {}, {}), "a name must be"),
            (("a", "b", {}, {}), "'a' is not compared with 'b'"),
            (("a", "b", {"b": 3, "c": 2}, {}), "'c' is not compared with the worst"),
            (("a", "b", {"b": 3}, {"c": 2}), "the best is not compared with 'c'"),
            (("a", "b", {"b": 3}, {"a": 4}), "'a' over 'b' is both 3 and 4"),
            (("a", "b", {"b": 0.5}, {}), r"must be from 1 \(as important\)"),
            (("a", "b", {"b": 3, "a": 2}, {"b": 2}), "compares 'a' with itself.*compares 'b' with itself"),
            (("a", "b", 5, {}), "best_to_others must be a mapping"),
            (("a", "b", {"b": "3"}, {}), "must be a number"),
        ],
    )
    def test_judgements_that_do_not_hold_together_are_refused(self, given, message):
        with pytest.raises(DefinitionError, match=message):
            Weights.best_worst(*given)

    def test_an_unknown_model_is_refused(self):
        with pytest.raises(DefinitionError, match="model must be one of linear, min_max"):
            Weights.best_worst("a", "b", {"b": 3}, {}, model="x")

    def test_a_program_that_starts_feasible_needs_no_lift(self):
        # Maximise x + y with x + 2y <= 4 and 3x + y <= 6: the corner is (8/5, 6/5).
        program = Dictionary([[F(1), F(2)], [F(3), F(1)]], [F(4), F(6)], 2)
        program.make_feasible(0)
        assert program.minimise({0: F(-1), 1: F(-1)}) == F(-14, 5)
        assert program.values() == {0: F(8, 5), 1: F(6, 5)}
