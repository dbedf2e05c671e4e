"""The 193 members of the United Nations: codes, names, groups."""

from pathlib import Path

import pandas as pd
import yaml

from compacts.ingest.raw_file import AGAIN, decode, ingest_log, read_csv, read_json, require_unique, shown
from compendium.errors import UserError

GROUPS = {
    "African Group": "African",
    "Asia and the Pacific Group": "Asia-Pacific",
    "Eastern European Group": "Eastern European",
    "Latin American and Caribbean Group": "Latin American and Caribbean",
    "Western European and Others Group": "Western European and Others",
}
# two short names in the list are older than those that the states ask for
NAMES = {"CIV": "Côte d'Ivoire", "CPV": "Cabo Verde"}
# admissions since 2000; Yugoslavia, readmitted on 1 November 2000, was listed in roll calls before that day too
ADMITTED = {"TUV": "2000-09-05", "CHE": "2002-09-10", "TLS": "2002-09-27", "MNE": "2006-06-28", "SSD": "2011-07-14"}

_CODES = {
    "ISO3166-1-Alpha-3": "iso3",
    "ISO3166-1-Alpha-2": "iso2",
    "M49": "m49",
    "Region Name": "region",
    "Sub-region Name": "subregion",
    "Least Developed Countries (LDC)": "ldc",
    "Land Locked Developing Countries (LLDC)": "lldc",
    "Small Island Developing States (SIDS)": "sids",
}
_MARKS = ["ldc", "lldc", "sids"]


def un_members(country_codes: Path, countries: Path, eu: Path, oecd: Path) -> dict[str, pd.DataFrame]:
    """Return the table ``un_members`` (193 rows) and its log.

    Parameters
    ----------
    country_codes : Path
        CSV of codes, regions and marks of the least developed, landlocked and small island states.
    countries : Path
        JSON with the UN regional group of every member.
    eu, oecd : Path
        YAML lists of the members of the European Union and the OECD.

    Raises
    ------
    UserError
        When a file is damaged, lacks a column, holds a state twice, or the result has not 193 members.
    """
    codes = read_csv(country_codes, list(_CODES)).rename(columns=_CODES)
    codes = codes[codes["iso3"] != ""]
    require_unique(codes, ["iso3"], country_codes)
    entries = read_json(countries)
    listed = pd.DataFrame(
        {
            "iso3": entry["cca3"],
            "name": entry["name"]["common"],
            "member": entry["unMember"],
            "group": entry["unRegionalGroup"],
        }
        for entry in _with_keys(entries, ["cca3", "name", "unMember", "unRegionalGroup"], countries)
    )
    require_unique(listed, ["iso3"], countries, first_line=1)
    unknown = set(listed["group"]) - set(GROUPS) - {""}
    if unknown:
        raise UserError(
            f"{shown(countries)}: got the regional group {min(unknown)!r}, expected one of {', '.join(GROUPS)}; {AGAIN}"
        )
    is_member = listed["member"] & (listed["group"] != "")
    table = listed[is_member].merge(codes, on="iso3", how="left", validate="1:1")
    if len(table) != 193 or table["m49"].isna().any():
        msg = f"{shown(countries)}: got {len(table)} members with codes for {table['m49'].notna().sum()}, expected 193 of both; {AGAIN}"
        raise UserError(msg)
    table["name"] = table["iso3"].map(NAMES).fillna(table["name"])
    table["un_group"] = table["group"].map(GROUPS)
    table["m49"] = table["m49"].astype("int64")
    table["admitted"] = pd.to_datetime(table["iso3"].map(ADMITTED)).astype("datetime64[us]")
    for mark in _MARKS:
        table[mark] = table[mark] == "x"
    table["eu"] = table["iso2"].isin(_block(eu))
    table["oecd"] = table["iso2"].isin(_block(oecd))
    order = ["iso3", "name", "iso2", "m49", "un_group", "region", "subregion", *_MARKS, "eu", "oecd", "admitted"]
    table = table[order].sort_values("iso3", ignore_index=True)
    observer = listed["member"] & (listed["group"] == "")
    log = ingest_log([
        ("un_members", "st_mledoze", "kept", "members of the United Nations", "countries and areas", len(table)),
        ("un_members", "st_mledoze", "dropped", "no member of the United Nations", "countries and areas", int((~listed["member"]).sum())),
        ("un_members", "st_mledoze", "dropped", "the Holy See: an observer, without a regional group", "countries and areas", int(observer.sum())),
        ("un_members", "st_country_codes", "kept", "members of the United Nations", "countries and areas", len(table)),
        ("un_members", "st_country_codes", "dropped", "no member of the United Nations", "countries and areas", len(codes) - len(table)),
        ("un_members", "st_intblocks_EU", "kept", "members of the block", "states", int(table["eu"].sum())),
        ("un_members", "st_intblocks_OECD", "kept", "members of the block", "states", int(table["oecd"].sum())),
    ])  # fmt: skip
    return {"un_members": table, "ingest_members": log}


def _with_keys(entries: list[dict[str, object]], keys: list[str], path: Path) -> list[dict[str, dict[str, object]]]:
    for number, entry in enumerate(entries, start=1):
        lost = [key for key in keys if key not in entry]
        if lost:
            raise UserError(
                f"{shown(path)}, entry {number}: got no key {', '.join(lost)}; {AGAIN}, or change its builder"
            )
    return entries  # type: ignore[return-value]


def _block(path: Path) -> set[str]:
    """Return the ISO2 codes of a block's members."""
    try:
        # the base loader leaves all scalars text: Norway's NO is a truth value to the others
        content = yaml.load(decode(path.read_bytes(), path), Loader=yaml.BaseLoader)  # noqa: S506 (it builds text only)
        return {entry["id"] for entry in content["includes"] if entry["status"] == "member"}
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise UserError(
            f"{shown(path)}: got no readable list of members ({' '.join(str(error).split())}); {AGAIN}"
        ) from None
