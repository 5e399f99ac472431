"""Laws of forecasts and of judged confidence, on random histories."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from perfkit import Curve
from perfkit._goals.confidence import brier_score
from perfkit._goals.forecasting import forecast, required_rate, run_rate

LAW = settings(max_examples=100, deadline=None)
START = date(2026, 1, 1)
METHODS = ["run_rate", "trend", "level"]

methods = st.sampled_from(METHODS)
levels = st.fractions("1/100", "99/100")
numbers = st.decimals(-1000, 1000, places=3).map(Fraction)
units = st.one_of(st.fractions("1/1000", 1000), st.sampled_from([Fraction(1, 10**9), Fraction(10**9)]))
offsets = st.one_of(numbers, st.sampled_from([Fraction(10**12), Fraction(-(10**12))]))


def after(count):
    """The day on which so many days have passed, itself included."""
    return START + timedelta(days=count - 1)


class History:
    """Readings by how many days have passed, and the forecast of where they lead."""

    def __init__(self, days, readings, baseline, target):
        self.days, self.readings, self.baseline, self.target = days, readings, baseline, target

    def __repr__(self):
        return f"History({self.days}, {self.readings}, {self.baseline}, {self.target})"

    def ahead(self, *, readings=None, **options):
        readings = self.readings if readings is None else readings
        options = {
            "start": START,
            "end": after(self.days),
            "as_of": after(max(readings)),
            "baseline": self.baseline,
            "target": self.target,
        } | options
        return forecast([after(count) for count in readings], list(readings.values()), **options)

    def moved(self, unit, offset):
        readings = {count: value * unit + offset for count, value in self.readings.items()}
        return History(self.days, readings, self.baseline * unit + offset, self.target * unit + offset)


@st.composite
def histories(draw, least=1):
    days = draw(st.integers(least + 1, 400))
    counts = draw(st.lists(st.integers(1, days - 1), min_size=least, max_size=12, unique=True).map(sorted))
    return History(days, {count: draw(numbers) for count in counts}, draw(numbers), draw(numbers))


@st.composite
def pacings(draw):
    """Curves that rise from 0, with plateaus among them, and say something by the end of the first day."""
    steps = draw(st.lists(st.integers(0, 5), min_size=1, max_size=5))
    heights = [Fraction(0), Fraction(draw(st.integers(1, 5)))]
    for step in steps:
        heights.append(heights[-1] + step)
    return Curve.through(*((Fraction(place, len(steps) + 1), height) for place, height in enumerate(heights)))


paces = st.none() | pacings()


def near(value, *, size=0.0):
    return pytest.approx(value, rel=1e-12, abs=1e-12 * float(size))


@LAW
@given(history=histories(), method=methods, level=levels, pacing=paces, unit=units, offset=offsets)
def test_a_forecast_is_in_the_unit_of_its_readings(history, method, level, pacing, unit, offset):
    plain = history.ahead(method=method, level=level, pacing=pacing)
    moved = history.moved(unit, offset).ahead(method=method, level=level, pacing=pacing)
    for name in ("value", "low", "high"):
        ours, theirs = getattr(plain, name), getattr(moved, name)
        assert (ours is None) == (theirs is None)
        if ours is not None:
            # The offset costs no more than the last rounding to a float.
            size = (abs(ours) + abs(plain.value)) * float(unit)
            expected = float(Fraction(ours) * unit + offset)
            assert abs(theirs - expected) <= 1e-12 * size + 2.0**-52 * abs(expected)
    assert (moved.probability is None) == (plain.probability is None)
    assert plain.probability is None or moved.probability == near(plain.probability)


@LAW
@given(history=histories(), method=methods, pacing=paces)
def test_upside_down_lower_is_better(history, method, pacing):
    plain = history.ahead(method=method, pacing=pacing)
    turned = history.moved(-1, 0).ahead(method=method, pacing=pacing, lower_is_better=True)
    assert turned.value == -plain.value
    assert (turned.low, turned.high) == ((None, None) if plain.low is None else (near(-plain.high), near(-plain.low)))
    assert turned.probability == plain.probability


@LAW
@given(history=histories(), method=methods, level=levels, pacing=paces)
def test_an_interval_contains_the_value(history, method, level, pacing):
    got = history.ahead(method=method, level=level, pacing=pacing)
    assert (got.low is None) == (got.high is None) == (got.probability is None)
    if got.low is not None:
        assert got.low <= got.value <= got.high
        assert 0 <= got.probability <= 1
    assert got.observations == len(history.readings)


@LAW
@given(history=histories(least=3), method=methods, pacing=paces, one=levels, other=levels)
def test_a_surer_interval_is_wider(history, method, pacing, one, other):
    narrow = history.ahead(method=method, pacing=pacing, level=min(one, other))
    wide = history.ahead(method=method, pacing=pacing, level=max(one, other))
    assert wide.value == narrow.value
    assert wide.probability == narrow.probability
    if wide.low is not None:
        slack = 1e-12 * (abs(wide.low) + abs(wide.high))
        assert wide.low <= narrow.low + slack
        assert narrow.high <= wide.high + slack


@LAW
@given(history=histories(least=3), method=methods, pacing=paces, lower=st.booleans(), one=numbers, other=numbers)
def test_a_higher_target_is_less_probable(history, method, pacing, lower, one, other):
    low = history.ahead(method=method, pacing=pacing, lower_is_better=lower, target=min(one, other))
    high = history.ahead(method=method, pacing=pacing, lower_is_better=lower, target=max(one, other))
    if low.probability is not None:
        easier, harder = (high, low) if lower else (low, high)
        assert harder.probability <= easier.probability + 1e-12


@LAW
@given(history=histories(least=3), method=methods, pacing=paces)
def test_attained_from_above_or_from_below(history, method, pacing):
    above = history.ahead(method=method, pacing=pacing)
    below = history.ahead(method=method, pacing=pacing, lower_is_better=True)
    assume(above.low is not None and above.low < above.high)
    assert above.probability + below.probability == near(1)


@LAW
@given(history=histories(least=3), method=methods, pacing=paces, level=levels)
def test_the_ends_of_the_interval_are_as_probable_as_its_level_says(history, method, pacing, level):
    got = history.ahead(method=method, pacing=pacing, level=level)
    assume(got.low is not None and got.high - got.low > 1e-6 * abs(got.value))
    tail = (1 - float(level)) / 2
    assert history.ahead(method=method, pacing=pacing, target=got.high).probability == pytest.approx(tail, rel=1e-6)
    assert history.ahead(method=method, pacing=pacing, target=got.low).probability == pytest.approx(1 - tail, rel=1e-6)


@LAW
@given(history=histories(), rate=numbers, pacing=paces, target=numbers)
@example(history=History(9, {2: 0, 5: 0, 7: 0}, Fraction(1), Fraction(1)), rate=Fraction(1, 3), pacing=None, target=1)
def test_a_history_on_its_line_is_sure(history, rate, pacing, target):
    def stands(count):
        return history.baseline + rate * (count if pacing is None else pacing(Fraction(count, history.days)))

    on_line = {count: stands(count) for count in history.readings}
    for method in ("run_rate", "trend"):
        got = history.ahead(readings=on_line, method=method, pacing=pacing, target=target)
        assert got.value == float(stands(history.days))
        if got.low is not None:
            assert got.low == got.value == got.high
            assert got.probability == (stands(history.days) >= target)
            reached = history.ahead(readings=on_line, method=method, pacing=pacing, target=stands(history.days))
            assert reached.probability == 1


@LAW
@given(history=histories(), method=methods, pacing=pacings(), scale=st.fractions("1/100", 100))
def test_a_pacing_is_relative(history, method, pacing, scale):
    plain = history.ahead(method=method, pacing=pacing)
    scaled = history.ahead(method=method, pacing=lambda share: scale * pacing(share))
    assert scaled.value == plain.value
    assert (scaled.low is None) == (plain.low is None)
    assert plain.low is None or scaled.high - scaled.low == near(plain.high - plain.low, size=abs(plain.value))


@LAW
@given(history=histories(), method=methods)
def test_an_even_pacing_is_none(history, method):
    plain = history.ahead(method=method)
    even = history.ahead(method=method, pacing=Curve.through((0, 0), (1, 1)))
    assert even.value == plain.value
    assert (even.low is None) == (plain.low is None)
    assert plain.low is None or even.high - even.low == near(plain.high - plain.low, size=abs(plain.value))


@LAW
@given(history=histories(), pacing=paces)
def test_where_a_run_rate_leads_only_the_last_reading_says(history, pacing):
    last = max(history.readings)
    whole = history.ahead(pacing=pacing)
    assert history.ahead(readings={last: history.readings[last]}, pacing=pacing).value == whole.value


@LAW
@given(history=histories(least=2), data=st.data())
def test_a_reading_on_its_way_changes_no_rate_but_makes_it_surer(history, data):
    """What lies on the straight line between two readings brings no surprise of its own."""
    counts = [0, *history.readings]
    gaps = [(a, b) for a, b in pairwise(counts) if b - a > 1]
    assume(gaps)
    before, later = data.draw(st.sampled_from(gaps))
    count = data.draw(st.integers(before + 1, later - 1))
    known = {0: history.baseline} | history.readings
    between = known[before] + (known[later] - known[before]) * Fraction(count - before, later - before)
    more = dict(sorted({**history.readings, count: between}.items()))
    plain, surer = history.ahead(), history.ahead(readings=more)
    assert surer.value == plain.value
    assert surer.high - surer.low <= (plain.high - plain.low) * (1 + 1e-12) + 1e-12 * abs(plain.value)


@LAW
@given(history=histories(), method=methods, pacing=paces, later=st.integers(0, 500))
def test_an_end_that_has_come_leaves_nothing_open(history, method, pacing, later):
    got = history.ahead(method=method, pacing=pacing, as_of=after(history.days + later))
    last = history.readings[max(history.readings)]
    assert got.value == got.low == got.high == float(last)
    assert got.probability == (last >= history.target)


@LAW
@given(history=histories())
def test_the_rate_that_is_required_reaches_the_target(history):
    seen, end = max(history.readings), after(history.days)
    value, target = history.readings[seen], history.target
    required = required_rate(value, target, after(seen), end)
    assert float(value) + required * (history.days - seen) == near(float(target), size=abs(value))
    rate = run_rate(value, history.baseline, START, after(seen))
    assert float(value) + rate * (history.days - seen) == near(history.ahead().value, size=abs(value))
    sums = float(value - history.baseline) + required * (history.days - seen)
    assert run_rate(target, history.baseline, START, end) == near(sums / history.days, size=abs(value) + abs(target))


stated = st.lists(st.tuples(st.sampled_from([0, 0.1, 0.3, 0.5, 0.7, 0.9, 1]), st.booleans()), min_size=1, max_size=40)
typed = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=20)


@LAW
@given(pairs=stated | typed)
def test_a_score_is_reliability_less_resolution_and_uncertainty_exactly(pairs):
    got = brier_score(*zip(*pairs, strict=True))
    assert got.brier == got.reliability - got.resolution + got.uncertainty
    assert 0 <= got.brier <= 1
    assert 0 <= got.resolution <= got.uncertainty <= Fraction(1, 4)
    assert got.reliability >= (got.mean_confidence - got.attained_share) ** 2
    assert got.count == len(pairs)


@LAW
@given(pairs=stated, data=st.data())
def test_a_score_knows_no_order_and_no_size(pairs, data):
    got = brier_score(*zip(*pairs, strict=True))
    mixed = data.draw(st.permutations(pairs))
    assert brier_score(*zip(*mixed, strict=True)) == got
    twice = brier_score(*zip(*pairs, *pairs, strict=True))
    assert (twice.brier, twice.reliability, twice.resolution) == (got.brier, got.reliability, got.resolution)


@LAW
@given(outcomes=st.lists(st.booleans(), min_size=1, max_size=40))
def test_who_always_states_the_share_scores_the_uncertainty(outcomes):
    share = Fraction(sum(outcomes), len(outcomes))
    got = brier_score([share] * len(outcomes), outcomes)
    assert (got.reliability, got.resolution, got.brier) == (0, 0, got.uncertainty)
    sure = brier_score([int(outcome) for outcome in outcomes], outcomes)
    assert (sure.brier, sure.reliability, sure.resolution) == (0, 0, sure.uncertainty)
