"""People displaced, by country or area and year: hosted, originating, returned, resettled, inside their country."""

from pathlib import Path
from typing import Any

import pandas as pd

from compacts.ingest.numeric import numbers, require_codes, require_known, whole_years
from compacts.ingest.r_data import read_r_frame
from compacts.ingest.raw_file import AGAIN, ingest_log, require_columns, require_unique, shown
from compendium.errors import UserError

FIRST_YEAR = 1990
DISASTERS = (
    "drought", "earthquake", "erosion", "extreme temperature", "flood", "mass movement", "storm", "volcanic activity",
    "wave action", "wildfire",
)  # fmt: skip
HOSTED = {
    "refugees": "refugees_hosted", "asylum_seekers": "asylum_seekers_hosted", "others_in_need": "others_in_need_hosted",
    "others_of_concern": "others_of_concern_hosted", "stateless": "stateless_hosted", "idps": "idps_unhcr",
    "returned_idps": "returned_idps",
}  # fmt: skip
ORIGINATING = {
    "refugees": "refugees_originating", "asylum_seekers": "asylum_seekers_originating",
    "others_in_need": "others_in_need_originating", "returned_refugees": "returned_refugees",
}  # fmt: skip
_PLACES = ["coo_iso", "coa_iso"]


def displacement_year(
    solutions: Path, idmc: Path, unrwa: Path, displacements: Path, unhcr_displacement: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return ``displacement_year`` (country or area x year since 1990) and its log.

    Parameters
    ----------
    solutions, idmc, unrwa, displacements : Path
        R data files: resettlement and naturalisation; people internally displaced by conflict (IDMC); refugees
        registered with UNRWA; internal displacements during the year by cause (IDMC).
    unhcr_displacement : DataFrame
        UNHCR's end-of-year figures by asylum and origin.

    Raises
    ------
    UserError
        When a file is damaged, lacks a column, holds a row twice, or its returns are not those of the other file.
    """
    recent = unhcr_displacement[unhcr_displacement["year"] >= FIRST_YEAR]
    solved, solved_log = _solutions(solutions, recent)
    inside = _totals(idmc, "idmc", "coo_iso")
    registered = _totals(unrwa, "unrwa", "coa_iso")
    moved, moved_log = _displacements(displacements)
    table = pd.concat([
        _by(recent, "asylum_iso3", HOSTED),
        _by(recent, "origin_iso3", ORIGINATING),
        solved,
        inside.rename("idps_idmc"),
        registered.rename("unrwa_refugees"),
        moved,
    ], axis=1)  # fmt: skip
    known = table[[*HOSTED.values(), *ORIGINATING.values()]].notna().any(axis=1)
    for column in [*HOSTED.values(), *ORIGINATING.values(), *solved.columns]:
        # UNHCR writes no row without people; others in need exist as a category from 2018 on
        zero = known & (table.index.get_level_values("year") >= 2018) if "others_in_need" in column else known
        table[column] = table[column].fillna(0).where(zero | table[column].notna())
    # a category without anybody in the whole world was not reported in that year
    total = table.groupby("year").transform("sum")
    table = table.mask(total == 0)
    table = table.dropna(how="all").astype("Int64").rename_axis(["code", "year"]).reset_index()
    log = ingest_log([
        ("displacement_year", "unhcr_population", "kept", f"{FIRST_YEAR} on", "rows", len(recent)),
        ("displacement_year", "unhcr_population", "dropped", f"before {FIRST_YEAR}", "rows", len(unhcr_displacement) - len(recent)),
        ("displacement_year", "unhcr_idmc", "kept", "all rows", "rows", len(inside)),
        ("displacement_year", "unhcr_unrwa", "kept", f"{FIRST_YEAR} on", "rows", len(registered)),
        *solved_log,
        *moved_log,
    ])  # fmt: skip
    return {
        "displacement_year": table.sort_values(["code", "year"], ignore_index=True),
        "ingest_displacement_year": log,
    }


def _by(rows: pd.DataFrame, place: str, names: dict[str, str]) -> pd.DataFrame:
    sums = rows.groupby([place, "year"])[list(names)].sum(min_count=1)
    return sums.rename(columns=names).rename_axis(["code", "year"])


def _read(path: Path, name: str, places: list[str], counts: list[str]) -> pd.DataFrame:
    raw = read_r_frame(path, name)
    require_columns(raw, ["year", *places, *counts], path)
    require_unique(raw, ["year", *places], path, first_line=1)
    for place in places:
        require_codes(raw, place, path, first_line=1)
    for count in counts:
        raw[count] = numbers(raw, count, path, first_line=1, whole=True, minimum=0, empty=name == "solutions")
    raw["year"] = whole_years(raw, "year", path, first_line=1, first=1950, last=2100)
    return raw


def _totals(path: Path, name: str, place: str) -> "pd.Series[Any]":
    raw = _read(path, name, _PLACES, ["total"])
    recent = raw[raw["year"] >= FIRST_YEAR]
    return recent.groupby([place, "year"])["total"].sum().rename_axis(["code", "year"])


def _solutions(path: Path, displaced: pd.DataFrame) -> tuple[pd.DataFrame, list[tuple[str, str, str, str, str, int]]]:
    """Return resettlement and naturalisation; returns are in the other file too, and must be the same."""
    counts = ["returned_refugees", "resettlement", "naturalisation", "returned_idps"]
    raw = _read(path, "solutions", _PLACES, counts)
    recent = raw[raw["year"] >= FIRST_YEAR]
    for count in ("returned_refugees", "returned_idps"):
        here, there = recent.groupby("year")[count].sum(), displaced.groupby("year")[count].sum()
        differ = here.sub(there, fill_value=0).ne(0)
        if differ.any():
            year = int(differ.index[differ][0])
            got = f"{here.get(year, 0):,.0f} in {year}"
            expected = f"{there.get(year, 0):,.0f} as in unhcr_displacement"
            raise UserError(f"{shown(path)}, column {count}: got {got}, expected {expected}; {AGAIN}, both files")
    table = pd.DataFrame({
        "resettlement_arrivals": recent.groupby(["coa_iso", "year"])["resettlement"].sum().rename_axis(["code", "year"]),
        "resettled_originating": recent.groupby(["coo_iso", "year"])["resettlement"].sum().rename_axis(["code", "year"]),
        "naturalised_refugees": recent.groupby(["coa_iso", "year"])["naturalisation"].sum().rename_axis(["code", "year"]),
    })  # fmt: skip
    return table, [
        ("displacement_year", "unhcr_solutions", "kept", f"{FIRST_YEAR} on", "rows", len(recent)),
        ("displacement_year", "unhcr_solutions", "dropped", f"before {FIRST_YEAR}", "rows", len(raw) - len(recent)),
    ]


def _displacements(path: Path) -> tuple[pd.DataFrame, list[tuple[str, str, str, str, str, int]]]:
    raw = read_r_frame(path, "idmc_flows")
    require_columns(raw, ["geo", "t", "cause", "n"], path)
    require_unique(raw, ["geo", "t", "cause"], path, first_line=1)
    require_codes(raw, "geo", path, first_line=1)
    require_known(raw, "cause", ["conflict", *DISASTERS], path, first_line=1)
    raw["n"] = numbers(raw, "n", path, first_line=1, whole=True, minimum=0)
    raw["year"] = whole_years(raw, "t", path, first_line=1, first=2000, last=2100)
    conflict = raw["cause"] == "conflict"
    parts = {"displacements_by_conflict": raw[conflict], "displacements_by_disaster": raw[~conflict]}
    table = pd.DataFrame({
        name: part.groupby(["geo", "year"])["n"].sum().rename_axis(["code", "year"]) for name, part in parts.items()
    })  # fmt: skip
    return table, [("displacement_year", "gdi_idmc_flows", "kept", "all rows", "rows", len(raw))]
