"""Design-based supervised learning: machine codes of all units, corrected by expert codes of a known random sample.

A machine's errors are seldom random: a dictionary that misses more in one period than in another makes a trend where
there is none. Experts coded a sample drawn with known probabilities. Each unit's moment is the machine's, plus, where
it was drawn, the expert's less the machine's over its inclusion probability: right on average however wrong the machine
is, and the less variable the better it is. The naive estimate (machine codes as if true) and the gold one (the sample
alone, weighted by inverse probability) stand next to it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from compacts.stats.dsl_moments import CodedSample, Model, Population, sandwich, solve
from compacts.stats.models import ChoiceModel
from compendium.errors import UserError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """One estimator's parameters with their sandwich covariance; NaN, and why, where there is none."""

    parameters: Array
    covariance: Array
    n: int
    undefined: str = ""


@dataclass(frozen=True)
class DesignBased:
    """Three estimates of the same parameters.

    Intervals are normal and have no small-sample factor, as in the R package: with fewer than some forty coded units,
    or a dozen clusters, they are too narrow (``benchmarks/simulations.txt`` says by how much).

    Attributes
    ----------
    model, covariates
        ``linear`` (means are one: indicators alone) or ``logit``; names of the parameters.
    estimates
        By estimator: ``DSL``, ``gold`` (coded units only, weighted by inverse probability), ``naive`` (machine codes
        only).
    n, coded, clusters
        Numbers of units, of units that experts coded, and of clusters (``n`` where each unit is its own).
    population
        What the intervals of DSL and gold speak of: ``superpopulation`` (the process behind the units) or ``finite``
        (these units: error comes from drawing only). The naive interval always takes the units for a random sample.
    design
        Covariates as the machine has them, shape (n, number of parameters).
    """

    model: Model
    covariates: tuple[str, ...]
    estimates: dict[str, Estimate]
    n: int
    coded: int
    clusters: int
    population: Population
    design: Array

    def summary(self, confidence: float = 0.95) -> pd.DataFrame:
        """One row an estimator and covariate: estimate, std_error, low, high, p_value, n, undefined.

        P-values are normal, and missing where there is no error (a finite population coded in full).
        """
        tables = []
        for name, found in self.estimates.items():
            error = np.sqrt(np.diag(found.covariance))
            reach = norm.ppf(0.5 + confidence / 2) * error
            p_value = 2 * norm.sf(np.abs(found.parameters) / np.where(error > 0, error, np.nan))
            columns = {"estimate": found.parameters, "std_error": error, "p_value": p_value}
            ends = {"low": found.parameters - reach, "high": found.parameters + reach}
            rest = {"estimator": name, "covariate": self.covariates, "n": found.n, "undefined": found.undefined}
            tables.append(pd.DataFrame(rest | columns | ends))
        order = ["estimator", "covariate", "estimate", "std_error", "low", "high", "p_value", "n", "undefined"]
        return pd.concat(tables, ignore_index=True)[order]

    def contrast(self, weights: dict[str, float], estimator: str = "DSL") -> tuple[float, float]:
        """A weighted sum of parameters, such as a difference of two means, and its standard error."""
        row = np.array([weights.get(name, 0.0) for name in self.covariates])
        found = self.estimates[estimator]
        return float(row @ found.parameters), float(np.sqrt(row @ found.covariance @ row))

    def choice_model(self, estimator: str = "DSL") -> ChoiceModel:
        """The logit as :mod:`compacts.stats.margins` takes it, for average marginal effects over all units."""
        if self.model != "logit":
            raise UserError(
                f"choice_model: got a {self.model} model, expected a logit; its parameters are effects already"
            )
        found = self.estimates[estimator]
        return ChoiceModel(
            "logit", ("no", "yes"), self.covariates, self.design, np.zeros(self.n, dtype=int), found.parameters,
            found.covariance, np.nan,
        )  # fmt: skip


def design_based(
    design: pd.DataFrame,
    predicted: pd.Series,
    coded: pd.Series,
    probability: pd.Series,
    model: Model = "linear",
    *,
    coded_design: pd.DataFrame | None = None,
    weights: pd.Series | None = None,
    clusters: pd.Series | None = None,
    strata: pd.Series | None = None,
    population: Population = "superpopulation",
) -> DesignBased:
    """Linear or logit regression, or means, with machine codes corrected by a sample of expert codes.

    Parameters
    ----------
    design
        Covariates of all units, the constant included. Indicators of all groups without a constant give the groups'
        means.
    predicted
        The outcome as the machine has it, for all units (for trained machines see :func:`cross_fitted`).
    coded
        The outcome as experts coded it; missing where the unit was not drawn.
    probability
        Known probability of having been drawn.
    coded_design
        The covariates as experts coded them, same columns; rows of units not drawn are not read. By default ``design``.
    weights
        Of the units in the regression; by default one.
    clusters
        Units of a cluster may vary together (speeches of a country).
    strata
        Strata within which a fixed number was drawn; narrows intervals. By default units were drawn independently.
    population
        ``finite`` where the units are all there are, so that only the drawing is uncertain.

    Raises
    ------
    UserError
        For rows that differ, a probability of zero (or missing, or beyond one, or of one without a code), missing
        values, a weight of zero, one cluster, a logit's outcome outside 0 to 1, collinear covariates, too few coded
        units, strata that the probabilities contradict or of which one unit was coded, or no solution.

    References
    ----------
    Egami, N., Hinck, M., Stewart, B. M. and Wei, H. (2023), Using imperfect surrogates for downstream inference,
    NeurIPS 36; (2024), Using large language model annotations for the social sciences, equation 6 (the moments), with
    the sandwich of the R package dsl. Särndal, C.-E., Swensson, B. and Wretman, J. (1992), Model Assisted Survey
    Sampling, section 6.3.

    Examples
    --------
    >>> machine, expert = pd.Series([1.0, 1, 0, 0]), pd.Series([1, 0, None, None], dtype=float)
    >>> found = design_based(pd.DataFrame({"mean": [1.0] * 4}), machine, expert, pd.Series([0.5] * 4))
    >>> {name: float(one.parameters[0]) for name, one in found.estimates.items()}
    {'DSL': 0.0, 'gold': 0.5, 'naive': 0.5}
    """
    given = {"predicted": predicted, "coded": coded, "probability": probability, "coded_design": coded_design}
    for name, column in (given | {"weights": weights, "clusters": clusters, "strata": strata}).items():
        if column is not None and not column.index.equals(design.index):
            raise UserError(
                f"{name}: got other rows than the covariates, expected the same index in the same order; align them"
            )
    for name, column in (("clusters", clusters), ("strata", strata)):
        if column is not None and column.isna().any():
            raise UserError(f"{name}: got {column.isna().sum()} missing values, expected none; complete them")
    if clusters is not None and clusters.nunique() < 2:
        raise UserError(f"clusters: got one ({clusters.iloc[0]}), expected two or more; cluster on something finer")
    names = list(map(str, design.columns))
    x = design.to_numpy(dtype=float)
    y, codes, chance = (column.to_numpy(dtype=float) for column in (predicted, coded, probability))
    drawn = ~np.isnan(codes)
    _check(names, x, y, codes, chance, model)
    n = len(x)
    known = x if coded_design is None else coded_design[design.columns].to_numpy(dtype=float)
    known = np.where(drawn[:, None], known, 0.0)
    if np.isnan(known).any():
        raise UserError("coded_design: got missing values in units that were coded, expected none; complete them")
    weight = np.ones(n) if weights is None else weights.to_numpy(dtype=float)
    if not (np.isfinite(weight) & (weight > 0)).all():
        raise UserError("weights: got some missing, zero or negative, expected more than zero; leave those units out")
    share = drawn / chance
    kinds = {"DSL": (1 - share, share), "gold": (np.zeros(n), share), "naive": (np.ones(n), np.zeros(n))}
    estimates = {}
    for name, shares in kinds.items():
        sample = CodedSample((x, y), (known, np.where(drawn, codes, 0.0)), *shares, weight)
        size = int(drawn.sum()) if name == "gold" else n
        try:
            beta = solve(model, sample, names)
        except UserError as error:
            if name == "DSL":
                raise
            k = x.shape[1]
            estimates[name] = Estimate(np.full(k, np.nan), np.full((k, k), np.nan), size, str(error))
            continue
        ways = (population, strata) if name != "naive" else ("superpopulation", None)
        estimates[name] = Estimate(beta, sandwich(model, sample, beta, drawn, chance, clusters, *ways), size)
    groups = n if clusters is None else clusters.nunique()
    return DesignBased(model, tuple(names), estimates, n, int(drawn.sum()), groups, population, x)


def corrected_outcome(predicted: pd.Series, coded: pd.Series, probability: pd.Series) -> pd.Series:
    """Machine codes, plus, where experts coded, their difference over the inclusion probability.

    Its least-squares regression is the design-based estimate, so that tests of a linear regression serve here too, such
    as :mod:`compacts.stats.wild_bootstrap` where there are few clusters. The values may lie outside 0 to 1.

    Examples
    --------
    >>> corrected_outcome(pd.Series([1.0, 1, 0]), pd.Series([0.0, None, None]), pd.Series([0.5] * 3)).tolist()
    [-1.0, 1.0, 0.0]
    """
    return predicted + (coded - predicted).fillna(0.0) / probability


def cross_fitted(
    fit: Callable[[pd.DataFrame, pd.Series], Callable[[pd.DataFrame], Array]],
    features: pd.DataFrame,
    coded: pd.Series,
    *,
    folds: int = 5,
    clusters: pd.Series | None = None,
    seed: int = 0,
) -> pd.Series:
    """Predictions of a machine that is trained on the coded units, for each unit by one that has not seen it.

    Parameters
    ----------
    fit
        Takes features and codes of the training units, returns a function from features to predictions.
    features, coded
        Of all units; codes missing where not drawn.
    folds, seed
        Units (or whole clusters) are dealt into so many random parts of even size.

    Raises
    ------
    UserError
        If a part leaves no coded unit to learn from.

    Examples
    --------
    >>> features, coded = pd.DataFrame({"hits": [0.0, 1, 2, 3]}), pd.Series([0.0, 1, 1, None])
    >>> cross_fitted(lambda x, y: lambda new: y.mean() + 0 * new["hits"], features, coded, folds=4).round(2).tolist()
    [1.0, 0.5, 0.5, 0.67]
    """
    names = pd.Series(np.arange(len(features)), index=features.index) if clusters is None else clusters
    places, found = pd.factorize(names)
    parts = np.random.default_rng(seed).permutation(np.arange(len(found)) % folds)[places]
    predictions = pd.Series(np.nan, index=features.index)
    for part in range(folds):
        held = parts == part
        learning = ~held & coded.notna().to_numpy()
        if not learning.any():
            raise UserError(
                f"fold {part + 1} of {folds}: got no coded unit outside it, expected some; take other folds"
            )
        if held.any():
            predictions[held] = fit(features[learning], coded[learning])(features[held])
    return predictions


def _check(names: list[str], x: Array, y: Array, codes: Array, chance: Array, model: Model) -> None:
    missing = dict(zip(names, np.isnan(x).sum(axis=0), strict=True))
    for name, number in (missing | {"predicted": np.isnan(y).sum(), "probability": np.isnan(chance).sum()}).items():
        if number:
            raise UserError(f"{name}: got {number} missing values, expected none; complete or leave out")
    for wrong, what in (
        (chance <= 0, "zero or less, so that they could not be drawn; take them out of the population"),
        (chance > 1, "more than one; correct them"),
        ((chance == 1) & np.isnan(codes), "one but without a code; complete the codes or correct the probabilities"),
    ):
        if wrong.any():
            raise UserError(f"probability: got {wrong.sum()} units (first in row {wrong.argmax()}) with {what}")
    coded = codes[~np.isnan(codes)]
    if len(coded) <= len(names):
        raise UserError(f"coded: got {len(coded)} units for {len(names)} parameters, expected more; code more units")
    if model == "logit" and not all(((values >= 0) & (values <= 1)).all() for values in (y, coded)):
        raise UserError("outcome of a logit: got values outside 0 to 1, expected codes or probabilities; correct them")
