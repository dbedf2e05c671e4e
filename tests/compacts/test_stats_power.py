"""Power and detectable effects against statsmodels' power classes, published multiples, and simulation."""

import numpy as np
import pytest
from scipy.stats import t as t_distribution
from statsmodels.stats.power import NormalIndPower, TTestIndPower

from compacts.stats.power import power_at, smallest_detectable


@pytest.mark.parametrize("effect", [0.0, 0.2, 0.5, -0.9])
@pytest.mark.parametrize("alpha", [0.05, 0.1])
def test_power_of_a_comparison_of_means_is_that_of_statsmodels(effect, alpha):
    error = np.sqrt(2 / 40)  # two groups of 40, standard deviation one
    assert power_at(effect, error, alpha) == pytest.approx(NormalIndPower().power(effect, 40, alpha), abs=1e-9)
    assert power_at(effect, error, alpha, 78) == pytest.approx(TTestIndPower().power(effect, 40, alpha), abs=1e-9)


def test_power_without_an_effect_is_the_level():
    assert power_at(0.0, 2.0, 0.05) == pytest.approx(0.05)
    assert power_at(0.0, 2.0, 0.05, 9) == pytest.approx(0.05)


# Bloom (1995), table 1: minimum detectable effect as a multiple of the standard error; two-sided, 5 per cent level
@pytest.mark.parametrize(("power", "multiple"), [(0.8, 2.80), (0.9, 3.24)])
def test_the_smallest_detectable_effect_is_the_published_multiple_of_the_error(power, multiple):
    assert smallest_detectable(3.0, 0.05, power) / 3.0 == pytest.approx(multiple, abs=0.006)


@pytest.mark.parametrize("degrees", [np.inf, 31, 7])
def test_the_smallest_detectable_effect_is_found_with_the_power_asked_for(degrees):
    effect = smallest_detectable(0.4, 0.05, 0.8, degrees)
    # with few degrees Bloom's sum of two quantiles stands for the noncentral t: right to two points of power
    assert power_at(effect, 0.4, 0.05, degrees) == pytest.approx(0.8, abs=1e-6 if np.isinf(degrees) else 0.02)


def test_power_is_how_often_a_simulated_test_rejects():
    rng, degrees, draws = np.random.default_rng(5), 10, 40_000
    statistic = (2.5 + rng.normal(size=draws)) / np.sqrt(rng.chisquare(degrees, draws) / degrees)
    rejected = (np.abs(statistic) > t_distribution.ppf(0.975, degrees)).mean()
    assert power_at(5.0, 2.0, 0.05, degrees) == pytest.approx(rejected, abs=4 * np.sqrt(0.25 / draws))


@pytest.mark.parametrize("error", [0.0, float("nan"), -1.0])
def test_there_is_no_power_without_an_error(error):
    assert np.isnan(power_at(1.0, error))
