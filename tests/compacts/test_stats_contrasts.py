"""Robust fits and their contrasts against R's printed output, statsmodels' other models, cell means, a bootstrap and brute force."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy.optimize import minimize
from statsmodels.discrete.discrete_model import Logit, Poisson
from statsmodels.miscmodels.ordinal_model import OrderedModel

from compacts.stats.contrasts import Contrast, contrast, fit_robust
from compendium.errors import UserError

# R's data set cars (Ezekiel 1930): speed in miles an hour, distance to stop in feet
SPEED = [4, 4, 7, 7, 8, 9, 10, 10, 10, 11, 11, 12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15,
         15, 16, 16, 17, 17, 17, 18, 18, 18, 18, 19, 19, 19, 20, 20, 20, 20, 20, 22, 23, 24, 24, 24, 24, 25]  # fmt: skip
DIST = [2, 10, 4, 22, 16, 10, 18, 26, 34, 17, 28, 14, 20, 24, 28, 26, 34, 34, 46, 26, 36, 60, 80, 20, 26,
        54, 32, 40, 32, 40, 50, 42, 56, 76, 84, 36, 46, 68, 32, 48, 52, 56, 64, 66, 54, 70, 92, 93, 120, 85]  # fmt: skip


def simulated(seed: int = 3, n: int = 240) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Covariates, an index of the outcome without noise, and clusters of unlike size."""
    rng = np.random.default_rng(seed)
    design = pd.DataFrame({"constant": 1.0, "late": rng.integers(0, 2, n).astype(float), "x": rng.normal(size=n)})
    groups = pd.Series(rng.integers(0, 15, n) ** 2 // 12).map(lambda place: f"g{place}")
    return design, 0.3 + 0.6 * design["late"] + 0.5 * design["x"], groups


def drawn(family: str, index: pd.Series, seed: int = 4) -> pd.Series:
    rng = np.random.default_rng(seed)
    chance = 1 / (1 + np.exp(-index))
    values = {
        "linear": lambda: index + rng.normal(size=len(index)) * (1 + index.abs()),
        "logit": lambda: pd.Series(rng.binomial(1, chance), dtype=float),
        "shares": lambda: pd.Series(rng.binomial(2, chance) / 2),
        "poisson": lambda: pd.Series(rng.poisson(np.exp(index)), dtype=float),
        "ordered logit": lambda: pd.Series(np.digitize(index + rng.logistic(size=len(index)), [-0.5, 1, 2])),
    }
    return values[family]()


def test_hc1_errors_of_the_cars_are_those_that_r_prints():
    # R, lmtest::coeftest(lm(speed ~ dist), vcov. = sandwich::vcovHC(model, type = "HC1")), as printed in
    # M. Nguyen, A Guide on Data Analysis, section Standard Errors (bookdown.org/mike/data_analysis)
    design = pd.DataFrame({"constant": 1.0, "dist": np.array(DIST, dtype=float)})
    fit = fit_robust("linear", design, pd.Series(SPEED, dtype=float))
    assert fit.parameters == pytest.approx([8.283906, 0.165568], abs=5e-7)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx([0.891860, 0.019402], abs=5e-7)
    assert fit.clusters == 0


@pytest.mark.parametrize("clustered", [False, True], ids=["HC1", "clustered"])
@pytest.mark.parametrize("family", ["linear", "logit", "poisson"])
def test_coefficients_and_covariances_are_those_of_statsmodels_other_models(family, clustered):
    design, index, groups = simulated()
    outcome = drawn(family, index)
    fit = fit_robust(family, design, outcome, groups if clustered else None)
    how = {"cov_type": "cluster", "cov_kwds": {"groups": pd.factorize(groups)[0]}} if clustered else {"cov_type": "HC1"}
    if family == "linear":
        other = smf.ols("y ~ late + x", design.assign(y=outcome)).fit(**how)
        factor = 1.0
    else:
        model = {"logit": Logit, "poisson": Poisson}[family]
        other = model(outcome, design).fit(disp=False, method="newton", tol=1e-12, **how)
        factor = 1.0 if clustered else len(design) / (len(design) - 3)  # only its least squares knows the factor of HC1
    assert fit.parameters == pytest.approx(other.params.to_numpy(), abs=1e-7)
    assert fit.covariance == pytest.approx(factor * other.cov_params().to_numpy(), rel=1e-5, abs=1e-9)
    assert fit.clusters == (groups.nunique() if clustered else 0)


def test_a_logit_of_shares_maximises_the_quasi_likelihood_and_has_its_sandwich():
    design, index, _ = simulated()
    outcome, x = drawn("shares", index), design.to_numpy()
    y = outcome.to_numpy()
    assert ((y > 0) & (y < 1)).any()

    def loss(beta):
        return float(np.sum(np.logaddexp(0, x @ beta) - y * (x @ beta)))

    found = minimize(loss, np.zeros(3), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 5000})
    fit = fit_robust("logit", design, outcome)
    assert fit.parameters == pytest.approx(found.x, abs=1e-6)
    p = 1 / (1 + np.exp(-x @ fit.parameters))
    bread = np.linalg.inv((x * (p * (1 - p))[:, None]).T @ x)
    middle = (x * ((y - p) ** 2)[:, None]).T @ x
    assert fit.covariance == pytest.approx(240 / 237 * bread @ middle @ bread, rel=1e-6)


@pytest.mark.parametrize("clustered", [False, True], ids=["HC1", "clustered"])
def test_the_ordered_logit_has_the_sandwich_of_statsmodels(clustered):
    design, index, groups = simulated()
    outcome, covariates = drawn("ordered logit", index), design[["late", "x"]]
    fit = fit_robust("ordered logit", covariates, outcome, groups if clustered else None)
    how = {"cov_type": "cluster", "cov_kwds": {"groups": pd.factorize(groups)[0]}} if clustered else {"cov_type": "HC0"}
    model = OrderedModel(outcome, covariates, distr="logit")
    other = model.fit(method="bfgs", disp=False, gtol=1e-8, maxiter=500, **how)
    factor = 1.0 if clustered else 240 / 235  # two slopes, three thresholds
    assert fit.parameters == pytest.approx(other.params.to_numpy(), abs=1e-5)
    assert np.diag(fit.covariance) == pytest.approx(factor * other.bse.to_numpy() ** 2, rel=1e-4)


def test_the_ordered_logit_predicts_the_mean_of_the_levels_as_they_are_numbered():
    design, index, _ = simulated()
    outcome = drawn("ordered logit", index).map({0: 0, 1: 2, 2: 3, 3: 5})
    fit = fit_robust("ordered logit", design[["late", "x"]], outcome)
    other = OrderedModel(outcome, design[["late", "x"]], distr="logit").fit(
        method="bfgs", disp=False, gtol=1e-8, maxiter=500
    )
    expected = float((np.asarray(other.predict()) @ [0, 2, 3, 5]).mean())
    assert contrast(fit, {"all": (fit.design, 1.0)}).estimate == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("family", ["logit", "poisson"])
def test_a_difference_is_the_average_marginal_effect_that_statsmodels_gives_with_its_error(family):
    design, index, _ = simulated()
    outcome = drawn(family, index)
    found = contrast(
        fit_robust(family, design, outcome),
        {"late": (design.assign(late=1.0), 1.0), "early": (design.assign(late=0.0), -1.0)},
    )
    model = {"logit": Logit, "poisson": Poisson}[family](outcome, design).fit(disp=False, tol=1e-12, cov_type="HC0")
    other = model.get_margeff(dummy=True)
    assert found.estimate == pytest.approx(other.margeff[0], rel=1e-6)
    assert found.std_error == pytest.approx(other.margeff_se[0] * np.sqrt(240 / 237), rel=1e-5)
    assert (found.n, found.clusters) == (240, 0)


def test_the_delta_method_agrees_with_a_bootstrap_of_rows():
    design, index, _ = simulated(n=240)
    outcome = drawn("logit", index)

    def difference(rows: np.ndarray) -> Contrast:
        part, y = design.iloc[rows].reset_index(drop=True), outcome.iloc[rows].reset_index(drop=True)
        fit = fit_robust("logit", part, y)
        return contrast(fit, {"late": (design.assign(late=1.0), 1.0), "early": (design.assign(late=0.0), -1.0)})

    rng = np.random.default_rng(8)
    draws = [difference(rng.integers(0, 240, 240)).estimate for _ in range(50)]
    # 50 draws know a standard error to 10 per cent: four of those
    assert np.std(draws, ddof=1) == pytest.approx(difference(np.arange(240)).std_error, rel=0.4)


@pytest.mark.parametrize("family", ["logit", "poisson", "linear"])
def test_a_difference_in_differences_of_a_saturated_model_is_that_of_the_cell_means(family):
    design, index, _ = simulated()
    own = (design["x"] > 0).astype(float)
    cells = pd.DataFrame({"constant": 1.0, "own": own, "late": design["late"], "both": own * design["late"]})
    outcome = drawn(family, index)
    means = outcome.groupby([own, design["late"]]).mean()

    def rows(late: float, who: float) -> pd.DataFrame:
        return cells[own == who].assign(late=late, both=late * who)

    fit = fit_robust(family, cells, outcome)
    parts = {"a": (rows(1, 1), 1.0), "b": (rows(0, 1), -1.0), "c": (rows(1, 0), -1.0), "d": (rows(0, 0), 1.0)}
    found = contrast(fit, parts)
    assert found.estimate == pytest.approx(means[1, 1] - means[1, 0] - means[0, 1] + means[0, 0], abs=1e-8)
    # Puhani (2012): what the model predicts without the interaction is one parameter away on the scale of the index
    assert (abs(found.estimate - fit.parameters[3]) < 1e-9) == (family == "linear")
    # the error of four means that were drawn apart, with the factor of HC1
    spread = outcome.groupby([own, design["late"]]).agg(lambda values: values.var(ddof=0) / len(values)).sum()
    assert found.std_error == pytest.approx(np.sqrt(spread * 240 / 236), rel=1e-6)


def test_the_logarithm_of_a_ratio_of_poisson_means_is_the_coefficient():
    design, index, groups = simulated()
    fit = fit_robust("poisson", design, drawn("poisson", index), groups)
    found = contrast(
        fit, {"late": (design.assign(late=1.0), 1.0), "early": (design.assign(late=0.0), -1.0)}, logarithm=True
    )
    assert found.estimate == pytest.approx(fit.parameters[1], abs=1e-9)
    assert found.std_error == pytest.approx(np.sqrt(fit.covariance[1, 1]), rel=1e-8)


@pytest.mark.parametrize(("clusters", "p_value", "reach"), [(0, 0.0455003, 1.959964), (11, 0.0733880, 2.228139)])
def test_tests_and_intervals_are_normal_or_t_with_clusters_less_one(clusters, p_value, reach):
    # two-sided tail beyond 2, and 97.5 per cent points, of the normal and of t with 10 degrees: R's pnorm, pt, qnorm, qt
    found = Contrast(2.0, 1.0, 50, clusters, "")
    assert found.p_value == pytest.approx(p_value, abs=5e-8)
    assert found.interval() == pytest.approx((2 - reach, 2 + reach), abs=1e-6)


def test_intervals_cover_as_promised_where_equal_variances_would_not():
    rng, inside, plain, draws = np.random.default_rng(12), 0, 0, 120
    late = (np.arange(100) < 25).astype(float)
    design = pd.DataFrame({"constant": 1.0, "late": late})
    parts = {"late": (design.assign(late=1.0), 1.0), "early": (design.assign(late=0.0), -1.0)}
    for _ in range(draws):
        outcome = pd.Series(1.0 + late + rng.normal(size=100) * np.where(late > 0, 3, 1))
        found = contrast(fit_robust("linear", design, outcome), parts)
        low, high = found.interval()
        inside += low <= 1.0 <= high
        pooled = np.sqrt(outcome.groupby(late).var() @ [74, 24] / 98 * (1 / 25 + 1 / 75))
        plain += abs(found.estimate - 1) <= 1.96 * pooled
    assert 0.95 - 4 * np.sqrt(0.05 * 0.95 / draws) <= inside / draws <= 0.95 + 4 * np.sqrt(0.05 * 0.95 / draws)
    assert plain / draws < 0.85


DESIGN = pd.DataFrame({"constant": 1.0, "late": [0.0, 0, 0, 1, 1, 1]})
REFUSED = {
    "other rows": ("linear", DESIGN, pd.Series([1.0, 2, 3, 4, 5, 6], index=range(1, 7)), None, "model, outcome: got other rows"),
    "missing outcome": ("linear", DESIGN, pd.Series([1.0, 2, None, 4, 5, 6]), None, "outcome: got 1 missing values"),
    "missing cluster": ("linear", DESIGN, pd.Series([1.0, 2, 3, 4, 5, 6]), pd.Series(["a", None, "b", "a", "b", "a"]), "clusters: got 1 missing"),
    "missing covariate": ("linear", DESIGN.assign(late=[0, None, 0, 1, 1, 1]), pd.Series([1.0, 2, 3, 4, 5, 6]), None, "covariate late: got missing"),
    "logarithm of no words": ("linear", DESIGN.assign(late=[0, -np.inf, 0, 1, 1, 1]), pd.Series([1.0, 2, 3, 4, 5, 6]), None, "covariate late: got missing or infinite"),
    "constant": ("logit", DESIGN, pd.Series([1.0] * 6), None, "the same outcome in all 6 rows"),
    "no rows": ("linear", DESIGN[:0], pd.Series([], dtype=float), None, "the same outcome in all 0 rows"),
    "one cluster": ("linear", DESIGN, pd.Series([1.0, 2, 3, 4, 5, 6]), pd.Series(["a"] * 6), "got one cluster"),
    "collinear": ("linear", DESIGN.assign(early=1 - DESIGN["late"]), pd.Series([1.0, 2, 3, 4, 5, 6]), None, "3 covariates of which 2 are independent"),
    "no row to spare": ("linear", DESIGN[2:4], pd.Series([1.0, 2], index=[2, 3]), None, "2 rows for 2 covariates"),
    "separated": ("logit", DESIGN, pd.Series([0.0, 1, 0, 1, 1, 1]), None, "quasi-complete separation.*late"),
    "separated shares": ("logit", DESIGN, pd.Series([0.5, 1, 0, 1, 1, 1]), None, "quasi-complete separation.*late"),
    "a group of zeros only": ("poisson", DESIGN, pd.Series([1.0, 2, 3, 0, 0, 0]), None, "no finite estimate for late"),
    "share above one": ("logit", DESIGN, pd.Series([0.0, 1, 2, 0, 1, 0]), None, "got 2, expected shares from 0 to 1"),
    "negative count": ("poisson", DESIGN, pd.Series([0.0, 1, -2, 0, 1, 0]), None, "got -2, expected zero or more"),
    "half a level": ("ordered logit", DESIGN[["late"]], pd.Series([0.0, 1, 0.5, 0, 1, 2]), None, "got 0.5, expected whole numbers"),
    "constant of an ordered logit": ("ordered logit", DESIGN, pd.Series([0, 1, 2, 0, 1, 2]), None, "constant among the covariates"),
    "infinite outcome": ("linear", DESIGN, pd.Series([0.0, 1, np.inf, 0, 1, 2]), None, "got inf, expected numbers"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_model_that_has_no_answer_is_refused_in_one_sentence(case):
    family, design, outcome, clusters, told = REFUSED[case]
    with pytest.raises(UserError, match=told):
        fit_robust(family, design, outcome, clusters)


def test_what_only_looks_like_separation_is_fitted():
    # zeros in both groups, and counts in both; a share of one half on the one side
    fit_robust("poisson", DESIGN, pd.Series([0.0, 2, 0, 0, 0, 1]))
    fit = fit_robust("logit", DESIGN, pd.Series([0.0, 1, 0, 1, 1, 0.5]))
    assert np.isfinite(fit.covariance).all()


def test_a_contrast_without_rows_or_with_the_logarithm_of_no_mean_is_refused():
    fit = fit_robust("linear", DESIGN, pd.Series([-1.0, -3, -2, 2, 1, 3]))
    with pytest.raises(UserError, match="got no rows of late"):
        contrast(fit, {"late": (DESIGN[:0], 1.0)})
    with pytest.raises(UserError, match="got a mean of -2 for early"):
        contrast(
            fit, {"late": (DESIGN.assign(late=1.0), 1.0), "early": (DESIGN.assign(late=0.0), -1.0)}, logarithm=True
        )


def test_a_perfect_fit_has_no_error_and_no_p_value():
    fit = fit_robust("linear", DESIGN, pd.Series([1.0, 1, 1, 2, 2, 2]))
    found = contrast(fit, {"late": (DESIGN.assign(late=1.0), 1.0), "early": (DESIGN.assign(late=0.0), -1.0)})
    assert (round(found.estimate, 9), found.std_error) == (1.0, 0.0)
    assert np.isnan(found.p_value)
