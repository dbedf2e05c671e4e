"""The stratified mean: against R's printed output, Cochran's table, statsmodels, and simulation."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS

from compacts.stats.proportions import wilson
from compacts.stats.stratified import sampled_mean
from compendium.errors import UserError

PUBLISHED = Path(__file__).parent / "published"


def sample_of(rows, *more):
    return pd.DataFrame(rows, columns=["value", "stratum", "stratum_size", *more])


@pytest.fixture(scope="module")
def schools():
    return pd.read_csv(PUBLISHED / "apistrat.csv").rename(
        columns={"stype": "stratum", "size": "stratum_size", "api00": "value"}
    )


def test_mean_and_error_equal_those_that_r_survey_prints(schools):
    # svymean(~api00, dstrat) with svydesign(id=~1, strata=~stype, weights=~pw, data=apistrat, fpc=~fpc): R package survey
    found = sampled_mean(schools)
    assert (found.mean, found.standard_error) == pytest.approx((662.29, 9.4089), abs=5e-3)
    assert found.standard_error == pytest.approx(9.4089, abs=5e-5)
    assert (found.read, found.population) == (200, 6194)
    # the same without fpc: 9.5361 (printed in the tests of Survey.jl)
    assert sampled_mean(schools, as_draws=True).standard_error == pytest.approx(9.5361, abs=5e-5)


def test_the_variance_equals_cochrans_for_the_populations_of_american_cities():
    # Cochran (1977), section 5.5: strata of 16 and 48 cities, S2 53,843 and 5,581; n 6 and 18: variance of the total 1,882,293
    rows = []
    for name, size, read, variance in (("large", 16, 6, 53843), ("small", 48, 18, 5581)):
        step = np.sqrt(variance * (read - 1) / read)
        rows += [(500 + step * (-1) ** i, name, size) for i in range(read)]
    found = sampled_mean(sample_of(rows))
    assert (64 * found.standard_error) ** 2 == pytest.approx(1882293, abs=1)


def test_clusters_in_one_stratum_give_the_error_of_a_clustered_regression():
    generator = np.random.default_rng(1)
    cluster = np.repeat(np.arange(15), 4)
    value = generator.normal(size=60) + generator.normal(size=15)[cluster]
    theirs = OLS(value, np.ones(60)).fit(cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False})
    frame = pd.DataFrame({"value": value, "stratum": "all", "stratum_size": 60, "cluster": cluster})
    found = sampled_mean(frame, as_draws=True)
    assert found.standard_error == pytest.approx(float(theirs.bse[0]) * np.sqrt(60 / 59))
    assert found.clusters == 15


def test_clusters_of_one_unit_each_change_nothing(schools):
    alone = sampled_mean(schools, as_draws=True)
    assert sampled_mean(schools.assign(cluster=range(200)), as_draws=True) == alone


def test_doubling_every_text_as_a_cluster_leaves_the_error_almost_as_it_was_and_without_clusters_halves_the_variance():
    once = pd.DataFrame({"value": [0.0, 1, 1, 0, 1, 0, 0, 1, 0, 0] * 4, "stratum": "a", "stratum_size": 100})
    twice = pd.concat([once.assign(cluster=range(40))] * 2)
    single = sampled_mean(once, as_draws=True).standard_error
    assert sampled_mean(twice, as_draws=True).standard_error == pytest.approx(single, rel=0.01)
    plain = sampled_mean(twice.drop(columns="cluster"), as_draws=True).standard_error
    assert plain == pytest.approx(single / np.sqrt(2), rel=0.01)


def test_a_share_of_one_stratum_has_wilsons_interval_for_one_unit_less():
    rows = [(1.0, "a", 148)] * 15 + [(0.0, "a", 148)] * 133
    found = sampled_mean(sample_of(rows), as_draws=True)
    low, high = wilson(15, 148)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-3)
    assert found.high - found.low > high - low  # the variance has n - 1


def test_where_nothing_varies_the_interval_is_that_of_so_many_clusters():
    frame = sample_of([(0.0, "a", 40, i // 2) for i in range(40)], "cluster")
    found = sampled_mean(frame, as_draws=True)
    assert (found.low, found.high) == pytest.approx(wilson(0, 20), abs=1e-9)


def test_a_finite_population_that_was_read_whole_has_no_width_and_a_drawn_one_has():
    rows = sample_of([(1.0, "a", 3), (0.0, "a", 3), (1.0, "a", 3)])
    assert sampled_mean(rows).low == sampled_mean(rows).high == pytest.approx(2 / 3)
    drawn = sampled_mean(rows, as_draws=True)
    assert drawn.low < 2 / 3 < drawn.high


def coverage(values_of, sizes, draws, clustered=False, runs=1500):
    """Share of intervals that hold the mean of the superpopulation, of which each run draws a population."""
    generator = np.random.default_rng(20261126)
    truth = sum(size * p for size, p in zip(sizes, values_of, strict=True)) / sum(sizes)
    held = 0
    for _ in range(runs):
        rows = []
        for name, (size, p, n) in enumerate(zip(sizes, values_of, draws, strict=True)):
            if clustered:  # pairs of texts that are equal
                drawn = np.repeat(generator.random(n // 2) < p, 2)
                rows += [(float(v), name, size, f"{name} {i // 2}") for i, v in enumerate(drawn)]
            else:
                rows += [(float(v), name, size) for v in generator.random(n) < p]
        frame = sample_of(rows, *(["cluster"] if clustered else []))
        found = sampled_mean(frame, as_draws=True)
        held += found.low <= truth <= found.high
    return held / runs


def test_intervals_of_shares_cover_as_they_promise_in_strata_of_unequal_weight():
    assert 0.93 <= coverage((0.2, 0.5, 0.7), (300, 100, 600), (20, 20, 20)) <= 0.98


def test_intervals_of_rare_shares_cover_at_least_as_promised():
    assert 0.94 <= coverage((0.04, 0.08), (100, 100), (30, 30)) <= 1


def test_intervals_hold_where_texts_recur_if_clustered():
    assert 0.93 <= coverage((0.3, 0.5), (200, 200), (40, 40), clustered=True) <= 0.98


def test_with_twelve_clusters_they_still_cover_nearly():
    assert 0.90 <= coverage((0.3,), (200,), (24,), clustered=True) <= 0.98


@pytest.mark.parametrize(
    ("rows", "more", "words"),
    [
        ([], {}, "got no unit"),
        ([(None, "a", 2), (1.0, "a", 2)], {}, "got a missing value"),
        ([(1.0, "a", 1), (0.0, "a", 1)], {}, "stratum a: got 2 of 1 units"),
        ([(1.0, "a", 5)], {}, "stratum a: got 1 of 5 units"),
        ([(1.0, "a", 1)], {"as_draws": True}, "expected two or more"),
        ([(1.0, "a", 2), (0.0, "a", 2)], {"confidence": 1.5}, "got confidence 1.5"),
    ],
)
def test_degenerate_samples_are_named(rows, more, words):
    with pytest.raises(UserError, match=words):
        sampled_mean(sample_of(rows), **more)


def test_one_cluster_and_clusters_of_a_finite_population_are_named():
    one = sample_of([(1.0, "a", 2, "x"), (0.0, "a", 2, "x")], "cluster")
    with pytest.raises(UserError, match="clusters: got 1, in a population that is drawn"):
        sampled_mean(one, as_draws=True)
    with pytest.raises(UserError, match="finite"):
        sampled_mean(one.assign(cluster=["x", "y"]))
