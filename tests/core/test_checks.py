"""What the fields of definitions are checked by."""

from fractions import Fraction

import attrs
import numpy as np
import pytest

from perfkit import Cap, Curve, DefinitionError, Draw, Gate, Goal, IncentivePlan, Metric, Period, Scorecard, Section
from perfkit._core.checks import instance, one_of, optional_text, several, text, truth


class TestText:
    @pytest.mark.parametrize("name", ["a", " a ", "ä b", np.str_("a")])
    def test_is_itself_and_of_type_str(self, name):
        assert text(name) == name
        assert type(text(name)) is str
        assert type(optional_text(name)) is str

    @pytest.mark.parametrize("odd", ["", " ", "\t\n", 5, 0.5, True, b"a", ["a"], object])
    def test_nothing_else_is_a_name(self, odd):
        for check in (text, optional_text):
            with pytest.raises(DefinitionError, match=r"a name must be a text that is not empty \(got ") as caught:
                check(odd)
            assert repr(odd) in str(caught.value)

    def test_none_is_a_name_only_where_it_may_be(self):
        assert optional_text(None) is None
        with pytest.raises(DefinitionError, match=r"\(got None\)"):
            text(None)

    @pytest.mark.parametrize(
        "make",
        [
            lambda: Metric(" "),
            lambda: Section(5, of=[Metric("a")]),
            lambda: Scorecard(None, [Metric("a")]),
            lambda: Gate(""),
            lambda: Cap(5, of=""),
            lambda: Metric("a", last=5),
            lambda: Cap(5, name=" "),
        ],
    )
    def test_is_asked_of_every_name_of_a_definition(self, make):
        with pytest.raises(DefinitionError, match="must be a text that is not empty"):
            make()


class TestTruth:
    @pytest.mark.parametrize("value", [True, False, np.True_, np.False_])
    def test_is_true_or_false(self, value):
        assert truth(value) is bool(value)

    @pytest.mark.parametrize("odd", [1, 0, 1.0, "yes", "", None, [], np.int64(1)])
    def test_what_only_counts_as_true_or_false_is_refused(self, odd):
        with pytest.raises(DefinitionError, match=r"must be True or False \(got "):
            truth(odd)
        with pytest.raises(DefinitionError, match="must be True or False"):
            Metric("a", target=1, lower_is_better=odd)
        with pytest.raises(DefinitionError, match="must be True or False"):
            Draw(5, recoverable=odd)


class TestOneOf:
    def test_what_is_allowed_passes(self):
        one_of("zero", ("refuse", "zero"), "missing")
        one_of("zero", iter(["refuse", "zero"]), "missing")

    def test_what_is_not_is_refused_with_what_may_have_been_meant(self):
        with pytest.raises(DefinitionError) as caught:
            one_of("zerro", iter(["refuse", "zero"]), "missing")
        assert str(caught.value) == "missing must be one of refuse, zero (got 'zerro') (did you mean 'zero'?)"
        assert caught.value.path == "missing"

    @pytest.mark.parametrize("odd", [None, 5, ["zero"], ("zero",), {"zero"}, Fraction(1)])
    def test_what_is_no_text_is_refused(self, odd):
        with pytest.raises(DefinitionError, match="missing must be one of refuse, zero"):
            one_of(odd, ("refuse", "zero"), "missing")


class TestInstance:
    def test_names_the_field_and_what_it_holds(self):
        with pytest.raises(DefinitionError) as caught:
            Metric("a", curve="steep")
        assert str(caught.value) == "curve must be a Curve or None (got 'steep')"
        assert caught.value.path == "curve"
        with pytest.raises(DefinitionError, match="rounding must be a Rounding "):
            Cap(5, rounding=None)
        with pytest.raises(DefinitionError, match="period must be a Period or None"):
            Goal("a", period="2026")

    def test_takes_subclasses(self):
        @attrs.frozen
        class Holder:
            number: object = attrs.field(validator=instance(int, type(None)))

        assert Holder(True).number is True
        assert Holder(None).number is None
        with pytest.raises(DefinitionError, match=r"number must be a int or None \(got 0\.5\)"):
            Holder(0.5)


class TestSeveral:
    @pytest.mark.parametrize(
        ("value", "parts"),
        [
            ([1, 2], (1, 2)),
            ((1, 2), (1, 2)),
            ({1}, (1,)),
            (frozenset({1}), (1,)),
            (iter([1, 2]), (1, 2)),
            ((n for n in (1, 2)), (1, 2)),
            ([], ()),
            (1, (1,)),
            ("ab", ("ab",)),
            (None, (None,)),
            (Period.year(2026), (Period.year(2026),)),
        ],
    )
    def test_is_a_tuple_of_one_or_of_many(self, value, parts):
        assert several(value) == parts

    def test_one_part_need_not_be_in_a_list(self):
        one = Metric("a")
        assert Scorecard("c", one) == Scorecard("c", [one])
        assert Section("s", of=one) == Section("s", of=iter([one]))
        assert Goal("a", children=Goal("b", target=1)).children == (Goal("b", target=1),)
        plan = IncentivePlan("p", currency="EUR", pays=Bonus(), then=Cap(5))
        assert plan == IncentivePlan("p", currency="EUR", pays=[Bonus()], then=(Cap(5),))

    def test_what_can_be_gone_over_and_is_no_list_is_one_part(self):
        with pytest.raises(DefinitionError, match=r"must hold metrics and sections \(got Curve"):
            Section("s", of=Curve.constant(1))
        with pytest.raises(DefinitionError, match=r"must hold metrics and sections \(got 'ab'\)"):
            Section("s", of="ab")


@attrs.frozen
class Bonus:
    """A form of pay of one's own."""

    name: str = "bonus"

    def needs(self):
        return ()

    def award(self, rows, currency, record):
        return np.zeros(rows.n, dtype=np.int64)
