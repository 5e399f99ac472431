"""What goes wrong in practice, item by item: a specific error with its cure, or an outcome with its reason."""

from datetime import date

import pytest

from perfkit import (
    DataError,
    Deduct,
    DefinitionError,
    IncentivePlan,
    Ladder,
    Ledger,
    MeritMatrix,
    MissingColumnsError,
    Money,
    Placement,
    Pool,
    RatingHistory,
    Recover,
    SalaryBand,
    SalaryReview,
    SalaryStructure,
    StepProgression,
    TargetBonus,
    ZeroSum,
    limits,
)

DAY = date(2026, 4, 1)
BANDS = SalaryStructure([SalaryBand("a", 40_000, 60_000), SalaryBand("b", 55_000, 85_000)], currency="EUR")
MATRIX = MeritMatrix({"high": [0.05, 0.04, 0.03], "low": [0.02, 0.01, 0]}, ranges=[0.9, 1.1])
STAFF = {
    "who": ["ana", "ben"],
    "level": ["a", "b"],
    "salary": [4_400_000, 7_000_000],
    "rating": ["high", "low"],
    "points": [1, 2],
    "ok": [True, True],
}


def pool(fund=100, **options):
    return Pool(fund, **{"by": "points", "key": "who", "currency": "EUR"} | options)


def review(guide=MATRIX, **options):
    return SalaryReview(guide, **{"key": "who", "structure": BANDS} | options)


def ladder(**options):
    history = RatingHistory(["now", "before"], "solid", scale=["low", "solid", "high"], times=2)
    return Ladder(BANDS, [history], Placement(0.1), key="who", **options)


class GivesTooMuch:
    def place(self, salary, old, new, levels, currency, record):
        return 2**63


GIVES_TOO_MUCH = GivesTooMuch()
CANDIDATE = {"who": "ana", "level": "a", "salary": 5_000_000, "now": "solid", "before": "high"}
AWARDS = {"award": ["x"], "who": ["ana"], "salary": [10_000], "factor": [1.2], "paid": [12_000], "recovered": [0]}
BONUS = IncentivePlan("bonus", currency="EUR", pays=[TargetBonus("salary", 1, "factor")])
GRADES = SalaryStructure([SalaryBand("9", steps=[100, 110])], currency="EUR")


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        # A budget below the sum of floors.
        (
            lambda: pool(floor=60).fit(STAFF),
            DataError,
            "floors add up to 120 and the fund is 100 EUR; lower the floors",
        ),
        (
            lambda: review(minimum_raise=2_000).fit(STAFF, 3_999),
            DataError,
            r"least raises add up to 4,000.00 EUR and the budget is 3,999.00 EUR; raise the budget",
        ),
        # A negative budget.
        (lambda: pool(-1), DefinitionError, "a fund must not be negative"),
        (lambda: review().fit(STAFF, -1), DefinitionError, "a budget must not be negative"),
        (lambda: review().fit(STAFF, share=-0.01), DefinitionError, "share must not be negative"),
        # No one eligible.
        (
            lambda: pool(eligible="ok").fit(STAFF | {"ok": [False, False]}),
            DataError,
            "nobody in pool 'pool' has any weight, .* check the weights and who is eligible, or say nobody='keep'",
        ),
        (
            lambda: review(eligible="ok").fit(STAFF | {"ok": [False, False]}, 10),
            DataError,
            "nobody has a guideline above nothing, .* check who is eligible and rated, or give a budget of 0",
        ),
        # All weights zero.
        (lambda: pool().fit(STAFF | {"points": [0, 0]}), DataError, "nothing says who gets 100.00 EUR"),
        (lambda: review(0).fit(STAFF, 10), DataError, "nobody has a guideline above nothing"),
        (
            lambda: ZeroSum("points", key="who").fit(STAFF | {"points": [0, 0]}),
            DataError,
            "the factors cannot average 1",
        ),
        # Bands with gaps or overlaps.
        (
            lambda: SalaryStructure([SalaryBand("a", 40, 50), SalaryBand("b", 55, 85)], currency="EUR"),
            DefinitionError,
            r"gap between 'a' and 'b' \(50 and 55\); close it or say gaps='allow'",
        ),
        (
            lambda: SalaryStructure(BANDS.bands, currency="EUR", overlaps="refuse"),
            DefinitionError,
            "'a' and 'b' overlap .*; part them or say overlaps='allow'",
        ),
        (lambda: MeritMatrix({"x": [0, 0]}, [(None, 1), (1.1, None)]), DefinitionError, "a gap between 1 and 1.1"),
        (lambda: MeritMatrix({"x": [0, 0]}, [(None, 1), (0.9, None)]), DefinitionError, "an overlap between 1 and 0.9"),
        # Unknown levels.
        (
            lambda: review().raises(STAFF | {"level": ["a", "c"]}),
            DataError,
            r"'level' must be one of a, b \(got 'c'\): row 1; give it a band, or mend the level",
        ),
        (lambda: ladder().promote_one(CANDIDATE | {"level": "c"}, as_of=DAY), DataError, r"one of a, b \(got 'c'\)"),
        (
            lambda: StepProgression(GRADES).raise_one({"level": "8", "salary": 10_000}),
            DataError,
            r"one of 9 \(got '8'\)",
        ),
        # Missing history.
        (
            lambda: ladder().promote_one({name: CANDIDATE[name] for name in list(CANDIDATE)[:-1]}, as_of=DAY),
            MissingColumnsError,
            "1 column is missing: 'before'",
        ),
        (
            lambda: ladder(missing="refuse").promote_one(CANDIDATE | {"before": None}, as_of=DAY),
            DataError,
            "'before' must be known for 'ratings': row 0; fill it, leave these rows out, or say missing='blocked'",
        ),
        # A deduction without a basis.
        (
            lambda: Deduct("fine", limits=limits.japan_article_91),
            DefinitionError,
            "needs a legal basis .* name the statute, .* for pay that is not earned yet, use Forfeit or Malus",
        ),
        # A recovery larger than what was paid.
        (
            lambda: Recover(basis="policy").restate(
                BONUS, AWARDS | {"recovered": [13_000]}, {"factor": 1}, Ledger("EUR")
            ),
            DataError,
            "'recovered' must be between 0 and 'paid': row 0; no more can be recovered than was paid",
        ),
        # Two currencies.
        (
            lambda: pool(of="salary").fit(STAFF | {"salary": [Money(1, "EUR"), Money(1, "USD")]}),
            DataError,
            "'salary' must be money of one currency, EUR: row 1; convert it first",
        ),
        (lambda: pool(Money(5, "USD")), DefinitionError, "a pool must be of one currency"),
        (lambda: review().fit(STAFF, Money(5, "USD")), DefinitionError, r"must be of EUR \(got USD\); convert it"),
        (lambda: review(currency="USD"), DefinitionError, "a review must be of one currency"),
        (
            lambda: ladder().promote_one(CANDIDATE | {"salary": Money(50_000, "USD")}, as_of=DAY),
            DataError,
            "money of one currency, EUR",
        ),
        # What does not fit.
        (lambda: pool(10**18).fit(STAFF), DataError, "a share does not fit int64 units; check the fund or the budget"),
        (lambda: review(structure=None, guide=1, currency="EUR").fit(STAFF, 10**18), DataError, "does not fit int64"),
        (
            lambda: SalaryReview(5, key="who", currency="EUR").raises({"who": [1], "salary": [2**62]}),
            DataError,
            "a share does not fit int64 units",
        ),
        (
            lambda: Ladder(
                SalaryStructure([SalaryBand("a", 1, 2), SalaryBand("b", 2, 9 * 10**16)], currency="EUR"),
                placement=GIVES_TOO_MUCH,
                key="who",
            ).promote_one({"who": 1, "level": "a", "salary": 5}, as_of=DAY),
            DataError,
            "an amount does not fit int64 minor units of EUR",
        ),
        (
            lambda: SalaryStructure([SalaryBand("a", 1, 10**17)], currency="EUR"),
            DefinitionError,
            r"an amount must fit int64 minor units of EUR \(got 100,000,000,000,000,000 in 'a'\)",
        ),
        # Money where an amount is typed.
        (
            lambda: pool(cap=Money(5, "USD")),
            DefinitionError,
            r"must be typed in major units, here 5; its currency is that of the whole \(got Money\('5.00 USD'\)\)",
        ),
    ],
)
def test_is_refused_with_its_cure(bad, error, message):
    with pytest.raises(error, match=message):
        bad()


def test_nobody_eligible_may_be_an_outcome():
    people = STAFF | {"ok": [False, False]}
    kept = pool(eligible="ok", nobody="keep").fit(people)
    assert [(str(rest.amount), rest.reason) for rest in kept.left] == [("100.00 EUR", "nobody")]
    assert [str(outcome.reasons[0]) for outcome in kept.share(people)] == ["blocked: not eligible: ok is no"] * 2
    raised = review(eligible="ok").fit(people, 0).raises(people)
    assert [outcome.reasons[0].code for outcome in raised] == ["not_eligible"] * 2


def test_a_salary_outside_its_band_is_said_and_placed():
    people = STAFF | {"salary": [3_000_000, 9_000_000], "rating": ["high", "high"]}
    below, above = review().raises(people)
    assert below["range_before"] == "below"
    assert [(reason.status, reason.code) for reason in below.reasons] == [("noted", "below_range")]
    assert (above["range_before"], above["raise"].minor, above["lump_sum"]) == ("above", 0, Money(2_700, "EUR"))
    assert [(reason.status, reason.code) for reason in above.reasons] == [("clipped", "red_circle")]
    kept = ladder().promote_one(CANDIDATE | {"salary": 9_000_000}, as_of=DAY)
    assert (kept.code, kept["salary_after"]) == ("promoted", Money(90_000, "EUR"))
    assert "the salary before is kept, above the maximum of b" in str(kept.explain())
    lifted = ladder().promote_one(CANDIDATE | {"salary": 3_000_000}, as_of=DAY)
    assert lifted["salary_after"] == Money(55_000, "EUR")
    assert "up to the minimum of b" in str(lifted.explain())


def test_missing_history_is_an_outcome_that_says_so():
    outcome = ladder().promote_one(CANDIDATE | {"before": None}, as_of=DAY)
    assert (outcome.code, [str(reason) for reason in outcome.reasons]) == (
        "not_eligible",
        ["blocked: ratings: not known"],
    )


def test_no_time_in_the_period_is_a_reason():
    outcome = review(0.05, prorate="share").raise_one({name: cell[0] for name, cell in STAFF.items()} | {"share": 0})
    assert (outcome.minor, str(outcome.reasons[0])) == (
        0,
        "blocked: there is no time in the period to be raised for",
    )


def test_what_was_recovered_is_never_more_than_what_was_paid_nor_twice():
    policy = Recover(basis="policy")
    claim = policy.restate(BONUS, AWARDS, {"factor": 0}, Ledger("EUR"))
    assert claim.total == Money(-120, "EUR")
    again = policy.restate(BONUS, AWARDS | {"recovered": claim.column("recovered")}, {"factor": 0}, claim.state)
    assert (again.total, again.state.owed("ana")) == (Money(0, "EUR"), Money(120, "EUR"))
