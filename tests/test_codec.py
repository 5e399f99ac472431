"""A definition is data: kinds, paths, problems and digests."""

import json
from datetime import date
from fractions import Fraction

import attrs
import numpy as np
import pytest

from perfkit import (
    Cap,
    Commission,
    Curve,
    DefinitionError,
    FlatAmount,
    Floor,
    Gate,
    Goal,
    GoalTree,
    IncentivePlan,
    Knot,
    Metric,
    Money,
    Multiply,
    Period,
    Prorate,
    RateTable,
    RatingScale,
    Rounding,
    Scorecard,
    Section,
    TargetBonus,
    Weights,
    digest,
    from_dict,
    to_dict,
)
from perfkit.codec import KINDS, SCHEMA

F = Fraction
CURVE = Curve.through((0.8, 0), (1, 1), (1.2, 2), below=0)
OTHER_CURVE = Curve.steps((1, 1))
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
NICKEL = Rounding(to=0.05)

CARD = Scorecard(
    "account executive",
    [
        Section("results", weight=70, of=[
            Metric("revenue", weight=80, target="quota", curve=CURVE),
            Metric("churn", weight=20, target=0.05, lower_is_better=True),
        ]),
        Metric("csat", weight=30),
    ],
)  # fmt: skip
PLAN = IncentivePlan(
    "AE bonus 2026",
    currency="EUR",
    pays=[
        TargetBonus(base="salary", rate=0.15, multiplier="score"),
        Commission(on="bookings", curve=Curve.marginal((0, 0.02), (500_000, 0.03))),
    ],
    then=[Prorate(by="months", of=12), Gate("compliant"), Cap(0.30, of="salary")],
)
BONUS = IncentivePlan("b", currency="EUR", pays=PLAN.pays[:1], then=PLAN.then)

# Of each kind a definition, and for each of its fields the same definition with another value in that field alone.
BASES = {
    "cap": Cap(5),
    "commission": Commission(on="bookings", curve=CURVE, quota=6),
    "curve": Curve([Knot(0, 0, 1, 2)]),
    "flat_amount": FlatAmount(500),
    "floor": Floor(5),
    "gate": Gate("x", at_least=1),
    "goal": Goal("a", target=10),
    "goal_tree": GoalTree([Goal("a", target=10)]),
    "incentive_plan": PLAN,
    "knot": Knot(0, 0, 0, 0),
    "metric": Metric("a", target=10, baseline=20),
    "money": Money("1.00 EUR"),
    "multiply": Multiply("factor"),
    "period": YEAR,
    "prorate": Prorate(by="months", of=12),
    "rate_table": RateTable("rating", {"high": 0.03}),
    "rating_scale": RatingScale("below", solid=0.8),
    "rounding": Rounding(),
    "scorecard": CARD,
    "section": Section("s", of=[Metric("a")]),
    "target_bonus": TargetBonus(base="salary", multiplier="score"),
    "weights": Weights({"a": 1, "b": 2}),
}
OTHERS = {
    "cap": {"limit": 6, "of": "salary", "name": "n", "rounding": NICKEL},
    "commission": {
        "on": "sales",
        "curve": OTHER_CURVE,
        "rate": 0.5,
        "quota": 5,
        "ramp": 0.5,
        "so_far": "ytd",
        "name": "n",
        "rounding": NICKEL,
    },
    "curve": {"knots": [Knot(0, 0, 0, 2)], "slope_below": 1, "slope_above": F(1, 3)},
    "flat_amount": {"amount": 501, "when": "won", "name": "n", "rounding": NICKEL},
    "floor": {"limit": 6, "of": "salary", "name": "n", "rounding": NICKEL},
    "gate": {"on": "y", "at_least": 2, "at_most": 9, "cap": 5, "of": "salary", "name": "n", "rounding": NICKEL},
    "goal": {
        "id": "b",
        "title": "t",
        "owner": "ana",
        "period": YEAR,
        "unit": "EUR",
        "baseline": 1,
        "target": 11,
        "weight": 2,
        "roll_up": "sum",
        "children": [Goal("c", target=10)],
    },
    "goal_tree": {"roots": [Goal("b", target=10)]},
    "incentive_plan": {
        "name": "n",
        "currency": "USD",
        "pays": [FlatAmount(1)],
        "then": [],
        "missing": "unpaid",
    },
    "knot": {"x": 1, "below": 1, "at": 1, "above": 1},
    "metric": {
        "name": "b",
        "weight": 3,
        "column": "c",
        "target": 11,
        "baseline": "start",
        "lower_is_better": True,
        "inversion": "ratio",
        "curve": CURVE,
        "zero_span": "missing",
        "missing": "zero",
        "last": "l",
        "unit": "EUR",
    },
    "multiply": {"by": 2, "name": "n", "rounding": NICKEL},
    "period": {"start": date(2026, 1, 2), "end": date(2027, 1, 1)},
    "prorate": {"by": "days", "of": 365, "name": "n", "rounding": NICKEL},
    "rate_table": {"on": "r", "rates": {"high": 0.04}, "otherwise": 0},
    "rounding": {"to": 1, "mode": "up"},
    "scorecard": {
        "name": "n",
        "sections": [Metric("a")],
        "missing": "zero",
        "grid": 0.001,
        "weights_add_up_to": 100,
    },
    "section": {"name": "t", "weight": 2, "of": [Metric("b")]},
    "target_bonus": {
        "base": 100,
        "rate": 0.1,
        "multiplier": 2,
        "curve": CURVE,
        "name": "n",
        "rounding": NICKEL,
    },
    "weights": {"given": {"a": 1, "b": 3}, "source": "a panel"},
}
# These are made otherwise than from their fields.
MADE = {
    "money": {"minor": Money("1.01 EUR"), "currency": Money("1.00 USD")},
    "rating_scale": {"lowest": RatingScale("low", solid=0.8), "floors": RatingScale("below", solid=0.9)},
}


def variants(kind):
    if kind in MADE:
        return MADE[kind]
    base = BASES[kind]
    if kind == "scorecard":
        base = Scorecard("c", [Metric("b", weight=100)])
    fields = {field.name for field in attrs.fields(KINDS[kind])}
    return {name: attrs.evolve(base, **{name: value}) for name, value in OTHERS[kind].items() if name in fields}


def problems_of(data, **options):
    with pytest.raises(DefinitionError) as caught:
        from_dict(data, **options)
    return caught.value.problems


@attrs.frozen
class Spot:
    """A form of pay of one's own."""

    amount: Fraction = attrs.field(converter=F)
    since: date = date(2026, 1, 1)
    name: str = "spot"

    def needs(self):
        return ()

    def award(self, rows, currency, record):
        minor = np.full(rows.n, int(self.amount * 100))
        record.leaf("base", Money(self.amount, currency))
        record.says(relation="sum")
        return minor


class Plain:
    """No attrs class."""


@pytest.mark.parametrize("kind", sorted(KINDS))
class TestEveryKind:
    def test_comes_back_from_json(self, kind):
        text = json.dumps(to_dict(BASES[kind]), allow_nan=False)
        back = from_dict(json.loads(text))
        assert back == BASES[kind]
        assert type(back) is KINDS[kind]
        assert json.dumps(to_dict(back)) == text

    def test_says_its_kind_and_its_schema(self, kind):
        data = to_dict(BASES[kind])
        assert data["kind"] == kind
        assert data["schema"] == SCHEMA == 1
        assert set(data) - {"kind", "schema"} == {field.name for field in attrs.fields(KINDS[kind])}

    def test_is_read_without_its_schema(self, kind):
        data = to_dict(BASES[kind])
        del data["schema"]
        assert from_dict(data) == BASES[kind]

    def test_has_another_digest_when_any_field_changes(self, kind):
        changed = variants(kind)
        assert set(changed) == {field.name for field in attrs.fields(KINDS[kind])}
        base = Scorecard("c", [Metric("b", weight=100)]) if kind == "scorecard" else BASES[kind]
        digests = {digest(base), *(digest(variant) for variant in changed.values())}
        assert len(digests) == len(changed) + 1

    def test_with_any_field_changed_comes_back_from_json(self, kind):
        for variant in variants(kind).values():
            assert from_dict(json.loads(json.dumps(to_dict(variant)))) == variant

    def test_with_an_unknown_field_is_refused(self, kind):
        (problem, *_) = problems_of(to_dict(BASES[kind]) | {"wieght": 1})
        assert "wieght" in problem
        assert problem.endswith("@ $")

    def test_of_the_future_is_refused(self, kind):
        with pytest.raises(DefinitionError, match=r"schema must be 1 \(got 2\); it needs another perfkit") as caught:
            from_dict(to_dict(BASES[kind]) | {"schema": 2})
        assert caught.value.path == "$.schema"

    def test_does_not_change_what_it_is_read_from(self, kind):
        data = json.loads(json.dumps(to_dict(BASES[kind])))
        before = json.dumps(data)
        from_dict(data)
        assert json.dumps(data) == before


class TestDigest:
    @pytest.mark.parametrize(
        ("definition", "expected"),
        [
            (CARD, "694b0d19d2e5155ba932b265cb3c66645da29e6248389970668998b09cb65ce4"),
            (BONUS, "239124ad78bf4d30a4405c4a9e0ef642f4751af66b076c0dbc66b1b49fd71421"),
        ],
        ids=["scorecard", "plan"],
    )
    def test_is_the_same_on_every_machine(self, definition, expected):
        assert digest(definition) == expected

    def test_knows_no_difference_in_how_a_number_was_typed(self):
        assert digest(Cap(F(1, 2))) == digest(Cap(0.5)) == digest(Cap(np.float64(0.5)))
        assert digest(Cap(1)) == digest(Cap(1.0))

    def test_does_not_depend_on_the_order_of_keys(self):
        data = to_dict(PLAN)
        assert digest(from_dict(dict(reversed(data.items())))) == digest(PLAN)

    def test_is_sensitive_to_the_order_of_parts(self):
        one, other = Metric("a"), Metric("b")
        assert digest(Section("s", of=[one, other])) != digest(Section("s", of=[other, one]))

    def test_is_equal_where_definitions_are(self):
        exact_truth = Metric("a", target=1, lower_is_better=True)
        assert Metric("a", target=1, lower_is_better=1) != exact_truth or (
            digest(Metric("a", target=1, lower_is_better=1)) == digest(exact_truth)
        )


class TestValues:
    @pytest.mark.parametrize(
        ("number", "stored"),
        [
            (7, 7),
            (0.15, 0.15),
            (F(1, 3), {"kind": "fraction", "value": "1/3"}),
            (10**30, 10**30),
            (F(10**400 + 1, 2), {"kind": "fraction", "value": f"{10**400 + 1}/2"}),
        ],
    )
    def test_a_number_is_stored_as_short_as_it_is_exact(self, number, stored):
        assert to_dict(Cap(number))["limit"] == stored
        assert from_dict(json.loads(json.dumps(to_dict(Cap(number))))) == Cap(number)

    def test_a_date_says_that_it_is_one(self):
        assert to_dict(YEAR)["start"] == {"kind": "date", "value": "2026-01-01"}

    def test_a_name_from_numpy_is_a_name(self):
        assert to_dict(Metric(np.str_("a"))) == to_dict(Metric("a"))


class TestWhatIsRefused:
    @pytest.mark.parametrize("odd", [None, 5, "text", [], [("kind", "cap")]])
    def test_what_is_no_mapping(self, odd):
        with pytest.raises(DefinitionError, match=r"a stored definition must be a mapping \(got ") as caught:
            from_dict(odd)
        assert caught.value.path == "$"

    @pytest.mark.parametrize("schema", [0, 2, "1", None, 1.5])
    def test_another_schema(self, schema):
        with pytest.raises(DefinitionError, match="schema must be 1"):
            from_dict({"schema": schema, "kind": "cap", "limit": 5})

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            ({}, "kind must be one that is known (got "),
            ({"kind": None}, "kind must be one that is known (got "),
            ({"kind": "scorcard"}, "kind must be one that is known (got 'scorcard') (did you mean 'scorecard'?) @ $"),
            ({"kind": 5}, "kind must be one that is known"),
            ({"kind": ["cap"]}, "kind must be one that is known"),
        ],
    )
    def test_unknown_kinds(self, data, message):
        (problem,) = problems_of(data)
        assert problem.startswith(message)

    def test_all_problems_at_once_each_with_its_path(self):
        data = {
            "kind": "scorecard",
            "name": "x",
            "missing": "zero",
            "sections": [
                {"kind": "metric", "name": "a", "weight": -1},
                {"kind": "metrik"},
                {"kind": "section", "name": "s", "of": [{"kind": "metric", "nme": "q"}, {"kind": "cap", "limt": 1}]},
                {"kind": "metric", "name": "b", "curve": {"kind": "curve", "knots": [{"kind": "knot", "x": "one"}]}},
            ],
        }
        with pytest.raises(DefinitionError, match="the stored definition has ") as caught:
            from_dict(data)
        paths = [problem.rpartition(" @ ")[2] for problem in caught.value.problems]
        for path in (
            "$.sections[0]",
            "$.sections[1]",
            "$.sections[2].of[0]",
            "$.sections[2].of[0].name",
            "$.sections[2].of[1]",
            "$.sections[2].of[1].limit",
            "$.sections[3].curve.knots[0].below",
        ):
            assert path in paths
        assert caught.value.path in paths
        assert str(caught.value).startswith(f"the stored definition has {len(paths)} problems: ")

    @pytest.mark.parametrize(
        ("data", "path"),
        [
            ({"kind": "cap"}, "$.limit"),
            ({"kind": "cap", "limit": True}, "$"),
            ({"kind": "cap", "limit": float("nan")}, "$"),
            ({"kind": "cap", "limit": {"kind": "fraction"}}, "$.limit"),
            ({"kind": "cap", "limit": {"kind": "fraction", "value": "1/0"}}, "$.limit"),
            ({"kind": "cap", "limit": {"kind": "fraction", "value": "one"}}, "$.limit"),
            ({"kind": "cap", "limit": {"kind": "fraction", "value": None}}, "$.limit"),
            ({"kind": "period", "start": {"kind": "date", "value": "2026-13-01"}, "end": None}, "$.start"),
            ({"kind": "period", "start": "2026-01-01", "end": "2026-12-31"}, "$"),
            ({"kind": "rounding", "mode": "halfup"}, "$"),
            ({"kind": "curve", "knots": []}, "$"),
            ({"kind": "money", "minor": 5, "currency": "EURO"}, "$"),
            ({"kind": "money", "minor": 5}, "$"),
            ({"kind": "rating_scale", "lowest": "b", "floors": []}, "$"),
            ({"kind": "rating_scale", "lowest": "b", "floors": [["a", 2], ["c", 1]]}, "$"),
            ({"kind": "rating_scale", "lowest": "b", "flors": [["a", 2]]}, "$"),
            ({"kind": "weights", "given": [["a", 0]]}, "$"),
            ({"kind": "goal", "id": "a", "target": 5, "children": [{"kind": "goal", "id": "b", "weight": 0}]},
             "$.children[0]"),
            ({"kind": "incentive_plan", "name": "p", "currency": "EUR", "pays": []}, "$"),
        ],
    )  # fmt: skip
    def test_values_that_make_no_definition(self, data, path):
        with pytest.raises(DefinitionError) as caught:
            from_dict(data)
        assert path in [problem.rpartition(" @ ")[2] for problem in caught.value.problems]
        assert caught.value.path

    @pytest.mark.parametrize(
        "data",
        [
            {"kind": "cap", "limit": {"kind": "fraction", "value": "1/0"}},
            {"kind": "curve", "knots": [1]},
            {"kind": "curve", "knots": 5},
            {"kind": "rating_scale", "lowest": "b", "floors": 5},
            {"kind": "rating_scale", "lowest": "b", "floors": [["a"]]},
            {"kind": "weights", "given": [["a", 1, 2]]},
            {"kind": "weights", "given": 5},
            {"kind": "goal_tree", "roots": [5]},
        ],
    )
    def test_a_wrong_shape_is_told_in_words_and_not_as_an_unknown_error(self, data):
        for problem in problems_of(data):
            assert "unknown error" not in problem
            assert "has no attribute" not in problem

    @pytest.mark.parametrize(
        "data",
        [
            {"kind": "commission", "on": "bookings", "curve": 5},
            {"kind": "target_bonus", "base": "salary", "multiplier": "score", "curve": "steep"},
            {"kind": "cap", "limit": 5, "rounding": "up"},
            {"kind": "gate", "on": 5},
            {"kind": "money", "minor": 1.5, "currency": "EUR"},
            {"kind": "incentive_plan", "name": 5, "currency": "EUR", "pays": [{"kind": "flat_amount", "amount": 5}]},
        ],
        ids=["curve 5", "curve text", "rounding text", "column 5", "half a cent", "name 5"],
    )
    def test_a_field_of_another_type(self, data):
        with pytest.raises(DefinitionError):
            from_dict(data)

    def test_a_level_stored_twice(self):
        with pytest.raises(DefinitionError, match="'a' twice"):
            from_dict({"kind": "rating_scale", "lowest": "b", "floors": [["a", 1], ["a", 2]]})

    def test_a_value_that_is_no_definition(self):
        with pytest.raises(DefinitionError, match="kind"):
            from_dict({"kind": "fraction", "value": "1/3"})

    @pytest.mark.parametrize("odd", [5, "text", {"kind": "cap"}, F(1, 2), Plain(), Cap])
    def test_an_object_without_a_kind(self, odd):
        with pytest.raises(DefinitionError, match=r"has no kind to be stored under; give it with kinds="):
            to_dict(odd)
        with pytest.raises(DefinitionError, match="has no kind"):
            digest(odd)


class TestKindsOfOnesOwn:
    PLAN = IncentivePlan("spots", currency="EUR", pays=[Spot(500)], then=[Cap(400)])

    def test_are_stored_under_the_name_given(self):
        data = json.loads(json.dumps(to_dict(self.PLAN, kinds={"spot": Spot})))
        assert data["pays"][0]["kind"] == "spot"
        assert data["pays"][0]["since"] == {"kind": "date", "value": "2026-01-01"}
        assert from_dict(data, kinds={"spot": Spot}) == self.PLAN
        assert from_dict(data, kinds={"spot": Spot}).pay_one({}).amount == Money(400, "EUR")
        assert digest(self.PLAN, kinds={"spot": Spot}) == digest(self.PLAN, kinds={"spot": Spot})

    def test_without_their_name_are_refused(self):
        with pytest.raises(DefinitionError, match="Spot has no kind to be stored under; give it with kinds="):
            to_dict(self.PLAN)
        (problem,) = problems_of(to_dict(self.PLAN, kinds={"spot": Spot}))
        assert problem == "kind must be one that is known (got 'spot') @ $.pays[0]"

    @pytest.mark.parametrize("taken", ["cap", "scorecard", "fraction", "date"])
    def test_may_not_take_a_name_of_perfkits(self, taken):
        for act in (lambda kinds: to_dict(Cap(5), kinds=kinds), lambda kinds: from_dict({"kind": "cap"}, kinds=kinds)):
            with pytest.raises(DefinitionError, match=f"kind '{taken}' is perfkit's own; store Spot under another"):
                act({taken: Spot})

    def test_are_attrs_classes(self):
        with pytest.raises(DefinitionError, match="Plain must be an attrs class to be stored"):
            to_dict(Cap(5), kinds={"plain": Plain})

    @pytest.mark.parametrize("odd", [5, "Spot", None])
    def test_are_classes(self, odd):
        with pytest.raises(DefinitionError, match="must be an attrs class"):
            to_dict(Cap(5), kinds={"odd": odd})

    def test_a_class_has_one_kind(self):
        with pytest.raises(DefinitionError):
            to_dict(Cap(5), kinds={"my_cap": Cap})
        with pytest.raises(DefinitionError):
            to_dict(Spot(5), kinds={"one": Spot, "two": Spot})
