"""The script that takes the screenshots of the documentation: what it shows, and what the pages show of it."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "notebooks.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("screenshots", ROOT / "tools" / "screenshots.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_picture_of_the_page_is_one_that_the_script_takes(script):
    shown = script.views()
    taken = {f"notebook-{name}-{tone}.png" for name in shown for tone in ("light", "dark")} | {"plots.png"}
    pictures = set(re.findall(r"_static/(\S+\.png)", PAGE))
    assert pictures
    assert pictures <= taken
    assert all((ROOT / "docs" / "_static" / picture).is_file() for picture in pictures)
    assert all(value._repr_html_() and height > 0 for value, height in shown.values())


def test_plots_are_drawn_on_one_sheet(script, tmp_path):
    script.plotted(tmp_path / "plots.png")
    assert (tmp_path / "plots.png").stat().st_size > 10_000


def test_a_browser_that_there_is_not_is_named(script, tmp_path):
    with pytest.raises(SystemExit, match="no browser is called 'no-such-browser'; say which with --browser"):
        script.shoot("no-such-browser", tmp_path / "page.html", tmp_path / "picture.png", 100, is_dark=False)


def test_a_picture_that_is_not_known_is_refused(script, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["screenshots.py", "--into", str(tmp_path), "scorecrad"])
    with pytest.raises(SystemExit, match=r"pictures are scorecard, .*, plots \(got scorecrad\)"):
        script.main()
