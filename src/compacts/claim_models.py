"""Models of what organizations claim in their own words: documents before 2016, up to the Compacts, and since.

One document is one observation; a code is the mean of its readers. Changes are standardised: the same documents, once as if written in
one period and once as if in another, under one fit with the length and the genre of the text held as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from compacts.authority import CLAIMS, claimed
from compacts.stats.contrasts import Contrast, Family, Fit, contrast, fit_robust
from compendium.errors import UserError

ERAS = ("before", "between", "since")
CONTROLS = ("log_words", "speech", "other_genre")

#: outcomes of a document: family of the model, and factor to the declared unit of a change
OUTCOMES: Mapping[str, tuple[Family, float]] = {
    "claims": ("poisson", 1.0),
    "moral": ("logit", 100.0),
    "demand": ("logit", 100.0),
    "autonomy": ("linear", 1.0),
    "moral_over_other": ("linear", 100.0),
    "leadership_over_service": ("linear", 100.0),
    "refugees": ("logit", 100.0),
    "migrants": ("logit", 100.0),
}


def era_of(dates: pd.Series, entered: str, adopted: str) -> pd.Series:
    """Return the era of each date: before IOM entered the UN system, between that and the GCM, since its adoption.

    A date good to the month or year that may fall on either side of a cut has no era, nor has a missing one.

    Examples
    --------
    >>> era_of(pd.Series(["2016", "2016-09-20", "2019", "2011-05"]), "2016-09-19", "2018-12-10").tolist()
    [nan, 'between', 'since', 'before']
    """
    if not entered < adopted:
        raise UserError(
            f"entered {entered}, adopted {adopted}: expected the first before the second; correct the parameters"
        )
    whole = dates.str.len()
    earliest = dates.where(whole == 10, dates.where(whole == 7, dates + "-01") + "-01")
    latest = dates.where(whole == 10, dates.where(whole == 7, dates + "-12") + "-31")
    places = [(bound >= entered).astype(int) + (bound >= adopted).astype(int) for bound in (earliest, latest)]
    return places[0].map(dict(enumerate(ERAS))).where((places[0] == places[1]) & dates.notna()).astype("str")


def documents_coded(
    documents: pd.DataFrame, readings: pd.DataFrame, entered: str, adopted: str, readers: Sequence[str] = ()
) -> pd.DataFrame:
    """Return one row a document with outcomes, era and controls.

    Parameters
    ----------
    documents, readings
        The tables documents and document_readings.
    entered, adopted
        Cuts of the eras.
    readers
        Only these; all without it.

    Returns
    -------
    DataFrame
        As :func:`compacts.authority.claimed` gives it, with ``era``, the outcomes of `OUTCOMES`, ``cooperate`` and ``demarcate`` (shares of
        readers), and the controls.
    """
    frame = claimed(documents, readings, readers)
    main = readings[(readings["main"] == 1) & (readings["reader"].isin(list(readers)) if len(readers) else True)]
    relations = pd.DataFrame(
        {
            "document_id": main["document_id"],
            "refugees": main["object"].isin(["refugee", "mixed"]),
            "migrants": main["object"].isin(["migrant", "mixed"]),
            "cooperate": main["other_io"] == "cooperate",
            "demarcate": main["other_io"] == "demarcate",
        }
    )
    frame = frame.join(relations.groupby("document_id").mean(), on="document_id")
    return frame.assign(
        era=era_of(frame["date"], entered, adopted),
        claims=frame[list(CLAIMS)].sum(axis=1),
        moral_over_other=frame["moral"] - frame[["expert", "capacity"]].mean(axis=1),
        leadership_over_service=frame[["demand", "convening"]].mean(axis=1) - frame["service"],
        log_words=np.log(frame["words_read"]),
        speech=(frame["genre"] == "speech").astype(float),
        other_genre=(~frame["genre"].isin(["speech", "press_release"])).astype(float),
    )


def design_of(frame: pd.DataFrame, groups: Sequence[str] = ("IOM", "UNHCR", "peers")) -> pd.DataFrame:
    """Return the covariates: constant, groups, eras, eras of each group but the last, and controls.

    The last group and the first era are the base.
    """
    columns: dict[str, Any] = {"constant": np.ones(len(frame))}
    for group in groups[:-1]:
        columns[group] = (frame["group"] == group).astype(float)
    for era in ERAS[1:]:
        columns[era] = (frame["era"] == era).astype(float)
        for group in groups[:-1]:
            columns[f"{group} {era}"] = columns[era] * columns[group]
    return pd.DataFrame(columns, index=frame.index).join(frame[list(CONTROLS)])


def fit_outcome(
    frame: pd.DataFrame, outcome: str, clusters: str = "", groups: Sequence[str] = ("IOM", "UNHCR", "peers")
) -> Fit:
    """Fit one outcome of dated documents of these groups.

    Parameters
    ----------
    frame
        As `documents_coded` gives it.
    outcome
        One of `OUTCOMES`.
    clusters
        Column to cluster on; each document alone without it.
    groups
        Whose documents; each must have some in each era.

    Raises
    ------
    UserError
        For a group without documents in an era, and as :func:`compacts.stats.contrasts.fit_robust`.
    """
    rows = frame[frame["era"].isin(ERAS) & frame["group"].isin(groups)]
    counts = rows.groupby(["group", "era"]).size().reindex(pd.MultiIndex.from_product([groups, ERAS]), fill_value=0)
    if (counts == 0).any():
        group, era = counts.index[counts == 0][0]
        raise UserError(f"{outcome}: got no document of {group} in the era {era!r}, expected some; choose other cuts")
    return fit_robust(
        OUTCOMES[outcome][0], design_of(rows, groups), rows[outcome], rows[clusters] if clusters else None, name=outcome
    )


def as_in(frame: pd.DataFrame, era: str, groups: Sequence[str] = ("IOM", "UNHCR", "peers")) -> pd.DataFrame:
    """Return the covariates of these documents as if all were of one era."""
    return design_of(frame.assign(era=era), groups)


def change(
    fit: Fit,
    frame: pd.DataFrame,
    group: str,
    after: str,
    before: str,
    less: Sequence[str] = (),
    *,
    logarithm: bool = False,
) -> Contrast:
    """Return a group's standardised change between two eras, less that of other groups.

    Parameters
    ----------
    fit
        From `fit_outcome`.
    frame
        The documents of the fit.
    group, less
        Whose change, and whose is taken off (their documents together).
    after, before
        Eras.
    logarithm
        Changes of the logarithm.

    Returns
    -------
    Contrast
        In the unit of the outcome itself (shares, not points).
    """
    groups = [name for name in ("IOM", "UNHCR", "peers") if name in set(frame["group"])]
    rows = frame[frame["era"].isin(ERAS)]
    own, other = rows[rows["group"] == group], rows[rows["group"].isin(less)]
    parts = {
        f"{group} {after}": (as_in(own, after, groups), 1.0),
        f"{group} {before}": (as_in(own, before, groups), -1.0),
    }
    if len(less):
        parts |= {
            "others after": (as_in(other, after, groups), -1.0),
            "others before": (as_in(other, before, groups), 1.0),
        }
    return contrast(fit, parts, logarithm=logarithm)


def scaled(found: Contrast, factor: float) -> Contrast:
    """Return the contrast in another unit."""
    return replace(found, estimate=found.estimate * factor, std_error=found.std_error * factor)


def grounds_widened(frame: pd.DataFrame, group: str, after: str, before: str, draws: int, seed: int) -> Contrast:
    """Return the change in the effective number of grounds (exponential of Shannon's entropy) of a group's claims.

    The error is that of a bootstrap over documents within eras; draws without any claim are left out of it.

    References
    ----------
    Hill, M. O. (1973), Diversity and evenness, Ecology 54, 427-432 (the number N1).
    """
    rng = np.random.default_rng(seed)
    own = frame[frame["group"] == group]
    numbers = {}
    for era in (before, after):
        codes = own.loc[own["era"] == era, list(CLAIMS)].to_numpy(dtype=float)
        claiming = int((codes.sum(axis=1) > 0).sum())
        if claiming < 2:
            raise UserError(
                f"grounds of {group}: got {claiming} documents with a claim in the era {era!r}, expected two or more; choose other cuts"
            )
        drawn = rng.multinomial(len(codes), np.full(len(codes), 1 / len(codes)), size=draws)
        numbers[era] = effective_number(np.vstack([codes.sum(axis=0), drawn @ codes]))
    both = numbers[after] - numbers[before]
    n = int(own["era"].isin([after, before]).sum())
    return Contrast(
        float(both[0]),
        round(float(np.nanstd(both[1:], ddof=1)), 12),  # documents all alike vary by rounding only
        n,
        0,
        f"plug-in, bootstrap of {draws:,} draws over documents",
    )


def effective_number(counts: np.ndarray) -> np.ndarray:
    """Return the exponential of Shannon's entropy of each row, missing where it holds nothing.

    Examples
    --------
    >>> effective_number(np.array([[1, 1, 1, 1], [5, 0, 0, 0]])).round(9).tolist()
    [4.0, 1.0]
    """
    totals = counts.sum(axis=1, keepdims=True)
    shares = counts / np.where(totals > 0, totals, np.nan)
    logs = np.log(np.where(shares > 0, shares, 1.0))
    return np.asarray(np.exp(-(shares * logs).sum(axis=1)))
