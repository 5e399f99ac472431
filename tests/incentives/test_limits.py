"""Legal limits as data: what they take, what they refuse, and the packs."""

import json
from datetime import date
from fractions import Fraction

import pytest

from perfkit import DataError, Deduct, DefinitionError, Ledger, Limit, Money, digest, from_dict, limits, to_dict

READ = date(2026, 1, 31)
PAY_DAY = date(2026, 3, 31)
PACKS = {name: pack for name, pack in vars(limits).items() if isinstance(pack, Limit)}


def limit_of(**rules):
    return Limit(name="house rule", source="works agreement", read_on=READ, **rules)


def deduct(*rules, **options):
    return Deduct("fine", basis="works agreement 3", limits=list(rules), **options)


def one(policy, ledger=None, as_of=None, **incident):
    """What may be imposed for one incident."""
    row = {"incident": 1, "who": "ana", "amount": 10_000} | incident
    return policy.impose({k: [v] for k, v in row.items()}, ledger or Ledger("EUR"), as_of=as_of)


def taken(policy, owed, **period):
    row = {"who": "ana", "pay": 100_000} | period
    ledger = Ledger("EUR", ["ana"], {policy.account: [owed]})
    return policy.take({k: [v] for k, v in row.items()}, ledger, key="who", period="1", on=PAY_DAY)


# The packs.


def test_there_are_packs_for_five_countries():
    assert {pack.source.partition(",")[0] for pack in PACKS.values()} == {
        "Japan",
        "United Kingdom",
        "China",
        "India",
        "United States",
    }


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_says_where_and_when_it_was_read_and_is_stored(name):
    pack = PACKS[name]
    assert pack.source
    assert pack.read_on >= date(2026, 1, 1)
    assert from_dict(json.loads(json.dumps(to_dict(pack)))) == pack
    assert digest(pack) != digest(limit_of(per_period=(0.1, "wages")))
    assert from_dict(to_dict(deduct(pack))) == deduct(pack)


def test_the_packs_say_that_they_are_no_advice():
    assert "no legal advice" in limits.__doc__
    assert "no legal advice" in Limit.__doc__
    assert "no legal advice" in Deduct.__doc__


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_prints_what_it_holds_and_that_it_is_no_advice(name):
    lines = str(PACKS[name]).splitlines()
    assert lines[0].startswith(f"{PACKS[name].name}, read on 2026-")
    assert lines[-1] == "  This is no legal advice."
    assert any(line.startswith("- ") for line in lines)


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_says_of_which_country_it_is_and_what_it_does_not_cover(name):
    pack = PACKS[name]
    country = {"japan": "Japan", "uk": "United Kingdom", "china": "China", "india": "India", "us": "United States"}
    assert pack.source.startswith(f"{country[name.split('_')[0]]}, ")
    assert "Not covered: " in pack.note


def test_every_rule_of_a_limit_is_printed():
    limit = limit_of(
        per_incident=(0.5, "day"),
        per_period=(Fraction(1, 3), "wages"),
        counting=["other", "more"],
        leaves="least",
        whole="day",
        within_days=90,
        within_months=12,
        reasons=["loss"],
        requires=["heard"],
        at_least={"age": 15},
        lifted_by="final",
        excess="lapse",
    )
    assert str(limit).splitlines() == [
        "house rule, read on 2026-01-31 in: works agreement",
        "- at most 0.5 of day for one incident",
        "- only whole multiples of day",
        "- at most 0.333333 of wages in a period, other, more counted in, unless final",
        "- at least least remains",
        "- what is above lapses",
        "- taken within 90 days",
        "- begun within 12 months",
        "- only for loss",
        "- needs heard",
        "- needs age of at least 15",
        "  This is no legal advice.",
    ]
    assert "- what is above is carried" in str(limit_of(leaves="least")).splitlines()


def test_the_figures_of_the_statutes():
    half_a_day, tenth = (Fraction(1, 2), "average_daily_wage"), (Fraction(1, 10), "gross_wages")
    assert (limits.japan_article_91.per_incident, limits.japan_article_91.per_period) == (half_a_day, tenth)
    assert (limits.uk_section_18.per_period, limits.uk_section_18.within_months) == (tenth, 12)
    assert limits.uk_section_18.lifted_by == "final_instalment"
    assert limits.china_article_16.per_period == (Fraction(1, 5), "gross_wages")
    assert limits.china_article_16.leaves == "minimum_wage"
    for fine, days in ((limits.india_section_8, 60), (limits.india_section_19, 90)):
        assert (fine.per_period, fine.within_days, fine.excess) == ((Fraction(3, 100), "gross_wages"), days, "lapse")
        assert dict(fine.at_least) == {"age": 15}
    assert limits.india_section_18.per_period == (Fraction(1, 2), "gross_wages")
    assert limits.us_suspension.whole == "daily_pay"
    assert limits.us_safety_penalty.per_period is None


def test_japan_holds_for_a_bonus_too():
    policy = deduct(limits.japan_article_91.reading(gross_wages="bonus"))
    ledger = Ledger("JPY", ["ana"], {"fine.imposed.owed": [25_000]})
    got = policy.take({"who": ["ana"], "pay": [250_000], "bonus": [250_000]}, ledger, key="who", period="1")
    assert got[0].amount == Money(-25_000, "JPY")


def test_half_a_day_of_an_odd_wage_is_rounded_down():
    policy = deduct(limits.japan_article_91)
    got = one(policy, Ledger("JPY"), average_daily_wage=9_999, in_work_rules=True)
    assert got[0].amount == Money(-4_999, "JPY")


@pytest.mark.parametrize(
    ("wages", "least", "expected"),
    [(500_000, 200_000, 100_000), (240_000, 200_000, 40_000), (150_000, 200_000, 0), (240_000, 0, 48_000)],
)
def test_china_a_fifth_and_no_less_than_the_minimum_wage(wages, least, expected):
    policy = deduct(limits.china_article_16)
    got = taken(policy, 300_000, pay=wages, gross_wages=wages, minimum_wage=least)
    assert got[0].minor == -expected
    assert got.state.owed("ana").minor == 300_000 - expected
    got.explain(0)


def test_china_only_for_a_loss_and_only_where_agreed():
    policy = deduct(limits.china_article_16)
    assert one(policy, reason="economic loss", agreed_in_contract=True)[0].code == "imposed"
    assert one(policy, reason="economic loss", agreed_in_contract=False)[0].code == "blocked"
    got = one(policy, reason="poor work", agreed_in_contract=True)
    phrase = "blocked: Interim Provisions on Wage Payment art. 16 allows it for economic loss (got poor work)"
    assert str(got[0].reasons[0]) == phrase


FINE = {"act_on_approved_notice": True, "cause_heard": True, "age": 20, "on": date(2026, 1, 1)}


@pytest.mark.parametrize(
    ("change", "as_of", "code"),
    [
        ({}, date(2026, 4, 1), "imposed"),
        ({}, date(2026, 4, 2), "limit_late"),
        ({"cause_heard": False}, date(2026, 1, 31), "limit_requires"),
        ({"act_on_approved_notice": False}, date(2026, 1, 31), "limit_requires"),
        ({"age": 14}, date(2026, 1, 31), "limit_least"),
        ({"age": 15}, date(2026, 1, 31), "imposed"),
    ],
)
def test_india_a_fine_on_notice_after_a_hearing_within_ninety_days(change, as_of, code):
    got = one(deduct(limits.india_section_19), as_of=as_of, **FINE | change)
    assert got[0].code == ("imposed" if code == "imposed" else "blocked")
    assert [reason.code for reason in got[0].reasons] == ([] if code == "imposed" else [code])
    got.explain(0)


def test_india_sixty_days_before_the_code():
    policy = deduct(limits.india_section_8)
    assert one(policy, as_of=date(2026, 3, 2), **FINE)[0].code == "imposed"
    assert one(policy, as_of=date(2026, 3, 3), **FINE)[0].code == "blocked"


def test_india_all_deductions_together_are_half():
    policy = deduct(limits.india_section_19, limits.india_section_18)
    got = taken(policy, 3_000, gross_wages=100_000, other_deductions=48_000)
    assert got[0].minor == -2_000
    # What a fine cannot take at once would be an instalment: it lapses.
    assert got[0]["lapsed"] == Money(10, "EUR")
    assert got.state.owed("ana") == Money(0, "EUR")


@pytest.mark.parametrize(("asked", "imposed"), [(45_000, 40_000), (60_000, 60_000), (19_999, 0), (20_000, 20_000)])
def test_united_states_a_suspension_is_of_full_days(asked, imposed):
    policy = deduct(limits.us_suspension)
    facts = {"reason": "workplace conduct", "imposed_in_good_faith": True, "written_policy": True, "daily_pay": 20_000}
    got = one(policy, amount=asked, **facts)
    assert got[0].minor == -imposed
    assert bool(got[0].reasons) == (asked != imposed)
    got.explain(0)
    assert one(policy, **facts | {"written_policy": False})[0].minor == 0
    assert one(policy, **facts | {"reason": "quality of work"})[0].minor == 0


def test_united_states_a_safety_penalty_is_of_any_amount():
    facts = {"reason": "safety rule of major significance", "imposed_in_good_faith": True}
    assert one(deduct(limits.us_safety_penalty), amount=10**9, **facts)[0].minor == -(10**9)


RETAIL = {"reason": "cash shortage", "authorised": True}


@pytest.mark.parametrize(
    ("on", "as_of", "code"),
    [
        (date(2025, 6, 15), date(2026, 6, 14), "imposed"),
        (date(2025, 6, 15), date(2026, 6, 15), "blocked"),
        (date(2024, 2, 29), date(2025, 2, 27), "imposed"),
        (date(2024, 2, 29), date(2025, 2, 28), "blocked"),
    ],
)
def test_united_kingdom_twelve_months_begin_with_the_day_of_discovery(on, as_of, code):
    assert one(deduct(limits.uk_section_18), on=on, as_of=as_of, **RETAIL)[0].code == code


def test_united_kingdom_payments_demanded_use_up_the_same_tenth():
    got = taken(
        deduct(limits.uk_section_18),
        30_000,
        gross_wages=180_000,
        retail_payments_demanded=10_000,
        final_instalment=False,
    )
    assert got[0].minor == -8_000


# A limit of one's own.


def test_a_limit_is_read_on_columns_of_other_names():
    renamed = limits.uk_section_18.reading(gross_wages="gross", authorised="signed", final_instalment="last")
    assert renamed.per_period == (Fraction(1, 10), "gross")
    assert (renamed.requires, renamed.lifted_by) == (("signed",), "last")
    assert limits.china_article_16.reading(minimum_wage="floor").leaves == "floor"
    assert limits.us_suspension.reading(daily_pay="day").whole == "day"
    assert limits.india_section_19.reading(age="years").at_least == (("years", Fraction(15)),)
    assert limits.india_section_18.reading(other_deductions="rest").counting == ("rest",)
    with pytest.raises(DefinitionError, match=r"reads no column 'gros_wages' \(did you mean 'gross_wages'\?\)"):
        limits.uk_section_18.reading(gros_wages="gross")


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({}, "must limit something"),
        ({"per_period": 0.1}, "a share and the column"),
        ({"per_period": (1.5, "wages")}, "between 0 and 1"),
        ({"per_period": (0.1, "")}, "must be a text"),
        ({"counting": ["other"], "leaves": "least"}, "needs per_period"),
        ({"lifted_by": "final", "leaves": "least"}, "needs per_period"),
        ({"within_days": 0}, "from 1 on"),
        ({"within_months": 2.5}, "from 1 on"),
        ({"leaves": "least", "excess": "forget"}, r"excess must be one of carry, lapse \(got 'forget'\)"),
    ],
)
def test_a_limit_that_cannot_be_one_is_refused(rules, message):
    with pytest.raises(DefinitionError, match=message):
        limit_of(**rules)


def test_a_limit_says_when_it_was_read():
    assert Limit(name="a", source="b", read_on="2026-01-31", leaves="c").read_on == READ
    with pytest.raises(DefinitionError, match="read_on must be a date"):
        Limit(name="a", source="b", read_on="lately", leaves="c")
    with pytest.raises(DefinitionError, match="a name must be a text"):
        Limit(name="a", source="", read_on=READ, leaves="c")


def test_the_shorter_of_two_times_holds():
    policy = deduct(limit_of(within_days=40, within_months=1))
    assert one(policy, on=date(2026, 1, 1), as_of=date(2026, 1, 31))[0].code == "imposed"
    assert one(policy, on=date(2026, 1, 1), as_of=date(2026, 2, 1))[0].code == "blocked"


def test_ceilings_of_several_limits_clip_in_turn():
    policy = deduct(
        limit_of(per_incident=(0.5, "day")),
        Limit(name="contract", source="clause 4", read_on=READ, per_incident=(0.25, "day")),
    )
    got = one(policy, day=10_000)
    assert [(r.params["name"], r.params["ceiling"].minor) for r in got[0].reasons] == [
        ("house rule", 5_000),
        ("contract", 2_500),
    ]
    assert [part.value.minor for part in got.explain(0).parts] == [-10_000, 5_000, 2_500]


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("wages", -1, "column 'wages' must not be negative"),
        ("other", -1, "column 'other' must not be negative"),
        ("least", -1, "column 'least' must not be negative"),
        ("wages", 10.5, "column 'wages'"),
    ],
)
def test_a_limit_cannot_be_read_from_bad_data(column, value, message):
    policy = deduct(limit_of(per_period=(0.1, "wages"), counting="other", leaves="least"))
    with pytest.raises(DataError, match=message):
        taken(policy, 100, **{"wages": 10_000, "other": 0, "least": 0} | {column: value})


@pytest.mark.parametrize("on", ["soon", None, 3.5])
def test_a_day_must_be_one(on):
    with pytest.raises(DataError, match="column 'on' must"):
        one(deduct(limit_of(within_days=3)), on=on, as_of=READ)


def test_a_unit_of_whole_ones_must_be_positive():
    with pytest.raises(DataError, match="column 'day' must be positive"):
        one(deduct(limit_of(whole="day")), day=0)
