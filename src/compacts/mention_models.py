"""Models of how often states name an organization in the General Debate: speeches crossed with organizations."""

from collections.abc import Sequence

import pandas as pd

from compacts.authority import group_of
from compacts.stats.contrasts import Contrast
from compacts.stats.panel import PanelFit, ppml
from compendium.errors import UserError


def speeches_by_organization(
    speeches: pd.DataFrame, sentences: pd.DataFrame, organizations: Sequence[str], first: int, last: int
) -> pd.DataFrame:
    """Return one row a speech and organization: whether the speech names it.

    Parameters
    ----------
    speeches, sentences
        The tables speeches and speech_sentences.
    organizations
        Codes.
    first, last
        Years.

    Returns
    -------
    DataFrame
        ``document``, ``iso3``, ``year``, ``organization``, ``group``, ``named`` (0 or 1); speeches of members only.
    """
    held = speeches[speeches["is_member"] & speeches["year"].between(first, last)][["document", "iso3", "year"]]
    if held.empty:
        raise UserError(f"speeches: got none from {first} to {last}, expected some; choose other years")
    named = sentences.assign(organization=sentences["targets"].str.split()).explode("organization")
    pairs = named[named["organization"].isin(organizations)][["document", "organization"]].drop_duplicates()
    every = held.merge(pd.DataFrame({"organization": sorted(organizations)}), how="cross")
    joined = every.merge(pairs.assign(named=1.0), on=["document", "organization"], how="left")
    return joined.assign(named=joined["named"].fillna(0.0), group=group_of(joined["organization"]))


def mention_change(rows: pd.DataFrame, after: int, confidence: float, organizations: Sequence[str]) -> PanelFit:
    """Return the logarithm of the ratio of mention rates, after against before, within states.

    Parameters
    ----------
    rows
        As `speeches_by_organization` gives it.
    after
        First year of the later period.
    organizations
        Whose mentions; several are one model with effects of state and organization.
    """
    own = rows[rows["organization"].isin(organizations)]
    own = own.assign(after=(own["year"] >= after).astype(float), pair=own["iso3"] + " " + own["organization"])
    return ppml(own, "named", ["after"], ["pair"], "iso3", confidence)


def mention_difference(rows: pd.DataFrame, organization: str, after: int, confidence: float) -> PanelFit:
    """Return how much more one organization's rate grew than the others', on the logarithm: effects of state and organization, and of year.

    Several organizations of one speech vary together: the covariance is clustered on the state.
    """
    treated = rows["organization"] == organization
    own = rows.assign(
        own_after=(treated & (rows["year"] >= after)).astype(float), pair=rows["iso3"] + " " + rows["organization"],
    )  # fmt: skip
    return ppml(own, "named", ["own_after"], ["pair", "year"], "iso3", confidence)


def of_panel(fit: PanelFit, term: str, method: str) -> Contrast:
    """Return a term of a panel as a contrast."""
    row = fit.effects.T[term]
    return Contrast(float(row["estimate"]), float(row["std_error"]), fit.observations, fit.clusters, method)
