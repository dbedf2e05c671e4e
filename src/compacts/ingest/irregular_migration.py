"""Irregular and mixed migration by route and year: crossings, encounters, deaths, as four authorities count them."""

from pathlib import Path
from typing import Any

import pandas as pd

from compacts.ingest.numeric import numbers, require_codes, require_known
from compacts.ingest.r_data import read_r_frame
from compacts.ingest.raw_file import ingest_log, require_columns, require_unique

DARIEN, US_BORDER, EU = "Darién", "south-west border of the United States", "EU27"
# Panama gave years only until 2019
FIRST_MONTHLY_YEAR_OF_DARIEN = 2020
_Log = list[tuple[str, str, str, str, str, int]]


def irregular_migration(
    frontex: Path, darien: Path, darien_groups: Path, usa: Path, missing_migrants: Path, asylum_eu: Path
) -> dict[str, pd.DataFrame]:
    """Return ``irregular_migration_year`` (indicator x route x year) and its log.

    Parameters
    ----------
    frontex, darien, darien_groups, usa, missing_migrants, asylum_eu : Path
        R data files: detections at the borders of the European Union; crossings of the Darién by nationality, and by
        sex and age; encounters at the border of the United States with Mexico; dead and missing migrants; asylum
        applicants in the European Union.

    Raises
    ------
    UserError
        When a file is damaged, lacks a column, holds a row twice or has an impossible value.
    """
    log: _Log = []
    detected = _read(frontex, "frontex", ["route", "type", "nat", "t"], "gdi_frontex", log)
    crossed = _read(darien, "irreg_darien_nat", ["nat", "t"], "gdi_darien_nat", log)
    grouped = _read(darien_groups, "irreg_darien_dmg", ["demog", "t"], "gdi_darien_dmg", log)
    require_known(grouped, "demog", ["boys", "girls", "men", "women"], darien_groups, first_line=1)
    keys = ["component", "area", "authority", "type", "demog", "nat", "t"]
    met = _read(usa, "irreg_usa", keys, "gdi_irreg_usa", log, extra=["t_fy"])
    fiscal_year = _days(met, "t_fy", usa).dt.year
    died = read_r_frame(missing_migrants, "iom_mmp")
    require_columns(died, ["t", "route", "dead"], missing_migrants)
    died["n"] = numbers(died, "dead", missing_migrants, first_line=1, whole=True, minimum=0)
    died["day"] = pd.to_datetime(died["t"], format="%Y-%m-%d")
    died["year"] = died["day"].dt.year
    log.append(("irregular_migration_year", "gdi_iom_mmp", "kept", "all rows", "incidents", len(died)))
    applied = _eu_applicants(asylum_eu, log)
    minors = grouped[grouped["demog"].isin(["boys", "girls"])]
    table = pd.concat([
        _by_year(detected, "detections", detected["route"]),
        _by_year(crossed, "crossings", DARIEN),
        _by_year(minors, "crossings by minors", DARIEN),
        _by_year(met.assign(year=fiscal_year), "encounters", US_BORDER),
        _by_year(died, "dead or missing", died["route"]),
        applied,
    ])  # fmt: skip
    annual = (table["indicator"] == "crossings") & (table["year"] < FIRST_MONTHLY_YEAR_OF_DARIEN)
    table["months"] = table["months"].mask(annual)
    table = table.sort_values(["indicator", "route", "year"], ignore_index=True)
    return {"irregular_migration_year": table, "ingest_irregular_migration": ingest_log(log)}


def _by_year(rows: pd.DataFrame, indicator: str, route: "str | pd.Series[Any]") -> pd.DataFrame:
    """Return persons by route and year, and the number of months of the year that the source covers.

    Months are those in which the source has any row, on whatever route.
    """
    keyed = rows.assign(route=route, month=rows["day"].dt.to_period("M"))
    months = keyed.groupby("year")["month"].nunique().to_dict()
    persons = keyed.groupby(["route", "year"])["n"].sum().astype("int64").rename("persons").reset_index()
    return pd.DataFrame({
        "indicator": indicator,
        "route": persons["route"],
        "year": persons["year"].astype("int64"),
        "persons": persons["persons"],
        "months": persons["year"].map(months).astype("Int64"),
    })  # fmt: skip


def _read(
    path: Path, name: str, keys: list[str], source: str, log: _Log, extra: list[str] | None = None
) -> pd.DataFrame:
    raw = read_r_frame(path, name)
    require_columns(raw, [*keys, *(extra or []), "n"], path)
    require_unique(raw, keys, path, first_line=1)
    raw["n"] = numbers(raw, "n", path, first_line=1, whole=True, minimum=0)
    raw["day"] = _days(raw, "t", path)
    raw["year"] = raw["day"].dt.year
    log.append(("irregular_migration_year", source, "kept", "all rows", "rows", len(raw)))
    return raw


def _days(raw: pd.DataFrame, column: str, path: Path) -> "pd.Series[Any]":
    """Return R's day numbers, counted from 1 January 1970, as dates between 2000 and 2050."""
    days = numbers(raw, column, path, first_line=1, whole=True, minimum=10957, maximum=29220)
    return pd.to_datetime(days, unit="D")


def _eu_applicants(path: Path, log: _Log) -> pd.DataFrame:
    """Return asylum applicants in the European Union; single countries are in ``asylum_year``."""
    raw = read_r_frame(path, "eu_asyapp")
    require_columns(raw, ["geo", "t", "nat", "sex", "n"], path)
    require_unique(raw, ["geo", "t", "nat", "sex"], path, first_line=1)
    raw["year"] = numbers(raw, "t", path, first_line=1, whole=True, minimum=2000, maximum=2100).astype("int64")
    raw["n"] = numbers(raw, "n", path, first_line=1, whole=True, minimum=0)
    union = raw[raw["geo"] == EU]
    require_codes(raw[raw["geo"] != EU], "geo", path, first_line=1)
    log += [
        ("irregular_migration_year", "gdi_eu_asyapp", "kept", "the European Union as a whole", "rows", len(union)),
        ("irregular_migration_year", "gdi_eu_asyapp", "dropped", "single countries", "rows", len(raw) - len(union)),
    ]
    whole = union.groupby("year")["n"].sum().astype("int64").rename("persons").reset_index()
    return whole.assign(indicator="asylum applicants", route=EU, months=pd.Series(12, index=whole.index, dtype="Int64"))
