"""The pictures of ``docs/notebooks.md``: what a notebook shows, taken by a headless browser, light and dark.

Run it with ``python tools/screenshots.py``. It needs the extra ``plot`` and a browser of the Chromium family, which it
finds by the name ``chromium`` or is told by ``--browser``. It writes to ``docs/_static``, or where ``--into`` says.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import numpy as np

from perfkit import (
    Cap,
    CheckIn,
    CheckIns,
    Commission,
    Commitment,
    Curve,
    Gate,
    Goal,
    GoalTree,
    IncentivePlan,
    Metric,
    PaySection,
    Period,
    Prorate,
    RatingScale,
    Scorecard,
    Section,
    StatedReason,
    Statement,
    TargetBonus,
    bridge,
    brief,
    minor_units,
    plots,
    what_would_it_take,
    xmr,
)

STATIC = Path(__file__).resolve().parents[1] / "docs" / "_static"
WIDTH, SECONDS, MARGIN, COLOURS = 940, 120, 12, 128
PAGE = """<!doctype html><meta charset="utf-8">
<style>:root{{color-scheme:light dark}}body{{margin:12px;background:Canvas;color:CanvasText}}</style>{}"""
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
DARK = ("--force-dark-mode", "--blink-settings=preferredColorScheme=0")

CARD = Scorecard(
    "account executive",
    [
        Section(
            "results",
            weight=70,
            of=[
                Metric("revenue", weight=80, target="quota", curve=Curve.through((0.8, 0), (1, 1), (1.2, 2))),
                Metric("churn", weight=20, target=0.05, lower_is_better=True),
            ],
        ),
        Metric("csat", weight=30, curve=Curve.through((3, 0), (4, 1), (5, 1.5))),
    ],
)
PLAN = IncentivePlan(
    "AE pay 2026",
    currency="EUR",
    pays=[
        PaySection(
            "bonus",
            pays=[TargetBonus(base="salary", rate=0.15, multiplier="score")],
            then=[Prorate(by="months", of=12)],
        ),
        Commission(on="bookings", curve=Curve.marginal((0, 0.02), (500_000, 0.03))),
    ],
    then=[Gate(on="compliant"), Cap(0.35, of="salary")],
)
SCALE = RatingScale("below", solid=0.8, strong=1.2, exceptional=1.6)
YEAR = Period.year(2026)


def people(n):
    """Columns of n invented people, the same each time."""
    draw = np.random.default_rng(7)
    scored = {
        "revenue": draw.lognormal(14, 0.2, n),
        "quota": np.full(n, 1_200_000.0),
        "churn": draw.uniform(0.03, 0.08, n),
        "csat": np.where(draw.random(n) < 0.1, np.nan, draw.normal(4, 0.4, n).clip(1, 5)),
    }
    paid = {
        "salary": minor_units(np.round(draw.normal(60_000, 8_000, n), 2), "EUR"),
        "bookings": minor_units(np.round(draw.lognormal(13, 0.4, n), 2), "EUR"),
        "months": np.where(draw.random(n) < 0.1, 6, 12),
        "compliant": draw.random(n) < 0.98,
    }
    return scored, paid


def goals():
    """A goal tree half way through its year."""
    start, aim = 10_000_000, 20_000_000
    arr = Goal("arr", title="Double revenue", owner="ceo", period=YEAR, unit="EUR", baseline=start, target=aim)
    tree = GoalTree([arr.decompose({"emea": 5, "amer": 3, "apac": 2}, step=1_000)])
    tree = tree.add(Goal("logos", title="New customers", owner="ana", target=120, weight=60), under="emea")
    churn = Goal("churn", title="Keep customers", owner="ben", unit="%", baseline=8, target=4, weight=40)
    tree = tree.add(churn, under="emea")
    seen = [
        *(CheckIn("logos", date(2026, month, 28), 11 * month) for month in range(1, 7)),
        CheckIn("churn", date(2026, 6, 30), 6.5),
        CheckIn("amer", date(2026, 6, 30), 4_100_000),
    ]
    return tree, tree.roll_up(CheckIns(seen), as_of=date(2026, 7, 1))


def reviewed():
    """A person's review in July: what moved, whether it means anything, and what it would take."""
    half = {"revenue": 545_000, "quota": 600_000, "churn": 0.056, "csat": 4.1}
    planned = CARD.score_one({"revenue": 600_000, "quota": 600_000, "churn": 0.05, "csat": 4.0})
    months = [date(2025 + month // 12, 1 + month % 12, 28) for month in range(8, 18)]
    churn = [4.8, 5.3, 4.7, 5.1, 5.5, 4.9, 4.6, 5.2, 5.0, 6.6]
    chart = xmr(churn, days=months, baseline=9, unit="% churn")
    advice = what_would_it_take(
        CARD,
        half | {"quota": 1_200_000},
        rating="strong",
        scale=SCALE,
        limits={"csat": (1, 5)},
        steps={"revenue": 1_000},
        as_of=date(2026, 7, 1),
        by=date(2026, 12, 31),
        since=date(2026, 1, 1),
    )
    _, report = goals()
    talk = brief(
        CARD,
        report,
        person="ana",
        as_of=date(2026, 7, 1),
        before=planned,
        after=CARD.score_one(half),
        scale=SCALE,
        limits={"csat": (1, 5)},
        histories={"churn": chart},
        commitments=[
            Commitment("give ana two of ben's accounts", "mira", date(2026, 7, 31), about="revenue"),
            Commitment("call all customers of last year", "ana", date(2026, 6, 15), about="revenue"),
        ],
        reasons=[
            StatedReason("revenue", "resource", "employee", note="two accounts went in spring"),
            StatedReason("revenue", "external", "manager"),
        ],
        statement=Statement("The quota was set before the accounts went.", "ana", date(2026, 7, 2)),
    )
    change = bridge(planned, CARD.score_one(half), names=("planned", "actual"))
    return {"brief": (talk, 1300), "bridge": (change, 400), "chart": (chart, 600), "advice": (advice, 300)}


def capped(payouts):
    """The first row whose pay the cap cuts."""
    return next(row for row in range(len(payouts)) if payouts.explain(row)["cap"].value.minor < 0)


def views():
    """Each picture by its name: what it shows, and how high it is."""
    scored, paid = people(20_000)
    scores = CARD.score(scored)
    payouts = PLAN.pay(paid, score=scores)
    before = CARD.score_one({"revenue": 1_110_000, "quota": 1_200_000, "churn": 0.048, "csat": 4.2}).explain()
    after = CARD.score_one({"revenue": 1_310_000, "quota": 1_200_000, "churn": 0.046, "csat": 3.8}).explain()
    return {
        "scorecard": (CARD, 220),
        "curve": (CARD.sections[0].of[0].curve, 430),
        "scores": (scores, 540),
        "ratings": (SCALE.rate(scores), 180),
        "plan": (PLAN, 260),
        "payouts": (payouts, 570),
        "payout": (payouts[capped(payouts)], 310),
        "difference": (before.difference(after), 270),
        "goals": (goals()[1], 260),
        **reviewed(),
    }


def shoot(browser, page, picture, height, is_dark):
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, *FLAGS, *(DARK if is_dark else ()), f"--user-data-dir={profile}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            # The browser's own sandbox does not start for root; what is shown is only what was made here.
            command.append("--no-sandbox")
        command += [f"--window-size={WIDTH},{height}", f"--screenshot={picture}", page.as_uri()]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
        except FileNotFoundError:
            sys.exit(f"no browser is called {browser!r}; say which with --browser")
        except subprocess.CalledProcessError as error:
            sys.exit(f"{browser} failed: {error.stderr.decode(errors='replace')}")
    if not picture.exists():
        sys.exit(f"{browser} wrote no picture to {picture}")


def trimmed(picture):
    """A picture without the empty page below it, in as many colours as it needs: a third of the size."""
    from PIL import Image, ImageChops

    with Image.open(picture) as taken:
        page = taken.convert("RGB")
    ground = Image.new("RGB", page.size, page.getpixel((page.width - 1, page.height - 1)))
    box = ImageChops.difference(page, ground).getbbox()
    if box is not None:
        page = page.crop((0, 0, page.width, min(page.height, box[3] + MARGIN)))
    page.quantize(COLOURS, dither=Image.Dither.NONE).save(picture, optimize=True)


def plotted(picture):
    """Every plot on one sheet, each on axes of the sheet's."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    scored, paid = people(2_000)
    scores = CARD.score(scored)
    payouts = PLAN.pay(paid, score=scores)
    sheet, axes = plt.subplots(3, 2, figsize=(11.5, 11), layout="constrained")
    plots.waterfall(payouts.explain(capped(payouts)), ax=axes[0, 0])
    plots.payout_curve(
        Curve.through((0.8, 0.5), (1, 1), (1.2, 2), below=0),
        [0.72, 0.9, 1.04, 1.31],
        labels=["ana", "ben", "cleo", "dan"],
        ax=axes[0, 1],
    )
    plots.distribution(scores, floors={name: float(floor) for name, floor in SCALE.floors}, ax=axes[1, 0])
    plots.merit_matrix(
        [[0, 0, 0], [0.03, 0.02, 0.01], [0.055, 0.04, 0.02], [0.08, 0.06, 0.035]],
        SCALE.labels,
        ["below 0.9", "0.9 to 1.1", "above 1.1"],
        people=[[4, 10, 3], [40, 120, 33], [22, 60, 20], [5, 12, 4]],
        row_title="rating",
        column_title="compa-ratio",
        ax=axes[1, 1],
    )
    plots.control_chart(
        [5.2, 6, 5, 4.8, 5.5, 10.9, 5.9, 6.2, 4.4, 5, 5.1, 6],
        centre=5.6,
        lower=2,
        upper=9.2,
        signals=[5],
        labels=[f"2026-{month:02}" for month in range(1, 13)],
        title="tickets reopened",
        ax=axes[2, 0],
    )
    plots.goal_progress(goals()[1], ["arr", "emea", "logos", "churn", "amer", "apac"], ax=axes[2, 1])
    sheet.savefig(picture, dpi=72)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--browser", default="chromium", help="the name or path of a browser of the Chromium family")
    parser.add_argument("--into", type=Path, default=STATIC, help="the folder to write to")
    parser.add_argument("names", nargs="*", help="which pictures; all when not given")
    chosen = parser.parse_args()
    chosen.into.mkdir(parents=True, exist_ok=True)
    shown = views()
    unknown = set(chosen.names) - {*shown, "plots"}
    if unknown:
        sys.exit(f"pictures are {', '.join([*shown, 'plots'])} (got {', '.join(sorted(unknown))})")
    with tempfile.TemporaryDirectory() as folder:
        for name, (value, height) in shown.items():
            if chosen.names and name not in chosen.names:
                continue
            page = Path(folder, f"{name}.html")
            page.write_text(PAGE.format(value._repr_html_()), encoding="utf-8")
            for tone, is_dark in (("light", False), ("dark", True)):
                picture = chosen.into.resolve() / f"notebook-{name}-{tone}.png"
                shoot(chosen.browser, page, picture, height, is_dark)
                trimmed(picture)
                print(f"{picture.name}: {picture.stat().st_size:,} bytes")
    if not chosen.names or "plots" in chosen.names:
        picture = chosen.into.resolve() / "plots.png"
        plotted(picture)
        trimmed(picture)
        print(f"{picture.name}: {picture.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
