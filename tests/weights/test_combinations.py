"""Weights made of weights, and the scorecard that takes them."""

from fractions import Fraction

import pytest

from perfkit import DefinitionError, Explanation, Metric, Scorecard, Section, Weights, from_dict, to_dict
from perfkit._weights.combination import concordance
from perfkit._weights.found import shares_on_grid
from perfkit.typing import SourcedWeights

F = Fraction
DATA = {"a": [1, 2, 3], "b": [1, 1, 7]}


def test_shares_on_a_grid_add_up_and_none_is_nothing():
    shares = dict(shares_on_grid({"a": 1e-30, "b": 1.0, "c": 1e-30}))
    assert shares["a"] == shares["c"] == F(1, 10**9)
    assert sum(shares.values()) == 1
    thirds = dict(shares_on_grid({"c": 1, "a": 1, "b": 1}))
    # Of units that are left over, names that are alike get them in the order of the alphabet.
    assert thirds == {"a": F(333333334, 10**9), "b": F(333333333, 10**9), "c": F(333333333, 10**9)}


class TestCombined:
    ASKED = Weights({"a": 3, "b": 1})

    def test_a_linear_blend_is_exact_and_learned_if_a_part_is(self):
        seen = Weights.entropy(DATA, ["a", "b"])
        blend = Weights.combined({"asked": self.ASKED, "seen": seen}, portions={"asked": 3, "seen": 1})
        assert blend["a"] == F(3, 4) * F(3, 4) + seen["a"] / 4
        assert blend.learned
        assert dict(blend.parts) == {"asked": self.ASKED, "seen": seen}
        assert "seen: entropy, learned from data" in str(blend.explain())
        assert not Weights.combined([self.ASKED, {"a": 1, "b": 1}]).learned

    def test_a_product_favours_what_all_favour(self):
        product = Weights.combined([self.ASKED, {"b": 1, "a": 2}], rule="product")
        assert dict(product) == {"a": F(6, 7), "b": F(1, 7)}

    def test_a_geometric_mean_has_portions(self):
        mean = Weights.combined({"x": {"a": 4, "b": 1}, "y": {"a": 1, "b": 1}}, rule="geometric")
        assert float(mean["a"]) == pytest.approx(2 / 3, abs=1e-9)

    @pytest.mark.parametrize(
        ("parts", "options", "message"),
        [
            ([], {}, "at least one set of weights"),
            (5, {}, "must be a mapping from who or what to weights"),
            ([{"a": 1}, {"b": 1}], {}, "'2' lacks a and has b"),
            ({"x": {"a": 1}, "y": {"a": 1}}, {"portions": {"x": 1}}, "'y' has none"),
            ({"x": {"a": 1}, "y": {"a": 1}}, {"portions": {"x": 1, "y": 0}}, "'y' has 0, which is not positive"),
            ({"x": {"a": 1}}, {"portions": {"x": 1, "z": 0.5}}, "'z' is not there"),
            ({"x": {"a": 1}}, {"portions": 5}, "portions must be a mapping"),
            ([{"a": 1}], {"rule": "sum"}, "rule must be one of"),
            ([{"a": 1}], {"rule": "product", "portions": {"1": 1}}, "a product takes all weights as they stand"),
            ({"x": 5}, {}, "weights must be a mapping"),
            ({"": {"a": 1}}, {}, "a name must be a text"),
        ],
    )
    def test_what_does_not_go_together_is_refused(self, parts, options, message):
        with pytest.raises(DefinitionError, match=message):
            Weights.combined(parts, **options)


class TestPanel:
    JUDGES = Weights({"a": 5, "b": 3, "c": 2}), Weights({"a": 3, "b": 5, "c": 2}), Weights({"a": 6, "b": 3, "c": 1})

    def test_it_is_the_mean_and_says_how_far_judges_lie_apart(self):
        panel = Weights.panel(dict(zip(["ana", "ben", "eve"], self.JUDGES, strict=True)))
        assert dict(panel) == {"a": F(14, 30), "b": F(11, 30), "c": F(5, 30)}
        quality = panel.quality
        assert quality["ranges"] == {"a": (0.3, 0.6), "b": (0.3, 0.5), "c": (0.1, 0.2)}
        assert quality["standard_deviations"]["a"] == pytest.approx(0.152752523)
        assert quality["furthest"] == "ben"
        assert quality["furthest_shift"] == pytest.approx((14 / 30 - 0.3 + 0.5 - 11 / 30 + 0.2 - 5 / 30) / 2)
        # Ranks add up to 4, 5 and 9, around a mean of 6: W = 12 * (4 + 1 + 9) / (9 * 24).
        assert quality["concordance"] == pytest.approx(12 * 14 / 216)

    def test_a_geometric_mean(self):
        panel = Weights.panel([{"a": 4, "b": 1}, {"a": 1, "b": 1}], mean="geometric")
        assert float(panel["a"]) == pytest.approx(2 / 3, abs=1e-9)
        assert panel.source == "geometric mean of 2 judges"

    def test_one_judge_has_no_spread(self):
        assert Weights.panel({"ana": {"a": 1, "b": 2}}).quality == {}
        with pytest.raises(DefinitionError, match="mean must be one of"):
            Weights.panel({"ana": {"a": 1}}, mean="median")

    def test_agreement_is_from_none_to_full_and_knows_ties(self):
        up, down = [F(1), F(2), F(3)], [F(3), F(2), F(1)]
        assert concordance([up, up]) == 1
        assert concordance([up, down]) == 0
        assert concordance([[F(1), F(1), F(2)]] * 2) == 1
        assert concordance([[F(1), F(1)]] * 2) is None
        assert "concordance" not in Weights.panel([{"a": 1, "b": 1}] * 2).quality


class TestHierarchy:
    TOP, RESULTS = Weights({"results": 70, "csat": 30}), Weights.entropy(DATA, ["a", "b"])

    def test_leaves_are_products_and_levels_are_kept(self):
        tree = Weights.hierarchy(self.TOP, {"results": self.RESULTS})
        assert tree["a"] == F(7, 10) * self.RESULTS["a"]
        assert tree["csat"] == F(3, 10)
        assert sum(tree.values()) == 1
        assert tree.learned
        assert tree.levels() == {"results": F(7, 10), "csat": F(3, 10), **self.RESULTS}
        assert tree.sources() == {
            "results": ("given", False),
            "csat": ("given", False),
            "a": ("entropy", True),
            "b": ("entropy", True),
        }

    def test_levels_go_down_as_far_as_they_like(self):
        inner = Weights.hierarchy({"p": 1, "q": 3}, {"q": {"x": 1, "y": 1}})
        tree = Weights.hierarchy({"g": 1, "h": 1}, {"g": inner})
        assert dict(tree) == {"p": F(1, 8), "x": F(3, 16), "y": F(3, 16), "h": F(1, 2)}
        assert tree.levels() == {"g": F(1, 2), "h": F(1, 2), "p": F(1, 4), "q": F(3, 4), "x": F(1, 2), "y": F(1, 2)}
        assert tree.source == "hierarchy of 3 levels"
        assert from_dict(to_dict(tree)) == tree

    @pytest.mark.parametrize(
        ("top", "within", "message"),
        [
            ({"a": 1}, {}, "within must give the weights inside"),
            ({"a": 1}, 5, "within must give the weights inside"),
            ({"aa": 1}, {"ab": {"c": 1}}, "'ab' is not there"),
            ({"a": 1, "b": 1}, {"a": {"b": 1}}, "twice: b"),
            ({"a": 1, "b": 1}, {"a": {"a": 1}}, "twice: a"),
            (5, {"a": {"b": 1}}, "weights must be a mapping"),
        ],
    )
    def test_what_is_no_tree_is_refused(self, top, within, message):
        with pytest.raises(DefinitionError, match=message):
            Weights.hierarchy(top, within)


ROW = {"a": 1, "b": 2, "csat": 3}


class TestScorecard:
    CARD = Scorecard(
        "seller",
        [Section("results", weight=50, of=[Metric("a", weight=1), Metric("b", weight=1)]), Metric("csat", weight=50)],
        weights_add_up_to=None,
    )
    TREE = Weights.hierarchy({"results": 70, "csat": 30}, {"results": Weights.entropy(DATA, ["a", "b"])})

    def test_every_level_is_weighted(self):
        card = self.CARD.weighted(self.TREE)
        assert [part.weight for part in card.sections] == [F(7, 10), F(3, 10)]
        assert card.sections[0].shares() == dict(self.TREE.parts[1][1])
        expected = float(self.TREE["a"] * 1 + self.TREE["b"] * 2 + self.TREE["csat"] * 3)
        assert card.score_one(ROW).value == pytest.approx(expected, abs=1e-6)

    def test_weights_learned_from_data_are_marked_as_such(self):
        card = self.CARD.weighted(self.TREE)
        assert ("a", "entropy", True) in card.weight_sources
        explanation = card.score_one(ROW).explain()
        explanation.check()
        assert "weights of a, b: entropy, learned from data" in str(explanation)
        assert "weights of results" not in str(explanation)
        assert from_dict(to_dict(card)) == card

    def test_elicited_weights_say_how(self):
        card = self.CARD.weighted(Weights.points({"results": 60, "csat": 40}))
        assert "weights of results, csat: point allocation" in str(card.score_one(ROW).explain())
        assert "learned" not in str(card.score_one(ROW).explain())

    def test_other_weights_take_their_source_with_them(self):
        card = self.CARD.weighted(self.TREE).weighted({"a": 3, "b": 1})
        assert {name for name, _, _ in card.weight_sources} == {"results", "csat"}
        assert self.CARD.weighted({"a": 3}).weight_sources == ()

    def test_shares_are_put_in_the_unit_of_the_scorecard(self):
        card = Scorecard("c", [Metric("a", weight=60), Metric("b", weight=40)], weights_add_up_to=100)
        assert [part.weight for part in card.weighted(Weights({"a": 1, "b": 3})).sections] == [25, 75]

    def test_names_that_are_not_on_the_scorecard_are_refused(self):
        with pytest.raises(DefinitionError, match="no section or metric is called 'z'"):
            self.CARD.weighted(Weights.equal(["a", "z"]))

    def test_weights_of_your_own_take_part(self):
        assert isinstance(self.TREE, SourcedWeights)
        assert not isinstance({"a": 1}, SourcedWeights)


def test_elicited_weights_explain_themselves():
    explanation = Weights.ahp({("a", "b"): 3, ("b", "c"): 2, ("a", "c"): 5}).explain()
    explanation.check()
    assert isinstance(explanation, Explanation)
    assert explanation.code == "weights"
    assert explanation.params == {"source": "AHP, eigenvector", "learned": False}
    assert str(explanation).splitlines()[0].startswith("weights: AHP, eigenvector")
    assert explanation["a"].value == Weights.ahp({("a", "b"): 3, ("b", "c"): 2, ("a", "c"): 5})["a"]
    assert explanation["random index"].value == "saaty_1980"


def test_how_concentrated_weights_are():
    assert Weights.equal(["a", "b", "c"]).effective_number == 3
    assert Weights({"a": 1}).effective_number == 1
