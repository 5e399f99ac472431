"""The examples in the docstrings of the installed package, one test a module."""

import doctest
import importlib
import pkgutil

import pytest

import perfkit

MODULES = ["perfkit", *sorted(module.name for module in pkgutil.walk_packages(perfkit.__path__, "perfkit."))]


def test_the_package_has_modules():
    assert len(MODULES) > 1


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name):
    report = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for test in doctest.DocTestFinder().find(importlib.import_module(name), name):
        runner.run(test, out=report.append)
    assert not runner.failures, "".join(report)
