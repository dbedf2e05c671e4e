"""The faces of authority side by side: what each organization has on each, and whether outside measures agree."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.stats import permutation_test, rankdata

from compacts.authority import profile
from compacts.free_money import FREE, share_free
from compendium.errors import UserError

FEWEST = 5  # organizations in a correlation: with four no order is rarer than one in twelve
ENTITIES = ("IOM", "UNHCR", "WFP", "UNICEF", "OHCHR", "ILO", "UNODC", "FAO", "UNDP", "UNRWA", "WHO", "OCHA")
OUTSIDE: Mapping[str, str] = {
    "piip_de_facto": "PIIP, autonomy in fact", "piip_de_jure": "PIIP, autonomy in rules", "mia_delegation": "MIA, delegation",
    "agg_accountability": "AGG, accountability",
}  # fmt: skip


def by_organization(frame: pd.DataFrame, column: str, first_year: int, confidence: float) -> pd.DataFrame:
    """Return the mean of a code for each organization since a year.

    Returns
    -------
    DataFrame
        Indexed by organization (upper case): ``share``, ``low``, ``high``, ``read``; those with texts of one cluster only are left out.
    """
    names = frame["organization" if "organization" in frame else "target"].str.upper()
    late = frame.assign(key=names)[frame["year"] >= first_year]
    late = late[late.groupby("key")["cluster"].transform("nunique") >= 2]
    table = profile(late, [column], confidence, by=["key"])
    return table.set_index("key")[["share", "low", "high", "read"]]


def side_by_side(
    measured: Mapping[str, pd.DataFrame], free: pd.Series, outside: pd.DataFrame, first_year: int, confidence: float
) -> pd.DataFrame:
    """Return one row an organization of `ENTITIES` with each face and outside measure.

    Parameters
    ----------
    measured : mapping
        For a code, the texts that hold it.
    free : Series
        As `free_money` gives it.
    outside : DataFrame
        As `outside_measures` gives it.
    first_year : int
        Texts before are left out.
    confidence : float
        Of the intervals.

    Returns
    -------
    DataFrame
        A column for each code, with ``CODE_low``, ``CODE_high``, ``CODE_read``; ``free``; the outside measures.
    """
    parts = []
    for code, frame in measured.items():
        found = by_organization(frame, code, first_year, confidence)
        parts.append(found.rename(columns={"share": code, **{end: f"{code}_{end}" for end in ("low", "high", "read")}}))
    return pd.concat([*parts, free.rename("free"), outside], axis=1).reindex(list(ENTITIES))


def free_money(finance: pd.DataFrame, entities: Sequence[str], first: int, last: int) -> pd.Series:
    """Return the share of an entity's revenue of some years that it may spend as it sees fit: dues and core gifts.

    Raises
    ------
    UserError
        When no revenue of these years, or none of these types, is in the table.
    """
    revenue = finance[
        (finance["flow"] == "revenue") & finance["year"].between(first, last) & finance["entity"].isin(list(entities))
    ]
    lost = set(FREE) - set(revenue["revenue_type"])
    if lost:
        raise UserError(
            f"finance_entity_year, column revenue_type: got no {min(lost)!r} in {first} to {last}; correct the years"
        )
    return share_free(revenue, ["entity"])


def outside_measures(piip: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """Return the outside measures of `OUTSIDE`, by organization: PIIP's mean of the years rated, others' last year."""
    rated = (
        piip.assign(key=piip["org_id"].str.upper())
        .groupby("key")[["de_facto_policy_autonomy", "de_jure_policy_autonomy"]]
        .mean()
    )
    known = reference.dropna(subset=["org_id"]).sort_values("year")
    last = known.assign(key=known["org_id"].str.upper()).groupby(["dataset", "measure", "key"])["value"].last()
    columns = {
        "piip_de_facto": rated["de_facto_policy_autonomy"], "piip_de_jure": rated["de_jure_policy_autonomy"],
        "mia_delegation": last.loc[("mia", "delegation")], "agg_accountability": last.loc[("agg", "accountability")],
    }  # fmt: skip
    return pd.DataFrame(columns)


def rank_agreement(table: pd.DataFrame, ours: Sequence[str], theirs: Sequence[str], seed: int) -> pd.DataFrame:
    """Return Spearman's correlation of each of our measures with each outside one, over the organizations that both have.

    Returns
    -------
    DataFrame
        ``ours``, ``theirs``, ``organizations``, ``rho``, ``p_value``: of all orders up to seven organizations, of 9,999 random
        ones beyond; missing where fewer than `FEWEST` are known or all are equal.
    """
    rows = []
    for one in ours:
        for other in theirs:
            both = table[[one, other]].dropna()
            rho = p_value = np.nan
            if len(both) >= FEWEST and (both.max() > both.min()).all():
                x, y = (rankdata(both[name]) - (len(both) + 1) / 2 for name in (one, other))
                scale = np.sqrt((x**2).sum() * (y**2).sum())
                found = permutation_test(
                    (x,), lambda moved, axis, y=y, scale=scale: (moved * y).sum(axis=axis) / scale, vectorized=True,
                    permutation_type="pairings", n_resamples=9999, rng=np.random.default_rng(seed), batch=10000,
                )  # fmt: skip
                rho, p_value = float(found.statistic), float(found.pvalue)
            rows.append((one, other, len(both), rho, p_value))
    return pd.DataFrame(rows, columns=["ours", "theirs", "organizations", "rho", "p_value"])
