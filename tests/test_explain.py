"""Explanation: a tree whose parts give the number; the recorder and its silence."""

import json
import pickle
from datetime import date
from decimal import Decimal
from fractions import Fraction
from string import Formatter

import numpy as np
import pytest

from perfkit import Curve, Explanation, Metric, Money, PerfkitError, Scorecard, Section
from perfkit.explain import ENGLISH, SILENT, Recorder, as_fraction, value_text

F = Fraction


@pytest.fixture
def statement():
    return Explanation(
        "pay",
        Money("30.00 EUR"),
        label="bonus",
        relation="sum",
        parts=[
            Explanation(
                "line",
                Money("40.00 EUR"),
                label="target",
                relation="product",
                parts=[
                    Explanation("base", Money("100.00 EUR"), label="salary"),
                    Explanation("rate", F(2, 5), label="r"),
                ],
            ),
            Explanation("cap", Money("-10.00 EUR"), label="cap", params={"limit": Money("30.00 EUR")}),
        ],
    )


class TestComposition:
    def test_of_a_sum_and_a_product_holds(self, statement):
        statement.check()

    @pytest.mark.parametrize(
        ("relation", "value", "parts", "params"),
        [
            ("sum", 0.3, [0.1, 0.2], {}),
            ("sum", F(1), [F(1, 3), F(2, 3)], {}),
            ("sum", 5, [5, None], {}),
            ("product", 0.06, [0.2, 0.3], {}),
            ("affine", 7.0, [2.0], {"slope": 3, "intercept": 1}),
            ("affine", 7.0 + 1e-12, [2.0], {"slope": 3, "intercept": 1}),
            ("from", 99, [1, 2], {}),
            ("sum", None, [1, 2], {}),
            ("sum", 4, [], {}),
            ("sum", Decimal("0.3"), [Decimal("0.1"), Decimal("0.2")], {}),
        ],
    )
    def test_of_what_composes(self, relation, value, parts, params):
        Explanation(
            "x", value, relation=relation, params=params, parts=[Explanation("p", part) for part in parts]
        ).check()

    @pytest.mark.parametrize(
        ("relation", "value", "parts", "params"),
        [
            ("sum", 0.3, [0.1, 0.3], {}),
            ("product", 0.07, [0.2, 0.3], {}),
            ("affine", 7.1, [2.0], {"slope": 3, "intercept": 1}),
            ("sum", Money("1.00 EUR"), [Money("0.99 EUR")], {}),
        ],
    )
    def test_of_what_does_not_is_refused_by_name(self, relation, value, parts, params):
        wrong = Explanation(
            "x", value, relation=relation, params=params, parts=[Explanation("p", part) for part in parts]
        )
        with pytest.raises(PerfkitError, match=r"the explanation of 'x' does not compose: its parts give .* number is"):
            wrong.check()
        with pytest.raises(PerfkitError, match="of 'x'"):
            Explanation("top", 1, label="deep", parts=[wrong]).check()

    @pytest.mark.parametrize(
        "broken",
        [
            Explanation("x", 1, relation="affine", parts=[Explanation("y")], params={"slope": 1, "intercept": 0}),
            Explanation("x", float("nan"), relation="sum", parts=[Explanation("y", 1)]),
            Explanation("x", "a", relation="sum", parts=[Explanation("y", 1)]),
        ],
        ids=["no value", "nan", "text"],
    )
    def test_of_what_is_no_number_is_refused_by_name_and_never_a_raw_error(self, broken):
        with pytest.raises(PerfkitError):
            broken.check()


class TestTree:
    def test_a_part_is_found_by_label_or_code_at_any_depth(self, statement):
        assert statement["salary"].value == Money("100.00 EUR")
        assert statement["rate"].label == "r"
        assert statement["cap"].params == {"limit": Money("30.00 EUR")}
        with pytest.raises(KeyError):
            statement["bonus"]

    def test_it_is_walked_each_before_its_own_parts(self, statement):
        assert [part.code for part in statement.walk()] == ["pay", "line", "base", "rate", "cap"]

    def test_parameters_are_handed_out_as_a_copy(self, statement):
        statement["cap"].params["limit"] = None
        assert statement["cap"].params == {"limit": Money("30.00 EUR")}

    def test_it_is_frozen_and_pickles(self, statement):
        assert pickle.loads(pickle.dumps(statement)) == statement
        with pytest.raises(AttributeError):
            statement.value = 5

    def test_the_list_of_parts_stays_the_callers(self):
        parts = [Explanation("a", 1)]
        explained = Explanation("x", 1, parts=parts)
        parts.clear()
        assert len(explained.parts) == 1


class TestText:
    def test_is_one_line_a_part_with_the_values_in_one_column(self, statement):
        assert str(statement).splitlines() == [
            "bonus                       30.00 EUR",
            "├─ target                   40.00 EUR",
            "│  ├─ salary               100.00 EUR",
            "│  └─ rate (r)                    0.4",
            "└─ cap: at most 30.00 EUR  -10.00 EUR",
        ]

    def test_takes_the_phrases_of_a_catalogue(self, statement):
        german = {"base": "Grundgehalt", "cap": "höchstens {limit}"}
        text = statement.text(german)
        assert "Grundgehalt" in text
        assert "höchstens 30.00 EUR" in text

    def test_a_code_without_a_phrase_shows_its_label_or_itself(self):
        assert Explanation("mine", 1, label="my step").phrase() == "my step"
        assert Explanation("mine", 1).phrase() == "mine"

    def test_a_parameter_that_is_missing_shows_its_place(self):
        assert Explanation("cap", 1, label="cap").phrase() == "cap: at most {limit}"

    def test_a_section_that_is_named_above_is_not_named_twice(self):
        metrics = [Metric("revenue", weight=1), Metric("churn", weight=1)]
        card = Scorecard("all", [Section("results", of=metrics, weight=1), Metric("csat", weight=1)])
        text = card.score_one({"revenue": 1, "churn": 2, "csat": 3}).explain().text()
        assert sum(line.lstrip("│├└─ ").startswith("results") for line in text.splitlines()) == 1
        assert "revenue" in text

    def test_a_unit_follows_a_value(self):
        assert str(Explanation("actual", 5, label="revenue", unit="EUR")).endswith("5 EUR")
        assert str(Explanation("actual", None, label="revenue", unit="EUR")).endswith("-")

    def test_it_shows_itself_in_one_line(self, statement):
        assert repr(statement) == "<Explanation of 'bonus': 30.00 EUR, 2 parts>"
        assert repr(Explanation("mine")) == "<Explanation of 'mine': -, 0 parts>"

    @pytest.mark.parametrize("code", sorted(ENGLISH))
    def test_every_phrase_has_named_places_only(self, code):
        fields = [name for _, name, _, _ in Formatter().parse(ENGLISH[code]) if name is not None]
        assert all(name.isidentifier() for name in fields)

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (None, "-"),
            (True, "yes"),
            (False, "no"),
            (1320000, "1,320,000"),
            (0.5, "0.5"),
            (F(1, 4), "0.25"),
            (float("nan"), "nan"),
            (Money("1.00 EUR"), "1.00 EUR"),
            (["a", 1, None], "a, 1, -"),
            ((True,), "yes"),
            ("solid", "solid"),
            (date(2026, 1, 1), "2026-01-01"),
        ],
    )
    def test_values_are_for_people(self, value, text):
        assert value_text(value) == text


class TestNotebook:
    def test_html_folds_and_escapes(self, statement):
        html = statement._repr_html_()
        assert html.count("<details") == 2
        assert html.count("<details open") == 1
        assert "100.00 EUR" in html
        assert "&lt;b&gt;" in Explanation("mine", "<b>", label="<b>")._repr_html_()
        assert "<b><b>" not in Explanation("mine", "<b>", label="<b>")._repr_html_()


class TestPlainData:
    def test_goes_through_json(self, statement):
        data = json.loads(json.dumps(statement.to_dict()))
        assert data["value"] == {"minor": 3000, "currency": "EUR", "amount": "30.00"}
        assert data["parts"][0]["relation"] == "product"
        assert data["parts"][1]["params"]["limit"]["minor"] == 3000
        assert data["parts"][0]["parts"][1]["value"] == 0.4

    @pytest.mark.parametrize(
        ("value", "data"),
        [
            (F(1, 3), {"near": "0.333333", "exact": "1/3"}),
            (F(1, 4), 0.25),
            (date(2026, 1, 1), "2026-01-01"),
            (("a", F(1, 2)), ["a", 0.5]),
            ("solid", "solid"),
            (None, None),
            (True, True),
        ],
    )
    def test_values_are_plain(self, value, data):
        assert Explanation("x", value).to_dict()["value"] == data

    @pytest.mark.parametrize("value", [np.int64(1), np.float64(0.5), np.bool_(True), Decimal("1.5"), F(10**400, 3)])
    def test_every_value_a_recorder_takes_goes_through_json(self, value):
        json.dumps(Explanation("x", value).to_dict())

    def test_of_a_score_go_through_json(self):
        card = Scorecard("c", [Metric("x", target=3, curve=Curve.through((0, 0), (1, 1)))])
        json.dumps(card.score_one({"x": 2}).explain().to_dict(), allow_nan=False)


class TestRecorder:
    def test_is_true_and_silence_is_false(self):
        assert Recorder()
        assert not SILENT

    def test_collects_parts_in_their_order(self):
        record = Recorder("line", "bonus")
        record.leaf("base", 3, label="a", unit="EUR", note=1)
        record.part("rate", label="b").says(value=4)
        record.says(value=7, relation="sum", unit="EUR")
        record.says("pay", extra=2)
        explained = record.explanation()
        assert (explained.code, explained.label, explained.value, explained.unit) == ("pay", "bonus", 7, "EUR")
        assert explained.params == {"extra": 2}
        assert [(part.label, part.value, part.unit) for part in explained.parts] == [("a", 3, "EUR"), ("b", 4, "")]
        assert explained["a"].params == {"note": 1}
        assert record.relation == "sum"
        assert record.exact_part() == 4
        explained.check()

    def test_wraps_the_parts_so_far(self):
        record = Recorder()
        record.leaf("base", F(1, 3))
        record.leaf("rate", 3)
        record.says(relation="product")
        record.wrap("unrounded", F(1))
        record.leaf("rounding", 0)
        record.says(value=1, relation="sum")
        explained = record.explanation()
        assert [part.code for part in explained.parts] == ["unrounded", "rounding"]
        assert explained["unrounded"].relation == "product"
        explained.check()

    def test_forgets_the_parts_so_far(self):
        record = Recorder()
        record.leaf("base", 3)
        record.drop_parts()
        assert record.explanation().parts == ()

    def test_silence_takes_everything_and_keeps_nothing(self):
        assert SILENT.part("line", label="x") is SILENT
        assert SILENT.leaf("base", 3, label="a", unit="EUR", note=1) is None
        assert SILENT.says("pay", value=1, relation="sum") is None
        assert SILENT.wrap("unrounded", 1) is None
        assert SILENT.drop_parts() is None
        assert SILENT.relation == "from"


@pytest.mark.parametrize(
    ("value", "number"),
    [(0.1, F(1, 10)), (3, F(3)), (F(1, 3), F(1, 3)), (Money("1.10 EUR"), F(11, 10)), (Money(5, "JPY"), F(5))],
)
def test_a_value_is_the_exact_number_it_stands_for(value, number):
    assert as_fraction(value) == number
