"""Shares with intervals, and a share of machine codes corrected by readers on a probability sample."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binomtest, norm

from compendium.errors import UserError


def shares(frame: pd.DataFrame, by: Sequence[str], outcome: str, confidence: float = 0.95) -> pd.DataFrame:
    """Return the share of rows with an outcome, by group, with Wilson's interval.

    Parameters
    ----------
    frame
        One row a unit; ``outcome`` is true or false.
    by
        Columns that name the group.
    outcome
        Column.
    confidence
        Of the interval, between 0 and 1.

    Returns
    -------
    DataFrame
        The columns of ``by``, ``yes``, ``of`` (counts), ``share``, ``low``, ``high`` (0 to 1). Groups without rows have none.

    Raises
    ------
    UserError
        For an empty frame or a missing outcome.

    References
    ----------
    Wilson, E. B. (1927), Probable inference, the law of succession, and statistical inference, Journal of the American
    Statistical Association 22, 209-212; computed by scipy.

    Examples
    --------
    >>> frame = pd.DataFrame({"organ": ["A", "A", "B"], "report": [True, False, False]})
    >>> shares(frame, ["organ"], "report").round(2)
      organ  yes  of  share   low  high
    0     A    1   2    0.5  0.09  0.91
    1     B    0   1    0.0  0.00  0.79
    """
    if frame.empty or frame[outcome].isna().any():
        raise UserError(
            f"shares of {outcome}: got {len(frame)} rows, {int(frame[outcome].isna().sum())} of them without a value, "
            "expected rows that all have one; leave the others out and say so"
        )
    counts = frame.assign(**{outcome: frame[outcome].astype(bool)}).groupby(list(by), observed=True)[outcome]
    result = counts.agg(yes="sum", of="size").reset_index()
    bounds = [wilson(int(yes), int(of), confidence) for yes, of in zip(result["yes"], result["of"], strict=True)]
    return result.assign(
        share=result["yes"] / result["of"], low=[low for low, _ in bounds], high=[high for _, high in bounds]
    )


def wilson(yes: int, of: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the bounds of Wilson's interval for ``yes`` of ``of``.

    Raises
    ------
    UserError
        When ``of`` is 0, or ``yes`` is not among 0 to ``of``.

    Examples
    --------
    >>> [round(bound, 4) for bound in wilson(81, 263)]  # Newcombe 1998, table I, method 3
    [0.2553, 0.3662]
    """
    if of <= 0 or not 0 <= yes <= of:
        raise UserError(
            f"Wilson's interval: got {yes} of {of}, expected 0 to n of a positive n; leave empty groups out"
        )
    found = binomtest(yes, of).proportion_ci(confidence, method="wilson")
    return float(found.low), float(found.high)


@dataclass(frozen=True)
class CorrectedShare:
    """A share in a population of which all units have a machine code and a sample was read.

    Attributes
    ----------
    machine
        Share by the machine code alone.
    share, low, high
        Corrected by the readers, with its interval; both bounds equal it where every unit was read.
    population, read, differ
        Units, units read, and of these those that readers and machine code otherwise.
    """

    machine: float
    share: float
    low: float
    high: float
    population: int
    read: int
    differ: int


def corrected_share(machine: pd.Series, sample: pd.DataFrame, confidence: float = 0.95) -> CorrectedShare:
    r"""Correct the share of a machine code by what readers found on a stratified random sample.

    The difference estimator: the mean of the machine code over all units plus the weighted mean of reader less machine
    over the units read. It is unbiased whatever the machine's errors. The variance is that of a stratified sample,
    :math:`S^2 \sum_h W_h^2 (1 - n_h/N_h) / n_h`, with one :math:`S^2` of the differences for all strata, because most
    strata hold too few units for one of their own. Where no unit read differs although not all were read, the interval
    reaches as far as the exact upper bound of 0 of n.

    Parameters
    ----------
    machine
        Code of every unit of the population, 0 or 1.
    sample
        Units read: ``stratum``, ``size`` (units of the stratum in the population), ``machine`` and ``reader`` (0 or 1).
    confidence
        Of the interval, between 0 and 1.

    Raises
    ------
    UserError
        For an empty population, fewer than two units read, codes other than 0 and 1, or a stratum read beyond its size.

    References
    ----------
    Särndal, C.-E., Swensson, B. and Wretman, J. (1992), Model Assisted Survey Sampling, section 6.3 (difference
    estimator); Egami, N. et al. (2023), Using imperfect surrogates for downstream inference: design-based supervised
    learning for social science applications of large language models, NeurIPS 36 (for regressions).

    Examples
    --------
    >>> read = pd.DataFrame({"stratum": list("aabb"), "size": [4, 4, 6, 6], "machine": [1, 0, 0, 0], "reader": [1, 1, 0, 0]})
    >>> corrected_share(pd.Series([1, 0, 0, 0, 1, 0, 0, 0, 0, 0]), read).share  # 0.2 + 0.4 * 0.5 + 0.6 * 0
    0.4
    """
    codes = sample[["machine", "reader"]].astype(float)
    everyone = machine.astype(float)
    if everyone.empty or len(sample) < 2:
        raise UserError(
            f"corrected share: got {len(everyone)} units, {len(sample)} of them read, expected units and two read at least; "
            "join the group with another"
        )
    if not (codes.isin([0, 1]).to_numpy().all() and everyone.isin([0, 1]).all()):
        raise UserError("corrected share: got a code other than 0 and 1, expected these; recode it")
    strata = sample.assign(gap=codes["reader"] - codes["machine"]).groupby("stratum")
    size, read = strata["size"].first().astype(float), strata.size()
    if (read > size).any():
        stratum = str((read - size).idxmax())
        raise UserError(
            f"corrected share, stratum {stratum}: got {read[stratum]} units read of {size[stratum]:g}, expected no more; correct its size"
        )
    weight = size / size.sum()
    gap = float((weight * strata["gap"].mean()).sum())
    spread_of = codes["reader"] - codes["machine"]
    unit_weight = sample["stratum"].map(weight / read)
    scatter = float((unit_weight * (spread_of - gap) ** 2).sum()) * len(sample) / (len(sample) - 1)
    unread = weight**2 * (1 - read / size) / read
    reach = float(norm.ppf(0.5 + confidence / 2)) * float(np.sqrt(scatter * unread.sum()))
    if scatter == 0 and unread.sum() > 0:
        reach = 1 - (1 - confidence) ** (1 / len(sample))
    share = float(everyone.mean()) + gap
    low, high = np.clip([share - reach, share + reach], 0, 1)
    return CorrectedShare(
        machine=float(everyone.mean()), share=share, low=float(low), high=float(high), population=len(everyone),
        read=len(sample), differ=int((spread_of != 0).sum()),
    )  # fmt: skip
