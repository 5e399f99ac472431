"""Markdown, HTML and the waterfall."""

from html.parser import HTMLParser

import pytest

from perfkit import Explanation, Money
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
