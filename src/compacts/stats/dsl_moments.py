"""Moment equations of design-based supervised learning: their solution and its sandwich covariance."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium.errors import UserError

Array = NDArray[np.float64]
Model = Literal["linear", "logit"]
Population = Literal["superpopulation", "finite"]

# a log-odds beyond this is a probability of 0 or 1 to machine precision: the likelihood has no maximum
FARTHEST = 30.0


@dataclass(frozen=True)
class CodedSample:
    """Moments of each unit are ``weight * (machine_share * machine's + expert_share * experts')``.

    Attributes
    ----------
    machine, expert
        Covariates, shape (units, parameters), and outcome, shape (units,), as each of them has it.
    machine_share, expert_share
        One less, and, the indicator of having been drawn over its probability, for the corrected estimate.
    weight
        Of each unit.
    """

    machine: tuple[Array, Array]
    expert: tuple[Array, Array]
    machine_share: Array
    expert_share: Array
    weight: Array

    def moments(self, model: Model, beta: Array) -> tuple[Array, Array, Array]:
        """The machine's moments, the experts', and the derivative of the sum of both, with its sign changed."""
        found, slope = [], np.zeros((len(beta), len(beta)))
        for (x, y), share in ((self.machine, self.machine_share), (self.expert, self.expert_share)):
            fitted = x @ beta if model == "linear" else 0.5 * (1 + np.tanh(x @ beta / 2))
            spread = np.ones(len(x)) if model == "linear" else fitted * (1 - fitted)
            found.append(x * (self.weight * (y - fitted))[:, None])
            slope = slope + (x * (self.weight * share * spread)[:, None]).T @ x
        return found[0], found[1], slope

    def total(self, machine: Array, expert: Array) -> Array:
        """Sum of the moments, shape (parameters,)."""
        return self.machine_share @ machine + self.expert_share @ expert


def solve(model: Model, sample: CodedSample, names: list[str]) -> Array:
    """Parameters at which the moments sum to zero, by Newton's method with halved steps.

    Raises
    ------
    UserError
        If covariates are collinear, or separate the outcomes of a logit, or there is no solution.
    """
    beta = np.zeros(len(names))
    machine, expert, slope = sample.moments(model, beta)
    total = sample.total(machine, expert)
    for _ in range(100):
        scale = np.sqrt(np.abs(np.diag(slope)))
        if not scale.all() or np.linalg.matrix_rank(slope / np.outer(scale, scale), tol=1e-9) < len(names):
            raise UserError(
                f"covariates {', '.join(names)}: got no variation of its own in one, expected some; leave one out"
            )
        step, size = np.linalg.solve(slope, total), float(np.abs(total / scale).max())
        for _ in range(40):
            machine, expert, slope = sample.moments(model, beta + step)
            total = sample.total(machine, expert)
            if np.abs(total / scale).max() <= size:
                break
            step = step / 2
        beta = beta + step
        if model == "logit" and np.abs(sample.machine[0] @ beta).max() > FARTHEST:
            break
        if np.abs(step).max() <= 1e-10 * (1 + np.abs(beta).max()):
            return np.asarray(beta)
    raise UserError(
        f"{model} of {len(sample.weight)} units: got no finite solution, expected one; leave out covariates that separate the "
        "outcomes, or code more units"
    )


def sandwich(
    model: Model,
    sample: CodedSample,
    beta: Array,
    drawn: NDArray[np.bool_],
    chance: Array,
    clusters: pd.Series | None,
    population: Population,
    strata: pd.Series | None,
) -> Array:
    """Covariance of the solution.

    The middle is the sum of the squared moments (of clusters), which holds what independent drawing adds. With strata
    that part gives way to the variance of drawing a fixed number in each; with a finite population it alone counts.

    Raises
    ------
    UserError
        If the probabilities contradict the strata, or a stratum was drawn from once.
    """
    machine, expert, slope = sample.moments(model, beta)
    whole = machine * sample.machine_share[:, None] + expert * sample.expert_share[:, None]
    if clusters is not None:
        places = pd.factorize(clusters)[0]
        whole = np.column_stack([np.bincount(places, column) for column in whole.T])
    middle = whole.T @ whole
    if strata is not None or population == "finite":
        # what the drawing adds is the experts' moments, less the machine's where those count
        error = (expert - machine * sample.machine_share.any())[drawn]
        odds = (1 - chance[drawn]) / chance[drawn] ** 2
        independent = (error * odds[:, None]).T @ error
        drawing = independent if strata is None else _stratified(error, drawn, chance, strata)
        middle = drawing if population == "finite" else middle - independent + drawing
    if (np.diag(middle) < 0).any():
        raise UserError("strata: got too few coded units to tell the variance, expected more; leave strata out")
    bread = np.linalg.inv(slope)
    return np.asarray(bread @ middle @ bread.T)


def _stratified(error: Array, drawn: NDArray[np.bool_], chance: Array, strata: pd.Series) -> Array:
    """Variance of a total when a fixed number of units was drawn in each stratum."""
    variance: Array = np.zeros((error.shape[1], error.shape[1]))
    names = strata.to_numpy()
    for name in pd.unique(strata):
        inside = names == name
        whole, size = int(inside.sum()), int((inside & drawn).sum())
        if np.abs(chance[inside] - size / whole).max() > 1e-4:
            raise UserError(
                f"strata, {name}: got {size} of {whole} units coded, expected a share of {chance[inside][0]:.4g}, the probability; "
                "give whole strata (mark a part of the population by covariates), or leave strata out"
            )
        if size < whole:
            if size == 1:
                raise UserError(
                    f"strata, {name}: got one coded unit of {whole}, expected two or more; merge it with another"
                )
            part = error[names[drawn] == name]
            variance = variance + whole**2 * (1 - size / whole) / size * np.cov(part.T, ddof=1).reshape(variance.shape)
    return variance
