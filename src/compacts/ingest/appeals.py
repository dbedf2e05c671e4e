"""Humanitarian appeals by plan, country and year: what was asked for and what came.

Two sources that are not to be added: the Financial Tracking Service of OCHA, all plans; and tables of UNHCR's refugee
response plans, where the row of the first year of a plan (or one without a year) holds the sum over all its years.
"""

from pathlib import Path
from typing import Any

import pandas as pd

from compacts.ingest.numeric import numbers, require_codes, whole_years
from compacts.ingest.raw_file import AGAIN, ingest_log, read_csv, require_unique, shown
from compendium.errors import UserError, nearest

TRACKING, UNHCR = "Financial Tracking Service", "UNHCR refugee response plans"
RRP, COMBINED = "rrp_data.csv", "combined_rrps.csv"
OUTSIDE = "Not specified"
NO_YEAR = BLANK = "(Blank)"
# spellings beside those of un_members, and lines that are no country
COUNTRIES = {
    "Burma": "MMR",
    "Congo": "COG",
    "Congo, The Democratic Republic of the": "COD",
    "Czech Republic": "CZE",
    "Fyr Macedonia": "MKD",
    "Iran, Islamic Republic of": "IRN",
    "Tanzania, United Republic of": "TZA",
    "Turkey": "TUR",
}
REGIONS = (
    "Multiple Countries (Ukraine RRP)",
    "Northern,Southern And Western Europe",
    "Other Affected Countries Central And Southern-Eastern Europe",
    "Other Affected Countries Northern, Southern And Western Europe",
    "Regional",
    "Regional and Other Countries",
    "overall",
)
# requirements of a plan that come again for this many countries are a slip of the source
REPEATED = 3
# dollars by which a sum over years may miss its parts
ROUNDING = 1
KEYS = ["source", "plan", "country", "year"]
COLUMNS = [
    *KEYS, "iso3", "plan_id", "plan_code", "plan_type", "starts", "ends", "in_plan", "names_refugees",
    "names_migrants", "requirements_usd", "requirements_repeated", "funding_usd", "agencies", "derived",
]  # fmt: skip
_TRACKED = ["countryCode", "id", "name", "code", "typeName", "startDate", "endDate", "year", "requirements", "funding"]
_ASKED, _CAME, _AGENCIES = "Funds Requested", "Funds Received (From all agencies)", "# Agencies in Plan"
_TOTALS = {
    "UNOCHA req": "ocha_requirements_usd",
    "UNOCHA fund": "ocha_funding_usd",
    "UNHCR req": "unhcr_requirements_usd",
    "UNHCR fund": "unhcr_funding_usd",
}


def appeals(fts: Path, plans: tuple[Path, ...], un_members: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return ``appeal_country_year``, ``appeal_plan_year`` and their log.

    Parameters
    ----------
    fts : Path
        Requirements and funding by country, plan and year, with funding outside of plans.
    plans : tuple of Path
        ``rrp_data.csv``, UNHCR's refugee response plans by country and year, and ``combined_rrps.csv``, totals of plans
        by both sources.
    un_members : DataFrame
        ``name``, ``iso3``.

    Returns
    -------
    dict
        ``appeal_country_year``: COLUMNS, amounts in whole US dollars. ``appeal_plan_year``: plan, year, requirements and
        funding by OCHA and by UNHCR.

    Raises
    ------
    UserError
        When a file is missing or damaged, a country is not known, or a key comes twice.
    """
    by_name = {path.name: path for path in plans}
    for name in (RRP, COMBINED):
        if name not in by_name:
            raise UserError(f"unhcr_rrp: got no file {name}, expected it beside {', '.join(by_name)}; {AGAIN}")
    tracked = _tracked(fts, un_members)
    response, log = _response_plans(by_name[RRP], un_members)
    table = pd.concat([tracked, response], ignore_index=True)[COLUMNS]
    for column in ("requirements_usd", "funding_usd", "agencies"):
        table[column] = table[column].astype("Int64")
    totals = _totals(by_name[COMBINED])
    in_plan = int(tracked["in_plan"].sum())
    log += [
        ("appeal_country_year", "fts_plans", "kept", "requirements and funding of a plan", "rows", in_plan),
        ("appeal_country_year", "fts_plans", "kept", "funding outside of plans", "rows", len(tracked) - in_plan),
        ("appeal_plan_year", "unhcr_rrp", "kept", "totals of plans", "plans and years", len(totals)),
    ]
    return {
        "appeal_country_year": table.sort_values(KEYS, ignore_index=True),
        "appeal_plan_year": totals.sort_values(["plan", "year"], ignore_index=True),
        "ingest_appeals": ingest_log(log),
    }


def _tracked(path: Path, un_members: pd.DataFrame) -> pd.DataFrame:
    frame = read_csv(path, _TRACKED)
    require_codes(frame, "countryCode", path)
    require_unique(frame, ["countryCode", "name", "year"], path)
    names = un_members.set_index("iso3")["name"]
    requirements = numbers(frame, "requirements", path, whole=True, minimum=0, empty=True)
    repeats = requirements[requirements > 0].groupby([frame["id"], requirements]).transform("size")
    repeated = repeats.reindex(frame.index).fillna(0) >= REPEATED
    return pd.DataFrame({
        "source": TRACKING,
        "plan": frame["name"],
        "country": frame["countryCode"].map(names).fillna(frame["countryCode"]),
        "year": whole_years(frame, "year", path, first=1990, last=2040),
        "iso3": frame["countryCode"],
        "plan_id": frame["id"].replace("", None),
        "plan_code": frame["code"].replace("", None),
        "plan_type": frame["typeName"].replace("", None),
        "starts": _days(frame, "startDate", path),
        "ends": _days(frame, "endDate", path),
        "in_plan": frame["name"] != OUTSIDE,
        "names_refugees": frame["name"].str.contains("refugee", case=False),
        "names_migrants": frame["name"].str.contains("migrant", case=False),
        "requirements_usd": requirements,
        "requirements_repeated": repeated,
        # repayments may exceed what came
        "funding_usd": numbers(frame, "funding", path, whole=True, empty=True),
        "agencies": None,
        "derived": False,
    })  # fmt: skip


def _days(frame: pd.DataFrame, column: str, path: Path) -> "pd.Series[Any]":
    text = frame[column].replace("", None)
    days = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    wrong = days.isna() & text.notna()
    if wrong.any():
        position = int(wrong.to_numpy().argmax())
        place = f"{shown(path)}, row {position + 2}, column {column}"
        raise UserError(f"{place}: got {text.iloc[position]!r}, expected a day as YYYY-MM-DD; {AGAIN}")
    return days


def _response_plans(
    path: Path, un_members: pd.DataFrame
) -> tuple[pd.DataFrame, list[tuple[str, str, str, str, str, int]]]:
    """Return UNHCR's plans by country and year: sums over years taken apart, and what was dropped."""
    frame = read_csv(path, ["RRP", "Year", "Country", _ASKED, _CAME, _AGENCIES])
    require_unique(frame, ["RRP", "Year", "Country"], path)
    iso3 = _countries(frame, un_members, path)
    for column in (_ASKED, _CAME, _AGENCIES):
        plain = frame[column].str.replace(r"[$,]", "", regex=True)
        frame[column] = numbers(
            frame.assign(**{column: plain.replace(BLANK, "")}), column, path, whole=True, empty=True
        )
    no_year = frame["Year"] == NO_YEAR
    dated = frame[~no_year].assign(iso3=iso3[~no_year])
    dated["Year"] = whole_years(dated, "Year", path, first=1990, last=2040)
    has_total = set(frame.loc[no_year, "RRP"])
    first = dated.groupby("RRP")["Year"].transform("min")
    is_sum = (dated["Year"] == first) & ~dated["RRP"].isin(has_total)
    later = dated[~is_sum].groupby(["RRP", "Country"])[[_ASKED, _CAME]].sum()
    sums = dated[is_sum].set_index(["RRP", "Country"])
    own = (sums[[_ASKED, _CAME]] - later.reindex(sums.index).fillna(0)).where(lambda left: left.abs() > ROUNDING)
    if (own < 0).any().any():
        plan, country = own.index[(own < 0).any(axis=1)][0]
        got = f"{plan}, {country}: got less in the first year than in the later ones, expected the sum over all years"
        raise UserError(f"{shown(path)}, {got}; {AGAIN}")
    dated.loc[is_sum, [_ASKED, _CAME]] = own.to_numpy()
    dated.loc[is_sum, _AGENCIES] = float("nan")
    nothing = dated[_ASKED].isna() & dated[_CAME].isna()
    kept = dated[~nothing]
    derived = is_sum[~nothing]
    table = pd.DataFrame({
        "source": UNHCR,
        "plan": kept["RRP"],
        "country": kept["Country"],
        "year": kept["Year"],
        "iso3": kept["iso3"].replace("", None),
        "plan_id": None,
        "plan_code": None,
        "plan_type": None,
        "starts": pd.Series(pd.NaT, index=kept.index, dtype="datetime64[us]"),
        "ends": pd.Series(pd.NaT, index=kept.index, dtype="datetime64[us]"),
        "in_plan": True,
        "names_refugees": kept["RRP"].str.contains("RRP|RMRP|3RP"),
        "names_migrants": kept["RRP"].str.contains("RMRP"),
        "requirements_usd": kept[_ASKED],
        "requirements_repeated": False,
        "funding_usd": kept[_CAME],
        "agencies": kept[_AGENCIES],
        "derived": derived,
    })  # fmt: skip
    name, source = "appeal_country_year", "unhcr_rrp"
    log = [
        (name, source, "kept", "one year", "rows", int((~derived).sum())),
        (name, source, "kept", "sum over all years in the row of the first year: what is left without the later years", "rows", int(derived.sum())),
        (name, source, "dropped", "no year: the sum over all years", "rows", int(no_year.sum())),
        (name, source, "dropped", "neither requirements nor funding in that year", "rows", int(nothing.sum())),
    ]  # fmt: skip
    return table, log


def _countries(frame: pd.DataFrame, un_members: pd.DataFrame, path: Path) -> "pd.Series[Any]":
    """Return the code of each country, an empty text for lines that are no country."""
    known = {
        **dict(zip(un_members["name"], un_members["iso3"], strict=True)),
        **COUNTRIES,
        **dict.fromkeys(REGIONS, ""),
    }
    codes = frame["Country"].map(known)
    if codes.isna().any():
        position = int(codes.isna().to_numpy().argmax())
        got = frame["Country"].iloc[position]
        raise UserError(
            f"{shown(path)}, row {position + 2}, column Country: got {got!r}{nearest(got, list(known))}, expected a country "
            f"or region that compacts.ingest.appeals knows; add it there, or {AGAIN}"
        )
    return codes


def _totals(path: Path) -> pd.DataFrame:
    frame = read_csv(path, ["Name", "Year", *_TOTALS])
    table = pd.DataFrame({"plan": frame["Name"], "year": whole_years(frame, "Year", path, first=1990, last=2040)})
    for column, name in _TOTALS.items():
        plain = frame[column].str.strip().str.replace(",", "").replace("-", "")
        table[name] = numbers(frame.assign(**{column: plain}), column, path, whole=True, minimum=0, empty=True)
        table[name] = table[name].astype("Int64")
    table["plan"] = table["plan"].str.replace(r" [0-9]{4}$", "", regex=True)
    require_unique(table, ["plan", "year"], path)
    return table
