"""Published numbers of weighting methods, one test a case.

Where a peer has a defect or follows another convention, the test says so.
"""

import json
from fractions import Fraction
from pathlib import Path

import pytest

from perfkit import Weights

DATA = json.loads(Path(__file__).with_name("weights.json").read_text("utf-8"))
CASES = {case["id"]: case for case in DATA["cases"]}
COVERED = set()


def worked(name, *, source):
    """A test of a case; the source is where it says it is from."""
    COVERED.add(name)
    assert source in CASES[name]["source"], name

    def decorate(test):
        def run():
            case = CASES[name]
            test(case["inputs"], pytest.approx(case["expected"], abs=case["tolerance"]))

        run.__name__ = test.__name__
        return run

    return decorate


def floats(weights, order=None):
    return [float(weights[name]) for name in order or weights]


def compared(comparisons):
    return {tuple(pair.split("|")): value for pair, value in comparisons.items()}


def columns(matrix):
    return {f"c{j}": [row[j] for row in matrix] for j in range(len(matrix[0]))}


def lower(inputs):
    return [f"c{j}" for j, direction in enumerate(inputs["directions"]) if direction < 0]


def drinks(inputs, **options):
    names = CASES["saaty-drinks-weights"]["inputs"]["names"]
    return Weights.ahp(inputs["matrix"], names=names, **options)


# Comparisons of pairs.


@worked("saaty-drinks-weights", source="Saaty 2008")
def test_drinks(inputs, expected):
    assert floats(drinks(inputs)) == expected


@worked("saaty-drinks-cr-saaty", source="test_drinks_cr_saaty")
def test_the_consistency_ratio_of_drinks_by_one_table(inputs, expected):
    quality = drinks(inputs, random_index="saaty_2005").quality
    assert quality["consistency_ratio"] == expected
    assert quality["random_index"] == "saaty_2005"


@worked("saaty-drinks-cr-dd", source="test_drinks_cr_dd")
def test_the_consistency_ratio_of_drinks_by_another_table(inputs, expected):
    # The same matrix and another ratio: what it was measured against has to be named.
    quality = drinks(inputs, random_index="donegan_dodd").quality
    assert quality["consistency_ratio"] == expected
    assert quality["random_index"] == "donegan_dodd"


@worked("wiki-leader-criteria", source="Wikipedia")
def test_what_a_leader_is_chosen_by(inputs, expected):
    weights = Weights.ahp(compared(inputs["comparisons"]))
    assert floats(weights, ["Experience", "Education", "Charisma", "Age"]) == expected


@worked("wiki-leader-experience-cr", source="AHPy README")
def test_the_consistency_of_three_candidates(inputs, expected):
    weights = Weights.ahp(compared(inputs["comparisons"]), random_index="saaty_2005")
    assert weights.quality["consistency_ratio"] == expected


@worked("saaty-cities-hierarchy", source="Saaty 2005")
def test_a_hierarchy_of_criteria_and_cities(inputs, expected):
    # In Saaty's tree the same cities stand under every criterion; here each leaf has a name of its own.
    criteria = Weights.ahp(compared(inputs["criteria"]))
    within = {
        criterion: Weights.ahp({(f"{a} {criterion}", f"{b} {criterion}"): v for (a, b), v in compared(pairs).items()})
        for criterion, pairs in inputs["children"].items()
    }
    tree = Weights.hierarchy(criteria, within)
    assert sum(tree.values()) == 1
    cities = [sum(float(tree[f"{city} {criterion}"]) for criterion in within) for city in inputs["order"]]
    # AHPy rounds to four decimals at every level, so its weights of seven equal things add up to 1.0003; ours do not.
    assert cities == expected


@worked("bozoki-incomplete-ahp", source="Bozoki, Fulop & Ronyai 2010")
def test_a_pair_that_was_not_compared_is_filled_in(inputs, expected):
    weights = Weights.ahp(compared(inputs["comparisons"]))
    ((a, b, filled_in),) = weights.quality["filled_in"]
    assert (a, b) == ("c", "d")
    assert [*floats(weights), filled_in] == expected


@worked("lls-incomplete-ahp", source="log least squares")
def test_a_pair_that_was_not_compared_is_left_to_least_squares(inputs, expected):
    assert floats(Weights.ahp(compared(inputs["comparisons"]), method="geometric_mean")) == expected


@worked("wang-chin-ahp6", source="Wang & Chin 2011")
def test_six_things_compared_inconsistently(inputs, expected):
    weights = Weights.ahp(inputs["matrix"], names=[*"abcdef"])
    assert floats(weights) == expected
    assert weights.quality["consistency_ratio"] > 0.1


@worked("wang-chin-ahp6-geometric", source="row geometric mean")
def test_six_things_by_the_geometric_mean(inputs, expected):
    # pyDecision's default is neither of the two but the mean of normalised columns (its issue 15).
    weights = Weights.ahp(inputs["matrix"], names=[*"abcdef"], method="geometric_mean")
    assert floats(weights) == expected


@worked("bwm-linear-lp", source="Rezaei 2016")
def test_the_linear_best_worst_method(inputs, expected):
    # The third is the best and the first the worst; pyDecision reaches this by a penalty, ours by an exact program.
    (b1, b2, _), (_, w2, w3) = inputs["best_to_others"], inputs["others_to_worst"]
    weights = Weights.best_worst("c3", "c1", {"c1": b1, "c2": b2}, {"c2": w2, "c3": w3})
    assert [*floats(weights, ["c1", "c2", "c3"]), weights.quality["deviation"]] == expected


def house(inputs):
    rows = [[Fraction(number) for number in row.split()] for row in inputs["rows"]]
    return Weights.ahp(rows, names=inputs["names"])


@worked("saaty-house-weights", source="Saaty 1990")
def test_a_house_of_eight_criteria(inputs, expected):
    assert floats(house(inputs)) == expected


@worked("saaty-house-cr", source="C.R. = 0.169")
def test_the_consistency_of_a_house(inputs, expected):
    quality = house(inputs).quality
    assert [quality["consistency_index"], quality["consistency_ratio"]] == expected
    # One judgement spoils it: the neighborhood was held six times as important as the condition.
    assert (quality["worst_judgement"], quality["judged"]) == (("neighborhood", "condition"), 6)
    assert quality["consistency_ratio_if_mended"] < 0.1


@worked("bwm-rezaei-2015", source="Rezaei 2015")
def test_the_first_best_worst_method(inputs, expected):
    (b1, b2, _), (_, w2, w3) = inputs["best_to_others"], inputs["others_to_worst"]
    weights = Weights.best_worst("c3", "c1", {"c1": b1, "c2": b2}, {"c2": w2, "c3": w3}, model="min_max")
    assert [*floats(weights, ["c1", "c2", "c3"]), weights.quality["deviation"]] == expected
    # The paper's consistency ratio: the deviation over the index of the scale's end, 4.47 for 8.
    assert weights.quality["consistency_ratio"] == pytest.approx(0.26 / 4.47, abs=0.001)


# Ranks and levels.


@worked("rank-order-centroid-4", source="Edwards & Barron 1994")
def test_rank_order_centroid(inputs, expected):
    names = [f"c{k}" for k in range(inputs["n"])]
    assert floats(Weights.rank_order(names)) == expected
    assert floats(Weights.smarter(names)) == expected


@worked("rank-sum-4", source="Stillwell 1981")
def test_rank_sum(inputs, expected):
    names = [f"c{k}" for k in range(inputs["n"])]
    assert floats(Weights.rank_order(names, "sum")) == expected


@worked("rank-exponent-4-z2", source="Stillwell 1981")
def test_rank_exponent(inputs, expected):
    names = [f"c{k}" for k in range(inputs["n"])]
    assert floats(Weights.rank_order(names, "exponent", exponent=inputs["z"])) == expected


@worked("effective-weights", source="product of within-parent shares")
def test_effective_weights_are_products_of_shares(inputs, expected):
    tree = inputs["tree"]
    weights = Weights.hierarchy(
        {name: own for name, (own, _) in tree.items()}, {name: of for name, (_, of) in tree.items()}
    )
    assert floats(weights) == expected


# Learned from data.


def critic(inputs, **options):
    data = columns(inputs["matrix"])
    return Weights.critic(data, list(data), lower_is_better=lower(inputs), **options)


@worked("critic-diakoulaki", source="Diakoulaki et al. 1995")
def test_critic(inputs, expected):
    assert floats(critic(inputs)) == expected


@worked("critic-diakoulaki-spearman", source="scikit-criteria")
def test_critic_with_the_correlation_of_ranks(inputs, expected):
    assert floats(critic(inputs, correlation="spearman")) == expected


@worked("critic-diakoulaki-unscaled", source="scikit-criteria")
def test_critic_in_raw_units(inputs, expected):
    assert floats(critic(inputs, scaling="none")) == expected


@worked("critic-tus-adali-directionless", source="Tus & Adali 2019")
def test_critic_as_published_takes_a_cost_for_a_benefit(inputs, expected):
    # The first column is a cost in the paper, but its numbers, like pymcdm's and pyrepo-mcda's, do not turn it round.
    assert floats(critic(inputs)) == expected


@worked("critic-tus-adali-with-direction", source="cost column inverted")
def test_critic_with_its_direction(inputs, expected):
    assert lower(inputs) == ["c0"]
    assert floats(critic(inputs)) == expected


@worked("entropy-zavadskas-podvezko", source="Zavadskas & Podvezko 2016")
def test_entropy(inputs, expected):
    data = columns(inputs["matrix"])
    assert floats(Weights.entropy(data, list(data))) == expected


@worked("entropy-elsayed", source="Elsayed et al. 2017")
def test_entropy_of_twelve_rows(inputs, expected):
    data = columns(inputs["matrix"])
    assert floats(Weights.entropy(data, list(data))) == expected


@worked("cilos-zavadskas-podvezko", source="Zavadskas & Podvezko 2016")
def test_cilos(inputs, expected):
    # pyDecision 5.1.8 does not turn costs round, and adds random numbers to constant columns.
    data = columns(inputs["matrix"])
    assert floats(Weights.cilos(data, list(data), lower_is_better=lower(inputs))) == expected


@worked("idocriw-zavadskas-podvezko", source="Zavadskas & Podvezko 2016")
def test_idocriw_is_the_product_of_entropy_and_cilos(inputs, expected):
    # pyDecision 5.1.8 returns the entropy weights alone.
    data = columns(inputs["matrix"])
    parts = {
        "entropy": Weights.entropy(data, list(data)),
        "cilos": Weights.cilos(data, list(data), lower_is_better=lower(inputs)),
    }
    weights = Weights.combined(parts, rule="product")
    assert weights.learned
    assert floats(weights) == expected


@worked("merec-keshavarz-ghorabaee", source="Keshavarz-Ghorabaee et al. 2021")
def test_merec(inputs, expected):
    data = columns(inputs["matrix"])
    assert floats(Weights.merec(data, list(data), lower_is_better=lower(inputs))) == expected


@worked("gini-small", source="pymcdm")
def test_gini(inputs, expected):
    data = columns(inputs["matrix"])
    assert floats(Weights.gini(data, list(data))) == expected


@worked("oecd-t16-pca-variance", source="OECD/JRC Handbook 2008")
def test_the_variance_that_principal_components_explain(inputs, expected):
    data = columns(DATA["datasets"][inputs["matrix"]["$dataset"]]["values"])
    quality = Weights.principal_components(data, list(data)).quality
    assert [100 * share for share in quality["variance_explained"]] == expected


def test_no_published_case_is_left_out():
    assert set(CASES) == COVERED
