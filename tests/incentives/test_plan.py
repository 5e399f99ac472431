"""The plan: lines added up, steps in turn, payouts, explanations, and what it refuses."""

import json
import pickle
from datetime import date
from decimal import Decimal
from fractions import Fraction

import attrs
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from attrs import frozen

from perfkit import (
    Cap,
    Commission,
    Curve,
    DataError,
    DefinitionError,
    Draw,
    FlatAmount,
    Floor,
    Gate,
    IncentivePlan,
    Ledger,
    Metric,
    MissingColumnsError,
    Money,
    Multiply,
    PaySection,
    PerfkitError,
    Prorate,
    RateTable,
    RatingScale,
    Scorecard,
    Segment,
    StaleDataError,
    TargetBonus,
    Timeline,
    digest,
    from_dict,
    minor_units,
    to_dict,
)
from perfkit.testing import check_policy
from perfkit.typing import Factor, Need, PayPolicy, PayStep, PeriodStep, Ratios

NAN = float("nan")


@pytest.fixture
def plan():
    return IncentivePlan(
        "AE bonus 2026",
        currency="EUR",
        pays=[
            TargetBonus(base="salary", rate=0.15, multiplier="score"),
            Commission(on="bookings", curve=Curve.marginal((0, 0.02), (500_000, 0.03))),
        ],
        then=[Prorate(by="months", of=12), Gate(on="compliant"), Cap(0.30, of="salary")],
    )


@pytest.fixture
def people():
    return {
        "salary": [6_000_000, 5_000_001, 7_000_000, 4_000_000],
        "score": [1.1823, 0.9, 1.5, 1.0],
        "bookings": [10_000_000, 60_000_000, 0, 12_345],
        "months": [12, 6, 12, 7],
        "compliant": [True, True, False, True],
    }


def amounts(*pays, then=(), **options):
    return IncentivePlan("plan", **{"currency": "EUR", "pays": list(pays), "then": list(then), **options})


# What is paid.


def test_a_plan_adds_up_its_lines_and_takes_its_steps_in_turn(plan, people):
    payouts = plan.pay(people)
    assert payouts.minor.tolist() == [1_264_070, 987_500, 0, 350_144]
    assert payouts.total == Money("26,017.14 EUR")
    for row in range(4):
        one = {name: column[row] for name, column in people.items()}
        assert plan.pay_one(one).minor == payouts[row].minor


def test_payouts_are_a_sequence_of_payouts(plan, people):
    payouts = plan.pay(people)
    assert len(payouts) == 4
    assert [payout.minor for payout in payouts] == payouts.minor.tolist()
    assert payouts[-1].amount == Money("3,501.44 EUR")
    assert repr(payouts) == "<Payouts of 'AE bonus 2026': 4 rows, 26,017.14 EUR>"
    assert repr(payouts[0]) == "<Payout of 'AE bonus 2026': 12,640.70 EUR>"
    assert np.asarray(payouts) is payouts.minor
    assert np.asarray(payouts, dtype=float).tolist() == [1_264_070.0, 987_500.0, 0.0, 350_144.0]
    assert np.array(payouts, copy=True).flags.writeable
    with pytest.raises(IndexError):
        payouts[4]


def test_a_single_policy_needs_no_list():
    assert IncentivePlan("p", currency="EUR", pays=FlatAmount(5), then=Cap(3)).pay_one({}).minor == 300


def test_scores_feed_pay_for_all_and_for_one():
    card = Scorecard("card", [Metric("a")])
    data = {"a": [1.1823, 0.5]}
    scores = card.score(data)
    plan = amounts(TargetBonus(base=60_000, rate=0.15, multiplier="score"))
    assert plan.pay({}, score=scores).minor.tolist() == [1_064_070, 450_000]
    assert plan.pay_one({}, score=scores[0]).minor == 1_064_070
    assert plan.pay_one({}, score=card.score_one({"a": 1.1823})).amount == Money("10,640.70 EUR")
    assert plan.pay_one({"score": scores[0]}).minor == 1_064_070


def test_a_column_by_name_stands_beside_the_data_and_a_single_value_for_every_row():
    plan = amounts(TargetBonus(base="salary", multiplier="factor"))
    data = {"salary": [100, 200]}
    assert plan.pay(data, factor=0.5).minor.tolist() == [50, 100]
    assert plan.pay(data, factor=[0.5, 2]).minor.tolist() == [50, 400]


def test_a_column_by_name_of_another_length_is_refused():
    with pytest.raises(DataError, match="one length"):
        amounts(TargetBonus(base="salary", multiplier="factor")).pay({"salary": [100, 200]}, factor=[1, 2, 3])
    with pytest.raises(DataError, match="one length"):
        amounts(TargetBonus(base=1, multiplier="factor")).pay({"salary": [100, 200]}, factor=[1, 2, 3])


def test_a_column_given_twice_is_refused(plan, people):
    with pytest.raises(DataError, match="'score' is given by name and is in the data as well; give it once"):
        plan.pay(people, score=1)


def test_an_empty_batch_pays_nothing(plan, people):
    payouts = plan.pay({name: [] for name in people})
    assert len(payouts) == 0
    assert payouts.minor.dtype == np.int64
    assert payouts.total == Money(0, "EUR")


def test_a_total_past_int64_is_exact():
    payouts = amounts(FlatAmount("amount")).pay({"amount": [2**62] * 5})
    assert payouts.total.minor == 5 * 2**62


@pytest.mark.parametrize(
    ("pays", "columns"),
    [
        ([FlatAmount("a"), FlatAmount("b", name="second")], {"a": [1, 2**62], "b": [1, 2**62]}),
        ([FlatAmount("a"), FlatAmount("b", name="second")], {"a": [1, -(2**62)], "b": [1, -(2**62) - 1]}),
    ],
)
def test_a_sum_past_int64_raises_and_never_wraps(pays, columns):
    with pytest.raises(DataError, match="an amount does not fit int64 minor units of EUR; check the units"):
        amounts(*pays).pay(columns)


# Definitions that mean nothing.


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (amounts, "must pay something"),
        (lambda: amounts(FlatAmount(1), currency="EURO"), r"ISO 4217.*'EURO'"),
        (lambda: amounts(FlatAmount(1), currency="eur"), r"got 'eur'.*did you mean 'EUR'"),
        (lambda: amounts(FlatAmount(1), currency=None), "ISO 4217"),
        (lambda: amounts(FlatAmount(1), missing="skip"), r"missing must be one of refuse, unpaid \(got 'skip'\)"),
        (lambda: amounts(Cap(1)), r"pays\[0\] must have the members of PayPolicy"),
        (lambda: amounts(FlatAmount(1), "bonus"), r"pays\[1\] must have the members of PayPolicy \(got 'bonus'\)"),
        (lambda: amounts(FlatAmount(1), then=[FlatAmount(1)]), r"then\[0\] must have the members of PayStep"),
        (lambda: amounts(FlatAmount(1), FlatAmount(2)), "different names: say name= for the second 'flat amount'"),
        (lambda: amounts(FlatAmount(1), then=[Cap(1, name="flat amount")]), "different names"),
        (
            lambda: amounts(TargetBonus(base="x", multiplier="x")),
            r"'x' is read as money and as number; one of the policies must read another column",
        ),
        (lambda: amounts(FlatAmount("x"), then=[Gate("x")]), "'x' is read as money and as flag"),
        (lambda: amounts(FlatAmount(1), then=[Gate("x"), Multiply("x")]), "'x' is read as flag and as number"),
        (lambda: amounts(TargetBonus(base=1, rate=RateTable("x", {"a": 1})), then=[Gate("x")]), "category and as flag"),
    ],
)
def test_a_plan_that_means_nothing_is_refused_with_its_cure(make, message):
    with pytest.raises(DefinitionError, match=message) as caught:
        make()
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args


def test_the_position_of_what_is_no_policy_is_its_path():
    with pytest.raises(DefinitionError) as caught:
        amounts(FlatAmount(1), then=[Cap(1), object()])
    assert caught.value.path == "$.then[1]"


def test_lists_changed_later_change_no_plan():
    pays, then = [FlatAmount(5)], [Cap(3)]
    plan = IncentivePlan("p", currency="EUR", pays=pays, then=then)
    pays.append(FlatAmount(9, name="more"))
    then.clear()
    assert plan.pay_one({}).minor == 300


# Data that cannot be paid.


def test_all_missing_columns_are_named_at_once_with_suggestions(plan):
    with pytest.raises(MissingColumnsError) as caught:
        plan.pay({"salry": [1], "score": [1], "booking": [1]})
    assert caught.value.columns == ("salary", "bookings", "months", "compliant")
    assert "did you mean 'salry'" in str(caught.value)
    assert "did you mean 'booking'" in str(caught.value)


def test_a_misspelt_column_by_name_is_suggested(plan, people):
    del people["score"]
    with pytest.raises(MissingColumnsError, match="did you mean 'scores'"):
        plan.pay(people, scores=[1, 1, 1, 1])


def test_columns_of_unequal_length_are_refused(plan, people):
    with pytest.raises(DataError, match=r"'salary' has 4 rows and 'months' has 3"):
        plan.pay({**people, "months": [1, 2, 3]})


@pytest.mark.parametrize("name", ["salary", "score", "bookings", "months", "compliant"])
def test_a_missing_value_is_refused_unless_the_plan_leaves_it_unpaid(plan, people, name):
    people = {**people, name: [None if row == 2 else value for row, value in enumerate(people[name])]}
    with pytest.raises(DataError, match="row 2") as caught:
        plan.pay(people)
    assert (caught.value.column, caught.value.rows) == (name, (2,))
    unpaid = IncentivePlan("p", currency="EUR", pays=plan.pays, then=plan.then, missing="unpaid").pay(people)
    assert unpaid.minor.tolist() == [1_264_070, 987_500, 0, 350_144]


def test_an_unpaid_row_says_which_values_it_misses(plan, people):
    people = {**people, "months": [12, None, 12, 7], "score": [1, NAN, 1, 1]}
    payouts = IncentivePlan("p", currency="EUR", pays=plan.pays, then=plan.then, missing="unpaid").pay(people)
    assert payouts.minor[1] == 0
    explanation = payouts.explain(1)
    assert (explanation.code, explanation.value) == ("unpaid", Money(0, "EUR"))
    assert sorted(explanation.params["columns"]) == ["months", "score"]
    assert "not paid: score, months missing" in str(explanation)
    assert payouts.explain(0).code == "pay"


def test_a_batch_of_which_nobody_is_complete_is_all_unpaid():
    payouts = amounts(FlatAmount("a"), missing="unpaid").pay({"a": [None, None]})
    assert payouts.minor.tolist() == [0, 0]


def test_a_plan_beyond_a_block_pays_and_explains_each_row_of_the_caller():
    n = 70_000
    column = np.arange(n, dtype=object)
    column[[1, 65_537]] = None
    payouts = amounts(FlatAmount("a"), missing="unpaid").pay({"a": column})
    assert payouts.minor[[0, 1, 2, 65_536, 65_537, 69_999]].tolist() == [0, 0, 2, 65_536, 0, 69_999]
    assert payouts.explain(65_537).code == "unpaid"
    assert payouts.explain(69_999).value == Money("699.99 EUR")


# Explanations.


def test_an_explanation_adds_up_and_has_a_line_for_each_policy_and_step(plan, people):
    payouts = plan.pay(people)
    for row in range(4):
        explanation = payouts.explain(row)
        explanation.check()
        assert explanation == payouts[row].explain()
        assert explanation.value == payouts[row].amount
        labels = [part.label for part in explanation.parts]
        assert labels == ["target bonus", "commission", "prorate", "gate", "cap"]
        assert sum(part.value for part in explanation.parts) == payouts[row].amount


def test_an_explanation_reads_as_a_text(plan, people):
    text = str(plan.pay(people).explain(2))
    for line in ("AE bonus 2026", "salary", "gate: closed, compliant is no", "cap: at most 21,000.00 EUR"):
        assert line in text


# Results: read-only, and stale when the data have changed.


def test_results_are_read_only(plan, people):
    payouts = plan.pay(people)
    for array in (payouts.minor, np.asarray(payouts)):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_changing_data_after_paying_changes_no_result_and_makes_its_explanation_refuse():
    column = np.array([100, 200])
    payouts = amounts(FlatAmount("a")).pay({"a": column})
    column[1] = 999
    assert payouts.minor.tolist() == [100, 200]
    assert payouts.total == Money("3.00 EUR")
    payouts.explain(0).check()
    with pytest.raises(StaleDataError, match=r"row 1 .* amount 2\.00 EUR: it now gives 9\.99 EUR.*pay again") as caught:
        payouts[1].explain()
    assert caught.value.rows == (1,)


def test_data_that_became_missing_are_stale_as_well():
    column = np.array([1.0, 2.0])
    payouts = amounts(TargetBonus(base=1, multiplier="m")).pay({"m": column})
    column[1] = NAN
    with pytest.raises(StaleDataError):
        payouts.explain(1)


def test_data_that_became_missing_from_a_plan_that_leaves_them_unpaid_are_stale_although_nothing_was_paid():
    column = np.array([0.0])
    payouts = amounts(TargetBonus(base=1, multiplier="m"), missing="unpaid").pay({"m": column})
    column[0] = NAN
    assert payouts.minor.tolist() == [0]
    # Still nothing is paid, but what an explanation would tell is not what was paid from.
    with pytest.raises(StaleDataError, match="not what they were"):
        payouts.explain(0)


# Every table gives the same pay.


def table_of(kind, columns):
    if kind == "pandas":
        return pd.DataFrame(columns)
    if kind == "pandas nullable":
        return pd.DataFrame(columns).convert_dtypes()
    if kind == "pandas arrow":
        return pd.DataFrame(columns).convert_dtypes(dtype_backend="pyarrow")
    if kind == "polars":
        return pl.DataFrame(columns)
    if kind == "arrow":
        return pa.table(columns)
    if kind == "money":
        return {**columns, "salary": [Money.from_minor(minor, "EUR") for minor in columns["salary"]]}
    arrays = {name: np.asarray(column) for name, column in columns.items()}
    if kind == "arrays":
        return arrays
    structured = np.zeros(4, dtype=[(name, array.dtype) for name, array in arrays.items()])
    for name, array in arrays.items():
        structured[name] = array
    return structured


@pytest.mark.parametrize(
    "kind", ["arrays", "structured", "pandas", "pandas nullable", "pandas arrow", "polars", "arrow", "money"]
)
def test_every_kind_of_table_gives_the_same_pay(kind, plan, people):
    expected = plan.pay(people)
    got = plan.pay(table_of(kind, people))
    assert got.minor.tobytes() == expected.minor.tobytes()
    assert got.explain(0) == expected.explain(0)


@pytest.mark.parametrize(
    "row_of",
    [
        lambda data: pd.DataFrame(data).iloc[1],
        lambda data: pd.DataFrame(data).astype(object).iloc[1].to_dict(),
        lambda data: pl.DataFrame(data).row(1, named=True),
        lambda data: table_of("structured", data)[1],
        lambda data: pa.table(data).to_pylist()[1],
    ],
)
def test_every_kind_of_single_row_gives_the_same_pay(row_of, plan, people):
    row = row_of(people)
    if isinstance(row, pd.Series):
        row = row.astype(object)
    assert plan.pay_one(row).minor == 987_500


def test_money_made_exact_at_the_edge_pays_like_money_that_was():
    plan = amounts(TargetBonus(base="salary", rate=0.15))
    typed = [60_000.55, "50,000.01", Decimal("0.1")]
    minor = plan.pay({"salary": minor_units(typed, "EUR")}).minor
    assert minor.tolist() == [900_008, 750_000, 2]


# Somebody else's policies.


class Spot:
    """A plain class: ten for each point."""

    name = "spot"

    def needs(self):
        return (Need("points"),)

    def award(self, rows, currency, record):
        points = rows.number("points").astype(np.int64)
        if record:
            record.says(relation="product")
            record.leaf("points", int(points[0]))
            record.leaf("each", Money(10, currency))
        return points * 1_000


class Halve:
    """A plain class: half of it, rounded down."""

    name = "halve"

    def needs(self):
        return ()

    def adjust(self, amount, rows, currency, record):
        if record:
            record.leaf("half", 0.5)
        return amount // 2


class Doubled:
    """A plain class: twice a column."""

    def needs(self):
        return (Need("factor"),)

    def exact(self, rows, record):
        twice = rows.exact("factor").times(Fraction(2))
        if record:
            record.leaf("doubled", twice.fraction(0))
        return twice


@frozen
class Kicker:
    """An attrs class: an amount above a threshold."""

    threshold: float
    amount: int
    name: str = "kicker"

    def needs(self):
        return (Need("score"),)

    def award(self, rows, currency, record):
        paid = np.where(rows.complete("score") >= self.threshold, self.amount, 0).astype(np.int64)
        if record:
            record.leaf("reached", bool(paid[0]))
        return paid


@frozen
class RoundDown:
    """An attrs class: whole hundreds."""

    unit: int
    name: str = "round down"

    def needs(self):
        return ()

    def adjust(self, amount, rows, currency, record):
        return amount // self.unit * self.unit


@frozen
class Share:
    """An attrs class: a share of one."""

    part: int
    of: int

    def needs(self):
        return ()

    def exact(self, rows, record):
        record.leaf("share", Fraction(self.part, self.of))
        return Ratios.constant(Fraction(self.part, self.of), rows.n)


KINDS = {"acme_kicker": Kicker, "acme_round_down": RoundDown, "acme_share": Share}


def test_plain_classes_of_somebody_else_take_part():
    plan = amounts(Spot(), TargetBonus(base=1, rate=Doubled()), then=[Halve(), Cap(20)])
    payouts = plan.pay({"points": [1, 7], "factor": [0.5, 1]})
    assert payouts.minor.tolist() == [550, 2_000]
    explanation = payouts.explain(1)
    explanation.check()
    assert [(part.label, part.value) for part in explanation.parts] == [
        ("spot", Money("70.00 EUR")),
        ("target bonus", Money("2.00 EUR")),
        ("halve", Money("-36.00 EUR")),
        ("cap", Money("-16.00 EUR")),
    ]
    assert explanation["doubled"].value == 2
    for policy in (*plan.pays, *plan.then):
        check_policy(policy)


@pytest.mark.parametrize(("member", "protocol"), [(Spot(), PayPolicy), (Halve(), PayStep), (Doubled(), Factor)])
def test_the_protocols_know_their_members_by_what_they_have(member, protocol):
    assert isinstance(member, protocol)
    assert not isinstance(object(), protocol)


def test_attrs_classes_of_somebody_else_are_stored_with_their_kinds():
    plan = amounts(Kicker(0.8, 5_000), TargetBonus(base=1_000, rate=Share(1, 3)), then=[RoundDown(100), Floor(1)])
    stored = json.loads(json.dumps(to_dict(plan, kinds=KINDS)))
    assert from_dict(stored, kinds=KINDS) == plan
    assert digest(plan, kinds=KINDS) == digest(from_dict(stored, kinds=KINDS), kinds=KINDS)
    revived = from_dict(stored, kinds=KINDS).pay({"score": [0.8, 0.79]})
    assert revived.minor.tolist() == plan.pay({"score": [0.8, 0.79]}).minor.tolist() == [38_300, 33_300]
    revived.explain(0).check()
    for policy in (*plan.pays, *plan.then):
        check_policy(policy)


def test_a_plan_with_somebody_elses_class_needs_its_kind_to_be_stored():
    with pytest.raises(DefinitionError, match=r"Kicker has no kind.*kinds="):
        to_dict(amounts(Kicker(0.8, 5_000)))
    with pytest.raises(DefinitionError, match="Spot has no kind"):
        to_dict(amounts(Spot()))


class Wrong:
    name = "wrong"

    def __init__(self, result):
        self.result = result

    def needs(self):
        return (Need("x"),)

    def award(self, rows, currency, record):
        return self.result(rows.n)

    def adjust(self, amount, rows, currency, record):
        return self.result(rows.n)


@pytest.mark.parametrize(
    ("result", "seen"),
    [
        (np.zeros, r"float64 of shape \(2,\)"),
        (lambda n: np.zeros(n + 1, dtype=np.int64), r"int64 of shape \(3,\)"),
        (lambda n: np.zeros(n, dtype=np.int32), "int32"),
        (lambda n: [0] * n, r"\[0, 0\]"),
        (lambda _: None, "None"),
    ],
)
def test_a_policy_of_somebody_else_that_gives_no_int64_column_is_refused(result, seen):
    wrong = Wrong(result)
    for plan in (amounts(wrong), amounts(FlatAmount(1), then=[wrong])):
        with pytest.raises(DefinitionError, match=f"'wrong' must give an int64 column of 2 rows .got {seen}"):
            plan.pay({"x": [1, 2]})


class Misrecorded:
    name = "misrecorded"

    def needs(self):
        return (Need("x", "money"),)

    def award(self, rows, currency, record):
        amount = rows.money("x")
        if record:
            record.says(relation="sum")
            record.leaf("part", Money.from_minor(int(amount[0]) + 1, currency))
        return amount


def test_parts_that_do_not_give_the_amount_are_refused_in_the_explanation():
    payouts = amounts(Misrecorded()).pay({"x": [100]})
    assert payouts.minor.tolist() == [100]
    with pytest.raises(PerfkitError, match="explanation of 'misrecorded' does not compose"):
        payouts.explain(0)


class InPlace:
    name = "in place"

    def needs(self):
        return ()

    def adjust(self, amount, rows, currency, record):
        amount += 1
        return amount


def test_a_step_that_writes_into_the_amount_it_is_given_is_stopped():
    with pytest.raises((ValueError, PerfkitError), match="read-only"):
        amounts(FlatAmount(1), then=[InPlace()]).pay_one({})


def test_ratings_feed_a_raise_by_rating():
    scale = RatingScale("low", solid=0.8, high=1.2)
    table = RateTable("rating", {"low": 0, "solid": 0.02, "high": 0.035})
    scores = Scorecard("card", [Metric("a")]).score({"a": [0.5, 0.9, 1.3, None]})
    plan = amounts(TargetBonus(base="salary", rate=table, name="raise"), missing="unpaid")
    payouts = plan.pay({"salary": [100_000] * 4}, rating=scale.rate(scores))
    assert payouts.minor.tolist() == [0, 2_000, 3_500, 0]
    assert payouts.explain(3).params == {"columns": ["rating"]}


# Nothing is taken by paying less than nothing.


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (lambda: FlatAmount(-50, name="till shortage"), "amount"),
        (lambda: TargetBonus(-5), "base"),
        (lambda: TargetBonus("salary", -0.1), "rate"),
        (lambda: TargetBonus("salary", 0.1, -1), "multiplier"),
    ],
)
def test_a_typed_amount_below_zero_names_the_types_that_take(make, path):
    with pytest.raises(
        DefinitionError, match=rf"{path} of .* must not be negative .*Forfeit.*Recover.*Deduct"
    ) as caught:
        make()
    assert caught.value.path == path


def test_a_row_that_is_paid_less_than_nothing_is_refused():
    plan = IncentivePlan("commission", currency="EUR", pays=[Commission("sold", rate=0.1)])
    message = (
        r"plan 'commission' pays less than nothing: -0.50 EUR in rows 1, 3; .*Draw or a Recover.*below_zero='keep'"
    )
    with pytest.raises(DataError, match=message) as caught:
        plan.pay({"sold": [100, -500, 0, -10]})
    assert (caught.value.rows, caught.value.count) == ((1, 3), 2)
    kept = attrs.evolve(plan, below_zero="keep").pay({"sold": [100, -500]})
    assert kept.minor.tolist() == [10, -50]
    with pytest.raises(DataError, match=r"pays less than nothing: -0\.50 EUR in row 0"):
        plan.pay_one({"sold": -500})
    carried = attrs.evolve(plan, carry=[Draw(0)])
    paid, ledger = carried.pay_period({"who": ["ana"], "sold": [-500]}, Ledger("EUR"), key="who")
    assert (paid.total.minor, ledger.owed("ana").minor) == (0, 50)
    with pytest.raises(DefinitionError, match="below_zero must be"):
        attrs.evolve(plan, below_zero="pay")


def test_a_return_comes_off_the_other_pay_of_its_row():
    plan = IncentivePlan("pay", currency="EUR", pays=[FlatAmount("wages"), Commission("sold", rate=0.1)])
    assert plan.pay({"wages": [1_000], "sold": [-500]}).minor.tolist() == [950]


@pytest.mark.parametrize(
    "pays",
    [
        [FlatAmount("wages"), FlatAmount("fine", name="fine")],
        [FlatAmount("wages"), TargetBonus(5, multiplier="fine", name="fine")],
        [PaySection("all", pays=[FlatAmount("wages"), FlatAmount("fine", name="fine")])],
        [FlatAmount("wages"), PaySection("fines", pays=[FlatAmount("fine", name="fine")])],
        [PaySection("all", pays=[PaySection("inner", pays=[FlatAmount("wages"), TargetBonus("fine", name="fine")])])],
    ],
)
def test_no_column_below_zero_is_a_deduction_from_other_pay(pays):
    plan = IncentivePlan("pay", currency="EUR", pays=pays)
    data = {"wages": [1_000, 1_000, 0], "fine": [2, -2, 0]}
    with pytest.raises(
        DataError, match="'fine' is below zero and would be taken from the other pay of its row: row 1"
    ) as e:
        plan.pay(data)
    assert (e.value.rows, e.value.column) == ((1,), "fine")
    assert attrs.evolve(plan, below_zero="keep").pay(data).total.minor < 10**6
    # Where there is no other pay to take from, a floor settles it.
    alone = IncentivePlan("pay", currency="EUR", pays=pays, then=[Floor(0)])
    assert alone.pay({"wages": [0], "fine": [-2]}).total.minor == 0


@pytest.mark.parametrize(
    "fine",
    [
        Commission("late", Curve.marginal((0, -1)), name="fine"),
        Commission("late", Curve.cumulative((0.01, -50)), name="fine"),
        Commission("late", rate=-1, name="fine"),
        Commission("late", rate="rate", name="fine"),
        Commission("late", Curve.marginal((0, -1)), so_far="before", name="fine"),
        PaySection("fines", pays=[Commission("late", rate=-1, name="fine"), FlatAmount(0)]),
        PaySection("fine", pays=[FlatAmount("late")], then=[Multiply("rate")]),
        PaySection("fine", pays=[FlatAmount("late")], then=[Cap("below")]),
        PaySection("fine", pays=[FlatAmount("late")], then=[Gate("no", cap="below")]),
        PaySection("outer", pays=[PaySection("fine", pays=[FlatAmount("late")], then=[Cap("below")])]),
    ],
)
def test_neither_a_commission_nor_a_step_of_a_section_is_a_deduction_from_other_pay(fine):
    plan = IncentivePlan("pay", currency="EUR", pays=[FlatAmount("wages"), fine])
    data = {"wages": [90_000] * 2, "late": [0, 300], "rate": [1, -1], "below": [0, -5], "no": [False, False]}
    data["before"] = [0, 0]
    with pytest.raises(DataError, match="'fine' is below zero and would be taken from the other pay of its row: row 1"):
        plan.pay(data)
    assert attrs.evolve(plan, below_zero="keep").pay(data).minor[1] < 90_000


def test_a_total_so_far_is_mended_and_a_section_settles_what_was_returned():
    falls = Commission("sold", Curve.whole((0, 0.1), (10, 0.05)), so_far="before")
    plan = IncentivePlan("pay", currency="EUR", pays=[FlatAmount("wages"), falls])
    assert plan.pay({"wages": [1_000], "before": [900], "sold": [100]}).minor.tolist() == [960]
    section = PaySection("sales", pays=[Commission("sold", rate=0.1)], then=[Multiply(2)])
    plan = IncentivePlan("pay", currency="EUR", pays=[FlatAmount("wages"), section])
    assert plan.pay({"wages": [1_000], "sold": [-500]}).minor.tolist() == [900]


def test_rows_below_zero_are_named_across_blocks():
    plan = IncentivePlan("pay", currency="EUR", pays=[FlatAmount("wages"), FlatAmount("fine", name="fine")])
    fine = np.zeros(70_000, dtype=np.int64)
    fine[69_999] = -1
    with pytest.raises(DataError, match="row 69999"):
        plan.pay({"wages": np.full(70_000, 5), "fine": fine})


def test_a_segment_hides_no_deduction_either():
    plan = IncentivePlan("pay", currency="EUR", pays=[FlatAmount("wages"), FlatAmount("fine", name="fine")])
    days = (date(2026, 1, 1), date(2026, 12, 31))
    year = Timeline([Segment(*days, {"wages": 1_000, "fine": -5})])
    with pytest.raises(DataError, match="'fine' is below zero and would be taken from the other pay of its row"):
        plan.pay_timeline(year, *days)
    kept = attrs.evolve(plan, below_zero="keep")
    assert kept.pay_timeline(year, *days).minor == 995


def test_what_was_returned_in_one_segment_comes_off_the_others():
    plan = IncentivePlan("pay", currency="EUR", pays=[Commission("sold")])
    dates = [(date(2026, 1, 1), date(2026, 6, 30)), (date(2026, 7, 1), date(2026, 12, 31))]

    def paid(*sold):
        segments = [Segment(*days, {"sold": cents}) for days, cents in zip(dates, sold, strict=True)]
        return plan.pay_timeline(Timeline(segments), dates[0][0], dates[1][1], convention="30/360")

    assert paid(1_000, -400).minor == 300
    with pytest.raises(DataError, match=r"pays less than nothing: -3\.00 EUR from 2026-01-01 to 2026-12-31"):
        paid(400, -1_000)


# Steps of a third party.


class InPeriod:
    """A third party's step that pays a gift of one euro once a period."""

    name = "gift"

    def __init__(self, account=None):
        self.account = account

    def needs(self):
        return ()

    def accounts(self):
        return () if self.account is None else (self.account,)

    def in_period(self, period, on, accounts):
        return InPeriod(f"gift@{period}.taken")

    def carry(self, earned, balances, rows, currency, record):
        given = balances[self.account]
        return earned + (100 - given), {self.account: np.full_like(given, 100)}


def test_a_step_of_a_third_party_may_ask_for_the_period():
    assert isinstance(InPeriod(), PeriodStep)
    plan = IncentivePlan("p", currency="EUR", pays=[FlatAmount("earned")], carry=[InPeriod()])
    data = {"who": ["ana"], "earned": [5]}
    paid, ledger = plan.pay_period(data, Ledger("EUR"), key="who", period="march")
    assert paid.total.minor == paid.explain(0).value.minor == 105
    paid, ledger = attrs.evolve(plan, name="q").pay_period(data, ledger, key="who", period="march")
    assert paid.total.minor == 5
    InPeriod.in_period, kept = lambda *_: 7, InPeriod.in_period
    try:
        with pytest.raises(DefinitionError, match="must have the members of CarryStep"):
            plan.pay_period(data, ledger, key="who", period="may")
    finally:
        InPeriod.in_period = kept


def test_what_is_no_ledger_is_refused_by_a_plan():
    plan = IncentivePlan("p", currency="EUR", pays=[FlatAmount("earned")], carry=[Draw(1)])
    with pytest.raises(DataError, match=r"must be a Ledger \(got None\)"):
        plan.pay_period({"who": ["ana"], "earned": [5]}, None, key="who")
