"""A curve for people: its table, its text drawing, its SVG."""

import re
from fractions import Fraction
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfkit import Curve, DefinitionError, Knot

F = Fraction
SVG = "{http://www.w3.org/2000/svg}"
PAYOUT = Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0)
TIERS = Curve.marginal((0, 0.05), (100_000, 0.08))
SPIKE = Curve([Knot(5, 0, 3, 0)])

NUMBERS = st.one_of(st.integers(-5, 5).map(F), st.fractions(-(10**9), 10**9, max_denominator=999))


@st.composite
def curves(draw):
    places = sorted(draw(st.lists(NUMBERS, min_size=1, max_size=6, unique=True)))
    knots = [Knot(x, draw(NUMBERS), draw(NUMBERS), draw(NUMBERS)) for x in places]
    return Curve(knots, draw(NUMBERS), draw(NUMBERS))


# The table.


def test_a_table_has_a_line_for_each_tier_with_its_owner_and_rate():
    assert PAYOUT.table().splitlines() == [
        "x             from  to  rate",
        "x < 0.8              0     0",
        "0.8 <= x < 1   0.5   1   2.5",
        "1 <= x < 1.2     1   2     5",
        "1.2 <= x         2         0",
    ]
    assert str(PAYOUT) == PAYOUT.table()


def test_a_table_says_who_owns_a_breakpoint():
    lower = Curve.steps((10, 0.5), owner="lower").table()
    assert "x <= 10" in lower
    assert "10 < x" in lower
    assert "x = 5" in SPIKE.table()


def test_a_table_separates_thousands_and_aligns():
    lines = Curve.marginal((0, 0.05), (100_000, 0.08), (1_000_000, 0.1)).table().splitlines()
    assert "100,000 <= x < 1,000,000" in lines[3]
    assert "77,000" in lines[3]
    assert len({line.rindex(" ") for line in lines if line.endswith(("0.05", "0.08"))}) == 1


@pytest.mark.parametrize(
    ("curve", "text"),
    [
        (TIERS, "Curve(x < 0: 0; 0 <= x < 100,000: 0 to 5,000; 100,000 <= x: 5,000 and 0.08 for each 1 above)"),
        (Curve.steps((10, 0.5), owner="lower"), "Curve(x <= 10: 0; 10 < x: 0.5)"),
        (Curve.through((0, 1), (1, 2), below="extend"), "Curve(x < 0: 1 and 1 for each 1 below; "),
    ],
)
def test_a_repr_reads_like_the_table(curve, text):
    assert repr(curve).startswith(text)


def test_a_repr_does_not_hide_a_point_that_sticks_out():
    """A defect such as a rate that holds at exactly five years is what one looks for in it."""
    assert "x = 5: 3" in repr(SPIKE)


@settings(max_examples=40, deadline=None)
@given(curves())
def test_a_table_and_a_repr_are_never_ragged(curve):
    header, *lines = curve.table().splitlines()
    assert len(lines) >= len(curve.knots) + 1
    assert header.startswith("x ")
    assert all(len(line) <= len(header) for line in lines)
    assert "\n" not in repr(curve)


# The drawing in text.


def test_a_drawing_shows_the_curve_and_its_leap():
    assert PAYOUT.draw(width=30, height=6).splitlines() == [
        "2 ┤                       ●──────",
        "  ┤                   ●───",
        "  ┤               ●───",
        "  ┤       ●───────",
        "  ┤     ●─",
        "0 ┤●────",
        "  └──────────────────────────────",
        "   0.7                        1.3",
    ]


def test_a_leap_is_dotted():
    lines = Curve.steps((5, 8)).draw(0, 10, width=11, height=5).splitlines()
    assert lines[0] == "8 ┤     ●─────"
    assert [line.count("·") for line in lines[:5]] == [0, 1, 1, 1, 0]
    assert lines[4] == "0 ┤●────"


@settings(max_examples=40, deadline=None)
@given(curves(), st.integers(10, 90), st.integers(2, 30))
def test_the_lines_of_a_drawing_align(curve, width, height):
    *rows, frame, axis = curve.draw(width=width, height=height).splitlines()
    assert len(rows) == height
    (left,) = {line.index("┤") for line in rows}
    assert frame == " " * left + "└" + "─" * width
    assert all(len(line) <= left + 1 + width for line in rows)
    assert axis.startswith(" " * (left + 1))
    # One mark in each column: each place has one value.
    for column in range(width):
        marks = [line[left + 1 + column] for line in rows if len(line) > left + 1 + column]
        assert sum(mark in "●─" for mark in marks) == 1


def test_a_drawing_may_be_of_a_part():
    lines = TIERS.draw(0, 50_000, width=20, height=4).splitlines()
    assert lines[0].startswith("2,500 ┤")
    assert lines[-1].split() == ["0", "50,000"]


def test_a_drawing_of_a_flat_curve_is_one_line():
    lines = Curve.constant(3).draw(width=20, height=5).splitlines()
    assert sum("─" in line for line in lines[:5]) == 1


@pytest.mark.parametrize("size", [{"width": 1}, {"width": 0}, {"width": -3}, {"height": 0}, {"height": -1}])
def test_a_drawing_too_small_to_draw_is_refused(size):
    with pytest.raises(DefinitionError, match=next(iter(size))):
        TIERS.draw(**size)


@pytest.mark.parametrize("show", [TIERS.draw, TIERS.svg])
@pytest.mark.parametrize("ends", [(5, 5), (5, 1)])
def test_a_drawing_that_ends_before_it_starts_is_refused(show, ends):
    with pytest.raises(DefinitionError, match="a drawing must end after it starts") as caught:
        show(*ends)
    assert caught.value.path == "end"


# The drawing in SVG.


def parsed(svg):
    return ET.fromstring(svg)


def test_an_svg_has_lines_a_dashed_leap_and_its_owner_filled():
    tree = parsed(PAYOUT.svg())
    lines = tree.findall(f"{SVG}line")
    assert [line.get("stroke-dasharray") for line in lines].count("3 3") == 1
    assert [line.get("stroke-width") for line in lines].count("2.5") == 4
    circles = tree.findall(f"{SVG}circle")
    assert sorted(circle.get("fill") for circle in circles) == ["currentColor", "none"]
    (filled,) = [circle for circle in circles if circle.get("fill") == "currentColor"]
    (hollow,) = [circle for circle in circles if circle.get("fill") == "none"]
    # The leap at 0.8 is owned by the upper side, and up is a smaller number.
    assert float(filled.get("cy")) < float(hollow.get("cy"))
    labels = [text.text for text in tree.findall(f"{SVG}text")]
    assert labels == ["0.8", "1", "1.2", "0", "0.5", "1", "2"]
    assert tree.find(f"{SVG}title").text == repr(PAYOUT)[len("Curve(") : -1]


def test_a_notebook_shows_the_same():
    assert PAYOUT._repr_svg_() == PAYOUT.svg()


@settings(max_examples=40, deadline=None)
@given(curves())
def test_an_svg_is_well_formed_without_scripts_and_inside_its_frame(curve):
    svg = curve.svg()
    tree = parsed(svg)
    assert {element.tag for element in tree.iter()} <= {
        f"{SVG}{name}" for name in ("svg", "title", "line", "circle", "text")
    }
    attributes = {name for element in tree.iter() for name in element.attrib}
    assert not {name for name in attributes if name.lower().startswith("on") or "href" in name}
    assert re.search("script|javascript|url\\(|@import", svg, re.IGNORECASE) is None
    _, _, width, height = map(float, tree.get("viewBox").split())
    for element in tree.iter():
        for name in ("x", "x1", "x2", "cx"):
            assert 0 <= float(element.get(name, 0)) <= width
        for name in ("y", "y1", "y2", "cy"):
            assert 0 <= float(element.get(name, 0)) <= height


def labels(svg, anchor):
    texts = parsed(svg).findall(f"{SVG}text")
    return [text for text in texts if text.get("text-anchor") == anchor]


def assert_apart(svg):
    """Labels along the axis do not overlap, at six units a sign; labels beside it are a line apart."""
    across = sorted((float(text.get("x")), len(text.text)) for text in labels(svg, "middle"))
    for (left, first), (right, following) in pairwise(across):
        assert right - left >= 6 * (first + following) / 2
    down = sorted(float(text.get("y")) for text in labels(svg, "end"))
    assert all(b - a >= 11 for a, b in pairwise(down))


@settings(max_examples=40, deadline=None)
@given(curves())
def test_the_labels_of_an_svg_do_not_run_into_each_other(curve):
    assert_apart(curve.svg())


def test_a_short_label_does_not_run_into_a_long_one_before_it():
    assert_apart(Curve.steps((0, 1), (F(13, 15), 2), (1, 3), (4, 4)).svg())


def test_the_labels_of_large_amounts_are_not_cut_off():
    svg = Curve.marginal((0, 0.05), (10**10, 0.08), (2 * 10**10, 0.1)).svg()
    for text in labels(svg, "end"):
        assert float(text.get("x")) - 6 * len(text.text) >= 0, text.text


def test_a_leap_at_the_end_of_a_drawing_stays_inside_it():
    svg = Curve([Knot(0, -1, 0, 0)]).svg()
    assert all(0 <= float(line.get(name)) <= 260 for line in parsed(svg).findall(f"{SVG}line") for name in ("y1", "y2"))
