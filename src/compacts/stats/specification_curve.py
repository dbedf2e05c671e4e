"""Specification curve: one estimate by every combination of declared choices, and how much each choice moves it.

``specifications``       the combinations of a grid of choices
``run_specifications``   one row a combination, by any function that estimates
``GLMCurve``             the same for logits and Poisson regressions, all in a batch

Median, signs and which single choice moves the estimate most are in :mod:`compacts.stats.curve_summary`, the joint
permutation test of all combinations in :mod:`compacts.stats.curve_inference`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from compacts.stats.glm_batch import fit_glm_batch
from compacts.stats.glm_effects import batch_marginal_effects
from compacts.stats.glm_results import GLMBatch
from compacts.stats.glm_sandwich import CovarianceKind
from compacts.stats.glm_stack import Array, Family, WeightKind
from compendium.errors import UserError

FOUND = ("estimate", "std_error", "low", "high", "p_value", "n", "clusters", "excluded")
Options = Mapping[str, Any]


@dataclass(frozen=True)
class GLMSpecification:
    """What a combination of options means for a logit or a Poisson regression.

    Attributes
    ----------
    outcome
        Shape (rows,).
    treatment
        Column of the design whose estimate is wanted.
    controls
        The other columns, the constant among them.
    weights
        Shape (rows,): True or a weight where a row is in; all rows if None.
    family, covariance
        As for :func:`compacts.stats.glm_batch.fit_glm_batch`.
    """

    outcome: ArrayLike
    treatment: str
    controls: Sequence[str]
    weights: ArrayLike | None = None
    family: Family = "logit"
    covariance: CovarianceKind = "HC1"


def specifications(
    choices: Mapping[str, Sequence[Any]], allowed: Callable[[Options], bool] | None = None
) -> pd.DataFrame:
    """All combinations of the options of each choice, one row a specification, in the order declared.

    Parameters
    ----------
    choices
        Choice: its options; the first is the main one.
    allowed
        Tells which combinations make sense; all by default.

    Raises
    ------
    UserError
        If a choice has no option or an option twice, or no combination is left.

    Examples
    --------
    >>> specifications({"outcome": ["strict", "wide"], "controls": ["few", "many"]})
      outcome controls
    0  strict      few
    1  strict     many
    2    wide      few
    3    wide     many
    """
    for choice, options in choices.items():
        if not options or len(set(options)) < len(options):
            raise UserError(
                f"choice {choice}: got options {list(options)}, expected one or more, each once; correct the list"
            )
        if choice in FOUND:
            raise UserError(f"choice {choice}: got a name that results have too ({', '.join(FOUND)}); rename it")
    rows = [dict(zip(choices, combination, strict=True)) for combination in product(*choices.values())]
    rows = [row for row in rows if allowed is None or allowed(row)]
    if not rows:
        raise UserError("specifications: got no combination that is allowed, expected one or more; relax the rule")
    return pd.DataFrame(rows, columns=list(choices))


def run_specifications(
    choices: Mapping[str, Sequence[Any]],
    estimate: Callable[[Options], Mapping[str, Any]],
    allowed: Callable[[Options], bool] | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate every specification by a given function.

    Parameters
    ----------
    choices, allowed
        As for :func:`specifications`.
    estimate
        Takes the options of a specification; returns estimate, std_error, n and, if there are, clusters and degrees (of
        freedom of a t distribution). A UserError that it raises excludes the specification, with the message as reason.
    confidence
        Of the intervals.

    Returns
    -------
    DataFrame
        One row a specification: its options, then estimate, std_error, low, high, p_value, n, clusters, excluded (why it
        has no estimate, or empty).

    Examples
    --------
    >>> curve = run_specifications(
    ...     {"years": [2, 3]}, lambda options: {"estimate": options["years"] / 10, "std_error": 0.1, "n": 50}
    ... )
    >>> curve[["years", "estimate", "p_value"]].round(3)
       years  estimate  p_value
    0      2       0.2    0.046
    1      3       0.3    0.003
    """
    grid = specifications(choices, allowed)
    rows = []
    for options in _records(grid):
        try:
            found: Mapping[str, Any] = {"excluded": "", **estimate(options)}
        except UserError as error:
            found = {"excluded": str(error)}
        if not found["excluded"] and (lacking := {"estimate", "std_error"} - set(found)):
            raise UserError(f"estimate: got no {min(lacking)} of {dict(options)}, expected one; return it")
        if not found["excluded"] and not np.isfinite([found["estimate"], found["std_error"]]).all():
            found = {"excluded": f"estimate {found['estimate']}, standard error {found['std_error']}"}
        rows.append(found)
    frame = pd.DataFrame(rows).reindex(columns=["estimate", "std_error", "n", "clusters", "degrees", "excluded"])
    return _tidy(grid, frame.drop(columns="excluded").astype(float).assign(excluded=frame["excluded"]), confidence)


def _records(grid: pd.DataFrame) -> list[Options]:
    return [dict(zip(grid.columns, row, strict=True)) for row in grid.itertuples(index=False, name=None)]


def _tidy(grid: pd.DataFrame, found: pd.DataFrame, confidence: float) -> pd.DataFrame:
    degrees = found["degrees"].fillna(np.inf).to_numpy()
    quantile = np.where(
        np.isinf(degrees), ndtri(0.5 + confidence / 2), stdtrit(np.clip(degrees, 1, 1e9), 0.5 + confidence / 2)
    )
    reach = quantile * found["std_error"]
    found = found.assign(
        low=found["estimate"] - reach,
        high=found["estimate"] + reach,
        p_value=p_values(found["estimate"].to_numpy(), found["std_error"].to_numpy(), degrees),
    )
    found = found.astype({"n": "Int64", "clusters": "Int64"})
    return pd.concat([grid, found[list(FOUND)]], axis=1)


def p_values(estimate: Array, error: Array, degrees: Array) -> Array:
    """Two-sided p-values of estimates against nought, normal where the degrees of freedom are infinite."""
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.abs(estimate / error)
    # the special functions themselves: a permutation test comes here thousands of times
    return np.asarray(2 * np.where(np.isinf(degrees), ndtr(-z), stdtr(np.clip(degrees, 1, 1e9), -z)))


class GLMCurve:
    """A specification curve of logits or Poisson regressions, fitted in a batch; run it as often as needed.

    Parameters
    ----------
    choices, allowed
        As for :func:`specifications`.
    specify
        Tells what the options of a specification mean.
    design
        Columns of all specifications, one row an observation.
    clusters, offset
        Shape (rows,).
    weight_kind
        As for :func:`compacts.stats.glm_batch.fit_glm_batch`.
    estimand
        ``coefficient``, or ``effect``: the average marginal effect of the treatment in the specification's sample.
    confidence
        Of the intervals: of a t distribution with clusters less one degrees of freedom where the covariance is clustered,
        of the normal elsewhere.

    References
    ----------
    Cameron, A. C. and Miller, D. L. (2015), A practitioner's guide to cluster-robust inference, Journal of Human Resources
    50, 317-372, section VI.A (degrees of freedom).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> design = pd.DataFrame({"constant": 1.0, "host": rng.integers(0, 2, 90), "size": rng.normal(size=90)})
    >>> yes = rng.integers(0, 2, 90)
    >>> curve = GLMCurve(
    ...     {"controls": ["none", "size"]},
    ...     lambda options: GLMSpecification(
    ...         yes, "host", ["constant", "size"] if options["controls"] == "size" else ["constant"]
    ...     ),
    ...     design,
    ... )
    >>> curve.run()[["controls", "estimate", "n"]].round(2)
      controls  estimate   n
    0     none      0.31  90
    1     size      0.30  90
    """

    def __init__(
        self,
        choices: Mapping[str, Sequence[Any]],
        specify: Callable[[Options], GLMSpecification],
        design: pd.DataFrame,
        *,
        allowed: Callable[[Options], bool] | None = None,
        clusters: ArrayLike | None = None,
        offset: ArrayLike | None = None,
        weight_kind: WeightKind = "sampling",
        estimand: Literal["coefficient", "effect"] = "coefficient",
        confidence: float = 0.95,
    ) -> None:
        self.grid, self.names = specifications(choices, allowed), list(design.columns)
        self.matrix = design.to_numpy(dtype=float)
        self.clusters, self.offset, self.weight_kind = clusters, offset, weight_kind
        self.estimand, self.confidence = estimand, confidence
        self.specified = [specify(options) for options in _records(self.grid)]
        for each in self.specified:
            if unknown := {each.treatment, *each.controls} - set(design.columns):
                raise UserError(f"design: got no column {min(unknown)}, which a specification names; add it")
        self.treatments = sorted({self.names.index(each.treatment) for each in self.specified})
        self.groups = [
            _Group(self, family, covariance)
            for family, covariance in dict.fromkeys((each.family, each.covariance) for each in self.specified)
        ]

    def run(self) -> pd.DataFrame:
        """Estimate all; columns as of :func:`run_specifications`."""
        return _tidy(self.grid, pd.DataFrame(self._found(self.matrix, near=False)), self.confidence)

    def shuffled(self, order: NDArray[np.intp]) -> tuple[Array, Array]:
        """Estimates and p-values with the treatments of row ``order[i]`` given to row i; each of shape (specifications,)."""
        if any(group.start is None for group in self.groups):
            self._found(self.matrix, near=False)
        matrix = self.matrix.copy()
        matrix[:, self.treatments] = self.matrix[order][:, self.treatments]
        found = self._found(matrix, near=True)
        return found["estimate"], p_values(found["estimate"], found["std_error"], found["degrees"])

    def _found(self, matrix: Array, near: bool) -> dict[str, NDArray[Any]]:
        parts = [group.run(matrix, near) for group in self.groups]
        places = np.argsort(np.concatenate([group.places for group in self.groups]))
        return {name: np.concatenate([part[name] for part in parts])[places] for name in parts[0]}


class _Group:
    """Specifications of one family and covariance: one batch."""

    def __init__(self, curve: GLMCurve, family: Family, covariance: CovarianceKind) -> None:
        self.curve, self.family, self.covariance = curve, family, covariance
        mine = [(n, s) for n, s in enumerate(curve.specified) if (s.family, s.covariance) == (family, covariance)]
        self.places, members = [n for n, _ in mine], [s for _, s in mine]
        names = curve.names
        self.treatment = np.array([names.index(s.treatment) for s in members])
        self.columns = np.array([[name == s.treatment or name in s.controls for name in names] for s in members])
        rows = np.ones(len(curve.matrix))
        self.outcome = np.array([np.asarray(s.outcome) for s in members])
        self.weights = np.array([rows if s.weights is None else np.asarray(s.weights) for s in members])
        self.start: Array | None = None

    def run(self, matrix: Array, near: bool) -> dict[str, NDArray[Any]]:
        """Fit all; ``near``: from where the fits of the data left the controls, the treatment telling nothing."""
        curve = self.curve
        batch = fit_glm_batch(
            pd.DataFrame(matrix, columns=curve.names), self.outcome, self.family, weights=self.weights,
            weight_kind=curve.weight_kind, columns=self.columns, offset=curve.offset, clusters=curve.clusters,
            covariances=(self.covariance,), start=self.start if near else None,
        )  # fmt: skip
        if not near:
            self.start = np.nan_to_num(batch.parameters)
            self.start[np.arange(len(self.start)), self.treatment] = 0.0
        estimate, error = self._estimates(batch)
        clusters = batch.clusters_used.astype(float)
        return {
            "estimate": estimate,
            "std_error": error,
            "n": batch.n_used,
            "clusters": clusters if curve.clusters is not None else np.full(len(clusters), np.nan),
            "degrees": clusters - 1 if self.covariance in ("CR1", "CR1S") else np.full(len(clusters), np.inf),
            "excluded": batch.problem,
        }

    def _estimates(self, batch: GLMBatch) -> tuple[Array, Array]:
        fits = np.arange(len(self.treatment))
        if self.curve.estimand == "coefficient":
            return batch.parameters[fits, self.treatment], batch.std_errors(self.covariance)[fits, self.treatment]
        names = [batch.stack.covariates[place] for place in dict.fromkeys(self.treatment)]
        effects = batch_marginal_effects(batch, self.covariance, covariates=names)
        which = np.array([names.index(batch.stack.covariates[place]) for place in self.treatment])
        return effects.estimates[fits, which], effects.std_errors[fits, which]
