"""One year's review, from a company's goals to pay: a real plan to the dollar, then a merit round on a real survey.

Run it with ``python examples/annual_review.py``; the data lie beside it, with their sources.
"""

import csv
import json
from bisect import bisect_right
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

from perfkit import (
    Curve,
    Goal,
    GoalTree,
    IncentivePlan,
    MeritMatrix,
    Metric,
    Money,
    Period,
    Rounding,
    SalaryReview,
    Scorecard,
    TargetBonus,
    minor_units,
)

DATA = Path(__file__).parent / "data"
WIDTH = 100
HOURS, WEEKS = 2_080, 52


def heading(text: str) -> None:
    print(f"\n{text}\n{'=' * len(text)}")


def table(header: list[str], rows: list[list[str]], left: int = 1) -> None:
    """Columns that line up: the first ones to the left, numbers to the right."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    for row in [header, ["-" * width for width in widths], *rows]:
        cells = [row[i].ljust(width) if i < left else row[i].rjust(width) for i, width in enumerate(widths)]
        print("  ".join(cells).rstrip())


# The annual incentive plan of a listed company.


def payout_curve(goal: dict) -> Curve:
    """Nothing beyond the threshold, flat beyond the maximum; the threshold may be the lower or the upper end."""
    points = [tuple(point) for point in goal["curve"]]
    if points[0][1] < points[-1][1]:
        return Curve.through(*points, below=0)
    return Curve.through(*points, above=0)


def goal_of(goal: dict) -> Goal:
    """Progress runs from the threshold of the range to where it pays 100 %."""
    points = goal["curve"] if goal["curve"][0][1] < 1 else goal["curve"][::-1]
    (x1, y1), (x2, y2) = next((a, b) for a, b in pairwise(points) if a[1] < 1 <= b[1])
    return Goal(
        goal["name"],
        owner="company",
        unit=goal["unit"].removesuffix(", fewer is better"),
        baseline=points[0][0],
        target=x1 + (x2 - x1) * (1 - y1) / (y2 - y1),
        weight=goal["weight"],
    )


def company_plan() -> None:
    company = json.loads((DATA / "cabot_fy2023.json").read_text())
    year = Period(date(2022, 10, 1), date(2023, 9, 30))
    actuals = {goal["name"]: goal["actual"] for goal in company["goals"]}

    heading("1. The goals of the company, fiscal year 2023")
    print(f"Source: {company['source']}.")
    print("Progress runs from the threshold of each goal's range to where it pays 100 %.\n")
    goals = [goal_of(goal) for goal in company["goals"]]
    tree = GoalTree([Goal("annual incentive", owner="board", period=year, children=goals)])
    print(tree.roll_up(actuals, as_of=year.end))

    heading("2. The corporate scorecard, line by line")
    corporate = Scorecard(
        "corporate factor",
        [
            Metric(goal["name"], weight=goal["weight"], curve=payout_curve(goal), unit=goal["unit"].split(",")[0])
            for goal in company["goals"]
        ],
        grid=0.001,
    )
    factor = corporate.score_one(actuals)
    print(factor.explain())

    heading("3. What each officer was paid, and why")
    mix = Scorecard(
        "corporate and individual",
        [
            Metric("corporate", weight=company["mix"]["corporate"]),
            Metric("individual", weight=company["mix"]["individual"]),
        ],
    )
    plan = IncentivePlan(
        "annual incentive",
        currency=company["currency"],
        pays=[TargetBonus(base="target_bonus", multiplier="score", rounding=Rounding(to=1))],
    )
    officers = company["officers"]
    people = {
        "individual": [officer["individual"] for officer in officers],
        "target_bonus": minor_units([officer["target_bonus"] for officer in officers], company["currency"]),
    }
    scores = mix.score(people, corporate=factor)
    payouts = plan.pay(people, score=scores)
    for row, officer in enumerate(officers):
        print(f"\nOfficer {officer['officer']}")
        print(payouts.explain(row))
        print(scores.explain(row))

    heading("4. Paid and published")
    rows = [
        [
            f"officer {officer['officer']}",
            str(payout.amount),
            str(published := Money(officer["published_award"], company["currency"])),
            str(payout.amount - published),
        ]
        for officer, payout in zip(officers, payouts, strict=True)
    ]
    published = sum(Money(officer["published_award"], company["currency"]) for officer in officers)
    rows.append(["total", str(payouts.total), str(published), str(payouts.total - published)])
    table(["", "paid", "published", "difference"], rows)


# A merit round on the answers of real employees.


def annual(salary: str, salary_type: str) -> float | None:
    """Hourly pay for 2,080 hours, weekly pay for 52 weeks."""
    if not salary:
        return None
    return float(salary) * {"year": 1, "week": WEEKS, "hour": HOURS}[salary_type]


def merit_round() -> None:
    with (DATA / "blizzard_salary.csv").open(newline="") as file:
        answers = [row for row in csv.DictReader(file) if row["status"] == "Full Time Employee"]
    for number, row in enumerate(answers, start=1):
        row["number"], row["annual"] = number, annual(row["current_salary"], row["salary_type"])
    people = [row for row in answers if row["annual"] is not None and row["annual"] >= 15_000]

    heading(f"5. A merit round: {len(answers)} full-time employees of a real survey")
    print("Source: Bloomberg, 3 August 2020; the blizzard_salary data set of the openintro collection.")
    print(f"Hourly pay counts for {HOURS:,} hours a year, weekly pay for {WEEKS} weeks.")
    silent = [row["number"] for row in answers if row["annual"] is None]
    odd = [row for row in answers if row["annual"] is not None and row["annual"] < 15_000]
    print(f"\nSet aside, {len(odd)} answers with less than 15,000 USD a year:\n")
    table(
        ["answer", "title", "office", "stated", "a year"],
        [
            [
                str(row["number"]),
                row["current_title"],
                row["location"],
                f"{row['current_salary']} a {row['salary_type']}",
                f"{row['annual']:,.2f}",
            ]
            for row in odd
        ],
        left=3,
    )
    print(f"\nSet aside, {len(silent)} answers without a salary:")
    line = ""
    for number in silent:
        if len(line) + len(str(number)) > WIDTH - 8:
            print(f"  {line.rstrip()}")
            line = ""
        line += f"{number} "
    print(f"  {line.rstrip()}")

    for row in people:
        stated = row["percent_incr"]
        row["given"] = None if not stated else row["annual"] - row["annual"] / (1 + float(stated) / 100)
    before = [row["annual"] - (row["given"] or 0) for row in people]
    table_of_people = {
        "answer": [row["number"] for row in people],
        "salary": minor_units(before, "USD", rounding=Rounding()),
        "rating": [row["performance_rating"] or None for row in people],
        "raise_stated": [row["given"] is not None for row in people],
    }
    given = minor_units([row["given"] or 0 for row in people], "USD", rounding=Rounding())
    takes_part = [row["given"] is not None and bool(row["performance_rating"]) for row in people]

    print(
        "\nThe salary stated is taken to have the raise of July 2020 in it. What those who state a rating and a raise"
    )
    print("were given is the budget; it is given again, by rating alone, and not less than 250 USD to anybody who gets")
    print("something.\n")
    budget = sum(Money.from_minor(int(minor), "USD") for minor, takes in zip(given, takes_part, strict=True) if takes)
    guideline = MeritMatrix({"Top": 0.05, "High": 0.035, "Successful": 0.02, "Developing": 0})
    review = SalaryReview(
        guideline,
        key="answer",
        minimum_raise=250,
        eligible="raise_stated",
        missing="blocked",
        currency="USD",
        name="merit round",
    ).fit(table_of_people, budget)
    raises = review.raises(table_of_people)
    print(review.explain_budget(table_of_people))
    print()
    print(raises)

    print("\nWhat each rating was given, and what it gets by the matrix from the same budget:\n")
    gains = [
        outcome.minor - int(minor) if takes else None
        for outcome, minor, takes in zip(raises, given, takes_part, strict=True)
    ]
    rows = []
    for rating in (*guideline.ratings, None):
        mine = [i for i, takes in enumerate(takes_part) if takes and rating in (None, people[i]["performance_rating"])]
        payroll, was, now = (
            sum(Money.from_minor(int(column[i]), "USD") for i in mine)
            for column in (table_of_people["salary"], given, raises.minor)
        )
        rows.append(
            [
                rating or "total",
                str(len(mine)),
                str(payroll),
                str(was),
                f"{was.minor / payroll.minor:.2%}",
                str(now),
                f"{now.minor / payroll.minor:.2%}",
                str(now - was),
                str(sum(1 for i in mine if gains[i] > 0)),
                str(sum(1 for i in mine if gains[i] < 0)),
            ]
        )
    table(
        ["rating", "people", "payroll", "given", "share", "by the matrix", "share", "difference", "gain", "lose"], rows
    )

    print("\nWho gains and who loses, against what was given:\n")
    edges = [-5_000, -2_500, -1_000, -500, 0, 500, 1_000, 2_500]
    labels = ["loses 5,000 USD or more", "loses 2,500 to 4,999.99", "loses 1,000 to 2,499.99", "loses 500 to 999.99",
              "loses less than 500", "gains less than 500", "gains 500 to 999.99", "gains 1,000 to 2,499.99",
              "gains 2,500 USD or more"]  # fmt: skip
    places = Counter(bisect_right(edges, gain / 100) for gain in gains if gain is not None)
    wide = max(places.values())
    for place, label in enumerate(labels):
        print(f"{label:>24}  {places[place]:>4}  {'#' * round(50 * places[place] / wide)}".rstrip())

    counted = [i for i, gain in enumerate(gains) if gain is not None]
    most, least = (pick(counted, key=lambda i: (gains[i], -i)) for pick in (max, min))
    without = next(i for i, row in enumerate(people) if not row["performance_rating"] and row["given"] is not None)
    for row in (most, least, without):
        was = Money.from_minor(int(given[row]), "USD")
        person = people[row]
        print(f"\nAnswer {person['number']}, {person['current_title']}, {person['location']}: was given {was}")
        print(raises.explain(row))


if __name__ == "__main__":
    company_plan()
    merit_round()
