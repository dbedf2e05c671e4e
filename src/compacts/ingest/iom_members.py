"""Membership of the International Organization for Migration, to 2014 (Correlates of War)."""

from pathlib import Path

import pandas as pd

from compacts.ingest.numeric import numbers, require_codes, require_known, whole_years
from compacts.ingest.r_data import read_r_frame
from compacts.ingest.raw_file import AGAIN, ingest_log, require_columns, require_unique, shown
from compacts.ingest.stata_file import read_stata
from compendium.errors import UserError

LAST_YEAR = 2014
MEMBER = 1
# COW's number of West Germany, whose membership Germany goes on with, is another one
WEST_GERMANY, GERMANY = 260, 255
_SERBIA_IN_COW = {"YUG": "SRB"}


def iom_membership(state_years: Path, ideal_points: Path, un_members: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return ``iom_membership`` (state x spell of membership) and its log.

    Parameters
    ----------
    state_years : Path
        R data file with the frame ``state_year_format3``; its column ``iomig`` is IOM.
    ideal_points : Path
        Stata file that has COW's number (``ccode``) beside the ISO code of every member.
    un_members : DataFrame
        ``iso3`` of the members.

    Raises
    ------
    UserError
        When a file is damaged, lacks a column, holds a row twice, or a member has no number.
    """
    raw = read_r_frame(state_years, "state_year_format3")
    require_columns(raw, ["ccode", "year", "iomig"], state_years)
    require_unique(raw, ["ccode", "year"], state_years, first_line=1)
    raw["year"] = whole_years(raw, "year", state_years, first_line=1, first=1816, last=LAST_YEAR)
    raw["ccode"] = numbers(raw, "ccode", state_years, first_line=1, whole=True, minimum=1).astype("int64")
    raw["ccode"] = raw["ccode"].replace(WEST_GERMANY, GERMANY)
    require_known(raw, "iomig", [-9, -1, 0, 1, 2, 3], state_years, first_line=1)
    codes = cow_codes(ideal_points, un_members)
    member = raw[raw["iomig"] == MEMBER]
    known = member["ccode"].isin(codes)
    spells = membership_spells(member[known].assign(iso3=member.loc[known, "ccode"].map(codes)))
    log = ingest_log([
        ("iom_membership", "st_cow_igo", "kept", "full member of IOM", "state-years", int(known.sum())),
        ("iom_membership", "st_cow_igo", "dropped", "member of IOM, but not of the United Nations today", "state-years", int((~known).sum())),
        ("iom_membership", "st_cow_igo", "dropped", "not a member of IOM, or before it existed", "state-years", len(raw) - len(member)),
    ])  # fmt: skip
    return {"iom_membership": spells, "ingest_iom_membership": log}


def membership_spells(years: pd.DataFrame) -> pd.DataFrame:
    """Return spells of consecutive years of membership; the last year is missing where the source ends first.

    The source has every fifth year up to 1965 and every year from then on: an earlier accession is dated to the first
    year in it, and a gap of up to five years before 1966 is none.

    Examples
    --------
    >>> rows = pd.DataFrame({"iso3": ["GBR"] * 4, "year": [1967, 1968, 2013, 2014]})
    >>> membership_spells(rows).fillna(0).to_numpy().tolist()
    [['GBR', 1967, 1968], ['GBR', 2013, 0]]
    """
    rows = years[["iso3", "year"]].drop_duplicates().sort_values(["iso3", "year"], ignore_index=True)
    before = rows.groupby("iso3")["year"].shift()
    allowed = pd.Series(5, index=rows.index).where(rows["year"] <= 1965, 1)
    number = (before.isna() | (rows["year"] - before > allowed)).groupby(rows["iso3"]).cumsum()
    spells = rows.groupby(["iso3", number.rename("spell")])["year"].agg(["min", "max"]).reset_index()
    return pd.DataFrame({
        "iso3": spells["iso3"],
        "first_year": spells["min"].astype("int64"),
        "last_year": spells["max"].astype("Int64").where(spells["max"] < LAST_YEAR),
    })  # fmt: skip


def cow_codes(ideal_points: Path, un_members: pd.DataFrame) -> dict[int, str]:
    """Return ISO3 by COW's number, for all members of the United Nations.

    Raises
    ------
    UserError
        When the file is damaged or a member has no number.
    """
    raw = read_stata(ideal_points, ["ccode", "iso3c", "year"])
    recent = raw[(raw["year"] >= 2000) & raw["iso3c"].notna() & (raw["iso3c"] != "")]
    require_codes(recent, "iso3c", ideal_points, first_line=1)
    pairs = recent[["ccode", "iso3c"]].drop_duplicates().replace({"iso3c": _SERBIA_IN_COW})
    require_unique(pairs, ["ccode"], ideal_points)
    lost = sorted(set(un_members["iso3"]) - set(pairs["iso3c"]))
    if lost:
        raise UserError(f"{shown(ideal_points)}: got no number for {lost[0]}, expected all members; {AGAIN}")
    return dict(zip(pairs["ccode"].astype("int64"), pairs["iso3c"], strict=True))
