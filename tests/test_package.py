"""The package as it is installed: what it exports, what it ships, and what importing it costs."""

import ast
import json
import subprocess
import sys
from importlib import metadata, resources
from pathlib import Path

import pytest

import perfkit

# NumPy and attrs come first: what they import and read is not perfkit's doing.
IMPORT_AND_REPORT = """
import json, os, sys
from importlib.machinery import all_suffixes
import attrs, numpy

before = set(sys.modules)
code_roots = tuple(os.path.realpath(path) + os.sep for path in sys.path if os.path.isdir(path))
acts = []

def record(event, args):
    if event == "open":
        path = "" if isinstance(args[0], int) else os.path.realpath(os.fsdecode(args[0]))
        if not (path.startswith(code_roots) and path.endswith(tuple(all_suffixes()))):
            acts.append(f"open {args[0]}")
    elif event.startswith(("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn")):
        acts.append(event)

sys.addaudithook(record)
import perfkit
from perfkit import *

loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
print(json.dumps({"acts": acts, "packages": sorted(loaded - sys.stdlib_module_names)}))
"""


@pytest.fixture(scope="module")
def importing():
    # -B: a cache that Python would write is no act of perfkit's.
    command = [sys.executable, "-I", "-B", "-c", IMPORT_AND_REPORT]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def test_import_loads_nothing_beyond_numpy_and_attrs(importing):
    assert set(importing["packages"]) - {"attr", "attrs", "numpy"} == {"perfkit"}


def test_import_opens_no_file_and_no_connection(importing):
    assert importing["acts"] == []


def test_all_is_sorted_and_has_no_duplicates():
    assert perfkit.__all__ == sorted(set(perfkit.__all__))


def test_all_names_what_the_package_exports():
    assert all(getattr(perfkit, name) is not None for name in perfkit.__all__)
    assert set(perfkit.__all__) <= set(dir(perfkit))


def test_every_room_can_be_asked_for_by_its_name():
    listed = list(perfkit._ROOMS)
    assert all(getattr(perfkit, name.removeprefix("perfkit.")) is sys.modules[name] for name in listed)


def test_a_name_that_there_is_not_is_refused():
    with pytest.raises(AttributeError, match="module 'perfkit' has no attribute 'Gaol'"):
        perfkit.Gaol  # noqa: B018


def test_type_checkers_are_told_the_same_names():
    stub = ast.parse(resources.files(perfkit).joinpath("__init__.pyi").read_text(encoding="utf-8"))
    told = {alias.name: line.module for line in stub.body if isinstance(line, ast.ImportFrom) for alias in line.names}
    assert told == perfkit._HOMES
    (listed,) = (line.value for line in stub.body if isinstance(line, ast.Assign))
    assert ast.literal_eval(listed) == perfkit.__all__


def test_the_marker_for_type_checkers_is_shipped():
    assert resources.files(perfkit).joinpath("py.typed").is_file()


def test_the_summary_says_performance_management():
    assert "performance management" in metadata.metadata("perfkit")["Summary"].lower()


def test_only_three_packages_are_required():
    required = [line for line in metadata.requires("perfkit") if "extra ==" not in line]
    assert sorted(line.partition(">=")[0] for line in required) == ["attrs", "cattrs", "numpy"]


def test_the_installed_package_is_tested_and_not_the_source_tree():
    origin = json.loads(metadata.distribution("perfkit").read_text("direct_url.json") or "{}")
    if origin.get("dir_info", {}).get("editable"):
        pytest.skip("an editable install is the source tree")
    assert Path(perfkit.__file__).parent != Path(__file__).parents[1] / "src" / "perfkit"
