"""Signature and ratification of eight treaties on refugees, statelessness, migrant workers, trafficking and smuggling."""

import csv
import re
from pathlib import Path

import pandas as pd

from compacts.ingest.numeric import numbers, require_known, require_last_line
from compacts.ingest.raw_file import AGAIN, decode, ingest_log, read_csv, require_unique, shown
from compendium.errors import UserError

# treaty: source, last full year that the source covers. The lists of 2015 lack actions of 2014 on the three treaties
# on crime (Sierra Leone in August, Barbados in November), so they end with 2013; that on migrant workers is of mid-2022
TREATIES = {
    "refugee_convention_1951": ("st_untc_5_2", 2014),
    "refugee_protocol_1967": ("st_untc_5_5", 2014),
    "stateless_convention_1954": ("st_untc_5_3", 2014),
    "stateless_convention_1961": ("st_untc_5_4", 2014),
    "migrant_workers_convention": ("st_untc_4_13", 2021),
    "organized_crime_convention": ("st_untc_18_12", 2013),
    "trafficking_protocol": ("st_untc_18_12_a", 2013),
    "smuggling_protocol": ("st_untc_18_12_b", 2013),
}
ACTIONS = {"": "ratification", "a": "accession", "d": "succession", "A": "acceptance", "AA": "approval"}
# names of the treaty lists that roll calls do not use; the European Union has the code of its travel documents
NAMES = {
    "Cook Islands": "COK", "European Union": "EUE", "Holy See": "VAT", "Niue": "NIU", "St. Kitts and Nevis": "KNA",
    "St. Lucia": "LCA", "St. Vincent and the Grenadines": "VCT", "United States of America": "USA",
    "United Kingdom of Great Britain and Northern Ireland": "GBR",
}  # fmt: skip
_DATE = re.compile(r"(\d{1,2} [A-Z][a-z]{2} \d{4})(?: (a|d|A|AA))?")
_OLD_ISO2 = {"TP": "TL"}  # Timor-Leste's code until 2002
_STATUS = ["state party", "signatory state", "no action"]
_ICRMW_COLUMNS = ["iso2", "status", "year ratification or accession"]


def treaty_actions(
    convention_1951: Path,
    protocol_1967: Path,
    stateless_1954: Path,
    stateless_1961: Path,
    migrant_workers: Path,
    organized_crime: Path,
    trafficking: Path,
    smuggling: Path,
    migrant_workers_2022: Path,
    un_members: pd.DataFrame,
    state_names: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Return ``treaty_actions`` (state x treaty) and its log.

    Parameters
    ----------
    convention_1951, protocol_1967, stateless_1954, stateless_1961, migrant_workers, organized_crime, trafficking, \
smuggling : Path
        CSV lists of participants of the UN Treaty Collection, as of early 2015.
    migrant_workers_2022 : Path
        CSV list of all members and their status under the convention on migrant workers, as of mid-2022.
    un_members, state_names : DataFrame
        ISO codes; names of states in capitals.

    Raises
    ------
    UserError
        For a damaged file, an unknown name or date, a state twice, or a state party in 2015 that is none in 2022.
    """
    paths = (
        convention_1951, protocol_1967, stateless_1954, stateless_1961, migrant_workers, organized_crime, trafficking,
        smuggling,
    )  # fmt: skip
    codes = {**dict(zip(state_names["name"], state_names["iso3"], strict=True)), **NAMES}
    parts, entries = [], []
    for (treaty, (source, _)), path in zip(TREATIES.items(), paths, strict=True):
        part, empty = _participants(path, treaty, codes)
        parts.append(part)
        entries += [
            ("treaty_actions", source, "kept", "signed or bound", "participants", len(part)),
            ("treaty_actions", source, "dropped", "without a date", "participants", empty),
        ]
    table = pd.concat(parts, ignore_index=True)
    later, counts = _migrant_workers_2022(migrant_workers_2022, table, un_members)
    table = pd.concat([table, later], ignore_index=True)
    # a signatory of 2015 that became a party later has one row, with both
    table = table.groupby(["iso3", "treaty"], as_index=False).first().sort_values(["iso3", "treaty"], ignore_index=True)
    table["bound_year"] = table["bound_year"].astype("Int64")
    table["action"] = table["action"].astype("str")
    return {"treaty_actions": table, "ingest_treaties": ingest_log([*entries, *counts])}


def treaty_status(actions: pd.DataFrame, iso3: list[str], years: list[int]) -> pd.DataFrame:
    """Return, by state and year, whether each treaty bound it at the end of the year.

    A year after the source's last full one is missing for states that were not bound by then, and for those that
    were: that no state withdrew is not in the source.

    Returns
    -------
    DataFrame
        Indexed by ``iso3`` and ``year``; one ``boolean`` column a treaty.
    """
    index = pd.MultiIndex.from_product([iso3, years], names=["iso3", "year"])
    year = pd.Series(index.get_level_values("year"), index=index)
    table = {}
    for treaty, (_, last) in TREATIES.items():
        bound = actions[(actions["treaty"] == treaty) & actions["bound_year"].notna()].set_index("iso3")["bound_year"]
        since = pd.Series(index.get_level_values("iso3").map(bound.to_dict()), index=index, dtype="Float64").fillna(
            9999
        )
        table[treaty] = (since <= year).astype("boolean").where(year <= last)
    return pd.DataFrame(table)


def _participants(path: Path, treaty: str, codes: dict[str, str]) -> tuple[pd.DataFrame, int]:
    raw = read_csv(path, _header(path))
    require_last_line(path)
    rows, empty = [], 0
    for line, cells in enumerate(raw.itertuples(index=False), start=2):
        name, *dates = (str(cell).strip() for cell in cells)
        code = codes.get(name) or codes.get(name.upper())
        if code is None:
            msg = f"{shown(path)}, line {line}, column Participant: got {name!r}, expected a name in data/coded/state_names.csv; add a row there"
            raise UserError(msg)
        if not any(dates):
            empty += 1
            continue
        signed = _date(dates[0], path, line)[0] if len(dates) > 1 else pd.NaT
        bound, letter = _date(dates[-1], path, line)
        action = ACTIONS[letter] if pd.notna(bound) else None
        rows.append((code, treaty, signed, bound, bound.year if pd.notna(bound) else None, action))
    if not rows:
        raise UserError(f"{shown(path)}: got {len(raw)} rows without a date, expected participants; {AGAIN}")
    part = pd.DataFrame(rows, columns=["iso3", "treaty", "signed", "bound", "bound_year", "action"])
    require_unique(part, ["iso3"], path)
    return part.astype({"signed": "datetime64[us]", "bound": "datetime64[us]", "bound_year": "Float64"}), empty


def _header(path: Path) -> list[str]:
    """Return the columns: participant, signature where the treaty was open for it, and ratification or accession."""
    lines = decode(path.read_bytes(), path).splitlines()
    header = next(csv.reader(lines[:1]), [])
    right = header[:1] == ["Participant"] and len(header) in (2, 3) and "Accession(a)" in header[-1]
    if not right or (len(header) == 3 and not header[1].startswith("Signature")):
        expected = "Participant, Signature (or none), and a column on Accession(a)"
        raise UserError(
            f"{shown(path)}, line 1: got the columns {', '.join(header) or 'none'}, expected {expected}; {AGAIN}"
        )
    return header


def _date(text: str, path: Path, line: int) -> tuple[pd.Timestamp, str]:
    if not text:
        return pd.NaT, ""  # type: ignore[return-value]
    found = _DATE.fullmatch(text)
    day = pd.to_datetime(found[1], format="%d %b %Y", errors="coerce") if found else pd.NaT
    if found is None or pd.isna(day):
        expected = "a date as 30 Aug 2005, with a, d, A or AA behind it or nothing"
        raise UserError(f"{shown(path)}, line {line}: got {text!r}, expected {expected}; {AGAIN}")
    return day, found[2] or ""


def _migrant_workers_2022(
    path: Path, table: pd.DataFrame, un_members: pd.DataFrame
) -> tuple[pd.DataFrame, list[tuple[str, str, str, str, str, int]]]:
    """Return states bound since the list of 2015, with the year only, after holding both lists against one another."""
    treaty = "migrant_workers_convention"
    raw = read_csv(path, _ICRMW_COLUMNS)
    require_known(raw, "status", _STATUS, path)
    raw["iso2"] = raw["iso2"].replace(_OLD_ISO2)
    require_unique(raw, ["iso2"], path)
    require_known(raw, "iso2", un_members["iso2"].tolist(), path)
    raw["iso3"] = raw["iso2"].map(un_members.set_index("iso2")["iso3"])
    raw["bound_year"] = numbers(
        raw, "year ratification or accession", path, whole=True, minimum=1990, maximum=2022, empty=True
    ).astype("Float64")
    parties = raw[raw["status"] == "state party"].set_index("iso3")["bound_year"]
    before = table[(table["treaty"] == treaty) & table["bound"].notna()].set_index("iso3")["bound_year"]
    lost = sorted(set(before.index) - set(parties.index))
    if lost:
        raise UserError(f"{shown(path)}: got no state party {lost[0]}, which the list of 2015 has; {AGAIN}, both files")
    new = parties[~parties.index.isin(before.index)]
    later = new.reset_index().assign(treaty=treaty, action=None)
    later = later.reindex(columns=["iso3", "treaty", "signed", "bound", "bound_year", "action"])
    differ = int((parties.reindex(before.index) != before).sum())
    return later.astype({"signed": "datetime64[us]", "bound": "datetime64[us]"}), [
        ("treaty_actions", "st_icmw_2022", "kept", "bound after the list of 2015", "states", len(later)),
        ("treaty_actions", "st_icmw_2022", "dropped", "bound, and in the list of 2015 with the day", "states", len(parties) - len(later)),
        ("treaty_actions", "st_icmw_2022", "dropped", "not bound", "states", len(raw) - len(parties)),
        ("two lists of the convention on migrant workers", "st_icmw_2022, st_untc_4_13", "dropped", "another year in the list of 2022", "states", differ),
    ]  # fmt: skip
