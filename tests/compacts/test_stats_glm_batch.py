"""Batched logits and Poisson regressions against statsmodels, Stata's and R's printed output, and brute force."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from compacts.stats.glm_batch import fit_glm_batch
from compacts.stats.glm_climb import first_collinear
from compacts.stats.glm_stack import stack_of
from compacts.stats.separation import detect_separation
from compendium.errors import UserError

PUBLISHED = Path(__file__).parent / "published"
FAMILIES = ["logit", "poisson"]
EVERY = ("model", "HC1", "CR1", "CR1S")

# Stata, poisson accident yr_con op_75_79, exposure(service): b, then se with vce(robust) and with vce(cluster ship); as
# recorded in statsmodels/discrete/tests/results/results_count_robust_cluster.py (results_poisson_exposure_hc1, _clu)
SHIPS = {
    "yr_con": (0.30633819450439, 0.09144457613957, 0.03817694295902),
    "op_75_79": (0.35592229608495, 0.16103531267836, 0.09213163536669),
    "constant": (-6.974712802772, 0.2558675415017, 0.0968656626603),
}
SHIPS_LOG_LIKELIHOOD = -91.28727940081573
# Stata, glm executions income perpoverty perblack LN_VC100k96 south degree, family(poisson): b, se with vce(robust), with
# [fweight], vce(robust); with [pweight], vce(robust); with [fweight], vce(cluster id); as recorded in
# statsmodels/genmod/tests/results/results_glm_poisson_weights.py
EXECUTIONS = {
    "income": (0.00025343868829, 0.0000263369674, 0.0000298866597, 0.0000293670276),
    "perpoverty": (0.09081422305585, 0.07431850776812, 0.08414617969117, 0.09800194027664),
    "perblack": (-0.09416451429381, 0.01609416304158, 0.01946961498728, 0.02511206083893),
    "ln_crimes": (0.27652273809506, 0.34481886883624, 0.36112179485191, 0.36749499886987),
    "south": (2.239890838384, 0.39682271484988, 0.43098853454849, 0.51564197481271),
    "degree": (-18.842583191417, 4.1473740870735, 4.5147658917489, 3.2292740757113),
    "constant": (-6.5630017977416, 3.0810023455152, 3.3999612612355, 3.1938260811459),
}
EXECUTIONS_WEIGHTS = [1, 1, 1, 2, 2, 2, 3, 3, 3, 1, 1, 1, 2, 2, 2, 3, 3]
# R 3.0.2, sandwich 2.3-0: glm(num_awards ~ prog + math, family = "poisson") and vcovHC(m1, type = "HC0"), as printed on the
# page of UCLA (R Data Analysis Examples: Poisson Regression); log-likelihood and Wald test as Stata prints them there
AWARDS = {
    "constant": (-5.2471, 0.64600),
    "Academic": (1.0839, 0.32105),
    "Vocational": (0.3698, 0.40042),
    "math": (0.0702, 0.01044),
}


def made_up(seed=5, rows=240, family="logit"):
    """Rows in 12 clusters of unlike size; covariates of unlike scale, one of them 0/1."""
    rng = np.random.default_rng(seed)
    design = pd.DataFrame(
        {
            "constant": 1.0,
            "year": 2018.0 + rng.integers(0, 7, rows),
            "host": rng.integers(0, 2, rows).astype(float),
            "people": 1e6 * rng.normal(size=rows),
            "share": rng.random(rows) / 100,
        }
    )
    eta = 0.2 * (design["year"] - 2021) + 0.5 * design["host"] - 0.4 * design["people"] / 1e6
    outcome = rng.random(rows) < 1 / (1 + np.exp(-eta)) if family == "logit" else rng.poisson(np.exp(eta))
    clusters = rng.choice(12, rows, p=np.arange(1, 13) / 78)
    return design, outcome.astype(int), clusters


def by_statsmodels(design, outcome, family, **options):
    from statsmodels.genmod.families import Binomial, Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    fit = {key: options.pop(key) for key in ("cov_type", "cov_kwds") if key in options}
    model = GLM(
        np.asarray(outcome, float),
        design.to_numpy(),
        family={"logit": Binomial, "poisson": Poisson}[family](),
        **options,
    )
    # IRLS is told when to stop by the deviance: asked for the last digit, and started near it
    first = model.fit(tol=1e-14, maxiter=50)
    return model.fit(start_params=first.params, tol=1e-14, maxiter=50, **fit)


def scaled(design):
    """The same columns in units in which statsmodels keeps its digits."""
    return design.assign(year=design["year"] - 2021, people=design["people"] / 1e6, share=design["share"] * 100)


@pytest.mark.parametrize("family", FAMILIES)
def test_estimates_and_all_standard_errors_are_those_of_statsmodels_to_nine_digits(family):
    design, outcome, clusters = made_up(family=family)
    design = scaled(design)
    batch = fit_glm_batch(design, outcome, family, clusters=clusters, covariances=EVERY)
    n, k, g = len(design), design.shape[1], len(set(clusters))
    # cov_type, cov_kwds, and the factor on the variance that is left between the two
    theirs = {
        "model": ("nonrobust", None, 1),
        # statsmodels gives a GLM the sandwich without a factor
        "HC1": ("HC1", None, n / (n - k)),
        "CR1S": ("cluster", {"groups": clusters}, 1),
        "CR1": ("cluster", {"groups": clusters}, (n - k) / (n - 1)),
    }
    for kind, (cov_type, options, factor) in theirs.items():
        fitted = by_statsmodels(design, outcome, family, cov_type=cov_type, cov_kwds=options)
        assert batch.parameters[0] == pytest.approx(fitted.params, rel=1e-9, abs=1e-12)
        assert batch.std_errors(kind)[0] == pytest.approx(fitted.bse * np.sqrt(factor), rel=1e-9)
        assert batch.covariances[kind][0] == pytest.approx(fitted.cov_params() * factor, rel=1e-8, abs=1e-13)
        assert batch.log_likelihood[0] == pytest.approx(fitted.llf, rel=1e-12)
    assert (batch.n_used[0], batch.clusters_used[0]) == (n, g)


@pytest.mark.parametrize("family", FAMILIES)
def test_frequency_weights_are_those_of_statsmodels(family):
    design, outcome, clusters = made_up(family=family)
    design = scaled(design)
    weights = np.random.default_rng(3).integers(1, 4, (3, len(design)))
    batch = fit_glm_batch(design, outcome, family, weights=weights, clusters=clusters, covariances=EVERY)
    g = len(set(clusters))
    for fit, weight in enumerate(weights):
        plain = by_statsmodels(design, outcome, family, freq_weights=weight.astype(float))
        assert batch.parameters[fit] == pytest.approx(plain.params, rel=1e-9, abs=1e-12)
        assert batch.std_errors("model")[fit] == pytest.approx(plain.bse, rel=1e-9)
        assert batch.log_likelihood[fit] == pytest.approx(plain.llf, rel=1e-12)
        with pytest.warns(match="freq_weights"):
            clustered = by_statsmodels(
                design, outcome, family, freq_weights=weight.astype(float),
                cov_type="cluster", cov_kwds={"groups": clusters, "use_correction": False},
            )  # fmt: skip
        assert batch.std_errors("CR1")[fit] == pytest.approx(clustered.bse * np.sqrt(g / (g - 1)), rel=1e-9)


def test_robust_and_clustered_errors_of_the_ships_are_those_printed_by_stata():
    ships = pd.read_csv(PUBLISHED / "ships.csv")
    design = ships[["yr_con", "op_75_79"]].astype(float).assign(constant=1.0)
    batch = fit_glm_batch(
        design, ships["accident"], "poisson",
        offset=np.log(ships["service"]), clusters=ships["ship"], covariances=("HC1", "CR1"),
    )  # fmt: skip
    # Stata's factor for vce(robust) after maximum likelihood is n/(n - 1), ours n/(n - k)
    robust = batch.std_errors("HC1")[0] * np.sqrt((34 - 3) / (34 - 1))
    for place, (b, se_robust, se_cluster) in enumerate(SHIPS[name] for name in design):
        assert batch.parameters[0, place] == pytest.approx(b, rel=1e-9)
        assert robust[place] == pytest.approx(se_robust, rel=1e-9)
        assert batch.std_errors("CR1")[0, place] == pytest.approx(se_cluster, rel=1e-9)
    assert batch.log_likelihood[0] == pytest.approx(SHIPS_LOG_LIKELIHOOD, rel=1e-12)
    assert batch.clusters_used[0] == 5


def test_frequency_and_sampling_weights_are_the_fweights_and_pweights_of_stata():
    from statsmodels.datasets import cpunish

    raw = cpunish.load_pandas().data
    raw.columns = [name.lower() for name in raw.columns]
    design = raw[["income", "perpoverty", "perblack"]].astype(float)
    design = design.assign(ln_crimes=np.log(raw["vc100k96"]), south=raw["south"], degree=raw["degree"], constant=1.0)
    shared = {"weights": EXECUTIONS_WEIGHTS, "clusters": np.arange(1, 18) // 2, "covariances": ("HC1", "CR1")}
    frequency = fit_glm_batch(design, raw["executions"], "poisson", weight_kind="frequency", **shared)
    sampling = fit_glm_batch(design, raw["executions"], "poisson", weight_kind="sampling", **shared)
    assert (frequency.n_used[0], sampling.n_used[0]) == (33, 17)
    k = design.shape[1]
    for place, (b, fweight, pweight, clustered) in enumerate(EXECUTIONS[name] for name in design):
        assert frequency.parameters[0, place] == pytest.approx(b, rel=3e-6)
        robust = frequency.std_errors("HC1")[0, place] * np.sqrt((33 - k) / 32)
        assert robust == pytest.approx(fweight, rel=3e-6)
        assert sampling.std_errors("HC1")[0, place] * np.sqrt((17 - k) / 16) == pytest.approx(pweight, rel=3e-6)
        assert frequency.std_errors("CR1")[0, place] == pytest.approx(clustered, rel=3e-6)
        assert sampling.std_errors("CR1")[0, place] == pytest.approx(clustered, rel=3e-6)


def test_robust_errors_of_the_awards_are_those_printed_by_r():
    pupils = pd.read_csv(PUBLISHED / "awards_counts.csv")
    design = pd.DataFrame({"constant": 1.0, "math": pupils["math"].astype(float)})
    for programme in ("Academic", "Vocational"):
        design[programme] = (pupils["prog"] == programme) * 1.0
    batch = fit_glm_batch(design, pupils["num_awards"], "poisson", weights=pupils["count"], covariances=("HC1",))
    hc0 = batch.std_errors("HC1")[0] * np.sqrt((200 - 4) / 200)
    for place, (estimate, error) in enumerate(AWARDS[name] for name in design):
        assert batch.parameters[0, place] == pytest.approx(estimate, abs=5e-5)
        assert hc0[place] == pytest.approx(error, abs=5e-6)
    assert batch.log_likelihood[0] == pytest.approx(-182.75225, abs=5e-6)
    beta, covariance = batch.parameters[0, 1:], batch.covariances["HC1"][0, 1:, 1:] * (200 - 4) / 199
    assert beta @ np.linalg.solve(covariance, beta) == pytest.approx(80.15, abs=5e-3)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_batch_of_specifications_is_each_of_them_fitted_alone_by_statsmodels(family):
    """Subsets by zero weights, absent columns, other outcomes; missing numbers where no fit looks."""
    design, outcome, clusters = made_up(family=family)
    design = scaled(design)
    rng = np.random.default_rng(8)
    columns = np.array([[True, *rng.integers(0, 2, 4)] for _ in range(12)]) > 0
    columns[:, 1] |= columns.sum(axis=1) == 1
    rows = rng.random((12, len(design))) < 0.6
    outcomes = np.array([outcome if fit % 2 else np.random.default_rng(fit).permutation(outcome) for fit in range(12)])
    outcomes = np.where(rows, outcomes, np.nan)
    unseen = ~rows[columns[:, 3]].any(axis=0)
    spoiled = design.assign(people=design["people"].mask(unseen))
    batch = fit_glm_batch(
        spoiled, outcomes, family, weights=rows, columns=columns, clusters=clusters, covariances=("HC1", "CR1S")
    )
    assert batch.converged.all()
    for fit in range(12):
        part = design.loc[rows[fit], columns[fit]]
        alone = by_statsmodels(part, outcomes[fit, rows[fit]], family, cov_type="HC1")
        groups = {"groups": clusters[rows[fit]]}
        clustered = by_statsmodels(part, outcomes[fit, rows[fit]], family, cov_type="cluster", cov_kwds=groups)
        assert batch.parameters[fit, columns[fit]] == pytest.approx(alone.params, rel=1e-9, abs=1e-11)
        n, k = part.shape
        assert batch.std_errors("HC1")[fit, columns[fit]] == pytest.approx(alone.bse * np.sqrt(n / (n - k)), rel=1e-9)
        assert batch.std_errors("CR1S")[fit, columns[fit]] == pytest.approx(clustered.bse, rel=1e-9)
        assert np.isnan(batch.parameters[fit, ~columns[fit]]).all()
        assert batch.clusters_used[fit] == len(set(clusters[rows[fit]]))
        assert batch.n_used[fit] == rows[fit].sum()


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.sampled_from(FAMILIES))
def test_a_whole_weight_is_as_many_rows_in_every_covariance(seed, family):
    design, outcome, clusters = made_up(seed, 90, family)
    weights = np.random.default_rng(seed).integers(0, 4, len(design))
    again = np.repeat(np.arange(len(design)), weights)
    one = fit_glm_batch(design, outcome, family, weights=weights, clusters=clusters, covariances=EVERY)
    two = fit_glm_batch(design.iloc[again], outcome[again], family, clusters=clusters[again], covariances=EVERY)
    assert one.problem.tolist() == two.problem.tolist()
    assert one.parameters == pytest.approx(two.parameters, rel=1e-7, nan_ok=True)
    for kind in EVERY:
        assert one.std_errors(kind) == pytest.approx(two.std_errors(kind), rel=1e-7, nan_ok=True)
    assert one.log_likelihood == pytest.approx(two.log_likelihood, rel=1e-10, nan_ok=True)
    assert (one.n_used, one.clusters_used) == (two.n_used, two.clusters_used)


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.sampled_from(FAMILIES), st.floats(1e-6, 1e6))
def test_the_order_of_rows_and_the_unit_of_a_column_change_nothing_else(seed, family, factor):
    design, outcome, clusters = made_up(seed, 90, family)
    order = np.random.default_rng(seed).permutation(len(design))
    one = fit_glm_batch(design, outcome, family, clusters=clusters, covariances=EVERY)
    two = fit_glm_batch(
        design.iloc[order].assign(share=design["share"].iloc[order] * factor), outcome[order], family,
        clusters=clusters[order], covariances=EVERY,
    )  # fmt: skip
    unit = np.array([1, 1, 1, 1, factor])
    assert one.parameters == pytest.approx(two.parameters * unit, rel=1e-6, nan_ok=True)
    for kind in EVERY:
        assert one.std_errors(kind) == pytest.approx(two.std_errors(kind) * unit, rel=1e-6, nan_ok=True)
    assert one.log_likelihood == pytest.approx(two.log_likelihood, rel=1e-10, nan_ok=True)


@settings(max_examples=150)
@given(st.integers(0, 10**6), st.integers(6, 14))
def test_a_logit_is_flagged_exactly_where_a_linear_programme_finds_separation(seed, rows):
    rng = np.random.default_rng(seed)
    design = pd.DataFrame(
        {"constant": 1.0, "x": rng.normal(size=rows).round(1), "host": rng.integers(0, 2, rows).astype(float)}
    )
    outcomes = rng.integers(0, 2, (6, rows))
    batch = fit_glm_batch(design, outcomes, "logit")
    for outcome, problem in zip(outcomes, batch.problem, strict=True):
        if outcome.min() == outcome.max():
            assert problem == "the outcome does not vary"
        elif np.linalg.matrix_rank(design) < 3:
            assert problem.startswith("collinear")
        else:
            separated = detect_separation(design, outcome).kind != "none"
            assert problem == ("separation" if separated else "")


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.integers(6, 14))
def test_a_poisson_regression_is_flagged_exactly_where_a_linear_programme_finds_a_way_down(seed, rows):
    """A direction that leaves rows with events alone and lowers rows without (Correia, Guimaraes and Zylkin 2019)."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(rows), rng.normal(size=rows).round(1), rng.integers(0, 2, rows)])
    outcomes = rng.poisson(rng.choice([0.2, 0.5, 2.0]), (5, rows))
    if np.linalg.matrix_rank(x) < 3:
        return
    batch = fit_glm_batch(pd.DataFrame(x), outcomes, "poisson")
    for outcome, problem in zip(outcomes, batch.problem, strict=True):
        with_events, without = x[outcome > 0], x[outcome == 0]
        if not len(with_events):
            assert problem == "the outcome does not vary"
            continue
        way = linprog(
            without.sum(axis=0), A_ub=without, b_ub=np.zeros(len(without)), A_eq=with_events,
            b_eq=np.zeros(len(with_events)), bounds=[(-1, 1)] * 3,
        )  # fmt: skip
        assert problem == ("separation" if way.fun < -1e-7 else "")


def test_a_group_without_a_single_event_separates_a_poisson_regression():
    design = pd.DataFrame({"constant": 1.0, "host": [0.0] * 6 + [1.0] * 4})
    outcome = [1, 2, 0, 3, 1, 2, 0, 0, 0, 0]
    batch = fit_glm_batch(design, [outcome, [*outcome[:-1], 1]], "poisson")
    assert batch.problem.tolist() == ["separation", ""]
    assert batch.parameters[1] == pytest.approx([np.log(1.5), np.log(0.25 / 1.5)])


def test_each_ailment_of_a_fit_is_named_and_leaves_no_number():
    design, outcome, clusters = made_up(rows=80)
    rows = np.ones((8, 80), dtype=int)
    rows[0] = 0
    rows[1, outcome == 1] = 0
    rows[2, 4:] = 0
    rows[3, design["host"] == 1] = 0  # host is then nought everywhere
    rows[4, clusters != clusters[0]] = 0
    rows[5, (design["host"] == 1) & (outcome == 0)] = 0
    columns = np.ones((8, 6), dtype=bool)
    columns[[0, 1, 2, 3, 4, 5, 7], 5] = False
    columns[4] = [True, False, True, False, False, False]
    design = design.assign(again=design["year"] * 2 + 7)
    batch = fit_glm_batch(
        design, outcome, "logit", weights=rows, columns=columns, clusters=clusters, covariances=("model", "CR1")
    )
    assert batch.problem.tolist() == [
        "no rows", "the outcome does not vary", "fewer rows than parameters", "collinear: host", "one cluster",
        "separation", "collinear: again", "",
    ]  # fmt: skip
    assert batch.converged.tolist() == [False] * 7 + [True]
    assert np.isnan(batch.parameters[:7]).all()
    assert np.isnan(batch.log_likelihood[:7]).all()
    assert all(np.isnan(covariance[:7]).all() for covariance in batch.covariances.values())
    assert batch.problems()["one cluster"] == 1
    alone = fit_glm_batch(design.drop(columns="again"), outcome, "logit")
    assert batch.parameters[7, :5] == pytest.approx(alone.parameters[0], rel=1e-9)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"outcome": [0, 1, 2, 0]}, r"outcome, fit 0, row 2: got 2, expected 0 or 1"),
        ({"outcome": [0, 1, np.nan, 0]}, r"outcome, fit 0, row 2: got nan"),
        ({"outcome": [0, 1, -1, 0], "family": "poisson"}, r"row 2: got -1, expected a finite number, 0 or more"),
        ({"outcome": [0, 1]}, r"outcome: got shape \(2,\), expected \(4,\)"),
        ({"weights": [1, 1, -1, 1]}, r"weights, fit 0, row 2: got -1, expected a finite number, 0 or more"),
        ({"weights": [1, 1, np.nan, 1], "weight_kind": "sampling"}, r"weights, fit 0, row 2: got nan"),
        ({"weights": [1, 1, 0.5, 1]}, r'got 0.5, expected a whole number \(or weight_kind="sampling"\)'),
        ({"weights": np.ones((2, 4)), "columns": np.ones((3, 2))}, r"weights: got 2 fits, expected 1 or 3"),
        ({"clusters": ["a"] * 4}, r"got one cluster, expected two or more"),
        ({"clusters": ["a", "b", None, "a"]}, r"got 4 codes, 1 missing"),
        ({"covariances": ("CR1",)}, r"clustered covariance without clusters"),
        ({"covariances": ("HC3",)}, r"got HC3, expected model, HC1"),
        ({"family": "probit"}, r"family: got probit, expected logit or poisson"),
        ({"start": [1, 2, 3]}, r"start: got shape \(3,\), expected \(2,\) or \(1, 2\)"),
        ({"offset": [0, 0, np.inf, 0]}, r"offset, row 2: got inf"),
    ],
)  # fmt: skip
def test_wrong_input_is_named_with_its_place(changes, message):
    arguments = {"outcome": [0, 1, 1, 0], "family": "logit"} | changes
    design = pd.DataFrame({"constant": 1.0, "x": [0.1, 0.4, 0.2, 0.3]})
    with pytest.raises(UserError, match=message):
        fit_glm_batch(design, **arguments)


def test_a_missing_covariate_is_named_only_where_a_fit_needs_it():
    design = pd.DataFrame({"constant": 1.0, "x": [0.1, 0.4, np.nan, 0.3, 0.2, 0.6]})
    outcome = [0, 1, 1, 0, 1, 0]
    with pytest.raises(UserError, match=r"design, row 2, column x: got nan in fit 1"):
        fit_glm_batch(design, outcome, "logit", weights=[[1, 1, 0, 1, 1, 1], [1] * 6])
    without = fit_glm_batch(design, outcome, "logit", columns=[True, False])
    assert without.parameters[0, 0] == pytest.approx(0.0, abs=1e-12)


def test_a_poisson_regression_of_sums_of_money_arrives():
    rng = np.random.default_rng(2)
    design = pd.DataFrame({"constant": 1.0, "x": rng.normal(size=60), "pooled": rng.integers(0, 2, 60) * 1.0})
    outcome = np.exp(17 + 1.5 * design["x"] + rng.normal(size=60))
    outcome[:6] = 0.0
    batch = fit_glm_batch(design, outcome, "poisson", covariances=("HC1",))
    fitted = by_statsmodels(design, outcome, "poisson", cov_type="HC1")
    assert batch.parameters[0] == pytest.approx(fitted.params, rel=1e-9)
    assert batch.std_errors("HC1")[0] == pytest.approx(fitted.bse * np.sqrt(60 / 57), rel=1e-8)


@pytest.mark.parametrize("family", FAMILIES)
def test_intervals_cover_the_truth_as_often_as_they_say_where_theory_promises_it(family):
    """800 outcomes of one design, 500 rows, nominal 95 per cent; Poisson counts spread twice as wide as the model says."""
    rng = np.random.default_rng(1951)
    design = pd.DataFrame({"constant": 1.0, "x": rng.normal(size=500), "host": rng.integers(0, 2, 500) * 1.0})
    truth = np.array([0.3, 0.5, -0.4])
    eta = design.to_numpy() @ truth
    if family == "logit":
        outcomes = rng.random((800, 500)) < 1 / (1 + np.exp(-eta))
    else:
        outcomes = rng.poisson(np.exp(eta) * rng.gamma(1.0, 1.0, (800, 500)))
    clusters = np.arange(500) // 5
    batch = fit_glm_batch(design, outcomes, family, clusters=clusters, covariances=EVERY)
    assert batch.converged.all()

    def coverage(kind):
        return (np.abs(batch.parameters - truth) <= 1.96 * batch.std_errors(kind)).mean(axis=0)

    for kind in ("HC1", "CR1S"):
        assert (coverage(kind) > 0.925).all()
        assert (coverage(kind) < 0.97).all()
    if family == "logit":
        assert (coverage("model") > 0.93).all()
    else:
        assert (coverage("model") < 0.90).all()


def test_errors_clustered_by_group_cover_where_rows_of_a_group_are_alike_and_the_others_do_not():
    rng = np.random.default_rng(1950)
    clusters = np.repeat(np.arange(60), 12)
    x = rng.normal(size=60)[clusters]
    design = pd.DataFrame({"constant": 1.0, "x": x})
    # a probit-like shared push of a group: the logit on average over it has slope 0.5 / sqrt(1 + c) (Zeger et al. 1988)
    push = rng.normal(size=(600, 60))[:, clusters]
    outcomes = rng.random((600, 720)) < 1 / (1 + np.exp(-(0.5 * x + push)))
    batch = fit_glm_batch(design, outcomes, "logit", clusters=clusters, covariances=("HC1", "CR1"))
    centre = batch.parameters[:, 1].mean()
    assert centre == pytest.approx(0.5 / np.sqrt(1 + (16 * np.sqrt(3) / (15 * np.pi)) ** 2), abs=0.03)
    inside = {
        kind: (np.abs(batch.parameters[:, 1] - centre) <= 1.96 * batch.std_errors(kind)[:, 1]).mean()
        for kind in ("HC1", "CR1")
    }
    assert 0.91 < inside["CR1"] < 0.97
    assert inside["HC1"] < 0.8


def test_a_far_start_changes_nothing():
    design, outcome, _ = made_up()
    design = scaled(design)
    near = fit_glm_batch(design, outcome, "logit")
    far = fit_glm_batch(design, outcome, "logit", start=[30.0, -20, 40, 10, -50])
    assert far.problem.tolist() == [""]
    assert far.parameters == pytest.approx(near.parameters, rel=1e-8)


def test_blocks_and_starts_do_not_change_what_is_found():
    design, outcome, clusters = made_up()
    weights = np.random.default_rng(1).multinomial(len(design), np.full(len(design), 1 / len(design)), 40)
    arguments = {"weights": weights, "clusters": clusters, "covariances": ("CR1",)}
    at_once = fit_glm_batch(design, outcome, "logit", memory=1e9, **arguments)
    one_by_one = fit_glm_batch(design, outcome, "logit", memory=1, start=np.zeros(5), **arguments)
    assert at_once.parameters == pytest.approx(one_by_one.parameters, rel=1e-7)
    assert at_once.std_errors("CR1") == pytest.approx(one_by_one.std_errors("CR1"), rel=1e-7)


def test_without_covariances_the_parameters_are_as_exact():
    design, outcome, _ = made_up()
    weights = np.random.default_rng(1).multinomial(len(design), np.full(len(design), 1 / len(design)), 40)
    quick = fit_glm_batch(design, outcome, "logit", weights=weights, covariances=())
    slow = fit_glm_batch(design, outcome, "logit", weights=weights)
    assert quick.parameters == pytest.approx(slow.parameters, rel=1e-8)
    assert (quick.iterations <= slow.iterations).all()
    assert quick.covariances == {}


def test_working_arrays_of_a_block_stay_within_the_memory_that_is_given():
    """At the size of the benchmark: 10,000 fits, 3,000 rows, 18 covariates."""
    rng = np.random.default_rng(0)
    design = pd.DataFrame(rng.normal(size=(3000, 18)))
    weights = np.broadcast_to(np.int8(1), (10_000, 3000))
    stack = stack_of(design, rng.integers(0, 2, 3000), "logit", weights, "frequency", None, None, np.arange(3000) % 20)
    blocks = [len(range(*block.indices(10_000))) for block in (part.fits for part in _first(stack.blocks(24e6), 2))]
    assert blocks[0] * stack.bytes_a_fit() <= 24e6
    given_and_found = 10_000 * (3000 * 1 + 18 * 18 * 8 * 3)  # weights as int8, three covariances
    pairs = 3000 * 171 * 8
    assert given_and_found + pairs + 24e6 < 1e9


def _first(blocks, number):
    return [block for _, block in zip(range(number), blocks, strict=False)]


def test_peak_memory_of_a_thousand_fits_is_measured_below_what_is_promised():
    import tracemalloc

    design, outcome, _ = made_up(rows=3000)
    weights = np.random.default_rng(1).integers(0, 3, (300, 3000), dtype=np.int8)
    tracemalloc.start()
    fit_glm_batch(design, outcome, "logit", weights=weights, covariances=("model", "HC1"), memory=24e6)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 24e6 + 3000 * 15 * 8 * 4 + 8e6


def test_collinear_columns_are_found_where_the_rank_falls():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(30, 4))
    x[:, 2] = x[:, 0] - 2 * x[:, 1]
    assert first_collinear(np.array([x.T @ x, np.eye(4)])).tolist() == [2, -1]
    assert np.linalg.matrix_rank(x[:, :2]) == 2
    assert np.linalg.matrix_rank(x[:, :3]) == 2
