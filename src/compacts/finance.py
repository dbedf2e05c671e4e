"""Revenue, donors and expenses of UN organizations, shaped for comparison of IOM and UNHCR with one another and with peers."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from compacts.stats.concentration import shares
from compendium.errors import UserError

PAIR = ("IOM", "UNHCR")
SUBJECTS = {  # what other organizations are for
    "FAO": "food and agriculture", "UNDP": "development", "UNFPA": "population", "UNICEF": "children", "UNRWA": "Palestine refugees",
    "WFP": "World Food Programme", "WHO": "health",
}  # fmt: skip
TYPES = {  # of revenue, in the order in which they are drawn
    "voluntary earmarked": "voluntary, for a purpose (earmarked)",
    "voluntary core": "voluntary, for any purpose (core)",
    "assessed": "dues (assessed)",
    "other revenue": "other",
}
SHORT = {
    "United States of America": "United States", "Netherlands (Kingdom of the)": "Netherlands", "Republic of Korea": "South Korea",
    "United Kingdom of Great Britain and Northern Ireland": "United Kingdom", "Venezuela (Bolivarian Republic of)": "Venezuela",
    "Democratic Republic of the Congo": "DR Congo", "Syrian Arab Republic": "Syria", "Iran (Islamic Republic of)": "Iran",
    "Central African Republic": "Central African R.", "United Republic of Tanzania": "Tanzania", "Bolivia (Plurinational State of)": "Bolivia",
}  # fmt: skip


def revenue_by_type(entity_year: pd.DataFrame) -> pd.DataFrame:
    """Return revenue in US dollars, a row an entity and year, a column a type (nothing reported is 0), and ``total``."""
    received = entity_year[entity_year["flow"] == "revenue"]
    table = received.pivot_table(index=["entity", "year"], columns="revenue_type", values="amount_usd", aggfunc="sum")
    table = table.reindex(columns=list(TYPES)).fillna(0.0)
    return table.assign(total=table.sum(axis=1)).rename_axis(columns=None).reset_index()


def peers(revenue: pd.DataFrame, least_musd: float) -> list[str]:
    """Return the peers by rule: as large and as voluntary; largest first, without IOM and UNHCR.

    Parameters
    ----------
    revenue
        As `revenue_by_type` gives it.
    least_musd
        Smallest mean revenue a year, million US dollars; besides, half of the revenue is voluntary, and every year is reported.

    Raises
    ------
    UserError
        When fewer than two entities are left.
    """
    total = revenue.groupby("entity")[["voluntary earmarked", "voluntary core", "total"]].sum()
    years = revenue.groupby("entity")["year"].nunique()
    mean = total["total"] / years / 1e6
    voluntary = (total["voluntary earmarked"] + total["voluntary core"]) / total["total"]
    chosen = mean[(mean >= least_musd) & (voluntary >= 0.5) & (years == years.max())].drop(
        index=list(PAIR), errors="ignore"
    )
    if len(chosen) < 2:
        raise UserError(
            f"peers_from_musd: got {least_musd:g}, which leaves {len(chosen)} peers, expected two or more; lower it"
        )
    return [str(name) for name in chosen.sort_values(ascending=False).index]


def profiles(revenue: pd.DataFrame, entities: Sequence[str], first: Sequence[int], last: Sequence[int]) -> pd.DataFrame:
    """Return by entity: mean revenue in the first and the last years, growth a year between, and shares by type in the last.

    Returns
    -------
    DataFrame
        ``entity``, ``first_musd``, ``last_musd``, ``growth`` (per cent a year), and ``earmarked``, ``core``, ``assessed``, ``other`` in per cent of revenue.
    """
    rows = []
    for entity in entities:
        mine = revenue[revenue["entity"] == entity].set_index("year").drop(columns="entity")
        start, end = mine.loc[mine.index.isin(first)].mean(), mine.loc[mine.index.isin(last)].mean()
        span = np.mean(last) - np.mean(first)
        rows.append({
            "entity": entity, "first_musd": start["total"] / 1e6, "last_musd": end["total"] / 1e6,
            "growth": 100 * ((end["total"] / start["total"]) ** (1 / span) - 1),
            **{kind.split()[-2 if kind.startswith("other") else -1]: 100 * end[kind] / end["total"] for kind in TYPES},
        })  # fmt: skip
    return pd.DataFrame(rows)


def donor_money(donors: pd.DataFrame) -> pd.DataFrame:
    """Return what states and the European Union gave, named one by one, without assessed dues, US dollars.

    Returns
    -------
    DataFrame
        ``entity``, ``year``, ``donor``, ``iso3`` (missing for the European Union), ``amount_usd``; dues are left out because no donor
        chooses them.
    """
    named = donors[~donors["is_residual"] & donors["donor_kind"].isin(["UN member", "European Union"])]
    chosen = named[named["revenue_type"] != "assessed"]
    money = chosen.groupby(["entity", "year", "donor", "iso3"], as_index=False, dropna=False)["amount_usd"].sum()
    return pd.DataFrame(money.assign(donor=money["donor"].replace(SHORT)))


def over_years(money: pd.DataFrame, years: Sequence[int], unit: str = "donor") -> pd.DataFrame:
    """Return the sum over some years, a row a unit, a column an entity of the pair; units without money have 0.

    Raises
    ------
    UserError
        When the years are not there for both.
    """
    chosen = money[money["year"].isin(years) & money["entity"].isin(PAIR)]
    table = chosen.pivot_table(index=unit, columns="entity", values="amount_usd", aggfunc="sum")
    if list(table.columns) != list(PAIR):
        raise UserError(
            f"years {min(years)} to {max(years)}: got money of {', '.join(table.columns) or 'nobody'}, expected {' and '.join(PAIR)}; choose other years"
        )
    return pd.DataFrame(table.fillna(0.0).rename_axis(columns=None))


def top_donors(money: pd.DataFrame, years: Sequence[int], number: int) -> pd.DataFrame:
    """Return the largest donors of either: share of the money of named donors and rank, for both, in per cent."""
    table = over_years(money, years).clip(lower=0)
    part = 100 * table.apply(shares)
    rank = part.rank(ascending=False, method="min").astype("int64")
    wide = pd.DataFrame(
        {f"{entity} {what}": frame[entity] for entity in PAIR for what, frame in {"share": part, "rank": rank}.items()}
    )
    wide = wide[(rank <= number).any(axis=1)]
    return wide.sort_values([f"{PAIR[1]} share"], ascending=False).rename_axis("donor").reset_index()


def country_change(countries: pd.DataFrame, before: Sequence[int], after: Sequence[int]) -> pd.DataFrame:
    """Return expenses a year of both in each country, before and after, and who grew where.

    Returns
    -------
    DataFrame
        ``iso3``, ``country``, and for each of the pair ``before``, ``after`` and ``change`` (million US dollars a year), and ``direction``:
        both grew, both shrank, IOM grew and UNHCR shrank, UNHCR grew and IOM shrank; one alone, where the other had no
        expenses before nor after: nothing cannot shrink.
    """
    names = countries.drop_duplicates("iso3").set_index("iso3")["country"].replace(SHORT)
    spans = {"before": before, "after": after}
    table = pd.concat(
        {name: over_years(countries, years, "iso3") / len(years) / 1e6 for name, years in spans.items()}, axis=1
    ).fillna(0.0)
    rows = pd.DataFrame({f"{entity} {span}": table[(span, entity)] for entity in PAIR for span in spans})
    for entity in PAIR:
        rows[f"{entity} change"] = rows[f"{entity} after"] - rows[f"{entity} before"]
    grew = [rows[f"{entity} change"] > 0 for entity in PAIR]
    alone = [(rows[[f"{entity} before", f"{entity} after"]] == 0).all(axis=1) for entity in PAIR]
    rows["direction"] = np.select(
        [alone[0] | alone[1], grew[0] & grew[1], grew[0], grew[1]],
        ["one alone", "both grew", "IOM grew, UNHCR shrank", "UNHCR grew, IOM shrank"],
        "both shrank",
    )
    return rows.assign(country=names.reindex(rows.index)).rename_axis("iso3").reset_index()


def scaled_to_total(countries: pd.DataFrame, reconciliation: pd.DataFrame) -> pd.DataFrame:
    """Return expenses by country scaled up to all expenses of the entity and year, as if the rest had gone where the known part went."""
    known = reconciliation.set_index(["entity", "year"])["countries_share"]
    share = known.reindex(pd.MultiIndex.from_frame(countries[["entity", "year"]])).to_numpy(dtype=float)
    return countries.assign(amount_usd=countries["amount_usd"].to_numpy() / share)


def earmarking_shares(contributions: pd.DataFrame) -> pd.DataFrame:
    """Return by year the per cent of UNHCR's contributions by earmarking, least bound first; money without a statement is a column."""
    order = ["unearmarked", "softly earmarked", "earmarked", "tightly earmarked", "not stated"]
    table = (
        contributions.pivot_table(index="year", columns="earmarking", values="amount_usd", aggfunc="sum")
        .reindex(columns=order)
        .fillna(0.0)
    )
    return (100 * table.div(table.sum(axis=1), axis=0)).rename_axis(columns=None)


def change_of_means(shares_by_year: "pd.Series[float]", last_before: int, final: int) -> float:
    """Return the mean of the years after `last_before`, up to `final`, less the mean of the years up to it.

    Raises
    ------
    UserError
        When a side has no year.
    """
    before = shares_by_year[shares_by_year.index <= last_before]
    after = shares_by_year[(shares_by_year.index > last_before) & (shares_by_year.index <= final)]
    if before.empty or after.empty:
        first = min(shares_by_year.index)
        raise UserError(f"last_year_before: got {last_before}, expected a year from {first} to {final - 1}")
    return float(after.mean() - before.mean())


def hosting_panel(
    countries: pd.DataFrame,
    displacement: pd.DataFrame,
    income: pd.DataFrame,
    years: Sequence[int],
    last_before: int,
    least: int = 1000,
) -> pd.DataFrame:
    """Return UNHCR's expenses and people hosted by country and year, both in logarithms, for members not of high income.

    Parameters
    ----------
    countries, displacement, income
        Tables finance_country_entity_year, displacement_year and income_groups.
    years
        Years of the expenses; people are those of the end of the year before.
    last_before
        Last year that counts as before.
    least
        Fewest people hosted.

    Returns
    -------
    DataFrame
        ``iso3``, ``year``, ``amount_usd``, ``hosted``, ``log_money``, ``log_hosted``, ``log_hosted_after``; rows without positive expenses are left
        out, as their logarithm is not defined.
    """
    money = countries[(countries["entity"] == "UNHCR") & countries["un_member"] & countries["year"].isin(years)]
    people = displacement.set_index(["code", "year"])[
        ["refugees_hosted", "asylum_seekers_hosted", "others_in_need_hosted"]
    ]
    hosted = people.astype("float64").sum(axis=1).rename("hosted").reset_index().rename(columns={"code": "iso3"})
    joined = money.merge(hosted.assign(year=hosted["year"] + 1), on=["iso3", "year"], how="left", validate="1:1")
    groups = income.assign(year=income["data_year"] + 1).rename(columns={"code": "iso3"})[
        ["iso3", "year", "income_group"]
    ]
    joined = joined.merge(groups, on=["iso3", "year"], how="left", validate="1:1")
    kept = joined[
        (joined["hosted"] >= least)
        & (joined["amount_usd"] > 0)
        & joined["income_group"].notna()
        & (joined["income_group"] != "high")
    ]
    logs = kept.assign(log_money=np.log(kept["amount_usd"]), log_hosted=np.log(kept["hosted"]))
    logs["log_hosted_after"] = logs["log_hosted"] * (logs["year"] > last_before)
    columns = ["iso3", "year", "amount_usd", "hosted", "log_money", "log_hosted", "log_hosted_after"]
    return logs[columns].reset_index(drop=True)


def refugee_costs_beside_gifts(costs: pd.DataFrame, money: pd.DataFrame) -> pd.DataFrame:
    """Return by year, for donors that report them: refugee costs at home counted as aid, and gifts to IOM and UNHCR, US dollars.

    Donors that report no costs are left out on both sides.
    """
    reported = costs[costs["in_donor_refugee_costs_musd"].notna()]
    given = (
        money[money["entity"].isin(PAIR)]
        .groupby(["iso3", "year"])["amount_usd"]
        .sum()
        .rename("gifts_usd")
        .reset_index()
    )
    both = reported.merge(given, on=["iso3", "year"], how="left").assign(
        costs_usd=lambda frame: 1e6 * frame["in_donor_refugee_costs_musd"]
    )
    table = both.groupby("year").agg(
        donors=("iso3", "nunique"), costs_usd=("costs_usd", "sum"), gifts_usd=("gifts_usd", "sum")
    )
    return (
        table[table["gifts_usd"] > 0].assign(ratio=lambda frame: frame["costs_usd"] / frame["gifts_usd"]).reset_index()
    )
