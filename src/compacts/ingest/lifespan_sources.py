"""Lists of international bodies with their first and last years, each brought into the same columns.

Every reader returns `COLUMNS`: what the list itself says, and nothing else.
"""

from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from compacts.ingest.numeric import numbers, require_known, whole_years
from compacts.ingest.old_workbook import read_old_sheet
from compacts.ingest.r_data import read_r_frame
from compacts.ingest.raw_file import AGAIN, read_csv, require_columns, require_unique, shown
from compendium.errors import UserError

COLUMNS = [
    "dataset", "dataset_id", "name", "acronym", "start_year", "start_date", "end_year", "end_date", "alive", "fate",
    "observed_to", "formal_year", "members_first", "members_last", "scope", "field",
]  # fmt: skip
COW_LAST, DIGO_LAST, IIGO_LAST = 2014, 2016, 2017
_FATES = {
    "SUCC": "succeeded", "DISS": "dissolved", "DES": "desuetude", "ABS": "absorbed", "MER": "merged", "EXP": "expired",
    "EXP/ABS": "absorbed",
}  # fmt: skip


def formal_organizations(path: Path) -> pd.DataFrame:
    """Return the bodies of the Correlates of War list (IGO version 3), observed to 2014."""
    years = read_r_frame(path, "igo_year_format3")
    given = ["ioname", "orgname", "longorgname", "ionum", "year", "sdate", "deaddate", "dead", "integrated", "replaced"]
    require_columns(years, [*given, "political", "social", "economic"], path)
    require_unique(years, ["ionum", "year"], path, first_line=1)
    for column in ("ionum", "year", "sdate"):
        years[column] = numbers(years, column, path, first_line=1, whole=True, minimum=10, maximum=9999)
    states = years.loc[:, "afghanistan":"zimbabwe"]
    years["members"] = (states == 1).sum(axis=1)
    years = years.sort_values(["ionum", "year"])
    first, last = years.groupby("ionum").first(), years.groupby("ionum").last()
    fate = pd.Series("ended", index=last.index)
    fate = fate.mask(last["replaced"] == 1, "succeeded").mask(last["integrated"] == 1, "absorbed")
    field = last[["political", "social", "economic"]].idxmax(axis=1)
    table = _empty(last.index)
    table["dataset_id"] = last.index.astype("int64").astype("str")
    long = last["longorgname"].where(last["longorgname"].str.strip() != "", last["orgname"])
    table["name"], table["acronym"] = long.map(_repaired), last["ioname"].map(_repaired)
    table["start_year"], table["end_year"] = last["sdate"], last["deaddate"]
    table["alive"] = last["deaddate"].isna()
    table["fate"] = fate.where(~table["alive"], "")
    table["members_first"], table["members_last"] = first["members"], last["members"]
    table["field"] = field.where(last[["political", "social", "economic"]].sum(axis=1) == 1, "")
    return _finished(table, "cow", str(COW_LAST))


def ended_organizations(path: Path) -> pd.DataFrame:
    """Return the bodies of the dataset on the death of international organizations (DIGO), observed to 2016."""
    # the file is in Latin-1, in which every byte is a letter
    text = path.read_bytes().decode("latin-1")
    try:
        raw = pd.read_csv(StringIO(text), dtype=str, keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise UserError(f"{shown(path)}: got no whole CSV file ({str(error).strip()}); {AGAIN}") from None
    fate = "Fate/death_reason"
    require_columns(raw, ["ioname", "orgname", "sdate", "ddate", fate, "event", "Scope", "function_c"], path)
    raw = raw.replace("NA", "")
    raw["ioname"] = raw["ioname"].str.strip()
    require_unique(raw, ["ioname"], path)
    require_known(raw, fate, ["", *_FATES], path)
    table = _empty(raw.index)
    table["dataset_id"] = table["acronym"] = raw["ioname"]
    table["name"] = raw["orgname"].map(lambda name: " ".join(name.split()))
    table["start_year"] = whole_years(raw, "sdate", path, last=DIGO_LAST)
    end = whole_years(raw, "ddate", path, last=DIGO_LAST)
    # three bodies have no event code; the last year of observation is no end
    table["alive"] = (raw["event"] == "0") | ((raw["event"] == "") & (end == DIGO_LAST))
    table["end_year"] = end.where(~table["alive"])
    table["fate"] = raw[fate].map(_FATES).fillna("ended").where(~table["alive"], "")
    table["scope"] = raw["Scope"].str.strip().str.lower()
    table["field"] = raw["function_c"].replace({"social_welf": "social"})
    return _finished(table, "digo", str(DIGO_LAST))


def informal_organizations(path: Path) -> pd.DataFrame:
    """Return the bodies of Informal Intergovernmental Organizations 2.0, observed to 2017.

    Where one became formal, ``formal_year`` says when; this is no end.
    """
    state, end = "Formal (1) or Dead (2)", "End IIGO Year"
    columns = [
        "Nbr.",
        "Name",
        "Abbrev.",
        "Issue-area",
        "Nbr State Mbrs 2017 (or end)",
        "Beg. Year",
        state,
        end,
        "Follow on org?",
    ]
    raw = read_old_sheet(path, "IIGO 2.0 Dataset", 5, columns)
    require_unique(raw, ["Nbr."], path, first_line=6)
    require_known(raw, state, ["0", "1", "2"], path, first_line=6)
    raw[end] = raw[end].replace("UK", "")
    year = numbers(raw, end, path, first_line=6, whole=True, minimum=1815, maximum=IIGO_LAST, empty=True)
    table = _empty(raw.index)
    table["dataset_id"], table["name"], table["acronym"] = raw["Nbr."], raw["Name"], raw["Abbrev."]
    table["start_year"] = whole_years(raw, "Beg. Year", path, first_line=6, last=IIGO_LAST)
    table["alive"] = raw[state] == "0"
    table["end_year"] = year.where(raw[state] == "2")
    table["formal_year"] = year.where(raw[state] == "1")
    superseded = raw["Follow on org?"].str.lower().str.startswith("supers")
    table["fate"] = "became formal"
    table["fate"] = table["fate"].mask(raw[state] == "2", "ended").mask((raw[state] == "2") & superseded, "succeeded")
    table["fate"] = table["fate"].where(~table["alive"], "")
    table["members_last"] = numbers(raw, "Nbr State Mbrs 2017 (or end)", path, first_line=6, whole=True, minimum=1)
    table["field"] = raw["Issue-area"].str.lower().replace({"social affairs": "social"})
    return _finished(table, "iigo", str(IIGO_LAST))


def peacekeeping_missions(path: Path) -> pd.DataFrame:
    """Return the peacekeeping missions, observed to the day on which the list was updated; missing dates stay missing."""
    given = ["id", "mission_acronym", "mission_name", "mission_isactive", "start_date", "end_date", "last_update"]
    raw = read_csv(path, given)
    require_unique(raw, ["id"], path)
    raw["mission_isactive"] = raw["mission_isactive"].str.lower()
    require_known(raw, "mission_isactive", ["yes", "no"], path)
    table = _empty(raw.index)
    table["dataset_id"], table["acronym"] = raw["id"], raw["mission_acronym"]
    table["name"] = raw["mission_name"].str.strip('" ')
    for side in ("start", "end"):
        day = _days(raw, f"{side}_date", path)
        table[f"{side}_date"], table[f"{side}_year"] = day, day.dt.year.astype("float64")
    table["alive"] = raw["mission_isactive"] == "yes"
    table["fate"] = table["fate"].mask(~table["alive"], "ended")
    table["field"] = "peacekeeping"
    updated = _days(raw, "last_update", path).max()
    return _finished(table, "pko", f"{updated:%Y-%m-%d}")


def chart_entities(path: Path) -> pd.DataFrame:
    """Return the entities of the UN system chart: on it in June 2026, without dates."""
    raw = read_csv(path, ["entity", "entity_long", "category", "un_principal_organ"])
    require_unique(raw, ["entity"], path)
    table = _empty(raw.index)
    table["dataset_id"] = table["acronym"] = raw["entity"]
    table["name"] = raw["entity_long"].map(lambda name: " ".join(name.split()))
    table["alive"] = True
    table["field"] = raw["category"].where(raw["category"] != "", raw["un_principal_organ"]).str.lower()
    return _finished(table, "un_entities", "2026-06-23")


def compared_organizations(organizations: pd.DataFrame) -> pd.DataFrame:
    """Return the organizations of this compendium with the date of their foundation, cut to what is known of it."""
    table = _empty(organizations.index)
    table["dataset_id"], table["name"] = organizations["org_id"], organizations["name"]
    table["acronym"] = organizations["abbreviation"]
    founded = organizations["founded"].astype("str")
    table["start_year"] = founded.str[:4].astype("float64")
    table["start_date"] = pd.to_datetime(founded.where(founded.str.len() == 10), format="%Y-%m-%d").astype(
        "datetime64[us]"
    )
    table["alive"] = True
    return _finished(table, "organizations", "2026-11-23")


def _days(frame: pd.DataFrame, column: str, path: Path) -> "pd.Series[Any]":
    given = frame[column].where(frame[column] != "")
    days = pd.to_datetime(given, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    wrong = days.isna() & given.notna()
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        got = frame[column].iloc[row]
        msg = f"{shown(path)}, row {row + 2}, column {column}: got {got!r}, expected a date as 2004-04-04; {AGAIN}"
        raise UserError(msg)
    return days


def _repaired(name: str) -> str:
    # bytes of the Mac's encoding, read as Latin-1
    try:
        mended = name.encode("latin-1").decode("mac_roman")
    except UnicodeError:
        mended = name
    return " ".join(mended.split())


def _empty(index: "pd.Index[Any]") -> pd.DataFrame:
    table = pd.DataFrame(index=index)
    for column in COLUMNS:
        if column in ("start_date", "end_date"):
            table[column] = pd.Series(pd.NaT, index=index, dtype="datetime64[us]")
        elif column in ("start_year", "end_year", "formal_year", "members_first", "members_last"):
            table[column] = pd.Series(float("nan"), index=index)
        else:
            table[column] = pd.Series("", index=index, dtype="str")
    return table


def _finished(table: pd.DataFrame, dataset: str, observed_to: str) -> pd.DataFrame:
    table["dataset"], table["observed_to"] = dataset, observed_to
    table["alive"] = table["alive"].astype("bool")
    return table[COLUMNS].reset_index(drop=True)
