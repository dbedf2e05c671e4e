"""Parties in government after an election: how populist, how they stand on immigration (V-Party)."""

from pathlib import Path
from typing import Any

import pandas as pd

from compacts.ingest.numeric import numbers, require_codes, whole_years
from compacts.ingest.r_data import read_r_frame
from compacts.ingest.raw_file import ingest_log, require_columns, require_unique

FIRST_YEAR, LAST_YEAR = 1990, 2019
SENIOR, JUNIOR = 0, 1
# half of the index: more populist than not
POPULIST_FROM = 0.5
# answers of the experts in the ordinal scale: 0 strongly opposes immigration, 1 opposes it
ANTI_IMMIGRATION_TO = 1
CARRIED_YEARS = 6
_COLUMNS = [
    "country_text_id", "year", "v2paid", "v2pagovsup", "v2paseatshare", "v2xpa_popul", "v2paimmig", "v2paimmig_ord",
]  # fmt: skip


def governing_parties(vparty: Path) -> dict[str, pd.DataFrame]:
    """Return ``governing_parties`` (country x election, 1990 to 2019) and its log.

    A party governs when it is a senior or junior partner in the government formed after the election. Where none is
    coded as such, the election has a row without values.

    Parameters
    ----------
    vparty : Path
        R data file with the frame ``vparty``: party x election.

    Raises
    ------
    UserError
        When the file is damaged, lacks a column, holds a row twice or has an impossible value.
    """
    raw = read_r_frame(vparty, "vparty")
    require_columns(raw, _COLUMNS, vparty)
    raw = raw[_COLUMNS].copy()
    require_unique(raw, ["v2paid", "year"], vparty, first_line=1)
    require_codes(raw, "country_text_id", vparty, first_line=1)
    raw["year"] = whole_years(raw, "year", vparty, first_line=1, first=1789, last=LAST_YEAR)
    limits = {"v2pagovsup": (0, 4), "v2paseatshare": (0, 100), "v2xpa_popul": (0, 1), "v2paimmig": (-10, 10), "v2paimmig_ord": (0, 4)}  # fmt: skip
    for column, (minimum, maximum) in limits.items():
        raw[column] = numbers(raw, column, vparty, first_line=1, minimum=minimum, maximum=maximum, empty=True)
    recent = raw[raw["year"] >= FIRST_YEAR]
    governs = recent["v2pagovsup"].isin([SENIOR, JUNIOR])
    table = governments(recent)
    log = ingest_log([
        ("governing_parties", "vparty", "kept", "in government after the election", "parties", int(governs.sum())),
        ("governing_parties", "vparty", "dropped", "supports the government, opposes it, no government formed", "parties", int(recent["v2pagovsup"].isin([2, 3, 4]).sum())),
        ("governing_parties", "vparty", "dropped", "role not coded, most of them alliances", "parties", int(recent["v2pagovsup"].isna().sum())),
        ("governing_parties", "vparty", "dropped", f"before {FIRST_YEAR}", "parties", len(raw) - len(recent)),
        ("governing_parties", "vparty", "kept", "with a party in government", "elections", int((table["parties"] > 0).sum())),
        ("governing_parties", "vparty", "kept", "without a party coded as in government: cells are empty", "elections", int((table["parties"] == 0).sum())),
    ])  # fmt: skip
    return {"governing_parties": table, "ingest_parties": log}


def governments(parties: pd.DataFrame) -> pd.DataFrame:
    """Return one row per country and election, from those of its parties that govern.

    Means are weighted by seats: over the parties whose seat share and value are both known.
    """
    keys = ["country_text_id", "year"]
    elections = pd.MultiIndex.from_frame(parties[keys].drop_duplicates().sort_values(keys))
    parties = parties[parties["v2pagovsup"].isin([SENIOR, JUNIOR])]
    by = [parties[key] for key in keys]
    senior = parties["v2pagovsup"] == SENIOR
    populist = _marked(parties["v2xpa_popul"] >= POPULIST_FROM, parties["v2xpa_popul"])
    against = _marked(parties["v2paimmig_ord"] <= ANTI_IMMIGRATION_TO, parties["v2paimmig_ord"])
    table = pd.DataFrame({
        "parties": parties.groupby(by).size(),
        "seat_share": parties["v2paseatshare"].groupby(by).sum(min_count=1) / 100,
        "populism": _weighted(parties, "v2xpa_popul", by),
        "immigration_stance": _weighted(parties, "v2paimmig", by),
        "populist_senior": populist.where(senior).groupby(by).max(),
        "populist_any": populist.groupby(by).max(),
        "anti_immigration_senior": against.where(senior).groupby(by).max(),
        "anti_immigration_any": against.groupby(by).max(),
    })  # fmt: skip
    flags = ["populist_senior", "populist_any", "anti_immigration_senior", "anti_immigration_any"]
    table[flags] = table[flags].astype("boolean")
    table = table.reindex(elections).rename_axis(["code", "election_year"])
    table["parties"] = table["parties"].fillna(0).astype("int64")
    # shares of parties can add up to a little more than all seats
    table["seat_share"] = table["seat_share"].clip(upper=1)
    return table.reset_index()


def carried(governments_by_election: pd.DataFrame, years: list[int]) -> pd.DataFrame:
    """Return the last election's row for each country and year: at most `CARRIED_YEARS` old, nothing after 2019.

    Examples
    --------
    >>> rows = pd.DataFrame({"code": ["HUN"], "election_year": [2018], "parties": [2]})
    >>> carried(rows, [2017, 2018, 2019, 2020])["year"].tolist()
    [2018, 2019]
    """
    rows = []
    for year in years:
        if year > LAST_YEAR:
            continue
        past = governments_by_election[governments_by_election["election_year"].between(year - CARRIED_YEARS, year)]
        last = past.loc[past.groupby("code")["election_year"].idxmax()]
        rows.append(last.assign(year=year))
    return pd.concat(rows, ignore_index=True)


def _marked(mark: "pd.Series[Any]", value: "pd.Series[Any]") -> "pd.Series[Any]":
    return mark.astype("float64").where(value.notna())


def _weighted(parties: pd.DataFrame, column: str, by: "list[pd.Series[Any]]") -> "pd.Series[Any]":
    weights = parties["v2paseatshare"].where(parties[column].notna() & (parties["v2paseatshare"] > 0))
    return (weights * parties[column]).groupby(by).sum(min_count=1) / weights.groupby(by).sum(min_count=1)
