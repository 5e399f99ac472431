"""The script that takes the screenshots of the documentation: what it shows, and what the pages show of it."""

import importlib.util
import re
from pathlib import Path

import pytest
from PIL import Image

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


def test_a_picture_is_cut_to_what_is_on_it(script, tmp_path):
    picture = tmp_path / "page.png"
    page = Image.new("RGB", (200, 400), "white")
    page.paste((10, 20, 30), (20, 30, 60, 90))
    page.save(picture)
    script.trimmed(picture)
    with Image.open(picture) as taken:
        assert taken.size == (200, 90 + script.MARGIN)
        assert taken.convert("RGB").getpixel((30, 50)) == (10, 20, 30)


def test_an_empty_picture_stays(script, tmp_path):
    Image.new("RGB", (20, 40), "white").save(tmp_path / "page.png")
    script.trimmed(tmp_path / "page.png")
    with Image.open(tmp_path / "page.png") as taken:
        assert taken.size == (20, 40)


def test_pictures_are_small_and_told_in_words():
    for picture in set(re.findall(r"_static/(\S+\.png)", PAGE)):
        assert (ROOT / "docs" / "_static" / picture).stat().st_size < 60_000
    assert PAGE.count("```{image}") == len(re.findall(r"```\{image\} \S+\n:alt: .{20,}\n", PAGE))
    shown = {picture.name for picture in (ROOT / "docs" / "_static").glob("*.png")}
    assert shown == set(re.findall(r"_static/(\S+\.png)", PAGE))
