"""Markdown, HTML and the waterfall."""

import re
from fractions import Fraction
from html.parser import HTMLParser

import pytest

from perfkit import Explanation, Money
from perfkit._core.layout import width_of
from perfkit.explain import GERMAN


class Balanced(HTMLParser):
    """Counts that every tag is closed in its turn."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def parsed(html):
    parser = Balanced()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser.seen


def line(value, label="line", **more):
    return Explanation("line", value, label=label, **more)


@pytest.fixture
def award():
    parts = [
        line(Money(5, "EUR"), "base"),
        line(Money(3, "EUR"), 'a <b>&</b> "c"'),
        line(Money(-2, "EUR"), "cut"),
        line(Money(0, "EUR"), "gate"),
    ]
    return Explanation("pay", Money(6, "EUR"), label="award", relation="sum", parts=parts)


def test_markdown_takes_marks_as_they_are():
    told = Explanation("line", "a|b", label="x*y_z\n[1](2) <i> `c` $d$ #e", parts=[line(1, "b")])
    assert told.markdown().splitlines() == [
        r"- x\*y\_z \[1\](2) \<i\> \`c\` \$d\$ \#e: **a\|b**",
        "  - b: **1**",
    ]
    assert Explanation("folded", params={"count": 3}).markdown() == "- ... 3 more"


def test_html_is_well_formed_escaped_and_says_its_language(award):
    html = award.html(GERMAN)
    assert "lang='de'" in html
    assert "script" not in parsed(html)
    assert "<b>&</b>" not in html
    assert "a &lt;b&gt;&amp;&lt;/b&gt; &quot;c&quot;" in html
    assert "lang" not in award.html({"line": "{label}"}).split("<svg")[0]


def test_the_waterfall_tells_up_down_and_none_apart_without_colour(award):
    drawn = award.waterfall()
    parsed(drawn)
    assert drawn.count('class="up"') == 2
    assert drawn.count('<path class="down"') == 1
    assert drawn.count('width="2"') == 1
    assert "prefers-color-scheme:dark" in drawn
    assert 'aria-label="award: 6.00 EUR"' in drawn
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")


def test_the_waterfall_is_of_the_first_sum_from_the_top(award):
    above = Explanation("rating", "solid", label="solid", parts=[award])
    assert above.waterfall() == award.waterfall()
    assert Explanation("line", 6, relation="product", parts=[line(2), line(3)]).waterfall() == ""
    assert line(5).waterfall() == ""
    assert Explanation("pay", 1, relation="sum", parts=[line(1)]).waterfall() == ""


def test_many_parts_are_drawn_as_the_largest_and_the_others_as_one():
    parts = [line(n, f"line {n}") for n in range(1, 41)]
    drawn = Explanation("pay", 820, label="pay", relation="sum", parts=parts).waterfall()
    assert drawn.count("<text") == 2 * 17
    assert "... 25 more" in drawn
    assert ">325<" in drawn
    assert "line 40" in drawn


def test_a_sum_of_nothing_is_drawn_too():
    drawn = Explanation("pay", 0, label="pay", relation="sum", parts=[line(0), line(0)]).waterfall()
    parsed(drawn)
    assert "nan" not in drawn


def test_a_thin_step_down_is_outlined():
    whole = Explanation("pay", 999, label="pay", relation="sum", parts=[line(1004), line(-5)])
    parsed(whole.waterfall())


# Names that are hard to write down.

HARD = [
    "a|b",
    "<b>&\"'</b>",
    "two\nlines\tand tab",
    "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER} \N{PARTY POPPER}",
    "\u05e9\u05dc\u05d5\u05dd",
    "\u76ee\u6a19",
    "e\N{COMBINING ACUTE ACCENT}",
    "x" * 300,
    "- - * list",
    "1. list",
    "+ list",
    "# head",
    "[l](x)",
    "`code`",
    "{brace}",
    "\N{RIGHT-TO-LEFT OVERRIDE}evil",
    "nul\x00nul",
    "| --- |",
]


@pytest.fixture
def hard():
    parts = [line(Money(place - 3, "EUR"), name) for place, name in enumerate(HARD)]
    return Explanation(
        "pay", sum((part.value for part in parts[1:]), parts[0].value), label="all", relation="sum", parts=parts
    )


def test_a_text_lines_its_values_up_whatever_the_names(hard):
    lines = hard.text().splitlines()
    assert len(lines) == 1 + len(HARD)
    assert len({width_of(told) for told in lines}) == 1
    assert all(told.endswith(" EUR") for told in lines)
    assert max(map(width_of, lines)) < 160


def test_no_name_turns_a_text_around_or_hides_in_it(hard):
    for told in (hard.text(), hard.markdown(), hard.html(), hard.waterfall()):
        assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in told
        assert "\x00" not in told
    assert "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}" in hard.text()


def test_markdown_has_one_bullet_a_part_whatever_the_names(hard):
    bullets = hard.markdown().splitlines()
    assert len(bullets) == 1 + len(HARD)
    for told in bullets:
        text = told.split("- ", 1)[1]
        assert not re.match(r"([-+*]|\d+[.)])\s", text)
        assert not re.search(r"(?<!\\)[|<>`\[\]{}#]", text.replace("**", ""))


def test_html_has_every_name_escaped(hard):
    html = hard.html()
    parsed(html)
    assert "<b>&" not in html
    assert "x" * 300 in html


@pytest.mark.parametrize("parts", [30, 300])
def test_a_wide_explanation_is_whole_in_text_and_drawn_by_its_largest(parts):
    wide = Explanation(
        "pay", 0, label="p", relation="sum", parts=[line((-1) ** n * (n // 2), f"l{n}") for n in range(2, parts + 2)]
    )
    assert len(wide.text().splitlines()) == parts + 1
    assert wide.html(rows=20).count("class='r'") == 20
    assert wide.waterfall().count("<text") == 2 * 17
    wide.folded(rows=7).check()


def test_a_deep_explanation_is_written_in_every_form():
    deep = line(1, "leaf")
    for n in range(200):
        deep = Explanation("line", 1, label=f"level {n}", relation="sum", parts=[deep, line(0, "none")])
    assert len(deep.text().splitlines()) == len(deep.markdown().splitlines()) == 401
    parsed(deep.html())
    assert Explanation.from_dict(deep.to_dict()) == deep
    assert len(deep.text(depth=3).splitlines()) <= 8


def test_the_last_bits_of_a_float_have_no_line_and_still_count():
    parts = [line(0.1, "a"), line(0.2, "b"), Explanation("published", Fraction(2, 10**17), params={"grid": 1e-6})]
    whole = Explanation("score", Fraction(3, 10) + Fraction(2, 10**17), label="s", relation="sum", parts=parts)
    whole.check()
    for told in (whole.text(), whole.markdown(), whole.html(), whole.waterfall()):
        assert "grid" not in told
        assert "e-17" not in told
    assert len(whole.to_dict()["parts"]) == 3
    whole.folded(rows=3).check()
    assert "more" not in whole.folded(rows=3).text()
    # What moved the number on the grid has its line, and so has what brought nothing.
    seen = Explanation(
        "score",
        Fraction(3, 10) + Fraction(2, 10**7),
        relation="sum",
        parts=[line(0.3, "a"), line(0, "none"), Explanation("published", Fraction(2, 10**7), params={"grid": 1e-6})],
    )
    assert "grid" in seen.text()
    assert "none" in seen.text()


def test_money_below_zero_and_none_of_it_are_written_as_they_are():
    parts = [line(Money(-5, "EUR"), "back"), line(Money(0, "EUR"), "none")]
    back = Explanation("pay", Money(-5, "EUR"), label="p", relation="sum", parts=parts)
    assert back.text().splitlines() == ["p        -5.00 EUR", "├─ back  -5.00 EUR", "└─ none   0.00 EUR"]
    assert "-5.00 EUR" in back.waterfall()
    assert back.markdown().splitlines()[1] == "  - back: **-5.00 EUR**"
