"""Randomization inference against scipy, Fisher's exact test, least squares one by one, and all assignments by hand."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact, permutation_test

from compacts.stats.randomization import coefficient, difference_in_means, one_by_one, randomization_test
from compendium.errors import UserError

# Fisher (1935), The Design of Experiments, sections 17 and 21: Darwin's maize, crossed less self-fertilized, in eighths of an inch;
# of all 32,768 sign changes 1,726 give a sum as far from zero as 314
DARWIN = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]


def made_up(seed: int = 3, n: int = 9, treated: int = 4) -> tuple[pd.Series, pd.Series]:
    rng = np.random.default_rng(seed)
    treatment = pd.Series((rng.permutation(n) < treated).astype(float))
    return treatment, pd.Series(rng.normal(size=n) + treatment)


def test_darwins_maize_gives_the_count_of_fisher():
    pairs = pd.Series(np.repeat(np.arange(15), 2))
    heights = pd.Series(np.column_stack([DARWIN, np.zeros(15)]).ravel())
    found = randomization_test(
        pd.Series(np.tile([1.0, 0], 15)), difference_in_means(heights), blocks=pairs, draws=2**15
    )
    assert found.observed == pytest.approx(314 / 15)
    assert (found.possible, found.enumerated, found.blocks) == (32768, True, 15)
    assert round(found.p_value * 32768) == 1726


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_all_assignments_give_the_p_value_of_scipy(alternative):
    treatment, outcome = made_up()

    def statistic(x, y):
        gap = np.mean(x) - np.mean(y)
        return abs(gap) if alternative == "two-sided" else gap

    theirs = permutation_test(
        (outcome[treatment == 1], outcome[treatment == 0]),
        statistic,
        n_resamples=np.inf,
        alternative="less" if alternative == "less" else "greater",
    )
    ours = randomization_test(treatment, difference_in_means(outcome), alternative=alternative)
    assert ours.possible == 126
    assert ours.p_value == pytest.approx(theirs.pvalue, abs=1e-12)
    assert sorted(np.abs(ours.distribution)) == pytest.approx(sorted(np.abs(theirs.null_distribution)))


@pytest.mark.parametrize("table", [[[3, 1], [1, 3]], [[5, 2], [1, 6]], [[2, 6], [4, 1]]])
def test_a_binary_outcome_gives_fishers_exact_test(table):
    (a, b), (c, d) = table
    treatment = pd.Series([1.0] * (a + b) + [0.0] * (c + d))
    outcome = pd.Series([1] * a + [0] * b + [1] * c + [0] * d)
    for alternative in ("greater", "less"):
        got = randomization_test(treatment, difference_in_means(outcome), alternative=alternative)
        assert got.p_value == pytest.approx(fisher_exact(table, alternative)[1], abs=1e-12)


def test_coefficients_and_p_value_are_those_of_refitting_with_each_assignment():
    rng = np.random.default_rng(8)
    countries, years = np.repeat(np.arange(6), 4), np.tile(np.arange(4), 6)
    treatment = pd.Series(np.array([1.0, 0, 0.5, 1, 0, 2])[countries])
    controls = pd.DataFrame({"constant": 1.0, "size": rng.normal(size=24), "year": years.astype(float)})
    outcome = pd.Series(rng.normal(size=24) + treatment)
    blocks = pd.Series(np.array(list("aaabbb"))[countries])
    found = randomization_test(treatment, coefficient(outcome, controls), units=pd.Series(countries), blocks=blocks)

    def fit(values):
        x = np.column_stack([np.asarray(values)[countries], controls])
        return np.linalg.lstsq(x, outcome, rcond=None)[0][0]

    every = {(*first, *second) for first in permutations([1.0, 0, 0.5]) for second in permutations([1.0, 0, 2])}
    refitted = np.array([fit(values) for values in every])
    assert found.possible == found.draws == 36
    assert (found.units, found.blocks) == (6, 2)
    assert sorted(found.distribution) == pytest.approx(sorted(refitted))
    assert found.observed == pytest.approx(fit([1.0, 0, 0.5, 1, 0, 2]))
    assert found.p_value == pytest.approx(np.mean(np.abs(refitted) >= abs(found.observed) - 1e-12))


def test_with_clusters_the_statistic_is_the_t_of_statsmodels():
    from statsmodels.regression.linear_model import OLS

    rng = np.random.default_rng(5)
    clusters = pd.Series(np.repeat(np.arange(6), 5))
    controls = pd.DataFrame({"constant": 1.0, "size": rng.normal(size=30)})
    outcome = pd.Series(rng.normal(size=30) + rng.normal(size=6)[clusters])
    treatments = rng.permuted(np.tile([1.0, 1, 1, 0, 0, 0], (4, 1)), axis=1)[:, clusters]
    theirs = [
        OLS(outcome, controls.assign(treatment=row))
        .fit(cov_type="cluster", cov_kwds={"groups": clusters, "use_correction": False})
        .tvalues["treatment"]
        for row in treatments
    ]
    assert coefficient(outcome, controls, clusters)(treatments) == pytest.approx(theirs, rel=1e-9)


def test_levels_that_repeat_are_arranged_once():
    treatment = pd.Series([0.0, 0, 1, 1, 2])
    found = randomization_test(treatment, one_by_one(lambda t: float(t @ [1, 10, 100, 1000, 10000])))
    assert found.possible == 30
    assert len(set(found.distribution)) == 30


def test_random_assignments_agree_with_all_and_count_the_real_one():
    treatment, outcome = made_up(n=12, treated=6)
    every = randomization_test(treatment, difference_in_means(outcome), draws=924)
    some = [randomization_test(treatment, difference_in_means(outcome), draws=900, seed=s) for s in range(30)]
    assert every.enumerated
    assert not any(one.enumerated for one in some)
    assert {round(one.p_value * 901, 6) % 1 for one in some} == {0}
    assert {one.smallest_p for one in some} == {1 / 901}
    chance = every.p_value
    assert np.mean([one.p_value for one in some]) == pytest.approx(chance, abs=4 * np.sqrt(chance / 27000) + 1e-3)


def test_the_smallest_p_value_is_told():
    treatment = pd.Series([1.0, 1, 1, 0, 0, 0])
    found = randomization_test(treatment, difference_in_means(pd.Series([9.0, 8, 7, 1, 2, 3])))
    assert found.p_value == found.smallest_p == pytest.approx(2 / 20)
    assert found.ties == 2
    assert found.sentence() == ("randomization of 6 units: all 20 assignments; no p-value below 0.1 is possible")


def test_under_the_null_hypothesis_p_values_are_as_small_as_they_promise():
    rng = np.random.default_rng(12)
    treatment = pd.Series([1.0] * 4 + [0.0] * 4)
    small = [
        randomization_test(treatment, difference_in_means(pd.Series(rng.normal(size=8)))).p_value for _ in range(1000)
    ]
    # 70 assignments, 35 sizes: p-values are multiples of 2/70
    for k in (1, 2, 5, 10):
        level = 2 * k / 70
        assert np.mean(np.array(small) <= level + 1e-9) == pytest.approx(level, abs=4 * np.sqrt(level / 1000))


ONES = pd.Series([1.0] * 4)


@pytest.mark.parametrize(
    ("treatment", "options", "message"),
    [
        (pd.Series([1.0, 0, None, 0]), {}, "treatment: got 1 missing"),
        (ONES, {}, "got one possible assignment"),
        (pd.Series([1.0, 1, 0, 0]), {"blocks": pd.Series([1, 1, 2, 2])}, "got one possible assignment"),
        (pd.Series([1.0, 0, 0, 0]), {"units": pd.Series(["a", "a", "b", "b"])}, "unit a: got more than one treatment"),
        (
            pd.Series([1.0, 1, 0, 0]),
            {"units": pd.Series(["a", "a", "b", "b"]), "blocks": pd.Series([1, 1, 1, 2])},
            "unit b: got more than one block",
        ),
        (pd.Series([1.0, 0, 1, 0]), {"units": pd.Series(["a", None, "b", "c"])}, "units: got 3 names, expected 4"),
    ],
)
def test_what_cannot_be_permuted_is_named(treatment, options, message):
    with pytest.raises(UserError, match=message):
        randomization_test(treatment, difference_in_means(pd.Series([1.0, 2, 3, 4])), **options)


def test_statistics_that_are_no_numbers_or_controls_that_tell_the_treatment_are_named():
    treatment = pd.Series([1.0, 0, 1, 0])
    with pytest.raises(UserError, match="statistic: got a value that is no number"):
        randomization_test(treatment, one_by_one(lambda t: float("nan") if t[0] else 1.0))
    with pytest.raises(UserError, match="tell an assignment"):
        randomization_test(
            treatment, coefficient(pd.Series([1.0, 2, 3, 4]), pd.DataFrame({"c": 1.0, "x": [1.0, 1, 0, 0]}))
        )
    with pytest.raises(UserError, match="outcome: got 1 missing"):
        difference_in_means(pd.Series([1.0, None]))
