"""Laws of promotion: seats are never passed, the order decides, and nothing depends on who else is in the batch."""

import json
from datetime import date

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkit import (
    Condition,
    Ladder,
    NoSanction,
    Placement,
    RatingHistory,
    SalaryBand,
    SalaryStructure,
    TimeInLevel,
    from_dict,
    to_dict,
)

LAW = settings(max_examples=60, deadline=None)
DAY = date(2026, 4, 1)
STRUCTURE = SalaryStructure(
    [SalaryBand("a", 30_000, 50_000), SalaryBand("b", 45_000, 75_000), SalaryBand("c", 70_000, 110_000)],
    currency="EUR",
)
LADDER = Ladder(
    STRUCTURE,
    [
        TimeInLevel("since", 12),
        RatingHistory(["now", "before"], "solid", scale=["low", "solid", "high"], times=1),
        Condition("score", at_least=1),
        NoSanction("until"),
    ],
    Placement({1: 0.08, 2: 0.12}),
    key="who",
    to="to",
    max_levels=1,
    seats={"b": 2, "c": 1},
    order=["score", ("rank", "low")],
)


@st.composite
def candidates(draw):
    n = draw(st.integers(1, 9))

    def column(values):
        return draw(st.lists(st.sampled_from(values), min_size=n, max_size=n))

    return {
        "who": list(draw(st.permutations([f"p{i}" for i in range(n)]))),
        "level": column(["a", "a", "b", "c"]),
        "to": column(["b", "b", "c", None]),
        "salary": draw(st.lists(st.integers(2_500_000, 12_000_000), min_size=n, max_size=n)),
        "since": column(["2024-01-01", "2025-03-31", "2025-04-02", None]),
        "now": column(["solid", "high", "low", None]),
        "before": column(["solid", "high", "low"]),
        "score": column([0.9, 1, 1.2, 1.2]),
        "rank": column([1, 2]),
        "until": column([None, None, "2026-03-31", "2026-04-01"]),
    }


@LAW
@given(candidates(), st.sampled_from(["hold", "key"]))
def test_seats_are_never_passed_and_never_left_open_without_saying(people, ties):
    ladder = evolve(LADDER, ties=ties)
    fitted = ladder.fit(people, as_of=DAY)
    outcomes = list(fitted.promote(people))
    for bar in fitted.bars:
        wanting = [o for o in outcomes if o.code in ("promoted", "no_seat", "tied")]
        mine = [o for o in wanting if people["to"][o._row] == bar.level]
        promoted = sum(1 for outcome in mine if outcome.code == "promoted")
        assert bar.candidates == len(mine)
        assert promoted == bar.seats - bar.open_seats
        assert promoted == min(len(mine), bar.seats) or sum(o.code == "tied" for o in mine) == bar.tied > bar.open_seats
        if ties == "key":
            assert promoted == min(len(mine), bar.seats)


@LAW
@given(candidates())
def test_the_order_decides_and_equals_are_treated_alike(people):
    outcomes = list(LADDER.fit(people, as_of=DAY).promote(people))
    for level in "bc":
        ranked = [
            ((people["score"][row], -people["rank"][row]), outcome.code)
            for row, outcome in enumerate(outcomes)
            if outcome.code in ("promoted", "no_seat", "tied") and people["to"][row] == level
        ]
        for value, code in ranked:
            for other, other_code in ranked:
                assert value != other or code == other_code
                if code == "promoted" and other_code != "promoted":
                    assert value > other


@LAW
@given(candidates(), st.sampled_from(["hold", "key"]), st.data())
def test_order_and_partition_change_nothing(people, ties, data):
    ladder = evolve(LADDER, ties=ties)
    fitted = ladder.fit(people, as_of=DAY)
    whole = fitted.promote(people)
    order = data.draw(st.permutations(range(len(whole))))
    shuffled = {name: [values[i] for i in order] for name, values in people.items()}
    assert ladder.fit(shuffled, as_of=DAY) == fitted
    assert [o.code for o in fitted.promote(shuffled)] == [whole[i].code for i in order]
    for row in range(len(whole)):
        one = fitted.promote_one({name: values[row] for name, values in people.items()})
        assert (one.code, one.minor, one.action, one.reasons) == (
            whole[row].code,
            whole[row].minor,
            whole[row].action,
            whole[row].reasons,
        )
        assert one.explain() == whole.explain(row)
    assert from_dict(json.loads(json.dumps(to_dict(fitted)))) == fitted


@LAW
@given(candidates())
def test_whoever_is_not_promoted_knows_why(people):
    for outcome in LADDER.fit(people, as_of=DAY).promote(people):
        if outcome.code == "promoted":
            assert outcome.action == "promotion"
            assert outcome.reasons == ()
            assert outcome["salary_after"] >= outcome["salary_before"]
            band = STRUCTURE.band(outcome["level_after"])
            assert outcome["salary_after"].exact >= band.minimum
            assert outcome["salary_after"].exact <= max(band.maximum, outcome["salary_before"].exact)
        else:
            assert outcome.action is None
            assert not outcome.amount
            assert outcome["level_after"] == outcome["level_before"]
            assert bool(outcome.reasons) == (outcome.code != "none")
            assert {reason.status for reason in outcome.reasons} <= {"blocked", "unfunded"}
        assert not any("{" in part.phrase() for part in outcome.explain().walk())
