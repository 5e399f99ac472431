"""Laws of stored definitions: each comes back from JSON text, and the digest tells each from every other."""

import json
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfkit import (
    BalancedFactor,
    Banded,
    Cap,
    Change,
    CheckIn,
    CheckIns,
    ChoiceVariation,
    Choquet,
    ChoquetCapacity,
    Commission,
    Commitment,
    Component,
    Components,
    Condition,
    Contribution,
    Curve,
    Cut,
    Deduct,
    Deferral,
    DefinitionError,
    DisciplinaryLadder,
    DisciplinaryRecord,
    DisciplinaryStep,
    DistanceToReference,
    Draw,
    FittedLadder,
    FittedPercentile,
    FittedPool,
    FittedReview,
    FittedScale,
    FlatAmount,
    Floor,
    Forfeit,
    Funding,
    FundSlice,
    Gate,
    Geometric,
    Goal,
    GoalRules,
    GoalTree,
    GroupShare,
    Harmonic,
    HealthBands,
    IncentivePlan,
    Job,
    Knot,
    Ladder,
    Ledger,
    Limit,
    LognormalVariation,
    Malus,
    MazziottaPareto,
    MeritMatrix,
    Metric,
    Milestone,
    Minimum,
    MinMax,
    Money,
    Multiply,
    NormalVariation,
    NoSanction,
    Offence,
    OptimalBand,
    OrderedMean,
    Override,
    PayoutMatrix,
    PaySection,
    PeerPercentile,
    Percentile,
    Period,
    PhasedPlan,
    Placement,
    Pool,
    PowerMean,
    Prorate,
    QuantileVariation,
    RateRules,
    RateTable,
    RatingHistory,
    RatingScale,
    Ratio,
    RatioToReference,
    Recover,
    RefundableCap,
    Round,
    Rounding,
    SalaryBand,
    SalaryRange,
    SalaryReview,
    SalaryStructure,
    Sanction,
    Scorecard,
    SeatBar,
    Section,
    Segment,
    ShareOfPeriod,
    StatedReason,
    Statement,
    StepProgression,
    TargetBonus,
    TimeInLevel,
    Timeline,
    Topsis,
    TwoStepPlacement,
    Veto,
    Vikor,
    Weights,
    ZeroSum,
    Zones,
    ZScore,
    digest,
    from_dict,
    to_dict,
)
from perfkit.codec import KINDS

F = Fraction
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(lambda text: text.strip())
TYPED = st.one_of(
    st.integers(-(10**20), 10**20),
    st.integers(-(10**6), 10**6).map(lambda n: n / 1000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(-1000, 1000, places=3),
    st.fractions(-1000, 1000, max_denominator=97),
)
POSITIVE = st.one_of(
    st.integers(1, 1000),
    st.integers(1, 10**6).map(lambda n: n / 1000),
    st.fractions(F(1, 97), 97),
    st.just(Decimal("0.1")),
)
NOT_NEGATIVE = TYPED.map(abs)
WEIGHT = st.none() | POSITIVE
CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD"])


def maybe(strategy):
    return st.none() | strategy


def options(**strategies):
    """Keyword arguments, each given or left out."""
    return st.fixed_dictionaries({}, optional=strategies)


@st.composite
def curves(draw):
    xs = sorted(draw(st.lists(st.fractions(-100, 100, max_denominator=97), min_size=1, max_size=4, unique=True)))
    knots = [Knot(x, draw(TYPED), draw(TYPED), draw(TYPED)) for x in xs]
    return Curve(knots, draw(TYPED), draw(TYPED))


ROUNDINGS = st.builds(
    Rounding,
    maybe(st.sampled_from([1, 10, 100])),
    st.sampled_from(["half_up", "half_even", "half_down", "up", "down", "ceiling", "floor"]),
)
UNITS = ROUNDINGS.filter(lambda rounding: rounding.to is not None)
MONEY = st.builds(Money.from_minor, st.integers(-(10**20), 10**20), CURRENCIES)
WEIGHTS = st.builds(Weights, st.dictionaries(NAMES, POSITIVE, min_size=1, max_size=4), NAMES)


@st.composite
def periods(draw):
    start = draw(st.dates(date(1900, 1, 1), date(2200, 1, 1)))
    return Period(start, start + timedelta(days=draw(st.integers(0, 800))))


@st.composite
def scales(draw):
    labels = draw(st.lists(NAMES, min_size=2, max_size=5, unique=True))
    floors = sorted(draw(st.lists(TYPED.map(lambda n: F(str(n))), min_size=len(labels) - 1, max_size=4, unique=True)))
    return RatingScale.from_floors(labels[0], dict(zip(labels[1:], floors, strict=False)))


@st.composite
def metrics(draw, name=NAMES, weight=WEIGHT):
    chosen = draw(options(column=NAMES, unit=NAMES, inversion=st.sampled_from(["mirror", "ratio"]), last=NAMES))
    chosen["zero_span"] = draw(st.sampled_from(["refuse", "missing", "reached"]))
    kind = draw(st.sampled_from(["raw", "attainment", "progress"]))
    if kind != "raw":
        chosen["target"] = draw(POSITIVE | NAMES)
        chosen["lower_is_better"] = draw(st.booleans())
    if kind == "progress":
        chosen["baseline"] = draw(st.integers(1001, 2000) | NAMES)
    if draw(st.booleans()):
        chosen["curve"] = draw(curves())
    missing = draw(maybe(st.sampled_from(["redistribute", "zero", "refuse", *(["carry"] if "last" in chosen else [])])))
    return Metric(draw(name), weight=draw(weight), missing=missing, **chosen)


@st.composite
def parts(draw, names, depth=2):
    """Metrics and sections with names of their own, weighted alike."""
    count = draw(st.integers(1, 3))
    weight = draw(st.sampled_from([st.none(), POSITIVE]))
    found = []
    for _ in range(count):
        name = f"{draw(NAMES)} {len(names)}"
        names.append(name)
        if depth and draw(st.booleans()):
            found.append(Section(name, weight=draw(weight), of=draw(parts(names, depth - 1))))
        else:
            found.append(draw(metrics(st.just(name), weight)))
    return found


@st.composite
def sections(draw):
    return Section(draw(NAMES), weight=draw(maybe(POSITIVE)), of=draw(parts([])))


@st.composite
def scorecards(draw):
    grid = draw(st.sampled_from([F(1, 10**6), 0.001, Decimal("0.01"), 1]))
    missing = draw(st.sampled_from(["redistribute", "zero", "refuse"]))
    return Scorecard(draw(NAMES), draw(parts([])), missing=missing, grid=grid)


TABLES = st.builds(RateTable, NAMES, st.dictionaries(NAMES, TYPED, min_size=1, max_size=3), otherwise=maybe(TYPED))
FACTORS = TYPED | NAMES | TABLES
AMOUNTS = TYPED | NAMES
# What is given is never typed below zero.
RATES = NOT_NEGATIVE | NAMES | TABLES


@st.composite
def bonuses(draw, **more):
    chosen = draw(options(rate=RATES, name=NAMES, rounding=ROUNDINGS)) | {k: draw(s) for k, s in more.items()}
    if draw(st.booleans()):
        chosen |= {"multiplier": draw(RATES), "curve": draw(maybe(curves()))}
    return TargetBonus(draw(NOT_NEGATIVE | NAMES), **chosen)


NAMED = {"name": NAMES, "rounding": ROUNDINGS}
COMMISSIONS = st.builds(
    lambda on, curve, more: Commission(on, curve, **more), AMOUNTS, curves(), options(quota=POSITIVE | NAMES, **NAMED)
)
FLATS = st.builds(lambda amount, more: FlatAmount(amount, **more), NOT_NEGATIVE | NAMES, options(when=NAMES, **NAMED))
PRORATIONS = st.builds(
    lambda by, more: Prorate(by, **more), st.just(0) | NAMES | TABLES, options(of=POSITIVE | NAMES, **NAMED)
)
GATES = st.builds(
    lambda on, more: Gate(on, **more),
    NAMES,
    options(at_least=st.integers(-9, 0), at_most=st.integers(0, 9), cap=AMOUNTS, of=NAMES, **NAMED),
)
CAPS = st.builds(lambda limit, more: Cap(limit, **more), NOT_NEGATIVE | NAMES, options(of=NAMES, **NAMED))
FLOORS = st.builds(lambda limit, more: Floor(limit, **more), AMOUNTS, options(of=NAMES, **NAMED))
MULTIPLIERS = st.builds(lambda by, more: Multiply(by, **more), FACTORS, options(**NAMED))


SHARES = st.sampled_from([0, 0.4, F(1, 3), Decimal("0.25"), 1])
DEFERRALS = st.builds(
    lambda share, over, more: Deferral(share, over, **more), SHARES, st.integers(1, 9), options(**NAMED)
)
DRAWS = st.builds(
    lambda amount, more: Draw(amount, **more),
    NOT_NEGATIVE | NAMES,
    options(recoverable=st.booleans(), recover_at_most=SHARES, name=NAMES),
)
REFUNDABLE = st.builds(lambda limit, more: RefundableCap(limit, **more), AMOUNTS, options(of=NAMES, **NAMED))
ROUNDS = st.builds(lambda rounding, more: Round(rounding, **more), ROUNDINGS, options(name=NAMES))
PERCENTILES = st.builds(
    PeerPercentile,
    st.sampled_from(["rank", "rank_among_peers", "position", "percentrank", "share_at_or_below"]),
    st.sampled_from(["favourable", "unfavourable"]),
)


@st.composite
def rules(draw):
    columns = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    conditions = st.dictionaries(st.sampled_from(columns), NAMES, max_size=3)
    spoken = draw(st.lists(conditions, min_size=1, max_size=4, unique_by=lambda rule: frozenset(rule.items())))
    return RateRules(columns, [(rule, draw(TYPED)) for rule in spoken], draw(maybe(TYPED)))


@st.composite
def matrices(draw):
    places = st.lists(st.fractions(-9, 9, max_denominator=97), min_size=1, max_size=3, unique=True).map(sorted)
    down, across = draw(places), draw(places)
    cells = [[draw(TYPED) for _ in across] for _ in down]
    more = draw(options(below=TYPED, owner=st.sampled_from(["upper", "lower"])))
    rows, columns = draw(st.lists(NAMES, min_size=2, max_size=2, unique=True))
    return PayoutMatrix(rows, columns, down, across, cells, **more)


BEHIND = st.builds(
    lambda on, more: Gate(on, **more), NAMES, options(at_least=st.integers(-9, 9), cap=TYPED, name=NAMES)
)


@st.composite
def limits(draw):
    chosen = draw(options(gates=st.lists(BEHIND, max_size=2), rounding=UNITS, name=NAMES))
    floor, cap = sorted([draw(st.fractions(-9, 9)), draw(st.fractions(-9, 9))])
    ends = {"floor": floor, "cap": cap}
    return chosen | {end: ends[end] for end in draw(st.sets(st.sampled_from(sorted(ends))))}


@st.composite
def components(draw, weight=WEIGHT, depth=1):
    on = draw(FACTORS | rules() | matrices()) if not depth or draw(st.booleans()) else draw(groups(depth=depth - 1))
    return Component(on, draw(maybe(curves())), weight=draw(weight), **draw(limits()))


@st.composite
def groups(draw, weight=WEIGHT, depth=1):
    combine = draw(st.sampled_from(["weighted", "sum", "product"]))
    inner = draw(st.sampled_from([st.none(), POSITIVE])) if combine == "weighted" else st.none()
    part = components(inner, depth=0) | groups(inner, depth - 1) if depth else components(inner, depth=0)
    of = draw(st.lists(part, min_size=1, max_size=3))
    return Components(of, combine, weight=draw(weight), **draw(limits()))


@st.composite
def ledgers(draw):
    keys = draw(st.lists(NAMES, max_size=3, unique=True))
    balances = st.lists(st.integers(0, 10**20), min_size=len(keys), max_size=len(keys))
    kinds = st.sampled_from(["owed", "held", "held.2", "taken", "paid"])
    accounts = st.dictionaries(st.builds("{}.{}".format, NAMES, kinds), balances, max_size=3)
    entries = st.dictionaries(NAMES, st.integers(0, 10**20), max_size=3)
    return Ledger(draw(CURRENCIES), keys, draw(accounts), draw(entries))


@st.composite
def pay_sections(draw):
    pays = draw(st.lists(FLATS | bonuses() | COMMISSIONS, min_size=1, max_size=2))
    then = draw(st.lists(CAPS | ROUNDS | MULTIPLIERS, max_size=2))
    named = [attrs.evolve(member, name=f"line {i}") for i, member in enumerate([*pays, *then])]
    return PaySection(draw(NAMES), pays=named[: len(pays)], then=named[len(pays) :])


# A number of one kind, for True, 1 and 1.0 are equal and JSON tells them apart.
FACTS = st.dictionaries(NAMES, st.none() | st.integers() | NAMES | MONEY | st.dates(), max_size=3)


@st.composite
def segments(draw, start=None):
    start = draw(st.dates(date(1900, 1, 1), date(2200, 1, 1))) if start is None else start
    end = start + timedelta(days=draw(st.integers(0, 800)))
    return Segment(start, end, **draw(options(facts=FACTS, working_time=SHARES, plan=plans())))


@st.composite
def timelines(draw):
    found = [draw(segments())]
    for _ in range(draw(st.integers(0, 2))):
        found.append(draw(segments(found[-1].end + timedelta(days=draw(st.integers(1, 90))))))
    return Timeline(found)


@st.composite
def plans(draw):
    # One column is read as one thing only, so each policy in a plan has columns of its own kind.
    money, factor, flag = st.sampled_from(["salary", "bookings"]), st.sampled_from(["score", "months"]), st.just("ok")
    table = st.builds(RateTable, st.just("level"), st.dictionaries(NAMES, TYPED, min_size=1, max_size=3))
    factors = factor | TYPED | table
    pays = [
        st.builds(lambda b, r, n: TargetBonus(b, r, name=n), money, factor | NOT_NEGATIVE | table, st.just("bonus")),
        st.builds(lambda o, c, n: Commission(o, c, name=n), money, curves(), st.just("commission")),
        st.builds(lambda a, n: FlatAmount(a, when="ok", name=n), NOT_NEGATIVE | money, st.just("flat")),
    ]
    steps = [
        st.builds(lambda b: Prorate(b, of=12), factor),
        st.builds(Gate, flag),
        st.builds(lambda limit: Cap(limit, of="salary"), NOT_NEGATIVE),
        st.builds(Floor, TYPED | money),
        st.builds(Multiply, factors),
    ]
    chosen = draw(st.lists(st.sampled_from(range(len(pays))), min_size=1, max_size=3, unique=True))
    then = draw(st.lists(st.sampled_from(range(len(steps))), max_size=5, unique=True))
    carries = [st.builds(Draw, money), st.builds(RefundableCap, money, name=st.just("held")), DEFERRALS]
    carry = draw(st.lists(st.sampled_from(range(len(carries))), max_size=3, unique=True))
    return IncentivePlan(
        draw(NAMES),
        currency=draw(CURRENCIES),
        pays=[draw(pays[i]) for i in chosen],
        then=[draw(steps[i]) for i in then],
        carry=[attrs.evolve(draw(carries[i]), name=f"carry {i}") for i in carry],
        missing=draw(st.sampled_from(["refuse", "unpaid"])),
        below_zero=draw(st.sampled_from(["refuse", "keep"])),
    )


@st.composite
def goals(draw, names=None, depth=2, unit=None):
    names = [] if names is None else names
    name = f"{draw(NAMES)} {len(names)}"
    names.append(name)
    chosen = draw(options(title=NAMES, owner=NAMES, period=periods(), weight=POSITIVE))
    chosen["unit"] = draw(NAMES) if unit is None else unit
    chosen["baseline"] = draw(st.sampled_from([0, F(1, 3), -0.5]))
    roll_up = draw(st.sampled_from(["weighted_mean", "sum"]))
    below = draw(st.integers(0, 2)) if depth else 0
    same = chosen["unit"] if roll_up == "sum" or unit is not None else None
    children = [draw(goals(names, depth - 1, same)) for _ in range(below)]
    return Goal(name, target=draw(POSITIVE.filter(lambda n: F(str(n)) != F(1, 3))), roll_up=roll_up, children=children,
                **chosen)  # fmt: skip


@st.composite
def trees(draw):
    names = []
    return GoalTree([draw(goals(names)) for _ in range(draw(st.integers(1, 2)))])


DATES = st.dates(date(1900, 1, 1), date(2200, 1, 1))


@st.composite
def changes(draw):
    chosen = draw(options(weight=POSITIVE, target=TYPED, baseline=TYPED, owner=NAMES, under=NAMES))
    return Change(draw(DATES), **(chosen or {"weight": 2}))


@st.composite
def bands(draw):
    floors = sorted(draw(st.sets(st.integers(-100, 100), max_size=4)))
    named = {f"level {place}": F(floor, 7) for place, floor in enumerate(floors)}
    chosen = draw(options(on=st.sampled_from(["pace", "lead"]), stale_after=st.integers(0, 99)))
    return HealthBands(named, **chosen)


@st.composite
def goal_rules(draw):
    chosen = draw(
        options(
            missing=st.sampled_from(["zero", "carry", "even"]),
            below_baseline=st.just("zero"),
            equal_weights=st.booleans(),
            day_count=st.sampled_from(["exclusive", "30/360"]),
            holidays=st.lists(DATES, max_size=2),
            health=bands(),
        )
    )
    return GoalRules(**chosen)


@st.composite
def zones(draw):
    low, step = draw(st.integers(-9, 9)), draw(st.sampled_from([-1, 1, F(1, 3)]))
    return Zones(baseline=low, commit=low + step, target=low + 2 * step, stretch=low + 5 * step)


@st.composite
def phased_plans(draw):
    days = sorted(draw(st.sets(DATES, min_size=1, max_size=4)))
    return PhasedPlan([(day, draw(TYPED)) for day in days], **draw(options(windowed=st.booleans())))


CHECK_INS = st.builds(CheckIn, NAMES, DATES, st.integers(0, 9), confidence=st.sampled_from([None, 0.5, F(1, 3)]))
CONTRIBUTIONS = st.builds(Contribution, NAMES, st.sampled_from([0.25, F(1, 3), 1]))
MILESTONES = st.builds(Milestone, NAMES, POSITIVE, st.none() | DATES)
OVERRIDES = st.builds(Override, NAMES, progress=st.sampled_from([0.5, F(1, 3), 1]), reason=NAMES)
RATIOS = st.builds(Ratio, TYPED, POSITIVE)
SHARES = st.one_of(st.sampled_from([0, 0.25, 1]), st.fractions(0, 1, max_denominator=97))
CHOICES = st.builds(
    lambda share, names: ChoiceVariation({names[0]: share, names[1]: 1 - F(str(share))}),
    SHARES,
    st.sampled_from([(False, True), ("low", "high")]),
)
LIMITS = st.builds(
    Limit,
    name=NAMES,
    source=NAMES,
    read_on=DATES,
    per_incident=st.none() | st.tuples(SHARES, NAMES),
    per_period=st.tuples(SHARES, NAMES),
    counting=st.lists(NAMES, max_size=2),
    leaves=st.none() | NAMES,
    within_days=st.none() | st.integers(1, 400),
    reasons=st.lists(NAMES, max_size=2),
    at_least=st.dictionaries(NAMES, TYPED, max_size=2),
    excess=st.sampled_from(["carry", "lapse"]),
)
DISCIPLINARY_STEPS = st.builds(
    DisciplinaryStep, NAMES, live_months=st.none() | st.integers(1, 36), hearing=st.booleans(), fine=SHARES
)
OFFENCES = st.builds(Offence, NAMES, st.lists(NAMES, min_size=1, max_size=3), counted_with=st.none() | NAMES)
SANCTIONS = st.builds(Sanction, NAMES, NAMES, NAMES, NAMES, NAMES, DATES, DATES, st.none() | DATES)


@st.composite
def ladders(draw):
    steps = draw(st.lists(DISCIPLINARY_STEPS, min_size=1, max_size=3, unique_by=lambda step: step.name))
    names = [step.name for step in steps]
    offences = draw(st.dictionaries(NAMES, st.lists(st.sampled_from(names), min_size=1, max_size=3), min_size=1))
    return DisciplinaryLadder(steps, offences, decay_days=draw(st.none() | st.integers(1, 400)))


COMMITMENTS = st.builds(Commitment, NAMES, NAMES, DATES, fulfilled_on=st.none() | DATES)
REASONS = st.builds(StatedReason, NAMES, st.sampled_from(["skill", "target"]), st.sampled_from(["employee", "manager"]))
STATEMENTS = st.builds(Statement, NAMES, NAMES, DATES, disputes=st.lists(NAMES, max_size=2))
DEFINITIONS = {
    "cap": CAPS,
    "change": changes(),
    "check_in": CHECK_INS,
    "check_ins": CHECK_INS.map(lambda one: CheckIns([one])),
    "choice_variation": CHOICES,
    "commission": COMMISSIONS,
    "commitment": COMMITMENTS,
    "component": components(),
    "components": groups(),
    "contribution": CONTRIBUTIONS,
    "curve": curves(),
    "deduct": st.builds(Deduct, NAMES, basis=NAMES, limits=st.lists(LIMITS, min_size=1, max_size=2), who=NAMES),
    "deferral": DEFERRALS,
    "disciplinary_ladder": ladders(),
    "disciplinary_record": st.lists(SANCTIONS, max_size=3, unique_by=lambda one: one.incident).map(DisciplinaryRecord),
    "disciplinary_step": DISCIPLINARY_STEPS,
    "draw": DRAWS,
    "flat_amount": FLATS,
    "floor": FLOORS,
    "forfeit": st.builds(Forfeit, SHARES | NAMES, on=st.none() | NAMES, reason=NAMES, rounding=UNITS),
    "gate": GATES,
    "goal": goals(),
    "goal_rules": goal_rules(),
    "goal_tree": trees(),
    "health_bands": bands(),
    "incentive_plan": plans(),
    "knot": st.builds(Knot, TYPED, TYPED, TYPED, TYPED),
    "ledger": ledgers(),
    "limit": LIMITS,
    "lognormal_variation": st.builds(
        LognormalVariation, NAMES, NOT_NEGATIVE | NAMES, high=st.none() | st.just(10**30), relative=st.booleans()
    ),
    "malus": st.builds(Malus, DEFERRALS, SHARES | NAMES, on=st.none() | NAMES),
    "metric": metrics(),
    "milestone": MILESTONES,
    "money": MONEY,
    "multiply": MULTIPLIERS,
    "normal_variation": st.builds(
        NormalVariation,
        TYPED | NAMES,
        NOT_NEGATIVE | NAMES,
        low=st.none() | st.just(-(10**30)),
        loading=st.just(F(1, 2)),
        groups=st.dictionaries(NAMES, st.fractions(F(-1, 4), F(1, 4)), max_size=3),
    ),
    "offence": OFFENCES,
    "override": OVERRIDES,
    "pay_section": pay_sections(),
    "payout_matrix": matrices(),
    "peer_percentile": PERCENTILES,
    "period": periods(),
    "phased_plan": phased_plans(),
    "prorate": PRORATIONS,
    "quantile_variation": st.builds(
        lambda low, gap: QuantileVariation({low: 0.9, F(str(low)) + gap: F(1, 3)}), TYPED, st.fractions(F(1, 9), 9)
    ),
    "rate_rules": rules(),
    "rate_table": TABLES,
    "rating_scale": scales(),
    "ratio": RATIOS,
    "recover": st.builds(
        Recover, NAMES, basis=NAMES, completed_years=st.none() | st.integers(1, 9), at_most=st.none() | st.just(F(1, 3))
    ),
    "stated_reason": REASONS,
    "refundable_cap": REFUNDABLE,
    "round": ROUNDS,
    "rounding": ROUNDINGS,
    "sanction": SANCTIONS,
    "scorecard": scorecards(),
    "section": sections(),
    "segment": segments(),
    "statement": STATEMENTS,
    "target_bonus": bonuses(),
    "timeline": timelines(),
    "weights": WEIGHTS,
    "zones": zones(),
}
PARTS = st.sampled_from([0, 0.25, F(1, 3), 1])
CUTS = st.builds(Cut, NOT_NEGATIVE, PARTS, st.text(max_size=4))
SLICES = st.builds(
    FundSlice,
    st.lists(NAMES, max_size=2),
    st.integers(0, 10**30),
    CUTS,
    st.integers(0, 99),
    st.lists(st.tuples(st.sampled_from(["unit", "caps"]), st.integers(1, 9)), max_size=2),
)
FUNDINGS = st.builds(
    lambda on, more: Funding(on, **more),
    NAMES,
    st.fixed_dictionaries(
        {}, optional={"curve": curves(), "of": NAMES, "cap": st.just(9), "floor": PARTS, "name": NAMES}
    ),
)
GROUP_SHARES = st.builds(GroupShare, NAMES, by=maybe(TYPED | NAMES)) | st.builds(
    GroupShare, NAMES, weights=st.dictionaries(NAMES, NOT_NEGATIVE, max_size=2)
)


# Whole minor units in every currency.
WHOLE = st.integers(0, 10**12)


@st.composite
def pools(draw):
    levels = draw(st.lists(NAMES, max_size=2, unique=True))
    fund = draw(WHOLE | FUNDINGS | st.lists(FUNDINGS, min_size=1, max_size=2))
    if levels and draw(st.booleans()):
        fund = draw(st.dictionaries(NAMES, WHOLE | FUNDINGS, min_size=1, max_size=2))
    more = draw(options(by=FACTORS, of=NAMES, floor=FLOORS, cap=CAPS, value_cap=POSITIVE, unit=st.sampled_from([1, 10]),
                        eligible=NAMES, nobody=st.just("keep"), currency=CURRENCIES, name=NAMES))  # fmt: skip
    key = draw(NAMES.filter(lambda name: name not in levels))
    try:
        return Pool(fund, key=key, within=levels, **more)
    except DefinitionError:
        # A floor above the cap is refused.
        return Pool(fund, key=key, within=levels, **{name: one for name, one in more.items() if name != "floor"})


@st.composite
def structures(draw, steps=False):
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    bands = []
    for place, name in enumerate(names):
        low = 100 + 50 * place
        rates = [low, low + draw(st.integers(1, 40)), low + 90]
        bands.append(SalaryBand(name, steps=rates) if steps else SalaryBand(name, low, low + 90, low + 45))
    return SalaryStructure(bands, currency=draw(CURRENCIES), **draw(options(on=NAMES)))


CELLS = PARTS | st.just((0, 0.5, 1)) | curves()


@st.composite
def merit_matrices(draw):
    bounds = sorted(draw(st.sets(st.sampled_from([0.8, 0.9, 1, F(10, 9)]), max_size=2)), key=float)
    rows = draw(
        st.dictionaries(
            NAMES, st.lists(CELLS, min_size=len(bounds) + 1, max_size=len(bounds) + 1), min_size=1, max_size=2
        )
    )
    return MeritMatrix(rows, bounds, **draw(options(on=NAMES, target=TYPED | NAMES, owner=st.just("lower"))))


@st.composite
def reviews(draw):
    structure = draw(structures())
    more = draw(options(amount=AMOUNTS, salary=NAMES, prorate=NAMES, minimum_raise=FLOORS, maximum_raise=CAPS,
                        to_minimum=st.booleans(), above_range=st.sampled_from(["hold", "exceed"]),
                        unit=st.sampled_from([1, 10]), scale=st.just("down"), within=NAMES, eligible=NAMES,
                        missing=st.just("blocked"), name=NAMES))  # fmt: skip
    return SalaryReview(draw(merit_matrices() | FACTORS), key=draw(NAMES), structure=structure, **more)


TIMES = st.builds(
    TimeInLevel, NAMES, st.integers(0, 99), st.sampled_from(["days", "weeks", "months", "years"]), name=NAMES
)
CONDITIONS = st.builds(lambda on, low, name: Condition(on, at_least=low, name=name), NAMES, maybe(TYPED), NAMES)
NO_SANCTIONS = st.builds(NoSanction, NAMES, name=NAMES)
HISTORIES = st.builds(
    lambda columns, scale, name: RatingHistory(columns, scale[0], scale=scale, name=name),
    st.lists(NAMES, min_size=1, max_size=3),
    st.lists(NAMES, min_size=1, max_size=3, unique=True),
    NAMES,
)
REQUIREMENTS = st.one_of(TIMES, CONDITIONS, NO_SANCTIONS, HISTORIES)
PLACEMENTS = st.builds(Placement, PARTS | st.just({1: 0.08, 2: F(1, 3)}), to_minimum=st.booleans()) | st.builds(
    TwoStepPlacement, st.integers(1, 3)
)


@st.composite
def career_ladders(draw):
    structure = draw(structures())
    asked = draw(st.lists(REQUIREMENTS, max_size=2, unique_by=lambda requirement: requirement.name))
    seats = draw(st.dictionaries(st.sampled_from(structure.levels), st.integers(0, 9), max_size=2))
    more = draw(options(to=NAMES, max_levels=st.integers(1, 3), ties=st.just("key"), salary=NAMES, name=NAMES))
    order = draw(st.lists(NAMES | st.tuples(NAMES, st.just("low")), min_size=1, max_size=2))
    return Ladder(structure, asked, draw(PLACEMENTS), key=draw(NAMES), seats=seats, order=order, **more)


BARS = st.builds(
    SeatBar, NAMES, st.integers(0, 9), st.integers(0, 9), st.lists(TYPED, max_size=2), last=st.text(max_size=4)
)
ZERO_SUMS = st.builds(
    lambda on, key, more: ZeroSum(on, key=key, **more),
    NAMES,
    NAMES,
    options(
        step=st.sampled_from([0.05, F(1, 100)]),
        low=st.sampled_from([0.5, 1]),
        high=st.sampled_from([1.5, 2]),
        within=NAMES,
    ),
)
SHARES_OF_PERIODS = st.builds(
    lambda start, period, end: ShareOfPeriod(start, first=period.start, last=period.end, end=end),
    NAMES,
    periods(),
    maybe(NAMES),
)
DEFINITIONS |= {
    "balanced_factor": st.builds(BalancedFactor, ZERO_SUMS, st.lists(st.tuples(NAMES, CUTS), max_size=2)),
    "condition": CONDITIONS,
    "cut": CUTS,
    "fitted_ladder": st.builds(FittedLadder, career_ladders(), DATES, st.lists(BARS, max_size=2)),
    "fitted_pool": st.builds(FittedPool, pools(), st.lists(SLICES, max_size=2)),
    "fitted_review": st.builds(FittedReview, reviews(), st.lists(SLICES, max_size=2)),
    "fund_slice": SLICES,
    "funding": FUNDINGS,
    "group_share": GROUP_SHARES,
    "ladder": career_ladders(),
    "merit_matrix": merit_matrices(),
    "no_sanction": NO_SANCTIONS,
    "placement": st.builds(Placement, PARTS, to_maximum=st.booleans(), rounding=ROUNDINGS),
    "pool": pools(),
    "rating_history": HISTORIES,
    "salary_band": st.builds(
        lambda name, low: SalaryBand(name, low, low + 9), NAMES, POSITIVE.map(lambda n: F(str(n)))
    ),
    "salary_range": st.builds(SalaryRange, NAMES, NAMES, NAMES),
    "salary_review": reviews(),
    "salary_structure": structures(),
    "seat_bar": BARS,
    "share_of_period": SHARES_OF_PERIODS,
    "step_progression": st.builds(
        lambda structure, steps, more: StepProgression(structure, steps, **more),
        structures(steps=True),
        st.integers(1, 3),
        options(eligible=NAMES, salary=NAMES, name=NAMES),
    ),
    "time_in_level": TIMES,
    "two_step_placement": st.builds(TwoStepPlacement, st.integers(1, 9)),
    "zero_sum": ZERO_SUMS,
}
# Index systems: scales, aggregates, jobs.
PEERS = st.just({}) | st.fixed_dictionaries(
    {"within": NAMES, "unseen": st.sampled_from(["refuse", "missing", "whole"]), "smallest": st.integers(1, 9)}
)
REFERENCES = st.sampled_from(["mean", "median", "least", "greatest", "sum", "norm"])
PERCENTILES = st.builds(
    lambda definition, ties, between, peers: Percentile(definition, ties, between=between, constant=0.5, **peers),
    st.sampled_from(["rank_share", "percent_rank", "midpoint", "mean_rank"]),
    st.sampled_from(["lowest", "average", "highest"]),
    st.sampled_from(["held", "line"]),
    PEERS,
)
DEFINITIONS |= {
    "banded": st.builds(
        lambda reference, y, peers: Banded([(1, y)], reference=reference, **peers), REFERENCES, TYPED, PEERS
    ),
    "choquet_capacity": st.builds(
        lambda one, other: ChoquetCapacity({"a": F(one, 37), "b": F(other, 37), ("a", "b"): 1}),
        st.integers(0, 37),
        st.integers(0, 37),
    ),
    "mazziotta_pareto": st.builds(
        lambda penalty, ddof: MazziottaPareto(penalty, ddof=ddof),
        st.sampled_from(["subtract", "add"]),
        st.sampled_from([0, 1]),
    ),
    "choquet": st.builds(lambda size: Choquet({("a", "b"): F(size, 37)}), st.integers(-37, 37)),
    "distance_to_reference": st.builds(lambda r, p: DistanceToReference(r, **p), REFERENCES, PEERS),
    "fitted_percentile": st.builds(
        lambda scale, lower, values: FittedPercentile(
            scale, lower, ("g",), [0, len(values)], sorted(values), [1 + i for i in range(len(values))]
        ),
        PERCENTILES,
        st.booleans(),
        st.sets(st.floats(-1e9, 1e9).map(lambda x: x + 0.0), min_size=1, max_size=5),
    ),
    "fitted_scale": st.builds(lambda slope: FittedScale(MinMax(), Curve.through((0, 0), (1, slope))), TYPED),
    "geometric": st.just(Geometric()),
    "harmonic": st.just(Harmonic()),
    "job": st.builds(Job, NAMES, st.dictionaries(NAMES, POSITIVE, min_size=1, max_size=3)),
    "min_max": st.builds(
        lambda lower, outside, peers: MinMax(lower, outside=outside, **peers),
        maybe(TYPED),
        st.sampled_from(["clip", "extend"]),
        PEERS,
    ),
    "minimum": st.just(Minimum()),
    "optimal_band": st.builds(
        lambda low, width: OptimalBand(low, F(low) + F(width), zero_below=F(low) - 1, zero_above=F(low) + F(width) + 1),
        st.integers(-9, 9),
        st.integers(0, 9),
    ),
    "ordered_mean": st.builds(OrderedMean, st.lists(POSITIVE, min_size=1, max_size=4)),
    "percentile": PERCENTILES,
    "power_mean": st.builds(lambda p: PowerMean(F(p, 37)), st.integers(-99, 99)),
    "ratio_to_reference": st.builds(
        lambda r, i, p: RatioToReference(r, inversion=i, **p),
        REFERENCES,
        st.sampled_from(["mirror", "complement"]),
        PEERS,
    ),
    "topsis": st.builds(lambda best: Topsis({"a": (0, best)}), POSITIVE),
    "veto": st.builds(lambda floor, cap: Veto({"a": floor}, cap), TYPED, TYPED),
    "vikor": st.builds(lambda best: Vikor(references={"a": (0, best)}, mean_regret=(0, best)), POSITIVE),
    "z_score": st.builds(
        lambda ddof, spread, p: ZScore(ddof, deviation=spread, **p), st.sampled_from([0, 1]), POSITIVE, PEERS
    ),
}
QUICK = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def test_every_kind_has_a_law():
    assert set(DEFINITIONS) == set(KINDS)


@pytest.mark.parametrize("kind", sorted(DEFINITIONS))
@QUICK
@given(data=st.data())
def test_every_definition_comes_back_from_json_text(kind, data):
    definition = data.draw(DEFINITIONS[kind])
    text = json.dumps(to_dict(definition), allow_nan=False)
    back = from_dict(json.loads(text))
    assert back == definition
    assert type(back) is type(definition)
    assert hash(back) == hash(definition)
    assert digest(back) == digest(definition)
    assert json.dumps(to_dict(back)) == text


@pytest.mark.parametrize("kind", sorted(DEFINITIONS))
@settings(QUICK, max_examples=20)
@given(data=st.data())
def test_the_digest_is_equal_exactly_where_definitions_are(kind, data):
    one, other = data.draw(DEFINITIONS[kind]), data.draw(DEFINITIONS[kind])
    assert (digest(one) == digest(other)) == (one == other)


def copy_of(cls, more=None):
    """An attrs class with the same fields and the same defaults, and perhaps more of them: another version of it."""
    fields = {field.alias: attrs.field(default=field.default, kw_only=True) for field in attrs.fields(cls)}
    return attrs.make_class(cls.__name__, fields | (more or {}), frozen=True)


VERSIONS = {
    kind: (copy_of(cls), copy_of(cls, {"added": attrs.field(default=None, kw_only=True)}))
    for kind, cls in KINDS.items()
}


# A tree is stored by its roots, and has no fields of its own to add to.
@pytest.mark.parametrize("kind", sorted(set(DEFINITIONS) - {"goal_tree", "check_ins"}))
@settings(QUICK, max_examples=10)
@given(data=st.data())
def test_a_new_option_at_its_default_does_not_change_the_digest(kind, data):
    definition = data.draw(DEFINITIONS[kind])
    now, later = VERSIONS[kind]
    values = {field.alias: getattr(definition, field.name) for field in attrs.fields(type(definition))}
    before = digest(now(**values), kinds={"mine": now})
    assert digest(later(**values), kinds={"mine": later}) == before
    assert digest(later(**values, added=data.draw(st.integers(1, 9))), kinds={"mine": later}) != before


def is_default(definition, field):
    default = field.default
    if isinstance(default, attrs.Factory):
        default = default.factory(definition) if default.takes_self else default.factory()
    return default is not attrs.NOTHING and default == getattr(definition, field.name)


@pytest.mark.parametrize("kind", sorted(DEFINITIONS))
@settings(QUICK, max_examples=20)
@given(data=st.data())
def test_a_definition_stored_before_an_option_was_added_is_read_with_its_default(kind, data):
    definition = data.draw(DEFINITIONS[kind])
    stored = to_dict(definition)
    for field in attrs.fields(type(definition)):
        if is_default(definition, field):
            del stored[field.name]
    back = from_dict(stored)
    assert back == definition
    assert digest(back) == digest(definition)
