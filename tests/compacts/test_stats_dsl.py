"""Design-based estimates against ppi_py, statsmodels, a survey textbook, all samples of a small population, simulation."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import root
from statsmodels.discrete.discrete_model import Logit
from statsmodels.regression.linear_model import OLS

from compacts.stats.dsl import corrected_outcome, cross_fitted, design_based
from compacts.stats.margins import average_marginal_effects
from compendium.errors import UserError

# ppi_py 0.2.3 (Angelopoulos et al. 2023, prediction-powered inference), ppi_logistic_pointestimate and ppi_mean_pointestimate
# with lam=1 and all units as the unlabelled ones, on the data of posts(): with equal probabilities the same moments as ours
PPI_LOGIT = (-0.31068232397171625, 0.5881593308234573, 0.14584893099029494)
PPI_MEAN = 0.4475


def posts() -> dict[str, pd.DataFrame | pd.Series]:
    """400 units, a machine that errs more in one group, 100 of them coded by experts."""
    rng = np.random.default_rng(2023)
    x = np.column_stack([np.ones(400), rng.normal(size=400), rng.integers(0, 2, 400)])
    y = (rng.random(400) < 1 / (1 + np.exp(-x @ [-0.4, 0.8, 0.5]))) * 1.0
    machine = np.where(rng.random(400) < 0.2 + 0.1 * x[:, 2], 1 - y, y)
    drawn = np.zeros(400, dtype=bool)
    drawn[rng.choice(400, 100, replace=False)] = True
    return {
        "design": pd.DataFrame(x, columns=["constant", "length", "late"]),
        "predicted": pd.Series(machine),
        "coded": pd.Series(np.where(drawn, y, np.nan)),
        "probability": pd.Series(np.full(400, 0.25)),
    }


def all_coded() -> tuple[dict[str, pd.DataFrame | pd.Series], pd.Series]:
    data = posts()
    rng = np.random.default_rng(1)
    truth = pd.Series((rng.random(400) < 0.3 + 0.2 * data["design"]["late"]).astype(float))
    return data | {"coded": truth, "probability": pd.Series(1.0, index=truth.index)}, pd.Series(np.arange(400) // 8)


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("model", ["linear", "logit"])
def test_where_experts_coded_everything_it_is_the_regression_of_statsmodels(model, clustered):
    data, names = all_coded()
    found = design_based(**data, model=model, clusters=names if clustered else None)
    robust = {"cov_type": "HC0"}
    if clustered:
        robust = {"cov_type": "cluster", "cov_kwds": {"groups": names, "use_correction": False}}
    fit = (OLS if model == "linear" else Logit)(data["coded"], data["design"])
    options = {"disp": False, "method": "newton", "tol": 1e-12} if model == "logit" else {}
    theirs = fit.fit(**robust, **options)
    for name in ("DSL", "gold"):
        assert found.estimates[name].parameters == pytest.approx(theirs.params.to_numpy(), abs=1e-9)
        assert found.estimates[name].covariance == pytest.approx(theirs.cov_params().to_numpy(), abs=1e-9)
    naive = type(fit)(data["predicted"], data["design"]).fit(**options).params.to_numpy()
    assert found.estimates["naive"].parameters == pytest.approx(naive, abs=1e-9)


def test_a_linear_regression_is_that_of_the_corrected_outcome():
    data = posts()
    corrected = corrected_outcome(data["predicted"], data["coded"], data["probability"])
    found = design_based(**data).estimates["DSL"]
    theirs = OLS(corrected, data["design"]).fit(cov_type="HC0")
    assert found.parameters == pytest.approx(theirs.params.to_numpy(), abs=1e-10)
    assert found.covariance == pytest.approx(theirs.cov_params().to_numpy(), abs=1e-10)


def test_estimates_are_those_of_prediction_powered_inference():
    data = posts()
    assert design_based(**data, model="logit").estimates["DSL"].parameters == pytest.approx(PPI_LOGIT, abs=1e-6)
    mean = design_based(**data | {"design": data["design"][["constant"]]}).estimates["DSL"].parameters
    assert mean == pytest.approx([PPI_MEAN], abs=1e-12)


@pytest.mark.parametrize("model", ["linear", "logit"])
def test_covariates_with_error_solve_the_moments_of_egami_et_al_unit_by_unit(model):
    data, rng = posts(), np.random.default_rng(9)
    truth = data["design"].assign(
        late=np.where(rng.random(400) < 0.25, 1 - data["design"]["late"], data["design"]["late"])
    )
    chance = pd.Series(np.where(data["design"]["length"] > 0, 0.4, 0.2))
    weights = pd.Series(rng.uniform(0.5, 2, 400))
    clusters = pd.Series(rng.integers(0, 50, 400))
    found = design_based(
        **data | {"probability": chance}, model=model, coded_design=truth.where(data["coded"].notna()), weights=weights,
        clusters=clusters,
    ).estimates["DSL"]  # fmt: skip

    def unit(i, beta):
        def moment(x, y):
            score = x @ beta
            return weights[i] * x * (y - (score if model == "linear" else 1 / (1 + np.exp(-score))))

        m = moment(data["design"].to_numpy()[i], data["predicted"][i])
        if not np.isnan(data["coded"][i]):
            m = m + (moment(truth.to_numpy()[i], data["coded"][i]) - m) / chance[i]
        return m

    def total(beta):
        return sum(unit(i, beta) for i in range(400))

    beta = root(total, np.zeros(3), tol=1e-12).x
    assert found.parameters == pytest.approx(beta, abs=1e-7)
    slope = np.column_stack([(total(beta + h) - total(beta - h)) / 2e-5 for h in np.eye(3) * 1e-5])
    sums = np.array([sum(unit(i, beta) for i in np.flatnonzero(clusters == name)) for name in sorted(set(clusters))])
    bread = np.linalg.inv(slope)
    assert found.covariance == pytest.approx(bread @ (sums.T @ sums) @ bread.T, rel=1e-5)


def test_three_estimates_of_a_mean_by_hand():
    # machine 1 1 1 0 0 0; experts saw units 1, 2, 4 and coded 1 0 0, drawn with 1/2, 1/2, 1/4
    found = design_based(
        pd.DataFrame({"mean": np.ones(6)}),
        pd.Series([1.0, 1, 1, 0, 0, 0]),
        pd.Series([1, 0, None, 0, None, None], dtype=float),
        pd.Series([0.5, 0.5, 0.5, 0.25, 0.25, 0.25]),
    )
    naive, corrected = 3 / 6, (1 + (1 + (0 - 1) / 0.5) + 1 + 0 + 0 + 0) / 6
    gold = (1 / 0.5) / (1 / 0.5 + 1 / 0.5 + 1 / 0.25)
    got = {name: one.parameters[0] for name, one in found.estimates.items()}
    assert got == pytest.approx({"DSL": corrected, "gold": gold, "naive": naive})
    pseudo = np.array([1.0, -1, 1, 0, 0, 0])
    assert found.estimates["DSL"].covariance[0, 0] == pytest.approx(np.sum((pseudo - corrected) ** 2) / 36)
    assert found.summary().query("estimator == 'gold'")["n"].item() == 3


def test_a_stratified_sample_gives_the_mean_and_error_of_the_textbook():
    # Lohr (1999), Sampling: Design and Analysis, example 4.2: acres of farms in 1992, four regions; mean 295,561, error 16,380.
    # The samples here have the sizes, means and variances printed there
    regions = {
        "NC": (1054, 103, 300504.16, 29618183543), "NE": (220, 21, 97629.81, 7647472708),
        "S": (1382, 135, 211315.04, 53587487856), "W": (422, 41, 662295.51, 396185950266),
    }  # fmt: skip
    rows = []
    for name, (whole, size, mean, variance) in regions.items():
        values = np.linspace(-1, 1, size)
        values = mean + values * np.sqrt(variance / values.var(ddof=1))
        codes = np.concatenate([values, np.full(whole - size, np.nan)])
        rows.append(pd.DataFrame({"region": name, "coded": codes, "probability": size / whole}))
    farms = pd.concat(rows, ignore_index=True)
    found = design_based(
        pd.DataFrame({"mean": np.ones(len(farms))}), pd.Series(0.0, index=farms.index), farms["coded"], farms["probability"],
        strata=farms["region"], population="finite",
    )  # fmt: skip
    for name in ("DSL", "gold"):
        assert found.estimates[name].parameters[0] == pytest.approx(295561, abs=1)
        assert np.sqrt(found.estimates[name].covariance[0, 0]) == pytest.approx(16380, abs=1)


def test_over_all_samples_of_a_small_population_neither_estimate_nor_variance_is_biased():
    strata = pd.Series(list("aaaaabbbb"))
    truth = np.array([1.0, 0, 1, 1, 0, 0, 0, 1, 0])
    machine = pd.Series([1.0, 1, 1, 0, 0, 0, 1, 1, 0])
    chance = strata.map({"a": 3 / 5, "b": 2 / 4})
    design = pd.DataFrame({"late": (strata == "b") * 1.0, "early": (strata == "a") * 1.0})
    estimates, variances = [], []
    for first, second in product(combinations(range(5), 3), combinations(range(5, 9), 2)):
        coded = pd.Series(np.where(np.isin(np.arange(9), first + second), truth, np.nan))
        found = design_based(design, machine, coded, chance, strata=strata, population="finite")
        estimate, error = found.contrast({"late": 1, "early": -1})
        estimates.append(estimate)
        variances.append(error**2)
    assert len(estimates) == 60
    assert np.mean(estimates) == pytest.approx(truth[5:].mean() - truth[:5].mean(), abs=1e-12)
    assert np.mean(variances) == pytest.approx(np.var(estimates), abs=1e-12)


def test_a_finite_population_coded_in_full_has_no_error():
    data, _ = all_coded()
    found = design_based(**data, population="finite")
    assert found.estimates["DSL"].covariance == pytest.approx(np.zeros((3, 3)))
    assert (np.diag(found.estimates["naive"].covariance) > 0).all()
    assert found.summary().set_index("estimator").loc["DSL", "p_value"].isna().all()


def periods(rng: np.random.Generator, n: int = 600) -> dict[str, pd.DataFrame | pd.Series]:
    """No change in truth; the machine finds nine in ten before, six in ten after. One in five is coded."""
    late = np.arange(n) % 2 * 1.0
    y = (rng.random(n) < 0.5) * 1.0
    machine = y * (rng.random(n) < np.where(late == 1, 0.6, 0.9))
    drawn = rng.permutation(n) < n // 5
    return {
        "design": pd.DataFrame({"constant": 1.0, "late": late}),
        "predicted": pd.Series(machine),
        "coded": pd.Series(np.where(drawn, y, np.nan)),
        "probability": pd.Series(np.full(n, (n // 5) / n)),
    }


@pytest.mark.parametrize("model", ["linear", "logit"])
def test_intervals_cover_where_the_error_differs_by_period_and_naive_ones_do_not(model):
    # 2,000 samples and more designs are in benchmarks/simulations.txt
    rng = np.random.default_rng(20181219)
    covered = {"DSL": 0, "gold": 0, "naive": 0}
    for _ in range(400):
        found = design_based(**periods(rng), model=model)
        for name in covered:
            estimate, error = found.contrast({"late": 1}, name)
            covered[name] += abs(estimate) <= 1.96 * error
    assert 0.93 <= covered["DSL"] / 400 <= 0.97
    assert 0.92 <= covered["gold"] / 400 <= 0.98
    assert covered["naive"] / 400 < 0.2


def test_the_machine_makes_the_estimate_less_variable_than_the_sample_alone():
    found = design_based(**periods(np.random.default_rng(4), 5000)).summary().set_index(["estimator", "covariate"])
    errors = found["std_error"].xs("late", level="covariate")
    assert errors["naive"] < errors["DSL"] < errors["gold"]


def test_average_marginal_effects_are_those_of_statsmodels_where_all_is_coded():
    data, _ = all_coded()
    ours = average_marginal_effects(design_based(**data, model="logit").choice_model(), outcomes=["yes"]).summary()
    fit = Logit(data["coded"], data["design"]).fit(disp=False, cov_type="HC0", method="newton", tol=1e-12)
    theirs = fit.get_margeff(at="overall", dummy=True)
    assert ours["estimate"].to_numpy() == pytest.approx(100 * theirs.margeff, rel=1e-7)
    assert ours["std_error"].to_numpy() == pytest.approx(100 * theirs.margeff_se, rel=1e-7)


def test_no_machine_sees_the_codes_that_it_predicts():
    data = posts()
    clusters = pd.Series(np.arange(400) // 4)

    def fit(features, codes):
        share = codes.groupby(features["late"]).mean()
        return lambda new: new["late"].map(share).to_numpy()

    first = cross_fitted(fit, data["design"], data["coded"], clusters=clusters, seed=3)
    unit = data["coded"].first_valid_index()
    changed = data["coded"].copy()
    changed[unit] = 1 - changed[unit]
    again = cross_fitted(fit, data["design"], changed, clusters=clusters, seed=3)
    assert first.notna().all()
    moved = again != first
    assert moved.any()
    assert not moved[clusters == clusters[unit]].any()
    with pytest.raises(UserError, match="fold 1 of 1: got no coded unit outside it"):
        cross_fitted(fit, data["design"], data["coded"], folds=1)


def test_a_gold_estimate_that_does_not_exist_is_missing_and_says_why():
    data = posts()
    rare = data["design"].assign(late=(data["coded"].isna() & (data["design"]["length"] > 1)) * 1.0)
    found = design_based(**data | {"design": rare}, model="logit")
    assert np.isnan(found.estimates["gold"].parameters).all()
    assert "no variation of its own" in found.estimates["gold"].undefined
    assert np.isfinite(found.estimates["DSL"].parameters).all()


def spoiled(name: str, value: float, everywhere: bool = False) -> dict[str, pd.DataFrame | pd.Series]:
    data = posts()
    column = data[name].copy()
    column.iloc[: len(column) if everywhere else 1] = value
    return data | {name: column}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            spoiled("probability", 0.0),
            "got 1 units .first in row 0. with zero or less, so that they could not be drawn",
        ),
        (spoiled("probability", 1.5), "with more than one"),
        (spoiled("probability", 1.0, everywhere=True), "got 300 units .* with one but without a code"),
        (spoiled("probability", np.nan), "probability: got 1 missing"),
        (spoiled("predicted", np.nan), "predicted: got 1 missing"),
        (spoiled("design", np.nan), "constant: got 1 missing"),
        (spoiled("coded", np.nan, everywhere=True), "coded: got 0 units for 3 parameters"),
        (spoiled("predicted", 2.0), "outside 0 to 1"),
        (spoiled("design", 1.0, everywhere=True), "no variation of its own"),
        (posts() | {"predicted": pd.Series([1.0])}, "predicted: got other rows"),
        (posts() | {"coded": posts()["coded"].iloc[::-1]}, "coded: got other rows"),
        (posts() | {"weights": pd.Series([0.0] + [1.0] * 399)}, "weights: got some missing, zero or negative"),
        (posts() | {"clusters": pd.Series(["a"] * 400)}, "clusters: got one .a."),
        (posts() | {"clusters": pd.Series(["a", None] * 200)}, "clusters: got 200 missing"),
        (posts() | {"strata": pd.Series(["all"] * 200 + ["rest"] * 200)}, "strata, all: got .* of 200 units coded"),
        (posts() | {"coded_design": posts()["design"] * np.nan}, "coded_design: got missing"),
    ],
)
def test_what_cannot_be_estimated_is_named(data, message):
    with pytest.raises(UserError, match=message):
        design_based(**data, model="logit")


def test_separation_has_no_finite_solution():
    data, _ = all_coded()
    data["coded"] = data["predicted"] = data["design"]["late"]
    with pytest.raises(UserError, match="no finite solution"):
        design_based(**data, model="logit")


def test_a_stratum_with_one_coded_unit_is_named():
    names = pd.Series(["a", "a", "b", "b"])
    coded = pd.Series([1.0, None, 0.0, None])
    with pytest.raises(UserError, match="strata, a: got one coded unit of 2"):
        design_based(pd.DataFrame({"mean": [1.0] * 4}), coded.fillna(0), coded, pd.Series([0.5] * 4), strata=names)


def test_a_linear_model_has_no_marginal_effects_of_its_own():
    with pytest.raises(UserError, match="got a linear model"):
        design_based(**posts()).choice_model()
