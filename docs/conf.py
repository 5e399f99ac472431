"""How Sphinx builds the documentation."""

# Sphinx calls the functions below by position, with more than each of them needs.
# ruff: noqa: ANN001, ANN201, ANN202, ARG001

import inspect
import re
from importlib import import_module
from importlib.metadata import version as installed_version

project = "perfkit"
author = "The perfkit developers"
copyright = "2026, The perfkit developers"
release = version = installed_version("perfkit")

extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "myst_parser"]
exclude_patterns = ["_build"]
html_theme = "furo"
pygments_dark_style = "monokai"
html_title = f"perfkit {release}"
html_static_path = ["_static"]
html_css_files = ["perfkit.css"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 88
napoleon_google_docstring = True
napoleon_numpy_docstring = False

nitpicky = True
# The build is offline, so names of other packages and of the standard library have no page to point at.
nitpick_ignore_regex = [
    ("py:.*", r"(attr|attrs|matplotlib|numpy|np|npt)(\..*)?"),
    ("py:.*", r"(collections|datetime|decimal|enum|fractions|functools|numbers|pathlib|types|typing)(\..*)?"),
    # Helpers of the private core, which a signature names and no user needs.
    ("py:.*", r"perfkit\._core\..*"),
    # What a part of a scorecard hands to its section, and aliases of index systems.
    ("py:class", r"perfkit\._metrics\.metric\.Outcome|Reference|Unseen|Ties|RankTies|FloatColumn|Ranges|Range"),
    # Aliases of types, by the short names that a signature gives them; the reference says what a Number is.
    ("py:class", r"Number|RollUp|Relation|Owner|Mode|MissingRule|ZeroSpan|Inversion|GoalMissing|DayCount|Definition"),
    ("py:class", r"Axes|AboveTarget|BelowBaseline|Direction|Elapsed|OverTime|Zone|date"),
    ("py:class", r"Position|BoolColumn|IntColumn|Direction|date"),
]

ROOMS = [
    "goals",
    "weights",
    "metrics",
    "ratings",
    "reviews",
    "curves",
    "incentives",
    "money",
    "explain",
    "plots",
    "findings",
    "codec",
    "errors",
    "typing",
    "testing",
]

# An array by what it holds, whatever its shape.
ARRAY = r"~numpy.ndarray[~numpy.\1]"

# Users are handed these and never make one.
RESULTS = {
    "Bridge",
    "BridgeLine",
    "BriefLine",
    "ChartLimits",
    "Contributions",
    "ControlChart",
    "DutyCoverage",
    "EffectiveWeights",
    "EwmaChart",
    "GoalBrief",
    "GoalReport",
    "GoalStatus",
    "Lever",
    "LeverShortfall",
    "Outcome",
    "PairwiseMajority",
    "PairwiseResults",
    "Payout",
    "Payouts",
    "Question",
    "RankRanges",
    "Rating",
    "Ratings",
    "ReviewBrief",
    "Score",
    "Scores",
    "Sensitivity",
    "Signal",
    "SimulatedScores",
    "Surprise",
    "WhatItTakes",
    "WithoutMetric",
}


def public_places():
    """The entry of each public name, by each name that a docstring or a signature may call it."""
    places = {}
    for room in ROOMS:
        module = import_module(f"perfkit.{room}")
        for name in getattr(module, "__all__", vars(module)):
            thing = getattr(module, name)
            home = getattr(thing, "__module__", "")
            if (inspect.isclass(thing) or inspect.isfunction(thing)) and (
                hasattr(module, "__all__") or home == module.__name__
            ):
                place = f"{module.__name__}.{name}"
                places |= dict.fromkeys([f"{home}.{name}", f"perfkit.{name}", name], place)
    return places


PLACES = public_places()


def point_at_public_place(app, env, node, contnode):
    """A module may be a face over a private package: point a reference to a private name at the public entry."""
    target = PLACES.get(node.get("reftarget", ""))
    if target is None or node.get("refdomain") != "py":
        return None
    return env.get_domain("py").resolve_xref(env, node["refdoc"], app.builder, "obj", target, node, contnode)


def tidy_signature(app, what, name, obj, options, signature, return_annotation):
    """Leave out how to make what no user makes; show types and defaults as one writes them."""
    if what == "class" and (obj.__name__ in RESULTS or getattr(obj, "_is_protocol", False)):
        return "", ""
    if signature is None:
        return None

    def tidy(text):
        text = re.sub(r"int \| float \| ~?(decimal\.)?Decimal \| ~?(fractions\.)?Fraction", "Number", text or "")
        text = re.sub(r"~numpy\.ndarray\[tuple\[[^\]]*\], ~numpy\.dtype\[~(?:\w+\.)?(\w+)\]\]", ARRAY, text)
        text = re.sub(r"mappingproxy\(\{.*\}\)|<Catalogue en: \d+ phrases>", "ENGLISH", text)
        text = re.sub(r"Fraction\((-?\d+), 1\)", r"\1", text)
        text = text.replace("Rounding(to=None, mode='half_up')", "Rounding()")
        return text.replace("= NOTHING", "= ...")

    return tidy(signature), tidy(return_annotation)


def keep_the_colon_of_properties(app, what, name, obj, options, lines):
    """Napoleon reads what stands before a colon in the first line of a property as its type; ours are sentences."""
    if what == "property" and lines and ":" in lines[0]:
        lines[:0] = ["..", ""]


def list_properties_once(app, what, name, obj, options, lines):
    """Leave out of a class's attributes those that are properties, which have an entry of their own."""
    if what != "class":
        return
    kept, leave_out = [], False
    for line in lines:
        if line.startswith(".. attribute:: "):
            attribute = line.removeprefix(".. attribute:: ").strip()
            leave_out = isinstance(inspect.getattr_static(obj, attribute, None), property)
        elif line and not line.startswith(" "):
            leave_out = False
        if not leave_out:
            kept.append(line)
    lines[:] = kept


def drop_the_last_blank_line(app, docname, source):
    """A session in a page ends with a blank line, which a reader need not see."""
    source[0] = re.sub(r"\n\n(?=```\n)", "\n", source[0])


def setup(app):
    """Register what this file does itself."""
    app.connect("missing-reference", point_at_public_place)
    app.connect("autodoc-process-signature", tidy_signature)
    app.connect("source-read", drop_the_last_blank_line)
    app.connect("autodoc-process-docstring", keep_the_colon_of_properties, priority=400)
    app.connect("autodoc-process-docstring", list_properties_once, priority=600)
