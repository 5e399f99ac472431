"""The notebook view of every public value there is: one instance of each class, well-formed, escaped, by itself."""

import importlib.util
import inspect
import re
from datetime import date
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import perfkit
from perfkit import (
    BridgeLine,
    CheckIn,
    CheckIns,
    Commitment,
    Curve,
    Evaluation,
    Finding,
    Findings,
    Goal,
    GoalTree,
    HistoryVariation,
    IncentivePlan,
    Job,
    Metric,
    MinMax,
    Money,
    Period,
    Pool,
    RatingScale,
    Reason,
    Reasons,
    SalaryReview,
    Scorecard,
    Segment,
    StatedReason,
    Statement,
    TargetBonus,
    Timeline,
    ahp_many,
    bridge,
    brief,
    brier_score,
    ewma,
    leave_one_out,
    pairwise_majority,
    rank_ranges,
    rank_reversals,
    simulate,
    simulate_scores,
    what_would_it_take,
    xmr,
)
from perfkit.explain import ENGLISH, GERMAN
from perfkit.reviews import RULES

ROOMS = ("curves", "explain", "findings", "goals", "incentives", "metrics", "money", "ratings", "reviews", "weights")
# What only works: the recorder of a rule that is being calculated, unions of types, columns that rules hand on.
SILENT = {"AnyRecorder", "Recorder", "Silence", "Relation", "Piece", "Guide", "Judgement", "Ranges"}
EVIL = "<b>&\"'</b>"


def public_classes():
    """Every class that a user can meet by a public name: of perfkit, and of its rooms."""
    found = {name: getattr(perfkit, name) for name in perfkit.__all__}
    for room in ROOMS:
        module = importlib.import_module(f"perfkit.{room}")
        for name in getattr(module, "__all__", ()):
            found.setdefault(name, getattr(module, name))
    return {
        name: thing
        for name, thing in found.items()
        if inspect.isclass(thing)
        and not issubclass(thing, Exception)
        and not getattr(thing, "_is_protocol", False)
        and name not in SILENT
    }


def definitions():
    """An instance of every kind that can be stored, as the tests of the codec make them."""
    spec = importlib.util.spec_from_file_location("codec_cases", Path(__file__).with_name("test_codec.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.BASES


def results():
    """What calculations give, one of each class."""
    data = {"x": [1.0, 0.5, 0.2], "y": [0.4, 0.9, 0.3]}
    card = Scorecard(EVIL, [Metric("x", weight=3, uncertainty=0.1), Metric("y", weight=1)])
    scores = card.score(data)
    scale = RatingScale(EVIL, solid=0.5, strong=0.9)
    plan = IncentivePlan(EVIL, currency="EUR", pays=[TargetBonus("salary", 0.1, multiplier="score")])
    payouts = plan.pay({"salary": [6_000_000, 7_000_000], "score": [1, 0.9]})
    timeline = Timeline([Segment(date(2026, 1, 1), date(2026, 6, 30), {"salary": Money("5,000 EUR"), "score": 1})])
    timed = plan.pay_timeline(timeline, date(2026, 1, 1), date(2026, 12, 31))
    year = Period.year(2026)
    goals = [Goal("a", title=EVIL, owner="ana", target=10), Goal("b", owner="ben", target=5, unit="EUR")]
    tree = GoalTree([Goal("top", owner="mira", period=year, children=goals)])
    seen = CheckIns([CheckIn("a", date(2026, month, 28), 1.5 * month + month % 2) for month in range(1, 7)])
    report = tree.roll_up(seen, as_of=date(2026, 7, 1))
    by_hand = GoalTree([Goal("top", target=9, roll_up="sum", children=[Goal("a", target=5)])])
    row = {"x": 0.4, "y": 0.9, "salary": Money("50,000 EUR")}
    evaluation = Evaluation(row, card=card, scale=scale, plan=plan)
    advice = what_would_it_take(evaluation, amount=Money("5,000 EUR"), limits={"y": (0, 1)}, costs={"x": 10})
    chart = xmr([5, 6, 5, 4, 5, 6, 5, 4, 12], days=[date(2026, 1, day) for day in range(1, 10)], baseline=8, unit="h")
    talk = brief(
        card,
        report,
        person="ana",
        as_of=date(2026, 7, 1),
        before={"x": 0.2, "y": 0.5, "salary": Money("50,000 EUR")},
        after=evaluation,
        scale=scale,
        histories={"x": chart},
        commitments=[Commitment(EVIL, "mira", date(2026, 6, 15), about="x")],
        reasons=[StatedReason("x", "resource", "employee", note=EVIL), StatedReason("x", "target", "manager")],
        statement=Statement(EVIL, "ana", date(2026, 7, 2), disputes=["x"]),
        last_forecasts={"a": report["a"].forecast},
    )
    duties = Job(EVIL, {"win": 70, "keep": 30}).coverage(Scorecard("c", [Metric("x", duties=["win"])]))
    people = {"who": ["ana", EVIL], "salary": [6_000_000, 4_000_000]}
    fitted = Pool(100, by="points", key="who", currency="EUR", cap=20).fit({"who": ["ana", "ben"], "points": [1, 1]})
    raises = SalaryReview(0.02, key="who", currency="EUR").raises(people)
    history = HistoryVariation({"year": [2024, 2024, 2025], "score": [0.9, 1.0, 1.2]}, by="year")
    cost = simulate(plan, {"salary": [6_000_000] * 20}, history, n=50, seed=7, budget=120_000)
    explained = scores.explain(0)
    reversals = rank_reversals(
        Scorecard("c", [Metric("x", scale=MinMax()), Metric("y", scale=MinMax())]),
        {"x": [10, 9, 0], "y": [52, 55, 50]},
        added={"x": [10], "y": [100]},
    )
    return [
        scores,
        scores[0],
        scores.contributions(),
        scores.effective_weights(),
        scale.rate(scores),
        scale.rate(scores)[0],
        payouts,
        payouts[0],
        timed,
        *timed.segments,
        report,
        report["a"],
        report["a"].forecast,
        *by_hand.reconcile(),
        tree.brief("ana"),
        *tree.brief("ana").lines,
        Findings([Finding("orphan", goal=EVIL)]),
        Finding("orphan", goal=EVIL),
        brier_score([0.9, 0.9, 0.5, 0.2], [True, True, False, False]),
        bridge(card.score_one({"x": 0.2, "y": 0.5}), card.score_one({"x": 0.6, "y": 0.4})),
        BridgeLine("value", EVIL, Fraction(1, 3)),
        chart,
        *chart.limits,
        *chart.signals,
        ewma([52, 47, 53, 49.3, 50, 51, 80], weight=0.3),
        next(iter(RULES.values())),
        evaluation,
        advice,
        *advice.levers,
        *advice.short,
        talk,
        *talk.questions,
        *talk.surprises,
        *talk.sensitivities,
        duties,
        *duties.duties,
        fitted,
        *fitted.left,
        raises,
        raises[0],
        Reasons("clipped", EVIL, np.array([True, False])),
        Reason("blocked", EVIL),
        history,
        cost,
        cost.over_budget,
        rank_ranges(card, data, seed=1),
        simulate_scores(card, data, seed=1),
        *leave_one_out(card, data).values(),
        *reversals,
        pairwise_majority({EVIL: list(range(25, 0, -1))}),
        ahp_many([[[1, 3], [1 / 3, 1]], [[1, 1], [1, 1]]]),
        *Curve.through((0, 1), (1, 0)).falls(),
        ENGLISH,
        GERMAN.adapted({"line": EVIL}),
        explained,
        explained.difference(scores.explain(1)),
    ]


CLASSES = public_classes()
DEFINED, RESULTS = definitions(), results()
VALUES = {type(value).__name__: value for value in [*DEFINED.values(), *RESULTS]}
# Tags that hold nothing and are never closed.
VOID = {"br"}
FOREIGN = {"script", "link", "iframe", "img", "object", "embed", "form", "input", "button", "a", "audio", "video"}


class Strict(HTMLParser):
    """Every tag closed in its turn, and nothing that runs or is fetched."""

    def __init__(self):
        super().__init__()
        self.open, self.told, self.problems = [], [], []

    def handle_starttag(self, tag, attrs):
        self._look(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self._look(tag, attrs)

    def _look(self, tag, attrs):
        if tag in FOREIGN:
            self.problems.append(tag)
        self.problems += [f"{tag} {name}" for name, _ in attrs if name.startswith("on") or name in ("href", "src")]
        self.problems += [f"{tag} {name} twice" for name, _ in attrs if [n for n, _ in attrs].count(name) > 1]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> out of turn")

    def handle_data(self, data):
        if "style" not in self.open and data.strip():
            self.told.append(data.strip())


def problems_of(html):
    """What a careful reader of a view objects to."""
    parser = Strict()
    parser.feed(html)
    parser.close()
    found = [*parser.problems, *(f"<{tag}> left open" for tag in parser.open)]
    found += ["says nothing"] if not parser.told else []
    found += ["something that is not escaped"] if EVIL in html else []
    found += [word for word in ("@import", "url(", "javascript:", "<!--") if word in html]
    found += re.findall(r"https?://(?!www\.w3\.org/2000/svg)\S{1,40}", html)
    # Repr of Python has no place on a page for people.
    found += re.findall(r"Fraction\(\S+|np\.\w+64\(\S+|array\(\[|&lt;\w+(?:\.\w+)* object at|datetime\.date\(", html)
    return found


def test_there_is_one_of_each_public_class():
    assert sorted(set(CLASSES) - set(VALUES)) == [], "make one of each of these in results()"


@pytest.mark.parametrize("name", sorted(VALUES))
def test_the_view_is_well_formed_and_stands_by_itself(name):
    value = VALUES[name]
    html = value._repr_html_()
    assert problems_of(html) == []
    assert html == value._repr_html_()


@pytest.mark.parametrize("name", sorted(set(VALUES) & set(CLASSES)))
def test_the_view_has_the_one_style(name):
    html = VALUES[name]._repr_html_()
    assert "class='pk" in html
    assert len(html) < 200_000


def test_the_reader_finds_what_is_wrong():
    assert problems_of("<p>a<b>b</p>")
    assert problems_of("<script>1</script>")
    assert problems_of("<p onclick='x'>a</p>") == ["p onclick"]
    assert problems_of("<p>a</p><p class='a' class='b'>b</p>") == ["p class twice"] * 2
    assert problems_of("") == ["says nothing"]
    assert problems_of("<p>Fraction(1, 3)</p>")
    assert problems_of("<style>@import url(https://x.org/a)</style>") == [
        "says nothing",
        "@import",
        "url(",
        "https://x.org/a)</style>",
    ]
    assert problems_of(f"<p>{EVIL}</p>")
    assert problems_of("<p>fine</p>") == []
