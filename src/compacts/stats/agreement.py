"""Agreement of readers of the same units: Krippendorff's alpha with a bootstrap interval, and how common the codes are.

Alpha is one less observed over expected disagreement. Where nothing varies, nothing can disagree: alpha is then
undefined, and said to be, never 1 or 0. A small prevalence makes alpha low at the same share of slips: read both
together. The interval is a little too narrow with a hundred units, and more so where a code is rare
(``benchmarks/simulations.txt``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium.errors import UserError

Array = NDArray[np.float64]
Level = Literal["nominal", "ordinal", "interval"]

# Krippendorff's own floors: firm conclusions, and tentative ones
FIRM, TENTATIVE = 0.800, 0.667


@dataclass(frozen=True)
class Agreement:
    """Krippendorff's alpha of one code.

    Attributes
    ----------
    alpha, low, high
        Estimate and percentile interval of the bootstrap by unit (or by cluster); NaN where undefined.
    undefined
        Why there is no alpha; empty where there is one.
    observed
        Share of pairs of codes of the same unit that are equal.
    level, readers, units, codes
        Level of measurement; numbers of readers, of units with two codes or more, and of the codes of those units.
    prevalence
        Share of each value among these codes.
    draws, undefined_draws
        Bootstrap samples, and those of them without variation, left out of the interval.
    """

    alpha: float
    low: float
    high: float
    undefined: str
    observed: float
    level: Level
    readers: int
    units: int
    codes: int
    prevalence: dict[object, float]
    draws: int
    undefined_draws: int

    @property
    def verdict(self) -> str:
        """``firm`` (.800 or more), ``tentative`` (.667 or more), ``too low``, or ``undefined``."""
        if self.undefined:
            return "undefined"
        return "firm" if self.alpha >= FIRM else "tentative" if self.alpha >= TENTATIVE else "too low"


def krippendorff_alpha(
    codes: pd.DataFrame,
    level: Level = "nominal",
    *,
    clusters: pd.Series | None = None,
    draws: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Agreement:
    """Krippendorff's alpha of readers who coded the same units.

    Parameters
    ----------
    codes
        One row a unit, one column a reader, missing where a reader gave no code; numbers unless nominal. Units with one
        code say nothing of agreement and are left out.
    level
        What a difference is: any two values (nominal), their ranks (ordinal), or their squared distance (interval).
    clusters
        Units that are drawn together (the same document, a sentence said again); by default each alone.
    draws, seed, confidence
        Of the bootstrap.

    Raises
    ------
    UserError
        For fewer than two readers, no unit with two codes, words where numbers are needed, or clusters of other rows.

    References
    ----------
    Krippendorff, K. (2011), Computing Krippendorff's alpha-reliability, University of Pennsylvania. Hayes, A. F. and
    Krippendorff, K. (2007), Communication Methods and Measures 1, 77-89.

    Examples
    --------
    >>> jon, han = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0], [0, 1, 1, 0, 0, 1, 0, 1, 0, 0]  # Krippendorff (2011), section A
    >>> found = krippendorff_alpha(pd.DataFrame({"Jon": jon, "Han": han}))
    >>> round(found.alpha, 3), found.observed, found.verdict
    (0.095, 0.6, 'too low')
    """
    counts, values, paired = _counted(codes, level)
    sizes = counts.sum(axis=1)
    # coincidences of each unit: ordered pairs of its codes, each code weighing one
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(len(values))
    coincidences = (pairs / (sizes - 1)[:, None, None]).reshape(len(counts), -1)
    scale = np.arange(len(values), dtype=float) if level == "nominal" else np.asarray(values, dtype=float)
    undefined = _undefined(paired, values)
    alpha, low, high, lost = np.nan, np.nan, np.nan, 0
    if not undefined:
        alpha = float(_alphas(coincidences.sum(axis=0)[None], level, scale)[0])
        drawn = _alphas(_resampled(coincidences, clusters, paired.index, draws, seed), level, scale)
        lost = int(np.isnan(drawn).sum())
        if lost < draws:
            tails = [0.5 - confidence / 2, 0.5 + confidence / 2]
            low, high = (float(end) for end in np.nanquantile(drawn, tails))
    total = counts.sum(axis=0)
    same = float(np.trace(coincidences.sum(axis=0).reshape(len(values), -1)) / total.sum())
    prevalence = dict(zip(values.tolist(), (total / total.sum()).tolist(), strict=True))
    return Agreement(
        alpha, low, high, undefined, same, level, codes.shape[1], len(counts), int(total.sum()), prevalence, draws, lost
    )


def agreement_table(
    codes: Mapping[str, pd.DataFrame], levels: Mapping[str, Level] | None = None, **options: object
) -> pd.DataFrame:
    """Alpha of many codes.

    Parameters
    ----------
    codes
        For the name of each code, its readings as in :func:`krippendorff_alpha`.
    levels
        Of the codes that are not nominal.
    options
        Passed on.

    Returns
    -------
    DataFrame
        One row a code: code, alpha, low, high, observed, commonest (its value), prevalence (share of the codes that are
        not the commonest), units, verdict, undefined.

    Examples
    --------
    >>> table = agreement_table({"lasting": pd.DataFrame({"A": [0, 1, 0, 1], "B": [0, 1, 0, 0]})}, draws=100)
    >>> table[["code", "observed", "prevalence", "verdict"]].to_dict("records")
    [{'code': 'lasting', 'observed': 0.75, 'prevalence': 0.375, 'verdict': 'too low'}]
    """
    rows = []
    for name, readings in codes.items():
        found = krippendorff_alpha(readings, (levels or {}).get(name, "nominal"), **options)  # type: ignore[arg-type]
        commonest = max(found.prevalence, key=lambda value: found.prevalence[value])
        rows.append(
            {
                "code": name,
                "alpha": found.alpha,
                "low": found.low,
                "high": found.high,
                "observed": found.observed,
                "commonest": commonest,
                "prevalence": 1 - found.prevalence[commonest],
                "units": found.units,
                "verdict": found.verdict,
                "undefined": found.undefined,
            }
        )
    return pd.DataFrame(rows)


def _counted(codes: pd.DataFrame, level: Level) -> tuple[Array, NDArray, pd.DataFrame]:
    """How often each unit got each value; the values in order; the rows with two codes or more."""
    if codes.shape[1] < 2:
        raise UserError(f"codes: got {codes.shape[1]} reader, expected two or more; add a column")
    paired = codes.loc[codes.notna().sum(axis=1) >= 2]
    if paired.empty:
        raise UserError(
            f"codes: got no unit with two codes among {len(codes)}, expected some; let readers read the same"
        )
    given = [value for value in paired.to_numpy().ravel() if pd.notna(value)]
    words = [value for value in given if not isinstance(value, int | float | np.number | np.bool_)]
    if level != "nominal" and words:
        raise UserError(
            f"codes: got {words[0]!r} for the level {level}, expected numbers in their order; number the values"
        )
    values = np.empty(len(set(given)), dtype=object)
    values[:] = sorted(set(given), key=lambda value: (isinstance(value, str), value))
    counts = np.column_stack([(paired == value).sum(axis=1).to_numpy(dtype=float) for value in values])
    return counts, values, paired


def _undefined(paired: pd.DataFrame, values: NDArray) -> str:
    if len(values) == 1:
        return f"every code is {values[0]}: nothing varies"
    for reader in paired:
        given = paired[reader].dropna().tolist()
        if len(given) > 1 and len(set(given)) == 1:
            return f"reader {reader} gave one code only ({given[0]})"
    return ""


def _alphas(coincidences: Array, level: Level, scale: Array) -> Array:
    """Alpha of each row of coincidences, shape (samples, values squared); NaN where nothing varies."""
    size = len(scale)
    observed = coincidences.reshape(-1, size, size)
    margins = observed.sum(axis=2)
    if level == "ordinal":  # a value stands at the middle of its ranks
        places = margins.cumsum(axis=1) - margins / 2
        distance = (places[:, :, None] - places[:, None, :]) ** 2
    else:
        apart = np.subtract.outer(scale, scale)
        distance = ((apart != 0) * 1.0 if level == "nominal" else apart**2)[None]
    total = margins.sum(axis=1)
    expected = np.einsum("sc,sk,sck->s", margins, margins, np.broadcast_to(distance, observed.shape))
    seen = (observed * distance).sum(axis=(1, 2))
    varied = expected > 0
    return np.where(varied, 1 - (total - 1) * seen / np.where(varied, expected, 1.0), np.nan)


def _resampled(coincidences: Array, clusters: pd.Series | None, units: pd.Index, draws: int, seed: int) -> Array:
    """Coincidences of bootstrap samples of units, or of clusters of units, shape (draws, values squared)."""
    if clusters is not None:
        if not units.isin(clusters.index).all() or clusters.loc[units].isna().any() or not clusters.index.is_unique:
            raise UserError("clusters: got none for some units, expected one for each row of the codes; complete them")
        places, names = pd.factorize(clusters.loc[units])
        grouped = np.zeros((len(names), coincidences.shape[1]))
        np.add.at(grouped, places, coincidences)
        coincidences = grouped
    # units coded alike are one and the same to the bootstrap: how many of each pattern are drawn is all that counts
    patterns, counts = np.unique(coincidences, axis=0, return_counts=True)
    weights = np.random.default_rng(seed).multinomial(counts.sum(), counts / counts.sum(), draws)
    return np.asarray(weights @ patterns)
