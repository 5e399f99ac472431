"""German speaks German throughout: every code, every name and option that is ours, and what a reader is given."""

import ast
import re
from datetime import date
from fractions import Fraction
from pathlib import Path
from string import Formatter

import pytest

import perfkit
from perfkit import (
    Cap,
    CheckIn,
    CheckIns,
    Choquet,
    Commission,
    Commitment,
    Curve,
    Evaluation,
    Finding,
    Floor,
    Gate,
    Geometric,
    Goal,
    GoalTree,
    Harmonic,
    IncentivePlan,
    Metric,
    Minimum,
    Money,
    Multiply,
    OrderedMean,
    Percentile,
    Period,
    Placement,
    Pool,
    PowerMean,
    Prorate,
    RatingScale,
    Round,
    Rounding,
    SalaryBand,
    SalaryReview,
    Scorecard,
    Section,
    Segment,
    StatedReason,
    Statement,
    TargetBonus,
    Timeline,
    Veto,
    Weights,
    bridge,
    brief,
    sensitivities,
    what_would_it_take,
    xmr,
)
from perfkit._explain.findings import ENGLISH as FINDINGS
from perfkit.explain import ENGLISH, GERMAN, Recorder

SOURCES = sorted(Path(perfkit.__file__).parent.rglob("*.py"))
# Words that no German text has, and that an English one of ours soon does.
WORDS = frozenset(
    re.findall(
        r"\w+",
        """the of and with from to at is are by on not no than more less each mean share weight weights levels level
    judges better before after whole amount target missing observed expected fixed salary time points point rounding
    parts lower higher upper centre score rating rate change value values above below between until since about one two
    all any both which what who when where why how their its it this that these those for combined needed paid cap
    gate floor days months year people others left""",
    )
)


def english_in(text):
    """The English words of a text; what stands in quotes was said by somebody."""
    return sorted(set(re.findall(r"\b[a-z]+\b", re.sub(r"'[^']*'|<[^>]*>", " ", text))) & WORDS)


def test_english_words_are_found_and_german_ones_are_not():
    assert english_in("combined by Geometric, 2 levels") == ["by", "combined", "levels"]
    assert english_in("zusammengefasst durch das Minimum, am 01.02. in der Stufe, 'the words of ana'") == []


@pytest.mark.parametrize("code", sorted(ENGLISH.own))
def test_every_code_is_said_in_german(code):
    assert code in GERMAN.own
    words = re.sub(r"\{\w+\}", "", ENGLISH[code])
    assert english_in(re.sub(r"\{\w+\}", "", GERMAN[code])) == []
    # A phrase of names only is the same in every language; so is a word that both of them have.
    if len(re.findall(r"[a-z]{2,}", words)) > 1:
        assert GERMAN[code] != ENGLISH[code]


def own_names():
    """What our sources call things themselves: labels that they give, and default names of what has a name."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            given = []
            if isinstance(node, ast.Call):
                given = [word.value for word in node.keywords if word.arg == "label"]
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == "name":
                given = [word.value for word in getattr(node.value, "keywords", []) if word.arg == "default"]
                given += [node.value]
            constants = [one.value for one in given if isinstance(one, ast.Constant)]
            yield from (value for value in constants if isinstance(value, str) and value)


# Codes as labels, which have phrases of their own; and words that German has as well.
ALIKE = {"signal", "target", "mix", "matrix"}


@pytest.mark.parametrize("name", sorted(set(own_names()) - ALIKE))
def test_every_name_of_ours_has_a_german_one(name):
    assert GERMAN.label(name) != name or GERMAN.word(name) != name


# What a reader is given.

KARTE = Scorecard(
    "Vertrieb",
    [
        Section(
            "Ergebnisse",
            weight=70,
            of=[
                Metric("Umsatz", weight=80, target="Vorgabe", curve=Curve.through((0.8, 0), (1, 1), (1.2, 2))),
                Metric("Verluste", weight=20, target=0.05, lower_is_better=True),
            ],
        ),
        Metric("Zufriedenheit", weight=30, target=5),
    ],
)
ZEILE = {"Umsatz": 95, "Vorgabe": 100, "Verluste": 0.06, "Zufriedenheit": 4.5}
SKALA = RatingScale("unten", mittel=0.6, oben=1.2)
PLAN = IncentivePlan(
    "Bonus",
    currency="EUR",
    pays=[
        TargetBonus("Gehalt", 0.15, multiplier="Note"),
        Commission("Abschluss", Curve.marginal((0, 0.02), (500, 0.03)), quota="Vorgabe"),
    ],
    then=[
        Prorate(by="Monate", of=12),
        Gate(on="Schulung"),
        Multiply("Faktor"),
        Floor(100),
        Cap(0.2, of="Gehalt"),
        Round(Rounding(to=10)),
    ],
)
BEZAHLT = {
    "Gehalt": Money("60,000 EUR"),
    "Note": 1.1,
    "Abschluss": Money("700 EUR"),
    "Vorgabe": Money("500 EUR"),
    "Monate": 7,
    "Schulung": False,
    "Faktor": 1.05,
}
BAUM = GoalTree(
    [
        Goal(
            "Absatz",
            owner="mira",
            period=Period.year(2026),
            children=[
                Goal("ana", owner="ana", target=100, unit="EUR"),
                Goal("ben", target=5),
                Goal("Start", direction="binary"),
            ],
        )
    ]
)
STAND = BAUM.roll_up(
    CheckIns([CheckIn("ana", date(2026, month, 28), 9 * month + month % 2) for month in range(1, 7)]),
    as_of=date(2026, 7, 1),
)
JUDGED = {("a", "b"): 3, ("a", "c"): 5, ("b", "c"): 2}
TABELLE = {"a": [1, 2, 4, 3], "b": [4, 2, 1, 5], "c": [2, 9, 4, 1]}


def recorded(rule, *arguments):
    record = Recorder("placement", "b")
    rule.place(*arguments, record)
    return record.explanation()


def scored_by(aggregate):
    parts = [Metric("a", weight=2), Metric("b", weight=1)]
    return (
        Scorecard("Karte", [Section("Teil", of=parts, aggregate=aggregate)]).score_one({"a": 0.5, "b": 0.9}).explain()
    )


AGGREGATES = {
    "power": PowerMean(2),
    "geometric": Geometric(),
    "harmonic": Harmonic(),
    "minimum": Minimum(),
    "ordered": OrderedMean([3, 1]),
    "veto": Veto({"a": 0.6}),
    "choquet": Choquet({("a", "b"): 0.1}),
}
WEIGHTS = {
    "given": lambda: Weights({"a": 2, "b": 1}),
    "equal": lambda: Weights.equal(["a", "b"]),
    "points": lambda: Weights.points({"a": 60, "b": 40}),
    "swing": lambda: Weights.swing({"a": 100, "b": 40}),
    "centroid": lambda: Weights.rank_order(["a", "b"]),
    "sum": lambda: Weights.rank_order(["a", "b"], "sum"),
    "reciprocal": lambda: Weights.rank_order(["a", "b"], "reciprocal"),
    "exponent": lambda: Weights.rank_order(["a", "b"], "exponent", exponent=2),
    "ahp": lambda: Weights.ahp(JUDGED),
    "ahp rows": lambda: Weights.ahp(JUDGED, method="geometric_mean"),
    "group": lambda: Weights.ahp_group({"x": JUDGED, "y": JUDGED}),
    "group priorities": lambda: Weights.ahp_group({"x": JUDGED, "y": JUDGED}, aggregate="priorities"),
    "entropy": lambda: Weights.entropy(TABELLE, ["a", "b", "c"]),
    "gini": lambda: Weights.gini(TABELLE, ["a", "b", "c"]),
    "deviation": lambda: Weights.standard_deviation(TABELLE, ["a", "b", "c"]),
    "variation": lambda: Weights.standard_deviation(TABELLE, ["a", "b", "c"], scaling="mean"),
    "raw": lambda: Weights.standard_deviation(TABELLE, ["a", "b", "c"], scaling="none"),
    "critic": lambda: Weights.critic(TABELLE, ["a", "b", "c"], lower_is_better=["b"]),
    "spearman": lambda: Weights.critic(TABELLE, ["a", "b", "c"], lower_is_better=["b"], correlation="spearman"),
    "components": lambda: Weights.principal_components(TABELLE, ["a", "b", "c"]),
    "merec": lambda: Weights.merec(TABELLE, ["a", "b", "c"], lower_is_better=["b"]),
    "cilos": lambda: Weights.cilos(TABELLE, ["a", "b", "c"], lower_is_better=["b"]),
    "panel": lambda: Weights.panel({"x": Weights({"a": 2, "b": 1}), "y": Weights.equal(["a", "b"])}),
    "combined": lambda: Weights.combined(
        {"x": Weights({"a": 2, "b": 1}), "y": Weights.equal(["a", "b"])}, rule="product"
    ),
    "hierarchy": lambda: Weights.hierarchy({"o": 7, "u": 3}, {"o": {"a": 1, "b": 1}}),
    "best worst": lambda: Weights.best_worst("a", "c", {"c": 8, "b": 2}, {"a": 8, "b": 5}),
}


def explained():
    """Explanations of every room, with names that are German or nobody's."""
    score = KARTE.score_one(ZEILE)
    yield "score", score.explain()
    yield "difference", score.explain().difference(KARTE.score_one(ZEILE | {"Umsatz": 130, "Verluste": 0.04}).explain())
    yield "rating", SKALA.rate_one(score).explain()
    for rule in ("redistribute", "redistribute_over_all", "zero"):
        missing = Scorecard("Vertrieb", KARTE.sections, missing=rule).score_one(ZEILE | {"Verluste": None})
        yield f"missing {rule}", missing.explain()
    for name, aggregate in AGGREGATES.items():
        yield name, scored_by(aggregate)
    for definition in (
        "rank_share",
        "percent_rank",
        "midpoint",
        "mean_rank",
    ):
        card = Scorecard("Karte", [Metric("a", scale=Percentile(definition=definition, within="Land"))])
        yield definition, card.fit({"a": [1, 2, 3], "Land": ["x", "x", "x"]}).score_one({"a": 2, "Land": "x"}).explain()
    for name, make in WEIGHTS.items():
        yield f"weights {name}", make().explain()
    yield "award", PLAN.pay_one(BEZAHLT).explain()
    timeline = Timeline([Segment(date(2026, 1, 1), date(2026, 6, 30), BEZAHLT)])
    yield "timeline", PLAN.pay_timeline(timeline, date(2026, 1, 1), date(2026, 12, 31)).explain()
    low, high = SalaryBand("a", 40_000, 60_000), SalaryBand("b", 55_000, 80_000)
    yield "placement", recorded(Placement(0.1), 4_500_000, low, high, 1, "EUR")
    review = SalaryReview(0.02, key="wer", salary="Gehalt", currency="EUR", structure=None)
    yield "review", review.raise_one({"wer": "ana", "Gehalt": 5_000_000}).explain()
    pool = Pool(100, by="Punkte", key="wer", currency="EUR").fit({"wer": ["ana", "ben", "c"], "Punkte": [1, 1, 1]})
    yield "pool", pool.share_one({"wer": "ana", "Punkte": 1}).explain()
    for goal in ("Absatz", "ana", "ben", "Start"):
        yield f"goal {goal}", STAND.explain(goal)


EXPLAINED = dict(explained())


@pytest.mark.parametrize("name", EXPLAINED)
def test_an_explanation_has_no_english_in_it(name):
    for told in (EXPLAINED[name].text(GERMAN), EXPLAINED[name].markdown(GERMAN).replace("\\", "")):
        assert english_in(told) == [], told
    html = EXPLAINED[name].html(GERMAN)
    assert english_in(re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)) == []
    assert "lang='de'" in html


GESPRAECH = brief(
    KARTE,
    STAND,
    person="ana",
    as_of=date(2026, 7, 1),
    before=ZEILE | {"Umsatz": 105, "Zufriedenheit": None},
    after=ZEILE,
    scale=SKALA,
    limits={"Zufriedenheit": (1, 5)},
    by=date(2026, 12, 31),
    histories={"Verluste": xmr([5, 6, 5, 4, 5, 6, 5, 4, 12], baseline=8), "Zufriedenheit": [4, 4, 4, 5, 4, 4, 5, 4]},
    commitments=[
        Commitment("anrufen", "mira", date(2026, 6, 15), about="Umsatz"),
        Commitment("planen", "ana", date(2026, 6, 15), fulfilled_on=date(2026, 6, 20)),
    ],
    reasons=[StatedReason("Umsatz", "resource", "employee"), StatedReason("Umsatz", "target", "manager")],
    statement=Statement("nein", "ana", date(2026, 7, 2), disputes=["Umsatz"]),
    last_forecasts={"ana": 80},
)


@pytest.mark.parametrize(
    "view", [GESPRAECH, GESPRAECH.for_employee(), GESPRAECH.for_manager()], ids=lambda one: one.view
)
def test_a_brief_has_no_english_in_it(view):
    assert english_in(view.text(GERMAN)) == [], view.text(GERMAN)
    html = view.html(GERMAN)
    assert "lang='de'" in html
    assert english_in(re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)) == []
    assert len(view.sections(GERMAN)) == len(view.sections())
    assert view.html() == view._repr_html_()


def test_what_a_review_is_made_of_has_no_english_in_it():
    ana = Evaluation(ZEILE | BEZAHLT | {"Vorgabe": 100, "Abschluss": Money("700 EUR")}, card=KARTE, scale=SKALA)
    told = [
        bridge(KARTE.score_one(ZEILE | {"Umsatz": 105}), KARTE.score_one(ZEILE), names=("Plan", "Ist")),
        what_would_it_take(KARTE, ZEILE, score=1.1, limits={"Zufriedenheit": (1, 5)}, costs={"Umsatz": 1}),
        what_would_it_take(KARTE, ZEILE, score=9, limits={"Umsatz": (0, 100)}, move=["Umsatz"]),
        what_would_it_take(ana, rating="mittel"),
        xmr([5, 6, 5, 4, 5, 6, 5, 4, 12], days=[date(2026, 1, day) for day in range(1, 10)], baseline=8),
        xmr([1, 2]),
    ]
    for value in told:
        assert english_in(value.text(GERMAN)) == [], value.text(GERMAN)
        html = value.html(GERMAN)
        assert "lang='de'" in html
        assert english_in(re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)) == []
        assert value.html() == value._repr_html_()
    for one in sensitivities(KARTE, ZEILE):
        assert english_in(one.text(GERMAN)) == []


@pytest.mark.parametrize("code", sorted(FINDINGS))
def test_a_finding_is_said_in_german(code):
    places = {name for _, name, _, _ in Formatter().parse(FINDINGS[code]) if name}
    given = dict.fromkeys(places, "Umsatz") | {"share": Fraction(1, 3), "goals": tuple("abcdef"), "at": Fraction(5, 2)}
    fields = {"column", "at", "until", "size", "goal", "owner"}
    finding = Finding(
        code,
        params={name: value for name, value in given.items() if name not in fields},
        **{name: value for name, value in given.items() if name in fields & places},
    )
    told = finding.text(GERMAN)
    assert english_in(told) == []
    assert told != finding.text()
    assert "{" not in told
    if "share" in places:
        assert "33,3%" in told
    if "goals" in places:
        assert "... 2 weitere" in told


def test_where_weights_are_from_is_told_piece_by_piece():
    assert GERMAN.source("AHP, geometric mean, judgements of 1,200 judges") == (
        "AHP, geometrisches Mittel, Urteile von 1.200 Urteilenden"
    )
    assert GERMAN.source("rank exponent 5/2") == "Rangexponent 5/2"
    assert GERMAN.source("Beschluss 7, given") == "Beschluss 7, gegeben"
    assert ENGLISH.source("hierarchy of 2 levels") == "hierarchy of 2 levels"
