"""Published numbers of bridges and control charts, one test a case."""

import json
from pathlib import Path

import pytest

from perfkit import bridge, ewma, false_alarm_rate, xmr

CASES = {case["id"]: case for case in json.loads(Path(__file__).with_name("reviews.json").read_text("utf-8"))}
COVERED = set()


def worked(*names, source):
    """A test of cases; the source is where each of them says it is from."""
    COVERED.update(names)
    for name in names:
        assert source in CASES[name]["source"], name
    return lambda test: test


PRODUCTS = ("dasgupta-2.1", "dasgupta-2.2", "dasgupta-2.3", "dasgupta-2.4")


@worked(*PRODUCTS, source="Das Gupta 1993")
@pytest.mark.parametrize("name", PRODUCTS)
def test_standardised_factors_of_a_product(name):
    case = CASES[name]
    change = bridge(case["inputs"]["before"], case["inputs"]["after"])
    assert {line.label: float(line.amount) for line in change.lines} == pytest.approx(
        case["expected"], abs=case["tolerance"]
    )
    assert sum(line.amount for line in change.lines) == change.change
    assert change.method == "shapley"


def birth_less_death(rates):
    return rates["crude_birth"] - rates["crude_death"]


def illegitimacy(factors):
    groups = list(zip(*(factors[name] for name in "ABCD"), strict=True))
    single = sum(women * alone * born for women, alone, born, _ in groups)
    married = sum(women * (1 - alone) * born for women, alone, _, born in groups)
    return single / (single + married)


@worked("dasgupta-3.1", "dasgupta-4.3", "dasgupta-4.4", source="Das Gupta 1993")
@pytest.mark.parametrize(
    ("name", "of"), [("dasgupta-3.1", birth_less_death), ("dasgupta-4.3", None), ("dasgupta-4.4", illegitimacy)]
)
def test_standardised_factors_of_a_function_also_by_group(name, of):
    case = CASES[name]
    change = bridge(case["inputs"]["before"], case["inputs"]["after"], of=of)
    assert {line.label: float(line.amount) for line in change.lines} == pytest.approx(
        case["expected"], abs=case["tolerance"]
    )
    assert sum(line.amount for line in change.lines) == change.change


@worked("price-qty-bridge", source="beansmart")
def test_a_cost_increase_by_price_and_quantity():
    case = CASES["price-qty-bridge"]
    expected = case["expected"]
    apart = bridge(case["inputs"]["before"], case["inputs"]["after"], method="joint")
    assert apart.change == expected["total"]
    assert apart["price"].amount == expected["price_at_base_qty"]
    assert apart["qty"].amount == expected["qty_at_base_price"]
    assert apart["together"].amount == expected["joint"]
    shared = bridge(case["inputs"]["before"], case["inputs"]["after"])
    # As the case notes, Shapley's value gives each half of the joint effect.
    assert (shared["price"].amount, shared["qty"].amount) == (300, 150)


@worked("nist-ewma", source="NIST/SEMATECH 6.3.2.4")
def test_an_ewma_chart():
    case = CASES["nist-ewma"]
    inputs, expected = case["inputs"], case["expected"]
    chart = ewma(
        inputs["x"], weight=inputs["lambda"], center=inputs["start"], sigma=inputs["s"], width=3, widening=False
    )
    assert chart.upper[0] == pytest.approx(expected["ucl"], abs=case["tolerance"])
    assert chart.lower[0] == pytest.approx(expected["lcl"], abs=case["tolerance"])
    assert [round(value, 2) for value in chart.smoothed[:2]] == expected["first"]
    assert [round(value, 2) for value in chart.smoothed[-2:]] == expected["last"]
    assert chart.signals == ()


@worked("spc-run8-vs-9", source="Western Electric run=8, Nelson rule 2 run=9")
def test_a_run_of_eight_is_none_of_nine():
    case = CASES["spc-run8-vs-9"]
    inputs, expected = case["inputs"], case["expected"]

    def signals(values, rule):
        return bool(xmr(values, center=inputs["center"], sigma=1, rules=[rule]).signals)

    assert signals(inputs["x"], "run_of_8") is expected["western_electric_8"]
    assert signals(inputs["x"], "run_of_9") is expected["nelson_9"]
    assert signals(inputs["x"][1:], "run_of_8") is expected["seven"]


LIMITS = ("wheeler-verification", "wheeler-peak-flow", "wheeler-treatment-groups")


@worked(*LIMITS, source="Wheeler, Making Sense of Data")
@pytest.mark.parametrize("name", LIMITS)
def test_natural_process_limits(name):
    case = CASES[name]
    limits = xmr(case["inputs"]["x"], center=case["inputs"].get("center", "mean")).limits[0]
    found = {name: float(getattr(limits, name)) for name in case["expected"]}
    assert found == pytest.approx(case["expected"], abs=case["tolerance"])


@worked("wheeler-smokers", source="Wheeler, Making Sense of Data")
def test_a_run_of_eight_below_the_centre():
    case = CASES["wheeler-smokers"]
    (signal,) = (one for one in xmr(case["inputs"]["x"]).signals if one.code == "run_of_8")
    assert {name: getattr(signal, name) for name in case["expected"]} == case["expected"]


@worked("wheeler-receivables", source="Wheeler, Making Sense of Data")
def test_a_leap_beyond_the_limit_of_moving_ranges():
    case = CASES["wheeler-receivables"]
    signals = xmr(case["inputs"]["x"], moving_range=True).signals
    assert [one.at for one in signals if one.code == "moving_range"] == case["expected"]["ranges_beyond"]


def test_the_individuals_chart_of_nist():
    # NIST/SEMATECH e-Handbook 6.3.2.2, flow rates: 3 / 1.128 mean moving ranges on either side of the mean.
    chart = xmr([49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1], constants="nist")
    limits = chart.limits[0]
    ends = [round(float(value), 4) for value in (limits.center, limits.upper, limits.lower)]
    assert ends == [50.81, 55.8041, 45.8159]
    assert chart.verdict == "noise"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("beyond_limits", 370.40),
        (("beyond_limits", "two_of_three"), 225.44),
        (("beyond_limits", "four_of_five"), 166.05),
        (("beyond_limits", "run_of_8"), 152.73),
        (("beyond_limits", "two_of_three", "four_of_five"), 132.89),
        ("western_electric", 91.75),
    ],
)
def test_average_run_lengths_of_western_electric_rules(rules, expected):
    # Champ and Woodall, "Exact results for Shewhart control charts with supplementary runs rules",
    # Technometrics 29 (1987), no shift.
    assert 1 / false_alarm_rate(rules) == pytest.approx(expected, abs=0.006)


@pytest.mark.parametrize(("weight", "width", "expected"), [(0.25, 3, 502.9), (0.1, 2.814, 500)])
def test_average_run_lengths_of_ewma_charts(weight, width, expected):
    # Lucas and Saccucci, "Exponentially weighted moving average control schemes", Technometrics 32 (1990).
    rate = ewma([1, 2, 3], weight=weight, width=width).false_alarm_rate
    assert 1 / rate == pytest.approx(expected, abs=0.5)


def test_no_case_is_left_out():
    assert set(CASES) == COVERED
