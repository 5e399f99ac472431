"""The brief of a conversation, and what both sides say."""

import json
import re
from datetime import date
from typing import ClassVar

import pytest

from perfkit import (
    CheckIn,
    CheckIns,
    Commitment,
    Curve,
    DataError,
    DefinitionError,
    Evaluation,
    FlatAmount,
    Goal,
    GoalTree,
    IncentivePlan,
    MeritMatrix,
    Metric,
    Milestone,
    Money,
    Period,
    RatingScale,
    SalaryReview,
    Scorecard,
    StatedReason,
    Statement,
    TargetBonus,
    bridge,
    brief,
    ewma,
    forecast,
    sensitivities,
    what_would_it_take,
    xmr,
)
from perfkit.explain import ENGLISH, GERMAN

CARD = Scorecard(
    "sales",
    [
        Metric("bookings", weight=60, target="quota", curve=Curve.through((0.8, 0), (1, 1), (1.2, 2))),
        Metric("churn", weight=20, target=0.05, lower_is_better=True),
        Metric("csat", weight=20, target=5),
    ],
)
SCALE = RatingScale("below", solid=0.8, strong=1.2)
PLAN = IncentivePlan("bonus", currency="EUR", pays=[TargetBonus("salary", 0.1, multiplier="score")])
TREE = GoalTree(
    [
        Goal(
            "sales",
            title="New bookings",
            owner="mira",
            period=Period.year(2026),
            children=[
                Goal("ana", title="Bookings of Ana", owner="ana", target=1_200_000, unit="EUR"),
                Goal("launch", owner="ana", direction="milestones", milestones=[Milestone("built"), Milestone("sold")]),
                Goal("ben", owner="ben", target=100),
            ],
        )
    ]
)
JULY = date(2026, 7, 1)
BEFORE = {"bookings": 612_000, "quota": 600_000, "churn": 0.05, "csat": 4.2}
AFTER = {"bookings": 560_000, "quota": 600_000, "churn": 0.056, "csat": 4.5}
FULL = {
    "seen": {"ana": 480_000},
    "before": BEFORE,
    "after": AFTER,
    "scale": SCALE,
    "limits": {"csat": (1, 5)},
    "by": date(2026, 12, 31),
    "histories": {
        "churn": [0.05, 0.051, 0.048, 0.053, 0.049, 0.052, 0.05, 0.047, 0.056],
        "csat": {date(2026, 1, place): value for place, value in enumerate([4, 4.1, 4, 4.1, 4, 4.1, 4, 4.1, 4.9], 1)},
    },
    "commitments": [
        Commitment("introduce the new pricing", "mira", date(2026, 6, 15)),
        Commitment("call ten old customers", "ana", date(2026, 6, 1), fulfilled_on=date(2026, 5, 28)),
        Commitment("plan the autumn", "ana", date(2026, 7, 31)),
    ],
    "reasons": [
        StatedReason("bookings", "target", "employee", note="two accounts moved"),
        StatedReason("bookings", "effort", "manager"),
        StatedReason("churn", "dependency", "manager", note="draft", is_private=True),
        StatedReason("churn", "external", "employee", is_private=True),
    ],
    "self_assessment": {"csat": 4.8},
    "last_forecasts": {"ana": 620_000, "score": 1.0},
    "statement": Statement("churn counts a merger", "ana", JULY, disputes=["churn"]),
}


def made(**changed):
    return brief(CARD, TREE, person="ana", as_of=JULY, **{**FULL, **changed})


class TestWhatItTells:
    BRIEF = made()

    def test_pace_of_each_goal_that_is_theirs(self):
        assert [status.id for status in self.BRIEF.goals] == ["ana", "launch"]
        goals = dict(dict(self.BRIEF.sections())["Goals"])
        assert goals["launch"] == "not observed"
        assert goals["Bookings of Ana"].startswith(
            "40.0% of the way, 49.9% expected, at risk, heading for 962,637 EUR, "
        )
        assert goals["Bookings of Ana"].endswith("3,934 EUR a day needed, 2,637 EUR so far")

    def test_what_moved_and_why(self):
        change = self.BRIEF.moved[0]
        assert change.change == sum(line.amount for line in change.lines)
        assert "score" in dict(dict(self.BRIEF.sections())["What moved"])

    def test_signal_or_noise(self):
        said = dict(dict(self.BRIEF.sections())["Signal or noise"])
        assert said["churn"] == "noise: within 0.040692 to 0.060642"
        assert said["csat"] == (
            "a signal: eight in a row on one side below, 2026-01-08, beyond the limits above, 2026-01-09"
        )

    def test_the_next_level(self):
        assert self.BRIEF.next_level.wanted == "solid"
        assert self.BRIEF.next_level.levers[0].rate is not None
        assert self.BRIEF.sensitivities[0].column == "bookings"

    def test_commitments_are_counted(self):
        assert self.BRIEF.fulfilment == (1, 2)
        assert [one.state(JULY) for one in self.BRIEF.commitments] == ["overdue", "fulfilled", "open"]

    def test_the_gap_of_self_and_manager(self):
        assert self.BRIEF.gap.names == ("manager", "employee")
        assert [line.label for line in self.BRIEF.gap.lines] == ["csat"]

    def test_surprises(self):
        ana, score = self.BRIEF.surprises
        assert (ana.label, ana.difference, ana.is_inside) == ("Bookings of Ana", -140_000, None)
        assert score.actual == float(self.BRIEF.gap.before)

    def test_questions_follow_from_the_facts(self):
        asked = [(one.code, one.label) for one in self.BRIEF.questions]
        assert asked == [
            ("goal_behind", "Bookings of Ana"),
            ("goal_unobserved", "launch"),
            ("signal", "csat"),
            ("fell", "bookings"),
            ("noise", "churn"),
            ("rose", "csat"),
            ("overdue", "introduce the new pricing"),
            ("reasons_differ", "bookings"),
            ("gap", "csat"),
            ("surprise", "Bookings of Ana"),
            ("surprise", "score"),
            ("dispute", "churn"),
        ]
        assert "the employee says the target, the manager effort" in str(self.BRIEF)

    def test_prints_every_section(self):
        heads = [head for head, _ in self.BRIEF.sections()]
        assert heads == [
            "Goals",
            "What moved",
            "Signal or noise",
            "What it would take",
            "Commitments: 1 of 2 that were due are fulfilled",
            "Reasons",
            "Self and manager",
            "Against the last forecast",
            "Questions",
            "Statement",
        ]
        text = str(self.BRIEF)
        assert text.startswith("ana, 2026-07-01\n\nGoals\n")
        assert "disputed: churn" in text

    def test_is_plain_data(self):
        data = json.loads(json.dumps(self.BRIEF.to_dict()))
        assert data["goals"][0]["progress"] == 0.4
        assert data["commitments"][0]["code"] == "overdue"
        assert data["commitments"][0]["params"]["due"] == "2026-06-15"
        assert data["reasons"][0]["params"]["by"] == "employee"
        assert data["statement"]["params"]["disputes"] == ["churn"]
        assert data["questions"][0]["params"] == {"progress": "40.0%", "expected": "49.9%"}
        assert (data["fulfilled"], data["due"], data["view"]) == (1, 2, "both")
        assert data["surprises"][0]["params"]["actual"] == 480_000

    def test_shows_itself(self):
        html = made(statement=Statement("<b>no</b>", "ana", JULY))._repr_html_()
        assert "class='pk'" in html
        assert "&lt;b&gt;no" in html
        assert repr(self.BRIEF) == "<ReviewBrief of 'ana', 2026-07-01: 12 questions>"

    def test_speaks_another_language(self):
        words = {"goals": "Ziele", "ask_overdue": "{owner}: was hindert '{what}'?", "health_at_risk": "gefährdet"}
        text = self.BRIEF.text(words)
        assert "\nZiele\n" in text
        assert "mira: was hindert 'introduce the new pricing'?" in text
        assert "gefährdet" in text


class TestGerman:
    def said(self):
        whole = made(self_assessment={"csat": 5}, last_forecasts={"ana": 500_000})
        advice = what_would_it_take(CARD, AFTER, score=1)
        return [whole.text(GERMAN), advice.text(GERMAN), sensitivities(CARD, AFTER)[0].text(GERMAN)]

    def test_leaves_no_code_and_no_brace(self):
        codes = {code for code in ENGLISH.own if "_" in code}
        for text in self.said():
            assert "{" not in text
            assert not codes & set(re.findall(r"\w+", text))

    def test_bridges_and_charts_speak_it_too(self):
        change = bridge({"price": 5, "volume": 50}, {"price": 10.5, "volume": 70})
        assert [line.split() for line in change.text(GERMAN).split("\n")][:2] == [
            ["vorher", "250"],
            ["Wert", "Preis", "+330"],
        ]
        days = [date(2026, 1, place) for place in range(1, 10)]
        chart = xmr([4, 4.1, 4, 4.1, 4, 4.1, 4, 4.1, 4.9], days=days)
        head, *_, last = chart.text(GERMAN).split("\n")
        assert head.split() == ["Wert", "untere", "Mitte", "obere"]
        assert last.startswith("09.01.2026   4,9")
        assert last.endswith("außerhalb der Grenzen (oben)")

    def test_writes_numbers_and_dates_as_germans_do(self):
        whole, advice, sensitivity = self.said()
        assert whole.startswith("ana, 01.07.2026\n\nZiele\n")
        assert "40,0%" in whole
        assert "2026-0" not in whole
        for text in (whole, advice, sensitivity):
            assert re.search(r"\d,\d", text)
            assert not re.search(r"(?<![\d.])0\.\d", text)


class TestViews:
    def test_each_side_sees_no_draft_of_the_other(self):
        whole = made()
        for side, view in (("employee", whole.for_employee()), ("manager", whole.for_manager())):
            private = [one.by for one in view.reasons if one.is_private]
            assert (view.view, private) == (side, [side])
        assert str(whole.for_employee()).startswith("ana, 2026-07-01 (for ana)")

    def test_what_is_private_asks_nothing(self):
        without = made(reasons=[one for one in FULL["reasons"] if not one.is_private])
        assert without.questions == made().questions

    def test_made_at_once(self):
        assert made(view="employee") == made().for_employee()
        assert made(view="manager") == made().for_manager()

    def test_sections_that_are_hidden(self):
        view = made().for_employee(hide=["levers", "gap", "statement", "signals", "commitments"])
        assert (view.next_level, view.sensitivities, view.gap, view.statement, view.histories) == (
            None,
            (),
            None,
            None,
            (),
        )
        assert view.hidden == ("levers", "gap", "statement", "signals", "commitments")
        assert "Commitments" not in str(view)
        assert made().for_manager(hide="questions").questions == ()

    @pytest.mark.parametrize(
        ("section", "codes"),
        [
            ("goals", {"goal_behind", "goal_unobserved", "goal_missed", "goal_ahead"}),
            ("moved", {"fell", "rose", "noise", "no_reason", "target_moved", "rules_moved", "missing"}),
            ("signals", {"signal", "noise"}),
            ("commitments", {"overdue"}),
            ("reasons", {"reasons_differ", "no_reason", "noise"}),
            ("gap", {"gap"}),
            ("surprises", {"surprise"}),
            ("statement", {"dispute"}),
        ],
    )
    def test_no_question_tells_of_a_section_that_is_hidden(self, section, codes):
        whole = made(self_assessment={"csat": 5}, last_forecasts={"ana": 500_000})
        telling = [one for one in whole.questions if one.code in codes]
        assert telling
        view = whole.for_employee(hide=[section])
        assert [one for one in whole.questions if one.code not in codes] == list(view.questions)
        told = [view.text(), view._repr_html_(), json.dumps(view.to_dict()["questions"])]
        for one in telling:
            assert one.text() not in told[0]
            assert one.text() not in told[1]
            assert f'"code": "{one.code}"' not in told[2]

    def test_a_section_that_is_none(self):
        with pytest.raises(DefinitionError, match="did you mean 'levers'"):
            made().for_employee(hide=["lever"])

    def test_a_view_of_the_other_view(self):
        with pytest.raises(DefinitionError, match="the manager's view already"):
            made(view="manager").for_employee()

    def test_a_view_that_is_none(self):
        with pytest.raises(DefinitionError, match="view must be one of"):
            made(view="boss")


class TestTheYearsEnd:
    DONE = date(2026, 12, 31)

    def test_is_the_same_object(self):
        seen = CheckIns([CheckIn("ana", date(2026, 3, 31), 300_000), CheckIn("ana", self.DONE, 1_250_000)])
        ahead = forecast(
            [date(2026, 3, 31), date(2026, 9, 30)],
            [300_000, 800_000],
            end=self.DONE,
            as_of=date(2026, 9, 30),
            start=date(2026, 1, 1),
            baseline=0,
            target=1_200_000,
        )
        year = brief(
            CARD,
            TREE,
            person="ana",
            as_of=self.DONE,
            seen=seen,
            before=BEFORE,
            after={**AFTER, "bookings": 660_000},
            plan=None,
            scale=SCALE,
            last_forecasts={"ana": ahead},
        )
        assert year.is_final
        assert (year.next_level, year.sensitivities) == (None, ())
        assert year.surprises[0].is_inside is False
        assert ("surprise", "Bookings of Ana") in [(one.code, one.label) for one in year.questions]
        assert "outside of the" in str(year)
        assert "heading for" not in str(year)

    def test_no_surprise(self):
        ahead = forecast(
            [date(2026, 3, 31), date(2026, 6, 30)], [200_000, 500_000], end=self.DONE, as_of=JULY,
            start=date(2026, 1, 1), baseline=0, target=1_200_000,
        )  # fmt: skip
        year = brief(CARD, TREE, person="ana", as_of=self.DONE, seen={"ana": 1_000_000}, last_forecasts={"ana": ahead})
        assert year.surprises[0].is_inside
        assert "What kept Bookings of Ana at 83.3%" in str(year)
        assert "surprise" not in {one.code for one in year.questions}
        assert "within the" in str(year)

    def test_of_pay(self):
        pay = {"salary": Money("60,000 EUR")}
        year = brief(
            CARD, None, person="ana", as_of=self.DONE, before={**BEFORE, **pay}, after={**AFTER, **pay}, plan=PLAN,
            aim=Money("9,000 EUR"), last_forecasts={"amount": Money("5,000 EUR")},
        )  # fmt: skip
        assert [change.of for change in year.moved] == ["score", "amount"]
        assert year.next_level.wanted == Money("9,000 EUR")
        assert year.surprises[0].expected == Money("5,000 EUR")


class TestParts:
    def test_only_goals(self):
        only = brief(None, TREE, person="ben", as_of=JULY, seen={"ben": 90})
        assert [one.code for one in only.questions] == ["goal_ahead"]
        assert (only.moved, only.next_level) == ((), None)

    def test_a_report(self):
        report = TREE.roll_up({"launch": ["built"]}, as_of=JULY)
        told = dict(dict(brief(None, report, person="ana", as_of=JULY).sections())["Goals"])
        assert "heading for 100.0%" in told["launch"]

    def test_no_day_for_the_goals(self):
        report = TREE.roll_up({"launch": ["built"]})
        told = dict(dict(brief(None, report, person="ana", as_of=JULY).sections())["Goals"])
        assert told["launch"] == "50.0% of the way, on track" or told["launch"] == "50.0% of the way"

    def test_several_check_ins_give_a_range(self):
        seen = [CheckIn("ana", date(2026, 2, 28), 190_000), CheckIn("ana", date(2026, 5, 31), 480_000)]
        told = dict(dict(brief(None, TREE, person="ana", as_of=JULY, seen=seen).sections())["Goals"])
        assert "heading for" in told["Bookings of Ana"]
        assert "at 80.0%)" in told["Bookings of Ana"]

    def test_the_highest_level_has_no_next(self):
        top = brief(CARD, None, person="ana", as_of=JULY, after={**AFTER, "bookings": 720_000}, scale=SCALE)
        assert top.next_level is None

    def test_an_aim_of_ones_own(self):
        assert made(aim=1.5).next_level.of == "score"
        beyond = made(aim="strong", limits={"csat": (1, 5), "bookings": (0, 560_000), "churn": (0, 1)})
        assert ("out_of_reach", "strong") in [(one.code, one.label) for one in beyond.questions]

    def test_rules_and_targets_that_moved(self):
        later = CARD.weighted({"bookings": 20})
        moved = brief(
            CARD, None, person="ana", as_of=JULY, before=CARD.score_one(BEFORE),
            after=later.score_one({**BEFORE, "quota": 660_000, "csat": None}),
        )  # fmt: skip
        codes = {one.code for one in moved.questions}
        assert codes == {"target_moved", "missing", "rules_moved"}

    def test_a_fall_that_nobody_explained(self):
        codes = [one.code for one in made(reasons=[], histories={}).questions]
        assert codes.count("no_reason") == 2

    def test_both_see_it_alike(self):
        assert "both see it alike, at" in str(made(self_assessment={}))
        other = CARD.score_one(AFTER)
        assert made(self_assessment=other).gap.change == 0

    def test_noise_that_somebody_explains(self):
        alone = brief(
            None, None, person="ana", as_of=JULY, histories={"churn": FULL["histories"]["churn"]},
            reasons=[StatedReason("churn", "effort", "manager")],
        )  # fmt: skip
        assert [(one.code, one.label) for one in alone.questions] == [("noise", "churn")]

    def test_nothing_observed_yet(self):
        nothing = {**dict.fromkeys(AFTER), "quota": 600_000}
        told = made(after=nothing, self_assessment=None, last_forecasts={"score": 1})
        assert (told.moved, told.next_level, told.sensitivities, told.surprises) == ((), None, (), ())

    def test_what_a_cap_keeps_from_counting_is_not_told(self):
        top = brief(CARD, None, person="ana", as_of=JULY, after={**AFTER, "bookings": 900_000})
        assert "percent more of bookings" not in str(top)
        assert "percent more of csat" in str(top)

    def test_a_phrase_of_more_than_there_is(self):
        assert "{nothing}" in made().text({"goals": "{nothing}"})

    def test_a_chart_of_ones_own(self):
        chart = xmr([1, 2, 1])
        assert dict(made(histories={"x": chart}).histories)["x"] is chart
        assert "too few values to tell" in str(made(histories={"x": chart}))

    def test_a_dispute_that_was_answered(self):
        answered = Statement("so", "ana", JULY, disputes=["churn"], answered_on=date(2026, 7, 9))
        told = made(statement=answered)
        assert "answered on 2026-07-09" in str(told)
        assert "dispute" not in {one.code for one in told.questions}

    def test_an_evaluation_with_pay(self):
        pay = Evaluation({**AFTER, "salary": Money("60,000 EUR")}, card=CARD, plan=PLAN)
        told = brief(CARD, None, person="ana", as_of=JULY, after=pay)
        assert str(told.sensitivities[0]).endswith("EUR")

    def test_no_promises_due(self):
        told = made(commitments=Commitment("plan", "ana", date(2026, 9, 1)))
        assert "\nCommitments\n" in str(told)

    def test_late_is_late(self):
        late = Commitment("plan", "ana", date(2026, 6, 1), fulfilled_on=date(2026, 6, 3))
        assert late.state(JULY) == "fulfilled_late"
        assert late.state(date(2026, 6, 2)) == "overdue"
        assert made(commitments=[late]).fulfilment == (1, 1)


class TestWhatNoBriefIsMadeOf:
    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            ({"as_of": "today"}, DefinitionError, "as_of must be a date"),
            ({"person": ""}, DefinitionError, "a name must be a text"),
            ({"person": "anna"}, DataError, "owns no goal .did you mean 'ana'"),
            ({"commitments": ["call"]}, DefinitionError, "commitments must hold Commitment"),
            ({"reasons": [5]}, DefinitionError, "reasons must hold StatedReason"),
            ({"statement": "so"}, DefinitionError, "statement must be a Statement"),
            ({"self_assessment": {"cast": 5}}, DataError, "did you mean 'csat'"),
            ({"self_assessment": {"csat": 5}, "after": None}, DefinitionError, "compared with after="),
            ({"last_forecasts": {"anna": 5}}, DataError, "did you mean 'ana'"),
            ({"last_forecasts": {"score": Money("5 EUR")}}, DataError, "must be of the kind of"),
            ({"histories": {"churn": "up"}}, DataError, "must be a sequence of values"),
        ],
    )
    def test_parts(self, options, error, message):
        with pytest.raises(error, match=message):
            brief(CARD, TREE, **{"person": "ana", "as_of": JULY, **FULL, **options})

    def test_trees(self):
        with pytest.raises(DefinitionError, match="tree must be a GoalTree or a GoalReport"):
            brief(CARD, "tree", person="ana", as_of=JULY)
        with pytest.raises(DefinitionError, match="give the tree as well"):
            brief(CARD, None, person="ana", as_of=JULY, seen={})
        with pytest.raises(DefinitionError, match="a report has what was seen already"):
            brief(CARD, TREE.roll_up({}), person="ana", as_of=JULY, seen={})

    def test_a_row_without_a_card(self):
        with pytest.raises(DefinitionError, match="give card"):
            brief(None, None, person="ana", as_of=JULY, after=AFTER)

    def test_a_forecast_of_what_nobody_saw(self):
        assert made(seen={}, last_forecasts={"ana": 5}).surprises == ()

    def test_a_payout_has_no_self_assessment(self):
        paid = IncentivePlan("p", currency="EUR", pays=[FlatAmount("x")]).pay_one({"x": 500})
        with pytest.raises(DefinitionError, match="which a card must score"):
            brief(None, None, person="ana", as_of=JULY, after=paid, self_assessment={"x": 5})


class TestVoices:
    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: Commitment("", "ana", JULY), "must be a text"),
            (lambda: Commitment("x", "ana", "2026-01-01"), "due must be a date"),
            (lambda: Commitment("x", "ana", JULY, fulfilled_on=5), "fulfilled_on must be a date"),
            (lambda: StatedReason("x", "skil", "manager"), "did you mean 'skill'"),
            (lambda: StatedReason("x", "skill", "boss"), "by must be one of employee, manager"),
            (lambda: StatedReason("x", "other", "manager"), "needs words: give note="),
            (lambda: Statement("x", "ana", None), "on must be a date"),
            (lambda: Statement("x", "ana", JULY, disputes="churn"), "must be a list"),
            (lambda: Statement("x", "ana", JULY, answered_on="x"), "answered_on must be a date"),
            (lambda: Statement("x", "ana", JULY, answered_on=date(2026, 1, 1)), "before it is raised"),
        ],
    )
    def test_what_they_cannot_say(self, make, message):
        with pytest.raises(DefinitionError, match=message):
            make()


def test_bridges_and_charts_draw_themselves():
    assert "<svg" in bridge({"price": 5, "volume": 50}, {"price": 10, "volume": 70})._repr_html_()
    values = [4, 4.1, 4, 4.1, 4, 4.1, 4, 4.1, 4.9]
    html = xmr(values)._repr_html_()
    assert (html.count("<circle"), html.count('z" fill')) == (7, 2)
    assert xmr([1, 2])._repr_html_().count("<circle") == 2
    smooth = ewma(values)
    assert smooth._repr_html_().count('z" fill') == len(smooth.signals)


class TestAForecastOfADayStillToCome:
    SPRING, AUTUMN = date(2026, 4, 1), date(2026, 10, 1)
    LAST = TREE.roll_up({"ana": 300_000}, as_of=SPRING)["ana"].forecast

    def at(self, seen, **options):
        return brief(
            CARD, TREE, person="ana", as_of=self.AUTUMN, seen=seen, last_forecasts={"ana": self.LAST}, **options
        )

    def test_is_compared_with_the_forecast_as_it_is_now(self):
        found = self.at({"ana": 700_000})
        (surprise,) = found.surprises
        now = TREE.roll_up({"ana": 700_000}, as_of=self.AUTUMN)["ana"].forecast
        assert (surprise.actual, surprise.expected, surprise.is_open) == (now.value, self.LAST.value, True)
        assert "Bookings of Ana  heading for 932,482 EUR now, where 1,203,297 EUR was forecast" in str(found)
        assert "Bookings of Ana is heading for 932,482 EUR now, where 1,203,297 EUR was forecast: what changed?" in str(
            found
        )
        assert "nun auf dem Weg zu" in found.text(GERMAN)
        assert ("surprise_open", "Bookings of Ana") in [(one.code, one.label) for one in found.questions]
        assert not self.at({"ana": 700_000}).for_employee(hide="surprises").surprises

    def test_says_nothing_where_nothing_was_observed(self):
        assert self.at({}).surprises == ()


class TestWhatIsRead:
    """Word by word, as a manager and an employee read it."""

    ROW: ClassVar = {"bookings": 900, "quota": 1_000, "churn": 0.05, "csat": 4}

    def test_a_question_says_what_a_metric_did_and_what_that_brought(self):
        told = brief(CARD, None, person="ana", as_of=JULY, before=self.ROW, after={**self.ROW, "churn": 0.06})
        # The churn rose: it did not fall, but the score did.
        first, second = told.questions
        assert str(first) == "churn went from 0.05 to 0.06, which lowered the score by 0.04: what happened there?"
        assert str(second) == "What do both sides see as the reason for churn?"
        assert first.text(GERMAN).startswith("churn ging von 0,05 auf 0,06, Wirkung auf Bewertung: -0,04.")
        better = brief(CARD, None, person="ana", as_of=JULY, before=self.ROW, after={**self.ROW, "churn": 0.04})
        assert str(better.questions[0]).startswith("churn went from 0.05 to 0.04, which raised the score by 0.04:")

    def test_a_metric_of_another_column_is_named_and_its_column_read(self):
        card = Scorecard("card", [Metric("loyalty", column="nps", target=50)])
        told = brief(card, None, person="ana", as_of=JULY, before={"nps": 50}, after={"nps": 40})
        assert str(told.questions[0]).startswith("loyalty went from 50 to 40, which lowered the score by 0.2:")

    def test_minor_units_are_told_as_money(self):
        review = SalaryReview(MeritMatrix({"solid": 0.03, "strong": 0.05}), key="who", currency="EUR")
        then, now = (
            Evaluation({"who": "ana", "salary": salary, "rating": rating}, plan=review)
            for salary, rating in ((6_000_000, "solid"), (6_200_000, "strong"))
        )
        asked = [str(one) for one in brief(None, None, person="ana", as_of=JULY, before=then, after=now).questions]
        assert asked[0].startswith("rating went from solid to strong, which raised the amount by 1,220.00 EUR:")
        assert asked[1].startswith("salary went from 60,000.00 EUR to 62,000.00 EUR, which raised the amount by 80.00")

    def test_sides_without_rows_to_compare_say_what_moved(self):
        plan = IncentivePlan("p", currency="EUR", pays=[FlatAmount("base"), FlatAmount("extra", name="extra")])
        then, now = (plan.pay_one({"base": Money(1_000, "EUR"), "extra": Money(n, "EUR")}) for n in (5, 9))
        told = brief(None, None, person="ana", as_of=JULY, before=then, after=now)
        assert "extra" in str(told.questions[0])
        assert "raised the amount by 4.00 EUR" in str(told.questions[0])

    def test_what_is_missing_on_one_side(self):
        told = brief(CARD, None, person="ana", as_of=JULY, before={**self.ROW, "csat": None}, after=self.ROW)
        assert str(told.questions[-1]) == "csat was observed on one side only: can the other be filled in?"

    def test_lines_that_are_left_out_are_counted_and_add_up(self):
        card = Scorecard("five", [Metric(name, weight=1) for name in "abcde"])
        row = dict.fromkeys("abcde", 1.0)
        after = {"a": 1.1, "b": 1.2, "c": 0.9, "d": 0.95, "e": 1.3}
        told = brief(
            card, None, person="ana", as_of=JULY, before=row, after=after, self_assessment=dict(after, a=2, b=3)
        )
        lines = dict(dict(told.sections())["What moved"])
        assert lines["  ... 2 more"] == "-0.03"
        assert "  ... 2 more" in told.text()
        rows = brief(
            card, None, person="ana", as_of=JULY, after=row, self_assessment={**row, **dict.fromkeys("abcd", 2)}
        )
        assert dict(dict(rows.sections())["Self and manager"])["  ... 1 more"] == "+0.2"

    def test_small_numbers_do_not_become_nothing(self):
        tree = GoalTree([Goal("churn", owner="ana", baseline=0.08, target=0.04, period=Period.year(2026))])
        seen = [CheckIn("churn", date(2026, month, 1), 0.085 - month / 400) for month in (2, 3, 4, 5, 6)]
        said = brief(None, tree, person="ana", as_of=date(2026, 6, 1), seen=seen).text()
        assert "-0.000141 a day needed" in said
        assert " 0 a day" not in said

    def test_a_score_is_told_as_it_is_published(self):
        row = {**self.ROW, "csat": 4.44}
        told = brief(CARD, None, person="ana", as_of=JULY, after=row, last_forecasts={"score": 1.1004})
        assert f"{told.surprises[0].actual}, where 1.1004 was forecast" in told.text()

    def test_every_state_of_a_goal_is_german(self):
        period = Period.year(2025)
        tree = GoalTree([Goal("kept", owner="ana", target=10, period=period), Goal("lost", owner="ana", target=10)])
        said = brief(None, tree, person="ana", as_of=date(2025, 12, 31), seen={"kept": 10, "lost": 5}).text(GERMAN)
        assert "erreicht" in said
        assert all(GERMAN.word(state) != state for state in ("achieved", "missed", "pending", "stale", "not started"))

    def test_names_of_a_host_stand_wherever_a_metric_is_named(self):
        house = GERMAN.adapted(names={"churn": "Abwanderung"})
        told = brief(
            CARD, None, person="ana", as_of=JULY, before=self.ROW, after={**self.ROW, "churn": 0.06},
            reasons=[StatedReason("churn", "process", "employee"), StatedReason("churn", "skill", "manager")],
            statement=Statement("No.", "ana", JULY, disputes=["churn"]),
        )  # fmt: skip
        assert "churn" not in told.text(house)
        assert "nennt die Mitarbeiterseite 'der Ablauf', die Führungskraft 'Können'" in told.text(house)
        assert re.search(r"Abwanderung +Mitarbeiterseite: der Ablauf", told.text(house))

    def test_money_of_a_goal_has_its_currency(self):
        tree = GoalTree([Goal("won", owner="ana", target=700_000, unit="EUR", period=Period.year(2026))])
        told = brief(None, tree, person="ana", as_of=JULY, seen={"won": 312_000})
        assert "heading for 625,714 EUR, 2,120 EUR a day needed, 1,714 EUR so far" in told.text()
        assert "625.714 EUR, 2.120 EUR am Tag nötig, 1.714 EUR bisher" in told.text(GERMAN)
        told = brief(None, tree, person="ana", as_of=JULY, seen={"won": 312_000}, last_forecasts={"won": 400_000})
        assert "312,000 EUR, where 400,000 EUR was forecast" in told.text()
        assert str(told.questions[-1]).startswith("won came out at 312,000 EUR, where 400,000 EUR was forecast:")
