"""What authors of policies are told: everything of ours keeps the house rule, and each way to break it has its code."""

import pickle
from fractions import Fraction

import numpy as np
import pytest

from perfkit import (
    Cap,
    Commission,
    Curve,
    DataError,
    FlatAmount,
    Floor,
    Gate,
    MissingColumnsError,
    Money,
    Multiply,
    PolicyViolation,
    Prorate,
    RateTable,
    Rounding,
    TargetBonus,
)
from perfkit.testing import check_policy
from perfkit.typing import Need

PAYOUT = Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0)
TABLE = RateTable("rating", {"high": 0.035, "low": 0})

OURS = [
    TargetBonus(base="salary"),
    TargetBonus(base=1_000, rate=Fraction(1, 3)),
    TargetBonus(base="salary", rate=0.15, multiplier="score"),
    TargetBonus(base="salary", rate="rate", multiplier="score", curve=PAYOUT),
    TargetBonus(base="salary", rate=TABLE, rounding=Rounding(to=1, mode="half_even")),
    TargetBonus(base="salary", rate=RateTable("rating", {"a": 1}, otherwise=0.5)),
    Commission(on="bookings", curve=Curve.marginal((0, 0.02), (500, 0.03))),
    Commission(on="bookings", curve=Curve.whole((0, 0.02), (50_000, 0.03), owner="lower")),
    Commission(on="bookings", curve=Curve.marginal((0, 0.05), (1, 0.08)), quota="quota"),
    Commission(on="bookings", curve=PAYOUT, quota=70_000, rounding=Rounding(to=100, mode="up")),
    FlatAmount(500),
    FlatAmount(500, name="kicker", rounding=Rounding(to=100)),
    FlatAmount("allowance", when="earned"),
    FlatAmount(Fraction(1, 3), when="earned"),
    Prorate(by="share"),
    Prorate(by="months", of=12),
    Prorate(by="days", of="whole"),
    Gate("compliant"),
    Gate("score", at_least=0.8, at_most=1.5, cap=0.1, of="salary"),
    Gate("score", at_least=1, cap="limit"),
    Cap(500),
    Cap("limit"),
    Cap(0.3, of="salary"),
    Cap("share", of="salary"),
    Floor(500),
    Floor("limit"),
    Floor(Fraction(1, 3), of="salary"),
    Multiply(0.596),
    Multiply("factor"),
    Multiply(TABLE),
]


def violations(policy, **options):
    with pytest.raises(PolicyViolation) as caught:
        check_policy(policy, **options)
    assert pickle.loads(pickle.dumps(caught.value)).violations == caught.value.violations
    assert all(code in str(caught.value) and seen for code, seen in caught.value.violations)
    return {code for code, _ in caught.value.violations}


@pytest.mark.parametrize("policy", OURS, ids=lambda policy: repr(policy)[:60])
@pytest.mark.parametrize(("currency", "seed"), [("EUR", 0), ("JPY", 1), ("KWD", 2)])
def test_everything_of_ours_keeps_the_house_rule(policy, currency, seed):
    check_policy(policy, currency=currency, seed=seed)


def test_a_policy_is_tried_on_the_data_and_choices_that_are_given():
    data = {"salary": [100, 200, 300], "score": [0.5, 1.0, 2.0]}
    check_policy(TargetBonus(base="salary", multiplier="score"), data=data)
    check_policy(TargetBonus(base=1, multiplier="score"), choices={"score": [0.5, 1.0]})
    check_policy(TargetBonus(base=1, rate=RateTable("r", {"x": 1, "y": 2})), choices={"r": ["x", "y"]})
    check_policy(FlatAmount(1), data={})


def test_rows_that_a_policy_refuses_are_left_out():
    check_policy(Prorate(by="share"), data={"share": [0.5, 2.0, 1.0, -1.0]})


def test_data_without_a_column_that_the_policy_reads_are_refused_as_such():
    with pytest.raises(MissingColumnsError, match="'score'"):
        check_policy(TargetBonus(base="salary", multiplier="score"), data={"salary": [1]})


class Policy:
    """A sound policy, to be broken in one way at a time."""

    name = "mine"

    def needs(self):
        return (Need("salary", "money"),)

    def award(self, rows, currency, record):
        return rows.money("salary") // 10


class WholeBatch(Policy):
    def award(self, rows, currency, record):
        salary = rows.money("salary")
        return salary - int(salary.mean()) if rows.n else salary


class RowOrder(Policy):
    def award(self, rows, currency, record):
        return rows.money("salary") + np.arange(rows.n)


class PreviousRow(Policy):
    def award(self, rows, currency, record):
        return np.cumsum(rows.money("salary"))


class FloatOutput(Policy):
    def award(self, rows, currency, record):
        return rows.money("salary") * 0.1


class NarrowOutput(Policy):
    def award(self, rows, currency, record):
        return (rows.money("salary") // 10).astype(np.int32)


class ListOutput(Policy):
    def award(self, rows, currency, record):
        return rows.money("salary").tolist()


class ShortOutput(Policy):
    def award(self, rows, currency, record):
        return rows.money("salary")[1:]


class Undeclared(Policy):
    def award(self, rows, currency, record):
        return rows.money("bonus")


class Mutates(Policy):
    def award(self, rows, currency, record):
        salary = rows.money("salary")
        salary[salary > 100] = 100
        return salary.copy()


class MutatesRaw(Policy):
    def award(self, rows, currency, record):
        paid = rows.money("salary") // 10
        rows.raw("salary")[:] = 0
        return paid


class CountsCalls(Policy):
    def __init__(self):
        self.calls = 0

    def award(self, rows, currency, record):
        self.calls += 1
        return rows.money("salary")


class RemembersTheFirst(Policy):
    """It passes for a policy of each row by itself once the first batch has set its bar."""

    bar = None

    def award(self, rows, currency, record):
        if self.bar is None and rows.n:
            self.bar = int(rows.money("salary").max())
        return np.minimum(rows.money("salary"), self.bar or 0)


class PaysMoreEachTime(Policy):
    def __init__(self):
        self.calls = 0

    def award(self, rows, currency, record):
        self.calls += 1
        return rows.money("salary") + self.calls


class WrongParts(Policy):
    def award(self, rows, currency, record):
        paid = rows.money("salary") // 10
        if record:
            record.says(relation="sum")
            record.leaf("base", Money.from_minor(int(paid[0]) + 1, currency))
        return paid


class OtherNumberRecorded(Policy):
    def award(self, rows, currency, record):
        paid = rows.money("salary") // 10
        return paid + 1 if record else paid


class EmptyFails(Policy):
    def award(self, rows, currency, record):
        rows.money("salary").max()
        return rows.money("salary")


class EmptyRefused(Policy):
    def award(self, rows, currency, record):
        if not rows.n:
            raise DataError("no rows")
        return rows.money("salary")


class EmptyOfAnotherKind(Policy):
    def award(self, rows, currency, record):
        return rows.money("salary") if rows.n else np.array([])


class WritesIntoWhatItReads(Policy):
    """It caps the column itself, so that whoever reads it next finds less."""

    def award(self, rows, currency, record):
        score = rows.number("score")
        np.minimum(score, 1.0, out=score)
        return (rows.money("salary") * (score > 0.5)).astype(np.int64)

    def needs(self):
        return (Need("salary", "money"), Need("score"))


class KeepsItsFirstBatch(Policy):
    """What it remembers is in a list, which no assignment shows."""

    def __init__(self):
        self.first = []

    def award(self, rows, currency, record):
        salary = rows.money("salary")
        if rows.n and not self.first:
            self.first.append(int(salary[0]))
        return np.maximum(salary - sum(self.first), 0)


class EmptyIsFloat(Policy):
    def award(self, rows, currency, record):
        return np.array([int(salary) for salary in rows.money("salary")])


class Raises(Policy):
    def award(self, rows, currency, record):
        raise ZeroDivisionError("no")


class RefusesAll(Policy):
    def award(self, rows, currency, record):
        raise DataError("no")


class RefusesBatches(Policy):
    def award(self, rows, currency, record):
        if rows.n > 1:
            raise DataError("one at a time")
        return rows.money("salary")


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (WholeBatch, "one_row"),
        (WholeBatch, "partition"),
        (RowOrder, "permutation"),
        (RowOrder, "one_row"),
        (PreviousRow, "partition"),
        (FloatOutput, "shape"),
        (NarrowOutput, "shape"),
        (ListOutput, "shape"),
        (ShortOutput, "shape"),
        (Undeclared, "undeclared_column"),
        (Mutates, "mutates_input"),
        (MutatesRaw, "mutates_input"),
        (WritesIntoWhatItReads, "mutates_input"),
        (EmptyIsFloat, "empty_batch"),
        (CountsCalls, "keeps_state"),
        (RemembersTheFirst, "keeps_state"),
        (KeepsItsFirstBatch, "keeps_state"),
        (PaysMoreEachTime, "repeatable"),
        (WrongParts, "explanation"),
        (OtherNumberRecorded, "explanation"),
        (EmptyFails, "empty_batch"),
        (EmptyRefused, "empty_batch"),
        (EmptyOfAnotherKind, "empty_batch"),
        (Raises, "raises"),
        (RefusesAll, "refuses_all"),
    ],
)
def test_each_way_to_break_the_rule_has_its_code(broken, code):
    assert code in violations(broken())


class Step:
    """A sound step, to be broken in one way at a time."""

    name = "mine"

    def needs(self):
        return ()

    def adjust(self, amount, rows, currency, record):
        return amount


class WritesIntoTheAmount(Step):
    def adjust(self, amount, rows, currency, record):
        amount *= 2
        return amount


class AmountOfTheBatch(Step):
    def adjust(self, amount, rows, currency, record):
        return np.minimum(amount, int(np.median(amount)) if rows.n else 0)


def test_a_policy_that_fails_on_no_rows_alone_breaks_that_law_alone():
    for broken in (EmptyFails, EmptyRefused, EmptyOfAnotherKind, EmptyIsFloat):
        assert violations(broken()) == {"empty_batch"}


def test_a_sound_policy_passes():
    check_policy(Policy())
    check_policy(Step())


@pytest.mark.parametrize(("broken", "code"), [(WritesIntoTheAmount, "mutates_input"), (AmountOfTheBatch, "one_row")])
def test_steps_are_held_to_the_rule_as_well(broken, code):
    assert code in violations(broken())


class NoAward:
    name = "mine"

    def needs(self):
        return ()


class NeedsNames(Policy):
    def needs(self):
        return ("salary",)


class NeedsAList(Policy):
    def needs(self):
        return [Need("salary", "money")]


@pytest.mark.parametrize("broken", [object(), NoAward(), NeedsNames(), NeedsAList(), Curve.constant(1)])
def test_an_object_without_the_members_is_told_so(broken):
    assert violations(broken) == {"members"}


def test_a_policy_that_refuses_batches_is_told_so():
    with pytest.raises(PolicyViolation):
        check_policy(RefusesBatches())


def test_several_broken_laws_are_all_named():
    assert {"one_row", "partition", "permutation"} <= violations(RowOrder())


def test_a_law_found_broken_is_not_forgotten_when_another_one_raises():
    class Both(RowOrder):
        def award(self, rows, currency, record):
            if record:
                raise ZeroDivisionError("no")
            return super().award(rows, currency, record)

    assert "permutation" in violations(Both())


def test_a_policy_that_cannot_be_pickled_is_compared_by_what_it_holds():
    class Local(CountsCalls):
        pass

    assert "keeps_state" in violations(Local())

    class Slotted:
        __slots__ = ()
        name = "slotted"

        def needs(self):
            return (Need("salary", "money"),)

        def award(self, rows, currency, record):
            return rows.money("salary")

    check_policy(Slotted())


def test_the_same_seed_tries_the_same_rows():
    assert violations(RowOrder(), seed=5) == violations(RowOrder(), seed=5)
    messages = []
    for _ in range(2):
        with pytest.raises(PolicyViolation) as caught:
            check_policy(WholeBatch(), seed=3)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
