"""Asylum applications and decisions (UNHCR), by country of asylum and of origin."""

from pathlib import Path
from typing import Any

import pandas as pd

from compacts.ingest.numeric import numbers, require_codes, require_known, whole_years
from compacts.ingest.r_data import read_r_frame
from compacts.ingest.raw_file import ingest_log, require_columns, require_unique

# N new; NR new and repeat, where a country does not tell them apart
NEW = ("N", "NR")
FIRST_TYPED_YEAR = 2006  # before, all countries but the United States have the type V (various)
OTHER_APPLICATIONS = ("A", "FA", "J", "NA", "R", "RA", "SP", "V")
# FI first instance; NA new applications (Germany); FA first instance and appeal in one figure; IN and EO asylum
# officers and immigration courts of the United States, each of which decides on asylum for the first time
FIRST_INSTANCE = ("FI", "NA", "FA", "IN", "EO")
WITH_APPEALS = "FA"
OTHER_LEVELS = {
    "AR": "administrative review", "JR": "judicial review", "RA": "repeat or reopened applications", "BL": "backlog",
    "CA": "cantonal regulations (Switzerland)", "SP": "subsidiary protection", "TA": "temporary asylum (Russia)",
    "TP": "temporary protection", "TR": "temporary leave to remain",
}  # fmt: skip
OUTCOMES = {
    "dec_recognized": "recognized",
    "dec_other": "complementary",
    "dec_rejected": "rejected",
    "dec_closed": "closed",
}
_PLACES = {"asylum": "coa_iso", "origin": "coo_iso"}
_KEYS = ["year", "coo_iso", "coa_iso", "procedure_type"]


def asylum_year(applications: Path, decisions: Path) -> dict[str, pd.DataFrame]:
    """Return ``asylum_year`` (country or area x year, as place of asylum and as origin) and its log.

    As UNHCR does, persons and cases are added up: a few countries count cases, most of all the United States. How many
    of a figure are cases is said beside it. Decisions are those of the first instance (`FIRST_INSTANCE`); levels are
    not added up, as one claim can be decided at several.

    Parameters
    ----------
    applications, decisions : Path
        R data files with the frames ``asylum_applications`` and ``asylum_decisions``.

    Raises
    ------
    UserError
        When a file is damaged, lacks a column, holds a row twice, or has a type of application, a level or a unit
        that is new.
    """
    filed = _read(applications, "asylum_applications", ["app_type", "dec_level", "app_pc"], ["applied"])
    decided = _read(decisions, "asylum_decisions", ["dec_level", "dec_pc"], [*OUTCOMES, "dec_total"])
    require_known(filed, "app_type", [*NEW, *OTHER_APPLICATIONS], applications, first_line=1)
    require_known(decided, "dec_level", [*FIRST_INSTANCE, *OTHER_LEVELS], decisions, first_line=1)
    require_known(filed, "app_pc", ["C", "P"], applications, first_line=1)
    require_known(decided, "dec_pc", ["C", "P"], decisions, first_line=1)
    new = filed[filed["app_type"].isin(NEW) & (filed["year"] >= FIRST_TYPED_YEAR)]
    first = decided[decided["dec_level"].isin(FIRST_INSTANCE)].rename(columns=OUTCOMES)
    sides = {side: _side(filed, new, first, place, side) for side, place in _PLACES.items()}
    table = pd.concat(sides.values(), axis=1)
    for count in ("applications", "applications_all", "recognized", "complementary", "rejected", "closed"):
        for side in _PLACES:
            table[f"{side}_{count}"] = table[f"{side}_{count}"].astype("Int64")
    table = table.rename_axis(["code", "year"]).reset_index().sort_values(["code", "year"], ignore_index=True)
    log = [
        ("asylum_year", "unhcr_applications", "kept", f"new applications (N, NR), {FIRST_TYPED_YEAR} on", "rows", len(new)),
        ("asylum_year", "unhcr_applications", "kept", "others: only in applications of all types", "rows", len(filed) - len(new)),
        ("asylum_year", "unhcr_decisions", "kept", f"first instance ({', '.join(FIRST_INSTANCE)})", "rows", len(first)),
    ]  # fmt: skip
    counts = decided["dec_level"].value_counts()
    log += [
        ("asylum_year", "unhcr_decisions", "dropped", f"{name} ({level})", "rows", int(counts.get(level, 0)))
        for level, name in OTHER_LEVELS.items()
    ]
    return {"asylum_year": table, "ingest_asylum": ingest_log(log)}


def recognition_rates(frame: pd.DataFrame, side: str) -> pd.DataFrame:
    """Return the two rates of the first instance, by country or area and year.

    UNHCR's definitions (Statistical Yearbook, annex on definitions): refugee recognition rate, recognized divided by
    recognized, complementary and rejected; total recognition rate, the same with complementary protection above the
    line too. Cases closed without a decision on the claim do not count.

    Parameters
    ----------
    frame : DataFrame
        ``SIDE_recognized``, ``SIDE_complementary``, ``SIDE_rejected``.
    side : str
        ``asylum`` or ``origin``.

    Returns
    -------
    DataFrame
        ``recognition_rate`` and ``protection_rate``, shares; missing without a decision on a claim.

    Examples
    --------
    >>> row = pd.DataFrame({"asylum_recognized": [30], "asylum_complementary": [10], "asylum_rejected": [60]})
    >>> recognition_rates(row, "asylum").iloc[0].tolist()
    [0.3, 0.4]
    """
    counts = frame[[f"{side}_{name}" for name in ("recognized", "complementary", "rejected")]].astype("float64")
    decided = counts.sum(axis=1, min_count=1)
    decided = decided.where(decided > 0)
    recognized, complementary = counts[f"{side}_recognized"], counts[f"{side}_complementary"]
    return pd.DataFrame({
        "recognition_rate": recognized / decided,
        "protection_rate": (recognized + complementary) / decided,
    })  # fmt: skip


def _read(path: Path, name: str, kinds: list[str], counts: list[str]) -> pd.DataFrame:
    raw = read_r_frame(path, name)
    require_columns(raw, [*_KEYS, *kinds, *counts], path)
    require_unique(raw, [*_KEYS, *kinds], path, first_line=1)
    for place in _PLACES.values():
        require_codes(raw, place, path, first_line=1)
    for count in counts:
        raw[count] = numbers(raw, count, path, first_line=1, whole=True, minimum=0)
    raw["year"] = whole_years(raw, "year", path, first_line=1, first=2000, last=2100)
    return raw


def _side(filed: pd.DataFrame, new: pd.DataFrame, first: pd.DataFrame, place: str, side: str) -> pd.DataFrame:
    outcomes = list(OUTCOMES.values())
    by_place = first.groupby([place, "year"])[outcomes].sum()
    decided = first.assign(decided=first[["recognized", "complementary", "rejected"]].sum(axis=1))
    table = pd.DataFrame({
        "applications": _sum(new, "applied", place),
        "applications_all": _sum(filed, "applied", place),
        "applications_in_cases": _share(new, "applied", new["app_pc"] == "C", place),
        **{name: by_place[name] for name in outcomes},
        "decisions_in_cases": _share(decided, "decided", decided["dec_pc"] == "C", place),
        "decisions_with_appeals": _share(decided, "decided", decided["dec_level"] == WITH_APPEALS, place),
    })  # fmt: skip
    return table.join(recognition_rates(table.add_prefix("x_"), "x")).add_prefix(f"{side}_")


def _sum(rows: pd.DataFrame, count: str, place: str) -> "pd.Series[Any]":
    return rows.groupby([place, "year"])[count].sum()


def _share(rows: pd.DataFrame, count: str, chosen: "pd.Series[Any]", place: str) -> "pd.Series[Any]":
    """Return the share of a count in the chosen rows; missing where the count is zero."""
    total = _sum(rows, count, place)
    part = _sum(rows.assign(**{count: rows[count].where(chosen, 0)}), count, place)
    return part.div(total.where(total > 0))
