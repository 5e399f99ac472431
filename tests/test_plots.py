"""Pictures with matplotlib: axes in, axes out, nothing shown, and told apart without colour."""

import subprocess
import sys
from datetime import date

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

import perfkit
from perfkit import (
    Curve,
    DataError,
    DefinitionError,
    Explanation,
    FlatAmount,
    Goal,
    GoalTree,
    IncentivePlan,
    Metric,
    Money,
    Outcomes,
    Period,
    Scorecard,
    ewma,
    plots,
)
from perfkit.explain import GERMAN


@pytest.fixture
def ax():
    """Axes that are drawn when the test is over."""
    made = Figure(layout="constrained").add_subplot()
    yield made
    drawn(made)


@pytest.fixture(autouse=True)
def _figures_are_closed():
    yield
    plt.close("all")


def drawn(ax):
    """The picture as pixels: what cannot be drawn fails here, and warnings are errors."""
    ax.figure.canvas.draw()
    return ax


def texts(ax):
    return [text.get_text() for text in ax.texts]


def ticks(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def sums(*values):
    parts = [Explanation("line", value, label=f"line {place}") for place, value in enumerate(values)]
    return Explanation("pay", sum(values), label="pay", relation="sum", parts=parts)


CURVE = Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0)
YEAR = Period.year(2026)
TREE = GoalTree(
    [
        Goal(
            "sales",
            title="All sales",
            period=YEAR,
            children=[Goal("ana", target=10), Goal("ben", target=10, baseline=5), Goal("eve", target=10)],
        )
    ]
)
REPORT = TREE.roll_up({"ana": 7, "ben": 4}, as_of=date(2026, 7, 1))

EVERY = {
    "waterfall": lambda ax: plots.waterfall(sums(5, 3, -2, 0), ax=ax),
    "payout_curve": lambda ax: plots.payout_curve(CURVE, [0.7, 1.1], labels=["ana", "ben"], ax=ax),
    "distribution": lambda ax: plots.distribution([1, 2, 2, 3], floors={"solid": 2}, label="score", ax=ax),
    "merit_matrix": lambda ax: plots.merit_matrix([[0.02, 0.01], [0.05, 0.03]], ["a", "b"], ["c", "d"], ax=ax),
    "control_chart": lambda ax: plots.control_chart([5, 6, 12], centre=6, lower=2, upper=9, signals=[2], ax=ax),
    "goal_progress": lambda ax: plots.goal_progress(REPORT, ax=ax),
}


def test_every_plot_is_here():
    assert sorted(EVERY) == plots.__all__


@pytest.mark.parametrize("name", EVERY)
def test_axes_go_in_and_come_out(name, ax):
    assert EVERY[name](ax) is ax
    drawn(ax)


@pytest.mark.parametrize("name", EVERY)
def test_without_axes_a_figure_is_made_and_nothing_is_shown(name, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda *_, **__: pytest.fail("a plot shows itself"))
    made = EVERY[name](None)
    assert isinstance(made, Axes)
    assert plt.get_fignums() == [made.figure.number]
    drawn(made)


def test_importing_perfkit_and_its_plots_imports_no_matplotlib():
    code = "import sys, perfkit, perfkit.plots; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# Waterfall.


def test_a_waterfall_leads_to_the_whole_by_filled_and_hatched_steps(ax):
    plots.waterfall(sums(5, 3, -2, 0), ax=ax)
    assert ticks(ax.yaxis) == ["line 0", "line 1", "line 2", "line 3", "pay"]
    assert texts(ax) == ["5", "3", "-2", "0", "6"]
    bars = [(bar.get_x(), bar.get_width(), bar.get_hatch()) for bar in ax.patches]
    assert bars == [(0, 5, None), (5, 3, None), (6, 2, "////"), (6, 0, None), (0, 6, None)]
    assert len({bar.get_facecolor() for bar in ax.patches}) == 3


def test_a_waterfall_speaks_a_language_and_tells_a_change(ax):
    change = sums(1_000.5, 2).difference(sums(3_000.5, 1))
    plots.waterfall(change, catalogue=GERMAN, ax=ax)
    assert ticks(ax.yaxis) == ["vorher", "line 0", "line 1", "nachher"]
    assert texts(ax) == ["1.002,5", "+2.000", "-1", "3.001,5"]


def test_a_waterfall_of_what_does_not_add_up_is_refused(ax):
    with pytest.raises(DataError, match="parts that add up"):
        plots.waterfall(Explanation("line", 5), ax=ax)


def test_a_waterfall_below_zero_stays_in_the_picture(ax):
    drawn(plots.waterfall(sums(-5, -3), ax=ax))
    low, high = ax.get_xlim()
    assert low < -8
    assert high > 0
    drawn(plots.waterfall(sums(0, 0)))


# Payout curve.


def test_a_payout_curve_dots_leaps_and_fills_who_has_the_breakpoint(ax):
    plots.payout_curve(CURVE, ax=ax)
    marks = {
        (line.get_xdata()[0], line.get_ydata()[0]): line.get_markerfacecolor()
        for line in ax.lines
        if line.get_marker() == "o"
    }
    assert marks[0.8, 0.0] == "white"
    assert marks[0.8, 0.5] != "white"
    assert [line.get_linestyle() for line in ax.lines].count(":") == 1


def test_people_stand_on_the_curve_with_their_names(ax):
    plots.payout_curve(CURVE, [1.1, np.nan, 0.7], labels=["ben", "gone", "ana"], ax=ax)
    assert texts(ax) == ["ana", "ben"]
    people = next(line for line in ax.lines if line.get_marker() == "X")
    np.testing.assert_allclose(people.get_ydata(), [1.5, 0])


def test_many_people_are_strokes(ax):
    plots.payout_curve(CURVE, np.linspace(0.5, 1.5, 500), ax=ax)
    assert any(line.get_marker() == "|" for line in ax.lines)


def test_the_range_of_a_payout_curve_can_be_said(ax):
    plots.payout_curve(CURVE, start=1, end=1.1, ax=ax)
    assert min(line.get_xdata()[0] for line in ax.lines) == 1
    with pytest.raises(DefinitionError, match="must end after it starts"):
        plots.payout_curve(CURVE, start=2, end=1, ax=ax)
    drawn(plots.payout_curve(Curve.constant(3)))


@pytest.mark.parametrize("labels", [["ana"], ["ana", "ben", "cleo"]])
def test_names_that_are_not_one_for_each_are_refused(ax, labels):
    with pytest.raises(DataError, match=r"labels must be one for each of 2 people"):
        plots.payout_curve(CURVE, [0.7, 1.1], labels=labels, ax=ax)
    with pytest.raises(DataError):
        plots.payout_curve(CURVE, ["a", "b"], ax=ax)


# Distribution.


def test_a_distribution_counts_everybody_and_marks_the_median(ax):
    plots.distribution([1, 2, 2, 3, np.nan], floors={"solid": 2}, ax=ax)
    assert sum(bar.get_height() for bar in ax.patches) == 4
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["median 2"]
    assert texts(ax) == ["solid"]


def test_a_distribution_names_scores_and_payouts(ax):
    scores = Scorecard("card", [Metric("x")]).score({"x": [1, 2]})
    assert plots.distribution(scores, ax=ax).get_xlabel() == "score of card"
    payouts = IncentivePlan("bonus", currency="EUR", pays=[FlatAmount("x")]).pay({"x": [100, 300]})
    other = plots.distribution(payouts)
    assert other.get_xlabel() == "bonus in EUR"
    assert [text.get_text() for text in other.get_legend().get_texts()] == ["median 2"]
    assert plots.distribution(scores, label="mine").get_xlabel() == "mine"


def test_a_distribution_of_nothing_is_refused(ax):
    with pytest.raises(DataError, match="at least one number"):
        plots.distribution([np.nan], ax=ax)


# Merit matrix.


def test_a_merit_matrix_writes_each_raise_and_how_many_people(ax):
    cells = [[0.0, np.nan], [0.055, 0.03]]
    plots.merit_matrix(
        cells, ["solid", "strong"], ["low", "high"], people=[[1_200, 2], [3, np.nan]], row_title="rating", ax=ax
    )
    assert texts(ax) == ["0 %\n1,200", "-\n2", "5.5 %\n3", "3 %"]
    assert ticks(ax.xaxis) == ["low", "high"]
    assert ticks(ax.yaxis) == ["solid", "strong"]
    assert ax.get_ylabel() == "rating"
    drawn(plots.merit_matrix([[np.nan]], ["a"], ["b"]))
    drawn(plots.merit_matrix([[0.01, 0.01]], ["a"], ["b", "c"]))


def test_a_merit_matrix_is_readable_in_grey(ax):
    plots.merit_matrix([[0.0, 0.1]], ["a"], ["b", "c"], ax=ax)
    mesh = drawn(ax).collections[0]
    red, green, blue, _ = mesh.to_rgba(mesh.get_array()).reshape(-1, 4).T
    grey = 0.299 * red + 0.587 * green + 0.114 * blue
    assert grey.min() > 0.5
    assert grey.max() - grey.min() > 0.2


@pytest.mark.parametrize("cells", [[[1]], [1, 2], [["a", "b"]], [[1, 2], [3]]])
def test_cells_that_do_not_fit_are_refused(ax, cells):
    with pytest.raises(DataError, match="cells must be"):
        plots.merit_matrix(cells, ["a"], ["b", "c"], ax=ax)
    with pytest.raises(DataError, match="people must be"):
        plots.merit_matrix([[1, 2]], ["a"], ["b", "c"], people=cells, ax=ax)


# Control chart.


def test_a_control_chart_tells_lines_apart_by_their_style(ax):
    plots.control_chart([5, 6, np.nan, 12], centre=5.5, lower=2, upper=9, signals=[3], title="defects", ax=ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["centre 5.5", "limits 2 and 9", "signal"]
    assert ax.get_title("left") == "defects"
    assert {line.get_linestyle() for line in ax.lines} == {"-", "--", "None"}
    assert next(line for line in ax.lines if line.get_marker() == "s").get_xdata().tolist() == [3]


def test_limits_may_move_and_one_may_be_lacking(ax):
    plots.control_chart([1, 2], centre=[1, 1.5], lower=None, upper=[3, 4], signals=[False, True], ax=ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["centre", "limits", "signal"]
    without = plots.control_chart([1, 2], centre=1, lower=None, upper=None)
    assert [text.get_text() for text in without.get_legend().get_texts()] == ["centre 1"]


def test_labels_of_many_points_are_thinned_and_turned(ax):
    months = [f"2026-{month:02}" for month in range(1, 13)] * 3
    plots.control_chart(range(36), centre=1, lower=0, upper=2, labels=months, ax=ax)
    assert len(ticks(ax.xaxis)) == 12
    assert ax.get_xticklabels()[0].get_rotation() == 45
    short = plots.control_chart([1, 2], centre=1, lower=0, upper=2, labels=["a", "b"])
    assert ticks(short.xaxis) == ["a", "b"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"points": []}, "at least one point"),
        ({"centre": [1, 2]}, "centre must be a number or one for each of 3"),
        ({"upper": [1, 2, 3, 4]}, "upper must be a number or one for each"),
        ({"signals": [True, False]}, "signals must be one for each of 3"),
        ({"signals": [3]}, "signals must be positions of the 3"),
        ({"signals": [-1]}, "signals must be positions"),
        ({"labels": ["a"]}, "labels must be one for each of 3"),
    ],
)
def test_lines_signals_and_labels_that_do_not_fit_are_refused(ax, given, message):
    chart = {"points": [1, 2, 3], "centre": 2, "lower": 0, "upper": 4, **given}
    with pytest.raises(DataError, match=message):
        plots.control_chart(chart.pop("points"), **chart, ax=ax)


# Goal progress.


def test_goals_show_progress_what_was_expected_and_what_is_not_known(ax):
    plots.goal_progress(REPORT, ax=ax)
    assert ticks(ax.yaxis) == ["All sales", "ana", "ben", "eve"]
    assert texts(ax) == ["25%", "70%", "-20%", "not observed"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["expected", "target"]
    assert [bar.get_hatch() for bar in ax.patches[:3]] == ["", "", "////"]


def test_goals_are_drawn_by_name_in_their_order(ax):
    plots.goal_progress(REPORT, ["ben", "ana"], ax=ax)
    assert ticks(ax.yaxis) == ["ben", "ana"]


def test_too_many_goals_are_refused(ax):
    tree = GoalTree([Goal("top", children=[Goal(f"g{n}", target=1) for n in range(80)])])
    with pytest.raises(DataError, match="1 to 60 goals"):
        plots.goal_progress(tree.roll_up({}), ax=ax)


def test_money_is_told_on_a_waterfall(ax):
    parts = [Explanation("line", Money(5, "EUR"), label="a"), Explanation("line", Money(1, "EUR"), label="b")]
    plots.waterfall(Explanation("pay", Money(6, "EUR"), label="p", relation="sum", parts=parts), ax=ax)
    assert texts(ax) == ["5.00 EUR", "1.00 EUR", "6.00 EUR"]


# perfkit's own values.


def test_results_that_explain_themselves_are_drawn(ax):
    plots.waterfall(perfkit.bridge({"price": 5, "quantity": 50}, {"price": 10, "quantity": 70}), ax=ax)
    assert texts(ax)[:4] == ["250", "+300", "+150", "700"]
    card = Scorecard("card", [Metric("x"), Metric("y")])
    assert ticks(plots.waterfall(card.score_one({"x": 1, "y": 2})).yaxis) == ["x", "y", "score of card"]
    for wrong in (card.score({"x": [1], "y": [2]}), 5, None):
        with pytest.raises(DataError, match="result of a single row"):
            plots.waterfall(wrong, ax=ax)


def test_a_plan_is_drawn_along_a_column(ax):
    plan = IncentivePlan("c", currency="EUR", pays=[perfkit.Commission("sold", Curve.marginal((0, 0.02), (100, 0.03)))])
    plots.payout_curve(plan, [50], column="sold", ax=ax)
    assert ax.get_xlabel() == "sold"
    person = next(line for line in ax.lines if line.get_marker() == "X")
    np.testing.assert_allclose(person.get_ydata(), [1])
    with pytest.raises(DefinitionError, match="column="):
        plots.payout_curve(plan, ax=ax)
    with pytest.raises(DefinitionError, match="a Curve or an IncentivePlan"):
        plots.payout_curve([1, 2], ax=ax)


def test_raises_are_distributed(ax):
    review = perfkit.SalaryReview(0.02, key="who", currency="EUR")
    raises = review.raises({"who": ["ana", "ben"], "salary": [5_000_000, 6_000_000]})
    plots.distribution(raises, ax=ax)
    assert ax.get_xlabel() == "salary review in EUR"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["median 1,100"]
    with pytest.raises(DataError, match="no amounts"):
        plots.distribution(Outcomes("steps", ["none"], explain=lambda _: Explanation("line", 0)), ax=ax)


def test_a_merit_matrix_has_its_own_rows_and_columns(ax):
    cells = {"high": [0.06, (0.01, 0.03, 0.04), 0.02], "low": [0.01, 0, 0]}
    plots.merit_matrix(perfkit.MeritMatrix(cells, ranges=[0.9, 1.1]), ax=ax)
    assert texts(ax) == ["6 %", "3 %", "2 %", "1 %", "0 %", "0 %"]
    assert ticks(ax.xaxis) == ["below 0.9", "0.9 to 1.1", "above 1.1"]
    assert (ticks(ax.yaxis), ax.get_ylabel(), ax.get_xlabel()) == (["high", "low"], "rating", "compa ratio")
    assert ticks(plots.merit_matrix(perfkit.MeritMatrix({"a": 0.5}, target=0.04)).xaxis) == ["all"]
    for matrix in (perfkit.MeritMatrix({"a": 1}, target="own"), perfkit.MeritMatrix({"a": CURVE})):
        with pytest.raises(DataError, match="give the rates to draw"):
            plots.merit_matrix(matrix, ax=ax)


def test_a_chart_has_its_own_lines_and_signals(ax):
    history = [52, 47, 53, 49, 50, 47, 51, 50, 51, 68]
    days = [date(2026, 1, day) for day in range(1, 11)]
    plots.control_chart(perfkit.xmr(history, baseline=9, days=days), ax=ax)
    assert next(line for line in ax.lines if line.get_marker() == "s").get_xdata().tolist() == [9]
    assert ticks(ax.xaxis)[0] == "2026-01-01"
    anew = plots.control_chart(perfkit.xmr([*history, 60, 70], recalculate=[10]))
    assert drawn(anew).get_legend() is not None
    drawn(plots.control_chart(perfkit.xmr([1, 2])))
    with pytest.raises(DataError, match="leave them out"):
        plots.control_chart(perfkit.xmr(history), centre=5, ax=ax)
    with pytest.raises(DataError, match=r"xmr\(\)"):
        plots.control_chart(history, ax=ax)


def test_goals_need_a_report(ax):
    with pytest.raises(DataError, match="roll_up"):
        plots.goal_progress(TREE, ax=ax)


# Nothing covers anything.


def boxes(ax, texts):
    """Where texts are drawn, in pixels."""
    canvas = FigureCanvasAgg(ax.figure)
    canvas.draw()
    # The text by itself, without the line that may lead to it.
    return [Text.get_window_extent(text, canvas.get_renderer()) for text in texts]


def overlapping(found):
    return [(one, other) for one in range(len(found)) for other in range(one) if found[one].overlaps(found[other])]


@pytest.mark.parametrize("spread", [0, 1e-4, 0.3])
def test_names_of_people_do_not_cover_each_other(ax, spread):
    names = ["ana", "benjamin the elder", "cleo", "dev", "eve", "fay", "gus", "hal"]
    curve = Curve.through((0.8, 0), (1, 1), (1.2, 2))
    plots.payout_curve(curve, [1 + spread * place / 8 for place in range(8)], labels=names, ax=ax)
    told = [text for text in ax.texts if text.get_text() in names]
    assert len(told) == 8
    assert overlapping(boxes(ax, told)) == []


def test_names_of_floors_that_are_close_stand_below_each_other(ax):
    values = np.r_[np.full(50, -1e6), np.linspace(-1e5, 1e5, 50)]
    plots.distribution(values, floors={"strong": 1_000, "solid": 0, "exceptional": 2_000}, ax=ax)
    told = [text for text in ax.texts if text.get_text() in ("strong", "solid", "exceptional")]
    assert overlapping(boxes(ax, told)) == []


@pytest.mark.parametrize("values", [[-1_234_567, 1_234_567], [0, 1e-6], [5, 5], [-1e12, 3e12]])
def test_numbers_below_the_axes_stand_side_by_side(ax, values):
    plots.distribution(values, ax=ax)
    FigureCanvasAgg(ax.figure).draw()
    low, high = ax.get_xlim()
    seen = [label for label in ax.get_xticklabels() if low <= label.get_position()[0] <= high and label.get_text()]
    assert seen
    assert overlapping(boxes(ax, seen)) == []


def test_a_merit_matrix_of_many_columns_turns_its_names_and_writes_two_decimals(ax):
    cells = np.linspace(0.0111111, 0.05, 24).reshape(2, 12)
    plots.merit_matrix(cells, ["a", "b"], [f"{n / 10} to {n / 10 + 0.1:g}" for n in range(12)], ax=ax)
    assert ax.texts[0].get_text() == "1.11 %"
    assert {label.get_rotation() for label in ax.get_xticklabels()} == {45}
    assert max(text.get_fontsize() for text in ax.texts) < 10


def test_limits_that_are_worked_out_anew_change_at_once(ax):
    values = [5, 6, 5, 4, 5, 6, 5, 4, 15, 16, 15, 14, 15, 16, 15, 14]
    plots.control_chart(perfkit.xmr(values, recalculate=[8]), ax=ax)
    assert [line.get_drawstyle() for line in ax.get_lines()[1:4]] == ["steps-mid"] * 3


def test_a_single_point_stands_at_its_place(ax):
    plots.control_chart([3], centre=3, ax=ax)
    assert list(ax.get_xticks()) == [0]


def test_a_control_chart_draws_averages_between_their_limits(ax):
    history = [5, 6, 5, 6, 5, 6, 5, 6, 9, 10, 11]
    chart = ewma(history, center=5.5, sigma=0.5)
    plots.control_chart(chart, ax=ax)
    points, centre, lower, upper, signals = ax.get_lines()
    assert list(points.get_ydata()) == list(chart.smoothed)
    assert list(upper.get_ydata()) == list(chart.upper)
    assert list(lower.get_ydata()) == list(chart.lower)
    assert centre.get_label() == "centre 5.5"
    assert list(signals.get_xdata()) == list(chart.signals) != []
    with pytest.raises(DataError, match="its own centre"):
        plots.control_chart(chart, centre=5, ax=ax)
