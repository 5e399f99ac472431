"""The documentation is executed: each Python block of a page in turn, and all of a page in one namespace."""

import doctest
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    *(path for path in sorted(DOCS.rglob("*.md")) if DOCS / "_build" not in path.parents),
]

FENCE = re.compile(r"^```python\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)
ANY_PYTHON_FENCE = re.compile(r"^\s*(?:`{3,}|~{3,}|:{3,})\s*\{?(?:code-block\}\s*)?py", re.MULTILINE)
BASH = re.compile(r"^```bash\n(.*?)^```$", re.DOTALL | re.MULTILINE)

INSTALL = "python3 -m venv .venv && .venv/bin/python -m pip install --quiet"
MAIN_JOB = f"{INSTALL} . && .venv/bin/python examples/annual_review.py\n"
RUN_TESTS = f'{INSTALL} ".[test]" && .venv/bin/python -m pytest\n'


def page_id(page):
    return page.relative_to(ROOT).as_posix()


def run_session(code, namespace, page, line):
    """Run a block that is written as an interactive session, and compare what it prints."""
    test = doctest.DocTestParser().get_doctest(code, {}, page_id(page), str(page), line - 1)
    test.globs = namespace
    report = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(test, out=report.append, clear_globs=False)
    assert not runner.failures, "".join(report)


def run_script(code, namespace, page, line):
    """Run a block of plain code; the blank lines make a traceback point into the page."""
    exec(compile("\n" * (line - 1) + code, page, "exec"), namespace)


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_code_on_a_page_runs(page, monkeypatch):
    text = page.read_text(encoding="utf-8")
    # A real module, so that classes defined on a page can be pickled and their annotations resolved.
    module = ModuleType("perfkit_documentation_page")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.chdir(ROOT)
    for block in FENCE.finditer(text):
        line = text.count("\n", 0, block.start("code")) + 1
        run = run_session if block["code"].lstrip().startswith(">>> ") else run_script
        run(block["code"], vars(module), page, line)


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_no_python_on_a_page_escapes_execution(page):
    text = page.read_text(encoding="utf-8")
    assert len(ANY_PYTHON_FENCE.findall(text)) == len(FENCE.findall(text))


@pytest.mark.parametrize("page", [ROOT / "README.md", DOCS / "tutorial.md"], ids=page_id)
def test_the_pages_that_teach_have_code(page):
    assert FENCE.search(page.read_text(encoding="utf-8"))


def test_the_readme_gives_the_main_job_and_the_tests_as_its_first_two_commands():
    blocks = BASH.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert blocks[:2] == [MAIN_JOB, RUN_TESTS]
