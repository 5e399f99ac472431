"""Discipline by rule: occurrence, severity, expiry, decay, hearing before effect, and the record."""

import itertools
import json
import pickle
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pytest

from perfkit import (
    DataError,
    Deduct,
    DefinitionError,
    DisciplinaryLadder,
    DisciplinaryRecord,
    DisciplinaryStep,
    FlatAmount,
    Forfeit,
    IncentivePlan,
    Ledger,
    MissingColumnsError,
    Money,
    Offence,
    RateTable,
    Sanction,
    from_dict,
    limits,
    to_dict,
)

D = date
STEPS = [
    DisciplinaryStep("verbal warning", live_days=90),
    DisciplinaryStep("written warning", live_months=12, hearing=True),
    DisciplinaryStep("final warning", live_months=24, hearing=True),
    DisciplinaryStep("dismissal", hearing=True),
]
LATE = ("verbal warning", "written warning", "final warning", "dismissal")
LADDER = DisciplinaryLadder(STEPS, {"lateness": LATE, "theft": ["dismissal"]})
EMPTY = DisciplinaryRecord()


def cases(*rows, who="ana", offence="lateness", **columns):
    """Incidents from (day, effective, heard), numbered in their order."""
    base = {
        "incident": [f"i{place}" for place in range(len(rows))],
        "who": [who] * len(rows),
        "offence": [offence] * len(rows),
        "on": [row[0] for row in rows],
        "effective": [row[1] for row in rows],
        "heard": [row[2] for row in rows],
    }
    return base | columns


def heard(day):
    """An incident that is heard two days later and takes effect on the third."""
    return day, day + timedelta(days=3), day + timedelta(days=2)


def actions(ladder, incidents, record=EMPTY):
    got = ladder.decide(incidents, record)
    for row in range(len(got)):
        got.explain(row)
    return [outcome.action for outcome in got]


def test_occurrences_go_up_the_ladder():
    days = [D(2026, 1, 1), D(2026, 2, 1), D(2026, 3, 1), D(2026, 4, 10), D(2026, 5, 1)]
    # The verbal warning of January has expired by April: what counts then is two warnings, and by May three.
    got = actions(LADDER, cases(*map(heard, days)))
    assert got == ["verbal warning", "written warning", "final warning", "final warning", "dismissal"]


def test_the_last_step_stands_for_every_further_occurrence():
    ladder = DisciplinaryLadder(["note"], {"lateness": ["note"]})
    days = [D(2026, 1, day) for day in (1, 8, 15)]
    assert actions(ladder, cases(*map(heard, days))) == ["note"] * 3


def test_a_warning_expires_on_its_last_day():
    step = DisciplinaryStep("verbal warning", live_days=90)
    assert step.last_day(D(2026, 1, 4)) == D(2026, 4, 3)
    for day, expected in ((D(2026, 4, 3), "written warning"), (D(2026, 4, 4), "verbal warning")):
        assert actions(LADDER, cases(heard(D(2026, 1, 1)), heard(day)))[1] == expected


@pytest.mark.parametrize(
    ("months", "effective", "last"),
    [(12, D(2026, 3, 15), D(2027, 3, 14)), (1, D(2026, 1, 31), D(2026, 2, 27)), (12, D(2024, 2, 29), D(2025, 2, 27))],
)
def test_months_end_on_the_day_before(months, effective, last):
    assert DisciplinaryStep("w", live_months=months).last_day(effective) == last
    assert DisciplinaryStep("w").last_day(effective) is None


def test_two_incidents_before_the_first_warning_are_two_first_ones():
    assert actions(LADDER, cases(heard(D(2026, 1, 1)), heard(D(2026, 1, 2)))) == ["verbal warning"] * 2


def test_severity_skips_steps():
    ladder = DisciplinaryLadder(STEPS, {"lateness": LATE}, severity="grave")
    rows = [heard(D(2026, 1, 1)), heard(D(2026, 2, 1))]
    assert actions(ladder, cases(*rows, grave=[2, 1])) == ["final warning", "final warning"]
    assert actions(ladder, cases(rows[0], grave=[9])) == ["dismissal"]
    text = str(ladder.decide(cases(rows[0], grave=[2]), EMPTY).explain(0))
    assert "steps skipped (grave)" in text
    for odd in (-1, 0.5):
        with pytest.raises(DataError, match="column 'grave' must be a whole number from 0 on"):
            ladder.decide(cases(rows[0], grave=[odd]), EMPTY)


def test_clean_time_is_forgotten_occurrence_by_occurrence():
    note = DisciplinaryStep("verbal warning")
    ladder = DisciplinaryLadder([note, "written warning", "final warning"], {"lateness": LATE[:3]}, decay_days=180)
    first, second = D(2025, 1, 1), D(2025, 1, 10)
    for gap, expected in (
        (179, "final warning"),
        (180, "written warning"),
        (360, "verbal warning"),
        (999, "verbal warning"),
    ):
        third = second + timedelta(days=gap)
        got = ladder.decide(cases(*map(heard, (first, second, third))), EMPTY)
        assert got[2].action == expected
    assert "forgotten, one for each 180 days without another" in str(got.explain(2))


def test_offences_of_one_group_count_together():
    offences = [Offence("lateness", LATE, counted_with="time"), Offence("absence", LATE, counted_with="time")]
    offences.append(Offence("language", LATE))
    ladder = DisciplinaryLadder(STEPS, offences)
    rows = [heard(D(2026, 1, 1)), heard(D(2026, 2, 1)), heard(D(2026, 3, 1))]
    got = actions(ladder, cases(*rows, offence="x") | {"offence": ["lateness", "absence", "language"]})
    assert got == ["verbal warning", "written warning", "verbal warning"]


# The hearing.


@pytest.mark.parametrize("hearing", [None, D(2026, 2, 4), D(2026, 2, 9)])
def test_without_a_hearing_before_it_a_step_takes_no_effect(hearing):
    rows = [heard(D(2026, 1, 1)), (D(2026, 2, 1), D(2026, 2, 4), hearing)]
    got = LADDER.decide(cases(*rows), EMPTY)
    assert (got[1].code, got[1].action) == ("blocked", None)
    assert str(got[1].reasons[0]) == "blocked: written warning needs a hearing before 2026-02-04"
    assert [sanction.incident for sanction in got.state.sanctions] == ["i0"]
    assert "written warning needs a hearing before 2026-02-04" in str(got.explain(1))
    # It is heard later, and takes effect then.
    late = cases((D(2026, 2, 1), D(2026, 3, 1), D(2026, 2, 20))) | {"incident": ["i1"]}
    assert LADDER.decide(late, got.state)[0].action == "written warning"


def test_a_step_without_a_hearing_needs_none():
    ladder = DisciplinaryLadder(["note"], {"lateness": ["note"]})
    incidents = cases(heard(D(2026, 1, 1)))
    del incidents["heard"]
    assert actions(ladder, incidents) == ["note"]
    with pytest.raises(MissingColumnsError, match="'heard'"):
        LADDER.decide(incidents, EMPTY)


def test_a_hearing_is_not_before_the_incident():
    with pytest.raises(DataError, match="column 'heard' must not be before 'on': row 1"):
        LADDER.decide(cases(heard(D(2026, 1, 1)), (D(2026, 2, 2), D(2026, 2, 4), D(2026, 2, 1))), EMPTY)


# The record.


def test_what_was_decided_is_not_counted_again():
    incidents = cases(*map(heard, (D(2026, 1, 1), D(2026, 2, 1))))
    first = LADDER.decide(incidents, EMPTY)
    again = LADDER.decide(incidents, first.state)
    assert again.state == first.state
    assert [outcome.action for outcome in again] == ["verbal warning", "written warning"]
    assert again.codes.tolist() == ["decided before"] * 2


@pytest.mark.parametrize("other", [{"who": ["ben"]}, {"offence": ["theft"]}])
def test_an_id_that_the_record_has_for_another_incident_is_refused(other):
    incidents = cases(heard(D(2026, 1, 1)))
    record = LADDER.decide(incidents, EMPTY).state
    with pytest.raises(DataError, match="for somebody or something else: row 0; give it an id of its own"):
        LADDER.decide(incidents | other, record)


def test_one_by_one_is_all_at_once():
    rows = [heard(D(2026, 1, 1) + timedelta(days=20 * place)) for place in range(6)]
    whole = LADDER.decide(cases(*rows), EMPTY)
    record, got = EMPTY, []
    for place, row in enumerate(rows):
        one = LADDER.decide(cases(row) | {"incident": [f"i{place}"]}, record)
        record = one.state
        got.append(one[0].action)
    assert got == [outcome.action for outcome in whole]
    assert record == whole.state


def test_the_order_of_rows_decides_nothing():
    incidents = cases(*map(heard, (D(2026, 1, 1), D(2026, 2, 1), D(2026, 3, 1), D(2026, 3, 1))))
    incidents["who"][3] = "ben"
    whole = LADDER.decide(incidents, EMPTY)
    for order in itertools.permutations(range(4)):
        shuffled = {name: [column[row] for row in order] for name, column in incidents.items()}
        got = LADDER.decide(shuffled, EMPTY)
        assert [outcome.action for outcome in got] == [whole[row].action for row in order]
        assert got.state == whole.state


def test_what_stands_is_the_gravest_that_is_live():
    record = LADDER.decide(cases(*map(heard, (D(2026, 1, 1), D(2026, 2, 1)))), EMPTY).state
    who = ["ana", "ben"]
    for day, expected in (
        (D(2026, 1, 3), "none"),
        (D(2026, 1, 4), "verbal warning"),
        (D(2026, 2, 4), "written warning"),
        (D(2027, 2, 3), "written warning"),
        (D(2027, 2, 4), "none"),
    ):
        assert LADDER.standing(record, who, day).tolist() == [expected, "none"]
    assert len(record.of("ana")) == 2
    # A milder one that follows a graver one does not stand before it.
    graver = Sanction("x", "ben", "theft", "theft", "final warning", D(2026, 1, 1), D(2026, 1, 2))
    milder = Sanction("y", "ben", "lateness", "lateness", "verbal warning", D(2026, 1, 3), D(2026, 1, 4))
    assert LADDER.standing(DisciplinaryRecord([graver, milder]), ["ben"], D(2026, 1, 9)).tolist() == ["final warning"]
    assert [sanction.step for sanction in record.of("ana", live_on=D(2026, 6, 1))] == ["written warning"]
    # A ladder that no longer has a step does not rank it.
    assert DisciplinaryLadder(["note"], {"x": ["note"]}).standing(record, who, D(2026, 3, 1)).tolist() == ["none"] * 2


def test_a_promotion_reads_until_when_something_stands():
    record = LADDER.decide(cases(*map(heard, (D(2026, 1, 1), D(2026, 2, 1)))), EMPTY).state
    for day, last in ((D(2026, 1, 3), None), (D(2026, 1, 4), D(2026, 4, 3)), (D(2026, 2, 4), D(2027, 2, 3))):
        assert record.until(["ana", "ben"], day).tolist() == [last, None]
    assert record.until(["ana"], D(2027, 2, 4)).tolist() == [None]
    ladder = DisciplinaryLadder(["note"], {"lateness": ["note"]})
    forever = ladder.decide(cases(heard(D(2026, 1, 1))), EMPTY).state
    assert forever.until(["ana"], D(2030, 1, 1)).tolist() == [date.max]


def test_a_bonus_reads_what_stands():
    record = LADDER.decide(cases(heard(D(2026, 1, 1))), EMPTY).state
    table = RateTable("sanction", {"verbal warning": 0.1, "none": 0})
    plan = IncentivePlan("bonus", currency="EUR", pays=[FlatAmount(1_000)], then=[Forfeit(table)])
    paid = plan.pay({"sanction": LADDER.standing(record, ["ana", "ben"], D(2026, 2, 1))})
    assert paid.minor.tolist() == [90_000, 100_000]


def test_a_fine_goes_through_a_deduction():
    """An occurrence-indexed schedule as found in use: nothing, nothing, 5 % and 10 % of a day's wage."""
    steps = [
        DisciplinaryStep(name, fine=fine) for name, fine in (("oral", 0), ("written", 0), ("5 %", 0.05), ("10 %", 0.1))
    ]
    ladder = DisciplinaryLadder(steps, {"lateness": ["oral", "written", "5 %", "10 %"]})
    days = [D(2026, month, 1) for month in (1, 2, 3, 4)]
    incidents = cases(*map(heard, days), daily_wage=[9_999] * 4)
    decided = ladder.decide(incidents, EMPTY, daily_pay="daily_wage", currency="JPY")
    assert decided.column("fine").tolist() == [0, 0, 499, 999]
    fine = Deduct("fine", basis="work rules", limits=limits.japan_article_91)
    facts = {"average_daily_wage": [9_999] * 4, "in_work_rules": [True] * 4}
    asked = {"incident": decided.column("incident"), "who": decided.column("who"), "amount": decided.column("fine")}
    assert fine.impose(asked | facts, Ledger("JPY")).total == Money(-1_498, "JPY")
    with pytest.raises(DefinitionError, match="daily_pay and currency go together"):
        ladder.decide(incidents, EMPTY, daily_pay="daily_wage")
    with pytest.raises(DataError, match="column 'daily_wage' must not be negative"):
        ladder.decide(incidents | {"daily_wage": [-1] * 4}, EMPTY, daily_pay="daily_wage", currency="JPY")
    with pytest.raises(DataError, match="column 'daily_wage' must be money of JPY"):
        ladder.decide(incidents | {"daily_wage": [Money(1, "EUR")] * 4}, EMPTY, daily_pay="daily_wage", currency="JPY")


def test_a_blocked_step_costs_nothing():
    ladder = DisciplinaryLadder([DisciplinaryStep("fine", hearing=True, fine=1)], {"lateness": ["fine"]})
    got = ladder.decide(cases((D(2026, 1, 1), D(2026, 1, 2), None), pay=[500]), EMPTY, daily_pay="pay", currency="EUR")
    assert got.column("fine").tolist() == [0]


# What is refused.


def test_an_unknown_offence_is_refused():
    with pytest.raises(DataError, match=r"must be one of lateness, theft \(got 'latenes'\) \(did you mean") as caught:
        LADDER.decide(cases(heard(D(2026, 1, 1)), offence="latenes"), EMPTY)
    assert (caught.value.column, caught.value.rows) == ("offence", (0,))


def test_a_missing_history_is_refused():
    with pytest.raises(DataError, match="history must be a DisciplinaryRecord"):
        LADDER.decide(cases(heard(D(2026, 1, 1))), None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"incident": ["i0", "i0"]}, "must tell the rows apart"),
        ({"effective": [D(2025, 1, 1), D(2026, 3, 1)]}, "column 'effective' must not be before 'on': row 0"),
        ({"on": [None, D(2026, 2, 1)]}, "column 'on' must not be missing: row 0"),
        ({"who": [None, "ana"]}, "column 'who' must not be missing: row 0"),
        ({"offence": ["lateness", None]}, "column 'offence' must not be missing: row 1"),
    ],
)
def test_bad_incidents_are_refused(change, message):
    with pytest.raises(DataError, match=message):
        LADDER.decide(cases(heard(D(2026, 1, 1)), heard(D(2026, 2, 1))) | change, EMPTY)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DisciplinaryLadder([], {"x": ["a"]}), "steps must not be empty; offence 'x' leads to 'a'"),
        (lambda: DisciplinaryLadder(["a"], {}), "offences must not be empty"),
        (lambda: DisciplinaryLadder(["a", "a"], {"x": ["a"]}), r"steps must differ \(got 'a' twice\)"),
        (lambda: DisciplinaryLadder(["warning"], {"x": ["warnin"]}), r"which is no step \(did you mean 'warning'\?\)"),
        (lambda: DisciplinaryLadder(["a", 3], {"x": ["a"]}), r"steps\[1\] must be a step or its name \(got 3\)"),
        (lambda: DisciplinaryLadder(["a"], [3]), r"offences\[0\] must be an Offence \(got 3\)"),
        (lambda: DisciplinaryLadder(["a"], {"x": ["a"]}, decay_days=0), "from 1 on"),
        (lambda: Offence("x", []), "must lead to something"),
        (lambda: DisciplinaryStep("a", live_days=1, live_months=1), "for days or for months, not both"),
        (lambda: DisciplinaryStep("a", fine=1.5), "a share of a day's pay"),
        (lambda: DisciplinaryStep("a", live_days=-3), "from 1 on"),
        (lambda: DisciplinaryStep("a", hearing="yes"), "must be True or False"),
        (lambda: DisciplinaryRecord(["x"]), "a record holds sanctions"),
    ],
)
def test_a_ladder_that_cannot_be_one_is_refused(make, message):
    with pytest.raises(DefinitionError, match=message):
        make()


def test_an_incident_is_in_the_record_once():
    sanction = Sanction("i", "ana", "x", "x", "note", D(2026, 1, 1), D(2026, 1, 2))
    with pytest.raises(DefinitionError, match=r"sanctioned once \(got 'i' twice\)"):
        DisciplinaryRecord([sanction, sanction])


def test_a_ladder_and_its_record_are_stored():
    ladder = DisciplinaryLadder(STEPS, {"lateness": LATE}, decay_days=90, severity="grave")
    assert from_dict(json.loads(json.dumps(to_dict(ladder)))) == ladder
    record = LADDER.decide(cases(heard(D(2026, 1, 1)), heard(D(2026, 2, 1))), EMPTY).state
    assert from_dict(json.loads(json.dumps(to_dict(record)))) == record
    assert repr(record) == "<DisciplinaryRecord: 2 sanctions of 1 people>"
    assert STEPS[0].fine == Fraction(0)


def test_columns_of_a_frame_are_read_too():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(cases(*map(heard, (D(2026, 1, 1), D(2026, 2, 1)))))
    for name in ("on", "effective", "heard"):
        frame[name] = pandas.to_datetime(frame[name])
    frame.loc[0, "heard"] = pandas.NaT
    assert actions(LADDER, frame) == ["verbal warning", "written warning"]
    assert isinstance(LADDER.decide(frame, EMPTY).column("occurrence"), np.ndarray)


def test_no_incidents_change_nothing():
    got = LADDER.decide(cases(), EMPTY)
    assert (len(got), got.state) == (0, EMPTY)


def test_decisions_travel_between_processes():
    decided = LADDER.decide(cases(heard(D(2026, 1, 1))), EMPTY)
    back = pickle.loads(pickle.dumps(decided))
    assert str(back.explain(0)) == str(decided.explain(0))
    assert back.state == decided.state


def test_an_incident_before_one_that_was_sanctioned_is_blocked():
    ladder = DisciplinaryLadder(["verbal", "written"], {"lateness": ["verbal", "written"]})

    def incident(name, day):
        day = date(2026, 1, day)
        return {"incident": [name], "who": ["ana"], "offence": ["lateness"], "on": [day], "effective": [day]}

    record = ladder.decide(incident("b", 20), DisciplinaryRecord()).state
    late = ladder.decide(incident("a", 5), record)
    assert (late[0].code, late[0].action, late.state) == ("blocked", None, record)
    assert str(late[0].reasons[0]).startswith("blocked: the record has a later incident, of 2026-01-20")
    assert "decide both together" in str(late.explain(0))
    assert ladder.decide(incident("b", 20), record).state == record


def test_a_record_after_an_appeal_is_as_if_the_incident_had_not_been_decided():
    rows = cases(heard(D(2026, 1, 5)), heard(D(2026, 2, 2)))
    decided = LADDER.decide(rows, EMPTY)
    assert decided[1].action == "written warning"
    upheld = decided.state.without("i0", "i1")
    assert upheld == EMPTY
    again = LADDER.decide(cases(heard(D(2026, 2, 2)), incident=["i1"]), decided.state.without("i0", "i1"))
    assert again[0].action == "verbal warning"
    assert [one.incident for one in decided.state.without("i0").sanctions] == ["i1"]
    assert decided.state.without() == decided.state
    with pytest.raises(DataError, match=r"must have every incident .*it has no 9, x"):
        decided.state.without("i0", "x", 9)
