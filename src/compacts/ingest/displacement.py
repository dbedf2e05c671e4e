"""UNHCR's end-of-year figures: refugees, asylum-seekers and others by country of asylum and of origin."""

from pathlib import Path

import pandas as pd

from compacts.ingest.r_data import read_r_frame
from compacts.ingest.raw_file import AGAIN, ingest_log, require_columns, require_unique, shown
from compendium.errors import UserError

COUNTS = {
    "refugees": "refugees",
    "asylum_seekers": "asylum_seekers",
    "oip": "others_in_need",
    "ooc": "others_of_concern",
    "stateless": "stateless",
    "idps": "idps",
    "returned_refugees": "returned_refugees",
    "returned_idps": "returned_idps",
    "hst": "host_community",
}
FIRST_IN_NEED = 2018
# codes that stand for no territory
NO_TERRITORY = {"UNK": "Unknown", "XXA": "Stateless", "TIB": "Tibetan"}
_KEYS = {"year": "year", "coa_iso": "asylum_iso3", "coo_iso": "origin_iso3"}


def unhcr_displacement(population: Path, countries: Path, un_members: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return ``unhcr_displacement`` (year x asylum x origin), ``unhcr_territories`` and the log.

    People in need of international protection outside these categories are a category since 2018: before, the cell is
    missing; from then on, no entry is zero.

    Parameters
    ----------
    population, countries : Path
        R data files with the frames ``population`` and ``countries``.
    un_members : DataFrame
        ``iso3`` of the members.

    Raises
    ------
    UserError
        When a file is damaged, lacks a column, holds a row twice, or a count is negative or not whole.
    """
    raw = read_r_frame(population, "population")
    require_columns(raw, [*_KEYS, *COUNTS, "coo_name", "coa_name"], population)
    require_unique(raw, list(_KEYS), population, first_line=1)
    _check_counts(raw, population)
    table = raw[[*_KEYS, *COUNTS]].rename(columns={**_KEYS, **COUNTS}).astype({"year": "int64"})
    for column in COUNTS.values():
        counts = table[column].astype("Int64")
        if column == "others_in_need":
            table[column] = counts.mask(counts.isna() & (table["year"] >= FIRST_IN_NEED), 0)
        else:
            table[column] = counts.astype("int64")
    table = table.sort_values(list(_KEYS.values()), ignore_index=True)
    territories, territory_log = _territories(raw, countries, un_members)
    log = [("unhcr_displacement", "unhcr_population", "kept", "all rows", "rows", len(table)), *territory_log]
    return {"unhcr_displacement": table, "unhcr_territories": territories, "ingest_displacement": ingest_log(log)}


def _check_counts(raw: pd.DataFrame, path: Path) -> None:
    for column in COUNTS:
        values = raw[column].fillna(0) if column == "oip" else raw[column]
        wrong = values.isna() | (values < 0) | (values % 1 != 0)
        if wrong.any():
            position = int(wrong.to_numpy().argmax())
            got = raw[column].iloc[position]
            raise UserError(
                f"{shown(path)}, row {position + 1}, column {column}: got {got}, expected a whole number of persons; {AGAIN}"
            )


def _territories(
    raw: pd.DataFrame, countries: Path, un_members: pd.DataFrame
) -> tuple[pd.DataFrame, list[tuple[str, str, str, str, str, int]]]:
    """Return code, name, kind and UNHCR region of every origin and asylum in the figures, and log entries."""
    regions = read_r_frame(countries, "countries")
    require_columns(regions, ["iso_code", "unhcr_region"], countries)
    listed, regions = len(regions), regions[regions["iso_code"].notna()]
    require_unique(regions, ["iso_code"], countries, first_line=1)
    names = pd.concat([
        raw[["coa_iso", "coa_name"]].set_axis(["code", "name"], axis=1),
        raw[["coo_iso", "coo_name"]].set_axis(["code", "name"], axis=1),
    ]).drop_duplicates()  # fmt: skip
    table = names.merge(
        regions[["iso_code", "unhcr_region"]], how="left", left_on="code", right_on="iso_code", validate="1:1"
    )
    member = table["code"].isin(un_members["iso3"])
    table["kind"] = member.map({True: "UN member", False: "other territory"})
    table["kind"] = table["kind"].mask(table["code"].isin(NO_TERRITORY), "no territory")
    used = regions["iso_code"].isin(table["code"])
    log = [
        ("unhcr_territories", "unhcr_countries", "kept", "in the figures", "countries and areas", int(used.sum())),
        (
            "unhcr_territories",
            "unhcr_countries",
            "dropped",
            "not in the figures",
            "countries and areas",
            int((~used).sum()),
        ),
        (
            "unhcr_territories",
            "unhcr_countries",
            "dropped",
            "without an ISO code",
            "countries and areas",
            listed - len(regions),
        ),
    ]
    order = ["code", "name", "kind", "unhcr_region"]
    return table[order].sort_values("code", ignore_index=True), log
