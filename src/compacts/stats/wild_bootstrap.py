"""Wild cluster bootstrap of a coefficient of a linear regression, for few clusters.

With few clusters the usual cluster-robust t-test rejects far too often. The bootstrap gives the residuals of each
cluster one random sign (Rademacher) or one of six factors (Webb), imposes the null hypothesis (restricted) or not, and
compares the t-statistic with those of the bootstrap samples. Cross products of each cluster are made once, so a draw
costs as many operations as there are clusters and covariates, whatever the number of observations. Where all sign
patterns are fewer than the draws asked for, all are taken: the p-value then rests on no chance, but cannot fall below
``smallest_p``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compacts.stats.wild_draws import POINTS, ROUNDING, Weights, all_draws, weight_patterns
from compendium.errors import UserError

Array = NDArray[np.float64]

# with no more treated clusters than this the test loses its size (benchmarks/simulations.txt)
FEW = 3
# the interval is sought within this many standard errors; beyond, its end is infinite
FARTHEST = 1000.0


@dataclass(frozen=True)
class WildBootstrap:
    """A coefficient with its wild cluster bootstrap test.

    Attributes
    ----------
    covariate, estimate, std_error
        The coefficient by least squares; the standard error is cluster-robust with Stata's small-sample factor.
    null, statistic
        The value tested, and the t-statistic.
    p_value
        Two-sided: share of bootstrap statistics at least as large in size, ties counted; the sample itself is counted
        too where the draws do not contain it.
    p_strict
        Share strictly larger, as ``boottest`` and its kin print it.
    ties
        Draws with a statistic as large as that of the sample (all weights alike give the sample back).
    undefined
        Draws without a statistic, as their standard error is zero: counted as large.
    smallest_p
        The p-value cannot be smaller, whatever the data.
    low, high, confidence
        All values that the same test does not reject, or, where those are several intervals, from the first to the
        last; infinite where nothing so far out is rejected; NaN where not asked for.
    clusters, n, draws
        Numbers of clusters, observations, and bootstrap samples.
    treated_clusters
        For a 0/1 covariate the number of clusters that have the rarer value; otherwise all. With few the restricted
        test rejects too seldom and the unrestricted one too often (MacKinnon and Webb 2018).
    enumerated, restricted, weights
        Whether all samples were taken, whether the null hypothesis was imposed, and the law of the weights.
    distribution
        The bootstrap statistics, shape (draws,).
    """

    covariate: str
    estimate: float
    std_error: float
    null: float
    statistic: float
    p_value: float
    p_strict: float
    ties: int
    undefined: int
    smallest_p: float
    low: float
    high: float
    confidence: float | None
    clusters: int
    n: int
    draws: int
    treated_clusters: int
    enumerated: bool
    restricted: bool
    weights: Weights
    distribution: Array = field(repr=False)

    def sentence(self) -> str:
        """How the test was done, in words."""
        kind = "restricted" if self.restricted else "unrestricted"
        how = f"all {self.draws:,} samples" if self.enumerated else f"{self.draws:,} random samples"
        tied = f", {self.ties:,} of them tied with the data" if self.ties else ""
        few = f", the rarer value in {self.treated_clusters} only" if self.treated_clusters <= FEW else ""
        return (
            f"{kind} wild cluster bootstrap over {self.clusters} clusters{few} with {self.weights} weights: {how}{tied}; "
            f"no p-value below {self.smallest_p:.3g} is possible"
        )


def wild_cluster_bootstrap(
    design: pd.DataFrame,
    outcome: pd.Series,
    clusters: pd.Series,
    covariate: str,
    *,
    null: float = 0.0,
    weights: Weights = "Rademacher",
    restricted: bool = True,
    draws: int = 9999,
    seed: int = 0,
    confidence: float | None = 0.95,
) -> WildBootstrap:
    """Test a coefficient of a linear regression by the wild cluster bootstrap-t.

    Parameters
    ----------
    design
        Covariates, the constant included, one row an observation.
    outcome, clusters
        The outcome, and the name of each observation's cluster, on the same index.
    covariate
        Column whose coefficient is tested.
    null
        Value tested.
    weights
        ``Rademacher`` for a dozen clusters or more; ``Webb`` has more patterns where there are fewer.
    restricted
        Whether residuals come from the regression with the null hypothesis imposed (WCR) or without (WCU).
    draws
        Random samples; where all patterns are no more than this, all are taken.
    seed
        Of the random samples.
    confidence
        Of the interval; none is sought where this is None.

    Raises
    ------
    UserError
        For rows that differ, missing values, collinear covariates, a single cluster, a 0/1 covariate that only one
        cluster has, or residuals that are all zero.

    References
    ----------
    Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2008), Review of Economics and Statistics 90, 414-427. Webb, M. D.
    (2014), Queen's Economics Department working paper 1315. MacKinnon, J. G. and Webb, M. D. (2018), Econometrics Journal
    21, 114-135 (few treated clusters). Roodman, D. et al. (2019), Stata Journal 19, 4-60 (the algorithm, section 5).

    Examples
    --------
    >>> design = pd.DataFrame({"constant": 1.0, "after": [0.0, 1] * 6})
    >>> outcome = pd.Series([1.0, 3, 2, 3, 1, 2, 0, 3, 2, 4, 1, 4])
    >>> found = wild_cluster_bootstrap(design, outcome, pd.Series(list("aabbccddeeff")), "after")
    >>> found.estimate, found.draws, found.p_value
    (2.0, 64, 0.03125)
    """
    x, y, names, codes, rarer = _checked(design, outcome, clusters, covariate)
    n, k, groups = len(y), x.shape[1], len(names)
    place = list(design.columns).index(covariate)
    cross, moment = np.zeros((groups, k, k)), np.zeros((groups, k))
    order = np.argsort(codes, kind="stable")
    ends = np.concatenate([[0], np.cumsum(np.bincount(codes))])
    sorted_x, sorted_y = x[order], y[order]
    for g in range(groups):
        part = sorted_x[ends[g] : ends[g + 1]]
        cross[g], moment[g] = part.T @ part, part.T @ sorted_y[ends[g] : ends[g + 1]]
    bread = np.linalg.inv(cross.sum(axis=0))
    beta = bread @ moment.sum(axis=0)
    factor = groups / (groups - 1) * (n - 1) / (n - k)
    own = (moment - cross @ beta) @ bread[place]
    error = float(np.sqrt(factor * own @ own))
    if error <= ROUNDING * abs(float(beta[place])) or error == 0:
        raise UserError(
            f"covariate {covariate}: got residuals of zero in every cluster, expected some; the test has nothing to go by"
        )
    pattern, enumerated = weight_patterns(groups, weights, draws, seed)
    direction = bread[:, place] / bread[place, place]
    # coefficients with the null hypothesis imposed are base + null * step
    base, step = (beta - direction * beta[place], direction) if restricted else (beta, np.zeros(k))
    if confidence is None:  # one value only: no slope is needed
        base, step = base + null * step, np.zeros(k)
    lines = all_draws(
        pattern, cross @ bread[place] @ bread, bread[place], (moment - cross @ base, -cross @ step), factor
    )
    estimate = float(beta[place])
    # without the null hypothesis imposed, the sample is not among the draws
    added = 0 if enumerated and restricted else 1

    def test(value: float) -> tuple[float, float, int, int]:
        found = np.abs(lines.statistics(value))
        size = abs(estimate - value) / error
        undefined = int(np.isnan(found).sum())
        larger = int((found > size * (1 + ROUNDING)).sum()) + undefined
        ties = int((found >= size * (1 - ROUNDING)).sum()) + undefined - larger
        whole = len(found)
        return (larger + ties + added) / (whole + added), (larger - undefined) / whole, ties, undefined

    p_value, p_strict, ties, undefined = test(null)
    smallest = len(POINTS[weights]) / len(pattern) if enumerated and restricted else 1 / (len(pattern) + 1)
    low, high = np.nan, np.nan
    if confidence is not None:
        low, high = (_end(lambda value: test(value)[0], estimate, side * error, 1 - confidence) for side in (-1, 1))
    return WildBootstrap(
        covariate, estimate, error, null, (estimate - null) / error, p_value, p_strict, ties, undefined, smallest,
        low, high, confidence, groups, n, len(pattern), rarer, enumerated, restricted, weights, lines.statistics(null),
    )  # fmt: skip


def _end(p_value: Callable[[float], float], estimate: float, error: float, level: float) -> float:
    """The farthest value on one side (the sign of ``error``) that is not rejected."""
    steps = np.concatenate([np.arange(0.0, 10.0, 0.1), np.geomspace(10, FARTHEST, 40)])
    kept = [step for step in steps if p_value(estimate + step * error) > level]
    inner = float(kept[-1])
    if inner == steps[-1]:
        return float(np.copysign(np.inf, error))
    outer = float(steps[list(steps).index(inner) + 1])
    while outer - inner > 1e-8 * outer:
        middle = (inner + outer) / 2
        inner, outer = (middle, outer) if p_value(estimate + middle * error) > level else (inner, middle)
    return estimate + inner * error


def _checked(
    design: pd.DataFrame, outcome: pd.Series, clusters: pd.Series, covariate: str
) -> tuple[Array, Array, NDArray, NDArray[np.int_], int]:
    if covariate not in design:
        raise UserError(
            f"covariate: got {covariate!r}, expected one of {', '.join(map(str, design.columns))}; choose one"
        )
    for name, column in (("outcome", outcome), ("clusters", clusters)):
        if not column.index.equals(design.index):
            raise UserError(
                f"{name}: got other rows than the covariates, expected the same index in the same order; align them"
            )
    x, y = design.to_numpy(dtype=float), outcome.to_numpy(dtype=float)
    missing = {**dict(zip(design, np.isnan(x).sum(axis=0), strict=True)), "outcome": np.isnan(y).sum()}
    for place, number in {**missing, "clusters": clusters.isna().sum()}.items():
        if number:
            raise UserError(f"{place}: got {number} missing values, expected none; leave those rows out")
    gram = x.T @ x
    scale = np.sqrt(np.diag(gram))
    rank = int(np.linalg.matrix_rank(gram / np.outer(scale, scale), tol=1e-10)) if scale.all() else x.shape[1] - 1
    if rank < x.shape[1] or len(x) <= x.shape[1]:
        raise UserError(
            f"covariates {', '.join(map(str, design.columns))}: got rank {rank} in {len(x)} rows, expected "
            f"{x.shape[1]} and more rows than that; leave one out (a constant column repeats the constant)"
        )
    names, codes = np.unique(clusters.to_numpy(), return_inverse=True)
    if len(names) < 2:
        raise UserError(f"clusters: got one ({names[0]}), expected two or more; cluster on something finer")
    values, rarer = design[covariate].to_numpy(dtype=float), len(names)
    if np.isin(values, (0.0, 1.0)).all():
        for value in (0.0, 1.0):
            having = names[np.unique(codes[values == value])]
            rarer = min(rarer, len(having))
            if len(having) == 1:
                raise UserError(
                    f"covariate {covariate}: got {value:g} in cluster {having[0]} only, expected it in two or more, since with "
                    "one the bootstrap says nothing; use randomization inference"
                )
    return x, y, names, codes, rarer
