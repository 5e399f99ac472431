"""The laws of explanations: a row's is the batch's number, and folded, redacted and compared ones still add up."""

import json
from fractions import Fraction
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkit import (
    Cap,
    Commission,
    Curve,
    Explanation,
    Gate,
    IncentivePlan,
    Metric,
    Money,
    PaySection,
    Prorate,
    RatingScale,
    Scorecard,
    Section,
    TargetBonus,
    minor_units,
)
from perfkit.explain import GERMAN, as_fraction

NUMBERS = st.fractions(min_value=-100, max_value=100, max_denominator=50)
LABELS = st.sampled_from(["", "ana", "ben", "sales", "quality"])
CODES = st.sampled_from(["line", "base", "rate", "mine"])


@st.composite
def explanations(draw, depth=2):
    """A tree that composes: leaves, sums, products, shares and what only names."""
    label, code = draw(LABELS), draw(CODES)
    relation = draw(st.sampled_from(["leaf", "sum", "product", "affine", "from"])) if depth else "leaf"
    if relation == "leaf":
        value = draw(
            st.one_of(NUMBERS, st.integers(-50, 50).map(lambda n: n / 4), st.just("solid") if depth == 2 else NUMBERS)
        )
        return Explanation(code, value, label=label)
    parts = draw(
        st.lists(
            explanations(depth=depth - 1).filter(lambda part: not isinstance(part.value, str)), min_size=1, max_size=4
        )
    )
    exact = [as_fraction(part.value) for part in parts]
    if relation == "affine":
        slope, intercept = draw(NUMBERS), draw(NUMBERS)
        value = slope * exact[0] + intercept
        return Explanation(
            "contribution",
            value,
            label=label,
            relation="affine",
            parts=parts[:1],
            params={"score": exact[0], "slope": slope, "intercept": intercept},
        )
    value = {"sum": sum(exact), "product": prod(exact), "from": draw(NUMBERS)}[relation]
    return Explanation(code, value, label=label, relation=relation, parts=parts, params={"note": draw(LABELS)})


def size(explanation):
    return sum(1 for _ in explanation.walk())


@settings(deadline=None)
@given(explanations(), st.integers(0, 4), st.integers(2, 30))
def test_a_folded_explanation_adds_up_and_counts_what_it_hides(explanation, depth, rows):
    for folded in (
        explanation.folded(depth=depth),
        explanation.folded(rows=rows),
        explanation.folded(depth=depth, rows=rows),
    ):
        folded.check()
        assert (folded.value, folded.code, folded.label) == (explanation.value, explanation.code, explanation.label)
        marks = [part for part in folded.walk() if part.code == "folded"]
        hidden = sum(mark.params["count"] for mark in marks)
        assert size(folded) - len(marks) + hidden == size(explanation)
    assert size(explanation.folded(rows=rows)) <= rows
    assert explanation.folded(rows=size(explanation) + 1) == explanation


@settings(deadline=None)
@given(explanations(), st.sets(st.sampled_from(["ana", "ben", "sales"])), st.sets(CODES, max_size=2), st.booleans())
def test_a_redacted_explanation_adds_up_and_tells_nothing_that_is_hidden(explanation, labels, codes, merge):
    redacted = explanation.redacted(labels=labels, codes=codes, merge=merge)
    redacted.check()
    assert redacted.value == explanation.value
    assert not {part.label for part in redacted.walk()} & labels
    assert not {part.code for part in redacted.walk()} & codes
    changed = any(part.label in labels or part.code in codes for part in explanation.walk())
    assert any(part.code.startswith("redacted") for part in redacted.walk()) == changed
    bare = explanation.redacted(labels=labels, codes=codes, merge=merge, values=False)
    bare.check()
    assert all(part.value is None for part in bare.walk() if part.code.startswith("redacted"))


@settings(deadline=None)
@given(explanations(), st.sampled_from(["ana", "ben", "sales"]))
def test_a_name_that_is_hidden_stands_nowhere(explanation, name):
    redacted = explanation.redacted(names=name)
    redacted.check()
    assert name not in redacted.text()
    assert name not in json.dumps(redacted.to_dict(), ensure_ascii=False)


@settings(deadline=None)
@given(explanations(), explanations())
def test_the_parts_of_a_difference_add_up_to_the_change(before, after):
    difference = before.difference(after)
    difference.check()
    if isinstance(before.value, str) or isinstance(after.value, str):
        assert difference.value is None
    else:
        assert as_fraction(difference.value) == as_fraction(after.value) - as_fraction(before.value)
    difference.text()
    difference.html(GERMAN)


@settings(deadline=None)
@given(explanations())
def test_nothing_differs_from_itself(explanation):
    assert explanation.difference(explanation).parts == ()


@settings(deadline=None)
@given(explanations())
def test_an_explanation_comes_back_from_json(explanation):
    back = Explanation.from_dict(json.loads(json.dumps(explanation.to_dict())))
    back.check()
    assert back.to_dict() == explanation.to_dict()
    for catalogue in (None, GERMAN):
        given = [] if catalogue is None else [catalogue]
        assert back.text(*given) == explanation.text(*given)
        assert back.markdown(*given) == explanation.markdown(*given)


# The explanation of a row is the batch's number.

CARD = Scorecard(
    "card",
    [
        Section(
            "results",
            weight=70,
            of=[
                Metric(
                    "revenue", weight=80, target="quota", curve=Curve.through((0.8, 0), (1, 1), (1.2, 2), below=-0.5)
                ),
                Metric("churn", weight=20, target=0.05, lower_is_better=True),
            ],
        ),
        Metric("csat", weight=30, curve=Curve.through((3, 0), (4, 1), (5, 1.5))),
    ],
)
PLAN = IncentivePlan(
    "plan",
    currency="EUR",
    pays=[
        PaySection(
            "bonus",
            pays=[TargetBonus(base="salary", rate=0.15, multiplier="score")],
            then=[Prorate(by="months", of=12)],
        ),
        Commission(on="bookings", curve=Curve.marginal((0, 0.02), (500_000, 0.03))),
    ],
    then=[Gate(on="compliant"), Cap(0.3, of="salary")],
)
SCALE = RatingScale("below", solid=0.8, strong=1.2)


def people(seed, n):
    """Random rows, some without a value here and there."""
    draw = np.random.default_rng(seed)
    gap = draw.random((3, n)) < 0.15
    scored = {
        "revenue": np.where(gap[0], np.nan, draw.lognormal(14, 0.2, n)),
        "quota": np.full(n, 1_200_000.0),
        "churn": np.where(gap[1], np.nan, draw.uniform(0, 0.2, n)),
        "csat": np.where(gap[2], np.nan, draw.uniform(2, 5, n)),
    }
    paid = {
        "salary": minor_units(np.round(draw.uniform(20_000, 150_000, n), 2), "EUR"),
        "bookings": minor_units(np.round(draw.uniform(0, 1_500_000, n), 2), "EUR"),
        "months": draw.integers(0, 13, n),
        "compliant": draw.random(n) < 0.9,
        "score": np.round(draw.uniform(0, 2, n), 6),
    }
    return scored, paid


def check_score(scores, row):
    explained = scores.explain(row)
    explained.check()
    value = float(scores.values[row])
    assert explained.value is None if np.isnan(value) else float(explained.value) == value


def check_rating(ratings, row):
    explained = ratings.explain(row)
    explained.check()
    assert explained.value == ratings.labels[row]


def check_payout(payouts, row):
    explained = payouts.explain(row)
    explained.check()
    assert explained.value == Money.from_minor(int(payouts.minor[row]), "EUR")


def test_the_explanation_of_each_of_ten_thousand_rows_is_the_number_of_the_batch():
    n = 10_000
    scored, paid = people(11, n)
    scores, payouts = CARD.score(scored), PLAN.pay(paid)
    ratings = SCALE.rate(scores)
    for row in range(n):
        # Every kind has its third of the rows.
        check, batch = ((check_score, scores), (check_rating, ratings), (check_payout, payouts))[row % 3]
        check(batch, row)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_the_explanation_of_a_row_is_the_number_of_the_batch(seed, n):
    scored, paid = people(seed, n)
    scores, payouts = CARD.score(scored), PLAN.pay(paid)
    for row in range(n):
        check_score(scores, row)
        check_rating(SCALE.rate(scores), row)
        check_payout(payouts, row)
    for row in range(1, n):
        for before, after in ((scores.explain(0), scores.explain(row)), (payouts.explain(0), payouts.explain(row))):
            change = before.difference(after)
            change.check()
            if before.value is not None and after.value is not None:
                assert as_fraction(change.value) == as_fraction(after.value) - as_fraction(before.value)
            for shown in (after.folded(rows=6), after.redacted(codes=["base", "actual"], merge=True)):
                shown.check()


@pytest.mark.parametrize("row", range(4))
def test_an_explanation_reads_alike_after_json(row):
    scored, paid = people(5, 4)
    for explained in (CARD.score(scored).explain(row), PLAN.pay(paid).explain(row)):
        back = Explanation.from_dict(json.loads(json.dumps(explained.to_dict(), allow_nan=False)))
        back.check()
        assert back.text(GERMAN) == explained.text(GERMAN)
        assert Fraction(as_fraction(back.value or 0)) == as_fraction(explained.value or 0)
