"""What a notebook shows of every public value: well-formed, escaped, without scripts, of a size to be looked at."""

import inspect
from datetime import date
from fractions import Fraction
from html.parser import HTMLParser

import numpy as np
import pytest

import perfkit
from perfkit import (
    Cap,
    CheckIn,
    CheckIns,
    Commission,
    Curve,
    Deferral,
    Draw,
    Explanation,
    Finding,
    FlatAmount,
    Gate,
    Goal,
    GoalTree,
    IncentivePlan,
    Ledger,
    Metric,
    Money,
    PaySection,
    Period,
    Prorate,
    RatingScale,
    Rounding,
    Scorecard,
    Section,
    Segment,
    TargetBonus,
    Timeline,
    Weights,
)
from perfkit._core import notebook

EVIL = "<b>&\"'</b>"
ESCAPED = "&lt;b&gt;&amp;&quot;&#x27;&lt;/b&gt;"


class Balanced(HTMLParser):
    """Counts that every tag is closed in its turn, and collects the text."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.told = [], [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open and data.strip():
            self.told.append(data.strip())


def read(value):
    parser = Balanced()
    parser.feed(value._repr_html_())
    parser.close()
    assert parser.open == []
    assert not {"script", "link", "iframe", "img"} & set(parser.seen)
    return parser.told


CARD = Scorecard(
    EVIL,
    [
        Section(
            "results",
            weight=70,
            of=[
                Metric(
                    "revenue",
                    weight=80,
                    target="quota",
                    column="sold",
                    unit="EUR",
                    curve=Curve.through((0.8, 0), (1, 1)),
                ),
                Metric("churn", weight=20, target=0.05, lower_is_better=True),
                Metric("logos", weight=20, target=9, baseline=3, missing="carry", last="logos_before"),
            ],
        ),
        Metric("csat", weight=30),
    ],
    missing="zero",
)
ROW = {"sold": 95, "quota": 100, "churn": 0.04, "logos": 6, "logos_before": 5, "csat": 1.0}
PLAN = IncentivePlan(
    "plan",
    currency="EUR",
    pays=[
        PaySection(
            EVIL, pays=[TargetBonus(base="salary", rate=0.15, multiplier="score")], then=[Prorate(by="months", of=12)]
        ),
        Commission(on="bookings", curve=Curve.marginal((0, 0.02), (500_000, 0.03))),
    ],
    then=[Gate(on="compliant"), Cap(0.5, of="salary")],
)
PAID = {
    "salary": [6_000_000, 7_000_000],
    "score": [1, 0.9],
    "months": [12, 6],
    "bookings": [0, 100_000_00],
    "compliant": [True, False],
}


def paid(n=1, plan=PLAN):
    return plan.pay({name: np.tile(column, n) for name, column in PAID.items()})


LEDGER = Ledger("EUR", ["ana", EVIL], {"draw.owed": [100, 0], "cap.held": [0, 250]})
TIMELINE = Timeline(
    [
        Segment(date(2026, 1, 1), date(2026, 4, 30), {"salary": Money("5,000 EUR"), "who": EVIL}),
        Segment(date(2026, 6, 1), date(2026, 12, 31), {"salary": Money("6,000 EUR")}, working_time=0.8, plan=PLAN),
    ]
)
SCALE = RatingScale.from_floors(EVIL, {"solid": 0.8, "strong": 1.2})
TREE = GoalTree([Goal("top", title=EVIL, owner="ana", period=Period.year(2026), children=[Goal("a", target=1)])])

VALUES = {
    "scorecard": CARD,
    "section": CARD.sections[0],
    "metric": Metric(EVIL, target=5, missing="zero"),
    "scores": CARD.score({name: [value, value] for name, value in ROW.items()}),
    "score": CARD.score_one(ROW),
    "rating scale": SCALE,
    "ratings": SCALE.rate([0.1, 0.9, np.nan]),
    "rating": SCALE.rate_one(0.1),
    "curve": Curve.marginal((0, 0.02), (500_000, 0.03)),
    "weights": Weights({EVIL: 80, "churn": 20}),
    "plan": PLAN,
    "payouts": paid(),
    "payout": paid()[0],
    "timeline payout": IncentivePlan(EVIL, currency="EUR", pays=[FlatAmount("salary")]).pay_timeline(
        Timeline([Segment(date(2026, 1, 1), date(2026, 6, 30), {"salary": Money("5,000 EUR")})]),
        date(2026, 1, 1),
        date(2026, 12, 31),
    ),
    "timeline": TIMELINE,
    "ledger": LEDGER,
    "money": Money("11,738.85 EUR"),
    "check-ins": CheckIns([CheckIn(EVIL, date(2026, 3, 31), n, confidence=0.5) for n in range(12)]),
    "goal": Goal(EVIL, target=5, period=Period.year(2026)),
    "cap": Cap(0.5, of="salary"),
    "rounding": Rounding(),
    "finding": Finding("orphan", goal=EVIL),
    "segment": TIMELINE.segments[0],
    "explanation": Explanation("line", 1, label=EVIL),
    "goal tree": TREE,
    "goal report": TREE.roll_up({"a": 1}),
    "brief": TREE.brief("ana"),
    "findings": PLAN.lint(
        {"bookings": (0, 1_000_000)}, given={"salary": 6_000_000, "score": 1, "months": 12, "compliant": True}
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_shows_itself_well_formed_and_escaped(name):
    assert read(VALUES[name])
    html = VALUES[name]._repr_html_()
    assert EVIL not in html
    if name in {
        "scorecard",
        "metric",
        "scores",
        "rating scale",
        "plan",
        "timeline",
        "ledger",
        "explanation",
        "goal tree",
    }:
        assert ESCAPED in html


def test_every_public_value_shows_itself():
    silent = [
        name
        for name in perfkit.__all__
        if inspect.isclass(getattr(perfkit, name))
        and not issubclass(getattr(perfkit, name), Exception)
        and not hasattr(getattr(perfkit, name), "_repr_html_")
    ]
    assert silent == [], "give each of these _repr_html_ = definition, of perfkit._core.notebook"


def test_a_definition_shows_what_it_says_beyond_its_defaults():
    assert read(Cap(0.5, of="salary")) == ["cap", "limit", "0.5", "of", "salary"]
    assert read(Cap(0.5, name="top")) == ["top", "· cap", "limit", "0.5"]
    assert read(Rounding()) == ["rounding", "everything at its default"]
    assert read(Period.year(2026))[:2] == ["period", "· 2026-01-01 to 2026-12-31"]


def test_check_ins_show_the_first_of_them():
    told = read(VALUES["check-ins"])
    assert told[:2] == ["check-ins", "· 12 of 1 goal"]
    assert told[6:10] == [EVIL, "2026-03-31", "0", "0.5"]
    assert told[-1] == "... 2 more"


def test_a_scorecard_shows_what_each_part_weighs_measures_and_says():
    told = read(CARD)
    assert told[:3] == [EVIL, "· 4 metrics", "· missing zero"]
    assert {"46.7 %", "11.7 %", "30.0 %", "attainment of quota EUR", "progress from 3 to 9", "the value"} <= set(told)
    assert "column sold, curve x < 0.8: 0; 0.8 <= x < 1: 0 to 1; 1 <= x: 1" in told
    assert "lower is better" in told
    assert "missing carry, last logos_before" in told
    wide = Scorecard("wide", [Metric(f"m{n}") for n in range(600)])
    assert read(wide)[-1] == "... 100 more"
    assert read(Section("by itself", of=[Metric("x", unit="EUR")]))[-1] == "the value in EUR"


def test_scores_show_their_distribution_and_the_first_of_them():
    values = np.linspace(0, 1, 101)
    values[7] = np.nan
    told = read(Scorecard("card", [Metric("x")]).score({"x": values}))
    assert told[:2] == ["card", "· scores of 101 rows"]
    assert "0, 0.505, 1" in told
    assert "99.0 % of the weight on average" in told
    assert told[told.index("without a score") + 1] == "1 row"
    assert told[-1] == "... 91 more"
    assert "-" in told
    assert any("0.1 to 0.15: 5" in title for title in told)


def test_scores_of_nobody_and_of_one_show_what_there_is():
    card = Scorecard("card", [Metric("x")])
    assert read(card.score({"x": []})) == ["card", "· scores of 0 rows"]
    assert "<svg" not in card.score({"x": [1]})._repr_html_()
    assert "without a score" in read(card.score({"x": [np.nan]}))
    assert read(card.score_one({"x": np.nan}))[:2] == ["card: -", "· coverage 0%"]


def test_payouts_show_their_total_and_who_is_paid_nothing():
    told = read(paid(10))
    assert told[told.index("total") + 1] == str(paid(10).total)
    assert told[told.index("paid nothing") + 1] == "10 rows"
    assert told[-1] == "... 10 more"
    assert read(PLAN.pay({name: [] for name in PAID})) == ["plan", "· payouts of 0 rows", "total", "0.00 EUR"]


def test_payouts_of_a_plan_that_carries_show_its_accounts():
    plan = IncentivePlan(
        "draw", currency="EUR", pays=[FlatAmount("earned")], carry=[Draw(1_000), Deferral(0.5, over=1)]
    )
    payouts, ledger = plan.pay_period({"who": ["ana"], "earned": [40_000]}, Ledger("EUR"), key="who")
    assert {"draw.owed", "deferral.held.1", "600.00 EUR"} <= set(read(payouts))
    assert {"ana", "owed in all", "600.00 EUR"} <= set(read(ledger))
    assert {"carry", "draw", "deferral"} <= set(read(plan))
    assert read(Ledger("EUR"))[:2] == ["ledger in EUR", "· 0 people"]


def test_a_plan_shows_its_lines_in_their_order():
    told = read(PLAN)
    assert told[:2] == ["plan", "· EUR"]
    assert "base salary, rate 0.15, multiplier score" in told
    assert (
        "on bookings, curve x < 0: 0; 0 <= x < 500,000: 0 to 10,000; 500,000 <= x: 10,000 and 0.03 for each 1 above"
        in told
    )
    assert "limit 0.5, of salary" in told
    assert told[-1] == "salary, score, months, bookings, compliant"


def test_a_policy_of_somebody_else_shows_its_name_and_kind():
    class Thank:
        name = "thanks"

        def needs(self):
            return ()

        def award(self, rows, currency, record):
            return np.full(rows.n, 100)

    told = read(IncentivePlan("p", currency="EUR", pays=[Thank()]))
    assert {"thanks", "thank"} <= set(told)
    assert "reads" not in told
    many = IncentivePlan("p", currency="EUR", pays=[FlatAmount(1, name=f"line {n}") for n in range(250)])
    assert "... 50 more" in read(many)


def test_what_was_changed_since_says_so_in_place_of_an_explanation():
    x = np.array([1.0, 2.0])
    scores = Scorecard("card", [Metric("x")]).score({"x": x})
    score, rating = scores[0], SCALE.rate(scores)[0]
    x.flags.writeable = True
    x[0] = 5.0
    assert "score again" in read(score)[-1]
    assert "score again" in read(rating)[-1]
    salary = np.array([100_00])
    payouts = IncentivePlan("plan", currency="EUR", pays=[FlatAmount("salary")]).pay({"salary": salary})
    salary.flags.writeable = True
    salary[0] = 1
    assert "pay again" in read(payouts[0])[-1]


def test_ratings_show_how_many_have_each_level():
    told = read(SCALE.rate([0.1, 0.9, 0.95, np.nan]))
    assert told[1] == "· 4 rows"
    assert told[-9:] == ["solid", "2", "50.0 %", EVIL, "1", "25.0 %", "no score", "1", "25.0 %"]
    assert read(SCALE.rate([]))[1] == "· 0 rows"
    assert read(SCALE.rate_one(float("nan")))[0] == "not rated"
    assert read(SCALE)[2:] == ["level", "from", "strong", "1.2", "solid", "0.8", EVIL]


def test_a_timeline_shows_where_each_segment_lies_and_the_gaps():
    told = read(TIMELINE)
    assert told[:3] == ["2026-01-01 to 2026-12-31", "· 2 segments", "· 31 days in no segment"]
    assert "salary 6,000.00 EUR, plan plan" in told
    assert "80 %" in told
    html = TIMELINE._repr_html_()
    assert "left:0.0%;width:32.9%" in html
    assert "left:41.4%;width:58.6%" in html


def test_weights_and_curves_of_many_parts_are_cut_and_counted():
    assert read(Weights.equal([f"m{n}" for n in range(250)]))[-1] == "... 150 more"
    assert "... 61 more" in read(Curve.steps(*((n, n + 1) for n in range(100))))


def test_a_million_rows_show_in_little_html():
    n = 1_000_000
    values = np.random.default_rng(3).lognormal(0, 0.3, n)
    scores = Scorecard("card", [Metric("x")]).score({"x": values})
    payouts = IncentivePlan("plan", currency="EUR", pays=[FlatAmount("pay")]).pay(
        {"pay": (values * 1e6).astype(np.int64)}
    )
    for shown in (scores, payouts, SCALE.rate(scores)):
        assert len(shown._repr_html_()) < 20_000
        assert any("1,000,000 rows" in told for told in read(shown))


# The pieces.


@pytest.mark.parametrize(
    ("values", "first", "last"),
    [
        ([0, 10], "0", "10.5"),
        ([5, 5, 5], "2.5", "7.5"),
        ([0, 0], "-0.5", "0.5"),
        ([-3, np.nan, 7], "-3", "7.5"),
        ([1e12, 3e12], "1,000,000,000,000", "3,100,000,000,000"),
        ([1e-6, 2e-6], "0.000001", "0.00000205"),
    ],
)
def test_bars_lie_between_round_numbers_and_hold_every_value(values, first, last):
    svg = notebook.distribution(values, lambda x: f"{x:,.8f}".rstrip("0").rstrip("."))
    parser = Balanced()
    parser.feed(svg)
    assert first in parser.told
    assert last in parser.told
    counts = [int(title.rsplit(": ", 1)[1]) for title in parser.told if " to " in title]
    assert sum(counts) == int(np.isfinite(values).sum())


def test_no_distribution_is_drawn_of_fewer_than_two_values():
    assert notebook.distribution([], str) == ""
    assert notebook.distribution([1, np.nan], str) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"),
        (False, "no"),
        (0.5, "0.5"),
        (Fraction(3, 20), "0.15"),
        (tuple(range(9)), "0, 1, 2, 3, 4, 5 and 3 more"),
        (date(2026, 1, 2), "2026-01-02"),
        (Rounding(to=100), "rounding (to 100)"),
        (Rounding(), "rounding"),
        (TargetBonus("salary", 0.1), "target bonus (base salary, rate 0.1)"),
        ("a\nb", "a b"),
        (Period.year(2026), "2026-01-01 to 2026-12-31"),
        (Goal("arr", target=5, children=[Goal("emea", target=5)]), "goal arr"),
        (PaySection("b", pays=[FlatAmount(5)]), "pay section (name b, pays flat amount)"),
        ([FlatAmount(5), "x"], "flat amount (amount 5), x"),
        (np.array([0.5, 1.0]), "0.5, 1"),
        (np.arange(1_000), "0, 1, 2, 3, 4, 5 and 994 more"),
        (np.zeros((2_000, 3)), "2,000 by 3 values"),
        (Curve.constant(2), "Curve(x < 0: 2; 0 <= x: 2)"),
    ],
)
def test_a_value_of_a_definition_is_told_on_a_line(value, text):
    assert notebook.in_words(value) == text
