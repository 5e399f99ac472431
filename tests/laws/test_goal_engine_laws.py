"""The laws of goals in columns: one tree however it is given, one result however time is cut, nothing counted twice."""

import random
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkit import (
    Change,
    CheckIn,
    CheckIns,
    DefinitionError,
    Goal,
    GoalRules,
    GoalTree,
    GoalTreeError,
    Override,
    Period,
    from_dict,
    presets,
    to_dict,
)

LAW = settings(max_examples=80, deadline=None)
YEAR = Period.year(2026)
KINDS = ["weighted_mean", "mean", "sum", "minimum", "maximum", "all", "any", "worst_status", "own", "none", "latest"]
SMOOTH = ["weighted_mean", "mean", "sum", "minimum", "maximum"]
MISSING = ["redistribute", "even", "zero"]


@st.composite
def trees(draw, kinds=tuple(KINDS), depth=3):
    """A tree of goals with targets above their baselines, of any roll-up, and at least one part somewhere."""
    count = iter(range(10_000))

    def goal(level, top=False):
        name = f"g{next(count)}"
        below = draw(st.integers(1 if top else 0, 3)) if level else 0
        children = [goal(level - 1) for _ in range(below)]
        start = draw(st.integers(-5, 5))
        return Goal(
            name,
            baseline=start,
            target=start + draw(st.integers(1, 40)),
            weight=draw(st.sampled_from([1, 2, 0.5, Fraction(1, 3)])),
            roll_up=draw(st.sampled_from(kinds)),
            children=children,
        )

    return GoalTree([goal(depth, top=True) for _ in range(draw(st.integers(1, 2)))])


def leaves(tree):
    return [goal.id for goal in tree.walk() if not goal.children]


def observations(draw, tree, gaps=True):
    values = st.integers(-20, 60) | (st.none() if gaps else st.nothing())
    return {id: draw(values) for id in leaves(tree)}


def columns_of(tree, order):
    above = {child.id: goal.id for goal in tree.walk() for child in goal.children}
    goals = list(tree.walk())
    goals = [goals[place] for place in order]
    names = ("baseline", "target", "weight", "roll_up")
    table = {name: [getattr(goal, name) for goal in goals] for name in names}
    return {"id": [goal.id for goal in goals], "parent": [above.get(goal.id) for goal in goals], **table}


def told(report):
    """Every published column, by id."""
    return {
        id: (*map(str, (report.progress[place], report.value[place], report.coverage[place])),)
        for place, id in enumerate(report.ids)
    }


@LAW
@given(data=st.data(), tree=trees(), missing=st.sampled_from(MISSING))
def test_a_tree_from_columns_is_the_tree_of_its_rows(data, tree, missing):
    # Sums run in the order of the rows, so that siblings keep theirs.
    flat = GoalTree.from_columns(**columns_of(tree, range(len(tree))))
    actuals = observations(data.draw, tree)
    assert told(flat.roll_up(actuals, missing=missing)) == told(tree.roll_up(actuals, missing=missing))
    assert flat == tree
    assert from_dict(to_dict(flat)) == tree


@LAW
@given(data=st.data(), tree=trees())
def test_the_order_of_rows_changes_no_progress(data, tree):
    order = data.draw(st.permutations(range(len(tree))))
    actuals = observations(data.draw, tree)
    one, other = tree.roll_up(actuals), GoalTree.from_columns(**columns_of(tree, order)).roll_up(actuals)
    for id in tree.ids:
        # The last part that was seen is the last in the order of definition, which is what changed.
        if not any(goal.roll_up == "latest" for goal in tree[id].walk()):
            assert one[id].progress == pytest.approx(other[id].progress, abs=1.01e-6)
            assert one[id].coverage == pytest.approx(other[id].coverage, abs=1e-12)


@LAW
@given(data=st.data(), tree=trees())
def test_a_mapping_an_array_and_check_ins_are_one(data, tree):
    actuals = observations(data.draw, tree)
    array = np.array([np.nan if actuals.get(id) is None else actuals[id] for id in tree.ids], dtype=np.float64)
    day = date(2026, 3, 1)
    check_ins = [CheckIn(id, day, actual) for id, actual in actuals.items() if actual is not None]
    expected = told(tree.roll_up(actuals))
    assert told(tree.roll_up(array)) == expected
    if not any(goal.roll_up == "latest" for goal in tree.walk()):
        assert told(tree.roll_up(CheckIns(check_ins))) == expected
    columns = CheckIns.from_columns(
        goal=[one.goal for one in check_ins], on=[day] * len(check_ins), value=[one.value for one in check_ins]
    )
    if check_ins:
        assert told(tree.roll_up(columns)) == told(tree.roll_up(check_ins))


@LAW
@given(data=st.data(), tree=trees(), missing=st.sampled_from(MISSING), clipped=st.booleans())
def test_every_explanation_composes_to_the_number(data, tree, missing, clipped):
    rules = evolve(presets.okr_tracker, missing=missing) if clipped else GoalRules(missing=missing)
    report = tree.roll_up(observations(data.draw, tree), rules=rules)
    for id in tree.ids:
        explanation = report.explain(id)
        explanation.check()
        progress = report[id].progress
        assert explanation.value == progress or (explanation.value is None and progress is None)


@LAW
@given(data=st.data(), missing=st.sampled_from(MISSING), gaps=st.booleans())
def test_a_better_observation_lowers_nothing_above_it(data, missing, gaps):
    # With gaps, all and any may become unknown by a better part, and what is unknown counts nowhere.
    tree = data.draw(trees(tuple(SMOOTH if gaps else [*SMOOTH, "all", "any"])))
    actuals = observations(data.draw, tree, gaps=gaps)
    known = [id for id, actual in actuals.items() if actual is not None]
    if not known:
        return
    better = data.draw(st.sampled_from(known))
    raised = actuals | {better: actuals[better] + data.draw(st.integers(1, 30))}
    before, after = tree.roll_up(actuals, missing=missing), tree.roll_up(raised, missing=missing)
    for goal in tree.line_of_sight(better):
        assert after[goal.id].progress >= before[goal.id].progress - 1.01e-6


@LAW
@given(data=st.data(), tree=trees(("weighted_mean", "sum", "mean")), day=st.dates(date(2026, 1, 2), date(2026, 12, 30)))
def test_a_change_that_changes_nothing_leaves_the_result(data, tree, day):
    actuals = observations(data.draw, tree)
    names = leaves(tree)
    changed = data.draw(st.sampled_from(names))

    def marked(goal):
        parts = [marked(child) for child in goal.children]
        changes = [Change(day, weight=goal.weight)] if goal.id == changed else []
        return evolve(goal, children=parts, changes=changes)

    same = GoalTree([evolve(marked(root), period=YEAR) for root in tree.roots])
    plain = tree.roll_up(actuals)
    report = same.roll_up(actuals)
    assert len(report.slices) == 2
    for id in tree.ids:
        if plain[id].progress is None:
            assert (report[id].progress, report[id].value) == (None, None)
        else:
            assert report[id].progress == pytest.approx(plain[id].progress, abs=1.01e-6)
            assert report[id].value == pytest.approx(plain[id].value, rel=1e-9, abs=2e-6)
        report.explain(id).check()


@LAW
@given(
    data=st.data(),
    weights=st.lists(st.integers(1, 9), min_size=2, max_size=4),
    days=st.sets(st.dates(date(2026, 1, 2), date(2026, 12, 31)), min_size=1, max_size=3),
)
def test_a_result_over_time_is_the_mean_of_its_stretches_by_days(data, weights, days):
    def changes():
        return [Change(day, weight=data.draw(st.integers(1, 9))) for day in sorted(days)]

    parts = [Goal(f"g{place}", target=10, weight=weight, changes=changes()) for place, weight in enumerate(weights)]
    tree = GoalTree([Goal("top", period=YEAR, children=parts)])
    report = tree.roll_up({part.id: data.draw(st.integers(0, 20)) for part in parts})
    assert sum(stretch.days for stretch, _ in report.slices) == YEAR.days
    assert len(report.slices) == len(days) + 1
    each = [(stretch.days, part["top"].progress) for stretch, part in report.slices]
    mean = sum(Fraction(count, YEAR.days) * Fraction(str(progress)) for count, progress in each)
    assert abs(mean - Fraction(str(report["top"].progress))) <= Fraction(2, 10**6)
    assert min(progress for _, progress in each) - 1e-6 <= report["top"].progress
    assert report["top"].progress <= max(progress for _, progress in each) + 1e-6


@LAW
@given(data=st.data(), n=st.integers(2, 12), seed=st.integers(0, 2**32))
def test_nothing_counts_twice_at_the_top(data, n, seed):
    """Sums in a random acyclic graph, in which every share of every goal counts somewhere."""
    chance = random.Random(seed)
    goals = {}
    for place in range(n):
        earlier = list(range(place))
        chance.shuffle(earlier)
        targets = earlier[1 : 1 + chance.randint(0, 2)] if place > 1 else []
        goals[place] = (earlier[0] if earlier else None, {f"g{to}": Fraction(1, 4) for to in targets})
    children = {place: [child for child, (above, _) in goals.items() if above == place] for place in goals}

    def build(place):
        parts = [build(child) for child in children[place]]
        _, contributes = goals[place]
        return Goal(f"g{place}", target=100, roll_up="sum", contributes=contributes, children=parts)

    tree = GoalTree([build(0)])
    driving = {to for _, contributes in goals.values() for to in contributes}
    bottom = [id for id in leaves(tree) if id not in driving]
    actuals = {id: data.draw(st.integers(0, 1_000)) for id in bottom}
    # Every path ends at the only goal at the top, and shares add up to one, so all of it arrives, once.
    assert tree.roll_up(actuals)["g0"].value == pytest.approx(sum(actuals.values()), rel=1e-9)
    tree.roll_up(actuals).explain("g0").check()


@LAW
@given(data=st.data(), tree=trees((*SMOOTH, "all", "any")), progress=st.integers(0, 20).map(lambda n: Fraction(n, 10)))
def test_what_is_put_in_by_hand_stands_and_what_was_computed_stays_in_sight(data, tree, progress):
    actuals = observations(data.draw, tree)
    id = data.draw(st.sampled_from(list(tree.ids)))
    plain = tree.roll_up(actuals)
    report = tree.roll_up(actuals, overrides=Override(id, progress=progress, by="ana"))
    assert report[id].progress == float(progress)
    assert report[id].computed == plain[id].progress
    above = {goal.id for goal in tree.line_of_sight(id)}
    for other in tree.ids:
        if other not in above:
            assert report[other].progress == plain[other].progress
        assert report[other].coverage == plain[other].coverage
        report.explain(other).check()


@LAW
@given(weights=st.lists(st.none() | st.integers(1, 20), min_size=1, max_size=5))
def test_automatic_weights_fill_up_to_the_whole(weights):
    parts = [Goal(f"g{place}", target=1, weight=weight) for place, weight in enumerate(weights)]
    tree = GoalTree([Goal("top", children=parts)])
    report = tree.roll_up({part.id: 1 for part in parts})
    slopes = [part.params["slope"] for part in report.explain("top").parts if part.code == "contribution"]
    assert abs(sum(slopes) - 1) < Fraction(1, 10**9)
    fixed = sum(weight for weight in weights if weight is not None)
    if None in weights:
        for weight, slope in zip(weights, slopes, strict=True):
            share = Fraction(weight, 100) if weight is not None else Fraction(100 - fixed, 100 * weights.count(None))
            assert abs(slope - share) < Fraction(1, 10**9)


ROWS = st.fixed_dictionaries(
    {
        "target": st.sampled_from([None, 0, 1, -3, 5.5, float("inf"), "x"]),
        "baseline": st.sampled_from([None, 0, 1, -3, float("-inf")]),
        "weight": st.sampled_from([None, 1, 0, -1, 2.5, "auto", "x"]),
        "roll_up": st.sampled_from([None, "sum", "mean", "median"]),
        "direction": st.sampled_from([None, "increase", "decrease", "at_most", "up"]),
        "threshold": st.sampled_from([None, None, 0.5, 9]),
        "share": st.sampled_from([None, None, 0.5, 0, 2]),
        "over_time": st.sampled_from([None, "sum", "ever"]),
    }
)


@LAW
@given(rows=st.lists(ROWS, min_size=1, max_size=4))
def test_columns_refuse_exactly_the_rows_that_are_no_goals(rows):
    def is_goal(row):
        try:
            Goal("g", **{name: value for name, value in row.items() if value is not None})
        except (DefinitionError, TypeError):
            return False
        return True

    table = {name: [row[name] for row in rows] for name in rows[0]}
    ids = [f"g{place}" for place in range(len(rows))]
    bad = [place for place, row in enumerate(rows) if not is_goal(row)]
    if bad:
        with pytest.raises(GoalTreeError, match=rf"^{len(bad)} of {len(rows)} rows make no goal: row {bad[0]}: "):
            GoalTree.from_columns(id=ids, parent=[None] * len(rows), **table)
    else:
        tree = GoalTree.from_columns(id=ids, parent=[None] * len(rows), **table)
        for id, row in zip(ids, rows, strict=True):
            assert tree[id] == Goal(id, **{name: value for name, value in row.items() if value is not None})


@LAW
@given(
    target=st.integers(1, 10_000),
    shares=st.lists(st.integers(1, 50), min_size=1, max_size=6),
    low=st.integers(0, 20),
    step=st.sampled_from([None, 1, 0.5]),
    more=st.sampled_from([0, Fraction(1, 20), Fraction(1, 4)]),
)
def test_a_decomposition_within_bounds_adds_up_and_reconciles(target, shares, low, step, more):
    whole = target * 20
    names = {f"p{place}": share for place, share in enumerate(shares)}
    least = whole * low // (100 * len(names))
    if step:
        # A part of less than a step would be no goal, which is refused.
        least = max(least, step)
    goal = Goal("g", target=whole).decompose(names, step=step, minimum=least or None, over_assignment=more)
    parts = [part.target for part in goal.children]
    assert sum(parts) == whole * (1 + more)
    assert min(parts) >= least
    assert GoalTree([goal]).reconcile() == ()
    if step:
        assert all((part / Fraction(step)).denominator == 1 for part in parts)


@LAW
@given(
    rows=st.sets(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.integers(0, 3)), min_size=1, max_size=9),
    data=st.data(),
)
def test_a_path_of_levels_adds_up_at_every_level(rows, data):
    rows = sorted(rows)
    table = {name: [row[place] for row in rows] for place, name in enumerate(("region", "team", "person"))}
    table["size"] = [data.draw(st.integers(1, 9)) for _ in rows]
    tree = GoalTree([Goal("top", target=1_000_000)])
    broken = tree.decompose_along("top", ["region", "team", "person"], table, by="size", step=1)
    assert broken.reconcile() == ()
    people = [goal for goal in broken.walk() if goal.id.count("/") == 3]
    assert len(people) == len(rows)
    assert sum(goal.target for goal in people) == 1_000_000
    assert broken.roll_up({goal.id: goal.target for goal in people})["top"].progress == 1


@LAW
@given(
    start=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    length=st.integers(0, 800),
    cut=st.sampled_from(["months", "quarters", "weeks"]),
)
def test_a_partition_of_time_adds_up(start, length, cut):
    period = Period(start, start + timedelta(days=length))
    parts = getattr(period, cut)()
    assert sum(part.days for part in parts) == period.days
    assert (parts[0].start, parts[-1].end) == (period.start, period.end)
    assert all(after.start == before.end + timedelta(days=1) for before, after in pairwise(parts))
    assert sum(Fraction(part.days, period.days) for part in parts) == 1
    goal = Goal("g", period=period, target=1_000).phase(parts)
    assert sum(part.target for part in goal.children) == 1_000
    assert GoalTree([goal]).reconcile() == ()


@LAW
@given(
    period=st.builds(
        lambda start, days: Period(start, start + timedelta(days=days)),
        st.dates(date(2000, 1, 1), date(2040, 1, 1)),
        st.integers(0, 400),
    ),
    count=st.sampled_from(["inclusive", "exclusive", "30/360", "business_days"]),
)
def test_what_has_passed_only_grows_from_nothing_to_all(period, count):
    days = [period.start + timedelta(days=day) for day in range(-1, period.days + 1)]
    shares = [period.elapsed(day, count) for day in days]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert period.elapsed(period.end, count) == 1
