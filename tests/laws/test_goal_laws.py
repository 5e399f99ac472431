"""Laws of goals, on random trees and random observations."""

from fractions import Fraction

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkit import Goal, GoalTree

LAW = settings(max_examples=80, deadline=None)
GRID = Fraction(1, 10**6)

shares = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3),
    st.one_of(st.integers(1, 50), st.fractions("1/50", 50)),
    min_size=1,
    max_size=6,
)
weights = st.integers(1, 20)


@st.composite
def goals(draw, depth=3):
    """A goal by weighted mean, with sums that add up below it."""
    number = iter(range(10_000))

    def broken_down(part):
        kind = draw(st.sampled_from(["leaf", "sum", "mean"]))
        if kind == "sum":
            return part.decompose({f"{part.id}.{i}": draw(weights) for i in range(draw(st.integers(1, 3)))})
        if kind == "mean":
            return evolve(part, children=[make(0) for _ in range(draw(st.integers(1, 3)))])
        return part

    def make(depth):
        name = f"g{next(number)}"
        if not depth or draw(st.integers(0, 3)) == 0:
            baseline = draw(st.integers(-50, 50))
            span = draw(st.integers(1, 100)) * draw(st.sampled_from([1, -1]))
            return Goal(name, baseline=baseline, target=baseline + span, weight=draw(weights))
        if draw(st.booleans()):
            parts = [f"{name}.{i}" for i in range(draw(st.integers(1, 3)))]
            baseline, span = draw(st.integers(-50, 50)), draw(st.integers(1, 100))
            whole = Goal(name, baseline=baseline, target=baseline + span, weight=draw(weights))
            whole = whole.decompose({part: draw(weights) for part in parts})
            return evolve(whole, children=[broken_down(part) for part in whole.children])
        children = [make(depth - 1) for _ in range(draw(st.integers(1, 3)))]
        return Goal(name, children=children, weight=draw(weights))

    return make(depth)


def leaves(tree):
    return [goal for goal in tree.walk() if not goal.children]


@st.composite
def cases(draw, complete=False):
    tree = GoalTree([draw(goals())])
    value = st.integers(-200, 200)
    return tree, {goal.id: draw(value if complete else st.none() | value) for goal in leaves(tree)}


missing = st.sampled_from(["redistribute", "zero"])


@LAW
@given(target=st.fractions(-1000, 1000), baseline=st.fractions(-1000, 1000), parts=shares)
def test_a_decomposition_adds_up_exactly(target, baseline, parts):
    if target == baseline:
        target += 1
    goal = Goal("the goal", target=target, baseline=baseline).decompose(parts)
    assert sum(part.target for part in goal.children) == target
    assert sum(part.baseline for part in goal.children) == baseline
    assert [part.id for part in goal.children] == list(parts)
    assert GoalTree([goal]).reconcile() == ()


@LAW
@given(units=st.integers(10_000, 10**9), step=st.fractions("1/1000", 1000), parts=shares)
def test_a_decomposition_in_steps_adds_up_exactly(units, step, parts):
    goal = Goal("the goal", target=units * step).decompose(parts, step=step)
    assert sum(part.target for part in goal.children) == goal.target
    assert all((part.target / step).denominator == 1 for part in goal.children)
    whole = sum(Fraction(share) for share in parts.values())
    for part in goal.children:
        assert abs(part.target - goal.target * Fraction(parts[part.id]) / whole) < step
    assert GoalTree([goal]).reconcile() == ()
    backwards = Goal("the goal", target=units * step).decompose(dict(reversed(parts.items())), step=step)
    assert {part.id: part.target for part in backwards.children} == {part.id: part.target for part in goal.children}


@LAW
@given(case=cases(complete=True))
def test_every_part_at_its_target_is_the_whole_at_its_target(case):
    tree, _ = case
    report = tree.roll_up({goal.id: goal.target for goal in leaves(tree)})
    assert all(report[id].progress == 1 for id in report)
    assert all(report[id].coverage == 1 for id in report)
    start = tree.roll_up({goal.id: goal.baseline for goal in leaves(tree)})
    assert all(start[id].progress == 0 for id in start)


@LAW
@given(case=cases(), missing=missing)
def test_a_roll_up_does_not_depend_on_the_order_of_siblings(case, missing):
    tree, actuals = case

    def turned(goal):
        return evolve(goal, children=[turned(child) for child in reversed(goal.children)])

    report = tree.roll_up(actuals, missing=missing)
    other = GoalTree([turned(root) for root in tree.roots]).roll_up(actuals, missing=missing)
    for id in report:
        ours, theirs = report[id].progress, other[id].progress
        assert (ours is None) == (theirs is None)
        # The grid hides the order of a sum but where a last bit decides a tie.
        assert ours is None or abs(ours - theirs) <= 1.000001e-6
        assert abs(report[id].coverage - other[id].coverage) <= 1e-12


@LAW
@given(case=cases(), missing=missing)
def test_the_parts_of_every_explanation_add_up(case, missing):
    tree, actuals = case
    report = tree.roll_up(actuals, missing=missing)
    for id in report:
        explanation = report.explain(id)
        explanation.check()
        assert explanation.value == report[id].progress
        for part in explanation.walk():
            if part.code != "goal":
                continue
            residues = [inner.value for inner in part.parts if inner.code == "published"]
            slopes = sum(abs(inner.params["slope"]) for inner in part.parts if "slope" in inner.params)
            # Each part is on the grid itself, so this is all that there is to round.
            assert sum(map(abs, residues)) <= GRID / 2 * (1 + slopes) + GRID / 100


@LAW
@given(case=cases())
def test_coverage_is_one_exactly_where_everything_was_observed(case):
    tree, actuals = case
    report = tree.roll_up(actuals)
    for id in report:
        below = [goal.id for goal in tree[id].walk() if not goal.children]
        seen = [actuals[leaf] is not None for leaf in below]
        assert (report[id].coverage == 1) == all(seen)
        assert (report[id].coverage == 0) == (not any(seen))
        assert (report[id].progress is None) == (not any(seen))


@LAW
@given(case=cases())
def test_a_mean_lies_within_the_progress_of_its_parts(case):
    tree, actuals = case
    report = tree.roll_up(actuals)
    for goal in tree.walk():
        known = [report[child.id].progress for child in goal.children if report[child.id].progress is not None]
        if known and goal.roll_up == "weighted_mean":
            assert min(known) - 1.1e-6 <= report[goal.id].progress <= max(known) + 1.1e-6


@LAW
@given(case=cases())
def test_a_mean_in_a_mean_is_one_mean_with_its_weights_shared_out(case):
    tree, actuals = case
    flat = []

    def spread(goal, weight):
        if goal.roll_up == "sum" or not goal.children:
            flat.append(evolve(goal, weight=weight))
            return
        whole = sum(child.weight for child in goal.children)
        for child in goal.children:
            spread(child, weight * child.weight / whole)

    root = tree.roots[0]
    spread(root, Fraction(1))
    complete = {id: 1 if actual is None else actual for id, actual in actuals.items()}
    nested = tree.roll_up(complete)[root.id].progress
    assert abs(GoalTree([Goal("all", children=flat)]).roll_up(complete)["all"].progress - nested) <= 1.000001e-6


@LAW
@given(case=cases(), factor=st.fractions("1/30", 30))
def test_weights_of_goals_are_relative(case, factor):
    tree, actuals = case

    def scaled(goal):
        return evolve(goal, weight=goal.weight * factor, children=[scaled(child) for child in goal.children])

    report = tree.roll_up(actuals)
    other = GoalTree([scaled(root) for root in tree.roots]).roll_up(actuals)
    for id in report:
        ours, theirs = report[id].progress, other[id].progress
        assert ours == theirs or abs(ours - theirs) <= 1.000001e-6


@LAW
@given(goal=st.integers(1, 1_000).map(lambda n: Goal("g", target=2 * n, baseline=n)), parts=shares, data=st.data())
def test_the_parts_of_a_sum_that_were_observed_speak_for_it(goal, parts, data):
    whole = goal.decompose({f"g.{name}": share for name, share in parts.items()})
    seen = data.draw(st.lists(st.sampled_from([part.id for part in whole.children]), min_size=1, unique=True))
    report = GoalTree([whole]).roll_up(
        {part.id: part.baseline + (part.target - part.baseline) / 4 for part in whole.children if part.id in seen}
    )
    assert report["g"].progress == 0.25
    report.explain("g").check()


@LAW
@given(case=cases())
def test_a_sum_in_a_sum_is_one_sum(case):
    tree, actuals = case
    for goal in tree.walk():
        if goal.roll_up == "sum":
            top = Goal("top", baseline=goal.baseline, target=goal.target, roll_up="sum", children=[goal])
            report = GoalTree([top]).roll_up({leaf.id: actuals[leaf.id] for leaf in leaves(GoalTree([goal]))})
            assert report["top"].progress == report[goal.id].progress
