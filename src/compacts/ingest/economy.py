"""Population, migration flows, income, remittances and aid, by country or area and year."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from compacts.ingest.numeric import numbers, require_codes, require_known, require_last_line, whole_years
from compacts.ingest.r_data import read_r_frame
from compacts.ingest.raw_file import AGAIN, ingest_log, read_csv, require_columns, require_unique, shown
from compendium.errors import UserError

FIRST_YEAR, LAST_YEAR = 1990, 2024
INDICATORS = {
    "pop": "population", "gdp": "gdp_usd", "income": "gdp_ppp_per_head", "remin": "remittances_received",
    "remout": "remittances_paid",
}  # fmt: skip
OTHER_INDICATORS = ("birth", "depend", "fdiin", "fdiout", "inf", "nmig", "polstb", "unem")
# codes of Gapminder that are not those of ISO 3166
# Kosovo has a number in World Population Prospects and none in the list of codes
M49_OF_KOSOVO = 412
GAPMINDER = {"kos": "XKX", "chanisl": "CHI", "gbm": "IMN", "nld_curacao": "CUW"}
_GAPMINDER_COLUMNS = {
    "gdp_2015usd": "total_gdp_us_inflation_adjusted",
    "gdp_2015usd_per_head": "gdppercapita_us_inflation_adjusted",
    "oda_received_2023usd": "aid_received_total_us_inflation_adjusted",
}


def economy_year(
    wdi: Path, gdp: Path, gdp_per_head: Path, oda: Path, projection: Path, migration: Path, codes: Path
) -> dict[str, pd.DataFrame]:
    """Return ``economy_year`` (country or area x year, 1990 to 2024) and its log.

    Parameters
    ----------
    wdi : Path
        R data file with the long frame ``wdi`` (``geo``, ``var``, ``t``, ``v``).
    gdp, gdp_per_head, oda : Path
        CSV files of Gapminder: ``geo``, ``time`` and the indicator.
    projection, migration : Path
        R data files of World Population Prospects: population on 31 December from 2024 on, net migration; thousands.
    codes : Path
        R data file with M49 and ISO 3166 codes.

    Raises
    ------
    UserError
        When a file is damaged, lacks a column, holds a row twice, has text for a number or a new indicator.
    """
    wide, wdi_log = _indicators(wdi)
    iso3 = _iso3_of_m49(codes)
    end_2024, projection_log = _end_of_2024(projection, iso3)
    net, migration_log = _net_migration(migration, iso3)
    parts: list[pd.DataFrame | pd.Series[Any]] = [wide.drop(columns="population")]
    gapminder_logs: list[tuple[str, str, str, str, str, int]] = []
    for (column, indicator), path, source in zip(
        _GAPMINDER_COLUMNS.items(),
        (gdp, gdp_per_head, oda),
        ("sg_gdp_const", "sg_gdppc_const", "sg_oda_received"),
        strict=True,
    ):
        values, log = _gapminder(path, indicator, column, source)
        parts.append(values)
        gapminder_logs += log
    mid_2024 = mid_year_population(wide["population"].xs(2023, level="year"), end_2024)
    population = pd.concat([wide["population"], pd.concat({2024: mid_2024}, names=["year"]).swaplevel()])
    table = pd.concat([population.rename("population"), net, *parts], axis=1).dropna(how="all")
    years = table.index.get_level_values("year")
    table.insert(1, "population_projected", pd.Series(years == 2024, index=table.index, dtype="boolean"))
    table["population_projected"] = table["population_projected"].where(table["population"].notna())
    table[["population", "net_migration"]] = table[["population", "net_migration"]].round().astype("Int64")
    table = table.rename_axis(["code", "year"]).reset_index().sort_values(["code", "year"], ignore_index=True)
    entries = [*wdi_log, *projection_log, *migration_log, *gapminder_logs]
    return {"economy_year": table, "ingest_economy": ingest_log(entries)}


def mid_year_population(mid_2023: "pd.Series[Any]", end_2024: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return the population on 1 July 2024, between 1 July 2023 and 31 December 2024 at a constant rate of growth.

    Examples
    --------
    >>> mid_year_population(pd.Series({"KEN": 1000.0}), pd.Series({"KEN": 1331.0})).round(6).tolist()
    [1210.0]
    """
    return mid_2023 * (end_2024 / mid_2023) ** (1 / 1.5)


def _indicators(path: Path) -> tuple[pd.DataFrame, list[tuple[str, str, str, str, str, int]]]:
    raw = read_r_frame(path, "wdi")
    require_columns(raw, ["geo", "var", "t", "v"], path)
    require_unique(raw, ["geo", "var", "t"], path, first_line=1)
    require_codes(raw, "geo", path, first_line=1)
    require_known(raw, "var", [*INDICATORS, *OTHER_INDICATORS], path, first_line=1)
    lost = [name for name in INDICATORS if name not in set(raw["var"])]
    if lost:
        raise UserError(
            f"{shown(path)}, column var: got no {', '.join(lost)}, expected {', '.join(INDICATORS)}; {AGAIN}"
        )
    raw["v"] = numbers(raw, "v", path, first_line=1)
    raw["year"] = whole_years(raw, "t", path, first_line=1, first=1900, last=LAST_YEAR)
    used = raw["var"].isin(INDICATORS)
    negative = used & (raw["v"] < 0)
    if negative.any():
        position = int(negative.to_numpy().argmax())
        row = raw.iloc[position]
        place = f"{shown(path)}, row {position + 1}, column v"
        raise UserError(f"{place}: got {row['v']:g} for {row['var']}, expected a number not below 0; {AGAIN}")
    recent = used & (raw["year"] >= FIRST_YEAR)
    # Singapore, Chad or Iran have 0 in all years since 2005
    unreported = recent & raw["var"].isin(["remin", "remout"]) & (raw["v"] == 0)
    kept = raw[recent & ~unreported]
    wide = kept.pivot(index=["geo", "year"], columns="var", values="v").rename(columns=INDICATORS)
    log = [
        ("economy_year", "gdi_wdi", "kept", "indicators in the table", "values", len(kept)),
        ("economy_year", "gdi_wdi", "dropped", "other indicators, and net migration, which is taken from wpp_mig", "values", int((~used).sum())),
        ("economy_year", "gdi_wdi", "dropped", "remittances of 0, which stand for no report", "values", int(unreported.sum())),
        ("economy_year", "gdi_wdi", "dropped", f"before {FIRST_YEAR}", "values", int((used & (raw["year"] < FIRST_YEAR)).sum())),
    ]  # fmt: skip
    return wide[list(INDICATORS.values())].rename_axis(["code", "year"]), log


def _iso3_of_m49(path: Path) -> dict[int, str]:
    raw = read_r_frame(path, "countrynames")
    require_columns(raw, ["m49", "iso3"], path)
    listed = raw[raw["m49"].notna()]
    require_unique(listed, ["m49"], path, first_line=1)
    require_codes(raw, "iso3", path, first_line=1)
    m49 = numbers(raw, "m49", path, first_line=1, whole=True, minimum=1, empty=True)[listed.index].astype("int64")
    return {**dict(zip(m49, listed["iso3"], strict=True)), M49_OF_KOSOVO: "XKX"}


def _areas(
    raw: pd.DataFrame, path: Path, iso3: dict[int, str], table: str, source: str
) -> tuple[pd.DataFrame, list[tuple[str, str, str, str, str, int]]]:
    """Return the rows of countries and areas, with ``code``; regions and other aggregates are left out."""
    raw["m49"] = numbers(raw, "country_code", path, first_line=1, whole=True, minimum=1).astype("int64")
    raw["year"] = whole_years(raw, "year", path, first_line=1)
    require_unique(raw, ["m49", "year"], path, first_line=1)
    kept = raw["m49"].isin(iso3)
    return raw[kept].assign(code=raw.loc[kept, "m49"].map(iso3)), [
        (table, source, "dropped", "regions and other aggregates", "rows", int((~kept).sum())),
    ]


def _end_of_2024(
    path: Path, iso3: dict[int, str]
) -> tuple["pd.Series[Any]", list[tuple[str, str, str, str, str, int]]]:
    raw = read_r_frame(path, "popproj1dt")
    require_columns(raw, ["country_code", "year", "popM", "popF"], path)
    areas, log = _areas(raw, path, iso3, "economy_year", "wpp_popproj")
    chosen = areas[areas["year"] == 2024]
    men, women = (numbers(chosen, sex, path, first_line=1, minimum=0) for sex in ("popM", "popF"))
    log += [
        ("economy_year", "wpp_popproj", "kept", "31 December 2024", "rows", len(chosen)),
        ("economy_year", "wpp_popproj", "dropped", "after 2024", "rows", len(areas) - len(chosen)),
    ]
    return (1000 * (men + women)).set_axis(chosen["code"].rename("code")), log


def _net_migration(
    path: Path, iso3: dict[int, str]
) -> tuple["pd.Series[Any]", list[tuple[str, str, str, str, str, int]]]:
    raw = read_r_frame(path, "mig1dt")
    require_columns(raw, ["country_code", "year", "mig"], path)
    areas, log = _areas(raw, path, iso3, "economy_year", "wpp_mig")
    recent = areas[areas["year"] >= FIRST_YEAR]
    net = 1000 * numbers(recent, "mig", path, first_line=1)
    log += [
        ("economy_year", "wpp_mig", "kept", f"{FIRST_YEAR} on", "rows", len(recent)),
        ("economy_year", "wpp_mig", "dropped", f"before {FIRST_YEAR}", "rows", len(areas) - len(recent)),
    ]
    return net.set_axis(pd.MultiIndex.from_frame(recent[["code", "year"]])).rename("net_migration"), log


def _gapminder(
    path: Path, indicator: str, column: str, source: str
) -> tuple["pd.Series[Any]", list[tuple[str, str, str, str, str, int]]]:
    raw = read_csv(path, ["geo", "time", indicator])
    require_last_line(path)
    require_unique(raw, ["geo", "time"], path)
    raw["code"] = raw["geo"].replace(GAPMINDER).str.upper()
    require_codes(raw, "code", path)
    raw["year"] = whole_years(raw, "time", path, first=1900, last=LAST_YEAR)
    minimum = None if column.startswith("oda") else 0
    raw["value"] = numbers(raw, indicator, path, minimum=minimum)
    recent = raw[raw["year"] >= FIRST_YEAR]
    log = [
        ("economy_year", source, "kept", f"{FIRST_YEAR} on", "rows", len(recent)),
        ("economy_year", source, "dropped", f"before {FIRST_YEAR}", "rows", len(raw) - len(recent)),
    ]
    return recent.set_index(["code", "year"])["value"].rename(column), log


def ratio(above: "pd.Series[Any]", below: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return a quotient; missing where the lower number is zero or missing."""
    return above.astype("float64") / below.astype("float64").replace(0, np.nan)
