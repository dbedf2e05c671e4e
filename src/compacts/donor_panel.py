"""Donors, agencies and years: the panel of the model, its variants, and what carries the estimate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from compacts.stats.panel import DOUBLE, TRIPLE, PanelFit, event_time, informative, least_squares, percent, ppml
from compacts.stats.permuted import permuted_groups
from compendium.errors import UserError

GCM = "A/RES/73/195"
EARLY_GAPS = 2016  # before, much of IOM's money has no named giver


@dataclass(frozen=True)
class Panel:
    """Money of donors to two agencies, zeros included.

    Attributes
    ----------
    rows : DataFrame
        ``donor``, ``iso3``, ``agency``, ``year``, ``amount`` (million US dollars), ``endorser``, ``after``, the fixed effects, and the terms
        ``for_agency`` (money for the first agency), ``agency_after`` and ``endorser_agency_after``.
    negative : int
        Amounts left out because adjustments outweigh gifts.
    negative_musd : float
        Their sum.
    without_vote : list of str
        Donors that are no member of the Assembly: they have no vote, and ``endorser`` is false for them.
    """

    rows: pd.DataFrame
    negative: int
    negative_musd: float
    without_vote: list[str]


def donor_panel(
    money: pd.DataFrame, votes: pd.DataFrame, pair: Sequence[str], years: Sequence[int], last_before: int
) -> Panel:
    """Return the panel of all donors that gave to one of two agencies in some year.

    Parameters
    ----------
    money
        As `compacts.finance.donor_money` gives it.
    votes
        Table un_votes.
    pair
        The agency whose gain is asked for, and the one that it is compared with.
    years
        Years of the panel.
    last_before
        Last year that counts as before.

    Raises
    ------
    UserError
        When the cut leaves no year after, or none before the year of reference.
    """
    first, last = min(years), max(years)
    if not first < last_before < last:
        raise UserError(f"last_year_before: got {last_before}, expected a year from {first + 1} to {last - 1}")
    chosen = money[money["entity"].isin(pair) & money["year"].isin(years)]
    negative = chosen["amount_usd"] < 0
    amounts = chosen.pivot_table(index=["donor", "entity", "year"], values="amount_usd", aggfunc="sum")["amount_usd"]
    cells = pd.MultiIndex.from_product(
        [sorted(chosen["donor"].unique()), pair, list(years)], names=["donor", "agency", "year"]
    )
    rows = pd.DataFrame({"amount": amounts.rename_axis(cells.names).reindex(cells)}).reset_index()
    rows["amount"] = rows["amount"].fillna(0.0) / 1e6
    rows = rows[rows["amount"] >= 0]  # what was negative is no gift, and no zero either
    rows = rows[rows.groupby("donor")["amount"].transform("sum") > 0]
    codes = money.drop_duplicates("donor").set_index("donor")["iso3"]
    said = votes[votes["resolution"] == GCM].set_index("iso3")["vote"]
    rows["iso3"] = rows["donor"].map(codes)
    rows["endorser"] = rows["iso3"].map(said).eq("yes")
    rows["after"] = rows["year"] > last_before
    for effect in ("donor_agency", "donor_year", "agency_year"):  # as numbers: comparing texts costs more than the fits
        rows[effect] = rows.groupby(effect.split("_")).ngroup()
    rows["for_agency"] = rows["agency"] == pair[0]
    rows["agency_after"] = (rows["for_agency"] & rows["after"]).astype("int64")
    rows["endorser_agency_after"] = (rows["for_agency"] & rows["after"] & rows["endorser"]).astype("int64")
    voteless = sorted(rows.loc[~rows["iso3"].isin(said.index), "donor"].unique())
    return Panel(
        rows.reset_index(drop=True),
        int(negative.sum()),
        float(chosen.loc[negative, "amount_usd"].sum() / 1e6),
        voteless,
    )


def voters(rows: pd.DataFrame, without_vote: Sequence[str]) -> pd.DataFrame:
    """Return the rows of members of the Assembly."""
    return rows[~rows["donor"].isin(list(without_vote))]


def others_used(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the donors in the main model that did not endorse: index donor, ``share`` of the money of all its donors, largest first."""
    used = informative(rows, "amount", TRIPLE)
    money = used.groupby("donor")["amount"].sum()
    others = used.loc[~used["endorser"], "donor"].unique()
    return (money / money.sum())[others].sort_values(ascending=False).to_frame("share")


def endorsement_effect(rows: pd.DataFrame, confidence: float) -> PanelFit:
    """Fit the effect of endorser x agency x after (the main specification)."""
    return ppml(rows, "amount", ["endorser_agency_after"], TRIPLE, "donor", confidence)


def years_effect(rows: pd.DataFrame, confidence: float) -> PanelFit:
    """Fit the effect of agency x after over all donors, the vote apart."""
    return ppml(rows, "amount", ["agency_after"], DOUBLE, "donor", confidence)


def by_year(rows: pd.DataFrame, last_before: int, confidence: float, endorsers: bool) -> tuple[pd.DataFrame, float]:
    """Return the effects by year, and the joint p-value of those before; of endorsers against others, or of all donors."""
    treated = rows["for_agency"] & rows["endorser"] if endorsers else rows["for_agency"]
    return event_time(rows, "amount", treated, last_before, TRIPLE if endorsers else DOUBLE, confidence)


def given_to_both(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of donors with money for both agencies before and after (a balanced set in that sense)."""
    paid = (
        rows[rows["amount"] > 0]
        .groupby("donor")[["donor_agency", "after"]]
        .apply(
            lambda part: len(part.drop_duplicates()) == 4  # two agencies, before and after
        )
    )
    return rows[rows["donor"].isin(paid.index[paid])]


def log_ratio(rows: pd.DataFrame, pair: Sequence[str], confidence: float) -> PanelFit:
    """Fit the logarithm of the ratio of both agencies by least squares, for donor-years with money for both."""
    wide = rows[rows["amount"] > 0].pivot_table(index=["donor", "year"], columns="agency", values="amount").dropna()
    traits = rows.drop_duplicates(["donor", "year"]).set_index(["donor", "year"])[["endorser", "after"]]
    frame = wide.join(traits).assign(ratio=np.log(wide[pair[0]] / wide[pair[1]])).reset_index()
    frame["endorser_agency_after"] = (frame["endorser"] & frame["after"]).astype("int64")
    return least_squares(frame, "ratio", ["endorser_agency_after"], ["donor", "year"], "donor", confidence)


def without_each(rows: pd.DataFrame, least_share: float, confidence: float) -> pd.DataFrame:
    """Return the main estimate without each donor that holds at least this share of the money.

    Returns
    -------
    DataFrame
        ``donor``, ``share``, ``estimate``, ``low``, ``high``, lowest estimate first.
    """
    total = rows.groupby("donor")["amount"].sum()
    large = (total / total.sum()).loc[lambda share: share >= least_share]
    found = []
    for donor, share in large.items():
        effect = endorsement_effect(rows[rows["donor"] != donor], confidence).effects.iloc[0]
        found.append({"donor": donor, "share": share, **effect[["estimate", "low", "high"]].to_dict()})
    return pd.DataFrame(found).sort_values("estimate", ignore_index=True)


def permuted_votes(rows: pd.DataFrame, draws: int, seed: int) -> float:
    """Return the share of random choices of as many endorsers that depart as far from no effect."""
    group = rows.groupby("donor")["endorser"].first()
    return permuted_groups(rows, "amount", rows["for_agency"] & rows["after"], group, draws, seed)


def specification(name: str, fit: PanelFit) -> dict[str, Any]:
    """Return a row of the table of specifications: the effect in per cent, and what it rests on."""
    effect = fit.effects.iloc[0]
    return {
        "specification": name, "effect": percent(effect["estimate"]), "low": percent(effect["low"]), "high": percent(effect["high"]),
        "p_value": effect["p_value"], "donors": fit.clusters, "observations": fit.observations, "dropped": fit.dropped,
    }  # fmt: skip


@dataclass(frozen=True)
class Estimates:
    """All that the declared design asks for.

    Attributes
    ----------
    fits : dict of PanelFit
        The declared specification for ``all`` members and ``without`` the largest donor.
    years : dict of PanelFit
        The vote apart: effect of the years, ``all`` donors and ``without`` the largest.
    placebo : dict of PanelFit
        The declared specification with a peer in the first agency's place.
    by_year : dict
        By question (vote, years) and donors (all, without): effects by year, and joint p-value of the years before.
    permuted : dict of float
        p-values with votes permuted, ``all`` and ``without``.
    alone : DataFrame
        The estimate without each large donor.
    table : DataFrame
        A row a specification, as `specification` gives it.
    passes : bool
        Whether the declared rule is passed.
    """

    fits: dict[str, PanelFit]
    years: dict[str, PanelFit]
    placebo: dict[str, PanelFit]
    by_year: dict[tuple[str, str], tuple[pd.DataFrame, float]]
    permuted: dict[str, float]
    alone: pd.DataFrame
    table: pd.DataFrame
    passes: bool


def estimates(
    panel: Panel, placebos: Mapping[str, Panel], pair: Sequence[str], last_before: int, confidence: float, draws: int, seed: int,
    largest: str = "United States",
) -> Estimates:  # fmt: skip
    """Estimate the declared design and its variants.

    Parameters
    ----------
    panel, placebos
        Panel of the pair; by peer, the panel with the peer in the first agency's place.
    pair, last_before, confidence
        As before.
    draws, seed
        Of the permuted votes.
    largest
        Donor left out in the second specification.

    Returns
    -------
    Estimates
    """
    donors = {"all": panel.rows, "without": panel.rows[panel.rows["donor"] != largest]}
    members = {name: voters(rows, panel.without_vote) for name, rows in donors.items()}
    fits = {name: endorsement_effect(rows, confidence) for name, rows in members.items()}
    years = {name: years_effect(rows, confidence) for name, rows in donors.items()}
    by_years = {
        (question, name): by_year(rows, last_before, confidence, endorsers=question == "vote")
        for question, groups in {"vote": members, "years": donors}.items() for name, rows in groups.items()
    }  # fmt: skip
    permuted = {name: permuted_votes(rows, draws, seed) for name, rows in members.items()}
    placebo = {
        peer: endorsement_effect(voters(other.rows, other.without_vote), confidence) for peer, other in placebos.items()
    }
    every = members["all"]
    variants = {"donors to both, before and after": given_to_both(every)}
    if last_before >= EARLY_GAPS:
        variants[f"from {EARLY_GAPS}"] = every[every["year"] >= EARLY_GAPS]
    rows = {
        "main: all members": fits["all"], f"without {largest}": fits["without"],
        **{name: endorsement_effect(part, confidence) for name, part in variants.items()},
        "log ratio, least squares": log_ratio(every, pair, confidence),
        **{f"placebo: {peer} for {pair[0]}": fit for peer, fit in placebo.items()},
        "years alone, all donors": years["all"], f"years alone, without {largest}": years["without"],
    }  # fmt: skip
    return Estimates(
        fits=fits, years=years, placebo=placebo, by_year=by_years, permuted=permuted, alone=without_each(every, 0.01, confidence),
        table=pd.DataFrame([specification(name, fit) for name, fit in rows.items()]),
        passes=counts_as_change(fits, by_years[("vote", "all")][1], permuted["all"], 1 - confidence),
    )  # fmt: skip


def counts_as_change(fits: Mapping[str, PanelFit], earlier_p: float, permuted_p: float, alpha: float) -> bool:
    """Apply the declared rule: both fits leave out zero on one side, no earlier trend, and permuted votes rarely as extreme."""
    effects = [fit.effects.iloc[0] for fit in fits.values()]
    clear = all(effect["low"] > 0 for effect in effects) or all(effect["high"] < 0 for effect in effects)
    return clear and earlier_p >= 0.1 and permuted_p < alpha
