"""Explanations in a language: phrases, words, numbers, dates, and what a host puts in place of them."""

import pickle
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from perfkit import (
    Curve,
    DefinitionError,
    Explanation,
    Goal,
    GoalTree,
    IncentivePlan,
    Metric,
    Money,
    Period,
    RatingScale,
    Scorecard,
    TargetBonus,
)
from perfkit.explain import ENGLISH, GERMAN, Catalogue

F = Fraction


def test_german_says_an_award_in_german_with_german_numbers():
    plan = IncentivePlan("Bonus 2026", currency="EUR", pays=[TargetBonus(base="salary", rate=0.15, multiplier="score")])
    explained = plan.pay_one({"salary": Money("60,000 EUR"), "score": 1.344833}).explain()
    assert explained.text(GERMAN).splitlines() == [
        "Bonus 2026                                   12.103,50 EUR",
        "└─ Zielbonus                                 12.103,50 EUR",
        "   ├─ vor Rundung                           12.103,497 EUR",
        "   │  ├─ salary                              60.000,00 EUR",
        "   │  ├─ Satz (fest)                                  0,15",
        "   │  └─ Multiplikator (Bewertung)                1,344833",
        "   └─ Rundung (kaufmännisch, auf 0,01 EUR)       0,003 EUR",
    ]


def test_german_says_a_score_and_a_rating():
    card = Scorecard("Vertrieb", [Metric("revenue", target=100, curve=Curve.through((0.8, 0), (1, 1))), Metric("csat")])
    score = card.score_one({"revenue": 95, "csat": None})
    text = RatingScale("below", solid=0.5).rate_one(score).explain().text(GERMAN)
    assert "solid: ab 0,5, die oberste Stufe" in text
    assert "auf der Kurve, 0 bei 0,8 bis 1 bei 1" in text
    assert "csat: fehlt, Gewicht 1 (umverteilt)" in text


def test_german_writes_the_dates_of_a_goal_over_time():
    year = Period.year(2026)
    tree = GoalTree(
        [Goal("sales", period=year, children=[Goal("a", target=1), Goal("b", target=1, joined=date(2026, 7, 1))])]
    )
    explained = tree.roll_up({"a": 1, "b": 0}).explain("sales")
    assert "01.07.2026 bis 31.12.2026: 184 von 365 Tagen" in explained.text(GERMAN)
    assert "2026-07-01 to 2026-12-31: 184 of 365 days" in explained.text()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (True, "ja"),
        (np.bool_(False), "nein"),
        (1_320_000, "1.320.000"),
        (np.int64(1_320_000), "1.320.000"),
        (0.5, "0,5"),
        (np.float32(0.5), "0,5"),
        (F(1, 3), "0,333333"),
        (Decimal("1234.5"), "1.234,5"),
        (Decimal("NaN"), "NaN"),
        (float("nan"), "nan"),
        (3.3e-7, "3,3e-07"),
        (Money("-1,234.50 EUR"), "-1.234,50 EUR"),
        (date(2026, 3, 9), "09.03.2026"),
        (["a", 1.5, None], "a, 1,5, -"),
        ("half_up", "kaufmännisch"),
        ("floor", "nach unten"),
        ("solid", "solid"),
    ],
)
def test_values_are_written_as_germans_do(value, text):
    assert GERMAN.value(value) == text


def test_a_code_that_german_lacks_is_said_in_english_and_never_fails():
    lacking = Catalogue(
        {"line": "Zeile {label}"}, "de", words={"no": "nein"}, decimal=",", thousands=".", fallback=GERMAN
    )
    assert lacking["target"] == "Ziel"
    bare = Catalogue({}, "de", decimal=",", fallback=ENGLISH)
    assert Explanation("cap", 1, label="x", params={"limit": 2.5}).phrase(bare) == "x: at most 2,5"
    assert Explanation("of somebody else", 1, label="x").phrase(bare) == "x"
    assert Explanation("of somebody else", 1).phrase(bare) == "of somebody else"
    assert lacking.word("no") == "nein"
    assert lacking.word("yes") == "ja"


def test_a_host_replaces_phrases_and_words():
    own = GERMAN.adapted({"target": "Vorgabe", "mine": "eigene {label}"}, names={"revenue": "Umsatz"}, decimal="'")
    assert Explanation("target", 1).phrase(own) == "Vorgabe"
    assert Explanation("mine", 1.5, label="revenue").text(own) == "eigene Umsatz  1'5"
    assert Explanation("target", 1).phrase(GERMAN) == "Ziel"
    assert own.own == GERMAN.own | {"mine"}


def test_a_mapping_of_phrases_serves_and_english_says_the_rest():
    explained = Explanation(
        "pay", 1, label="p", relation="sum", parts=[Explanation("base", 1, label="b"), Explanation("target")]
    )
    assert explained.text({"base": "Grundgehalt"}).splitlines() == [
        "p               1",
        "├─ Grundgehalt  1",
        "└─ target       -",
    ]


def test_a_catalogue_is_a_mapping_frozen_and_pickles():
    assert set(GERMAN) == set(ENGLISH) | GERMAN.own
    assert len(GERMAN) == len(set(GERMAN))
    assert "target" in GERMAN
    assert "nothing" not in ENGLISH
    assert repr(Catalogue({"target": "objectif"}, "fr")) == "<Catalogue fr: 1 phrases>"
    assert dict(pickle.loads(pickle.dumps(GERMAN))) == dict(GERMAN)
    with pytest.raises(AttributeError):
        GERMAN.decimal = "."
    with pytest.raises(TypeError):
        GERMAN["target"] = "x"


def test_a_phrase_that_could_fail_is_refused_when_the_catalogue_is_made():
    with pytest.raises(DefinitionError, match="parameters in braces") as caught:
        Catalogue({"a": "{", "b": "{0}", "c": "{label.x}", "d": 5, "fine": "{{x}} {label}"}, "xx")
    assert len(caught.value.problems) == 4
    with pytest.raises(DefinitionError):
        GERMAN.adapted({"target": "{}"})
    assert Explanation("fine", 1, label="l").phrase(Catalogue({"fine": "{{x}} {label}"}, "xx")) == "{x} l"


def test_a_label_that_reads_like_an_option_stays_as_it_is():
    step = Explanation("goal", 0.5, label="product", params={"by": "product", "on": "salary"})
    assert step.phrase(GERMAN) == "product, Produkt der Teile"
    assert GERMAN.adapted(names={"product": "Ware"}).says("goal", "product", {"by": "sum"}) == "Ware, Summe der Teile"
    seen = Explanation("gate_open", 0, label="gate", params={"on": "salary", "seen": True})
    own = GERMAN.adapted(words={"yes": "wahr"}, names={"salary": "Gehalt"})
    assert seen.phrase(own) == "Schwelle: offen, Gehalt ist wahr"
    bare = Catalogue({}, "de", fallback=own)
    assert (bare.label("salary"), bare.word("salary"), bare.label("yes"), bare.word("yes")) == (
        "Gehalt",
        "Gehalt",
        "yes",
        "wahr",
    )
