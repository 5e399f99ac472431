"""Published numbers of pools, salary reviews and promotions, one test a case."""

import json
from datetime import date
from fractions import Fraction
from functools import wraps
from pathlib import Path

from perfkit import (
    Curve,
    Funding,
    GroupShare,
    Ladder,
    MeritMatrix,
    Money,
    Placement,
    Pool,
    RateTable,
    SalaryBand,
    SalaryReview,
    SalaryStructure,
    TwoStepPlacement,
    allocate,
    minor_units,
)

F = Fraction
FILE = Path(__file__).with_name("incentives_pools.json")
CASES = {case["id"]: case for case in json.loads(FILE.read_text("utf-8"))}
COVERED = set()
ELLIG = "B. Ellig, Complete Guide to Executive Compensation (2007)"
RATIOS = [0.025, 0.025, 0.125, 0.125, 0.4, 0.3]


def numbers(published):
    """The published texts as fractions, nested as they are."""
    return [numbers(text) for text in published] if isinstance(published, list) else F(published)


def worked(name, source):
    """A test of one case, which is given what was published; the source is where the case says it is from."""
    COVERED.add(name)

    def wrap(test):
        @wraps(test)
        def run():
            case = CASES[name]
            assert source in case["source"]
            test(numbers(case["published"]))

        # Pytest must not look for a fixture of the wrapped test's argument.
        del run.__wrapped__
        return run

    return wrap


def places(value, count):
    """A number as it is printed with so many decimals."""
    return F(round(value * 10**count), 10**count)


def usd(amounts):
    return minor_units(amounts, "USD")


# Pools.


@worked("L27", "Ellig p.364 Table 7-18")
def test_l27_a_fund_by_points(published):
    profit = Funding("pretax", Curve.marginal((0, 1), (10_000_000, 0.5)))
    pool = Pool(profit, by="points", key="who", value_cap=5_000, unit=1, currency="USD")
    # One executive with 100 of the 10,000 points, and all of the others.
    people = {"who": ["one", "others"], "points": [100, 9_900]}
    fitted = pool.fit(people, results={"pretax": 60_000_000})
    assert fitted.fund == Money(35_000_000, "USD")
    assert [fitted.value(), fitted.share_one({"who": "one", "points": 100}).amount.exact] == published
    assert fitted.left == ()
    # Where a point may be worth 3,000 at most, the rest is stated.
    capped = Pool(profit, by="points", key="who", value_cap=3_000, unit=1, currency="USD")
    (rest,) = capped.fit(people, results={"pretax": 60_000_000}).left
    assert (rest.amount, rest.reason) == (Money(5_000_000, "USD"), "caps")


@worked("L02", ELLIG)
def test_l02_a_pool_after_its_head_is_split_in_half(published):
    pool = Pool(
        562_660,
        reserve=172_200,
        of="target",
        key="who",
        within=GroupShare("division", weights={"north": 1, "south": 1}),
        unit=1,
        currency="USD",
    )
    people = {"who": ["a", "b", "c"], "division": ["north", "north", "south"], "target": usd([10, 20, 90])}
    fitted = pool.fit(people)
    assert fitted.given.exact == published[0]
    funds = {part.group: part.minor for part in fitted.slices}
    assert funds[("north",)] == funds[("south",)] == published[1] * 100
    (rest,) = fitted.left
    assert (rest.amount, rest.reason) == (Money(172_200, "USD"), "reserve")


@worked("L03", ELLIG)
def test_l03_awards_are_scaled_to_the_fund(published):
    printed = ((195_230, 198_215, published[0], 4), (390_460, 418_770, published[1], 3))
    for fund, awards, factor, decimals in printed:
        # Two people whose unadjusted awards add up to what is printed.
        people = {"who": ["a", "b"], "award": usd([100_000, awards - 100_000])}
        fitted = Pool(fund, of="award", key="who", unit=1, currency="USD").fit(people)
        assert places(fitted.value(), decimals) == factor
        assert fitted.share(people).total == Money(fund, "USD")


@worked("L06", ELLIG)
def test_l06_a_tenth_of_net_income(published):
    pool = Pool(Funding("net_income", Curve.marginal((0, 0.1))), key="who", unit=1, currency="USD")
    funds = [
        pool.fit({"who": ["all"]}, results={"net_income": income}).given.exact
        for income in (3_333_333, 10_000_000, 20_000_000)
    ]
    assert funds == published


# Shares of a whole.


@worked("L14", "Shopify/money@ac0610b spec/allocator_spec.rb")
def test_l14_what_is_left_goes_to_the_nearest(published):
    assert allocate(19_535, RATIOS) == published
    people = {"who": list("abcdef"), "share": RATIOS}
    shared = Pool(195.35, by="share", key="who", currency="USD").fit(people).share(people)
    assert shared.minor.tolist() == published


@worked("L16", "Shopify/money@ac0610b spec/allocator_spec.rb")
def test_l16_what_is_left_goes_round_from_the_first(published):
    assert allocate(19_535, RATIOS, left_to="first") == published


@worked("L17", "Shopify/money@ac0610b spec/allocator_spec.rb")
def test_l17_what_is_left_goes_round_from_the_last(published):
    assert allocate(19_535, RATIOS, left_to="last") == published


@worked("L25", "guidelines-to-allocate-compensation-as-percentage-of-budget")
def test_l25_a_percentage_whose_amount_is_rounded(published):
    review = SalaryReview(0.04, key="who", unit=10, currency="USD")
    raised = review.raise_one({"who": "a", "salary": 90_000})
    line = raised.explain()["guideline"]
    back = F(round(raised["rate"] * 10_000), 100)
    assert [line.value, raised.amount.exact, back] == published


# Salary reviews.


@worked("L07", ELLIG)
def test_l07_an_award_by_rating(published):
    rates = dict(zip("abcdefg", (0.13, 0.11, 0.09, 0.07, 0.05, 0.03, 0), strict=True))
    for guide in (MeritMatrix(rates), RateTable("rating", rates)):
        review = SalaryReview(guide, key="who", currency="USD")
        raised = review.raises({"who": list("abcdefg"), "rating": list("abcdefg"), "salary": usd([388_500] * 7)})
        assert [outcome.amount.exact for outcome in raised] == published


@worked("M01", "reddit r/Workday_Community 1pt4xav")
def test_m01_a_share_of_the_merit_target(published):
    factors = {"exceeds": 1.5, "meets": 1, "partly": 0.8}
    matrix = MeritMatrix.of_factors(0.025, factors)
    assert [matrix.rate(rating) * 100 for rating in factors] == published
    # Or with each country's own target in a column.
    review = SalaryReview(MeritMatrix(factors, target="target"), key="who", currency="USD")
    people = {"who": list(factors), "rating": list(factors), "salary": [1_000_000] * 3, "target": [0.025] * 3}
    assert [F(float(rate)).limit_denominator(10_000) * 100 for rate in review.raises(people).facts["rate"]] == published


@worked("M07", "fedline.federaltimes.com/2008/12/23/nsps-pay-raise-cheat-sheet")
def test_m07_a_part_of_the_general_increase(published):
    rate = F("0.6") * F("0.029")
    raised = SalaryReview(rate, key="who", currency="USD").raise_one({"who": "a", "salary": 10_000_000})
    assert raised.amount.exact / 1_000 == published == rate * 100


def at_most(maximum):
    """The salary and the lump sum of 50,000 USD and a guideline, in a range that ends there."""
    structure = SalaryStructure([SalaryBand("level", 30_000, maximum)], currency="USD")
    return {"key": "who", "structure": structure}, {"who": "a", "level": "level", "salary": 5_000_000}


@worked("M09", "compensationinsider.com/how-do-i-give-an-increase")
def test_m09_at_the_maximum_a_raise_is_a_lump_sum(published):
    options, one = at_most(50_000)
    raised = SalaryReview(0.03, **options).raise_one(one)
    assert [raised["salary_after"].exact, raised["lump_sum"].exact] == published


@worked("M10", "hr.mit.edu/node/945")
def test_m10_up_to_the_maximum_a_raise_is_in_part_a_lump_sum(published):
    options, one = at_most(51_500)
    raised = SalaryReview(0.05, **options).raise_one(one)
    assert [raised["salary_after"].exact, raised["lump_sum"].exact] == published


# Promotions.


@worked("M03", "codingace.net/hrp/promotion_increment.html")
def test_m03_a_promotion_by_percentage(published):
    bands = [SalaryBand("analyst", 50_000, 75_000), SalaryBand("senior", 70_000, 110_000)]
    ladder = Ladder(SalaryStructure(bands, currency="USD"), placement=Placement(0.122), key="who")
    promoted = ladder.promote_one({"who": "a", "level": "analyst", "salary": 7_200_000}, as_of=date(2026, 1, 1))
    assert [promoted.amount.exact, promoted["salary_after"].exact] == published


@worked("M05", "OPM Promotion Examples fact sheet (2026)")
def test_m05_two_steps_of_the_grade_before(published):
    grade = SalaryBand("GS-9", steps=[52_727 + step * 1_758 for step in range(10)])
    assert TwoStepPlacement().increased(Money(52_727, "USD"), grade).exact == published


@worked("M06", "opm.gov promotion-examples (2005)")
def test_m06_two_steps_from_the_fifth(published):
    grade = SalaryBand("GS-11", steps=[51_271 + (step - 4) * 1_508 for step in range(10)])
    assert TwoStepPlacement().increased(Money(51_271, "USD"), grade).exact == published


@worked("M08", "fedsmith.com/2015/08/27/promotion-while-on-pay-retention")
def test_m08_a_retained_rate_is_promoted_from_the_last_step(published):
    """GS-11 to GS-12 in 2005: base rates of both grades, and the retained rate of the example by OPM."""
    grades = [SalaryBand("GS-11", steps=[45_239 + 1_508 * step for step in range(10)])]
    grades += [SalaryBand("GS-12", steps=[54_221 + 1_807 * step for step in range(10)])]
    # Locality pay of the rest of the United States, 11.72 %, which the rule adds before it looks for the step.
    local = [SalaryBand(band.level, steps=[round(step * F("1.1172")) for step in band.steps]) for band in grades]
    structure = SalaryStructure(local, currency="USD")
    assert local[0].steps[-1] < 66_746
    placed = TwoStepPlacement().placed(structure, Money(66_746, "USD"), "GS-11", "GS-12")
    assert [local[1].steps.index(placed.exact) + 1] == published


@worked("L28", "electowiki.org Hamilton_method")
def test_l28_sixty_seats_for_the_states_of_1790(published):
    states = {
        "Virginia": 630_560,
        "Massachusetts": 475_327,
        "Pennsylvania": 432_879,
        "North Carolina": 353_523,
        "New York": 331_589,
        "Maryland": 278_514,
        "Connecticut": 236_841,
        "South Carolina": 206_236,
        "New Jersey": 179_570,
        "New Hampshire": 141_822,
        "Vermont": 85_533,
        "Georgia": 70_835,
        "Kentucky": 68_705,
        "Rhode Island": 68_446,
        "Delaware": 55_540,
    }
    assert allocate(60, list(states.values())) == published
    seats = {"state": list(states), "people": list(states.values())}
    pool = Pool(60, by="people", key="state", unit=1, currency="USD").fit(seats)
    assert [share.amount.exact for share in pool.share(seats)] == published


LISTED = """
C01 C02 C03 C04 C05 C06 C09 C12 C13 C14 C16 C17 C20 C23 C25 C28 C29 C30 C31 C33 C38 C40 C41 C42 C44 D03 D04 D05 D06
D07 L02 L03 L06 L07 L10 L12 L14 L16 L17 L20 L21 L22 L25 L26 L27 L28 M01 M03 M05 M06 M07 M08 M09 M10 N01 N03 N05 T01
T03 T05 T06 T09 T19 T21 T22 T25 T29 T31 T32
"""


def test_no_case_of_the_collection_is_left_out_of_the_files():
    """Each file is compared with its tests; this compares the files with the cases that were collected."""
    files = (FILE.with_name(name) for name in ("incentives.json", "incentives_pools.json", "incentives_penalties.json"))
    found = [case["id"] for file in files for case in json.loads(file.read_text("utf-8"))]
    assert sorted(found) == sorted(LISTED.split())


def test_every_case_has_a_test():
    assert set(CASES) == COVERED
    assert all(f"test_{name.lower()}_" in " ".join(globals()) for name in CASES)
