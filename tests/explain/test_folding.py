"""A long explanation in few lines."""

import pytest

from perfkit import DefinitionError, Explanation, Metric, Money, Scorecard, Section
from perfkit.explain import GERMAN


def leaf(value, label="leaf"):
    return Explanation("line", value, label=label)


@pytest.fixture
def wide():
    return Explanation("pay", 5050, label="pay", relation="sum", parts=[leaf(n, f"line {n}") for n in range(1, 101)])


@pytest.fixture
def nested():
    bonus = Explanation("line", 6, label="bonus", relation="product", parts=[leaf(2, "base"), leaf(3, "rate")])
    return Explanation("pay", 7, label="pay", relation="sum", parts=[bonus, leaf(1, "extra")])


def test_what_is_left_out_of_a_sum_is_counted_and_added_up(wide):
    assert wide.text(rows=4).splitlines() == [
        "pay             5,050",
        "├─ line 1           1",
        "├─ line 2           2",
        "└─ ... 98 more  5,047",
    ]
    assert wide.text(GERMAN, rows=2).splitlines()[-1] == "└─ ... 100 weitere"


def test_money_that_is_left_out_is_money():
    lines = [leaf(Money.from_minor(n, "EUR")) for n in range(10)]
    whole = Explanation("pay", Money("0.45 EUR"), relation="sum", parts=lines)
    assert whole.folded(rows=3)["folded"].value == Money("0.45 EUR")


def test_what_is_left_out_of_a_product_is_multiplied():
    parts = [leaf(2), leaf(3), leaf(5), leaf(7)]
    folded = Explanation("pay", 210, label="p", relation="product", parts=parts).folded(rows=3)
    assert folded["folded"].value == 105
    folded.check()


def test_a_level_that_is_left_out_is_counted(nested):
    assert nested.text(depth=1).splitlines() == [
        "pay               7",
        "├─ bonus          6",
        "│  └─ ... 2 more",
        "└─ extra          1",
    ]
    assert nested.text(depth=0).splitlines() == ["pay            7", "└─ ... 4 more"]


def test_levels_are_shown_from_the_top_while_there_are_lines(nested):
    assert nested.text(rows=4) == nested.text(depth=1)
    assert nested.folded(rows=5) == nested
    assert nested.folded() is nested


def test_what_only_names_keeps_no_sum():
    named = Explanation("rating", "solid", parts=[leaf(1), leaf(2), leaf(3)])
    folded = named.folded(rows=3)
    assert folded["folded"].value is None
    assert folded["folded"].params == {"count": 2}


def test_hidden_parts_without_a_value_add_nothing():
    parts = [leaf(1), Explanation("line"), Explanation("line")]
    folded = Explanation("pay", 1, relation="sum", parts=parts).folded(rows=3)
    assert folded["folded"].value is None
    folded.check()
    empty_first = Explanation("pay", 1, relation="sum", parts=[Explanation("line"), leaf(1), leaf(0)]).folded(rows=3)
    assert empty_first.relation == "from"
    empty_first.check()


def test_markdown_and_html_fold_too(wide):
    assert wide.markdown(rows=3).splitlines()[-1] == "  - ... 99 more: **5,049**"
    assert "... 99 more" in wide.html(rows=3)
    huge = Explanation("pay", 20_000, label="pay", relation="sum", parts=[leaf(1)] * 20_000)
    assert len(huge._repr_html_()) < 300_000
    assert "... 19,002 more" in huge._repr_html_()


@pytest.mark.parametrize(
    "given", [{"depth": -1}, {"depth": 1.5}, {"depth": True}, {"rows": 1}, {"rows": 2.0}, {"rows": False}]
)
def test_a_measure_that_is_none_is_refused(wide, given):
    with pytest.raises(DefinitionError, match=next(iter(given))):
        wide.folded(**given)


def test_a_section_that_is_named_above_takes_no_line_and_no_level():
    metrics = [Metric("revenue", weight=1), Metric("churn", weight=1)]
    card = Scorecard("all", [Section("results", of=metrics, weight=1), Metric("csat", weight=1)])
    explained = card.score_one({"revenue": 1, "churn": 2, "csat": 3}).explain()
    lines = explained.text().splitlines()
    assert explained.text(rows=len(lines)) == explained.text()
    assert explained.text(depth=1).splitlines()[2] == "│  └─ ... 4 more"
    assert [line.split(":")[0] for line in explained.text(depth=2).splitlines()[2:4]] == [
        "│  ├─ revenue",
        "│  │  └─ ... 1 more",
    ]
    for rows in range(2, len(lines) + 1):
        assert len(explained.text(rows=rows).splitlines()) <= rows
