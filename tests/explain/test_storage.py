"""Explanations as plain data, and back."""

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from perfkit import DefinitionError, Explanation, Money

F = Fraction


@pytest.mark.parametrize(
    ("value", "back"),
    [
        (Money("1.10 EUR"), Money("1.10 EUR")),
        (F(1, 3), F(1, 3)),
        (F(2, 5), 0.4),
        (Decimal("1.5"), 1.5),
        (Decimal("Infinity"), "Infinity"),
        (date(2026, 1, 31), date(2026, 1, 31)),
        ("2026-02-31", "2026-02-31"),
        (("a", F(1, 7)), ("a", F(1, 7))),
        (True, True),
        (None, None),
        ("solid", "solid"),
    ],
)
def test_a_value_comes_back(value, back):
    stored = json.loads(json.dumps(Explanation("x", value, params={"p": value}).to_dict()))
    revived = Explanation.from_dict(stored)
    assert revived.value == back
    assert revived.params == {"p": back}


def test_what_is_left_out_is_as_when_it_is_made():
    assert Explanation.from_dict({"code": "x"}) == Explanation("x")


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (5, "$"),
        ({}, "$"),
        ({"code": ""}, "$"),
        ({"code": 5}, "$"),
        ({"code": "x", "vlaue": 1}, "$"),
        ({"code": "x", "relation": "difference"}, "$.relation"),
        ({"code": "x", "parts": {}}, "$.parts"),
        ({"code": "x", "params": []}, "$.params"),
        ({"code": "x", "value": {"no": 1}}, "$.value"),
        ({"code": "x", "value": {"exact": "1/0"}}, "$.value"),
        ({"code": "x", "value": {"minor": 1, "currency": "XXY"}}, "$.value"),
        ({"code": "x", "params": {"p": [{"minor": "a", "currency": "EUR"}]}}, "$.params.p[0]"),
        ({"code": "x", "parts": [{"code": "y"}, {"code": "z", "value": {}}]}, "$.parts[1].value"),
    ],
)
def test_what_is_no_explanation_is_refused_with_its_path(data, path):
    with pytest.raises(DefinitionError) as caught:
        Explanation.from_dict(data)
    assert caught.value.path == path
    assert str(caught.value).endswith(f"@ {path}")
