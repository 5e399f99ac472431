"""What changes from a day on is checked as it holds from then on."""

from datetime import UTC, date, datetime

import pytest

from perfkit import Change, DefinitionError, Goal, Period

YEAR = Period.year(2026)
APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


@pytest.mark.parametrize(
    ("options", "changes", "message"),
    [
        ({}, [Change(MAY, baseline=100)], "from 2026-05-01 on, target and baseline of 'g' must differ .got 100"),
        ({}, [Change(APRIL, target=50), Change(MAY, baseline=50)], "from 2026-05-01 on, target and baseline"),
        ({"threshold": 50}, [Change(MAY, target=40)], "must be in this order .got 0, 50, 40"),
        ({"stretch": 120}, [Change(APRIL, weight=2), Change(MAY, target=150)], "must be in this order"),
        ({"direction": "increase"}, [Change(MAY, baseline=150)], "is increase, but its target is below"),
    ],
)
def test_numbers_are_in_order_after_each_change(options, changes, message):
    with pytest.raises(DefinitionError, match=message):
        Goal("g", period=YEAR, target=100, changes=changes, **options)


def test_a_change_back_and_forth_is_lawful():
    goal = Goal("g", target=100, changes=[Change(APRIL, baseline=50, target=200), Change(MAY, target=100)])
    assert len(goal.changes) == 2
    spent = Goal("g", target=100, zero_span="reached", changes=Change(MAY, baseline=100))
    assert spent.target == 100


@pytest.mark.parametrize(
    "make",
    [
        lambda day: Change(day, weight=2),
        lambda day: Goal("g", joined=day),
        lambda day: Goal("g", left=day),
    ],
)
def test_a_time_of_day_is_refused_where_a_date_is_meant(make):
    with pytest.raises(DefinitionError, match=r"must be a date, without a time of day .*; give its \.date\(\)"):
        make(datetime(2026, 5, 1, tzinfo=UTC))
    with pytest.raises(DefinitionError, match=r"must be a date.* .got '2026-05-01'"):
        make("2026-05-01")
    make(MAY)
