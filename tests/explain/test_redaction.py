"""The employee's view: what is hidden leaves a mark and the parts still give the number."""

import json
import re
from fractions import Fraction

import pytest

from perfkit import DefinitionError, Explanation, Money
from perfkit.explain import GERMAN


@pytest.fixture
def award():
    worth = Explanation(
        "line",
        2,
        label="worth of a point",
        relation="from",
        parts=[Explanation("base", 1_000_000, label="pool"), Explanation("base", 500_000, label="points of all")],
    )
    return Explanation(
        "pay", Money("600.00 EUR"), label="bonus", relation="product",
        parts=[Explanation("base", 300, label="points", params={"from": "Ben Ito", "of": ["Ana", "Ben Ito"]}), worth],
    )  # fmt: skip


def test_a_hidden_part_says_so_and_keeps_its_value_where_that_is_needed(award):
    hidden = award.redacted(labels="worth of a point")
    hidden.check()
    assert hidden.text().splitlines() == [
        "bonus         600.00 EUR",
        "├─ points            300",
        "└─ not shown           2",
    ]
    assert "nicht gezeigt" in hidden.text(GERMAN)


def test_values_of_hidden_parts_can_be_taken_away_where_a_number_needs_them(award):
    hidden = award.redacted(labels="worth of a point", values=False)
    hidden.check()
    assert hidden.text().splitlines() == ["bonus         600.00 EUR", "├─ points            300", "└─ not shown"]
    assert hidden.relation == "from"
    both = award.redacted(labels=["worth of a point", "points"], values=False, merge=True)
    assert [(part.code, part.value) for part in both.parts] == [("redacted_parts", None)]
    assert award.redacted(labels="bonus", values=False).value is None
    line = Explanation(
        "curve", 5.0, relation="affine", params={"slope": 2, "intercept": 1}, parts=[Explanation("base", 2, label="x")]
    )
    told = json.dumps(line.redacted(labels="x", values=False).to_dict(), ensure_ascii=False)
    assert '"slope": "███"' in told
    assert '"intercept": "███"' in told


def test_a_part_that_was_only_read_keeps_no_value(award):
    hidden = award.redacted(labels=["pool", "points of all"])
    hidden.check()
    assert hidden.text().splitlines()[2:] == [
        "└─ worth of a point           2",
        "   ├─ not shown",
        "   └─ not shown",
    ]
    assert "1000000" not in json.dumps(hidden.to_dict())


def test_parts_are_hidden_by_code_or_by_a_test_of_ones_own(award):
    assert award.redacted(codes={"base"})["redacted"].value == 300
    big = award.redacted(where=lambda part: part.value == 1_000_000)
    assert [part.code for part in big["worth of a point"].parts] == ["redacted", "base"]


def test_merged_parts_are_one_with_what_they_come_to():
    peers = [Explanation("line", Money(n, "EUR"), label=f"peer {n}") for n in (10, 20, 30)]
    total = Explanation(
        "pay",
        Money("65.00 EUR"),
        label="pool",
        relation="sum",
        parts=[*peers, Explanation("line", Money(5, "EUR"), label="mine")],
    )
    view = total.redacted(labels={"peer 10", "peer 20", "peer 30"}, merge=True)
    view.check()
    assert view.text().splitlines() == [
        "pool                  65.00 EUR",
        "├─ 3 parts not shown  60.00 EUR",
        "└─ mine                5.00 EUR",
    ]
    units = [Explanation("line", 1, unit="EUR"), Explanation("line", 2, unit="EUR")]
    assert Explanation("pay", 3, relation="sum", parts=units).redacted(codes="line", merge=True).parts[0].unit == "EUR"


def test_a_share_gives_nothing_away_when_merged_or_when_a_parameter_is_hidden():
    part = Explanation(
        "contribution", 0.5, label="csat", relation="affine", parts=[Explanation("curve_above", 1, label="inner")],
        params={"score": 1, "weight": 50, "weights": 100, "slope": 0.5, "intercept": 0},
    )  # fmt: skip
    merged = part.redacted(labels="inner", merge=True)
    merged.check()
    assert merged.relation == "from"
    assert merged.parts[0].value is None
    assert merged.phrase() == "csat: ███ at weight ███ of ███"
    assert set(merged.params.values()) == {"███"}
    assert part.redacted(labels="inner").relation == "affine"
    hidden = part.redacted(params={"weight", "weights"})
    hidden.check()
    assert hidden.phrase() == "csat: 1 at weight ███ of ███"
    assert hidden.params["slope"] == "███"


def test_names_are_blacked_out_as_whole_words_wherever_they_stand(award):
    view = award.redacted(names=["Ben", "Ben Ito"])
    assert view["points"].params == {"from": "███", "of": ("Ana", "███")}
    told = Explanation("line", "for Ben", label="Ben's share of Benning").redacted(names="Ben")
    assert (told.label, told.value) == ("███'s share of Benning", "for ███")


def test_the_whole_can_be_hidden_and_keeps_its_value(award):
    view = award.redacted(labels="bonus")
    assert (view.code, view.value, view.parts) == ("redacted", Money("600.00 EUR"), ())


def test_nothing_hidden_is_nothing_changed(award):
    assert award.redacted() == award
    assert award.redacted(labels="somebody else") == award


@pytest.mark.parametrize("given", [{"labels": ""}, {"codes": [" "]}, {"params": [5]}, {"names": ["Ana", ""]}])
def test_an_empty_text_is_refused(award, given):
    with pytest.raises(DefinitionError, match=next(iter(given))):
        award.redacted(**given)


# What is hidden is nowhere.

SECRETS = {"salary": 48_611, "bonus rate": 7_919, "peer": 104_729}


def told_everywhere(explanation):
    """All that somebody who is given an explanation can read, in any form."""
    told = [explanation.text(), explanation.text(GERMAN), explanation.markdown(), explanation.html(), repr(explanation)]
    told += [
        json.dumps(explanation.to_dict()),
        explanation.waterfall(),
        str([part.params for part in explanation.walk()]),
    ]
    told += [repr(part) for part in explanation.walk()] + [str(explanation.folded(rows=3))]
    if explanation.relation == "sum":
        told += [explanation.difference(explanation).text()]
    return "\n".join(told)


def with_secrets(relation):
    parts = [Explanation("base", value, label=name) for name, value in SECRETS.items()]
    inner = Explanation("line", None, label="inner", relation="from", parts=parts)
    if relation != "from":
        whole = sum(SECRETS.values()) if relation == "sum" else 48_611 * 7_919 * 104_729
        inner = Explanation("line", whole, label="inner", relation=relation, parts=parts)
    # A step above speaks of them in its own parameters.
    params = {"seen": 48_611, "before": 104_729, "note": "as ana has it", "limit": 5, "of": ("ana", "ben")}
    return Explanation("gate_closed", inner.value, label="award of ana", params={"on": "x", **params}, parts=[inner])


@pytest.mark.parametrize("relation", ["from", "sum", "product"])
def test_a_hidden_value_is_in_no_form_of_the_explanation(relation):
    whole = with_secrets(relation)
    assert "48,611" in told_everywhere(whole)
    hidden = whole.redacted(labels=list(SECRETS), names=["ana", "ben"], merge=True)
    told = told_everywhere(hidden)
    for name, value in SECRETS.items():
        assert name not in told
        for form in (str(value), f"{value:,}", f"{value:,}".replace(",", ".")):
            assert form not in told
    assert not re.search(r"\b(ana|ben)\b", told)
    hidden.check()
    assert hidden.params["limit"] == 5


def test_a_share_whose_part_is_hidden_tells_it_in_no_form():
    part = Explanation("base", 48_611, label="salary")
    share = Explanation(
        "contribution",
        4861.1,
        label="pay",
        relation="affine",
        parts=[part],
        params={"score": 48_611, "weight": 3, "weights": 30, "slope": Fraction(1, 10), "intercept": 0},
    )
    told = told_everywhere(share.redacted(labels="salary", merge=True))
    assert "48611" not in told
    assert "48,611" not in told
    assert "1/10" not in told


def test_a_parameter_that_is_a_hidden_value_goes_with_it():
    read = Explanation("base", 48_611, label="salary")
    step = Explanation("raise", 500, label="raise", params={"before": 48_611, "after": 49_111}, parts=[read])
    hidden = step.redacted(labels="salary")
    assert hidden.params == {"before": "███", "after": 49_111}
    assert step.redacted(labels="other").params == step.params
