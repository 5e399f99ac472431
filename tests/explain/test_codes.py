"""Every code that the sources give an explanation has a phrase in English and in German."""

import ast
from pathlib import Path
from string import Formatter

import pytest

import perfkit
from perfkit.explain import ENGLISH, GERMAN

SOURCES = sorted(Path(perfkit.__file__).parent.rglob("*.py"))
# Where a code is the first argument: of the recorder's methods, and of what makes an explanation.
METHODS = {"leaf", "part", "says", "wrap"}
MAKERS = {"Explanation", "Recorder", "phrase", "say"}


class Codes:
    """The codes that stand in a module, as constants, behind a name, or behind a function that is called for one."""

    def __init__(self, trees):
        self.functions = {}
        for tree in trees:
            for node in ast.walk(tree):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    self.functions.setdefault(node.name, []).append(node)

    def of(self, tree):
        for scope in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for call in (node for node in ast.walk(scope) if isinstance(node, ast.Call) and node.args):
                if self.makes(call.func):
                    yield from self.told(call.args[0], scope, set())

    def makes(self, function):
        if isinstance(function, ast.Attribute):
            return function.attr in METHODS
        return isinstance(function, ast.Name) and function.id in MAKERS

    def told(self, expression, scope, seen):
        match expression:
            case ast.Constant(value=str(code)):
                yield code
            case ast.IfExp():
                yield from self.told(expression.body, scope, seen)
                yield from self.told(expression.orelse, scope, seen)
            case ast.Tuple(elts=[first, *_]):
                yield from self.told(first, scope, seen)
            case ast.Name(id=name) if ("name", scope.name, name) not in seen:
                for value in assigned(name, scope):
                    yield from self.told(value, scope, seen | {("name", scope.name, name)})
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if ("call", name) not in seen:
                for function in self.functions.get(name, []):
                    for node in ast.walk(function):
                        if isinstance(node, ast.Return) and node.value is not None:
                            yield from self.told(node.value, function, seen | {("call", name)})


def assigned(name, scope):
    """What is assigned to a name in a function, also as the first of several."""
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if (isinstance(target, ast.Name) and target.id == name) or (
                    isinstance(target, ast.Tuple) and isinstance(target.elts[0], ast.Name) and target.elts[0].id == name
                ):
                    yield node.value


@pytest.fixture(scope="module")
def codes():
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}
    found = Codes(trees.values())
    return {code: path.name for path, tree in trees.items() for code in found.of(tree) if code.isidentifier()}


def test_the_walk_finds_codes_behind_constants_names_choices_and_calls(codes):
    assert {
        "score",
        "carried",
        "goal_zero",
        "gate_closed",
        "attainment_inverse",
        "curve_between",
        "rating_lowest",
    } <= set(codes)


@pytest.mark.parametrize(("language", "catalogue"), [("_explain/english.py", ENGLISH), ("_explain/german.py", GERMAN)])
def test_every_code_has_a_phrase(codes, language, catalogue):
    missing = {code: where for code, where in codes.items() if code not in catalogue.own}
    assert not missing, f"give each of these a phrase in src/perfkit/{language}"


def test_english_and_german_speak_of_the_same_codes():
    assert sorted(ENGLISH.own - GERMAN.own) == [], "give each of these a phrase in src/perfkit/_explain/german.py"


@pytest.mark.parametrize("code", sorted(ENGLISH.own & GERMAN.own))
def test_german_names_no_parameter_that_english_does_not(code):
    def places(phrase):
        return {name for _, name, _, _ in Formatter().parse(phrase) if name is not None}

    assert places(GERMAN[code]) <= places(ENGLISH[code])
