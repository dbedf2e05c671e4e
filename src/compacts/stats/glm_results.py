"""What a batch of generalized linear models has found."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compacts.stats.glm_sandwich import CovarianceKind
from compacts.stats.glm_stack import LIKELIHOODS, MEMORY, Array, Stack


@dataclass(frozen=True)
class GLMBatch:
    """Fits of a batch. Where ``problem`` is not empty, every number of the fit is missing.

    Attributes
    ----------
    stack
        What was fitted.
    parameters
        Shape (fits, covariates); missing for a column that a fit does not have.
    covariances
        By kind, shape (fits, covariates, covariates).
    iterations
        Shape (fits,).
    n_used
        Sum of frequency weights, or number of rows with a sampling weight above 0; shape (fits,).
    clusters_used
        Number of clusters with a weight above 0; 0 without clusters.
    problem
        Why a fit has no numbers: ``no rows``, ``the outcome does not vary``, ``fewer rows than parameters``,
        ``collinear: NAME``, ``one cluster``, ``separation``, ``no convergence``; empty if it has.
    """

    stack: Stack
    parameters: Array
    covariances: dict[CovarianceKind, Array]
    iterations: NDArray[np.int_]
    n_used: Array
    clusters_used: NDArray[np.int_]
    problem: NDArray[np.object_]

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Which fits have numbers."""
        return np.asarray(self.problem == "")

    @cached_property
    def log_likelihood(self) -> Array:
        """At the parameters, shape (fits,); worked out when first asked for."""
        likelihood, found = LIKELIHOODS[self.stack.family], np.full(len(self.parameters), np.nan)
        for block in self.stack.blocks(MEMORY):
            eta = np.nan_to_num(self.parameters[block.fits]) @ self.stack.design.T + self.stack.offset
            found[block.fits] = likelihood.log_likelihood(block.outcome, eta, likelihood.mean(eta), block.weights)
        return np.where(self.converged, found, np.nan)

    def std_errors(self, kind: CovarianceKind) -> Array:
        """Standard errors, shape (fits, covariates)."""
        return np.asarray(np.sqrt(np.einsum("bjj->bj", self.covariances[kind])))

    def problems(self) -> pd.Series:
        """How many fits have which problem, most frequent first."""
        return pd.Series(self.problem[~self.converged], dtype=object).value_counts()
