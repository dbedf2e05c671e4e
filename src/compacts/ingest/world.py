"""Totals of the world by year, members and others, as published figures give them; and by group of countries."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from compacts.ingest.economy import ratio
from compacts.ingest.income_groups import group_in_force
from compacts.ingest.migrant_stock import interpolated
from compacts.ingest.numeric import numbers
from compacts.ingest.r_data import read_r_frame
from compacts.ingest.raw_file import AGAIN, ingest_log, require_columns, shown
from compendium.errors import UserError

YEARS = list(range(1990, 2026))
NOT_CLASSIFIED = "not classified"
LOW_AND_MIDDLE = ("low", "lower middle", "upper middle")
# counts of people where they are, and of what happened to them during the year
STOCKS = {
    "refugees_hosted": "refugees", "asylum_seekers_hosted": "asylum_seekers", "others_in_need_hosted": "others_in_need",
    "others_of_concern_hosted": "others_of_concern", "stateless_hosted": "stateless", "idps_unhcr": "idps_unhcr",
    "idps_idmc": "idps_idmc", "unrwa_refugees": "unrwa_refugees",
}  # fmt: skip
EVENTS = {
    "returned_refugees": "returned_refugees", "returned_idps": "returned_idps",
    "resettlement_arrivals": "resettled", "naturalised_refugees": "naturalised_refugees",
    "displacements_by_conflict": "displacements_by_conflict", "displacements_by_disaster": "displacements_by_disaster",
}  # fmt: skip
_GROUPED = ["refugees_hosted", "others_in_need_hosted", "asylum_seekers_hosted"]
_MONEY = ("remittances_received", "remittances_received_low_and_middle")
# IOM counts incidents up to this year in full; the file has four months of the next
LAST_FULL_YEAR_OF_DEATHS = 2024


def world_year(
    missing_migrants: Path,
    displacement_year: pd.DataFrame,
    unhcr_displacement: pd.DataFrame,
    country_borders: pd.DataFrame,
    asylum_year: pd.DataFrame,
    migrant_stock_year: pd.DataFrame,
    economy_year: pd.DataFrame,
    income_groups: pd.DataFrame,
    un_members: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Return ``world_year``, ``displacement_by_income_year`` and their log.

    Parameters
    ----------
    missing_migrants : Path
        R data file with the frame ``iom_mmp``: incidents with the dead and missing.
    displacement_year, unhcr_displacement, country_borders, asylum_year, migrant_stock_year, economy_year, \
income_groups, un_members : DataFrame
        Tables of these names.

    Raises
    ------
    UserError
        When the raw file is damaged, lacks a column or has an impossible value.
    """
    dead, log = _dead_and_missing(missing_migrants)
    sums = displacement_year.groupby("year")[[*STOCKS, *EVENTS]].sum(min_count=1).rename(columns={**STOCKS, **EVENTS})
    sums = sums.reindex(YEARS)
    arrivals = displacement_year[displacement_year["resettlement_arrivals"] > 0]
    table = sums.assign(
        resettlement_countries=arrivals.groupby("year").size(),
        asylum_applications=asylum_year.groupby("year")["asylum_applications"].sum(min_count=1),
        **_next_door(unhcr_displacement, country_borders),
        **_migrants(migrant_stock_year, economy_year),
        **_remittances(economy_year, income_groups),
        dead_or_missing_migrants=dead,
    )
    # others in need are a category since 2018
    under_unhcr = table["refugees"] + table["others_in_need"].fillna(0)
    table["forcibly_displaced"] = under_unhcr + table["asylum_seekers"] + table["idps_idmc"] + table["unrwa_refugees"]
    whole = [name for name in table.columns if not str(name).endswith("_share") and str(name) not in _MONEY]
    table[whole] = table[whole].round().astype("Int64")
    return {
        "world_year": table.rename_axis("year").reset_index(),
        "displacement_by_income_year": displacement_by_group(displacement_year, income_groups, un_members),
        "ingest_world": ingest_log(log),
    }


def displacement_by_group(
    displacement_year: pd.DataFrame, income_groups: pd.DataFrame, un_members: pd.DataFrame
) -> pd.DataFrame:
    """Return people hosted by year and group of countries: by income group in force, and by status as least developed.

    Shares are of refugees and others in need of protection, all countries and areas of a year together.
    """
    hosted = displacement_year[["code", "year", *_GROUPED]]
    least = set(un_members.loc[un_members["ldc"], "iso3"])
    by_income = hosted.merge(group_in_force(income_groups), on=["code", "year"], how="left", validate="1:1")
    parts = {
        "income": by_income["income_group"].astype("object").fillna(NOT_CLASSIFIED).astype("str"),
        "least developed": pd.Series(np.where(hosted["code"].isin(least), "least developed", "other"), dtype="str"),
    }
    tables = []
    for grouping, group in parts.items():
        rows = hosted.reset_index(drop=True).assign(grouping=grouping, group=group.to_numpy())
        sums = rows.groupby(["year", "grouping", "group"])[_GROUPED].sum(min_count=1)
        sums["countries"] = rows[rows["refugees_hosted"] > 0].groupby(["year", "grouping", "group"]).size()
        tables.append(sums)
    table = pd.concat(tables).reset_index().sort_values(["year", "grouping", "group"], ignore_index=True)
    table["countries"] = table["countries"].fillna(0).astype("int64")
    table["refugees_and_others"] = table["refugees_hosted"].fillna(0) + table["others_in_need_hosted"].fillna(0)
    total = table.groupby(["year", "grouping"])["refugees_and_others"].transform("sum")
    table["share"] = ratio(table["refugees_and_others"], total)
    return table


def _next_door(displaced: pd.DataFrame, borders: pd.DataFrame) -> "dict[str, pd.Series[Any]]":
    """Return refugees and others in need in a country next to their own, and their share, by year.

    Only people whose origin is a country or area count below the line. UNHCR counts Kosovo with Serbia: its borders
    are Serbia's here.
    """
    pairs = borders.replace("XKX", "SRB").drop_duplicates()
    pairs = pairs[pairs["code"] != pairs["neighbour"]]
    rows = displaced[displaced["year"] >= YEARS[0]]
    people = rows["refugees"] + rows["others_in_need"].fillna(0)
    keyed = rows[["asylum_iso3", "origin_iso3", "year"]].assign(people=people)
    near = keyed.merge(pairs, left_on=["asylum_iso3", "origin_iso3"], right_on=["code", "neighbour"])
    counts = near.groupby("year")["people"].sum()
    return {
        "refugees_next_door": counts,
        "refugees_next_door_share": ratio(counts, keyed.groupby("year")["people"].sum()),
    }


def _migrants(stocks: pd.DataFrame, economy: pd.DataFrame) -> "dict[str, pd.Series[Any]]":
    observed = stocks.groupby("year")["migrants"].sum(min_count=1)
    world = pd.DataFrame({"code": "WLD", "year": observed.index, "migrants": observed.to_numpy()})
    line = interpolated(world, "migrants", list(range(1990, 2025))).droplevel("code")
    people = economy.groupby("year")["population"].sum(min_count=1)
    return {
        "migrants": observed,
        "migrants_interpolated": line,
        "population": people,
        "migrants_share": ratio(line, people),
    }


def _remittances(economy: pd.DataFrame, groups: pd.DataFrame) -> "dict[str, pd.Series[Any]]":
    """Return remittances received, by all and by economies of low and middle income, groups in force in that year."""
    rows = economy.merge(group_in_force(groups), on=["code", "year"], how="left", validate="1:1")
    poor = rows[rows["income_group"].isin(LOW_AND_MIDDLE)]
    return {
        "remittances_received": rows.groupby("year")["remittances_received"].sum(min_count=1),
        "remittances_received_low_and_middle": poor.groupby("year")["remittances_received"].sum(min_count=1),
        "economies_with_remittances": rows.groupby("year")["remittances_received"]
        .count()
        .where(lambda count: count > 0),
    }


def _dead_and_missing(path: Path) -> tuple["pd.Series[Any]", list[tuple[str, str, str, str, str, int]]]:
    raw = read_r_frame(path, "iom_mmp")
    require_columns(raw, ["t", "dead"], path)
    days = pd.to_datetime(raw["t"], format="%Y-%m-%d", errors="coerce")
    if days.isna().any():
        position = int(days.isna().to_numpy().argmax())
        raise UserError(
            f"{shown(path)}, row {position + 1}, column t: got {raw['t'].iloc[position]!r}, expected a day as 2024-12-31; {AGAIN}"
        )
    raw["dead"] = numbers(raw, "dead", path, first_line=1, whole=True, minimum=0)
    year = days.dt.year
    full = year <= LAST_FULL_YEAR_OF_DEATHS
    log = [
        ("world_year", "gdi_iom_mmp", "kept", f"2014 to {LAST_FULL_YEAR_OF_DEATHS}", "incidents", int(full.sum())),
        ("world_year", "gdi_iom_mmp", "dropped", "a year of which only the first months are in the file", "incidents", int((~full).sum())),
    ]  # fmt: skip
    return raw[full].groupby(year[full])["dead"].sum(), log
