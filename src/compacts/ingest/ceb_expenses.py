"""Where UN system entities spend, and for which Sustainable Development Goal: the CEB's financial statistics."""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from compacts.ingest.ceb_amounts import name_entities, plain, read_statistics, sum_by
from compacts.ingest.ceb_donors import to_cents
from compacts.ingest.raw_file import AGAIN, ingest_log, read_json, require_unique, shown
from compendium.errors import UserError

SDG_FILE = {
    "calendar year": "year",
    "entity code": "entity_code",
    "type of financial information": "type",
    "amount": "amount_usd",
    "SDG goal": "goal",
    "SDG target": "target",
    "SDG indicator": "indicator",
}
BASES = {"EXP": "expense", "BUD": "budget", "BUG": "budget, other"}
NO_GOAL, NO_TARGET = "X00", "none"
GOALS = [*(str(goal) for goal in range(1, 18)), NO_GOAL]
# countries and territories of the files that are no members of the UN; XKX is Kosovo
TERRITORIES = [
    "ABW", "AIA", "ASM", "BES", "BMU", "COK", "CUW", "CYM", "ESH", "GIB", "GLP", "GUM", "HKG", "MAC", "MAF", "MNP", "MSR",
    "MTQ", "NCL", "NFK", "NIU", "PRI", "PSE", "PYF", "REU", "SHN", "SPM", "SXM", "TCA", "TKL", "VAT", "VGB", "XKX",
]  # fmt: skip
SDG_KEYS = ["entity", "sub_entity", "year", "basis", "goal", "target"]
COUNTRY_KEYS = ["iso3", "entity", "year"]


def finance_countries(
    countries: tuple[Path, ...], un_members: pd.DataFrame, entity_codes: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return ``finance_country_entity_year`` and its log.

    Only expenses that the publisher gives to a country are in the files; regional and global ones are not.

    Parameters
    ----------
    countries : tuple of Path
        One file a year, ``country-expenses-YYYY.json``, put together by others from CEB's download.
    un_members : DataFrame
        ``iso3``, ``name`` of the members.
    entity_codes : DataFrame
        ``code``, ``entity``.

    Returns
    -------
    dict
        ``finance_country_entity_year``: iso3, country, un_member, entity, year, amount_usd (`Decimal`).

    Raises
    ------
    UserError
        When a file is damaged, a code or entity is not known, a key comes twice, or entities do not add up to a
        country's total.
    """
    known = [*un_members["iso3"], *TERRITORIES]
    table = pd.concat([_country_year(path, entity_codes, known) for path in countries], ignore_index=True)
    names = un_members.set_index("iso3")["name"]
    table["un_member"] = table["iso3"].isin(names.index)
    # the spelling of the last year, so that a code has one name
    written = table.sort_values("year").drop_duplicates("iso3", keep="last").set_index("iso3")["country"]
    table["country"] = table["iso3"].map(names).fillna(table["iso3"].map(written))
    log = [("finance_country_entity_year", "ceb_country_expenses", "kept", "all amounts", "amounts", len(table))]
    order = ["iso3", "country", "un_member", "entity", "year", "amount_usd"]
    return {
        "finance_country_entity_year": table[order].sort_values(COUNTRY_KEYS, ignore_index=True),
        "ingest_finance_countries": ingest_log(log),
    }


def _country_year(path: Path, entity_codes: pd.DataFrame, known: Sequence[str]) -> pd.DataFrame:
    year = re.fullmatch(r"country-expenses-([0-9]{4})\.json", path.name)
    if not year:
        raise UserError(f"{shown(path)}: got this name, expected country-expenses-YYYY.json; {AGAIN}")
    content = read_json(path)
    if not isinstance(content, list) or not content:
        raise UserError(f"{shown(path)}: got {str(content)[:40]!r}, expected a list of countries; {AGAIN}")
    rows = []
    for position, entry in enumerate(content, start=1):
        lost = {"iso3", "name", "total", "entities"} - (set(entry) if isinstance(entry, dict) else set())
        if lost or not isinstance(entry["entities"], dict):
            got = f"no {' and '.join(sorted(lost))}" if lost else f"{str(entry['entities'])[:40]!r} for entities"
            raise UserError(f"{shown(path)}, entry {position}: got {got}, expected a country with amounts; {AGAIN}")
        amounts = {
            entity: to_cents(amount, path, f"{entry['iso3']}, entity {entity!r}")
            for entity, amount in entry["entities"].items()
        }
        whole = to_cents(entry["total"], path, f"{entry['iso3']}, total")
        if abs(sum(amounts.values()) - whole) > 1:
            msg = f"got the total {whole}, expected the sum of its entities, {plain(sum(amounts.values(), whole - whole))}"
            raise UserError(f"{shown(path)}, {entry['iso3']}: {msg}; {AGAIN}")
        rows += [(entry["iso3"], entry["name"], entity, amount) for entity, amount in amounts.items()]
    frame = pd.DataFrame(rows, columns=["iso3", "country", "entity_code", "amount_usd"])
    unknown = ~frame["iso3"].isin(known)
    if unknown.any():
        iso3, country = frame.loc[unknown, ["iso3", "country"]].iloc[0]
        msg = f"got the country {country!r} with the code {iso3!r}, expected the code of a member or a listed territory"
        raise UserError(f"{shown(path)}: {msg}; add it to compacts.ingest.ceb_expenses, or {AGAIN}")
    frame["entity"] = name_entities(frame["entity_code"], entity_codes, path)["entity"]
    frame["year"] = int(year.group(1))
    require_unique(frame, COUNTRY_KEYS, path, first_line=1)
    return frame


def finance_sdgs(goals: Path, entity_codes: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return ``finance_sdg_year`` and its log.

    An entity gives a goal either to its expenses or to its budget as a stand-in for them: the sums by goal come up to its
    expenses on either basis, and only one entity and year (IMO 2021) has both, which add up. The published number of
    entities and sum of 2022 are met only with all bases.

    Parameters
    ----------
    goals : Path
        CEB's file of expenses by goal.
    entity_codes : DataFrame
        ``code``, ``entity``, ``sub_entity``.

    Returns
    -------
    dict
        ``finance_sdg_year``: entity, sub_entity, year, basis, goal (1 to 17, X00: none), target, target_fits (whether the
        target belongs to the goal), amount_usd (`Decimal`), rows, negative_rows, duplicate_rows.

    Raises
    ------
    UserError
        When the file is damaged or lacks a column, or an entity, goal or basis is not known.
    """
    frame = read_statistics(goals, SDG_FILE)
    frame["goal"] = frame["goal"].str.upper()
    for column, known in (("type", list(BASES)), ("goal", GOALS)):
        wrong = ~frame[column].isin(known)
        if wrong.any():
            position = int(wrong.to_numpy().argmax())
            got = repr(frame[column].iloc[position])
            place = f"{shown(goals)}, row {position + 2}, column {column}"
            raise UserError(f"{place}: got {got}, expected one of {', '.join(known)}; {AGAIN}")
    frame = frame.join(name_entities(frame["entity_code"], entity_codes, goals, "entity code"))
    frame["basis"] = frame["type"].map(BASES)
    frame["target"] = frame["target"].mask(frame["target"] == "", NO_TARGET)
    table = sum_by(frame, SDG_KEYS).drop(columns="blank_rows")
    fits = table["goal"] == table["target"].str.split(".").str[0]
    table.insert(len(SDG_KEYS), "target_fits", fits.astype("boolean").mask(table["target"] == NO_TARGET))
    log = [
        ("finance_sdg_year", "ceb_expenses_sdg", "kept", f"basis {code}: {basis}", "rows", int((frame["type"] == code).sum()))
        for code, basis in BASES.items()
    ]  # fmt: skip
    return {"finance_sdg_year": table, "ingest_finance_sdgs": ingest_log(log)}
