"""Money by donor, agency and year: Poisson pseudo maximum likelihood with fixed effects, event time, permuted groups.

The fits are pyfixest's; here are the panel's terms, intervals with clusters, the joint test of effects before the event, and the
smallest effect that a fit could have found.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import f as f_distribution
from scipy.stats import t as t_distribution

from compacts.stats.power import smallest_detectable
from compendium.errors import UserError

TRIPLE = (
    "donor_agency",
    "donor_year",
    "agency_year",
)  # leaves what differs between agencies, groups of donors and years
DOUBLE = ("donor_agency", "donor_year")


@dataclass(frozen=True)
class PanelFit:
    """A fit with fixed effects.

    Attributes
    ----------
    effects : DataFrame
        By term: ``estimate`` (logarithm), ``std_error``, ``low``, ``high``, ``p_value`` (t with clusters − 1 degrees of freedom).
    covariance : ndarray
        Clustered covariance of the terms, in their order.
    observations, dropped, clusters : int
        Rows used; rows that drop out (see `informative`); clusters among the rows used.
    confidence : float
    """

    effects: pd.DataFrame
    covariance: np.ndarray
    observations: int
    dropped: int
    clusters: int
    confidence: float

    def joint_p(self, terms: Sequence[str]) -> float:
        """Return the p-value that all `terms` are zero (Wald, F with clusters − 1 degrees of freedom below)."""
        places = np.array([list(self.effects.index).index(term) for term in terms])
        found = self.effects["estimate"].to_numpy()[places]
        middle = self.covariance[np.ix_(places, places)]
        statistic = float(found @ np.linalg.solve(middle, found)) / len(places)
        return float(f_distribution.sf(statistic, len(places), self.clusters - 1))

    def smallest_detectable(self, term: str, power: float = 0.8) -> float:
        """Return the effect (logarithm) that a test at 1 − confidence would find with this power, given the standard error."""
        error = float(self.effects["std_error"][term])
        return smallest_detectable(error, 1 - self.confidence, power, self.clusters - 1)


def percent(logarithm: float) -> float:
    """Return an effect on the logarithm as a change in per cent.

    Examples
    --------
    >>> round(percent(0.6931472), 4)
    100.0
    """
    return float(100 * np.expm1(logarithm))


def ppml(
    frame: pd.DataFrame,
    outcome: str,
    terms: Sequence[str],
    effects: Sequence[str],
    cluster: str,
    confidence: float = 0.95,
) -> PanelFit:
    """Fit a Poisson pseudo maximum likelihood with fixed effects; zeros stay, as they are information.

    Parameters
    ----------
    frame
        One row a unit and year; the outcome is zero or more.
    outcome, terms, effects, cluster
        Names of columns: what is explained, by what, within which fixed effects, clustered on what.
    confidence
        Of the intervals.

    Raises
    ------
    UserError
        For a negative outcome, a term without variation, fewer than two clusters, or a fit that does not converge.

    References
    ----------
    Santos Silva, J. and Tenreyro, S. (2006), The log of gravity, Review of Economics and Statistics 88, 641-658; Correia, S., Guimarães, P.
    and Zylkin, T. (2020), Fast Poisson estimation with high-dimensional fixed effects, Stata Journal 20, 95-115.

    Examples
    --------
    >>> frame = pd.DataFrame({  # Dobson (1990), in R's help of glm: the coefficients of outcome are -0.4543 and -0.2930
    ...     "counts": [18, 17, 15, 20, 10, 20, 25, 13, 12], "treatment": [1, 1, 1, 2, 2, 2, 3, 3, 3],
    ...     "second": [0, 1, 0] * 3, "third": [0, 0, 1] * 3})
    >>> ppml(frame, "counts", ["second", "third"], ["treatment"], "treatment").effects["estimate"].round(4).tolist()
    [-0.4543, -0.293]
    """
    if (frame[outcome] < 0).any():
        raise UserError(
            f"ppml, {outcome}: got {frame[outcome].min()}, expected zero or more; leave negative amounts out and count them"
        )
    fit = _fitted("fepois", informative(frame, outcome, effects), outcome, terms, effects, cluster, confidence)
    return replace(fit, dropped=len(frame) - fit.observations)


def informative(frame: pd.DataFrame, outcome: str | None, effects: Sequence[str]) -> pd.DataFrame:
    """Return the rows that say something about a Poisson fit within these fixed effects.

    Rows drop out, until none does, where a fixed effect has zeros only (its fit is zero whatever the terms are) or one row only
    (its fit is perfect whatever the terms are; the one reason for least squares, where `outcome` is None). The estimates do not change; the
    count of clusters becomes an honest one.

    Examples
    --------
    >>> frame = pd.DataFrame({"money": [0.0, 0, 2, 3, 1], "donor": ["A", "A", "B", "B", "C"]})
    >>> informative(frame, "money", ["donor"])["donor"].tolist()
    ['B', 'B']
    """
    groups = [pd.factorize(frame[effect])[0] for effect in effects]
    amounts = None if outcome is None else frame[outcome].fillna(0).to_numpy(dtype=float)
    kept = np.flatnonzero(
        np.all([group >= 0 for group in groups], axis=0)
    )  # a row without a group has none to be within
    while True:
        stays = np.ones(len(kept), dtype=bool)
        for group in groups:
            code = group[kept]
            stays &= np.bincount(code)[code] > 1
            if amounts is not None:
                stays &= np.bincount(code, weights=amounts[kept])[code] > 0
        if stays.all():
            return frame.iloc[kept]
        kept = kept[stays]


def least_squares(
    frame: pd.DataFrame,
    outcome: str,
    terms: Sequence[str],
    effects: Sequence[str],
    cluster: str,
    confidence: float = 0.95,
) -> PanelFit:
    """Fit by least squares with fixed effects; see `ppml` for the arguments."""
    fit = _fitted("feols", informative(frame, None, effects), outcome, terms, effects, cluster, confidence)
    return replace(fit, dropped=len(frame) - fit.observations)


def _fitted(
    method: str,
    frame: pd.DataFrame,
    outcome: str,
    terms: Sequence[str],
    effects: Sequence[str],
    cluster: str,
    confidence: float,
) -> PanelFit:
    import warnings

    import pyfixest

    flat = [term for term in terms if frame[term].nunique() < 2]
    if flat:
        raise UserError(
            f"panel: got no variation in {flat[0]} over {len(frame)} rows, expected both groups and periods; choose other years"
        )
    formula = f"{outcome} ~ {' + '.join(terms)} | {' + '.join(effects)}"
    # `informative` has left out what pyfixest would look for again: fixed effects with zeros only
    further: dict[str, Any] = {"separation_check": []} if method == "fepois" else {}
    with warnings.catch_warnings():  # what it warns of, dropped rows and terms, is counted and checked below
        warnings.simplefilter("ignore")
        try:
            fit: Any = getattr(pyfixest, method)(
                formula, frame, vcov={"CRV1": cluster}, fixef_rm="singleton", **further
            )
        except (ValueError, RuntimeError, np.linalg.LinAlgError) as error:
            why = " ".join(str(error).split()).split(". ")[0]
            raise UserError(
                f"panel, {formula}: got no fit ({why}), expected one; choose other years or groups"
            ) from None
    lost = [term for term in terms if term not in fit.coef().index]
    if lost:
        raise UserError(
            f"panel, {formula}: got {lost[0]} within the fixed effects, expected variation beside them; choose other years or groups"
        )
    used, clusters = len(fit.resid()), int(frame[cluster].nunique())
    if used != len(frame):
        raise UserError(
            f"panel, {formula}: got {len(frame)} rows of which the fit used {used}, expected all; leave out rows with missing values"
        )
    if clusters < 2:
        raise UserError(f"panel, {formula}: got {clusters} cluster, expected two or more; choose other years or groups")
    covariance = np.asarray(fit._vcov)  # noqa: SLF001 - pyfixest gives it under no public name
    estimate, deviation = fit.coef()[list(terms)], np.sqrt(np.diag(covariance))
    reach = t_distribution.ppf(0.5 + confidence / 2, clusters - 1) * deviation
    table = pd.DataFrame(
        {"estimate": estimate, "std_error": deviation, "low": estimate - reach, "high": estimate + reach}
    )
    table["p_value"] = 2 * t_distribution.sf((table["estimate"] / table["std_error"]).abs(), clusters - 1)
    return PanelFit(table, covariance, used, 0, clusters, confidence)


def year_terms(panel: pd.DataFrame, treated: "pd.Series[Any]", reference: int) -> tuple[pd.DataFrame, list[str]]:
    """Return the panel with a column for each year but the reference, 1 for treated rows of that year, and their names.

    Raises
    ------
    UserError
        When the reference is no year of the panel.
    """
    years = sorted(panel["year"].unique())
    if reference not in years:
        raise UserError(
            f"event time: got the reference {reference}, expected one of {years[0]} to {years[-1]}; correct last_year_before"
        )
    columns = {f"y{year}": ((panel["year"] == year) & treated).astype("int64") for year in years if year != reference}
    return panel.assign(**columns), list(columns)


def event_time(
    panel: pd.DataFrame,
    outcome: str,
    treated: "pd.Series[Any]",
    reference: int,
    effects: Sequence[str],
    confidence: float,
) -> tuple[pd.DataFrame, float]:
    """Fit one effect for each year, and test all before the reference together.

    Parameters
    ----------
    panel
        year, donor, the outcome and the fixed effects.
    outcome
        Name of the column that is explained.
    treated
        True for the rows whose effects are wanted (such as endorsers' money for IOM).
    reference
        Year whose effect is zero by definition.
    effects, confidence
        As in `ppml`.

    Returns
    -------
    DataFrame, float
        ``year``, ``estimate``, ``low``, ``high`` (logarithms; the reference is 0), and the joint p-value of the years before it (missing
        where there are none).
    """
    wide, terms = year_terms(panel, treated, reference)
    fit = ppml(wide, outcome, terms, effects, "donor", confidence)
    table = fit.effects.reset_index(names="term")
    table["year"] = table["term"].str[1:].astype("int64")
    zero = pd.DataFrame({"year": [reference], "estimate": [0.0], "low": [0.0], "high": [0.0]})
    before = [term for term in terms if int(term[1:]) < reference]
    rows = pd.concat([table[["year", "estimate", "low", "high"]], zero]).sort_values("year", ignore_index=True)
    return rows, fit.joint_p(before) if before else float("nan")
