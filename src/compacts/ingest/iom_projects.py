"""Projects of the International Organization for Migration as published to IATI: dates, places, what their texts name."""

from pathlib import Path

import pandas as pd

from compacts.ingest.raw_file import AGAIN, ingest_log, require_unique, shown
from compacts.ingest.workbooks import read_sheet
from compacts.text.match import Matcher
from compacts.text.normalise import fold, sha1
from compendium.errors import UserError

SHEET = "Sheet1"
DATES = {"1": "planned_start", "2": "actual_start", "3": "planned_end", "4": "actual_end"}
STATUS = {"1": "pipeline", "2": "implementation", "3": "finalisation", "4": "closed"}
# not members of the United Nations, but countries or areas of the standard
OTHER_CODES = {"AW": "ABW", "CW": "CUW", "HK": "HKG", "MO": "MAC", "PS": "PSE", "TW": "TWN", "VA": "VAT", "XK": "XKX", "GF": "GUF", "PR": "PRI", "SX": "SXM", "TC": "TCA", "VG": "VGB", "KY": "CYM", "NC": "NCL", "BM": "BMU", "AI": "AIA", "MS": "MSR", "RE": "REU", "GP": "GLP", "MQ": "MTQ", "CK": "COK"}  # fmt: skip
# terms whose presence makes a project one of a domain: of the dictionary made for speeches
DOMAINS = [
    "asylum", "border", "climate", "diaspora", "displaced", "displacement", "hosting", "irregular_migration", "migrant", "migration",
    "mixed_migration", "refugee", "remittances", "repatriation", "resettlement", "return", "smuggling", "stateless", "trafficking",
]  # fmt: skip
_TEXTS = [
    "iati_identifier",
    "title_eng",
    "description_eng_1",
    "activity_status_code",
    "recipient_country_code",
    "recipient_region_code",
]


def iom_projects(
    activities: Path,
    un_members: pd.DataFrame,
    organization_names: pd.DataFrame,
    phrase_categories: pd.DataFrame,
    speech_terms: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Return the table ``iom_projects``, one row an activity, and its log.

    Parameters
    ----------
    activities : Path
        Workbook: one row an activity, dates in pairs of value and type.
    un_members : DataFrame
        ``iso2``, ``iso3``.
    organization_names : DataFrame
        ``org_id``, ``phrase``, ``case``.
    phrase_categories : DataFrame
        ``category``, ``phrase``, ``layer``, ``case``.
    speech_terms : DataFrame
        ``term``, ``phrase``, ``case``.

    Raises
    ------
    UserError
        When the workbook is damaged or lacks a column, an identifier comes twice, a country, status or type of date is
        unknown, or a date is none.
    """
    pairs = [name for number in range(1, 5) for name in (f"activity_date_{number}", f"activity_date_type_{number}")]
    given = read_sheet(activities, SHEET, [*_TEXTS, *pairs])
    require_unique(given, ["iati_identifier"], activities)
    codes = {**dict(zip(un_members["iso2"], un_members["iso3"], strict=True)), **OTHER_CODES, "": None}
    _require_known(given["recipient_country_code"], codes, "a country's ISO 3166 code", activities)
    _require_known(given["activity_status_code"], STATUS, f"one of {', '.join(STATUS)}", activities)
    texts = [
        fold(f"{title}. {text}") for title, text in zip(given["title_eng"], given["description_eng_1"], strict=True)
    ]
    hashes = given["description_eng_1"].map(sha1)
    table = pd.DataFrame({
        "iati_identifier": given["iati_identifier"],
        "iso3": given["recipient_country_code"].map(codes),
        "region_code": given["recipient_region_code"].mask(given["recipient_region_code"] == ""),
        "status": given["activity_status_code"].map(STATUS),
        **_dates(given, activities),
        "words": [len(text.split()) for text in texts],
        "targets": _found(texts, organization_names, "org_id", exclude={"none", "iom"}),
        "domains": _found(texts, speech_terms[speech_terms["term"].isin(DOMAINS)], "term"),
        "categories": _found(texts, phrase_categories[phrase_categories["layer"] == "core"], "category"),
        "same_description": hashes.duplicated(keep=False),
        "sha1": hashes,
    })  # fmt: skip
    log = ingest_log(
        [("iom_projects", "texts_iom_iati_activity", "kept", "one row an activity", "activities", len(table))]
    )
    return {"iom_projects": table.sort_values("iati_identifier", ignore_index=True), "ingest_iom_projects": log}


def _require_known(given: "pd.Series[str]", known: object, expected: str, path: Path) -> None:
    unknown = ~given.isin(list(known))  # type: ignore[call-overload]
    if unknown.any():
        row = int(unknown.to_numpy().argmax())
        raise UserError(
            f"{shown(path)}, row {row + 2}, column {given.name}: got {given.iloc[row]!r}, expected {expected}; {AGAIN}, or add it to its builder"
        )


def _dates(given: pd.DataFrame, path: Path) -> dict[str, "pd.Series[pd.Timestamp]"]:
    """Return the four dates of an activity, each by the type that stands beside it; the first of a type counts."""
    dates = {name: pd.Series(pd.NaT, index=given.index, dtype="datetime64[us]") for name in DATES.values()}
    for number in range(1, 5):
        value, kind = given[f"activity_date_{number}"], given[f"activity_date_type_{number}"]
        _require_known(kind, {*DATES, ""}, "a type of date, 1 to 4", path)
        day = pd.to_datetime(value.mask(value == ""), format="%Y-%m-%d", errors="coerce")
        wrong = (day.isna() & (value != "")) | ((value == "") != (kind == ""))
        if wrong.any():
            row = int(wrong.to_numpy().argmax())
            got = f"{value.iloc[row]!r} with the type {kind.iloc[row]!r}"
            raise UserError(
                f"{shown(path)}, row {row + 2}, column {value.name}: got {got}, expected a date like 2018-12-17 and its type; {AGAIN}"
            )
        for code, name in DATES.items():
            dates[name] = dates[name].fillna(day.where(kind == code))
    return dates


def _found(
    texts: list[str], entries: pd.DataFrame, column: str, exclude: frozenset[str] | set[str] = frozenset()
) -> list[str | None]:
    """Return, by text, the values of a dictionary's column whose phrases it has, separated by blanks."""
    values = [set(cell.split()) for cell in entries[column]]
    found: list[set[str]] = [set() for _ in texts]
    hits = Matcher(entries.reset_index(drop=True), group=column).find_many(texts)
    for number, entry in hits[["text", "entry"]].itertuples(index=False, name=None):
        found[number] |= values[entry]
    return [" ".join(sorted(names - exclude)) or None for names in found]
