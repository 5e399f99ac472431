"""Weights: shares that add up to one and remember their source."""

import pickle
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfkit import DefinitionError, Weights

F = Fraction


def test_shares_are_exact_whatever_the_unit():
    weights = Weights({"revenue": 80, "churn": 20})
    assert dict(weights) == {"revenue": F(4, 5), "churn": F(1, 5)}
    assert dict(Weights({"revenue": 0.8, "churn": Decimal("0.2")})) == dict(weights)
    assert weights.source == "given"


def test_weights_are_a_mapping_in_their_order():
    weights = Weights([("b", 1), ("a", 2)])
    assert isinstance(weights, Mapping)
    assert list(weights) == ["b", "a"]
    assert len(weights) == 2
    assert "a" in weights
    assert "c" not in weights
    assert weights.get("c") is None


def test_an_unknown_name_is_a_key_error():
    with pytest.raises(KeyError):
        Weights({"a": 1})["b"]


def test_equal_weights_remember_that_they_are():
    weights = Weights.equal(["a", "b", "c"])
    assert dict(weights) == {"a": F(1, 3), "b": F(1, 3), "c": F(1, 3)}
    assert weights.source == "equal"


def test_the_source_is_shown():
    assert repr(Weights({"a": 1, "b": 2}, "a panel")) == "<Weights, a panel: a 0.3333, b 0.6667>"


def test_weights_are_frozen_hashable_and_pickle():
    weights = Weights({"a": 1, "b": 2})
    assert weights == Weights([("a", 1.0), ("b", F(2))])
    assert hash(weights) == hash(Weights([("a", 1), ("b", 2)]))
    assert weights != Weights({"a": 1, "b": 2}, "equal")
    assert pickle.loads(pickle.dumps(weights)) == weights
    with pytest.raises(AttributeError):
        weights.source = "mine"


def test_the_mapping_handed_in_stays_the_callers():
    given_weights = {"a": 1, "b": 2}
    weights = Weights(given_weights)
    given_weights["a"] = 99
    assert weights["a"] == F(1, 3)


@pytest.mark.parametrize("nothing", [{}, [], ()])
def test_no_weights_are_refused(nothing):
    with pytest.raises(DefinitionError, match=r"weights must name at least one thing \(got none\)"):
        Weights(nothing)
    with pytest.raises(DefinitionError, match="at least one thing"):
        Weights.equal(nothing)


def test_a_name_used_twice_is_refused():
    with pytest.raises(DefinitionError, match=r"must name each thing once \(got a, b, a\)"):
        Weights([("a", 1), ("b", 1), ("a", 2)])


def test_every_weight_that_is_not_positive_is_named_at_once():
    with pytest.raises(DefinitionError, match="weights must be positive: 'a' has 0, 'c' has -2") as caught:
        Weights({"a": 0, "b": 1, "c": -2})
    assert caught.value.problems == ("'a' has 0", "'c' has -2")


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), "3", None, True])
def test_a_weight_that_is_no_number_is_named(odd):
    with pytest.raises(DefinitionError, match="the weight of 'a' must be a ") as caught:
        Weights({"a": odd, "b": 1})
    assert caught.value.path == "a"


@pytest.mark.parametrize("odd", ["ab", 5, [1, 2], [("a", 1, 2)]])
def test_what_is_neither_a_mapping_nor_pairs_is_refused_as_a_definition(odd):
    with pytest.raises(DefinitionError):
        Weights(odd)


@given(st.dictionaries(st.text(min_size=1), st.fractions(min_value=F(1, 1000), max_value=1000), min_size=1, max_size=8))
def test_shares_add_up_to_one(given_weights):
    weights = Weights(given_weights)
    assert sum(weights.values()) == 1
    assert all(share > 0 for share in weights.values())
