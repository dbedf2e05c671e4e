"""International migrants by country of residence and of origin (UN DESA, revision of 2024)."""

from pathlib import Path
from typing import Any

import pandas as pd

from compacts.ingest.numeric import numbers, require_codes, require_known, whole_years
from compacts.ingest.r_data import read_r_frame
from compacts.ingest.raw_file import ingest_log, require_columns, require_unique

UNKNOWN_ORIGIN = "OOO"
CHANNEL_ISLANDS = "XCX"
_KINDS = ["type_b", "type_c", "type_r", "type_i"]
_COLUMNS = ["geo", "t", "from", "sex", "n", *_KINDS]


def migrant_stock(stocks: Path) -> dict[str, pd.DataFrame]:
    """Return ``migrant_stock_year`` (country or area x observed year) and its log.

    Migrants are the sum over sexes and origins; emigrants are the sum over sexes and countries of residence, which
    leaves out those whose origin is not known.

    Parameters
    ----------
    stocks : Path
        R data file with the frame ``undesa_stocks``: residence, origin, sex, year.

    Raises
    ------
    UserError
        When the file is damaged, lacks a column, holds a row twice, or a number is negative or not whole.
    """
    raw = read_r_frame(stocks, "undesa_stocks")
    require_columns(raw, _COLUMNS, stocks)
    require_unique(raw, ["geo", "t", "from", "sex"], stocks, first_line=1)
    require_codes(raw, "geo", stocks, first_line=1)
    require_codes(raw, "from", stocks, first_line=1)
    require_known(raw, "sex", ["female", "male"], stocks, first_line=1)
    raw["year"] = whole_years(raw, "t", stocks, first_line=1, first=1990, last=2024)
    raw["n"] = numbers(raw, "n", stocks, first_line=1, whole=True, minimum=0)
    for kind in _KINDS:
        raw[kind] = numbers(raw, kind, stocks, first_line=1, minimum=0, maximum=1) == 1
    table = pd.DataFrame({
        "migrants": _total(raw, "geo"),
        "female_migrants": _total(raw[raw["sex"] == "female"], "geo"),
        "migrants_of_unknown_origin": _total(raw[raw["from"] == UNKNOWN_ORIGIN], "geo"),
        "emigrants": _total(raw[raw["from"] != UNKNOWN_ORIGIN], "from"),
    })  # fmt: skip
    table["migrants_of_unknown_origin"] = table["migrants_of_unknown_origin"].fillna(0).where(table["migrants"].notna())
    first = raw.groupby(["geo", "year"])[_KINDS].first().rename_axis(["code", "year"])
    table["by_birth"] = first["type_b"].astype("boolean")
    table["by_citizenship"] = first["type_c"].astype("boolean")
    table["refugees_added"] = first["type_r"].astype("boolean")
    table["imputed"] = first["type_i"].astype("boolean")
    counts = ["migrants", "female_migrants", "migrants_of_unknown_origin", "emigrants"]
    table[counts] = table[counts].astype("Int64")
    table = table.rename_axis(["code", "year"]).reset_index().sort_values(["code", "year"], ignore_index=True)
    unknown = int((raw["from"] == UNKNOWN_ORIGIN).sum())
    log = ingest_log([
        ("migrant_stock_year", "gdi_undesa_stocks", "kept", "origin known", "rows by residence, origin, sex and year", len(raw) - unknown),
        ("migrant_stock_year", "gdi_undesa_stocks", "kept", "origin not known: migrants, in no country's emigrants", "rows by residence, origin, sex and year", unknown),
    ])  # fmt: skip
    return {"migrant_stock_year": table, "ingest_migrant_stock": log}


def interpolated(observed: pd.DataFrame, column: str, years: list[int]) -> "pd.Series[Any]":
    """Return a count for each year between observed ones, on a straight line; observed years keep their value.

    Nothing is said before the first and beyond the last observed year.

    Parameters
    ----------
    observed : DataFrame
        ``code``, ``year`` and the column.
    years : list of int
        Years to return.

    Returns
    -------
    Series
        Indexed by ``code`` and ``year``; missing where there is no observed year on both sides.

    Examples
    --------
    >>> frame = pd.DataFrame({"code": ["KEN"] * 2, "year": [2000, 2005], "migrants": [100, 150]})
    >>> interpolated(frame, "migrants", [1999, 2000, 2002, 2006]).tolist()
    [nan, 100.0, 120.0, nan]
    """
    wide = observed.pivot(index="year", columns="code", values=column).astype("float64")
    wide = wide.reindex(sorted({*wide.index, *years})).interpolate(method="index", limit_area="inside").loc[years]
    return pd.Series(wide.unstack(), name=column).rename_axis(["code", "year"])


def _total(rows: pd.DataFrame, place: str) -> "pd.Series[Any]":
    return rows.groupby([place, "year"])["n"].sum().rename_axis(["code", "year"])
