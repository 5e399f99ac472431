"""Pay over dated segments: day counts by convention, three assignments in a year, gaps, working time."""

import json
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkit import (
    DataError,
    DefinitionError,
    Draw,
    FlatAmount,
    IncentivePlan,
    Money,
    Multiply,
    Segment,
    TargetBonus,
    Timeline,
    day_count,
    from_dict,
    to_dict,
)

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
CONVENTIONS = ["days", "actual/365", "whole_months", "months_by_15th", "30/360"]
ADDITIVE = ["days", "actual/365", "months_by_15th", "30/360"]
BONUS = IncentivePlan("bonus", currency="EUR", pays=[TargetBonus("salary", 0.1)])
DAY = timedelta(days=1)

dates = st.dates(date(2019, 1, 1), date(2029, 12, 31))


# Day counts against oracles that walk through the days.


def days_of(start, end):
    while start <= end:
        yield start
        start += DAY


def last_day(day):
    return monthrange(day.year, day.month)[1]


def naive(start, end, convention):
    days = list(days_of(start, end))
    if convention in ("days", "actual/365"):
        return len(days)
    if convention == "months_by_15th":
        return sum(day.day == 15 for day in days)
    if convention == "whole_months":
        inside = set(days)
        firsts = [day for day in days if day.day == 1]
        return sum(first.replace(day=last_day(first)) in inside for first in firsts)
    # 30/360 as bonds count it, from the first day to the day after the last, the 31st taken for the 30th.
    after = end + DAY
    return (
        360 * (after.year - start.year) + 30 * (after.month - start.month) + (min(after.day, 30) - min(start.day, 30))
    )


@settings(max_examples=150, deadline=None)
@given(start=dates, length=st.one_of(st.integers(0, 70), st.integers(0, 800)))
def test_day_counts_agree_with_a_walk_through_the_days(start, length):
    end = start + length * DAY
    for convention in CONVENTIONS:
        (counted,) = day_count([start], [end], convention)
        assert counted == naive(start, end, convention), convention


@settings(max_examples=100, deadline=None)
@given(places=st.lists(dates, min_size=2, max_size=6, unique=True))
def test_day_counts_add_up_over_any_partition_of_time(places):
    places = sorted(places)
    starts, ends = places[:-1], [place - DAY for place in places[1:]]
    for convention in ADDITIVE:
        parts = day_count(starts, ends, convention)
        assert parts.sum() == day_count([places[0]], [places[-1] - DAY], convention)[0], convention
        assert parts.dtype == np.int64
        assert [day_count([a], [b], convention)[0] for a, b in zip(starts, ends, strict=True)] == parts.tolist()
    whole = day_count([places[0]], [places[-1] - DAY], "whole_months")[0]
    assert day_count(starts, ends, "whole_months").sum() <= whole


@pytest.mark.parametrize("year", [2023, 2024])
def test_every_month_and_every_year_has_its_count(year):
    for month in range(1, 13):
        start = date(year, month, 1)
        end = start.replace(day=last_day(start))
        assert day_count(start, end, "30/360").tolist() == [30]
        assert day_count(start, end, "whole_months").tolist() == [1]
        assert day_count(start, end, "months_by_15th").tolist() == [1]
    whole = (date(year, 1, 1), date(year, 12, 31))
    days = 366 if year == 2024 else 365
    assert [int(day_count(*whole, convention)[0]) for convention in CONVENTIONS] == [days, days, 12, 12, 360]


@pytest.mark.parametrize(
    ("start", "end", "counts"),
    [
        (date(2026, 1, 1), date(2026, 1, 1), [1, 1, 0, 0, 1]),
        (date(2026, 1, 15), date(2026, 1, 15), [1, 1, 0, 1, 1]),
        (date(2026, 1, 16), date(2026, 2, 14), [30, 30, 0, 0, 29]),
        (date(2026, 1, 2), date(2026, 2, 28), [58, 58, 1, 2, 59]),
        (date(2024, 2, 29), date(2024, 3, 31), [32, 32, 1, 1, 32]),
        (date(2026, 12, 31), date(2027, 1, 31), [32, 32, 1, 1, 31]),
    ],
)
def test_day_counts_at_the_edges(start, end, counts):
    assert [int(day_count(start, end, convention)[0]) for convention in CONVENTIONS] == counts


def test_day_counts_take_columns_of_dates():
    starts = np.array(["2026-01-01", "2026-07-01"], dtype="datetime64[D]")
    assert day_count(starts, [date(2026, 6, 30), date(2026, 12, 31)]).tolist() == [181, 184]
    assert day_count([], []).tolist() == []


def test_days_that_are_missing_and_conventions_without_a_name_are_refused():
    with pytest.raises(DataError, match="days must not be missing"):
        day_count(np.array(["2026-01-01", "NaT"], dtype="datetime64[D]"), [date(2026, 1, 2)] * 2)
    with pytest.raises(DefinitionError, match=r"convention must be one of .* \(did you mean '30/360'\?\)"):
        day_count(date(2026, 1, 1), date(2026, 1, 2), "30/60")
    with pytest.raises(DefinitionError, match="convention must be one of"):
        BONUS.pay_timeline(Timeline([Segment(*YEAR, {"salary": 1})]), *YEAR, convention="months")


# Segments and timelines.


def test_three_assignments_are_three_segments_and_one_explanation():
    other = IncentivePlan("manager", currency="EUR", pays=[TargetBonus("salary", 0.2)], then=[Multiply("score")])
    timeline = Timeline(
        [
            Segment(date(2025, 3, 1), date(2026, 4, 30), {"salary": 6_000_000}),
            Segment(date(2026, 5, 1), date(2026, 8, 31), {"salary": 7_200_000}, plan=other),
            Segment(date(2026, 9, 1), date(2027, 6, 30), {"salary": 7_200_000}, working_time=0.6, plan=other),
        ]
    )
    result = BONUS.pay_timeline(timeline, *YEAR, score=1.1)
    expected = [
        (Fraction(600_000) * 120 / 365, 120),
        (Fraction(1_584_000) * 123 / 365, 123),
        (Fraction(1_584_000) * 122 * 6 / 10 / 365, Fraction(122 * 6, 10)),
    ]
    assert [(part.minor, part.by, part.of) for part in result.segments] == [
        (int(amount + Fraction(1, 2)), by, 365) for amount, by in expected
    ]
    assert result.minor == sum(part.minor for part in result.segments)
    assert result.amount == Money.from_minor(result.minor, "EUR")
    explanation = result.explain()
    explanation.check()
    assert explanation.value == result.amount
    assert [part.code for part in explanation.parts] == ["segment"] * 3
    assert [part.value.minor for part in explanation.parts] == [part.minor for part in result.segments]
    assert explanation.parts[1].params["start"] == date(2026, 5, 1)
    assert "2026-09-01 to 2026-12-31: 73.2 of 365" in str(explanation)
    json.dumps(explanation.to_dict())
    assert repr(result) == f"<TimelinePayout of 'bonus': {result.amount} in 3 segments>"


def test_days_in_no_segment_earn_nothing():
    timeline = Timeline(
        [
            Segment(date(2026, 1, 1), date(2026, 3, 31), {"salary": 3_650_000}),
            Segment(date(2026, 7, 1), date(2026, 9, 30), {"salary": 3_650_000}),
        ]
    )
    assert timeline.gaps(*YEAR) == (
        (date(2026, 4, 1), date(2026, 6, 30)),
        (date(2026, 10, 1), date(2026, 12, 31)),
    )
    assert BONUS.pay_timeline(timeline, *YEAR).minor == 1_000 * (90 + 92)
    assert timeline.gaps(date(2026, 1, 15), date(2026, 2, 15)) == ()
    assert timeline.gaps(date(2026, 3, 1), date(2026, 7, 1)) == ((date(2026, 4, 1), date(2026, 6, 30)),)


def test_a_period_outside_of_every_segment_pays_nothing():
    timeline = Timeline([Segment(date(2026, 1, 1), date(2026, 1, 31), {"salary": 1})])
    result = BONUS.pay_timeline(timeline, date(2027, 1, 1), date(2027, 12, 31))
    assert (result.minor, result.segments) == (0, ())
    result.explain().check()
    assert timeline.gaps(date(2027, 1, 1), date(2027, 1, 2)) == ((date(2027, 1, 1), date(2027, 1, 2)),)


@settings(max_examples=80, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 400), min_size=2, max_size=8, unique=True),
    gone=st.sets(st.integers(0, 6)),
    window=st.tuples(st.integers(-10, 410), st.integers(0, 200)),
)
def test_segments_and_gaps_part_every_period(cuts, gone, window):
    origin = date(2026, 1, 1)
    cuts = sorted(cuts)
    spans = [(origin + a * DAY, origin + (b - 1) * DAY) for a, b in pairwise(cuts)]
    kept = [Segment(*span) for i, span in enumerate(spans) if i not in gone] or [Segment(*spans[0])]
    timeline = Timeline(kept)
    start = origin + window[0] * DAY
    end = start + window[1] * DAY
    inside = [day for part in timeline.within(start, end) for day in days_of(part.start, part.end)]
    outside = [day for gap in timeline.gaps(start, end) for day in days_of(*gap)]
    assert sorted(inside + outside) == list(days_of(start, end))
    assert set(inside) == {day for part in kept for day in days_of(part.start, part.end) if start <= day <= end}
    for before, after in pairwise(timeline.gaps(start, end)):
        assert before[1] + DAY < after[0]


@settings(max_examples=40, deadline=None)
@given(
    cuts=st.lists(st.integers(1, 364), max_size=5, unique=True),
    salary=st.integers(1, 20_000_000),
    convention=st.sampled_from(["days", "30/360", "months_by_15th"]),
)
def test_cutting_a_segment_in_parts_changes_only_the_rounding(cuts, salary, convention):
    places = [0, *sorted(cuts), 365]
    parts = [Segment(YEAR[0] + a * DAY, YEAR[0] + (b - 1) * DAY, {"salary": salary}) for a, b in pairwise(places)]
    result = BONUS.pay_timeline(Timeline(parts), *YEAR, convention=convention)
    assert sum(part.by for part in result.segments) == result.segments[0].of
    whole = BONUS.pay_one({"salary": salary}).minor
    assert abs(result.minor - whole) <= Fraction(len(parts), 2)
    result.explain().check()


def test_working_time_counts_as_time():
    def paid(share):
        return BONUS.pay_timeline(Timeline([Segment(*YEAR, {"salary": 1_000_000}, working_time=share)]), *YEAR).minor

    assert [paid(share) for share in (1, 0.5, Fraction(1, 3), 0)] == [100_000, 50_000, 33_333, 0]


def test_a_leap_year_by_365_pays_its_day_more():
    year = (date(2024, 1, 1), date(2024, 12, 31))
    timeline = Timeline([Segment(*year, {"salary": 3_650_000})])
    assert BONUS.pay_timeline(timeline, *year, convention="actual/365").minor == 366_000
    assert BONUS.pay_timeline(timeline, *year, convention="days").minor == 365_000


def test_what_a_segment_says_goes_before_what_holds_for_all():
    timeline = Timeline([Segment(*YEAR, {"salary": 2_000})])
    assert BONUS.pay_timeline(timeline, *YEAR, salary=1_000).minor == 200
    assert BONUS.pay_timeline(Timeline([Segment(*YEAR)]), *YEAR, salary=1_000).minor == 100


@pytest.mark.parametrize("convention", ["whole_months", "months_by_15th"])
def test_a_period_with_no_time_is_refused(convention):
    timeline = Timeline([Segment(*YEAR, {"salary": 1})])
    with pytest.raises(DefinitionError, match="has no time by"):
        BONUS.pay_timeline(timeline, date(2026, 1, 2), date(2026, 1, 14), convention=convention)


def test_a_period_that_ends_before_it_starts_is_refused():
    timeline = Timeline([Segment(*YEAR, {"salary": 1})])
    for period in ((YEAR[1], YEAR[0]), (date(2028, 2, 1), date(2028, 1, 1))):
        with pytest.raises(DefinitionError):
            BONUS.pay_timeline(timeline, *period)


def test_a_segment_of_another_currency_is_refused():
    dollars = IncentivePlan("abroad", currency="USD", pays=[FlatAmount(5)])
    timeline = Timeline([Segment(*YEAR, {"salary": 1}, plan=dollars)])
    with pytest.raises(DataError, match=r"in one currency \(got EUR and USD\)"):
        BONUS.pay_timeline(timeline, *YEAR)


def test_plans_that_carry_are_not_paid_over_a_timeline():
    carrying = IncentivePlan("draw", currency="EUR", pays=[FlatAmount("salary")], carry=[Draw(1)])
    timeline = Timeline([Segment(*YEAR, {"salary": 1})])
    with pytest.raises(DefinitionError, match="pay_period"):
        carrying.pay_timeline(timeline, *YEAR)
    with pytest.raises(DefinitionError, match="pay_period"):
        BONUS.pay_timeline(Timeline([Segment(*YEAR, {"salary": 1}, plan=carrying)]), *YEAR)


def test_a_fact_that_the_plan_reads_and_no_segment_has_is_missed():
    with pytest.raises(DataError, match="'salary'"):
        BONUS.pay_timeline(Timeline([Segment(*YEAR)]), *YEAR)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Timeline([]), "at least one segment"),
        (lambda: Timeline([Segment(*YEAR), Segment(*YEAR)]), "must not overlap"),
        (
            lambda: Timeline([Segment(YEAR[0], YEAR[0]), Segment(YEAR[0], YEAR[1])]),
            r"must not overlap \(got one to 2026-01-01 and the next from 2026-01-01\)",
        ),
        (lambda: Segment(YEAR[1], YEAR[0]), "must not end"),
        (lambda: Segment("2026-01-01", YEAR[1]), "start of a segment must be a date"),
        (lambda: Segment(YEAR[0], datetime(2026, 1, 1, tzinfo=UTC)), "end of a segment must be a date"),
        (lambda: Segment(*YEAR, working_time=1.1), "between 0 and 1"),
        (lambda: Segment(*YEAR, working_time=-0.1), "between 0 and 1"),
        (lambda: Segment(*YEAR, working_time="half"), "must be a number"),
    ],
)
def test_timelines_that_cannot_mean_anything_are_refused(make, message):
    with pytest.raises(DefinitionError, match=message):
        make()


def test_a_timeline_is_data():
    timeline = Timeline(
        [Segment(YEAR[0], date(2026, 3, 1), {"salary": 5}), Segment(date(2026, 5, 1), YEAR[1], working_time=0.5)]
    )
    assert from_dict(json.loads(json.dumps(to_dict(timeline)))) == timeline
    assert timeline.segments[0].days == 60
