"""How far a difference between IOM and others can be trusted: year by year, with few clusters, and against every organization in turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from compacts.free_money import PlaceboInterval, placebo_interval
from compacts.stats.contrasts import Contrast, fit_robust
from compacts.stats.margins import wald_test
from compacts.stats.wild_bootstrap import WildBootstrap, wild_cluster_bootstrap
from compendium.errors import UserError

FEWEST = 4  # clusters of IOM in a window (texts, where each stands alone): below, a robust error means nothing
JOINED = 2016  # first year of a window, whatever the width


def windows(years: pd.Series, width: int) -> pd.Series:
    """Return the first year of each year's window; windows are cut so that one begins when IOM joined the UN system.

    Examples
    --------
    >>> windows(pd.Series([2015, 2016, 2018, 2019]), 3).tolist()
    [2013, 2016, 2016, 2019]
    """
    return ((years - JOINED) // width * width + JOINED).astype(int)


def event_time(
    rows: pd.DataFrame, value: str, width: int, confidence: float, clusters: str = "", controls: Sequence[str] = ()
) -> tuple[pd.DataFrame, float]:
    """Return the difference between IOM and the others by windows of years, relative to the window before the entry into the UN system.

    Parameters
    ----------
    rows
        ``group``, ``year``, the value, clusters and controls.
    value
        Column that is explained, by least squares with effects of groups and windows.
    width
        Years in a window. Windows at either end with fewer than four clusters of IOM are joined to the next one inward, the
        reference excepted.
    confidence
        Of the intervals.
    clusters, controls
        Columns.

    Returns
    -------
    DataFrame, float
        ``year`` (first of the window), ``estimate``, ``low``, ``high``, ``n`` (clusters of IOM); and the joint p-value of the
        windows before the reference that hold four (missing without any).

    Raises
    ------
    UserError
        Without texts of IOM in the window before the entry, or with few in each.
    """
    own, event = rows["group"] == "IOM", windows(rows["year"], width)
    names_of = rows[clusters] if clusters else pd.Series(rows.index, index=rows.index)
    counts = names_of[own].groupby(event[own]).nunique()
    thick = counts[counts >= FEWEST].index
    reference = JOINED - width
    if reference not in counts.index:
        raise UserError(
            f"event time: got no text of IOM in {reference} to {JOINED - 1}, expected some; choose wider windows"
        )
    if not len(thick):
        raise UserError(f"event time: got fewer than {FEWEST} of IOM in every window; choose wider windows")
    event = event.clip(min(reference, int(thick.min())), max(reference, int(thick.max())))
    years = sorted(set(event[own]) | {reference})
    columns: dict[str, Any] = {
        "constant": np.ones(len(rows)),
        "IOM": own.astype(float),
        "UNHCR": (rows["group"] == "UNHCR").astype(float),
    }
    columns |= {f"w{year}": (event == year).astype(float) for year in sorted(set(event)) if year != reference}
    columns |= {f"IOM w{year}": ((event == year) & own).astype(float) for year in years if year != reference}
    design = pd.DataFrame(columns, index=rows.index).join(rows[list(controls)])
    fit = fit_robust("linear", design, rows[value], rows[clusters] if clusters else None, name="event time")
    names, table = list(design.columns), []
    numbers = names_of[own].groupby(event[own]).nunique()
    for year in years:
        found = (
            fit.coefficient(f"IOM w{year}") if year != reference else Contrast(0.0, 0.0, len(rows), fit.clusters, "")
        )
        table.append((year, found.estimate, *found.interval(confidence), int(numbers[year])))
    early = [names.index(f"IOM w{year}") for year in years if year < reference and numbers[year] >= FEWEST]
    p_value = wald_test(fit.parameters[early], fit.covariance[np.ix_(early, early)])[2] if early else float("nan")
    return pd.DataFrame(table, columns=["year", "estimate", "low", "high", "n"]), p_value


@dataclass(frozen=True)
class FewClusters:
    """The same difference under three ways to reckon its uncertainty.

    Attributes
    ----------
    plain : Contrast
        Least squares, covariance as of the model.
    by_year : WildBootstrap
        Restricted wild cluster bootstrap, years as clusters.
    by_organization : PlaceboInterval
        The change of IOM among the changes of all organizations.
    """

    plain: Contrast
    by_year: WildBootstrap
    by_organization: PlaceboInterval


def few_clusters(
    rows: pd.DataFrame, value: str, own: str, confidence: float, draws: int, seed: int, clusters: str = ""
) -> FewClusters:
    """Return the change of IOM less that of all others under three ways to reckon its uncertainty.

    Parameters
    ----------
    rows
        ``group``, ``organization``, ``year``, ``late`` (0 or 1: after the Compacts, or before 2016; nothing between), the value, clusters.
    value
        Column that is explained.
    own
        Name of IOM among the organizations.
    confidence, draws, seed
        Of the intervals, and of the bootstrap.
    clusters
        Column of the first way's clusters; each row alone without it.
    """
    treated = (rows["group"] == "IOM").astype(float)
    late = rows["late"].astype(float)
    design = pd.DataFrame(
        {"constant": 1.0, "IOM": treated, "UNHCR": (rows["group"] == "UNHCR").astype(float), "late": late, "IOM late": treated * late},
        index=rows.index,
    )  # fmt: skip
    fit = fit_robust("linear", design, rows[value], rows[clusters] if clusters else None, name="few clusters")
    wild = wild_cluster_bootstrap(
        design, rows[value], rows["year"].astype(int).astype(str), "IOM late", draws=draws, seed=seed, confidence=confidence
    )  # fmt: skip
    means = rows.groupby(["organization", "late"])[value].mean().unstack().dropna()
    changes = (means[1] - means[0]).rename("change")
    return FewClusters(fit.coefficient("IOM late"), wild, placebo_interval(changes, own, confidence))
