"""A job, its duties, and how a scorecard measures them."""

from fractions import Fraction

import pytest

from perfkit import DefinitionError, Job, Metric, Scorecard, Section, Weights, from_dict, to_dict

JOB = Job("account executive", {"win customers": 50, "keep customers": 30, "forecast": 20})


def card(*parts):
    return Scorecard("card", parts)


def test_importance_is_a_share():
    assert JOB.importance() == {
        "win customers": Fraction(1, 2),
        "keep customers": Fraction(3, 10),
        "forecast": Fraction(1, 5),
    }
    assert from_dict(to_dict(JOB)) == JOB


def test_what_is_unmeasured_what_is_nobodys_duty_and_where_weights_disagree():
    sections = [
        Section(
            "results",
            weight=3,
            of=[
                Metric("bookings", duties="win customers"),
                Metric("renewals", duties=["keep customers", "win customers"]),
            ],
        ),
        Metric("calls", weight=1),
    ]
    found = JOB.coverage(card(*sections))
    assert [row.weight for row in found] == [Fraction(9, 16), Fraction(3, 16), 0]
    assert [row.gap for row in found] == [Fraction(1, 16), Fraction(-9, 80), Fraction(-1, 5)]
    assert found.unmeasured == ("forecast",)
    assert found.covered == Fraction(4, 5)
    assert found.without_duty == ("calls",)
    assert found.weight_without_duty == Fraction(1, 4)
    assert [row.duty for row in found.misweighted()] == ["win customers", "keep customers"]
    assert [row.duty for row in found.misweighted(0.1)] == ["keep customers"]
    assert found.duties[0].metrics == ("bookings", "renewals")
    lines = str(found).splitlines()
    assert lines[0].split() == ["duty", "importance", "weight", "gap", "metrics"]
    assert (
        len({line.index(name) for line, name in zip(lines[1:], ["bookings", "renewals", "none", "calls"], strict=True)})
        == 1
    )


def test_a_card_that_measures_every_duty_has_no_line_for_the_others():
    full = JOB.coverage(card(*(Metric(duty, duties=[duty]) for duty in JOB.importance())))
    assert full.covered == 1
    assert full.unmeasured == full.without_duty == ()
    assert "no duty" not in str(full)


def test_a_card_that_several_jobs_share_counts_for_each_what_is_its_own():
    support = Job("support", {"solve cases": 3, "keep customers": 1})
    shared = card(
        Metric("bookings", weight=40, duties=["win customers"]),
        Metric("renewals", weight=20, duties=["keep customers"]),
        Metric("handover", weight=10, duties=["forecast", "solve cases"]),
        Metric("cases", weight=20, duties=["solve cases"]),
        Metric("calls", weight=10),
    )
    seller = JOB.coverage(shared, shared_with=support)
    assert [row.weight for row in seller] == [Fraction(2, 5), Fraction(1, 5), Fraction(1, 20)]
    assert seller.of_other_jobs == ("handover", "cases")
    assert seller.weight_of_other_jobs == Fraction(1, 4)
    assert seller.without_duty == ("calls",)
    whole = sum(row.weight for row in seller) + seller.weight_of_other_jobs + seller.weight_without_duty
    assert whole == 1
    line = str(seller).splitlines()[-2]
    assert " ".join(line.split()) == "(other jobs) 0 % 25 % +25 % handover, cases"
    helper = support.coverage(shared, shared_with=[JOB])
    assert [row.weight for row in helper] == [Fraction(1, 4), Fraction(1, 5)]
    assert helper.of_other_jobs == ("bookings", "handover")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Job("", {"a": 1}), "must be a text"),
        (lambda: Job("job", {}), "at least one duty"),
        (lambda: Job("job", [("a", 1), ("a", 2)]), "'a' twice"),
        (lambda: Job("job", {"a": 0, "b": -1}), "must be positive: 'a' has 0, 'b' has -1"),
        (lambda: Job("job", 5), "mapping from duty to importance"),
        (lambda: Metric("m", duties=[""]), "must be a text"),
        (lambda: JOB.coverage(card(Metric("m", duties=["win custmers"]))), "did you mean 'win customers'"),
        (
            lambda: JOB.coverage(card(Metric("m", duties=["cook"]))),
            "share the card with shared_with=",
        ),
        (lambda: JOB.coverage(card(Metric("m", duties=["cook"])), shared_with=[JOB]), "no duty of 'account executive'"),
        (lambda: JOB.coverage(card(Metric("m")), shared_with=["support"]), "shared_with must hold jobs"),
    ],
)
def test_a_job_that_means_nothing_is_refused(make, message):
    with pytest.raises(DefinitionError, match=message):
        make()


def test_what_measures_other_jobs_is_in_the_view_too():
    shop = card(Metric("sales", weight=3, duties="sell"), Metric("cost", weight=1, duties="buy"))
    found = Job("seller", {"sell": 1}).coverage(shop, shared_with=[Job("buyer", {"buy": 1})])
    assert "for other jobs</td><td>cost (25.0 %)" in found._repr_html_()


def test_coverage_is_of_a_scorecard():
    with pytest.raises(DefinitionError, match="card must be a Scorecard"):
        JOB.coverage("card")


def test_weights_that_were_learned_are_marked_beside_duties():
    data = {"bookings": [1, 2, 3, 5], "renewals": [7, 1, 2, 1]}
    learned = Weights.critic(data, ["bookings", "renewals"], lower_is_better=())
    parts = [Metric("bookings", duties="win customers"), Metric("renewals", duties="keep customers")]
    found = JOB.coverage(card(*parts).weighted(learned))
    assert found.learned == ("bookings", "renewals")
    assert str(found).splitlines()[-1] == "weights learned from data: bookings, renewals"
    assert "learned from data</td><td>bookings, renewals" in found._repr_html_()
    assert "learned" not in str(JOB.coverage(card(*parts))) + JOB.coverage(card(*parts))._repr_html_()


def test_duties_that_are_a_set_have_one_order():
    duties = {f"duty {position}" for position in range(8)}
    assert Metric("bookings", duties=duties).duties == tuple(sorted(duties))
