"""Wild cluster bootstrap against R's fwildclusterboot, wildboottest, brute force, statsmodels and simulation."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compacts.stats.wild_bootstrap import wild_cluster_bootstrap
from compacts.stats.wild_draws import POINTS
from compendium.errors import UserError

# R fwildclusterboot, all 32 bootstrap t-statistics (one of each pair that differs only in sign), restricted and unrestricted,
# without small-sample factors: data/test_df_fwc_res.csv of github.com/py-econometrics/wildboottest, commit 0bc4595. Its
# columns are named WCR11, WCR31, but hold WCR11, WCU11: the tests of that commit loop over the null hypothesis first.
R_RESTRICTED = (
    -1.71816715508517, -0.640882934408483, -0.515097382728623, 0.237674513966517, -2.44496052079651, -0.985979759137218,
    -0.849681995995003, -0.0484919645456832, -2.25446149119812, -0.899371522346182, -0.764973242231793, 0.0194006394270233,
    -3.43793335909555, -1.29313207443813, -1.14185737108369, -0.267762726454478,
)  # fmt: skip
R_UNRESTRICTED = (
    0.0, 0.236782601473621, 0.450252424529386, 0.706477974373593, -1.16846484825808, -0.853211985024109, -0.612812278224921,
    -0.357236192911211, -1.08628132889435, -0.779587346001666, -0.543284662849415, -0.291061972588717, -4.59448726540425,
    -2.87727604800241, -2.21601089100661, -1.64939558137809,
)  # fmt: skip


def made_up(
    seed: int, clusters: int = 6, n: int = 40, effect: float = 0.3
) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    rng = np.random.default_rng(seed)
    place = np.concatenate([np.arange(clusters), rng.integers(0, clusters, n - clusters)])
    design = pd.DataFrame({"constant": 1.0, "dose": rng.normal(size=n) + place / 4, "age": rng.normal(size=n)})
    outcome = effect * design["dose"] + rng.normal(size=clusters)[place] + rng.normal(size=n)
    return design, outcome, pd.Series(place)


def refitted(design, outcome, clusters, covariate, null, weights, restricted):
    """Every bootstrap statistic by a regression of its own sample, with statsmodels' covariance; and the data's."""
    from statsmodels.regression.linear_model import OLS

    def fit(y):
        return OLS(y, design.to_numpy()).fit(cov_type="cluster", cov_kwds={"groups": codes, "use_correction": True})

    codes, place = pd.factorize(clusters)[0], list(design.columns).index(covariate)
    sample = fit(outcome.to_numpy())
    fitted, centre = np.asarray(sample.fittedvalues), sample.params[place]
    if restricted:
        others, centre = design.drop(columns=covariate).to_numpy(), null
        fixed = null * design[covariate].to_numpy()
        fitted = OLS(outcome.to_numpy() - fixed, others).fit().fittedvalues + fixed
    statistics = []
    for pattern in product(POINTS[weights], repeat=codes.max() + 1):
        again = fit(fitted + np.array(pattern)[codes] * (outcome.to_numpy() - fitted))
        statistics.append((again.params[place] - centre) / again.bse[place])
    return (sample.params[place] - null) / sample.bse[place], np.array(statistics)


def test_all_statistics_are_those_that_fwildclusterboot_printed():
    random = np.random.RandomState(12312)
    x = random.normal(0, 1, 30000).reshape((10000, 3))
    x[:, 0] = 1
    beta = random.normal(0, 1, 3)
    beta[1] = 0.005
    outcome = x @ beta + random.normal(0, 1, 10000)
    clusters = random.choice(list(range(5)), 10000)
    design = pd.DataFrame(x, columns=["constant", "x1", "x2"])
    without_factor = np.sqrt(5 / 4 * 9999 / 9997)
    for restricted, printed in ((True, R_RESTRICTED), (False, R_UNRESTRICTED)):
        got = wild_cluster_bootstrap(design, pd.Series(outcome), pd.Series(clusters), "x1", restricted=restricted)
        assert got.draws == 32
        both = np.sort(np.concatenate([printed, np.negative(printed)]))
        assert np.sort(got.distribution) * without_factor == pytest.approx(both, abs=1e-9)
        assert got.p_strict == np.mean(np.abs(both) > got.statistic * without_factor + 1e-9)


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize(("weights", "clusters"), [("Rademacher", 6), ("Webb", 3)])
def test_all_samples_give_the_statistics_of_refitting_each(restricted, weights, clusters):
    design, outcome, names = made_up(11, clusters, 24)
    observed, statistics = refitted(design, outcome, names, "dose", 0.1, weights, restricted)
    got = wild_cluster_bootstrap(design, outcome, names, "dose", null=0.1, weights=weights, restricted=restricted)
    assert got.enumerated
    assert got.draws == len(POINTS[weights]) ** clusters
    assert got.statistic == pytest.approx(observed, rel=1e-9)
    assert got.distribution == pytest.approx(statistics, rel=1e-7, abs=1e-9)
    larger = np.sum(np.abs(statistics) > abs(observed) * (1 + 1e-7))
    assert got.p_strict == larger / got.draws
    if restricted:
        assert got.p_value == np.mean(np.abs(statistics) >= abs(observed) * (1 - 1e-7))
    else:
        assert got.p_value == (np.sum(np.abs(statistics) >= abs(observed) * (1 - 1e-7)) + 1) / (got.draws + 1)


@pytest.mark.parametrize("weights", ["Rademacher", "Webb"])
def test_the_sample_is_tied_with_itself_and_bounds_the_p_value(weights):
    design, outcome, names = made_up(3, 4, 40, effect=50.0)
    got = wild_cluster_bootstrap(design, outcome, names, "dose", weights=weights)
    assert got.ties == len(POINTS[weights])
    assert got.p_strict == 0
    assert got.p_value == got.smallest_p == len(POINTS[weights]) / len(POINTS[weights]) ** 4
    assert f"{got.ties} of them tied" in got.sentence()


def test_random_samples_agree_with_all_samples():
    design, outcome, names = made_up(5, 10, 80)
    every = wild_cluster_bootstrap(design, outcome, names, "dose", draws=1024, confidence=None)
    some = wild_cluster_bootstrap(design, outcome, names, "dose", draws=1023, confidence=None)
    many = [
        wild_cluster_bootstrap(design, outcome, names, "dose", draws=1000, seed=seed, confidence=None).p_value
        for seed in range(40)
    ]
    assert every.enumerated
    assert not some.enumerated
    assert every.smallest_p == 2 / 1024
    assert some.smallest_p == 1 / 1024
    assert np.mean(many) == pytest.approx(every.p_value, abs=4 * np.sqrt(every.p_value / 40000) + 1e-3)


@pytest.mark.parametrize("restricted", [True, False])
def test_the_interval_holds_what_the_test_does_not_reject(restricted):
    design, outcome, names = made_up(8, 9, 90)
    found = wild_cluster_bootstrap(design, outcome, names, "dose", restricted=restricted, confidence=0.9)

    def p_value(null):
        return wild_cluster_bootstrap(
            design, outcome, names, "dose", null=null, restricted=restricted, confidence=None
        ).p_value

    assert found.low < found.estimate < found.high
    reach = found.high - found.low
    for inside, outside in ((found.low, found.low - 1e-5 * reach), (found.high, found.high + 1e-5 * reach)):
        assert p_value(inside) > 0.1 >= p_value(outside)


def test_an_unrestricted_interval_is_symmetric_and_rests_on_the_quantile_of_the_statistics():
    design, outcome, names = made_up(8, 9, 90)
    found = wild_cluster_bootstrap(design, outcome, names, "dose", restricted=False)
    # p = (b + 1) / 513 stays above .05 as long as 25 or more are at least as large
    critical = np.sort(np.abs(found.distribution))[::-1][24]
    assert found.high - found.estimate == pytest.approx(critical * found.std_error, rel=1e-6)
    assert found.estimate - found.low == pytest.approx(critical * found.std_error, rel=1e-6)


def test_few_treated_clusters_are_told():
    design, outcome, names = made_up(4, 9, 90)
    some = wild_cluster_bootstrap(design.assign(dose=(names < 2) * 1.0), outcome, names, "dose", confidence=None)
    assert some.treated_clusters == 2
    assert "over 9 clusters, the rarer value in 2 only with" in some.sentence()
    within = wild_cluster_bootstrap(
        design.assign(dose=np.arange(90) % 2 * 1.0), outcome, names, "dose", confidence=None
    )
    assert within.treated_clusters == 9


def test_four_clusters_give_no_interval_of_95_per_cent():
    found = wild_cluster_bootstrap(*made_up(3, 4, 40, effect=50.0), "dose")
    assert (found.low, found.high) == (-np.inf, np.inf)


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6), factor=st.floats(0.1, 10), shift=st.floats(-5, 5))
def test_neither_units_nor_names_of_clusters_nor_order_of_rows_matter(seed, factor, shift):
    design, outcome, names = made_up(seed)
    first = wild_cluster_bootstrap(design, outcome, names, "dose", confidence=None)
    order = np.random.default_rng(seed).permutation(len(outcome))
    changed = design.assign(dose=design["dose"] * factor + shift).iloc[order]
    again = wild_cluster_bootstrap(
        changed, outcome.iloc[order], names.iloc[order].map(lambda name: f"c{9 - name}"), "dose", confidence=None
    )
    assert again.estimate * factor == pytest.approx(first.estimate, rel=1e-7, abs=1e-10)
    assert again.p_value == first.p_value


def test_with_few_clusters_it_keeps_its_size_where_the_usual_test_does_not():
    # the size over 1,000 samples, and more designs, is in benchmarks/simulations.txt
    rng = np.random.default_rng(2018)
    names = pd.Series(np.repeat(np.arange(8), 12))
    design = pd.DataFrame({"constant": 1.0, "treated": (names % 2).astype(float)})
    usual, bootstrap = [], []
    for _ in range(300):
        outcome = pd.Series(rng.normal(size=8)[names] + rng.normal(size=96))
        found = wild_cluster_bootstrap(design, outcome, names, "treated", confidence=None)
        usual.append(abs(found.statistic) > 1.96)
        bootstrap.append(found.p_value <= 0.05)
    assert np.mean(usual) > 0.08
    assert 0.02 < np.mean(bootstrap) < 0.08


def spoiled(**change) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    design, outcome, names = made_up(1)
    return change.get("design", design), change.get("outcome", outcome), change.get("clusters", names)


@pytest.mark.parametrize(
    ("data", "covariate", "message"),
    [
        (spoiled(clusters=pd.Series(["a"] * 40)), "dose", "clusters: got one"),
        (spoiled(outcome=pd.Series([np.nan] + [1.0] * 39)), "dose", "outcome: got 1 missing"),
        (spoiled(clusters=pd.Series([None, *list("ab") * 20][:40])), "dose", "clusters: got 1 missing"),
        (spoiled(design=made_up(1)[0].assign(age=2.0)), "dose", "constant column"),
        (spoiled(design=made_up(1)[0].assign(age=0.0)), "dose", "got rank 2"),
        (spoiled(), "height", "expected one of constant, dose, age"),
        (spoiled(outcome=made_up(1)[0]["dose"] * 2.0), "dose", "residuals of zero"),
        (spoiled(outcome=pd.Series([1.0, 2.0])), "dose", "outcome: got other rows"),
        (spoiled(design=made_up(1)[0].assign(dose=(made_up(1)[2] == 2) * 1.0)), "dose", "got 1 in cluster 2 only"),
        (spoiled(design=made_up(1)[0].assign(dose=(made_up(1)[2] != 2) * 1.0)), "dose", "got 0 in cluster 2 only"),
    ],
)
def test_what_cannot_be_tested_is_named(data, covariate, message):
    with pytest.raises(UserError, match=message):
        wild_cluster_bootstrap(*data, covariate)
