"""The Migration Multi-Partner Trust Fund (MPTF): what is known, what bounds follow; and the trust funds of the UN Secretariat.

What is known comes from single published statements (``fund_figures``) and, as soon as it has rows, from an export of the fund's
gateway (``migration_mptf_gateway``): then payments, allocations and expenses take the place of bounds.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from compacts.stats.concentration import concentration
from compendium.errors import UserError

FUND = "Migration MPTF"
OFFICE = "Multi-Partner Trust Fund Office"  # administers this fund and many others
GATEWAY = "data/curated/migration_mptf_gateway.csv"


def gateway_of(gateway: pd.DataFrame, fund: str = FUND) -> pd.DataFrame:
    """Return the rows of a fund, checked.

    Raises
    ------
    UserError
        For a contribution without a donor or an allocation or expense without an organization: it names the row.
    """
    needs = {"contribution": "donor", "allocation": "agency", "expense": "agency"}
    for kind, column in needs.items():
        lacking = gateway[(gateway["kind"] == kind) & gateway[column].isna()]
        if len(lacking):
            record = lacking["record_id"].iloc[0]
            raise UserError(
                f"{GATEWAY}, row {record}, column {column}: got an empty cell, expected one, as the row is a kind of {kind}; add it"
            )
    return gateway[gateway["fund"] == fund]


def programmes(figures: pd.DataFrame, gateway: pd.DataFrame) -> pd.DataFrame:
    """Return the joint programmes that are known by name or number: ``programme``, ``countries_iso3``, ``amount_usd`` (missing: not read), ``sure`` (of its date).

    Programmes of the gateway take the place of those in single statements, as an export has them all.
    """
    paid = gateway_of(gateway)
    paid = paid[(paid["kind"] == "allocation") & paid["programme_id"].notna()]
    if len(paid):
        table = paid.groupby("programme_id").agg(
            countries_iso3=("countries_iso3", "first"), amount_usd=("amount_usd", "sum")
        )
        return table.rename_axis("programme").reset_index().assign(sure=True)
    named = figures[
        (figures["fund"] == FUND)
        & (figures["category"] == "allocation")
        & (figures["unit"] == "USD")
        & figures["value"].isna()
    ]
    return pd.DataFrame({
        "programme": named["programme_title"].to_numpy(), "countries_iso3": named["countries_iso3"].to_numpy(), "amount_usd": np.nan,
        "sure": named["confidence"].ne("uncertain").to_numpy(),
    })  # fmt: skip


def contributors(figures: pd.DataFrame, gateway: pd.DataFrame) -> list[str]:
    """Return the states known to have contributed (ISO3), from statements and the gateway together."""
    said = figures.loc[(figures["fund"] == FUND) & (figures["category"] == "contribution"), "donor_iso3"]
    rows = gateway_of(gateway)
    paid = rows.loc[(rows["kind"] == "contribution") & (rows["amount_usd"] > 0), "donor_iso3"]
    return sorted({str(iso3) for iso3 in (*said.dropna(), *paid.dropna())})


def countries_of(programme: pd.DataFrame) -> set[str]:
    """Return the countries (ISO3) of programmes."""
    return {iso3 for listed in programme["countries_iso3"].dropna() for iso3 in listed.split()}


def statement(figures: pd.DataFrame, record_id: str) -> float:
    """Return the number of a published statement.

    Raises
    ------
    UserError
        When the record is not there or has no number.
    """
    found = figures.loc[figures["record_id"] == record_id, "value"]
    if len(found) != 1 or pd.isna(found.iloc[0]):
        raise UserError(
            f"data/curated/fund_figures.csv: got no number for {record_id}, expected one row with a value; restore it"
        )
    return float(found.iloc[0])


def allocations_stated(figures: pd.DataFrame) -> pd.DataFrame:
    """Return the published statements on allocations that hold an amount: ``year``, ``words``, ``usd``, in order of time."""
    said = figures[
        (figures["fund"] == FUND)
        & (figures["category"] == "allocation")
        & (figures["unit"] == "USD")
        & figures["value"].notna()
    ]
    table = pd.DataFrame(
        {"year": said["year"], "words": said["programme_title"], "usd": said["value"].astype("float64")}
    )
    return table.sort_values(["year", "words"], ignore_index=True)


def money_allocated(figures: pd.DataFrame, gateway: pd.DataFrame) -> tuple[float, float]:
    """Return what is known of the fund's allocations, US dollars: from the gateway its sum, twice.

    From statements the largest of them and their sum, as two may speak of the same programme. They are few: what the fund has allocated
    in all is larger, and these are no bounds of it.
    """
    paid = gateway_of(gateway)
    allocated = paid.loc[paid["kind"] == "allocation", "amount_usd"]
    if len(allocated):
        return float(allocated.sum()), float(allocated.sum())
    said = allocations_stated(figures)["usd"]
    return float(said.max()), float(said.sum())


def known_share(figures: pd.DataFrame, gateway: pd.DataFrame) -> pd.DataFrame:
    """Return what is known of the fund beside what it is said to have.

    Returns
    -------
    DataFrame
        ``what``, ``low`` and ``high`` (known here), ``of`` (published total or target; missing where none was read), ``share_low`` and
        ``share_high`` (per cent, at most 100), ``total`` (which total).
    """
    known, paid = programmes(figures, gateway), gateway_of(gateway)
    received = paid.loc[paid["kind"] == "contribution", "amount_usd"].sum()
    low, high = money_allocated(figures, gateway)
    givers = contributors(figures, gateway)
    priced = paid.loc[(paid["kind"] == "contribution") & paid["donor_iso3"].notna(), "donor_iso3"].nunique()
    said_gbp = figures.loc[
        (figures["category"] == "contribution") & figures["unit"].isin(["GBP", "USD"]) & figures["value"].notna(),
        "donor_iso3",
    ].nunique()
    total, target = statement(figures, "mmptf_jp_count_2024_10"), statement(figures, "mmptf_target_imrf")
    organizations = set(paid["agency"].dropna()) or {
        name.strip()
        for listed in figures.loc[figures["category"] == "allocation", "punos"].dropna()
        for name in listed.split(";")
    }
    rows = [
        ("joint programmes named", len(known), len(known), total, "programmes funded by October 2024"),
        ("joint programmes with an amount", known["amount_usd"].notna().sum(), known["amount_usd"].notna().sum(), total, "programmes funded by October 2024"),
        ("organizations named in programmes", len(organizations), len(organizations), statement(figures, "mmptf_puno_count_2024"), "organizations in them by October 2024"),
        ("states named as contributors", len(givers), len(givers), np.nan, "no published number"),
        ("states with an amount", max(priced, said_gbp), max(priced, said_gbp), len(givers), "states named as contributors"),
        ("money allocated, million US dollars", low / 1e6, high / 1e6, target / 1e6, "target set for 2022"),
        ("money paid in, million US dollars", received / 1e6 if received else np.nan, received / 1e6 if received else np.nan, target / 1e6, "target set for 2022"),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["what", "low", "high", "of", "total"]).astype(
        {"low": "float64", "high": "float64"}
    )
    for end in ("low", "high"):
        table[f"share_{end}"] = (100 * table[end] / table["of"]).clip(upper=100)
    return table


def share_bounds(
    gateway: pd.DataFrame,
    nongov: pd.DataFrame,
    revenue: pd.DataFrame,
    entity_year: pd.DataFrame,
    entity: str,
    years: Sequence[int],
) -> pd.DataFrame:
    """Return bounds of the fund's share in an organization's revenue, by year.

    Parameters
    ----------
    gateway, nongov, entity_year
        Tables migration_mptf_gateway, finance_nongov_donor_year and finance_entity_year.
    revenue
        As `compacts.finance.revenue_by_type` gives it.
    entity, years
        Organization and years.

    Returns
    -------
    DataFrame
        ``year``, ``low`` and ``high`` (per cent), ``pooled`` (per cent: all money through pooled funds between agencies), ``office_musd``,
        ``revenue_musd``. Without the gateway the fund gave something between nothing and all that the entity reports from the
        office that administers it; with allocations of a year in the gateway, low and high are those.
    """
    office = nongov[(nongov["donor"] == OFFICE) & (nongov["entity"] == entity)].groupby("year")["amount_usd"].sum()
    pooled = (
        entity_year[(entity_year["entity"] == entity) & (entity_year["category"] == "R03A")]
        .groupby("year")["amount_usd"]
        .sum()
    )
    total = revenue[revenue["entity"] == entity].set_index("year")["total"].reindex(list(years))
    lost = [year for year in years if year not in office.index or pd.isna(total.get(year))]
    if lost:
        raise UserError(
            f"share of the fund: got no revenue or no money of the {OFFICE} of {entity} in {lost[0]}, expected both; choose other years"
        )
    paid = gateway_of(gateway)
    allocated = (
        paid[(paid["kind"] == "allocation") & (paid["agency"] == entity)]
        .groupby("year")["amount_usd"]
        .sum()
        .reindex(list(years))
    )
    covered = paid.loc[paid["kind"] == "allocation", "year"].unique()
    known = allocated.where(~allocated.index.isin(covered), allocated.fillna(0.0))
    table = pd.DataFrame({"low": known.fillna(0.0), "high": known.fillna(office.reindex(list(years)))})
    table = 100 * table.div(total, axis=0)
    table["pooled"] = 100 * pooled.reindex(list(years)) / total
    return (
        table.assign(office_musd=office.reindex(list(years)) / 1e6, revenue_musd=total / 1e6)
        .rename_axis("year")
        .reset_index()
    )


def fund_sizes(funds: pd.DataFrame) -> pd.DataFrame:
    """Return the trust funds of the Secretariat by size: mean contributions a year over the years in which a fund is seen.

    Returns
    -------
    DataFrame
        ``fund_code``, ``fund_name``, ``yearly_musd``, ``years``, ``first_year``, ``last_year``, ``rank`` (1 is the largest); funds with nothing
        contributed over the years, or less than nothing, stand last with what they have.
    """
    seen = funds[funds["contributions_usd"].notna()]
    table = seen.groupby("fund_code").agg(
        fund_name=("fund_name", "last"), yearly_musd=("contributions_usd", lambda amounts: float(amounts.sum()) / len(amounts) / 1e6),
        years=("year", "nunique"), first_year=("first_year", "first"), last_year=("last_year", "first"),
    ).sort_values("yearly_musd", ascending=False)  # fmt: skip
    return table.assign(rank=np.arange(1, len(table) + 1)).reset_index()


def contributor_concentration(contributions: pd.DataFrame) -> pd.DataFrame:
    """Return by fund, over all years: contributors with a positive sum, and the measures of `compacts.stats.concentration`.

    Names are as printed, so one contributor with two spellings counts twice: the concentration is a lower bound.
    """
    unit = contributions["iso3"].fillna(contributions["contributor"])
    money = contributions.assign(unit=unit).groupby(["fund_code", "unit"])["amount_usd"].sum()
    positive = money[money > 0].astype("float64")
    rows = {fund: concentration(part.droplevel(0)) for fund, part in positive.groupby(level=0)}
    return pd.DataFrame(rows).T.rename_axis("fund_code").reset_index()
